#include "qsim/noise/exact_legs.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "qsim/circuit/condition.h"
#include "qsim/core/decompositions.h"
#include "qsim/core/matrix.h"
#include "qsim/noise/channel.h"

namespace qsim {
namespace {

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
    const Matrix turned = times_adjoint(product(basis, superoperator), basis) * std::ldexp(1.0, n);
    Matrix diagonal = turned.diagonal().real().cast<Complex>().asDiagonal();
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
    const SchedulePiece& piece = schedule.pieces[k];
    out[k] = live;
    if (piece.bit >= 0 && !piece.condition) set_bit(live, piece.bit, false);
    if (!piece.condition) continue;
    for (const Comparison& comparison : *piece.condition) {
      for (const int b : comparison.bits) set_bit(live, b, true);
    }
  }
  return out;
}

class Builder {
 public:
  explicit Builder(const Schedule& schedule) : schedule_(schedule) {}

  std::vector<ExactLeg> build() {
    const std::vector<BitWords> live = live_bits(schedule_);
    for (std::size_t k = 0; k < schedule_.pieces.size(); ++k) {
      const SchedulePiece& piece = schedule_.pieces[k];
      if (piece.bit >= 0 && get_bit(live[k], piece.bit)) {
        add_measurement(piece, live[k]);
      } else if (piece.channel) {
        add_channel(piece, leg_for(piece, live[k]));
      } else {
        add_gates(piece, leg_for(piece, live[k]));
      }
    }
    return std::move(legs_);
  }

 private:
  ExactLeg& leg_for(const SchedulePiece& piece, const BitWords& live) {
    if (legs_.empty() || legs_.back().bit >= 0 ||
        !same_condition(legs_.back().condition, piece.condition)) {
      legs_.push_back({.condition = piece.condition, .first_coordinate = piece.first_coordinate});
    }
    legs_.back().live = live;
    return legs_.back();
  }

  void add_gates(const SchedulePiece& piece, ExactLeg& leg) const {
    for (Primitive gate : piece.gates) {
      if (gate.kind != Primitive::Kind::kMatrix) {
        gate.angle = Parameter(angle_name(leg.n_coordinates++));
      }
      leg.primitives.push_back(gate);
      leg.primitives.push_back(conjugate(std::move(gate), schedule_.n_qubits));
    }
  }

  void add_channel(const SchedulePiece& piece, ExactLeg& leg) const {
    const std::vector<Qubit> targets = rows_and_columns(piece.qubits, schedule_.n_qubits);
    Matrix matrix = superoperator(*piece.channel);
    // Joins the channel before, if that is the last thing on these qubits.
    const Index mask = mask_of(targets);
    const auto last =
        std::find_if(leg.primitives.rbegin(), leg.primitives.rend(),
                     [mask](const Primitive& p) { return (qubits_of(p) & mask) != 0; });
    if (last != leg.primitives.rend() && last->targets == targets && last->controls.empty()) {
      last->matrix = std::make_shared<const Matrix>(product(matrix, *last->matrix));
      return;
    }
    leg.primitives.push_back(
        {.targets = targets, .matrix = std::make_shared<const Matrix>(std::move(matrix))});
  }

  void add_measurement(const SchedulePiece& piece, const BitWords& live) {
    ExactLeg leg{.condition = piece.condition, .bit = piece.bit, .live = live};
    const ReadoutError error = piece.misread ? *piece.misread : ReadoutError{};
    const double kept[2][2] = {{1 - error.one_for_zero, error.zero_for_one},
                               {error.one_for_zero, 1 - error.zero_for_one}};
    for (const auto& [of_zero, of_one] : kept) {
      Matrix diagonal = Matrix::Zero(4, 4);
      diagonal(0, 0) = of_zero;
      diagonal(3, 3) = of_one;
      const Primitive primitive{.targets = rows_and_columns(piece.qubits, schedule_.n_qubits),
                                .matrix = std::make_shared<const Matrix>(std::move(diagonal))};
      leg.recorded.push_back(
          compile_gates(2 * schedule_.n_qubits, {&primitive, 1}, 0).steps.front());
    }
    legs_.push_back(std::move(leg));
  }

  const Schedule& schedule_;
  std::vector<ExactLeg> legs_;
};

}  // namespace

Index qubits_of(const Primitive& primitive) {
  Index out = primitive.pauli.support() | mask_of(primitive.targets);
  for (const Control& control : primitive.controls) out |= bit(control.qubit);
  return out;
}

bool is_channel(const Primitive& primitive, int n_qubits) {
  const auto& targets = primitive.targets;
  return !targets.empty() && targets.front() < n_qubits && targets.back() >= n_qubits;
}

std::vector<Primitive> with_pauli_bases(std::vector<Primitive> primitives, int n_qubits) {
  std::vector<Primitive> out;
  for (Primitive& primitive : primitives) {
    if (is_channel(primitive, n_qubits) && !is_diagonal(*primitive.matrix)) {
      const PauliBasis basis(primitive.targets);
      if (auto diagonal = basis.diagonal(*primitive.matrix)) {
        basis.append(std::move(*diagonal), out);
        continue;
      }
    }
    out.push_back(std::move(primitive));
  }
  return out;
}

std::vector<ExactLeg> exact_legs(const Schedule& schedule) { return Builder(schedule).build(); }

}  // namespace qsim
