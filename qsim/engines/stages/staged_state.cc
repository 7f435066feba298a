#include "qsim/engines/stages/staged_state.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "qsim/core/complex.h"
#include "qsim/core/decompositions.h"

namespace qsim {
namespace {

// Fewer rows than eight are not worth a pass.
constexpr Part kWhole{0, 1};

template <class T>
std::size_t state_count(const SharedBinding<T>& shared, bool keep) {
  return keep ? shared.plan().stages.size() + 1 : 2;
}

template <class T>
std::vector<std::complex<T>> adjoint(std::span<const std::complex<T>> matrix, std::size_t size) {
  std::vector<std::complex<T>> out(matrix.size());
  for (std::size_t e = 0; e < out.size(); ++e) {
    out[e] = std::conj(matrix[e % size * size + e / size]);
  }
  return out;
}

// exp(−iθG): ∂ = 2 Im Tr(G M).
double evolution_slope(const Factor& evolution, const std::vector<Complex>& transition) {
  const Matrix g = from_spectrum(evolution.eigenvalues, evolution.matrix);
  const Eigen::Map<const Matrix> m(transition.data(), g.rows(), g.cols());
  return 2 * (g * m).trace().imag();
}

}  // namespace

template <class T>
bool StagedState<T>::fits(const Program& program) {
  return program.initial.empty() && fits_blocks(program) && program.n_qubits >= kFewestQubits;
}

template <class T>
double StagedState<T>::bytes(const SharedBinding<T>& shared, bool keep) {
  const double state = State<T>::bytes(shared.program().n_qubits);
  const double kept = static_cast<double>(state_count(shared, keep)) * state;
  return std::max(2 * state, keep ? std::min(kept, double{kKeptBytes}) : kept);
}

template <class T>
StagedState<T>::StagedState(const SharedBinding<T>& shared, bool keep)
    : shared_(&shared), columns_(static_cast<std::size_t>(shared.program().n_qubits)) {
  const int n = shared.program().n_qubits;
  const std::size_t n_stages = shared.plan().stages.size();
  keep_ = keep && static_cast<double>(n_stages + 1) * State<T>::bytes(n) <= kKeptBytes;
  for (std::size_t k = 0; k < state_count(shared, keep_); ++k) states_.emplace_back(n);
  before_.resize(n_stages);
  bound_.resize(n_stages);
  for (std::size_t l = 0; l < n_stages; ++l) plan_move(l);
}

template <class T>
void StagedState<T>::plan_move(std::size_t l) {
  const Stage& stage = shared_->plan().stages[l];
  Bound& bound = bound_[l];
  bound.idle = stage.turns.empty() && stage.phase.empty() && stage.diagonals.empty() &&
               stage.moves_nothing();
  bound.source.resize(stage.source.size());
  bound.place.resize(stage.source.size());
  for (std::size_t i = 0; i < stage.source.size(); ++i) {
    bound.source[i] = static_cast<SignedOffset<T>>(real_offset<T>(stage.source[i]));
    bound.place[stage.source[i]] = static_cast<SignedOffset<T>>(real_offset<T>(i));
  }
  if (!stage.phase.empty() || !stage.diagonals.empty()) {
    bound.phase = aligned_array<T>(2 * stage.source.size());
    if (stage.diagonals.empty()) bind_phase(l);  // the same for all weights
  }
}

template <class T>
void StagedState<T>::bind_phase(std::size_t l) {
  table_.assign(shared_->plan().stages[l].source.size(), 1.0);
  shared_->multiply_diagonals(l, 0, table_);
  for (Index i = 0; i < table_.size(); ++i) {
    T* at = bound_[l].phase.get() + real_offset<T>(i);
    at[0] = static_cast<T>(table_[i].real());
    at[kBlock<T>] = static_cast<T>(table_[i].imag());
  }
}

template <class T>
StateStage<T> StagedState<T>::Bound::view() const {
  return {.source = source.data(),
          .place = place.data(),
          .flip = flip,
          .phase = phase.get(),
          .before = before.view(),
          .low_turns = low_turns.data(),
          .turns = turns,
          .after = after.view()};
}

template <class T>
void StagedState<T>::write_product(const Columns& columns, Complex factor, Product& out) {
  const auto fill = [&](std::size_t first, std::size_t last, std::span<Complex> table) {
    for (std::size_t q = first; q < last; ++q) {
      const std::size_t half = std::size_t{1} << (q - first);
      for (std::size_t j = 0; j < half; ++j) {
        table[half + j] = times(table[j], columns[q][1]);
        table[j] = times(table[j], columns[q][0]);
      }
    }
  };
  std::array<Complex, kBlock<T>> low{1.0};
  fill(0, kBlockBits<T>, low);
  if (!out.low) out.low = aligned_array<T>(kRow<T>);
  for (Index lane = 0; lane < kBlock<T>; ++lane) set_lane(out.low.get(), lane, low[lane]);
  const std::size_t n_high = std::size_t{1} << (columns.size() - kBlockBits<T>);
  table_.resize(n_high);
  table_[0] = factor;
  fill(kBlockBits<T>, columns.size(), table_);
  out.high.resize(n_high);
  for (std::size_t k = 0; k < n_high; ++k) out.high[k] = narrow<T>(table_[k]);
}

template <class T>
void StagedState<T>::bind() {
  const auto& first = shared_->plan().first;
  for (std::size_t q = 0; q < columns_.size(); ++q) {
    columns_[q] = {1.0, 0.0};
    if (first[q] < 0) continue;
    const Matrix2x2 matrix = shared_->run_matrix(first[q]);
    columns_[q] = {matrix[0], matrix[2]};
  }
  write_product(columns_, 1.0, first_);
  for (std::size_t l = 0; l < bound_.size(); ++l) {
    if (!shared_->plan().stages[l].diagonals.empty()) bind_phase(l);
    if (!bound_[l].idle) bind_turns(l);
  }
}

template <class T>
void StagedState<T>::bind_turns(std::size_t l) {
  Bound& bound = bound_[l];
  const auto& turns = shared_->bound(l).turns;
  const auto turned = shared_->turned(l);
  bound.flip = shared_->bound(l).flip;
  bound.low_turns.fill(0);
  bound.turns.clear();
  Columns& columns = columns_;
  std::fill(columns.begin(), columns.end(), std::array<Complex, 2>{1.0, 1.0});
  double length = 1;
  for (std::size_t k = 0; k < turns.size(); ++k) {
    const Turned& t = turned[k];
    const Qubit q = turns[k].target;
    const bool flips = has_bit(bound.flip, q);
    length *= flips ? t.s : t.c;
    columns[static_cast<std::size_t>(q)] = {flips ? -t.right : 1.0, flips ? 1.0 : t.right};
    if (q < kBlockBits<T>) {
      bound.low_turns[static_cast<std::size_t>(q)] = turns[k].t;
    } else {
      bound.turns.push_back({q - kBlockBits<T>, turns[k].t});
    }
  }
  write_product(columns, length, bound.before);
  for (std::size_t k = 0; k < turns.size(); ++k) {
    columns[static_cast<std::size_t>(turns[k].target)] = turned[k].left;
  }
  write_product(columns, 1.0, bound.after);
}

template <class T>
void StagedState<T>::forward() {
  const BatchKernelTable<T>& k = batch_kernels<T>();
  ket_ = 0;
  k.product_state(ket().data(), row_qubits(), first_.view());
  const auto& stages = shared_->plan().stages;
  for (std::size_t l = 0; l < stages.size(); ++l) {
    const Stage& stage = stages[l];
    before_[l] = ket_;
    const bool changes = !stage.matrices.empty() || !stage.others.empty();
    if (!bound_[l].idle) {
      const std::size_t next = keep_ ? l + 1 : 1 - ket_;
      k.state_stage(ket().data(), states_[next].data(), row_qubits(), bound_[l].view());
      ket_ = next;
    } else if (keep_ && changes) {
      states_[l + 1] = ket();
      ket_ = l + 1;
    }
    apply_matrices(stage, ket(), false);
    for (const int step : stage.others) apply_other(step, ket());
  }
}

template <class T>
void StagedState<T>::apply_matrices(const Stage& stage, State<T>& state, bool inverse) const {
  for (const int step : stage.matrices) {
    const Matrix2x2 m = shared_->run_matrix(step);
    std::array<std::complex<T>, 4> entries{narrow<T>(m[0]), narrow<T>(m[1]), narrow<T>(m[2]),
                                           narrow<T>(m[3])};
    if (inverse) {
      std::swap(entries[1], entries[2]);
      for (auto& entry : entries) entry = std::conj(entry);
    }
    kernels<T>().dense(state.data(), {state.n_qubits(), shared_->plan().step(step).targets, {}},
                       entries.data(), kWhole);
  }
}

template <class T>
std::array<std::complex<T>, 2> StagedState<T>::rotation(int index) const {
  const auto angle = static_cast<std::size_t>(shared_->plan().rotation_angle(index));
  return {narrow<T>(shared_->angles().c[angle]), narrow<T>({0, -shared_->angles().s[angle]})};
}

template <class T>
void StagedState<T>::apply_other(int index, State<T>& state) const {
  const Step& step = shared_->plan().step(index);
  const Site site{state.n_qubits(), step.targets, step.controls};
  if (step.shape == Shape::kRotation) {
    const auto [alpha, beta] = rotation(index);
    kernels<T>().rotation(state.data(), site, step.pauli, alpha, beta, kWhole);
  } else {
    kernels<T>().dense(state.data(), site, shared_->coefficients(index).data(), kWhole);
  }
}

template <class T>
double StagedState<T>::other_back(int index, State<T>& bra) {
  const KernelTable<T>& k = kernels<T>();
  const Step& step = shared_->plan().step(index);
  const Site site{bra.n_qubits(), step.targets, step.controls};
  if (step.shape == Shape::kRotation) {
    const auto [alpha, beta] = rotation(index);
    Complex overlap = 0;
    k.rotation_transition(ket().data(), bra.data(), site, step.pauli, alpha, std::conj(beta),
                          &overlap, kWhole);
    return step.factors.front().scale * overlap.imag();
  }
  const auto inverse = adjoint(shared_->coefficients(index), std::size_t{1} << step.targets.size());
  if (!step.has_slots) {
    k.dense(ket().data(), site, inverse.data(), kWhole);
    k.dense(bra.data(), site, inverse.data(), kWhole);
    return 0.0;
  }
  std::vector<Complex> transition(inverse.size());
  k.dense_transition(ket().data(), bra.data(), site, inverse.data(), transition.data(), kWhole);
  return evolution_slope(step.factors.front(), transition);
}

template <class T>
void StagedState<T>::undo_stage(std::size_t l, State<T>*& state, State<T>*& spare) const {
  apply_matrices(shared_->plan().stages[l], *state, true);
  if (bound_[l].idle) return;
  batch_kernels<T>().state_stage_back(state->data(), spare->data(), row_qubits(), bound_[l].view());
  std::swap(state, spare);
}

template <class T>
void StagedState<T>::stage_back(std::size_t l, State<T>& bra, State<T>& spare) {
  State<T>* state = &bra;
  State<T>* other = &spare;
  undo_stage(l, state, other);
  if (state != &bra) std::swap(bra, spare);
  if (keep_) {
    ket_ = before_[l];
    return;
  }
  state = &states_[ket_];
  other = &states_[1 - ket_];
  undo_stage(l, state, other);
  ket_ = static_cast<std::size_t>(state - states_.data());
}

template class StagedState<float>;
template class StagedState<double>;

}  // namespace qsim
