#include "qml/models/layer.h"

#include <algorithm>

#include "qsim/core/count_work.h"

namespace qml {

void Layer::start(std::span<double> parameters) const { std::ranges::fill(parameters, 0.0); }

void Layer::initialize(std::span<double> /*parameters*/, qsim::Random& /*random*/,
                       double /*spread*/) const {}

void Layer::check(const LayerCall& /*call*/) const {}

void Layer::name_row(const LayerCall& /*call*/, const qsim::ValueError& /*error*/) const {}

void add_numbered(std::size_t number, const Layer& layer, std::vector<std::string>& names) {
  const std::string beginning = std::to_string(number) + ".";
  for (std::string& name : layer.parameter_names()) {
    qsim::count_work();
    names.push_back(name.insert(0, beginning));
  }
}

void vjp_of_no_rows(const CotangentsOf& cotangents_of, const LayerGradients& out) {
  cotangents_of(0, 0, {}, {});
  std::ranges::fill(out.by_parameters, 0.0);
}

CotangentsOf known_cotangents(std::span<const double> cotangents, std::size_t n_outputs) {
  return
      [=](std::size_t first, std::size_t count, std::span<const double>, std::span<double> rows) {
        std::ranges::copy(cotangents.subspan(first * n_outputs, count * n_outputs), rows.begin());
      };
}

void RowLayer::vjp(const LayerCall& call, const CotangentsOf& cotangents_of,
                   const LayerGradients& out, Asking /*asking*/) const {
  std::vector<double> outputs(call.rows * n_outputs());
  std::vector<double> cotangents(outputs.size());
  forward(call, outputs);
  cotangents_of(0, call.rows, outputs, cotangents);
  if (!out.by_inputs.empty()) pull(call, outputs, cotangents, out.by_inputs);
  if (!out.by_parameters.empty()) sum_by_parameters(call, outputs, cotangents, out.by_parameters);
  std::ranges::copy(std::span(outputs).first(out.outputs.size()), out.outputs.begin());
}

}  // namespace qml
