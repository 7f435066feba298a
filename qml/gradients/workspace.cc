#include "qml/gradients/workspace.h"

#include <algorithm>

#include "qml/gradients/chain_rule.h"
#include "qml/gradients/step_gradient.h"
#include "qsim/observables/expectation.h"

namespace qml {

using qsim::Program;

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
  if (initial_state_.empty()) return qsim::run(*program_, binding_, ket_);
  ket_.set_zero();  // the padding of small states too
  for (qsim::Index i = 0; i < ket_.size(); ++i) {
    T* to = ket_.data() + qsim::real_offset<T>(i);
    to[0] = static_cast<T>(initial_state_[i].real());
    to[qsim::kBlock<T>] = static_cast<T>(initial_state_[i].imag());
  }
  qsim::run_steps(*program_, binding_, ket_);
}

template <class T>
double Workspace<T>::expectation(std::size_t observable) const {
  return qsim::expectation(program_->observables[observable], ket_);
}

template <class T>
qsim::State<T>& Workspace<T>::bra() {
  if (!bra_) bra_.emplace(program_->n_qubits);
  return *bra_;
}

template <class T>
void Workspace<T>::backward(std::span<double> inputs_gradient, std::span<double> weights_gradient) {
  adjoints_.assign(program_->tape.size(), 0.0);
  sweep_back();
  add_parameter_gradient(inputs_gradient, weights_gradient);
}

template <class T>
void Workspace<T>::sweep_back() {
  qsim::State<T>& bra = this->bra();
  const double trace = bra.inner(ket_).imag();
  StepGradient<T> gradient(*program_, binding_, adjoints_);
  const auto start = initial_state_.empty() ? qsim::Start::kPrepared : qsim::Start::kAnyState;
  qsim::run_back(*program_, binding_, start, ket_, bra,
                 [&](const qsim::StepSlope& slope) { gradient.add(slope, trace); });
  if (!program_->initial.empty()) add_initial_gradient();
}

template <class T>
void Workspace<T>::add_initial_gradient() {
  std::vector<double> slopes;
  for (const Program::Amplitude& a : program_->initial) {
    slopes.push_back(2 * static_cast<double>(this->bra().amplitude(a.basis_state).real()));
  }
  add_amplitude_gradient(*program_, binding_.values, slopes, adjoints_);
}

template <class T>
void Workspace<T>::add_parameter_gradient(std::span<double> inputs, std::span<double> weights) {
  reverse_tape(*program_, binding_.values, adjoints_);
  for (std::size_t k = 0; k < inputs.size(); ++k) inputs[k] += adjoints_[k];
  for (std::size_t k = 0; k < weights.size(); ++k) {
    weights[k] += adjoints_[program_->inputs.size() + k];
  }
}

template class Workspace<float>;
template class Workspace<double>;

}  // namespace qml
