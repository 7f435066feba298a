#include "qsim/library/random_circuits.h"

#include <Eigen/LU>
#include <array>
#include <cmath>
#include <complex>
#include <utility>
#include <vector>

#include "qsim/circuit/room.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/random.h"

namespace qsim {
namespace {

using Matrix4 = Eigen::Matrix4cd;

// Uniform by Haar's measure: the columns of a matrix of normal numbers, made orthonormal one by one
// (Mezzadri 2007, arXiv:math-ph/0609050), and the determinant 1.
Matrix4 random_su4(Random& random) {
  constexpr std::size_t kWork = 100;
  count_work(kWork);
  Matrix4 out;
  for (int column = 0; column < 4; ++column) {
    for (int row = 0; row < 4; ++row) {
      const double re = random.normal();
      out(row, column) = {re, random.normal()};
    }
  }
  for (int column = 0; column < 4; ++column) {
    for (int pass = 0; pass < 2; ++pass) {  // the second takes what rounding has left
      for (int before = 0; before < column; ++before) {
        out.col(column) -= out.col(before).dot(out.col(column)) * out.col(before);
      }
      out.col(column).normalize();
    }
  }
  return out * std::polar(1.0, -std::arg(out.determinant()) / 4);
}

// Two Paulis without their signs: X^x Z^z on every qubit.
struct PauliPair {
  std::vector<char> x{};
  std::vector<char> z{};
};

// Adds Clifford gates to a circuit and takes Paulis through them.
class Sweep {
 public:
  Sweep(Circuit& circuit, int n) : circuit_(circuit), pauli_(2), n_(n) {
    for (PauliPair& pauli : pauli_) {
      pauli.x.assign(static_cast<std::size_t>(n), 0);
      pauli.z.assign(static_cast<std::size_t>(n), 0);
    }
  }

  // Two Paulis on the qubits from `first` on that anticommute.
  void draw(int first, Random& random) {
    do {
      draw_one(pauli_[0], first, random);
    } while (is_identity(pauli_[0], first));
    do {
      draw_one(pauli_[1], first, random);
    } while (commute(first));
  }

  // Makes them X and Z of the first qubit, up to signs.
  void clear(int first) {
    make_x(pauli_[0], first);
    if (is_z(pauli_[1], first)) return;
    h(first);  // the first Pauli is Z now, which nothing below changes
    make_x(pauli_[1], first);
    h(first);
  }

 private:
  void draw_one(PauliPair& pauli, int first, Random& random) const {
    for (auto q = static_cast<std::size_t>(first); q < pauli.x.size(); ++q) {
      count_work();
      const std::uint64_t bits = random.bits();
      pauli.x[q] = static_cast<char>(bits & 1U);
      pauli.z[q] = static_cast<char>((bits >> 1U) & 1U);
    }
  }

  [[nodiscard]] bool is_identity(const PauliPair& pauli, int first) const {
    for (auto q = static_cast<std::size_t>(first); q < pauli.x.size(); ++q) {
      if (pauli.x[q] != 0 || pauli.z[q] != 0) return false;
    }
    return true;
  }

  [[nodiscard]] bool is_z(const PauliPair& pauli, int first) const {
    for (auto q = static_cast<std::size_t>(first); q < pauli.x.size(); ++q) {
      const bool here = q == static_cast<std::size_t>(first);
      if (pauli.x[q] != 0 || (pauli.z[q] != 0) != here) return false;
    }
    return true;
  }

  [[nodiscard]] bool commute(int first) const {
    int sign = 0;
    for (auto q = static_cast<std::size_t>(first); q < pauli_[0].x.size(); ++q) {
      sign ^= (pauli_[0].x[q] & pauli_[1].z[q]) ^ (pauli_[0].z[q] & pauli_[1].x[q]);
    }
    return sign == 0;
  }

  // Makes a Pauli X of the first qubit: no Z anywhere, then no second X.
  void make_x(const PauliPair& pauli, int first) {
    int found = -1;
    for (int q = first; q < n_; ++q) {
      const auto k = static_cast<std::size_t>(q);
      count_work();
      if (pauli.z[k] != 0) pauli.x[k] != 0 ? s(q) : h(q);
      if (pauli.x[k] == 0) continue;
      found < 0 ? void(found = q) : cx(found, q);
    }
    if (found != first) swap(first, found);
  }

  void h(int q) {
    circuit_.h(q);
    for (PauliPair& pauli : pauli_) std::swap(pauli.x[index(q)], pauli.z[index(q)]);
  }
  void s(int q) {
    circuit_.s(q);
    for (PauliPair& pauli : pauli_) flip_where(pauli.z[index(q)], pauli.x[index(q)]);
  }
  void cx(int control, int target) {
    circuit_.cx(control, target);
    for (PauliPair& pauli : pauli_) {
      flip_where(pauli.x[index(target)], pauli.x[index(control)]);
      flip_where(pauli.z[index(control)], pauli.z[index(target)]);
    }
  }
  void swap(int a, int b) {
    circuit_.swap(a, b);
    for (PauliPair& pauli : pauli_) {
      std::swap(pauli.x[index(a)], pauli.x[index(b)]);
      std::swap(pauli.z[index(a)], pauli.z[index(b)]);
    }
  }
  static void flip_where(char& bit, char is_one) {
    if (is_one != 0) bit = bit == 0 ? 1 : 0;
  }
  static std::size_t index(int q) { return static_cast<std::size_t>(q); }

  Circuit& circuit_;
  std::vector<PauliPair> pauli_;
  int n_;
};

}  // namespace

Circuit quantum_volume(WholeNumber n_qubits, WholeNumber depth, std::uint64_t seed) {
  Circuit out(n_qubits);
  const int n = n_qubits;
  require(n >= 2, "quantum_volume pairs qubits, but there is ", n);
  require(depth >= 0, "depth ", int{depth}, " is negative");
  const int layers = depth == 0 ? n : int{depth};
  constexpr double kMatrix = 16 * sizeof(Complex) / 200.0;  // in operations
  const int pairs = n / 2;
  require_operations(static_cast<double>(layers) * pairs * (1 + kMatrix), "a quantum volume");
  Random random(seed);
  for (int layer = 0; layer < layers; ++layer) {
    const std::vector<Index> order = random.permutation(static_cast<Index>(n));
    for (std::size_t k = 0; k + 1 < order.size(); k += 2) {
      out.unitary(random_su4(random),
                  {static_cast<Qubit>(order[k]), static_cast<Qubit>(order[k + 1])}, {}, "SU(4)");
    }
  }
  return out;
}

Circuit random_clifford(WholeNumber n_qubits, std::uint64_t seed) {
  Circuit out(n_qubits);
  const int n = n_qubits;
  require_operations(1.5 * n * n, "a random Clifford circuit");
  Random random(seed);
  Sweep sweep(out, n);
  for (int first = 0; first < n; ++first) {
    sweep.draw(first, random);
    sweep.clear(first);
  }
  constexpr std::array kPaulis{"id", "x", "y", "z"};
  for (int q = 0; q < n; ++q) {
    const Index which = random.below(4);
    if (which > 0) out.gate(kPaulis.at(static_cast<std::size_t>(which)), {}, {q});
  }
  return out;
}

}  // namespace qsim
