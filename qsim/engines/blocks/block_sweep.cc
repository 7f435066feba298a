#include "qsim/engines/blocks/block_sweep.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "qsim/core/complex.h"
#include "qsim/core/decompositions.h"
#include "qsim/engines/blocks/bloch.h"
#include "qsim/state/lanes.h"

namespace qsim {
namespace {

using Kind = RunPiece::Kind;

constexpr std::size_t kOne = 3;

// exp(−iθG)'s generator as the kernels take matrices.
template <class T>
std::vector<std::complex<T>> generator_of(const Factor& evolution) {
  const Matrix g = from_spectrum(evolution.eigenvalues, evolution.matrix);
  std::vector<std::complex<T>> out;
  for (Eigen::Index e = 0; e < g.size(); ++e) out.push_back(narrow<T>(g.data()[e]));
  return out;
}

}  // namespace

template <class T>
BlockSweep<T>::BlockSweep(const SharedBinding<T>& shared, std::size_t n_bras, bool per_sample)
    : shared_(&shared),
      per_sample_(per_sample || shared.plan().weights_per_sample),
      n_qubits_(shared.program().n_qubits),
      bras_(n_bras),
      generators_(shared.program().steps.size()),
      fed_(shared.program().tape.operands(shared.plan().varying_entries)),
      adjoints_(shared.program().tape.size()) {
  plan_measurements();
  for (std::size_t slot = 0; slot < shared.program().slots.size(); ++slot) {
    if (by_lane(static_cast<int>(slot))) lane_slots_.push_back(static_cast<int>(slot));
  }
  std::erase_if(fed_, [&](int entry) { return shared.plan().entry_varies(entry); });
  const std::size_t size = kRow<T> << static_cast<unsigned>(n_qubits_);
  buffers_ = aligned_array<T>((2 * n_bras + 1) * size);
  scratch_ = buffers_.get();
  for (std::size_t k = 0; k < n_bras; ++k) {
    Bra& bra = bras_[k];
    bra.state = buffers_.get() + (2 * k + 1) * size;
    bra.spare = bra.state + size;
    bra.lane_slots.resize(shared.program().slots.size() * kBlock<T>);
    bra.shared_slots.resize(shared.program().slots.size());
    bra.amplitudes.resize(shared.program().initial.size() * kBlock<T>);
    for (auto& m : bra.m) m.resize(kBlock<T>);
  }
  const auto& stages = shared.plan().stages;
  for (const Stage& stage : stages) {
    if (!stage.diagonals.empty() || !stage.phases.empty()) {
      diagonal_sums_.resize(stage.source.size());
    }
    for (const int index : stage.others) {
      const Step& step = shared.plan().step(index);
      if (!step.has_slots || step.shape == Shape::kRotation) continue;
      generators_[static_cast<std::size_t>(index)] = generator_of<T>(step.factors.front());
    }
  }
  bloch_.resize(static_cast<std::size_t>(n_qubits_));
  diagonal_ = aligned_array<T>(diagonal_sums_.size() * kBlock<T>);
  if (!shared.program().initial.empty() || any_slots(shared.plan().first)) return;
  while (first_slotted_ < stages.size()) {
    const Stage& stage = stages[first_slotted_];
    if (!stage.diagonals.empty() || !stage.phases.empty() || any_slots(stage.turns) ||
        any_slots(stage.matrices) || any_slots(stage.others)) {
      break;
    }
    ++first_slotted_;
  }
}

template <class T>
double BlockSweep<T>::bytes(const SharedBinding<T>& shared, std::size_t n_bras) {
  return std::ldexp(static_cast<double>((2 * n_bras + 1) * kRow<T> * sizeof(T)),
                    shared.program().n_qubits);
}

template <class T>
void BlockSweep<T>::plan_measurements() {
  for (const Stage& stage : shared_->plan().stages) {
    auto& measured = measured_.emplace_back();
    auto& targets = targets_.emplace_back();
    const auto add = [&](int step, int turn) {
      if (!has_slots(step)) return;
      measured.push_back({step, turn});
      targets.push_back(shared_->plan().step(step).targets[0]);
    };
    for (std::size_t k = 0; k < stage.turns.size(); ++k) add(stage.turns[k], static_cast<int>(k));
    for (const int step : stage.matrices) add(step, -1);
  }
}

template <class T>
bool BlockSweep<T>::any_slots(std::span<const int> steps) const {
  return std::any_of(steps.begin(), steps.end(),
                     [this](int step) { return step >= 0 && has_slots(step); });
}

template <class T>
void BlockSweep<T>::run(Block<T>& block) {
  for (Bra& bra : bras_) {
    std::fill(bra.shared_slots.begin(), bra.shared_slots.end(), 0.0);
    std::fill(bra.lane_slots.begin(), bra.lane_slots.end(), 0.0);
    // ⟨bra|ket⟩ does not change on the way back.
    alignas(kAlignment) T overlap[kRow<T>];
    batch_kernels<T>().inner(bra.state, block.ket(), n_qubits_, {}, {}, overlap);
    std::copy_n(overlap + kBlock<T>, kBlock<T>, bra.m[kOne].begin());
  }
  for (std::size_t l = shared_->plan().stages.size(); l-- > first_slotted_;) {
    stage_back(block, l);
  }
  const auto& first = shared_->plan().first;
  for (Bra& bra : bras_) {
    if (!shared_->program().initial.empty()) amplitudes_back(block, bra);
    if (!any_slots(first)) continue;
    batch_kernels<T>().product_transition(bra.state, n_qubits_, block.columns(), block.scratch(),
                                          bloch_.data());
    for (std::size_t q = 0; q < first.size(); ++q) {
      if (first[q] >= 0 && has_slots(first[q])) turn_back(block, first[q], bloch_[q], 1.0, bra);
    }
  }
}

template <class T>
void BlockSweep<T>::stage_back(Block<T>& block, std::size_t l) {
  const Stage& stage = shared_->plan().stages[l];
  for (std::size_t i = stage.others.size(); i-- > 0;) {
    for (Bra& bra : bras_) other_back(block, stage.others[i], bra);
    block.undo_other(stage.others[i], block.ket());
  }
  if (!stage.phases.empty()) {
    for (Bra& bra : bras_) phases_back(block, l, bra);
    block.apply_phases(l, block.ket(), true);
  }
  for (Bra& bra : bras_) singles_back(block, l, bra);
  block.back_to(l);
  if (stage.diagonals.empty()) return;
  for (Bra& bra : bras_) diagonals_back(block, stage, bra);
}

// The gates on single qubits, and the monomial before them.
template <class T>
void BlockSweep<T>::singles_back(const Block<T>& block, std::size_t l, Bra& bra) {
  const BatchKernelTable<T>& k = batch_kernels<T>();
  const Stage& stage = shared_->plan().stages[l];
  const auto& bound = shared_->bound(l);
  // Measured before anything is undone: afterwards bra and ket are at different places.
  const std::vector<Measured>& measured = measured_[l];
  if (!measured.empty()) {
    k.transition(block.ket(), bra.state, n_qubits_, targets_[l], scratch_, bloch_.data());
    for (std::size_t i = 0; i < measured.size(); ++i) {
      const Complex frame =
          measured[i].turn < 0 ? 1.0 : bound.frames[static_cast<std::size_t>(measured[i].turn)];
      turn_back(block, measured[i].step, bloch_[i], frame, bra);
    }
  }
  for (const int step : stage.matrices) {
    k.dense1(bra.state, n_qubits_, shared_->plan().step(step).targets[0], block.rows(step), true);
  }
  if (bound.idle) return;
  k.unturn(bra.state, bra.spare, n_qubits_, bound.monomial(stage), bound.turns);
  std::swap(bra.state, bra.spare);
}

// With t_i = Im(conj(bra_i) ket_i), Im⟨bra|Z_mask|ket⟩ is entry `mask` of the Walsh transform of t:
// one transform has the derivatives by all phases.
template <class T>
void BlockSweep<T>::phases_back(Block<T>& block, std::size_t l, Bra& bra) {
  const BatchKernelTable<T>& k = batch_kernels<T>();
  k.diagonal_transition(block.ket(), bra.state, n_qubits_, diagonal_.get());
  k.walsh(diagonal_.get(), n_qubits_);
  const auto& terms = shared_->plan().phase_terms[l];
  for (const auto& use : terms.uses) {
    const Factor& factor = shared_->plan().step(use.step).factors.front();
    const T* sums = diagonal_.get() + terms.masks[use.term] * kBlock<T>;
    std::array<double, kBlock<T>> slopes{};
    for (Index lane = 0; lane < kBlock<T>; ++lane) {
      slopes[lane] = factor.scale * use.weight * static_cast<double>(sums[lane]);
    }
    add_slope(bra, factor.slot, slopes);
  }
  block.apply_phases(l, bra.state, true);
}

template <class T>
void BlockSweep<T>::other_back(const Block<T>& block, int index, Bra& bra) {
  const BatchKernelTable<T>& k = batch_kernels<T>();
  const Step& step = shared_->plan().step(index);
  if (step.has_slots) {
    const Factor& factor = step.factors.front();
    alignas(kAlignment) T overlap[kRow<T>];
    double scale = factor.scale;
    if (step.shape == Shape::kRotation) {
      k.inner(bra.state, block.ket(), n_qubits_, step.pauli, step.controls, overlap);
    } else {
      std::copy_n(block.ket(), kRow<T> << static_cast<unsigned>(n_qubits_), scratch_);
      k.dense_same(scratch_, n_qubits_, step.targets, step.controls,
                   generators_[static_cast<std::size_t>(index)].data());
      k.inner(bra.state, scratch_, n_qubits_, {}, step.controls, overlap);
      scale = 2.0;
    }
    std::array<double, kBlock<T>> slopes{};
    for (Index lane = 0; lane < kBlock<T>; ++lane) {
      slopes[lane] = scale * static_cast<double>(overlap[kBlock<T> + lane]);
    }
    add_slope(bra, factor.slot, slopes);
  }
  block.undo_other(index, bra.state);
}

template <class T>
void BlockSweep<T>::add_slope(Bra& bra, int slot, std::span<const double> slopes) {
  const auto k = static_cast<std::size_t>(slot);
  if (by_lane(slot)) {
    for (std::size_t lane = 0; lane < slopes.size(); ++lane) {
      bra.lane_slots[k * kBlock<T> + lane] += slopes[lane];
    }
  } else {
    bra.shared_slots[k] += std::accumulate(slopes.begin(), slopes.end(), 0.0);
  }
}

template <class T>
void BlockSweep<T>::diagonals_back(const Block<T>& block, const Stage& stage, Bra& bra) {
  batch_kernels<T>().diagonal_transition(block.ket(), bra.state, n_qubits_, diagonal_.get());
  const std::size_t rows = stage.source.size();
  if (!per_sample_) {
    for (std::size_t i = 0; i < rows; ++i) {
      diagonal_sums_[i] = lane_sum<T>(diagonal_.get() + i * kBlock<T>);
    }
  }
  for (const Stage::Diagonal& diagonal : stage.diagonals) {
    const Step& step = shared_->plan().step(diagonal.step);
    const bool is_run = step.shape == Shape::kDiagonal;
    const Factor& factor = step.factors.front();
    if (!per_sample_) {
      std::array<double, 3> sums{};
      for (std::size_t i = 0; i < rows; ++i) {
        sums[diagonal.local[i]] += diagonal_sums_[stage.source[i]];
      }
      if (is_run) {
        shared_turn_back(diagonal.step, {0.0, 0.0, sums[0] - sums[1]}, sums[0] + sums[1], bra);
      } else {
        bra.shared_slots[static_cast<std::size_t>(factor.slot)] +=
            factor.scale * (sums[1] - sums[2]);
      }
      continue;
    }
    std::array<std::array<double, kBlock<T>>, 3> sums{};
    for (std::size_t i = 0; i < rows; ++i) {
      const T* row = diagonal_.get() + stage.source[i] * kBlock<T>;
      auto& sum = sums[diagonal.local[i]];
      for (Index lane = 0; lane < kBlock<T>; ++lane) {
        sum[lane] += static_cast<double>(row[lane]);
      }
    }
    std::array<double, kBlock<T>> slopes{};
    for (Index lane = 0; lane < kBlock<T>; ++lane) {
      slopes[lane] = factor.scale * (sums[1][lane] - sums[2][lane]);
      bra.m[kX][lane] = 0.0;
      bra.m[kY][lane] = 0.0;
      bra.m[kZ][lane] = sums[0][lane] - sums[1][lane];
    }
    if (is_run) {
      lanes_turn_back(block, diagonal.step, bra);
    } else {
      add_slope(bra, factor.slot, slopes);
    }
  }
}

template <class T>
void BlockSweep<T>::turn_back(const Block<T>& block, int step, const BlochRow<T>& row,
                              Complex frame, Bra& bra) {
  const double c = frame.real();
  const double s = frame.imag();
  if (!per_sample_ && !shared_->plan().step_varies(step)) {
    const double x = lane_sum<T>(row.x);
    const double y = lane_sum<T>(row.y);
    const double m0 = std::accumulate(bra.m[kOne].begin(), bra.m[kOne].end(), 0.0);
    return shared_turn_back(step, {c * x - s * y, s * x + c * y, lane_sum<T>(row.z)}, m0, bra);
  }
  for (Index lane = 0; lane < kBlock<T>; ++lane) {
    const auto x = static_cast<double>(row.x[lane]);
    const auto y = static_cast<double>(row.y[lane]);
    bra.m[kX][lane] = c * x - s * y;
    bra.m[kY][lane] = s * x + c * y;
    bra.m[kZ][lane] = static_cast<double>(row.z[lane]);
  }
  lanes_turn_back(block, step, bra);
}

// The run of a step whose lanes are summed.
template <class T>
void BlockSweep<T>::shared_turn_back(int step, std::array<double, 3> m, double m0, Bra& bra) {
  qsim::turn_back(shared_->plan().run(step), shared_->angles(), m, m0, bra.shared_slots);
}

// The run of a step lane by lane, from the numbers in bra.m. Pieces that are the same in all lanes
// are walked once, and turn the lanes together.
template <class T>
void BlockSweep<T>::lanes_turn_back(const Block<T>& block, int step, Bra& bra) {
  const Run& run = shared_->plan().run(step);
  for (std::size_t end = run.size(); end > 0;) {
    std::size_t begin = end;
    while (begin > 0 && !run[begin - 1].varies) --begin;
    if (begin < end) shared_pieces_back(std::span(run).subspan(begin, end - begin), bra);
    if (begin > 0) varying_piece_back(block, run[begin - 1], bra);
    end = begin > 0 ? begin - 1 : 0;
  }
}

template <class T>
void BlockSweep<T>::varying_piece_back(const Block<T>& block, const RunPiece& piece, Bra& bra) {
  const PieceSlope slope = slope_of(piece.kind);
  const std::size_t next = next_axis(slope.axis);
  const std::size_t after = next_axis(next);
  const double* c = block.cosines(piece.angle);
  const double* s = block.sines(piece.angle);
  std::array<double, kBlock<T>> slopes{};
  for (Index lane = 0; lane < kBlock<T>; ++lane) {
    slopes[lane] =
        piece.factor * (slope.along * bra.m[slope.axis][lane] + slope.one * bra.m[kOne][lane]);
    rotate_back(turning(piece.kind, c[lane], s[lane]), bra.m[next][lane], bra.m[after][lane]);
  }
  add_slope(bra, piece.slot, slopes);
}

template <class T>
void BlockSweep<T>::shared_pieces_back(std::span<const RunPiece> pieces, Bra& bra) {
  const SharedAngles& angles = shared_->angles();
  // columns[a] is what the unit vector along a becomes.
  std::array<std::array<double, kAxes>, kAxes> columns{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  for (std::size_t k = pieces.size(); k-- > 0;) {
    const RunPiece& piece = pieces[k];
    if (piece.kind == Kind::kMatrix) {
      for (auto& column : columns) column = rotate_back(piece.bloch, column);
      continue;
    }
    const PieceSlope slope = slope_of(piece.kind);
    std::array<double, kBlock<T>> slopes{};
    for (Index lane = 0; lane < kBlock<T>; ++lane) {
      double along = 0;
      for (std::size_t a = 0; a < kAxes; ++a) along += columns[a][slope.axis] * bra.m[a][lane];
      slopes[lane] = piece.factor * (slope.along * along + slope.one * bra.m[kOne][lane]);
    }
    add_slope(bra, piece.slot, slopes);
    const auto angle = static_cast<std::size_t>(piece.angle);
    const std::size_t next = next_axis(slope.axis);
    const Turning turn = turning(piece.kind, angles.c[angle], angles.s[angle]);
    for (auto& column : columns) rotate_back(turn, column[next], column[next_axis(next)]);
  }
  for (Index lane = 0; lane < kBlock<T>; ++lane) {
    std::array<double, kAxes> m{};
    for (std::size_t a = 0; a < kAxes; ++a) {
      for (std::size_t b = 0; b < kAxes; ++b) m[b] += columns[a][b] * bra.m[a][lane];
    }
    for (std::size_t b = 0; b < kAxes; ++b) bra.m[b][lane] = m[b];
  }
}

// ψ_i = a_i/‖a‖ and ∂⟨O⟩ = Σ_i g_i ∂ψ_i with g_i = 2 Re bra_i, so ∂⟨O⟩/∂a_j = (g_j − ψ_j g·ψ)/‖a‖.
template <class T>
void BlockSweep<T>::amplitudes_back(const Block<T>& block, Bra& bra) {
  const auto& initial = shared_->program().initial;
  for (Index lane = 0; lane < block.count(); ++lane) {
    const auto value = [&](const Program::Amplitude& a) {
      return block.values(lane)[static_cast<std::size_t>(a.entry)];
    };
    const auto slope = [&](const Program::Amplitude& a) {
      const Index part = a.imaginary ? kBlock<T> : 0;
      return 2 * static_cast<double>(bra.state[a.basis_state * kRow<T> + part + lane]);
    };
    double squares = 0;
    double along = 0;
    for (const auto& a : initial) {
      squares += value(a) * value(a);
      along += slope(a) * value(a);
    }
    const double norm = std::sqrt(squares);
    for (std::size_t k = 0; k < initial.size(); ++k) {
      bra.amplitudes[k * kBlock<T> + lane] =
          (slope(initial[k]) - value(initial[k]) * along / squares) / norm;
    }
  }
}

// The adjoints of the tape entries as far as they are kept for each lane.
template <class T>
void BlockSweep<T>::gather_adjoints(const Bra& bra, Index lane) {
  const Program& program = shared_->program();
  std::fill(adjoints_.begin(), adjoints_.end(), 0.0);
  for (const int slot : lane_slots_) {
    const auto k = static_cast<std::size_t>(slot);
    adjoints_[static_cast<std::size_t>(program.slots[k].entry)] +=
        bra.lane_slots[k * kBlock<T> + lane];
  }
  for (std::size_t k = 0; k < program.initial.size(); ++k) {
    const int entry = program.initial[k].entry;
    if (!per_sample_ && !shared_->plan().entry_varies(entry)) continue;
    adjoints_[static_cast<std::size_t>(entry)] += bra.amplitudes[k * kBlock<T> + lane];
  }
}

template <class T>
void BlockSweep<T>::read(const Block<T>& block, std::size_t bra, Index lane,
                         std::span<double> inputs, std::span<double> weights) {
  gather_adjoints(bras_[bra], lane);
  shared_->program().tape.reverse(block.values(lane), adjoints_);
  std::copy_n(adjoints_.begin(), inputs.size(), inputs.begin());
  std::copy_n(adjoints_.begin() + static_cast<std::ptrdiff_t>(inputs.size()), weights.size(),
              weights.begin());
}

template <class T>
void BlockSweep<T>::read_shared(const Block<T>& block, Index lane, std::span<double> inputs,
                                std::span<double> shared_adjoints) {
  const Program& program = shared_->program();
  if (!inputs.empty()) {
    gather_adjoints(bras_[0], lane);
    program.tape.reverse_some(shared_->plan().varying_entries, block.values(lane), adjoints_);
    std::copy_n(adjoints_.begin(), inputs.size(), inputs.begin());
    for (const int entry : fed_) {
      shared_adjoints[static_cast<std::size_t>(entry)] +=
          adjoints_[static_cast<std::size_t>(entry)];
    }
  }
  for (std::size_t k = 0; k < program.initial.size(); ++k) {
    const int entry = program.initial[k].entry;
    if (shared_->plan().entry_varies(entry)) continue;
    shared_adjoints[static_cast<std::size_t>(entry)] += bras_[0].amplitudes[k * kBlock<T> + lane];
  }
}

template <class T>
void BlockSweep<T>::add_shared(std::span<double> shared_adjoints) {
  for (std::size_t slot = 0; slot < bras_[0].shared_slots.size(); ++slot) {
    shared_adjoints[static_cast<std::size_t>(shared_->program().slots[slot].entry)] +=
        bras_[0].shared_slots[slot];
  }
}

template class BlockSweep<float>;
template class BlockSweep<double>;

}  // namespace qsim
