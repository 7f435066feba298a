#include "qml/derivatives/evaluate.h"

#include <algorithm>

#include "qml/derivatives/collect.h"
#include "qsim/core/error.h"

namespace qml {

using qsim::Program;

template <class T>
std::vector<double> evaluate(const Program& program, const Batch& batch, Quantity quantity,
                             const Sampling& sampling) {
  check(program, quantity, sampling);
  const std::size_t n = n_values(program, quantity);
  std::vector<double> out = result<double>(program, batch, n);
  qsim::BatchRun<T> run(program, batch, {.reads = qsim::reads_of(quantity)});
  run.for_slices([&](qsim::Worker<T>& worker) {
    worker.forward();
    worker.values(quantity, sampling,
                  std::span(out).subspan(worker.first() * n, worker.count() * n));
  });
  return out;
}

template <class T>
std::vector<std::complex<T>> states(const Program& program, const Batch& batch) {
  qsim::require_memory_of_qubits(
      static_cast<double>(batch.size) * qsim::State<T>::bytes(program.n_qubits),
      qsim::concat("the state of a ", program.n_qubits, "-qubit program"), program.n_qubits);
  return collect<T, std::complex<T>>(
      program, batch, qsim::bit(program.n_qubits),
      [](std::size_t, const qsim::State<T>& ket, std::span<std::complex<T>> out) {
        ket.copy_amplitudes(0, out);
      });
}

template <class T>
std::vector<qsim::Index> sample(const Program& program, const Batch& batch, std::int64_t shots,
                                std::uint64_t seed) {
  check(program, Quantity::kProbs, {shots, seed});
  return collect<T, qsim::Index>(
      program, batch, static_cast<std::size_t>(shots),
      [&](std::size_t k, const qsim::State<T>& ket, std::span<qsim::Index> out) {
        const auto draws = ket.sample(shots, qsim::shot_stream(seed, k, 0).bits());
        std::copy(draws.begin(), draws.end(), out.begin());
      });
}

// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define KETGRAD_INSTANTIATE(T)                                                            \
  template std::vector<double> evaluate<T>(const Program&, const Batch&, Quantity,        \
                                           const Sampling&);                              \
  template std::vector<std::complex<T>> states<T>(const Program&, const Batch&);          \
  template std::vector<qsim::Index> sample<T>(const Program&, const Batch&, std::int64_t, \
                                              std::uint64_t);
KETGRAD_INSTANTIATE(float)
KETGRAD_INSTANTIATE(double)
#undef KETGRAD_INSTANTIATE
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace qml
