#include "qsim/compile/bind.h"

#include <algorithm>
#include <cmath>

#include "qsim/core/complex.h"
#include "qsim/core/count_work.h"
#include "qsim/core/decompositions.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"

namespace qsim {
namespace {

Matrix evolution_matrix(const Factor& factor, double angle) {
  Eigen::VectorXcd phases(static_cast<Eigen::Index>(factor.eigenvalues.size()));
  for (Eigen::Index k = 0; k < phases.size(); ++k) {
    const double eigenvalue = factor.eigenvalues[static_cast<std::size_t>(k)];
    require(std::isfinite(angle * eigenvalue), "an evolution's angle is ", angle,
            ", and its generator has the eigenvalue ", eigenvalue,
            "; their product must be finite");
    phases(k) = std::polar(1.0, -angle * eigenvalue);
  }
  const Eigen::Index size = phases.size();
  const Matrix turned = factor.matrix * phases.asDiagonal();
  // One product of the largest matrices takes seconds: some rows at a time, interrupts are heard.
  constexpr Eigen::Index kAtOnce = 1 << 25;
  const Eigen::Index rows = std::max<Eigen::Index>(1, kAtOnce / (size * size));
  Matrix out(size, size);
  for (Eigen::Index first = 0; first < size; first += rows) {
    poll_interrupt();
    const Eigen::Index count = std::min(rows, size - first);
    out.middleRows(first, count) = times_adjoint(turned.middleRows(first, count), factor.matrix);
  }
  return out;
}

// In this order: of the largest angles, twice as much is no number any more.
double half_angle(const Factor& factor, double angle) { return factor.scale / 2 * angle; }

double slot_angle(const Program& program, std::span<const double> values, int slot) {
  return values[static_cast<std::size_t>(program.slots[static_cast<std::size_t>(slot)].entry)];
}

// Calls angle_of(factor) for the angle of each factor that has a slot.
template <class T, class AngleOf>
void fill(const Step& step, const AngleOf& angle_of, std::span<std::complex<T>> out) {
  const auto angle = [&](const Factor& factor) {
    return factor.slot >= 0 ? angle_of(factor) : 0.0;
  };
  if (step.shape == Shape::kRotation) {
    const Factor& factor = step.factors.front();
    const double half = half_angle(factor, angle(factor));
    out[0] = narrow<T>(std::cos(half));
    out[1] = narrow<T>(Complex(0, -std::sin(half)));
    return;
  }
  const auto write = [&](const auto& matrix) {
    const auto size = static_cast<std::size_t>(matrix.rows());
    for (std::size_t r = 0; r < size; ++r) {
      const auto row = static_cast<Eigen::Index>(r);
      if (step.shape == Shape::kDiagonal) {
        out[r] = narrow<T>(matrix(row, row));
      } else if (step.shape == Shape::kPermutation) {
        out[r] = narrow<T>(matrix(row, step.source[r]));
      } else {
        for (std::size_t c = 0; c < size; ++c) {
          out[r * size + c] = narrow<T>(matrix(row, static_cast<Eigen::Index>(c)));
        }
      }
    }
  };
  if (step.targets.size() == 1) {
    Eigen::Matrix2cd product = factor_matrix2(step.factors.front(), angle(step.factors.front()));
    for (std::size_t k = 1; k < step.factors.size(); ++k) {
      product = (factor_matrix2(step.factors[k], angle(step.factors[k])) * product).eval();
    }
    write(product);
  } else {
    const Factor& factor = step.factors.front();  // only one-qubit steps have several
    write(factor_matrix(factor, step.targets.size(), angle(factor)));
  }
}

template <class T>
void bind_steps(const Program& program, bool only_inputs, Binding<T>& binding) {
  const auto angle_of = [&](const Factor& factor) {
    return slot_angle(program, binding.values, factor.slot);
  };
  for (const Step& step : program.steps) {
    if (only_inputs && !step.needs_inputs) continue;
    count_work(1 + step.n_coefficients / 4);
    fill(step, angle_of,
         std::span(binding.coefficients).subspan(step.coefficients, step.n_coefficients));
  }
}

void evaluate(const Program& program, std::span<const double> parameters,
              std::vector<double>& values) {
  require(parameters.size() == program.n_parameters(), "the program has ", program.n_parameters(),
          " parameters, got ", parameters.size(), " values");
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    require(std::isfinite(parameters[k]), "parameter '", parameter_name(program, k), "' is ",
            parameters[k], "; it must be finite");
  }
  values.resize(program.tape.size());
  program.tape.evaluate(parameters, values);
  for (const Slot& slot : program.slots) {
    require_finite_entry(program, slot.entry, "an angle", values);
  }
  for (const auto& amplitude : program.initial) {
    require_finite_entry(program, amplitude.entry, "an amplitude", values);
  }
}

}  // namespace

const std::string& parameter_name(const Program& program, std::size_t k) {
  return k < program.inputs.size() ? program.inputs[k] : program.weights[k - program.inputs.size()];
}

Eigen::Matrix2cd factor_matrix2(const Factor& factor, double angle) {
  if (factor.kind == Primitive::Kind::kMatrix) return factor.matrix;
  if (factor.kind == Primitive::Kind::kEvolution) return evolution_matrix(factor, angle);
  const double half = half_angle(factor, angle);
  const double c = std::cos(half);
  const double s = std::sin(half);
  if (factor.controls.mask != 0) {  // a phase on one of the two states
    Eigen::Matrix2cd out = Eigen::Matrix2cd::Identity();
    const auto k = static_cast<Eigen::Index>(factor.controls.value);
    out(k, k) = Complex(c, -s);
    return out;
  }
  Eigen::Matrix2cd out;
  if (factor.pauli.x == 0 && factor.pauli.z == 0) {
    out << Complex(c, -s), 0, 0, Complex(c, -s);
  } else if (factor.pauli.x == 0) {
    out << Complex(c, -s), 0, 0, Complex(c, s);
  } else if (factor.pauli.z == 0) {
    out << c, Complex(0, -s), Complex(0, -s), c;
  } else {
    out << c, -s, s, c;
  }
  return out;
}

Matrix factor_matrix(const Factor& factor, std::size_t n_local, double angle) {
  if (n_local == 1) return factor_matrix2(factor, angle);
  if (factor.kind == Primitive::Kind::kMatrix) return factor.matrix;
  if (factor.kind == Primitive::Kind::kEvolution) return evolution_matrix(factor, angle);
  return rotation_matrix(factor.pauli, static_cast<int>(n_local), factor.scale * angle);
}

void require_finite_entry(const Program& program, int entry, std::string_view what,
                          std::span<const double> values, std::string_view where) {
  const double value = values[static_cast<std::size_t>(entry)];
  if (std::isfinite(value)) return;
  fail(what, "'s expression evaluates to ", value, " at ", program.tape.point(entry, values),
       where);
}

std::vector<Complex> constant_coefficients(const Step& step) {
  std::vector<Complex> out(step.n_coefficients);
  fill<double>(
      step, [](const Factor&) { return 0.0; }, out);
  return out;
}

void fill_coefficients(const Program& program, const Step& step, std::span<const double> values,
                       std::span<Complex> out) {
  fill<double>(
      step, [&](const Factor& factor) { return slot_angle(program, values, factor.slot); }, out);
}

template <class T>
void bind_parameters(const Program& program, std::span<const double> parameters,
                     Binding<T>& binding) {
  evaluate(program, parameters, binding.values);
  binding.coefficients.resize(program.n_coefficients);
  bind_steps(program, false, binding);
}

template <class T>
void bind_inputs(const Program& program, std::span<const double> parameters, Binding<T>& binding) {
  evaluate(program, parameters, binding.values);
  bind_steps(program, true, binding);
}

template <class T>
void bind_shifted(const Program& program, const Step& step, int slot, double shift,
                  Binding<T>& binding) {
  const auto angle_of = [&](const Factor& factor) {
    return slot_angle(program, binding.values, factor.slot) + (factor.slot == slot ? shift : 0.0);
  };
  fill(step, angle_of,
       std::span(binding.coefficients).subspan(step.coefficients, step.n_coefficients));
}

template void bind_parameters(const Program&, std::span<const double>, Binding<float>&);
template void bind_parameters(const Program&, std::span<const double>, Binding<double>&);
template void bind_inputs(const Program&, std::span<const double>, Binding<float>&);
template void bind_inputs(const Program&, std::span<const double>, Binding<double>&);
template void bind_shifted(const Program&, const Step&, int, double, Binding<float>&);
template void bind_shifted(const Program&, const Step&, int, double, Binding<double>&);

}  // namespace qsim
