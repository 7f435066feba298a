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
    parts_.push_back(part_of(segment));
  }
  look_ahead();
}

template <class T>
typename TileRunner<T>::Part TileRunner<T>::part_of(const Segment& segment) const {
  Part out;
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
bool TileRunner<T>::units_are_long(const Part& part) {
  constexpr std::size_t kLongQubits = 9;
  return part.segment.qubits.size() >= kLongQubits;
}

template <class T>
Index TileRunner<T>::chunk_count(const Part& part) {
  return std::min(bit(static_cast<int>(part.outer.size())), kMostChunks);
}

template <class T>
template <class Body>
void TileRunner<T>::for_tiles(const Part& part, std::size_t tiles_of_scratch, const Body& body) {
  const Index n_tiles = bit(static_cast<int>(part.outer.size()));
  const Index chunks = chunk_count(part);
  const int workers = chunks == 1 ? 1 : num_threads();
  const std::size_t size = tiles_of_scratch * 2 * bit(static_cast<int>(part.segment.qubits.size()));
  parallel_for_workers(chunks, workers, [&](Index chunk, int /*worker*/) {
    body(n_tiles * chunk / chunks, n_tiles * (chunk + 1) / chunks, chunk, thread_scratch<T>(size));
  });
}

template <class T>
template <class Body>
void TileRunner<T>::with_tile(const Part& part, Index k, std::span<T* const> states, T* scratch,
                              const Body& body) const {
  const int n = static_cast<int>(part.segment.qubits.size());
  const std::size_t size = 2 * bit(n);
  const std::size_t run = 2 * bit(part.run_qubits);
  const Index outer = scatter_bits(k, part.outer);
  std::array<Tile<T>, 2> tiles;
  for (std::size_t s = 0; s < states.size(); ++s, scratch += 2 * size) {
    tiles[s] = {scratch, scratch + size, n, outer};
    if (part.runs.size() == 1) {
      tiles[s].data = states[s] + 2 * outer;
      continue;
    }
    for (std::size_t r = 0; r < part.runs.size(); ++r) {
      std::memcpy(scratch + r * run, states[s] + 2 * (outer | part.runs[r]), run * sizeof(T));
    }
  }
  body(std::span(tiles).first(states.size()));
  for (std::size_t s = 0; s < states.size(); ++s) {
    for (std::size_t r = 0; r < part.runs.size(); ++r) {
      T* home = states[s] + 2 * (outer | part.runs[r]);
      if (home != tiles[s].data) std::memcpy(home, tiles[s].data + r * run, run * sizeof(T));
    }
  }
}

template <class T>
void TileRunner<T>::run(const Binding<T>& binding, State<T>& state, const PartDone& part_done) {
  bind(binding);
  double done = 0;
  for (Part& part : parts_) {
    if (part_done) part_done(done++ / static_cast<double>(parts_.size()));
    if (part.segment.qubits.empty()) {
      const Step& step = whole_step(part);
      qsim::apply(step, binding.of(step), state);
      if (n_qubits_ >= kInterruptibleQubits) poll_interrupt();
      continue;
    }
    prepare(part, binding, Direction::kForward);
    run_part(part, state);
    release(part);
  }
}

// Tells every gate on a single qubit whether the next step that does more to that qubit than read
// it is such a gate too.
template <class T>
void TileRunner<T>::look_ahead() {
  Index turns_next = 0;
  for (std::size_t p = parts_.size(); p-- > 0;) {
    Part& part = parts_[p];
    if (part.segment.qubits.empty()) {
      turns_next &= ~roles_of(whole_step(part)).mixed();
      continue;
    }
    for (std::size_t u = part.units.size(); u-- > 0;) {
      std::visit([&](auto& unit) { unit.look_ahead(*program_, turns_next); }, part.units[u]);
    }
  }
}

template <class T>
void TileRunner<T>::bind(const Binding<T>& binding) {
  Carried carried(static_cast<std::size_t>(n_qubits_), {1.0, 1.0});
  for (Part& part : parts_) {
    for (TileUnit<T>& unit : part.units) {
      if (auto* turns = std::get_if<TurnUnit<T>>(&unit)) turns->bind(*program_, binding, carried);
    }
  }
}

template <class T>
void TileRunner<T>::prepare(Part& part, const Binding<T>& binding, Direction direction) {
  for (TileUnit<T>& unit : part.units) {
    std::visit([&](auto& u) { u.prepare(binding, direction); }, unit);
  }
}

template <class T>
void TileRunner<T>::release(Part& part) {
  for (TileUnit<T>& unit : part.units) {
    std::visit([](auto& u) { u.release(); }, unit);
  }
}

template <class T>
void TileRunner<T>::run_part(const Part& part, State<T>& state) {
  const std::array<T*, 1> states{state.data()};
  const bool long_units = units_are_long(part);
  const auto apply_all = [&](std::span<Tile<T>> tiles) {
    for (const TileUnit<T>& unit : part.units) {
      if (long_units) poll_interrupt();
      std::visit([&](const auto& u) { u.apply(tiles[0]); }, unit);
    }
  };
  for_tiles(part, 2, [&](Index first, Index last, Index, T* scratch) {
    for (Index k = first; k < last; ++k) with_tile(part, k, states, scratch, apply_all);
  });
}

template <class T>
void TileRunner<T>::run_back(const Binding<T>& binding, State<T>& ket, State<T>& bra,
                             const SlopeSink& sink, Back back) {
  bind(binding);
  const bool to_start = back == Back::kToStart || !program_->initial.empty();
  std::size_t first = 0;
  if (!to_start) {
    while (first < parts_.size() && !parts_[first].has_slots) ++first;
  }
  for (std::size_t k = parts_.size(); k-- > first;) {
    prepare(parts_[k], binding, Direction::kInverse);
    run_part_back(binding, parts_[k], !to_start && k == first, ket, bra, sink);
    release(parts_[k]);
  }
}

template <class T>
void TileRunner<T>::run_part_back(const Binding<T>& binding, const Part& part, bool is_last,
                                  State<T>& ket, State<T>& bra, const SlopeSink& sink) {
  if (part.segment.qubits.empty()) {
    const Step& step = whole_step(part);
    if (step.has_slots) {
      const auto transition = apply_inverse_transition(step, binding.of(step), ket, bra);
      sink({.step = part.segment.ops.front().steps.front(), .transition = transition});
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
  while (is_last && !has_slots(part.units[end])) ++end;
  const bool long_units = units_are_long(part);
  const std::array<T*, 2> states{ket.data(), bra.data()};
  std::vector<TileSums<T>> sums(chunk_count(part), part.sums);
  for_tiles(part, 4, [&](Index first, Index last, Index chunk, T* scratch) {
    const auto back = [&](std::span<Tile<T>> tiles) {
      for (std::size_t u = part.units.size(); u-- > end;) {
        if (long_units) poll_interrupt();
        const bool undo = !is_last || u > end;
        std::visit([&](const auto& unit) { unit.back(tiles[0], tiles[1], sums[chunk], undo); },
                   part.units[u]);
      }
    };
    for (Index k = first; k < last; ++k) with_tile(part, k, states, scratch, back);
  });
  for (std::size_t chunk = 1; chunk < sums.size(); ++chunk) sums[0].add(sums[chunk]);
  for (std::size_t u = part.units.size(); u-- > end;) {
    std::visit([&](const auto& unit) { unit.read(sums[0], sink); }, part.units[u]);
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
