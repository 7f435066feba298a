#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/compile/bind.h"
#include "qsim/compile/program.h"

// A circuit with measurements, resets, channels and conditions, taken apart for running: gates as
// primitives, and events with several outcomes between them. A measurement, a reset and a channel
// are one thing: the outcomes of each are its Kraus operators K, with probabilities ‖Kψ‖².
//
// Shots share a state, a branch, as long as they draw the same outcomes; where they part, the most
// numerous come last, so that few states are alive (trajectories.cc). The draws of a shot follow
// from the seed, its number and the event's: grouping and threads change nothing. Final
// measurements are drawn from a branch's state at once.
//
// A density matrix is a state of 2n qubits through the same programs: U on one half, conj(U) on the
// other, channels as matrices on both; there is one for every value of the classical bits that
// something still depends on (exact_run.cc). Each angle of a schedule is a coordinate of its own:
// parameter shift moves one gate's angle wherever it is applied. Exact derivatives take one run
// forwards and one back instead (qml/derivatives/noisy_sweep.h).

namespace qsim {

// Gates in a row, or one event.
struct SchedulePiece {
  std::vector<Primitive> gates{};
  std::shared_ptr<const Channel> channel{};       // of an event
  std::vector<Qubit> qubits{};                    // … and where it acts
  int bit = -1;                                   // of a measurement
  std::shared_ptr<const ReadoutError> misread{};  // of a measurement
  std::shared_ptr<const Condition> condition{};   // acts only where it holds
  // Its gates' angles, among the schedule's coordinates.
  std::size_t first_coordinate = 0;
  std::size_t n_coordinates = 0;
};

struct FinalMeasurement {
  Qubit qubit = 0;
  int bit = 0;
  std::shared_ptr<const ReadoutError> misread{};
};

// Angles are coordinates of their own, one for every primitive that has one: coordinate k is the
// angle of slot k of `angles`, and the angle of a piece's primitive is the parameter called
// angle_name(k − first_coordinate). So one can be shifted alone, wherever its gate is applied.
struct Schedule {
  // What is wanted of the end: the classical bits, final measurements being kept apart to be drawn
  // at once; or the state, for which they are events as all others.
  enum class Goal : unsigned char { kBits, kState };
  // `inputs` and `weights` name parameters as compile() takes them (program.h).
  Schedule(const Circuit& circuit, Goal wanted, const std::vector<std::string>& inputs = {},
           const AskedNames& weights = {});

  Goal goal;
  int n_qubits = 0;
  int n_bits = 0;
  std::vector<Register> bit_registers;
  // Has no steps, but the initial amplitudes, the tape and a slot (without its spectrum) for every
  // coordinate; its parameters are the circuit's, inputs first.
  Program angles;
  std::vector<SchedulePiece> pieces;
  std::vector<FinalMeasurement> final_measurements;  // of different qubits
};

std::string angle_name(std::size_t k);

// The coordinates for the parameters' values.
std::vector<double> coordinates(const Schedule& schedule, const Binding<double>& binding);

// The eigenvalues of the generators of all coordinates.
std::vector<std::vector<double>> spectra(const Schedule& schedule);

// A program of gates in a row, with the parameters angle_name(0), angle_name(1) …
Program compile_gates(int n_qubits, std::span<const Primitive> gates, std::size_t n_coordinates);

// Classical bits are kept in words of so many.
inline constexpr int kWordBits = 64;

// Whether a condition holds for bits in such words.
bool holds(const Condition& condition, std::span<const std::uint64_t> bits);
void set_bit(std::span<std::uint64_t> bits, int position, bool value);
bool get_bit(std::span<const std::uint64_t> bits, int position);

}  // namespace qsim
