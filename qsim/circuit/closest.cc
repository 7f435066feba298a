#include "qsim/circuit/closest.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "qsim/core/error.h"

namespace qsim {
namespace {

constexpr std::size_t kMostNamed = 5;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// The Levenshtein distance: insertions, deletions and substitutions of a character, whose case
// does not matter.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);  // from the first i characters of a to each of b
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (lower(a[i]) == lower(b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string quoted(std::span<const std::string> names) {
  std::string out;
  for (std::size_t k = 0; k < std::min(names.size(), kMostNamed); ++k) {
    out += concat(k > 0 ? ", '" : "'", names[k], "'");
  }
  return names.size() > kMostNamed ? out + ", …" : out;
}

std::vector<std::string> by_distance(std::string_view name, std::vector<std::string> names) {
  std::map<std::string, std::size_t> far;
  for (const std::string& other : names) far[other] = distance(name, other);
  std::stable_sort(names.begin(), names.end(),
                   [&far](const auto& a, const auto& b) { return far.at(a) < far.at(b); });
  return names;
}

}  // namespace qsim
