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

// A channel's superoperator in parts that cost less, where it has them. cx from each qubit's row to
// its column turns the column into where the two differ, which Kraus operators that flip some
// qubits, each, and multiply basis states by numbers leave as it is: dampings, Pauli channels and
// all that follows of them. On several qubits there is then a matrix on the rows for every
// difference, where the whole would be one on rows and columns. On one qubit a Pauli channel is
// diagonal once h on the row has made ρ_00, ρ_10, ρ_01, ρ_11 the components of 1, Z, X and Y: gates
// that tiles take together.
class ChannelParts {
 public:
  explicit ChannelParts(const Primitive& channel)
      : targets_(channel.targets),
        n_(static_cast<int>(targets_.size() / 2)),
        whole_(*channel.matrix) {}

  // Whether there are any; appends them.
  [[nodiscard]] bool append_to(std::vector<Primitive>& out) const {
    const std::vector<Matrix> blocks = blocks_by_difference();
    if (blocks.empty()) return false;
    const std::optional<Matrix> diagonal = n_ == 1 ? in_pauli_basis(blocks) : std::nullopt;
    if (n_ == 1 && !diagonal) return false;  // one pass with the whole is as fast
    append_cx(out);
    if (diagonal) {
      append_h(out);
      out.push_back({.targets = targets_, .matrix = std::make_shared<const Matrix>(*diagonal)});
      append_h(out);
    } else {
      for (std::size_t d = 0; d < blocks.size(); ++d) append_block(d, blocks[d], out);
    }
    append_cx(out);
    return true;
  }

 private:
  // The matrices on the rows, by difference; none where something mixes differences.
  [[nodiscard]] std::vector<Matrix> blocks_by_difference() const {
    const auto size = static_cast<Eigen::Index>(bit(n_));
    std::vector<Matrix> out(bit(n_), Matrix::Zero(size, size));
    for (Eigen::Index to = 0; to < whole_.rows(); ++to) {
      for (Eigen::Index from = 0; from < whole_.cols(); ++from) {
        const Complex entry = whole_(to, from);
        if (entry == 0.0) continue;
        if (difference(to) != difference(from)) return {};
        out[difference(to)](to % size, from % size) = entry;
      }
    }
    return out;
  }

  [[nodiscard]] std::size_t difference(Eigen::Index entry) const {
    const auto place = static_cast<Index>(entry);
    return (place >> n_) ^ (place & (bit(n_) - 1));
  }

  // The blocks of one qubit behind h on the row, in one matrix, where that is diagonal.
  [[nodiscard]] std::optional<Matrix> in_pauli_basis(const std::vector<Matrix>& blocks) const {
    constexpr double kRounding = 1e-15;
    Matrix out = Matrix::Zero(whole_.rows(), whole_.cols());
    for (std::size_t d = 0; d < blocks.size(); ++d) {
      const Matrix& h = gate_row("h").matrix;
      const Matrix turned = product(product(h, blocks[d]), h);
      const Matrix diagonal = turned.diagonal().real().cast<Complex>().asDiagonal();
      if ((turned - diagonal).cwiseAbs().maxCoeff() > kRounding) return {};
      const auto first = static_cast<Eigen::Index>(2 * d);
      out.block(first, first, 2, 2) = diagonal;
    }
    return out;
  }

  void append_cx(std::vector<Primitive>& out) const {
    for (std::size_t k = 0; k < targets_.size() / 2; ++k) {
      out.push_back(
          {.targets = {column(k)}, .controls = {{targets_[k], true}}, .matrix = matrix_of("x")});
    }
  }

  void append_h(std::vector<Primitive>& out) const {
    for (std::size_t k = 0; k < targets_.size() / 2; ++k) {
      out.push_back({.targets = {targets_[k]}, .matrix = matrix_of("h")});
    }
  }

  void append_block(std::size_t difference, Matrix block, std::vector<Primitive>& out) const {
    if (block.isIdentity(0)) return;
    Primitive part{.targets = {targets_.begin(), targets_.begin() + n_}};
    for (std::size_t k = 0; k < part.targets.size(); ++k) {
      part.controls.push_back({column(k), has_bit(difference, static_cast<int>(k))});
    }
    part.matrix = std::make_shared<const Matrix>(std::move(block));
    out.push_back(std::move(part));
  }

  [[nodiscard]] Qubit column(std::size_t k) const { return targets_[targets_.size() / 2 + k]; }

  static std::shared_ptr<const Matrix> matrix_of(std::string_view gate) {
    return {std::shared_ptr<const Matrix>{}, &gate_row(gate).matrix};
  }

  const std::vector<Qubit>& targets_;
  int n_;
  const Matrix& whole_;
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

std::vector<Primitive> with_channels_in_parts(std::vector<Primitive> primitives, int n_qubits) {
  std::vector<Primitive> out;
  for (Primitive& primitive : primitives) {
    const bool mixes = is_channel(primitive, n_qubits) && !is_diagonal(*primitive.matrix);
    if (mixes && ChannelParts(primitive).append_to(out)) continue;
    out.push_back(std::move(primitive));
  }
  return out;
}

std::vector<ExactLeg> exact_legs(const Schedule& schedule) { return Builder(schedule).build(); }

}  // namespace qsim
