#include "qsim/estimates/classical_shadow.h"

#include <algorithm>
#include <bit>
#include <map>
#include <numbers>
#include <numeric>
#include <span>

#include "qsim/compile/bind.h"
#include "qsim/core/bits.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/memory.h"
#include "qsim/core/parallel.h"
#include "qsim/engines/execute.h"
#include "qsim/estimates/grouping.h"

namespace qsim {
namespace {

PauliString random_basis(int n_qubits, Random& random) {
  PauliString out;
  for (Qubit q = 0; q < n_qubits; ++q) {
    const Index letter = random.below(3);
    if (letter != 2) out.x |= bit(q);
    if (letter != 0) out.z |= bit(q);
  }
  return out;
}

// The letters of a string one by one.
std::vector<PauliString> letters(const PauliString& string) {
  std::vector<PauliString> out;
  for (Index rest = string.support(); rest != 0; rest &= rest - 1) {
    const Index qubit = rest & (~rest + 1);
    out.push_back({string.x & qubit, string.z & qubit});
  }
  return out;
}

// The basis states in whose share of [0, 1) the numbers lie; `order` sorts the numbers.
void invert(std::span<const double> weights, std::span<const double> numbers,
            std::span<const std::size_t> order, std::vector<Index>& out) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  Index at = 0;
  double until = weights[0];
  for (const std::size_t k : order) {
    while (at + 1 < weights.size() && numbers[k] * total >= until) until += weights[++at];
    out[k] = at;
  }
}

// What one snapshot says about a string: 3 a letter, with the sign of the outcomes, if it was
// measured in the string's letters.
double snapshot_value(const PauliString& string, const PauliString& basis, Index outcome) {
  const Index support = string.support();
  if (((string.x ^ basis.x) & support) != 0 || ((string.z ^ basis.z) & support) != 0) return 0;
  double value = parity(outcome & support) ? -1 : 1;
  for (int k = 0; k < std::popcount(support); ++k) value *= 3;
  return value;
}

}  // namespace

template <class T>
ClassicalShadow classical_shadow(const State<T>& state, std::int64_t snapshots,
                                 std::uint64_t seed) {
  require(snapshots >= 1, "the number of snapshots is ", snapshots, "; it must be at least 1");
  const auto n = static_cast<std::size_t>(snapshots);
  constexpr std::size_t kBytes = sizeof(PauliString) + 2 * sizeof(Index) + sizeof(double);
  require_memory(static_cast<double>(kBytes) * static_cast<double>(n),
                 concat(snapshots, " snapshots"));
  ClassicalShadow out{state.n_qubits(), std::vector<PauliString>(n), std::vector<Index>(n)};
  std::vector<double> numbers(n);
  std::map<PauliString, std::vector<std::size_t>> by_basis;
  for (std::size_t k = 0; k < n; ++k) {
    if (k % 4096 == 0) poll_interrupt();
    Random random(seed, k);
    out.bases[k] = random_basis(state.n_qubits(), random);
    numbers[k] = random.uniform();
    by_basis[out.bases[k]].push_back(k);
  }
  std::vector<std::pair<PauliString, std::vector<std::size_t>>> groups(by_basis.begin(),
                                                                       by_basis.end());
  const auto measure = [&](const PauliString& basis, std::vector<std::size_t>& members) {
    poll_interrupt();
    const Program turn = compile(Diagonaliser(letters(basis), state.n_qubits()).circuit);
    Binding<T> binding;
    bind_parameters(turn, {}, binding);
    State<T> turned = state;
    run_steps(turn, binding, turned);
    std::ranges::sort(members, {}, [&](std::size_t k) { return numbers[k]; });
    invert(turned.probabilities(), numbers, members, out.outcomes);
  };
  // Wide states have their threads inside, and no room for a copy a thread.
  if (state.n_qubits() >= kInterruptibleQubits) {
    for (auto& [basis, members] : groups) measure(basis, members);
  } else {
    parallel_for(groups.size(), [&](Index k) { measure(groups[k].first, groups[k].second); });
  }
  return out;
}

Estimate shadow_expectation(const ClassicalShadow& shadow, const PauliSum& observable,
                            std::int64_t groups) {
  require(observable.n_qubits() <= shadow.n_qubits, "an observable over ", observable.n_qubits(),
          " qubits does not fit a shadow of ", shadow.n_qubits);
  const std::size_t n = shadow.size();
  require(groups >= 1 && groups <= static_cast<std::int64_t>(n), "the number of groups is ", groups,
          "; it must be in [1, ", n, "], the number of snapshots");
  std::vector<double> values(n, 0.0);
  for (const auto& [coefficient, string] : observable.terms()) {
    poll_interrupt();
    for (std::size_t k = 0; k < n; ++k) {
      count_work();
      values[k] += coefficient * snapshot_value(string, shadow.bases[k], shadow.outcomes[k]);
    }
  }
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(n);
  double square = 0;
  for (const double value : values) square += (value - mean) * (value - mean);
  const double variance =
      variance_of_mean(square / static_cast<double>(n), static_cast<std::int64_t>(n));
  if (groups == 1) return {mean, variance};
  std::vector<double> means;
  const auto count = static_cast<std::size_t>(groups);
  for (std::size_t g = 0; g < count; ++g) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(g * n / count);
    const auto last = values.begin() + static_cast<std::ptrdiff_t>((g + 1) * n / count);
    means.push_back(std::accumulate(first, last, 0.0) / static_cast<double>(last - first));
  }
  std::ranges::sort(means);
  const double median = (means[(count - 1) / 2] + means[count / 2]) / 2;
  return {median, variance * std::numbers::pi / 2};
}

template ClassicalShadow classical_shadow(const State<float>&, std::int64_t, std::uint64_t);
template ClassicalShadow classical_shadow(const State<double>&, std::int64_t, std::uint64_t);

}  // namespace qsim
