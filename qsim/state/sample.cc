#include "qsim/state/sample.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "qsim/core/bits.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/long_vector.h"
#include "qsim/core/parallel.h"
#include "qsim/state/weights.h"

// Shots by the inverse of the cumulative distribution. The state is cut into chunks whose weights
// are summed first. Draws are sorted into the chunks they fall into, by counting, and then looked
// up in one chunk after the other, so that every look-up stays in the cache. A shot follows from
// its draw alone, so the order of the work does not matter.

namespace qsim {
namespace {

constexpr int kLeastChunkBits = 10;
constexpr int kMostChunksBits = 12;
constexpr Index kShotsOfBlock = Index{1} << 14;
constexpr Index kMostBlocks = 256;

// Cumulative weights, cut by value into as many buckets as there are weights, with the number of
// sums before each bucket: where to start looking.
class Cumulative {
 public:
  // Weights become their cumulative sums. The buckets pay for many look-ups only.
  void reset(std::vector<double>&& weights, bool buckets) {
    sums_ = std::move(weights);
    n_ = sums_.size();
    last_ = 0;  // rounding may leave draws beyond the last sum
    double sum = 0;
    for (std::size_t k = 0; k < sums_.size(); ++k) {
      last_ = sums_[k] > 0 ? k : last_;
      sum += sums_[k];
      sums_[k] = sum;
    }
    total_ = sum;
    per_total_ = sum > 0 ? static_cast<double>(n_) / sum : 0;
    starts_.assign(buckets ? n_ + 2 : 0, 0);
    if (buckets) {
      for (const double value : sums_) ++starts_[bucket(value) + 1];
      std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
    }
    sums_.insert(sums_.end(), kSteps, std::numeric_limits<double>::infinity());
  }

  [[nodiscard]] double total() const { return total_; }
  [[nodiscard]] double before(std::size_t k) const { return k == 0 ? 0 : sums_[k - 1]; }

  // The first entry whose cumulative sum exceeds the value, else the last of positive weight.
  [[nodiscard]] std::size_t find(double value) const {
    if (starts_.empty()) {
      const auto found = std::upper_bound(sums_.begin(), sums_.end(), value);
      return std::min(static_cast<std::size_t>(found - sums_.begin()), last_);
    }
    const std::size_t b = bucket(value);
    std::size_t first = starts_[b];
    // Most buckets end within steps that no branch has to guess.
    for (int step = 0; step < kSteps; ++step) first += sums_[first] <= value ? 1U : 0U;
    if (sums_[first] <= value) {
      const auto at = [&](std::size_t k) { return sums_.begin() + static_cast<std::ptrdiff_t>(k); };
      const auto found = std::upper_bound(at(first), at(starts_[b + 1]), value);
      first = static_cast<std::size_t>(found - sums_.begin());
    }
    return std::min(first, last_);
  }

 private:
  // Grows with the value, so that sums in lower buckets are smaller.
  [[nodiscard]] std::size_t bucket(double value) const {
    return std::min(static_cast<std::size_t>(std::max(0.0, value * per_total_)), n_);
  }

  static constexpr int kSteps = 2;
  std::size_t n_ = 0;
  double total_ = 0;
  std::vector<double> sums_;  // and infinities behind them, which end every step
  std::vector<std::uint32_t> starts_;
  std::size_t last_ = 0;
  double per_total_ = 0;
};

struct Draw {
  double value;
  std::size_t shot;
};

template <class T>
class Sampler {
 public:
  Sampler(const State<T>& state, std::vector<double>&& draws)
      : Sampler(state, draws.size(), std::move(draws)) {}

  // The basis states of the draws, or of those from a seed's stream.
  std::vector<Index> run(std::optional<std::uint64_t> seed = {}) {
    sum_chunks();
    parallel_for(n_blocks_, [&](Index block) { draw(block, seed); });
    place();
    auto placed = long_vector<Draw>(draws_.size());
    parallel_for(n_blocks_, [&](Index block) { scatter(block, placed); });
    parallel_for(n_chunks_, [&](Index chunk) { look_up(chunk, placed); });
    return std::move(out_);
  }

 private:
  Sampler(const State<T>& state, std::size_t shots, std::vector<double>&& draws)
      : state_(&state),
        chunk_bits_(std::min(state.n_qubits(),
                             std::max(kLeastChunkBits, state.n_qubits() - kMostChunksBits))),
        n_chunks_(bit(state.n_qubits() - chunk_bits_)),
        block_(std::max(kShotsOfBlock, shots / kMostBlocks + 1)),
        n_blocks_((shots + block_ - 1) / block_),
        draws_(std::move(draws)),
        chunks_(long_vector<std::uint16_t>(shots)),
        counts_(n_blocks_ * n_chunks_),
        out_(long_vector<Index>(shots)) {}

  [[nodiscard]] std::vector<double> weights(Index chunk) const {
    std::vector<double> out(bit(chunk_bits_));
    read_weights(*state_, chunk << chunk_bits_, out.size(), out.data());
    return out;
  }

  void sum_chunks() {
    std::vector<double> sums(n_chunks_);
    parallel_for(n_chunks_, [&](Index chunk) {
      poll_interrupt();
      sums[chunk] = sum_weights(*state_, chunk << chunk_bits_, bit(chunk_bits_));
    });
    of_chunks_.reset(std::move(sums), true);
  }

  [[nodiscard]] std::size_t end_of(Index block) const {
    return static_cast<std::size_t>(std::min<Index>(draws_.size(), (block + 1) * block_));
  }

  // The draws of a block of shots, the chunks they fall into, and how many fall into each.
  void draw(Index block, std::optional<std::uint64_t> seed) {
    poll_interrupt();
    std::uint32_t* const counts = counts_.data() + block * n_chunks_;
    const std::span<double> draws(draws_.data() + block * block_, end_of(block) - block * block_);
    if (seed) {
      Random random(*seed);
      random.seek(block * block_);
      random.fill_uniform(draws);
    }
    for (std::size_t k = 0; k < draws.size(); ++k) {
      count_work();
      draws[k] *= of_chunks_.total();
      const std::size_t chunk = of_chunks_.find(draws[k]);
      chunks_[block * block_ + k] = static_cast<std::uint16_t>(chunk);
      ++counts[chunk];
    }
  }

  // Counts become the places where a block puts its draws of a chunk.
  void place() {
    starts_.assign(n_chunks_ + 1, 0);
    places_.resize(counts_.size());
    std::size_t next = 0;
    for (Index chunk = 0; chunk < n_chunks_; ++chunk) {
      starts_[chunk] = next;
      for (Index block = 0; block < n_blocks_; ++block) {
        places_[block * n_chunks_ + chunk] = next;
        next += counts_[block * n_chunks_ + chunk];
      }
    }
    starts_[n_chunks_] = next;
  }

  void scatter(Index block, std::vector<Draw>& placed) {
    std::size_t* const places = places_.data() + block * n_chunks_;
    for (std::size_t k = block * block_; k < end_of(block); ++k) {
      count_work();
      placed[places[chunks_[k]]++] = {draws_[k], k};
    }
  }

  void look_up(Index chunk, const std::vector<Draw>& placed) {
    if (starts_[chunk] == starts_[chunk + 1]) return;
    poll_interrupt();
    Cumulative cumulative;
    const std::size_t count = starts_[chunk + 1] - starts_[chunk];
    constexpr std::size_t kPaying = 8;  // buckets to a look-up
    cumulative.reset(weights(chunk), count * kPaying > bit(chunk_bits_));
    const double before = of_chunks_.before(chunk);
    for (std::size_t k = starts_[chunk]; k < starts_[chunk + 1]; ++k) {
      count_work();
      const auto& [value, shot] = placed[k];
      out_[shot] = (chunk << chunk_bits_) | cumulative.find(value - before);
    }
  }

  const State<T>* state_;
  int chunk_bits_;
  Index n_chunks_;
  std::size_t block_;
  Index n_blocks_;
  Cumulative of_chunks_;
  std::vector<double> draws_;
  std::vector<std::uint16_t> chunks_;
  std::vector<std::uint32_t> counts_;
  std::vector<std::size_t> places_;
  std::vector<std::size_t> starts_;
  std::vector<Index> out_;
};

void require_shot_memory(std::int64_t shots) {
  constexpr double kBytesPerShot =
      sizeof(Draw) + sizeof(double) + sizeof(std::uint16_t) + sizeof(Index);
  require_memory(kBytesPerShot * static_cast<double>(shots), concat("drawing ", shots, " shots"));
}

}  // namespace

template <class T>
std::vector<Index> State<T>::sample(std::int64_t shots, std::uint64_t seed) const {
  require(shots >= 1, "the number of shots is ", shots, "; it must be at least 1");
  require_shot_memory(shots);
  return Sampler<T>(*this, long_vector<double>(static_cast<std::size_t>(shots))).run(seed);
}

template <class T>
std::vector<Index> sample_at(const State<T>& state, std::vector<double> draws) {
  require_shot_memory(static_cast<std::int64_t>(draws.size()));
  return Sampler<T>(state, std::move(draws)).run();
}

template std::vector<Index> State<float>::sample(std::int64_t, std::uint64_t) const;
template std::vector<Index> State<double>::sample(std::int64_t, std::uint64_t) const;
template std::vector<Index> sample_at(const State<float>&, std::vector<double>);
template std::vector<Index> sample_at(const State<double>&, std::vector<double>);

}  // namespace qsim
