#include "qsim/observables/pauli_strings.h"

#include "qsim/kernels/kernels.h"
#include "qsim/observables/pauli_plan.h"
#include "qsim/state/parts.h"

namespace qsim {
namespace {

constexpr Index kMostParts = 32;  // of a sum

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

template std::vector<double> pauli_expectations(std::span<const PauliTerm>, const State<float>&,
                                                const SweepSizes&);
template std::vector<double> pauli_expectations(std::span<const PauliTerm>, const State<double>&,
                                                const SweepSizes&);

}  // namespace qsim
