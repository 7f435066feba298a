#include "qml/gradients/evaluate.h"

#include <algorithm>
#include <array>
#include <utility>

#include "qml/gradients/collect.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/random.h"
#include "qsim/observables/expectation.h"

namespace qml {
namespace {

using qsim::Program;
using qsim::Random;
using qsim::require;

struct QuantityRow {
  Quantity quantity;
  std::string_view name;
  bool of_observables;
  bool takes_shots;
};

constexpr std::array kQuantities{
    QuantityRow{Quantity::kExpval, "expval", true, true},
    QuantityRow{Quantity::kVariance, "variance", true, false},
    QuantityRow{Quantity::kProbs, "probs", false, true},
    QuantityRow{Quantity::kState, "state", false, false},
};

const QuantityRow& row_of(Quantity quantity) {
  return kQuantities.at(static_cast<std::size_t>(quantity));
}

}  // namespace

Quantity quantity(std::string_view name) {
  std::string names;
  for (const QuantityRow& row : kQuantities) {
    if (row.name == name) return row.quantity;
    names += qsim::concat(names.empty() ? "" : ", ", row.name);
  }
  qsim::fail("there is no quantity '", name, "'; there is ", names);
}

std::string_view name_of(Quantity quantity) { return row_of(quantity).name; }

std::size_t n_values(const Program& program, Quantity quantity) {
  if (row_of(quantity).of_observables) return program.observables.size();
  return (quantity == Quantity::kState ? 2 : 1) * qsim::bit(program.n_qubits);
}

void check(const Program& program, Quantity quantity, const Sampling& sampling) {
  const QuantityRow& row = row_of(quantity);
  require(!row.of_observables || !program.observables.empty(),
          "the program has no observables to take values of");
  require(!sampling.shots || *sampling.shots >= 1, "the number of shots is ",
          sampling.shots.value_or(0), "; it must be at least 1");
  require(!sampling.shots || row.takes_shots, row.name,
          " is exact and takes no shots; expval and probs do");
}

Random shot_stream(std::uint64_t seed, std::size_t sample, std::size_t run) {
  constexpr int kRunBits = 32;
  return Random(seed, (static_cast<std::uint64_t>(sample) << kRunBits) | run);
}

template <class T>
void read_values(const Program& program, const qsim::State<T>& ket, Quantity quantity,
                 const Sampling& sampling, std::size_t sample, std::size_t run,
                 std::span<double> out) {
  const auto& shots = sampling.shots;
  Random random = shot_stream(sampling.seed, sample, run);
  switch (quantity) {
    case Quantity::kExpval:
      if (!shots) {
        const auto values = qsim::expectations<T>(program.observables, ket);
        std::copy(values.begin(), values.end(), out.begin());
        return;
      }
      for (std::size_t k = 0; k < out.size(); ++k) {
        out[k] = qsim::sampled_expectation(program.observables[k], ket, *shots, random);
      }
      return;
    case Quantity::kVariance:
      for (std::size_t k = 0; k < out.size(); ++k) {
        out[k] = qsim::variance(program.observables[k], ket);
      }
      return;
    case Quantity::kProbs: {
      const auto p = shots ? qsim::sampled_probabilities(ket, *shots, random) : ket.probabilities();
      std::copy(p.begin(), p.end(), out.begin());
      return;
    }
    case Quantity::kState:
      for (qsim::Index i = 0; i < ket.size(); ++i) {
        const auto amplitude = ket.amplitude(i);
        out[2 * i] = static_cast<double>(amplitude.real());
        out[2 * i + 1] = static_cast<double>(amplitude.imag());
      }
      return;
  }
}

template <class T>
void evaluate(Workspace<T>& workspace, Quantity quantity, const Sampling& sampling,
              std::size_t sample, std::size_t run, std::span<double> out) {
  qsim::poll_interrupt();
  workspace.forward();
  read_values(workspace.program(), workspace.ket(), quantity, sampling, sample, run, out);
}

template <class T>
std::vector<double> evaluate(const Program& program, const Batch& batch, Quantity quantity,
                             const Sampling& sampling) {
  check(program, quantity, sampling);
  const std::size_t n = n_values(program, quantity);
  if (runs_in_blocks<T>(program, batch)) {
    std::vector<double> out = result<double>(program, batch, n);
    for_blocks<T>(program, batch, {}, [&](std::size_t first, BlockWorker<T>& worker) {
      worker.block().forward();
      worker.values(quantity, sampling, first,
                    std::span(out).subspan(first * n, worker.block().count() * n));
    });
    return out;
  }
  return collect<T, double>(
      program, batch, n, [&](std::size_t sample, const qsim::State<T>& ket, std::span<double> out) {
        read_values(program, ket, quantity, sampling, sample, 0, out);
      });
}

template <class T>
std::vector<std::complex<T>> states(const Program& program, const Batch& batch) {
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
        const auto draws = ket.sample(shots, shot_stream(seed, k, 0).bits());
        std::copy(draws.begin(), draws.end(), out.begin());
      });
}

// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define KETGRAD_INSTANTIATE(T)                                                                  \
  template void evaluate<T>(Workspace<T>&, Quantity, const Sampling&, std::size_t, std::size_t, \
                            std::span<double>);                                                 \
  template std::vector<double> evaluate<T>(const Program&, const Batch&, Quantity,              \
                                           const Sampling&);                                    \
  template std::vector<std::complex<T>> states<T>(const Program&, const Batch&);                \
  template std::vector<qsim::Index> sample<T>(const Program&, const Batch&, std::int64_t,       \
                                              std::uint64_t);
KETGRAD_INSTANTIATE(float)
KETGRAD_INSTANTIATE(double)
#undef KETGRAD_INSTANTIATE
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace qml
