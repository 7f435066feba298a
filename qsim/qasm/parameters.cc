#include "qsim/qasm/parameters.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "qsim/circuit/parameter.h"
#include "qsim/core/error.h"
#include "qsim/qasm/expression.h"
#include "qsim/qasm/lexer.h"
#include "qsim/qasm/library.h"

namespace qsim::qasm {
namespace {

constexpr std::string_view kPrefix = "ketgrad_";
constexpr std::string_view kDagger = "†";
constexpr std::string_view kInverse = "_dg";
constexpr std::string_view kHex = "0123456789ABCDEF";

constexpr std::array<std::string_view, 12> kKeywords2{"OPENQASM", "include", "qreg",    "creg",
                                                      "gate",     "opaque",  "barrier", "if",
                                                      "measure",  "reset",   "U",       "CX"};
constexpr std::array<std::string_view, 64> kKeywords3{
    "OPENQASM", "include", "defcalgrammar", "def",     "cal",      "defcal",  "gate",
    "extern",   "box",     "let",           "break",   "continue", "if",      "else",
    "end",      "return",  "for",           "while",   "in",       "switch",  "case",
    "default",  "nop",     "pragma",        "input",   "output",   "const",   "readonly",
    "mutable",  "qreg",    "qubit",         "creg",    "bool",     "bit",     "int",
    "uint",     "float",   "angle",         "complex", "array",    "void",    "duration",
    "stretch",  "gphase",  "inv",           "pow",     "ctrl",     "negctrl", "durationof",
    "delay",    "reset",   "measure",       "barrier", "true",     "false",   "im",
    "dim",      "sizeof",  "popcount",      "rotl",    "rotr",     "real",    "imag",
    "U"};

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20; }

// An identifier of ASCII and Greek letters.
bool is_identifier(std::string_view name) {
  if (name.empty() || is_digit(name.front())) return false;
  for (std::size_t k = 0; k < name.size(); ++k) {
    const auto byte = static_cast<unsigned char>(name[k]);
    const bool greek = (byte == 0xCE || byte == 0xCF) && k + 1 < name.size() &&
                       (static_cast<unsigned char>(name[k + 1]) & 0xC0U) == 0x80U;
    if (greek) {
      ++k;
    } else if (!is_letter(name[k]) && !is_digit(name[k])) {
      return false;
    }
  }
  return true;
}

// The first byte always in hexadecimal: no name that people chose is read so by accident.
std::string encoded(std::string_view name) {
  std::string out(kPrefix);
  for (std::size_t k = 0; k < name.size(); ++k) {
    const auto byte = static_cast<unsigned char>(name[k]);
    const bool plain = k > 0 && name[k] != '_' && (is_letter(name[k]) || is_digit(name[k]));
    if (plain) {
      out += name[k];
    } else {
      out += {'_', kHex[byte / 16], kHex[byte % 16]};
    }
  }
  return out;
}

std::optional<std::string> decoded(std::string_view identifier) {
  if (!identifier.starts_with(kPrefix)) return std::nullopt;
  std::string out;
  for (std::string_view rest = identifier.substr(kPrefix.size()); !rest.empty();) {
    std::size_t used = 1;
    if (rest.front() == '_') {
      used = 3;
      if (rest.size() < used) return std::nullopt;
      const std::size_t high = kHex.find(rest[1]);
      const std::size_t low = kHex.find(rest[2]);
      if (high == kHex.npos || low == kHex.npos) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
    } else {
      out += rest.front();
    }
    rest.remove_prefix(used);
  }
  // Names that begin with a control character are those of gate definitions.
  const bool valid = !out.empty() && !is_control(out.front()) && encoded(out) == identifier;
  return valid ? std::optional(out) : std::nullopt;
}

bool is_free(std::string_view name, const std::set<std::string>& taken) {
  return is_identifier(name) && !is_keyword(name, 3) && !is_constant_or_function(name, 3) &&
         library(3).find(name) == nullptr && !taken.contains(std::string(name)) && !decoded(name);
}

}  // namespace

bool is_keyword(std::string_view name, int version) {
  return version >= 3 ? std::ranges::find(kKeywords3, name) != kKeywords3.end()
                      : std::ranges::find(kKeywords2, name) != kKeywords2.end();
}

ParameterNames parameter_names(const std::vector<std::string>& names,
                               const std::set<std::string>& taken) {
  ParameterNames out;
  std::set<std::string> used = taken;
  for (const std::string& name : names) {
    if (is_free(name, taken)) {
      out.scalars.push_back(name);
      used.insert(name);
    }
  }
  for (const std::string& name : names) {
    if (is_free(name, taken)) continue;
    require(!is_control(name.front()), "the name of a parameter begins with a control character, ",
            "which OpenQASM cannot hold");
    const Parameter parameter(name);
    if (is_free(parameter.vector(), used)) {
      int& size = out.arrays[std::string(parameter.vector())];
      size = std::max(size, parameter.index + 1);
    } else {
      out.scalars.push_back(encoded(name));
      out.spelling[name] = encoded(name);
    }
  }
  return out;
}

std::string gate_name(std::string_view label, int version) {
  const bool is_inverse = label.ends_with(kDagger) && label != kDagger;
  if (is_inverse) label.remove_suffix(kDagger.size());
  std::string out;
  for (char c : label) {
    const bool plain = is_letter(c) || is_digit(c);
    if (version < 3 && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (plain && c != '_') {
      out += c;
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  if (!out.empty() && out.back() == '_') out.pop_back();
  if (out.empty() || is_digit(out.front())) out.insert(0, out.empty() ? "box" : "box_");
  return is_inverse ? out.append(kInverse) : out;
}

std::string gate_label(std::string_view name) {
  std::string out(name);
  if (!name.ends_with(kInverse) || name == kInverse) return out;
  out.resize(out.size() - kInverse.size());
  return out.append(kDagger);
}

std::string parameter_name(std::string_view identifier) {
  return decoded(identifier).value_or(std::string(identifier));
}

}  // namespace qsim::qasm
