#include "qsim/engines/blocks/shifted_block.h"

#include <algorithm>
#include <cmath>

#include "qsim/compile/bind.h"
#include "qsim/core/complex.h"

namespace qsim {
namespace {

Matrix2x2 to_array(const Eigen::Matrix2cd& m) { return {m(0, 0), m(0, 1), m(1, 0), m(1, 1)}; }

// exp(−i·shift·G) of a factor on one qubit.
Matrix2x2 shift_matrix(const Factor& factor, double shift) {
  return to_array(factor_matrix2(factor, shift));
}

// The entries that Stage::Diagonal's `local` points at, of a step's factor at an angle.
std::array<Complex, 3> diagonal_entries(const Step& step, const Factor& factor, double angle) {
  if (step.shape == Shape::kDiagonal) {
    const Matrix2x2 m = shift_matrix(factor, angle);
    return {m[0], m[3], 0};
  }
  const Complex down = std::polar(1.0, -factor.scale / 2 * angle);
  return {1, down, std::conj(down)};
}

std::size_t most_entries(const Program& program) {
  std::size_t most = 4;
  for (const Step& step : program.steps) {
    if (step.has_slots) most = std::max(most, std::size_t{1} << (2 * step.targets.size()));
  }
  return most;
}

}  // namespace

template <class T>
ShiftedBlock<T>::ShiftedBlock(const SharedBinding<T>& shared, std::size_t n_results)
    : shared_(&shared),
      block_(shared, false),
      state_size_(kRow<T> << static_cast<unsigned>(shared.program().n_qubits)),
      buffers_(aligned_array<T>(2 * (n_results + 1) * state_size_)),
      prefix_(walk(n_results)),
      places_(shared.program().slots.size()),
      tails_(places_.size()),
      rows_(aligned_array<T>(most_entries(shared.program()) * kRow<T>)) {
  plan_places();
}

template <class T>
void ShiftedBlock<T>::plan_places() {
  GatePlace place;
  const auto add = [&](Rank rank, int step) {
    place.rank = rank;
    place.step = step;
    const auto& factors = shared_->plan().step(step).factors;
    for (place.factor = 0; place.factor < factors.size(); ++place.factor) {
      if (factor(place).slot < 0) continue;
      order_.push_back(factor(place).slot);
      places_[static_cast<std::size_t>(order_.back())] = place;
    }
    ++place.index;
  };
  const auto add_all = [&](Rank rank, std::span<const int> steps) {
    for (const int step : steps) {
      if (step >= 0) add(rank, step);
    }
  };
  add_all(Rank::kStart, shared_->plan().first);
  for (place.stage = 0; place.stage < shared_->plan().stages.size(); ++place.stage) {
    const Stage& stage = shared_->plan().stages[place.stage];
    place.index = 0;
    for (const auto& diagonal : stage.diagonals) add(Rank::kDiagonal, diagonal.step);
    place.index = 0;
    add_all(Rank::kSingle, stage.turns);
    add_all(Rank::kSingle, stage.matrices);
    add_all(Rank::kOther, stage.others);
  }
}

template <class T>
void ShiftedBlock<T>::bind() {
  block_.bind({}, {}, 1);
  bind_tails();
  block_.start();
  std::copy_n(block_.ket(), state_size_, prefix_.state);
  prefix_stage_ = 0;
  block_.forward();
}

template <class T>
void ShiftedBlock<T>::bind_tails() {
  const auto& slots = shared_->program().slots;
  for (const Step& step : shared_->program().steps) {
    if (!step.has_slots || step.targets.size() != 1 || step.controls.mask != 0) continue;
    Matrix2x2 tail{1, 0, 0, 1};
    for (std::size_t k = step.factors.size(); k-- > 0;) {
      const Factor& factor = step.factors[k];
      double angle = 0;
      if (factor.slot >= 0) {
        const auto slot = static_cast<std::size_t>(factor.slot);
        tails_[slot] = tail;
        angle = block_.values(0)[static_cast<std::size_t>(slots[slot].entry)];
      }
      if (k > 0) tail = multiply(tail, shift_matrix(factor, angle));
    }
  }
}

template <class T>
const T* ShiftedBlock<T>::run(std::span<const LaneShift> shifts, std::size_t result) {
  if (shifts.empty()) return unshifted();
  Walk own = walk(result);
  advance(place(shifts.front()).stage);
  std::copy_n(prefix_.state, state_size_, own.state);
  rest_ = shifts;
  start(own);
  const std::size_t n_stages = shared_->plan().stages.size();
  for (std::size_t l = prefix_stage_; l < n_stages; ++l) stage(l, own);
  return own.state;
}

// Moves the prefix on to a stage.
template <class T>
void ShiftedBlock<T>::advance(std::size_t to) {
  rest_ = {};
  for (; prefix_stage_ < to; ++prefix_stage_) stage(prefix_stage_, prefix_);
}

template <class T>
void ShiftedBlock<T>::start(Walk& walk) {
  for (const int step : shared_->plan().first) shift_at(step, walk.state);
}

template <class T>
void ShiftedBlock<T>::stage(std::size_t l, Walk& walk) {
  const BatchKernelTable<T>& k = batch_kernels<T>();
  const int n = shared_->program().n_qubits;
  const Stage& stage = shared_->plan().stages[l];
  const auto& bound = shared_->bound(l);
  for (const auto& diagonal : stage.diagonals) shift_at(diagonal.step, walk.state);
  if (!bound.idle) {
    k.turn(walk.state, walk.spare, n, bound.monomial(stage), bound.turns);
    std::swap(walk.state, walk.spare);
  }
  for (const int step : stage.turns) shift_at(step, walk.state);
  for (const int step : stage.matrices) {
    k.dense1(walk.state, n, shared_->plan().step(step).targets[0], block_.rows(step), false);
    shift_at(step, walk.state);
  }
  for (const int step : stage.others) {
    block_.apply_other(step, walk.state);
    shift_at(step, walk.state);
  }
}

// Does the next shifts where they are in this step.
template <class T>
void ShiftedBlock<T>::shift_at(int step, T* state) {
  std::size_t count = 0;
  while (count < rest_.size() && place(rest_[count]).step == step) ++count;
  if (count == 0) return;
  const auto shifts = rest_.first(count);
  rest_ = rest_.subspan(count);
  switch (place(shifts.front()).rank) {
    case Rank::kStart:
    case Rank::kSingle:
      return shift_runs(shifts, state);
    case Rank::kDiagonal:
      for (const LaneShift& shift : shifts) shift_diagonal(shift, state);
      return;
    case Rank::kOther:
      return shared_->plan().step(step).shape == Shape::kRotation ? shift_rotations(shifts, state)
                                                                  : shift_matrices(shifts, state);
  }
}

// Before the stage's monomial, whose phases it commutes with; the state is that in which the
// monomial finds it.
template <class T>
void ShiftedBlock<T>::shift_diagonal(const LaneShift& shift, T* state) const {
  const GatePlace& at = place(shift);
  const Stage& stage = shared_->plan().stages[at.stage];
  const auto entries = diagonal_entries(shared_->plan().step(at.step), factor(at), shift.shift);
  std::array<std::complex<T>, 3> factors;
  for (std::size_t k = 0; k < factors.size(); ++k) factors[k] = narrow<T>(entries[k]);
  const auto& local = stage.diagonals[at.index].local;
  for (std::size_t i = 0; i < local.size(); ++i) {
    T* amplitude = state + stage.source[i] * kRow<T> + shift.lane;
    const std::complex<T> factor = factors[local[i]];
    const T re = amplitude[0];
    const T im = amplitude[kBlock<T>];
    amplitude[0] = re * factor.real() - im * factor.imag();
    amplitude[kBlock<T>] = re * factor.imag() + im * factor.real();
  }
}

template <class T>
void ShiftedBlock<T>::set_identity(std::size_t size) {
  std::fill_n(rows_.get(), size * size * kRow<T>, T{0});
  for (std::size_t k = 0; k < size; ++k) {
    std::fill_n(rows_.get() + k * (size + 1) * kRow<T>, kBlock<T>, T{1});
  }
}

// The shift's matrix as it acts behind the whole run: S·M·S† where S is what follows the gate in
// the run, and in the frame of a turn, whose left phases D come with the next stage, D†·S·M·S†·D.
template <class T>
Matrix2x2 ShiftedBlock<T>::behind_run(const LaneShift& shift) const {
  const GatePlace& at = place(shift);
  const Matrix2x2& tail = tails_[static_cast<std::size_t>(shift.slot)];
  const Matrix2x2 own = shift_matrix(factor(at), shift.shift);
  Matrix2x2 out = multiply(tail, multiply(own, adjoint(tail)));
  if (at.rank == Rank::kStart) return out;
  const auto& frames = shared_->bound(at.stage).frames;
  if (at.index < frames.size()) {
    out[1] *= frames[at.index];
    out[2] *= std::conj(frames[at.index]);
  }
  return out;
}

template <class T>
void ShiftedBlock<T>::shift_runs(std::span<const LaneShift> shifts, T* state) {
  set_identity(2);
  for (const LaneShift& shift : shifts) {
    const Matrix2x2 matrix = behind_run(shift);
    for (std::size_t e = 0; e < matrix.size(); ++e) {
      set_lane(rows_.get() + e * kRow<T>, shift.lane, matrix[e]);
    }
  }
  const Qubit target = shared_->plan().step(place(shifts.front()).step).targets[0];
  batch_kernels<T>().dense1(state, shared_->program().n_qubits, target, rows_.get(), false);
}

template <class T>
void ShiftedBlock<T>::shift_rotations(std::span<const LaneShift> shifts, T* state) {
  T* alpha = rows_.get();
  T* beta = alpha + kRow<T>;
  std::fill_n(alpha, 2 * kRow<T>, T{0});
  std::fill_n(alpha, kBlock<T>, T{1});
  for (const LaneShift& shift : shifts) {
    const double half = factor(place(shift)).scale * shift.shift / 2;
    set_lane(alpha, shift.lane, std::cos(half));
    set_lane(beta, shift.lane, Complex(0, -std::sin(half)));
  }
  const Step& step = shared_->plan().step(place(shifts.front()).step);
  batch_kernels<T>().rotation(state, shared_->program().n_qubits, step.pauli, step.controls, alpha,
                              beta);
}

template <class T>
void ShiftedBlock<T>::shift_matrices(std::span<const LaneShift> shifts, T* state) {
  const Step& step = shared_->plan().step(place(shifts.front()).step);
  const std::size_t size = std::size_t{1} << step.targets.size();
  set_identity(size);
  for (const LaneShift& shift : shifts) {
    const Matrix matrix = factor_matrix(factor(place(shift)), step.targets.size(), shift.shift);
    for (std::size_t e = 0; e < size * size; ++e) {
      set_lane(rows_.get() + e * kRow<T>, shift.lane, matrix.data()[e]);
    }
  }
  batch_kernels<T>().dense(state, shared_->program().n_qubits, step.targets, step.controls,
                           rows_.get());
}

template class ShiftedBlock<float>;
template class ShiftedBlock<double>;

}  // namespace qsim
