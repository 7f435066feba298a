#pragma once

#include <initializer_list>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/types.h"

// What readers of JSON are made of: values of one type, each read with its place in the document,
// so that every error can say where it is.

namespace qsim::json {

using Json = nlohmann::json;

// Where a value stands in the document. A chain of parents, so that nothing is built unless an
// error needs it.
struct Place {
  std::string_view key = {};
  std::size_t index = 0;
  const Place* parent = nullptr;

  [[nodiscard]] Place at(std::string_view k) const { return {.key = k, .parent = this}; }
  [[nodiscard]] Place at(std::size_t i) const { return {.index = i, .parent = this}; }

  [[nodiscard]] std::string text() const {
    constexpr int kMostParts = 12;  // the innermost ones, of deep expressions
    std::string out;
    int parts = 0;
    for (const Place* place = this; place != nullptr; place = place->parent) {
      if (++parts > kMostParts) return "…" + out;
      out.insert(0, place->part());
    }
    return out;
  }

 private:
  [[nodiscard]] std::string part() const {
    if (key.empty()) return concat("[", index, "]");
    return concat(parent == nullptr ? "" : ".", key);
  }
};

template <class... Parts>
[[noreturn]] void wrong(const Place& place, const Parts&... parts) {
  fail("JSON, ", place.text(), ": ", parts...);
}

template <class... Parts>
void expect(bool condition, const Place& place, const Parts&... parts) {
  if (!condition) wrong(place, parts...);
}

// What a message quotes from a document, which may be of any length and not even UTF-8.
std::string excerpt(std::string_view text);

// Runs code whose own errors do not know the place. An index out of range is, in a document, a
// wrong value.
template <class Body>
auto placed(const Place& place, const Body& body) {
  try {
    return body();
  } catch (const ValueError& error) {
    wrong(place, error.what());
  } catch (const IndexError& error) {
    wrong(place, error.what());
  }
}

void require_object(const Json& value, const Place& place,
                    std::initializer_list<std::string_view> known);
const Json& member(const Json& object, std::string_view key, const Place& place);
double read_number(const Json& value, const Place& place);
// A number that may be infinite: JSON has none, so that is the text "inf".
double read_number_or_infinity(const Json& value, const Place& place);
// [re, im].
Complex read_complex(const Json& value, const Place& place);
int read_int(const Json& value, const Place& place);
bool read_bool(const Json& value, const Place& place);
const std::string& read_string(const Json& value, const Place& place);
const Json& read_array(const Json& value, const Place& place);
// Rows of [re, im], at most 2^kMaxMatrixQubits of them.
Matrix read_matrix(const Json& value, const Place& place);

template <class Read>
auto read_list(const Json& value, const Place& place, const Read& read) {
  std::vector<decltype(read(value, place))> out;
  read_array(value, place);
  out.reserve(value.size());
  for (std::size_t k = 0; k < value.size(); ++k) {
    count_work();
    out.push_back(read(value[k], place.at(k)));
  }
  return out;
}

// {"format": …, "version": 1}: refuses any other.
void read_header(const Json& value, std::string_view format, const Place& place);
Json header(std::string_view format);

Json write_row(const Matrix& matrix, Eigen::Index row);
Json write_matrix(const Matrix& matrix);
// A number that JSON can hold; ValueError for any other.
double finite(double value, std::string_view what);
// What read_number_or_infinity reads; ValueError for NaN and −∞.
Json number_or_infinity(double value, std::string_view what);

}  // namespace qsim::json
