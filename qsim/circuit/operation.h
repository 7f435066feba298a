#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "qsim/circuit/gate_table.h"
#include "qsim/circuit/parameter.h"
#include "qsim/core/pauli.h"
#include "qsim/core/types.h"
#include "qsim/core/whole_number.h"

namespace qsim {

struct Control {
  Qubit qubit = 0;
  bool value = true;  // the operation acts where the qubit has this value
  bool operator==(const Control&) const = default;
};

// Controls of a gate: qubits that must be 1, {1, 2}, or {{1, false}} with their values.
struct Controls {
  Controls() = default;
  Controls(std::initializer_list<WholeNumber> qubits) {
    for (const WholeNumber qubit : qubits) list.push_back({qubit, true});
  }
  Controls(std::initializer_list<Control> controls) : list(controls) {}
  Controls(std::vector<Control> controls)  // NOLINT(google-explicit-constructor)
      : list(std::move(controls)) {}
  std::vector<Control> list{};
};

// Holds where every bit has its value or, unless `equal`, where not all have.
struct Comparison {
  std::vector<int> bits{};
  std::vector<bool> values{};
  bool equal = true;
  bool operator==(const Comparison&) const = default;
};

// Holds where all comparisons of classical bits do.
using Condition = std::vector<Comparison>;

// ρ → Σ K ρ K†. Its name and parameters are for people and files; the operators say what it does.
struct Channel {
  std::string name{};
  std::vector<double> parameters{};
  std::vector<Matrix> kraus{};
  bool operator==(const Channel&) const = default;
};

// How often a measurement is misread.
struct ReadoutError {
  double one_for_zero = 0;  // the probability of reading 1 where the outcome was 0
  double zero_for_one = 0;
  bool operator==(const ReadoutError&) const = default;
};

// Throws ValueError where one of the two is no probability.
void check_readout_error(const ReadoutError& error);

// One gate on some qubits, or what else a circuit does to them: data, checked by Circuit::add.
struct Operation {
  const GateRow* row = nullptr;
  std::vector<Expression> angles{};  // of initialize: the amplitudes
  std::vector<Qubit> targets{};
  std::vector<Control> controls{};
  std::string pauli{};                                  // of pauli_rotation: one letter per target
  std::shared_ptr<const Matrix> matrix{};               // of unitary, evolution; of initialize:
                                                        // complex amplitudes, in one column
  std::string label{};                                  // of unitary and evolution, for drawings
  int bit = -1;                                         // of measure: where the outcome goes
  std::shared_ptr<const ReadoutError> readout_error{};  // of measure
  std::shared_ptr<const Channel> channel{};             // of channel
  std::shared_ptr<const Condition> condition{};         // acts only where it holds; null: always

  [[nodiscard]] std::string symbol() const {
    if (channel) return channel->name;
    return label.empty() ? std::string(row->symbol) : label;
  }
  bool operator==(const Operation& other) const;
};

// exp(−i·scale·θ/2·P) where all controls hold, or a constant matrix, or exp(−iθ·G): what every
// operation is a product of. Kernels and gradients know only these.
struct Primitive {
  enum class Kind : unsigned char { kMatrix, kRotation, kEvolution };
  Kind kind = Kind::kMatrix;
  std::vector<Qubit> targets{};  // of a matrix
  std::vector<Control> controls{};
  std::shared_ptr<const Matrix> matrix{};  // the matrix, or G
  PauliString pauli{};                     // on the circuit's qubits
  double scale = 1.0;
  Expression angle{};
};

// In the order in which they act; none for barriers. ValueError for what is no gate and for what
// depends on classical bits.
std::vector<Primitive> lower(const Operation& operation);

Operation inverse(const Operation& operation);

// The classical bits that an operation reads (its condition) and writes (a measurement).
std::vector<int> bits_read(const Operation& operation);
std::vector<int> bits_of(const Operation& operation);

// The principal power: angles scale, constant matrices take the power of their eigenvalues. Throws
// ValueError for gates with several angles, unless the exponent is 1 or −1.
Operation power(const Operation& operation, double exponent);

// exp(−i·scale·θ/2·P) for P on k qubits, 2^k × 2^k.
Matrix rotation_matrix(const PauliString& pauli, int n_qubits, double scaled_angle);

}  // namespace qsim
