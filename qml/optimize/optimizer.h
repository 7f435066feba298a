#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qml/optimize/objective.h"

namespace qml {

struct OptimizerOptions {
  std::string name = "adam";
  double learning_rate = 0.01;  // > 0
  double momentum = 0.9;        // [0, 1), of momentum and nesterov
  double beta1 = 0.9;           // [0, 1), of adam and adamw
  double beta2 = 0.999;         // [0, 1), of adam and adamw
  double epsilon = 1e-8;        // > 0, of rmsprop, adam and adamw
  double decay = 0.9;           // [0, 1), of rmsprop: the memory of the mean square
  // ≥ 0, of rules that need gradients alone; none: 0.01 of adamw, 0 of all others.
  std::optional<double> weight_decay{};
  bool amsgrad = false;          // of adam and adamw
  double perturbation = 0.1;     // > 0, of spsa and qnspsa: c
  double alpha = 0.602;          // ≥ 0, of spsa: how fast its steps become shorter
  double gamma = 0.101;          // ≥ 0, of spsa and qnspsa: how fast the perturbation does
  double stability = 0.0;        // ≥ 0, of spsa: A
  double regularization = 1e-3;  // > 0, of qng and qnspsa: λ, added to the metric
  int resamplings = 1;           // ≥ 1, of spsa and qnspsa: estimates that are averaged
  std::uint64_t seed = 0;        // of spsa and qnspsa
  MetricApprox metric = MetricApprox::kFull;  // of qng
  // By what the learning rate of each parameter is multiplied, ≥ 0, 0 to hold it; none: by 1. Of
  // rules that need gradients alone.
  std::vector<double> rates{};

  bool operator==(const OptimizerOptions&) const = default;
};

// What a rule has to be given.
enum class Demand : unsigned char {
  kGradient,     // a gradient
  kLoss,         // an objective with values, gradients and a metric tensor
  kExpectation,  // one that has fidelities and frequencies too
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
//   amsgrad   an option of both: v̂ ← max(v̂, v) stands for v in their steps
//             (Reddi, Kale, Kumar 2018, arXiv:1904.09237, algorithm 2)
//   All but adamw take a weight decay λ as part of the gradient: g + λ θ for g (L2 regularisation).
//   qng       θ ← θ − η (g(θ) + λ 1)⁻¹ ∇f, with the metric tensor g
//             (Stokes, Izaac, Killoran, Carleo 2020, arXiv:1909.02108)
//   spsa      θ ← θ − a ∇̂f, a = η/(A+t)^α/s; ∇̂f = δ (f(θ+cδ) − f(θ−cδ))/2c, δ of random signs,
//             c = perturbation/t^γ, averaged over resamplings
//             (Spall 1998, Johns Hopkins APL Technical Digest 19, 482); s is the mean |∇̂f| over
//             16 directions before the first step, so that η is how far that moves each parameter
//             (the calibration of Kandala et al. 2017, arXiv:1704.05018, supplement)
//   qnspsa    θ ← θ − η (√(ḡ²) + λ 1)⁻¹ ∇̂f, ḡ the running mean, from 1, of estimates of g from four
//             fidelities each (Gacon, Zoufal, Carleo, Woerner 2021, arXiv:2103.09232, sec. 3)
//   rotosolve every parameter in turn to the lowest point of f as a function of it, a Fourier
//   series
//             of known frequencies that is fitted to f (Ostaszewski, Grant, Benedetti 2021,
//             arXiv:1905.09692; Wierichs et al. 2022, arXiv:2107.12390, for any frequencies). Only
//             for expectation values, and only where every angle is linear in each parameter. Takes
//             no η.
//   l-bfgs    a step along −H ∇f that meets the strong Wolfe conditions, H from the last 10 steps
//             (Nocedal & Wright 2006, algorithms 7.4 and 3.5). Takes no η; meant for exact
//             gradients of one and the same function, so no mini-batches and no shots.
class Optimizer {
 public:
  // Throws ValueError for an unknown name and for options out of range, also those that this kind
  // does not use (require_option tells).
  explicit Optimizer(OptimizerOptions options = {});

  // Allocates in the first step only, which fixes the number of parameters. ValueError, and no
  // change, for sizes that do not fit, a gradient that is not finite, a factor that is negative
  // or not finite and a step that leads to numbers that are not finite.
  void step(std::span<double> parameters, std::span<const double> gradient,
            double learning_rate_factor = 1.0);
  // The same for rules that need more, and for all: asks the objective. Returns its value where the
  // step began, or of spsa and qnspsa the mean of values near it. An exception changes nothing.
  double step(std::span<double> parameters, Objective& objective,
              double learning_rate_factor = 1.0);

  [[nodiscard]] const OptimizerOptions& options() const { return options_; }
  [[nodiscard]] std::int64_t steps() const { return steps_; }
  // What the optimizer remembers: nothing (sgd), of each parameter v (momentum, nesterov, rmsprop)
  // or m, v and, where asked for, v̂ (adam, adamw), s (spsa), ḡ (qnspsa, P² numbers) or steps and
  // changes of gradients (l-bfgs). Empty vectors before the first step.
  [[nodiscard]] const std::vector<std::vector<double>>& memory() const { return memory_; }

  // Whether it has not begun, or with this number of parameters.
  [[nodiscard]] bool fits(std::size_t n_parameters) const;

  // Everything, exactly: training goes on from it to the same bits.
  //   {"format": "ketgrad.optimizer", "version": 2, "options": {"name": "adam", …}, "steps": 7,
  //    "memory": [[…], […]]}
  [[nodiscard]] nlohmann::json to_json() const;
  // Throws ValueError that names what is wrong in the document. Reads version 1 too.
  static Optimizer from_json(const nlohmann::json& value);

 private:
  void check_step(std::size_t n_parameters, double learning_rate_factor) const;
  // Takes a step, of steps_, and undoes it where it leads to numbers that are not finite.
  double undoable(std::span<double> parameters, const std::function<double()>& step);
  // The gradient with the weight decay, of the rules that take it so.
  std::span<const double> decayed(std::span<const double> parameters,
                                  std::span<const double> gradient);

  OptimizerOptions options_;
  std::int64_t steps_ = 0;
  std::vector<std::vector<double>> memory_;
  std::vector<double> gradient_;                    // scratch
  std::vector<double> decayed_;                     // scratch: the gradient with the weight decay
  std::vector<double> before_;                      // scratch: parameters
  std::vector<std::vector<double>> memory_before_;  // scratch
};

// Options with which an optimizer usually finds the lowest value of a circuit of a few qubits;
// ValueError for unknown names.
OptimizerOptions usual_options(std::string_view name);
// What the optimizer of a name needs; ValueError for unknown names, listing those that need no more
// than `most`.
Demand optimizer_needs(std::string_view name, Demand most = Demand::kExpectation);
// Throws ValueError, naming the optimizers that have it, where one has no option of that name.
void require_option(std::string_view optimizer, std::string_view option);
// Names of the optimizers that need no more than `most`.
std::vector<std::string_view> optimizer_names(Demand most = Demand::kExpectation);

}  // namespace qml
