#include "qsim/observables/expectation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "qsim/core/complex.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/observables/pauli_operator.h"
#include "qsim/observables/pauli_strings.h"
#include "qsim/observables/target_tiles.h"
#include "qsim/state/parts.h"

namespace qsim {
namespace {

// The terms of Σ c P − offset.
std::vector<PauliTerm> shifted_terms(const PauliSum& sum, double offset) {
  std::vector<PauliTerm> out = sum.terms();
  if (offset != 0.0) out.push_back({-offset, {}});
  return out;
}

// Calls body(part, k, a tile, the matrix's image of it) for the tiles k of a state, in parts whose
// number depends on nothing but the sizes.
template <class T, class Body>
void for_images(const Matrix& matrix, const TargetTiles<T>& tiles, const State<T>& state,
                Index parts, const Body& body) {
  std::vector<std::complex<T>> entries(static_cast<std::size_t>(matrix.size()));
  for (std::size_t k = 0; k < entries.size(); ++k) entries[k] = narrow<T>(matrix.data()[k]);
  const auto run = [&](Index part) {
    State<T> tile(tiles.n_qubits());
    State<T> image(tiles.n_qubits());
    const Site site{image.storage(), tiles.targets(), {}};
    for (Index k = tiles.count() / parts * part; k < tiles.count() / parts * (part + 1); ++k) {
      poll_interrupt();
      tiles.gather(state, k, tile);
      image = tile;
      kernels<T>().dense(image.data(), site, entries.data(), {});
      body(part, k, tile, image);
    }
  };
  parallel_for(parts, run);
}

template <class T>
Index parts_of(const TargetTiles<T>& tiles) {
  constexpr Index kMostParts = 64;
  return std::min(tiles.count(), kMostParts);
}

// The sum of value(tile, image) over all tiles.
template <class T, class Value>
double sum_images(const MatrixObservable& m, const State<T>& state, const Value& value) {
  const TargetTiles<T> tiles(state.n_qubits(), m.qubits);
  std::vector<double> sums(parts_of(tiles));
  for_images(m.matrix, tiles, state, sums.size(),
             [&](Index part, Index /*k*/, const State<T>& tile, State<T>& image) {
               sums[part] += value(tile, image);
             });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

// out ← out + factor · in.
template <class T>
void add(const State<T>& in, double factor, State<T>& out) {
  for_parts(in.n_qubits(), [&](Part part) {
    kernels<T>().accumulate(out.data(), in.data(), in.storage(), {}, static_cast<T>(factor), part);
  });
}

void check_fits(const Observable& observable, int n_qubits) {
  const int needed = qubits_needed(observable);
  require(needed <= n_qubits, "an observable over ", needed, " qubits does not fit a state of ",
          n_qubits);
}

template <class T>
Estimate estimate_sum(const PauliSum& sum, const State<T>& state,
                      std::span<const std::int64_t> shots, Random& random) {
  Estimate out;
  std::size_t setting = 0;
  const std::vector<double> exact = pauli_expectations<T>(sum.terms(), state);
  for (std::size_t k = 0; k < exact.size(); ++k) {
    const auto& [coefficient, string] = sum.terms()[k];
    if (string.is_identity()) {
      out.mean += coefficient;
      continue;
    }
    const Estimate estimate = estimate_string(exact[k], shots[setting++], random);
    out.mean += coefficient * estimate.mean;
    out.variance += coefficient * coefficient * estimate.variance;
  }
  return out;
}

// Of the eigenvalues, in their order.
template <class T>
std::vector<double> outcome_probabilities(const MatrixObservable& observable,
                                          const State<T>& state) {
  const Matrix to_eigenbasis = observable.spectrum().eigenvectors.adjoint();
  const TargetTiles<T> tiles(state.n_qubits(), observable.qubits);
  std::vector<std::vector<double>> sums(
      parts_of(tiles), std::vector<double>(observable.spectrum().eigenvalues.size()));
  for_images(to_eigenbasis, tiles, state, sums.size(),
             [&](Index part, Index /*k*/, const State<T>& /*tile*/, const State<T>& image) {
               const std::vector<double> p = image.probabilities(tiles.targets());
               for (std::size_t j = 0; j < p.size(); ++j) sums[part][j] += p[j];
             });
  for (std::size_t part = 1; part < sums.size(); ++part) {
    for (std::size_t j = 0; j < sums[0].size(); ++j) sums[0][j] += sums[part][j];
  }
  return sums[0];
}

template <class T>
Estimate estimate_matrix(const MatrixObservable& observable, const State<T>& state,
                         std::int64_t shots, Random& random) {
  const auto counts = multinomial(outcome_probabilities(observable, state), shots, random);
  const auto mean_of = [&](const auto& value) {
    double sum = 0;
    for (std::size_t k = 0; k < counts.size(); ++k) {
      sum += value(observable.spectrum().eigenvalues[k]) * static_cast<double>(counts[k]);
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
std::vector<double> expectations(std::span<const Observable> observables, const State<T>& state) {
  std::vector<PauliTerm> terms;
  for (const Observable& observable : observables) {
    check_fits(observable, state.n_qubits());
    const auto* sum = std::get_if<PauliSum>(&observable);
    if (sum != nullptr) terms.insert(terms.end(), sum->terms().begin(), sum->terms().end());
  }
  const auto is_identity = [](const PauliTerm& term) { return term.string.is_identity(); };
  std::erase_if(terms, is_identity);
  const std::vector<double> values = pauli_expectations<T>(terms, state);
  std::size_t next = 0;
  std::vector<double> out;
  for (const Observable& observable : observables) {
    if (const auto* matrix = std::get_if<MatrixObservable>(&observable)) {
      out.push_back(sum_images(*matrix, state, [](const State<T>& tile, const State<T>& image) {
        return tile.inner(image).real();
      }));
      continue;
    }
    double total = 0;
    for (const PauliTerm& term : std::get<PauliSum>(observable).terms()) {
      // The identity counts 1, however far rounding took the norm.
      total += term.coefficient * (is_identity(term) ? 1.0 : values[next++]);
    }
    out.push_back(total);
  }
  return out;
}

template <class T>
double expectation(const Observable& observable, const State<T>& state) {
  return expectations<T>({&observable, 1}, state)[0];
}

template <class T>
double variance(const Observable& observable, const State<T>& state) {
  // ‖(O − ⟨O⟩)ψ‖², which cannot come out negative.
  return second_moment(observable, state, expectation(observable, state));
}

template <class T>
double second_moment(const Observable& observable, const State<T>& state, double about) {
  check_fits(observable, state.n_qubits());
  if (const auto* sum = std::get_if<PauliSum>(&observable)) {
    return PauliOperator<T>(shifted_terms(*sum, about), state.n_qubits()).image_norm2(state);
  }
  return sum_images(std::get<MatrixObservable>(observable), state,
                    [about](const State<T>& tile, State<T>& image) {
                      add(tile, -about, image);
                      return image.inner(image).real();
                    });
}

template <class T>
void accumulate(const Observable& observable, double factor, const State<T>& state, State<T>& out,
                double offset) {
  check_fits(observable, state.n_qubits());
  require(out.n_qubits() == state.n_qubits(), "states over ", state.n_qubits(), " and ",
          out.n_qubits(), " qubits do not add");
  if (const auto* sum = std::get_if<PauliSum>(&observable)) {
    PauliOperator<T>(shifted_terms(*sum, offset), state.n_qubits()).accumulate(factor, state, out);
    return;
  }
  const auto& m = std::get<MatrixObservable>(observable);
  const TargetTiles<T> tiles(state.n_qubits(), m.qubits);
  for_images(m.matrix, tiles, state, parts_of(tiles),
             [&](Index /*part*/, Index k, const State<T>& tile, State<T>& image) {
               if (offset != 0.0) add(tile, -offset, image);
               tiles.add(image, k, static_cast<T>(factor), out);
             });
}

double variance_of_mean(double mean_square, std::int64_t shots) {
  if (shots < 2) return std::numeric_limits<double>::infinity();
  return mean_square / static_cast<double>(shots - 1);
}

Estimate estimate_string(double exact, std::int64_t shots, Random& random) {
  const auto n_plus = static_cast<double>(binomial(shots, (1 + exact) / 2, random));
  const double mean = 2 * n_plus / static_cast<double>(shots) - 1;
  return {mean, variance_of_mean(1 - mean * mean, shots)};
}

std::vector<double> setting_weights(const Observable& observable) {
  if (const auto* matrix = std::get_if<MatrixObservable>(&observable)) {
    const std::vector<double>& eigenvalues = matrix->spectrum().eigenvalues;
    return {(eigenvalues.back() - eigenvalues.front()) / 2};
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
std::vector<double> sampled_probabilities(const State<T>& state, std::span<const Qubit> qubits,
                                          std::int64_t shots, Random& random) {
  check_shots(shots);
  std::vector<double> out = state.probabilities(qubits);
  const auto counts = multinomial(out, shots, random);
  for (std::size_t k = 0; k < out.size(); ++k) {
    out[k] = static_cast<double>(counts[k]) / static_cast<double>(shots);
  }
  return out;
}

template std::vector<double> expectations(std::span<const Observable>, const State<float>&);
template std::vector<double> expectations(std::span<const Observable>, const State<double>&);
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
template std::vector<double> sampled_probabilities(const State<float>&, std::span<const Qubit>,
                                                   std::int64_t, Random&);
template std::vector<double> sampled_probabilities(const State<double>&, std::span<const Qubit>,
                                                   std::int64_t, Random&);

}  // namespace qsim
