#include "qsim/observables/pauli_operator.h"

#include <complex>
#include <iterator>
#include <numeric>
#include <utility>

#include "qsim/state/parts.h"

namespace qsim {

template <class T>
PauliOperator<T>::PauliOperator(std::vector<PauliTerm> terms, int n_qubits, const SweepSizes& sizes)
    : tiling_(n_qubits, sizes), is_tiled_(is_tiled<T>(n_qubits, sizes)), terms_(std::move(terms)) {
  if (!is_tiled_) return;
  plan_ = plan_paulis(terms_);
  // A single string shares nothing, and goes through memory faster by itself.
  if (terms_.size() == 1) return;
  for_batches(plan_, tiling_, [&](StringBatch batch) {
    std::move(batch.groups.begin(), batch.groups.end(), std::back_inserter(groups_));
  });
}

template <class T>
double PauliOperator<T>::accumulate(double factor, const State<T>& state, State<T>& out,
                                    const ImageHooks& hooks) const {
  if (groups_.empty()) return accumulate_one_by_one(factor, state, out, hooks);
  const std::vector<T> coefficients = kernel_coefficients(factor);
  std::vector<double> sums(groups_.back().coset_count(tiling_.number_bits));
  for (const PauliGroup& group : groups_) {
    const bool first = hooks.before && &group == &groups_.front();
    const bool last = hooks.after && &group == &groups_.back();
    const auto run = [&](Index k) {
      const Index start = group.coset_start(k);
      for (const Index number : group.tiles) {
        const Stretch stretch = tiling_.stretch(start ^ number);
        if (first) hooks.before(stretch);
        for (const PauliClass& cls : group.classes) {
          kernels<T>().class_accumulate(numbers_of(out, stretch), state.data(), stretch, cls,
                                        plan_.z.data() + cls.first,
                                        coefficients.data() + cls.first);
        }
        if (last) sums[k] += hooks.after(stretch);
      }
    };
    for_tasks(group.coset_count(tiling_.number_bits), terms_.size() << state.n_qubits(), run);
  }
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

template <class T>
double PauliOperator<T>::accumulate_one_by_one(double factor, const State<T>& state, State<T>& out,
                                               const ImageHooks& hooks) const {
  return sum_parts<double>(state.n_qubits(), [&](Part part) {
    const Stretch stretch = stretch_of(state, part);
    if (hooks.before) hooks.before(stretch);
    for (const auto& [c, string] : terms_) {
      const std::complex<T> coefficient(static_cast<T>(factor * c));
      kernels<T>().accumulate(out.data(), state.data(), state.storage(), string, coefficient, part);
    }
    return hooks.after ? hooks.after(stretch) : 0.0;
  });
}

template <class T>
double PauliOperator<T>::image_norm2(const State<T>& state) const {
  const int n_qubits = state.n_qubits();
  if (!is_tiled_) {
    State<T> image(n_qubits);
    image.set_zero();
    accumulate(1.0, state, image);
    return image.inner(image).real();
  }
  const std::vector<T> coefficients = kernel_coefficients(1.0);
  const Index tiles_of_part = bit(tiling_.number_bits) / part_count(n_qubits);
  return sum_parts<double>(n_qubits, [&](Part part) {
    State<T> image(tiling_.bits);  // of one tile at a time
    double sum = 0;
    for (Index k = 0; k < tiles_of_part; ++k) {
      poll_interrupt();
      image.set_zero();
      for (const PauliClass& cls : plan_.classes) {
        kernels<T>().class_accumulate(image.data(), state.data(),
                                      tiling_.stretch(part.index * tiles_of_part + k), cls,
                                      plan_.z.data() + cls.first, coefficients.data() + cls.first);
      }
      sum += image.inner(image).real();
    }
    return sum;
  });
}

// As the kernels want them.
template <class T>
std::vector<T> PauliOperator<T>::kernel_coefficients(double factor) const {
  std::vector<T> out;
  out.reserve(plan_.terms.size());
  for (const auto& [c, string] : plan_.terms) {
    out.push_back(static_cast<T>(factor * c * pauli_sign(string)));
  }
  return out;
}

template class PauliOperator<float>;
template class PauliOperator<double>;

}  // namespace qsim
