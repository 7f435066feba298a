#include "qml/models/layers/patches.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "qsim/core/count_work.h"
#include "qsim/core/memory.h"

namespace qml {
namespace {

// Where windows of a size begin along an axis.
std::vector<std::size_t> beginnings(std::size_t length, std::size_t size, std::size_t stride) {
  qsim::require(size >= 1 && size <= length, "a window of ", size, " does not fit an axis of ",
                length);
  qsim::require(stride >= 1, "the stride is ", stride, "; it must be at least 1");
  qsim::require_memory(
      static_cast<double>(length - size) / static_cast<double>(stride) * sizeof(std::size_t),
      "the windows along an axis");
  std::vector<std::size_t> out;
  for (std::size_t at = 0; at + size <= length; at += stride) {
    qsim::count_work();
    out.push_back(at);
  }
  return out;
}

}  // namespace

Windows series_windows(std::size_t length, std::size_t channels, std::size_t size,
                       std::size_t stride) {
  return image_windows(1, length, channels, size, stride);
}

Windows image_windows(std::size_t height, std::size_t width, std::size_t channels, std::size_t size,
                      std::size_t stride) {
  qsim::require(channels >= 1, "there must be at least one channel");
  const std::size_t high = std::min(size, height);  // a series is an image of height 1
  const auto tops = beginnings(height, height == 1 ? high : size, stride);
  const auto lefts = beginnings(width, size, stride);
  qsim::require_memory(static_cast<double>(tops.size()) * static_cast<double>(lefts.size()) *
                           static_cast<double>(high * size * channels + 3) * sizeof(std::size_t),
                       "the windows of an image");
  Windows out;
  out.reserve(tops.size() * lefts.size());
  for (const std::size_t top : tops) {
    for (const std::size_t left : lefts) {
      qsim::count_work(1 + high * size * channels / 8);
      auto& window = out.emplace_back();
      window.reserve(high * size * channels);
      for (std::size_t y = top; y < top + high; ++y) {
        for (std::size_t k = 0; k < size * channels; ++k) {
          window.push_back((y * width + left) * channels + k);
        }
      }
    }
  }
  return out;
}

Patches::Patches(LayerPtr layer, std::size_t n_inputs, Windows windows, bool shared)
    : layer_(std::move(layer)), n_inputs_(n_inputs), windows_(std::move(windows)), shared_(shared) {
  qsim::require(!windows_.empty(), "there are no windows");
  for (std::size_t k = 0; k < windows_.size(); ++k) {
    qsim::require(windows_[k].size() == layer_->n_inputs(), "window ", k, " has ",
                  windows_[k].size(), " values and the layer ", layer_->n_inputs(), " inputs");
    for (const std::size_t at : windows_[k]) {
      qsim::require<qsim::IndexError>(at < n_inputs_, "window ", k, " has input ", at,
                                      ", outside [0, ", n_inputs_, ")");
    }
  }
}

std::size_t Patches::n_parameters() const { return n_groups() * layer_->n_parameters(); }

std::vector<std::string> Patches::parameter_names() const {
  if (shared_) return layer_->parameter_names();
  std::vector<std::string> out;
  out.reserve(n_parameters());
  for (std::size_t k = 0; k < windows_.size(); ++k) add_numbered(k, *layer_, out);
  return out;
}

template <class T>
std::span<T> Patches::of_group(std::size_t group, std::span<T> parameters) const {
  if (parameters.empty()) return {};
  return parameters.subspan(group * layer_->n_parameters(), layer_->n_parameters());
}

void Patches::start(std::span<double> parameters) const {
  for (std::size_t k = 0; k < n_groups(); ++k) layer_->start(of_group(k, parameters));
}

void Patches::initialize(std::span<double> parameters, qsim::Random& random, double spread) const {
  for (std::size_t k = 0; k < n_groups(); ++k) {
    layer_->initialize(of_group(k, parameters), random, spread);
  }
}

void Patches::check(const LayerCall& call) const {
  for (std::size_t k = 0; k < n_groups(); ++k) {
    layer_->check({call.rows * windows_of_group(), gather(call, k), of_group(k, call.parameters)});
  }
}

// The inputs of a group's windows, those of a row together.
std::vector<double> Patches::gather(const LayerCall& call, std::size_t group) const {
  std::vector<double> out;
  out.reserve(call.rows * windows_of_group() * layer_->n_inputs());
  for (std::size_t row = 0; row < call.rows; ++row) {
    qsim::count_work(1 + windows_of_group());
    const auto values = call.inputs.subspan(row * n_inputs_, n_inputs_);
    for (std::size_t k = 0; k < windows_of_group(); ++k) {
      for (const std::size_t at : windows_[group + k]) out.push_back(values[at]);
    }
  }
  return out;
}

void Patches::scatter(std::span<const double> by_windows, std::size_t group, std::size_t rows,
                      std::span<double> by_inputs) const {
  auto from = by_windows.begin();
  for (std::size_t row = 0; row < rows; ++row) {
    qsim::count_work(1 + windows_of_group());
    const auto values = by_inputs.subspan(row * n_inputs_, n_inputs_);
    for (std::size_t k = 0; k < windows_of_group(); ++k) {
      for (const std::size_t at : windows_[group + k]) values[at] += *from++;
    }
  }
}

void Patches::forward(const LayerCall& call, std::span<double> outputs) const {
  const std::size_t width = windows_of_group() * layer_->n_outputs();
  std::vector<double> of_one(call.rows * width);
  for (std::size_t k = 0; k < n_groups(); ++k) {
    layer_->forward(
        {call.rows * windows_of_group(), gather(call, k), of_group(k, call.parameters), call.first},
        of_one);
    for (std::size_t row = 0; row < call.rows; ++row) {
      std::ranges::copy(std::span(of_one).subspan(row * width, width),
                        outputs.subspan(row * n_outputs() + k * width).begin());
    }
  }
}

// A row's windows may be in different slices of the layer's rows: cotangents, which depend on all
// of a row's outputs, are asked for when all are there. Where windows share the parameters that is
// one run of the layer, whose outputs lie as those of the rows do.
void Patches::vjp(const LayerCall& call, const CotangentsOf& cotangents_of,
                  const LayerGradients& out, Asking /*asking*/) const {
  std::ranges::fill(out.by_inputs, 0.0);
  if (shared_) {
    const auto of_rows = [&](std::size_t /*first*/, std::size_t /*count*/,
                             std::span<const double> outputs, std::span<double> cotangents) {
      cotangents_of(0, call.rows, outputs, cotangents);
    };
    return group_vjp(call, 0, std::cref(of_rows), out, out.outputs);
  }
  std::vector<double> outputs(call.rows * n_outputs());
  std::vector<double> cotangents(outputs.size());
  forward(call, outputs);
  cotangents_of(0, call.rows, outputs, cotangents);
  const std::size_t width = layer_->n_outputs();
  std::vector<double> of_one(call.rows * width);
  for (std::size_t k = 0; k < n_groups(); ++k) {
    for (std::size_t row = 0; row < call.rows; ++row) {
      std::ranges::copy(std::span(cotangents).subspan(row * n_outputs() + k * width, width),
                        std::span(of_one).subspan(row * width).begin());
    }
    group_vjp(call, k, known_cotangents(of_one, width), out, {});
  }
  std::ranges::copy(std::span(outputs).first(out.outputs.size()), out.outputs.begin());
}

void Patches::group_vjp(const LayerCall& call, std::size_t group, const CotangentsOf& cotangents_of,
                        const LayerGradients& out, std::span<double> outputs) const {
  const std::vector<double> inputs = gather(call, group);
  std::vector<double> by_windows(out.by_inputs.empty() ? 0 : inputs.size());
  layer_->vjp(
      {call.rows * windows_of_group(), inputs, of_group(group, call.parameters), call.first},
      cotangents_of,
      {.outputs = outputs,
       .by_inputs = by_windows,
       .by_parameters = of_group(group, out.by_parameters)},
      Asking::kAllAtOnce);
  if (!by_windows.empty()) scatter(by_windows, group, call.rows, out.by_inputs);
}

nlohmann::json Patches::to_json() const {
  return {{"kind", "patches"},
          {"layer", layer_->to_json()},
          {"n_inputs", n_inputs_},
          {"windows", windows_},
          {"shared", shared_}};
}

}  // namespace qml
