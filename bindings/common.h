#pragma once

#include <pybind11/complex.h>
#include <pybind11/functional.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include <complex>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "bindings/gil.h"
#include "bindings/numbers.h"
#include "qsim/circuit/circuit.h"
#include "qsim/core/error.h"
#include "qsim/core/observable.h"

// What the files that bind one class each (or one header's family) share. module.cc calls the bind_
// functions: all classes first, so that signatures name Python types, then functions.

namespace ketgrad {

namespace py = pybind11;

void bind_config(py::module_& m);
void bind_numbers(py::module_& m);
void bind_parameter(py::module_& m);
void bind_pauli_sum(py::module_& m);
void bind_observable(py::module_& m);
void bind_circuit(py::module_& m);
void bind_classical_shadow(py::module_& m);
void bind_qasm(py::class_<qsim::Circuit>& circuit);  // called by bind_circuit
void bind_state(py::module_& m);
void bind_channel(py::module_& m);
void bind_noise_model(py::module_& m);
void bind_density_matrix(py::module_& m);
void bind_shots(py::module_& m);
void bind_program(py::module_& m);
void bind_measured(py::module_& m);
void bind_noisy(py::module_& m);
void bind_quantum_kernel(py::module_& m);
void bind_minimize(py::module_& m);
void bind_overlap(py::module_& m);
void bind_shift_rule(py::module_& m);
void bind_feature_map(py::module_& m);
void bind_layer(py::module_& m);
void bind_model(py::module_& m);
void bind_presets(py::module_& m);
void bind_optimizer(py::module_& m);
void bind_trainer(py::module_& m);
void bind_losses(py::module_& m);
void bind_whole_batch(py::module_& m);
void bind_benchmark(py::module_& m);
// Makes MemoryError of all that the C++ library throws where memory ends, OSError of FileError.
void translate_errors();
// Makes the errors of all functions bound so far name the argument that is wrong.
void explain_errors(py::handle owner);
// Says in full the types that signatures have short words for.
void write_out_types(py::handle owner);
// Makes the signatures in their docstrings short.
void shorten_signatures(py::handle owner);

// An operand of an expression: another, a parameter or a number.
using Angle = std::variant<qsim::Expression, qsim::Parameter, Factor>;
qsim::Expression to_expression(const Angle& angle);

// What operator<< prints.
template <class Thing>
std::string printed_text(const Thing& thing) {
  std::ostringstream out;
  out << thing;
  return std::move(out).str();
}

// "single" or "double"; ValueError otherwise.
bool is_single(std::string_view precision);

// A NumPy array of the given shape that takes over the vector's memory.
template <class Value>
py::array_t<Value> to_array(std::vector<Value> values, std::vector<py::ssize_t> shape) {
  auto* owned = new std::vector<Value>(std::move(values));
  const py::capsule owner(owned, [](void* p) { delete static_cast<std::vector<Value>*>(p); });
  return py::array_t<Value>(std::move(shape), owned->data(), owner);
}

// What return_std=True makes of a result: (values, standard errors).
template <class Values>
using MaybeErrors = py::typing::Union<Values, py::typing::Tuple<Values, Values>>;

}  // namespace ketgrad
