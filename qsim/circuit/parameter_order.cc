#include "qsim/circuit/parameter_order.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "qsim/core/error.h"
#include "qsim/core/memory.h"

namespace qsim {
namespace {

constexpr std::size_t kMostNamed = 5;

// What is to be said of a vector once its first element appears.
struct Vector {
  int known_size = 0;
  std::set<int> beyond;  // elements that appear, but not within a known size
};

std::map<std::string_view, Vector> vectors_of(std::span<const Parameter> parameters) {
  std::map<std::string_view, Vector> out;
  for (const Parameter& p : parameters) {
    if (p.index < 0) continue;
    Vector& vector = out[p.vector()];
    vector.known_size = std::max(vector.known_size, p.vector_size);
    vector.beyond.insert(p.index);
  }
  for (auto& [name, vector] : out) {
    vector.beyond.erase(vector.beyond.begin(), vector.beyond.lower_bound(vector.known_size));
  }
  return out;
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

}  // namespace

std::vector<std::string> in_vector_order(std::span<const Parameter> appearing) {
  const std::map<std::string_view, Vector> vectors = vectors_of(appearing);
  double total = 0;
  for (const auto& [name, vector] : vectors) total += vector.known_size;
  require_memory(total * sizeof(std::string), "the names of all elements of vectors of parameters");
  std::vector<std::string> out;
  std::set<std::string_view> done;
  for (const Parameter& p : appearing) {
    if (p.index < 0) {
      out.push_back(p.name);
      continue;
    }
    const std::string_view name = p.vector();
    if (!done.insert(name).second) continue;
    const Vector& vector = vectors.at(name);
    const auto add = [&](int k) { out.push_back(concat(name, "[", k, "]")); };
    for (int k = 0; k < vector.known_size; ++k) add(k);
    std::ranges::for_each(vector.beyond, add);
  }
  return out;
}

std::map<std::string_view, int> vector_sizes(std::span<const Parameter> parameters) {
  std::map<std::string_view, int> out;
  for (const Parameter& p : parameters) {
    if (p.index < 0) continue;
    int& size = out[p.vector()];
    size = std::max({size, p.vector_size, p.index + 1});
  }
  return out;
}

std::string quoted(std::span<const std::string> names) {
  std::string out;
  for (std::size_t k = 0; k < std::min(names.size(), kMostNamed); ++k) {
    out += concat(k > 0 ? ", '" : "'", names[k], "'");
  }
  return names.size() > kMostNamed ? out + ", …" : out;
}

std::vector<std::string> by_distance(std::string_view name, std::vector<std::string> parameters) {
  std::map<std::string, std::size_t> far;
  for (const std::string& parameter : parameters) far[parameter] = distance(name, parameter);
  std::stable_sort(parameters.begin(), parameters.end(),
                   [&far](const auto& a, const auto& b) { return far.at(a) < far.at(b); });
  return parameters;
}

void fail_unknown(std::string_view name, const std::vector<std::string>& parameters,
                  std::string_view kind) {
  if (parameters.empty()) {
    fail("the circuit has no ", kind, "s, so '", name, "' is none of them");
  }
  fail("the circuit has no ", kind, " '", name, "'; the closest are ",
       quoted(by_distance(name, parameters)));
}

}  // namespace qsim
