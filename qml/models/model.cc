#include "qml/models/model.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "qml/models/layers/chain.h"
#include "qml/models/layers/scale_shift.h"
#include "qsim/core/error.h"
#include "qsim/core/hash.h"
#include "qsim/core/loan.h"
#include "qsim/core/random.h"
#include "qsim/json/json.h"
#include "qsim/json/reader.h"

namespace qml {
namespace {

using qsim::require;

std::vector<qsim::Observable> as_observables(const std::vector<qsim::PauliSum>& sums) {
  require(!sums.empty(), "a model needs at least one observable");
  return {sums.begin(), sums.end()};
}

// Rows of samples.
void require_finite(std::span<const double> values, std::size_t columns, std::string_view what) {
  for (std::size_t k = 0; k < values.size(); ++k) {
    require(std::isfinite(values[k]), what, " ", k % columns, " of sample ", k / columns, " is ",
            values[k], "; it must be finite");
  }
}

bool is_single(const std::string& precision) {
  require(precision == "single" || precision == "double", "the model has precision '", precision,
          "'; there is single and double");
  return precision == "single";
}

// Of every sample, kept between calls so that a training step allocates nothing.
struct LossRows {
  std::vector<double> losses;      // size
  std::vector<double> by_outputs;  // size × n_outputs: of the loss without a gradient
};

qsim::ProgramSource source_of(qsim::Circuit circuit, const std::vector<qsim::PauliSum>& observables,
                              const std::vector<std::string>& inputs, bool single,
                              const qsim::AskedNames& weights) {
  qsim::ProgramSource out{.circuit = std::move(circuit),
                          .observables = as_observables(observables),
                          .inputs = inputs,
                          .single = single};
  // As compile() would order them.
  qsim::Program parameters;
  qsim::set_parameters(out.circuit, inputs, weights, parameters);
  out.inputs = std::move(parameters.inputs);
  out.weights = std::move(parameters.weights);
  return out;
}

}  // namespace

double weight_of(const Dataset& data) {
  return data.sample_weights.empty()
             ? static_cast<double>(data.size)
             : std::accumulate(data.sample_weights.begin(), data.sample_weights.end(), 0.0);
}

std::uint64_t hash_of(const Dataset& data) {
  std::uint64_t hash = qsim::kHashStart;
  for (const auto part : {data.inputs, data.targets, data.sample_weights}) {
    hash = qsim::hash_of(hash ^ part.size(), part);
  }
  return hash;
}

Model::Model(LayerPtr layer) : layer_(std::move(layer)), parameters_(layer_->n_parameters()) {
  layer_->start(parameters_);
}

Model::Model(qsim::Circuit circuit, const std::vector<qsim::PauliSum>& observables,
             const std::vector<std::string>& inputs, bool single_precision,
             const qsim::AskedNames& weights) {
  auto first = std::make_shared<CircuitLayer>(
      source_of(std::move(circuit), observables, inputs, single_precision, weights));
  circuit_ = first.get();
  const std::vector<LayerPtr> layers{std::move(first),
                                     std::make_shared<ScaleShift>(observables.size())};
  layer_ = std::make_shared<Chain>(layers);
  parameters_.resize(layer_->n_parameters());
  layer_->start(parameters_);
}

const CircuitLayer& Model::only_circuit() const {
  require(circuit_ != nullptr, "the model is made of layers, not of one circuit");
  return *circuit_;
}

void Model::set_parameters(std::span<const double> values) {
  require(values.size() == parameters_.size(), "the model has ", parameters_.size(),
          " parameters, got ", values.size());
  for (std::size_t k = 0; k < values.size(); ++k) {
    require(std::isfinite(values[k]), "model parameter ", k, " is ", values[k],
            "; it must be finite");
  }
  std::copy(values.begin(), values.end(), parameters_.begin());
}

void Model::initialize(std::uint64_t seed, double spread) {
  require(std::isfinite(spread) && spread >= 0, "the spread of the first weights is ", spread,
          "; it must not be negative");
  qsim::Random random(seed);
  layer_->initialize(parameters_, random, spread);
}

std::vector<double> Model::outputs(std::span<const double> inputs, std::size_t rows) const {
  std::vector<double> out(rows * n_outputs());
  layer_->forward(call({.size = rows, .inputs = inputs}), out);
  return out;
}

void Model::check(const Dataset& data) const {
  check_samples(data);
  require(data.targets.size() == data.size * n_outputs(), "the model has ", n_outputs(),
          " output(s), so ", data.size, " samples need ", data.size * n_outputs(), " targets, got ",
          data.targets.size());
}

void Model::check_for_own_loss(const Dataset& data) const {
  check_samples(data);
  require(data.targets.size() % data.size == 0, "there are ", data.targets.size(), " targets for ",
          data.size, " samples; every sample has as many");
}

void Model::check_samples(const Dataset& data) const {
  require(data.size >= 1, "there are no samples");
  require(data.inputs.size() == data.size * n_inputs(), "the model has ", n_inputs(),
          " input(s), so ", data.size, " samples need ", data.size * n_inputs(), " values, got ",
          data.inputs.size());
  if (!data.sample_weights.empty() && data.sample_weights.size() != data.size) {
    qsim::fail("got ", qsim::counted(data.sample_weights.size(), "sample weight"), " for ",
               qsim::counted(data.size, "sample"));
  }
  require_finite(data.inputs, n_inputs(), "input");
  layer_->check(call(data));
  require_finite(data.targets, std::max<std::size_t>(1, data.targets.size() / data.size), "target");
  double total = data.sample_weights.empty() ? 1.0 : 0.0;
  for (std::size_t k = 0; k < data.sample_weights.size(); ++k) {
    const double w = data.sample_weights[k];
    require(w >= 0 && std::isfinite(w), "the weight of sample ", k, " is ", w,
            "; it must be finite and not negative");
    total += w;
  }
  require(total > 0 && std::isfinite(total), "the sample weights sum to ", total,
          "; it must be positive and finite");
}

double Model::loss(Loss kind, const Dataset& data, std::span<double> gradient) const {
  check(data);
  require(gradient.empty() || gradient.size() == n_parameters(), "the gradient has room for ",
          gradient.size(), " of ", n_parameters(), " parameters");
  try {
    return mean_loss(kind, data, gradient);
  } catch (const qsim::ValueError&) {
    check_targets(kind, data.targets, n_outputs());  // names the sample
    throw;
  }
}

double Model::mean_loss(Loss kind, const Dataset& data, std::span<double> gradient) const {
  const std::size_t n = n_outputs();
  double total_weight = 0;
  const auto weight = [&](std::size_t i) {
    return data.sample_weights.empty() ? 1.0 : data.sample_weights[i];
  };
  for (std::size_t i = 0; i < data.size; ++i) total_weight += weight(i);

  const qsim::Loan<LossRows> kept(prepared_, 0, [] { return std::make_unique<LossRows>(); });
  std::vector<double>& losses = kept->losses;
  losses.resize(data.size);
  // The losses of some samples, and their shares of the mean's gradient.
  const auto cotangents_of = [&](std::size_t first, std::size_t count,
                                 std::span<const double> outputs, std::span<double> cotangents) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto by_output = cotangents.subspan(i * n, n);
      losses[first + i] = qml::loss(kind, outputs.subspan(i * n, n),
                                    data.targets.subspan((first + i) * n, n), by_output);
      for (double& g : by_output) g *= weight(first + i) / total_weight;
    }
  };
  if (gradient.empty()) {
    kept->by_outputs.resize(data.size * n);
    std::vector<double> outputs(data.size * n);
    layer_->forward(call(data), outputs);
    cotangents_of(0, data.size, outputs, kept->by_outputs);
  } else {
    layer_->vjp(call(data), std::cref(cotangents_of),
                {.outputs = {}, .by_inputs = {}, .by_parameters = gradient}, Asking::kSomeAtATime);
  }
  double mean = 0;
  for (std::size_t i = 0; i < data.size; ++i) mean += weight(i) / total_weight * losses[i];
  return mean;
}

double Model::loss(const BatchLossFunction& of_batch, const Dataset& data,
                   std::span<double> gradient) const {
  check_for_own_loss(data);
  require(gradient.empty() || gradient.size() == n_parameters(), "the gradient has room for ",
          gradient.size(), " of ", n_parameters(), " parameters");
  double value = 0;
  const auto cotangents_of = [&](std::size_t /*first*/, std::size_t count,
                                 std::span<const double> outputs, std::span<double> cotangents) {
    value = of_batch({count, outputs, data.targets, data.sample_weights}, cotangents);
    require(std::isfinite(value), "the loss is ", value, "; it must be finite");
    require_finite(cotangents, n_outputs(), "the derivative of the loss by output");
  };
  if (gradient.empty()) {
    std::vector<double> by_outputs(data.size * n_outputs());
    cotangents_of(0, data.size, outputs(data.inputs, data.size), by_outputs);
  } else {
    layer_->vjp(call(data), std::cref(cotangents_of),
                {.outputs = {}, .by_inputs = {}, .by_parameters = gradient}, Asking::kAllAtOnce);
  }
  return value;
}

nlohmann::json Model::to_json() const {
  if (circuit_ == nullptr) {
    return {{"format", "ketgrad.model"},
            {"version", 2},
            {"layer", layer_->to_json()},
            {"parameters", parameters_}};
  }
  nlohmann::json observables = nlohmann::json::array();
  for (const auto& observable : program().observables) {
    observables.push_back(qsim::to_json(std::get<qsim::PauliSum>(observable)));
  }
  return {{"format", "ketgrad.model"},
          {"version", 1},
          {"circuit", qsim::to_json(circuit())},
          {"observables", observables},
          {"inputs", program().inputs},
          {"weights", program().weights},
          {"parameters", parameters_},
          {"precision", single_precision() ? "single" : "double"}};
}

Model Model::from_json(const nlohmann::json& value) {
  const qsim::json::Place place{.key = "model"};
  const auto at = [&](std::string_view key) -> const nlohmann::json& {
    return qsim::json::member(value, key, place);
  };
  try {
    const nlohmann::json &format = at("format"), &version = at("version");
    require(format == "ketgrad.model", "this JSON is not a ketgrad model but ", format.dump());
    require(version == 1 || version == 2, "the model has version ", version.dump(),
            "; this release reads versions 1 and 2");
    const auto list_of = [&](std::string_view key, const auto& read) {
      return qsim::json::read_list(at(key), place.at(key), read);
    };
    if (version == 2) {
      qsim::json::require_object(value, place, {"format", "version", "layer", "parameters"});
      Model out(layer_from_json(at("layer")));
      out.set_parameters(list_of("parameters", qsim::json::read_number));
      return out;
    }
    qsim::json::require_object(value, place,
                               {"format", "version", "circuit", "inputs", "weights", "observables",
                                "parameters", "precision"});
    const auto sum = [](const nlohmann::json& item, const qsim::json::Place&) {
      return qsim::pauli_sum_from_json(item);
    };
    const auto name = [](const nlohmann::json& item, const qsim::json::Place& where) {
      return std::string(qsim::json::read_string(item, where));
    };
    qsim::Circuit circuit = qsim::circuit_from_json(at("circuit"));
    const auto inputs = list_of("inputs", name);
    const auto weights =
        value.contains("weights") ? list_of("weights", name) : qsim::by_appearance(circuit, inputs);
    Model out(std::move(circuit), list_of("observables", sum), inputs,
              is_single(qsim::json::read_string(at("precision"), place.at("precision"))), weights);
    out.set_parameters(list_of("parameters", qsim::json::read_number));
    return out;
  } catch (const nlohmann::json::exception& error) {
    qsim::fail("the model's JSON cannot be read: ", qsim::reason(error));
  }
}

}  // namespace qml
