#include "qml/models/ranks.h"

#include <barrier>
#include <cmath>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "qml/models/layers/chain.h"
#include "qml/models/layers/circuit_layer.h"
#include "qml/models/layers/scale_shift.h"
#include "qml/models/presets.h"
#include "qml/models/trainer.h"
#include "qsim/core/error.h"
#include "qsim/core/random.h"
#include "tests/catch.h"

namespace {

using qml::Trainer;
using qml::TrainOptions;

// Threads that stand for processes.
class Meeting {
 public:
  explicit Meeting(std::size_t size) : parts_(size), barrier_(static_cast<std::ptrdiff_t>(size)) {}

  std::vector<double> gather(std::size_t rank, std::span<const double> own) {
    parts_[rank].assign(own.begin(), own.end());
    barrier_.arrive_and_wait();
    std::vector<double> all;
    for (const auto& part : parts_) all.insert(all.end(), part.begin(), part.end());
    barrier_.arrive_and_wait();
    return all;
  }
  [[nodiscard]] std::size_t size() const { return parts_.size(); }

 private:
  std::vector<std::vector<double>> parts_;
  std::barrier<> barrier_;
};

class ThreadRanks : public qml::Ranks {
 public:
  ThreadRanks(Meeting& meeting, std::size_t rank) : meeting_(meeting), rank_(rank) {}
  [[nodiscard]] std::size_t rank() const override { return rank_; }
  [[nodiscard]] std::size_t size() const override { return meeting_.size(); }
  std::vector<double> gather(std::span<const double> own) override {
    return meeting_.gather(rank_, own);
  }

 private:
  Meeting& meeting_;
  std::size_t rank_;
};

// body(ranks) on so many; what each threw, or nothing.
std::vector<std::string> on_ranks(std::size_t size,
                                  const std::function<void(const qml::RanksPtr&)>& body) {
  Meeting meeting(size);
  std::vector<std::string> errors(size);
  std::vector<std::jthread> threads;
  for (std::size_t rank = 0; rank < size; ++rank) {
    threads.emplace_back([&, rank] {
      try {
        body(std::make_shared<ThreadRanks>(meeting, rank));
      } catch (const std::exception& error) {
        errors[rank] = error.what();
      }
    });
  }
  threads.clear();
  return errors;
}

struct Samples {
  std::vector<double> inputs;
  std::vector<double> targets;
  std::vector<double> weights;

  explicit Samples(std::size_t size, bool weighted = false) {
    qsim::Random random(7);
    for (std::size_t k = 0; k < size; ++k) {
      inputs.push_back(2 * random.uniform() - 1);
      inputs.push_back(2 * random.uniform() - 1);
      targets.push_back(std::sin(inputs[2 * k]) * inputs[2 * k + 1]);
      if (weighted) weights.push_back(k < size / 2 ? 0.0 : random.uniform());
    }
  }
  [[nodiscard]] qml::Dataset view() const { return {targets.size(), inputs, targets, weights}; }
};

qml::Model model_of_two() {
  qml::Model out = qml::make_model({.n_layers = 2}, 2, 1);
  out.initialize(3, 0.5);
  return out;
}

TrainOptions options_of(std::string_view optimizer) {
  TrainOptions out{.loss = qml::Loss::squared, .epochs = 3, .batch_size = 50, .seed = 5};
  out.optimizer.name = optimizer;
  out.optimizer.learning_rate = 0.05;
  return out;
}

std::vector<double> trained(TrainOptions options, const Samples& samples,
                            const qml::RanksPtr& ranks) {
  options.ranks = ranks;
  Trainer trainer(model_of_two(), std::move(options));
  trainer.fit(samples.view());
  const auto p = trainer.model().parameters();
  std::vector<double> out(p.begin(), p.end());
  for (const auto& record : trainer.history()) {
    out.push_back(record.loss);
    if (!std::isnan(record.validation_loss)) out.push_back(record.validation_loss);
  }
  return out;
}

void check_ranks(const TrainOptions& options, const Samples& samples) {
  const std::vector<double> alone = trained(options, samples, nullptr);
  std::vector<double> one;
  for (const std::size_t size : {1U, 2U, 3U, 8U}) {
    std::mutex mutex;
    const auto errors = on_ranks(size, [&](const qml::RanksPtr& ranks) {
      const auto found = trained(options, samples, ranks);
      const std::lock_guard lock(mutex);
      if (one.empty()) one = found;
      CHECK(found == one);
    });
    for (const std::string& error : errors) CHECK(error.empty());
  }
  REQUIRE(one.size() == alone.size());
  for (std::size_t k = 0; k < one.size(); ++k) CHECK(std::abs(one[k] - alone[k]) < 1e-9);
}

}  // namespace

TEST_CASE("rows are cut into blocks by their number alone", "[ranks]") {
  for (const std::size_t n : {1U, 7U, 8U, 9U, 15U, 16U, 17U, 100U, 512U, 513U, 1000U, 5000U}) {
    const qml::RowBlocks blocks(n);
    CHECK(blocks.count >= 1);
    CHECK(blocks.count <= 64);
    CHECK(blocks.begin(0) == 0);
    CHECK(blocks.end(blocks.count - 1) == n);
    for (std::size_t b = 0; b < blocks.count; ++b) {
      CHECK(blocks.end(b) - blocks.begin(b) >= std::min<std::size_t>(n, 8));
      if (b + 1 < blocks.count) CHECK(blocks.end(b) == blocks.begin(b + 1));
    }
  }
  CHECK(qml::RowBlocks(512).count == 64);
  CHECK(qml::RowBlocks(17).count == 2);
}

TEST_CASE("blocks of equal rows draw other shots", "[ranks]") {
  const qsim::Circuit circuit = qsim::Circuit(1).ry(qsim::Parameter("x"), 0);
  const qsim::ProgramSource source{
      .circuit = circuit, .observables = {qsim::PauliSum::parse("Z")}, .inputs = {"x"}};
  const auto layer = std::make_shared<qml::CircuitLayer>(source, qml::Readout{.shots = 100});
  const qml::Model model{std::make_shared<qml::Chain>(
      std::vector<qml::LayerPtr>{layer, std::make_shared<qml::ScaleShift>(1)})};
  const std::vector<double> inputs(24, 1.3);
  const std::vector<double> targets(24, 0.0);
  const qml::Dataset all{.size = 24, .inputs = inputs, .targets = targets};
  const auto loss_of = [&](std::size_t begin, std::size_t end) {
    return model.loss(qml::Loss::squared, qml::part_of(all, begin, end));
  };
  CHECK(loss_of(0, 8) != loss_of(8, 16));
  CHECK(loss_of(8, 16) != loss_of(16, 24));
  CHECK(loss_of(8, 16) == loss_of(8, 16));
  const qml::Dataset half = qml::part_of(all, 8, 24);
  CHECK(model.loss(qml::Loss::squared, qml::part_of(half, 8, 16)) == loss_of(16, 24));
}

TEST_CASE("any number of ranks trains to the same bits, near those of none", "[ranks]") {
  const Samples samples(130);
  SECTION("by gradients") { check_ranks(options_of("adam"), samples); }
  SECTION("by the metric tensor") { check_ranks(options_of("qng"), samples); }
  SECTION("by values") { check_ranks(options_of("spsa"), samples); }
  SECTION("with samples held out") {
    TrainOptions options = options_of("adam");
    options.validation_fraction = 0.3;
    options.stopping = qml::Stopping::plateau;
    check_ranks(options, samples);
  }
  SECTION("with a longest gradient") {
    TrainOptions options = options_of("sgd");
    options.max_gradient_norm = 0.1;
    check_ranks(options, samples);
  }
  SECTION("with weights of zero, whole blocks of them") {
    TrainOptions options = options_of("adam");
    options.batch_size = 0;
    check_ranks(options, Samples(130, true));
  }
}

TEST_CASE("ranks that differ are refused before the first step", "[ranks]") {
  const Samples samples(40);
  const auto errors_of = [&](const std::function<void(std::size_t, TrainOptions&, Samples&)>& odd) {
    return on_ranks(3, [&](const qml::RanksPtr& ranks) {
      TrainOptions options = options_of("adam");
      options.ranks = ranks;
      Samples own = samples;
      if (ranks->rank() == 1) odd(1, options, own);
      Trainer trainer(model_of_two(), std::move(options));
      trainer.fit(own.view());
    });
  };
  const auto check_all = [](const std::vector<std::string>& errors, const std::string& text) {
    for (const auto& error : errors) {
      CHECK(error ==
            "ranks 0 and 1 differ in " + text + "; all train the same model on the same samples");
    }
  };
  check_all(errors_of([](auto, TrainOptions& options, auto&) { options.seed = 6; }),
            "the options, such as the seed");
  check_all(errors_of([](auto, auto&, Samples& own) { own.targets[3] = 0.25; }), "the samples");
  check_all(errors_of([](auto, auto&, Samples& own) {
              own.inputs.resize(60);
              own.targets.resize(30);
            }),
            "the number of samples");
  for (const auto& error : on_ranks(2, [&](const qml::RanksPtr& ranks) {
         TrainOptions options = options_of("adam");
         options.ranks = ranks;
         qml::Model model = model_of_two();
         model.initialize(ranks->rank(), 0.5);
         Trainer(std::move(model), std::move(options)).fit(samples.view());
       })) {
    CHECK(error.find("differ in parameters") != std::string::npos);
  }
}

TEST_CASE("a callback of one rank ends the training of all", "[ranks]") {
  const Samples samples(40);
  std::vector<std::size_t> epochs(4);
  const auto errors = on_ranks(4, [&](const qml::RanksPtr& ranks) {
    TrainOptions options = options_of("adam");
    options.epochs = 10;
    options.ranks = ranks;
    Trainer trainer(model_of_two(), std::move(options));
    const qml::EpochCallback callback = [](const qml::EpochRecord& r) { return r.epoch < 4; };
    trainer.fit(samples.view(), ranks->rank() == 2 ? callback : qml::EpochCallback{});
    epochs[ranks->rank()] = trainer.history().size();
  });
  for (const auto& error : errors) CHECK(error.empty());
  CHECK(epochs == std::vector<std::size_t>(4, 4));
}

TEST_CASE("another number of ranks goes on from a checkpoint to the same bits", "[ranks]") {
  const Samples samples(130);
  const std::vector<double> whole = [&] {
    std::vector<double> out;
    on_ranks(
        1, [&](const qml::RanksPtr& ranks) { out = trained(options_of("adam"), samples, ranks); });
    return out;
  }();
  std::string text;
  on_ranks(2, [&](const qml::RanksPtr& ranks) {
    TrainOptions options = options_of("adam");
    options.ranks = ranks;
    Trainer trainer(model_of_two(), std::move(options));
    const auto keep = [&](const qml::EpochRecord& record) {
      if (record.epoch == 2 && ranks->rank() == 0) text = trainer.to_json().dump();
      if (record.epoch == 2) throw std::runtime_error("killed");
      return true;
    };
    trainer.fit(samples.view(), keep);
  });
  std::vector<double> found;
  const auto errors = on_ranks(3, [&](const qml::RanksPtr& ranks) {
    Trainer trainer = Trainer::from_json(nlohmann::json::parse(text), ranks);
    trainer.resume(samples.view());
    if (ranks->rank() != 0) return;
    const auto p = trainer.model().parameters();
    found.assign(p.begin(), p.end());
    for (const auto& record : trainer.history()) found.push_back(record.loss);
  });
  for (const auto& error : errors) CHECK(error.empty());
  CHECK(found == whole);
}

TEST_CASE("a loss of one's own is not shared out", "[ranks]") {
  for (const auto& error : on_ranks(2, [](const qml::RanksPtr& ranks) {
         TrainOptions options;
         options.ranks = ranks;
         options.own_loss.function = [](const qml::LossBatch&, std::span<double>) { return 0.0; };
         const Trainer trainer(model_of_two(), std::move(options));
       })) {
    CHECK(error.find("sees a whole mini-batch") != std::string::npos);
  }
}
