#include "qsim/noise/exact_run.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "qsim/circuit/condition.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/matrix.h"
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

// To the Pauli basis of each qubit's row and column and back: cx and h turn ρ_00, ρ_10, ρ_01, ρ_11
// into the components of 1, Z, X and Y. There a Pauli channel is diagonal: gates that tiles take
// together, where its superoperator on two qubits is a full matrix on four.
class PauliBasis {
 public:
  explicit PauliBasis(std::vector<Qubit> rows_and_columns) : targets_(std::move(rows_and_columns)) {
    const std::size_t n = targets_.size() / 2;
    for (std::size_t k = 0; k < n; ++k) {
      const Control on_row{targets_[k], true};
      cx_.push_back({.targets = {targets_[n + k]}, .controls = {on_row}, .matrix = matrix_of("x")});
      h_.push_back({.targets = {targets_[k]}, .matrix = matrix_of("h")});
    }
  }

  // The superoperator in this basis, one matrix entry after the other, where it is diagonal.
  [[nodiscard]] std::optional<Matrix> diagonal(const Matrix& superoperator) const {
    constexpr double kRounding = 1e-15;
    const int n = static_cast<int>(targets_.size() / 2);
    const Eigen::Index size = superoperator.rows();
    Matrix basis = Matrix::Zero(size, size);  // of cx and h
    for (Index from = 0; from < bit(2 * n); ++from) {
      const Index row = from & (bit(n) - 1);
      const Index column = (from >> n) ^ row;
      for (Index to = 0; to < bit(n); ++to) {
        basis(static_cast<Eigen::Index>(to | (column << n)), static_cast<Eigen::Index>(from)) =
            std::ldexp(parity(to & row) ? -1.0 : 1.0, -n);  // its square is 2^−n times unitary
      }
    }
    const Matrix turned = basis * superoperator * basis.adjoint() * std::ldexp(1.0, n);
    const Matrix diagonal = turned.diagonal().real().cast<Complex>().asDiagonal();
    if ((turned - diagonal).cwiseAbs().maxCoeff() > kRounding) return {};
    return diagonal;
  }

  void append(Matrix diagonal, std::vector<Primitive>& out) const {
    out.insert(out.end(), cx_.begin(), cx_.end());
    out.insert(out.end(), h_.begin(), h_.end());
    out.push_back(
        {.targets = targets_, .matrix = std::make_shared<const Matrix>(std::move(diagonal))});
    out.insert(out.end(), h_.begin(), h_.end());
    out.insert(out.end(), cx_.begin(), cx_.end());
  }

 private:
  static std::shared_ptr<const Matrix> matrix_of(std::string_view gate) {
    return {std::shared_ptr<const Matrix>{}, &gate_row(gate).matrix};
  }

  std::vector<Qubit> targets_;
  std::vector<Primitive> cx_;
  std::vector<Primitive> h_;
};

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
  require_memory(DensityMatrix<T>::bytes(schedule.n_qubits),
                 concat("the density matrix of ", schedule.n_qubits, " qubits"));
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
    const auto primitives = with_pauli_bases(std::exchange(stage.primitives, {}));
    stage.program = compile_gates(2 * schedule.n_qubits, primitives, stage.n_coordinates);
  }
}

template <class T>
typename ExactRun<T>::Stage& ExactRun<T>::stage_for(const Piece& piece, const BitWords& live) {
  if (stages_.empty() || stages_.back().bit >= 0 ||
      !same_condition(stages_.back().condition, piece.condition)) {
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

// Channels, which alone act on rows and columns together, in the Pauli basis where they are
// diagonal there and not at once.
template <class T>
std::vector<Primitive> ExactRun<T>::with_pauli_bases(std::vector<Primitive> primitives) const {
  std::vector<Primitive> out;
  for (Primitive& primitive : primitives) {
    const auto& targets = primitive.targets;
    const bool is_channel = !targets.empty() && targets.front() < schedule_.n_qubits &&
                            targets.back() >= schedule_.n_qubits;
    if (is_channel && !is_diagonal(*primitive.matrix)) {
      const PauliBasis basis(targets);
      if (auto diagonal = basis.diagonal(*primitive.matrix)) {
        basis.append(std::move(*diagonal), out);
        continue;
      }
    }
    out.push_back(std::move(primitive));
  }
  return out;
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
void ExactRun<T>::run(const Binding<double>& binding, std::span<const double> coordinates,
                      const PartDone& part_done) {
  const Binding<T> start{binding.values, {}};
  branches_.clear();
  State<T> state(schedule_.n_qubits);
  prepare(schedule_.angles, start, state);
  branches_.emplace(BitWords(words_of(schedule_.n_bits)), DensityMatrix<T>::of(state));
  const auto work = [](const Stage& stage) {
    return 1 + static_cast<double>(stage.program.steps.size());
  };
  double all = 0;
  for (const Stage& stage : stages_) all += work(stage);
  double done = 0;
  for (Stage& stage : stages_) {
    poll_interrupt();
    const double of_a_branch = work(stage) / static_cast<double>(branches_.size()) / all;
    const double before = done;
    if (stage.bit >= 0) {
      measure(stage);
    } else {
      bind_parameters(stage.program,
                      coordinates.subspan(stage.first_coordinate, stage.n_coordinates),
                      stage.binding);
      for (auto& [bits, rho] : branches_) {
        if (stage.condition && !holds(*stage.condition, bits)) continue;
        run_steps(stage.program, stage.binding, rho.numbers(), [&](double part) {
          if (part_done) part_done(done + part * of_a_branch);
        });
        done += of_a_branch;
      }
    }
    done = before + work(stage) / all;
    if (part_done) part_done(done);
    keep_live(stage.live);
  }
}

template <class T>
void ExactRun<T>::measure(const Stage& stage) {
  constexpr double kOverhead = 512;  // of a branch beside its numbers, roughly
  const auto n = static_cast<double>(branches_.size());
  require_memory(n * (State<T>::bytes(2 * schedule_.n_qubits) + kOverhead),
                 concat("density matrices for ", 2 * branches_.size(),
                        " different outcomes of the measurements"));
  Branches parted;
  while (!branches_.empty()) {
    auto node = branches_.extract(branches_.begin());
    DensityMatrix<T>& rho = node.mapped();
    const double before = rho.trace();  // the probability of all that has come out so far
    if (stage.condition && !holds(*stage.condition, node.key())) {
      put(parted, std::move(node.key()), std::move(rho));
      continue;
    }
    const auto record = [&](bool value, DensityMatrix<T> part) {
      const Step& step = stage.recorded[value ? 1 : 0];
      std::vector<std::complex<T>> coefficients;
      for (const Complex c : constant_coefficients(step)) {
        coefficients.emplace_back(static_cast<T>(c.real()), static_cast<T>(c.imag()));
      }
      apply<T>(step, coefficients, part.numbers());
      if (part.trace() <= kNegligible<T> * before) return;
      BitWords bits = node.key();
      set_bit(bits, stage.bit, value);
      put(parted, std::move(bits), std::move(part));
    };
    record(false, rho);
    record(true, std::move(rho));
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
    const double all_of_it = rho.trace();
    std::vector<double> p =
        qubits.empty() ? std::vector<double>{all_of_it} : rho.probabilities(qubits);
    for (std::size_t place = 0; place < qubits.size(); ++place) {
      const auto& error = schedule_.final_measurements[place].misread;
      if (error) misread(*error, place, p);
    }
    for (Index k = 0; k < p.size(); ++k) {
      if (p[k] <= kNegligible<T> * all_of_it) continue;
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
DensityMatrix<T> ExactRun<T>::average() {
  DensityMatrix<T> out = std::move(branches_.begin()->second);
  for (auto it = std::next(branches_.begin()); it != branches_.end(); ++it) out.add(it->second);
  branches_.clear();
  return out;
}

template class ExactRun<float>;
template class ExactRun<double>;

}  // namespace qsim
