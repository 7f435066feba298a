#include "qsim/noise/exact_run.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/execute/execute.h"
#include "qsim/noise/channel.h"

namespace qsim {
namespace {

// Probabilities this small are rounding errors of zero.
template <class T>
constexpr double kNegligible = 4.0 * std::numeric_limits<T>::epsilon();

std::vector<Qubit> moved(std::vector<Qubit> qubits, int by) {
  for (Qubit& q : qubits) q += by;
  return qubits;
}

std::vector<Qubit> rows_and_columns(const std::vector<Qubit>& qubits, int n_qubits) {
  std::vector<Qubit> out = qubits;
  for (const Qubit q : qubits) out.push_back(q + n_qubits);
  return out;
}

// conj(U) on the column index. A Pauli string is real but for its Ys, each of which changes its
// sign; exp(−iθG) becomes exp(−iθ(−G*)).
Primitive conjugate(Primitive primitive, int n_qubits) {
  primitive.targets = moved(std::move(primitive.targets), n_qubits);
  for (Control& control : primitive.controls) control.qubit += n_qubits;
  if (primitive.kind == Primitive::Kind::kRotation) {
    PauliString& p = primitive.pauli;
    if (!parity(p.x & p.z)) primitive.scale = -primitive.scale;
    p = {p.x << n_qubits, p.z << n_qubits};
    return primitive;
  }
  const double sign = primitive.kind == Primitive::Kind::kEvolution ? -1 : 1;
  primitive.matrix = std::make_shared<const Matrix>(sign * primitive.matrix->conjugate());
  return primitive;
}

bool touches(const Primitive& primitive, Index qubits) {
  Index touched = primitive.pauli.support() | mask_of(primitive.targets);
  for (const Control& control : primitive.controls) touched |= bit(control.qubit);
  return (touched & qubits) != 0;
}

bool same(const std::shared_ptr<const Condition>& a, const std::shared_ptr<const Condition>& b) {
  return a == b || (a && b && *a == *b);
}

// By piece: the bits whose values matter after it.
std::vector<BitWords> live_bits(const Schedule& schedule) {
  const bool all = schedule.goal == Schedule::Goal::kBits;
  BitWords live(words_of(schedule.n_bits), all ? ~std::uint64_t{0} : 0);
  for (const FinalMeasurement& m : schedule.final_measurements) set_bit(live, m.bit, false);
  std::vector<BitWords> out(schedule.pieces.size());
  for (std::size_t k = out.size(); k-- > 0;) {
    const Piece& piece = schedule.pieces[k];
    out[k] = live;
    if (piece.bit >= 0 && !piece.condition) set_bit(live, piece.bit, false);
    if (!piece.condition) continue;
    for (const Comparison& comparison : *piece.condition) {
      for (const int b : comparison.bits) set_bit(live, b, true);
    }
  }
  return out;
}

}  // namespace

template <class T>
ExactRun<T>::ExactRun(const Schedule& schedule) : schedule_(schedule) {
  (void)DensityMatrix<T>::bytes(schedule.n_qubits);  // refuses too many
  const std::vector<BitWords> live = live_bits(schedule);
  stages_.reserve(schedule.pieces.size());  // programs stay where they are
  for (std::size_t k = 0; k < schedule.pieces.size(); ++k) {
    const Piece& piece = schedule.pieces[k];
    if (piece.bit >= 0 && get_bit(live[k], piece.bit)) {
      add_measurement(piece, live[k]);
    } else if (piece.channel) {
      add_channel(piece, stage_for(piece, live[k]));
    } else {
      add_gates(piece, stage_for(piece, live[k]));
    }
  }
  for (Stage& stage : stages_) {
    stage.program = compile_gates(2 * schedule.n_qubits, std::exchange(stage.primitives, {}),
                                  stage.n_coordinates);
  }
}

template <class T>
typename ExactRun<T>::Stage& ExactRun<T>::stage_for(const Piece& piece, const BitWords& live) {
  if (stages_.empty() || stages_.back().bit >= 0 ||
      !same(stages_.back().condition, piece.condition)) {
    stages_.push_back({.condition = piece.condition, .first_coordinate = piece.first_coordinate});
  }
  stages_.back().live = live;
  return stages_.back();
}

template <class T>
void ExactRun<T>::add_gates(const Piece& piece, Stage& stage) {
  for (Primitive gate : piece.gates) {
    if (gate.kind != Primitive::Kind::kMatrix) {
      gate.angle = Parameter(angle_name(stage.n_coordinates++));
    }
    stage.primitives.push_back(gate);
    stage.primitives.push_back(conjugate(std::move(gate), schedule_.n_qubits));
  }
}

template <class T>
void ExactRun<T>::add_channel(const Piece& piece, Stage& stage) {
  const std::vector<Qubit> targets = rows_and_columns(piece.qubits, schedule_.n_qubits);
  Matrix matrix = superoperator(*piece.channel);
  // Joins the channel before, if that is the last thing on these qubits.
  const Index mask = mask_of(targets);
  const auto last = std::find_if(stage.primitives.rbegin(), stage.primitives.rend(),
                                 [mask](const Primitive& p) { return touches(p, mask); });
  if (last != stage.primitives.rend() && last->targets == targets && last->controls.empty()) {
    last->matrix = std::make_shared<const Matrix>(matrix * *last->matrix);
    return;
  }
  stage.primitives.push_back(
      {.targets = targets, .matrix = std::make_shared<const Matrix>(std::move(matrix))});
}

template <class T>
void ExactRun<T>::add_measurement(const Piece& piece, const BitWords& live) {
  Stage stage{.condition = piece.condition, .bit = piece.bit, .live = live};
  const ReadoutError error = piece.misread ? *piece.misread : ReadoutError{};
  const double kept[2][2] = {{1 - error.one_for_zero, error.zero_for_one},
                             {error.one_for_zero, 1 - error.zero_for_one}};
  for (const auto& [of_zero, of_one] : kept) {
    Matrix diagonal = Matrix::Zero(4, 4);
    diagonal(0, 0) = of_zero;
    diagonal(3, 3) = of_one;
    const Primitive primitive{.targets = rows_and_columns(piece.qubits, schedule_.n_qubits),
                              .matrix = std::make_shared<const Matrix>(std::move(diagonal))};
    stage.recorded.push_back(
        compile_gates(2 * schedule_.n_qubits, {&primitive, 1}, 0).steps.front());
  }
  stages_.push_back(std::move(stage));
}

template <class T>
void ExactRun<T>::run(const Binding<double>& binding, std::span<const double> coordinates) {
  const Binding<T> start{binding.values, {}};
  branches_.clear();
  State<T> state(schedule_.n_qubits);
  prepare(schedule_.angles, start, state);
  branches_.emplace(BitWords(words_of(schedule_.n_bits)), DensityMatrix<T>::of(state));
  for (Stage& stage : stages_) {
    poll_interrupt();
    if (stage.bit >= 0) {
      measure(stage);
    } else {
      bind_parameters(stage.program,
                      coordinates.subspan(stage.first_coordinate, stage.n_coordinates),
                      stage.binding);
      for (auto& [bits, rho] : branches_) {
        if (stage.condition && !holds(*stage.condition, bits)) continue;
        run_steps(stage.program, stage.binding, rho.numbers());
      }
    }
    keep_live(stage.live);
  }
}

template <class T>
void ExactRun<T>::measure(const Stage& stage) {
  Branches parted;
  while (!branches_.empty()) {
    auto node = branches_.extract(branches_.begin());
    DensityMatrix<T>& rho = node.mapped();
    if (stage.condition && !holds(*stage.condition, node.key())) {
      put(parted, std::move(node.key()), std::move(rho));
      continue;
    }
    for (const bool value : {false, true}) {
      DensityMatrix<T> part = value ? std::move(rho) : rho;
      const Step& step = stage.recorded[value ? 1 : 0];
      std::vector<std::complex<T>> coefficients;
      for (const Complex c : constant_coefficients(step)) {
        coefficients.emplace_back(static_cast<T>(c.real()), static_cast<T>(c.imag()));
      }
      apply<T>(step, coefficients, part.numbers());
      if (part.trace() <= kNegligible<T>) continue;
      BitWords bits = node.key();
      set_bit(bits, stage.bit, value);
      put(parted, std::move(bits), std::move(part));
    }
  }
  branches_ = std::move(parted);
}

template <class T>
void ExactRun<T>::put(Branches& branches, BitWords bits, DensityMatrix<T> rho) {
  const auto found = branches.find(bits);
  if (found == branches.end()) {
    branches.emplace(std::move(bits), std::move(rho));
  } else {
    found->second.add(rho);
  }
}

template <class T>
void ExactRun<T>::keep_live(const BitWords& live) {
  const auto is_dead = [&live](const auto& branch) {
    for (std::size_t k = 0; k < live.size(); ++k) {
      if ((branch.first[k] & ~live[k]) != 0) return true;
    }
    return false;
  };
  for (auto it = branches_.begin(); it != branches_.end();) {
    if (!is_dead(*it)) {
      ++it;
      continue;
    }
    auto node = branches_.extract(it++);
    BitWords bits = node.key();
    for (std::size_t k = 0; k < live.size(); ++k) bits[k] &= live[k];
    put(branches_, std::move(bits), std::move(node.mapped()));
  }
}

namespace {

// Replaces the distribution over a qubit's true outcomes by that over what is read.
void misread(const ReadoutError& error, std::size_t place, std::vector<double>& p) {
  for (Index k = 0; k < p.size(); ++k) {
    if (has_bit(k, static_cast<int>(place))) continue;
    double& zero = p[k];
    double& one = p[k | bit(static_cast<int>(place))];
    const double turned = zero * error.one_for_zero - one * error.zero_for_one;
    zero -= turned;
    one += turned;
  }
}

}  // namespace

template <class T>
Distribution ExactRun<T>::distribution() const {
  std::vector<Qubit> qubits;
  for (const FinalMeasurement& m : schedule_.final_measurements) qubits.push_back(m.qubit);
  Distribution out;
  for (const auto& [bits, rho] : branches_) {
    std::vector<double> p =
        qubits.empty() ? std::vector<double>{rho.trace()} : rho.probabilities(qubits);
    for (std::size_t place = 0; place < qubits.size(); ++place) {
      const auto& error = schedule_.final_measurements[place].misread;
      if (error) misread(*error, place, p);
    }
    for (Index k = 0; k < p.size(); ++k) {
      if (p[k] <= kNegligible<T>) continue;
      BitWords all = bits;
      for (std::size_t place = 0; place < qubits.size(); ++place) {
        set_bit(all, schedule_.final_measurements[place].bit, has_bit(k, static_cast<int>(place)));
      }
      out[std::move(all)] += p[k];
    }
  }
  return out;
}

template <class T>
DensityMatrix<T> ExactRun<T>::average() const {
  DensityMatrix<T> out = branches_.begin()->second;
  for (auto it = std::next(branches_.begin()); it != branches_.end(); ++it) out.add(it->second);
  return out;
}

template class ExactRun<float>;
template class ExactRun<double>;

}  // namespace qsim
