#include "qsim/core/observable.h"

#include <nlohmann/json.hpp>

#include "bindings/arguments.h"
#include "bindings/pickled.h"
#include "qsim/json/json.h"

namespace ketgrad {

void bind_observable(py::module_& m) {
  using qsim::MatrixObservable;
  py::class_<MatrixObservable>(m, "MatrixObservable",
                               R"(A Hermitian matrix as an observable on a few qubits.

The matrix has shape (2**k, 2**k) for k qubits; qubits[0] is the least significant bit of its index.
Raises ValueError unless it is Hermitian.

>>> import numpy as np
>>> MatrixObservable(np.diag([0.0, 1.0]), qubits=[2])
<ketgrad.MatrixObservable: 2 x 2 on qubits [2]>
)")
      .def(py::init([](MatrixArg matrix, QubitsArg qubits) {
             return MatrixObservable(std::move(matrix.value), std::move(qubits.value));
           }),
           py::arg("matrix"), py::arg("qubits"))
      .def_property_readonly(
          "matrix", [](const MatrixObservable& o) { return o.matrix; }, "The matrix.")
      .def_readonly("qubits", &MatrixObservable::qubits, "The qubits it acts on.")
      .def_property_readonly(
          "eigenvalues",
          [](const MatrixObservable& o) {
            const WithoutGil release;
            return o.spectrum().eigenvalues;
          },
          "Its eigenvalues, ascending.")
      .def(
          "to_json", [](const MatrixObservable& o) { return qsim::to_json_text(o); },
          R"(The observable as JSON text: {"format": "ketgrad.matrix_observable", ...}.)")
      .def_static(
          "from_json",
          [](std::string_view text) {
            return qsim::matrix_observable_from_json(qsim::parse_json(text));
          },
          py::arg("text"),
          R"(The observable that to_json wrote. Raises ValueError naming what it cannot read.

>>> number = MatrixObservable([[0, 0], [0, 1]], qubits=[1])
>>> MatrixObservable.from_json(number.to_json()) == number
True
)")
      .def(
          "__eq__", [](const MatrixObservable& a, const MatrixObservable& b) { return a == b; },
          py::arg("other"), py::is_operator())
      .def("__repr__",
           [](const MatrixObservable& o) {
             return qsim::concat("<ketgrad.MatrixObservable: ", o.matrix.rows(), " x ",
                                 o.matrix.cols(), " on qubits ",
                                 py::repr(py::cast(o.qubits)).cast<std::string>(), ">");
           })
      .def(py::pickle([](const MatrixObservable& o) { return py::make_tuple(o.matrix, o.qubits); },
                      [](const py::tuple& t) {
                        auto [matrix, qubits] =
                            parts_of<qsim::Matrix, std::vector<qsim::Qubit>>(t, "MatrixObservable");
                        return MatrixObservable(std::move(matrix), std::move(qubits));
                      }));
}

}  // namespace ketgrad
