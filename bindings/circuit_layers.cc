#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "bindings/arguments.h"
#include "bindings/goes_with.h"
#include "bindings/layer_kinds.h"
#include "bindings/marginal.h"
#include "bindings/noisy.h"
#include "bindings/program.h"
#include "qml/models/layers/circuit_layer.h"
#include "qml/models/layers/noisy_layer.h"
#include "qml/models/layers/recurrent_circuit.h"

namespace ketgrad {
namespace {

qsim::ProgramSource source_of(const PyProgram& p) {
  return {p.circuit, p.program.observables, p.program.inputs, p.program.weights, p.single};
}
qsim::ProgramSource source_of(const PyNoisyProgram& p) {
  return {p.circuit, p.program.observables, p.angles().inputs, p.angles().weights, p.single};
}

// The program of a CircuitLayer, which has no noise.
struct ProgramOfLayer {
  const PyProgram* value = nullptr;
  static ProgramOfLayer from(py::handle h) {
    if (py::isinstance<PyProgram>(h)) return {h.cast<const PyProgram*>()};
    throw py::type_error(qsim::concat(
        "the program of a CircuitLayer must be a Program that compile() made, not ", shown(h),
        py::isinstance<PyNoisyProgram>(h) ? "; NoisyLayer(program) is the layer of it" : ""));
  }
  static constexpr auto kType = py::detail::const_name("ketgrad._core.Program");
};

// Outcomes of measuring some qubits: numbers, or texts of bits with the highest first.
using OutcomeArgs = std::vector<std::variant<std::string, std::int64_t>>;

std::vector<qsim::Index> outcomes_of(const OutcomeArgs& args, std::size_t n_qubits) {
  qsim::require(!args.empty(), "there are no probabilities of no outcomes");
  std::vector<qsim::Index> out;
  for (const auto& arg : args) {
    const auto* bits = std::get_if<std::string>(&arg);
    if (bits == nullptr) {
      const auto number = std::get<std::int64_t>(arg);
      qsim::require<qsim::IndexError>(number >= 0, "outcome ", number, " is outside [0, ",
                                      std::uint64_t{1} << n_qubits, ")");
      out.push_back(static_cast<qsim::Index>(number));
      continue;
    }
    qsim::require(bits->size() == n_qubits && bits->find_first_not_of("01") == std::string::npos,
                  "outcome '", *bits, "' is not a text of ", n_qubits, " bits");
    out.push_back(std::stoul(*bits, nullptr, 2));
  }
  return out;
}

}  // namespace

void bind_circuit_layers(py::module_& m) {
  kind_class<qml::CircuitLayer>(m, "CircuitLayer", R"(A circuit with what is read at its end.

program is compile()'s, in its precision: its inputs are the layer's, its weights the parameters. of is
'expval', the expectation values of its observables, or 'probs', probabilities: of all outcomes, or of
those of measuring some qubits, bit k of an outcome that of qubits[k]; of all outcomes, or of those
given, as numbers or as text of bits with the last bit first: '01' is 1, qubits[0] alone. For a Pauli
sum with trainable coefficients let the observables be its strings, and a Dense(n, 1, bias=False) follow.

With shots, values are estimates from so many measurements, and derivatives from parameter shift with
as many of every shifted circuit. They depend on the seed, the inputs and the parameters: the same place
has the same shots, and every other place has others. seed None draws a fresh one.

>>> program = compile(Circuit(2).h(0).cx(0, 1).ry(Parameter('a'), 1))
>>> CircuitLayer(program, of='probs', qubits=[1]).forward([], [0.0])
array([0.5, 0.5])
>>> CircuitLayer(program, of='probs', outcomes=['00', '11']).forward([], [0.0])
array([0.5, 0.5])
)")
      .def(py::init([](const ProgramOfLayer& given, std::string_view of,
                       const MeasuredQubits& qubits, const std::optional<OutcomeArgs>& outcomes,
                       const std::optional<ShotsArg>& shots, const SeedArg& seed) {
             const PyProgram& program = *given.value;
             require_goes_with(seed.value.has_value(), "seed", shots.has_value(), "shots");
             qml::Readout readout{.of = qsim::quantity(of)};
             if (qubits) {
               qsim::require(!qubits->value.empty(), "there are no probabilities of no qubits");
               readout.qubits = qubits->value;
             }
             if (outcomes) {
               const std::size_t n_qubits =
                   qubits ? qubits->value.size()
                          : static_cast<std::size_t>(program.program.n_qubits);
               readout.outcomes = outcomes_of(*outcomes, n_qubits);
             }
             if (shots) {
               readout.shots = shots->value;
               readout.seed = seed.get();
             }
             return made<qml::CircuitLayer>(source_of(program), std::move(readout));
           }),
           py::arg("program"), py::arg("of") = "expval", py::arg("qubits") = py::none(),
           py::arg("outcomes") = py::none(), py::arg("shots") = py::none(),
           py::arg("seed") = py::none());
  kind_class<qml::NoisyLayer>(m, "NoisyLayer", R"(Expectation values of a circuit with noise, exact.

program is compile_noisy()'s: its inputs are the layer's, its weights the parameters.

>>> noise = NoiseModel().add(Channel.depolarizing(0.1))
>>> noisy = compile_noisy(Circuit(1).rx(Parameter('a'), 0), 'Z', noise)
>>> NoisyLayer(noisy).forward([], [0.0]).round(12)
array([0.9])
)")
      .def(py::init([](const PyNoisyProgram& program) {
             return made<qml::NoisyLayer>(source_of(program));
           }),
           py::arg("program"));
  kind_class<qml::RecurrentCircuit>(m, "RecurrentCircuit",
                                    R"(A circuit over a sequence that keeps its qubits.

program is compile()'s, without an initialize: its inputs are a step's values, its
weights the parameters, which all steps share. The first step acts on |0...0>, every other on the state
that the step before left: nothing is measured in between. Inputs are those of the first step, then of
the second and so on; outputs are the expectation values at the last step or, with outputs='all', step by
step. For a state of numbers that are measured and encoded again see Recurrent.

>>> program = compile(Circuit(1).ry(Parameter('x'), 0), 'Z', inputs=['x'])
>>> RecurrentCircuit(program, n_steps=3).forward([0.1, 0.2, 0.3], []).round(3)
array([0.825])
)")
      .def(py::init([](const PyProgram& program, std::size_t n_steps, std::string_view outputs) {
             return made<qml::RecurrentCircuit>(source_of(program), n_steps,
                                                qml::step_outputs(outputs));
           }),
           py::arg("program"), py::arg("n_steps"), py::arg("outputs") = "last");
}

}  // namespace ketgrad
