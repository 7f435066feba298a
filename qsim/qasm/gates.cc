#include "qsim/qasm/gates.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"

namespace qsim::qasm {
namespace {

constexpr std::size_t kPartsPerUnit = 4;
constexpr char kBodyParameter = '\x01';  // no name of a file or circuit begins so
constexpr double kMostRepeats = 1e9;     // far more than any budget

std::size_t units_of(const Operation& op) {
  std::size_t out = 1 + (op.targets.size() + op.controls.size()) / kWiresPerUnit;
  for (const Expression& angle : op.angles) {
    out += static_cast<std::size_t>(angle.node().size) / kPartsPerUnit;
  }
  return out;
}

// The number of a body's parameter, or of angles where the name is another's.
std::size_t parameter_number(std::string_view name, std::size_t otherwise) {
  if (name.front() != kBodyParameter) return otherwise;
  std::size_t out = 0;
  for (const char c : name.substr(1)) out = 10 * out + static_cast<std::size_t>(c - '0');
  return out;
}

// What a body's angle is where the gate is called with `angles`.
Expression bound(const Expression& inner, std::span<const Expression> angles) {
  if (inner.is_constant()) return inner;
  const auto value = [&angles](const Parameter& parameter) {
    const std::size_t k = parameter_number(parameter.name, angles.size());
    return k < angles.size() ? angles[k] : Expression(parameter);  // of the circuit
  };
  if (inner.node().op == Op::kParameter) return value(inner.node().parameter());
  return inner.substitute(value);
}

class Expander {
 public:
  Expander(Qubit phase_qubit, Budget& budget, Expansion& out)
      : phase_qubit_(phase_qubit), budget_(budget), out_(out.operations), boxes_(out.boxes) {}

  void expand(const Gate& gate, const Modifiers& modifiers, std::span<const Expression> angles,
              std::span<const Qubit> qubits) {
    const std::size_t first = out_.size();
    const std::size_t n = modifiers.controls.size();
    if (gate.kind == Gate::Kind::kPhase && n > 0) {
      // A controlled phase is a phase gate on its last control.
      add_phase_gate(modifiers, angles.front(), qubits.back());
      control(first, qubits.first(n - 1), modifiers.controls, false);
      return;
    }
    const std::size_t box = boxes_.size();
    const bool is_box = open_box(gate, modifiers.powers, qubits.subspan(n));
    plain(gate, angles, qubits.subspan(n));
    raise({first, box + (is_box ? 1 : 0)}, modifiers.powers);
    control(first, qubits.first(n), modifiers.controls, gate.kind == Gate::Kind::kBody);
    if (is_box) close_box(box);
  }

 private:
  // Where the operations and boxes of a call begin.
  struct Begin {
    std::size_t operations;
    std::size_t boxes;
  };

  bool open_box(const Gate& gate, const std::vector<double>& powers,
                std::span<const Qubit> qubits) {
    if (gate.label.empty() || n_open_ == kDeepestBox) return false;
    std::string label = gate.label;
    for (const double exponent : powers) {
      if (exponent == -1.0) {
        label = inverse_label(std::move(label));
      } else if (exponent != 1.0) {
        label += concat("^", exponent);
      }
    }
    if (label.size() > kLongestLabel) return false;
    budget_.charge(qubits.size() / kWiresPerUnit);
    boxes_.push_back({.label = std::move(label),
                      .first = out_.size(),
                      .qubits = {qubits.begin(), qubits.end()}});
    ++n_open_;
    return true;
  }

  void close_box(std::size_t box) {
    --n_open_;
    boxes_[box].count = out_.size() - boxes_[box].first;
    if (boxes_[box].count == 0) boxes_.resize(box);
    // Many around few operations would be as good as free.
    const bool is_around_one =
        box + 1 < boxes_.size() && boxes_[box + 1].count == boxes_[box].count;
    if (is_around_one) budget_.charge(1);
  }

  void add(Operation op) {
    budget_.charge(units_of(op));
    out_.push_back(std::move(op));
  }

  void plain(const Gate& gate, std::span<const Expression> angles, std::span<const Qubit> qubits) {
    switch (gate.kind) {
      case Gate::Kind::kRow:
        add_row(gate, angles, qubits);
        return;
      case Gate::Kind::kPauli:
        add({.row = &gate_row("pauli_rotation"),
             .angles = {angles.front()},
             .targets = {qubits.begin(), qubits.end()},
             .pauli = gate.pauli});
        return;
      case Gate::Kind::kPhase:
        add({.row = &gate_row("pauli_rotation"),
             .angles = {angles.front() * -2.0},
             .targets = {phase_qubit_},
             .pauli = "I"});
        return;
      case Gate::Kind::kBody:
        poll_interrupt();
        for (const Call& call : gate.body) add_call(call, angles, qubits);
        return;
      case Gate::Kind::kOpaque:
        fail("the gate '", gate.name, "' is declared opaque: nothing says what it does");
    }
  }

  void add_row(const Gate& gate, std::span<const Expression> angles,
               std::span<const Qubit> qubits) {
    Operation op{.row = gate.row, .angles = {angles.begin(), angles.end()}};
    const auto n = static_cast<std::size_t>(gate.controls);
    for (const Qubit q : qubits.first(n)) op.controls.push_back({q, true});
    op.targets.assign(qubits.begin() + gate.controls, qubits.end());
    add(std::move(op));
  }

  void add_call(const Call& call, std::span<const Expression> angles,
                std::span<const Qubit> qubits) {
    std::vector<Qubit> inner;
    for (const int k : call.qubits) inner.push_back(qubits[static_cast<std::size_t>(k)]);
    if (call.gate == nullptr) {
      add({.row = &gate_row("barrier"), .targets = std::move(inner)});
      return;
    }
    std::vector<Expression> inner_angles;
    for (const Expression& angle : call.angles) inner_angles.push_back(bound(angle, angles));
    const Qubit outer = std::exchange(phase_qubit_, qubits.front());
    expand(*call.gate, call.modifiers, inner_angles, inner);
    phase_qubit_ = outer;
  }

  // e^{iγ} where the qubit has the last control's value: P, between X gates for the value 0. Only P
  // is raised to the powers, as any power of X P X is X around that of P.
  void add_phase_gate(const Modifiers& modifiers, const Expression& angle, Qubit qubit) {
    const bool value = modifiers.controls.back();
    const Operation flip{.row = &gate_row("x"), .targets = {qubit}};
    if (!value) add(flip);
    const Begin phase{out_.size(), boxes_.size()};
    add({.row = &gate_row("p"), .angles = {angle}, .targets = {qubit}});
    raise(phase, modifiers.powers);
    if (!value) add(flip);
  }

  // Before the controls that a gate of the table has already; behind those of what is made of
  // gates, as Circuit::control() has it.
  void control(std::size_t first, std::span<const Qubit> qubits, const std::vector<bool>& values,
               bool behind) {
    if (qubits.empty()) return;
    std::vector<Control> controls;
    for (std::size_t k = 0; k < qubits.size(); ++k) controls.push_back({qubits[k], values[k]});
    for (std::size_t k = first; k < out_.size(); ++k) {
      if (out_[k].row->kind == GateKind::kBarrier) continue;
      budget_.charge(controls.size() / kWiresPerUnit);
      std::vector<Control>& own = out_[k].controls;
      own.insert(behind ? own.end() : own.begin(), controls.begin(), controls.end());
    }
  }

  void raise(Begin begin, const std::vector<double>& powers) {
    for (const double exponent : powers) raise(begin, exponent);
  }

  void raise(Begin begin, double exponent) {
    const std::size_t first = begin.operations;
    if (exponent == -1.0) {
      invert(first);
      invert_boxes(std::span(boxes_).subspan(begin.boxes), first, out_.size());
      return;
    }
    if (exponent == 1.0) return;
    boxes_.resize(begin.boxes);
    if (raise_single(first, exponent)) return;
    require(exponent == std::floor(exponent) && std::abs(exponent) <= kMostRepeats, "pow(",
            exponent, ") of several gates, or of several angles: only whole numbers up to ",
            kMostRepeats, " are read");
    if (exponent < 0) invert(first);
    repeat(first, static_cast<std::int64_t>(std::abs(exponent)));
  }

  void invert(std::size_t first) {
    const auto begin = out_.begin() + static_cast<std::ptrdiff_t>(first);
    for (auto op = begin; op != out_.end(); ++op) *op = inverse(*op);
    std::reverse(begin, out_.end());
  }

  // A single rotation to any power, and any other single gate to one that is not whole.
  bool raise_single(std::size_t first, double exponent) {
    if (out_.size() != first + 1) return false;
    Operation& op = out_.back();
    const bool whole = exponent == std::floor(exponent);
    if (op.angles.size() != 1 && (whole || op.angles.size() > 1)) return false;
    op = named(power(op, exponent));
    return true;
  }

  // The square root of z is s: rows that a matrix is.
  static Operation named(Operation op) {
    constexpr double kTolerance = 1e-14;
    if (op.row->kind != GateKind::kUnitary) return op;
    for (const GateRow& row : gate_table()) {
      if (row.kind != GateKind::kFixed || row.matrix.rows() != op.matrix->rows()) continue;
      if ((row.matrix - *op.matrix).cwiseAbs().maxCoeff() > kTolerance) continue;
      op.row = &row;
      op.matrix = nullptr;
      op.label.clear();
      break;
    }
    return op;
  }

  void repeat(std::size_t first, std::int64_t times) {
    const std::size_t last = out_.size();
    if (times == 0) out_.resize(first);
    if (first == last) return;
    budget_.require_room((times - 1) * static_cast<std::int64_t>(last - first));
    for (std::int64_t k = 1; k < times; ++k) {
      poll_interrupt();
      for (std::size_t j = first; j < last; ++j) add(Operation(out_[j]));
    }
  }

  Qubit phase_qubit_;
  Budget& budget_;
  std::vector<Operation>& out_;
  std::vector<Box>& boxes_;
  std::size_t n_open_ = 0;
};

}  // namespace

void Budget::charge(std::size_t units) {
  require_room(static_cast<std::int64_t>(units));
  used_ += static_cast<std::int64_t>(units);
}

void Budget::require_room(std::int64_t units) const {
  require(units <= limit_ - used_, "the circuit has more than ", limit_,
          " operations (those on many wires or conditions count several times); max_operations "
          "sets the limit");
}

Parameter body_parameter(std::size_t k) { return Parameter(kBodyParameter + std::to_string(k)); }

const Gate* GateSet::find_here(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

const Gate* GateSet::find(std::string_view name) const {
  const Gate* here = find_here(name);
  return here != nullptr || outer_ == nullptr ? here : outer_->find(name);
}

const Gate& GateSet::add(Gate gate) {
  const Gate& added = gates_.emplace_back(std::move(gate));
  by_name_[added.name] = &added;
  return added;
}

void expand(const Gate& gate, const Modifiers& modifiers, std::span<const Expression> angles,
            std::span<const Qubit> qubits, Qubit phase_qubit, Budget& budget, Expansion& out) {
  budget.require_room(gate.size);
  Expander(phase_qubit, budget, out).expand(gate, modifiers, angles, qubits);
}

}  // namespace qsim::qasm
