#pragma once

#include <pybind11/complex.h>
#include <pybind11/eigen.h>
#include <pybind11/functional.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include <complex>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "bindings/gil.h"
#include "qsim/circuit/circuit.h"
#include "qsim/core/error.h"
#include "qsim/core/observable.h"

// What the files that bind one class each (or one header's family) share. module.cc calls the bind_
// functions: all classes first, so that signatures name Python types, then functions.

namespace ketgrad {

namespace py = pybind11;

void bind_config(py::module_& m);
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
void bind_noisy(py::module_& m);
void bind_quantum_kernel(py::module_& m);
void bind_minimize(py::module_& m);
void bind_overlap(py::module_& m);
void bind_shift_rule(py::module_& m);
void bind_feature_map(py::module_& m);
void bind_model(py::module_& m);
void bind_presets(py::module_& m);
void bind_optimizer(py::module_& m);
void bind_trainer(py::module_& m);
void bind_benchmark(py::module_& m);
// Makes the errors of all functions bound so far name the argument that is wrong.
void explain_errors(py::handle owner);

// An angle: an expression, a parameter or a number.
using Angle = std::variant<qsim::Expression, qsim::Parameter, double>;
qsim::Expression to_expression(const Angle& angle);

// "single" or "double"; ValueError otherwise.
bool is_single(std::string_view precision);

// An array of finite or infinite real numbers from anything NumPy takes; TypeError, naming `what`,
// for complex numbers, strings and objects.
using RealArray = py::array_t<double, py::array::c_style | py::array::forcecast>;
RealArray real_array(const py::object& values, std::string_view what);

// The same for complex numbers, in a precision.
template <class T>
using ComplexArray = py::array_t<std::complex<T>, py::array::c_style | py::array::forcecast>;
template <class T>
ComplexArray<T> complex_array(const py::object& values, std::string_view what);

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
