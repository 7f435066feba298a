// What circuits are made of, for those who read them.

#include "qsim/circuit/operation.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/arguments.h"
#include "bindings/circuit.h"
#include "bindings/pickled.h"
#include "qsim/circuit/check_operation.h"
#include "qsim/core/count_work.h"
#include "qsim/json/json.h"

namespace ketgrad {
namespace {

using qsim::Circuit;
using qsim::Expression;
using qsim::Operation;

py::object angle_object(const Expression& angle) {
  if (angle.is_constant()) return py::float_(angle.node().value);
  if (angle.node().op == qsim::Op::kParameter) return py::cast(angle.node().parameter());
  return py::cast(angle);
}

using Angles = py::typing::List<py::typing::Union<py::float_, qsim::Parameter, Expression>>;

Angles angles_of(const Operation& op) {
  Angles out;
  for (const Expression& angle : op.angles) out.append(angle_object(angle));
  return out;
}

std::vector<int> qubits_of(const Operation& op) {
  std::vector<int> out;
  for (const qsim::Control& control : op.controls) out.push_back(control.qubit);
  out.insert(out.end(), op.targets.begin(), op.targets.end());
  return out;
}

std::map<int, int> controls_of(const Operation& op) {
  std::map<int, int> out;
  for (const qsim::Control& control : op.controls) out[control.qubit] = control.value ? 1 : 0;
  return out;
}

std::vector<int> control_values_of(const Operation& op) {
  std::vector<int> out;
  for (const qsim::Control& control : op.controls) out.push_back(control.value ? 1 : 0);
  return out;
}

// As when() takes it, "{0: 1, 2: 0}", and what it has no word for: "not {0: 1, 2: 0}".
std::string condition_text(const qsim::Condition& condition) {
  std::vector<std::string> texts;
  std::string values;  // of all that must have some
  for (const qsim::Comparison& comparison : condition) {
    const bool has_values = comparison.equal || comparison.bits.size() == 1;
    std::string list;
    std::string& out = has_values ? values : list;
    for (std::size_t k = 0; k < comparison.bits.size(); ++k) {
      const bool value = comparison.values[k] == (comparison.equal || !has_values);
      out += qsim::concat(out.empty() ? "" : ", ", comparison.bits[k], ": ", value ? 1 : 0);
    }
    if (!has_values) texts.push_back("not {" + list + "}");
  }
  if (!values.empty()) texts.insert(texts.begin(), "{" + values + "}");
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : " and ") + text;
  return out;
}

// As the call that adds it, so far as a line can say it.
std::string call_text(const Operation& op) {
  std::string out = qsim::concat(qsim::common_name(op), "(");
  const char* gap = "";
  const auto add = [&](const std::string& text) {
    out += gap + text;
    gap = ", ";
  };
  for (const Expression& angle : op.angles) add(angle.text());
  if (!op.pauli.empty()) add("'" + op.pauli + "'");
  for (const int qubit : qubits_of(op)) add(qsim::concat(qubit));
  if (op.bit >= 0) add(qsim::concat(op.bit));
  out += ')';
  if (!op.condition) return out;
  return qsim::concat("when(", condition_text(*op.condition), ", ", out, ")");
}

// Alone in a circuit that is as small as it can be.
std::string json_of(const Operation& op) {
  int n_qubits = 1;
  for (const int qubit : qubits_of(op)) n_qubits = std::max(n_qubits, qubit + 1);
  int n_bits = 0;
  for (const int bit : qsim::bits_of(op)) n_bits = std::max(n_bits, bit + 1);
  return qsim::to_json_text(Circuit(n_qubits, n_bits).add(op));
}

Operation operation_from_json(std::string_view text) {
  const Circuit circuit = qsim::circuit_from_json_text(text);
  qsim::require(circuit.size() == 1, "the pickled Operation has ", circuit.size(), " operations");
  return circuit.operations().front();
}

py::typing::List<Operation> operations_of(const Circuit& circuit) {
  // Another thread may change the circuit meanwhile.
  const Circuit own = circuit;  // NOLINT(performance-unnecessary-copy-initialization)
  py::typing::List<Operation> out;
  for (const Operation& op : own.operations()) {
    qsim::count_work(qsim::work_of(op));
    out.append(py::cast(op));
  }
  return out;
}

}  // namespace

void def_operations(PyCircuit& c, py::module_& m) {
  py::class_<Operation> operation(m, "Operation",
                                  R"(A gate of a circuit, or what else it does there.

Read from Circuit.operations; circuits are changed by their methods alone.

>>> op = Circuit(2).crx(0.5, 1, 0).operations[0]
>>> op, op.name, op.angles, op.controls, op.targets
(crx(0.5, 1, 0), 'crx', [0.5], {1: 1}, [0])
>>> Circuit(1, 1).when({0: 1}, Circuit(1).x(0)).operations
[when({0: 1}, x(0))]
)");
  operation
      .def_property_readonly(
          "name", [](const Operation& op) { return std::string(qsim::common_name(op)); },
          "The method that adds it: that of an alias such as 'cx' where one fits its controls.")
      .def_property_readonly("qubits", &qubits_of, "All its qubits, controls first.")
      .def_readonly("targets", &Operation::targets, "The qubits that are no controls.")
      .def_property_readonly("controls", &controls_of,
                             "The value, 0 or 1, that each control must have, by qubit.")
      .def_property_readonly("control_values", &control_values_of,
                             "The same values in the order of qubits, as gate() takes them.")
      .def_property_readonly(
          "angles", &angles_of,
          "Its angles, or of initialize the amplitudes: numbers, Parameters or Expressions.")
      .def_property_readonly(
          "letters",
          [](const Operation& op) -> std::optional<std::string> {
            if (op.pauli.empty()) return {};
            return op.pauli;
          },
          "Of pauli_rotation: letters[k] acts on targets[k].")
      .def_property_readonly(
          "matrix",
          [](const Operation& op) -> std::optional<qsim::Matrix> {
            if (!op.matrix) return {};
            return *op.matrix;
          },
          "What unitary and evolution carry, shape (2**k, 2**k); of initialize the complex "
          "amplitudes, shape (m, 1).")
      .def_readonly("label", &Operation::label, "Of unitary and evolution, for drawings.")
      .def_property_readonly(
          "bit",
          [](const Operation& op) -> std::optional<int> {
            if (op.bit < 0) return {};
            return op.bit;
          },
          "Of measure: the classical bit that gets the outcome.")
      .def_property_readonly(
          "is_conditional", [](const Operation& op) { return op.condition != nullptr; },
          "Whether it acts only where classical bits have some values.")
      .def(
          "__eq__", [](const Operation& a, const Operation& b) { return a == b; }, py::arg("other"),
          py::is_operator())
      .def("__repr__", &call_text)
      .def(py::pickle([](const Operation& op) { return py::make_tuple(json_of(op)); },
                      [](const py::tuple& state) {
                        return operation_from_json(
                            std::get<0>(parts_of<std::string>(state, "Operation")));
                      }));
  operation.attr("__hash__") = py::none();
  c.def_property_readonly("operations", &operations_of,
                          R"(What was added, in order, as a list of Operation.

>>> for op in Circuit(2).h(0).cx(0, 1).operations:
...     print(op.name, op.qubits)
h [0]
cx [0, 1]
)")
      .def("__iter__",
           [](const Circuit& self) -> py::typing::Iterator<Operation> {
             return py::reinterpret_borrow<py::typing::Iterator<Operation>>(
                 py::iter(operations_of(self)));
           })
      .def(
          "add", [](Circuit& self, const Operation& op) -> Circuit& { return self.add(op); },
          py::arg("operation"), py::return_value_policy::reference_internal,
          R"(Add an operation of another circuit, on the same qubits and bits.

>>> source = Circuit(2).h(0).t(0).cx(0, 1)
>>> without_t = Circuit(2)
>>> for op in source:
...     if op.name != 't':
...         _ = without_t.add(op)
>>> without_t == Circuit(2).h(0).cx(0, 1)
True
)");
}

}  // namespace ketgrad
