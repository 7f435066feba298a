#include "qsim/engines/execute.h"

#include <cmath>
#include <numeric>
#include <optional>
#include <set>

#include "qsim/circuit/check_operation.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/matrix.h"
#include "qsim/core/unitary_decompositions.h"
#include "qsim/engines/tiles/tiles.h"

namespace qsim {
template <class T>
void prepare(const Program& program, const Binding<T>& binding, State<T>& state) {
  if (program.initial.empty()) {
    state.set_basis(0);
    return;
  }
  double squares = 0;
  const auto value = [&binding](const Program::Amplitude& amplitude) {
    return binding.values[static_cast<std::size_t>(amplitude.entry)];
  };
  for (const auto& amplitude : program.initial) squares += value(amplitude) * value(amplitude);
  require(squares > 0 && std::isfinite(squares), "the amplitudes to initialize with have norm ",
          std::sqrt(squares), "; it must be positive and finite");
  const double factor = 1 / std::sqrt(squares);
  state.set_zero();
  for (const auto& amplitude : program.initial) {
    count_work();
    const std::size_t at = real_offset<T>(amplitude.basis_state);
    state.data()[amplitude.imaginary ? at + kBlock<T> : at] =
        static_cast<T>(factor * value(amplitude));
  }
}

namespace {

template <class T>
void run_from(const Program& program, const Binding<T>& binding, Start start, State<T>& state,
              const PartDone& part_done = {}) {
  if (!has_tiles<T>(state.n_qubits())) {
    const auto steps = std::span(program.steps).subspan(program.first_step(start));
    for (const Step& step : steps) {
      count_work();
      apply(step, binding.of(step), state);
    }
    return;
  }
  TileRunner<T>::of(program, state.n_qubits(), start)->run(binding, state, part_done);
}

}  // namespace

template <class T>
void run_steps(const Program& program, const Binding<T>& binding, State<T>& state,
               const PartDone& part_done) {
  run_from(program, binding, Start::kAnyState, state, part_done);
}

template <class T>
void run(const Program& program, const Binding<T>& binding, State<T>& state) {
  prepare(program, binding, state);
  run_from(program, binding, Start::kPrepared, state);
}

template <class T>
void run_back(const Program& program, const Binding<T>& binding, Start start, State<T>& ket,
              State<T>& bra, const SlopeSink& sink, Back back) {
  if (has_tiles<T>(program.n_qubits)) {
    TileRunner<T>::of(program, ket.n_qubits(), start)->run_back(binding, ket, bra, sink, back);
    return;
  }
  for (std::size_t k = program.steps.size(); k-- > program.first_step(start);) {
    count_work();
    const Step& step = program.steps[k];
    if (step.has_slots) {
      const auto transition = apply_inverse_transition(step, binding.of(step), ket, bra);
      sink({.step = static_cast<int>(k), .transition = transition});
    } else {
      apply_inverse(step, binding.of(step), ket);
      apply_inverse(step, binding.of(step), bra);
    }
  }
}

std::vector<double> ordered_values(const Program& program, const Values& values) {
  const auto first = static_cast<int>(program.inputs.size());
  std::vector<double> out;
  for (const std::optional<double>& value : values.of(program.weights)) {
    const std::size_t k = out.size();
    const bool needed = program.tape.uses(first + static_cast<int>(k));
    require(value.has_value() || !needed, "parameter '", program.weights[k], "' has no value");
    out.push_back(needed ? *value : 0.0);
  }
  return out;
}

template <class T>
State<T> simulate(const Circuit& circuit, const Values& values) {
  const Program program = compile(circuit);
  Binding<T> binding;
  bind_parameters(program, ordered_values(program, values), binding);
  State<T> state(circuit.n_qubits());
  run(program, binding, state);
  return state;
}

template <class T>
void apply(const Circuit& circuit, const Values& values, State<T>& state) {
  require(circuit.n_qubits() <= state.n_qubits(), "a ", circuit.n_qubits(),
          "-qubit circuit does not fit a ", state.n_qubits(), "-qubit state");
  const Program program = compile(circuit);
  require(program.initial.empty(), "a circuit with initialize cannot act on an existing state");
  Binding<T> binding;
  bind_parameters(program, ordered_values(program, values), binding);
  run_steps(program, binding, state);
}

Matrix unitary(const Circuit& circuit, const Values& values) {
  require(circuit.n_qubits() <= kMaxMatrixQubits, "the matrix of a ", circuit.n_qubits(),
          "-qubit circuit is above the limit of ", kMaxMatrixQubits, " qubits");
  const Program program = compile(circuit);
  require(program.initial.empty(), "a circuit with initialize has no matrix");
  Binding<double> binding;
  bind_parameters(program, ordered_values(program, values), binding);
  State<double> state(circuit.n_qubits());
  const auto size = static_cast<Eigen::Index>(state.size());
  Matrix out(size, size);
  for (Eigen::Index column = 0; column < size; ++column) {
    poll_interrupt();
    state.set_basis(static_cast<Index>(column));
    run_steps(program, binding, state);
    for (Eigen::Index row = 0; row < size; ++row) {
      out(row, column) = state.amplitude(static_cast<Index>(row));
    }
  }
  return out;
}

namespace {

// Whether the gates of the operation's kind to some power are one again, with its angle scaled.
bool scales(const Operation& op) {
  const GateKind kind = op.row->kind;
  return op.angles.size() == 1 &&
         (kind == GateKind::kRotation || kind == GateKind::kPauli || kind == GateKind::kEvolution);
}

// The power of gates that act on different qubits; nothing for any other circuit.
std::optional<Circuit> product_power(const Circuit& circuit, double exponent) {
  const bool whole = exponent == std::floor(exponent);
  std::set<Qubit> seen;
  bool any = false;
  for (const Operation& op : circuit.operations()) {
    if (op.row->kind == GateKind::kBarrier) continue;
    const bool constant = op.row->kind == GateKind::kFixed || op.row->kind == GateKind::kUnitary;
    const bool has_power = scales(op) || (constant && !whole);
    if (op.condition || !has_power) return {};
    for (const Qubit q : all_qubits(op)) {
      if (!seen.insert(q).second) return {};
    }
    any = true;
  }
  if (!any || exponent == 0) return {};
  Circuit out(circuit.qubit_registers(), circuit.bit_registers());
  for (const Operation& op : circuit.operations()) out.add(power(op, exponent));
  return out;
}

}  // namespace

Circuit power(const Circuit& circuit, double exponent, const Values& values) {
  constexpr double kMaxRepeats = 1e6;
  require(std::isfinite(exponent), "the exponent of a circuit is ", exponent,
          "; it must be finite");
  (void)values.of(circuit.parameters());  // names that it lacks are refused, needed or not
  if (std::optional<Circuit> product = product_power(circuit, exponent)) return *product;
  if (exponent == std::floor(exponent) && std::abs(exponent) <= kMaxRepeats) {
    const int times = static_cast<int>(std::abs(exponent));
    return exponent < 0 ? circuit.inverse().repeat(times) : circuit.repeat(times);
  }
  std::vector<Qubit> qubits(static_cast<std::size_t>(circuit.n_qubits()));
  std::iota(qubits.begin(), qubits.end(), 0);
  Circuit out(circuit.n_qubits());
  out.unitary(unitary_power(unitary(circuit, values), exponent), qubits, {},
              concat("U^", exponent));
  return out;
}

template void prepare(const Program&, const Binding<float>&, State<float>&);
template void prepare(const Program&, const Binding<double>&, State<double>&);
template void run_steps(const Program&, const Binding<float>&, State<float>&, const PartDone&);
template void run_steps(const Program&, const Binding<double>&, State<double>&, const PartDone&);
template void run(const Program&, const Binding<float>&, State<float>&);
template void run(const Program&, const Binding<double>&, State<double>&);
template void run_back(const Program&, const Binding<float>&, Start, State<float>&, State<float>&,
                       const SlopeSink&, Back);
template void run_back(const Program&, const Binding<double>&, Start, State<double>&,
                       State<double>&, const SlopeSink&, Back);
template State<float> simulate(const Circuit&, const Values&);
template State<double> simulate(const Circuit&, const Values&);
template void apply(const Circuit&, const Values&, State<float>&);
template void apply(const Circuit&, const Values&, State<double>&);

}  // namespace qsim
