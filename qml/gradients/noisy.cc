#include "qml/gradients/noisy.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "qml/gradients/chain_rule.h"
#include "qml/gradients/noisy_sweep.h"
#include "qml/gradients/shift_plan.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/memory.h"
#include "qsim/core/parallel.h"
#include "qsim/core/random.h"
#include "qsim/execute/execute.h"
#include "qsim/noise/exact_run.h"
#include "qsim/noise/trajectories.h"

namespace qml {
namespace {

using qsim::require;

constexpr std::size_t kMostWorkers = 1024;

// What is costly to compile stays with the program between calls.
template <class Thing>
class Kept {
 public:
  template <class Source>
  Kept(const NoisyProgram& program, const Source& source)
      : cache_(program.schedule.angles.prepared), thing_(cache_.take<Thing>(0)) {
    if (!thing_) thing_ = std::make_unique<Thing>(source);
  }
  ~Kept() { cache_.put(0, std::move(thing_)); }
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;
  Thing* operator->() const { return thing_.get(); }

 private:
  qsim::Cache& cache_;
  std::unique_ptr<Thing> thing_;
};

// A circuit with one angle moved, or none.
struct Shifted {
  std::size_t slot = 0;
  ShiftTerm term;
};

template <class T>
class Runner {
 public:
  Runner(const NoisyProgram& program, std::span<const double> weights,
         const NoisySampling& sampling)
      : program_(program), sampling_(sampling) {
    qsim::bind_parameters(program.schedule.angles, weights, binding_);
    angles_ = qsim::coordinates(program.schedule, binding_);
  }

  [[nodiscard]] const qsim::Binding<double>& binding() const { return binding_; }

  // The values of every circuit; on density matrices narrow ones run on all threads.
  std::vector<NoisyValues> run(const std::vector<Shifted>& circuits) {
    std::vector<NoisyValues> out(circuits.size());
    const bool narrow = 2 * program_.schedule.n_qubits < qsim::kInterruptibleQubits;
    const int most = static_cast<int>(std::min<std::size_t>(circuits.size(), kMostWorkers));
    const int workers = sampling_.trajectories || !narrow ? 1 : std::min(most, qsim::num_threads());
    std::vector<std::unique_ptr<Kept<qsim::ExactRun<T>>>> runs(static_cast<std::size_t>(workers));
    qsim::parallel_for_workers(circuits.size(), workers, [&](qsim::Index k, int worker) {
      qsim::poll_interrupt();
      std::vector<double> angles = angles_;
      if (!angles.empty()) angles[circuits[k].slot] += circuits[k].term.shift;
      if (sampling_.trajectories) {
        out[k] = sampled(angles, k);
        return;
      }
      auto& kept = runs[static_cast<std::size_t>(worker)];
      if (!kept) kept = std::make_unique<Kept<qsim::ExactRun<T>>>(program_, program_.schedule);
      const Kept<qsim::ExactRun<T>>& exact = *kept;
      exact->run(binding_, angles);
      const qsim::DensityMatrix<T> rho = exact->average();
      for (const qsim::Observable& observable : program_.observables) {
        out[k].values.push_back(rho.expectation(observable));
      }
      out[k].errors.resize(out[k].values.size());
    });
    return out;
  }

 private:
  [[nodiscard]] NoisyValues sampled(const std::vector<double>& angles, qsim::Index circuit) const {
    const std::uint64_t seed = qsim::Random(sampling_.seed, circuit).bits();
    auto found = qsim::trajectory_expectations<T>(
        program_.schedule, binding_, angles, program_.observables, *sampling_.trajectories, seed);
    return {std::move(found.means), std::move(found.errors)};
  }

  const NoisyProgram& program_;
  NoisySampling sampling_;
  qsim::Binding<double> binding_;
  std::vector<double> angles_;
};

template <class T>
NoisyValues jacobian_by_shifts(const NoisyProgram& program, std::span<const double> weights,
                               const NoisySampling& sampling) {
  const qsim::Program& angles = program.schedule.angles;
  const ShiftPlan plan(angles);
  std::vector<Shifted> circuits;
  for (std::size_t slot = 0; slot < angles.slots.size(); ++slot) {
    for (const ShiftTerm& term : plan.rules[slot]) circuits.push_back({slot, term});
  }
  Runner<T> runner(program, weights, sampling);
  const std::vector<NoisyValues> values = runner.run(circuits);
  const std::size_t n_weights = weights.size();
  const std::size_t n_observables = program.observables.size();
  NoisyValues out{std::vector<double>(n_observables * n_weights),
                  std::vector<double>(n_observables * n_weights)};
  ChainRule chain(angles, runner.binding().values);
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

template <class T>
NoisyValues jacobian_by_sweep(const NoisyProgram& program, std::span<const double> weights) {
  const qsim::Program& angles = program.schedule.angles;
  qsim::Binding<double> binding;
  qsim::bind_parameters(angles, weights, binding);
  std::vector<double> derivatives =
      Kept<NoisySweep<T>>(program, program)
          ->run(binding, qsim::coordinates(program.schedule, binding));
  const std::size_t n_observables = program.observables.size();
  NoisyValues out;
  for (std::size_t o = 0; o < n_observables; ++o) {
    const auto row = std::span(derivatives).subspan(o * angles.tape.size(), angles.tape.size());
    reverse_tape(angles, binding.values, row);
    out.values.insert(out.values.end(), row.begin(),
                      row.begin() + static_cast<std::ptrdiff_t>(weights.size()));
  }
  out.errors.resize(out.values.size());
  return out;
}

// A run parts into branches too, whose number nobody knows: half of the memory is left for them.
template <class T>
bool sweep_fits(const NoisyProgram& program) {
  constexpr double kAlwaysThere = 64.0 * (1 << 20);
  const double bytes = NoisySweep<T>::bytes(program);
  return bytes <= kAlwaysThere || bytes <= static_cast<double>(qsim::available_memory()) / 2;
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
                         const NoisySampling& sampling) {
  return Runner<T>(program, weights, sampling).run({{}}).front();
}

template <class T>
NoisyValues noisy_jacobian(const NoisyProgram& program, std::span<const double> weights,
                           const NoisySampling& sampling, NoisyMethod method) {
  require(!sampling.trajectories || method != NoisyMethod::kSweep,
          "the adjoint method is exact; trajectories are for parameter shift");
  const bool sweep =
      method == NoisyMethod::kSweep ||
      (method == NoisyMethod::kAuto && !sampling.trajectories && sweep_fits<T>(program));
  return sweep ? jacobian_by_sweep<T>(program, weights)
               : jacobian_by_shifts<T>(program, weights, sampling);
}

template NoisyValues noisy_expval<float>(const NoisyProgram&, std::span<const double>,
                                         const NoisySampling&);
template NoisyValues noisy_expval<double>(const NoisyProgram&, std::span<const double>,
                                          const NoisySampling&);
template NoisyValues noisy_jacobian<float>(const NoisyProgram&, std::span<const double>,
                                           const NoisySampling&, NoisyMethod);
template NoisyValues noisy_jacobian<double>(const NoisyProgram&, std::span<const double>,
                                            const NoisySampling&, NoisyMethod);

}  // namespace qml
