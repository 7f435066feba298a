#include "bindings/program.h"

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "bindings/arguments.h"
#include "bindings/named_values.h"
#include "bindings/pickled.h"
#include "qsim/compile/light_cone.h"
#include "qsim/engines/batch_run.h"
#include "qsim/engines/tiles/tiles.h"
#include "qsim/json/json.h"

namespace ketgrad {

namespace {

using Engine = std::optional<std::string>;

PyProgram compiled(const qsim::Circuit& circuit, std::vector<qsim::Observable> observables,
                   const std::vector<std::string>& inputs, const qsim::AskedNames& weights,
                   bool single, const Engine& engine = {}) {
  PyProgram out{qsim::compile(circuit, std::move(observables), inputs, weights), single, circuit};
  if (engine) out.program.engine = qsim::engine_kind(*engine);
  return out;
}

Engine asked_engine(const PyProgram& p) {
  if (!p.program.engine) return {};
  return std::string(qsim::name_of(*p.program.engine));
}

std::string_view engine_for(const PyProgram& p, std::int64_t batch) {
  qsim::require(batch >= 1, "a batch of ", batch, " samples; it must be at least 1");
  const qsim::Batch samples{.size = static_cast<std::size_t>(batch)};
  const qsim::Needs needs{.reads = p.program.observables.empty() ? qsim::Reads::kStates
                                                                 : qsim::Reads::kExpectations};
  return qsim::name_of(p.single ? qsim::choose_engine<float>(p.program, samples, needs)
                                : qsim::choose_engine<double>(p.program, samples, needs));
}

std::vector<std::vector<qsim::Qubit>> light_cones(const PyProgram& p) {
  std::vector<std::vector<qsim::Qubit>> out;
  if (!p.program.cones ||
      p.program.engine.value_or(qsim::EngineKind::kCones) != qsim::EngineKind::kCones) {
    return out;
  }
  for (const auto& cone : p.program.cones->cones) out.push_back(cone.qubits);
  return out;
}

std::string to_json_text(const PyProgram& p) {
  return qsim::to_json_text(qsim::ProgramSource{.circuit = p.circuit,
                                                .observables = p.program.observables,
                                                .inputs = p.program.inputs,
                                                .weights = p.program.weights,
                                                .single = p.single});
}

PyProgram from_json_text(std::string_view text) {
  qsim::ProgramSource source = qsim::program_from_json(qsim::parse_json(text));
  PyProgram out = compiled(source.circuit, std::move(source.observables), source.inputs,
                           source.weights, source.single);
  qsim::require(out.program.inputs == source.inputs && out.program.weights == source.weights,
                "JSON, program: its inputs and weights are not those of its circuit");
  return out;
}

// Any values for the inputs, where weights alone matter.
std::optional<py::object> no_inputs(const qsim::Program& program) {
  const std::size_t n = program.inputs.size();
  if (n == 0) return {};
  return to_array(std::vector<double>(n), {static_cast<py::ssize_t>(n)});
}

// A row of weights.
PyBatch one_row(const qsim::Program& program, const py::object& weights, std::string_view method) {
  PyBatch batch(program, no_inputs(program), weights);
  qsim::require(!batch.weights_per_sample(), method, " takes one row of weights");
  return batch;
}

bool equal_program(const PyProgram& a, const PyProgram& b) {
  return a.single == b.single && a.program.inputs == b.program.inputs &&
         a.program.weights == b.program.weights && a.program.observables == b.program.observables &&
         a.circuit == b.circuit;
}

}  // namespace

py::dict named_weights(const qsim::Program& program, const py::object& weights) {
  const PyBatch batch = one_row(program, weights, "by_name");
  return named_dict(program.weights, batch.view().weights);
}

qsim::Circuit bound_circuit(const qsim::Program& program, const qsim::Circuit& circuit,
                            const py::object& weights) {
  const PyBatch batch = one_row(program, weights, "bind");
  const std::vector<std::string> known = circuit.parameters();
  const std::set<std::string_view> names(known.begin(), known.end());
  std::map<std::string, qsim::Expression> values;
  for (std::size_t k = 0; k < program.weights.size(); ++k) {
    const std::string& name = program.weights[k];
    if (names.contains(name)) values.emplace(name, batch.view().weights[k]);
  }
  return circuit.assign(values);
}

void bind_program(py::module_& m) {
  py::class_<PyProgram> c(m, "Program",
                          R"(A circuit compiled once, to be run many times; made by compile().

Its methods take inputs of shape (n_inputs,) for one sample or (batch, n_inputs) for several, and
weights of shape (n_weights,) for all samples or (batch, n_weights), a row each; or either by name, as
{'a': 0.5, 'w': [0.1, 0.2]}, a vector's values in its order, with a batch axis in front where there is
one. Where either has a
batch axis, so have the results, in front: shapes below are for one sample, and for a batch
(batch, ...). Methods raise ValueError for wrong shapes and for values that are not finite, TypeError
for values that are not real, and MemoryError, before they start, for results larger than memory.
Bit k of a basis state's index is qubit k.

>>> compile(Circuit(2).rx(Parameter('x'), 0).ry(Parameter('w'), 1), inputs=['x'])
<ketgrad.Program: 2 qubits, 2 steps, 1 inputs, 1 weights, 0 observables, double precision>
)");
  c.def_property_readonly(
       "n_qubits", [](const PyProgram& p) { return p.program.n_qubits; }, "The number of qubits.")
      .def_property_readonly(
          "inputs", [](const PyProgram& p) { return p.program.inputs; },
          "Names of the inputs, in order.")
      .def_property_readonly(
          "weights", [](const PyProgram& p) { return p.program.weights; },
          "Names of the weights, in order.")
      .def_property_readonly(
          "n_observables", [](const PyProgram& p) { return p.program.observables.size(); },
          "The number of observables.")
      .def_property_readonly(
          "n_steps", [](const PyProgram& p) { return p.program.steps.size(); },
          "Gates after merging: runs of gates on one qubit are one step.")
      .def_property_readonly(
          "n_passes",
          [](const PyProgram& p) {
            return p.single ? qsim::pass_count<float>(p.program)
                            : qsim::pass_count<double>(p.program);
          },
          R"(Trips of a wide state through memory that a run makes.

Each takes the state, tile by tile in the cache, through as many gates as it can. It is 1 where a
state fits a tile: up to 14 qubits in double, 15 in single precision.

>>> circuit = hardware_efficient(20, 8)
>>> program = compile(circuit)
>>> program.n_passes < len(circuit) // 24
True
)")
      .def_property_readonly(
          "precision", [](const PyProgram& p) { return p.single ? "single" : "double"; },
          "'single' or 'double'.")
      .def("engine", &engine_for, py::arg("batch") = 1,
           R"(How the program runs on so many samples: 'blocks', 'stages', 'tiles' or 'cones'.

'blocks' takes samples side by side, 8 of them in double and 16 in single precision (up to 12
qubits). 'stages' takes one sample after the other by the plan of blocks, where a block would be
mostly idle: few samples on 6 to 12 qubits, without many diagonal gates that have angles. 'tiles'
takes one sample at a time through the cache.
'cones' takes expectation values and variances, exact or from shots, and their derivatives, from the
light cones of the observables, each a program by itself that runs as one of the others: where that is
cheaper than the whole. A variance takes a cone that has all of its observable, strings that are
measured together one that has all of these; where those are wide, and for states and samples, the
program runs as without observables. compile(engine=) says which; by default it is the fastest.
ValueError where the one that was asked for cannot run this.

>>> program = compile(hardware_efficient(8, 1), 'Z' * 8)
>>> program.engine(), program.engine(100)
('stages', 'blocks')
>>> compile(hardware_efficient(20, 1)).engine()
'tiles'
>>> pairs = Circuit(20).ry(0.1, range(20)).cx(range(0, 20, 2), range(1, 20, 2))
>>> compile(pairs, 'Z1').engine()
'cones'
)")
      .def_property_readonly("light_cones", &light_cones,
                             R"(The qubits of each part that expectation values come from.

Empty where the program runs as a whole: see engine(). Pauli strings share a part where that is
cheaper. Swaps are not run: a qubit is where they have taken its content from.

>>> pairs = Circuit(20).ry(0.1, range(20)).cx(range(0, 20, 2), range(1, 20, 2))
>>> compile(pairs, 'Z1').light_cones
[[0, 1]]
)")
      .def("__repr__",
           [](const PyProgram& p) {
             return qsim::concat("<ketgrad.Program: ", printed_text(p.program), ", ",
                                 p.single ? "single" : "double", " precision>");
           })
      .def("to_json", &to_json_text,
           R"(The program as JSON text: its circuit, observables, names and precision.

{"format": "ketgrad.program", "version": 1, "circuit": {...}, "observables": [...],
"inputs": ["x"], "weights": ["w"], "precision": "double"}; the header qsim/json/json.h says what is in
the parts.
)")
      .def_static("from_json", &from_json_text, py::arg("text"),
                  R"(The program that to_json wrote, compiled again.

Raises ValueError naming what it cannot read, and where.

>>> program = compile(Circuit(1).rx(Parameter('w'), 0), 'Z')
>>> Program.from_json(program.to_json()) == program
True
)")
      .def("__eq__", &equal_program, py::arg("other"), py::is_operator())
      .def(py::pickle(
          [](const PyProgram& p) {
            return py::make_tuple(p.circuit, p.program.observables, p.program.inputs, p.single,
                                  p.program.weights, asked_engine(p));
          },
          [](const py::tuple& t) {
            using Observables = std::vector<qsim::Observable>;
            using Names = std::vector<std::string>;
            constexpr std::size_t kWithoutWeights = 4;  // of releases that left their order out …
            constexpr std::size_t kWithoutEngine = 5;   // … or had one engine a program
            if (t.size() == kWithoutWeights) {
              auto [circuit, observables, inputs, single] =
                  parts_of<qsim::Circuit, Observables, Names, bool>(t, "Program");
              return compiled(circuit, std::move(observables), inputs,
                              qsim::by_appearance(circuit, inputs), single);
            }
            if (t.size() == kWithoutEngine) {
              auto [circuit, observables, inputs, single, weights] =
                  parts_of<qsim::Circuit, Observables, Names, bool, Names>(t, "Program");
              return compiled(circuit, std::move(observables), inputs, weights, single);
            }
            auto [circuit, observables, inputs, single, weights, engine] =
                parts_of<qsim::Circuit, Observables, Names, bool, Names, Engine>(t, "Program");
            return compiled(circuit, std::move(observables), inputs, weights, single, engine);
          }));
  def_circuit(c, "compile");
  def_values(c);
  def_gradients(c);
  def_hessian(c);
  def_metric_tensor(c);
  m.def(
      "compile",
      [](const qsim::Circuit& circuit, ObservablesArg observables, const NamesArg& inputs,
         std::string_view precision, const NamesArg& weights, const Engine& engine) {
        return compiled(circuit, std::move(observables.value), inputs.value, weights.asked(),
                        is_single(precision), engine);
      },
      py::arg("circuit"), py::arg_v("observables", py::tuple(), "()"),
      py::arg("inputs") = py::none(), py::arg("precision") = "double",
      py::arg("weights") = py::none(), py::arg("engine") = py::none(),
      R"(Compile a circuit and the observables measured at its end.

observables is one PauliSum, what it is made from such as 'ZI' (qubit 0 rightmost) or {'ZI': 0.5}, or
MatrixObservable, or a list of those. inputs names the parameters that carry data, in
the order of the data's columns: a ParameterVector, Parameter or name, or a list of those; the name of a vector stands for all its
elements. An element that the circuit does not use is an unused column if it uses another element of
that vector; ValueError for any other input that the circuit lacks, and for observables over more
qubits than it has. precision is 'double' or 'single'.

All other parameters are weights: by first appearance, but the elements of a vector together, in its
order and all of them, so that an array in the order of the vector fits. weights, named as inputs are,
says another order; it must name every parameter that is no input (ValueError otherwise), and what it
names beside those has derivative 0.

engine is 'blocks', 'stages', 'tiles' or 'cones' to have the program run so and not as is fastest
(Program.engine); files do not keep it.

>>> x, w = ParameterVector('x', 2), ParameterVector('w', 2)
>>> c = Circuit(2).ry(x[0], 0).ry(x[1], 1).cx(0, 1).rx(w[0], 0).rx(w[1], 1)
>>> prog = compile(c, ['ZI', 'IZ'], inputs=x)
>>> prog.inputs, prog.weights
(['x[0]', 'x[1]'], ['w[0]', 'w[1]'])
>>> a, b = ParameterVector('a', 2), ParameterVector('b', 3)
>>> c2 = Circuit(1).rx(b[1], 0).ry(a[0], 0).rx(a[1], 0).ry(b[0], 0)
>>> compile(c2).weights
['b[0]', 'b[1]', 'b[2]', 'a[0]', 'a[1]']
>>> compile(c2, weights=[a, b[0], b[1]]).weights
['a[0]', 'a[1]', 'b[0]', 'b[1]']
>>> prog.expval(inputs=[[0.1, 0.2], [0.3, 0.4]], weights=[0.5, 0.6]).shape
(2, 2)
)");
}

}  // namespace ketgrad
