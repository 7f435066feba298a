#pragma once

#include <cstdint>
#include <vector>

#include "qsim/core/observable.h"
#include "qsim/core/random.h"
#include "qsim/state/state.h"

namespace qsim {

// ⟨ψ|O|ψ⟩ of a normalised state.
template <class T>
double expectation(const Observable& observable, const State<T>& state);

// ⟨O²⟩ − ⟨O⟩².
template <class T>
double variance(const Observable& observable, const State<T>& state);

// ⟨(O − about)²⟩, the variance where `about` is ⟨O⟩.
template <class T>
double second_moment(const Observable& observable, const State<T>& state, double about);

// out ← out + factor · (O − offset) ψ. The states must not be the same object.
template <class T>
void accumulate(const Observable& observable, double factor, const State<T>& state, State<T>& out,
                double offset = 0.0);

// The mean of `shots` measurements of the observable: each Pauli string is measured that many times
// on its own, a matrix in its eigenbasis. Drawn from the true distribution of outcomes.
template <class T>
double sampled_expectation(const Observable& observable, const State<T>& state, std::int64_t shots,
                           Random& random);

// The frequencies of the basis states in `shots` measurements of all qubits.
template <class T>
std::vector<double> sampled_probabilities(const State<T>& state, std::int64_t shots,
                                          Random& random);

}  // namespace qsim
