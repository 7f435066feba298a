#include "qsim/engines/blocks/block.h"

#include <algorithm>
#include <cmath>

#include "qsim/compile/bind.h"
#include "qsim/core/error.h"

namespace qsim {
namespace {

std::size_t dense_size(const Step& step) { return std::size_t{1} << (2 * step.targets.size()); }

// How many coefficient rows a step needs: the matrix of a run; α, β and β of the inverse; a matrix
// and its inverse.
std::size_t row_count(const Step& step, bool is_run) {
  constexpr std::size_t kOfRun = 4;
  constexpr std::size_t kOfRotation = 3;
  if (is_run) return kOfRun;
  return step.shape == Shape::kRotation ? kOfRotation : 2 * dense_size(step);
}

}  // namespace

template <class T>
Block<T>::Block(const SharedBinding<T>& shared, bool keep)
    : shared_(&shared),
      state_size_(kRow<T> << static_cast<unsigned>(shared.program().n_qubits)),
      values_(kBlock<T>) {
  const std::size_t n_stages = shared.plan().stages.size();
  keep_ = keep && (n_stages + 1) * state_size_ * sizeof(T) <= kKeptBytes;
  buffers_ = aligned_array<T>((keep_ ? n_stages + 1 : 2) * state_size_);
  before_.resize(n_stages);
  const auto n_qubits = static_cast<std::size_t>(shared.program().n_qubits);
  columns_ = aligned_array<T>(2 * n_qubits * kRow<T>);
  scratch_ = aligned_array<T>(product_scratch(shared.program().n_qubits) * kRow<T>);
  const std::size_t n_angles = shared.plan().angles.varying.size() * kBlock<T>;
  angles_.resize(n_angles);
  c_.resize(n_angles);
  s_.resize(n_angles);
  narrow_ = aligned_array<T>(2 * n_angles);
  if (shared.plan().n_phase_terms > 0) {
    phase_angles_.resize(3 * shared.plan().n_phase_terms * kBlock<T>);
    phase_numbers_ = aligned_array<T>(2 * shared.plan().n_phase_terms * kBlock<T>);
    phase_table_ = aligned_array<T>(2 * state_size_);
  }
  plan_rows();
}

template <class T>
double Block<T>::bytes(const SharedBinding<T>& shared, bool keep) {
  const double state =
      std::ldexp(static_cast<double>(kRow<T> * sizeof(T)), shared.program().n_qubits);
  const auto states = static_cast<double>(keep ? shared.plan().stages.size() + 1 : 2) * state;
  return (shared.plan().n_phase_terms > 0 ? 2 * state : 0.0) +
         std::max(2 * state, keep ? std::min(states, double{kKeptBytes}) : states);
}

template <class T>
void Block<T>::plan_rows() {
  row_of_.resize(shared_->program().steps.size());
  std::size_t rows = 0;
  const auto plan = [&](int index, bool is_run) {
    row_of_[static_cast<std::size_t>(index)] = rows;
    rows += row_count(shared_->plan().step(index), is_run);
    if (shared_->plan().step_varies(index)) varying_steps_.push_back(index);
  };
  for (const int index : shared_->plan().first) {
    if (index >= 0) plan(index, true);
  }
  for (const Stage& stage : shared_->plan().stages) {
    for (const int index : stage.matrices) plan(index, true);
    for (const int index : stage.others) plan(index, false);
  }
  rows_ = aligned_array<T>(rows * kRow<T>);
}

template <class T>
void Block<T>::bind(std::span<const double> inputs, std::span<const double> weights, Index count) {
  count_ = count;
  const bool is_new = generation_ != shared_->generation();
  const Program& program = shared_->program();
  const std::size_t n_inputs = program.inputs.size();
  const std::size_t n_weights = program.weights.size();
  for (Index lane = 0; lane < kBlock<T>; ++lane) {
    std::vector<double>& values = values_[lane];
    if (is_new) values.assign(shared_->values().begin(), shared_->values().end());
    const Index sample = std::min(lane, count - 1);
    std::copy_n(inputs.begin() + static_cast<std::ptrdiff_t>(sample * n_inputs), n_inputs,
                values.begin());
    if (shared_->plan().weights_per_sample) {
      std::copy_n(weights.begin() + static_cast<std::ptrdiff_t>(sample * n_weights), n_weights,
                  values.begin() + static_cast<std::ptrdiff_t>(n_inputs));
    }
    program.tape.evaluate_some(shared_->plan().varying_entries, values);
  }
  bind_angles();
  if (is_new) fill_shared_rows();
  for (const int step : varying_steps_) bind_step(step);
  bind_columns();
  bind_phases();
  generation_ = shared_->generation();
}

template <class T>
void Block<T>::bind_angles() {
  const Program& program = shared_->program();
  const auto require_finite = [&](int entry, const char* what) {
    for (Index lane = 0; lane < count_; ++lane) {
      require_finite_entry(program, entry, what, values_[lane]);
    }
  };
  const auto n_parameters = static_cast<int>(program.n_parameters());
  for (const int slot : shared_->plan().varying_slots) {
    const int entry = program.slots[static_cast<std::size_t>(slot)].entry;
    if (entry >= n_parameters) require_finite(entry, "an angle");  // parameters are checked before
  }
  for (const auto& amplitude : program.initial) require_finite(amplitude.entry, "an amplitude");
  const auto& uses = shared_->plan().angles.varying;
  for (std::size_t k = 0; k < uses.size(); ++k) {
    const auto entry =
        static_cast<std::size_t>(program.slots[static_cast<std::size_t>(uses[k].slot)].entry);
    for (Index lane = 0; lane < kBlock<T>; ++lane) {
      angles_[k * kBlock<T> + lane] = uses[k].factor * values_[lane][entry];
    }
  }
  cos_sin(angles_, c_.data(), s_.data());
  for (std::size_t k = 0; k < angles_.size(); ++k) {
    narrow_[k] = static_cast<T>(c_[k]);
    narrow_[angles_.size() + k] = static_cast<T>(s_[k]);
  }
}

template <class T>
void Block<T>::bind_step(int step) {
  T* out = rows_.get() + row_of_[static_cast<std::size_t>(step)] * kRow<T>;
  if (shared_->plan().run(step).empty()) {
    bind_other(step, out);
  } else {
    bind_run(step, out);
  }
}

template <class T>
void Block<T>::fill_shared_rows() {
  const auto fill = [this](int step) {
    if (step >= 0 && !shared_->plan().step_varies(step)) bind_step(step);
  };
  for (const int step : shared_->plan().first) fill(step);
  for (const Stage& stage : shared_->plan().stages) {
    for (const int step : stage.matrices) fill(step);
    for (const int step : stage.others) fill(step);
  }
}

template <class T>
void Block<T>::bind_run(int step, T* out) {
  const auto merged = shared_->merged(step);
  factors_.assign(merged.begin(), merged.end());
  const Run& run = shared_->plan().run(step);
  auto factor = factors_.begin();
  for (const RunPiece& piece : run) {
    if (!piece.varies) continue;
    while (factor->kind == RunFactor<T>::Kind::kMatrix) ++factor;
    factor->c = narrow_.get() + at(piece.angle);
    factor->s = factor->c + angles_.size();
    ++factor;
  }
  batch_kernels<T>().run_matrix(factors_, out);
}

template <class T>
void Block<T>::bind_other(int index, T* out) {
  const Step& step = shared_->plan().step(index);
  const Factor& factor = step.factors.front();
  const bool varies = shared_->plan().step_varies(index);
  const std::size_t size = dense_size(step);
  if (step.shape == Shape::kRotation) {
    const int angle = shared_->plan().rotation_angle(index);
    for (Index lane = 0; lane < kBlock<T>; ++lane) {
      const auto shared_angle = static_cast<std::size_t>(angle);
      const double c = varies ? cosines(angle)[lane] : shared_->angles().c[shared_angle];
      const double s = varies ? sines(angle)[lane] : shared_->angles().s[shared_angle];
      set_lane(out, lane, c);
      set_lane(out + kRow<T>, lane, Complex(0, -s));
      set_lane(out + 2 * kRow<T>, lane, Complex(0, s));
    }
    return;
  }
  const std::size_t rows = std::size_t{1} << step.targets.size();
  if (!varies) {  // plain matrices: the shared one forwards, its inverse here
    const auto matrix = shared_->coefficients(index);
    auto* inverse = reinterpret_cast<std::complex<T>*>(out);
    for (std::size_t e = 0; e < size; ++e) {
      inverse[e] = std::conj(matrix[e % rows * rows + e / rows]);
    }
    return;
  }
  T* inverse = out + size * kRow<T>;
  for (Index lane = 0; lane < kBlock<T>; ++lane) {
    const auto slot = static_cast<std::size_t>(factor.slot);
    const auto entry = static_cast<std::size_t>(shared_->program().slots[slot].entry);
    const Matrix m = factor_matrix(factor, step.targets.size(), values_[lane][entry]);
    for (std::size_t e = 0; e < size; ++e) {
      set_lane(out + e * kRow<T>, lane, m.data()[e]);
      set_lane(inverse + e * kRow<T>, lane, std::conj(m.data()[e % rows * rows + e / rows]));
    }
  }
}

template <class T>
void Block<T>::bind_columns() {
  const auto& first = shared_->plan().first;
  for (std::size_t q = 0; q < first.size(); ++q) {
    T* columns = columns_.get() + 2 * q * kRow<T>;
    if (first[q] < 0) {
      std::fill_n(columns, 2 * kRow<T>, T{0});
      std::fill_n(columns, kBlock<T>, T{1});
      continue;
    }
    std::copy_n(rows(first[q]), kRow<T>, columns);
    std::copy_n(rows(first[q]) + 2 * kRow<T>, kRow<T>, columns + kRow<T>);
  }
}

template <class T>
void Block<T>::bind_phases() {
  table_stage_ = 0;
  const std::size_t n = shared_->plan().n_phase_terms * kBlock<T>;
  if (n == 0) return;
  const auto theta = std::span(phase_angles_).first(n);
  std::fill(theta.begin(), theta.end(), 0.0);
  for (std::size_t l = 0; l < shared_->plan().stages.size(); ++l) {
    const auto& terms = shared_->plan().phase_terms[l];
    for (const auto& use : terms.uses) {
      double* to = theta.data() + (terms.first + use.term) * kBlock<T>;
      const double* from = angles_.data() + at(shared_->plan().rotation_angle(use.step));
      for (Index lane = 0; lane < kBlock<T>; ++lane) to[lane] += use.weight * from[lane];
    }
  }
  cos_sin(theta, phase_angles_.data() + n, phase_angles_.data() + 2 * n);
  for (std::size_t k = 0; k < 2 * n; ++k) {
    phase_numbers_[k] = static_cast<T>(phase_angles_[n + k]);
  }
}

template <class T>
void Block<T>::apply_phases(std::size_t l, T* state, bool inverse) {
  const BatchKernelTable<T>& k = batch_kernels<T>();
  const int n = shared_->program().n_qubits;
  if (table_stage_ != l + 1) {
    const auto& terms = shared_->plan().phase_terms[l];
    const T* c = phase_numbers_.get() + terms.first * kBlock<T>;
    k.phase_table(phase_table_.get(), n, terms.masks, c,
                  c + shared_->plan().n_phase_terms * kBlock<T>, phase_table_.get() + state_size_);
    table_stage_ = l + 1;
  }
  k.multiply(state, n, phase_table_.get(), inverse);
}

template <class T>
void Block<T>::start_from_amplitudes() {
  const auto& initial = shared_->program().initial;
  std::fill_n(ket_, state_size_, T{0});
  for (Index lane = 0; lane < kBlock<T>; ++lane) {
    const auto value = [&](const Program::Amplitude& amplitude) {
      return values_[lane][static_cast<std::size_t>(amplitude.entry)];
    };
    double squares = 0;
    for (const auto& amplitude : initial) squares += value(amplitude) * value(amplitude);
    require(squares > 0 && std::isfinite(squares), "the amplitudes to initialize with have norm ",
            std::sqrt(squares), "; it must be positive and finite");
    const double factor = 1 / std::sqrt(squares);
    for (const auto& amplitude : initial) {
      const Index part = amplitude.imaginary ? kBlock<T> : 0;
      ket_[amplitude.basis_state * kRow<T> + part + lane] =
          static_cast<T>(factor * value(amplitude));
    }
  }
}

template <class T>
void Block<T>::start_from_states() {
  const Index size = bit(shared_->program().n_qubits);
  const bool one = initial_states_.size() == size;
  for (Index lane = 0; lane < kBlock<T>; ++lane) {
    const Index sample = one ? 0 : std::min(lane, count_ - 1);
    const Complex* amplitudes = initial_states_.data() + sample * size;
    for (Index i = 0; i < size; ++i) set_lane(ket_ + i * kRow<T>, lane, amplitudes[i]);
  }
}

template <class T>
void Block<T>::start() {
  ket_ = buffer(0);
  spare_ = buffer(1);
  if (!initial_states_.empty()) return start_from_states();
  if (shared_->plan().first.empty()) return start_from_amplitudes();
  batch_kernels<T>().product(ket_, shared_->program().n_qubits, columns_.get(), scratch_.get());
}

template <class T>
void Block<T>::forward() {
  const BatchKernelTable<T>& k = batch_kernels<T>();
  const int n = shared_->program().n_qubits;
  const auto& stages = shared_->plan().stages;
  start();
  for (std::size_t l = 0; l < stages.size(); ++l) {
    const Stage& stage = stages[l];
    const auto& bound = shared_->bound(l);
    before_[l] = ket_;
    const bool changes = !stage.matrices.empty() || !stage.phases.empty() || !stage.others.empty();
    if (!bound.idle || (keep_ && changes)) {
      T* next = keep_ ? buffer(l + 1) : spare_;
      k.turn(ket_, next, n, bound.monomial(stage), bound.turns);
      spare_ = ket_;
      ket_ = next;
    }
    for (const int step : stage.matrices) {
      k.dense1(ket_, n, shared_->plan().step(step).targets[0], rows(step), false);
    }
    if (!stage.phases.empty()) apply_phases(l, ket_, false);
    for (const int step : stage.others) apply_other(step, ket_);
  }
}

template <class T>
void Block<T>::apply_other(int index, T* state) const {
  const BatchKernelTable<T>& k = batch_kernels<T>();
  const int n = shared_->program().n_qubits;
  const Step& step = shared_->plan().step(index);
  const T* c = rows(index);
  if (step.shape == Shape::kRotation) {
    k.rotation(state, n, step.pauli, step.controls, c, c + kRow<T>);
  } else if (shared_->plan().step_varies(index)) {
    k.dense(state, n, step.targets, step.controls, c);
  } else {
    k.dense_same(state, n, step.targets, step.controls, shared_->coefficients(index).data());
  }
}

template <class T>
void Block<T>::undo_other(int index, T* state) const {
  const BatchKernelTable<T>& k = batch_kernels<T>();
  const int n = shared_->program().n_qubits;
  const Step& step = shared_->plan().step(index);
  const T* c = rows(index);
  if (step.shape == Shape::kRotation) {
    k.rotation(state, n, step.pauli, step.controls, c, c + 2 * kRow<T>);
  } else if (shared_->plan().step_varies(index)) {
    k.dense(state, n, step.targets, step.controls, c + dense_size(step) * kRow<T>);
  } else {
    k.dense_same(state, n, step.targets, step.controls,
                 reinterpret_cast<const std::complex<T>*>(c));
  }
}

template <class T>
void Block<T>::back_to(std::size_t l) {
  if (keep_) {
    ket_ = before_[l];
    return;
  }
  const BatchKernelTable<T>& k = batch_kernels<T>();
  const int n = shared_->program().n_qubits;
  const Stage& stage = shared_->plan().stages[l];
  const auto& bound = shared_->bound(l);
  for (const int step : stage.matrices) {
    k.dense1(ket_, n, shared_->plan().step(step).targets[0], rows(step), true);
  }
  if (bound.idle) return;
  k.unturn(ket_, spare_, n, bound.monomial(stage), bound.turns);
  std::swap(ket_, spare_);
}

template class Block<float>;
template class Block<double>;

}  // namespace qsim
