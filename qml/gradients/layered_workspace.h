#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "qml/gradients/batch.h"
#include "qml/gradients/run_back.h"
#include "qsim/execute/layered_state.h"

namespace qml {

// The program with its inputs as weights: a sample by itself has one value of every parameter.
qsim::Program without_inputs(const qsim::Program& program);

// What one thread needs to run small programs one sample at a time, layer by layer: as Workspace,
// but faster where the states fit the first caches.
template <class T>
class LayeredWorkspace {
 public:
  // with_bra: for backward sweeps.
  LayeredWorkspace(const qsim::Program& program, bool with_bra);
  static double bytes(const qsim::Program& program);

  void bind(std::span<const double> inputs, std::span<const double> weights);
  void forward() { state_.forward(); }
  // The adjoint method, layer by layer (block_sweep.h): adds 2 Re ⟨bra|∂ψ/∂parameter⟩ to the
  // gradient over inputs and weights. Consumes both states.
  void backward(std::span<double> inputs_gradient, std::span<double> weights_gradient);

  [[nodiscard]] const qsim::Program& program() const { return program_; }
  [[nodiscard]] const qsim::State<T>& ket() const { return state_.ket(); }
  [[nodiscard]] qsim::State<T>& bra() { return *bra_; }

 private:
  void plan_measurements();
  void layer_back(std::size_t layer);
  void measure(std::span<const int> steps, std::span<const qsim::Qubit> targets);
  void diagonals_back(const qsim::Layer& layer);
  [[nodiscard]] Bloch low_transition(qsim::Qubit q) const;
  [[nodiscard]] bool has_slots(int step) const { return step >= 0 && shared_.step(step).has_slots; }

  qsim::Program program_;
  qsim::SharedBinding<T> shared_;
  qsim::LayeredState<T> state_;
  std::optional<qsim::State<T>> bra_;
  std::optional<qsim::State<T>> spare_;
  std::vector<double> parameters_;
  // Runs with angles, by layer, those on |0⟩ in front; first those on qubits within a row.
  struct Measured {
    std::vector<int> steps{};
    std::vector<qsim::Qubit> targets{};  // of the others, less kBlockBits
  };
  std::vector<Measured> measured_;
  std::size_t first_slotted_ = 0;  // no layer below has an angle
  double overlap_ = 0.0;           // Im⟨bra|ket⟩
  std::vector<double> by_slot_;
  std::vector<double> adjoints_;
  std::vector<qsim::BlochRow<T>> bloch_;
  qsim::AlignedArray<T> low_;  // rows: of each low qubit, and ⟨bra|ket⟩ lane by lane
  qsim::AlignedArray<T> scratch_;
};

// Small programs run so where a batch has few samples: a block of one would be mostly idle lanes.
template <class T>
bool runs_layered(const qsim::Program& program, const Batch& batch);

// Calls body(sample, workspace) for every sample in turn, bound to its parameters. What it needs is
// kept with the program between calls.
template <class T>
void for_layered(const qsim::Program& program, const Batch& batch, bool with_bra,
                 const std::function<void(std::size_t, LayeredWorkspace<T>&)>& body);

extern template class LayeredWorkspace<float>;
extern template class LayeredWorkspace<double>;

}  // namespace qml
