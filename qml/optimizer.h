#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qml {

struct OptimizerOptions {
  std::string name = "adam";
  double learning_rate = 0.01;  // > 0
  double momentum = 0.9;        // [0, 1), of momentum and nesterov
  double beta1 = 0.9;           // [0, 1), of adam and adamw
  double beta2 = 0.999;         // [0, 1), of adam and adamw
  double epsilon = 1e-8;        // > 0, of rmsprop, adam and adamw
  double decay = 0.9;           // [0, 1), of rmsprop: the memory of the mean square
  double weight_decay = 0.01;   // ≥ 0, of adamw

  bool operator==(const OptimizerOptions&) const = default;
};

// Minimises: every step moves the parameters θ against a gradient g, with η the learning rate times
// the step's factor.
//
//   sgd       θ ← θ − η g
//   momentum  v ← μ v − η g;  θ ← θ + v
//             (Polyak 1964; Sutskever et al. 2013, eqs. 1–2)
//   nesterov  v ← μ v − η g;  θ ← θ + μ v − η g
//             (Sutskever et al. 2013, eqs. 3–4, for the parameters at which their gradient is
//             taken, θ + μ v; Bengio, Boulanger-Lewandowski, Pascanu 2012, arXiv:1212.0901, eq. 7)
//   rmsprop   v ← ρ v + (1−ρ) g²;  θ ← θ − η g / (√v + ε)
//             (Tieleman & Hinton 2012, Coursera lecture 6.5)
//   adam      m ← β₁ m + (1−β₁) g;  v ← β₂ v + (1−β₂) g²;
//             θ ← θ − η · m/(1−β₁ᵗ) / (√(v/(1−β₂ᵗ)) + ε)
//             (Kingma & Ba 2015, arXiv:1412.6980, algorithm 1)
//   adamw     the same with θ ← (1 − η λ) θ first, λ the weight decay
//             (Loshchilov & Hutter 2019, arXiv:1711.05101, algorithm 2, with λ in units of the
//             learning rate as in PyTorch)
class Optimizer {
 public:
  // Throws ValueError for an unknown name and for options out of range, also those that this kind
  // does not use.
  explicit Optimizer(OptimizerOptions options = {});

  // Allocates in the first step only, which fixes the number of parameters. ValueError, and no
  // change, for sizes that do not fit, a gradient that is not finite and a factor that is negative
  // or not finite.
  void step(std::span<double> parameters, std::span<const double> gradient,
            double learning_rate_factor = 1.0);

  [[nodiscard]] const OptimizerOptions& options() const { return options_; }
  [[nodiscard]] std::int64_t steps() const { return steps_; }
  // What the optimizer remembers of each parameter: nothing (sgd), v (momentum, nesterov, rmsprop)
  // or m and v (adam, adamw). Empty vectors before the first step.
  [[nodiscard]] const std::vector<std::vector<double>>& memory() const { return memory_; }

  // Everything, exactly: training goes on from it to the same bits.
  //   {"format": "ketgrad.optimizer", "version": 1, "options": {"name": "adam", …}, "steps": 7,
  //    "memory": [[…], […]]}
  [[nodiscard]] nlohmann::json to_json() const;
  // Throws ValueError that names what is wrong in the document.
  static Optimizer from_json(const nlohmann::json& value);

 private:
  OptimizerOptions options_;
  std::int64_t steps_ = 0;
  std::vector<std::vector<double>> memory_;
};

std::vector<std::string_view> optimizer_names();

}  // namespace qml
