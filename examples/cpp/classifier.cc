// A quantum classifier learns two interleaved half moons, and is saved and loaded again.

#include "qml/models/classifier.h"

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <numbers>
#include <vector>

#include "check.h"
#include "qsim/core/random.h"

namespace {

struct Moons {
  std::vector<double> points;  // rows × 2
  std::vector<std::int64_t> labels;
  [[nodiscard]] qml::Table table() const { return {labels.size(), 2, points}; }
};

// Points on two half circles, one upside down and pushed into the other, with some noise.
Moons make_moons(std::size_t size, std::uint64_t seed) {
  qsim::Random random(seed);
  const auto noise = [&random] { return 0.3 * (random.uniform() - 0.5); };
  Moons moons;
  for (std::size_t k = 0; k < size; ++k) {
    const bool lower = k % 2 == 1;
    const double angle = std::numbers::pi * random.uniform();
    const double x = lower ? 1.0 - std::cos(angle) : std::cos(angle);
    const double y = lower ? 0.5 - std::sin(angle) : std::sin(angle);
    moons.points.insert(moons.points.end(), {x + noise(), y + noise()});
    moons.labels.push_back(lower ? 1 : 0);
  }
  return moons;
}

}  // namespace

int main() {
  const Moons train = make_moons(200, 1);
  const Moons test = make_moons(200, 2);

  // Features become rotation angles before every layer, so the model is a Fourier series in them;
  // trainable factors on the features choose its frequencies.
  qml::Classifier classifier({
      .model = {.feature_map = "angle",
                .ansatz = "strongly_entangling",
                .n_layers = 4,
                .scale_inputs = true},
      .training = {.optimizer = {.learning_rate = 0.05}, .epochs = 60, .seed = 1},
  });
  classifier.fit(train.table(), train.labels, [](const qml::EpochRecord& record) {
    if (record.epoch % 20 == 0)
      std::cout << "epoch " << record.epoch << "  loss " << record.loss << '\n';
    return true;
  });
  const double accuracy = classifier.score(test.table(), test.labels);
  std::cout << "accuracy on new points: " << accuracy << '\n';
  check(accuracy, 1.0, 0.05, "the accuracy");

  const auto path = std::filesystem::temp_directory_path() / "ketgrad_example_classifier.json";
  classifier.save(path);
  const auto loaded = qml::Classifier::load(path);
  std::filesystem::remove(path);
  const bool same = loaded.predict_proba(test.table()) == classifier.predict_proba(test.table());
  check(same ? 1 : 0, 1, 0, "exact agreement of the loaded classifier");
}
