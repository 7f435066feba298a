#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "qml/models/presets.h"
#include "qml/models/trainer.h"

namespace qml {

struct EstimatorOptions {
  ModelOptions model{};
  TrainOptions training{};
  double spread = 0.5;  // of the first weights
};

// Rows of features.
struct Table {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::span<const double> values{};  // rows × columns
};

// A variational classifier of integer labels: two classes share one output, K > 2 have one each.
//
//   qml::Classifier classifier;
//   classifier.fit({rows, columns, X}, y);
//   std::vector<std::int64_t> labels = classifier.predict({rows, columns, X});
class Classifier {
 public:
  explicit Classifier(EstimatorOptions options = {}) : options_(std::move(options)) {}

  void fit(const Table& x, std::span<const std::int64_t> labels,
           const EpochCallback& callback = {});
  [[nodiscard]] std::vector<double> predict_proba(const Table& x) const;  // rows × classes
  [[nodiscard]] std::vector<std::int64_t> predict(const Table& x) const;
  [[nodiscard]] double score(const Table& x, std::span<const std::int64_t> labels) const;

  [[nodiscard]] const std::vector<std::int64_t>& classes() const { return classes_; }
  // Throws std::logic_error before fit.
  [[nodiscard]] const Trainer& trainer() const;

  void save(const std::string& path) const;
  static Classifier load(const std::string& path);

 private:
  [[nodiscard]] std::vector<double> outputs(const Table& x) const;

  EstimatorOptions options_;
  std::vector<std::int64_t> classes_;  // ascending
  std::optional<Trainer> trainer_;
};

// A variational regressor of one real target.
class Regressor {
 public:
  explicit Regressor(EstimatorOptions options = {});

  void fit(const Table& x, std::span<const double> targets, const EpochCallback& callback = {});
  [[nodiscard]] std::vector<double> predict(const Table& x) const;
  [[nodiscard]] const Trainer& trainer() const;

 private:
  EstimatorOptions options_;
  std::optional<Trainer> trainer_;
};

// Targets for a classifier's loss, rows × outputs: probabilities for cross entropy, ±1 otherwise.
// `index` is the class of each row, 0 … n_classes−1; two classes have one output, K > 2 have K.
std::vector<double> class_targets(std::span<const std::size_t> index, std::size_t n_classes,
                                  Loss loss);

// Probabilities, rows × classes, from a classifier's outputs: the logistic function and softmax of
// cross entropy; for the other losses, whose outputs estimate ±1, of twice the output.
std::vector<double> class_probabilities(std::span<const double> outputs, std::size_t n_classes,
                                        Loss loss);

}  // namespace qml
