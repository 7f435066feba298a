#include "qml/models/classifier.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/file.h"
#include "qsim/core/long_vector.h"
#include "qsim/core/memory.h"
#include "qsim/json/json.h"

namespace qml {
namespace {

using qsim::require;

void check(const Table& x) {
  require(x.rows >= 1 && x.columns >= 1, "the data have ", x.rows, " rows and ", x.columns,
          " columns; there must be at least one of each");
  require(x.values.size() == x.rows * x.columns, x.rows, " rows of ", x.columns, " columns are ",
          x.rows * x.columns, " values, got ", x.values.size());
}

std::size_t outputs_of(std::size_t n_classes) { return n_classes == 2 ? 1 : n_classes; }

Trainer make_trainer(const EstimatorOptions& options, const Table& x, std::size_t n_outputs) {
  Model model = make_model(options.model, static_cast<int>(x.columns), static_cast<int>(n_outputs));
  model.initialize(options.training.seed, options.spread);
  return {std::move(model), options.training};
}

double logistic(double x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

const Trainer& fitted(const std::optional<Trainer>& trainer) {
  require<std::logic_error>(trainer.has_value(), "the model is not fitted yet");
  return *trainer;
}

}  // namespace

std::vector<double> class_targets(std::span<const std::size_t> index, std::size_t n_classes,
                                  Loss loss) {
  require(n_classes >= 2, "a classifier has at least 2 classes, not ", n_classes);
  const std::size_t n = outputs_of(n_classes);
  const double off = of_logits(loss) ? 0.0 : -1.0;
  qsim::require_memory(sizeof(double) * static_cast<double>(index.size()) * static_cast<double>(n),
                       qsim::concat("targets of ", index.size(), " samples and ", n, " classes"));
  auto out = qsim::long_vector<double>(index.size() * n);
  for (std::size_t i = 0; i < index.size(); ++i) {
    qsim::count_work(1 + n / 64);
    std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(i * n), n, off);
    require<qsim::IndexError>(index[i] < n_classes, "class ", index[i], " is out of range for ",
                              n_classes, " classes");
    if (n > 1) {
      out[i * n + index[i]] = 1.0;
    } else if (index[i] == 1) {
      out[i] = 1.0;
    }
  }
  return out;
}

std::vector<double> class_probabilities(std::span<const double> outputs, std::size_t n_classes,
                                        Loss loss) {
  require(n_classes >= 2, "a classifier has at least 2 classes, not ", n_classes);
  const double sharpness = of_logits(loss) ? 1.0 : 2.0;
  const std::size_t n = outputs_of(n_classes);
  const std::size_t rows = outputs.size() / n;
  qsim::require_memory(
      sizeof(double) * static_cast<double>(rows) * static_cast<double>(n_classes),
      qsim::concat("probabilities of ", rows, " samples and ", n_classes, " classes"));
  auto out = qsim::long_vector<double>(rows * n_classes);
  for (std::size_t i = 0; i < rows; ++i) {
    qsim::count_work(1 + n);
    const auto o = outputs.subspan(i * n, n);
    const auto p = std::span(out).subspan(i * n_classes, n_classes);
    if (n_classes == 2) {
      p[1] = logistic(sharpness * o[0]);
      p[0] = 1 - p[1];
      continue;
    }
    const double largest = *std::max_element(o.begin(), o.end());
    double sum = 0;
    for (std::size_t k = 0; k < n; ++k) {
      p[k] = loss == Loss::multi_label ? logistic(o[k]) : std::exp(sharpness * (o[k] - largest));
      sum += p[k];
    }
    for (double& value : p) value /= sum;
  }
  return out;
}

void Classifier::fit(const Table& x, std::span<const std::int64_t> labels,
                     const EpochCallback& callback) {
  check(x);
  require(labels.size() == x.rows, "got ", labels.size(), " labels for ", x.rows, " rows");
  std::vector<std::int64_t> classes(labels.begin(), labels.end());
  std::sort(classes.begin(), classes.end());
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  require(classes.size() >= 2, "the labels have only one class, ", classes.front());
  std::vector<std::size_t> index;
  for (const std::int64_t label : labels) {
    const auto place = std::lower_bound(classes.begin(), classes.end(), label);
    index.push_back(static_cast<std::size_t>(place - classes.begin()));
  }
  const auto targets = class_targets(index, classes.size(), options_.training.loss);
  Trainer trainer = make_trainer(options_, x, outputs_of(classes.size()));
  trainer.fit({x.rows, x.values, targets, {}}, callback);
  classes_ = std::move(classes);
  trainer_ = std::move(trainer);
}

const Trainer& Classifier::trainer() const { return fitted(trainer_); }

std::vector<double> Classifier::outputs(const Table& x) const {
  check(x);
  const Model& model = fitted(trainer_).model();
  require(x.columns == model.n_inputs(), "the model was fitted to ", model.n_inputs(),
          " features, got ", x.columns);
  return model.outputs(x.values, x.rows);
}

std::vector<double> Classifier::predict_proba(const Table& x) const {
  return class_probabilities(outputs(x), classes_.size(), options_.training.loss);
}

std::vector<std::int64_t> Classifier::predict(const Table& x) const {
  const std::vector<double> p = predict_proba(x);
  std::vector<std::int64_t> out;
  const auto n = static_cast<std::ptrdiff_t>(classes_.size());
  for (auto row = p.begin(); row != p.end(); row += n) {
    out.push_back(classes_[static_cast<std::size_t>(std::max_element(row, row + n) - row)]);
  }
  return out;
}

double Classifier::score(const Table& x, std::span<const std::int64_t> labels) const {
  require(labels.size() == x.rows, "got ", labels.size(), " labels for ", x.rows, " rows");
  const auto predicted = predict(x);
  std::size_t right = 0;
  for (std::size_t i = 0; i < x.rows; ++i)
    right += static_cast<std::size_t>(predicted[i] == labels[i]);
  return static_cast<double>(right) / static_cast<double>(x.rows);
}

void Classifier::save(const std::string& path) const {
  const nlohmann::json document{{"format", "ketgrad.classifier"},
                                {"version", 1},
                                {"classes", classes_},
                                {"loss", loss_name(options_.training.loss)},
                                {"model", fitted(trainer_).model().to_json()}};
  qsim::write_file(path, document.dump(1) + '\n');
}

Classifier Classifier::load(const std::string& path) {
  const std::string text = qsim::read_file(path);
  try {
    const auto document = nlohmann::json::parse(text);
    require(document.at("format") == "ketgrad.classifier" && document.at("version") == 1, path,
            " is not a ketgrad classifier of version 1");
    Classifier out;
    out.options_.training.loss = parse_loss(document.at("loss").get<std::string>());
    out.classes_ = document.at("classes").get<std::vector<std::int64_t>>();
    out.trainer_.emplace(Model::from_json(document.at("model")), out.options_.training);
    require(out.classes_.size() >= 2 &&
                outputs_of(out.classes_.size()) == out.trainer_->model().n_outputs(),
            path, ": ", out.classes_.size(), " classes do not fit a model with ",
            out.trainer_->model().n_outputs(), " output(s)");
    return out;
  } catch (const nlohmann::json::exception& error) {
    qsim::fail(path, " cannot be read: ", qsim::reason(error));
  }
}

Regressor::Regressor(EstimatorOptions options) : options_(std::move(options)) {
  options_.training.loss = Loss::squared;
}

void Regressor::fit(const Table& x, std::span<const double> targets,
                    const EpochCallback& callback) {
  check(x);
  require(targets.size() == x.rows, "got ", targets.size(), " targets for ", x.rows, " rows");
  Trainer trainer = make_trainer(options_, x, 1);
  trainer.fit({x.rows, x.values, targets, {}}, callback);
  trainer_ = std::move(trainer);
}

const Trainer& Regressor::trainer() const { return fitted(trainer_); }

std::vector<double> Regressor::predict(const Table& x) const {
  check(x);
  const Model& model = fitted(trainer_).model();
  require(x.columns == model.n_inputs(), "the model was fitted to ", model.n_inputs(),
          " features, got ", x.columns);
  return model.outputs(x.values, x.rows);
}

}  // namespace qml
