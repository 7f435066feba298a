#include <bit>
#include <utility>

#include "qsim/compile/fuse.h"
#include "qsim/compile/rank_plan.h"
#include "qsim/compile/shape.h"
#include "qsim/core/count_work.h"

namespace qsim {
namespace {

// A phase exp(−iφ) that a rank takes on all of its amplitudes.
Factor phase_factor(const Factor& factor, double sign) {
  return {.kind = Primitive::Kind::kRotation, .slot = factor.slot, .scale = sign * factor.scale};
}

Factor matrix_factor(const Matrix& matrix) { return {.matrix = matrix}; }

Factor diagonal_factor(const std::vector<Complex>& entries) {
  const auto size = static_cast<Eigen::Index>(entries.size());
  Matrix out = Matrix::Zero(size, size);
  for (Eigen::Index k = 0; k < size; ++k) out(k, k) = entries[static_cast<std::size_t>(k)];
  return matrix_factor(out);
}

// One epoch of one rank. Gates in a row on one qubit are one step, as when circuits are compiled.
class EpochBuilder {
 public:
  EpochBuilder(const Program& whole, QubitOrder& order, int rank)
      : order_(order), rank_(rank), runs_(static_cast<std::size_t>(order.n_local())) {
    out_.n_qubits = order.n_local();
    out_.inputs = whole.inputs;
    out_.weights = whole.weights;
    out_.slots = whole.slots;
    out_.tape = whole.tape;
  }

  void add(const Step& step) {
    if (exchanges_qubits(step)) {
      order_.relabel(step.targets[0], step.targets[1]);
      return add_phases(step);
    }
    if (flips_qubit(step) && !order_.is_local(step.targets[0])) {
      order_.flip(step.targets[0]);
      return add_phases(step);
    }
    const Index number = order_.qubits_of_number(order_.number_of(rank_));
    const Index far = step.controls.mask & ~order_.local_qubits();
    if (((number ^ step.controls.value) & far) != 0) return;
    Step mine{.needs_inputs = step.needs_inputs};
    mine.controls = {order_.positions_of(step.controls.mask & ~far),
                     order_.positions_of(step.controls.value & ~far)};
    switch (step.shape) {
      case Shape::kRotation:
        return add_rotation(step, number, std::move(mine));
      case Shape::kDiagonal:
        return add_diagonal(step, number, std::move(mine));
      case Shape::kDense:
      case Shape::kPermutation:
        for (const Qubit q : step.targets) mine.targets.push_back(order_.position(q));
        mine.factors = step.factors;
        return emit(std::move(mine));
    }
  }

  Program finish() {
    if (has_phase_) phases_.push_back(diagonal_factor({phase_, phase_}));
    for (Factor& factor : phases_) runs_[0].factors.push_back(std::move(factor));
    runs_[0].needs_inputs |= phases_need_inputs_;
    for (Qubit q = 0; q < out_.n_qubits; ++q) flush(q);
    if (out_.n_qubits >= kLeastFusedQubits) fuse_constants(out_);
    return std::move(out_);
  }

 private:
  struct Run {
    std::vector<Factor> factors{};
    bool needs_inputs = false;
  };

  // What a permutation does besides moving qubits.
  void add_phases(const Step& step) {
    const std::vector<Complex> entries = permuted(step);
    const auto is_one = [](Complex e) { return e == 1.0; };
    if (std::ranges::all_of(entries, is_one)) return;
    const Index number = order_.qubits_of_number(order_.number_of(rank_));
    add_constants(step.targets, entries, number, {});
  }

  static std::vector<Complex> permuted(const Step& step) {
    std::vector<Complex> out;
    for (std::size_t row = 0; row < step.source.size(); ++row) {
      out.push_back(step.factors.front().matrix(static_cast<Eigen::Index>(row), step.source[row]));
    }
    return out;
  }

  void add_rotation(const Step& step, Index number, Step mine) {
    const Index local = order_.local_qubits();
    const double sign = parity(step.pauli.z & ~local & number) ? -1 : 1;
    mine.pauli = {order_.positions_of(step.pauli.x), order_.positions_of(step.pauli.z & local)};
    mine.factors = step.factors;
    mine.factors.front().scale *= sign;
    if (!mine.pauli.is_identity()) {
      const bool single = std::has_single_bit(mine.pauli.support()) && mine.controls.mask == 0;
      if (!single) return emit(std::move(mine));
      const Qubit q = std::countr_zero(mine.pauli.support());
      mine.factors.front().pauli = {mine.pauli.x >> q, mine.pauli.z >> q};
      return append(q, mine);
    }
    if (mine.controls.mask == 0) return take_phase(step.factors.front(), sign, step.needs_inputs);
    if (!std::has_single_bit(mine.controls.mask)) return emit(std::move(mine));
    // A phase with one control is a diagonal gate on that control.
    Factor& factor = mine.factors.front();
    factor.pauli = {};
    factor.controls = {1, mine.controls.value != 0 ? Index{1} : Index{0}};
    append(std::countr_zero(mine.controls.mask), mine);
  }

  void add_diagonal(const Step& step, Index number, Step mine) {
    const bool is_run = step.targets.size() == 1 && step.controls.mask == 0;
    if (!is_run) {
      std::vector<Complex> entries;
      const Matrix& matrix = step.factors.front().matrix;
      for (Eigen::Index k = 0; k < matrix.rows(); ++k) entries.push_back(matrix(k, k));
      return add_constants(step.targets, entries, number, mine.controls);
    }
    const Qubit q = step.targets[0];
    if (order_.is_local(q)) {
      mine.factors = step.factors;
      return append(order_.position(q), mine);
    }
    const bool value = has_bit(number, q);
    for (const Factor& factor : step.factors) {
      if (factor.kind == Primitive::Kind::kMatrix) {
        multiply_phase(factor.matrix(value ? 1 : 0, value ? 1 : 0));
      } else if (factor.controls.mask == 0 || (factor.controls.value != 0) == value) {
        const bool minus = factor.pauli.z != 0 && value;
        take_phase(factor, minus ? -1 : 1, step.needs_inputs);
      }
    }
  }

  // A diagonal without slots, of which the targets in the ranks have values.
  void add_constants(std::span<const Qubit> targets, const std::vector<Complex>& entries,
                     Index number, ControlMask controls) {
    Index fixed = 0;
    std::vector<Qubit> kept;  // bits of an entry's index
    Step mine{.controls = controls};
    for (std::size_t k = 0; k < targets.size(); ++k) {
      if (order_.is_local(targets[k])) {
        kept.push_back(static_cast<Qubit>(k));
        mine.targets.push_back(order_.position(targets[k]));
      } else if (has_bit(number, targets[k])) {
        fixed |= bit(static_cast<int>(k));
      }
    }
    std::vector<Complex> own;
    for (Index k = 0; k < bit(static_cast<int>(kept.size())); ++k) {
      own.push_back(entries[fixed | scatter_bits(k, kept)]);
    }
    if (mine.targets.empty() && controls.mask == 0) return multiply_phase(own[0]);
    if (mine.targets.empty()) {  // a control takes the place of the target
      const Qubit q = std::countr_zero(controls.mask);
      const bool value = has_bit(controls.value, q);
      own = {value ? 1.0 : own[0], value ? own[0] : 1.0};
      mine.targets = {q};
      mine.controls = {controls.mask & ~bit(q), controls.value & ~bit(q)};
    }
    mine.factors = {diagonal_factor(own)};
    if (mine.targets.size() == 1 && mine.controls.mask == 0) return append(mine.targets[0], mine);
    emit(std::move(mine));
  }

  void multiply_phase(Complex phase) {
    phase_ *= phase;
    has_phase_ = true;
  }
  void take_phase(const Factor& factor, double sign, bool needs_inputs) {
    phases_.push_back(phase_factor(factor, sign));
    phases_need_inputs_ |= needs_inputs;
  }

  void append(Qubit q, const Step& step) {
    Run& run = runs_[static_cast<std::size_t>(q)];
    run.factors.insert(run.factors.end(), step.factors.begin(), step.factors.end());
    run.needs_inputs |= step.needs_inputs;
  }

  void flush(Qubit q) {
    Run run = std::exchange(runs_[static_cast<std::size_t>(q)], {});
    if (run.factors.empty()) return;
    push({.targets = {q}, .factors = std::move(run.factors), .needs_inputs = run.needs_inputs});
  }

  void emit(Step step) {
    if (step.targets.size() == 1 && step.controls.mask == 0 && step.pauli.is_identity()) {
      return append(step.targets[0], step);
    }
    const Index touched = mask_of(step.targets) | step.controls.mask | step.pauli.support();
    for (Index rest = touched; rest != 0; rest &= rest - 1) flush(std::countr_zero(rest));
    push(std::move(step));
  }

  void push(Step step) {
    count_work();
    for (const Factor& factor : step.factors) step.has_slots |= factor.slot >= 0;
    step.needs_inputs &= step.has_slots;
    choose_shape(step);
    step.coefficients = out_.n_coefficients;
    out_.n_coefficients += step.n_coefficients;
    out_.steps.push_back(std::move(step));
  }

  QubitOrder& order_;
  int rank_;
  Program out_;
  std::vector<Run> runs_;
  std::vector<Factor> phases_;
  bool phases_need_inputs_ = false;
  Complex phase_ = 1.0;
  bool has_phase_ = false;
};

}  // namespace

std::vector<LocalEpoch> epochs_of(const Program& program, const RankPlan& plan, int rank) {
  std::vector<LocalEpoch> out;
  out.reserve(plan.epochs.size());
  QubitOrder order = plan.first;
  for (const RankEpoch& epoch : plan.epochs) {
    out.push_back({order, epoch.exchange, {}});
    order.exchange(epoch.exchange);
    EpochBuilder builder(program, order, rank);
    for (const int k : epoch.steps) builder.add(program.steps[static_cast<std::size_t>(k)]);
    out.back().program = builder.finish();
  }
  return out;
}

}  // namespace qsim
