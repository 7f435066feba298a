#include "qsim/hamiltonians/molecule.h"

#include <cmath>

#include "qsim/core/count_work.h"
#include "qsim/core/error.h"

namespace qsim {
namespace {

constexpr double kNothing = 1e-15;

// a†_pσ a†_rτ a_sτ a_qσ for all spins, but where it is 0.
void add_interaction(int p, int q, int r, int s, double coefficient, FermionOperator& out) {
  for (const int sigma : {0, 1}) {
    for (const int tau : {0, 1}) {
      if (sigma == tau && (p == r || q == s)) continue;
      out += FermionOperator({{2 * p + sigma, true},
                              {2 * r + tau, true},
                              {2 * s + tau, false},
                              {2 * q + sigma, false}},
                             coefficient);
    }
  }
}

}  // namespace

FermionOperator molecular_hamiltonian(const Eigen::MatrixXd& one_body,
                                      std::span<const double> two_body, double constant) {
  const auto n = static_cast<std::size_t>(one_body.rows());
  require(one_body.rows() == one_body.cols() && n >= 1 && n <= kMaxQubits / 2,
          "the one-body integrals are ", one_body.rows(), " x ", one_body.cols(),
          "; they must be square, of 1 to ", kMaxQubits / 2, " orbitals");
  require(two_body.size() == n * n * n * n, "there are ", two_body.size(),
          " two-body integrals; for ", n, " orbitals there must be ", n * n * n * n);
  const int orbitals = static_cast<int>(n);
  FermionOperator out({}, constant);
  for (int p = 0; p < orbitals; ++p) {
    for (int q = 0; q < orbitals; ++q) {
      if (std::abs(one_body(p, q)) < kNothing) continue;
      for (const int spin : {0, 1}) {
        out += FermionOperator({{2 * p + spin, true}, {2 * q + spin, false}}, one_body(p, q));
      }
    }
  }
  std::size_t at = 0;
  for (int p = 0; p < orbitals; ++p) {
    for (int q = 0; q < orbitals; ++q) {
      for (int r = 0; r < orbitals; ++r) {
        for (int s = 0; s < orbitals; ++s) {
          count_work();
          const double value = two_body[at++];
          if (!(std::abs(value) < kNothing)) add_interaction(p, q, r, s, value / 2, out);
        }
      }
    }
  }
  return out;
}

}  // namespace qsim
