#include "qml/models/layers/scale_shift.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "qsim/core/count_work.h"

namespace qml {

ScaleShift::ScaleShift(std::size_t size, bool scale, bool shift)
    : size_(size), scale_(scale), shift_(shift) {
  qsim::require(size >= 1, "a scale and shift of no values");
  qsim::require(scale || shift, "a scale and shift with neither");
}

std::size_t ScaleShift::n_parameters() const {
  return size_ * ((scale_ ? 1U : 0U) + (shift_ ? 1U : 0U));
}

std::vector<std::string> ScaleShift::parameter_names() const {
  std::vector<std::string> out;
  for (std::size_t k = 0; scale_ && k < size_; ++k) out.push_back(qsim::concat("scale[", k, "]"));
  for (std::size_t k = 0; shift_ && k < size_; ++k) out.push_back(qsim::concat("shift[", k, "]"));
  return out;
}

void ScaleShift::start(std::span<double> parameters) const {
  std::ranges::fill(parameters, 0.0);
  if (scale_) std::ranges::fill(parameters.first(size_), 1.0);
}

void ScaleShift::forward(const LayerCall& call, std::span<double> outputs) const {
  const auto& p = call.parameters;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::size_t k = i % size_;
    if (k == 0) qsim::count_work(1 + size_ / 16);
    const double scaled = scale_ ? p[k] * call.inputs[i] : call.inputs[i];
    outputs[i] = shift_ ? scaled + p[p.size() - size_ + k] : scaled;
  }
}

void ScaleShift::pull(const LayerCall& call, std::span<const double> /*outputs*/,
                      std::span<const double> cotangents, std::span<double> by_inputs) const {
  for (std::size_t i = 0; i < by_inputs.size(); ++i) {
    by_inputs[i] = scale_ ? cotangents[i] * call.parameters[i % size_] : cotangents[i];
  }
}

void ScaleShift::sum_by_parameters(const LayerCall& call, std::span<const double> /*outputs*/,
                                   std::span<const double> cotangents,
                                   std::span<double> by_parameters) const {
  std::ranges::fill(by_parameters, 0.0);
  const auto by_shift = by_parameters.last(size_);
  for (std::size_t i = 0; i < cotangents.size(); ++i) {
    if (scale_) by_parameters[i % size_] += cotangents[i] * call.inputs[i];
    if (shift_) by_shift[i % size_] += cotangents[i];
  }
}

nlohmann::json ScaleShift::to_json() const {
  return {{"kind", "scale_shift"}, {"size", size_}, {"scale", scale_}, {"shift", shift_}};
}

}  // namespace qml
