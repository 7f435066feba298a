#include "qsim/drawing/layout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <numbers>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>

#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/utf8.h"

namespace qsim {
namespace {

// Labels are shown whole; this only keeps a label of 10^5 characters from filling a notebook.
constexpr std::size_t kLongestText = 120;
constexpr std::size_t kWorkOfOperation = 20;  // in units of count_work()
constexpr std::int64_t kMostCells = 50'000'000;

// What no terminal and no XML file should be given.
char32_t printable(char32_t c) {
  if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return U' ';
  return c == 0xFFFE || c == 0xFFFF ? kReplacementCharacter : c;
}

std::string shorten(std::string_view text, std::size_t limit) {
  std::u32string points = decode_utf8(text);
  std::transform(points.begin(), points.end(), points.begin(), printable);
  if (points.size() > limit) points = points.substr(0, limit - 1) + U'…';
  return encode_utf8(points);
}

// "π/2" for multiples of π with small denominators, otherwise as in Expression::text().
std::string constant_text(double value) {
  constexpr std::array kDenominators{1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                                     12, 13, 14, 15, 16, 18, 20, 24, 32, 64, 128};
  constexpr double kTolerance = 1e-12;
  constexpr double kLargestNumerator = 255;
  for (const int denominator : kDenominators) {
    const double multiple = value / std::numbers::pi * denominator;
    const double numerator = std::round(multiple);
    const bool fits = numerator != 0.0 && std::abs(numerator) <= kLargestNumerator;
    if (!fits || std::abs(multiple - numerator) > kTolerance * std::abs(numerator)) continue;
    std::string out = numerator < 0 ? "-" : "";
    if (std::abs(numerator) != 1.0) out += std::to_string(static_cast<int>(std::abs(numerator)));
    out += "π";
    return denominator == 1 ? out : out + "/" + std::to_string(denominator);
  }
  return Expression(value).text();
}

void join(std::string& list, std::string_view item) {
  if (!list.empty()) list += ", ";
  list += item;
}

std::string angles_text(const Operation& op, std::size_t limit) {
  std::string out;
  if (op.row->kind == GateKind::kInitialize) return out;  // its angles are up to 2^n amplitudes
  for (const Expression& angle : op.angles) join(out, shorten(angle_text(angle), limit));
  if (!op.channel) return out;
  for (const double p : op.channel->parameters)
    join(out, std::isinf(p) ? "∞" : Expression(p).text());
  return out;
}

// Diagonal gates that do the same to each of their qubits: dots alone show them.
bool has_dots_alone(const Operation& op) {
  const std::string_view name = op.row->name;
  return op.controls.empty() ? name == "rzz" : name == "z" || name == "p";
}

Role target_role(const Operation& op) {
  if (op.row->kind == GateKind::kBarrier) return Role::kBarrier;
  if (!op.label.empty()) return Role::kBox;
  if (has_dots_alone(op)) return Role::kControlOne;
  if (op.row->name == "swap") return Role::kCross;
  return op.row->name == "x" && !op.controls.empty() ? Role::kPlus : Role::kBox;
}

// The letter of a gate that is a rotation about one Pauli string, "" for any other.
std::string pauli_letter(const GateRow& row, std::size_t target) {
  return row.factors.size() == 1 ? std::string(1, row.factors[0].pauli[target]) : "";
}

std::string port_text(const Operation& op, std::size_t target) {
  switch (op.row->kind) {
    case GateKind::kRotation:
      return op.targets.size() > 1 ? pauli_letter(*op.row, target) : "";
    case GateKind::kPauli:
      return {op.pauli[target]};
    case GateKind::kUnitary:
    case GateKind::kEvolution:
    case GateKind::kChannel:
      return op.targets.size() > 1 ? std::to_string(target) : "";
    default:
      return "";
  }
}

std::vector<Qubit> drawn_targets(const Operation& op, int n_qubits) {
  if (op.row->kind != GateKind::kInitialize) return op.targets;
  std::vector<Qubit> all(static_cast<std::size_t>(n_qubits));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

std::vector<Box> find_boxes(const std::vector<Mark>& marks) {
  std::vector<Box> boxes;
  for (const Mark& mark : marks) {
    if (mark.role != Role::kBox) continue;
    const bool grows = !boxes.empty() && boxes.back().last == mark.qubit - 1;
    if (grows) {
      boxes.back().last = mark.qubit;
    } else {
      boxes.push_back({mark.qubit, mark.qubit});
    }
  }
  return boxes;
}

std::vector<Mark> find_marks(const Operation& op, int n_qubits) {
  std::vector<Mark> marks;
  const std::vector<Qubit> targets = drawn_targets(op, n_qubits);
  for (std::size_t k = 0; k < targets.size(); ++k) {
    marks.push_back({targets[k], target_role(op), port_text(op, k)});
  }
  for (const Control& control : op.controls) {
    marks.push_back({control.qubit, control.value ? Role::kControlOne : Role::kControlZero, ""});
  }
  std::ranges::sort(marks, {}, &Mark::qubit);
  return marks;
}

// Where the registers of classical bits begin, and what a condition on their bits is called.
class BitNames {
 public:
  explicit BitNames(const Circuit& circuit) : registers_(circuit.bit_registers()) {
    int first = 0;
    for (const Register& r : registers_) {
      firsts_.push_back(first);
      first += r.size;
    }
  }

  [[nodiscard]] std::size_t register_of(int bit) const {
    return static_cast<std::size_t>(std::ranges::upper_bound(firsts_, bit) - firsts_.begin()) - 1;
  }
  [[nodiscard]] int place(int bit) const { return bit - firsts_[register_of(bit)]; }
  [[nodiscard]] std::string name(int bit) const {
    return concat(registers_[register_of(bit)].name, "[", place(bit), "]");
  }

  // The parts of a comparison by register, each "=3", "[1]=0" or "[0,2]≠3". Bits of several
  // registers that must not all have their values stay together, with their names.
  void describe(const Comparison& comparison, std::map<std::size_t, std::string>& texts) const {
    std::map<std::size_t, Comparison> parts;
    for (std::size_t k = 0; k < comparison.bits.size(); ++k) {
      Comparison& part = parts[register_of(comparison.bits[k])];
      part.bits.push_back(comparison.bits[k]);
      part.values.push_back(comparison.values[k]);
    }
    if (!comparison.equal && parts.size() > 1) {
      std::string names;
      for (const int bit : comparison.bits) join(names, name(bit));
      join(texts[parts.begin()->first], names + "≠" + value_text(comparison.values));
      return;
    }
    for (const auto& [r, part] : parts) {
      join(texts[r],
           places(r, part.bits) + (comparison.equal ? "=" : "≠") + value_text(part.values));
    }
  }

 private:
  [[nodiscard]] std::string places(std::size_t r, const std::vector<int>& bits) const {
    bool whole = bits.size() == static_cast<std::size_t>(registers_[r].size);
    for (std::size_t k = 0; whole && k < bits.size(); ++k) {
      whole = bits[k] == firsts_[r] + static_cast<int>(k);
    }
    if (whole) return "";
    std::string out;
    for (const int bit : bits) out += (out.empty() ? "[" : ",") + std::to_string(place(bit));
    return out + "]";
  }

  // A number, the first value its least significant bit; hexadecimal beyond 64 bits.
  static std::string value_text(const std::vector<bool>& values) {
    std::vector<unsigned> digits((values.size() + 3) / 4, 0);
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (values[k]) digits[k / 4] |= 1U << (k % 4);
    }
    while (digits.size() > 1 && digits.back() == 0) digits.pop_back();
    if (digits.size() <= 16) {
      std::uint64_t value = 0;
      for (std::size_t k = digits.size(); k-- > 0;) value = (value << 4U) | digits[k];
      return std::to_string(value);
    }
    std::string out = "0x";
    for (std::size_t k = digits.size(); k-- > 0;) out += "0123456789abcdef"[digits[k]];
    return out;
  }

  const std::vector<Register>& registers_;
  std::vector<int> firsts_;
};

// By register, the condition before the bit that is written.
std::vector<ClassicalMark> classical_marks(const Operation& op, const BitNames& bits,
                                           int n_qubits) {
  std::map<std::size_t, std::string> conditions;
  if (op.condition) {
    for (const Comparison& comparison : *op.condition) bits.describe(comparison, conditions);
  }
  std::vector<ClassicalMark> out;
  for (const auto& [r, text] : conditions) {
    out.push_back({n_qubits + static_cast<int>(r), shorten(text, kLongestText), true});
  }
  if (op.bit < 0) return out;
  const int wire = n_qubits + static_cast<int>(bits.register_of(op.bit));
  const std::string place = std::to_string(bits.place(op.bit));
  const auto same = std::ranges::find(out, wire, &ClassicalMark::wire);
  if (same != out.end()) {
    same->text += " → " + place;
  } else {
    out.push_back({wire, place, false});
    std::ranges::sort(out, {}, &ClassicalMark::wire);
  }
  return out;
}

std::string title_of(const Operation& op, const PlacedOperation& placed, const BitNames& bits,
                     const std::vector<Wire>& wires) {
  const auto name = [&wires](int wire) { return wires[static_cast<std::size_t>(wire)].name; };
  constexpr std::size_t kLongestTitle = 2000;
  std::string out = op.label.empty() && !op.channel ? std::string(common_name(op)) : op.symbol();
  if (!op.pauli.empty()) out += " " + op.pauli;
  const std::string angles = angles_text(op, kLongestTitle);
  if (!angles.empty()) out += "(" + angles + ")";
  constexpr std::size_t kMostNamed = 20;
  std::string qubits;
  const std::size_t named = std::min(op.targets.size(), kMostNamed);
  for (std::size_t k = 0; k < named; ++k) join(qubits, name(op.targets[k]));
  out += " on " + qubits + (named < op.targets.size() ? ", …" : "");
  for (const Control& control : op.controls) {
    out += ", " + name(control.qubit) + (control.value ? "=1" : "=0");
  }
  if (op.bit >= 0) out += " into " + bits.name(op.bit);
  for (const ClassicalMark& mark : placed.classical) {
    if (mark.is_condition) out += ", if " + name(mark.wire) + ": " + mark.text;
  }
  return shorten(out, kLongestTitle);
}

PlacedOperation describe(const Operation& op, const BitNames& bits, int n_qubits) {
  PlacedOperation out;
  out.kind = op.row->kind;
  out.marks = find_marks(op, n_qubits);
  out.first = out.marks.front().qubit;
  out.last = out.marks.back().qubit;
  out.classical = classical_marks(op, bits, n_qubits);
  out.reach = out.classical.empty() ? out.last : out.classical.back().wire;
  out.boxes = find_boxes(out.marks);
  // In one box the symbol says it all, and dots have no room.
  if (op.row->kind == GateKind::kRotation && out.boxes.size() < 2) {
    for (Mark& mark : out.marks) mark.port.clear();
  }
  out.symbol = shorten(op.symbol(), kLongestText);
  out.angles = angles_text(op, kLongestText);
  if (out.boxes.empty() && !out.angles.empty()) out.caption = out.symbol + "(" + out.angles + ")";
  if (op.row->kind == GateKind::kEvolution &&
      op.label.empty()) {  // its angle is no argument of exp
    const bool product = out.angles.starts_with('-') || out.angles.find(' ') != std::string::npos;
    out.symbol = "exp(-i·" + (product ? "(" + out.angles + ")" : out.angles) + "·G)";
    out.angles.clear();
  }
  return out;
}

// "a0", "a1", …; "a" for one qubit alone, unless that is a qubit of another register too.
std::vector<Wire> wires_of(const Circuit& circuit) {
  std::vector<Wire> out;
  out.reserve(static_cast<std::size_t>(circuit.n_qubits()));
  for (const Register& r : circuit.qubit_registers()) {
    for (int k = 0; k < r.size; ++k) out.push_back({r.name + std::to_string(k), false});
  }
  std::set<std::string> indexed;
  for (const Wire& wire : out) indexed.insert(wire.name);
  int first = 0;
  for (const Register& r : circuit.qubit_registers()) {
    if (r.size == 1 && !indexed.contains(r.name))
      out[static_cast<std::size_t>(first)].name = r.name;
    first += r.size;
  }
  for (const Register& r : circuit.bit_registers()) {
    out.push_back({r.name + "/" + std::to_string(r.size), true});
  }
  return out;
}

}  // namespace

bool PlacedOperation::is_drawn_across(Qubit q) const {
  return kind != GateKind::kBarrier && q > first && q < last &&
         !std::ranges::binary_search(marks, q, {}, &Mark::qubit);
}

bool PlacedOperation::has_ports() const {
  return std::ranges::any_of(marks, [](const Mark& mark) { return !mark.port.empty(); });
}

Label PlacedOperation::label(const Box& box) const {
  if (box.first == boxes.front().first) return {.symbol = symbol, .angles = angles};
  return {.symbol = has_ports() ? "" : symbol, .angles = ""};
}

std::vector<std::vector<const PlacedOperation*>> Layout::columns() const {
  std::vector<std::vector<const PlacedOperation*>> out(n_columns);
  for (const PlacedOperation& placed : operations) {
    count_work();
    out[placed.column].push_back(&placed);
  }
  return out;
}

Layout lay_out(const Circuit& circuit) {
  Layout out;
  out.wires = wires_of(circuit);
  out.operations.reserve(circuit.size());
  const BitNames bits(circuit);
  std::int64_t cells = 0;
  std::vector<std::size_t> free(out.wires.size(), 0);  // the first free column of each wire
  for (const Operation& op : circuit.operations()) {
    count_work(kWorkOfOperation);
    PlacedOperation placed = describe(op, bits, circuit.n_qubits());
    placed.title = title_of(op, placed, bits, out.wires);
    const auto begin = free.begin() + placed.first;
    const auto end = free.begin() + placed.reach + 1;
    cells += end - begin;
    require(cells <= kMostCells, "the circuit is too large to draw: its operations cross ", cells,
            " wires; the limit is ", kMostCells);
    placed.column = *std::max_element(begin, end);
    std::fill(begin, end, placed.column + 1);
    out.n_columns = std::max(out.n_columns, placed.column + 1);
    out.operations.push_back(std::move(placed));
  }
  return out;
}

std::string angle_text(const Expression& angle) { return angle.text_with(constant_text); }

std::vector<std::size_t> fold_columns(const std::vector<int>& widths, int room,
                                      std::size_t most_columns) {
  std::vector<std::size_t> starts{0};
  int used = 0;
  for (std::size_t k = 0; k < widths.size(); ++k) {
    const std::size_t columns = k - starts.back();
    if (columns > 0 && (columns == most_columns || widths[k] > room - used)) {
      starts.push_back(k);
      used = 0;
    }
    used += widths[k];
  }
  return starts;
}

}  // namespace qsim
