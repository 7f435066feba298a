#include "qsim/noise/exact_run.h"

#include <utility>

#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/memory.h"
#include "qsim/engines/execute.h"

namespace qsim {

template <class T>
ExactRun<T>::ExactRun(const Schedule& schedule) : schedule_(schedule) {
  require_memory(DensityMatrix<T>::bytes(schedule.n_qubits),
                 concat("the density matrix of ", schedule.n_qubits, " qubits"));
  std::vector<ExactLeg> legs = exact_legs(schedule);
  legs_.reserve(legs.size());  // programs stay where they are
  for (ExactLeg& leg : legs) {
    const auto primitives =
        with_channels_in_parts(std::exchange(leg.primitives, {}), schedule.n_qubits);
    Program program = compile_gates(2 * schedule.n_qubits, primitives, leg.n_coordinates);
    legs_.push_back({std::move(leg), std::move(program), {}});
  }
}

template <class T>
void ExactRun<T>::run(const Binding<double>& binding, std::span<const double> coordinates,
                      const PartDone& part_done) {
  branches_.clear();
  branches_ = first_branches<T>(schedule_, binding);
  const auto work = [](const PreparedLeg& leg) {
    return 1 + static_cast<double>(leg.program.steps.size());
  };
  double all = 0;
  for (const PreparedLeg& leg : legs_) all += work(leg);
  double done = 0;
  for (PreparedLeg& leg : legs_) {
    poll_interrupt();
    const double share = work(leg) / all;
    if (leg.what.bit >= 0) {
      measure(leg.what, branches_);
    } else {
      run_gates(leg, coordinates, [&](double part) {
        if (part_done) part_done(done + part * share);
      });
    }
    done += share;
    if (part_done) part_done(done);
    keep_live(leg.what.live, branches_);
  }
}

template <class T>
void ExactRun<T>::run_gates(PreparedLeg& leg, std::span<const double> coordinates,
                            const PartDone& part_done) {
  const ExactLeg& what = leg.what;
  bind_parameters(leg.program, coordinates.subspan(what.first_coordinate, what.n_coordinates),
                  leg.binding);
  const auto n_branches = static_cast<double>(branches_.size());
  double done = 0;
  for (auto& [bits, rho] : branches_) {
    if (acts_on(what, bits)) {
      run_steps(leg.program, leg.binding, rho.numbers(),
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
