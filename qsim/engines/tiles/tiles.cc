#include "qsim/engines/tiles/tiles.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>

#include "qsim/core/interrupt.h"
#include "qsim/core/parallel.h"

namespace qsim {
namespace {

// 256 KiB a tile: ket, bra and scratch stay in a second-level cache.
constexpr int kTileBits = 18;
// Runs of half a kilobyte keep memory busy and leave a tile room for other qubits.
constexpr int kRunBits = 9;
// Sums are added up in this many chunks of tiles, whatever the number of threads.
constexpr Index kMostChunks = 32;

// Two numbers set at once. Aligned as one: clang otherwise calls a library, which is not linked.
struct alignas(sizeof(TileSize)) RequestedTile {
  TileSize size;
};
std::atomic<RequestedTile> requested_tile{RequestedTile{}};
static_assert(std::atomic<RequestedTile>::is_always_lock_free);

template <class T>
constexpr int kAmplitudeBits = std::countr_zero(2 * sizeof(T));

// Of the calling thread, as long as it lives, for all programs: circuits with noise are thousands.
template <class T>
T* thread_scratch(std::size_t size) {
  thread_local AlignedArray<T> numbers;
  thread_local std::size_t kept = 0;
  if (kept < size) {
    numbers = aligned_array<T>(size);
    kept = size;
  }
  return numbers.get();
}

}  // namespace

void set_tile_size(TileSize size) { requested_tile = {size}; }

template <class T>
TileSize tile_size() {
  const TileSize requested = requested_tile.load().size;
  if (requested.qubits == 0) return {kTileBits - kAmplitudeBits<T>, kRunBits - kAmplitudeBits<T>};
  return {std::max(requested.qubits, kBlockBits<T>), std::max(requested.low, kBlockBits<T>)};
}

template <class T>
bool has_tiles(int n_qubits) {
  return n_qubits >= kBlockBits<T>;
}

template <class T>
std::size_t pass_count(const Program& program) {
  return segments_of(program, program.n_qubits, tile_size<T>(), Start::kPrepared).size();
}

template <class T>
TileRunner<T>::TileRunner(const Program& program, int n_qubits, Start start)
    : program_(&program),
      n_qubits_(n_qubits),
      start_(start),
      target_(kernels<T>().target),
      size_(tile_size<T>()) {
  for (const Segment& segment : segments_of(program, n_qubits, size_, start)) {
    tiled_.push_back(tiled_of(segment));
  }
  look_ahead();
}

template <class T>
typename TileRunner<T>::TiledSegment TileRunner<T>::tiled_of(const Segment& segment) const {
  TiledSegment out;
  out.segment = segment;
  for (const TileOp& op : out.segment.ops) {
    for (const int k : op.steps) {
      out.has_slots |= program_->steps[static_cast<std::size_t>(k)].has_slots;
    }
  }
  const auto& qubits = out.segment.qubits;
  if (qubits.empty()) return out;
  for (std::size_t k = 0; k < qubits.size() && qubits[k] == static_cast<Qubit>(k); ++k) {
    ++out.run_qubits;
  }
  const auto above = std::span(qubits).subspan(static_cast<std::size_t>(out.run_qubits));
  for (Index c = 0; c < bit(static_cast<int>(above.size())); ++c) {
    out.runs.push_back(scatter_bits(c, above));
  }
  for (Index rest = out.segment.reach & ~mask_of(qubits); rest != 0; rest &= rest - 1) {
    out.outer.push_back(std::countr_zero(rest));
  }
  out.units = units_of<T>(*program_, out.segment, out.outer.empty(), out.sums);
  return out;
}

template <class T>
Loan<TileRunner<T>> TileRunner<T>::of(const Program& program, int n_qubits, Start start) {
  const auto make = [&] { return std::make_unique<TileRunner<T>>(program, n_qubits, start); };
  const TileSize size = tile_size<T>();
  const auto fits = [&](const TileRunner& kept) {
    return kept.target_ == kernels<T>().target && kept.size_.qubits == size.qubits &&
           kept.size_.low == size.low;
  };
  const std::size_t key = 2 * static_cast<std::size_t>(n_qubits) + static_cast<std::size_t>(start);
  return Loan<TileRunner<T>>(program.prepared, key, make, fits);
}

// Asking for interrupts takes tens of nanoseconds.
template <class T>
bool TileRunner<T>::units_are_long(const TiledSegment& tiled) {
  constexpr std::size_t kLongQubits = 9;
  return tiled.segment.qubits.size() >= kLongQubits;
}

template <class T>
Index TileRunner<T>::chunk_count(const TiledSegment& tiled) {
  return std::min(bit(static_cast<int>(tiled.outer.size())), kMostChunks);
}

template <class T>
template <class Body>
void TileRunner<T>::for_tiles(const TiledSegment& tiled, std::size_t tiles_of_scratch,
                              const Body& body) {
  const Index n_tiles = bit(static_cast<int>(tiled.outer.size()));
  const Index chunks = chunk_count(tiled);
  const int workers = chunks == 1 ? 1 : num_threads();
  const std::size_t size =
      tiles_of_scratch * 2 * bit(static_cast<int>(tiled.segment.qubits.size()));
  parallel_for_workers(chunks, workers, [&](Index chunk, int /*worker*/) {
    body(n_tiles * chunk / chunks, n_tiles * (chunk + 1) / chunks, chunk, thread_scratch<T>(size));
  });
}

template <class T>
template <class Body>
void TileRunner<T>::with_tile(const TiledSegment& tiled, Index k, std::span<T* const> states,
                              T* scratch, const Body& body) const {
  const int n = static_cast<int>(tiled.segment.qubits.size());
  const std::size_t size = 2 * bit(n);
  const std::size_t run = 2 * bit(tiled.run_qubits);
  const Index outer = scatter_bits(k, tiled.outer);
  std::array<Tile<T>, 2> tiles;
  for (std::size_t s = 0; s < states.size(); ++s, scratch += 2 * size) {
    tiles[s] = {scratch, scratch + size, n, outer};
    if (tiled.runs.size() == 1) {
      tiles[s].data = states[s] + 2 * outer;
      continue;
    }
    for (std::size_t r = 0; r < tiled.runs.size(); ++r) {
      std::memcpy(scratch + r * run, states[s] + 2 * (outer | tiled.runs[r]), run * sizeof(T));
    }
  }
  body(std::span(tiles).first(states.size()));
  for (std::size_t s = 0; s < states.size(); ++s) {
    for (std::size_t r = 0; r < tiled.runs.size(); ++r) {
      T* home = states[s] + 2 * (outer | tiled.runs[r]);
      if (home != tiles[s].data) std::memcpy(home, tiles[s].data + r * run, run * sizeof(T));
    }
  }
}

template <class T>
void TileRunner<T>::run(const Binding<T>& binding, State<T>& state, const PartDone& part_done) {
  bind(binding);
  double done = 0;
  for (TiledSegment& tiled : tiled_) {
    if (part_done) part_done(done++ / static_cast<double>(tiled_.size()));
    if (tiled.segment.qubits.empty()) {
      const Step& step = whole_step(tiled);
      qsim::apply(step, binding.of(step), state);
      if (n_qubits_ >= kInterruptibleQubits) poll_interrupt();
      continue;
    }
    prepare(tiled, binding, Direction::kForward);
    run_tiled(tiled, state);
    release(tiled);
  }
}

// Tells every gate on a single qubit whether what comes next takes its phases.
template <class T>
void TileRunner<T>::look_ahead() {
  Index takers = 0;
  for (std::size_t p = tiled_.size(); p-- > 0;) {
    TiledSegment& tiled = tiled_[p];
    if (tiled.segment.qubits.empty()) {
      tiled.mixed = roles_of(whole_step(tiled)).mixed();
      takers &= ~tiled.mixed;
      continue;
    }
    for (std::size_t u = tiled.units.size(); u-- > 0;) {
      std::visit([&](auto& unit) { unit.look_ahead(*program_, takers); }, tiled.units[u]);
    }
  }
}

template <class T>
void TileRunner<T>::bind(const Binding<T>& binding) {
  Carried carried(static_cast<std::size_t>(n_qubits_));
  for (TiledSegment& tiled : tiled_) {
    end_ways(tiled.mixed, carried);
    for (TileUnit<T>& unit : tiled.units) {
      std::visit([&](auto& u) { u.bind(*program_, binding, carried); }, unit);
    }
  }
}

template <class T>
void TileRunner<T>::prepare(TiledSegment& tiled, const Binding<T>& binding, Direction direction) {
  for (TileUnit<T>& unit : tiled.units) {
    std::visit([&](auto& u) { u.prepare(binding, direction); }, unit);
  }
}

template <class T>
void TileRunner<T>::release(TiledSegment& tiled) {
  for (TileUnit<T>& unit : tiled.units) {
    std::visit([](auto& u) { u.release(); }, unit);
  }
}

template <class T>
void TileRunner<T>::run_tiled(const TiledSegment& tiled, State<T>& state) {
  const std::array<T*, 1> states{state.data()};
  const bool long_units = units_are_long(tiled);
  const auto apply_all = [&](std::span<Tile<T>> tiles) {
    for (const TileUnit<T>& unit : tiled.units) {
      if (long_units) poll_interrupt();
      std::visit([&](const auto& u) { u.apply(tiles[0]); }, unit);
    }
  };
  for_tiles(tiled, 2, [&](Index first, Index last, Index, T* scratch) {
    for (Index k = first; k < last; ++k) with_tile(tiled, k, states, scratch, apply_all);
  });
}

template <class T>
void TileRunner<T>::run_back(const Binding<T>& binding, State<T>& ket, State<T>& bra,
                             const SlopeSink& sink, Back back) {
  bind(binding);
  const bool to_start = back == Back::kToStart || !program_->initial.empty();
  std::size_t first = 0;
  if (!to_start) {
    while (first < tiled_.size() && !tiled_[first].has_slots) ++first;
  }
  for (std::size_t k = tiled_.size(); k-- > first;) {
    prepare(tiled_[k], binding, Direction::kInverse);
    run_tiled_back(binding, tiled_[k], !to_start && k == first, ket, bra, sink);
    release(tiled_[k]);
  }
}

template <class T>
void TileRunner<T>::run_tiled_back(const Binding<T>& binding, const TiledSegment& tiled,
                                   bool is_last, State<T>& ket, State<T>& bra,
                                   const SlopeSink& sink) {
  if (tiled.segment.qubits.empty()) {
    const Step& step = whole_step(tiled);
    if (step.has_slots) {
      const auto transition = apply_inverse_transition(step, binding.of(step), ket, bra);
      sink({.step = tiled.segment.ops.front().steps.front(), .transition = transition});
    } else {
      apply_inverse(step, binding.of(step), ket);
      apply_inverse(step, binding.of(step), bra);
    }
    if (n_qubits_ >= kInterruptibleQubits) poll_interrupt();
    return;
  }
  const auto has_slots = [](const TileUnit<T>& unit) {
    return std::visit([](const auto& u) { return u.has_slots(); }, unit);
  };
  // The last unit with slots is measured, and undone only where more is to come.
  std::size_t end = 0;
  while (is_last && !has_slots(tiled.units[end])) ++end;
  const bool long_units = units_are_long(tiled);
  const std::array<T*, 2> states{ket.data(), bra.data()};
  std::vector<TileSums<T>> sums(chunk_count(tiled), tiled.sums);
  for_tiles(tiled, 4, [&](Index first, Index last, Index chunk, T* scratch) {
    const auto back = [&](std::span<Tile<T>> tiles) {
      for (std::size_t u = tiled.units.size(); u-- > end;) {
        if (long_units) poll_interrupt();
        const bool undo = !is_last || u > end;
        std::visit([&](const auto& unit) { unit.back(tiles[0], tiles[1], sums[chunk], undo); },
                   tiled.units[u]);
      }
    };
    for (Index k = first; k < last; ++k) with_tile(tiled, k, states, scratch, back);
  });
  for (std::size_t chunk = 1; chunk < sums.size(); ++chunk) sums[0].add(sums[chunk]);
  for (std::size_t u = tiled.units.size(); u-- > end;) {
    std::visit([&](const auto& unit) { unit.read(sums[0], sink); }, tiled.units[u]);
  }
}

template TileSize tile_size<float>();
template TileSize tile_size<double>();
template std::size_t pass_count<float>(const Program&);
template std::size_t pass_count<double>(const Program&);
template bool has_tiles<float>(int);
template bool has_tiles<double>(int);
template class TileRunner<float>;
template class TileRunner<double>;

}  // namespace qsim
