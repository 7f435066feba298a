#pragma once

#include <complex>
#include <optional>
#include <span>
#include <vector>

#include "qsim/compile/bind.h"
#include "qsim/compile/program.h"
#include "qsim/engines/engine.h"
#include "qsim/state/state.h"

namespace qsim {

// What one thread needs to run a program again and again: the states, the bound numbers and the
// scratch of the backward sweep. Nothing is shared between workspaces.
template <class T>
class TileWorkspace {
 public:
  explicit TileWorkspace(const Program& program, const Needs& needs = {});
  static double bytes(const Program& program, const Needs& needs);

  // Binds a sample of a batch.
  void bind(const Batch& batch, std::size_t sample);
  // Binds inputs and weights. Where the weights are those of last time, only what depends on inputs
  // is computed again.
  void bind(std::span<const double> inputs, std::span<const double> weights);

  // Runs the program; the state is then at its end.
  void forward();
  // That state again. It is kept where needs say that several bras go back.
  void forward_again();
  [[nodiscard]] double expectation(std::size_t observable) const;

  // The adjoint method, tile by tile. Before it, put the bra of what is differentiated into bra().
  // Consumes both states; the derivatives by all parameters are then the first adjoints.
  void backward();
  // Made when first asked for; holds what the last sweep left there.
  [[nodiscard]] State<T>& bra();
  [[nodiscard]] std::span<const double> adjoints() const { return adjoints_; }

  [[nodiscard]] const Program& program() const { return *program_; }
  [[nodiscard]] State<T>& ket() { return ket_; }
  [[nodiscard]] const State<T>& ket() const { return ket_; }
  [[nodiscard]] Binding<T>& binding() { return binding_; }

 private:
  void start_from_given();
  void sweep_back();
  void add_initial_gradient();

  const Program* program_;
  bool keep_end_;
  std::vector<double> parameters_;
  bool is_bound_ = false;                                // to parameters_, without an error
  std::span<const std::complex<double>> initial_state_;  // none: |0…0⟩ or what is prepared
  Binding<T> binding_;
  State<T> ket_;
  std::optional<State<T>> end_;
  std::optional<State<T>> bra_;
  std::vector<double> adjoints_;  // of the tape's entries
};

extern template class TileWorkspace<float>;
extern template class TileWorkspace<double>;

}  // namespace qsim
