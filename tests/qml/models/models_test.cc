#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>

#include "qml/models/classifier.h"
#include "qsim/core/error.h"
#include "qsim/core/file.h"
#include "qsim/core/parallel.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/scratch_path.h"

using Catch::Matchers::Matches;
using qml::Classifier;
using qml::Dataset;
using qml::EstimatorOptions;
using qml::Model;
using qml::Table;
using qml::Trainer;
using reference::Dice;

namespace {

// Clusters around distinct centres, one a class.
struct Clusters {
  std::vector<double> x;
  std::vector<std::int64_t> y;
  std::size_t rows = 0;

  Clusters(int n_classes, std::size_t size, std::uint64_t seed) : rows(size) {
    Dice dice(seed);
    for (std::size_t i = 0; i < size; ++i) {
      const int label = static_cast<int>(i) % n_classes;
      const double angle = 2 * reference::kPi * label / n_classes;
      x.push_back(std::cos(angle) + 0.2 * dice.normal());
      x.push_back(std::sin(angle) + 0.2 * dice.normal());
      y.push_back(10 * label);
    }
  }
  [[nodiscard]] Table table() const { return {rows, 2, x}; }
};

// Two clusters as a trainer takes them.
struct TwoClusters : Clusters {
  std::vector<double> targets;

  explicit TwoClusters(std::size_t size) : Clusters(2, size, 7) {
    std::vector<std::size_t> index;
    for (const auto label : y) index.push_back(label == 0 ? 0 : 1);
    targets = qml::class_targets(index, 2, qml::Loss::cross_entropy);
  }
  [[nodiscard]] Dataset data() const { return {rows, x, targets, {}}; }
};

EstimatorOptions quick_options() {
  EstimatorOptions options;
  options.model.n_layers = 2;
  options.training.optimizer.learning_rate = 0.1;
  options.training.epochs = 30;
  return options;
}

Model small_model() {
  Model model = qml::make_model({.n_layers = 2}, 2, 2);
  model.initialize(3, 1.0);
  return model;
}

}  // namespace

TEST_CASE("A model's loss gradient equals finite differences") {
  const Model model = small_model();
  Dice dice(1);
  std::vector<double> inputs(10);
  for (double& v : inputs) v = dice.uniform(-1, 1);
  const std::vector<double> targets{1, 0, 0, 1, 1, 0, 0, 1, 1, 0};
  const std::vector<double> sample_weights{1, 2, 0, 0.5, 3};
  const Dataset data{5, inputs, targets, sample_weights};
  for (const auto kind : {qml::Loss::cross_entropy, qml::Loss::squared}) {
    std::vector<double> gradient(model.n_parameters());
    const double value = model.loss(kind, data, gradient);
    CHECK(value == Approx(model.loss(kind, data)));
    for (std::size_t k = 0; k < gradient.size(); ++k) {
      constexpr double kStep = 1e-6;
      Model moved = model;
      moved.mutable_parameters()[k] += kStep;
      const double plus = moved.loss(kind, data);
      moved.mutable_parameters()[k] -= 2 * kStep;
      CHECK(gradient[k] == Approx((plus - moved.loss(kind, data)) / (2 * kStep)).margin(1e-8));
    }
  }
}

TEST_CASE("Sample weights count as repetitions") {
  const Model model = small_model();
  const std::vector<double> x{0.1, 0.2, -0.5, 0.4};
  const std::vector<double> y{1, 0, 0, 1};
  const std::vector<double> w{2, 1};
  const std::vector<double> xx{0.1, 0.2, 0.1, 0.2, -0.5, 0.4};
  const std::vector<double> yy{1, 0, 1, 0, 0, 1};
  CHECK(model.loss(qml::Loss::cross_entropy, {2, x, y, w}) ==
        Approx(model.loss(qml::Loss::cross_entropy, {3, xx, yy, {}})));
}

TEST_CASE("A classifier learns two and three classes, survives a file and any number of threads") {
  for (const int n_classes : {2, 3}) {
    const Clusters train(n_classes, 90, 5);
    const Clusters test(n_classes, 60, 6);
    Classifier classifier(quick_options());
    qsim::set_num_threads(1);
    classifier.fit(train.table(), train.y);
    qsim::set_num_threads(2);
    Classifier again(quick_options());
    again.fit(train.table(), train.y);
    qsim::set_num_threads(0);
    CHECK(classifier.score(test.table(), test.y) > 0.93);
    CHECK(classifier.predict_proba(test.table()) == again.predict_proba(test.table()));

    const auto path = reference::scratch_path("ketgrad_models_test.json");
    classifier.save(path.string());
    const Classifier loaded = Classifier::load(path.string());
    CHECK(loaded.predict_proba(test.table()) == classifier.predict_proba(test.table()));
    std::filesystem::remove(path);
    CHECK_THROWS_AS(Classifier::load(path.string()), std::runtime_error);
  }
}

TEST_CASE("Probabilities sum to one for every loss") {
  const std::vector<double> outputs{0.3, -2.0, 900.0, -1.0, 0.0, 1.0};
  for (const auto loss : {qml::Loss::cross_entropy, qml::Loss::squared, qml::Loss::hinge}) {
    for (const std::size_t n_classes : {2U, 3U}) {
      const auto p = qml::class_probabilities(outputs, n_classes, loss);
      for (std::size_t i = 0; i < p.size(); i += n_classes) {
        double sum = 0;
        for (std::size_t k = 0; k < n_classes; ++k) sum += p[i + k];
        CHECK(sum == Approx(1.0));
      }
    }
  }
}

TEST_CASE("A regressor learns a sine") {
  std::vector<double> x;
  std::vector<double> y;
  for (int i = 0; i < 60; ++i) {
    x.push_back(-1.5 + 0.05 * i);
    y.push_back(std::sin(2 * x.back()));
  }
  EstimatorOptions options = quick_options();
  options.training.epochs = 120;
  qml::Regressor regressor(options);
  regressor.fit({60, 1, x}, y);
  const auto predicted = regressor.predict({60, 1, x});
  double error = 0;
  for (std::size_t i = 0; i < y.size(); ++i) error = std::max(error, std::abs(predicted[i] - y[i]));
  CHECK(error < 0.25);
}

TEST_CASE("Training records its history, stops early and obeys its callback") {
  const TwoClusters train(80);
  const Dataset data = train.data();
  qml::TrainOptions options = quick_options().training;
  options.epochs = 200;
  options.stopping = qml::Stopping::plateau;
  options.validation_fraction = 0.25;
  options.patience = 3;
  options.tolerance = 0.01;
  Trainer trainer(qml::make_model({.n_layers = 1}, 2, 1), options);
  trainer.fit(data);
  CHECK(trainer.history().size() < 200);
  CHECK(std::isfinite(trainer.history().back().validation_loss));
  CHECK(trainer.history().back().loss < trainer.history().front().loss);

  Trainer stopped(qml::make_model({.n_layers = 1}, 2, 1), quick_options().training);
  stopped.fit(data, [](const qml::EpochRecord& record) { return record.epoch < 4; });
  CHECK(stopped.history().size() == 4);
  CHECK(stopped.step_epoch(data).epoch == 5);
}

TEST_CASE("A search for a learning rate leaves the trainer as it is") {
  const TwoClusters train(60);
  qml::TrainOptions options = quick_options().training;
  options.batch_size = 16;
  Trainer trainer(qml::make_model({.n_layers = 1}, 2, 1), options);
  trainer.step_epoch(train.data());
  const std::string before = trainer.to_json().dump();
  const qml::RateSweep found = trainer.sweep_rates(train.data());
  CHECK(trainer.to_json().dump() == before);
  REQUIRE(found.rates.size() > 50);
  CHECK(found.losses.size() == found.rates.size());
  CHECK(found.smoothed.size() == found.rates.size());
  CHECK(found.rates.front() == 1e-5);
  CHECK(found.rates[1] / found.rates[0] == Approx(std::pow(1e6, 1.0 / 99)));
  CHECK(found.suggestion > 1e-4);
  CHECK(found.suggestion < 1);
  CHECK_THROWS_AS(trainer.sweep_rates(train.data(), {.lowest = 0.0}), qsim::ValueError);
  CHECK_THROWS_AS(trainer.sweep_rates(train.data(), {.lowest = 1.0, .highest = 0.5}),
                  qsim::ValueError);
  CHECK_THROWS_AS(trainer.sweep_rates(train.data(), {.steps = 1}), qsim::ValueError);
}

TEST_CASE("A loss that stands still ends training by the variance rule") {
  const TwoClusters train(60);
  qml::TrainOptions options = quick_options().training;
  options.batch_size = 12;
  options.epochs = 500;
  options.stopping = qml::Stopping::variance;
  options.patience = 15;
  Trainer trainer(qml::make_model({.n_layers = 1}, 2, 1), options);
  int steps = 0;
  trainer.fit(train.data(), {}, {}, [&](const qml::StepRecord&) { return ++steps > 0; });
  CHECK(trainer.stopped_early());
  CHECK(steps >= 30);
  CHECK(trainer.history().size() < 500);
  CHECK(qml::stopping_name(qml::parse_stopping("variance")) == "variance");
  CHECK_THROWS_AS(qml::parse_stopping("often"), qsim::ValueError);
}

TEST_CASE("A killed and resumed training equals an uninterrupted one to the bit") {
  const TwoClusters train(40);
  const Dataset data = train.data();
  qml::TrainOptions options = quick_options().training;
  options.epochs = 12;
  options.batch_size = 16;
  options.stopping = qml::Stopping::plateau;
  options.validation_fraction = 0.25;
  options.patience = 4;
  const Model model = qml::make_model({.n_layers = 1}, 2, 1);
  Trainer whole(model, options);
  whole.fit(data);

  const std::string path = reference::scratch_path("ketgrad_checkpoint_test.json").string();
  struct Killed {};
  Trainer killed(model, options);
  const auto kill = [](const qml::EpochRecord& record) -> bool {
    if (record.epoch == 5) throw Killed{};
    return true;
  };
  CHECK_THROWS_AS(killed.fit(data, kill, {path, 2}), Killed);
  Trainer resumed = Trainer::from_json(nlohmann::json::parse(qsim::read_file(path)));
  CHECK(resumed.history().size() == 4);

  std::vector<double> others = train.x;
  others[0] += 1e-9;
  CHECK_THROWS_AS(resumed.resume({train.rows, others, train.targets, {}}), qsim::ValueError);
  resumed.resume(data, {}, {path, 2});
  REQUIRE(resumed.history().size() == whole.history().size());
  for (std::size_t k = 0; k < whole.history().size(); ++k) {
    CHECK(resumed.history()[k].loss == whole.history()[k].loss);
  }
  CHECK(std::ranges::equal(resumed.model().parameters(), whole.model().parameters()));
  // What is finished says so, also on disk.
  CHECK_THROWS_AS(resumed.resume(data), qsim::ValueError);
  Trainer finished = Trainer::from_json(nlohmann::json::parse(qsim::read_file(path)));
  CHECK_THROWS_AS(finished.resume(data), qsim::ValueError);
  CHECK(std::ranges::equal(finished.model().parameters(), whole.model().parameters()));
  std::filesystem::remove(path);
  CHECK_THROWS_AS(whole.fit(data, {}, {"/no/such/folder/checkpoint.json", 1}), std::runtime_error);
  CHECK_THROWS_AS(whole.fit(data, {}, {path, 0}), qsim::ValueError);
}

TEST_CASE("Models are restored exactly from JSON") {
  const Model model = small_model();
  const Model restored = Model::from_json(nlohmann::json::parse(model.to_json().dump()));
  CHECK(std::equal(model.parameters().begin(), model.parameters().end(),
                   restored.parameters().begin(), restored.parameters().end()));
  const std::vector<double> x{0.3, 0.4};
  CHECK(model.outputs(x, 1) == restored.outputs(x, 1));
  nlohmann::json broken = model.to_json();
  broken["version"] = 99;
  CHECK_THROWS_AS(Model::from_json(broken), qsim::ValueError);
  CHECK_THROWS_AS(Model::from_json({{"format", "ketgrad.model"}}), qsim::ValueError);
}

TEST_CASE("Training refuses bad data before it changes anything") {
  const Model model = small_model();
  Trainer trainer(model, {});
  const std::vector<double> x{0.1, 0.2};
  const std::vector<double> y{1, 0};
  const std::vector<double> bad_x{0.1, NAN};
  const std::vector<double> bad_w{-1};
  const std::vector<double> zero_w{0};
  using qsim::ValueError;
  CHECK_THROWS_AS(trainer.fit({0, {}, {}, {}}), ValueError);
  CHECK_THROWS_AS(trainer.fit({1, bad_x, y, {}}), ValueError);
  CHECK_THROWS_AS(trainer.fit({1, x, x, {}}), ValueError);  // targets are not probabilities
  CHECK_THROWS_AS(trainer.fit({1, x, y, bad_w}), ValueError);
  CHECK_THROWS_AS(trainer.fit({1, x, y, zero_w}), ValueError);
  CHECK_THROWS_AS(trainer.fit({1, x, y, y}), ValueError);
  CHECK(std::equal(model.parameters().begin(), model.parameters().end(),
                   trainer.model().parameters().begin()));
  CHECK_THROWS_AS(Trainer(model, {.epochs = 0}), ValueError);
  CHECK_THROWS_AS(Trainer(model, {.validation_fraction = 1.0}), ValueError);
  const std::vector<std::int64_t> labels{1, 1};
  Classifier classifier;
  CHECK_THROWS_AS(classifier.fit({2, 1, x}, labels), ValueError);
  CHECK_THROWS_AS(classifier.predict({2, 1, x}), std::logic_error);
  CHECK_THROWS_AS(qml::readout(1, 4), ValueError);
}

TEST_CASE("a loss of one's own is given again to a trainer that was written", "[models][json]") {
  const TwoClusters train(12);
  const auto squares = [](const qml::LossBatch& batch, std::span<double> by_outputs) {
    double sum = 0;
    for (std::size_t i = 0; i < batch.outputs.size(); ++i) {
      by_outputs[i] = 2 * (batch.outputs[i] - batch.targets[i]);
      sum += by_outputs[i] * by_outputs[i] / 4;
    }
    return sum;
  };
  qml::TrainOptions options;
  options.own_loss = {.function = squares, .name = "squares"};
  const Model model = qml::make_model({.n_layers = 1}, 2, 1);
  Trainer trainer(model, options);
  trainer.step_epoch(train.data());
  Trainer again = Trainer::from_json(trainer.to_json(), {}, options.own_loss);
  CHECK(again.step_epoch(train.data()).loss == trainer.step_epoch(train.data()).loss);
  CHECK(std::ranges::equal(again.model().parameters(), trainer.model().parameters()));

  CHECK_THROWS_WITH(Trainer::from_json(trainer.to_json()),
                    Matches(".*a loss of one's own, squares.*"));
  CHECK_THROWS_WITH(Trainer::from_json(trainer.to_json(), {}, {.function = squares, .name = "x"}),
                    Matches(".*the loss squares; this one is x.*"));
  options.own_loss.name.clear();
  CHECK_THROWS_AS(Trainer(model, options).to_json(), qsim::ValueError);
}
