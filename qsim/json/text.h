#pragma once

#include <exception>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace qsim {

inline constexpr int kDeepestExpression = 1000;  // as deep as Expression::apply makes them

// Refuses text that is nested deeper than any circuit before it can exhaust the stack, and what is
// not JSON; ValueError.
nlohmann::json parse_json(std::string_view text);

// What json::dump() writes, on a stack of any size. ValueError for strings that are not UTF-8.
std::string json_text(const nlohmann::json& value);

// What an exception of the JSON library says, without its name and number.
std::string_view reason(const std::exception& error);

}  // namespace qsim
