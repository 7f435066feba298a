#include "qsim/drawing/layout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <numbers>
#include <numeric>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "qsim/circuit/check_operation.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/utf8.h"
#include "qsim/drawing/bit_names.h"

namespace qsim {
namespace {

// Labels are shown whole; this only keeps a label of 10^5 characters from filling a notebook.
constexpr std::size_t kLongestText = 120;
constexpr std::size_t kLongestTitle = 2000;
constexpr std::size_t kWorkOfDrawing = 20;  // in units of count_work()
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

std::vector<Frame> find_frames(const std::vector<Mark>& marks) {
  std::vector<Frame> frames;
  for (const Mark& mark : marks) {
    if (mark.role != Role::kBox) continue;
    const bool grows = !frames.empty() && frames.back().last == mark.qubit - 1;
    if (grows) {
      frames.back().last = mark.qubit;
    } else {
      frames.push_back({mark.qubit, mark.qubit});
    }
  }
  return frames;
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

// By register, the condition before the bits that are written (or touched by what is in a box).
std::vector<ClassicalMark> classical_marks(const Condition* condition,
                                           const std::vector<int>& touched, const BitNames& bits,
                                           int n_qubits) {
  std::map<std::size_t, std::string> conditions;
  if (condition != nullptr) {
    for (const Comparison& comparison : *condition) bits.describe(comparison, conditions);
  }
  std::map<std::size_t, std::vector<int>> by_register;
  for (const int bit : touched) by_register[bits.register_of(bit)].push_back(bit);
  std::vector<ClassicalMark> out;
  for (const auto& [r, text] : conditions) {
    out.push_back({n_qubits + static_cast<int>(r), shorten(text, kLongestText), true});
  }
  for (const auto& [r, list] : by_register) {
    const int wire = n_qubits + static_cast<int>(r);
    const std::string places = shorten(bits.places(list), kLongestText);
    const auto same = std::ranges::find(out, wire, &ClassicalMark::wire);
    if (same != out.end()) {
      same->text += " → " + places;
    } else {
      out.push_back({wire, places, false});
    }
  }
  std::ranges::sort(out, {}, &ClassicalMark::wire);
  return out;
}

// " on q0, q1, q2=1": some qubits, not all of thousands, and the controls.
std::string places_text(const std::vector<Qubit>& qubits, const std::vector<Control>& controls,
                        const std::vector<Wire>& wires) {
  constexpr std::size_t kMostNamed = 20;
  const auto name = [&wires](int wire) { return wires[static_cast<std::size_t>(wire)].name; };
  std::string out;
  const std::size_t named = std::min(qubits.size(), kMostNamed);
  for (std::size_t k = 0; k < named; ++k) join(out, name(qubits[k]));
  out += named < qubits.size() ? ", …" : "";
  for (const Control& control : controls) {
    out += ", " + name(control.qubit) + (control.value ? "=1" : "=0");
  }
  return " on " + out;
}

std::string conditions_text(const PlacedOperation& placed, const std::vector<Wire>& wires) {
  std::string out;
  for (const ClassicalMark& mark : placed.classical) {
    if (!mark.is_condition) continue;
    out += ", if " + wires[static_cast<std::size_t>(mark.wire)].name + ": " + mark.text;
  }
  return out;
}

std::string title_of(const Operation& op, const PlacedOperation& placed, const BitNames& bits,
                     const std::vector<Wire>& wires) {
  std::string out = op.label.empty() && !op.channel ? std::string(common_name(op)) : op.symbol();
  if (!op.pauli.empty()) out += " " + op.pauli;
  const std::string angles = angles_text(op, kLongestTitle);
  if (!angles.empty()) out += "(" + angles + ")";
  out += places_text(op.targets, op.controls, wires);
  if (op.bit >= 0) out += " into " + bits.name(op.bit);
  return shorten(out + conditions_text(placed, wires), kLongestTitle);
}

// What stands there, but for what is written in it.
PlacedOperation placed_on(GateKind kind, std::vector<Mark> marks,
                          std::vector<ClassicalMark> classical) {
  PlacedOperation out;
  out.kind = kind;
  out.marks = std::move(marks);
  out.first = out.marks.front().qubit;
  out.last = out.marks.back().qubit;
  out.classical = std::move(classical);
  out.reach = out.classical.empty() ? out.last : out.classical.back().wire;
  out.frames = find_frames(out.marks);
  return out;
}

PlacedOperation describe(const Operation& op, const BitNames& bits, int n_qubits) {
  const std::vector<int> written(op.bit >= 0 ? 1 : 0, op.bit);
  PlacedOperation out = placed_on(op.row->kind, find_marks(op, n_qubits),
                                  classical_marks(op.condition.get(), written, bits, n_qubits));
  // In one box the symbol says it all, and dots have no room.
  if (op.row->kind == GateKind::kRotation && out.frames.size() < 2) {
    for (Mark& mark : out.marks) mark.port.clear();
  }
  out.symbol = shorten(op.symbol(), kLongestText);
  out.angles = angles_text(op, kLongestText);
  if (out.frames.empty() && !out.angles.empty()) out.caption = out.symbol + "(" + out.angles + ")";
  if (op.row->kind == GateKind::kEvolution &&
      op.label.empty()) {  // its angle is no argument of exp
    const bool product = out.angles.starts_with('-') || out.angles.find(' ') != std::string::npos;
    out.symbol = "exp(-i·" + (product ? "(" + out.angles + ")" : out.angles) + "·G)";
    out.angles.clear();
  }
  return out;
}

// The condition that all operations have, barriers apart; null where there is none.
const Condition* shared_condition(std::span<const Operation> operations) {
  const Condition* out = nullptr;
  for (const Operation& op : operations) {
    if (op.row->kind == GateKind::kBarrier) continue;
    if (!op.condition) return nullptr;
    if (out == nullptr) out = op.condition.get();
    if (out != op.condition.get() && *out != *op.condition) return nullptr;
  }
  return out;
}

std::vector<Mark> find_marks(const Box& box, std::span<const Operation> operations) {
  std::vector<Mark> marks;
  bool in_order = true;  // neighbours from the top down: no need to say which is which
  for (std::size_t k = 1; k < box.qubits.size(); ++k) {
    in_order &= box.qubits[k] == box.qubits[k - 1] + 1;
  }
  for (std::size_t k = 0; k < box.qubits.size(); ++k) {
    marks.push_back({box.qubits[k], Role::kBox, in_order ? "" : std::to_string(k)});
  }
  for (const Control& control : controls_of(box, operations)) {
    marks.push_back({control.qubit, control.value ? Role::kControlOne : Role::kControlZero, ""});
  }
  std::ranges::sort(marks, {}, &Mark::qubit);
  return marks;
}

// A closed box, drawn as a matrix with a label is.
PlacedOperation describe(const Box& box, const Circuit& circuit, const BitNames& bits,
                         const std::vector<Wire>& wires) {
  const std::span<const Operation> all = circuit.operations();
  const auto inside = all.subspan(box.first, box.count);
  const Condition* condition = shared_condition(inside);
  std::set<int> touched;
  for (const Operation& op : inside) {
    count_work();
    if (op.bit >= 0) touched.insert(op.bit);
    if (condition != nullptr) continue;
    for (const int bit : bits_read(op)) touched.insert(bit);
  }
  PlacedOperation out = placed_on(
      GateKind::kUnitary, find_marks(box, all),
      classical_marks(condition, {touched.begin(), touched.end()}, bits, circuit.n_qubits()));
  out.symbol = shorten(box.label, kLongestText);
  out.title = shorten(concat(box.label, places_text(box.qubits, controls_of(box, all), wires),
                             conditions_text(out, wires), ": ", box.count, " operation(s)"),
                      kLongestTitle);
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

Label PlacedOperation::label(const Frame& frame) const {
  if (frame.first == frames.front().first) return {.symbol = symbol, .angles = angles};
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

Layout lay_out(const Circuit& circuit, int expand) {
  require(expand >= 0, "a drawing cannot open ", expand, " levels of boxes");
  Layout out;
  out.wires = wires_of(circuit);
  const BitNames bits(circuit);
  std::int64_t cells = 0;
  std::vector<std::size_t> free(out.wires.size(), 0);  // the first free column of each wire
  const auto place = [&](PlacedOperation placed) {
    const auto begin = free.begin() + placed.first;
    const auto end = free.begin() + placed.reach + 1;
    cells += end - begin;
    require(cells <= kMostCells, "the circuit is too large to draw: its operations cross ", cells,
            " wires; the limit is ", kMostCells);
    placed.column = *std::max_element(begin, end);
    std::fill(begin, end, placed.column + 1);
    out.n_columns = std::max(out.n_columns, placed.column + 1);
    out.operations.push_back(std::move(placed));
  };
  const std::vector<Operation>& operations = circuit.operations();
  const std::vector<Box>& boxes = circuit.boxes();
  if (boxes.empty()) out.operations.reserve(operations.size());
  std::vector<std::size_t> open;  // where the open boxes around an operation end
  std::size_t next = 0;           // of the boxes
  for (std::size_t k = 0; k < operations.size();) {
    count_work(kWorkOfDrawing + work_of(operations[k]));
    while (!open.empty() && open.back() <= k) open.pop_back();
    const auto begins = [&] { return next < boxes.size() && boxes[next].first == k; };
    while (begins() && open.size() < static_cast<std::size_t>(expand)) {
      open.push_back(boxes[next++].end());
    }
    if (begins()) {
      place(describe(boxes[next], circuit, bits, out.wires));
      k = boxes[next].end();
      while (next < boxes.size() && boxes[next].first < k) ++next;
    } else {
      const Operation& op = operations[k++];
      PlacedOperation placed = describe(op, bits, circuit.n_qubits());
      placed.title = title_of(op, placed, bits, out.wires);
      place(std::move(placed));
    }
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
