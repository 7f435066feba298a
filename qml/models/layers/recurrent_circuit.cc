#include "qml/models/layers/recurrent_circuit.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "qsim/core/loan.h"
#include "qsim/core/memory.h"
#include "qsim/observables/quantity.h"

namespace qml {
namespace {

using qsim::Complex;

constexpr std::size_t kMostUnrolled = std::size_t{1} << 24U;  // steps, or values of all of them

qsim::Program step_program(const qsim::ProgramSource& source) {
  qsim::Program out =
      qsim::compile(source.circuit, source.observables, source.inputs, source.weights);
  qsim::check(out, Quantity::kExpval, {});
  qsim::require(out.initial.empty(),
                "the circuit has an initialize of its own, so it takes no "
                "state from the step before");
  return out;
}

// A name for a vector that no parameter has.
std::string free_name(const qsim::Program& program) {
  std::string out = "x";
  const auto is_taken = [&](const std::string& name) { return name.starts_with(out); };
  while (std::ranges::any_of(program.inputs, is_taken) ||
         std::ranges::any_of(program.weights, is_taken)) {
    out += '_';
  }
  return out;
}

// All steps as one circuit, each with inputs of its own.
LayerPtr unrolled(const qsim::ProgramSource& step, const qsim::Program& program,
                  std::size_t n_steps) {
  const std::size_t n = program.inputs.size();
  qsim::require(n_steps <= kMostUnrolled / std::max<std::size_t>(n, 1), "a sequence of ", n_steps,
                " steps of ", n, " values; at most ", kMostUnrolled, " of both are right");
  qsim::ProgramSource out{.circuit = qsim::Circuit(program.n_qubits),
                          .observables = step.observables,
                          .weights = program.weights,
                          .single = step.single};
  if (n == 0) {
    for (std::size_t k = 0; k < n_steps; ++k) out.circuit.compose(step.circuit);
    return std::make_shared<CircuitLayer>(std::move(out));
  }
  const qsim::ParameterVector x(free_name(program), static_cast<int>(n_steps * n));
  for (const qsim::Parameter& value : x) out.inputs.push_back(value.name);
  for (std::size_t k = 0; k < n_steps; ++k) {
    std::map<std::string, qsim::Expression> values;
    for (std::size_t i = 0; i < n; ++i) values.emplace(program.inputs[i], x[k * n + i]);
    out.circuit.compose(step.circuit.assign(values));
  }
  return std::make_shared<CircuitLayer>(std::move(out));
}

using States = RecurrentCircuit::States;

// What a program makes of given states.
template <class T>
void run_on(const qsim::Program& program, const Batch& batch, States& states) {
  const std::vector<std::complex<T>> found = qml::states<T>(program, batch);
  std::ranges::copy(found, states.begin());
}

void set_state(std::span<const Complex> amplitudes, qsim::State<double>& state) {
  for (std::size_t i = 0; i < amplitudes.size(); ++i) state.set(i, amplitudes[i]);
}

}  // namespace

RecurrentCircuit::RecurrentCircuit(qsim::ProgramSource source, std::size_t n_steps,
                                   StepOutputs outputs)
    : source_(std::move(source)),
      n_steps_(n_steps),
      outputs_(outputs),
      step_(step_program(source_)),
      undone_(qsim::compile(source_.circuit.inverse(), {}, step_.inputs, step_.weights)) {
  source_.weights = step_.weights;
  qsim::require(n_steps >= 1, "a sequence of no steps");
  if (outputs == StepOutputs::kLast) unrolled_ = unrolled(source_, step_, n_steps);
}

std::vector<double> RecurrentCircuit::values_of(const LayerCall& call, std::size_t step) const {
  std::vector<double> out(call.rows * n_values());
  for (std::size_t row = 0; row < call.rows; ++row) {
    std::ranges::copy(call.inputs.subspan(row * n_inputs() + step * n_values(), n_values()),
                      std::span(out).subspan(row * n_values()).begin());
  }
  return out;
}

void RecurrentCircuit::move(const qsim::Program& program, const LayerCall& call, std::size_t step,
                            States& states) const {
  const std::vector<double> inputs = values_of(call, step);
  const Batch batch{
      .size = call.rows, .inputs = inputs, .weights = call.parameters, .initial_states = states};
  if (source_.single) return run_on<float>(program, batch, states);
  run_on<double>(program, batch, states);
}

// Cotangents are of any length, and states of length 1.
void RecurrentCircuit::move_back(const LayerCall& call, std::size_t step, States& bras) const {
  std::vector<double> lengths;
  for (std::size_t row = 0; row < call.rows; ++row) {
    const auto bra = std::span(bras).subspan(row * n_amplitudes(), n_amplitudes());
    double squares = 0;
    for (const Complex& amplitude : bra) squares += std::norm(amplitude);
    lengths.push_back(std::sqrt(squares));
    if (squares == 0) bra[0] = 1;
    for (Complex& amplitude : bra) amplitude /= squares == 0 ? 1 : lengths.back();
  }
  move(undone_, call, step, bras);
  for (std::size_t k = 0; k < bras.size(); ++k) bras[k] *= lengths[k / n_amplitudes()];
}

void RecurrentCircuit::run(const LayerCall& call, std::span<double> outputs,
                           std::vector<States>* before) const {
  States states(call.rows * n_amplitudes());
  for (std::size_t row = 0; row < call.rows; ++row) states[row * n_amplitudes()] = 1;
  qsim::State<double> ket(step_.n_qubits);
  ket.set_zero();
  for (std::size_t step = 0; step < n_steps_; ++step) {
    if (before != nullptr) before->push_back(states);
    move(step_, call, step, states);
    for (std::size_t row = 0; row < call.rows; ++row) {
      set_state(std::span(states).subspan(row * n_amplitudes(), n_amplitudes()), ket);
      read_values(step_, ket, Quantity::kExpval, {}, row,
                  outputs.subspan(row * n_outputs() + step * n_observables(), n_observables()));
    }
  }
}

void RecurrentCircuit::forward(const LayerCall& call, std::span<double> outputs) const {
  if (call.rows == 0) return;
  if (unrolled_) return unrolled_->forward(call, outputs);
  run(call, outputs);
}

void RecurrentCircuit::check(const LayerCall& call) const {
  if (unrolled_) unrolled_->check(call);
}

void RecurrentCircuit::name_row(const LayerCall& call, const qsim::ValueError& error) const {
  if (unrolled_) unrolled_->name_row(call, error);
}

void RecurrentCircuit::add_bras(std::span<const double> states, std::span<const double> cotangents,
                                std::span<Complex> bras) const {
  qsim::State<double> ket(step_.n_qubits);
  qsim::State<double> bra(step_.n_qubits);
  ket.set_zero();
  for (std::size_t first = 0; first < bras.size(); first += n_amplitudes()) {
    for (std::size_t i = 0; i < n_amplitudes(); ++i) {
      ket.set(i, {states[2 * (first + i)], states[2 * (first + i) + 1]});
    }
    const auto of_row = cotangents.subspan(first / n_amplitudes() * n_outputs(), n_observables());
    fill_bra(step_, Quantity::kExpval, of_row, ket, bra);
    for (std::size_t i = 0; i < n_amplitudes(); ++i) {  // 2 Re⟨bra|∂ψ⟩
      bras[first + i] += 2.0 * bra.amplitude(i);
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
                           const LayerGradients& out, Asking asking) const {
  if (call.rows == 0) return vjp_of_no_rows(cotangents_of, out);
  if (unrolled_) return unrolled_->vjp(call, cotangents_of, out, asking);
  const std::size_t n = n_amplitudes();
  qsim::require_memory(static_cast<double>(call.rows) * static_cast<double>(n_steps_ + 2) *
                           static_cast<double>(n) * sizeof(Complex),
                       "the states of all steps");
  std::vector<double> outputs(call.rows * n_outputs());
  std::vector<double> cotangents(outputs.size());
  std::vector<States> before;
  run(call, outputs, &before);
  cotangents_of(0, call.rows, outputs, cotangents);
  std::ranges::copy(std::span(outputs).first(out.outputs.size()), out.outputs.begin());
  std::ranges::fill(out.by_parameters, 0.0);

  const qsim::Loan<VjpBuffers> buffers(step_.prepared, 0,
                                       [] { return std::make_unique<VjpBuffers>(); });
  States bras(call.rows * n);  // of the states after a step: what later steps want of them, first
  for (std::size_t step = n_steps_; step-- > 0;) {
    const auto of_states = [&](std::size_t first, std::size_t count, std::span<const double> states,
                               std::span<double> wanted) {
      const auto rows = std::span(bras).subspan(first * n, count * n);
      add_bras(states, std::span(cotangents).subspan(first * n_outputs() + step * n_observables()),
               rows);
      for (std::size_t k = 0; k < rows.size(); ++k) {
        wanted[2 * k] = rows[k].real();
        wanted[2 * k + 1] = rows[k].imag();
      }
    };
    const std::vector<double> inputs = values_of(call, step);
    step_back({.size = call.rows,
               .inputs = inputs,
               .weights = call.parameters,
               .initial_states = before[step]},
              std::cref(of_states), *buffers);
    before.pop_back();
    if (step > 0) move_back(call, step, bras);
    for (std::size_t k = 0; k < out.by_parameters.size(); ++k) {
      out.by_parameters[k] += buffers->gradients.weights[k];
    }
    for (std::size_t row = 0; row < call.rows && !out.by_inputs.empty(); ++row) {
      std::ranges::copy(std::span(buffers->gradients.inputs).subspan(row * n_values(), n_values()),
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
