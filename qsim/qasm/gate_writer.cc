#include "qsim/qasm/gate_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>
#include <utility>

#include "qsim/circuit/check_operation.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/qasm/expression.h"
#include "qsim/qasm/lexer.h"
#include "qsim/qasm/library.h"
#include "qsim/qasm/parameters.h"

namespace qsim::qasm {
namespace {

// The shortest digits that read back as the same number, with a decimal point.
std::string number_text(double value) {
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  std::string out(digits.data(), end);
  if (out.find('.') == out.npos) out.insert(std::min(out.find('e'), out.size()), ".0");
  return out;
}

// "pi/2" where it reads back as the same number to the last bit.
std::string angle_number_text(double value) {
  constexpr std::array kDenominators{1, 2, 3, 4, 6, 8, 16};
  constexpr double kLargest = 16;
  for (const int denominator : kDenominators) {
    const double numerator = std::round(value / std::numbers::pi * denominator);
    if (numerator == 0 || std::abs(numerator) > kLargest) continue;
    if (numerator * std::numbers::pi / denominator != value) continue;
    std::string out = numerator < 0 ? "-" : "";
    if (std::abs(numerator) != 1) out += concat(std::abs(numerator), "*");
    return out + (denominator == 1 ? "pi" : concat("pi/", denominator));
  }
  return number_text(value);
}

std::string modifiers_text(const std::vector<Control>& controls) {
  std::string out;
  for (std::size_t k = 0; k < controls.size();) {
    std::size_t end = k;
    while (end < controls.size() && controls[end].value == controls[k].value) ++end;
    out += controls[k].value ? "ctrl" : "negctrl";
    if (end - k > 1) out += concat("(", end - k, ")");
    out += " @ ";
    k = end;
  }
  return out;
}

void require_operators(const Expression::Node& node, int version) {
  require(has_operator(node.op, version), "OpenQASM ", version, " has no function ",
          op_row(node.op).name, "; assign numbers to the parameters in it first");
  if (node.left) require_operators(*node.left, version);
  if (node.right) require_operators(*node.right, version);
}

void append(std::string& list, std::string_view item) {
  if (!list.empty()) list += ", ";
  list += item;
}

// The γ of gphase(γ), where that reads back as the operation.
std::optional<double> global_phase(const Operation& op, const Scope& scope) {
  const bool is_phase = op.row->kind == GateKind::kPauli && op.pauli == "I" &&
                        op.controls.empty() && op.targets.front() == scope.phase_qubit();
  if (!is_phase || !op.angles.front().is_constant()) return std::nullopt;
  const double angle = op.angles.front().node().value;
  const double phase = angle / -2;
  return phase * -2 == angle ? std::optional(phase) : std::nullopt;  // what is tiny rounds to 0
}

Spelling spell(const Operation& op, std::size_t n_controls, int version) {
  if (op.row->kind != GateKind::kPauli) return spelling(*op.row, n_controls, version);
  return n_controls == 0 ? pauli_spelling(op.pauli) : Spelling{};
}

// In a definition: the box's qubits are q0, q1, …, its parameters p0, p1, … as they come.
class BodyScope : public Scope {
 public:
  BodyScope(const Box& box, std::size_t outer_controls)
      : phase_qubit_(box.qubits.front()), outer_controls_(outer_controls) {
    for (const Qubit q : box.qubits) qubits_.emplace(q, concat("q", qubits_.size()));
  }

  [[nodiscard]] std::string qubit(Qubit q) const override { return qubits_.at(q); }
  [[nodiscard]] Qubit phase_qubit() const override { return phase_qubit_; }
  [[nodiscard]] std::size_t outer_controls() const override { return outer_controls_; }
  [[nodiscard]] Expression spelled(const Expression& angle) override {
    return angle.substitute([this](const Parameter& parameter) {
      const auto [place, is_new] = names_.emplace(parameter.name, concat("p", parameters_.size()));
      if (is_new) parameters_.emplace_back(parameter);
      return Expression(Parameter(place->second));
    });
  }

  // Those of the circuit that it has met.
  [[nodiscard]] const std::vector<Expression>& parameters() const { return parameters_; }

  [[nodiscard]] std::string head() const {
    std::string out;
    for (std::size_t k = 0; k < parameters_.size(); ++k) append(out, concat("p", k));
    if (!out.empty()) out = "(" + out + ")";
    std::string qubits;
    for (std::size_t k = 0; k < qubits_.size(); ++k) append(qubits, concat("q", k));
    return out + " " + qubits;
  }

 private:
  std::map<Qubit, std::string> qubits_;
  std::map<std::string, std::string> names_;
  std::vector<Expression> parameters_;
  Qubit phase_qubit_;
  std::size_t outer_controls_;
};

// Without its last controls.
Operation without_controls(const Operation& op, std::size_t count) {
  Operation out = op;
  out.controls.resize(op.controls.size() - std::min(count, op.controls.size()));
  return out;
}

}  // namespace

std::string GateWriter::angle_text(const Expression& angle, Scope& scope) const {
  if (angle.is_constant()) return angle_number_text(angle.node().value);
  require(is_3(), "OpenQASM ", version_, " has no parameters like '", angle.text(),
          "'; assign numbers to them first, or write version 3");
  require_operators(angle.node(), version_);
  return scope.spelled(angle).text_with(number_text);
}

std::string GateWriter::angles_text(const std::vector<Expression>& angles, Scope& scope) const {
  std::string out;
  for (const Expression& angle : angles) append(out, angle_text(angle, scope));
  return out.empty() ? out : "(" + out + ")";
}

std::vector<std::string> GateWriter::statements(const Operation& op, Scope& scope) {
  if (const auto phase = is_3() ? global_phase(op, scope) : std::nullopt) {
    return {concat("gphase(", angle_number_text(*phase), ")")};
  }
  const bool on_zero = std::ranges::any_of(op.controls, [](const Control& c) { return !c.value; });
  Spelling spelled;
  std::string modifiers;
  if (!is_3() || !on_zero) spelled = spell(op, op.controls.size(), version_);
  if (spelled.name.empty()) {
    require(is_3(), "OpenQASM ", version_, " has no name for gate '", op.row->name, "' under ",
            op.controls.size(), " controls; write version 3, or fewer controls");
    spelled = spell(op, 0, version_);
    modifiers = modifiers_text(op.controls);
  }
  if (!spelled.definition.empty() && defined_.insert(spelled.name).second) {
    definitions_.push_back(spelled.definition);
  }
  std::string qubits;
  for (const Control& control : op.controls) append(qubits, scope.qubit(control.qubit));
  for (const Qubit q : op.targets) append(qubits, scope.qubit(q));
  std::vector<std::string> flips;  // X gates around make controls on |0⟩ controls on |1⟩
  for (const Control& control : op.controls) {
    if (!is_3() && !control.value) flips.push_back("x " + scope.qubit(control.qubit));
  }
  std::vector<std::string> out = flips;
  out.push_back(concat(modifiers, spelled.name, angles_text(op.angles, scope), " ", qubits));
  out.insert(out.end(), flips.begin(), flips.end());
  return out;
}

void GateWriter::write(std::size_t first, std::size_t end, std::size_t box, Scope& scope,
                       const OnCall& on_call, const OnOperation& on_operation) {
  const std::vector<Box>& boxes = circuit_.boxes();
  for (std::size_t k = first; k < end;) {
    count_work(10 + work_of(circuit_.operations()[k]));
    std::optional<std::string> text;
    std::size_t next = k + 1;
    for (; !text && box < boxes.size() && boxes[box].first == k; ++box) {
      text = call(box, scope);
      if (text) next = boxes[box].end();
    }
    if (text) {
      on_call(circuit_.operations()[k], *text);
    } else {
      on_operation(circuit_.operations()[k]);
    }
    k = next;
    while (box < boxes.size() && boxes[box].first < k) ++box;
  }
}

// Whether a definition can hold it: gates and barriers, the controls of the box last, as control()
// puts them, and one condition at most.
bool GateWriter::is_gate_alone(const Box& box, const std::vector<Control>& controls) const {
  if (!is_3() && !controls.empty()) return false;
  const auto& operations = circuit_.operations();
  const auto& condition = operations[box.first].condition;
  for (std::size_t k = box.first; k < box.end(); ++k) {
    count_work();
    const Operation& op = operations[k];
    if (op.row->kind == GateKind::kBarrier && !condition) continue;
    const bool is_written = op.row->kind == GateKind::kFixed ||
                            op.row->kind == GateKind::kRotation || op.row->kind == GateKind::kPauli;
    const bool same_condition =
        op.condition == condition || (op.condition && condition && *op.condition == *condition);
    if (!is_written || !op.label.empty() || !same_condition) return false;
    const std::size_t n = controls.size();
    const bool ends_so =
        op.controls.size() >= n && std::equal(controls.begin(), controls.end(),
                                              op.controls.end() - static_cast<std::ptrdiff_t>(n));
    if (!ends_so) return false;
  }
  return true;
}

std::optional<std::string> GateWriter::call(std::size_t index, Scope& scope) {
  const Box& box = circuit_.boxes()[index];
  std::vector<Control> controls = controls_of(box, circuit_.operations());
  if (!is_gate_alone(box, controls)) return std::nullopt;
  BodyScope inner(box, controls.size());
  std::string body;
  const auto line = [&body](const std::string& text) { body += concat("  ", text, ";\n"); };
  write(
      box.first, box.end(), index + 1, inner,
      [&](const Operation&, const std::string& text) { line(text); },
      [&](const Operation& op) {
        if (op.row->kind == GateKind::kBarrier) {
          std::string qubits;
          for (const Qubit q : op.targets) append(qubits, inner.qubit(q));
          line("barrier " + qubits);
          return;
        }
        const Operation own = without_controls(op, inner.outer_controls());
        for (const std::string& text : statements(own, inner)) line(text);
      });
  const std::string name = name_for(box.label, concat(inner.head(), " {\n", body, "}"));
  // A box of barriers has not even those of the box around it.
  controls.resize(controls.size() - std::min(controls.size(), scope.outer_controls()));
  std::string qubits;
  for (const Control& control : controls) append(qubits, scope.qubit(control.qubit));
  for (const Qubit q : box.qubits) append(qubits, scope.qubit(q));
  return concat(modifiers_text(controls), name, angles_text(inner.parameters(), scope), " ",
                qubits);
}

bool GateWriter::is_free(const std::string& name) const {
  return !is_keyword(name, version_) && !is_constant_or_function(name, version_) &&
         library(version_).find(name) == nullptr && pauli_letters(name).empty() &&
         !taken_.contains(name);
}

std::string GateWriter::name_for(const std::string& label, const std::string& definition) {
  std::string& name = boxes_[label + "\n" + definition];
  if (!name.empty()) return name;
  const std::string wanted = gate_name(label, version_);
  int& n_alike = n_alike_[wanted];
  do {
    name = n_alike == 0 ? wanted : concat(wanted, "_", n_alike);
    ++n_alike;
  } while (!is_free(name));
  taken_.insert(name);
  definitions_.push_back(concat("gate ", name, definition));
  return name;
}

}  // namespace qsim::qasm
