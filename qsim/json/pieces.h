#pragma once

#include <string>

#include "qsim/core/error.h"
#include "qsim/json/reader.h"
#include "qsim/json/text.h"

// JSON text, piece by piece: a tree of all would take longer to destroy than Ctrl-C may wait.

namespace qsim::json {

// for_items(add) calls add(text) for each item.
template <class ForItems>
std::string list_text(const ForItems& for_items) {
  std::string out = "[";
  for_items([&out](const std::string& item) {
    if (out.size() > 1) out += ',';
    out += item;
  });
  out += ']';
  return out;
}

// An object's text, with text_of(key) in the place of what is null.
template <class TextOf>
std::string object_text(const Json& frame, const TextOf& text_of) {
  std::string out;
  for (const auto& [key, value] : frame.items()) {
    out += concat(out.empty() ? "{" : ",", '"', key, "\":");
    out += value.is_null() ? text_of(key) : json_text(value);
  }
  out += '}';
  return out;
}

}  // namespace qsim::json
