// Circuits made of circuits.

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "qsim/circuit/check_operation.h"
#include "qsim/circuit/circuit.h"
#include "qsim/circuit/condition.h"
#include "qsim/circuit/final_measurements.h"
#include "qsim/circuit/room.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/matrix.h"
#include "qsim/core/memory.h"

namespace qsim {

Circuit& Circuit::compose(const Circuit& other, std::span<const Qubit> qubits,
                          std::span<const int> bits, std::string_view label) {
  if (qubits.empty()) {
    if (other.n_qubits_ > n_qubits_) {
      fail("cannot compose a ", other.n_qubits_, "-qubit circuit onto ",
           counted(static_cast<std::size_t>(n_qubits_), "qubit"));
    }
  } else {
    require(qubits.size() == static_cast<std::size_t>(other.n_qubits_), "compose got ",
            qubits.size(), " qubits for a ", other.n_qubits_, "-qubit circuit");
    require_distinct(qubits, n_qubits_);
  }
  require(!bits.empty() || other.n_bits_ <= n_bits_, "cannot compose a circuit with ",
          other.n_bits_, " classical bit(s) onto one with ", n_bits_);
  require_distinct_bits(bits, "compose");
  require(bits.empty() || bits.size() == static_cast<std::size_t>(other.n_bits_), "compose got ",
          bits.size(), " classical bit(s) for a circuit with ", other.n_bits_);
  if (!label.empty()) check_label(label);
  const auto moved = [qubits](Qubit q) {
    return qubits.empty() ? q : qubits[static_cast<std::size_t>(q)];
  };
  const auto moved_bit = [bits](int b) {
    return bits.empty() ? b : bits[static_cast<std::size_t>(b)];
  };
  const std::size_t size = operations_.size();
  const std::size_t n_added = other.operations_.size();  // `other` may be this circuit
  const std::size_t n_boxes = other.boxes_.size();
  try {
    for (std::size_t k = 0; k < n_added; ++k) {
      Operation op = other.operations_[k];
      for (Qubit& q : op.targets) q = moved(q);
      for (Control& control : op.controls) control.qubit = moved(control.qubit);
      if (op.bit >= 0) op.bit = moved_bit(op.bit);
      if (op.condition && !bits.empty()) {
        Condition condition = *op.condition;
        for (Comparison& comparison : condition) {
          for (int& b : comparison.bits) b = moved_bit(b);
        }
        op.condition = std::make_shared<const Condition>(std::move(condition));
      }
      add(std::move(op));
    }
    compose_boxes(other, n_boxes, size, qubits, label);
  } catch (...) {
    truncate(size);
    throw;
  }
  return *this;
}

void Circuit::compose_boxes(const Circuit& other, std::size_t n_boxes, std::size_t first,
                            std::span<const Qubit> qubits, std::string_view label) {
  if (!label.empty() && operations_.size() > first) {
    require(depth_of(std::span(other.boxes_).first(n_boxes)) < kDeepestBox, "more than ",
            kDeepestBox, " boxes are around one another");
    Box box{.label = std::string(label), .first = first, .count = operations_.size() - first};
    box.qubits.assign(qubits.begin(), qubits.end());
    for (Qubit q = 0; qubits.empty() && q < other.n_qubits_; ++q) box.qubits.push_back(q);
    boxes_.push_back(std::move(box));
  }
  for (std::size_t k = 0; k < n_boxes; ++k) {
    count_work();
    Box box = other.boxes_[k];  // before the list grows, which may be the same
    box.first += first;
    if (!qubits.empty()) {
      for (Qubit& q : box.qubits) q = qubits[static_cast<std::size_t>(q)];
    }
    boxes_.push_back(std::move(box));
  }
}

Circuit& Circuit::when(const Condition& condition, const Circuit& then, const Circuit* otherwise) {
  require(!condition.empty(), "a condition without comparisons");
  const std::size_t size = operations_.size();
  const auto append = [this](const Circuit& part, const Condition& holds) {
    const std::size_t from = operations_.size();
    compose(part);
    for (std::size_t k = from; k < operations_.size(); ++k) {
      count_work(work_of(operations_[k]));
      add_condition(operations_[k], holds);
      check_operation(operations_[k], n_qubits_, n_bits_, false);
    }
  };
  try {
    const Circuit other = otherwise != nullptr ? *otherwise : without_operations();
    append(then, condition);
    if (other.size() > 0) {
      for (const Condition& fails : failing_cases(condition)) append(other, fails);
    }
    check_condition_lasts(condition, operations_.begin() + static_cast<std::ptrdiff_t>(size),
                          operations_.end());
  } catch (...) {
    truncate(size);
    throw;
  }
  return *this;
}

Circuit Circuit::inverse() const {
  Circuit out = without_operations();
  for (auto op = operations_.rbegin(); op != operations_.rend(); ++op) {
    count_work(work_of(*op));
    out.operations_.push_back(qsim::inverse(*op));
  }
  out.boxes_ = boxes_;
  invert_boxes(out.boxes_, 0, size());
  return out;
}

Circuit Circuit::repeat(int times) const {
  require(times >= 0, "a circuit cannot be repeated ", times, " times");
  require_operations(static_cast<double>(times) * static_cast<double>(size()), "a circuit");
  require_memory(static_cast<double>(times) * static_cast<double>(boxes_.size()) * sizeof(Box),
                 concat("the boxes of a circuit, ", times, " times"));
  Circuit out = without_operations();
  for (int k = 0; k < times && size() > 0; ++k) {
    const std::size_t first = out.size();
    for (const Operation& op : operations_) out.add(op);
    out.compose_boxes(*this, boxes_.size(), first, {}, {});
  }
  return out;
}

Circuit Circuit::control(std::span<const bool> values) const {
  require(!values.empty(), "a controlled circuit needs at least one control");
  require(values.size() <= static_cast<std::size_t>(kMaxCircuitQubits), values.size(),
          " controls are more than a circuit has qubits at most, ", kMaxCircuitQubits);
  require_memory(static_cast<double>(values.size()) * static_cast<double>(size()) * sizeof(Control),
                 concat("a circuit of ", size(), " operations under ", values.size(), " controls"));
  std::vector<Register> qubits = qubit_registers_;
  qubits.back().size += static_cast<int>(values.size());
  Circuit out(std::move(qubits), bit_registers_);
  for (Operation op : operations_) {
    if (op.row->kind == GateKind::kBarrier) {
      out.add(std::move(op));
      continue;
    }
    for (std::size_t k = 0; k < values.size(); ++k) {
      op.controls.push_back({n_qubits_ + static_cast<int>(k), values[k]});
    }
    out.add(std::move(op));
  }
  out.boxes_ = boxes_;
  return out;
}

Circuit Circuit::control(WholeNumber n_controls) const {
  const int count = n_controls;
  require(count >= 1 && count <= kMaxQubits, "number of controls ", count, " is outside [1, ",
          kMaxQubits, "]");
  const auto values = std::make_unique<bool[]>(static_cast<std::size_t>(count));  // NOLINT
  std::fill_n(values.get(), count, true);
  return control(std::span<const bool>(values.get(), static_cast<std::size_t>(count)));
}

Circuit Circuit::assign(const Replacements& values) const {
  const std::vector<std::string> names = parameters();
  const std::vector<std::optional<Expression>> given = values.of(names);
  std::unordered_map<std::string_view, const Expression*> replaced;
  for (std::size_t k = 0; k < names.size(); ++k) {
    if (given[k]) replaced.emplace(names[k], &*given[k]);
  }
  const auto with = [&replaced](const Parameter& parameter) {
    const auto found = replaced.find(parameter.name);
    return found == replaced.end() ? Expression(parameter) : *found->second;
  };
  Circuit out = *this;
  for (Operation& op : out.operations_) {
    count_work(work_of(op));
    for (Expression& angle : op.angles) angle = angle.substitute(with);
  }
  return out;
}

Circuit Circuit::without_final_measurements() const {
  const std::vector<bool> dropped = final_operations(*this);
  std::vector<Operation> kept;
  bool has_bits = false;
  for (std::size_t k = 0; k < operations_.size(); ++k) {
    count_work(work_of(operations_[k]));
    if (dropped[k]) continue;
    kept.push_back(operations_[k]);
    has_bits |= !bits_of(operations_[k]).empty();
  }
  Circuit out(qubit_registers_, has_bits ? bit_registers_ : std::vector<Register>{});
  out.operations_ = std::move(kept);
  out.boxes_ = boxes_left(boxes_, dropped);
  return out;
}

}  // namespace qsim
