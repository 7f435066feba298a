#include "qml/gradients/workspace.h"

#include <algorithm>
#include <cmath>

#include "qml/gradients/chain_rule.h"
#include "qsim/observables/expectation.h"

namespace qml {
namespace {

using qsim::Complex;
using qsim::Factor;
using qsim::Matrix;
using qsim::Primitive;
using qsim::Program;
using qsim::Shape;
using qsim::Step;

// With U = exp(−iθG) and M = |ket⟩⟨bra| after it, ∂⟨O⟩ = 2 Re⟨bra|−iG|ket⟩ = 2 Im Tr(G M).
double derivative(const Matrix& g, const Matrix& m) { return 2 * (g * m).trace().imag(); }

// The same for one factor on one qubit. Rotations have G = scale/2 · Π P, whose trace with M is a
// sum of one or two of its entries.
double derivative2(const Factor& factor, const Eigen::Matrix2cd& m) {
  if (factor.kind == Primitive::Kind::kEvolution) {
    const Eigen::Vector2d eigenvalues(factor.eigenvalues[0], factor.eigenvalues[1]);
    const Eigen::Matrix2cd basis = factor.matrix;
    return 2 * (eigenvalues.asDiagonal() * (basis.adjoint() * m * basis)).trace().imag();
  }
  Complex trace;
  if (factor.controls.mask != 0) {
    const auto k = static_cast<Eigen::Index>(factor.controls.value);
    trace = m(k, k);
  } else if (factor.pauli.x == 0) {
    trace = factor.pauli.z == 0 ? m(0, 0) + m(1, 1) : m(0, 0) - m(1, 1);
  } else {
    trace = factor.pauli.z == 0 ? m(0, 1) + m(1, 0) : Complex(0, 1) * (m(0, 1) - m(1, 0));
  }
  return factor.scale * trace.imag();
}

// Adds the derivatives by all slots of a step to the adjoints of their tape entries.
template <class T>
class StepGradient {
 public:
  StepGradient(const Program& program, const qsim::Binding<T>& binding,
               std::vector<double>& adjoints)
      : program_(program), binding_(binding), adjoints_(adjoints) {}

  // `trace`: Im ⟨bra|ket⟩, which no unitary changes.
  void add(const qsim::StepSlope& slope, double trace) {
    const Step& step = program_.steps[static_cast<std::size_t>(slope.step)];
    const std::span<const Complex> transition = slope.transition;
    const Factor& first = step.factors.front();
    if (!slope.axes.empty()) {
      add_run(step, from_axes(trace, slope.axes));
    } else if (step.shape == Shape::kRotation) {
      adjoint(first) += first.scale * transition.front().imag();
    } else if (step.targets.size() == 1) {
      Eigen::Matrix2cd m = Eigen::Matrix2cd::Zero();
      if (step.shape == Shape::kDiagonal) {
        m.diagonal() << transition[0], transition[1];
      } else {
        m << transition[0], transition[1], transition[2], transition[3];
      }
      add_run(step, m);
    } else {  // a single evolution
      const Eigen::Map<const Eigen::VectorXd> eigenvalues(
          first.eigenvalues.data(), static_cast<Eigen::Index>(first.eigenvalues.size()));
      const Eigen::Map<const Matrix> m(transition.data(), eigenvalues.size(), eigenvalues.size());
      const Matrix g = first.matrix * eigenvalues.asDiagonal() * first.matrix.adjoint();
      adjoint(first) += derivative(g, m);
    }
  }

 private:
  // The part of the transition matrix that derivatives see: its trace with P is i Im ⟨bra|P|ket⟩.
  static Eigen::Matrix2cd from_axes(double trace, std::span<const double> axes) {
    const double x = axes[0];
    const double y = axes[1];
    const double z = axes[2];
    Eigen::Matrix2cd out;
    out << Complex(0, trace + z), Complex(y, x), Complex(-y, x), Complex(0, trace - z);
    return out / 2;
  }

  // A run of gates on one qubit: the transition matrix after the run is pulled back factor by
  // factor, so a parameter costs a trace of small matrices instead of a sweep over the state.
  void add_run(const Step& step, Eigen::Matrix2cd m) {
    for (std::size_t k = step.factors.size(); k-- > 0;) {
      const Factor& factor = step.factors[k];
      if (factor.slot >= 0) adjoint(factor) += derivative2(factor, m);
      if (k == 0) break;
      const double angle = factor.slot >= 0 ? binding_.angle(program_, factor.slot) : 0.0;
      const Eigen::Matrix2cd f = qsim::factor_matrix2(factor, angle);
      m = (f.adjoint() * m * f).eval();
    }
  }

  double& adjoint(const Factor& factor) {
    const auto slot = static_cast<std::size_t>(factor.slot);
    return adjoints_[static_cast<std::size_t>(program_.slots[slot].entry)];
  }

  const Program& program_;
  const qsim::Binding<T>& binding_;
  std::vector<double>& adjoints_;
};

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

// ψ_i = a_i/‖a‖ and ∂⟨O⟩ = Σ_i g_i ∂ψ_i with g_i = 2 Re bra_i, so ∂⟨O⟩/∂a_j = (g_j − ψ_j g·ψ)/‖a‖.
template <class T>
void Workspace<T>::add_initial_gradient() {
  const qsim::State<T>& bra = this->bra();
  const auto value = [this](const Program::Amplitude& a) {
    return binding_.values[static_cast<std::size_t>(a.entry)];
  };
  const auto slope = [&bra](const Program::Amplitude& a) {
    return 2 * static_cast<double>(bra.amplitude(a.basis_state).real());
  };
  double squares = 0;
  double along = 0;
  for (const auto& a : program_->initial) {
    squares += value(a) * value(a);
    along += slope(a) * value(a);
  }
  const double norm = std::sqrt(squares);
  for (const auto& a : program_->initial) {
    adjoints_[static_cast<std::size_t>(a.entry)] += (slope(a) - value(a) * along / squares) / norm;
  }
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
