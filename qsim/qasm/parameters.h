#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// Names of a circuit's parameters in OpenQASM 3, and of its boxes. A name that is one there stays
// as it is; w[0], w[1], … are elements of an array; any other is "ketgrad_" and its letters and
// digits, with the first and all other bytes in hexadecimal: "a b" is ketgrad__61_20b.

namespace qsim::qasm {

struct ParameterNames {
  std::vector<std::string> scalars{};             // to declare
  std::map<std::string, int> arrays{};            // to declare, with their sizes
  std::map<std::string, std::string> spelling{};  // of names that are written otherwise
};
ParameterNames parameter_names(const std::vector<std::string>& names,
                               const std::set<std::string>& taken);

// The name of the parameter that an identifier stands for.
std::string parameter_name(std::string_view identifier);

// The name of the gate that a box becomes, "QFT_dg" for "QFT†" (in version 2 "qft_dg"), and the
// label of the box that a gate is read as. Of characters that names lack, underscores are left.
std::string gate_name(std::string_view label, int version);
std::string gate_label(std::string_view name);

bool is_keyword(std::string_view name, int version);

}  // namespace qsim::qasm
