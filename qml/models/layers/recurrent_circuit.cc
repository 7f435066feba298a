#include "qml/models/layers/recurrent_circuit.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "qsim/core/count_work.h"
#include "qsim/core/loan.h"
#include "qsim/core/memory.h"
#include "qsim/observables/quantity.h"

namespace qml {
namespace {

qsim::Program read_program(const qsim::ProgramSource& source) {
  qsim::Program out =
      qsim::compile(source.circuit, source.observables, source.inputs, source.weights);
  qsim::check(out, Quantity::kExpval, {});
  qsim::require(out.initial.empty(),
                "the circuit has an initialize of its own, so it takes no "
                "state from the step before");
  qsim::require(out.n_qubits <= RecurrentCircuit::kMostQubits, "a state of ", out.n_qubits,
                " qubits is too large to go from step to step; at most ",
                RecurrentCircuit::kMostQubits, " are right");
  return out;
}

// A name for a vector that no parameter has.
std::string free_name(const qsim::Program& program) {
  std::string out = "state";
  const auto is_taken = [&](const std::string& name) { return name.starts_with(out); };
  while (std::ranges::any_of(program.inputs, is_taken) ||
         std::ranges::any_of(program.weights, is_taken)) {
    out += '_';
  }
  return out;
}

// The circuit on a state whose amplitudes, each a real and an imaginary part, are its last inputs.
// Circuits begin with real amplitudes only: a sum of both stands for each until it is compiled.
qsim::Program step_program(const qsim::Circuit& circuit, const qsim::Program& read) {
  const std::size_t n_amplitudes = std::size_t{1} << static_cast<unsigned>(read.n_qubits);
  const qsim::ParameterVector state(free_name(read), static_cast<int>(2 * n_amplitudes));
  std::vector<qsim::Expression> sums;
  std::vector<std::string> inputs = read.inputs;
  for (std::size_t k = 0; k < n_amplitudes; ++k) {
    sums.push_back(qsim::Expression(state[2 * k]) + qsim::Expression(state[2 * k + 1]));
  }
  for (const qsim::Parameter& number : state) inputs.push_back(number.name);
  qsim::Circuit whole(read.n_qubits);
  whole.initialize(std::move(sums)).compose(circuit);
  qsim::Program out = qsim::compile(whole, {}, inputs, read.weights);
  std::vector<qsim::Program::Amplitude> parts;
  auto entry = static_cast<int>(read.inputs.size());  // the tape begins with the parameters
  for (const auto& amplitude : out.initial) {
    for (const bool imaginary : {false, true}) {
      parts.push_back({entry++, amplitude.basis_state, imaginary});
    }
  }
  out.initial = std::move(parts);
  return out;
}

void set_state(std::span<const double> numbers, qsim::State<double>& state) {
  for (std::size_t i = 0; i < numbers.size() / 2; ++i) {
    state.set(i, {numbers[2 * i], numbers[2 * i + 1]});
  }
}

}  // namespace

RecurrentCircuit::RecurrentCircuit(qsim::ProgramSource source, std::size_t n_steps,
                                   StepOutputs outputs)
    : source_(std::move(source)),
      n_steps_(n_steps),
      outputs_(outputs),
      read_(read_program(source_)),
      step_(step_program(source_.circuit, read_)) {
  source_.weights = read_.weights;
  qsim::require(n_steps >= 1, "a sequence of no steps");
}

std::vector<double> RecurrentCircuit::step_inputs(const LayerCall& call, std::size_t step,
                                                  std::span<const double> states) const {
  std::vector<double> out;
  out.reserve(call.rows * step_.inputs.size());
  for (std::size_t row = 0; row < call.rows; ++row) {
    const auto values = call.inputs.subspan(row * n_inputs() + step * n_values(), n_values());
    const auto state = states.subspan(row * n_state(), n_state());
    out.insert(out.end(), values.begin(), values.end());
    out.insert(out.end(), state.begin(), state.end());
  }
  return out;
}

void RecurrentCircuit::run(const LayerCall& call, std::span<double> outputs, Steps* kept) const {
  std::vector<double> states(call.rows * n_state());
  for (std::size_t row = 0; row < call.rows; ++row) states[row * n_state()] = 1;
  qsim::State<double> ket(step_.n_qubits);
  ket.set_zero();
  for (std::size_t step = 0; step < n_steps_; ++step) {
    std::vector<double> inputs = step_inputs(call, step, states);
    const Batch batch{.size = call.rows, .inputs = inputs, .weights = call.parameters};
    states = source_.single ? evaluate<float>(step_, batch, Quantity::kState)
                            : evaluate<double>(step_, batch, Quantity::kState);
    for (std::size_t row = 0; row < call.rows && is_output(step); ++row) {
      set_state(std::span(states).subspan(row * n_state(), n_state()), ket);
      read_values(read_, ket, Quantity::kExpval, {}, row,
                  outputs.subspan(row * n_outputs() + place(step), n_observables()));
    }
    if (kept != nullptr) kept->push_back(std::move(inputs));
  }
}

void RecurrentCircuit::forward(const LayerCall& call, std::span<double> outputs) const {
  run(call, outputs);
}

void RecurrentCircuit::add_bras(std::span<const double> states, std::size_t step, std::size_t first,
                                std::span<const double> cotangents,
                                std::span<double> of_states) const {
  qsim::State<double> ket(step_.n_qubits);
  qsim::State<double> bra(step_.n_qubits);
  ket.set_zero();
  for (std::size_t k = 0; k < states.size() / n_state(); ++k) {
    set_state(states.subspan(k * n_state(), n_state()), ket);
    fill_bra(read_, Quantity::kExpval,
             cotangents.subspan((first + k) * n_outputs() + place(step), n_observables()), ket,
             bra);
    const auto out = of_states.subspan(k * n_state(), n_state());
    for (std::size_t i = 0; i < n_state() / 2; ++i) {  // 2 Re⟨bra|∂ψ⟩
      const auto amplitude = bra.amplitude(i);
      out[2 * i] += 2 * amplitude.real();
      out[2 * i + 1] += 2 * amplitude.imag();
    }
  }
}

void RecurrentCircuit::step_back(const Batch& batch, const CotangentsOf& cotangents_of,
                                 VjpBuffers& buffers) const {
  if (source_.single) {
    qml::vjp<float>(step_, batch, cotangents_of, buffers, Quantity::kState);
  } else {
    qml::vjp<double>(step_, batch, cotangents_of, buffers, Quantity::kState);
  }
}

void RecurrentCircuit::vjp(const LayerCall& call, const CotangentsOf& cotangents_of,
                           const LayerGradients& out, Asking /*asking*/) const {
  const std::size_t width = step_.inputs.size();
  qsim::require_memory(static_cast<double>(call.rows) * static_cast<double>(n_steps_) *
                           static_cast<double>(width) * sizeof(double),
                       "the states of all steps");
  std::vector<double> outputs(call.rows * n_outputs());
  std::vector<double> cotangents(outputs.size());
  Steps inputs;
  run(call, outputs, &inputs);
  cotangents_of(0, call.rows, outputs, cotangents);
  std::ranges::copy(std::span(outputs).first(out.outputs.size()), out.outputs.begin());
  std::ranges::fill(out.by_parameters, 0.0);

  const qsim::Loan<VjpBuffers> buffers(step_.prepared, 0,
                                       [] { return std::make_unique<VjpBuffers>(); });
  std::vector<double> by_inputs;  // of the step after
  for (std::size_t step = n_steps_; step-- > 0;) {
    const auto of_states = [&](std::size_t first, std::size_t count, std::span<const double> states,
                               std::span<double> wanted) {
      std::ranges::fill(wanted, 0.0);
      for (std::size_t k = 0; k < count && !by_inputs.empty(); ++k) {
        const auto row = std::span(by_inputs).subspan((first + k) * width + n_values(), n_state());
        std::ranges::copy(row, wanted.subspan(k * n_state()).begin());
      }
      if (is_output(step)) add_bras(states, step, first, cotangents, wanted);
    };
    step_back({.size = call.rows, .inputs = inputs[step], .weights = call.parameters},
              std::cref(of_states), *buffers);
    by_inputs = buffers->gradients.inputs;
    for (std::size_t k = 0; k < out.by_parameters.size(); ++k) {
      out.by_parameters[k] += buffers->gradients.weights[k];
    }
    for (std::size_t row = 0; row < call.rows && !out.by_inputs.empty(); ++row) {
      std::ranges::copy(std::span(by_inputs).subspan(row * width, n_values()),
                        out.by_inputs.subspan(row * n_inputs() + step * n_values()).begin());
    }
  }
}

nlohmann::json RecurrentCircuit::to_json() const {
  return {{"kind", "recurrent_circuit"},
          {"program", qsim::to_json(source_)},
          {"n_steps", n_steps_},
          {"outputs", name_of(outputs_)}};
}

}  // namespace qml
