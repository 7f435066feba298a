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
void ExactRun<T>::run(const Binding<double>& binding, std::span<const double> coordinates) {
  branches_.clear();
  branches_ = first_branches<T>(schedule_, binding);
  for (auto& [stage, program, bound] : stages_) {
    poll_interrupt();
    if (stage.bit >= 0) {
      measure(stage, branches_);
    } else {
      bind_parameters(program, coordinates.subspan(stage.first_coordinate, stage.n_coordinates),
                      bound);
      for (auto& [bits, rho] : branches_) {
        if (acts_on(stage, bits)) run_steps(program, bound, rho.numbers());
      }
    }
    keep_live(stage.live, branches_);
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
