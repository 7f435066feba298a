#include "qsim/observables/expectation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "qsim/core/error.h"
#include "qsim/state/parts.h"

namespace qsim {
namespace {

template <class T>
double pauli_expectation(PauliString pauli, const State<T>& state) {
  if (pauli.is_identity()) return 1.0;
  return sum_parts<Complex>(state.n_qubits(),
                            [&](Part part) {
                              return kernels<T>().inner(state.data(), state.data(), state.storage(),
                                                        pauli, part);
                            })
      .real();
}

// The matrix on the observable's qubits, on a copy of the state.
template <class T>
State<T> apply_matrix(const Matrix& matrix, std::span<const Qubit> qubits, const State<T>& state) {
  State<T> out = state;
  std::vector<std::complex<T>> entries(static_cast<std::size_t>(matrix.size()));
  for (std::size_t k = 0; k < entries.size(); ++k) {
    const Complex value = matrix.data()[k];
    entries[k] = {static_cast<T>(value.real()), static_cast<T>(value.imag())};
  }
  const Site site{state.storage(), qubits, {}};
  for_parts(state.n_qubits(),
            [&](Part part) { kernels<T>().dense(out.data(), site, entries.data(), part); });
  return out;
}

template <class T>
void add(const State<T>& in, PauliString pauli, double factor, State<T>& out) {
  for_parts(in.n_qubits(), [&](Part part) {
    kernels<T>().accumulate(out.data(), in.data(), in.storage(), pauli,
                            std::complex<T>(static_cast<T>(factor)), part);
  });
}

void check_fits(const Observable& observable, int n_qubits) {
  const int needed = qubits_needed(observable);
  require(needed <= n_qubits, "an observable over ", needed, " qubits does not fit a state of ",
          n_qubits);
}

// std:: distributions take their bits from here; the generator itself stays counter-based.
struct BitSource {
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  result_type operator()() const { return random->bits(); }
  Random* random;
};

std::int64_t binomial(std::int64_t trials, double probability, Random& random) {
  BitSource source{&random};
  std::binomial_distribution<std::int64_t> draw(trials, std::clamp(probability, 0.0, 1.0));
  return draw(source);
}

template <class T>
Estimate estimate_sum(const PauliSum& sum, const State<T>& state,
                      std::span<const std::int64_t> shots, Random& random) {
  Estimate out;
  std::size_t setting = 0;
  for (const auto& [coefficient, string] : sum.terms()) {
    if (string.is_identity()) {
      out.mean += coefficient;
      continue;
    }
    const std::int64_t n = shots[setting++];
    const double p_plus = (1 + pauli_expectation(string, state)) / 2;
    const auto n_plus = static_cast<double>(binomial(n, p_plus, random));
    const double mean = 2 * n_plus / static_cast<double>(n) - 1;
    out.mean += coefficient * mean;
    out.variance += coefficient * coefficient * variance_of_mean(1 - mean * mean, n);
  }
  return out;
}

// How often each outcome comes up: a multinomial draw, one conditional binomial after the other.
std::vector<std::int64_t> multinomial(std::span<const double> p, std::int64_t trials,
                                      Random& random) {
  std::vector<std::int64_t> counts(p.size(), 0);
  double rest = 0;
  for (const double value : p) rest += value;
  for (std::size_t k = 0; k < p.size() && trials > 0; ++k) {
    const bool last = k + 1 == p.size() || p[k] >= rest;
    counts[k] = last ? trials : binomial(trials, p[k] / rest, random);
    trials -= counts[k];
    rest -= p[k];
  }
  return counts;
}

template <class T>
Estimate estimate_matrix(const MatrixObservable& observable, const State<T>& state,
                         std::int64_t shots, Random& random) {
  const Matrix to_eigenbasis = observable.eigenvectors.adjoint();
  const State<T> rotated = apply_matrix(to_eigenbasis, observable.qubits, state);
  const auto counts = multinomial(rotated.probabilities(observable.qubits), shots, random);
  const auto mean_of = [&](const auto& value) {
    double sum = 0;
    for (std::size_t k = 0; k < counts.size(); ++k) {
      sum += value(observable.eigenvalues[k]) * static_cast<double>(counts[k]);
    }
    return sum / static_cast<double>(shots);
  };
  const double mean = mean_of([](double value) { return value; });
  const double square = mean_of([&](double value) { return (value - mean) * (value - mean); });
  return {mean, variance_of_mean(square, shots)};
}

void check_shots(std::int64_t shots) {
  require(shots >= 1, "the number of shots is ", shots, "; it must be at least 1");
}

}  // namespace

template <class T>
double expectation(const Observable& observable, const State<T>& state) {
  check_fits(observable, state.n_qubits());
  if (const auto* sum = std::get_if<PauliSum>(&observable)) {
    double total = 0;
    for (const auto& [c, string] : sum->terms()) total += c * pauli_expectation(string, state);
    return total;
  }
  const auto& m = std::get<MatrixObservable>(observable);
  return state.inner(apply_matrix(m.matrix, m.qubits, state)).real();
}

template <class T>
double variance(const Observable& observable, const State<T>& state) {
  check_fits(observable, state.n_qubits());
  State<T> image(state.n_qubits());
  image.set_zero();
  accumulate(observable, 1.0, state, image);
  const double mean = state.inner(image).real();
  // ‖(O − ⟨O⟩)ψ‖², which cannot come out negative.
  add(state, {}, -mean, image);
  return image.inner(image).real();
}

template <class T>
double second_moment(const Observable& observable, const State<T>& state, double about) {
  State<T> image(state.n_qubits());
  image.set_zero();
  accumulate(observable, 1.0, state, image, about);
  return image.inner(image).real();
}

template <class T>
void accumulate(const Observable& observable, double factor, const State<T>& state, State<T>& out,
                double offset) {
  check_fits(observable, state.n_qubits());
  require(out.n_qubits() == state.n_qubits(), "states over ", state.n_qubits(), " and ",
          out.n_qubits(), " qubits do not add");
  if (offset != 0.0) add(state, {}, -factor * offset, out);
  if (const auto* sum = std::get_if<PauliSum>(&observable)) {
    for (const auto& [c, string] : sum->terms()) add(state, string, factor * c, out);
    return;
  }
  const auto& m = std::get<MatrixObservable>(observable);
  add(apply_matrix(m.matrix, m.qubits, state), {}, factor, out);
}

double variance_of_mean(double mean_square, std::int64_t shots) {
  if (shots < 2) return std::numeric_limits<double>::infinity();
  return mean_square / static_cast<double>(shots - 1);
}

std::vector<double> setting_weights(const Observable& observable) {
  if (const auto* matrix = std::get_if<MatrixObservable>(&observable)) {
    return {(matrix->eigenvalues.back() - matrix->eigenvalues.front()) / 2};
  }
  std::vector<double> out;
  for (const auto& [coefficient, string] : std::get<PauliSum>(observable).terms()) {
    if (!string.is_identity()) out.push_back(std::abs(coefficient));
  }
  return out;
}

template <class T>
Estimate estimate_expectation(const Observable& observable, const State<T>& state,
                              std::span<const std::int64_t> shots, Random& random) {
  for (const std::int64_t n : shots) check_shots(n);
  check_fits(observable, state.n_qubits());
  const std::size_t n_settings = setting_weights(observable).size();
  require(shots.size() == n_settings, "the observable has ", n_settings,
          " settings, got shots for ", shots.size());
  if (const auto* sum = std::get_if<PauliSum>(&observable)) {
    return estimate_sum(*sum, state, shots, random);
  }
  return estimate_matrix(std::get<MatrixObservable>(observable), state, shots[0], random);
}

template <class T>
double sampled_expectation(const Observable& observable, const State<T>& state, std::int64_t shots,
                           Random& random) {
  check_shots(shots);
  const std::vector<std::int64_t> each(setting_weights(observable).size(), shots);
  return estimate_expectation<T>(observable, state, each, random).mean;
}

template <class T>
std::vector<double> sampled_probabilities(const State<T>& state, std::int64_t shots,
                                          Random& random) {
  check_shots(shots);
  std::vector<double> out = state.probabilities();
  const auto counts = multinomial(out, shots, random);
  for (std::size_t k = 0; k < out.size(); ++k) {
    out[k] = static_cast<double>(counts[k]) / static_cast<double>(shots);
  }
  return out;
}

template double expectation(const Observable&, const State<float>&);
template double expectation(const Observable&, const State<double>&);
template double variance(const Observable&, const State<float>&);
template double variance(const Observable&, const State<double>&);
template double second_moment(const Observable&, const State<float>&, double);
template double second_moment(const Observable&, const State<double>&, double);
template void accumulate(const Observable&, double, const State<float>&, State<float>&, double);
template void accumulate(const Observable&, double, const State<double>&, State<double>&, double);
template Estimate estimate_expectation(const Observable&, const State<float>&,
                                       std::span<const std::int64_t>, Random&);
template Estimate estimate_expectation(const Observable&, const State<double>&,
                                       std::span<const std::int64_t>, Random&);
template double sampled_expectation(const Observable&, const State<float>&, std::int64_t, Random&);
template double sampled_expectation(const Observable&, const State<double>&, std::int64_t, Random&);
template std::vector<double> sampled_probabilities(const State<float>&, std::int64_t, Random&);
template std::vector<double> sampled_probabilities(const State<double>&, std::int64_t, Random&);

}  // namespace qsim
