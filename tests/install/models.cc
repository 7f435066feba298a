#include <qml/circuits/feature_map.h>
#include <qml/models/classifier.h>
#include <qml/models/loss.h>
#include <qml/models/model.h>
#include <qml/models/presets.h>
#include <qml/models/trainer.h>

#include <cstdint>
#include <vector>

#include "families.h"

void use_models() {
  const std::vector<double> points{-1.0, -0.8, -0.6, 0.6, 0.8, 1.0};
  const std::vector<std::int64_t> labels{0, 0, 0, 1, 1, 1};
  qml::Classifier classifier({
      .model = {.feature_map = "angle", .n_layers = 2},
      .training = {.optimizer = {.learning_rate = 0.1}, .epochs = 60, .seed = 1},
  });
  classifier.fit({.rows = 6, .columns = 1, .values = points}, labels);
  check(classifier.score({.rows = 6, .columns = 1, .values = points}, labels), 1, "the accuracy");
}
