#pragma once

#include <complex>
#include <optional>
#include <span>
#include <vector>

#include "qsim/compile/bind.h"
#include "qsim/compile/program.h"
#include "qsim/execute/execute.h"
#include "qsim/state/state.h"

namespace qml {

// What one thread needs to run a program again and again: the states, the bound numbers and the
// scratch of the backward sweep. Nothing is shared between workspaces.
template <class T>
class Workspace {
 public:
  explicit Workspace(const qsim::Program& program);

  // Binds inputs and weights. Where the weights are the same object with the same values as last
  // time, say so, and only what depends on inputs is computed again.
  void bind(std::span<const double> inputs, std::span<const double> weights, bool same_weights);

  // Amplitudes to begin with, as Batch has them, until others are set; they must live on. None:
  // |0…0⟩ or what the program prepares.
  void set_initial_state(std::span<const std::complex<double>> amplitudes) {
    initial_state_ = amplitudes;
  }

  // Runs the program; the state is then at its end.
  void forward();
  [[nodiscard]] double expectation(std::size_t observable) const;

  // The adjoint method (Jones & Gacon 2020, arXiv:2009.02823), block by block: adds
  // 2 Re ⟨bra|∂ψ/∂parameter⟩ to the gradient over inputs and weights. Before it, put the bra of
  // what is differentiated into bra() (bra.h). Consumes both states.
  void backward(std::span<double> inputs_gradient, std::span<double> weights_gradient);
  // Made when first asked for; holds what the last sweep left there.
  [[nodiscard]] qsim::State<T>& bra();

  [[nodiscard]] const qsim::Program& program() const { return *program_; }
  [[nodiscard]] qsim::State<T>& ket() { return ket_; }
  [[nodiscard]] const qsim::State<T>& ket() const { return ket_; }
  [[nodiscard]] qsim::Binding<T>& binding() { return binding_; }
  [[nodiscard]] std::span<const double> parameters() const { return parameters_; }

 private:
  void sweep_back();
  void add_initial_gradient();
  void add_parameter_gradient(std::span<double> inputs, std::span<double> weights);

  const qsim::Program* program_;
  std::vector<double> parameters_;
  std::span<const std::complex<double>> initial_state_;
  qsim::Binding<T> binding_;
  qsim::State<T> ket_;
  std::optional<qsim::State<T>> bra_;
  std::vector<double> adjoints_;  // of the tape's entries
};

extern template class Workspace<float>;
extern template class Workspace<double>;

}  // namespace qml
