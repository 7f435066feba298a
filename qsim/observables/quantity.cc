#include "qsim/observables/quantity.h"

#include <algorithm>
#include <array>
#include <string>

#include "qsim/core/error.h"
#include "qsim/observables/expectation.h"

namespace qsim {
namespace {

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
    names += concat(names.empty() ? "" : ", ", row.name);
  }
  fail("there is no quantity '", name, "'; there is ", names);
}

std::string_view name_of(Quantity quantity) { return row_of(quantity).name; }

Reads reads_of(Quantity quantity) {
  if (quantity == Quantity::kExpval) return Reads::kExpectations;
  return quantity == Quantity::kVariance ? Reads::kVariances : Reads::kStates;
}

std::size_t n_values(const Program& program, Quantity quantity) {
  if (row_of(quantity).of_observables) return program.observables.size();
  if (quantity == Quantity::kState) return 2 * bit(program.n_qubits);
  return bit(program.measured.empty() ? program.n_qubits
                                      : static_cast<int>(program.measured.size()));
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
void read_values(const Program& program, const State<T>& ket, Quantity quantity,
                 const Sampling& sampling, std::size_t sample, std::span<double> out) {
  const auto& shots = sampling.shots;
  const auto& runs = sampling.runs_of;
  Random random = runs ? shot_stream(sampling.seed, runs->sample, runs->first_run + sample)
                       : shot_stream(sampling.seed, sample, 0);
  switch (quantity) {
    case Quantity::kExpval:
      if (!shots) {
        const auto values = expectations<T>(program.observables, ket);
        std::copy(values.begin(), values.end(), out.begin());
        return;
      }
      for (std::size_t k = 0; k < out.size(); ++k) {
        out[k] = sampled_expectation(program.observables[k], ket, *shots, random);
      }
      return;
    case Quantity::kVariance:
      for (std::size_t k = 0; k < out.size(); ++k) {
        out[k] = variance(program.observables[k], ket);
      }
      return;
    case Quantity::kProbs: {
      const auto p = shots ? sampled_probabilities(ket, program.measured, *shots, random)
                           : ket.probabilities(program.measured);
      std::copy(p.begin(), p.end(), out.begin());
      return;
    }
    case Quantity::kState:
      for (Index i = 0; i < ket.size(); ++i) {
        const auto amplitude = ket.amplitude(i);
        out[2 * i] = static_cast<double>(amplitude.real());
        out[2 * i + 1] = static_cast<double>(amplitude.imag());
      }
      return;
  }
}

template void read_values(const Program&, const State<float>&, Quantity, const Sampling&,
                          std::size_t, std::span<double>);
template void read_values(const Program&, const State<double>&, Quantity, const Sampling&,
                          std::size_t, std::span<double>);

}  // namespace qsim
