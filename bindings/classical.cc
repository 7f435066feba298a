// What a circuit has beside gates: classical bits, measurements, resets, barriers and conditions.

#include <cstdint>
#include <set>
#include <utility>

#include "bindings/arguments.h"
#include "bindings/circuit.h"

namespace ketgrad {
namespace {

using qsim::Circuit;
using Registers = std::vector<std::pair<std::string, int>>;

std::vector<qsim::Register> registers(const Registers& pairs) {
  std::vector<qsim::Register> out;
  for (const auto& [name, size] : pairs) out.push_back({name, size});
  return out;
}

Registers pairs(const std::vector<qsim::Register>& registers) {
  Registers out;
  for (const qsim::Register& r : registers) out.emplace_back(r.name, r.size);
  return out;
}

Circuit& measure(Circuit& self, const QubitsArg& qubit_list, const BitsArg& bit_list) {
  const auto& qubits = qubit_list.value;
  const auto& bits = bit_list.value;
  qsim::require(qubits.size() == bits.size(), "measure got ", qubits.size(), " qubit(s) and ",
                bits.size(), " bit(s)");
  std::set<int> written;
  for (const int bit : bits) {
    qsim::require(written.insert(bit).second, "bit ", bit,
                  " is named twice; it holds the outcome of one qubit");
  }
  if (bits.size() == 1) return self.measure(qubits.front(), bits.front());
  Circuit measured(self.n_qubits(), self.n_bits());  // all or none
  for (std::size_t k = 0; k < bits.size(); ++k) measured.measure(qubits[k], bits[k]);
  return self.compose(measured);
}

}  // namespace

qsim::Condition condition_on(const Circuit& circuit, const ConditionArg& arg) {
  if (const auto* comparison = std::get_if<qsim::Comparison>(&arg.value)) return {*comparison};
  const auto& [name, value] = std::get<std::pair<std::string, std::uint64_t>>(arg.value);
  return {circuit.equals(name, value)};
}

void def_registers(PyCircuit& c) {
  c.def(py::init([](const Registers& qubits, const Registers& bits) {
          return Circuit(registers(qubits), registers(bits));
        }),
        py::arg("qubits"), py::arg("bits") = Registers{})
      .def(py::init([](SizeArg n_qubits, SizeArg n_bits) {
             return Circuit(n_qubits.value, n_bits.value);
           }),
           py::arg("n_qubits"), py::arg("n_bits") = 0)
      .def_property_readonly("n_bits", &Circuit::n_bits, "The number of classical bits.")
      .def_property_readonly(
          "qubit_registers", [](const Circuit& self) { return pairs(self.qubit_registers()); },
          "Name and size of each register of qubits; those of the first come first.")
      .def_property_readonly(
          "bit_registers", [](const Circuit& self) { return pairs(self.bit_registers()); },
          "Name and size of each register of classical bits.");
}

void def_classical(PyCircuit& c) {
  constexpr auto kSelf = py::return_value_policy::reference_internal;
  c.def(
       "add_bits",
       [](Circuit& self, std::string name, SizeArg size) -> Circuit& {
         return self.add_bits(std::move(name), size.value);
       },
       py::arg("name"), py::arg("size"), kSelf,
       R"(Add a register of classical bits, behind those there are.

>>> Circuit(2, 2).add_bits('syndrome', 1).n_bits
3
)")
      .def("measure", &measure, py::arg("qubit"), py::arg("bit"), kSelf,
           R"(Measure a qubit into a classical bit, or qubits[k] into bits[k] for two lists.

>>> Circuit(2, 2).h(0).cx(0, 1).measure(0, 0).measure([1], [1]).count_gates()
{'cx': 1, 'h': 1, 'measure': 2}
)")
      .def("measure_all", &Circuit::measure_all, kSelf,
           R"(Measure qubit k into bit k, for all qubits; adds the bits if the circuit has none.

Raises ValueError where that is what the circuit ends with already.

>>> Circuit(3).h(0).measure_all().n_bits
3
)")
      .def(
          "reset",
          [](Circuit& self, const QubitsArg& qubits) -> Circuit& {
            Circuit added(self.n_qubits(), self.n_bits());  // all or none
            for (const qsim::Qubit qubit : qubits.value) added.reset(qubit);
            return self.compose(added);
          },
          py::arg("qubit"), kSelf, R"(Set a qubit, or each of a list, to |0>, whatever it was.

>>> Circuit(1).x(0).reset(0).is_unitary
False
)")
      .def(
          "barrier",
          [](Circuit& self, const std::optional<QubitsArg>& qubits) -> Circuit& {
            return self.barrier(qubits ? qubits->value : std::vector<qsim::Qubit>{});
          },
          py::arg("qubits") = py::none(), kSelf,
          R"(A line across qubits (by default all) in drawings and files; it does nothing.

>>> Circuit(2).h(0).barrier().h(0).depth()
2
)")
      .def(
          "when",
          [](Circuit& self, const ConditionArg& condition, const Circuit& then,
             const std::optional<Circuit>& otherwise) -> Circuit& {
            return self.when(condition_on(self, condition), then,
                             otherwise ? &*otherwise : nullptr);
          },
          py::arg("condition"), py::arg("then"), py::arg("otherwise") = py::none(), kSelf,
          R"(Append a circuit that acts where a condition on classical bits holds.

condition: {bit: 0 or 1, …}, bits that must all be 1, or (register, value), a register's bits as a
number, bit 0 the least significant. `otherwise` acts where it does not hold. Raises ValueError
where a measurement would change the condition before all that depends on it has come.

>>> c = Circuit(2, 1).h(0).measure(0, 0)
>>> c.when({0: 1}, Circuit(2).x(1)).when(('c', 0), Circuit(2).h(1)).size
4
)")
      .def("without_final_measurements", &Circuit::without_final_measurements,
           R"(The circuit without the measurements and barriers that nothing comes after.

>>> Circuit(1).h(0).measure_all().without_final_measurements() == Circuit(1).h(0)
True
)")
      .def_property_readonly(
          "is_unitary", &Circuit::is_unitary,
          "Whether it has no measurements, resets, channels and conditions, and so a state.");
}

}  // namespace ketgrad
