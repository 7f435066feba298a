#include "qml/models/trainer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "qml/models/batch_loss.h"
#include "qsim/core/error.h"
#include "qsim/core/file.h"
#include "qsim/core/hash.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/random.h"
#include "qsim/json/text.h"

namespace qml {
namespace {

using qsim::fail;
using qsim::require;

// A callback of all ranks, where one has its own: training ends on all where one ends it.
template <class Record>
std::function<bool(const Record&)> of_all(Ranks* ranks,
                                          const std::function<bool(const Record&)>& own) {
  if (ranks == nullptr || !ranks->any(static_cast<bool>(own))) return own;
  return [ranks, &own](const Record& record) { return !ranks->any(own && !own(record)); };
}

// Streams of random numbers: the split, then one per epoch, and far from them the split's pieces.
constexpr std::uint64_t kSplitStream = 0;
constexpr std::uint64_t kFirstEpochStream = 1;
constexpr std::uint64_t kPieceStream = std::uint64_t{1} << 63U;

// Some rows of a data set, copied together.
struct Rows {
  std::vector<double> inputs;
  std::vector<double> targets;
  std::vector<double> sample_weights;

  void gather(const Dataset& data, std::span<const std::size_t> rows) {
    const auto copy = [&](std::span<const double> from, std::vector<double>& to) {
      const std::size_t width = from.size() / data.size;
      to.resize(rows.size() * width);
      for (std::size_t k = 0; k < rows.size(); ++k) {
        const auto row = from.subspan(rows[k] * width, width);
        std::copy(row.begin(), row.end(), to.begin() + static_cast<std::ptrdiff_t>(k * width));
      }
    };
    copy(data.inputs, inputs);
    copy(data.targets, targets);
    copy(data.sample_weights, sample_weights);
  }
  [[nodiscard]] Dataset view(std::size_t size) const {
    return {size, inputs, targets, sample_weights};
  }
};

std::vector<std::size_t> shuffled(std::vector<std::size_t> rows, std::uint64_t seed,
                                  std::uint64_t stream) {
  const auto order = qsim::Random(seed, stream).permutation(rows.size());
  std::vector<std::size_t> out(rows.size());
  for (std::size_t k = 0; k < rows.size(); ++k) out[k] = rows[order[k]];
  return out;
}

std::vector<std::size_t> all_rows(std::size_t size) {
  std::vector<std::size_t> rows(size);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

// Which rows are learned from and which are held out.
struct Split {
  std::vector<std::size_t> learned;
  std::vector<std::size_t> held_out;
};

// The rows in the order of their targets are cut into `n_held_out` pieces of the same size, and of
// each piece a random row is held out: every class gives its share.
Split stratified_split(const Dataset& data, std::size_t n_held_out, std::uint64_t seed) {
  if (n_held_out == 0) return {.learned = all_rows(data.size), .held_out = {}};
  // Among equal targets the order is random, and so is the place in a piece.
  auto rows = shuffled(all_rows(data.size), seed, kSplitStream);
  const std::size_t width = data.targets.size() / data.size;
  std::ranges::stable_sort(rows, [&](std::size_t a, std::size_t b) {
    return std::ranges::lexicographical_compare(data.targets.subspan(a * width, width),
                                                data.targets.subspan(b * width, width));
  });
  qsim::Random random(seed, kPieceStream);
  Split out;
  std::size_t begin = 0;
  for (std::size_t k = 0; k < n_held_out; ++k) {
    const std::size_t end = (k + 1) * rows.size() / n_held_out;
    const auto place =
        static_cast<std::size_t>(random.uniform() * static_cast<double>(end - begin));
    for (std::size_t i = begin; i < end; ++i) {
      (i == begin + place ? out.held_out : out.learned).push_back(rows[i]);
    }
    begin = end;
  }
  std::ranges::sort(out.learned);  // the order of the data, as without a split
  return out;
}

// The same options, of an optimizer that a loss is enough for.
const OptimizerOptions& for_losses(const OptimizerOptions& options) {
  require(optimizer_needs(options.name, Demand::kLoss) <= Demand::kLoss, "the optimizer '",
          options.name,
          "' is for expectation values, not for the loss of a model: minimize() takes it");
  return options;
}

bool takes_gradients_alone(const TrainOptions& options) {
  return optimizer_needs(options.optimizer.name, Demand::kLoss) == Demand::kGradient;
}

constexpr std::array<std::string_view, 3> kStoppings{"never", "plateau", "variance"};

// Divergence is a loss of twice the size, against the largest of the first steps: single batches
// may have far smaller ones.
constexpr double kFirstShare = 0.1;
constexpr double kBelowTheLowest = 0.1;  // an order of magnitude (Smith 2017)

double suggested_rate(const RateSweep& sweep) {
  const auto lowest = std::ranges::min_element(sweep.smoothed) - sweep.smoothed.begin();
  return lowest == 0 ? std::numeric_limits<double>::quiet_NaN()
                     : kBelowTheLowest * sweep.rates[static_cast<std::size_t>(lowest)];
}

void check(const RateSweepOptions& options) {
  require(options.lowest > 0 && std::isfinite(options.lowest), "the lowest rate is ",
          options.lowest, "; it must be finite and greater than 0");
  require(options.highest > options.lowest && std::isfinite(options.highest),
          "the highest rate is ", options.highest, "; it must be finite and above the lowest, ",
          options.lowest);
  require(options.steps >= 2, "the number of steps is ", options.steps, "; it must be at least 2");
  require(options.smoothing >= 0 && options.smoothing < 1, "the smoothing is ", options.smoothing,
          ", outside [0, 1)");
}

}  // namespace

bool Trainer::Run::update(const EpochRecord& record, const TrainOptions& options,
                          std::span<const double> now) {
  const double watched = std::isnan(record.validation_loss) ? record.loss : record.validation_loss;
  if (watched < best - options.tolerance) {
    best = watched;
    parameters.assign(now.begin(), now.end());
    since = 0;
    return false;
  }
  return ++since >= options.patience;
}

bool Trainer::Run::stands_still(double loss, std::size_t window) {
  recent.push_back(loss);
  if (recent.size() > 2 * window) recent.erase(recent.begin());
  if (recent.size() < 2 * window) return false;
  const auto mean = [](std::span<const double> losses) {
    return std::accumulate(losses.begin(), losses.end(), 0.0) / static_cast<double>(losses.size());
  };
  const auto last = std::span(recent).last(window);
  const double now = mean(last);
  double squares = 0;
  for (const double x : last) squares += (x - now) * (x - now);
  const auto n = static_cast<double>(window);
  const double standard_error = std::sqrt(squares / n) / std::sqrt(n);
  return std::abs(now - mean(std::span(recent).first(window))) <= standard_error / 2;
}

Trainer::Trainer(Model model, TrainOptions options)
    : model_(std::move(model)),
      options_(std::move(options)),
      optimizer_(for_losses(options_.optimizer)) {
  require(options_.epochs >= 1, "the number of epochs is ", options_.epochs,
          "; it must be at least 1");
  require(options_.validation_fraction >= 0 && options_.validation_fraction < 1,
          "the validation fraction is ", options_.validation_fraction, ", outside [0, 1)");
  require(options_.patience >= 1, "the patience is ", options_.patience, "; it must be at least 1");
  require(std::isfinite(options_.tolerance) && options_.tolerance >= 0, "the tolerance is ",
          options_.tolerance, "; it must not be negative");
  require(options_.max_gradient_norm > 0, "the longest gradient is ", options_.max_gradient_norm,
          "; it must be greater than 0");
  require(std::isinf(options_.max_gradient_norm) || takes_gradients_alone(options_),
          "a longest gradient is for optimizers that need gradients alone, not for '",
          options_.optimizer.name, "'");
  require(options_.optimizer.name != "qng" || model_.circuit_layer() != nullptr,
          "the optimizer 'qng' is for the model of one circuit; this one is made of layers");
  require(!options_.ranks || !options_.own_loss.function,
          "a loss of one's own sees a whole mini-batch, and ranks share it out");
  const std::vector<double>& rates = options_.optimizer.rates;
  require(rates.empty() || rates.size() == model_.n_parameters(), "there are ", rates.size(),
          " rates for a model with ", model_.n_parameters(), " parameters");
}

void Trainer::check_data(const Dataset& data) const {
  if (options_.own_loss.function) return model_.check_for_own_loss(data);
  model_.check(data);
  check_targets(options_.loss, data.targets, model_.n_outputs());
}

double Trainer::loss_of(const Dataset& data) const {
  if (options_.ranks) return shared_loss(model_, options_.loss, data, *options_.ranks);
  return options_.own_loss.function ? model_.loss(options_.own_loss.function, data)
                                    : model_.loss(options_.loss, data);
}

void Trainer::fit(const Dataset& data, const EpochCallback& callback, const Checkpoint& checkpoint,
                  const TrainerStepCallback& after_step) {
  check_data(data);
  agree_on(data, false);
  run_ = Run{.data_hash = hash_of(data)};
  naming_rows(model_, data, [&] { go_on(data, callback, checkpoint, after_step); });
}

bool Trainer::is_fit_of(const Dataset& data) const {
  return run_.has_value() && hash_of(data) == run_->data_hash;
}

void Trainer::resume(const Dataset& data, const EpochCallback& callback,
                     const Checkpoint& checkpoint, const TrainerStepCallback& after_step) {
  require(run_.has_value(), "there is no unfinished fit to resume");
  check_data(data);
  require(is_fit_of(data), "the data are not those of the unfinished fit, so it cannot be resumed");
  agree_on(data, true);
  naming_rows(model_, data, [&] { go_on(data, callback, checkpoint, after_step); });
}

void Trainer::go_on(const Dataset& data, const EpochCallback& own_callback,
                    const Checkpoint& checkpoint, const TrainerStepCallback& own_after_step) {
  require(checkpoint.every >= 1, "a checkpoint is asked for every ", checkpoint.every,
          " epochs; it must be at least 1");
  const auto n_validation = static_cast<std::size_t>(
      std::floor(options_.validation_fraction * static_cast<double>(data.size)));
  require(options_.validation_fraction == 0 || n_validation >= 1, "a validation fraction of ",
          options_.validation_fraction, " leaves no sample out of ", data.size);
  const Split split = stratified_split(data, n_validation, options_.seed);
  Rows held_out;
  held_out.gather(data, split.held_out);
  const Dataset validation = held_out.view(n_validation);
  Ranks* const ranks = options_.ranks.get();
  const auto keep = [&] {
    if (ranks != nullptr && ranks->rank() != 0) return;
    if (!checkpoint.path.empty())
      qsim::write_file(checkpoint.path, qsim::json_text(to_json()) + '\n');
  };

  const EpochCallback callback = of_all(ranks, own_callback);
  const TrainerStepCallback after_step = of_all(ranks, own_after_step);
  const bool by_plateau = options_.stopping == Stopping::plateau;
  const TrainerStepCallback watched = [&](const StepRecord& record) {
    stopped_early_ = run_->stands_still(record.loss, static_cast<std::size_t>(options_.patience));
    const bool goes_on = !after_step || after_step(record);
    return goes_on && !stopped_early_;
  };
  const TrainerStepCallback& each = options_.stopping == Stopping::variance ? watched : after_step;

  bool stop = false;
  stopped_early_ = false;
  while (!stop && run_->done < options_.epochs) {
    bool stopped = false;  // after a step
    const EpochRecord& record =
        train_epoch(data, split.learned, n_validation > 0 ? &validation : nullptr, each, stopped);
    ++run_->done;
    stop = by_plateau && run_->update(record, options_, model_.parameters());
    stopped_early_ |= stop;
    stop |= stopped;
    if (!stop && run_->done % checkpoint.every == 0) keep();
    if (callback && !callback(record)) stop = true;
  }
  if (!run_->parameters.empty()) model_.set_parameters(run_->parameters);
  run_.reset();
  keep();
}

const EpochRecord& Trainer::step_epoch(const Dataset& data) {
  check_data(data);
  agree_on(data, true);
  bool stop = false;
  return naming_rows(model_, data, [&]() -> const EpochRecord& {
    return train_epoch(data, all_rows(data.size), nullptr, {}, stop);
  });
}

std::vector<std::size_t> Trainer::order_of(const std::vector<std::size_t>& rows,
                                           std::uint64_t epoch) const {
  // A single batch needs no shuffling: its gradient is a sum.
  return batch_size(rows.size()) == rows.size()
             ? rows
             : shuffled(rows, options_.seed, kFirstEpochStream + epoch);
}

std::size_t Trainer::batch_size(std::size_t n_rows) const {
  return options_.batch_size == 0 ? n_rows : std::min(options_.batch_size, n_rows);
}

RateSweep Trainer::sweep_rates(const Dataset& data, const RateSweepOptions& options) const {
  check(options);
  require_option(options_.optimizer.name, "learning_rate");
  check_data(data);
  agree_on(data, true);
  if (options_.ranks) {
    const std::array numbers{options.lowest, options.highest, static_cast<double>(options.steps),
                             options.smoothing};
    constexpr std::array kNames{"the lowest rate", "the highest rate", "the number of steps",
                                "the smoothing"};
    options_.ranks->require_same(numbers, kNames);
  }
  TrainOptions alone = options_;
  alone.ranks.reset();  // each tries by itself what all would find
  Trainer probe(model_, std::move(alone));
  const std::size_t size = batch_size(data.size);
  const auto rows = all_rows(data.size);
  std::vector<std::size_t> order;
  Rows batch;
  RateSweep out;
  StepRecord record{.epoch = 1};
  double mean = 0;
  double lowest = std::numeric_limits<double>::infinity();
  double first = -lowest;
  const auto steps = static_cast<std::size_t>(options.steps);
  for (std::size_t begin = data.size; out.rates.size() < steps;
       begin += size, qsim::poll_interrupt()) {
    if (begin >= data.size) {
      if (!order.empty()) ++record.epoch;
      order = order_of(rows, static_cast<std::uint64_t>(record.epoch) - 1);
      begin = 0;
    }
    const std::size_t count = std::min(size, data.size - begin);
    batch.gather(data, std::span(order).subspan(begin, count));
    const Dataset view = batch.view(count);
    if (weight_of(view) == 0) continue;  // it teaches nothing
    const auto at = static_cast<double>(out.rates.size());
    const double rate = options.lowest * std::pow(options.highest / options.lowest,
                                                  at / static_cast<double>(steps - 1));
    double loss = 0;
    try {
      loss = naming_rows(probe.model_, data, [&] {
        return probe.step(view, rate / options_.optimizer.learning_rate, record);
      });
    } catch (const qsim::ValueError&) {
      if (out.rates.empty()) throw;  // not for the rate
      break;
    }
    mean = options.smoothing * mean + (1 - options.smoothing) * loss;
    out.rates.push_back(rate);
    out.losses.push_back(loss);
    out.smoothed.push_back(mean / (1 - std::pow(options.smoothing, at + 1)));
    const double now = out.smoothed.back();
    lowest = std::min(lowest, now);
    if (at < kFirstShare * static_cast<double>(steps)) {
      first = std::max(first, now);
    } else if (now > first + std::max(first - lowest, std::abs(first))) {
      break;
    }
  }
  out.suggestion = suggested_rate(out);
  return out;
}

double Trainer::step(const Dataset& batch, double factor, StepRecord& record) {
  BatchLoss objective(model_, options_.loss, options_.own_loss.function, batch,
                      options_.max_gradient_norm, options_.ranks.get());
  const std::span<double> parameters = model_.mutable_parameters();
  record.loss = optimizer_.step(parameters, objective, factor);
  record.gradient_norm = objective.gradient_norm();
  record.learning_rate = factor * options_.optimizer.learning_rate;
  record.step = optimizer_.steps();
  record.parameters = parameters;
  return record.loss;
}

const EpochRecord& Trainer::train_epoch(const Dataset& data, const std::vector<std::size_t>& rows,
                                        const Dataset* validation,
                                        const TrainerStepCallback& after_step, bool& stop) {
  const auto epoch = static_cast<std::uint64_t>(history_.size());
  const std::size_t size = batch_size(rows.size());
  const std::size_t n_batches = (rows.size() + size - 1) / size;
  const auto total = static_cast<std::int64_t>(n_batches) * options_.epochs;
  const auto order = order_of(rows, epoch);

  Rows batch;
  double loss_sum = 0;
  double weight_sum = 0;
  StepRecord record{.epoch = static_cast<int>(epoch) + 1};
  for (std::size_t b = 0; b < n_batches && !stop; ++b) {
    const std::size_t begin = b * size;
    const std::size_t count = std::min(size, order.size() - begin);
    batch.gather(data, std::span(order).subspan(begin, count));
    const Dataset view = batch.view(count);
    const double weight = weight_of(view);
    if (weight > 0 || n_batches == 1) {  // a batch of zero weight teaches nothing
      weight_sum += weight;
      const auto at = static_cast<std::int64_t>(epoch * n_batches + b);
      const double factor = schedule_factor(options_.schedule, std::min(at, total), total);
      loss_sum += weight * step(view, factor, record);
      if (after_step) stop = !after_step(record);
    }
    qsim::poll_interrupt();
  }
  EpochRecord of_epoch{
      .epoch = record.epoch, .loss = loss_sum / weight_sum, .learning_rate = record.learning_rate};
  if (validation != nullptr) of_epoch.validation_loss = loss_of(*validation);
  history_.push_back(of_epoch);
  return history_.back();
}

Stopping parse_stopping(std::string_view name) {
  const auto* const found = std::ranges::find(kStoppings, name);
  require(found != kStoppings.end(), "there is no stopping rule named '", name,
          "'; the names are never, plateau, variance");
  return static_cast<Stopping>(found - kStoppings.begin());
}

std::string_view stopping_name(Stopping stopping) {
  return kStoppings.at(static_cast<std::size_t>(stopping));
}

}  // namespace qml
