#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "qml/models/trainer.h"
#include "qsim/core/error.h"
#include "qsim/json/json.h"
#include "qsim/json/reader.h"

namespace qml {
namespace {

using qsim::require;
using qsim::json::expect;
using qsim::json::Json;
using qsim::json::Place;
using qsim::json::read_int;
using qsim::json::read_number;
using qsim::json::read_string;

// The members of an object, each read with its place.
class Members {
 public:
  Members(const Json& object, const Place& place) : object_(object), place_(place) {}

  template <class Read>
  [[nodiscard]] auto read(std::string_view key, const Read& read) const {
    return read(qsim::json::member(object_, key, place_), place_.at(key));
  }

 private:
  const Json& object_;
  const Place& place_;
};

std::uint64_t read_count(const Json& value, const Place& place) {
  expect(value.is_number_unsigned(), place, "expected a count, got ", value.type_name());
  return value.get<std::uint64_t>();
}

double read_number_or_none(const Json& value, const Place& place) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : read_number(value, place);
}

std::vector<double> read_numbers(const Json& value, const Place& place) {
  return qsim::json::read_list(value, place, read_number);
}

// Releases that knew one rule had a yes or no.
Stopping read_stopping(const Json& value, const Place& place) {
  if (value.is_boolean()) return value.get<bool>() ? Stopping::plateau : Stopping::never;
  return parse_stopping(read_string(value, place));
}

// The name of a loss, or {"own": its name} of one's own, whose function no file has.
nlohmann::json loss_to_json(const TrainOptions& options) {
  if (!options.own_loss.function) return loss_name(options.loss);
  require(!options.own_loss.name.empty(),
          "a trainer whose own loss has no name that tells it from others cannot be written");
  return {{"own", options.own_loss.name}};
}

// Into options.loss, or the loss that is given for the one in the document.
void read_loss(const Json& value, const Place& place, OwnLoss own, TrainOptions& options) {
  if (value.is_string()) {
    options.loss = parse_loss(read_string(value, place));
    require(!own.function, "the trainer was written with the loss '", loss_name(options.loss),
            "'; a loss is given for those of one's own alone");
    return;
  }
  qsim::json::require_object(value, place, {"own"});
  const std::string name = Members(value, place).read("own", read_string);
  require(own.function != nullptr, "the trainer was written with a loss of one's own, ", name,
          ", which files do not hold: give it again, from_json(text, loss=...)");
  require(own.name == name, "the trainer was written with the loss ", name, "; this one is ",
          own.name);
  options.own_loss = std::move(own);
}

nlohmann::json options_to_json(const TrainOptions& options) {  // the optimizer writes its own
  return {{"loss", loss_to_json(options)},
          {"schedule", schedule_name(options.schedule)},
          {"epochs", options.epochs},
          {"batch_size", options.batch_size},
          {"validation_fraction", options.validation_fraction},
          {"patience", options.patience},
          {"tolerance", options.tolerance},
          {"early_stopping", stopping_name(options.stopping)},
          {"seed", options.seed},
          {"max_gradient_norm",
           qsim::json::number_or_infinity(options.max_gradient_norm, "the longest gradient")}};
}

TrainOptions options_from_json(const Json& value, OptimizerOptions optimizer, OwnLoss own_loss,
                               const Place& place) {
  qsim::json::require_object(
      value, place,
      {"loss", "schedule", "epochs", "batch_size", "validation_fraction", "patience", "tolerance",
       "early_stopping", "seed", "max_gradient_norm"});
  const Members members(value, place);
  TrainOptions out{.optimizer = std::move(optimizer),
                   .schedule = parse_schedule(members.read("schedule", read_string)),
                   .epochs = members.read("epochs", read_int),
                   .batch_size = static_cast<std::size_t>(members.read("batch_size", read_count)),
                   .validation_fraction = members.read("validation_fraction", read_number),
                   .stopping = members.read("early_stopping", read_stopping),
                   .patience = members.read("patience", read_int),
                   .tolerance = members.read("tolerance", read_number),
                   .seed = members.read("seed", read_count)};
  read_loss(qsim::json::member(value, "loss", place), place.at("loss"), std::move(own_loss), out);
  // Of releases that had none, it is as it is without.
  if (value.contains("max_gradient_norm")) {
    out.max_gradient_norm = members.read("max_gradient_norm", qsim::json::read_number_or_infinity);
  }
  return out;
}

nlohmann::json record_to_json(const EpochRecord& record) {  // JSON writes NaN as null
  return {{"epoch", record.epoch},
          {"loss", record.loss},
          {"validation_loss", record.validation_loss},
          {"learning_rate", record.learning_rate}};
}

EpochRecord record_from_json(const Json& value, const Place& place) {
  qsim::json::require_object(value, place, {"epoch", "loss", "validation_loss", "learning_rate"});
  const Members members(value, place);
  return {.epoch = members.read("epoch", read_int),
          .loss = members.read("loss", read_number_or_none),
          .validation_loss = members.read("validation_loss", read_number_or_none),
          .learning_rate = members.read("learning_rate", read_number_or_none)};
}

// One record an epoch, in order.
std::vector<EpochRecord> history_from_json(const Json& value, const Place& place) {
  auto out = qsim::json::read_list(value, place, record_from_json);
  for (std::size_t k = 0; k < out.size(); ++k) {
    expect(out[k].epoch == static_cast<int>(k) + 1, place.at(k), "record ", k + 1,
           " is one of epoch ", out[k].epoch);
  }
  return out;
}

}  // namespace

// JSON has no infinity: a best loss that is none yet is null.
nlohmann::json Trainer::Run::to_json() const {
  return {{"done", done},
          {"data_hash", data_hash},
          {"best", std::isfinite(best) ? nlohmann::json(best) : nlohmann::json()},
          {"since", since},
          {"parameters", parameters},
          {"recent", recent}};
}

Trainer::Run Trainer::Run::from_json(const nlohmann::json& value) {
  const Place place{.key = "trainer.run"};
  qsim::json::require_object(value, place,
                             {"done", "data_hash", "best", "since", "parameters", "recent"});
  const Members members(value, place);
  Run out{.done = members.read("done", read_int),
          .data_hash = members.read("data_hash", read_count),
          .since = members.read("since", read_int),
          .parameters = members.read("parameters", read_numbers)};
  if (value.contains("recent")) out.recent = members.read("recent", read_numbers);
  const double best = members.read("best", read_number_or_none);
  if (!std::isnan(best)) out.best = best;
  expect(out.since >= 0 && out.since <= out.done, place, out.since, " of ", out.done,
         " epochs without progress");
  expect(std::isnan(best) == out.parameters.empty(), place,
         "a best loss and its parameters go together");
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

Trainer Trainer::from_json(const nlohmann::json& value, RanksPtr ranks, OwnLoss own_loss) {
  const Place place{.key = "trainer"};
  const auto at = [&](std::string_view key) -> const nlohmann::json& {
    return qsim::json::member(value, key, place);
  };
  try {
    const nlohmann::json &format = at("format"), &version = at("version");
    require(format == "ketgrad.trainer", "this JSON is not a ketgrad trainer but ", format.dump());
    require(version == 1, "the trainer has version ", version.dump(),
            "; this release reads version 1");
    qsim::json::require_object(
        value, place, {"format", "version", "model", "optimizer", "options", "history", "run"});
    Optimizer optimizer = Optimizer::from_json(at("optimizer"));
    TrainOptions options = options_from_json(at("options"), optimizer.options(),
                                             std::move(own_loss), place.at("options"));
    options.ranks = std::move(ranks);
    Trainer out(Model::from_json(at("model")), std::move(options));
    require(optimizer.fits(out.model_.n_parameters()), "the trainer's optimizer remembers ",
            optimizer.memory().empty() ? 0 : optimizer.memory().front().size(),
            " numbers a vector, which are not those of a model with ", out.model_.n_parameters(),
            " parameters");
    out.optimizer_ = std::move(optimizer);
    out.history_ = history_from_json(at("history"), place.at("history"));
    if (const auto run = value.find("run"); run != value.end() && !run->is_null()) {
      out.run_ = Run::from_json(*run);
      out.check_run();
    }
    return out;
  } catch (const nlohmann::json::exception& error) {
    qsim::fail("the trainer's JSON cannot be read: ", qsim::reason(error));
  }
}

// An unfinished fit that was read belongs to the rest of the trainer.
void Trainer::check_run() const {
  require(run_->done >= 0 && run_->done <= options_.epochs &&
              static_cast<std::size_t>(run_->done) <= history_.size(),
          "the unfinished fit has done ", run_->done, " of ", options_.epochs,
          " epochs, and the history has ", history_.size());
  require(run_->parameters.empty() || run_->parameters.size() == model_.n_parameters(),
          "the unfinished fit's best parameters are ", run_->parameters.size(),
          " for a model with ", model_.n_parameters());
  require(run_->recent.size() <= 2 * static_cast<std::size_t>(options_.patience),
          "the unfinished fit has the losses of ", run_->recent.size(),
          " steps, more than twice the patience, ", options_.patience);
}

}  // namespace qml
