#include "qsim/qasm/reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

#include "qsim/circuit/condition.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/matrix.h"
#include "qsim/qasm/library.h"
#include "qsim/qasm/parameters.h"

namespace qsim::qasm {
namespace {

constexpr std::size_t kUnitsPerComparison = 3;  // of a condition that is made

}  // namespace

std::optional<Comparison> comparison_with(const Operand& bits, std::string_view digits) {
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  const auto size = static_cast<std::size_t>(bits.size);
  if (digits.size() > size / 3 + 1) return std::nullopt;  // a digit takes more than three bits
  Comparison out;
  out.values.resize(size);
  const Bits number = bits_of_digits(digits);
  for (std::size_t k = 0; k < number.size(); ++k) {
    if (number[k].value && k >= size) return std::nullopt;
    if (number[k].value) out.values[k] = true;
  }
  for (int k = 0; k < bits.size; ++k) out.bits.push_back(bits.at(k));
  return out;
}

void Reader::check_condition(const Token& token, const Condition& condition, std::size_t first) {
  const auto begin = operations_.begin() + static_cast<std::ptrdiff_t>(first);
  lexer_.placed(token, [&] { check_condition_lasts(condition, begin, operations_.end()); });
}

Reader::Reader(std::string_view text, const QasmOptions& options, int version)
    : lexer_(text, options.name, {.version = version, .strict = options.strict}),
      gates_(&library(version)),
      budget_(options.max_operations) {}

const Reader::Symbol* Reader::find(const Token& name) const {
  const auto found = symbols_.find(name.text);
  return found == symbols_.end() ? nullptr : &found->second;
}

void Reader::check_is_new(const Token& name, int scope) const {
  const Symbol* known = find(name);
  lexer_.require_at(
      (known == nullptr || known->scope < scope) && gates_.find_here(name.text) == nullptr, name,
      quoted(name), " is declared twice");
  const int version = lexer_.dialect().version;
  lexer_.require_at(!is_constant_or_function(name.text, version) && !is_keyword(name.text, version),
                    name, "expected a new name, got ", quoted(name), ", which the language has");
  lexer_.require_at(!strict() || (name.text.front() >= 'a' && name.text.front() <= 'z'), name,
                    "expected a name that begins with a small letter, got ", quoted(name));
}

void Reader::declare(const Token& name, Symbol symbol) {
  check_is_new(name, symbol.scope);
  symbols_.insert_or_assign(name.text, std::move(symbol));
}

void Reader::declare_register(const Token& name, std::int64_t size, bool is_bits, bool is_single) {
  int& total = is_bits ? n_bits_ : n_qubits_;
  const std::int64_t most = (is_bits ? kMaxBits : kMaxCircuitQubits) - total;
  lexer_.require_at(size >= 1 && size <= most, name, "register ", quoted(name), " has ", size,
                    is_bits ? " bits" : " qubits", "; it must have 1 to ", most);
  const auto n = static_cast<int>(size);
  declare(
      name,
      {.operand = {
           .token = name, .is_bits = is_bits, .is_single = is_single, .first = total, .size = n}});
  lexer_.require_at(is_bits || n_qubits_ == 0 || !qubit_registers_.empty(), name, "the register ",
                    quoted(name), " beside physical qubits");
  (is_bits ? bit_registers_ : qubit_registers_).push_back({std::string(name.text), n});
  total += n;
}

Operand Reader::read_operand(bool is_bits) {
  const std::string_view what = is_bits ? "classical bits" : "qubits";
  if (!is_bits && lexer_.peek().is("$") && lexer_.dialect().version >= 3) return read_physical();
  const Token token =
      lexer_.expect_name(is_bits ? "the name of classical bits" : "the name of qubits");
  const Symbol* symbol = find(token);
  lexer_.require_at(symbol != nullptr, token, "there are no ", what, " called ", quoted(token));
  lexer_.require_at(symbol->kind == Symbol::Kind::kOperand && symbol->operand.is_bits == is_bits,
                    token, "expected the name of ", what, ", got ", quoted(token),
                    ", which is something else");
  Operand out = symbol->operand;
  out.token = token;
  return lexer_.accept("[") ? read_selection(std::move(out)) : out;
}

// $3: the file declares no qubits, and has as many as it names.
Operand Reader::read_physical() {
  const Token token = lexer_.next();
  lexer_.require_at(qubit_registers_.empty(), token, "a physical qubit beside the register ",
                    qubit_registers_.empty() ? "" : qubit_registers_.front().name);
  const Token number = lexer_.next();
  int index = 0;
  const auto [end, error] =
      std::from_chars(number.text.data(), number.text.data() + number.text.size(), index);
  lexer_.require_at(number.kind == TokenKind::kInteger && error == std::errc() &&
                        end == number.text.data() + number.text.size() && index < kMaxCircuitQubits,
                    number, "expected the number of a physical qubit, at most ",
                    kMaxCircuitQubits - 1, ", got ", quoted(number));
  n_qubits_ = std::max(n_qubits_, index + 1);
  return {.token = token, .is_single = true, .first = index};
}

void Reader::read_operands(std::string_view end, bool is_bits, std::vector<Operand>& out) {
  out.clear();
  read_list(lexer_, end, [&] { out.push_back(read_operand(is_bits)); });
}

void Reader::read_gate_definition(const Lookup& lookup) {
  const std::size_t position = lexer_.position();
  lexer_.next();
  const Token name = lexer_.peek();
  if (name.kind == TokenKind::kName) check_is_new(name);
  lexer_.seek(position);
  read_definition(lexer_, gates_, lookup, true);
}

void Reader::read_call(const Lookup& lookup) {
  const CallHead head = read_call_head(lexer_, gates_, lookup);
  operands_.clear();
  if (head.qubits() > 0) read_operands(";", false, operands_);
  require_qubits(lexer_, head, operands_.size());
  lexer_.placed(head.token, [&] {
    head.parts.empty() ? apply(head, operands_) : apply_parts(head, operands_);
  });
}

void Reader::apply_parts(CallHead head, const std::vector<Operand>& operands) {
  for (const Part& part : head.parts) {
    head.angles.front() = to_expression(part.weight);
    apply_where(part.bit, head, operands);
  }
}

void Reader::apply_where(const Bit& bit, const CallHead& head,
                         const std::vector<Operand>& operands) {
  const Where outer = where_;
  const auto guard = guard_of(bit);
  for (const Condition& condition : required(guard->holds)) {
    act_within(head.token, outer, condition);
    apply(head, operands);
  }
  where_ = outer;
}

// Every gate of the call once, or as often as its registers are long.
void Reader::apply(const CallHead& head, const std::vector<Operand>& operands) {
  int length = -1;
  for (const Operand& operand : operands) {
    if (operand.is_single) continue;
    lexer_.require_at(length < 0 || operand.size == length, operand.token, "the registers of one ",
                      "operation must be of one length; this one has ", operand.size, ", not ",
                      length);
    length = operand.size;
  }
  require(!operands.empty() || n_qubits_ > 0, "a phase before any qubits are declared");
  std::vector<Qubit> qubits(operands.size());
  for (int k = 0; k < std::max(length, 1); ++k) {
    poll_interrupt();
    for (std::size_t j = 0; j < operands.size(); ++j) {
      qubits[j] = operands[j].at(operands[j].is_single ? 0 : k);
    }
    check_distinct(qubits);
    expanded_.operations.clear();
    expanded_.boxes.clear();
    if (head.gate->kind == Gate::Kind::kBody && head.gate->body.empty()) budget_.charge(1);
    expand(*head.gate, head.modifiers, head.angles, qubits, operands.empty() ? 0 : qubits.back(),
           budget_, expanded_);
    for (Box& box : expanded_.boxes) {
      if (where_.never) break;
      box.first += operations_.size();
      boxes_.push_back(std::move(box));
    }
    for (Operation& op : expanded_.operations) add(head.token, std::move(op), 0);
  }
}

void Reader::read_barrier() {
  const Token token = lexer_.next();
  std::vector<Qubit> qubits;
  if (lexer_.peek().is(";") && !strict()) {
    qubits.resize(static_cast<std::size_t>(n_qubits_));
    std::iota(qubits.begin(), qubits.end(), 0);
    lexer_.require_at(n_qubits_ > 0, token, "a barrier before any qubits are declared");
  } else {
    read_operands(";", false, operands_);
    for (const Operand& operand : operands_) {
      lexer_.placed(
          token, [&] { budget_.charge(static_cast<std::size_t>(operand.size) / kWiresPerUnit); });
      for (int k = 0; k < operand.size; ++k) qubits.push_back(operand.at(k));
    }
  }
  lexer_.placed(token, [&] { check_distinct(qubits); });
  const std::size_t units = 1 + qubits.size() / kWiresPerUnit;
  add(token, {.row = &gate_row("barrier"), .targets = std::move(qubits)}, units);
}

void Reader::read_reset() {
  lexer_.next();
  read_operands(";", false, operands_);
  lexer_.require_at(operands_.size() == 1, lexer_.peek(), "expected one operand of reset, got ",
                    operands_.size());
  const Operand& operand = operands_.front();
  for (int k = 0; k < operand.size; ++k) {
    add(operand.token, {.row = &gate_row("reset"), .targets = {operand.at(k)}}, 1);
  }
}

void Reader::measure(const Operand& qubits, const Operand& bits) {
  lexer_.require_at(qubits.size == bits.size, bits.token, "the outcomes of ", qubits.size,
                    " qubit(s) need as many bits, got ", bits.size);
  for (int k = 0; k < qubits.size; ++k) {
    add(qubits.token, {.row = &gate_row("measure"), .targets = {qubits.at(k)}, .bit = bits.at(k)},
        1);
  }
}

void Reader::check_distinct(std::span<const Qubit> qubits) const {
  std::vector<Qubit> sorted(qubits.begin(), qubits.end());
  std::ranges::sort(sorted);
  const auto twice = std::ranges::adjacent_find(sorted);
  if (twice == sorted.end()) return;
  int first = 0;  // of the register
  for (const Register& own : qubit_registers_) {
    if (*twice < first + own.size) {
      fail("qubit ", own.name, "[", *twice - first, "] is given twice");
    }
    first += own.size;
  }
}

void Reader::add(const Token& token, Operation operation, std::size_t units) {
  if (where_.condition && operation.row->kind != GateKind::kBarrier) {
    settle();
    operation.condition = where_.condition;
    units += where_.units;
  }
  if (units > 0) lexer_.placed(token, [&] { budget_.charge(units); });
  if (!where_.never) operations_.push_back(std::move(operation));
}

void Reader::act_where(const Token& token, Condition condition) {
  std::size_t bits = 0;
  for (const Comparison& comparison : condition) bits += comparison.bits.size();
  where_.units = bits / kWiresPerUnit;
  lexer_.placed(token,
                [&] { budget_.charge(kUnitsPerComparison * condition.size() + where_.units); });
  where_.condition = std::make_shared<const Condition>(std::move(condition));
}

void Reader::act_within(const Token& token, const Where& outer, const Condition& condition) {
  where_ = outer;
  if (condition.empty()) return;
  Condition all = outer.condition ? *outer.condition : Condition{};
  all.insert(all.end(), condition.begin(), condition.end());
  act_where(token, std::move(all));
}

std::string Reader::free_name(std::string name) const {
  const auto is_taken = [&](const std::vector<Register>& registers) {
    return std::ranges::find(registers, name, &Register::name) != registers.end();
  };
  while (is_taken(qubit_registers_) || is_taken(bit_registers_)) name += '_';
  return name;
}

Circuit Reader::finish() {
  lexer_.require_at(n_qubits_ > 0, lexer_.peek(), "the file declares no qubits");
  if (qubit_registers_.empty()) qubit_registers_.push_back({free_name("q"), n_qubits_});
  return lexer_.placed(lexer_.peek(), [&] {
    Circuit out(std::move(qubit_registers_), std::move(bit_registers_));
    for (; !operations_.empty(); operations_.pop_front()) {
      out.add(std::move(operations_.front()));
    }
    out.set_boxes(std::move(boxes_));
    return out;
  });
}

}  // namespace qsim::qasm
