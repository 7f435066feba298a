#include "qsim/io/layout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace qsim {
namespace {

constexpr char32_t kReplacement = U'\uFFFD';
// Labels are shown whole; this only keeps a label of 10^5 characters from filling a notebook.
constexpr std::size_t kLongestText = 120;

// The number of bytes that the first byte of a UTF-8 sequence announces, 0 where it cannot be one.
std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

// Overlong forms and surrogates are not UTF-8 either.
bool is_scalar(char32_t value, std::size_t length) {
  constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value < 0xE000;
  return value >= kSmallest.at(length) && value < 0x110000 && !surrogate;
}

// Reads one code point and moves past it; past one byte where that is not UTF-8.
char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [text](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const std::size_t start = at++;
  const std::size_t length = sequence_length(byte(start));
  if (length == 1) return byte(start);
  if (length == 0 || start + length > text.size()) return kReplacement;
  char32_t value = byte(start) & (0x7FU >> length);
  for (std::size_t k = start + 1; k < start + length; ++k) {
    if ((byte(k) & 0xC0U) != 0x80U) return kReplacement;
    value = (value << 6U) | (byte(k) & 0x3FU);
  }
  if (!is_scalar(value, length)) return kReplacement;
  at = start + length;
  return value;
}

// What no terminal and no XML file should be given.
char32_t printable(char32_t c) {
  if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return U' ';
  return c == 0xFFFE || c == 0xFFFF ? kReplacement : c;
}

std::string shorten(std::string_view text, std::size_t limit) {
  std::u32string points = decode_utf8(text);
  std::transform(points.begin(), points.end(), points.begin(), printable);
  if (points.size() > limit) points = points.substr(0, limit - 1) + U'…';
  return encode_utf8(points);
}

// "π/2" for multiples of π with small denominators, otherwise as in Expression::text().
std::string constant_text(double value) {
  constexpr std::array kDenominators{1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 32, 64};
  constexpr double kTolerance = 1e-12;
  constexpr double kLargestNumerator = 99;
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

std::string angles_text(const Operation& op) {
  if (op.row->kind == GateKind::kInitialize) return "";  // its angles are up to 2^n amplitudes
  std::string out;
  for (const Expression& angle : op.angles) {
    if (!out.empty()) out += ", ";
    out += shorten(angle_text(angle), kLongestText);
  }
  return out;
}

Role target_role(const Operation& op) {
  if (!op.label.empty()) return Role::kBox;
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

std::vector<Box> find_boxes(const PlacedOperation& placed) {
  std::vector<Box> boxes;
  for (Qubit q = placed.first; q <= placed.last; ++q) {
    if (placed.role(q) != Role::kBox) continue;
    const bool grows = !boxes.empty() && boxes.back().last == q - 1;
    if (grows) {
      boxes.back().last = q;
    } else {
      boxes.push_back({q, q});
    }
  }
  return boxes;
}

PlacedOperation describe(const Operation& op, int n_qubits) {
  const std::vector<Qubit> targets = drawn_targets(op, n_qubits);
  std::vector<Qubit> touched = targets;
  for (const Control& control : op.controls) touched.push_back(control.qubit);
  const auto [low, high] = std::minmax_element(touched.begin(), touched.end());
  PlacedOperation out;
  out.kind = op.row->kind;
  out.first = *low;
  out.last = *high;
  const auto at = [&out](Qubit q) { return static_cast<std::size_t>(q - out.first); };
  out.roles.resize(at(out.last) + 1, Role::kPass);
  out.ports.resize(out.roles.size());
  for (std::size_t k = 0; k < targets.size(); ++k) {
    out.roles[at(targets[k])] = target_role(op);
    out.ports[at(targets[k])] = port_text(op, k);
  }
  for (const Control& control : op.controls) {
    out.roles[at(control.qubit)] = control.value ? Role::kControlOne : Role::kControlZero;
  }
  out.boxes = find_boxes(out);
  // In one box the symbol says it all.
  if (op.row->kind == GateKind::kRotation && out.boxes.size() == 1) {
    out.ports.assign(out.ports.size(), "");
  }
  out.symbol = shorten(op.symbol(), kLongestText);
  out.angles = angles_text(op);
  return out;
}

}  // namespace

bool PlacedOperation::has_ports() const {
  return std::ranges::any_of(ports, [](const std::string& port) { return !port.empty(); });
}

Label PlacedOperation::label(const Box& box) const {
  if (box.first == boxes.front().first) return {.symbol = symbol, .angles = angles};
  return {.symbol = has_ports() ? "" : symbol, .angles = ""};
}

std::vector<std::vector<const PlacedOperation*>> Layout::columns() const {
  std::vector<std::vector<const PlacedOperation*>> out(n_columns);
  for (const PlacedOperation& placed : operations) out[placed.column].push_back(&placed);
  return out;
}

Layout lay_out(const Circuit& circuit) {
  Layout out;
  out.n_qubits = circuit.n_qubits();
  out.operations.reserve(circuit.size());
  // The first free column of each qubit.
  std::vector<std::size_t> free(static_cast<std::size_t>(circuit.n_qubits()), 0);
  for (const Operation& op : circuit.operations()) {
    PlacedOperation placed = describe(op, circuit.n_qubits());
    const auto begin = free.begin() + placed.first;
    const auto end = free.begin() + placed.last + 1;
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

std::u32string decode_utf8(std::string_view text) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) out += next_code_point(text, at);
  return out;
}

std::string encode_utf8(std::u32string_view text) {
  std::string out;
  const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
  const auto tail = [&put](char32_t c, unsigned shift) { put(0x80U | ((c >> shift) & 0x3FU)); };
  for (const char32_t c : text) {
    if (c < 0x80) {
      put(c);
    } else if (c < 0x800) {
      put(0xC0U | (c >> 6U));
      tail(c, 0);
    } else if (c < 0x10000) {
      put(0xE0U | (c >> 12U));
      tail(c, 6);
      tail(c, 0);
    } else {
      put(0xF0U | (c >> 18U));
      tail(c, 12);
      tail(c, 6);
      tail(c, 0);
    }
  }
  return out;
}

int display_width(std::string_view text) { return static_cast<int>(decode_utf8(text).size()); }

}  // namespace qsim
