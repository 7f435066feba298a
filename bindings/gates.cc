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

constexpr std::array<std::pair<const char*, const char*>, 2> kOtherNames{
    {{"cnot", "cx"}, {"toffoli", "ccx"}}};

std::string gate_doc(const qsim::GateRow& row, const std::string& name, int controls) {
  std::string doc(row.help);
  if (controls > 0) doc += qsim::concat(", under ", controls, " control(s)");
  doc += ". Lists add a gate for each of their items. Returns the circuit itself.\n\n";
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
  for (const auto& [name, gate] : kOtherNames) {
    const auto same = [gate = gate](const GateMethod& method) { return method.name == gate; };
    GateMethod other = *std::ranges::find_if(out, same);
    other.name = name;
    other.doc = qsim::concat("Another name of ", gate, "().\n\n", other.doc);
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

}  // namespace

void def_gates(PyCircuit& c) {
  for (const GateMethod& g : gate_methods()) def_gate(c, g);
  c.def(
      "gate",
      [](Circuit& self, std::string_view name, const AnglesArg& angles, const WireArg& qubits,
         const ControlsArg& controls) -> Circuit& {
        return self.gate(name, angles.value.numbers, qubits.value.numbers, controls.value);
      },
      py::arg("name"), py::arg("angles"), py::arg("qubits"),
      py::arg_v("controls", py::tuple(), "()"), py::return_value_policy::reference_internal,
      R"(Add a gate by its name, given all its angles and all its qubits, controls first.

Raises ValueError for a name that is no gate's and for other numbers of angles or qubits.

>>> Circuit(2).gate('crx', [0.5], [0, 1]) == Circuit(2).crx(0.5, 0, 1)
True
>>> bell = Circuit(2)
>>> for op in Circuit(2).h(0).cx(0, 1):
...     _ = bell.gate(op.name, op.angles, op.qubits)
>>> bell == Circuit(2).h(0).cx(0, 1)
True
)");
}

}  // namespace ketgrad
