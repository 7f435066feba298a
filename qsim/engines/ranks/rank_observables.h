#pragma once

#include <span>
#include <vector>

#include "qsim/core/observable.h"
#include "qsim/engines/ranks/rank_state.h"

// What observables are of a state that is spread over ranks. A Pauli string whose X mask has bits
// of the ranks' numbers takes a rank's amplitudes to another rank: all strings of one such mask
// share one exchange, in which that rank shows its amplitudes. A matrix has its qubits made local.

namespace qsim {

// ⟨O_k⟩ on all ranks. May leave the qubits in another order.
template <class T>
std::vector<double> expectations(std::span<const Observable> observables, RankState<T>& state);

// ⟨O_k²⟩ − ⟨O_k⟩².
template <class T>
std::vector<double> variances(std::span<const Observable> observables, RankState<T>& state);

// out ← out + factor · (O − offset) ψ, for states of one order, which they are left in.
template <class T>
void accumulate(const Observable& observable, double factor, RankState<T>& state, RankState<T>& out,
                double offset = 0.0);

// How many of the exchanges expectation values of Pauli sums need where the qubits are in an order.
std::size_t count_shows(std::span<const Observable> observables, const QubitOrder& order);

}  // namespace qsim
