#pragma once

#include <cstdint>
#include <vector>

#include "qsim/core/pauli.h"
#include "qsim/observables/expectation.h"
#include "qsim/state/state.h"

namespace qsim {

// Snapshots of a state: every qubit measured in a random one of the bases X, Y and Z (Huang, Kueng
// and Preskill 2020, doi:10.1038/s41567-020-0932-7). Any number of observables can be estimated
// afterwards, from the same snapshots.
struct ClassicalShadow {
  int n_qubits = 0;
  std::vector<PauliString> bases{};  // of each snapshot: a letter on every qubit
  std::vector<Index> outcomes{};     // bit q: 1 where qubit q was found at −1 of its letter

  [[nodiscard]] std::size_t size() const { return bases.size(); }
};

// Snapshot k depends on (seed, k) alone. ValueError unless snapshots ≥ 1.
template <class T>
ClassicalShadow classical_shadow(const State<T>& state, std::int64_t snapshots, std::uint64_t seed);

// Without bias, from the mean over all snapshots; with several groups the median of their means,
// which rare large values disturb less. The variance is that of the mean, estimated from the
// snapshots' spread; of a median it is π/2 times that (its value for many groups). ValueError
// unless 1 ≤ groups ≤ snapshots, and for observables over more qubits than the shadow's.
Estimate shadow_expectation(const ClassicalShadow& shadow, const PauliSum& observable,
                            std::int64_t groups = 1);

}  // namespace qsim
