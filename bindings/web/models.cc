#include "bindings/web/models.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "bindings/web/estimator.h"
#include "qsim/core/error.h"
#include "qsim/drawing/svg_drawing.h"

namespace web {
namespace {

std::unique_ptr<Estimator> opened;

const Estimator& estimator() {
  qsim::require(opened != nullptr, "no model is open");
  return *opened;
}

std::vector<double> numbers(const Json& row, std::size_t n) {
  auto out = row.get<std::vector<double>>();
  qsim::require(out.size() == n, "the model has ", n, " features, got ", out.size());
  for (std::size_t k = 0; k < n; ++k) {
    qsim::require(std::isfinite(out[k]), "feature ", k, " is ", out[k], "; it must be finite");
  }
  return out;
}

}  // namespace

Json open_model(const Json& request) {
  opened = std::make_unique<Estimator>(request.at("document"));
  Json out = opened->described();
  const qml::CircuitLayer* circuit = opened->circuit();
  out["circuit"] = circuit == nullptr ? Json() : Json(qsim::draw_svg(circuit->circuit()));
  out["n_qubits"] = circuit == nullptr ? Json() : Json(circuit->circuit().n_qubits());
  return out;
}

Json predict(const Json& request) {
  const Estimator& model = estimator();
  Json out{{"predictions", Json::array()}, {"outputs", Json::array()}};
  if (model.has_probabilities()) out["probabilities"] = Json::array();
  for (const Json& row : request.at("rows")) {
    const std::vector<double> outputs = model.outputs(numbers(row, model.n_features()));
    out["predictions"].push_back(model.prediction(outputs));
    if (model.has_probabilities()) {
      out["probabilities"].push_back(model.probabilities(outputs));
    }
    out["outputs"].push_back(outputs);
  }
  return out;
}

Json model_state(const Json& request) {
  const Estimator& model = estimator();
  const qml::CircuitLayer* circuit = model.circuit();
  qsim::require(circuit != nullptr, "the model has no circuit of its own to show the state of");
  const auto row = numbers(request.at("row"), model.n_features());
  return state_of(circuit->circuit(), model.circuit_values(row));
}

}  // namespace web
