#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "qsim/core/observable.h"
#include "qsim/core/random.h"
#include "qsim/state/state.h"

namespace qsim {

// ⟨ψ|O|ψ⟩ of a normalised state.
template <class T>
double expectation(const Observable& observable, const State<T>& state);

// The same of several observables, whose Pauli strings share their sweeps over the state.
template <class T>
std::vector<double> expectations(std::span<const Observable> observables, const State<T>& state);

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

// What shots tell about an expectation value.
struct Estimate {
  double mean = 0.0;
  // Of the mean, as estimated without bias from the spread of the same shots: each setting measured
  // n times adds its sample variance over n. Infinite where a setting has a single shot.
  double variance = 0.0;
};

// The variance of the mean of n shots, from the mean of their squared deviations from that mean.
double variance_of_mean(double mean_square, std::int64_t shots);

// What shots tell of a Pauli string with this expectation value.
Estimate estimate_string(double exact, std::int64_t shots, Random& random);

// What is measured on its own to estimate an observable: each Pauli string but the identity, or a
// matrix in its eigenbasis. One number a setting: by how much at most a single shot differs from
// the middle of what can come out.
std::vector<double> setting_weights(const Observable& observable);

// Measures setting k shots[k] times, drawn from the true distribution of outcomes.
template <class T>
Estimate estimate_expectation(const Observable& observable, const State<T>& state,
                              std::span<const std::int64_t> shots, Random& random);

// The mean where every setting is measured `shots` times.
template <class T>
double sampled_expectation(const Observable& observable, const State<T>& state, std::int64_t shots,
                           Random& random);

// The frequencies of the outcomes of `shots` measurements of some qubits; none: of all.
template <class T>
std::vector<double> sampled_probabilities(const State<T>& state, std::span<const Qubit> qubits,
                                          std::int64_t shots, Random& random);

}  // namespace qsim
