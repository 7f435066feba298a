#include "qml/derivatives/coordinates.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>
#include <string>

#include "qml/derivatives/differentiate.h"
#include "qsim/compile/bind.h"
#include "qsim/compile/spectrum.h"
#include "qsim/core/error.h"

namespace qml {
namespace {

using qsim::Program;

constexpr std::array kWrt{std::pair{Wrt::kWeights, "weights"}, std::pair{Wrt::kInputs, "inputs"},
                          std::pair{Wrt::kAll, "all"}};

bool amplitudes_move(const Program& program) {
  const int n = program.tape.n_parameters();
  return std::ranges::any_of(program.initial, [&](const Program::Amplitude& a) {
    return program.tape.depends_on(a.entry, 0, n);
  });
}

// The gate of a slot, for messages: "evolution on the qubits 0, 1".
std::string gate_of(const Program& program, const qsim::Slot& slot) {
  const std::ptrdiff_t number = &slot - program.slots.data();
  for (const qsim::Step& step : program.steps) {
    for (const qsim::Factor& factor : step.factors) {
      if (factor.slot != number) continue;
      qsim::Index qubits = step.pauli.support();
      for (const qsim::Qubit q : step.targets) qubits |= qsim::bit(q);
      std::string out =
          factor.kind == qsim::Primitive::Kind::kEvolution ? "evolution" : "Pauli rotation";
      for (const char* gap = " on the qubits "; qubits != 0; qubits &= qubits - 1, gap = ", ") {
        out += qsim::concat(gap, std::countr_zero(qubits));
      }
      return out;
    }
  }
  return "gate";
}

// Calls make(), naming the gate of the slot in what it throws.
template <class Make>
std::vector<ShiftTerm> for_gate(const Program& program, const qsim::Slot& slot, const Make& make) {
  try {
    return make();
  } catch (const qsim::ValueError& error) {
    qsim::fail("the ", gate_of(program, slot), ": ", error.what(), "; use adjoint");
  }
}

}  // namespace

Wrt wrt(std::string_view name) {
  std::string names;
  for (const auto& [value, text] : kWrt) {
    if (name == text) return value;
    names += qsim::concat(names.empty() ? "" : ", ", text);
  }
  qsim::fail("there is no wrt '", name, "'; there is ", names);
}

Range range_of(const Program& program, Wrt wrt) {
  const std::size_t n_inputs = program.inputs.size();
  switch (wrt) {
    case Wrt::kWeights:
      return {n_inputs, program.weights.size()};
    case Wrt::kInputs:
      return {0, n_inputs};
    case Wrt::kAll:
      return {0, program.n_parameters()};
  }
  return {};
}

Coordinates::Coordinates(const Program& source) : program_(source) {
  program_.inputs.clear();
  program_.weights.clear();
  const auto add = [this](int& entry, const char* kind) {
    program_.weights.push_back(qsim::concat(kind, "[", entries_.size(), "]"));
    entries_.push_back(static_cast<std::size_t>(entry));
    entry = static_cast<int>(entries_.size()) - 1;
  };
  for (qsim::Slot& slot : program_.slots) add(slot.entry, "angle");
  const bool move = amplitudes_move(source);
  if (move) {
    for (auto& amplitude : program_.initial) add(amplitude.entry, "amplitude");
  }
  program_.tape = qsim::Tape(program_.weights);
  if (!move && !source.initial.empty()) {  // constants stay constants
    std::vector<double> values(source.tape.size());
    source.tape.evaluate(std::vector<double>(source.n_parameters(), 0.0), values);
    for (auto& amplitude : program_.initial) {
      amplitude.entry = program_.tape.add(values[static_cast<std::size_t>(amplitude.entry)]);
    }
  }
  for (qsim::Step& step : program_.steps) step.needs_inputs = false;
}

qsim::Loan<Coordinates> coordinates_of(const Program& source) {
  return {source.prepared, 0, [&] { return std::make_unique<Coordinates>(source); }};
}

Point::Point(const Program& source, const Coordinates& coordinates, const Batch& batch,
             std::size_t sample)
    : values(source.tape.size()), at(coordinates.size()) {
  const std::size_t n_inputs = source.inputs.size();
  const std::size_t n_weights = source.weights.size();
  std::vector<double> parameters(n_inputs + n_weights);
  const std::size_t row = batch.weights_per_sample ? sample : 0;
  std::ranges::copy(batch.inputs.subspan(sample * n_inputs, n_inputs), parameters.begin());
  std::ranges::copy(batch.weights.subspan(row * n_weights, n_weights),
                    parameters.begin() + static_cast<std::ptrdiff_t>(n_inputs));
  source.tape.evaluate(parameters, values);
  for (std::size_t k = 0; k < at.size(); ++k) {
    const std::size_t entry = coordinates.entry(k);
    qsim::require_finite_entry(source, static_cast<int>(entry),
                               k < coordinates.n_angles() ? "an angle" : "an amplitude", values);
    at[k] = values[entry];
  }
}

Motion::Motion(const Program& source, const Coordinates& coordinates, const Point& point,
               std::span<const double> direction)
    : tangents(source.tape.size()), speeds(coordinates.size()) {
  std::ranges::copy(direction, tangents.begin());
  source.tape.forward(point.values, tangents);
  for (std::size_t k = 0; k < speeds.size(); ++k) speeds[k] = tangents[coordinates.entry(k)];
}

std::vector<Motion> unit_motions(const Program& source, const Coordinates& coordinates,
                                 const Point& point, Range range) {
  std::vector<Motion> out;
  std::vector<double> direction(source.n_parameters(), 0.0);
  for (std::size_t p = range.first; p < range.first + range.count; ++p) {
    direction[p] = 1.0;
    out.emplace_back(source, coordinates, point, direction);
    direction[p] = 0.0;
  }
  return out;
}

double motion_bytes(const Program& source, std::size_t count) {
  const std::size_t numbers = source.tape.size() + source.slots.size() + source.initial.size();
  return static_cast<double>(count) * static_cast<double>(numbers) * sizeof(double);
}

std::vector<std::size_t> moving(const std::vector<Motion>& motions) {
  std::vector<std::size_t> out;
  const std::size_t n = motions.empty() ? 0 : motions.front().speeds.size();
  for (std::size_t k = 0; k < n; ++k) {
    const auto moves = [k](const Motion& motion) { return motion.speeds[k] != 0.0; };
    if (std::ranges::any_of(motions, moves)) out.push_back(k);
  }
  return out;
}

void Places::add(std::span<const double> row) {
  rows_.insert(rows_.end(), row.begin(), row.end());
  if (++count_ == most_) finish();
}

void Places::finish() {
  if (count_ == 0) return;
  run_({.size = count_, .weights = rows_, .weights_per_sample = true});
  rows_.clear();
  count_ = 0;
}

std::vector<ShiftTerm> slot_rule(const Program& program, const qsim::Slot& slot) {
  return for_gate(program, slot, [&] { return shift_rule_of(slot.eigenvalues); });
}

// An amplitude is Σ_λ c_λ exp(−iλθ). A shift rule is odd in the frequency, so that one for all |λ|
// gives the derivative of every term, also where λ is negative or zero. Where |λ| is the same for
// all, one term does: −iλ exp(−iλθ) = |λ| exp(−iλ(θ + π/2|λ|)).
std::vector<ShiftTerm> amplitude_rule(const Program& program, const qsim::Slot& slot) {
  std::vector<double> sizes{0.0};
  for (const double eigenvalue : slot.eigenvalues) sizes.push_back(std::abs(eigenvalue));
  const bool all_zero = std::ranges::all_of(sizes, [](double size) { return size == 0; });
  if (all_zero) return {};
  const double smallest = std::ranges::min(std::span(sizes).subspan(1));
  sizes = qsim::distinct_eigenvalues(std::move(sizes));  // 0 and what cannot be told from it first
  sizes.erase(sizes.begin());
  if (sizes.size() == 1 && smallest >= sizes.front()) {
    return {{sizes.front(), std::numbers::pi / (2 * sizes.front())}};
  }
  return for_gate(program, slot, [&] { return shift_rule(sizes); });
}

}  // namespace qml
