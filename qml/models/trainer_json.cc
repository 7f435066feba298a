#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "qml/models/trainer.h"
#include "qsim/core/error.h"
#include "qsim/io/json.h"

namespace qml {
namespace {

using qsim::require;

nlohmann::json options_to_json(const TrainOptions& options) {  // the optimizer writes its own
  return {{"loss", loss_name(options.loss)},
          {"schedule", schedule_name(options.schedule)},
          {"epochs", options.epochs},
          {"batch_size", options.batch_size},
          {"validation_fraction", options.validation_fraction},
          {"patience", options.patience},
          {"tolerance", options.tolerance},
          {"early_stopping", options.early_stopping},
          {"seed", options.seed}};
}

TrainOptions options_from_json(const nlohmann::json& value, OptimizerOptions optimizer) {
  return {.loss = parse_loss(value.at("loss").get<std::string>()),
          .optimizer = std::move(optimizer),
          .schedule = parse_schedule(value.at("schedule").get<std::string>()),
          .epochs = value.at("epochs").get<int>(),
          .batch_size = value.at("batch_size").get<std::size_t>(),
          .validation_fraction = value.at("validation_fraction").get<double>(),
          .patience = value.at("patience").get<int>(),
          .tolerance = value.at("tolerance").get<double>(),
          .early_stopping = value.at("early_stopping").get<bool>(),
          .seed = value.at("seed").get<std::uint64_t>()};
}

nlohmann::json record_to_json(const EpochRecord& record) {  // JSON writes NaN as null
  return {{"epoch", record.epoch},
          {"loss", record.loss},
          {"validation_loss", record.validation_loss},
          {"learning_rate", record.learning_rate}};
}

EpochRecord record_from_json(const nlohmann::json& value) {
  const auto number = [&value](const char* key) {
    const nlohmann::json& found = value.at(key);
    return found.is_null() ? std::numeric_limits<double>::quiet_NaN() : found.get<double>();
  };
  return {.epoch = value.at("epoch").get<int>(),
          .loss = number("loss"),
          .validation_loss = number("validation_loss"),
          .learning_rate = number("learning_rate")};
}

}  // namespace

// JSON has no infinity: a best loss that is none yet is null.
nlohmann::json Trainer::Run::to_json() const {
  return {{"done", done},
          {"data_hash", data_hash},
          {"best", std::isfinite(best) ? nlohmann::json(best) : nlohmann::json()},
          {"since", since},
          {"parameters", parameters}};
}

Trainer::Run Trainer::Run::from_json(const nlohmann::json& value) {
  Run out;
  out.done = value.at("done").get<int>();
  out.data_hash = value.at("data_hash").get<std::uint64_t>();
  if (!value.at("best").is_null()) out.best = value.at("best").get<double>();
  out.since = value.at("since").get<int>();
  out.parameters = value.at("parameters").get<std::vector<double>>();
  return out;
}

nlohmann::json Trainer::to_json() const {
  nlohmann::json history = nlohmann::json::array();
  for (const EpochRecord& record : history_) history.push_back(record_to_json(record));
  return {{"format", "ketgrad.trainer"},
          {"version", 1},
          {"model", model_.to_json()},
          {"optimizer", optimizer_.to_json()},
          {"options", options_to_json(options_)},
          {"history", std::move(history)},
          {"run", run_ ? run_->to_json() : nlohmann::json()}};
}

Trainer Trainer::from_json(const nlohmann::json& value) {
  try {
    require(value.at("format") == "ketgrad.trainer", "this JSON is not a ketgrad trainer but ",
            value.at("format").dump());
    require(value.at("version") == 1, "the trainer has version ", value.at("version").dump(),
            "; this release reads version 1");
    Optimizer optimizer = Optimizer::from_json(value.at("optimizer"));
    Trainer out(Model::from_json(value.at("model")),
                options_from_json(value.at("options"), optimizer.options()));
    require(optimizer.fits(out.model_.n_parameters()), "the trainer's optimizer remembers ",
            optimizer.memory().empty() ? 0 : optimizer.memory().front().size(),
            " numbers a vector, which are not those of a model with ", out.model_.n_parameters(),
            " parameters");
    out.optimizer_ = std::move(optimizer);
    for (const auto& record : value.at("history")) {
      out.history_.push_back(record_from_json(record));
    }
    if (const auto run = value.find("run"); run != value.end() && !run->is_null()) {
      out.run_ = Run::from_json(*run);
      require(
          out.run_->parameters.empty() || out.run_->parameters.size() == out.model_.n_parameters(),
          "the unfinished fit's best parameters are ", out.run_->parameters.size(),
          " for a model with ", out.model_.n_parameters());
    }
    return out;
  } catch (const nlohmann::json::exception& error) {
    qsim::fail("the trainer's JSON cannot be read: ", qsim::reason(error));
  }
}

}  // namespace qml
