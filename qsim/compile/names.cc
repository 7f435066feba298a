#include "qsim/compile/names.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "qsim/circuit/closest.h"
#include "qsim/circuit/parameter_order.h"
#include "qsim/core/error.h"

namespace qsim {
namespace {

constexpr int kMostByName = 1 << 20;  // elements of a vector given by its name

using NameSet = std::set<std::string_view>;

std::vector<std::string> names_of(std::span<const Parameter> parameters) {
  std::vector<std::string> out;
  for (const Parameter& p : parameters) out.push_back(p.name);
  return out;
}

NameSet set_of(const std::vector<std::string>& names) { return {names.begin(), names.end()}; }
NameSet set_of(std::vector<std::string>&& names) = delete;  // it would not outlive the call

// Appends x[0], x[1], … where the name stands for a vector x.
bool append_vector(const std::string& name, const std::map<std::string_view, int>& sizes,
                   std::string_view role, std::vector<std::string>& out) {
  const auto vector = sizes.find(name);
  if (vector == sizes.end()) return false;
  require(vector->second <= kMostByName, "'", name, "' as ", role, " has ", vector->second,
          " elements, above the limit of ", kMostByName, "; list those that occur");
  for (int k = 0; k < vector->second; ++k) out.push_back(concat(name, "[", k, "]"));
  return true;
}

// The weights as they were asked for, with vectors written out.
std::vector<std::string> listed(std::span<const Parameter> used,
                                const std::vector<std::string>& asked) {
  const std::vector<std::string> parameters = names_of(used);
  const NameSet known = set_of(parameters);
  const std::map<std::string_view, int> sizes = vector_sizes(used);
  std::vector<std::string> out;
  for (const std::string& name : asked) {
    require(!name.empty(), "the name of a weight is empty");
    if (known.contains(name) || !append_vector(name, sizes, "weights", out)) out.push_back(name);
  }
  return out;
}

void check_weights(std::span<const Parameter> used, const std::vector<std::string>& inputs,
                   const std::vector<std::string>& weights) {
  const NameSet is_input = set_of(inputs);
  NameSet seen;
  for (const std::string& name : weights) {
    require(!is_input.contains(name), "parameter '", name, "' is listed as an input and a weight");
    require(seen.insert(name).second, "weight '", name, "' is listed twice");
  }
  for (const Parameter& p : used) {
    if (is_input.contains(p.name) || seen.contains(p.name)) continue;
    fail("the circuit uses the parameter '", p.name, "', which is ",
         inputs.empty() ? "not among the weights" : "neither among the inputs nor the weights",
         weights.empty() ? std::string()
                         : "; the closest weights are " + quoted(by_distance(p.name, weights)));
  }
}

}  // namespace

std::vector<std::string> input_names(std::span<const Parameter> used,
                                     const std::vector<std::string>& asked) {
  if (asked.empty()) return {};
  require(!used.empty(), "the circuit has no parameters, so ", quoted(asked),
          " cannot be its inputs");
  const std::vector<std::string> parameters = names_of(used);
  const NameSet known = set_of(parameters);
  const std::map<std::string_view, int> sizes = vector_sizes(used);
  std::vector<std::string> out;
  bool any_occurs = false;
  std::vector<std::string> unknown;
  for (const std::string& name : asked) {
    if (known.contains(name)) {
      any_occurs = true;
      out.push_back(name);
    } else if (append_vector(name, sizes, "an input", out)) {
      any_occurs = true;
    } else {
      const bool unused = !name.empty() && sizes.contains(Parameter(name).vector());
      if (!unused) unknown.push_back(name);
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

std::vector<std::string> weight_names(std::span<const Parameter> used,
                                      const std::vector<std::string>& inputs,
                                      const AskedNames& asked) {
  if (asked) {
    std::vector<std::string> out = listed(used, *asked);
    check_weights(used, inputs, out);
    return out;
  }
  const NameSet is_input = set_of(inputs);
  std::vector<Parameter> rest;  // of a vector whose used elements are all inputs, none is a weight
  for (const Parameter& p : used) {
    if (!is_input.contains(p.name)) rest.push_back(p);
  }
  std::vector<std::string> out = in_vector_order(rest);
  std::erase_if(out, [&is_input](const std::string& name) { return is_input.contains(name); });
  return out;
}

}  // namespace qsim
