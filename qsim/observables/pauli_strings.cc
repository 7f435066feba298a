#include "qsim/observables/pauli_strings.h"

#include <algorithm>
#include <bit>

#include "qsim/core/interrupt.h"
#include "qsim/kernels/kernels.h"
#include "qsim/observables/pauli_plan.h"
#include "qsim/state/parts.h"

namespace qsim {
namespace {

constexpr Index kMostParts = 32;                 // of a sum
constexpr std::size_t kBatchStrings = 4096;      // planned at once, as that takes quadratic time
constexpr Index kThreadedWork = Index{1} << 19;  // strings times amplitudes; fewer on one thread

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
  std::size_t first = 0;
  while (first < plan.classes.size()) {
    std::size_t last = first;
    StringBatch batch{.first = plan.classes[first].first};
    while (last < plan.classes.size() && batch.count < kBatchStrings) {
      batch.count += plan.classes[last++].count;
    }
    batch.groups =
        group_classes({plan.classes.data() + first, last - first}, tiling.bits, tiling.max_rank);
    body(batch);
    first = last;
  }
}

template <class Body>
void for_tasks(Index tasks, Index work, const Body& body) {
  const auto interruptible = [&](Index k, int /*worker*/) {
    poll_interrupt();
    body(k);
  };
  parallel_for_workers(tasks, work < kThreadedWork ? 1 : num_threads(), interruptible);
}

// The sums of a batch: adds the parts in their order, whatever threads they were found by.
template <class T>
void add_sums(const PauliPlan& plan, const StringBatch& batch, const Tiling<T>& tiling,
              const State<T>& state, double* out) {
  std::vector<double> sums(kMostParts * batch.count);
  const auto run = [&](Index task) {
    const PauliGroup& group = batch.groups[task / kMostParts];
    const Index part = task % kMostParts;
    const Index cosets = group.coset_count(tiling.number_bits);
    double* const part_sums = sums.data() + part * batch.count;
    for (Index k = cosets * part / kMostParts; k < cosets * (part + 1) / kMostParts; ++k) {
      const Index start = group.coset_start(k);
      for (const Index tile : group.tiles) {
        for (const PauliClass& cls : group.classes) {
          kernels<T>().class_inner(state.data(), tiling.stretch(start ^ tile), cls,
                                   plan.z.data() + cls.first, part_sums + cls.first - batch.first);
        }
      }
    }
  };
  for_tasks(batch.groups.size() * kMostParts, batch.count << state.n_qubits(), run);
  for (std::size_t k = 0; k < sums.size(); ++k) out[k % batch.count] += sums[k];
}

// The coefficients as the kernels want them.
template <class T>
std::vector<T> kernel_coefficients(const PauliPlan& plan, double factor) {
  std::vector<T> out;
  out.reserve(plan.terms.size());
  for (const auto& [c, string] : plan.terms) {
    out.push_back(static_cast<T>(factor * c * pauli_sign(string)));
  }
  return out;
}

template <class T>
void add_images(const PauliPlan& plan, std::span<const T> coefficients, const StringBatch& batch,
                const Tiling<T>& tiling, const State<T>& state, State<T>& out) {
  for (const PauliGroup& group : batch.groups) {
    const auto run = [&](Index k) {
      const Index start = group.coset_start(k);
      for (const Index number : group.tiles) {
        const Stretch stretch = tiling.stretch(start ^ number);
        for (const PauliClass& cls : group.classes) {
          kernels<T>().class_accumulate(out.data() + real_offset<T>(stretch.start), state.data(),
                                        stretch, cls, plan.z.data() + cls.first,
                                        coefficients.data() + cls.first);
        }
      }
    };
    for_tasks(group.coset_count(tiling.number_bits), batch.count << state.n_qubits(), run);
  }
}

// One string after the other.
template <class T>
double small_expectation(PauliString pauli, const State<T>& state) {
  return sum_parts<Complex>(state.n_qubits(),
                            [&](Part part) {
                              return kernels<T>().inner(state.data(), state.data(), state.storage(),
                                                        pauli, part);
                            })
      .real();
}

template <class T>
void accumulate_one_by_one(std::span<const PauliTerm> terms, double factor, const State<T>& state,
                           State<T>& out) {
  for (const PauliTerm& term : terms) {
    const std::complex<T> coefficient(static_cast<T>(factor * term.coefficient));
    for_parts(state.n_qubits(), [&](Part part) {
      kernels<T>().accumulate(out.data(), state.data(), state.storage(), term.string, coefficient,
                              part);
    });
  }
}

}  // namespace

template <class T>
std::vector<double> pauli_expectations(std::span<const PauliTerm> terms, const State<T>& state,
                                       const SweepSizes& sizes) {
  std::vector<double> out(terms.size());
  if (!is_tiled<T>(state.n_qubits(), sizes)) {
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = small_expectation(terms[k].string, state);
    return out;
  }
  const PauliPlan plan = plan_paulis(terms);
  const Tiling<T> tiling(state.n_qubits(), sizes);
  std::vector<double> sums(terms.size());
  for_batches(plan, tiling, [&](const StringBatch& batch) {
    add_sums(plan, batch, tiling, state, sums.data() + batch.first);
  });
  for (std::size_t k = 0; k < out.size(); ++k) {
    out[plan.from[k]] = pauli_sign(plan.terms[k].string) * sums[k];
  }
  return out;
}

template <class T>
void accumulate_paulis(std::span<const PauliTerm> terms, double factor, const State<T>& state,
                       State<T>& out, const SweepSizes& sizes) {
  // A single string shares nothing, and goes through memory faster by itself.
  if (terms.size() == 1 || !is_tiled<T>(state.n_qubits(), sizes)) {
    return accumulate_one_by_one(terms, factor, state, out);
  }
  const PauliPlan plan = plan_paulis(terms);
  const Tiling<T> tiling(state.n_qubits(), sizes);
  const std::vector<T> coefficients = kernel_coefficients<T>(plan, factor);
  for_batches(plan, tiling, [&](const StringBatch& batch) {
    add_images<T>(plan, coefficients, batch, tiling, state, out);
  });
}

template <class T>
double image_norm2(std::span<const PauliTerm> terms, const State<T>& state,
                   const SweepSizes& sizes) {
  const int n_qubits = state.n_qubits();
  if (!is_tiled<T>(n_qubits, sizes)) {
    State<T> image(n_qubits);
    image.set_zero();
    accumulate_one_by_one(terms, 1.0, state, image);
    return image.inner(image).real();
  }
  const PauliPlan plan = plan_paulis(terms);
  const Tiling<T> tiling(n_qubits, sizes);
  const std::vector<T> coefficients = kernel_coefficients<T>(plan, 1.0);
  const Index tiles_of_part = bit(tiling.number_bits) / part_count(n_qubits);
  return sum_parts<double>(n_qubits, [&](Part part) {
    State<T> image(tiling.bits);  // of one tile at a time
    double sum = 0;
    for (Index k = 0; k < tiles_of_part; ++k) {
      poll_interrupt();
      image.set_zero();
      for (const PauliClass& cls : plan.classes) {
        kernels<T>().class_accumulate(image.data(), state.data(),
                                      tiling.stretch(part.index * tiles_of_part + k), cls,
                                      plan.z.data() + cls.first, coefficients.data() + cls.first);
      }
      sum += image.inner(image).real();
    }
    return sum;
  });
}

template std::vector<double> pauli_expectations(std::span<const PauliTerm>, const State<float>&,
                                                const SweepSizes&);
template std::vector<double> pauli_expectations(std::span<const PauliTerm>, const State<double>&,
                                                const SweepSizes&);
template void accumulate_paulis(std::span<const PauliTerm>, double, const State<float>&,
                                State<float>&, const SweepSizes&);
template void accumulate_paulis(std::span<const PauliTerm>, double, const State<double>&,
                                State<double>&, const SweepSizes&);
template double image_norm2(std::span<const PauliTerm>, const State<float>&, const SweepSizes&);
template double image_norm2(std::span<const PauliTerm>, const State<double>&, const SweepSizes&);

}  // namespace qsim
