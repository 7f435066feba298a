#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include "qsim/compile/bind.h"
#include "qsim/core/complex.h"
#include "qsim/core/error.h"
#include "qsim/execute/block.h"

namespace qsim {
namespace {

template <class T>
std::complex<T> narrow(Complex value) {
  return {static_cast<T>(value.real()), static_cast<T>(value.imag())};
}

// A diagonal that is a product of one on each qubit: factor · Π_q (1 or ratio[q]).
class ProductPhases {
 public:
  explicit ProductPhases(int n_qubits) : n_qubits_(static_cast<std::size_t>(n_qubits)) {
    ratios_.fill(1.0);
  }

  // diag(first, second) on a qubit; first is a phase.
  void add(Qubit q, Complex first, Complex second) {
    factor_ = times(factor_, first);
    auto& ratio = ratios_[static_cast<std::size_t>(q)];
    ratio = times(ratio, times(std::conj(first), second));
  }
  void scale(double factor) { factor_ *= factor; }
  [[nodiscard]] bool trivial() const {
    return factor_ == Complex(1.0) &&
           std::all_of(ratios_.begin(), ratios_.end(), [](Complex r) { return r == Complex(1.0); });
  }
  void write(std::vector<Complex>& out) const {
    out.resize(std::size_t{1} << n_qubits_);
    out[0] = factor_;
    for (std::size_t q = 0; q < n_qubits_; ++q) {
      const std::size_t half = std::size_t{1} << q;
      for (std::size_t j = 0; j < half; ++j) out[half + j] = times(out[j], ratios_[q]);
    }
  }

 private:
  Complex factor_ = 1.0;
  std::size_t n_qubits_;
  std::array<Complex, kMostBlockQubits> ratios_;
};

// The entries that Layer::Diagonal's `local` points at.
std::array<Complex, 3> diagonal_entries(const Step& step, std::span<const Complex> coefficients) {
  if (step.shape == Shape::kDiagonal) return {coefficients[0], coefficients[1], 0.0};
  return {1.0, coefficients[0] + coefficients[1], coefficients[0] - coefficients[1]};
}

template <class T>
RunFactor<T> constant_factor(const Matrix2x2& matrix) {
  RunFactor<T> out;
  for (std::size_t k = 0; k < matrix.size(); ++k) out.matrix[k] = narrow<T>(matrix[k]);
  return out;
}

}  // namespace

template <class T>
SharedBinding<T>::SharedBinding(const Program& program, bool weights_per_sample, Use use)
    : program_(&program),
      use_(use),
      layers_(layers_of(program, weights_per_sample,
                        use == Use::kGivenStates ? Start::kAnyState : Start::kPrepared)),
      entry_varies_(program.tape.size(), 0),
      slot_varies_(program.slots.size(), 0),
      runs_(program.steps.size()),
      rotation_angle_(program.steps.size(), -1),
      phase_terms_(layers_.layers.size()),
      values_(program.tape.size(), 0.0),
      merged_(program.steps.size()),
      coefficients_(program.n_coefficients),
      scratch_(program.n_coefficients),
      turned_(layers_.layers.size()),
      bound_(layers_.layers.size()) {
  const std::size_t varying_parameters =
      weights_per_sample ? program.n_parameters() : program.inputs.size();
  varying_entries_ = program.tape.dependents(0, static_cast<int>(varying_parameters));
  std::fill_n(entry_varies_.begin(), varying_parameters, 1);
  for (const int entry : varying_entries_) entry_varies_[static_cast<std::size_t>(entry)] = 1;
  for (std::size_t k = program.n_parameters(); k < entry_varies_.size(); ++k) {
    if (entry_varies_[k] == 0) same_entries_.push_back(static_cast<int>(k));
  }
  for (std::size_t k = 0; k < program.slots.size(); ++k) {
    slot_varies_[k] = entry_varies_[static_cast<std::size_t>(program.slots[k].entry)];
    if (slot_varies_[k] != 0) varying_slots_.push_back(static_cast<int>(k));
  }
  plan_runs();
}

template <class T>
void SharedBinding<T>::plan_runs() {
  const auto plan = [this](int index) {
    if (index >= 0) {
      runs_[static_cast<std::size_t>(index)] = run_of(step(index), slot_varies_, uses_);
    }
  };
  for (const int index : layers_.first) {
    plan(index);
    if (index >= 0) block_runs_.push_back(index);
  }
  for (const Layer& layer : layers_.layers) {
    for (const int index : layer.turns) plan(index);
    for (const int index : layer.matrices) {
      plan(index);
      block_runs_.push_back(index);
    }
    // One-qubit diagonals keep their pieces for the gradient.
    for (const Layer::Diagonal& diagonal : layer.diagonals) {
      if (step(diagonal.step).shape == Shape::kDiagonal) plan(diagonal.step);
    }
    for (const Layer::Diagonal& diagonal : layer.diagonals) filled_steps_.push_back(diagonal.step);
    for (const int index : layer.phases) plan_other(index);
    plan_phases(static_cast<std::size_t>(&layer - layers_.layers.data()));
    for (const int index : layer.others) plan_other(index);
  }
  for (std::size_t l = 0; l < layers_.layers.size(); ++l) {
    const Layer& layer = layers_.layers[l];
    for (const int index : layer.turns) bound_[l].turns.push_back({step(index).targets[0], T{0}});
    turned_[l].resize(layer.turns.size());
    bound_[l].frames.resize(layer.turns.size());
  }
}

template <class T>
void SharedBinding<T>::plan_other(int index) {
  const bool varies = step_varies(index);
  if (step(index).shape == Shape::kRotation) {
    const Factor& factor = step(index).factors.front();
    auto& angles = varies ? uses_.varying : uses_.shared;
    rotation_angle_[static_cast<std::size_t>(index)] = static_cast<int>(angles.size());
    angles.push_back({factor.slot, factor.scale / 2});
  } else if (!varies) {
    filled_steps_.push_back(index);
  }
}

// A control on 1 is (1 − Z)/2, one on 0 is (1 + Z)/2.
template <class T>
void SharedBinding<T>::plan_phases(std::size_t l) {
  PhaseTerms& terms = phase_terms_[l];
  terms.first = n_phase_terms_;
  std::vector<std::pair<Index, typename PhaseTerms::Use>> found;
  for (const int index : layers_.layers[l].phases) {
    const ControlMask controls = step(index).controls;
    const double part = std::ldexp(1.0, -std::popcount(controls.mask));
    Index some = 0;
    do {  // every subset of the controls
      const bool negative = parity(some & controls.value);
      found.push_back(
          {step(index).pauli.z ^ some, {.step = index, .weight = negative ? -part : part}});
      some = (some - controls.mask) & controls.mask;
    } while (some != 0);
  }
  std::ranges::stable_sort(found, {}, [](const auto& use) { return use.first; });
  for (auto& [mask, use] : found) {
    if (terms.masks.empty() || terms.masks.back() != mask) terms.masks.push_back(mask);
    use.term = terms.masks.size() - 1;
    terms.uses.push_back(use);
  }
  n_phase_terms_ += terms.masks.size();
}

template <class T>
void SharedBinding<T>::bind(std::span<const double> weights) {
  ++generation_;
  bind_values(weights);
  if (use_ != Use::kState) bind_runs();
  for (std::size_t l = 0; l < bound_.size(); ++l) {
    bind_turns(l);
    if (use_ == Use::kState) continue;
    bind_phases(l);
    bound_[l].idle =
        bound_[l].phases.empty() && bound_[l].turns.empty() && layers_.layers[l].moves_nothing();
  }
}

template <class T>
void SharedBinding<T>::bind_values(std::span<const double> weights) {
  const Program& program = *program_;
  if (!layers_.weights_per_sample) {
    std::copy(weights.begin(), weights.end(),
              values_.begin() + static_cast<std::ptrdiff_t>(program.inputs.size()));
  }
  program.tape.evaluate_some(same_entries_, values_);
  for (std::size_t k = 0; k < program.slots.size(); ++k) {
    if (slot_varies_[k] != 0) continue;
    require_finite_entry(program, program.slots[k].entry, "an angle", values_);
  }
  const auto& shared = uses_.shared;
  angle_values_.resize(shared.size());
  for (std::size_t k = 0; k < shared.size(); ++k) {
    const int entry = program.slots[static_cast<std::size_t>(shared[k].slot)].entry;
    angle_values_[k] = shared[k].factor * values_[static_cast<std::size_t>(entry)];
  }
  angles_.c.resize(shared.size());
  angles_.s.resize(shared.size());
  cos_sin(angle_values_, angles_.c.data(), angles_.s.data());
  for (const int index : filled_steps_) {
    const Step& s = step(index);
    if (generation_ > 1 && !s.has_slots) continue;  // the same as last time
    const auto out = std::span(scratch_).subspan(s.coefficients, s.n_coefficients);
    fill_coefficients(program, s, values_, out);
    for (std::size_t e = 0; e < out.size(); ++e) {
      coefficients_[s.coefficients + e] = narrow<T>(out[e]);
    }
  }
}

template <class T>
Matrix2x2 SharedBinding<T>::run_matrix(int step) const {
  Matrix2x2 product{1, 0, 0, 1};
  for (const RunPiece& piece : run(step)) apply_piece(piece, angles_, product);
  return product;
}

template <class T>
void SharedBinding<T>::bind_runs() {
  for (const int step : block_runs_) {
    auto& factors = merged_[static_cast<std::size_t>(step)];
    factors.clear();
    Matrix2x2 product{1, 0, 0, 1};
    bool pending = false;
    for (const RunPiece& piece : run(step)) {
      if (!piece.varies) {
        apply_piece(piece, angles_, product);
        pending = true;
        continue;
      }
      if (pending) factors.push_back(constant_factor<T>(product));
      product = {1, 0, 0, 1};
      pending = false;
      RunFactor<T> factor;
      factor.kind = static_cast<typename RunFactor<T>::Kind>(piece.kind);
      factors.push_back(factor);  // a block gives it its numbers
    }
    if (pending) factors.push_back(constant_factor<T>(product));
  }
}

template <class T>
void SharedBinding<T>::bind_turns(std::size_t l) {
  const Layer& layer = layers_.layers[l];
  BoundLayer& bound = bound_[l];
  bound.flip = 0;
  for (std::size_t k = 0; k < layer.turns.size(); ++k) {
    const Turned t = turned_[l][k] = qsim::turned(run_matrix(layer.turns[k]));
    // By more than 45°: a flip (a₀, a₁) → (−a₁, a₀), then a turn by 90° less.
    const bool flips = std::abs(t.s) > std::abs(t.c);
    if (flips) bound.flip |= bit(bound.turns[k].target);
    bound.turns[k].t = static_cast<T>(flips ? -t.c / t.s : t.s / t.c);
    bound.frames[k] = times(std::conj(t.left[0]), t.left[1]);
  }
}

// The layer's constant phases, its diagonals, the right phases of its turns with their flips and
// lengths and, before its permutation, the left phases of the turns of the layer before.
template <class T>
void SharedBinding<T>::bind_phases(std::size_t l) {
  const Layer& layer = layers_.layers[l];
  ProductPhases right(program_->n_qubits);
  for (std::size_t k = 0; k < layer.turns.size(); ++k) {
    const Turned& t = turned_[l][k];
    const Qubit q = bound_[l].turns[k].target;
    if (has_bit(bound_[l].flip, q)) {
      right.add(q, -t.right, 1.0);
      right.scale(t.s);
    } else {
      right.add(q, 1.0, t.right);
      right.scale(t.c);
    }
  }
  ProductPhases left(program_->n_qubits);
  for (std::size_t k = 0; l > 0 && k < turned_[l - 1].size(); ++k) {
    const Turned& t = turned_[l - 1][k];
    left.add(bound_[l - 1].turns[k].target, t.left[0], t.left[1]);
  }
  const Index flip = bound_[l].flip;
  auto& phases = bound_[l].phases;
  phases.clear();
  if (layer.turns.empty() && layer.phase.empty() && layer.diagonals.empty() && left.trivial()) {
    return;
  }
  std::vector<Complex>& table = table_;
  right.write(table);
  if (!left.trivial()) {
    left.write(before_);
    for (std::size_t i = 0; i < table.size(); ++i) {
      table[i] = times(table[i], before_[layer.source[i ^ flip]]);
    }
  }
  multiply_diagonals(l, flip, table);
  phases.resize(table.size());
  for (std::size_t i = 0; i < table.size(); ++i) phases[i] = narrow<T>(table[i]);
}

template <class T>
void SharedBinding<T>::multiply_diagonals(std::size_t l, Index flip,
                                          std::vector<Complex>& table) const {
  const Layer& layer = layers_.layers[l];
  for (std::size_t i = 0; i < layer.phase.size(); ++i) {
    table[i] = times(table[i], layer.phase[i ^ flip]);
  }
  for (const Layer::Diagonal& diagonal : layer.diagonals) {
    const Step& s = step(diagonal.step);
    const auto entries = diagonal_entries(
        s, std::span<const Complex>(scratch_).subspan(s.coefficients, s.n_coefficients));
    for (std::size_t i = 0; i < table.size(); ++i) {
      table[i] = times(table[i], entries[diagonal.local[i ^ flip]]);
    }
  }
}

template <class T>
std::span<const std::complex<T>> SharedBinding<T>::coefficients(int index) const {
  const Step& s = step(index);
  return std::span(coefficients_).subspan(s.coefficients, s.n_coefficients);
}

template class SharedBinding<float>;
template class SharedBinding<double>;

}  // namespace qsim
