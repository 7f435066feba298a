// Speed goals of what is read from a wide state, with the distance to each (2 threads, 20 qubits):
//
//   (a) the expectation of a sum of 500 random Pauli strings in at most 150 ms;
//   (b) 10^6 shots in at most 25 ms.
//
// The goals are for a machine of 54 GB/s and 226 GFLOP/s on two threads; they are scaled by what
// this one reaches in the same run, of the two by the one it falls further short of. A missed goal
// is no error. `observables_goals 25` takes medians of 25 repetitions.

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdio>
#include <string_view>
#include <vector>

#include "benchmarks/timing.h"
#include "qsim/core/parallel.h"
#include "qsim/core/random.h"
#include "qsim/kernels/peak.h"
#include "qsim/observables/expectation.h"
#include "qsim/state/state.h"

namespace {

using qsim::PauliSum;
using qsim::State;
using timing::median_ms;

constexpr int kQubits = 20;
constexpr double kGoalGflops = 226;
constexpr double kGoalBandwidth = 54;  // GB/s
constexpr std::size_t kDefaultRepetitions = 9;

template <class T>
State<T> random_state(int n_qubits) {
  qsim::Random random(1);
  State<T> state(n_qubits);
  double norm = 0;
  std::vector<std::complex<double>> amplitudes(state.size());
  for (auto& a : amplitudes) {
    a = {random.normal(), random.normal()};
    norm += std::norm(a);
  }
  std::vector<std::complex<T>> scaled;
  for (const auto& a : amplitudes) scaled.emplace_back(a / std::sqrt(norm));
  state.set_amplitudes(scaled);
  return state;
}

// Every letter of every string is any of I, X, Y, Z.
PauliSum random_strings(int count) {
  qsim::Random random(2);
  std::vector<qsim::PauliTerm> terms;
  for (int k = 0; k < count; ++k) {
    terms.push_back(
        {random.normal(), {random.below(qsim::bit(kQubits)), random.below(qsim::bit(kQubits))}});
  }
  return {kQubits, terms};
}

// Z on every pair of qubits, as in MaxCut: they share one X mask.
PauliSum all_pairs() {
  std::vector<qsim::PauliTerm> terms;
  for (int a = 0; a < kQubits; ++a) {
    for (int b = 0; b < a; ++b) terms.push_back({1.0, {0, qsim::bit(a) | qsim::bit(b)}});
  }
  return {kQubits, terms};
}

void print_distance(const char* what, double value, double goal) {
  std::printf("  %-44s %8.1f ms   goal <= %6.1f ms   %s (%.2f of it)\n", what, value, goal,
              value <= goal ? "met" : "MISSED", value / goal);
}

template <class T>
void measure(std::string_view precision, std::size_t repetitions, double scale) {
  constexpr double kPauliGoal = 150;
  constexpr double kShotsGoal = 25;
  constexpr std::int64_t kShots = 1'000'000;
  const State<T> state = random_state<T>(kQubits);
  const PauliSum strings = random_strings(500);
  const PauliSum one = random_strings(1);
  const PauliSum pairs = all_pairs();
  double value = 0;
  std::printf("\n%.*s precision\n\n", static_cast<int>(precision.size()), precision.data());
  print_distance("500 random Pauli strings",
                 median_ms(repetitions, [&] { value += qsim::expectation(strings, state); }),
                 kPauliGoal * scale);
  print_distance(
      "10^6 shots",
      median_ms(repetitions, [&] { value += static_cast<double>(state.sample(kShots, 3).back()); }),
      kShotsGoal * scale);
  const auto print = [&](const char* what, const auto& body) {
    std::printf("  %-44s %8.1f ms\n", what, median_ms(repetitions, body));
  };
  print("one random string", [&] { value += qsim::expectation(one, state); });
  print("ZZ on all 190 pairs", [&] { value += qsim::expectation(pairs, state); });
  print("variance of ZZ on all 190 pairs", [&] { value += qsim::variance(pairs, state); });
  print("variance of the 500 strings", [&] { value += qsim::variance(strings, state); });
  State<T> bra(kQubits);
  print("the 500 strings applied to the state", [&] { accumulate(strings, 1e-3, state, bra); });
  print("probabilities", [&] { value += state.probabilities()[0]; });
  print("probabilities of qubits 3, 10 and 19", [&] {
    value += state.probabilities({{3, 10, 19}})[0];
  });
  if (value == 0) std::printf("unlikely\n");  // keeps the work
}

}  // namespace

int main(int argc, char** argv) {
  const auto asked = timing::repetitions_of(argc, argv, "observables_goals", kDefaultRepetitions);
  if (!asked) return 2;
  const std::size_t repetitions = *asked;
  qsim::set_num_threads(2);
  const double gflops = 2 * qsim::peak_gflops();
  const double gbps = timing::bandwidth(5);
  const double scale = std::max(kGoalGflops / gflops, kGoalBandwidth / gbps);
  std::printf("2 threads, %s, %.0f GFLOP/s, %.1f GB/s: goals times %.2f\n",
              qsim::kernels<double>().target.data(), gflops, gbps, scale);
  measure<double>("double", repetitions, scale);
  measure<float>("single", repetitions, scale);
  return 0;
}
