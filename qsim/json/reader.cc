#include "qsim/json/reader.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "qsim/core/bits.h"
#include "qsim/core/matrix.h"
#include "qsim/core/utf8.h"

namespace qsim::json {
namespace {

constexpr int kVersion = 1;

constexpr const char* kInfinityText = "inf";

void require_any_object(const Json& value, const Place& place) {
  expect(value.is_object(), place, "expected an object, got ", value.type_name());
}

}  // namespace

std::string excerpt(std::string_view text) {
  constexpr std::size_t kLongest = 160;
  const std::string_view begin = text.substr(0, kLongest);
  return encode_utf8(decode_utf8(begin)) + (begin.size() < text.size() ? "…" : "");
}

void require_object(const Json& value, const Place& place,
                    std::initializer_list<std::string_view> known) {
  require_any_object(value, place);
  for (const auto& [key, unused] : value.items()) {
    const bool is_known = std::find(known.begin(), known.end(), key) != known.end();
    if (is_known) continue;
    std::string names;
    for (const std::string_view name : known) names += concat(names.empty() ? "" : ", ", name);
    wrong(place, "unknown key '", excerpt(key), "'; there is ", names);
  }
}

const Json& member(const Json& object, std::string_view key, const Place& place) {
  require_any_object(object, place);
  const auto found = object.find(key);
  expect(found != object.end(), place, "the key '", key, "' is missing");
  return *found;
}

double read_number(const Json& value, const Place& place) {
  expect(value.is_number(), place, "expected a number, got ", value.type_name());
  return value.get<double>();
}

Complex read_complex(const Json& value, const Place& place) {
  expect(value.is_array() && value.size() == 2, place, "expected a complex number [re, im], got ",
         value.type_name());
  return {read_number(value[0], place.at(std::size_t{0})), read_number(value[1], place.at(1))};
}

double read_number_or_infinity(const Json& value, const Place& place) {
  if (value == kInfinityText) return std::numeric_limits<double>::infinity();
  return read_number(value, place);
}

int read_int(const Json& value, const Place& place) {
  expect(value.is_number_integer(), place, "expected an integer, got ", value.type_name());
  const double number = value.get<double>();  // exact wherever it matters: ints fit in doubles
  constexpr double kLimit = std::numeric_limits<int>::max();
  expect(std::abs(number) <= kLimit, place, number, " is outside the range of integers");
  return static_cast<int>(number);
}

bool read_bool(const Json& value, const Place& place) {
  expect(value.is_boolean(), place, "expected true or false, got ", value.type_name());
  return value.get<bool>();
}

const std::string& read_string(const Json& value, const Place& place) {
  expect(value.is_string(), place, "expected a string, got ", value.type_name());
  return value.get_ref<const std::string&>();
}

const Json& read_array(const Json& value, const Place& place) {
  expect(value.is_array(), place, "expected an array, got ", value.type_name());
  return value;
}

void read_header(const Json& value, std::string_view format, const Place& place) {
  const std::string& found = read_string(member(value, "format", place), place.at("format"));
  expect(found == format, place.at("format"), "expected '", format, "', got '", excerpt(found),
         "'");
  const int version = read_int(member(value, "version", place), place.at("version"));
  expect(version == kVersion, place.at("version"), "this library reads version ", kVersion,
         ", got ", version);
}

Json header(std::string_view format) {
  return {{"format", std::string(format)}, {"version", kVersion}};
}

Matrix read_matrix(const Json& value, const Place& place) {
  const std::size_t size = read_array(value, place).size();
  expect(size >= 1 && size <= bit(kMaxMatrixQubits), place, "a matrix has 1 to ",
         bit(kMaxMatrixQubits), " rows, got ", size);
  // Every row is measured before the matrix is allocated: a short text must not cost much memory.
  for (std::size_t r = 0; r < size; ++r) {
    const Place row = place.at(r);
    const std::size_t columns = read_array(value[r], row).size();
    expect(columns == size, row, "expected ", size, " entries, got ", columns);
  }
  const auto n = static_cast<Eigen::Index>(size);
  Matrix out(n, n);
  for (std::size_t r = 0; r < size; ++r) {
    count_work(size);
    const Place row = place.at(r);
    for (std::size_t c = 0; c < size; ++c) {
      out(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c)) =
          read_complex(value[r][c], row.at(c));
    }
  }
  return out;
}

Json write_row(const Matrix& matrix, Eigen::Index row) {
  count_work(static_cast<std::size_t>(2 * matrix.cols()));
  Json out = Json::array();
  for (Eigen::Index c = 0; c < matrix.cols(); ++c) {
    out.push_back(Json::array({matrix(row, c).real(), matrix(row, c).imag()}));
  }
  return out;
}

Json write_matrix(const Matrix& matrix) {
  Json rows = Json::array();
  for (Eigen::Index r = 0; r < matrix.rows(); ++r) rows.push_back(write_row(matrix, r));
  return rows;
}

double finite(double value, std::string_view what) {
  require(std::isfinite(value), what, " is ", value, ", which JSON cannot hold");
  return value;
}

Json number_or_infinity(double value, std::string_view what) {
  if (value == std::numeric_limits<double>::infinity()) return kInfinityText;
  return finite(value, what);
}

}  // namespace qsim::json
