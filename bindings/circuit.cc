#include "bindings/circuit.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "bindings/arguments.h"
#include "bindings/named_values.h"
#include "bindings/pickled.h"
#include "qsim/circuit/gate_table.h"
#include "qsim/circuit/room.h"
#include "qsim/compile/light_cone.h"
#include "qsim/core/count_work.h"
#include "qsim/engines/execute.h"
#include "qsim/json/json.h"

namespace ketgrad {
namespace {

using qsim::Circuit;
using qsim::Qubit;

bool is_symbol(py::handle h) {
  qsim::count_work();
  return py::isinstance<qsim::Expression>(h) || py::isinstance<qsim::Parameter>(h);
}

Circuit& initialize(Circuit& self, const py::object& amplitudes) {
  const bool is_list = py::isinstance<py::sequence>(amplitudes) &&
                       !py::isinstance<py::str>(amplitudes) &&
                       !py::isinstance<py::array>(amplitudes);
  // Before a long range becomes a list.
  if (is_list) {
    qsim::require_amplitudes(py::len(amplitudes), static_cast<std::size_t>(self.n_qubits()));
  }
  if (is_list && std::ranges::any_of(py::reinterpret_borrow<py::sequence>(amplitudes), is_symbol)) {
    std::vector<qsim::Expression> out;
    for (const py::handle item : amplitudes) {
      qsim::count_work();
      out.push_back(AngleArg::from(item, "an amplitude beside parameters").value);
    }
    return self.initialize(std::move(out));
  }
  const auto array = complex_array<double>(amplitudes, "amplitudes");
  qsim::require(array.ndim() == 1, "amplitudes must have one axis, got ", array.ndim());
  const std::span<const qsim::Complex> values(array.data(), static_cast<std::size_t>(array.size()));
  const auto is_real = [](const qsim::Complex& value) { return value.imag() == 0; };
  if (!std::ranges::all_of(values, is_real)) return self.initialize_complex(values);
  qsim::require_expressions(static_cast<double>(values.size()), "amplitudes");
  std::vector<qsim::Expression> out;
  out.reserve(values.size());
  for (const qsim::Complex& value : values) {
    qsim::count_work();
    qsim::require(std::isfinite(value.real()), "amplitude ", out.size(), " is ", value.real(),
                  "; it must be finite");
    out.emplace_back(value.real());
  }
  return self.initialize(std::move(out));
}

void def_carried(PyCircuit& c) {
  constexpr auto kSelf = py::return_value_policy::reference_internal;
  c.def(
       "pauli_rotation",
       [](Circuit& self, const AngleArg& theta, const std::string& letters, QubitsArg qubits,
          const ControlsArg& controls) -> Circuit& {
         return self.pauli_rotation(theta.value, letters, std::move(qubits.value), controls.value);
       },
       py::arg("theta"), py::arg("letters"), py::arg("qubits"),
       py::arg_v("controls", py::tuple(), "()"), kSelf,
       R"(exp(-i theta/2 P) for the Pauli string with letters[k] on qubits[k].

>>> Circuit(3).pauli_rotation(0.1, 'XZY', [0, 1, 2]).size
1
)")
      .def(
          "unitary",
          [](Circuit& self, MatrixArg matrix, QubitsArg qubits, const ControlsArg& controls,
             std::string label) -> Circuit& {
            return self.unitary(std::move(matrix.value), std::move(qubits.value), controls.value,
                                std::move(label));
          },
          py::arg("matrix"), py::arg("qubits"), py::arg_v("controls", py::tuple(), "()"),
          py::arg("label") = "", kSelf,
          R"(Any unitary matrix, shape (2**k, 2**k), on k qubits.

qubits[0] is the least significant bit of its index. Raises ValueError unless it is unitary.

>>> import numpy as np
>>> Circuit(1).unitary(np.array([[0, 1], [1, 0]]), [0]).size
1
)")
      .def(
          "evolution",
          [](Circuit& self, const AngleArg& theta, GeneratorArg generator, QubitsArg qubits,
             const ControlsArg& controls, std::string label) -> Circuit& {
            return self.evolution(theta.value, std::move(generator.value), std::move(qubits.value),
                                  controls.value, std::move(label));
          },
          py::arg("theta"), py::arg("generator"), py::arg("qubits"),
          py::arg_v("controls", py::tuple(), "()"), py::arg("label") = "", kSelf,
          R"(exp(-i theta G) for a Hermitian matrix, shape (2**k, 2**k), or PauliSum G on k qubits.

G may also be what a PauliSum is made from, such as 'ZI' or {'ZI': 0.5}.

>>> Circuit(2).evolution(0.3, PauliSum('XX') + PauliSum('YY'), [0, 1]).size
1
)")
      .def("initialize", &initialize, py::arg("amplitudes"), kSelf,
           R"(Start from amplitudes, at most 2**n of them; bit k of an amplitude's index is qubit k.

They are complex numbers, or real ones, parameters and expressions; those do not mix with complex
numbers. They are normalised when the program runs. Only as the first operation.

>>> Circuit(1).initialize([3, 4]).state()
array([0.6+0.j, 0.8+0.j])
>>> Circuit(1).initialize([3, 4j]).state()
array([0.6+0.j , 0. +0.8j])
)");
}

void def_algebra(PyCircuit& c) {
  constexpr auto kSelf = py::return_value_policy::reference_internal;
  c.def(
       "compose",
       [](Circuit& self, const Circuit& other, const std::optional<QubitsArg>& qubits,
          const std::optional<BitsArg>& bits, std::optional<std::string_view> label) -> Circuit& {
         qsim::require(!qubits || !qubits->value.empty(), "compose got no qubits for a ",
                       other.n_qubits(), "-qubit circuit");
         if (label) qsim::check_label(*label);
         return self.compose(other, qubits ? qubits->value : std::vector<Qubit>{},
                             bits ? bits->value : std::vector<int>{}, label.value_or(""));
       },
       py::arg("other"), py::arg("qubits") = py::none(), py::arg("bits") = py::none(),
       py::arg("label") = py::none(), kSelf,
       R"(Append another circuit, its qubit k on qubits[k] and its bit k on bits[k] (by default on k).

With a label, 1 to 100 characters, what is appended is a box: draw() shows it as one, unless it is told
to expand it, and to_qasm() writes it as a gate of its own. It changes nothing of what the circuit does.
Raises ValueError for other labels and for more than 100 boxes around one another.

>>> Circuit(3).compose(Circuit(2).cx(0, 1), [2, 0]).count_gates()
{'cx': 1}
>>> bell = Circuit(2).h(0).cx(0, 1)
>>> circuit = Circuit(3).x(0).compose(bell, [1, 2], label='Bell')
>>> print(circuit.draw())
       ┌───┐
q0: ───┤ X ├──
       └───┘
     ┌──────┐
q1: ─┤      ├─
     │ Bell │
q2: ─┤      ├─
     └──────┘
>>> circuit.count_gates()
{'cx': 1, 'h': 1, 'x': 1}
)")
      .def_property_readonly(
          "boxes",
          [](const Circuit& self) {
            std::vector<std::tuple<std::string, py::object, std::vector<Qubit>>> out;
            for (const qsim::Box& box : self.boxes()) {
              qsim::count_work();
              const py::object range =
                  py::module_::import("builtins").attr("range")(box.first, box.end());
              out.emplace_back(box.label, range, box.qubits);
            }
            return out;
          },
          R"(What was composed with a label: label, range of operations, qubits of each such box.

They are in the order in which they begin, those around others before them. Two circuits with the same
operations are equal whatever their boxes.

>>> part = Circuit(2).h(0).cx(0, 1)
>>> circuit = Circuit(3).x(0).compose(part, [2, 1], label='Bell')
>>> circuit.boxes
[('Bell', range(1, 3), [2, 1])]
>>> circuit.inverse().boxes
[('Bell†', range(0, 2), [2, 1])]
>>> circuit == Circuit(3).x(0).compose(part, [2, 1])
True
)")
      .def("inverse", &Circuit::inverse, R"(The inverse circuit.

>>> Circuit(1).s(0).inverse().count_gates()
{'sdg': 1}
)")
      .def("repeat", &Circuit::repeat, py::arg("times"), R"(The circuit that many times in a row.

>>> Circuit(1).x(0).repeat(3).size
3
)")
      .def(
          "power",
          [](const Circuit& self, double exponent, const ValuesArg& values) {
            return qsim::power(self, exponent, values.value);
          },
          py::arg("exponent"), py::arg_v("values", py::dict(), "{}"),
          R"(The circuit to a power.

Of gates on different qubits angles are scaled, constant matrices take their principal power. Of any
other circuit an integer repeats it (or its inverse), and any other exponent takes the principal power
of its matrix (up to 12 qubits), which needs values for its parameters, as state() takes them.

>>> Circuit(1).rx(Parameter('a'), 0).power(0.5) == Circuit(1).rx(Parameter('a') * 0.5, 0)
True
>>> import numpy as np
>>> bool(np.allclose(Circuit(1).x(0).power(0.5).matrix(), Circuit(1).sx(0).matrix()))
True
)")
      .def(
          "control",
          [](const Circuit& self, const FlagsArg& values) {
            const std::size_t n = values.value.size();
            const auto flags = std::make_unique<bool[]>(n);  // NOLINT
            std::ranges::copy(values.value, flags.get());
            return self.control(std::span<const bool>(flags.get(), n));
          },
          py::arg_v("values", py::make_tuple(1), "(1,)"),
          R"(The circuit on n + k qubits that acts where qubits n, n+1, … have the given values.

>>> Circuit(1).x(0).control([1, 1]).count_gates()
{'ccx': 1}
)")
      .def(
          "assign",
          [](const Circuit& self, const ReplacementsArg& values) {
            return self.assign(values.value);
          },
          py::arg("values"),
          R"(The circuit with parameters replaced by numbers or expressions.

values are given by the name of a parameter, or of a vector with one for each of its elements, or by the
Parameter or ParameterVector itself; or all of them in the order of Circuit.parameters. Raises ValueError for names
that the circuit lacks and for other numbers of values than there are elements.

>>> Circuit(1).rx(Parameter('a'), 0).assign({'a': 0.5}).parameters
[]
>>> w, a = ParameterVector('w', 2), Parameter('a')
>>> Circuit(1).rx(w[0], 0).rz(w[1], 0).assign({w: [0.5, 2 * a]}).parameters
['a']
)");
}

void def_results(PyCircuit& c) {
  c.def(
       "state",
       [](const Circuit& self, const ValuesArg& values, std::string_view precision) -> py::array {
         const auto run = [&]<class T>(T) -> py::array {
           std::vector<std::complex<T>> amplitudes;
           // Another thread may change the circuit meanwhile.
           // NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
           const Circuit circuit = self;
           {
             const WithoutGil release;
             amplitudes = qsim::simulate<T>(circuit, values.value).amplitudes();
           }
           const auto size = static_cast<py::ssize_t>(amplitudes.size());
           return to_array(std::move(amplitudes), {size});
         };
         return is_single(precision) ? run(float{}) : run(double{});
       },
       py::arg_v("values", py::dict(), "{}"), py::arg("precision") = "double",
       R"(The state it prepares from |0…0>, shape (2**n,).

values are numbers for its parameters: by the name of a parameter, or of a vector with one for each
element, or by the Parameter or ParameterVector itself; or all in the order of Circuit.parameters. Raises
ValueError for names that the circuit lacks and for parameters without a value. precision is 'double' or
'single'.

>>> Circuit(2).x(1).state()
array([0.+0.j, 0.+0.j, 1.+0.j, 0.+0.j])
>>> w = ParameterVector('w', 2)
>>> circuit = Circuit(2).ry(w, range(2))
>>> circuit.state({'w': [3.141592653589793, 0]}).real.round(3) + 0
array([0., 1., 0., 0.])
>>> bool((circuit.state({w: [0.1, 0.2]}) == circuit.state([0.1, 0.2])).all())
True
)")
      .def(
          "matrix",
          [](const Circuit& self, const ValuesArg& values) {
            // Another thread may change the circuit meanwhile.
            // NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
            const Circuit circuit = self;
            const WithoutGil release;
            return qsim::unitary(circuit, values.value);
          },
          py::arg_v("values", py::dict(), "{}"),
          R"(The circuit as a matrix, shape (2**n, 2**n), up to 12 qubits.

>>> Circuit(1).x(0).matrix().real
array([[0., 1.],
       [1., 0.]])
)")
      .def(
          "to_json", [](const Circuit& self) { return qsim::to_json_text(self); },
          R"(The circuit as JSON text, with its boxes.

>>> Circuit.from_json(Circuit(1).h(0).to_json()) == Circuit(1).h(0)
True
)")
      .def_static("from_json", &qsim::circuit_from_json_text, py::arg("text"),
                  "The circuit that to_json wrote. Raises ValueError naming what it cannot read.");
}

}  // namespace

void bind_circuit(py::module_& m) {
  PyCircuit c(
      m, "Circuit",
      R"(A list of gates on n qubits that start in |0…0>, and on classical bits that start as 0.

Circuit(n_qubits, n_bits=0), or Circuit([('a', 2), ('b', 1)], [('c', 3)]) with registers by name.
A circuit holds no values of its parameters. Methods that add a gate return the circuit, so calls
chain; angles come first, then controls, then targets. `controls` adds more: a list of qubits that
must be 1, or {qubit: 0 or 1}. Lists of qubits and angles add a gate for each of their items; as
everywhere in Python, True is 1 and False 0, so that a mask is no list of qubits.
`circuit.operations` and iteration give what was added. Raises IndexError for
qubits out of range and ValueError for anything else that is wrong, without adding anything.

>>> bell = Circuit(2).h(0).cx(0, 1)
>>> print(bell.draw())  # doctest: +SKIP
>>> bell.state().real.round(3)
array([0.707, 0.   , 0.   , 0.707])
>>> w = ParameterVector('w', 3)
>>> Circuit(3).h(range(3)).cx([0, 1], [1, 2]).rx(w, range(3)).count_gates()
{'cx': 2, 'h': 3, 'rx': 3}
)");
  def_registers(c);
  c.def_property_readonly("n_qubits", &Circuit::n_qubits, "The number of qubits.")
      .def_property_readonly("size", &Circuit::size, "The number of operations.")
      .def_property_readonly(
          "parameters", &Circuit::parameters,
          R"(Parameter names by first appearance, each once; vectors as a whole, in their own order.

>>> w = ParameterVector('w', 3)
>>> Circuit(1).rx(w[1], 0).ry(Parameter('a'), 0).rx(w[0], 0).parameters
['w[0]', 'w[1]', 'w[2]', 'a']
)")
      .def("depth", &Circuit::depth, "Length of the longest chain of gates that share qubits.")
      .def("count_gates", &Circuit::count_gates, "How many gates there are of each name.")
      .def(
          "light_cone",
          [](const Circuit& self, const QubitsArg& qubits) {
            return qsim::light_cone(qsim::compile(self), qubits.value);
          },
          py::arg("qubits"),
          R"(The qubits that can make a difference to what is measured on some qubits.

That is whatever state they begin in. Gates elsewhere, and those that act on these qubits where
nothing is seen any more, make none. Raises ValueError for circuits that
measure in their course, and for repeated qubits.

>>> layers = Circuit(6).cz([0, 2, 4], [1, 3, 5]).rx(0.1, range(6)).cz([1, 3], [2, 4])
>>> layers.light_cone(0), layers.light_cone([2])
([0, 1], [0, 1, 2, 3])
)")
      .def("__len__", &Circuit::size)
      .def(
          "copy", [](const Circuit& self) { return Circuit(self); },
          R"(A circuit of its own with the same operations.

>>> bell = Circuit(2).h(0).cx(0, 1)
>>> len(bell.copy().x(0)), len(bell)
(3, 2)
)")
      .def(
          "__eq__", [](const Circuit& a, const Circuit& b) { return a == b; }, py::arg("other"),
          py::is_operator())
      .def("__repr__",
           [](const Circuit& self) {
             return qsim::concat("<ketgrad.Circuit: ", self.n_qubits(), " qubits, ", self.size(),
                                 " operations, ", self.parameters().size(), " parameters>");
           })
      .def("__copy__", [](const Circuit& self) { return Circuit(self); })
      .def(
          "__deepcopy__", [](const Circuit& self, const py::dict&) { return Circuit(self); },
          py::arg("memo"))
      .def(py::pickle([](const Circuit& self) { return py::make_tuple(qsim::to_json_text(self)); },
                      [](const py::tuple& t) {
                        return qsim::circuit_from_json_text(
                            std::get<0>(parts_of<std::string>(t, "Circuit")));
                      }));
  c.attr("__hash__") = py::none();
  def_gates(c);
  def_carried(c);
  def_classical(c);
  def_algebra(c);
  def_results(c);
  def_drawing(c);
  def_operations(c, m);
  bind_qasm(c);
}

}  // namespace ketgrad
