#pragma once

#include <cstddef>
#include <span>

namespace qml {

// The Jacobian of one sample: values × inputs and values × weights.
struct JacobianRows {
  std::span<double> values;
  std::span<double> inputs;
  std::span<double> weights;

  // The gradient of value k.
  [[nodiscard]] std::span<double> inputs_of(std::size_t k) const { return part(inputs, k); }
  [[nodiscard]] std::span<double> weights_of(std::size_t k) const { return part(weights, k); }

 private:
  [[nodiscard]] std::span<double> part(std::span<double> all, std::size_t k) const {
    const std::size_t size = all.size() / values.size();
    return all.subspan(k * size, size);
  }
};

}  // namespace qml
