#include "qsim/noise/exact_run.h"

#include <utility>

#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/memory.h"
#include "qsim/execute/execute.h"

namespace qsim {

template <class T>
ExactRun<T>::ExactRun(const Schedule& schedule) : schedule_(schedule) {
  require_memory(DensityMatrix<T>::bytes(schedule.n_qubits),
                 concat("the density matrix of ", schedule.n_qubits, " qubits"));
  std::vector<ExactStage> stages = exact_stages(schedule);
  stages_.reserve(stages.size());  // programs stay where they are
  for (ExactStage& stage : stages) {
    const auto primitives =
        with_pauli_bases(std::exchange(stage.primitives, {}), schedule.n_qubits);
    Program program = compile_gates(2 * schedule.n_qubits, primitives, stage.n_coordinates);
    stages_.push_back({std::move(stage), std::move(program), {}});
  }
}

template <class T>
void ExactRun<T>::run(const Binding<double>& binding, std::span<const double> coordinates,
                      const PartDone& part_done) {
  branches_.clear();
  branches_ = first_branches<T>(schedule_, binding);
  const auto work = [](const Stage& stage) {
    return 1 + static_cast<double>(stage.program.steps.size());
  };
  double all = 0;
  for (const Stage& stage : stages_) all += work(stage);
  double done = 0;
  for (Stage& stage : stages_) {
    poll_interrupt();
    const double share = work(stage) / all;
    if (stage.what.bit >= 0) {
      measure(stage.what, branches_);
    } else {
      run_gates(stage, coordinates, [&](double part) {
        if (part_done) part_done(done + part * share);
      });
    }
    done += share;
    if (part_done) part_done(done);
    keep_live(stage.what.live, branches_);
  }
}

template <class T>
void ExactRun<T>::run_gates(Stage& stage, std::span<const double> coordinates,
                            const PartDone& part_done) {
  const ExactStage& what = stage.what;
  bind_parameters(stage.program, coordinates.subspan(what.first_coordinate, what.n_coordinates),
                  stage.binding);
  const auto n_branches = static_cast<double>(branches_.size());
  double done = 0;
  for (auto& [bits, rho] : branches_) {
    if (acts_on(what, bits)) {
      run_steps(stage.program, stage.binding, rho.numbers(),
                [&](double part) { part_done((done + part) / n_branches); });
    }
    ++done;
  }
}

namespace {

// Replaces the distribution over a qubit's true outcomes by that over what is read.
void misread(const ReadoutError& error, std::size_t place, std::vector<double>& p) {
  for (Index k = 0; k < p.size(); ++k) {
    if (has_bit(k, static_cast<int>(place))) continue;
    double& zero = p[k];
    double& one = p[k | bit(static_cast<int>(place))];
    const double turned = zero * error.one_for_zero - one * error.zero_for_one;
    zero -= turned;
    one += turned;
  }
}

}  // namespace

template <class T>
Distribution ExactRun<T>::distribution() const {
  std::vector<Qubit> qubits;
  for (const FinalMeasurement& m : schedule_.final_measurements) qubits.push_back(m.qubit);
  Distribution out;
  for (const auto& [bits, rho] : branches_) {
    const double all_of_it = rho.trace();
    std::vector<double> p =
        qubits.empty() ? std::vector<double>{all_of_it} : rho.probabilities(qubits);
    for (std::size_t place = 0; place < qubits.size(); ++place) {
      const auto& error = schedule_.final_measurements[place].misread;
      if (error) misread(*error, place, p);
    }
    for (Index k = 0; k < p.size(); ++k) {
      if (p[k] <= kNegligible<T> * all_of_it) continue;
      BitWords all = bits;
      for (std::size_t place = 0; place < qubits.size(); ++place) {
        set_bit(all, schedule_.final_measurements[place].bit, has_bit(k, static_cast<int>(place)));
      }
      out[std::move(all)] += p[k];
    }
  }
  return out;
}

template <class T>
DensityMatrix<T> ExactRun<T>::average() {
  DensityMatrix<T> out = std::move(branches_.begin()->second);
  for (auto it = std::next(branches_.begin()); it != branches_.end(); ++it) out.add(it->second);
  branches_.clear();
  return out;
}

template class ExactRun<float>;
template class ExactRun<double>;

}  // namespace qsim
