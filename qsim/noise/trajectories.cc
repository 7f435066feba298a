#include "qsim/noise/trajectories.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/long_vector.h"
#include "qsim/core/memory.h"
#include "qsim/core/parallel.h"
#include "qsim/core/random.h"
#include "qsim/noise/prepared_schedule.h"
#include "qsim/observables/expectation.h"
#include "qsim/state/sample.h"

namespace qsim {
namespace {

bool read(bool value, const ReadoutError* error, double uniform) {
  if (error == nullptr) return value;
  return value != (uniform < (value ? error->zero_for_one : error->one_for_zero));
}

// Calls body(first, last) for ranges of so many shots.
void for_ranges(std::size_t count, std::size_t size,
                const std::function<void(std::size_t, std::size_t)>& body) {
  parallel_for((count + size - 1) / size, [&](Index k) {
    poll_interrupt();
    body(k * size, std::min<Index>(count, (k + 1) * size));
  });
}

// Shots that agree so far. Branches that come from one share its state until they begin.
template <class T>
struct Branch {
  static constexpr int kOpen = -1;  // nothing is known of the next piece
  static constexpr int kActs = -2;  // its condition holds
  std::shared_ptr<State<T>> state;
  std::vector<Index> shots;
  std::size_t at = 0;  // the next piece …
  int known = kOpen;   // … and what is known of it: here, or which outcome
  double probability = 1;
};

// Runs all branches. Of those that part the one with the most shots comes last, so that there are
// no more states at a time than the binary logarithm of the number of shots, on every thread.
template <class T>
class BranchRunner {
 public:
  using Leaf = std::function<void(const State<T>&, std::span<const Index>)>;

  BranchRunner(const PreparedSchedule<T>& prepared, std::uint64_t seed, Shots& shots,
               const Leaf& leaf, Progress& progress)
      : schedule_(prepared), seed_(seed), shots_(shots), leaf_(leaf), progress_(progress) {}

  // Returns how many branches there were.
  std::int64_t run() {
    auto state = std::make_shared<State<T>>(schedule_.schedule().n_qubits);
    schedule_.begin(*state);
    auto all = long_vector<Index>(static_cast<std::size_t>(shots_.size()));
    for (Index shot = 0; shot < all.size(); ++shot) {
      count_work();
      all[shot] = shot;
    }
    look_ahead();
    waiting_.push_back({.state = std::move(state), .shots = std::move(all)});
    // Wide states have threads in their kernels, narrow ones a branch each.
    const int workers = schedule_.schedule().n_qubits < kInterruptibleQubits ? num_threads() : 1;
    parallel_for_workers(static_cast<Index>(workers), workers, [this](Index, int) { work(); });
    return n_branches_;
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    try {
      while (const auto branch = next(lock)) {
        lock.unlock();
        follow(std::move(*branch));
        lock.lock();
        --n_active_;
        if (n_active_ == 0) wake_.notify_all();
      }
    } catch (...) {
      if (!lock.owns_lock()) lock.lock();
      failed_ = true;
      wake_.notify_all();
      throw;
    }
  }

  // The next branch to follow, waiting for one that others may leave; none when all are done.
  std::unique_ptr<Branch<T>> next(std::unique_lock<std::mutex>& lock) {
    constexpr auto kInterruptEvery = std::chrono::milliseconds(50);
    while (waiting_.empty() && n_active_ > 0 && !failed_) {
      wake_.wait_for(lock, kInterruptEvery);
      lock.unlock();
      poll();
      lock.lock();
    }
    if (waiting_.empty() || failed_) return nullptr;
    auto branch = std::make_unique<Branch<T>>(std::move(waiting_.back()));
    waiting_.pop_back();
    ++n_active_;
    return branch;
  }

  // Draws the events of the first row, where all shots are, on all threads.
  void look_ahead() {
    if (!schedule_.has_quiet_events()) return;
    acting_ = long_vector<std::size_t>(static_cast<std::size_t>(shots_.size()));
    constexpr std::size_t kShots = 256;
    if (schedule_.draws_ahead(0)) {
      for_ranges(acting_.size(), kShots, [this](std::size_t first, std::size_t last) {
        for (Index shot = first; shot < last; ++shot) {
          acting_[shot] = schedule_.first_acting(seed_, shot, 0);
        }
      });
    }
  }

  // Up to where no event does anything to any of a branch's shots.
  std::size_t quiet_until(const Branch<T>& branch) {
    std::size_t out = schedule_.row_end(branch.at);
    if (!schedule_.draws_ahead(branch.at)) return out;
    for (const Index shot : branch.shots) {
      count_work();
      // What is known of an earlier piece holds until its event.
      if (acting_[shot] <= branch.at) {
        acting_[shot] = schedule_.first_acting(seed_, shot, branch.at);
      }
      out = std::min(out, acting_[shot]);
    }
    return out;
  }

  // Takes a branch to its end, or to where it parts.
  void follow(Branch<T> branch) {
    own_state(branch);
    while (branch.at < schedule_.size()) {
      poll();
      const SchedulePiece& piece = schedule_.schedule().pieces[branch.at];
      const bool open = branch.known == Branch<T>::kOpen;
      const std::size_t quiet = open ? quiet_until(branch) : branch.at;
      if (quiet > branch.at) {
        schedule_.run_gates(branch.at, quiet, *branch.state);
        branch.at = quiet;
      } else if (open && piece.condition) {
        part_by_condition(*piece.condition, branch);
      } else if (!piece.channel) {
        schedule_.run_gates(branch.at, branch.at + 1, *branch.state);
        go_on(branch);
      } else if (branch.known >= 0) {
        schedule_.apply_outcome(branch.at, static_cast<std::size_t>(branch.known),
                                branch.probability, *branch.state);
        go_on(branch);
      } else {
        part_by_outcome(piece, branch);
      }
      if (branch.shots.empty()) return;  // it has parted
    }
    ++n_branches_;
    leaf_(*branch.state, branch.shots);
    progress_.add(static_cast<std::int64_t>(branch.shots.size()));
  }

  void poll() {
    poll_interrupt();
    progress_.poll();
  }

  static void go_on(Branch<T>& branch) {
    ++branch.at;
    branch.known = Branch<T>::kOpen;
  }

  static void own_state(Branch<T>& branch) {
    if (branch.state.use_count() > 1) {
      branch.state = std::make_shared<State<T>>(*branch.state);
    } else {
      std::atomic_thread_fence(std::memory_order_acquire);  // who shared it has done reading
    }
  }

  void part_by_condition(const Condition& condition, Branch<T>& branch) {
    std::vector<Branch<T>> parts(2);
    for (const Index shot : branch.shots) {
      count_work();
      const bool acts = holds(condition, shots_.bits(static_cast<std::int64_t>(shot)));
      parts[acts ? 1 : 0].shots.push_back(shot);
    }
    parts[0].at = branch.at + 1;
    parts[1].at = branch.at;
    parts[1].known = Branch<T>::kActs;
    part(branch, std::move(parts));
  }

  void part_by_outcome(const SchedulePiece& piece, Branch<T>& branch) {
    const std::vector<double> p = schedule_.probabilities(branch.at, *branch.state);
    const Lot lot(p);
    const std::optional<QuietOutcome>& quiet = schedule_.event(branch.at).quiet;
    std::vector<Branch<T>> parts(p.size());
    for (const Index shot : branch.shots) {
      count_work();
      const bool acts = !quiet || piece.condition || acting_[shot] == branch.at;
      const std::size_t k = acts ? lot(draw(seed_, shot, branch.at)) : quiet->outcome;
      parts[k].shots.push_back(shot);
      if (piece.bit < 0) continue;
      const double misread = piece.misread ? draw(seed_, shot, branch.at, 1) : 0;
      set_bit(shots_.bits(static_cast<std::int64_t>(shot)), piece.bit,
              read(k == 1, piece.misread.get(), misread));
    }
    for (std::size_t k = 0; k < parts.size(); ++k) {
      parts[k].at = branch.at;
      parts[k].known = static_cast<int>(k);
      parts[k].probability = p[k];
    }
    part(branch, std::move(parts));
  }

  // Goes on as the only part that has shots, or leaves them all to be followed.
  void part(Branch<T>& branch, std::vector<Branch<T>> parts) {
    std::erase_if(parts, [](const Branch<T>& b) { return b.shots.empty(); });
    if (parts.size() == 1) {
      parts[0].state = std::move(branch.state);
      branch = std::move(parts[0]);
      return;
    }
    std::ranges::stable_sort(parts, std::greater(), [](const auto& b) { return b.shots.size(); });
    for (Branch<T>& b : parts) b.state = branch.state;
    branch.state = nullptr;
    branch.shots.clear();
    const std::lock_guard lock(mutex_);
    for (Branch<T>& b : parts) waiting_.push_back(std::move(b));
    wake_.notify_all();
  }

  const PreparedSchedule<T>& schedule_;
  std::uint64_t seed_;
  Shots& shots_;
  const Leaf& leaf_;
  Progress& progress_;
  std::vector<std::size_t> acting_;  // by shot, the event of its row that does something to it
  std::atomic<std::int64_t> n_branches_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Branch<T>> waiting_;
  int n_active_ = 0;
  bool failed_ = false;
};

// The final measurements, drawn from the state at the end of a branch.
class FinalDraws {
 public:
  FinalDraws(const Schedule& schedule, std::uint64_t seed, Shots& shots)
      : measurements_(schedule.final_measurements),
        event_(schedule.pieces.size()),
        seed_(seed),
        shots_(shots) {
    for (const FinalMeasurement& m : measurements_) add(m);
  }

  template <class T>
  void operator()(const State<T>& state, std::span<const Index> branch) {
    if (measurements_.empty()) return;
    auto draws = long_vector<double>(branch.size());
    constexpr std::size_t kShots = std::size_t{1} << 13;
    for_ranges(branch.size(), kShots, [&](std::size_t first, std::size_t last) {
      for (std::size_t k = first; k < last; ++k) draws[k] = draw(seed_, branch[k], event_);
    });
    const std::vector<Index> outcomes = sample_at(state, std::move(draws));
    for_ranges(branch.size(), kShots, [&](std::size_t first, std::size_t last) {
      for (std::size_t k = first; k < last; ++k) write(branch[k], outcomes[k]);
    });
  }

 private:
  // Qubits whose bits lie equally far away, in one word.
  struct Move {
    std::size_t word;
    int shift;  // to the left
    Index qubits;
    [[nodiscard]] std::uint64_t moved(Index value) const {
      return shift < 0 ? value >> -shift : value << shift;
    }
  };

  void add(const FinalMeasurement& m) {
    const auto word = static_cast<std::size_t>(m.bit / kWordBits);
    const int shift = m.bit % kWordBits - m.qubit;
    const auto found = std::ranges::find_if(
        moves_, [&](const Move& move) { return move.word == word && move.shift == shift; });
    if (found != moves_.end()) {
      found->qubits |= bit(m.qubit);
    } else {
      moves_.push_back({word, shift, bit(m.qubit)});
    }
  }

  void write(Index shot, Index outcome) {
    const auto bits = shots_.bits(static_cast<std::int64_t>(shot));
    for (const Move& move : moves_) {
      std::uint64_t& word = bits[move.word];
      word = (word & ~move.moved(move.qubits)) | move.moved(outcome & move.qubits);
    }
    std::size_t event = event_;
    for (const FinalMeasurement& m : measurements_) {
      ++event;
      if (!m.misread) continue;
      const double misread = draw(seed_, shot, event);
      set_bit(bits, m.bit, read(has_bit(outcome, m.qubit), m.misread.get(), misread));
    }
  }

  std::span<const FinalMeasurement> measurements_;
  std::size_t event_;  // of which the draw of all qubits is, before those of misreading
  std::uint64_t seed_;
  Shots& shots_;
  std::vector<Move> moves_;
};

}  // namespace

template <class T>
void sample_trajectories(const Schedule& schedule, const Binding<double>& binding,
                         std::uint64_t seed, Shots& shots, Progress& progress) {
  const PreparedSchedule<T> prepared(schedule, binding, coordinates(schedule, binding));
  FinalDraws draw_final(schedule, seed, shots);
  const typename BranchRunner<T>::Leaf leaf =
      [&](const State<T>& state, std::span<const Index> branch) { draw_final(state, branch); };
  shots.n_branches = BranchRunner<T>(prepared, seed, shots, leaf, progress).run();
}

template <class T>
TrajectoryMeans trajectory_expectations(const Schedule& schedule, const Binding<double>& binding,
                                        std::span<const double> coordinates,
                                        std::span<const Observable> observables,
                                        std::int64_t trajectories, std::uint64_t seed) {
  require(trajectories >= 1, "the number of trajectories is ", trajectories,
          "; it must be at least 1");
  const std::size_t n = observables.size();
  const auto count = static_cast<std::size_t>(trajectories);
  require_memory(sizeof(double) * static_cast<double>(n) * static_cast<double>(count),
                 concat("the values of ", trajectories, " trajectories"));
  auto values = long_vector<double>(n * count);  // added in the order of the shots, on any threads
  Shots shots(schedule.n_bits, {}, trajectories);
  const PreparedSchedule<T> prepared(schedule, binding, coordinates);
  const typename BranchRunner<T>::Leaf leaf = [&](const State<T>& state,
                                                  std::span<const Index> branch) {
    const std::vector<double> found = expectations(observables, state);
    for (const Index shot : branch) std::ranges::copy(found, values.data() + shot * n);
  };
  TrajectoryMeans out{std::vector<double>(n), std::vector<double>(n), 0};
  Progress untold(trajectories, {});
  out.n_branches = BranchRunner<T>(prepared, seed, shots, leaf, untold).run();
  for (std::size_t k = 0; k < n; ++k) {
    double sum = 0;
    for (std::size_t shot = 0; shot < count; ++shot) {
      count_work();
      sum += values[shot * n + k];
    }
    out.means[k] = sum / static_cast<double>(count);
    double squares = 0;
    for (std::size_t shot = 0; shot < count; ++shot) {
      count_work();
      const double deviation = values[shot * n + k] - out.means[k];
      squares += deviation * deviation;
    }
    out.errors[k] = std::sqrt(variance_of_mean(squares / static_cast<double>(count), trajectories));
  }
  return out;
}

// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define KETGRAD_INSTANTIATE(T)                                                                 \
  template void sample_trajectories<T>(const Schedule&, const Binding<double>&, std::uint64_t, \
                                       Shots&, Progress&);                                     \
  template TrajectoryMeans trajectory_expectations<T>(                                         \
      const Schedule&, const Binding<double>&, std::span<const double>,                        \
      std::span<const Observable>, std::int64_t, std::uint64_t);
KETGRAD_INSTANTIATE(float)
KETGRAD_INSTANTIATE(double)
#undef KETGRAD_INSTANTIATE
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace qsim
