#include "qml/models/layers/chain.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "qsim/core/loan.h"
#include "qsim/core/long_vector.h"

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
      qsim::resize_long(values[k + 1], rows * layers[k]->n_outputs());
      qsim::resize_long(cotangents[k + 1], values[k + 1].size());
    }
    qsim::resize_long(cotangents[0], rows * layers.front()->n_inputs());
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
                  kind_of(before), ") has ", qsim::counted(before.n_outputs(), "output"),
                  " and layer ", k, " (", kind_of(*layers_[k]), ") has ",
                  qsim::counted(layers_[k]->n_inputs(), "input"), "; they must be as many");
  }
}

const RowLayer* Chain::row_layer(std::size_t k) const {
  return dynamic_cast<const RowLayer*>(layers_[k].get());
}

std::vector<std::string> Chain::parameter_names() const {
  std::vector<std::string> out;
  out.reserve(n_parameters());
  for (std::size_t k = 0; k < layers_.size(); ++k) add_numbered(k, *layers_[k], out);
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
  return {call.rows, inputs, of(k, call.parameters), call.first};
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
    if (!last) qsim::resize_long(out, call.rows * layers_[k]->n_outputs());
    layers_[k]->forward(call_of(k, call, k == 0 ? call.inputs : std::span<const double>(in)),
                        last ? outputs : std::span<double>(out));
    std::swap(in, out);
  }
}

void Chain::vjp(const LayerCall& call, const CotangentsOf& cotangents_of, const LayerGradients& out,
                Asking asking) const {
  const qsim::Loan<Buffers> buffers(prepared_, 0, [] { return std::make_unique<Buffers>(); });
  buffers->fit(layers_, call.rows);
  through({call, cotangents_of, out, asking, *buffers}, 0, out.by_inputs);
  std::ranges::copy(std::span(buffers->values.back()).first(out.outputs.size()),
                    out.outputs.begin());
}

std::span<const double> Chain::Run::inputs_of(std::size_t k) const {
  return k == 0 ? call.inputs : std::span<const double>(buffers.values[k]);
}

// The layers from k on, whose inputs are there, and back to the derivatives by these. The first of
// them that is no RowLayer asks for its cotangents, and gets them from those behind it.
void Chain::through(const Run& run, std::size_t k, std::span<double> by_inputs) const {
  auto& values = run.buffers.values;
  auto& cotangents = run.buffers.cotangents;
  std::size_t circuit = k;
  for (; circuit < head_ && row_layer(circuit) != nullptr; ++circuit) {
    layers_[circuit]->forward(call_of(circuit, run.call, run.inputs_of(circuit)),
                              values[circuit + 1]);
  }
  const auto behind = [&](std::size_t first, std::size_t count, std::span<const double> outputs,
                          std::span<double> wanted) {
    const std::size_t columns = layers_[circuit]->n_outputs();
    std::ranges::copy(outputs,
                      rows_at(std::span(values[circuit + 1]), first, count, columns).begin());
    if (circuit < head_) return through(run, circuit + 1, wanted);
    through_tail(run.call, run.cotangents_of, first, count, wanted, run.buffers);
  };
  layers_[circuit]->vjp(
      call_of(circuit, run.call, run.inputs_of(circuit)), std::cref(behind),
      {.outputs = {},
       .by_inputs = circuit > k ? std::span<double>(cotangents[circuit]) : by_inputs,
       .by_parameters = of(circuit, run.out.by_parameters)},
      circuit < head_ ? Asking::kAllAtOnce : run.asking);
  if (circuit == head_) sum_behind_head(run);
  for (std::size_t j = circuit; j-- > k;) {
    const LayerCall at = call_of(j, run.call, run.inputs_of(j));
    const std::span<double> pulled = j == k ? by_inputs : std::span<double>(cotangents[j]);
    const std::span<double> by_parameters = of(j, run.out.by_parameters);
    if (!pulled.empty()) row_layer(j)->pull(at, values[j + 1], cotangents[j + 1], pulled);
    if (by_parameters.empty()) continue;
    row_layer(j)->sum_by_parameters(at, values[j + 1], cotangents[j + 1], by_parameters);
  }
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

void Chain::sum_behind_head(const Run& run) const {
  const auto& [values, cotangents] = run.buffers;
  if (run.out.by_parameters.empty()) return;
  for (std::size_t k = head_ + 1; k < layers_.size(); ++k) {
    row_layer(k)->sum_by_parameters(call_of(k, run.call, values[k]), values[k + 1],
                                    cotangents[k + 1], of(k, run.out.by_parameters));
  }
}

nlohmann::json Chain::to_json() const {
  nlohmann::json layers = nlohmann::json::array();
  for (const LayerPtr& layer : layers_) layers.push_back(layer->to_json());
  return {{"kind", "chain"}, {"layers", layers}};
}

}  // namespace qml
