#include "qsim/engines/stages/workspace.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/state/lanes.h"

namespace qsim {
namespace {

// Σ ± over the lanes, − where a bit is set.
template <class T>
double signed_lane_sum(const T* half_row, Qubit bit) {
  double sum = 0;
  for (Index lane = 0; lane < kBlock<T>; ++lane) {
    const auto value = static_cast<double>(half_row[lane]);
    sum += has_bit(lane, bit) ? -value : value;
  }
  return sum;
}

}  // namespace

template <class T>
StageWorkspace<T>::StageWorkspace(const Program& program, const Needs& needs)
    : program_(without_inputs(program)),
      plan_(program_, false),
      shared_(plan_, SharedBinding<T>::Lanes::kQubits),
      state_(shared_, needs.n_bras > 0),
      parameters_(program_.n_parameters()),
      by_slot_(program_.slots.size()),
      adjoints_(program_.tape.size()) {
  if (needs.n_bras == 0) return;
  bra_.emplace(program_.n_qubits);
  spare_.emplace(program_.n_qubits);
  bloch_.resize(static_cast<std::size_t>(program_.n_qubits));
  low_ = aligned_array<T>((kBlockBits<T> + 1) * kRow<T>);
  scratch_ = aligned_array<T>(std::size_t{1} << static_cast<unsigned>(program_.n_qubits));
  plan_measurements();
}

template <class T>
double StageWorkspace<T>::bytes(const Program& program, const Needs& /*needs*/) {
  constexpr double kKept = std::size_t{16} << 20;
  constexpr double kStates = 4;
  return kKept + kStates * State<T>::bytes(program.n_qubits);
}

template <class T>
void StageWorkspace<T>::plan_measurements() {
  const auto& stages = plan_.stages;
  measured_.resize(stages.size() + 1);
  const auto add = [&](Measured& measured, std::span<const int> steps) {
    for (const bool low : {true, false}) {
      for (const int step : steps) {
        if (!has_slots(step)) continue;
        const Qubit q = plan_.step(step).targets[0];
        if ((q < kBlockBits<T>) != low) continue;
        measured.steps.push_back(step);
        if (!low) measured.targets.push_back(q - kBlockBits<T>);
      }
    }
  };
  add(measured_[0], plan_.first);
  bool found = !measured_[0].steps.empty();
  for (std::size_t l = 0; l < stages.size(); ++l) {
    std::vector<int> runs = stages[l].turns;
    runs.insert(runs.end(), stages[l].matrices.begin(), stages[l].matrices.end());
    add(measured_[l + 1], runs);
    found = found || !measured_[l + 1].steps.empty() || !stages[l].diagonals.empty() ||
            std::any_of(stages[l].others.begin(), stages[l].others.end(),
                        [this](int step) { return has_slots(step); });
    if (!found) first_slotted_ = l + 1;
  }
}

template <class T>
void StageWorkspace<T>::bind(const Batch& batch, std::size_t sample) {
  const std::size_t n_inputs = batch.inputs.size() / batch.size;
  const std::size_t n_weights = program_.n_parameters() - n_inputs;
  bind(batch.inputs.subspan(sample * n_inputs, n_inputs),
       batch.weights.subspan(batch.weights_per_sample ? sample * n_weights : 0, n_weights));
}

template <class T>
void StageWorkspace<T>::bind(std::span<const double> inputs, std::span<const double> weights) {
  std::copy(inputs.begin(), inputs.end(), parameters_.begin());
  std::copy(weights.begin(), weights.end(),
            parameters_.begin() + static_cast<std::ptrdiff_t>(inputs.size()));
  shared_.bind(parameters_);
  state_.bind();
}

template <class T>
void StageWorkspace<T>::backward() {
  std::fill(by_slot_.begin(), by_slot_.end(), 0.0);
  // ⟨bra|ket⟩ does not change on the way back.
  alignas(kAlignment) T overlap[kRow<T>];
  batch_kernels<T>().inner(bra_->data(), ket().data(), state_.row_qubits(), {}, {}, overlap);
  overlap_ = lane_sum<T>(overlap + kBlock<T>);
  for (std::size_t l = plan_.stages.size(); l-- > first_slotted_;) stage_back(l);
  measure(measured_[0].steps, measured_[0].targets);
  std::fill(adjoints_.begin(), adjoints_.end(), 0.0);
  for (std::size_t slot = 0; slot < by_slot_.size(); ++slot) {
    adjoints_[static_cast<std::size_t>(program_.slots[slot].entry)] += by_slot_[slot];
  }
  program_.tape.reverse(shared_.values(), adjoints_);
}

template <class T>
void StageWorkspace<T>::stage_back(std::size_t l) {
  const Stage& stage = plan_.stages[l];
  for (std::size_t i = stage.others.size(); i-- > 0;) {
    const int index = stage.others[i];
    const double slope = state_.other_back(index, *bra_);
    if (!has_slots(index)) continue;
    by_slot_[static_cast<std::size_t>(plan_.step(index).factors.front().slot)] += slope;
  }
  measure(measured_[l + 1].steps, measured_[l + 1].targets);
  state_.stage_back(l, *bra_, *spare_);
  if (!stage.diagonals.empty()) diagonals_back(stage);
}

// The derivatives by the angles of runs that ket and bra have just passed.
template <class T>
void StageWorkspace<T>::measure(std::span<const int> steps, std::span<const Qubit> targets) {
  if (steps.empty()) return;
  const BatchKernelTable<T>& k = batch_kernels<T>();
  const int rows = state_.row_qubits();
  const std::size_t n_low = steps.size() - targets.size();
  if (n_low > 0) {
    k.low_transition(ket().data(), bra_->data(), rows, low_.get());
    k.inner(bra_->data(), ket().data(), rows, {}, {}, low_.get() + kBlockBits<T> * kRow<T>);
  }
  if (!targets.empty()) {
    k.transition(ket().data(), bra_->data(), rows, targets, scratch_.get(), bloch_.data());
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    Bloch m;
    if (i < n_low) {
      m = low_transition(plan_.step(steps[i]).targets[0]);
    } else {
      const BlochRow<T>& row = bloch_[i - n_low];
      m = {lane_sum<T>(row.x), lane_sum<T>(row.y), lane_sum<T>(row.z)};
    }
    turn_back(plan_.run(steps[i]), shared_.angles(), m, overlap_, by_slot_);
  }
}

template <class T>
Bloch StageWorkspace<T>::low_transition(Qubit q) const {
  const T* row = low_.get() + static_cast<std::size_t>(q) * kRow<T>;
  const T* overlap = low_.get() + kBlockBits<T> * kRow<T>;
  return {lane_sum<T>(row + kBlock<T>), signed_lane_sum<T>(row, q),
          signed_lane_sum<T>(overlap + kBlock<T>, q)};
}

template <class T>
void StageWorkspace<T>::diagonals_back(const Stage& stage) {
  batch_kernels<T>().diagonal_transition(ket().data(), bra_->data(), state_.row_qubits(),
                                         scratch_.get());
  for (const Stage::Diagonal& diagonal : stage.diagonals) {
    std::array<double, 3> sums{};
    for (std::size_t i = 0; i < stage.source.size(); ++i) {
      sums[diagonal.local[i]] += static_cast<double>(scratch_[stage.source[i]]);
    }
    const Step& step = plan_.step(diagonal.step);
    if (step.shape == Shape::kDiagonal) {
      turn_back(plan_.run(diagonal.step), shared_.angles(), {0.0, 0.0, sums[0] - sums[1]},
                sums[0] + sums[1], by_slot_);
    } else {
      const Factor& factor = step.factors.front();
      by_slot_[static_cast<std::size_t>(factor.slot)] += factor.scale * (sums[1] - sums[2]);
    }
  }
}

template class StageWorkspace<float>;
template class StageWorkspace<double>;

}  // namespace qsim
