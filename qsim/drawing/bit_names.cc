#include "qsim/drawing/bit_names.h"

#include <algorithm>
#include <cstdint>

#include "qsim/core/error.h"

namespace qsim {
namespace {

// A number, the first value its least significant bit; hexadecimal beyond 64 bits.
std::string value_text(const std::vector<bool>& values) {
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

}  // namespace

void join(std::string& list, std::string_view item) {
  if (!list.empty()) list += ", ";
  list += item;
}

BitNames::BitNames(const Circuit& circuit) : registers_(circuit.bit_registers()) {
  int first = 0;
  for (const Register& r : registers_) {
    firsts_.push_back(first);
    first += r.size;
  }
}

std::size_t BitNames::register_of(int bit) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(firsts_, bit) - firsts_.begin()) - 1;
}

std::string BitNames::name(int bit) const {
  return concat(registers_[register_of(bit)].name, "[", place(bit), "]");
}

std::string BitNames::places(const std::vector<int>& bits) const {
  std::string out;
  for (std::size_t k = 0; k < bits.size();) {
    std::size_t last = k;
    while (last + 1 < bits.size() && bits[last + 1] == bits[last] + 1) ++last;
    if (last < k + 2) last = k;  // "0,1" is no longer
    if (!out.empty()) out += ',';
    out += std::to_string(place(bits[k]));
    if (last > k) out += "–" + std::to_string(place(bits[last]));
    k = last + 1;
  }
  return out;
}

void BitNames::describe(const Comparison& comparison,
                        std::map<std::size_t, std::string>& texts) const {
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
         selection(r, part.bits) + (comparison.equal ? "=" : "≠") + value_text(part.values));
  }
}

std::string BitNames::selection(std::size_t r, const std::vector<int>& bits) const {
  bool whole = bits.size() == static_cast<std::size_t>(registers_[r].size);
  for (std::size_t k = 0; whole && k < bits.size(); ++k) {
    whole = bits[k] == firsts_[r] + static_cast<int>(k);
  }
  if (whole) return "";
  std::string out;
  for (const int bit : bits) out += (out.empty() ? "[" : ",") + std::to_string(place(bit));
  return out + "]";
}

}  // namespace qsim
