#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "bindings/arguments.h"
#include "bindings/goes_with.h"
#include "bindings/program.h"
#include "qsim/compile/light_cone.h"
#include "qsim/core/loan.h"
#include "qsim/observables/quantity.h"

namespace ketgrad {

using MeasuredQubits = std::optional<QubitsArg>;

// The program that a method is about: itself, or of probabilities of some qubits (`qubits`) that
// which has them, kept with the program between calls.
class Marginal {
 public:
  Marginal(const PyProgram& whole, const MeasuredQubits& qubits, qsim::Quantity of,
           bool given_states = false)
      : program_(&whole) {
    require_goes_with(qubits.has_value(), "qubits", of == qsim::Quantity::kProbs, "of 'probs'");
    if (!qubits) return;
    const std::vector<qsim::Qubit>& asked = qubits->value;
    const qsim::Start start = given_states ? qsim::Start::kAnyState : qsim::Start::kPrepared;
    const auto make = [&] {
      return std::make_unique<Kept>(Kept{
          {qsim::marginal(whole.program, asked, start), whole.single, qsim::Circuit(1)}, asked});
    };
    const auto fits = [&](const Kept& kept) { return kept.qubits == asked; };
    loan_.emplace(whole.program.prepared, given_states ? 1 : 0, make, fits);
    program_ = &(*loan_)->program;
  }

  [[nodiscard]] const PyProgram& get() const { return *program_; }

 private:
  struct Kept {
    PyProgram program;
    std::vector<qsim::Qubit> qubits;
  };
  const PyProgram* program_;
  std::optional<qsim::Loan<Kept>> loan_{};
};

}  // namespace ketgrad
