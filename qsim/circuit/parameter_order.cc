#include "qsim/circuit/parameter_order.h"

#include <algorithm>
#include <set>

#include "qsim/circuit/closest.h"
#include "qsim/core/error.h"
#include "qsim/core/memory.h"

namespace qsim {
namespace {

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

void fail_unknown(std::string_view name, const std::vector<std::string>& parameters,
                  std::string_view kind) {
  if (parameters.empty()) {
    fail("the circuit has no ", kind, "s, so '", name, "' is none of them",
         kind == "input" ? "; weights are given as weights" : "");
  }
  fail("the circuit has no ", kind, " '", name, "'; the closest are ",
       quoted(by_distance(name, parameters)));
}

}  // namespace qsim
