// The methods of Circuit that add a gate by its name.

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "bindings/arguments.h"
#include "bindings/circuit.h"
#include "qsim/circuit/gate_table.h"

namespace ketgrad {
namespace {

using qsim::Circuit;

// Everything the method of one gate name is made from.
struct GateMethod {
  std::string name;
  std::string gate;  // what it adds
  int angles;
  int controls;
  int targets;
  std::string doc;
};

std::string gate_doc(const qsim::GateRow& row, const std::string& name, int controls) {
  std::string doc(row.help);
  if (controls > 0) doc += qsim::concat(", under ", controls, " control(s)");
  doc += ".\n\nLists add a gate for each of their items. Returns the circuit itself.\n\n";
  std::string call = name + "(";
  for (int k = 0; k < row.angles; ++k) call += "0.5, ";
  const int qubits = controls + row.targets;
  for (int k = 0; k < qubits; ++k) call += qsim::concat(k, k + 1 < qubits ? ", " : ")");
  return doc +
         qsim::concat(">>> Circuit(", qubits, ").", call, ".count_gates()\n{'", name, "': 1}\n");
}

std::vector<GateMethod> gate_methods() {
  std::vector<GateMethod> out;
  const auto add = [&out](std::string_view name, const qsim::GateRow& row, int controls) {
    if (row.targets == 0) return;  // bound by hand: the operation carries more than angles
    out.push_back({std::string(name), std::string(name), row.angles, controls, row.targets,
                   gate_doc(row, std::string(name), controls)});
  };
  for (const auto& row : qsim::gate_table()) add(row.name, row, 0);
  for (const auto& alias : qsim::gate_aliases()) {
    add(alias.name, qsim::gate_row(alias.base), alias.controls);
  }
  for (const auto& synonym : qsim::gate_synonyms()) {
    GateMethod other = *std::ranges::find(out, synonym.alias, &GateMethod::name);
    other.name = synonym.name;
    other.doc = qsim::concat("Another name of ", synonym.alias, "().\n\n", other.doc);
    out.push_back(std::move(other));
  }
  return out;
}

// What the qubits are called, controls first.
std::array<const char*, 3> qubit_names(const GateMethod& g) {
  const char* target = g.targets > 1 ? "qubit0" : (g.controls > 0 ? "target" : "qubit");
  if (g.controls == 0) return {target, "qubit1", "qubit2"};
  if (g.controls == 1) return {"control", target, "qubit1"};
  return {"control0", "control1", target};
}

template <std::size_t, class Arg>
using Each = Arg;

// A method with so many angles and qubits: angles come first, then controls, then targets.
template <std::size_t... A, std::size_t... Q>
void def_gate(PyCircuit& c, const GateMethod& g, std::index_sequence<A...>,
              std::index_sequence<Q...>) {
  constexpr std::array kAngles{"theta", "phi", "lam"};
  const auto names = qubit_names(g);
  c.def(
      g.name.c_str(),
      [name = g.gate](Circuit& self, const Each<A, AnglesArg>&... angles,
                      const Each<Q, WireArg>&... qubits, const ControlsArg& controls) -> Circuit& {
        return self.each(name, {angles.value...}, {qubits.value...}, controls.value);
      },
      py::arg(kAngles.at(A))..., py::arg(names.at(Q))..., py::arg_v("controls", py::tuple(), "()"),
      py::return_value_policy::reference_internal, g.doc.c_str());
}

void def_gate(PyCircuit& c, const GateMethod& g) {
  using std::make_index_sequence;
  const int shape = 10 * g.angles + g.controls + g.targets;
  switch (shape) {
    case 1:
      return def_gate(c, g, make_index_sequence<0>(), make_index_sequence<1>());
    case 2:
      return def_gate(c, g, make_index_sequence<0>(), make_index_sequence<2>());
    case 3:
      return def_gate(c, g, make_index_sequence<0>(), make_index_sequence<3>());
    case 11:
      return def_gate(c, g, make_index_sequence<1>(), make_index_sequence<1>());
    case 12:
      return def_gate(c, g, make_index_sequence<1>(), make_index_sequence<2>());
    case 31:
      return def_gate(c, g, make_index_sequence<3>(), make_index_sequence<1>());
    default:
      break;
  }
  qsim::fail<std::logic_error>("the bindings have no method shape for gate '", g.name, "'");
}

// A gate whose first qubits are controls, on a value each.
Circuit& add_controlled(Circuit& circuit, std::string_view name, const AnglesArg& angles,
                        std::vector<qsim::Qubit> qubits, const std::vector<char>& values,
                        std::vector<qsim::Control> more) {
  const auto [row, n_controls] = qsim::resolve_gate(name);
  qsim::require(std::ssize(values) >= n_controls && values.size() <= qubits.size(), "gate '", name,
                "' on ", qubits.size(), " qubit(s) got ", values.size(),
                " value(s) of controls; it needs one for each control, ", n_controls, " at least");
  std::vector<qsim::Control> controls;
  for (std::size_t k = 0; k < values.size(); ++k) controls.push_back({qubits[k], values[k] != 0});
  controls.insert(controls.end(), more.begin(), more.end());
  qubits.erase(qubits.begin(), qubits.begin() + std::ssize(values));
  return circuit.gate(row->name, angles.value.numbers, std::move(qubits), std::move(controls));
}

}  // namespace

void def_gates(PyCircuit& c) {
  for (const GateMethod& g : gate_methods()) def_gate(c, g);
  c.def(
      "gate",
      [](Circuit& self, std::string_view name, const AnglesArg& angles, const WireArg& qubits,
         const ControlsArg& controls, const std::optional<FlagsArg>& control_values) -> Circuit& {
        if (!control_values) {
          return self.gate(name, angles.value.numbers, qubits.value.numbers, controls.value);
        }
        return add_controlled(self, name, angles, qubits.value.numbers, control_values->value,
                              controls.value);
      },
      py::arg("name"), py::arg("angles"), py::arg("qubits"),
      py::arg_v("controls", py::tuple(), "()"), py::arg("control_values") = py::none(),
      py::return_value_policy::reference_internal,
      R"(Add a gate by its name, given all its angles and all its qubits, controls first.

control_values: 0 or 1 for each control among the qubits; by default 1 for as many as the name says
('cx' has one). The attributes of an Operation are in the same order, so that it can be added again;
add() takes it as a whole, of every kind. Raises ValueError for a name that is no gate's and for other
numbers of angles, qubits or values.

>>> Circuit(2).gate('crx', [0.5], [0, 1]) == Circuit(2).crx(0.5, 0, 1)
True
>>> Circuit(2).gate('x', [], [0, 1], control_values=[0]) == Circuit(2).x(1, controls={0: 0})
True
>>> source, again = Circuit(2).h(0).cnot(0, 1).x(1, controls={0: 0}), Circuit(2)
>>> for op in source:
...     _ = again.gate(op.name, op.angles, op.qubits, control_values=op.control_values)
>>> again == source
True
)");
}

}  // namespace ketgrad
