#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <utility>
#include <vector>

#include "qsim/core/interrupt.h"
#include "qsim/core/parallel.h"
#include "qsim/kernels/kernels.h"
#include "qsim/observables/pauli_plan.h"

// How sweeps of Pauli classes over a state are cut up and run (pauli_strings.h).

namespace qsim {

// How a sweep cuts a state up (pauli_plan.h); tests make it small.
struct SweepSizes {
  int tile_bytes_bits = 14;   // two tiles fit the first cache,
  int coset_bytes_bits = 19;  // a coset half of the second
  int least_qubits = 12;      // of a state that is cut up: below, one string at a time is as fast
};

// A run of classes of a plan with its groups.
struct StringBatch {
  std::size_t first = 0;  // strings
  std::size_t count = 0;
  std::vector<PauliGroup> groups{};
};

// How a state of some qubits is cut up.
template <class T>
struct Tiling {
  Tiling(int n_qubits, const SweepSizes& sizes) {
    constexpr int kAmplitudeBits = std::countr_zero(2 * sizeof(T));
    const int wanted = std::max(sizes.tile_bytes_bits - kAmplitudeBits, kernels<T>().tile_bits);
    bits = std::min(n_qubits, wanted);
    number_bits = n_qubits - bits;
    max_rank = std::clamp(sizes.coset_bytes_bits - kAmplitudeBits - bits, 1, number_bits + 1);
  }
  [[nodiscard]] Stretch stretch(Index number) const { return {number << bits, bits}; }
  int bits;
  int number_bits;
  int max_rank;  // of the span of a group
};

template <class T>
bool is_tiled(int n_qubits, const SweepSizes& sizes) {
  return n_qubits >= std::max(sizes.least_qubits, kernels<T>().tile_bits);
}

// Calls body(batch) for one batch of a plan's classes after the other.
template <class T, class Body>
void for_batches(const PauliPlan& plan, const Tiling<T>& tiling, const Body& body) {
  constexpr std::size_t kBatchStrings = 4096;  // planned at once, as that takes quadratic time
  std::size_t first = 0;
  while (first < plan.classes.size()) {
    std::size_t last = first;
    StringBatch batch{.first = plan.classes[first].first};
    while (last < plan.classes.size() && batch.count < kBatchStrings) {
      batch.count += plan.classes[last++].count;
    }
    batch.groups =
        group_classes({plan.classes.data() + first, last - first}, tiling.bits, tiling.max_rank);
    body(std::move(batch));
    first = last;
  }
}

// Calls body(k) for every task, on one thread where the work, strings times amplitudes, is little.
template <class Body>
void for_tasks(Index tasks, Index work, const Body& body) {
  constexpr Index kThreadedWork = Index{1} << 19;
  const auto interruptible = [&](Index k, int /*worker*/) {
    poll_interrupt();
    body(k);
  };
  parallel_for_workers(tasks, work < kThreadedWork ? 1 : num_threads(), interruptible);
}

}  // namespace qsim
