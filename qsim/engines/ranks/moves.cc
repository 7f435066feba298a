#include "qsim/engines/ranks/moves.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <exception>
#include <memory>
#include <utility>

#include "qsim/core/bits.h"
#include "qsim/core/memory.h"
#include "qsim/core/parallel.h"

namespace qsim {
namespace {

std::atomic<std::size_t> requested_piece{0};

template <class T>
Index piece_amplitudes() {
  const std::size_t requested = requested_piece;
  const std::size_t bytes = requested > 0 ? requested : kPieceBytes;
  return std::max<Index>(bytes / (2 * sizeof(T)), 1);
}

// The amplitudes whose bits at some positions have one value, in the order of the others.
class Subset {
 public:
  Subset(std::vector<int> positions, Index value) : positions_(std::move(positions)) {
    value_ = scatter_bits(value, positions_);
    std::ranges::sort(positions_);
  }
  [[nodiscard]] Index at(Index k) const {
    for (const int p : positions_) k = insert_zero_bit(k, p);
    return k | value_;
  }
  // So many lie one behind another, at least.
  [[nodiscard]] Index run(Index most) const {
    return positions_.empty() ? most : std::min(bit(positions_.front()), most);
  }

 private:
  std::vector<int> positions_;
  Index value_ = 0;
};

constexpr Index kThreadedAmplitudes = Index{1} << 16;  // of a copy; fewer on one thread

// Calls body(first, last) for ranges of runs.
template <class Body>
void for_runs(Index runs, Index run, const Body& body) {
  constexpr Index kMostParts = 64;
  if (runs * run < kThreadedAmplitudes) return body(Index{0}, runs);
  const Index parts = std::min(kMostParts, runs);
  parallel_for(parts, [&](Index k) { body(runs * k / parts, runs * (k + 1) / parts); });
}

// Copies amplitudes [first, first + count) of a subset, in whole blocks of the layout where they
// lie so.
template <class T>
void pack(const State<T>& state, const Subset& subset, Index first, Index count, T* out) {
  const Index run = subset.run(count);
  if (run < kBlock<T>) {
    for (Index k = 0; k < count; ++k) {
      const std::complex<T> a = state.get(subset.at(first + k));
      out[2 * k] = a.real();
      out[2 * k + 1] = a.imag();
    }
    return;
  }
  for_runs(count / run, run, [&](Index begin, Index end) {
    for (Index k = begin; k < end; ++k) {
      const T* const from = state.data() + 2 * subset.at(first + k * run);
      std::copy(from, from + 2 * run, out + 2 * k * run);
    }
  });
}

template <class T>
void unpack(const T* in, const Subset& subset, Index first, Index count, State<T>& state) {
  const Index run = subset.run(count);
  if (run < kBlock<T>) {
    for (Index k = 0; k < count; ++k) {
      state.set(subset.at(first + k), {in[2 * k], in[2 * k + 1]});
    }
    return;
  }
  for_runs(count / run, run, [&](Index begin, Index end) {
    for (Index k = begin; k < end; ++k) {
      const T* const from = in + 2 * k * run;
      std::copy(from, from + 2 * run, state.data() + 2 * subset.at(first + k * run));
    }
  });
}

// Trades subsets of amplitudes for those of partners.
template <class T>
class Mover {
 public:
  Mover(Communicator& comm, Index of_subset)
      : comm_(comm), count_(of_subset), piece_(std::min(of_subset, piece_amplitudes<T>())) {
    for (auto& buffer : buffers_) buffer = aligned_array<T>(2 * piece_);
  }

  // Amplitudes of `from` for what becomes those of `to`, which may be the same state.
  void move(int partner, const Subset& subset, const State<T>& from, State<T>& to) {
    for (Index first = 0; first < count_; first += piece_) {
      T* const out = buffers_[at_].get();
      careful([&] { pack(from, subset, first, piece_, out); });
      const Piece before = arrived();
      T* const in = buffers_[2 + at_].get();
      comm_.start(partner, bytes(out), bytes(in), Communicator::Traffic::kAmplitudes);
      under_way_ = {&subset, first, &to, in};
      settle(before);
      at_ = 1 - at_;
    }
  }
  void finish() {
    settle(arrived());
    comm_.together([this] {
      if (error_) std::rethrow_exception(error_);
    });
  }

 private:
  struct Piece {
    const Subset* subset = nullptr;
    Index first = 0;
    State<T>* to = nullptr;
    T* in = nullptr;
  };

  // The piece that was under way, once it is here.
  Piece arrived() {
    if (under_way_.to != nullptr) comm_.finish();
    return std::exchange(under_way_, {});
  }
  void settle(const Piece& piece) {
    if (piece.to == nullptr) return;
    careful([&] { unpack(piece.in, *piece.subset, piece.first, piece_, *piece.to); });
  }
  // An interrupt waits for the end of the move: partners do.
  template <class Body>
  void careful(const Body& body) {
    try {
      if (!error_) body();
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  std::span<std::byte> bytes(T* buffer) const {
    return std::as_writable_bytes(std::span(buffer, 2 * piece_));
  }

  Communicator& comm_;
  Index count_;
  Index piece_;
  std::array<AlignedArray<T>, 4> buffers_;  // two to send, two to receive
  std::size_t at_ = 0;
  Piece under_way_;
  std::exception_ptr error_;
};

}  // namespace

void set_piece_bytes(std::size_t bytes) { requested_piece = bytes; }

template <class T>
void exchange(Communicator& comm, const std::vector<QubitSwap>& swaps, const QubitOrder& order,
              State<T>& state) {
  if (swaps.empty()) return;
  const int k = static_cast<int>(swaps.size());
  std::vector<int> local;
  std::vector<int> of_rank;
  for (const QubitSwap& s : swaps) {
    local.push_back(s.local);
    of_rank.push_back(s.global - order.n_local());
  }
  const Index own = gather_bits(order.number_of(comm.rank()), of_rank);
  std::vector<Subset> subsets;
  for (Index other = 0; other < bit(k); ++other) subsets.emplace_back(local, own ^ other);
  std::unique_ptr<Mover<T>> mover;
  comm.together([&] { mover = std::make_unique<Mover<T>>(comm, bit(state.n_qubits() - k)); });
  for (Index other = 1; other < bit(k); ++other) {
    const int partner = comm.rank() ^ static_cast<int>(scatter_bits(other, of_rank));
    mover->move(partner, subsets[other], state, state);
  }
  mover->finish();
}

template <class T>
void show(Communicator& comm, int partner, const State<T>& mine, State<T>& theirs) {
  const Subset all({}, 0);
  std::unique_ptr<Mover<T>> mover;
  comm.together([&] { mover = std::make_unique<Mover<T>>(comm, mine.size()); });
  mover->move(partner, all, mine, theirs);
  mover->finish();
}

template void exchange(Communicator&, const std::vector<QubitSwap>&, const QubitOrder&,
                       State<float>&);
template void exchange(Communicator&, const std::vector<QubitSwap>&, const QubitOrder&,
                       State<double>&);
template void show(Communicator&, int, const State<float>&, State<float>&);
template void show(Communicator&, int, const State<double>&, State<double>&);

}  // namespace qsim
