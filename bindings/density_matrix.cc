#include "qsim/noise/density_matrix.h"

#include <cmath>
#include <complex>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "bindings/arguments.h"
#include "bindings/circuit.h"
#include "bindings/named_values.h"
#include "bindings/pickled.h"
#include "bindings/state.h"
#include "qsim/core/interrupt.h"
#include "qsim/engines/execute.h"
#include "qsim/noise/exact_run.h"
#include "qsim/noise/noise_model.h"

namespace ketgrad {
namespace {

// One Python class over both precisions.
struct PyDensityMatrix {
  std::variant<qsim::DensityMatrix<float>, qsim::DensityMatrix<double>> rho;
};

// Calls body(DensityMatrix<T>&) without the GIL.
template <class Body>
auto visit(const PyDensityMatrix& self, const Body& body) {
  const WithoutGil release;
  return std::visit(body, self.rho);
}

template <class T>
qsim::DensityMatrix<T> run(const qsim::Circuit& circuit, const qsim::Values& values) {
  const qsim::Schedule schedule(circuit, qsim::Schedule::Goal::kState);
  qsim::Binding<double> binding;
  qsim::bind_parameters(schedule.angles, qsim::ordered_values(schedule.angles, values), binding);
  qsim::ExactRun<T> exact(schedule);
  exact.run(binding, qsim::coordinates(schedule, binding));
  return exact.average();
}

PyDensityMatrix of_circuit(const qsim::Circuit& self, const ValuesArg& values,
                           const std::optional<qsim::NoiseModel>& noise,
                           std::string_view precision) {
  const qsim::Circuit circuit = noise ? noise->apply(self) : self;
  const bool single = is_single(precision);
  const WithoutGil release;
  if (single) return {run<float>(circuit, values.value)};
  return {run<double>(circuit, values.value)};
}

double fidelity(const PyDensityMatrix& self, const py::object& state) {
  return std::visit(
      [&]<class T>(const qsim::DensityMatrix<T>& rho) {
        const ComplexArray<T> array = complex_array<T>(state, "amplitudes");
        const WithoutGil release;
        return rho.fidelity(qsim::State<T>::from_amplitudes(
            {array.data(), static_cast<std::size_t>(array.size())}));
      },
      self.rho);
}

bool equal_density_matrix(const PyDensityMatrix& a, const PyDensityMatrix& b) {
  if (a.rho.index() != b.rho.index()) return false;
  return visit(a, [&]<class T>(const qsim::DensityMatrix<T>& rho) {
    const auto& other = std::get<qsim::DensityMatrix<T>>(b.rho);
    return rho.n_qubits() == other.n_qubits() && same_amplitudes(rho.numbers(), other.numbers());
  });
}

// The numbers of rho, those of a column next to each other.
py::tuple pickled_density_matrix(const PyDensityMatrix& self) {
  return std::visit(
      []<class T>(const qsim::DensityMatrix<T>& rho) -> py::tuple {
        const auto size = static_cast<py::ssize_t>(qsim::bit(rho.n_qubits()));
        return py::make_tuple(rho.n_qubits(), std::is_same_v<T, float>,
                              to_array(rho.numbers().amplitudes(), {size, size}));
      },
      self.rho);
}

// Tr ρ = 1 and ρ = ρ† as far as rounding and operators complete within 1e-6 leave that.
template <class T>
qsim::DensityMatrix<T> unpickled_as(int n_qubits, const py::object& values) {
  constexpr double kTolerance = 1e-3;
  qsim::DensityMatrix<T> out(n_qubits);
  const ComplexArray<T> array = complex_array<T>(values, "the pickled DensityMatrix");
  const auto size = static_cast<py::ssize_t>(qsim::bit(n_qubits));
  qsim::require(array.ndim() == 2 && array.shape(0) == size && array.shape(1) == size,
                "the pickled DensityMatrix does not fit its ", n_qubits, " qubits");
  for (py::ssize_t column = 0; column < size; ++column) {
    qsim::poll_interrupt();
    for (py::ssize_t row = 0; row < size; ++row) {
      const std::complex<T> value = array.at(column, row);
      qsim::require(std::abs(value - std::conj(array.at(row, column))) <= kTolerance,
                    "the pickled DensityMatrix is not Hermitian");
      out.numbers().set(static_cast<qsim::Index>(column * size + row), value);
    }
  }
  qsim::require(std::abs(out.trace() - 1) <= kTolerance, "the pickled DensityMatrix has the trace ",
                out.trace());
  return out;
}

PyDensityMatrix unpickled_density_matrix(const py::tuple& state) {
  const auto [n_qubits, single, values] = parts_of<int, bool, py::object>(state, "DensityMatrix");
  if (single) return {unpickled_as<float>(n_qubits, values)};
  return {unpickled_as<double>(n_qubits, values)};
}

// The matrix, rounded, where it is small enough to be read.
py::object matrix_text(const py::object& self) {
  constexpr int kMostShown = 3;
  if (self.attr("n_qubits").cast<int>() > kMostShown) return py::repr(self);
  return py::str(self.attr("matrix")().attr("round")(3));
}

}  // namespace

void bind_density_matrix(py::module_& m) {
  py::class_<PyDensityMatrix> c(m, "DensityMatrix",
                                R"(The density matrix of n qubits, made by Circuit.density_matrix().

It takes 16 * 4**n bytes in double precision: 1 GiB for 13 qubits.

>>> Circuit(2).h(0).cx(0, 1).density_matrix()
<ketgrad.DensityMatrix: 2 qubits, double precision>
)");
  c.def_property_readonly(
       "n_qubits",
       [](const PyDensityMatrix& self) {
         return visit(self, [](const auto& rho) { return rho.n_qubits(); });
       },
       "The number of qubits.")
      .def_property_readonly(
          "precision",
          [](const PyDensityMatrix& self) { return self.rho.index() == 0 ? "single" : "double"; },
          "'single' or 'double'.")
      .def(
          "matrix",
          [](const PyDensityMatrix& self) {
            return visit(self, [](const auto& rho) { return rho.matrix(); });
          },
          R"(The matrix, shape (2**n, 2**n), up to 12 qubits. Bit k of a row or column is qubit k.

>>> Circuit(1).x(0).density_matrix().matrix().real
array([[0., 0.],
       [0., 1.]])
)")
      .def(
          "__array__",
          [](const PyDensityMatrix& self, const py::object& dtype,
             const py::object& copy) -> py::object {
            qsim::require(copy.is_none() || copy.cast<bool>(),
                          "the matrix cannot be seen without a copy");
            const py::object out = py::cast(self).attr("matrix")();
            return dtype.is_none() ? out : out.attr("astype")(dtype);
          },
          py::arg("dtype") = py::none(), py::arg("copy") = py::none())
      .def(
          "expval",
          [](const PyDensityMatrix& self, const ObservableArg& observable) {
            return visit(self, [&](const auto& rho) { return rho.expectation(observable.value); });
          },
          py::arg("observable"),
          R"(The expectation value of a PauliSum (or what it is made from) or MatrixObservable.

Raises ValueError for an observable over more qubits than there are.

>>> round(Circuit(1).channel(Channel.bit_flip(0.25), 0).density_matrix().expval('Z'), 12)
0.5
)")
      .def(
          "probabilities",
          [](const PyDensityMatrix& self, const QubitsArg& qubits) {
            auto p = visit(self, [&](const auto& rho) { return rho.probabilities(qubits.value); });
            const auto size = static_cast<py::ssize_t>(p.size());
            return to_array(std::move(p), {size});
          },
          py::arg_v("qubits", py::tuple(), "()"),
          R"(The distribution over basis states, shape (2**n,), or over k qubits, shape (2**k,).

Bit j of the index is qubits[j].

>>> Circuit(2).x(1).density_matrix().probabilities([1])
array([0., 1.])
)")
      .def(
          "purity",
          [](const PyDensityMatrix& self) {
            return visit(self, [](const auto& rho) { return rho.purity(); });
          },
          R"(The trace of rho squared: 1 for a pure state, 2**-n for the most mixed one.

>>> round(Circuit(1).channel(Channel.depolarizing(1), 0).density_matrix().purity(), 12)
0.5
)")
      .def(
          "trace",
          [](const PyDensityMatrix& self) {
            return visit(self, [](const auto& rho) { return rho.trace(); });
          },
          R"(1, but for rounding and for Kraus operators that are complete within 1e-6 only.

>>> Circuit(1).density_matrix().trace()
1.0
)")
      .def("fidelity", &fidelity, py::arg("state"),
           R"(<psi|rho|psi> with a State or its amplitudes, shape (2**n,), normalised.

>>> round(Circuit(1).channel(Channel.bit_flip(0.1), 0).density_matrix().fidelity(State(1)), 12)
0.9
)")
      .def("__eq__", &equal_density_matrix, py::arg("other"), py::is_operator())
      .def("__repr__",
           [](const PyDensityMatrix& self) {
             const int n = visit(self, [](const auto& rho) { return rho.n_qubits(); });
             return qsim::concat("<ketgrad.DensityMatrix: ", n, " qubits, ",
                                 self.rho.index() == 0 ? "single" : "double", " precision>");
           })
      .def("__str__", &matrix_text)
      .def(py::pickle(&pickled_density_matrix, &unpickled_density_matrix));
  c.attr("__hash__") = py::none();
  py::reinterpret_borrow<PyCircuit>(m.attr("Circuit"))
      .def("density_matrix", &of_circuit, py::arg_v("values", py::dict(), "{}"),
           py::arg("noise") = py::none(), py::arg("precision") = "double",
           R"(The density matrix it prepares.

Measurements, resets, channels and conditions act exactly: it is the mean over all their outcomes.
noise is a NoiseModel. Raises MemoryError, before allocating, for more bytes than are available.

>>> Circuit(1, 1).h(0).measure(0, 0).density_matrix().matrix().real.round(12)
array([[0.5, 0. ],
       [0. , 0.5]])
)");
}

}  // namespace ketgrad
