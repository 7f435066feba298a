#include "qsim/engines/tiles/step_gradient.h"

#include "qsim/core/decompositions.h"

namespace qsim {
namespace {

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

// The part of the transition matrix that derivatives see: its trace with P is i Im ⟨bra|P|ket⟩.
Eigen::Matrix2cd from_axes(double trace, std::span<const double> axes) {
  const double x = axes[0];
  const double y = axes[1];
  const double z = axes[2];
  Eigen::Matrix2cd out;
  out << Complex(0, trace + z), Complex(y, x), Complex(-y, x), Complex(0, trace - z);
  return out / 2;
}

}  // namespace

template <class T>
void StepGradient<T>::add(const StepSlope& slope, double trace) {
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
    const Matrix g = from_spectrum(first.eigenvalues, first.matrix);
    const Eigen::Map<const Matrix> m(transition.data(), g.rows(), g.cols());
    adjoint(first) += derivative(g, m);
  }
}

// A run of gates on one qubit: the transition matrix after the run is pulled back factor by
// factor, so a parameter costs a trace of small matrices instead of a sweep over the state.
template <class T>
void StepGradient<T>::add_run(const Step& step, Eigen::Matrix2cd m) {
  for (std::size_t k = step.factors.size(); k-- > 0;) {
    const Factor& factor = step.factors[k];
    if (factor.slot >= 0) adjoint(factor) += derivative2(factor, m);
    if (k == 0) break;
    const double angle = factor.slot >= 0 ? binding_.angle(program_, factor.slot) : 0.0;
    const Eigen::Matrix2cd f = factor_matrix2(factor, angle);
    m = (f.adjoint() * m * f).eval();
  }
}

template <class T>
double& StepGradient<T>::adjoint(const Factor& factor) {
  const auto slot = static_cast<std::size_t>(factor.slot);
  return adjoints_[static_cast<std::size_t>(program_.slots[slot].entry)];
}

template class StepGradient<float>;
template class StepGradient<double>;

}  // namespace qsim
