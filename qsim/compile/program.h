#pragma once

#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/compile/compile_arguments.h"
#include "qsim/compile/engine_kind.h"
#include "qsim/compile/names.h"
#include "qsim/compile/tape.h"
#include "qsim/core/bits.h"
#include "qsim/core/cache.h"
#include "qsim/core/observable.h"
#include "qsim/core/pauli.h"
#include "qsim/core/types.h"

namespace qsim {

struct LightCones;

// One gate inside a step, on the step's local qubits (bit k of a mask is targets[k]).
struct Factor {
  Primitive::Kind kind = Primitive::Kind::kMatrix;
  int slot = -1;           // of a rotation or evolution: its angle is the value of slot `slot`
  double scale = 1.0;      // rotation: exp(−i·scale·angle/2 · Π P)
  PauliString pauli{};     // rotation
  ControlMask controls{};  // Π, local
  Matrix matrix{};         // matrix: itself; evolution: the eigenvectors of G, in columns
  std::vector<double> eigenvalues{};  // evolution
};

// How a step acts, which alone chooses its kernel.
enum class Shape : unsigned char {
  kDense,        // coefficients: the 2^k × 2^k matrix, row by row
  kDiagonal,     // coefficients: the 2^k diagonal entries
  kPermutation,  // coefficients: the non-zero entry of each row; `source` says in which column
  kRotation,     // coefficients: α and β of α + βP
};

// A maximal product of gates that one pass over the state applies.
struct Step {
  Shape shape = Shape::kDense;
  std::vector<Qubit> targets{};  // local qubit k is targets[k]; empty for a rotation
  ControlMask controls{};
  PauliString pauli{};           // of a rotation, on the circuit's qubits
  std::vector<int> source{};     // of a permutation
  std::size_t coefficients = 0;  // where they start in a binding
  std::size_t n_coefficients = 0;
  std::vector<Factor> factors{};  // in the order in which they act
  bool has_slots = false;         // some factor has an angle slot …
  bool needs_inputs = false;      // … whose angle depends on an input
};

// The angle of slot k is entry `entry` of the tape.
struct Slot {
  int entry = 0;
  std::vector<double> eigenvalues{};  // of the generator; their differences are the frequencies
};

// What is known of a state before a program's first step: that the program prepared it, or nothing.
enum class Start : unsigned char { kPrepared, kAnyState };

// A circuit compiled once to be run many times with other parameter values, and the observables to
// be measured at its end. Parameters are ordered inputs first, then weights.
struct Program {
  int n_qubits = 0;
  std::vector<std::string> inputs{};
  std::vector<std::string> weights{};
  std::vector<Observable> observables{};
  // Whose outcomes probabilities are of, bit k of an outcome that of measured[k]; none: all qubits.
  std::vector<Qubit> measured{};

  // The amplitudes of an initialize (tape entries) and their basis states; none: |0…0⟩. A complex
  // amplitude is two entries, and a constant.
  struct Amplitude {
    int entry = 0;
    Index basis_state = 0;
    bool imaginary = false;
  };
  std::vector<Amplitude> initial{};
  std::vector<Step> steps{};
  // So many steps at the front are swaps, for any other state to begin with: all of the circuit's
  // are moved there, past gates that act on the exchanged qubits instead. They do not change
  // |0…0⟩, and `initial` has them done.
  std::size_t n_leading = 0;
  std::vector<Slot> slots{};
  Tape tape{{}};
  std::size_t n_coefficients = 0;
  // The parts that expectation values come from, where that is cheaper than the whole.
  std::shared_ptr<const LightCones> cones{};
  // How it is to run; none: as is fastest.
  std::optional<EngineKind> engine{};
  // What execution prepares for this program: plans, bound numbers, states.
  mutable Cache prepared{};

  [[nodiscard]] std::size_t n_parameters() const { return inputs.size() + weights.size(); }
  [[nodiscard]] std::size_t first_step(Start start) const {
    return start == Start::kPrepared ? n_leading : 0;
  }
};

// Inputs are listed, each name once (names.h says what else is accepted). All other parameters are
// weights: by first appearance, but vectors as a whole and in their own order, or as `weights`
// lists them. Throws ValueError for inputs that the circuit lacks, for weights that are listed
// without one that it has, and for observables over more qubits than it has.
//
//   const Program program = compile(circuit, {"ZZ", "XI"}, x);
Program compile(const Circuit& circuit, Observables observables = {}, const Names& inputs = {},
                const std::optional<Names>& weights = {});

// What it is of: "2 qubits, 3 steps, 2 inputs, 2 weights, 1 observables".
std::ostream& operator<<(std::ostream& out, const Program& program);

// The program with its inputs as weights: a sample by itself has one value of every parameter.
Program without_inputs(const Program& program);

// The amplitudes of an initialize, put into a program's tape.
std::vector<Program::Amplitude> amplitudes_of(const Operation& initialize, Tape& tape);

// The first part of compile(): a program's inputs, weights and the tape that begins with them.
void set_parameters(const Circuit& circuit, const std::vector<std::string>& inputs,
                    const AskedNames& weights, Program& program);

// The weights in order of appearance, without elements that the circuit does not use: as they were
// in files and pickles that do not say their order.
std::vector<std::string> by_appearance(const Circuit& circuit,
                                       const std::vector<std::string>& inputs);

}  // namespace qsim
