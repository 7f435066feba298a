#include "qsim/noise/noise_model.h"

#include <utility>
#include <variant>

#include "bindings/arguments.h"
#include "bindings/pickled.h"

namespace ketgrad {
namespace {

using qsim::NoiseModel;
using Gates = std::variant<std::string, std::vector<std::string>>;

std::vector<std::string> gate_list(const std::optional<Gates>& gates) {
  if (!gates) return {};
  if (const auto* one = std::get_if<std::string>(&*gates)) return {*one};
  const auto& list = std::get<std::vector<std::string>>(*gates);
  qsim::require(!list.empty(), "a list of gates for noise is empty; leave it out for any gate");
  return list;
}

std::optional<std::vector<qsim::Qubit>> qubit_list(const std::optional<QubitsArg>& qubits) {
  if (!qubits) return {};
  return qubits->value;
}

}  // namespace

void bind_noise_model(py::module_& m) {
  constexpr auto kSelf = py::return_value_policy::reference_internal;
  py::class_<NoiseModel> c(m, "NoiseModel",
                           R"(Where noise comes in: channels behind gates, and misread measurements.

Of the rules that fit a gate, those that name its qubits win over those that name the gate only, and
these over those for any gate; within the winners, channels act in the order in which they were
added. Circuit.run(), Circuit.density_matrix() and compile_noisy() take a model as `noise`.

>>> noise = NoiseModel().add(Channel.depolarizing(0.001)).add(Channel.depolarizing2(0.01), 'cx')
>>> noise.apply(Circuit(2).h(0).cx(0, 1)).count_gates()
{'channel': 2, 'cx': 1, 'h': 1}
)");
  c.def(py::init<>())
      .def(
          "add",
          [](NoiseModel& self, const qsim::Channel& channel, const std::optional<Gates>& gates,
             const std::optional<QubitsArg>& qubits) -> NoiseModel& {
            return self.add(channel, gate_list(gates), qubit_list(qubits));
          },
          py::arg("channel"), py::arg("gates") = py::none(), py::arg("qubits") = py::none(), kSelf,
          R"(Put a channel behind gates. Returns the model itself.

gates: a name such as 'cx' or a list of them; by default all gates, not measurements, resets and
channels ('reset' may be named). qubits: exactly these, controls first; by default any. A channel on
one qubit acts on every qubit of the gate, one on k qubits on the gate's k. Raises ValueError for
names that no gate has and where channel, gate and qubits differ in number.

>>> NoiseModel().add(Channel.bit_flip(0.1), ['h', 'x'], qubits=[0])
<ketgrad.NoiseModel: 1 rules, 0 readout errors>
)")
      .def(
          "add_readout_error",
          [](NoiseModel& self, double one_for_zero, double zero_for_one,
             const std::optional<QubitsArg>& qubits) -> NoiseModel& {
            return self.add_readout_error({one_for_zero, zero_for_one}, qubit_list(qubits));
          },
          py::arg("one_for_zero"), py::arg("zero_for_one"), py::arg("qubits") = py::none(), kSelf,
          R"(Misread measurements: how often 1 is read for 0, and 0 for 1. Returns the model itself.

qubits: those it holds for; by default all that no other readout error names. Raises ValueError for
probabilities outside [0, 1].

>>> noise = NoiseModel().add_readout_error(1.0, 0.0)
>>> Circuit(1).measure_all().run(100, noise=noise).counts()
{'1': 100}
)")
      .def("apply", &NoiseModel::apply, py::arg("circuit"),
           R"(The circuit with its noise, as channels and readout errors.

>>> NoiseModel().add(Channel.bit_flip(0.1)).apply(Circuit(1).x(0)).size
2
)")
      .def(
          "to_json", [](const NoiseModel& self) { return qsim::to_json_text(self); },
          R"(The model as JSON text.

>>> NoiseModel.from_json(NoiseModel().to_json()) == NoiseModel()
True
)")
      .def_static(
          "from_json", [](std::string_view text) { return qsim::noise_model_from_json_text(text); },
          py::arg("text"),
          "The model that to_json wrote. Raises ValueError naming what it cannot read, and where.")
      .def(
          "__eq__", [](const NoiseModel& a, const NoiseModel& b) { return a == b; },
          py::arg("other"), py::is_operator())
      .def("__repr__",
           [](const NoiseModel& self) {
             return qsim::concat("<ketgrad.NoiseModel: ", self.rules().size(), " rules, ",
                                 self.misreadings().size(), " readout errors>");
           })
      .def("__str__", [](const NoiseModel& self) { return printed_text(self); })
      .def(py::pickle(
          [](const NoiseModel& self) { return py::make_tuple(qsim::to_json_text(self)); },
          [](const py::tuple& t) {
            return qsim::noise_model_from_json_text(
                std::get<0>(parts_of<std::string>(t, "NoiseModel")));
          }));
  c.attr("__hash__") = py::none();
}

}  // namespace ketgrad
