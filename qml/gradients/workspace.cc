#include "qml/gradients/workspace.h"

#include <algorithm>
#include <cmath>

#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/observables/expectation.h"

namespace qml {
namespace {

using qsim::Complex;
using qsim::Factor;
using qsim::Index;
using qsim::Matrix;
using qsim::Primitive;
using qsim::Program;
using qsim::Shape;
using qsim::Step;

constexpr int kInterruptibleQubits = 16;

// G of exp(−iθG), on the step's local qubits: Π P · scale/2, or the evolution's matrix.
Matrix generator(const Factor& factor, std::size_t n_local) {
  if (factor.kind == Primitive::Kind::kEvolution) {
    const Eigen::Map<const Eigen::VectorXd> eigenvalues(
        factor.eigenvalues.data(), static_cast<Eigen::Index>(factor.eigenvalues.size()));
    return factor.matrix * eigenvalues.asDiagonal() * factor.matrix.adjoint();
  }
  Matrix out = qsim::pauli_matrix(factor.pauli, static_cast<int>(n_local)) * (factor.scale / 2);
  for (Eigen::Index row = 0; row < out.rows(); ++row) {
    if (!factor.controls.holds(static_cast<Index>(row))) out.row(row).setZero();
  }
  return out;
}

// With U = exp(−iθG) and M = |ket⟩⟨bra| after it: ∂⟨O⟩ = 2 Re⟨bra|−iG|ket⟩ = 2 Im Tr(G M).
double derivative(const Matrix& g, const Matrix& m) { return 2 * (g * m).trace().imag(); }

// The transition matrix of a dense or diagonal step as a matrix.
Matrix transition_matrix(const Step& step, const std::vector<Complex>& entries) {
  const auto size = static_cast<Eigen::Index>(std::size_t{1} << step.targets.size());
  if (step.shape != Shape::kDiagonal) return Eigen::Map<const Matrix>(entries.data(), size, size);
  Matrix out = Matrix::Zero(size, size);
  for (Eigen::Index k = 0; k < size; ++k) out(k, k) = entries[static_cast<std::size_t>(k)];
  return out;
}

// Adds the derivatives by all slots of a step to the adjoints of their tape entries. The transition
// matrix after the block is pulled back factor by factor, so a parameter costs a trace of small
// matrices instead of a sweep over the state.
template <class T>
void add_step_gradient(const Program& program, const qsim::Binding<T>& binding, const Step& step,
                       const std::vector<Complex>& transition, std::vector<double>& adjoints) {
  const auto entry = [&program](const Factor& factor) {
    return static_cast<std::size_t>(program.slots[static_cast<std::size_t>(factor.slot)].entry);
  };
  if (step.shape == Shape::kRotation) {
    const Factor& factor = step.factors.front();
    adjoints[entry(factor)] += factor.scale * transition.front().imag();
    return;
  }
  const std::size_t n_local = step.targets.size();
  Matrix m = transition_matrix(step, transition);
  for (std::size_t k = step.factors.size(); k-- > 0;) {
    const Factor& factor = step.factors[k];
    if (factor.slot >= 0) adjoints[entry(factor)] += derivative(generator(factor, n_local), m);
    if (k == 0) break;
    const double angle = factor.slot >= 0 ? binding.angle(program, factor.slot) : 0.0;
    const Matrix f = qsim::factor_matrix(factor, n_local, angle);
    m = (f.adjoint() * m * f).eval();
  }
}

}  // namespace

template <class T>
Workspace<T>::Workspace(const Program& program)
    : program_(&program), parameters_(program.n_parameters()), ket_(program.n_qubits) {}

template <class T>
void Workspace<T>::bind(std::span<const double> inputs, std::span<const double> weights,
                        bool same_weights) {
  const bool only_inputs = same_weights && !binding_.coefficients.empty();
  std::copy(inputs.begin(), inputs.end(), parameters_.begin());
  std::copy(weights.begin(), weights.end(),
            parameters_.begin() + static_cast<std::ptrdiff_t>(inputs.size()));
  if (only_inputs) {
    qsim::bind_inputs(*program_, parameters_, binding_);
  } else {
    qsim::bind_parameters(*program_, parameters_, binding_);
  }
}

template <class T>
void Workspace<T>::forward() {
  qsim::run(*program_, binding_, ket_);
}

template <class T>
double Workspace<T>::expectation(std::size_t observable) const {
  return qsim::expectation(program_->observables[observable], ket_);
}

template <class T>
void Workspace<T>::backward(std::span<const double> cotangent, std::span<double> inputs_gradient,
                            std::span<double> weights_gradient) {
  if (!bra_) bra_.emplace(program_->n_qubits);
  bra_->set_zero();
  for (std::size_t k = 0; k < cotangent.size(); ++k) {
    if (cotangent[k] == 0.0) continue;
    qsim::accumulate(program_->observables[k], cotangent[k], ket_, *bra_);
  }
  adjoints_.assign(program_->tape.size(), 0.0);
  sweep_back(*bra_);
  add_parameter_gradient(inputs_gradient, weights_gradient);
}

template <class T>
void Workspace<T>::sweep_back(qsim::State<T>& bra) {
  const auto& steps = program_->steps;
  // Nothing before the first parameter needs to be undone, unless the amplitudes are parameters too.
  std::size_t first = 0;
  if (program_->initial.empty()) {
    while (first < steps.size() && !steps[first].has_slots) ++first;
  }
  for (std::size_t k = steps.size(); k-- > first;) {
    const Step& step = steps[k];
    if (step.has_slots) {
      const auto transition =
          qsim::apply_inverse_transition(step, binding_.of(step), ket_, bra);
      add_step_gradient(*program_, binding_, step, transition, adjoints_);
    } else {
      qsim::apply_inverse(step, binding_.of(step), ket_);
      qsim::apply_inverse(step, binding_.of(step), bra);
    }
    if (program_->n_qubits >= kInterruptibleQubits) qsim::poll_interrupt();
  }
  if (!program_->initial.empty()) add_initial_gradient(bra);
}

// ψ_i = a_i/‖a‖ and ∂⟨O⟩ = Σ_i g_i ∂ψ_i with g_i = 2 Re bra_i, so ∂⟨O⟩/∂a_j = (g_j − ψ_j g·ψ)/‖a‖.
template <class T>
void Workspace<T>::add_initial_gradient(const qsim::State<T>& bra) {
  const auto& initial = program_->initial;
  const auto amplitude = [&](std::size_t i) {
    return binding_.values[static_cast<std::size_t>(initial[i])];
  };
  double squares = 0;
  double along = 0;
  for (std::size_t i = 0; i < initial.size(); ++i) {
    squares += amplitude(i) * amplitude(i);
    along += 2 * static_cast<double>(bra.amplitude(i).real()) * amplitude(i);
  }
  const double norm = std::sqrt(squares);
  for (std::size_t i = 0; i < initial.size(); ++i) {
    const double g = 2 * static_cast<double>(bra.amplitude(i).real());
    adjoints_[static_cast<std::size_t>(initial[i])] += (g - amplitude(i) * along / squares) / norm;
  }
}

template <class T>
void Workspace<T>::add_slot_gradient(std::span<const double> slot_gradient,
                                     std::span<double> inputs_gradient,
                                     std::span<double> weights_gradient) {
  adjoints_.assign(program_->tape.size(), 0.0);
  for (std::size_t slot = 0; slot < slot_gradient.size(); ++slot) {
    adjoints_[static_cast<std::size_t>(program_->slots[slot].entry)] += slot_gradient[slot];
  }
  add_parameter_gradient(inputs_gradient, weights_gradient);
}

template <class T>
void Workspace<T>::add_parameter_gradient(std::span<double> inputs, std::span<double> weights) {
  program_->tape.reverse(binding_.values, adjoints_);
  for (std::size_t k = 0; k < inputs.size(); ++k) inputs[k] += adjoints_[k];
  for (std::size_t k = 0; k < weights.size(); ++k) {
    weights[k] += adjoints_[program_->inputs.size() + k];
  }
}

template class Workspace<float>;
template class Workspace<double>;

}  // namespace qml
