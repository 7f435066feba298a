#include "qsim/compile/names.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <string_view>

#include "qsim/core/error.h"

namespace qsim {
namespace {

constexpr std::size_t kMostNamed = 5;
constexpr int kMostElements = 1 << 20;  // of a vector given by its name

// "x[3]" is element 3 of x.
struct Element {
  std::string_view vector;
  int index = 0;
};

std::optional<Element> element_of(std::string_view name) {
  const std::size_t bracket = name.rfind('[');
  if (bracket == std::string_view::npos || bracket == 0 || !name.ends_with(']')) return {};
  const std::string_view digits = name.substr(bracket + 1, name.size() - bracket - 2);
  Element out{.vector = name.substr(0, bracket)};
  const char* end = digits.data() + digits.size();
  const auto [read_to, error] = std::from_chars(digits.data(), end, out.index);
  const bool is_index = error == std::errc() && read_to == end && out.index >= 0;
  return is_index ? std::optional(out) : std::nullopt;
}

std::string quoted(std::span<const std::string> names) {
  std::string out;
  for (std::size_t k = 0; k < std::min(names.size(), kMostNamed); ++k) {
    out += concat(k > 0 ? ", '" : "'", names[k], "'");
  }
  return names.size() > kMostNamed ? out + ", …" : out;
}

// The Levenshtein distance: insertions, deletions and substitutions of a character.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);  // from the first i characters of a to each of b
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

// The parameters, those closest to a name first.
std::vector<std::string> by_distance(const std::string& name, std::vector<std::string> parameters) {
  std::map<std::string, std::size_t> far;
  for (const std::string& parameter : parameters) far[parameter] = distance(name, parameter);
  std::stable_sort(parameters.begin(), parameters.end(),
                   [&far](const auto& a, const auto& b) { return far.at(a) < far.at(b); });
  return parameters;
}

}  // namespace

std::vector<std::string> input_names(const std::vector<std::string>& parameters,
                                     const std::vector<std::string>& asked) {
  if (asked.empty()) return {};
  require(!parameters.empty(), "the circuit has no parameters, so ", quoted(asked),
          " cannot be its inputs");
  const std::set<std::string_view> known(parameters.begin(), parameters.end());
  std::map<std::string_view, int> sizes;  // of the vectors, as far as their elements occur
  for (const std::string& name : parameters) {
    const auto element = element_of(name);
    if (element) sizes[element->vector] = std::max(sizes[element->vector], element->index + 1);
  }
  std::vector<std::string> out;
  bool any_occurs = false;
  std::vector<std::string> unknown;
  for (const std::string& name : asked) {
    const auto element = element_of(name);
    if (known.contains(name)) {
      any_occurs = true;
      out.push_back(name);
    } else if (const auto vector = sizes.find(name); vector != sizes.end()) {
      any_occurs = true;
      require(vector->second <= kMostElements, "'", name, "' as an input has ", vector->second,
              " elements, above the limit of ", kMostElements, "; list those that occur");
      for (int k = 0; k < vector->second; ++k) out.push_back(concat(name, "[", k, "]"));
    } else {
      if (!element || !sizes.contains(element->vector)) unknown.push_back(name);
      out.push_back(name);
    }
  }
  if (!any_occurs) {
    fail("none of the inputs ", quoted(asked), " occurs in the circuit; its parameters are ",
         quoted(by_distance(asked.front(), parameters)));
  }
  if (!unknown.empty()) {
    fail("the circuit has no parameter '", unknown.front(), "' to be an input; the closest are ",
         quoted(by_distance(unknown.front(), parameters)));
  }
  return out;
}

}  // namespace qsim
