#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>

#include "qsim/circuit/named_values.h"
#include "qsim/compile/bind.h"
#include "qsim/compile/program.h"
#include "qsim/state/state.h"

namespace qsim {

// From this many qubits on, interrupts are asked for after every step that acts on a whole state;
// tiles.cc has the rule for all others.
inline constexpr int kInterruptibleQubits = 16;

// One step on a state.
template <class T>
void apply(const Step& step, std::span<const std::complex<T>> coefficients, State<T>& state);

// The step's inverse on a state.
template <class T>
void apply_inverse(const Step& step, std::span<const std::complex<T>> coefficients,
                   State<T>& state);

// One step of a backward sweep, not of a permutation, which has no slots: what the transition
// kernels do (kernels.h), on all parts.
template <class T>
std::vector<Complex> apply_inverse_transition(const Step& step,
                                              std::span<const std::complex<T>> coefficients,
                                              State<T>& ket, State<T>& bra);

// The program's initial state: |0…0⟩, or its amplitudes, normalised. ValueError where they are all
// zero.
template <class T>
void prepare(const Program& program, const Binding<T>& binding, State<T>& state);

// Told what part of a run is done, after every trip through memory.
using PartDone = std::function<void(double)>;

// All steps on any state.
template <class T>
void run_steps(const Program& program, const Binding<T>& binding, State<T>& state,
               const PartDone& part_done = {});

// prepare, then run_steps.
template <class T>
void run(const Program& program, const Binding<T>& binding, State<T>& state);

// What a backward sweep tells of a step with slots: of one on a single qubit the imaginary parts of
// ⟨bra|P|ket⟩ for P = X, Y, Z, of any other the transition (kernels.h); both after the step.
struct StepSlope {
  int step = 0;
  std::span<const double> axes{};
  std::span<const Complex> transition{};
};
using SlopeSink = std::function<void(const StepSlope&)>;

// How far a backward sweep goes: to the first step with slots, or all the way where amplitudes are
// parameters too; or all the way.
enum class Back : unsigned char { kAsNeeded, kToStart };

// Takes ket and bra, which are at the program's end, back and reports the slope of every step with
// slots.
template <class T>
void run_back(const Program& program, const Binding<T>& binding, Start start, State<T>& ket,
              State<T>& bra, const SlopeSink& sink, Back back = Back::kAsNeeded);

// The state a circuit prepares for the given parameter values. Throws ValueError for missing values
// and for unknown names.
template <class T = double>
State<T> simulate(const Circuit& circuit, const Values& values = {});

// A circuit's gates on an existing state.
template <class T>
void apply(const Circuit& circuit, const Values& values, State<T>& state);

// The circuit as a 2^n × 2^n matrix, n ≤ 12, without initialize.
Matrix unitary(const Circuit& circuit, const Values& values = {});

// The circuit to a power. Of gates on different qubits angles are scaled, constant matrices take
// their principal power; of any other circuit an integer repeats it or its inverse, and any other
// exponent takes the principal power of its matrix and needs values for its parameters.
Circuit power(const Circuit& circuit, double exponent, const Values& values = {});

// The parameter values in the order of a program that has weights only.
std::vector<double> ordered_values(const Program& program, const Values& values);

}  // namespace qsim
