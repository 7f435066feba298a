#include "qml/models/model.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "qml/derivatives/differentiate.h"
#include "qsim/core/error.h"
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

// Where a sample's contribution to the gradients of scales and biases is kept until all are summed.
struct HeadGradients {
  std::vector<double> losses;     // size
  std::vector<double> outputs;    // size × n_outputs
  std::vector<double> by_output;  // likewise: ∂(mean loss)/∂output
  VjpBuffers below;               // what is under the head
};

}  // namespace

Model::Model(qsim::Circuit circuit, const std::vector<qsim::PauliSum>& observables,
             const std::vector<std::string>& inputs, bool single_precision,
             const qsim::AskedNames& weights)
    : circuit_(std::move(circuit)),
      program_(qsim::compile(circuit_, as_observables(observables), inputs, weights)),
      single_(single_precision),
      parameters_(program_.weights.size() + 2 * observables.size(), 0.0) {
  const auto scale = parameters_.begin() + static_cast<std::ptrdiff_t>(program_.weights.size());
  std::fill_n(scale, observables.size(), 1.0);
}

std::span<const double> Model::weights() const {
  return std::span(parameters_).first(program_.weights.size());
}
std::span<const double> Model::scales() const {
  return std::span(parameters_).subspan(program_.weights.size(), n_outputs());
}
std::span<const double> Model::biases() const { return std::span(parameters_).last(n_outputs()); }

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
  for (std::size_t k = 0; k < program_.weights.size(); ++k) {
    const double draw = spread * (2 * random.uniform() - 1);
    parameters_[k] = program_.weights[k].starts_with("s[") ? 1.0 : draw;
  }
}

std::vector<double> Model::outputs(std::span<const double> inputs, std::size_t rows) const {
  const Batch batch{.size = rows, .inputs = inputs, .weights = weights()};
  std::vector<double> out =
      single_ ? expval<float>(program_, batch) : expval<double>(program_, batch);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t k = i % n_outputs();
    out[i] = scales()[k] * out[i] + biases()[k];
  }
  return out;
}

void Model::check(const Dataset& data) const {
  require(data.size >= 1, "there are no samples");
  require(data.inputs.size() == data.size * n_inputs(), "the model has ", n_inputs(),
          " input(s), so ", data.size, " samples need ", data.size * n_inputs(), " values, got ",
          data.inputs.size());
  require(data.targets.size() == data.size * n_outputs(), "the model has ", n_outputs(),
          " output(s), so ", data.size, " samples need ", data.size * n_outputs(), " targets, got ",
          data.targets.size());
  require(data.sample_weights.empty() || data.sample_weights.size() == data.size, "got ",
          data.sample_weights.size(), " sample weights for ", data.size, " samples");
  require_finite(data.inputs, n_inputs(), "input");
  check_amplitudes(program_, {.size = data.size, .inputs = data.inputs, .weights = weights()});
  require_finite(data.targets, n_outputs(), "target");
  double total = data.sample_weights.empty() ? 1.0 : 0.0;
  for (std::size_t k = 0; k < data.sample_weights.size(); ++k) {
    const double w = data.sample_weights[k];
    require(w >= 0 && std::isfinite(w), "the weight of sample ", k, " is ", w,
            "; it must be finite and not negative");
    total += w;
  }
  require(total > 0, "the sample weights sum to ", total, "; it must be positive");
}

double Model::loss(Loss kind, const Dataset& data, std::span<double> gradient) const {
  check(data);
  require(gradient.empty() || gradient.size() == n_parameters(), "the gradient has room for ",
          gradient.size(), " of ", n_parameters(), " parameters");
  try {
    return single_ ? loss_of<float>(kind, data, gradient) : loss_of<double>(kind, data, gradient);
  } catch (const qsim::ValueError&) {
    check_targets(kind, data.targets, n_outputs());  // names the sample
    throw;
  }
}

template <class T>
double Model::loss_of(Loss kind, const Dataset& data, std::span<double> gradient) const {
  const std::size_t n = n_outputs();
  double total_weight = 0;
  const auto weight = [&](std::size_t i) {
    return data.sample_weights.empty() ? 1.0 : data.sample_weights[i];
  };
  for (std::size_t i = 0; i < data.size; ++i) total_weight += weight(i);

  // Kept with the program, so that a training step allocates nothing.
  const qsim::Loan<HeadGradients> kept(program_.prepared, 0,
                                       [] { return std::make_unique<HeadGradients>(); });
  HeadGradients& head = *kept;
  head.losses.resize(data.size);
  head.outputs.resize(data.size * n);
  head.by_output.resize(data.size * n);
  // The loss of one sample from its expectation values; its share of the mean's gradient is kept.
  const auto sample_loss = [&](std::size_t i, std::span<const double> values) {
    const auto outputs = std::span(head.outputs).subspan(i * n, n);
    for (std::size_t k = 0; k < n; ++k) outputs[k] = scales()[k] * values[k] + biases()[k];
    const auto by_output = std::span(head.by_output).subspan(i * n, n);
    head.losses[i] = qml::loss(kind, outputs, data.targets.subspan(i * n, n), by_output);
    for (double& g : by_output) g *= weight(i) / total_weight;
  };
  const Batch batch{.size = data.size, .inputs = data.inputs, .weights = weights()};
  if (gradient.empty()) {
    const std::vector<double> values = expval<T>(program_, batch);
    for (std::size_t i = 0; i < data.size; ++i) {
      sample_loss(i, std::span(values).subspan(i * n, n));
    }
  } else {
    const auto cotangent_of = [&](std::size_t i, std::span<const double> values,
                                  std::span<double> cotangent) {
      sample_loss(i, values);
      for (std::size_t k = 0; k < n; ++k) {
        cotangent[k] = head.by_output[i * n + k] * scales()[k];
      }
    };
    vjp<T>(program_, batch, std::ref(cotangent_of), head.below);
    const Gradients& gradients = head.below.gradients;
    std::copy(gradients.weights.begin(), gradients.weights.end(), gradient.begin());
    const auto by_scale = gradient.subspan(program_.weights.size(), n);
    const auto by_bias = gradient.last(n);
    std::fill(by_scale.begin(), by_scale.end(), 0.0);
    std::fill(by_bias.begin(), by_bias.end(), 0.0);
    for (std::size_t i = 0; i < data.size * n; ++i) {
      by_scale[i % n] += head.by_output[i] * gradients.values[i];
      by_bias[i % n] += head.by_output[i];
    }
  }
  double mean = 0;
  for (std::size_t i = 0; i < data.size; ++i) mean += weight(i) / total_weight * head.losses[i];
  return mean;
}

nlohmann::json Model::to_json() const {
  nlohmann::json observables = nlohmann::json::array();
  for (const auto& observable : program_.observables) {
    observables.push_back(qsim::to_json(std::get<qsim::PauliSum>(observable)));
  }
  return {{"format", "ketgrad.model"},          {"version", 1},
          {"circuit", qsim::to_json(circuit_)}, {"observables", observables},
          {"inputs", program_.inputs},          {"weights", program_.weights},
          {"parameters", parameters_},          {"precision", single_ ? "single" : "double"}};
}

Model Model::from_json(const nlohmann::json& value) {
  try {
    require(value.at("format") == "ketgrad.model", "this JSON is not a ketgrad model but ",
            value.at("format").dump());
    require(value.at("version") == 1, "the model has version ", value.at("version").dump(),
            "; this release reads version 1");
    const qsim::json::Place place{.key = "model"};
    qsim::json::require_object(value, place,
                               {"format", "version", "circuit", "inputs", "weights", "observables",
                                "parameters", "precision"});
    const auto list_of = [&](std::string_view key, const auto& read) {
      return qsim::json::read_list(value.at(key), place.at(key), read);
    };
    const auto sum = [](const nlohmann::json& item, const qsim::json::Place&) {
      return qsim::pauli_sum_from_json(item);
    };
    const auto name = [](const nlohmann::json& item, const qsim::json::Place& at) {
      return std::string(qsim::json::read_string(item, at));
    };
    qsim::Circuit circuit = qsim::circuit_from_json(value.at("circuit"));
    const auto inputs = list_of("inputs", name);
    const auto weights =
        value.contains("weights") ? list_of("weights", name) : qsim::by_appearance(circuit, inputs);
    Model out(std::move(circuit), list_of("observables", sum), inputs,
              is_single(value.at("precision").get<std::string>()), weights);
    out.set_parameters(list_of("parameters", qsim::json::read_number));
    return out;
  } catch (const nlohmann::json::exception& error) {
    qsim::fail("the model's JSON cannot be read: ", qsim::reason(error));
  }
}

}  // namespace qml
