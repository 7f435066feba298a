#include "qml/derivatives/noisy.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <utility>

#include "qml/derivatives/noisy_sweep.h"
#include "qml/derivatives/shift/plan.h"
#include "qsim/compile/chain_rule.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/loan.h"
#include "qsim/core/long_vector.h"
#include "qsim/core/matrix.h"
#include "qsim/core/memory.h"
#include "qsim/core/parallel.h"
#include "qsim/core/random.h"
#include "qsim/engines/batch.h"
#include "qsim/engines/execute.h"
#include "qsim/noise/exact_run.h"
#include "qsim/noise/trajectories.h"

namespace qml {
namespace {

using qsim::require;

// Samples side by side: narrow ones run on all threads, wide ones have threads in their kernels.
int workers_for(const NoisyProgram& program, std::size_t count) {
  constexpr std::size_t kMost = 1024;
  if (2 * program.schedule.n_qubits >= qsim::kInterruptibleQubits) return 1;
  return std::min(static_cast<int>(std::clamp(count, std::size_t{1}, kMost)), qsim::num_threads());
}

// A sample's parameters and angles.
struct Sample {
  qsim::Binding<double> binding;
  std::vector<double> angles;
};

std::vector<Sample> samples_of(const NoisyProgram& program, std::span<const double> parameters,
                               std::size_t batch) {
  const std::size_t n = program.schedule.angles.n_parameters();
  require(n * batch == parameters.size(), "a batch of ", batch, " needs ", n * batch,
          " parameters, got ", parameters.size());
  std::vector<Sample> out(batch);
  for (std::size_t k = 0; k < batch; ++k) {
    qsim::bind_parameters(program.schedule.angles, parameters.subspan(k * n, n), out[k].binding);
    out[k].angles = qsim::coordinates(program.schedule, out[k].binding);
  }
  return out;
}

// What body() returns, which runs the batch; its errors name the sample, as in naming_samples().
template <class Body>
auto naming_rows(const NoisyProgram& program, std::span<const double> parameters, std::size_t batch,
                 const Body& body) {
  try {
    return body();
  } catch (const qsim::ValueError& error) {
    const qsim::Program& angles = program.schedule.angles;
    const std::size_t n = angles.n_parameters();
    if (n * batch != parameters.size()) throw;
    std::vector<double> inputs;
    std::vector<double> weights;
    for (std::size_t k = 0; k < parameters.size(); ++k) {
      (k % n < angles.inputs.size() ? inputs : weights).push_back(parameters[k]);
    }
    const qsim::Batch rows{
        .size = batch, .inputs = inputs, .weights = weights, .weights_per_sample = true};
    check(angles, rows);
    name_sample(angles, rows, error);
    throw;
  }
}

// A sample's circuit with one angle moved, or none.
struct Shifted {
  std::size_t sample = 0;
  std::size_t slot = 0;
  ShiftTerm term;
};

// What is read from a density matrix.
template <class T>
using ExactRead = std::function<std::vector<double>(const qsim::DensityMatrix<T>&)>;

template <class T>
class Runner {
 public:
  Runner(const NoisyProgram& program, std::span<const double> parameters,
         const NoisySampling& sampling, std::size_t batch)
      : Runner(program, parameters, batch, [&program](const qsim::DensityMatrix<T>& rho) {
          std::vector<double> out;
          for (const qsim::Observable& observable : program.observables) {
            out.push_back(rho.expectation(observable));
          }
          return out;
        }) {
    sampling_ = sampling;
  }
  Runner(const NoisyProgram& program, std::span<const double> parameters, std::size_t batch,
         ExactRead<T> read)
      : program_(program),
        read_(std::move(read)),
        samples_(samples_of(program, parameters, batch)) {}

  [[nodiscard]] const qsim::Binding<double>& binding(std::size_t sample) const {
    return samples_[sample].binding;
  }

  // The values of every circuit.
  std::vector<NoisyValues> run(const std::vector<Shifted>& circuits) {
    std::vector<NoisyValues> out(circuits.size());
    const int workers = sampling_.trajectories ? 1 : workers_for(program_, circuits.size());
    std::vector<std::unique_ptr<qsim::Loan<qsim::ExactRun<T>>>> runs(
        static_cast<std::size_t>(workers));
    qsim::parallel_for_workers(circuits.size(), workers, [&](qsim::Index k, int worker) {
      qsim::poll_interrupt();
      const Sample& sample = samples_[circuits[k].sample];
      std::vector<double> angles = sample.angles;
      if (!angles.empty()) angles[circuits[k].slot] += circuits[k].term.shift;
      if (sampling_.trajectories) {
        out[k] = sampled(sample, angles, k);
        return;
      }
      auto& loan = runs[static_cast<std::size_t>(worker)];
      if (!loan) {
        loan = std::make_unique<qsim::Loan<qsim::ExactRun<T>>>(
            program_.schedule.angles.prepared, 0,
            [this] { return std::make_unique<qsim::ExactRun<T>>(program_.schedule); });
      }
      qsim::ExactRun<T>& exact = **loan;
      exact.run(sample.binding, angles);
      out[k].values = read_(exact.average());
      out[k].errors.resize(out[k].values.size());
    });
    return out;
  }

 private:
  [[nodiscard]] NoisyValues sampled(const Sample& sample, const std::vector<double>& angles,
                                    qsim::Index circuit) const {
    const std::uint64_t seed = qsim::Random(sampling_.seed, circuit).bits();
    auto found =
        qsim::trajectory_expectations<T>(program_.schedule, sample.binding, angles,
                                         program_.observables, *sampling_.trajectories, seed);
    return {std::move(found.means), std::move(found.errors)};
  }

  const NoisyProgram& program_;
  NoisySampling sampling_{};
  ExactRead<T> read_;
  std::vector<Sample> samples_;
};

void append(const std::vector<double>& values, std::vector<double>& out) {
  out.insert(out.end(), values.begin(), values.end());
}

}  // namespace

NoisyProgram::NoisyProgram(const qsim::Circuit& circuit, std::vector<qsim::Observable> measured,
                           const std::vector<std::string>& inputs, const qsim::AskedNames& weights)
    : schedule(circuit, qsim::Schedule::Goal::kState, inputs, weights),
      observables(std::move(measured)) {
  require(!observables.empty(), "expectation values need at least one observable");
  for (const qsim::Observable& observable : observables) {
    const int needed = qubits_needed(observable);
    require(needed <= circuit.n_qubits(), "an observable over ", needed,
            " qubits does not fit a circuit of ", circuit.n_qubits());
  }
  std::vector<std::vector<double>> eigenvalues = qsim::spectra(schedule);
  for (std::size_t k = 0; k < eigenvalues.size(); ++k) {
    schedule.angles.slots[k].eigenvalues = std::move(eigenvalues[k]);
  }
}

template <class T>
NoisyValues noisy_expval(const NoisyProgram& program, std::span<const double> parameters,
                         const NoisySampling& sampling, std::size_t batch) {
  std::vector<Shifted> circuits(batch);
  for (std::size_t k = 0; k < batch; ++k) circuits[k].sample = k;
  NoisyValues out;
  const auto values = naming_rows(program, parameters, batch, [&] {
    return Runner<T>(program, parameters, sampling, batch).run(circuits);
  });
  for (const NoisyValues& found : values) {
    append(found.values, out.values);
    append(found.errors, out.errors);
  }
  return out;
}

template <class T>
std::vector<double> noisy_probs(const NoisyProgram& program, std::span<const double> parameters,
                                std::span<const qsim::Qubit> qubits, std::size_t batch) {
  const int n_qubits = program.schedule.n_qubits;
  qsim::require_distinct(qubits, n_qubits);
  const int n_measured = qubits.empty() ? n_qubits : static_cast<int>(qubits.size());
  qsim::require_memory(
      2.0 * sizeof(double) * static_cast<double>(batch) * std::ldexp(1.0, n_measured),
      "the probabilities of a batch");
  std::vector<Shifted> circuits(batch);
  for (std::size_t k = 0; k < batch; ++k) circuits[k].sample = k;
  const auto values = naming_rows(program, parameters, batch, [&] {
    return Runner<T>(
               program, parameters, batch,
               [qubits](const qsim::DensityMatrix<T>& rho) { return rho.probabilities(qubits); })
        .run(circuits);
  });
  std::vector<double> out;
  for (const NoisyValues& found : values) append(found.values, out);
  return out;
}

namespace {

// A sample's Jacobian from the values of its shifted circuits.
NoisyValues combined(const NoisyProgram& program, const qsim::Binding<double>& binding,
                     std::span<const Shifted> circuits, std::span<const NoisyValues> values) {
  const qsim::Program& angles = program.schedule.angles;
  const std::size_t n_parameters = angles.n_parameters();
  const std::size_t n_observables = program.observables.size();
  NoisyValues out{std::vector<double>(n_observables * n_parameters),
                  std::vector<double>(n_observables * n_parameters)};
  qsim::ChainRule chain(angles, binding.values);
  const qsim::ChainRule::Slopes slopes = chain.slopes();
  for (std::size_t o = 0; o < n_observables; ++o) {
    std::vector<double> by_slot(angles.slots.size());
    std::vector<double> variances(angles.slots.size());
    for (std::size_t k = 0; k < circuits.size(); ++k) {
      const double c = circuits[k].term.coefficient;
      by_slot[circuits[k].slot] += c * values[k].values[o];
      variances[circuits[k].slot] += c * c * values[k].errors[o] * values[k].errors[o];
    }
    for (std::size_t slot = 0; slot < slopes.size(); ++slot) {
      for (const auto& [parameter, slope] : slopes[slot]) {
        out.values[o * n_parameters + parameter] += slope * by_slot[slot];
        out.errors[o * n_parameters + parameter] += slope * slope * variances[slot];
      }
    }
  }
  for (double& error : out.errors) error = std::sqrt(error);
  return out;
}

template <class T>
NoisyValues jacobian_by_shifts(const NoisyProgram& program, std::span<const double> parameters,
                               const NoisySampling& sampling, std::size_t batch) {
  const qsim::Program& angles = program.schedule.angles;
  const ShiftPlan plan(angles);
  std::vector<Shifted> of_each;
  for (std::size_t slot = 0; slot < angles.slots.size(); ++slot) {
    for (const ShiftTerm& term : plan.rules[slot]) of_each.push_back({0, slot, term});
  }
  std::vector<Shifted> circuits;
  for (std::size_t sample = 0; sample < batch; ++sample) {
    for (const Shifted& s : of_each) circuits.push_back({sample, s.slot, s.term});
  }
  Runner<T> runner(program, parameters, sampling, batch);
  const std::vector<NoisyValues> values = runner.run(circuits);
  NoisyValues out;
  for (std::size_t sample = 0; sample < batch; ++sample) {
    const NoisyValues found =
        combined(program, runner.binding(sample), of_each,
                 std::span(values).subspan(sample * of_each.size(), of_each.size()));
    append(found.values, out.values);
    append(found.errors, out.errors);
  }
  return out;
}

// Derivatives by all parameters: of every observable, or of their sum with a sample's cotangent.
template <class T>
std::vector<double> swept(const NoisyProgram& program, std::span<const double> parameters,
                          std::span<const double> cotangents, std::size_t batch) {
  const qsim::Program& angles = program.schedule.angles;
  const std::size_t n_observables = program.observables.size();
  const std::size_t rows = cotangents.empty() ? n_observables : 1;
  const std::size_t n_parameters = angles.n_parameters();
  const std::vector<Sample> samples = samples_of(program, parameters, batch);
  auto out = qsim::long_vector<double>(batch * rows * n_parameters);
  const qsim::Loan<NoisySweep<T>> sweep(program.schedule.angles.prepared, 0,
                                        [&] { return std::make_unique<NoisySweep<T>>(program); });
  const int workers = workers_for(program, batch);
  qsim::parallel_for_workers(batch, workers, [&](qsim::Index k, int) {
    qsim::poll_interrupt();
    const qsim::Binding<double>& binding = samples[k].binding;
    const auto cotangent =
        cotangents.empty() ? cotangents : cotangents.subspan(k * n_observables, n_observables);
    std::vector<double> derivatives =
        sweep->run(binding, samples[k].angles, cotangent, NoisySweep<T>::kMostKept / workers);
    for (std::size_t r = 0; r < rows; ++r) {
      const auto row = std::span(derivatives).subspan(r * angles.tape.size(), angles.tape.size());
      reverse_tape(angles, binding.values, row);
      std::ranges::copy(row.first(n_parameters), out.data() + (k * rows + r) * n_parameters);
    }
  });
  return out;
}

}  // namespace

template <class T>
NoisyValues noisy_jacobian(const NoisyProgram& program, std::span<const double> parameters,
                           const NoisySampling& sampling, std::size_t batch, NoisyMethod method) {
  require(!sampling.trajectories || method != NoisyMethod::kSweep,
          "the adjoint method is exact; trajectories are for parameter shift");
  const bool sweep =
      method == NoisyMethod::kSweep || (method == NoisyMethod::kAuto && !sampling.trajectories);
  if (sweep) {
    try {
      NoisyValues out{naming_rows(program, parameters, batch,
                                  [&] { return swept<T>(program, parameters, {}, batch); }),
                      {}};
      out.errors.resize(out.values.size());
      return out;
    } catch (const qsim::MemoryError&) {
      if (method == NoisyMethod::kSweep) throw;
    }
  }
  return naming_rows(program, parameters, batch,
                     [&] { return jacobian_by_shifts<T>(program, parameters, sampling, batch); });
}

template <class T>
std::vector<double> noisy_vjp(const NoisyProgram& program, std::span<const double> parameters,
                              std::span<const double> cotangents, std::size_t batch) {
  const std::size_t n = batch * program.observables.size();
  require(cotangents.size() == n, "a cotangent of ", batch, " sample(s) needs ", n, " values, got ",
          cotangents.size());
  const std::size_t n_values = program.observables.size();
  for (std::size_t k = 0; k < n; ++k) {
    if (std::isfinite(cotangents[k])) continue;
    qsim::fail("the cotangent of value ", k % n_values,
               qsim::sample_text({.size = batch}, k / n_values), " is ", cotangents[k],
               "; it must be finite");
  }
  return naming_rows(program, parameters, batch,
                     [&] { return swept<T>(program, parameters, cotangents, batch); });
}

template std::vector<double> noisy_probs<float>(const NoisyProgram&, std::span<const double>,
                                                std::span<const qsim::Qubit>, std::size_t);
template std::vector<double> noisy_probs<double>(const NoisyProgram&, std::span<const double>,
                                                 std::span<const qsim::Qubit>, std::size_t);
template NoisyValues noisy_expval<float>(const NoisyProgram&, std::span<const double>,
                                         const NoisySampling&, std::size_t);
template NoisyValues noisy_expval<double>(const NoisyProgram&, std::span<const double>,
                                          const NoisySampling&, std::size_t);
template NoisyValues noisy_jacobian<float>(const NoisyProgram&, std::span<const double>,
                                           const NoisySampling&, std::size_t, NoisyMethod);
template NoisyValues noisy_jacobian<double>(const NoisyProgram&, std::span<const double>,
                                            const NoisySampling&, std::size_t, NoisyMethod);
template std::vector<double> noisy_vjp<float>(const NoisyProgram&, std::span<const double>,
                                              std::span<const double>, std::size_t);
template std::vector<double> noisy_vjp<double>(const NoisyProgram&, std::span<const double>,
                                               std::span<const double>, std::size_t);

}  // namespace qml
