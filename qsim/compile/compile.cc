#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <memory>
#include <numeric>
#include <ostream>
#include <span>
#include <utility>

#include "qsim/compile/conjugate.h"
#include "qsim/compile/fuse.h"
#include "qsim/compile/light_cone.h"
#include "qsim/compile/names.h"
#include "qsim/compile/primitives.h"
#include "qsim/compile/program.h"
#include "qsim/compile/rank_plan.h"
#include "qsim/compile/shape.h"
#include "qsim/compile/spectrum.h"
#include "qsim/core/count_work.h"
#include "qsim/core/decompositions.h"
#include "qsim/core/error.h"
#include "qsim/core/matrix.h"

namespace qsim {
namespace {

// Of lowering or grouping one, in units of count_work().
constexpr std::size_t kWorkOfGate = 8;

ControlMask control_mask(std::span<const Control> controls) {
  ControlMask out;
  for (const Control& control : controls) {
    out.mask |= bit(control.qubit);
    out.value |= static_cast<Index>(control.value) << control.qubit;
  }
  return out;
}

// The one qubit an uncontrolled one-qubit primitive acts on, else −1. A phase with one control is a
// diagonal gate on that control.
Qubit single_qubit(const Primitive& primitive) {
  if (primitive.kind == Primitive::Kind::kRotation) {
    Index support = primitive.pauli.support();
    for (const Control& control : primitive.controls) support |= bit(control.qubit);
    const bool controlled_pauli = !primitive.controls.empty() && !primitive.pauli.is_identity();
    return std::has_single_bit(support) && !controlled_pauli ? std::countr_zero(support) : -1;
  }
  return primitive.targets.size() == 1 && primitive.controls.empty() ? primitive.targets[0] : -1;
}

// A rotation by the identity.
bool is_global_phase(const Primitive& primitive) {
  return primitive.kind == Primitive::Kind::kRotation && primitive.controls.empty() &&
         primitive.pauli.is_identity();
}

// The eigenvalues of a parametric primitive's generator, given those of an evolution's matrix.
std::vector<double> generator_eigenvalues(const Primitive& primitive,
                                          std::vector<double> of_matrix) {
  std::vector<double> out = std::move(of_matrix);
  if (primitive.kind == Primitive::Kind::kRotation) {
    out = {primitive.scale / 2};
    if (!primitive.pauli.is_identity()) out.push_back(-primitive.scale / 2);
  }
  if (!primitive.controls.empty()) out.push_back(0.0);  // where a control fails
  return out;
}

PauliString shifted(const PauliString& pauli, Qubit q) { return {pauli.x >> q, pauli.z >> q}; }

bool is_swap(const Primitive& primitive) {
  return primitive.kind == Primitive::Kind::kMatrix && primitive.controls.empty() &&
         primitive.targets.size() == 2 && *primitive.matrix == gate_row("swap").matrix;
}

// Where each qubit is after the swaps that are still to come, which have been moved to the front.
class QubitPlaces {
 public:
  QubitPlaces(int n_qubits, std::span<const Primitive> primitives)
      : place_(static_cast<std::size_t>(n_qubits)) {
    std::iota(place_.begin(), place_.end(), 0);
    for (std::size_t k = primitives.size(); k-- > 0;) {
      count_work();
      if (is_swap(primitives[k])) exchange(primitives[k].targets[0], primitives[k].targets[1]);
    }
  }

  [[nodiscard]] Qubit of(Qubit q) const { return place_[static_cast<std::size_t>(q)]; }
  [[nodiscard]] Index of_all(Index mask) const {
    Index out = 0;
    for (; mask != 0; mask &= mask - 1) out |= bit(of(std::countr_zero(mask)));
    return out;
  }
  void exchange(Qubit a, Qubit b) {
    std::swap(place_[static_cast<std::size_t>(a)], place_[static_cast<std::size_t>(b)]);
  }
  void move(Primitive& primitive) const {
    for (Qubit& q : primitive.targets) q = of(q);
    for (Control& control : primitive.controls) control.qubit = of(control.qubit);
    primitive.pauli = {of_all(primitive.pauli.x), of_all(primitive.pauli.z)};
  }

 private:
  std::vector<Qubit> place_;
};

void require_unitary(const Circuit& circuit) {
  if (circuit.is_unitary()) return;
  for (const Operation& op : circuit.operations()) {
    const bool acts = is_gate(*op.row) || op.row->kind == GateKind::kInitialize ||
                      op.row->kind == GateKind::kBarrier;
    require(
        acts && !op.condition, "the circuit has ",
        acts ? concat("a gate '", common_name(op), "' that depends on classical bits")
             : concat("a '", op.row->name, "'"),
        " and so no state of its own; run it with run(), take its density matrix, or leave out ",
        "what is measured at the end with without_final_measurements()");
  }
}

// The program's initial amplitudes from its circuit's, and what its gates are made of.
std::vector<Primitive> lowered(const Circuit& circuit, Program& program) {
  std::vector<Primitive> out;
  for (const Operation& op : circuit.operations()) {
    count_work(kWorkOfGate);
    if (op.row->kind != GateKind::kInitialize) {
      std::ranges::move(lower(op), std::back_inserter(out));
      continue;
    }
    program.initial = amplitudes_of(op, program.tape);
  }
  return out;
}

// Groups runs of one-qubit gates on the same qubit into one step, and moves swaps to the front;
// every other primitive is a step.
class Compiler {
 public:
  Compiler(std::vector<Primitive> primitives, Program& program)
      : program_(program), runs_(static_cast<std::size_t>(program.n_qubits)) {
    QubitPlaces places(program.n_qubits, primitives);
    lead_with_swaps(places);
    for (Primitive& primitive : primitives) {
      count_work(kWorkOfGate);
      if (is_swap(primitive)) {
        places.exchange(primitive.targets[0], primitive.targets[1]);
        continue;
      }
      places.move(primitive);
      add(primitive);
    }
    for (Qubit q = 0; q < program.n_qubits; ++q) flush(q);
  }

 private:
  // The swaps that take every qubit to its place.
  void lead_with_swaps(QubitPlaces places) {
    for (auto& amplitude : program_.initial) {
      amplitude.basis_state = places.of_all(amplitude.basis_state);
    }
    for (Qubit q = 0; q < program_.n_qubits; ++q) {
      while (places.of(q) != q) {
        const Qubit to = places.of(q);
        emit({.targets = {q, to}, .matrix = std::make_shared<Matrix>(gate_row("swap").matrix)});
        places.exchange(q, to);
      }
    }
    program_.n_leading = program_.steps.size();
  }

  void add(const Primitive& primitive) {
    const Qubit q = is_global_phase(primitive) ? phase_carrier() : single_qubit(primitive);
    if (q >= 0) {
      runs_[static_cast<std::size_t>(q)].push_back(factor_on(primitive, q));
      return;
    }
    Index touched = primitive.pauli.support() | mask_of(primitive.targets);
    for (const Control& control : primitive.controls) touched |= bit(control.qubit);
    for (Index rest = touched; rest != 0; rest &= rest - 1) flush(std::countr_zero(rest));
    emit(primitive);
  }

  // A qubit whose gates take a global phase along, which then costs nothing.
  [[nodiscard]] Qubit phase_carrier() const {
    const auto waiting = std::ranges::find_if(runs_, [](const auto& run) { return !run.empty(); });
    return waiting == runs_.end() ? 0 : static_cast<Qubit>(waiting - runs_.begin());
  }

  // The primitive as a factor of a step on the single qubit q.
  Factor factor_on(const Primitive& primitive, Qubit q) {
    Factor factor = factor_of(primitive);
    factor.pauli = shifted(primitive.pauli, q);
    if (!primitive.controls.empty()) {
      factor.controls = {1, static_cast<Index>(primitive.controls.front().value)};
    }
    return factor;
  }

  Factor factor_of(const Primitive& primitive) {
    Factor factor{.kind = primitive.kind, .scale = primitive.scale};
    if (primitive.kind == Primitive::Kind::kMatrix) {
      factor.matrix = *primitive.matrix;
      return factor;
    }
    if (primitive.kind == Primitive::Kind::kEvolution) {
      auto [eigenvalues, eigenvectors] = diagonalise(*primitive.matrix);
      factor.eigenvalues = std::move(eigenvalues);
      factor.matrix = std::move(eigenvectors);
    }
    factor.slot = static_cast<int>(program_.slots.size());
    program_.slots.push_back(
        {program_.tape.add(primitive.angle), generator_eigenvalues(primitive, factor.eigenvalues)});
    return factor;
  }

  void flush(Qubit q) {
    auto& run = runs_[static_cast<std::size_t>(q)];
    if (run.empty()) return;
    finish({.targets = {q}, .factors = std::exchange(run, {})});
  }

  void emit(const Primitive& primitive) {
    Step step{.targets = primitive.targets, .controls = control_mask(primitive.controls)};
    step.factors = {factor_of(primitive)};
    if (primitive.kind == Primitive::Kind::kRotation) step.pauli = primitive.pauli;
    finish(std::move(step));
  }

  void finish(Step step) {
    const int n_inputs = static_cast<int>(program_.inputs.size());
    for (const Factor& factor : step.factors) {
      if (factor.slot < 0) continue;
      step.has_slots = true;
      const int entry = program_.slots[static_cast<std::size_t>(factor.slot)].entry;
      step.needs_inputs |= program_.tape.depends_on(entry, 0, n_inputs);
    }
    choose_shape(step);
    step.coefficients = program_.n_coefficients;
    program_.n_coefficients += step.n_coefficients;
    program_.steps.push_back(std::move(step));
  }

  Program& program_;
  std::vector<std::vector<Factor>> runs_;  // per qubit: one-qubit gates not yet in a step
};

}  // namespace

std::vector<Program::Amplitude> amplitudes_of(const Operation& initialize, Tape& tape) {
  std::vector<Program::Amplitude> out;
  const auto add = [&](const Expression& value, std::size_t i, bool imaginary) {
    count_work(kWorkOfGate);
    out.push_back({tape.add(value), scatter_bits(i, initialize.targets), imaginary});
  };
  for (std::size_t i = 0; i < initialize.angles.size(); ++i) add(initialize.angles[i], i, false);
  if (!initialize.matrix) return out;
  for (Eigen::Index i = 0; i < initialize.matrix->size(); ++i) {
    const Complex value = (*initialize.matrix)(i);
    add(value.real(), static_cast<std::size_t>(i), false);
    if (value.imag() != 0) add(value.imag(), static_cast<std::size_t>(i), true);
  }
  return out;
}

void set_parameters(const Circuit& circuit, const std::vector<std::string>& inputs,
                    const AskedNames& weights, Program& program) {
  const std::vector<Parameter> used = circuit.used_parameters();
  program.inputs = input_names(used, inputs);
  program.weights = weight_names(used, program.inputs, weights);
  std::vector<std::string> all = program.inputs;
  all.insert(all.end(), program.weights.begin(), program.weights.end());
  program.tape = Tape(all);
}

std::vector<std::string> by_appearance(const Circuit& circuit,
                                       const std::vector<std::string>& inputs) {
  std::vector<std::string> out;
  for (const Parameter& p : circuit.used_parameters()) {
    if (std::ranges::find(inputs, p.name) == inputs.end()) out.push_back(p.name);
  }
  return out;
}

namespace {

// Without anything that an engine adds.
Program compile_steps(const Circuit& circuit, Observables observables, const Names& inputs,
                      const std::optional<Names>& weights) {
  for (const Observable& observable : observables.list) {
    const int needed = qubits_needed(observable);
    require(needed <= circuit.n_qubits(), "an observable over ", needed,
            " qubits does not fit a circuit of ", circuit.n_qubits());
  }
  require(circuit.n_qubits() <= kMaxQubits, "a circuit of ", circuit.n_qubits(),
          " qubits cannot run; the limit is ", kMaxQubits);
  require_unitary(circuit);
  Program program;
  program.n_qubits = circuit.n_qubits();
  set_parameters(circuit, inputs.list, weights ? AskedNames(weights->list) : AskedNames(), program);
  program.observables = std::move(observables.list);
  const Compiler compiler(with_parities(lowered(circuit, program), program.n_qubits), program);
  return program;
}

}  // namespace

Program compile(const Circuit& circuit, Observables observables, const Names& inputs,
                const std::optional<Names>& weights) {
  Program program = compile_steps(circuit, std::move(observables), inputs, weights);
  program.cones = light_cones(program);
  if (program.n_qubits >= kLeastFusedQubits) fuse_constants(program);
  return program;
}

Program compile_for_ranks(const Circuit& circuit, Observables observables, const Names& inputs,
                          const std::optional<Names>& weights) {
  return compile_steps(circuit, std::move(observables), inputs, weights);
}

std::ostream& operator<<(std::ostream& out, const Program& program) {
  return out << program.n_qubits << " qubits, " << program.steps.size() << " steps, "
             << program.inputs.size() << " inputs, " << program.weights.size() << " weights, "
             << program.observables.size() << " observables";
}

Program compile(int n_qubits, std::span<const Primitive> primitives,
                std::vector<std::string> weights) {
  Program program;
  program.n_qubits = n_qubits;
  program.tape = Tape(weights);
  program.weights = std::move(weights);
  const Compiler compiler({primitives.begin(), primitives.end()}, program);
  if (program.n_qubits >= kLeastFusedQubits) fuse_constants(program);
  return program;
}

Program without_inputs(const Program& program) {
  Program out = program;
  out.weights.insert(out.weights.begin(), program.inputs.begin(), program.inputs.end());
  out.inputs.clear();
  for (Step& step : out.steps) step.needs_inputs = false;
  return out;
}

}  // namespace qsim
