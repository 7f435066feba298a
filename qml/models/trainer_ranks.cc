#include <array>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "qml/models/trainer.h"

namespace qml {

void Trainer::agree_on(const Dataset& data, bool to_resume) const {
  if (!options_.ranks) return;
  nlohmann::json document = to_json();
  if (!to_resume) document["run"] = nullptr;
  const nlohmann::json parameters = std::exchange(document["model"]["parameters"], {});
  const nlohmann::json of_optimizer = std::exchange(document["optimizer"]["options"], {});
  constexpr std::array kNames{"the model",
                              "parameters",
                              "the options, such as the seed",
                              "how far the training is",
                              "the number of samples",
                              "the samples"};
  const auto hash = [](const nlohmann::json& part) {
    return std::uint64_t{std::hash<std::string>{}(part.dump())};
  };
  const std::array hashes{hash(document["model"]),
                          hash(parameters),
                          hash({document["options"], of_optimizer}),
                          hash({document["optimizer"], document["history"], document["run"]}),
                          std::uint64_t{data.size},
                          hash_of(data)};
  std::vector<double> numbers;  // halves, which are exact
  std::vector<const char*> names;
  for (std::size_t k = 0; k < hashes.size(); ++k) {
    constexpr int kHalf = 32;
    for (const std::uint64_t half : {hashes.at(k) >> kHalf, hashes.at(k) << kHalf >> kHalf}) {
      numbers.push_back(static_cast<double>(half));
      names.push_back(kNames.at(k));
    }
  }
  options_.ranks->require_same(numbers, names);
}

}  // namespace qml
