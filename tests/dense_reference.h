#pragma once

#include <Eigen/Core>
#include <cmath>
#include <complex>
#include <cstdint>
#include <functional>
#include <map>
#include <numbers>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/core/observable.h"
#include "qsim/state/state.h"

// A slow, obvious simulator to test the fast one against. It shares nothing with the library but
// the description of a circuit: it has its own textbook matrix for every gate, and acts with it by
// the definition of a tensor product, one basis state after the other.

namespace reference {

using Complex = std::complex<double>;
using Matrix = Eigen::MatrixXcd;
using Vector = Eigen::VectorXcd;
using Values = std::map<std::string, double>;

inline constexpr double kPi = std::numbers::pi;
inline constexpr Complex kI{0, 1};

// The largest error of a few gates on a normalised state in a precision.
template <class T>
inline constexpr double kTolerance = sizeof(T) == sizeof(float) ? 5e-6 : 1e-12;

// The larger one; NaN where either is, so that it is below no limit.
inline double larger(double a, double b) { return b > a || std::isnan(b) ? b : a; }
// The same of all absolute values.
template <class Derived>
double largest(const Eigen::MatrixBase<Derived>& entries) {
  return entries.cwiseAbs().template maxCoeff<Eigen::PropagateNaN>();
}

// Whether gate_matrix has a matrix for the row of that name (initialize has none to have).
bool knows(std::string_view name);

// The operation's textbook matrix on its targets, without its controls.
Matrix gate_matrix(const qsim::Operation& op, const Values& values = {});

// `matrix` on the targets (bit k of its index is targets[k]) where all controls hold.
Vector apply(const Matrix& matrix, const std::vector<int>& targets,
             const std::vector<qsim::Control>& controls, const Vector& in);
Vector apply(const qsim::Operation& op, const Values& values, const Vector& in);
Vector apply(const qsim::Circuit& circuit, const Values& values, Vector state);
Vector simulate(const qsim::Circuit& circuit, const Values& values = {});

// The 2^n × 2^n matrices of the same.
Matrix embed(const Matrix& matrix, const std::vector<int>& targets,
             const std::vector<qsim::Control>& controls, int n_qubits);
Matrix unitary(const qsim::Circuit& circuit, const Values& values = {});

// M_ab = Σ_rest ket_a conj(bra_b) on the targets where the controls hold.
Matrix transition(const Vector& ket, const Vector& bra, const std::vector<int>& targets,
                  const std::vector<qsim::Control>& controls);

Matrix exponential(const Matrix& matrix);            // Σ Aᵏ/k!
Matrix kronecker(const Matrix& a, const Matrix& b);  // a on the more significant bits
Matrix pauli(std::string_view letters);              // "ZIX": qubit 0 rightmost
Matrix pauli(const qsim::PauliString& string, int n_qubits);
Matrix observable(const qsim::Observable& observable, int n_qubits);

// Random numbers for tests, the same on every platform for a seed.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  double uniform(double low = 0, double high = 1);
  double normal();
  int below(int bound);
  bool coin() { return below(2) == 1; }
  std::vector<int> qubits(int count, int n_qubits);  // distinct, in random order
  Vector state(int n_qubits);
  Matrix unitary(int n_qubits);
  Matrix hermitian(int n_qubits);

 private:
  std::mt19937_64 engine_;
};

struct RandomCircuit {
  int n_qubits = 3;
  int n_gates = 30;
  int max_controls = 3;
  bool named = false;  // angles are expressions of parameters, some of them shared
};

// Gates of all rows of the table on random targets and controls.
qsim::Circuit random_circuit(const RandomCircuit& options, Dice& dice);
// An operation of a row on given qubits: random angles, and whatever the row carries.
qsim::Operation operation_on(const qsim::GateRow& row, std::vector<int> targets,
                             std::vector<qsim::Control> controls, Dice& dice);
// The same on random targets and controls.
qsim::Operation random_operation(const qsim::GateRow& row, int n_qubits, int max_controls,
                                 Dice& dice);
Values random_values(const qsim::Circuit& circuit, Dice& dice);

// Every ordered choice of `count` of n qubits.
std::vector<std::vector<int>> arrangements(int count, int n_qubits);
// Every set of controls with values on the qubits that are not targets.
std::vector<std::vector<qsim::Control>> control_sets(const std::vector<int>& targets, int n_qubits);

// Runs the body with every instruction set and 1 and 2 threads, and restores the defaults.
void for_each_configuration(const std::function<void()>& body);
void for_each_target(const std::function<void()>& body);  // with 1 thread only

template <class T>
qsim::State<T> to_state(const Vector& amplitudes) {
  std::vector<std::complex<T>> narrow;
  for (const Complex& a : amplitudes) narrow.emplace_back(a);
  return qsim::State<T>::from_amplitudes(narrow);
}

template <class T>
Vector to_vector(const qsim::State<T>& state) {
  Vector out(static_cast<Eigen::Index>(state.size()));
  for (Eigen::Index i = 0; i < out.size(); ++i) {
    out(i) = Complex(state.amplitude(static_cast<qsim::Index>(i)));
  }
  return out;
}

template <class T>
double difference(const qsim::State<T>& state, const Vector& expected) {
  return largest(to_vector(state) - expected);
}

inline double difference(const Matrix& a, const Matrix& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return INFINITY;
  return largest(a - b);
}

// What the body's error says, or "nothing was thrown".
template <class E, class Body>
std::string error_of(const Body& body) {
  try {
    body();
  } catch (const E& error) {
    return error.what();
  }
  return "nothing was thrown";
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace reference
