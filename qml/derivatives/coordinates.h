#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "qml/derivatives/evaluate.h"
#include "qml/derivatives/shift/rule.h"
#include "qsim/compile/program.h"
#include "qsim/core/loan.h"

// A program as a function of its coordinates: the angles of its gates, each by itself, and its
// first amplitudes. By a coordinate everything is simple (a trigonometric series by an angle); the
// parameters come in by the chain rule alone, through the tape. Derivatives of second order are
// built on that.

namespace qml {

// Which parameters are differentiated by.
enum class Wrt : unsigned char { kWeights, kInputs, kAll };

// "weights", "inputs" or "all" (inputs, then weights); ValueError listing them otherwise.
Wrt wrt(std::string_view name);

// A run of a program's parameters, inputs first.
struct Range {
  std::size_t first = 0;
  std::size_t count = 0;
};
Range range_of(const qsim::Program& program, Wrt wrt);

class Coordinates {
 public:
  explicit Coordinates(const qsim::Program& source);

  // The same circuit and observables with the coordinates as its weights: the angles by slot, then
  // the amplitudes if any of them depends on a parameter.
  [[nodiscard]] const qsim::Program& program() const { return program_; }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::size_t n_angles() const { return program_.slots.size(); }
  // The entry of the source's tape that a coordinate takes its value from.
  [[nodiscard]] std::size_t entry(std::size_t coordinate) const { return entries_[coordinate]; }

 private:
  qsim::Program program_;
  std::vector<std::size_t> entries_;
};

// A program's coordinates, made once and kept with it between calls.
qsim::Loan<Coordinates> coordinates_of(const qsim::Program& source);

// One sample's place: the source's tape entries and the coordinates. Throws ValueError, naming the
// parameters, for coordinates that do not come out finite.
struct Point {
  Point(const qsim::Program& source, const Coordinates& coordinates, const Batch& batch,
        std::size_t sample);
  std::vector<double> values;
  std::vector<double> at;
};

// How coordinates move along a direction of the source's parameters.
struct Motion {
  Motion(const qsim::Program& source, const Coordinates& coordinates, const Point& point,
         std::span<const double> direction);
  std::vector<double> tangents;  // of the tape's entries
  std::vector<double> speeds;    // of the coordinates
};

// The motions along the unit directions of a range of parameters.
std::vector<Motion> unit_motions(const qsim::Program& source, const Coordinates& coordinates,
                                 const Point& point, Range range);

// Bytes that so many motions take.
double motion_bytes(const qsim::Program& source, std::size_t count);
// Coordinates that some motion moves.
std::vector<std::size_t> moving(const std::vector<Motion>& motions);

// Collects places (rows of coordinates), each with what is to become of its result, and runs them a
// batch at a time.
class Places {
 public:
  using Use = std::function<void(const Batch& batch)>;
  // run(batch) is called with up to `most` rows whenever they are full and at the end.
  Places(std::size_t most, Use run) : most_(most), run_(std::move(run)) {}
  void add(std::span<const double> row);
  void finish();

 private:
  std::size_t most_;
  Use run_;
  std::vector<double> rows_;
  std::size_t count_ = 0;
};

// The rule for ∂value/∂angle of a slot: of expectation values, from the differences of the
// generator's eigenvalues. Throws ValueError, naming the gate, where there is none (shift_rule.h).
std::vector<ShiftTerm> slot_rule(const qsim::Program& program, const qsim::Slot& slot);
// Of amplitudes, from the eigenvalues themselves.
std::vector<ShiftTerm> amplitude_rule(const qsim::Program& program, const qsim::Slot& slot);

}  // namespace qml
