#include "qsim/noise/density_matrix.h"

#include <utility>
#include <variant>

#include "bindings/arguments.h"
#include "bindings/circuit.h"
#include "qsim/execute/execute.h"
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

PyDensityMatrix of_circuit(const qsim::Circuit& self, const NumbersArg& values,
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
      .def("__repr__", [](const PyDensityMatrix& self) {
        const int n = visit(self, [](const auto& rho) { return rho.n_qubits(); });
        return qsim::concat("<ketgrad.DensityMatrix: ", n, " qubits, ",
                            self.rho.index() == 0 ? "single" : "double", " precision>");
      });
  py::reinterpret_borrow<PyCircuit>(m.attr("Circuit"))
      .def("density_matrix", &of_circuit, py::arg_v("values", qsim::Values{}, "{}"),
           py::arg("noise") = py::none(), py::arg("precision") = "double",
           R"(The density matrix it prepares, given every parameter's value by name.

Measurements, resets, channels and conditions act exactly: it is the mean over all their outcomes.
noise is a NoiseModel. Raises MemoryError, before allocating, for more bytes than are available.

>>> Circuit(1, 1).h(0).measure(0, 0).density_matrix().matrix().real.round(12)
array([[0.5, 0. ],
       [0. , 0.5]])
)");
}

}  // namespace ketgrad
