#pragma once

#include <memory>
#include <string>
#include <vector>

#include "qsim/circuit/parameter.h"
#include "qsim/core/pauli.h"
#include "qsim/core/types.h"
#include "qsim/gates/gate_table.h"

namespace qsim {

struct Control {
  Qubit qubit = 0;
  bool value = true;  // the operation acts where the qubit has this value
  bool operator==(const Control&) const = default;
};

// One gate on some qubits: data, checked by Circuit::add.
struct Operation {
  const GateRow* row = nullptr;
  std::vector<Expression> angles;  // of initialize: the amplitudes
  std::vector<Qubit> targets;
  std::vector<Control> controls;
  std::string pauli;                     // of pauli_rotation: one letter per target
  std::shared_ptr<const Matrix> matrix;  // of unitary and evolution
  std::string label;                     // of unitary and evolution, for drawings

  [[nodiscard]] std::string symbol() const {
    return label.empty() ? std::string(row->symbol) : label;
  }
  bool operator==(const Operation& other) const;
};

// exp(−i·scale·θ/2·P) where all controls hold, or a constant matrix, or exp(−iθ·G): what every
// operation is a product of. Kernels and gradients know only these.
struct Primitive {
  enum class Kind : unsigned char { kMatrix, kRotation, kEvolution };
  Kind kind = Kind::kMatrix;
  std::vector<Qubit> targets;  // of a matrix
  std::vector<Control> controls;
  std::shared_ptr<const Matrix> matrix;  // the matrix, or G
  PauliString pauli;                     // on the circuit's qubits
  double scale = 1.0;
  Expression angle;
};

// In the order in which they act. Not for initialize.
std::vector<Primitive> lower(const Operation& operation);

Operation inverse(const Operation& operation);

// The principal power: angles scale, constant matrices take the power of their eigenvalues. Throws
// ValueError for gates with several angles, unless the exponent is 1 or −1.
Operation power(const Operation& operation, double exponent);

// exp(−i·scale·θ/2·P) for P on k qubits, 2^k × 2^k.
Matrix rotation_matrix(const PauliString& pauli, int n_qubits, double scaled_angle);

}  // namespace qsim
