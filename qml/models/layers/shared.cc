#include "qml/models/layers/shared.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "qsim/core/count_work.h"

namespace qml {
namespace {

using Names = std::unordered_set<std::string>;

// Throws ValueError for a name that begins so and has no counterpart that begins otherwise.
void require_counterparts(const Names& names, const std::string& beginning,
                          const std::string& other) {
  for (const std::string& name : names) {
    qsim::count_work();
    if (!name.starts_with(beginning)) continue;
    const std::string wanted = other + name.substr(beginning.size());
    qsim::require(names.contains(wanted), "'", beginning, "' and '", other,
                  "' are to have the same parameters, but there is no '", wanted,
                  "' to be one with '", name, "'");
  }
}

// Whether a name that begins so becomes one that there is already.
bool meets(const Names& names, const std::string& beginning, const std::string& other) {
  return std::ranges::any_of(names, [&](const std::string& name) {
    return name.starts_with(beginning) && names.contains(other + name.substr(beginning.size()));
  });
}

// Throws ValueError where only some of the parameters that are to be one have counterparts.
void check_sharing(const std::vector<std::string>& parameters,
                   const std::map<std::string, std::string>& by_beginning) {
  const Names names(parameters.begin(), parameters.end());
  std::map<std::string, std::string> first;  // beginning that becomes a name
  for (const auto& [beginning, name] : by_beginning) {
    if (beginning == name) continue;
    const auto [found, is_first] = first.emplace(name, beginning);
    if (is_first && !meets(names, beginning, name)) continue;
    const std::string& other = is_first ? name : found->second;
    require_counterparts(names, beginning, other);
    require_counterparts(names, other, beginning);
  }
}

// In the map's order a longer beginning comes after the shorter ones it begins with.
std::vector<std::string> renamed(std::vector<std::string> names,
                                 const std::map<std::string, std::string>& by_beginning) {
  const std::vector<std::string> before = names;
  for (const auto& [beginning, name] : by_beginning) {
    bool found = false;
    for (std::size_t k = 0; k < names.size(); ++k) {
      qsim::count_work();
      if (!before[k].starts_with(beginning)) continue;
      names[k] = name + before[k].substr(beginning.size());
      found = true;
    }
    qsim::require(found, "no parameter's name begins with '", beginning, "'");
  }
  return names;
}

}  // namespace

Shared::Shared(LayerPtr layer, std::map<std::string, std::string> names)
    : layer_(std::move(layer)), names_(std::move(names)) {
  check_sharing(layer_->parameter_names(), names_);
  std::unordered_map<std::string, std::size_t> places;
  for (std::string& name : renamed(layer_->parameter_names(), names_)) {
    const auto [found, is_new] = places.emplace(name, parameters_.size());
    place_.push_back(found->second);
    if (is_new) parameters_.push_back(std::move(name));
  }
}

std::vector<double> Shared::spread(std::span<const double> parameters) const {
  std::vector<double> out(place_.size());
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = parameters[place_[k]];
  return out;
}

void Shared::gather(std::span<const double> of_layer, std::span<double> parameters) const {
  for (std::size_t k = place_.size(); k-- > 0;) parameters[place_[k]] = of_layer[k];
}

void Shared::start(std::span<double> parameters) const {
  std::vector<double> of_layer(place_.size());
  layer_->start(of_layer);
  gather(of_layer, parameters);
}

void Shared::initialize(std::span<double> parameters, qsim::Random& random, double spread) const {
  std::vector<double> of_layer = this->spread(parameters);
  layer_->initialize(of_layer, random, spread);
  gather(of_layer, parameters);
}

void Shared::check(const LayerCall& call) const {
  layer_->check({call.rows, call.inputs, spread(call.parameters), call.first});
}

void Shared::name_row(const LayerCall& call, const qsim::ValueError& error) const {
  layer_->name_row({call.rows, call.inputs, spread(call.parameters), call.first}, error);
}

void Shared::forward(const LayerCall& call, std::span<double> outputs) const {
  layer_->forward({call.rows, call.inputs, spread(call.parameters), call.first}, outputs);
}

void Shared::vjp(const LayerCall& call, const CotangentsOf& cotangents_of,
                 const LayerGradients& out, Asking asking) const {
  std::vector<double> of_layer(out.by_parameters.empty() ? 0 : place_.size());
  layer_->vjp({call.rows, call.inputs, spread(call.parameters), call.first}, cotangents_of,
              {.outputs = out.outputs, .by_inputs = out.by_inputs, .by_parameters = of_layer},
              asking);
  std::ranges::fill(out.by_parameters, 0.0);
  for (std::size_t k = 0; k < of_layer.size(); ++k) out.by_parameters[place_[k]] += of_layer[k];
}

nlohmann::json Shared::to_json() const {
  return {{"kind", "shared"}, {"layer", layer_->to_json()}, {"names", nlohmann::json(names_)}};
}

}  // namespace qml
