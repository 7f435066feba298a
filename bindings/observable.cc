#include "qsim/core/observable.h"

#include "bindings/arguments.h"

namespace ketgrad {

void bind_observable(py::module_& m) {
  using qsim::MatrixObservable;
  py::class_<MatrixObservable>(m, "MatrixObservable",
                               R"(A Hermitian matrix as an observable on a few qubits.

The matrix has shape (2**k, 2**k) for k qubits; qubits[0] is the least significant bit of its index.
Raises ValueError unless it is Hermitian.

>>> import numpy as np
>>> MatrixObservable(np.diag([0.0, 1.0]), qubits=[2]).qubits
[2]
)")
      .def(py::init([](qsim::Matrix matrix, QubitsArg qubits) {
             return MatrixObservable(std::move(matrix), std::move(qubits.value));
           }),
           py::arg("matrix"), py::arg("qubits"))
      .def_property_readonly(
          "matrix", [](const MatrixObservable& o) { return o.matrix; }, "The matrix.")
      .def_readonly("qubits", &MatrixObservable::qubits, "The qubits it acts on.")
      .def_readonly("eigenvalues", &MatrixObservable::eigenvalues, "Its eigenvalues, ascending.")
      .def(py::pickle([](const MatrixObservable& o) { return py::make_tuple(o.matrix, o.qubits); },
                      [](const py::tuple& t) {
                        return MatrixObservable(t[0].cast<qsim::Matrix>(),
                                                t[1].cast<std::vector<qsim::Qubit>>());
                      }));
}

}  // namespace ketgrad
