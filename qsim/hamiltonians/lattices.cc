#include "qsim/hamiltonians/lattices.h"

#include <cmath>

#include "qsim/core/bits.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"

namespace qsim {
namespace {

constexpr std::array<PauliString, kAxes> kAxisStrings{{{1, 0}, {1, 1}, {0, 1}}};  // X, Y, Z

PauliString on_site(const PauliString& axis, Qubit q) { return {axis.x << q, axis.z << q}; }

PauliString on_edge(const PauliString& axis, const std::pair<Qubit, Qubit>& edge) {
  const Index both = bit(edge.first) | bit(edge.second);
  return {axis.x * both, axis.z * both};
}

}  // namespace

void check_lattice(int n_sites, int most, const Edges& edges) {
  require(n_sites >= 1 && n_sites <= most, "the number of sites is ", n_sites,
          "; it must be from 1 to ", most);
  for (const auto& [a, b] : edges) {
    count_work();
    for (const Qubit site : {a, b}) {
      require<IndexError>(site >= 0 && site < n_sites, "site ", site, " of an edge is outside [0, ",
                          n_sites - 1, "]");
    }
    require(a != b, "an edge goes from site ", a, " to itself");
  }
}

Edges chain_edges(WholeNumber n_sites, bool periodic) {
  require(n_sites >= 1 && n_sites <= kMaxQubits, "the number of sites is ", int{n_sites},
          "; it must be from 1 to ", kMaxQubits);
  Edges out;
  for (int q = 0; q + 1 < n_sites; ++q) out.emplace_back(q, q + 1);
  if (periodic && n_sites > 2) out.emplace_back(n_sites - 1, 0);
  return out;
}

PauliSum transverse_ising(WholeNumber n_qubits, double coupling, double field, const Edges& edges) {
  check_lattice(n_qubits, kMaxQubits, edges);
  std::vector<PauliTerm> terms;
  for (const auto& edge : edges) terms.push_back({-coupling, on_edge({0, 1}, edge)});
  for (int q = 0; q < n_qubits; ++q) terms.push_back({-field, on_site({1, 0}, q)});
  return {n_qubits, terms};
}

PauliSum heisenberg(WholeNumber n_qubits, const std::array<double, kAxes>& coupling, double field,
                    const Edges& edges) {
  check_lattice(n_qubits, kMaxQubits, edges);
  std::vector<PauliTerm> terms;
  for (const auto& edge : edges) {
    for (std::size_t axis = 0; axis < kAxes; ++axis) {
      terms.push_back({coupling[axis], on_edge(kAxisStrings[axis], edge)});
    }
  }
  for (int q = 0; q < n_qubits; ++q) terms.push_back({field, on_site({0, 1}, q)});
  return {n_qubits, terms};
}

FermionOperator hubbard(WholeNumber n_sites, const Edges& edges, double hopping, double interaction,
                        double chemical_potential) {
  check_lattice(n_sites, kMaxQubits / 2, edges);
  FermionOperator out;
  for (const auto& [a, b] : edges) {
    for (const int spin : {0, 1}) {
      const int i = 2 * a + spin;
      const int j = 2 * b + spin;
      out += FermionOperator({{i, true}, {j, false}}, -hopping);
      out += FermionOperator({{j, true}, {i, false}}, -hopping);
    }
  }
  for (int site = 0; site < n_sites; ++site) {
    const int up = 2 * site;
    const int down = up + 1;
    out += FermionOperator({{up, true}, {up, false}, {down, true}, {down, false}}, interaction);
    out += FermionOperator({{up, true}, {up, false}}, -chemical_potential);
    out += FermionOperator({{down, true}, {down, false}}, -chemical_potential);
  }
  return out;
}

}  // namespace qsim
