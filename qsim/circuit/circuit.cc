#include "qsim/circuit/circuit.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "qsim/core/error.h"
#include "qsim/core/matrix.h"

namespace qsim {
namespace {

std::vector<Qubit> all_qubits(const Operation& op) {
  std::vector<Qubit> out = op.targets;
  for (const Control& control : op.controls) out.push_back(control.qubit);
  return out;
}

void check_carried(const Operation& op) {
  const auto k = op.targets.size();
  const bool carries_matrix =
      op.row->kind == GateKind::kUnitary || op.row->kind == GateKind::kEvolution;
  require(carries_matrix || op.matrix == nullptr, "gate '", op.row->name, "' takes no matrix");
  require(op.row->kind == GateKind::kPauli || op.pauli.empty(), "gate '", op.row->name,
          "' takes no Pauli string");
  if (op.row->kind == GateKind::kPauli) {
    (void)PauliString::on(op.pauli, op.targets);  // throws for wrong letters or lengths
  } else if (op.row->kind == GateKind::kUnitary) {
    require(op.matrix != nullptr, "a unitary operation has no matrix");
    require_square(*op.matrix, k, "the unitary matrix");
    require_unitary(*op.matrix, "the unitary matrix");
  } else if (op.row->kind == GateKind::kEvolution) {
    require(op.matrix != nullptr, "an evolution has no generator");
    require_square(*op.matrix, k, "the generator");
    require_hermitian(*op.matrix, "the generator");
  }
}

void check_initialize(const Operation& op, bool first) {
  require(first, "initialize must be the first operation of a circuit");
  require(op.controls.empty(), "initialize cannot be controlled");
  require(!op.targets.empty(), "initialize needs at least one qubit");
  require(!op.angles.empty() && op.angles.size() <= bit(static_cast<int>(op.targets.size())),
          "initialize takes 1 to 2^", op.targets.size(), " amplitudes, got ", op.angles.size());
}

void check(const Operation& op, int n_qubits, bool first) {
  require(op.row != nullptr, "an operation needs a gate");
  require_distinct(all_qubits(op), n_qubits);
  if (op.row->kind == GateKind::kInitialize) {
    check_initialize(op, first);
    return;
  }
  require(op.angles.size() == static_cast<std::size_t>(op.row->angles), "gate '", op.row->name,
          "' takes ", op.row->angles, " angle(s), got ", op.angles.size());
  require(op.row->targets == 0 || op.targets.size() == static_cast<std::size_t>(op.row->targets),
          "gate '", op.row->name, "' acts on ", op.row->targets, " qubit(s), got ",
          op.targets.size());
  require(!op.targets.empty(), "gate '", op.row->name, "' needs at least one qubit");
  check_carried(op);
}

}  // namespace

Circuit::Circuit(int n_qubits) : n_qubits_(n_qubits) {
  require(n_qubits >= 1 && n_qubits <= kMaxQubits, "number of qubits ", n_qubits,
          " is outside [1, ", kMaxQubits, "]");
}

Circuit& Circuit::add(Operation operation) {
  check(operation, n_qubits_, operations_.empty());
  operations_.push_back(std::move(operation));
  return *this;
}

Circuit& Circuit::gate(std::string_view name, std::vector<Expression> angles,
                       std::vector<Qubit> qubits, std::vector<Control> more_controls) {
  const auto [row, n_controls] = resolve_gate(name);
  const auto n = static_cast<std::size_t>(n_controls);
  require(qubits.size() == n + static_cast<std::size_t>(row->targets) && row->targets > 0, "gate '",
          name, "' acts on ", n_controls + row->targets, " qubit(s), got ", qubits.size());
  Operation op{.row = row, .angles = std::move(angles)};
  for (std::size_t k = 0; k < n; ++k) op.controls.push_back({qubits[k], true});
  op.controls.insert(op.controls.end(), more_controls.begin(), more_controls.end());
  op.targets.assign(qubits.begin() + n_controls, qubits.end());
  return add(std::move(op));
}

Circuit& Circuit::pauli_rotation(const Expression& theta, std::string_view letters,
                                 std::vector<Qubit> qubits, std::vector<Control> controls) {
  return add({.row = &gate_row("pauli_rotation"),
              .angles = {theta},
              .targets = std::move(qubits),
              .controls = std::move(controls),
              .pauli = std::string(letters)});
}

Circuit& Circuit::unitary(Matrix matrix, std::vector<Qubit> qubits, std::vector<Control> controls,
                          std::string label) {
  return add({.row = &gate_row("unitary"),
              .targets = std::move(qubits),
              .controls = std::move(controls),
              .matrix = std::make_shared<const Matrix>(std::move(matrix)),
              .label = std::move(label)});
}

Circuit& Circuit::evolution(const Expression& theta, Matrix hermitian, std::vector<Qubit> qubits,
                            std::vector<Control> controls, std::string label) {
  return add({.row = &gate_row("evolution"),
              .angles = {theta},
              .targets = std::move(qubits),
              .controls = std::move(controls),
              .matrix = std::make_shared<const Matrix>(std::move(hermitian)),
              .label = std::move(label)});
}

Circuit& Circuit::initialize(std::vector<Expression> amplitudes) {
  std::vector<Qubit> targets(static_cast<std::size_t>(n_qubits_));
  std::iota(targets.begin(), targets.end(), 0);
  return add({.row = &gate_row("initialize"),
              .angles = std::move(amplitudes),
              .targets = std::move(targets)});
}

Circuit& Circuit::compose(const Circuit& other, std::span<const Qubit> qubits) {
  if (qubits.empty()) {
    require(other.n_qubits_ <= n_qubits_, "cannot compose a ", other.n_qubits_,
            "-qubit circuit onto ", n_qubits_, " qubits");
  } else {
    require(qubits.size() == static_cast<std::size_t>(other.n_qubits_), "compose got ",
            qubits.size(), " qubits for a ", other.n_qubits_, "-qubit circuit");
    require_distinct(qubits, n_qubits_);
  }
  const auto moved = [qubits](Qubit q) {
    return qubits.empty() ? q : qubits[static_cast<std::size_t>(q)];
  };
  const std::vector<Operation> added = other.operations_;  // `other` may be this circuit
  const std::size_t size = operations_.size();
  try {
    for (Operation op : added) {
      for (Qubit& q : op.targets) q = moved(q);
      for (Control& control : op.controls) control.qubit = moved(control.qubit);
      add(std::move(op));
    }
  } catch (...) {
    operations_.resize(size);
    throw;
  }
  return *this;
}

Circuit Circuit::inverse() const {
  Circuit out(n_qubits_);
  for (auto op = operations_.rbegin(); op != operations_.rend(); ++op) {
    out.operations_.push_back(qsim::inverse(*op));
  }
  return out;
}

Circuit Circuit::repeat(int times) const {
  require(times >= 0, "a circuit cannot be repeated ", times, " times");
  Circuit out(n_qubits_);
  for (int k = 0; k < times; ++k) {
    for (const Operation& op : operations_) out.add(op);
  }
  return out;
}

Circuit Circuit::control(std::span<const bool> values) const {
  require(!values.empty(), "a controlled circuit needs at least one control");
  Circuit out(n_qubits_ + static_cast<int>(values.size()));
  for (Operation op : operations_) {
    for (std::size_t k = 0; k < values.size(); ++k) {
      op.controls.push_back({n_qubits_ + static_cast<int>(k), values[k]});
    }
    out.add(std::move(op));
  }
  return out;
}

Circuit Circuit::control(int n_controls) const {
  require(n_controls >= 1 && n_controls <= kMaxQubits, "number of controls ", n_controls,
          " is outside [1, ", kMaxQubits, "]");
  const auto values = std::make_unique<bool[]>(static_cast<std::size_t>(n_controls));  // NOLINT
  std::fill_n(values.get(), n_controls, true);
  return control(std::span<const bool>(values.get(), static_cast<std::size_t>(n_controls)));
}

Circuit Circuit::assign(const std::map<std::string, Expression>& values) const {
  const std::vector<std::string> known = parameters();
  for (const auto& [name, value] : values) {
    require(std::find(known.begin(), known.end(), name) != known.end(),
            "the circuit has no parameter '", name, "'");
  }
  const auto with = [&values](const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? Expression(Parameter(name)) : found->second;
  };
  Circuit out = *this;
  for (Operation& op : out.operations_) {
    for (Expression& angle : op.angles) angle = angle.substitute(with);
  }
  return out;
}

std::vector<std::string> Circuit::parameters() const {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const Operation& op : operations_) {
    for (const Expression& angle : op.angles) {
      for (const std::string& name : angle.parameters()) {
        if (seen.insert(name).second) names.push_back(name);
      }
    }
  }
  return names;
}

int Circuit::depth() const {
  std::vector<int> level(static_cast<std::size_t>(n_qubits_), 0);
  for (const Operation& op : operations_) {
    const std::vector<Qubit> qubits = all_qubits(op);
    int top = 0;
    for (const Qubit q : qubits) top = std::max(top, level[static_cast<std::size_t>(q)]);
    for (const Qubit q : qubits) level[static_cast<std::size_t>(q)] = top + 1;
  }
  return *std::max_element(level.begin(), level.end());
}

std::map<std::string, int> Circuit::count_gates() const {
  std::map<std::string, int> counts;
  for (const Operation& op : operations_) ++counts[std::string(common_name(op))];
  return counts;
}

std::string_view common_name(const Operation& op) {
  const auto on_one = [](const Control& control) { return control.value; };
  if (std::all_of(op.controls.begin(), op.controls.end(), on_one)) {
    for (const GateAlias& alias : gate_aliases()) {
      if (alias.base == op.row->name &&
          static_cast<std::size_t>(alias.controls) == op.controls.size()) {
        return alias.name;
      }
    }
  }
  return op.row->name;
}

}  // namespace qsim
