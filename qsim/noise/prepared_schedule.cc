#include "qsim/noise/prepared_schedule.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "qsim/core/count_work.h"
#include "qsim/core/decompositions.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/random.h"
#include "qsim/engines/execute.h"
#include "qsim/observables/reduced_density_matrix.h"

namespace qsim {
namespace {

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

EventOutcome outcome_of(int n_qubits, const std::vector<Qubit>& qubits, const Matrix& kraus) {
  const Primitive primitive{.targets = qubits, .matrix = std::make_shared<const Matrix>(kraus)};
  EventOutcome out{.step = compile_gates(n_qubits, {&primitive, 1}, 0).steps.front(),
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
  if (!fixed) {
    out->fixed.clear();
    return out;
  }
  const Lot lot(out->fixed);
  for (std::size_t k = 0; k < out->fixed.size(); ++k) {
    const bool likelier = !out->quiet || out->fixed[k] > out->fixed[out->quiet->outcome];
    if (!out->outcomes[k].acts && likelier) out->quiet = lot.numbers_of(k);
  }
  return out;
}

constexpr std::size_t kRadix = 4;  // blocks in one of the next size
constexpr std::size_t kSizes = 6;  // of blocks, the largest of 1024 pieces

}  // namespace

double draw(std::uint64_t seed, Index shot, std::size_t event, std::size_t which) {
  Random random(seed, shot);
  random.seek(2 * event + which);
  return random.uniform();
}

Lot::Lot(std::span<const double> weights) : cumulative_(weights.size()), last_(weights.size() - 1) {
  std::partial_sum(weights.begin(), weights.end(), cumulative_.begin());
  while (last_ > 0 && !(weights[last_] > 0)) --last_;
}

std::size_t Lot::operator()(double uniform) const {
  const double value = uniform * cumulative_.back();
  std::size_t k = 0;
  while (k < last_ && cumulative_[k] <= value) ++k;
  return k;
}

QuietOutcome Lot::numbers_of(std::size_t outcome) const {
  return {
      .outcome = outcome,
      .total = cumulative_.back(),
      .low = outcome == 0 ? 0 : cumulative_[outcome - 1],
      .high = outcome == last_ ? std::numeric_limits<double>::infinity() : cumulative_[outcome]};
}

template <class T>
PreparedSchedule<T>::PreparedSchedule(const Schedule& schedule, const Binding<double>& binding,
                                      std::span<const double> coordinates)
    : schedule_(schedule),
      coordinates_(coordinates.begin(), coordinates.end()),
      events_(schedule.pieces.size()) {
  start_.values = binding.values;
  std::map<const SchedulePiece*, std::shared_ptr<const Event>, EventOrder> events;
  for (std::size_t k = 0; k < size(); ++k) {
    count_work();
    const SchedulePiece& piece = schedule.pieces[k];
    if (!piece.channel) continue;
    std::shared_ptr<const Event>& event = events[&piece];
    if (!event) event = prepared(schedule.n_qubits, piece);
    events_[k] = event;
  }
  find_rows();
  for (std::size_t k = 0, pieces = 1; k < kSizes && pieces <= size(); ++k, pieces *= kRadix) {
    blocks_.emplace_back(size() / pieces);
  }
}

template <class T>
void PreparedSchedule<T>::find_rows() {
  row_end_.resize(size());
  next_event_.resize(size());
  std::size_t begin = 0;  // of the pieces whose row's end is not known
  const auto end_row = [&](std::size_t end) {
    std::fill(row_end_.begin() + static_cast<std::ptrdiff_t>(begin),
              row_end_.begin() + static_cast<std::ptrdiff_t>(end), end);
    begin = end;
  };
  for (std::size_t k = 0; k < size(); ++k) {
    count_work();
    next_event_[k] = quiet_events_.size();
    if (schedule_.pieces[k].condition || (events_[k] && !events_[k]->quiet)) {
      end_row(k);
      row_end_[k] = k;
      begin = k + 1;
    } else if (events_[k]) {
      quiet_events_.push_back({k, *events_[k]->quiet});
    }
  }
  end_row(size());
}

template <class T>
std::size_t PreparedSchedule<T>::first_acting(std::uint64_t seed, Index shot,
                                              std::size_t at) const {
  const std::size_t end = row_end_[at];
  for (std::size_t k = next_event_[at]; k < quiet_events_.size(); ++k) {
    const QuietEvent& event = quiet_events_[k];
    if (event.at >= end) break;
    count_work();
    if (!event.quiet.is_drawn_by(draw(seed, shot, event.at))) return event.at;
  }
  return end;
}

template <class T>
void PreparedSchedule<T>::begin(State<T>& state) const {
  prepare(schedule_.angles, start_, state);
}

template <class T>
void PreparedSchedule<T>::run_gates(std::size_t first, std::size_t last, State<T>& state) const {
  while (first < last) {
    std::size_t size = 0;
    std::size_t pieces = 1;
    while (size + 1 < blocks_.size() && first % (kRadix * pieces) == 0 &&
           last - first >= kRadix * pieces) {
      ++size;
      pieces *= kRadix;
    }
    if (size > 0 || !events_[first]) {
      Block& block = blocks_[size][first / pieces];
      std::call_once(block.made, [&] { make(first, first + pieces, block); });
      run_steps(block.program, block.binding, state);
      poll_interrupt();
    }
    first += pieces;
  }
}

template <class T>
void PreparedSchedule<T>::make(std::size_t first, std::size_t last, Block& block) const {
  std::vector<Primitive> gates;
  std::size_t n_angles = 0;
  for (std::size_t k = first; k < last; ++k) {
    for (const Primitive& gate : schedule_.pieces[k].gates) {
      gates.push_back(gate);
      if (gate.kind == Primitive::Kind::kMatrix) continue;
      gates.back().angle = Parameter(angle_name(n_angles++));
    }
  }
  block.program = compile_gates(schedule_.n_qubits, gates, n_angles);
  const std::span<const double> angles(coordinates_);
  bind_parameters(block.program, angles.subspan(schedule_.pieces[first].first_coordinate, n_angles),
                  block.binding);
}

template <class T>
std::vector<double> PreparedSchedule<T>::probabilities(std::size_t at,
                                                       const State<T>& state) const {
  const Event& event = *events_[at];
  if (!event.fixed.empty()) return event.fixed;
  const std::vector<Qubit>& qubits = schedule_.pieces[at].qubits;
  std::vector<double> out;
  if (event.diagonal) {
    const std::vector<double> weights = state.probabilities(qubits);
    for (const EventOutcome& outcome : event.outcomes) {
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
  for (const EventOutcome& outcome : event.outcomes) {
    out.push_back(std::max(0.0, (outcome.square * rho).trace().real()));
  }
  return out;
}

template <class T>
void PreparedSchedule<T>::apply_outcome(std::size_t at, std::size_t k, double probability,
                                        State<T>& state) const {
  const EventOutcome& outcome = events_[at]->outcomes[k];
  if (!outcome.acts) return;
  const double factor = 1 / std::sqrt(probability);
  std::vector<std::complex<T>> scaled;
  for (const Complex c : outcome.coefficients) {
    scaled.emplace_back(static_cast<T>(factor * c.real()), static_cast<T>(factor * c.imag()));
  }
  apply<T>(outcome.step, scaled, state);
}

template class PreparedSchedule<float>;
template class PreparedSchedule<double>;

}  // namespace qsim
