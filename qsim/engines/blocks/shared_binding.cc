#include "qsim/engines/blocks/shared_binding.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "qsim/compile/bind.h"
#include "qsim/core/complex.h"
#include "qsim/core/error.h"

namespace qsim {
namespace {

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

// The entries that Stage::Diagonal's `local` points at.
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
SharedBinding<T>::SharedBinding(const BlockPlan& plan, Lanes lanes)
    : plan_(&plan),
      lanes_(lanes),
      values_(plan.program->tape.size(), 0.0),
      merged_(plan.program->steps.size()),
      coefficients_(plan.program->n_coefficients),
      scratch_(plan.program->n_coefficients),
      turned_(plan.stages.size()),
      bound_(plan.stages.size()) {
  for (std::size_t l = 0; l < plan.stages.size(); ++l) {
    const Stage& stage = plan.stages[l];
    for (const int step : stage.turns)
      bound_[l].turns.push_back({plan.step(step).targets[0], T{0}});
    turned_[l].resize(stage.turns.size());
    bound_[l].frames.resize(stage.turns.size());
  }
}

template <class T>
void SharedBinding<T>::bind(std::span<const double> weights) {
  ++generation_;
  bind_values(weights);
  if (lanes_ == Lanes::kSamples) bind_runs();
  for (std::size_t l = 0; l < bound_.size(); ++l) {
    bind_turns(l);
    if (lanes_ == Lanes::kQubits) continue;
    bind_phases(l);
    bound_[l].idle =
        bound_[l].phases.empty() && bound_[l].turns.empty() && plan_->stages[l].moves_nothing();
  }
}

template <class T>
void SharedBinding<T>::bind_values(std::span<const double> weights) {
  const Program& program = this->program();
  if (!plan_->weights_per_sample) {
    std::copy(weights.begin(), weights.end(),
              values_.begin() + static_cast<std::ptrdiff_t>(program.inputs.size()));
  }
  program.tape.evaluate_some(plan_->same_entries, values_);
  for (std::size_t k = 0; k < program.slots.size(); ++k) {
    if (plan_->varying_slot[k] != 0) continue;
    require_finite_entry(program, program.slots[k].entry, "an angle", values_);
  }
  const auto& shared = plan_->angles.shared;
  angle_values_.resize(shared.size());
  for (std::size_t k = 0; k < shared.size(); ++k) {
    const int entry = program.slots[static_cast<std::size_t>(shared[k].slot)].entry;
    angle_values_[k] = shared[k].factor * values_[static_cast<std::size_t>(entry)];
  }
  angles_.c.resize(shared.size());
  angles_.s.resize(shared.size());
  cos_sin(angle_values_, angles_.c.data(), angles_.s.data());
  for (const int index : plan_->filled_steps) {
    const Step& s = plan_->step(index);
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
  for (const RunPiece& piece : plan_->run(step)) apply_piece(piece, angles_, product);
  return product;
}

template <class T>
void SharedBinding<T>::bind_runs() {
  for (const int step : plan_->matrix_runs) {
    auto& factors = merged_[static_cast<std::size_t>(step)];
    factors.clear();
    Matrix2x2 product{1, 0, 0, 1};
    bool pending = false;
    for (const RunPiece& piece : plan_->run(step)) {
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
  const Stage& stage = plan_->stages[l];
  BoundStage<T>& bound = bound_[l];
  bound.flip = 0;
  for (std::size_t k = 0; k < stage.turns.size(); ++k) {
    const Turned t = turned_[l][k] = qsim::turned(run_matrix(stage.turns[k]));
    // By more than 45°: a flip (a₀, a₁) → (−a₁, a₀), then a turn by 90° less.
    const bool flips = std::abs(t.s) > std::abs(t.c);
    if (flips) bound.flip |= bit(bound.turns[k].target);
    bound.turns[k].t = static_cast<T>(flips ? -t.c / t.s : t.s / t.c);
    bound.frames[k] = times(std::conj(t.left[0]), t.left[1]);
  }
}

// The stage's constant phases, its diagonals, the right phases of its turns with their flips and
// lengths and, before its permutation, the left phases of the turns of the stage before.
template <class T>
void SharedBinding<T>::bind_phases(std::size_t l) {
  const Stage& stage = plan_->stages[l];
  ProductPhases right(program().n_qubits);
  for (std::size_t k = 0; k < stage.turns.size(); ++k) {
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
  ProductPhases left(program().n_qubits);
  for (std::size_t k = 0; l > 0 && k < turned_[l - 1].size(); ++k) {
    const Turned& t = turned_[l - 1][k];
    left.add(bound_[l - 1].turns[k].target, t.left[0], t.left[1]);
  }
  const Index flip = bound_[l].flip;
  auto& phases = bound_[l].phases;
  phases.clear();
  if (stage.turns.empty() && stage.phase.empty() && stage.diagonals.empty() && left.trivial()) {
    return;
  }
  std::vector<Complex>& table = table_;
  right.write(table);
  if (!left.trivial()) {
    left.write(before_);
    for (std::size_t i = 0; i < table.size(); ++i) {
      table[i] = times(table[i], before_[stage.source[i ^ flip]]);
    }
  }
  multiply_diagonals(l, flip, table);
  phases.resize(table.size());
  for (std::size_t i = 0; i < table.size(); ++i) phases[i] = narrow<T>(table[i]);
}

template <class T>
void SharedBinding<T>::multiply_diagonals(std::size_t l, Index flip,
                                          std::vector<Complex>& table) const {
  const Stage& stage = plan_->stages[l];
  for (std::size_t i = 0; i < stage.phase.size(); ++i) {
    table[i] = times(table[i], stage.phase[i ^ flip]);
  }
  for (const Stage::Diagonal& diagonal : stage.diagonals) {
    const Step& s = plan_->step(diagonal.step);
    const auto entries = diagonal_entries(
        s, std::span<const Complex>(scratch_).subspan(s.coefficients, s.n_coefficients));
    for (std::size_t i = 0; i < table.size(); ++i) {
      table[i] = times(table[i], entries[diagonal.local[i ^ flip]]);
    }
  }
}

template <class T>
std::span<const std::complex<T>> SharedBinding<T>::coefficients(int index) const {
  const Step& s = plan_->step(index);
  return std::span(coefficients_).subspan(s.coefficients, s.n_coefficients);
}

template class SharedBinding<float>;
template class SharedBinding<double>;

}  // namespace qsim
