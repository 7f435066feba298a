#include "qml/gradients/noisy.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "qml/gradients/chain_rule.h"
#include "qml/gradients/shift_plan.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/parallel.h"
#include "qsim/core/random.h"
#include "qsim/execute/execute.h"
#include "qsim/noise/exact_run.h"
#include "qsim/noise/trajectories.h"

namespace qml {
namespace {

using qsim::require;

// A sample's circuit with one angle moved, or none.
struct Shifted {
  std::size_t sample = 0;
  std::size_t slot = 0;
  ShiftTerm term;
};

template <class T>
class Runner {
 public:
  Runner(const NoisyProgram& program, std::span<const double> weights,
         const NoisySampling& sampling, std::size_t batch)
      : program_(program), sampling_(sampling), samples_(batch) {
    const std::size_t n = batch == 0 ? 0 : weights.size() / batch;
    require(n * batch == weights.size(), weights.size(), " weights are no batch of ", batch);
    for (std::size_t k = 0; k < batch; ++k) {
      Sample& sample = samples_[k];
      qsim::bind_parameters(program.schedule.angles, weights.subspan(k * n, n), sample.binding);
      sample.angles = qsim::coordinates(program.schedule, sample.binding);
    }
  }

  [[nodiscard]] const qsim::Binding<double>& binding(std::size_t sample) const {
    return samples_[sample].binding;
  }

  // The values of every circuit; on density matrices narrow ones run on all threads.
  std::vector<NoisyValues> run(const std::vector<Shifted>& circuits) {
    std::vector<NoisyValues> out(circuits.size());
    const bool narrow = 2 * program_.schedule.n_qubits < qsim::kInterruptibleQubits;
    const int workers = sampling_.trajectories || !narrow ? 1 : qsim::num_threads();
    std::vector<std::unique_ptr<qsim::ExactRun<T>>> runs(static_cast<std::size_t>(workers));
    qsim::parallel_for_workers(circuits.size(), workers, [&](qsim::Index k, int worker) {
      qsim::poll_interrupt();
      const Sample& sample = samples_[circuits[k].sample];
      std::vector<double> angles = sample.angles;
      if (!angles.empty()) angles[circuits[k].slot] += circuits[k].term.shift;
      if (sampling_.trajectories) {
        out[k] = sampled(sample, angles, k);
        return;
      }
      auto& exact = runs[static_cast<std::size_t>(worker)];
      if (!exact) exact = std::make_unique<qsim::ExactRun<T>>(program_.schedule);
      exact->run(sample.binding, angles);
      const qsim::DensityMatrix<T> rho = exact->average();
      for (const qsim::Observable& observable : program_.observables) {
        out[k].values.push_back(rho.expectation(observable));
      }
      out[k].errors.resize(out[k].values.size());
    });
    return out;
  }

 private:
  struct Sample {
    qsim::Binding<double> binding;
    std::vector<double> angles;
  };

  [[nodiscard]] NoisyValues sampled(const Sample& sample, const std::vector<double>& angles,
                                    qsim::Index circuit) const {
    const std::uint64_t seed = qsim::Random(sampling_.seed, circuit).bits();
    auto found =
        qsim::trajectory_expectations<T>(program_.schedule, sample.binding, angles,
                                         program_.observables, *sampling_.trajectories, seed);
    return {std::move(found.means), std::move(found.errors)};
  }

  const NoisyProgram& program_;
  NoisySampling sampling_;
  std::vector<Sample> samples_;
};

void append(const std::vector<double>& values, std::vector<double>& out) {
  out.insert(out.end(), values.begin(), values.end());
}

}  // namespace

NoisyProgram::NoisyProgram(const qsim::Circuit& circuit, std::vector<qsim::Observable> measured)
    : schedule(circuit, qsim::Schedule::Goal::kState), observables(std::move(measured)) {
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
NoisyValues noisy_expval(const NoisyProgram& program, std::span<const double> weights,
                         const NoisySampling& sampling, std::size_t batch) {
  std::vector<Shifted> circuits(batch);
  for (std::size_t k = 0; k < batch; ++k) circuits[k].sample = k;
  NoisyValues out;
  for (const NoisyValues& found : Runner<T>(program, weights, sampling, batch).run(circuits)) {
    append(found.values, out.values);
    append(found.errors, out.errors);
  }
  return out;
}

namespace {

// A sample's Jacobian from the values of its shifted circuits.
NoisyValues combined(const NoisyProgram& program, const qsim::Binding<double>& binding,
                     std::span<const Shifted> circuits, std::span<const NoisyValues> values) {
  const qsim::Program& angles = program.schedule.angles;
  const std::size_t n_weights = angles.weights.size();
  const std::size_t n_observables = program.observables.size();
  NoisyValues out{std::vector<double>(n_observables * n_weights),
                  std::vector<double>(n_observables * n_weights)};
  ChainRule chain(angles, binding.values);
  const ChainRule::Slopes slopes = chain.slopes();
  for (std::size_t o = 0; o < n_observables; ++o) {
    std::vector<double> by_slot(angles.slots.size());
    std::vector<double> variances(angles.slots.size());
    for (std::size_t k = 0; k < circuits.size(); ++k) {
      const double c = circuits[k].term.coefficient;
      by_slot[circuits[k].slot] += c * values[k].values[o];
      variances[circuits[k].slot] += c * c * values[k].errors[o] * values[k].errors[o];
    }
    for (std::size_t slot = 0; slot < slopes.size(); ++slot) {
      for (const auto& [weight, slope] : slopes[slot]) {
        out.values[o * n_weights + weight] += slope * by_slot[slot];
        out.errors[o * n_weights + weight] += slope * slope * variances[slot];
      }
    }
  }
  for (double& error : out.errors) error = std::sqrt(error);
  return out;
}

}  // namespace

template <class T>
NoisyValues noisy_jacobian(const NoisyProgram& program, std::span<const double> weights,
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
  Runner<T> runner(program, weights, sampling, batch);
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

template NoisyValues noisy_expval<float>(const NoisyProgram&, std::span<const double>,
                                         const NoisySampling&, std::size_t);
template NoisyValues noisy_expval<double>(const NoisyProgram&, std::span<const double>,
                                          const NoisySampling&, std::size_t);
template NoisyValues noisy_jacobian<float>(const NoisyProgram&, std::span<const double>,
                                           const NoisySampling&, std::size_t);
template NoisyValues noisy_jacobian<double>(const NoisyProgram&, std::span<const double>,
                                            const NoisySampling&, std::size_t);

}  // namespace qml
