#include "qml/models/layers/activation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "qsim/core/count_work.h"

namespace qml {

using Values = std::span<const double>;

// Both of one row; `back` from the outputs, which tell all that is needed of the inputs.
struct Activation::Row {
  std::string_view name;
  void (*forward)(Values in, std::span<double> out);
  void (*back)(Values out, Values cotangent, std::span<double> by_in);
};

namespace {

template <auto f>
void each(Values in, std::span<double> out) {
  for (std::size_t k = 0; k < in.size(); ++k) out[k] = f(in[k]);
}
template <auto slope>
void each_back(Values out, Values cotangent, std::span<double> by_in) {
  for (std::size_t k = 0; k < out.size(); ++k) by_in[k] = cotangent[k] * slope(out[k]);
}

double tanh_of(double x) { return std::tanh(x); }
double tanh_slope(double y) { return 1 - y * y; }
double relu_of(double x) { return x > 0 || std::isnan(x) ? x : 0.0; }
double relu_slope(double y) { return y > 0 ? 1.0 : 0.0; }
// e^{−|x|} cannot overflow.
double sigmoid_of(double x) {
  const double e = std::exp(-std::abs(x));
  return (x > 0 ? 1 : e) / (1 + e);
}
double sigmoid_slope(double y) { return y * (1 - y); }

void softmax(Values in, std::span<double> out) {
  const double top = *std::ranges::max_element(in);
  double sum = 0;
  for (std::size_t k = 0; k < in.size(); ++k) {
    out[k] = std::exp(in[k] - top);
    sum += out[k];
  }
  for (double& value : out) value /= sum;
}
void softmax_back(Values out, Values cotangent, std::span<double> by_in) {
  const double mean = std::inner_product(out.begin(), out.end(), cotangent.begin(), 0.0);
  for (std::size_t k = 0; k < out.size(); ++k) by_in[k] = out[k] * (cotangent[k] - mean);
}

constexpr std::array kActivations{
    Activation::Row{"tanh", each<tanh_of>, each_back<tanh_slope>},
    Activation::Row{"relu", each<relu_of>, each_back<relu_slope>},
    Activation::Row{"sigmoid", each<sigmoid_of>, each_back<sigmoid_slope>},
    Activation::Row{"softmax", softmax, softmax_back},
};

constexpr std::size_t kValuesOfWork = 4;  // in units of count_work()

const Activation::Row& activation(std::string_view name) {
  std::string names;
  for (const Activation::Row& row : kActivations) {
    if (row.name == name) return row;
    names += qsim::concat(names.empty() ? "" : ", ", row.name);
  }
  qsim::fail("there is no activation '", name, "'; there is ", names);
}

}  // namespace

Activation::Activation(std::string_view name, std::size_t size)
    : row_(&activation(name)), size_(size) {
  qsim::require(size >= 1, "an activation of no values");
}

void Activation::forward(const LayerCall& call, std::span<double> outputs) const {
  for (std::size_t k = 0; k < call.rows; ++k) {
    qsim::count_work(1 + size_ / kValuesOfWork);
    row_->forward(call.inputs.subspan(k * size_, size_), outputs.subspan(k * size_, size_));
  }
}

void Activation::pull(const LayerCall& call, std::span<const double> outputs,
                      std::span<const double> cotangents, std::span<double> by_inputs) const {
  for (std::size_t k = 0; k < call.rows; ++k) {
    qsim::count_work(1 + size_ / kValuesOfWork);
    row_->back(outputs.subspan(k * size_, size_), cotangents.subspan(k * size_, size_),
               by_inputs.subspan(k * size_, size_));
  }
}

void Activation::sum_by_parameters(const LayerCall& /*call*/, std::span<const double> /*outputs*/,
                                   std::span<const double> /*cotangents*/,
                                   std::span<double> /*by_parameters*/) const {}

nlohmann::json Activation::to_json() const {
  return {{"kind", "activation"}, {"name", row_->name}, {"size", size_}};
}

}  // namespace qml
