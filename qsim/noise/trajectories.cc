#include "qsim/noise/trajectories.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <utility>

#include "qsim/core/count_work.h"
#include "qsim/core/decompositions.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/long_vector.h"
#include "qsim/core/memory.h"
#include "qsim/core/parallel.h"
#include "qsim/core/random.h"
#include "qsim/engines/execute.h"
#include "qsim/observables/expectation.h"
#include "qsim/observables/reduced_density_matrix.h"
#include "qsim/state/sample.h"

namespace qsim {
namespace {

// Two numbers for every event of every shot, whoever else has the event.
double draw(std::uint64_t seed, Index shot, std::size_t event, std::size_t which = 0) {
  Random random(seed, shot);
  random.seek(2 * event + which);
  return random.uniform();
}

bool read(bool value, const ReadoutError* error, double uniform) {
  if (error == nullptr) return value;
  return value != (uniform < (value ? error->zero_for_one : error->one_for_zero));
}

// One Kraus operator K of an event, as a step on the state.
struct Outcome {
  Step step;
  std::vector<Complex> coefficients{};
  Matrix square;  // K†K
  bool acts = true;
};

// An event, ready to run.
struct Event {
  std::vector<Outcome> outcomes;
  std::vector<double> fixed;  // their probabilities, where no state changes them
  bool diagonal = true;       // whether all K†K are
};

// Orders events by what they do to a state, so that equal ones are prepared once: circuits have
// thousands of them, from few channels.
struct EventOrder {
  bool operator()(const SchedulePiece* a, const SchedulePiece* b) const {
    if (a->qubits != b->qubits) return a->qubits < b->qubits;
    return a->channel != b->channel &&
           std::ranges::lexicographical_compare(a->channel->kraus, b->channel->kraus, less);
  }

 private:
  static bool less(const Matrix& a, const Matrix& b) {
    const auto numbers = [](const Matrix& m) {
      return std::span(m.data(), static_cast<std::size_t>(m.size()));
    };
    const auto parts = [](const Complex& c) { return std::pair(c.real(), c.imag()); };
    return std::ranges::lexicographical_compare(numbers(a), numbers(b), {}, parts, parts);
  }
};

// A piece of the schedule, ready to run: a program of gates, or an event.
template <class T>
struct PreparedPiece {
  Program program;
  Binding<T> binding;
  std::shared_ptr<const Event> event;
};

Outcome outcome_of(int n_qubits, const std::vector<Qubit>& qubits, const Matrix& kraus) {
  const Primitive primitive{.targets = qubits, .matrix = std::make_shared<const Matrix>(kraus)};
  Outcome out{.step = compile_gates(n_qubits, {&primitive, 1}, 0).steps.front(),
              .square = gram(kraus)};
  out.coefficients = constant_coefficients(out.step);
  out.acts = !kraus.isApprox(kraus(0, 0) * Matrix::Identity(kraus.rows(), kraus.cols()), 0);
  return out;
}

// Rounding apart, K†K of an operator that is a number times a unitary.
bool is_multiple_of_identity(const Matrix& square) {
  constexpr double kRounding = 1e-14;
  const Matrix rest = square - square(0, 0) * Matrix::Identity(square.rows(), square.cols());
  return rest.cwiseAbs().maxCoeff() <= kRounding;
}

std::shared_ptr<const Event> prepared(int n_qubits, const SchedulePiece& piece) {
  auto out = std::make_shared<Event>();
  bool fixed = true;
  for (const Matrix& kraus : piece.channel->kraus) {
    out->outcomes.push_back(outcome_of(n_qubits, piece.qubits, kraus));
    const Matrix& square = out->outcomes.back().square;
    fixed = fixed && is_multiple_of_identity(square);
    out->fixed.push_back(square(0, 0).real());
    const Matrix diagonal = square.diagonal().asDiagonal();
    out->diagonal = out->diagonal && (square - diagonal).isZero(0);
  }
  if (!fixed) out->fixed.clear();
  return out;
}

// What trajectories do to a state, and with what probability.
template <class T>
class PreparedSchedule {
 public:
  PreparedSchedule(const Schedule& schedule, const Binding<double>& binding,
                   std::span<const double> coordinates)
      : schedule_(schedule), pieces_(schedule.pieces.size()) {
    start_.values = binding.values;
    std::map<const SchedulePiece*, std::shared_ptr<const Event>, EventOrder> events;
    for (std::size_t k = 0; k < pieces_.size(); ++k) {
      count_work();
      const SchedulePiece& piece = schedule.pieces[k];
      if (piece.channel) {
        std::shared_ptr<const Event>& event = events[&piece];
        if (!event) event = prepared(schedule.n_qubits, piece);
        pieces_[k].event = event;
        continue;
      }
      pieces_[k].program = compile_gates(schedule.n_qubits, piece.gates, piece.n_coordinates);
      bind_parameters(pieces_[k].program,
                      coordinates.subspan(piece.first_coordinate, piece.n_coordinates),
                      pieces_[k].binding);
    }
  }

  [[nodiscard]] const Schedule& schedule() const { return schedule_; }
  [[nodiscard]] std::size_t size() const { return pieces_.size(); }

  void begin(State<T>& state) const { prepare(schedule_.angles, start_, state); }
  void run_gates(std::size_t at, State<T>& state) const {
    run_steps(pieces_[at].program, pieces_[at].binding, state);
  }

  // ‖Kψ‖² of all outcomes K.
  [[nodiscard]] std::vector<double> probabilities(std::size_t at, const State<T>& state) const {
    const Event& event = *pieces_[at].event;
    if (!event.fixed.empty()) return event.fixed;
    const std::vector<Qubit>& qubits = schedule_.pieces[at].qubits;
    std::vector<double> out;
    if (event.diagonal) {
      const std::vector<double> weights = state.probabilities(qubits);
      for (const Outcome& outcome : event.outcomes) {
        double sum = 0;
        for (std::size_t k = 0; k < weights.size(); ++k) {
          const auto i = static_cast<Eigen::Index>(k);
          sum += outcome.square(i, i).real() * weights[k];
        }
        out.push_back(sum);
      }
      return out;
    }
    const Matrix rho = reduced_density_matrix(state, qubits);
    for (const Outcome& outcome : event.outcomes) {
      out.push_back(std::max(0.0, (outcome.square * rho).trace().real()));
    }
    return out;
  }

  // ψ ← Kψ/√p.
  void apply_outcome(std::size_t at, std::size_t k, double probability, State<T>& state) const {
    const Outcome& outcome = pieces_[at].event->outcomes[k];
    if (!outcome.acts) return;
    const double factor = 1 / std::sqrt(probability);
    std::vector<std::complex<T>> scaled;
    for (const Complex c : outcome.coefficients) {
      scaled.emplace_back(static_cast<T>(factor * c.real()), static_cast<T>(factor * c.imag()));
    }
    apply<T>(outcome.step, scaled, state);
  }

 private:
  const Schedule& schedule_;
  Binding<T> start_;
  std::vector<PreparedPiece<T>> pieces_;
};

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

  // Takes a branch to its end, or to where it parts.
  void follow(Branch<T> branch) {
    own_state(branch);
    while (branch.at < schedule_.size()) {
      poll();
      const SchedulePiece& piece = schedule_.schedule().pieces[branch.at];
      const bool open = branch.known == Branch<T>::kOpen;
      if (open && piece.condition) {
        part_by_condition(*piece.condition, branch);
      } else if (!piece.channel) {
        schedule_.run_gates(branch.at, *branch.state);
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
    std::vector<double> cumulative(p.size());
    std::partial_sum(p.begin(), p.end(), cumulative.begin());
    std::size_t last = p.size() - 1;  // rounding may leave draws beyond the last sum
    while (last > 0 && !(p[last] > 0)) --last;
    std::vector<Branch<T>> parts(p.size());
    for (const Index shot : branch.shots) {
      count_work();
      const double value = draw(seed_, shot, branch.at) * cumulative.back();
      std::size_t k = 0;
      while (k < last && cumulative[k] <= value) ++k;
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
  std::atomic<std::int64_t> n_branches_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Branch<T>> waiting_;
  int n_active_ = 0;
  bool failed_ = false;
};

constexpr Index kShotsAtATime = Index{1} << 13;

// Calls body(first, last) for ranges of so many shots.
void for_ranges(std::size_t count, const std::function<void(std::size_t, std::size_t)>& body) {
  parallel_for((count + kShotsAtATime - 1) / kShotsAtATime, [&](Index k) {
    poll_interrupt();
    body(k * kShotsAtATime, std::min<Index>(count, (k + 1) * kShotsAtATime));
  });
}

// Draws the final measurements of a branch's shots from its state.
template <class T>
void measure_all(const Schedule& schedule, std::uint64_t seed, const State<T>& state,
                 std::span<const Index> branch, Shots& shots) {
  if (schedule.final_measurements.empty()) return;
  const std::size_t event = schedule.pieces.size();
  auto draws = long_vector<double>(branch.size());
  for_ranges(branch.size(), [&](std::size_t first, std::size_t last) {
    for (std::size_t k = first; k < last; ++k) draws[k] = draw(seed, branch[k], event);
  });
  const std::vector<Index> outcomes = sample_at(state, std::move(draws));
  for_ranges(branch.size(), [&](std::size_t first, std::size_t last) {
    for (std::size_t k = first; k < last; ++k) {
      const auto bits = shots.bits(static_cast<std::int64_t>(branch[k]));
      std::size_t next = event;
      for (const FinalMeasurement& m : schedule.final_measurements) {
        ++next;
        const double misread = m.misread ? draw(seed, branch[k], next) : 0;
        set_bit(bits, m.bit, read(has_bit(outcomes[k], m.qubit), m.misread.get(), misread));
      }
    }
  });
}

}  // namespace

template <class T>
void sample_trajectories(const Schedule& schedule, const Binding<double>& binding,
                         std::uint64_t seed, Shots& shots, Progress& progress) {
  const PreparedSchedule<T> prepared(schedule, binding, coordinates(schedule, binding));
  const typename BranchRunner<T>::Leaf leaf = [&](const State<T>& state,
                                                  std::span<const Index> branch) {
    measure_all(schedule, seed, state, branch, shots);
  };
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
