#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "qsim/compile/bind.h"
#include "qsim/compile/program.h"
#include "qsim/noise/schedule.h"
#include "qsim/state/state.h"

// A schedule, ready to be run by trajectories: what its pieces do to a state, and with what
// probability.
//
// Where no state changes an event's probabilities and its likeliest outcome does nothing, as with
// Pauli channels, a shot knows ahead which events will do something to it. Between them it runs
// gates alone: pieces in a row, events passed over, are compiled as one, in blocks of 4^k pieces
// that are made when a branch first needs them.

namespace qsim {

// One Kraus operator K of an event, as a step on the state.
struct EventOutcome {
  Step step;
  std::vector<Complex> coefficients{};
  Matrix square;  // K†K
  bool acts = true;
};

// An outcome that does nothing, drawn by the numbers in [low, high) of [0, total).
struct QuietOutcome {
  std::size_t outcome = 0;
  double total = 1;
  double low = 0;
  double high = 1;
  [[nodiscard]] bool is_drawn_by(double uniform) const {
    const double value = uniform * total;
    return low <= value && value < high;
  }
};

// An event, ready to run.
struct Event {
  std::vector<EventOutcome> outcomes;
  std::vector<double> fixed;            // their probabilities, where no state changes them
  std::optional<QuietOutcome> quiet{};  // the likeliest, where they are fixed
  bool diagonal = true;                 // whether all K†K are
};

// Which of some outcomes a number in [0, 1) draws, in proportion to their weights.
class Lot {
 public:
  explicit Lot(std::span<const double> weights);
  [[nodiscard]] std::size_t operator()(double uniform) const;
  [[nodiscard]] QuietOutcome numbers_of(std::size_t outcome) const;

 private:
  std::vector<double> cumulative_;
  std::size_t last_;  // rounding may leave numbers beyond the last sum
};

// Two numbers for every event of every shot, whoever else has the event.
double draw(std::uint64_t seed, Index shot, std::size_t event, std::size_t which = 0);

template <class T>
class PreparedSchedule {
 public:
  PreparedSchedule(const Schedule& schedule, const Binding<double>& binding,
                   std::span<const double> coordinates);

  [[nodiscard]] const Schedule& schedule() const { return schedule_; }
  [[nodiscard]] std::size_t size() const { return schedule_.pieces.size(); }

  void begin(State<T>& state) const;
  // The gates of the pieces in [first, last), one piece or some of one row.
  void run_gates(std::size_t first, std::size_t last, State<T>& state) const;

  // A row of pieces, gates and events with quiet outcomes, without conditions, needs no state for
  // its draws. Its end; `at` where `at` is in none.
  [[nodiscard]] std::size_t row_end(std::size_t at) const { return row_end_[at]; }
  [[nodiscard]] bool has_quiet_events() const { return !quiet_events_.empty(); }
  // Whether at's row has events from `at` on.
  [[nodiscard]] bool draws_ahead(std::size_t at) const {
    const std::size_t next = next_event_[at];
    return next < quiet_events_.size() && quiet_events_[next].at < row_end_[at];
  }
  // The first event from `at` on, in its row, that does something to a shot; the row's end where
  // none does.
  [[nodiscard]] std::size_t first_acting(std::uint64_t seed, Index shot, std::size_t at) const;
  [[nodiscard]] const Event& event(std::size_t at) const { return *events_[at]; }

  // ‖Kψ‖² of all outcomes K.
  [[nodiscard]] std::vector<double> probabilities(std::size_t at, const State<T>& state) const;

  // ψ ← Kψ/√p.
  void apply_outcome(std::size_t at, std::size_t k, double probability, State<T>& state) const;

 private:
  // Pieces in a row, compiled when they are first run.
  struct Block {
    std::once_flag made;
    Program program;
    Binding<T> binding;
  };
  struct QuietEvent {
    std::size_t at;
    QuietOutcome quiet;
  };

  void find_rows();
  void make(std::size_t first, std::size_t last, Block& block) const;

  const Schedule& schedule_;
  std::vector<double> coordinates_;
  Binding<T> start_;
  std::vector<std::shared_ptr<const Event>> events_;  // by piece; null for gates
  std::vector<std::size_t> row_end_;                  // by piece
  std::vector<std::size_t> next_event_;               // by piece of a row, of quiet_events_
  std::vector<QuietEvent> quiet_events_;              // of all rows
  mutable std::vector<std::vector<Block>> blocks_;    // of 4^k pieces, every k
};

}  // namespace qsim
