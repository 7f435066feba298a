#include "qml/models/batch_loss.h"

#include <algorithm>
#include <cmath>

#include "qml/derivatives/metric_tensor.h"
#include "qsim/core/error.h"

namespace qml {

double shared_loss(const Model& model, Loss loss, const Dataset& data, Ranks& ranks,
                   std::span<double> gradient) {
  const double total = weight_of(data);
  const auto sums = sum_over_blocks(ranks, data, 1 + gradient.size(),
                                    [&](const Dataset& block, std::span<double> out) {
                                      const double share = weight_of(block) / total;
                                      if (share == 0) return;
                                      out[0] = share * model.loss(loss, block, out.subspan(1));
                                      for (double& g : out.subspan(1)) g *= share;
                                    });
  std::copy(sums.begin() + 1, sums.end(), gradient.begin());
  return sums.front();
}

// What body returns with the model at some parameters, which may be its own.
template <class Body>
double BatchLoss::at(std::span<const double> parameters, const Body& body) {
  const std::span<double> own = model_.mutable_parameters();
  if (own.data() == parameters.data()) return body();
  const std::vector<double> before(own.begin(), own.end());
  std::ranges::copy(parameters, own.begin());
  try {
    const double out = body();
    std::ranges::copy(before, own.begin());
    return out;
  } catch (...) {
    std::ranges::copy(before, own.begin());
    throw;
  }
}

double BatchLoss::loss(std::span<double> gradient) const {
  if (ranks_ != nullptr) return shared_loss(model_, loss_, data_, *ranks_, gradient);
  return of_batch_ ? model_.loss(of_batch_, data_, gradient) : model_.loss(loss_, data_, gradient);
}

std::vector<double> BatchLoss::values(std::span<const double> rows, std::size_t count) {
  const std::size_t n = model_.n_parameters();
  require_rows(rows.size(), n, count);
  std::vector<double> out;
  for (std::size_t k = 0; k < count; ++k) {
    out.push_back(at(rows.subspan(k * n, n), [&] { return loss(); }));
  }
  return out;
}

double BatchLoss::gradient(std::span<const double> parameters, std::span<double> gradient) {
  const double value = at(parameters, [&] { return loss(gradient); });
  qsim::require(std::isfinite(value), "the loss of a mini-batch is ", value,
                "; the parameters are those before its step");
  double largest = 0;  // by which all are divided, so that no square overflows
  for (const double g : gradient) largest = std::max(largest, std::abs(g));
  double squares = 0;
  for (const double g : gradient) squares += largest > 0 ? (g / largest) * (g / largest) : 0;
  gradient_norm_ = largest * std::sqrt(squares);
  if (gradient_norm_ > max_norm_) {
    for (double& g : gradient) g *= max_norm_ / gradient_norm_;
  }
  return value;
}

std::vector<double> BatchLoss::mean_metric(std::span<const double> weights,
                                           MetricApprox approx) const {
  const auto mean = [&](const Dataset& data) {
    const Batch batch{.size = data.size, .inputs = data.inputs, .weights = weights};
    const auto& program = model_.program();
    return mean_rows(model_.single_precision()
                         ? metric_tensor<float>(program, batch, Wrt::kWeights, approx)
                         : metric_tensor<double>(program, batch, Wrt::kWeights, approx),
                     data.size);
  };
  if (ranks_ == nullptr) return mean(data_);
  const auto of_block = [&](const Dataset& block, std::span<double> out) {
    std::ranges::copy(mean(block), out.begin());
    const double share = static_cast<double>(block.size) / static_cast<double>(data_.size);
    for (double& g : out) g *= share;
  };
  return sum_over_blocks(*ranks_, data_, weights.size() * weights.size(), of_block);
}

std::vector<double> BatchLoss::metric(std::span<const double> parameters, MetricApprox approx) {
  const std::size_t n = model_.n_parameters();
  const std::size_t n_weights = model_.program().weights.size();
  const auto mean = mean_metric(parameters.first(n_weights), approx);
  std::vector<double> out(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    if (i >= n_weights) out[i * n + i] = 1.0;
    for (std::size_t j = 0; i < n_weights && j < n_weights; ++j) {
      out[i * n + j] = mean[i * n_weights + j];
    }
  }
  return out;
}

}  // namespace qml
