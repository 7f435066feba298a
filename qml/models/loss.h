#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qml {

enum class Loss : unsigned char {
  // One output: a logit o with a target t in [0, 1], −t·log σ(o) − (1−t)·log σ(−o).
  // K ≥ 2 outputs: −Σ_k t_k·log softmax(o)_k, the targets probabilities (each in [0, 1], sum 1).
  cross_entropy,
  // 1/K · Σ_k (o_k − t_k)².
  squared,
  // 1/K · Σ_k max(0, 1 − t_k·o_k), targets −1 or 1; the gradient at the kink is 0.
  hinge,
  // 1/K · Σ_k h(o_k − t_k), h(d) = d²/2 up to |d| = 1 and |d| − 1/2 from there on (Huber 1964).
  huber,
  // 1/K · Σ_k of the cross entropy of logit o_k and target t_k in [0, 1]: every output is a label
  // of
  // its own.
  multi_label,
};

// What a loss of a whole batch sees, row by row; targets have any number of columns.
struct LossBatch {
  std::size_t rows = 0;
  std::span<const double> outputs{};
  std::span<const double> targets{};
  std::span<const double> weights{};  // of the samples; none: all 1
};
// A loss of one's own, of a whole batch: its value, and its derivatives by the outputs into
// by_outputs. ValueError ends what runs.
using BatchLossFunction = std::function<double(const LossBatch&, std::span<double> by_outputs)>;

struct OwnLoss {
  BatchLossFunction function{};  // empty: none
  // What files call it: who reads one gives a loss of the same name. Without a name it has no
  // files.
  std::string name{};
};

// The loss of one sample. Writes ∂loss/∂output to gradient; the three sizes are equal. Cross
// entropy and hinge are finite wherever their value is representable, however large the outputs;
// outputs that are not finite give a loss that is not. Throws ValueError, and writes nothing, for
// sizes that differ and targets that the loss is not defined for.
double loss(Loss kind, std::span<const double> outputs, std::span<const double> targets,
            std::span<double> gradient);

// Throws ValueError, naming the sample, for a target that the loss is not defined for; row by row.
void check_targets(Loss kind, std::span<const double> targets, std::size_t n_outputs);

// Whether outputs are logits and targets probabilities; else outputs are compared with targets, of
// classes −1 and 1.
bool of_logits(Loss kind);

// Throws ValueError for an unknown name.
Loss parse_loss(std::string_view name);
std::string_view loss_name(Loss kind);
std::vector<std::string_view> loss_names();

}  // namespace qml
