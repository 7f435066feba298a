#pragma once

#include <complex>
#include <span>
#include <string_view>
#include <vector>

#include "qsim/compile/program.h"

namespace qsim {

// A program's numbers for one set of parameter values: every tape entry, and every coefficient that
// the kernels read, in the precision of the state.
template <class T = double>
struct Binding {
  std::vector<double> values{};                 // tape entries
  std::vector<std::complex<T>> coefficients{};  // of all steps
  [[nodiscard]] std::span<const std::complex<T>> of(const Step& step) const {
    return std::span(coefficients).subspan(step.coefficients, step.n_coefficients);
  }
  [[nodiscard]] double angle(const Program& program, int slot) const {
    return values[static_cast<std::size_t>(program.slots[static_cast<std::size_t>(slot)].entry)];
  }
};

// The name of parameter k, inputs first.
const std::string& parameter_name(const Program& program, std::size_t k);

// Fills a binding; it may be used again with other values. Throws ValueError for the wrong number
// of parameters, for values that are not finite, and for angles that do not come out finite.
template <class T>
void bind_parameters(const Program& program, std::span<const double> parameters,
                     Binding<T>& binding);

// The same after bind_parameters in which only inputs differ: re-fills only what depends on them.
template <class T>
void bind_inputs(const Program& program, std::span<const double> parameters, Binding<T>& binding);

// The coefficients of a step without slots, which no parameter changes.
std::vector<Complex> constant_coefficients(const Step& step);

// A step's coefficients for given tape values.
void fill_coefficients(const Program& program, const Step& step, std::span<const double> values,
                       std::span<Complex> out);

// Throws ValueError, naming the parameters, where a tape entry does not come out finite. `what`
// says what it is for: "an angle"; `where` ends the message: " in sample 3".
void require_finite_entry(const Program& program, int entry, std::string_view what,
                          std::span<const double> values, std::string_view where = {});

// The step's coefficients with the angle of slot `slot` moved by `shift`.
template <class T>
void bind_shifted(const Program& program, const Step& step, int slot, double shift,
                  Binding<T>& binding);

// The same on one qubit, where it is needed so often that it must not touch the heap.
Eigen::Matrix2cd factor_matrix2(const Factor& factor, double angle);

// The factor's matrix on the step's k local qubits for an angle.
Matrix factor_matrix(const Factor& factor, std::size_t n_local, double angle);

}  // namespace qsim
