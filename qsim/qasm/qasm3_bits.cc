#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "qsim/circuit/condition.h"
#include "qsim/core/count_work.h"
#include "qsim/qasm/parts.h"
#include "qsim/qasm/qasm3_reader.h"

// What bits of the file hold. A bit of a register is a bit of the circuit until something else is
// assigned to it. Which bit of the circuit each is in the end is told when all is read: those of
// the file's registers are where they end, others behind them.

namespace qsim::qasm {
namespace {

constexpr std::size_t kMostImplied = 500;  // comparisons that are looked at for one case

bool reads(const Condition& condition, int bit) {
  return std::ranges::any_of(condition, [&](const Comparison& comparison) {
    return std::ranges::find(comparison.bits, bit) != comparison.bits.end();
  });
}

}  // namespace

bool Qasm3Reader::is_bits(const Token& token) const {
  const Symbol* symbol = token.kind == TokenKind::kName ? find(token) : nullptr;
  return symbol != nullptr && symbol->kind == Symbol::Kind::kOperand && symbol->operand.is_bits;
}

void Qasm3Reader::declare_bits(const Token& name, std::int64_t size, bool is_single) {
  const std::int64_t most = kMaxBits - static_cast<std::int64_t>(slots_.size());
  lexer_.require_at(size >= 1 && size <= most, name, "register ", quoted(name), " has ", size,
                    " bits; it must have 1 to ", most);
  charge(name, scope_ == 0 ? 0 : static_cast<std::size_t>(size) / kWiresPerUnit);
  const auto first = static_cast<int>(slots_.size());
  const auto n = static_cast<int>(size);
  declare_here(
      name,
      {.operand = {
           .token = name, .is_bits = true, .is_single = is_single, .first = first, .size = n}});
  for (int k = 0; k < n; ++k) {
    Slot slot{.where = where_.condition};
    if (scope_ == 0) {
      slot.bit.cell = free_cell(true);
      slot.own = *slot.bit.cell;
    }
    slots_.push_back(std::move(slot));
  }
  if (scope_ == 0) declared_bits_.push_back({name, first, n});
}

void Qasm3Reader::read_bits(bool is_old) {
  lexer_.next();
  constexpr std::string_view kSize = "the size of a register";
  std::optional<std::int64_t> size = is_old ? std::nullopt : read_designator(kSize);
  const Token name = lexer_.expect_name("the name of a register");
  if (is_old) size = read_designator(kSize);
  if (!lexer_.peek().is("=")) return declare_bits(name, size.value_or(1), !size);
  // What it is given may have names in it that it hides.
  const std::size_t position = lexer_.position();
  lexer_.next();
  if (lexer_.accept("measure")) {
    const Operand qubits = read_operand(false);
    declare_bits(name, size.value_or(1), !size);
    return measure_into(qubits, find(name)->operand);
  }
  lexer_.seek(position);
  const Type type{Type::Kind::kBit,
                  static_cast<int>(std::clamp<std::int64_t>(size.value_or(1), 1, kMaxBits))};
  const Term value = read_assigned(name, type, number_term(0, type.kind, type.size));
  declare_bits(name, size.value_or(1), !size);
  assign_bits(find(name)->operand, value);
}

Term Qasm3Reader::bits_at(const Operand& operand) {
  settle();
  Bits bits;
  for (int k = 0; k < operand.size; ++k) {
    bits.push_back(slots_[static_cast<std::size_t>(operand.at(k))].bit);
  }
  Term out = bits_term(std::move(bits));
  return decided_ > 0 ? as_here(out) : out;
}

void Qasm3Reader::assign_bits(const Operand& operand, const Term& value) {
  ++n_changes_;
  settle();
  const Bits bits = bits_of(value, static_cast<std::size_t>(operand.size));
  for (int k = 0; k < operand.size; ++k) {
    Slot& slot = slots_[static_cast<std::size_t>(operand.at(k))];
    const Bit& bit = bits[static_cast<std::size_t>(k)];
    slot.is_measured = slot.is_measured && slot.where != where_.condition;
    slot.bit = simplified(slot.where == where_.condition ? bit : merged(bit, slot.bit));
  }
}

void Qasm3Reader::read_bits_assignment() {
  const Operand bits = read_operand(true);
  charge(bits.token, 1 + static_cast<std::size_t>(bits.size) / kWiresPerUnit);
  const std::size_t position = lexer_.position();
  if (lexer_.accept("=") && lexer_.accept("measure")) {
    return measure_into(read_operand(false), bits);
  }
  lexer_.seek(position);
  Term now;
  if (!lexer_.peek().is("=")) now = bits_at(bits);
  const Term value = read_assigned(bits.token, {Type::Kind::kBit, bits.size}, now);
  lexer_.placed(bits.token, [&] { assign_bits(bits, value); });
}

void Qasm3Reader::measure_into(const Operand& qubits, const Operand& bits) {
  lexer_.require_at(qubits.size == bits.size, bits.token, "the outcomes of ", qubits.size,
                    " qubit(s) need as many bits, got ", bits.size);
  for (int k = 0; k < bits.size; ++k) {
    const auto slot = static_cast<std::size_t>(bits.at(k));
    const auto [cell, time] = lexer_.placed(bits.token, [&] { return cell_to_measure(slot); });
    measure({.token = qubits.token, .first = qubits.at(k)},
            {.token = bits.token, .is_bits = true, .first = *cell});
    if (where_.condition && is_read(*cell)) {
      measured_.push_back({slot, operations_.size() - 1, cell, time, where_});
    }
  }
}

Term Qasm3Reader::read_measured() {
  lexer_.expect("measure");
  return measured(read_operand(false));
}

Term Qasm3Reader::measured(const Operand& qubits) {
  ++n_changes_;
  auto cells = std::make_shared<std::vector<int>>();
  Bits bits;
  for (int k = 0; k < qubits.size; ++k) {
    Cell cell = lexer_.placed(qubits.token, [&] { return free_cell(where_.condition != nullptr); });
    cells_.mark_measured(cell, where_.condition);
    cells->push_back(*cell);
    bits.push_back({.cell = std::move(cell)});
  }
  measure(qubits,
          {.token = qubits.token, .is_bits = true, .size = qubits.size, .selection = cells});
  return bits_term(std::move(bits));
}

// In place where nothing else needs what the bit held. Where the measurement happens only under a
// condition and the bit has to keep a value that no bit of the circuit has, it goes into another.
std::pair<Cell, std::size_t> Qasm3Reader::cell_to_measure(std::size_t slot) {
  ++n_changes_;
  settle();
  Slot& own = slots_[slot];
  own.is_measured = true;
  const bool is_own = own.bit.cell && !own.bit.value && own.bit.cell.use_count() == 1;
  const Cell out = is_own ? own.bit.cell : free_cell(where_.condition != nullptr);
  const std::size_t time = cells_.mark_measured(out, where_.condition);
  if (is_own) return {out, time};
  const bool is_zero = own.bit.is_known() && !own.bit.value;
  const Bit outcome{.cell = out};
  own.bit = is_zero || own.where == where_.condition ? outcome : merged(outcome, own.bit);
  return {out, time};
}

// What depends on a bit that was measured meanwhile takes what it was before: the outcome is moved
// to another bit of the circuit.
void Qasm3Reader::settle() {
  for (std::size_t k = 0; k < measured_.size(); ++k) {
    if (!where_.condition || !reads(*where_.condition, *measured_[k].cell)) continue;
    const Measured moved = std::move(measured_[k]);
    measured_.erase(measured_.begin() + static_cast<std::ptrdiff_t>(k--));
    const Where outer = std::exchange(where_, moved.where);
    const Cell cell = free_cell(true);
    cells_.mark_measured(cell, where_.condition);
    cells_.take_back(moved.cell, moved.time);
    operations_[moved.operation].bit = *cell;
    slots_[moved.slot].bit = merged({.cell = cell}, {.cell = moved.cell});
    where_ = outer;
    // Open statements read it, which let go of what they read.
    const auto open = std::ranges::find_if(watched_, [&](const std::vector<Cell>& cells) {
      return std::ranges::any_of(cells, [&](const Cell& other) { return *other == *moved.cell; });
    });
    (open == watched_.end() ? kept_ : *open).push_back(moved.cell);
  }
}

Cell Qasm3Reader::free_cell(bool clean) {
  std::vector<Cell> read;
  for (;;) {
    Cell out = cells_.take(clean);
    if (!is_read(*out)) return out;
    read.push_back(std::move(out));
  }
}

void Qasm3Reader::forget_measured() {
  std::erase_if(measured_, [&](const Measured& measured) { return !is_read(*measured.cell); });
}

bool Qasm3Reader::is_read(int cell) const {
  if (where_.condition && reads(*where_.condition, cell)) return true;
  return std::ranges::any_of(watched_, [&](const std::vector<Cell>& cells) {
    return std::ranges::any_of(cells, [&](const Cell& other) { return *other == cell; });
  });
}

// With what follows from outcomes that are 1, which were measured.
bool Qasm3Reader::can_be(Condition condition) const {
  std::vector<const Condition*> seen;
  for (std::size_t k = 0; k < condition.size() && condition.size() < kMostImplied; ++k) {
    const auto within = cells_.within(condition[k]);
    if (!within || std::ranges::find(seen, within.get()) != seen.end()) continue;
    seen.push_back(within.get());
    condition.insert(condition.end(), within->begin(), within->end());
  }
  count_work(condition.size());
  return is_possible(condition);
}

bool Qasm3Reader::can_be_here(const Condition& condition) const {
  Condition all = where_.condition ? *where_.condition : Condition{};
  all.insert(all.end(), condition.begin(), condition.end());
  return can_be(std::move(all));
}

Cases Qasm3Reader::possible(const Cases& cases) const {
  if (!cases) return cases;
  std::vector<Condition> out;
  std::ranges::copy_if(*cases, std::back_inserter(out),
                       [this](const Condition& condition) { return can_be(condition); });
  return out;
}

std::vector<Condition> Qasm3Reader::possible_here(const Cases& cases) const {
  std::vector<Condition> out;
  std::ranges::copy_if(required(cases), std::back_inserter(out),
                       [this](const Condition& condition) { return can_be_here(condition); });
  return out;
}

Bit Qasm3Reader::here() const {
  if (!where_.condition) return {.value = true};
  auto& [where, guard] = here_;
  if (where != where_.condition) {
    where = where_.condition;
    const std::vector<Condition> tidy = beyond({}, {*where});
    const Condition& condition = tidy.empty() ? *where : tidy.front();
    guard = {.holds = std::vector<Condition>{condition}};
    if (condition.size() <= kMostCases) guard.fails = failing_cases(condition);
  }
  Guard out = guard;
  for (const Comparison& comparison : out.holds->front()) {
    for (const int bit : comparison.bits) {
      if (Cell cell = cells_.at(bit)) out.cells.push_back(std::move(cell));
    }
  }
  return bit_of(std::move(out));
}

Term Qasm3Reader::as_here(const Term& term) const {
  if (!where_.condition || (term.bits.empty() && term.parts.empty())) return term;
  const auto cannot_be = [this](const Cases& cases) {
    return cases && std::ranges::none_of(*cases, [this](const Condition& condition) {
             return can_be_here(condition);
           });
  };
  const auto decide = [&](Bit& bit) {
    if (bit.is_known()) return;
    const auto guard = guard_of(bit);
    if (cannot_be(guard->fails)) bit = {.value = true};
    if (cannot_be(guard->holds)) bit = {.value = false};
  };
  if (!term.parts.empty()) {
    Parts parts = term.parts;
    for (Part& part : parts) decide(part.bit);
    return sum_term(std::move(parts), term.type);
  }
  Bits bits = term.bits;
  std::ranges::for_each(bits, decide);
  Term out = bits_term(std::move(bits), term.type.kind);
  out.type = term.type;
  return out;
}

Bit Qasm3Reader::merged(const Bit& value, const Bit& now) const {
  const Bit where = here();
  const bool is_here_only =
      value.cell && !value.value && cells_.is_within(value.cell, where_.condition);
  const Bit new_one = is_here_only ? value : simplified(conjunction(where, value));
  Bit out = disjunction(new_one, simplified(conjunction(opposite(where), now)));
  if (out.guard) {
    Guard guard = *out.guard;
    guard.holds = possible(guard.holds);
    guard.fails = possible(guard.fails);
    out = bit_of(std::move(guard));
  }
  return simplified(std::move(out));
}

// A register that holds no outcomes in the end, but what is known, copies or what follows, is no
// part of the circuit; what is one in part is refused, and what was measured and is lost.
void Qasm3Reader::place_register(std::size_t k, const std::vector<bool>& is_own,
                                 std::vector<int>& places, int& first) {
  const DeclaredBits& bits = declared_bits_[k];
  int n_placed = 0;
  int other = -1;
  for (int j = 0; j < bits.size; ++j) {
    const auto& [bit, where, own, is_measured] =
        slots_[static_cast<std::size_t>(bits.first) + static_cast<std::size_t>(j)];
    const bool is_cell = bit.cell && !bit.value;
    const auto cell = static_cast<std::size_t>(is_cell ? *bit.cell : 0);
    const bool is_outcome = is_cell && places[cell] < 0 && (*bit.cell == own || !is_own[cell]);
    if (is_outcome) {
      places[cell] = first + j;
      ++n_placed;
    } else if (!bit.is_known() || bit.value) {
      lexer_.require_at(!is_measured, bits.name, "bit ", j, " of ", quoted(bits.name),
                        " is measured into, but follows from several outcomes in the end, and "
                        "circuits have bits for one each: measure into a bit of the block, as in "
                        "'bit b = measure q;', or assign 0 in the end");
      other = j;
    }
  }
  if (n_placed == 0) return;
  lexer_.require_at(other < 0, bits.name, "bit ", other, " of ", quoted(bits.name),
                    " holds no outcome of its own in the end, as others do; circuits have bits for "
                    "outcomes only");
  bit_registers_.push_back({std::string(bits.name.text), bits.size});
  first += bits.size;
}

void Qasm3Reader::place_bits() {
  std::vector<int> places(static_cast<std::size_t>(cells_.count()), -1);
  std::vector<bool> is_own(places.size());  // of the register that it was made for
  for (const Slot& slot : slots_) {
    const bool own = slot.bit.cell && !slot.bit.value && *slot.bit.cell == slot.own;
    if (own) is_own[static_cast<std::size_t>(slot.own)] = true;
  }
  int first = 0;
  for (std::size_t k = 0; k < declared_bits_.size(); ++k) {
    poll_interrupt();
    place_register(k, is_own, places, first);
  }
  n_bits_ = first;
  const auto name = [&](int& place) {
    if (place < 0) place = n_bits_++;
  };
  for (const Operation& op : operations_) {
    if (op.bit >= 0) name(places[static_cast<std::size_t>(op.bit)]);
    if (!op.condition) continue;
    for (const Comparison& comparison : *op.condition) {
      for (const int bit : comparison.bits) name(places[static_cast<std::size_t>(bit)]);
    }
  }
  lexer_.require_at(n_bits_ <= kMaxBits, lexer_.peek(), "the file needs ", n_bits_,
                    " classical bits; the limit is ", kMaxBits);
  if (n_bits_ > first) bit_registers_.push_back({free_name("kept"), n_bits_ - first});
  rename_bits(places);
}

void Qasm3Reader::rename_bits(const std::vector<int>& places) {
  bool is_same = true;
  for (std::size_t k = 0; k < places.size(); ++k) {
    is_same = is_same && (places[k] < 0 || places[k] == static_cast<int>(k));
  }
  if (is_same) return;
  std::map<std::shared_ptr<const Condition>, std::shared_ptr<const Condition>> renamed;
  for (Operation& op : operations_) {
    count_work();
    if (op.bit >= 0) op.bit = places[static_cast<std::size_t>(op.bit)];
    if (!op.condition) continue;
    std::shared_ptr<const Condition>& known = renamed[op.condition];
    if (!known) {
      Condition condition = *op.condition;
      for (Comparison& comparison : condition) {
        for (int& bit : comparison.bits) bit = places[static_cast<std::size_t>(bit)];
      }
      known = std::make_shared<const Condition>(std::move(condition));
    }
    op.condition = known;
  }
}

}  // namespace qsim::qasm
