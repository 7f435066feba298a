#include "qsim/estimates/measurement_plan.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "qsim/compile/bind.h"
#include "qsim/core/bits.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/engines/execute.h"
#include "qsim/observables/pauli_strings.h"

namespace qsim {
namespace {

// What came out of measuring all qubits, and how often.
struct Outcome {
  Index bits = 0;
  std::int64_t count = 0;
};

// By whichever is less work: drawing how often each basis state comes up, or shot by shot.
template <class T>
std::vector<Outcome> measure_all(const State<T>& state, std::int64_t shots, Random& random) {
  std::vector<Outcome> out;
  if (static_cast<Index>(shots) >= state.size()) {
    const auto counts = multinomial(state.probabilities(), shots, random);
    for (std::size_t k = 0; k < counts.size(); ++k) {
      if (counts[k] > 0) out.push_back({k, counts[k]});
    }
    return out;
  }
  for (const Index bits : state.sample(shots, random.bits())) out.push_back({bits, 1});
  return out;
}

// The mean of `value` over the shots, and the variance of that mean.
Estimate mean_of(std::span<const double> values, std::span<const Outcome> outcomes,
                 std::int64_t shots) {
  double mean = 0;
  for (std::size_t k = 0; k < values.size(); ++k) {
    mean += values[k] * static_cast<double>(outcomes[k].count);
  }
  mean /= static_cast<double>(shots);
  double square = 0;
  for (std::size_t k = 0; k < values.size(); ++k) {
    square += (values[k] - mean) * (values[k] - mean) * static_cast<double>(outcomes[k].count);
  }
  return {mean, variance_of_mean(square / static_cast<double>(shots), shots)};
}

template <class T>
State<T> turned(const State<T>& state, const Program& program) {
  State<T> out = state;
  Binding<T> binding;
  bind_parameters(program, {}, binding);
  run_steps(program, binding, out);
  return out;
}

}  // namespace

MeasurementPlan::MeasurementPlan(std::vector<Observable> observables, int n_qubits,
                                 Grouping grouping)
    : observables_(std::move(observables)) {
  for (const Observable& observable : observables_) {
    const int needed = qubits_needed(observable);
    require(needed <= n_qubits, "an observable over ", needed, " qubits does not fit a state of ",
            n_qubits);
  }
  if (grouping != Grouping::kNone) add_groups(n_qubits, grouping);
  for (std::size_t k = 0; k < observables_.size(); ++k) {
    const auto* sum = std::get_if<PauliSum>(&observables_[k]);
    if (sum == nullptr) {
      settings_.push_back({.matrix = k});
    } else if (grouping == Grouping::kNone) {
      for (std::size_t term = 0; term < sum->terms().size(); ++term) {
        const auto& [coefficient, string] = sum->terms()[term];
        if (!string.is_identity()) settings_.push_back({{{k, term, coefficient, 0, string}}});
      }
    }
  }
}

void MeasurementPlan::add_groups(int n_qubits, Grouping grouping) {
  struct Owner {
    std::size_t observable;
    std::size_t term;
    double coefficient;
  };
  std::map<PauliString, std::vector<Owner>> owners;
  for (std::size_t k = 0; k < observables_.size(); ++k) {
    const auto* sum = std::get_if<PauliSum>(&observables_[k]);
    if (sum == nullptr) continue;
    for (std::size_t term = 0; term < sum->terms().size(); ++term) {
      const auto& [coefficient, string] = sum->terms()[term];
      if (!string.is_identity()) owners[string].push_back({k, term, coefficient});
    }
  }
  std::vector<PauliTerm> terms;
  for (const auto& [string, of_string] : owners) {
    double square = 0;
    for (const Owner& owner : of_string) square += owner.coefficient * owner.coefficient;
    terms.push_back({std::sqrt(square), string});
  }
  for (const auto& group : commuting_groups(terms, grouping)) {
    Setting setting;
    for (const std::size_t k : group) {
      setting.strings.push_back(terms[k].string);
      for (const Owner& owner : owners[terms[k].string]) {
        setting.parts.push_back(
            {owner.observable, owner.term, owner.coefficient, 0, terms[k].string});
      }
    }
    std::ranges::stable_sort(setting.parts, {}, &Contribution::observable);
    turn_together(setting, n_qubits);
    settings_.push_back(std::move(setting));
  }
}

// Makes the strings of a setting Zs.
void MeasurementPlan::turn_together(Setting& setting, int n_qubits) {
  const Diagonaliser diagonaliser(setting.strings, n_qubits);
  setting.turn = std::make_shared<const Program>(compile(diagonaliser.circuit));
  std::map<PauliString, std::size_t> places;
  for (const PauliString& string : setting.strings) places.emplace(string, places.size());
  for (Contribution& part : setting.parts) {
    const auto& [diagonal, negative] = diagonaliser.diagonal[places.at(part.string)];
    part.mask = diagonal.z;
    if (negative) part.coefficient = -part.coefficient;
  }
}

std::vector<double> MeasurementPlan::weights() const {
  std::vector<double> out;
  for (const Setting& setting : settings_) {
    if (setting.parts.empty()) {
      out.push_back(setting_weights(observables_[setting.matrix]).front());
      continue;
    }
    std::map<std::size_t, double> squares;  // by observable
    for (const Contribution& part : setting.parts) {
      squares[part.observable] += part.coefficient * part.coefficient;
    }
    double weight = 0;
    for (const auto& [observable, square] : squares) weight += std::sqrt(square);
    out.push_back(weight);
  }
  return out;
}

std::vector<std::vector<PauliString>> MeasurementPlan::strings() const {
  std::vector<std::vector<PauliString>> out;
  for (const Setting& setting : settings_) {
    std::vector<PauliString>& strings = out.emplace_back();
    for (const Contribution& part : setting.parts) strings.push_back(part.string);
    std::ranges::sort(strings);
    strings.erase(std::unique(strings.begin(), strings.end()), strings.end());
  }
  return out;
}

std::vector<std::vector<ConeSummand>> MeasurementPlan::units() const {
  std::vector<std::vector<ConeSummand>> out;
  for (const Setting& setting : settings_) {
    std::vector<ConeSummand>& unit = out.emplace_back();
    for (const Contribution& part : setting.parts) unit.push_back({part.observable, part.term});
    if (setting.parts.empty()) unit.push_back({setting.matrix, 0});
  }
  return out;
}

MeasurementPlan MeasurementPlan::in_cone(std::span<const std::size_t> settings,
                                         std::span<const Qubit> qubits) const {
  const int n_qubits = static_cast<int>(qubits.size());
  MeasurementPlan out;
  out.observables_.assign(observables_.size(), PauliSum(n_qubits, {}));
  for (const std::size_t k : settings) {
    Setting& setting = out.settings_.emplace_back(settings_[k]);
    const auto local = [&](const PauliString& string) {
      return PauliString{gather_bits(string.x, qubits), gather_bits(string.z, qubits)};
    };
    std::ranges::transform(setting.strings, setting.strings.begin(), local);
    for (Contribution& part : setting.parts) {
      part.string = local(part.string);
      part.coefficient =
          std::get<PauliSum>(observables_[part.observable]).terms()[part.term].coefficient;
    }
    if (setting.turn) turn_together(setting, n_qubits);
    if (!setting.parts.empty()) continue;
    auto matrix = std::get<MatrixObservable>(observables_[setting.matrix]);
    matrix.qubits = places_of(matrix.qubits, qubits);
    out.observables_[setting.matrix] = std::move(matrix);
  }
  return out;
}

std::vector<double> MeasurementPlan::identities() const {
  std::vector<double> out(observables_.size());
  for (std::size_t k = 0; k < observables_.size(); ++k) {
    const auto* sum = std::get_if<PauliSum>(&observables_[k]);
    if (sum == nullptr) continue;
    for (const auto& [coefficient, string] : sum->terms()) {
      if (string.is_identity()) out[k] += coefficient;
    }
  }
  return out;
}

template <class T>
void MeasurementPlan::measure_group(const Setting& setting, const State<T>& state,
                                    std::int64_t shots, Random& random,
                                    std::vector<Estimate>& out) const {
  const State<T> turned_state = turned(state, *setting.turn);
  const auto outcomes = measure_all(turned_state, shots, random);
  std::vector<double> values(outcomes.size());  // of one observable
  for (std::size_t p = 0; p < setting.parts.size();) {
    poll_interrupt();
    const std::size_t observable = setting.parts[p].observable;
    std::ranges::fill(values, 0.0);
    for (; p < setting.parts.size() && setting.parts[p].observable == observable; ++p) {
      const Contribution& part = setting.parts[p];
      for (std::size_t k = 0; k < outcomes.size(); ++k) {
        const bool odd = parity(outcomes[k].bits & part.mask);
        values[k] += odd ? -part.coefficient : part.coefficient;
      }
    }
    const Estimate estimate = mean_of(values, outcomes, shots);
    out[observable].mean += estimate.mean;
    out[observable].variance += estimate.variance;
  }
}

template <class T>
std::vector<Estimate> MeasurementPlan::estimate(const State<T>& state,
                                                std::span<const std::int64_t> shots,
                                                Random& random) const {
  require(shots.size() == settings_.size(), "there are ", settings_.size(),
          " settings, got shots for ", shots.size());
  std::vector<Estimate> out(observables_.size());
  if (std::ranges::all_of(shots, [](std::int64_t n) { return n == 0; })) {
    const std::vector<double> exact = expectations<T>(observables_, state);
    for (std::size_t k = 0; k < exact.size(); ++k) out[k].mean = exact[k];
    return out;
  }
  std::vector<PauliTerm> single;  // what one string alone gives follows from its exact value
  for (const Setting& setting : settings_) {
    if (!setting.turn && !setting.parts.empty()) single.push_back({1.0, setting.parts[0].string});
  }
  const std::vector<double> exact = pauli_expectations<T>(single, state);
  std::size_t next = 0;
  for (std::size_t k = 0; k < settings_.size(); ++k) {
    const Setting& setting = settings_[k];
    require(shots[k] >= 1, "the number of shots is ", shots[k], "; it must be at least 1");
    if (setting.parts.empty()) {
      out[setting.matrix] =
          estimate_expectation(observables_[setting.matrix], state, shots.subspan(k, 1), random);
    } else if (setting.turn) {
      measure_group(setting, state, shots[k], random, out);
    } else {
      const Contribution& part = setting.parts.front();
      const Estimate estimate = estimate_string(exact[next++], shots[k], random);
      out[part.observable].mean += part.coefficient * estimate.mean;
      out[part.observable].variance += part.coefficient * part.coefficient * estimate.variance;
    }
  }
  const std::vector<double> known = identities();
  for (std::size_t k = 0; k < out.size(); ++k) out[k].mean += known[k];
  return out;
}

template std::vector<Estimate> MeasurementPlan::estimate(const State<float>&,
                                                         std::span<const std::int64_t>,
                                                         Random&) const;
template std::vector<Estimate> MeasurementPlan::estimate(const State<double>&,
                                                         std::span<const std::int64_t>,
                                                         Random&) const;

}  // namespace qsim
