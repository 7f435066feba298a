#include "qml/derivatives/noisy_sweep.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include "qsim/compile/chain_rule.h"
#include "qsim/compile/primitives.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/memory.h"
#include "qsim/engines/execute.h"
#include "qsim/engines/tiles/step_gradient.h"
#include "qsim/observables/expectation.h"

namespace qml {
namespace {

using qsim::Primitive;

bool has_angle(const Primitive& primitive) { return primitive.kind != Primitive::Kind::kMatrix; }

Primitive adjoint(Primitive primitive) {
  primitive.matrix = std::make_shared<const qsim::Matrix>(primitive.matrix->adjoint());
  return primitive;
}

// Gates with angles and what cannot be undone in turns, the former first; everything as early as
// what is before it on its qubits allows. Gates without angles are in either.
std::vector<std::vector<Primitive>> layers_of(const std::vector<Primitive>& primitives,
                                              int n_qubits) {
  std::vector<std::size_t> reached(static_cast<std::size_t>(2 * n_qubits));
  std::vector<std::vector<Primitive>> out;
  for (const Primitive& primitive : primitives) {
    const qsim::Index qubits = qubits_of(primitive);
    std::size_t layer = 0;
    for (std::size_t q = 0; q < reached.size(); ++q) {
      if (qsim::has_bit(qubits, static_cast<int>(q))) layer = std::max(layer, reached[q]);
    }
    const bool is_odd = layer % 2 != 0;
    if ((has_angle(primitive) && is_odd) || (is_channel(primitive, n_qubits) && !is_odd)) ++layer;
    for (std::size_t q = 0; q < reached.size(); ++q) {
      if (qsim::has_bit(qubits, static_cast<int>(q))) reached[q] = layer;
    }
    if (out.size() <= layer) out.resize(layer + 1);
    out[layer].push_back(primitive);
  }
  return out;
}

template <class Map>
std::vector<qsim::BitWords> keys_of(const Map& map) {
  std::vector<qsim::BitWords> out;
  for (const auto& entry : map) out.push_back(entry.first);
  return out;
}

}  // namespace

template <class T>
NoisySweep<T>::NoisySweep(const NoisyProgram& program)
    : program_(program), stages_(exact_legs(program.schedule)) {
  for (std::size_t k = 0; k < stages_.size(); ++k) {
    if (stages_[k].bit >= 0) {
      moves_.push_back({.kind = Move::Kind::kMeasure, .stage = k});
    } else {
      add_stages(k);
    }
    if (program.schedule.n_bits > 0) moves_.push_back({.kind = Move::Kind::kJoin, .stage = k});
  }
}

template <class T>
void NoisySweep<T>::add_stages(std::size_t stage) {
  const qsim::ExactLeg& what = stages_[stage];
  const int n_qubits = program_.schedule.n_qubits;
  std::map<std::string, std::size_t> coordinates;
  for (std::size_t k = 0; k < what.n_coordinates; ++k) {
    coordinates.emplace(qsim::angle_name(k), what.first_coordinate + k);
  }
  for (std::vector<Primitive>& layer : layers_of(what.primitives, n_qubits)) {
    if (layer.empty()) continue;
    Move move{.stage = stage};
    std::vector<std::string> names;
    for (const Primitive& primitive : layer) {
      if (!has_angle(primitive)) continue;
      const std::string& name = primitive.angle.node().name;
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    for (const std::string& name : names) move.coordinates.push_back(coordinates.at(name));
    if (names.empty()) {
      std::vector<Primitive> back;
      for (auto it = layer.rbegin(); it != layer.rend(); ++it) back.push_back(adjoint(*it));
      move.adjoint =
          qsim::compile(2 * n_qubits, qsim::with_channels_in_parts(std::move(back), n_qubits), {});
    } else {
      move.kind = Move::Kind::kAngles;
    }
    move.program = qsim::compile(
        2 * n_qubits, qsim::with_channels_in_parts(std::move(layer), n_qubits), std::move(names));
    moves_.push_back(std::move(move));
  }
}

template <class T>
double NoisySweep<T>::bytes_after(std::size_t first, std::size_t last, const Run& run) const {
  double n = 0;
  for (std::size_t k = first; k < last; ++k) n += static_cast<double>(run.n_branches[k + 1]);
  return n * qsim::DensityMatrix<T>::bytes(program_.schedule.n_qubits);
}

// Each halving in sweep() holds the branches where its range begins; the way back holds the
// observables of all branches, and a second time where these join.
template <class T>
void NoisySweep<T>::require_room(const Run& run) const {
  constexpr double kAlwaysThere = 64.0 * (1 << 20);
  const auto n_moves = static_cast<double>(moves_.size());
  const auto rows = run.derivatives.size() / std::max<std::size_t>(1, n_entries());
  const auto most = static_cast<double>(std::ranges::max(run.n_branches));
  const double held = std::ceil(std::log2(n_moves + 1)) + 3 + 2 * static_cast<double>(rows);
  const double bytes = most * held * qsim::DensityMatrix<T>::bytes(program_.schedule.n_qubits) +
                       std::min(run.most_kept, bytes_after(0, moves_.size(), run));
  if (bytes > kAlwaysThere) {
    qsim::require_memory(bytes, qsim::concat("the adjoint method under noise, with ", most,
                                             " branches of density matrices,"));
  }
}

template <class T>
typename NoisySweep<T>::Run NoisySweep<T>::bind(std::span<const double> coordinates,
                                                std::size_t rows) const {
  Run run{Bindings(moves_.size()), Bindings(moves_.size()),
          std::vector<double>(rows * program_.schedule.angles.tape.size())};
  std::vector<double> angles;
  for (std::size_t k = 0; k < moves_.size(); ++k) {
    const Move& move = moves_[k];
    if (move.kind != Move::Kind::kAngles && move.kind != Move::Kind::kFixed) continue;
    angles.clear();
    for (const std::size_t c : move.coordinates) angles.push_back(coordinates[c]);
    bind_parameters(move.program, angles, run.bindings[k]);
    if (move.kind == Move::Kind::kFixed) bind_parameters(move.adjoint, {}, run.adjoints[k]);
  }
  return run;
}

template <class T>
void NoisySweep<T>::forward(const Run& run, std::size_t k, Branches& branches) const {
  qsim::poll_interrupt();
  const Move& move = moves_[k];
  const qsim::ExactLeg& stage = stages_[move.stage];
  switch (move.kind) {
    case Move::Kind::kMeasure:
      // ∂p may be of the order of √p: what is negligible as a probability is not as a derivative.
      measure(stage, branches, qsim::kNegligible<T> * qsim::kNegligible<T>);
      return;
    case Move::Kind::kJoin:
      keep_live(stage.live, branches);
      return;
    default:
      for (auto& [bits, rho] : branches) {
        if (acts_on(stage, bits)) run_steps(move.program, run.bindings[k], rho.numbers());
      }
  }
}

template <class T>
std::vector<double> NoisySweep<T>::run(const qsim::Binding<double>& binding,
                                       std::span<const double> coordinates,
                                       std::span<const double> cotangent, double most_kept) const {
  Run run = bind(coordinates, cotangent.empty() ? program_.observables.size() : 1);
  run.most_kept = most_kept;
  Branches branches = qsim::first_branches<T>(program_.schedule, binding);
  Branches last = branches;
  for (std::size_t k = 0; k < moves_.size(); ++k) {
    run.n_branches.push_back(last.size());
    forward(run, k, last);
  }
  run.n_branches.push_back(last.size());
  require_room(run);
  Observed observed = last_observed(last, cotangent);
  last.clear();
  sweep(0, moves_.size(), std::move(branches), observed, run);
  add_amplitudes(binding, observed.begin()->second, run);
  return std::move(run.derivatives);
}

// Σ_ij ψ_i O_ij ψ_j has the slopes 2 Re Σ_j O_ij ψ_j for real amplitudes.
template <class T>
void NoisySweep<T>::add_amplitudes(const qsim::Binding<double>& binding,
                                   const std::vector<qsim::DensityMatrix<T>>& observables,
                                   Run& run) const {
  const qsim::Program& angles = program_.schedule.angles;
  if (angles.initial.empty()) return;
  qsim::State<T> psi(program_.schedule.n_qubits);
  prepare(angles, qsim::Binding<T>{binding.values, {}}, psi);
  for (std::size_t o = 0; o < observables.size(); ++o) {
    std::vector<double> slopes;
    for (const auto& i : angles.initial) {
      double sum = 0;
      for (const auto& j : angles.initial) {
        const qsim::Index at = i.basis_state | (j.basis_state << program_.schedule.n_qubits);
        sum += static_cast<double>(observables[o].numbers().amplitude(at).real()) *
               static_cast<double>(psi.amplitude(j.basis_state).real());
      }
      slopes.push_back(2 * sum);
    }
    add_amplitude_gradient(angles, binding.values, slopes, row(o, run));
  }
}

// Tr Oρ is the inner product of the numbers of O and of ρ.
template <class T>
typename NoisySweep<T>::Observed NoisySweep<T>::last_observed(
    const Branches& branches, std::span<const double> cotangent) const {
  const int n = program_.schedule.n_qubits;
  qsim::State<T> identity(2 * n);
  identity.set_zero();
  for (qsim::Index k = 0; k < qsim::bit(n); ++k) {
    identity.set(k | (k << n), 1);
  }
  std::vector<qsim::DensityMatrix<T>> observables;
  for (std::size_t k = 0; k < program_.observables.size(); ++k) {
    if (k == 0 || cotangent.empty()) observables.emplace_back(n).numbers().set_zero();
    const double factor = cotangent.empty() ? 1.0 : cotangent[k];
    accumulate(program_.observables[k], factor, identity, observables.back().numbers());
  }
  Observed out;
  for (const auto& entry : branches) out.emplace(entry.first, observables);
  return out;
}

template <class T>
void NoisySweep<T>::sweep(std::size_t first, std::size_t last, Branches before, Observed& observed,
                          Run& run) const {
  if (first == last) return;
  if (last - first <= 1 || bytes_after(first, last, run) <= run.most_kept) {
    sweep_kept(first, last, std::move(before), observed, run);
    return;
  }
  const std::size_t middle = (first + last) / 2;
  Branches between = before;
  for (std::size_t k = first; k < middle; ++k) forward(run, k, between);
  sweep(middle, last, std::move(between), observed, run);
  sweep(first, middle, std::move(before), observed, run);
}

template <class T>
void NoisySweep<T>::sweep_kept(std::size_t first, std::size_t last, Branches before,
                               Observed& observed, Run& run) const {
  std::vector<Keys> keys;
  std::vector<Branches> after(last - first);  // of the moves with angles
  for (std::size_t k = first; k < last; ++k) {
    keys.push_back(keys_of(before));
    forward(run, k, before);
    if (moves_[k].kind == Move::Kind::kAngles && k + 1 < last) after[k - first] = before;
  }
  if (moves_[last - 1].kind == Move::Kind::kAngles) after.back() = std::move(before);
  for (std::size_t k = last; k-- > first;) {
    undo(k, keys[k - first], after[k - first], observed, run);
    after[k - first].clear();
  }
}

template <class T>
void NoisySweep<T>::undo(std::size_t k, const Keys& before, Branches& after, Observed& observed,
                         Run& run) const {
  qsim::poll_interrupt();
  const Move& move = moves_[k];
  switch (move.kind) {
    case Move::Kind::kMeasure:
      return undo_measurement(move, before, observed);
    case Move::Kind::kJoin:
      return undo_join(move, before, observed);
    case Move::Kind::kAngles:
      return undo_angles(k, after, observed, run);
    case Move::Kind::kFixed:
      for (auto& [bits, observables] : observed) {
        if (!acts_on(stages_[move.stage], bits)) continue;
        for (qsim::DensityMatrix<T>& o : observables) {
          run_steps(move.adjoint, run.adjoints[k], o.numbers());
        }
      }
  }
}

template <class T>
void NoisySweep<T>::undo_angles(std::size_t k, Branches& after, Observed& observed,
                                Run& run) const {
  const Move& move = moves_[k];
  const qsim::Binding<T>& binding = run.bindings[k];
  for (auto& [bits, rho] : after) {
    if (!acts_on(stages_[move.stage], bits)) continue;
    std::vector<qsim::DensityMatrix<T>>& observables = observed.at(bits);
    for (std::size_t o = 0; o < observables.size(); ++o) {
      const bool is_last = o + 1 == observables.size();
      qsim::State<T> ket = is_last ? std::move(rho.numbers()) : rho.numbers();
      qsim::State<T>& bra = observables[o].numbers();
      std::vector<double> adjoints(move.program.tape.size());
      qsim::StepGradient<T> gradient(move.program, binding, adjoints);
      const double trace = bra.inner(ket).imag();
      run_back(
          move.program, binding, qsim::Start::kAnyState, ket, bra,
          [&](const qsim::StepSlope& slope) { gradient.add(slope, trace); }, qsim::Back::kToStart);
      reverse_tape(move.program, binding.values, adjoints);
      for (std::size_t c = 0; c < move.coordinates.size(); ++c) {
        const qsim::Slot& slot = program_.schedule.angles.slots[move.coordinates[c]];
        // The sweep gives 2 Re Tr(O ∂ρ).
        row(o, run)[static_cast<std::size_t>(slot.entry)] += adjoints[c] / 2;
      }
    }
  }
}

// A branch that was dropped has as good as no probability: it is at its least and does not move.
template <class T>
void NoisySweep<T>::undo_measurement(const Move& move, const Keys& before,
                                     Observed& observed) const {
  const qsim::ExactLeg& stage = stages_[move.stage];
  Observed out;
  for (const qsim::BitWords& bits : before) {
    if (!acts_on(stage, bits)) {
      out.emplace(bits, observed.at(bits));
      continue;
    }
    std::vector<qsim::DensityMatrix<T>>& sums = out[bits];
    for (const bool value : {false, true}) {
      qsim::BitWords key = bits;
      qsim::set_bit(key, stage.bit, value);
      const auto found = observed.find(key);
      if (found == observed.end()) continue;
      for (std::size_t o = 0; o < found->second.size(); ++o) {
        qsim::DensityMatrix<T> part = found->second[o];
        record(stage, value, part);
        if (sums.size() <= o) {
          sums.push_back(std::move(part));
        } else {
          sums[o].add(part);
        }
      }
    }
  }
  observed = std::move(out);
}

template <class T>
void NoisySweep<T>::undo_join(const Move& move, const Keys& before, Observed& observed) const {
  Observed out;
  for (const qsim::BitWords& bits : before) {
    out.emplace(bits, observed.at(qsim::live_part(bits, stages_[move.stage].live)));
  }
  observed = std::move(out);
}

template class NoisySweep<float>;
template class NoisySweep<double>;

}  // namespace qml
