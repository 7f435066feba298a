#include "qml/models/layers/chain.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "qsim/core/loan.h"

namespace qml {

// Of a whole batch, and kept between calls: values[k] are the inputs of layer k, the last the
// chain's outputs; cotangents[k] are the derivatives by them.
struct Chain::Buffers {
  std::vector<std::vector<double>> values;
  std::vector<std::vector<double>> cotangents;

  void fit(const std::vector<LayerPtr>& layers, std::size_t rows) {
    values.resize(layers.size() + 1);
    cotangents.resize(layers.size() + 1);
    for (std::size_t k = 0; k < layers.size(); ++k) {
      values[k + 1].resize(rows * layers[k]->n_outputs());
      cotangents[k + 1].resize(values[k + 1].size());
    }
    cotangents[0].resize(rows * layers.front()->n_inputs());
  }
};

namespace {

template <class T>
std::span<T> rows_at(std::span<T> values, std::size_t first, std::size_t count,
                     std::size_t columns) {
  return values.subspan(first * columns, count * columns);
}

std::string kind_of(const Layer& layer) { return layer.to_json().at("kind"); }

}  // namespace

Chain::Chain(const std::vector<LayerPtr>& layers) {
  qsim::require(!layers.empty(), "a chain of no layers");
  for (const LayerPtr& layer : layers) {
    const auto* chain = dynamic_cast<const Chain*>(layer.get());
    if (chain == nullptr)
      layers_.push_back(layer);
    else
      layers_.insert(layers_.end(), chain->layers_.begin(), chain->layers_.end());
  }
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    first_.push_back(first_.back() + layers_[k]->n_parameters());
    if (row_layer(k) == nullptr) head_ = k;
    if (k == 0) continue;
    const Layer& before = *layers_[k - 1];
    qsim::require(before.n_outputs() == layers_[k]->n_inputs(), "layer ", k - 1, " (",
                  kind_of(before), ") has ", before.n_outputs(), " outputs and layer ", k, " (",
                  kind_of(*layers_[k]), ") has ", layers_[k]->n_inputs(),
                  " inputs; they must be as many");
  }
}

const RowLayer* Chain::row_layer(std::size_t k) const {
  return dynamic_cast<const RowLayer*>(layers_[k].get());
}

std::vector<std::string> Chain::parameter_names() const {
  std::vector<std::string> out;
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    for (const std::string& name : layers_[k]->parameter_names()) {
      out.push_back(qsim::concat(k, ".", name));
    }
  }
  return out;
}

void Chain::start(std::span<double> parameters) const {
  for (std::size_t k = 0; k < layers_.size(); ++k) layers_[k]->start(of(k, parameters));
}

void Chain::initialize(std::span<double> parameters, qsim::Random& random, double spread) const {
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    layers_[k]->initialize(of(k, parameters), random, spread);
  }
}

LayerCall Chain::call_of(std::size_t k, const LayerCall& call,
                         std::span<const double> inputs) const {
  return {call.rows, inputs, of(k, call.parameters)};
}

void Chain::check(const LayerCall& call) const {
  layers_.front()->check(call_of(0, call, call.inputs));
}

void Chain::name_row(const LayerCall& call, const qsim::ValueError& error) const {
  layers_.front()->name_row(call_of(0, call, call.inputs), error);
}

void Chain::forward(const LayerCall& call, std::span<double> outputs) const {
  std::vector<double> in;
  std::vector<double> out;
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    const bool last = k + 1 == layers_.size();
    if (!last) out.resize(call.rows * layers_[k]->n_outputs());
    layers_[k]->forward(call_of(k, call, k == 0 ? call.inputs : std::span<const double>(in)),
                        last ? outputs : std::span<double>(out));
    std::swap(in, out);
  }
}

void Chain::vjp(const LayerCall& call, const CotangentsOf& cotangents_of, const LayerGradients& out,
                Asking asking) const {
  const qsim::Loan<Buffers> buffers(prepared_, 0, [] { return std::make_unique<Buffers>(); });
  buffers->fit(layers_, call.rows);
  auto& values = buffers->values;
  const auto inputs_of = [&](std::size_t k) {
    return k == 0 ? call.inputs : std::span<const double>(values[k]);
  };
  for (std::size_t k = 0; k < head_; ++k) {
    layers_[k]->forward(call_of(k, call, inputs_of(k)), values[k + 1]);
  }
  const bool asked = head_ > 0 || !out.by_inputs.empty();
  const std::span<double> by_inputs =
      head_ > 0 ? std::span<double>(buffers->cotangents[head_]) : out.by_inputs;
  const auto tail = [&](std::size_t first, std::size_t count, std::span<const double> outputs,
                        std::span<double> cotangents) {
    std::ranges::copy(
        outputs,
        rows_at(std::span(values[head_ + 1]), first, count, layers_[head_]->n_outputs()).begin());
    through_tail(call, cotangents_of, first, count, cotangents, *buffers);
  };
  layers_[head_]->vjp(call_of(head_, call, inputs_of(head_)), std::cref(tail),
                      {.outputs = {},
                       .by_inputs = asked ? by_inputs : std::span<double>(),
                       .by_parameters = of(head_, out.by_parameters)},
                      asking);
  back_from_head(call, out, *buffers);
  std::ranges::copy(std::span(values.back()).first(out.outputs.size()), out.outputs.begin());
}

// Some rows through the layers behind the head and, with their cotangents, back to it.
void Chain::through_tail(const LayerCall& call, const CotangentsOf& cotangents_of,
                         std::size_t first, std::size_t count, std::span<double> cotangents,
                         Buffers& buffers) const {
  const std::size_t n = layers_.size();
  const auto rows = [&](std::vector<double>& values, std::size_t columns) {
    return rows_at(std::span(values), first, count, columns);
  };
  const auto call_at = [&](std::size_t k) {
    return LayerCall{count, rows(buffers.values[k], layers_[k]->n_inputs()),
                     of(k, call.parameters)};
  };
  for (std::size_t k = head_ + 1; k < n; ++k) {
    layers_[k]->forward(call_at(k), rows(buffers.values[k + 1], layers_[k]->n_outputs()));
  }
  const auto outputs = rows(buffers.values[n], n_outputs());
  if (head_ + 1 == n) return cotangents_of(first, count, outputs, cotangents);
  cotangents_of(first, count, outputs, rows(buffers.cotangents[n], n_outputs()));
  for (std::size_t k = n - 1; k > head_; --k) {
    const auto by_inputs =
        k == head_ + 1 ? cotangents : rows(buffers.cotangents[k], layers_[k]->n_inputs());
    row_layer(k)->pull(call_at(k), rows(buffers.values[k + 1], layers_[k]->n_outputs()),
                       rows(buffers.cotangents[k + 1], layers_[k]->n_outputs()), by_inputs);
  }
}

// What is left when the head has gone back: parameters behind it, and the layers before it.
void Chain::back_from_head(const LayerCall& call, const LayerGradients& out,
                           Buffers& buffers) const {
  auto& [values, cotangents] = buffers;
  if (!out.by_parameters.empty()) {
    for (std::size_t k = head_ + 1; k < layers_.size(); ++k) {
      row_layer(k)->sum_by_parameters(call_of(k, call, values[k]), values[k + 1], cotangents[k + 1],
                                      of(k, out.by_parameters));
    }
  }
  for (std::size_t k = head_; k-- > 0;) {
    const LayerCall at = call_of(k, call, k == 0 ? call.inputs : values[k]);
    const std::span<double> by_inputs = k == 0 ? out.by_inputs : std::span<double>(cotangents[k]);
    const std::span<double> by_parameters = of(k, out.by_parameters);
    if (const RowLayer* layer = row_layer(k)) {
      if (!by_inputs.empty()) layer->pull(at, values[k + 1], cotangents[k + 1], by_inputs);
      if (!by_parameters.empty()) {
        layer->sum_by_parameters(at, values[k + 1], cotangents[k + 1], by_parameters);
      }
      continue;
    }
    layers_[k]->vjp(at, known_cotangents(cotangents[k + 1], layers_[k]->n_outputs()),
                    {.outputs = {}, .by_inputs = by_inputs, .by_parameters = by_parameters},
                    Asking::kSomeAtATime);
  }
}

nlohmann::json Chain::to_json() const {
  nlohmann::json layers = nlohmann::json::array();
  for (const LayerPtr& layer : layers_) layers.push_back(layer->to_json());
  return {{"kind", "chain"}, {"layers", layers}};
}

}  // namespace qml
