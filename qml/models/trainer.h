#pragma once

#include <functional>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "qml/models/loss.h"
#include "qml/models/model.h"
#include "qml/models/ranks.h"
#include "qml/optimize/optimizer.h"
#include "qml/optimize/schedule.h"

namespace qml {

// When a fit ends before all of its epochs.
enum class Stopping : unsigned char {
  never,
  // After `patience` epochs without progress of the watched loss; the parameters of the best epoch
  // are then restored.
  plateau,
  // Where the mean losses of the last `patience` steps and of as many before differ by no more than
  // half of the standard error of the last (Bowles, Ahmed, Schuld 2024, arXiv:2403.07059).
  variance,
};

struct TrainOptions {
  Loss loss = Loss::cross_entropy;
  OptimizerOptions optimizer{};
  Schedule schedule = Schedule::constant;
  int epochs = 100;
  std::size_t batch_size = 32;  // 0: all samples in one batch
  // Of the samples, held out for early stopping; 0: none. Every class, or for real targets every
  // range of them, gives its share.
  double validation_fraction = 0.0;
  Stopping stopping = Stopping::never;
  int patience = 10;        // in epochs (plateau) or steps (variance: say, 100)
  double tolerance = 1e-4;  // what counts as progress of the watched loss
  std::uint64_t seed = 0;   // of shuffling and of the validation split
  // A gradient longer than this is made that long.
  double max_gradient_norm = std::numeric_limits<double>::infinity();
  // In place of `loss`, where its function is not empty; written by its name alone.
  OwnLoss own_loss{};
  // Processes that train together, each with a trainer like this one and all samples; null: this
  // one alone. Not for own_loss, which sees whole batches, and not written.
  RanksPtr ranks{};
};

// After a step of the optimizer, on one mini-batch.
struct StepRecord {
  int epoch = 0;               // from 1
  std::int64_t step = 0;       // from 1, of all
  double loss = 0.0;           // of the mini-batch, where the step began
  double gradient_norm = 0.0;  // likewise, before it was shortened; NaN of rules without a gradient
  double learning_rate = 0.0;
  std::span<const double> parameters{};
};

struct EpochRecord {
  int epoch = 0;      // from 1
  double loss = 0.0;  // weighted mean over the epoch's batches
  double validation_loss = std::numeric_limits<double>::quiet_NaN();
  double learning_rate = 0.0;  // at the epoch's end
};

// Where fit keeps the trainer, as to_json writes it, so that a run that was killed can go on.
struct Checkpoint {
  std::string path{};  // none: empty
  int every = 1;       // epochs
};

// How learning rates are tried: one a step, growing from the lowest to the highest by a factor.
struct RateSweepOptions {
  double lowest = 1e-5;    // > 0
  double highest = 10.0;   // > lowest
  int steps = 100;         // ≥ 2
  double smoothing = 0.9;  // [0, 1): the memory of the running mean of the losses
};

// What came of it, for each step that was taken.
struct RateSweep {
  std::vector<double> rates{};
  std::vector<double> losses{};    // of the mini-batch, where the step began
  std::vector<double> smoothed{};  // their running mean
  // A tenth of the rate at which the smoothed loss is the lowest; NaN where it does not fall.
  double suggestion = std::numeric_limits<double>::quiet_NaN();
};

// Called after every epoch, or step; training ends where it returns false.
using EpochCallback = std::function<bool(const EpochRecord&)>;
using TrainerStepCallback = std::function<bool(const StepRecord&)>;

// Minimises a model's loss over mini-batches. The order of the samples depends on (seed, epoch)
// alone, and gradients are summed in a fixed order: the same bits for any number of threads, and
// for any number of ranks (but not for none). An exception (an interrupt, say) leaves the model as
// the last finished step left it.
//
// With ranks, fit, resume and step_epoch are calls of all of them, and throw ValueError on all
// unless they agree on model, options and data. A callback is each rank's own; where one returns
// false, all end. Rank 0 writes the checkpoints, with which any number of ranks may go on.
class Trainer {
 public:
  Trainer(Model model, TrainOptions options);  // ValueError for options out of range

  [[nodiscard]] const Model& model() const { return model_; }
  [[nodiscard]] Model& model() { return model_; }
  [[nodiscard]] const TrainOptions& options() const { return options_; }
  [[nodiscard]] const std::vector<EpochRecord>& history() const { return history_; }

  // Trains for options().epochs epochs or until options().stopping.
  void fit(const Dataset& data, const EpochCallback& callback = {},
           const Checkpoint& checkpoint = {}, const TrainerStepCallback& after_step = {});
  // Goes on with a fit that a checkpoint was taken of, on the same data, to the same bits as if it
  // had never stopped. ValueError where no fit is unfinished or the data are others.
  void resume(const Dataset& data, const EpochCallback& callback = {},
              const Checkpoint& checkpoint = {}, const TrainerStepCallback& after_step = {});
  // Whether a fit on these data is unfinished.
  [[nodiscard]] bool is_fit_of(const Dataset& data) const;
  // Whether the last fit ended by options().stopping.
  [[nodiscard]] bool stopped_early() const { return stopped_early_; }
  // One more epoch, at the schedule's place; past its end the schedule stays at its last value.
  const EpochRecord& step_epoch(const Dataset& data);
  // Tries learning rates on a copy, on each rank for itself (Smith 2017, arXiv:1506.01186,
  // section 3.3). Ends where the smoothed loss has risen above that of the first tenth of the steps
  // by as much as its lowest lies below, and by at least that loss's size, or is no number any
  // more.
  [[nodiscard]] RateSweep sweep_rates(const Dataset& data,
                                      const RateSweepOptions& options = {}) const;

  // Everything, exactly: step_epoch goes on from it to the same bits.
  //   {"format": "ketgrad.trainer", "version": 1, "model": …, "optimizer": …, "options": …,
  //    "history": […], "run": null or the unfinished fit}
  [[nodiscard]] nlohmann::json to_json() const;
  // Throws ValueError that names what is wrong in the document, and unless own_loss is there where
  // the trainer was written with one, of the same name.
  static Trainer from_json(const nlohmann::json& value, RanksPtr ranks = {}, OwnLoss own_loss = {});

 private:
  // A fit under way: the best epoch so far, by validation loss if there is one (plateau), or the
  // last losses (variance).
  struct Run {
    int done = 0;                 // epochs
    std::uint64_t data_hash = 0;  // of the data it learns from
    double best = std::numeric_limits<double>::infinity();
    int since = 0;                     // epochs without progress
    std::vector<double> parameters{};  // of the best epoch
    std::vector<double> recent{};      // losses of the last steps, twice the patience at most

    // Takes note of an epoch; true where patience has run out.
    bool update(const EpochRecord& record, const TrainOptions& options,
                std::span<const double> now);
    // Takes note of a step's loss; true where they stand still.
    bool stands_still(double loss, std::size_t window);
    [[nodiscard]] nlohmann::json to_json() const;
    static Run from_json(const nlohmann::json& value);
  };

  void check_run() const;
  void check_data(const Dataset& data) const;
  // Throws ValueError on all ranks where they are not of the same, or, but for the run that a fit
  // replaces, have not come as far.
  void agree_on(const Dataset& data, bool to_resume) const;
  void go_on(const Dataset& data, const EpochCallback& callback, const Checkpoint& checkpoint,
             const TrainerStepCallback& after_step);
  // A step that `after_step` returns false for ends the epoch and sets `stop`.
  const EpochRecord& train_epoch(const Dataset& data, const std::vector<std::size_t>& rows,
                                 const Dataset* validation, const TrainerStepCallback& after_step,
                                 bool& stop);
  double step(const Dataset& batch, double factor, StepRecord& record);
  [[nodiscard]] double loss_of(const Dataset& data) const;
  // The rows in the order of an epoch.
  [[nodiscard]] std::vector<std::size_t> order_of(const std::vector<std::size_t>& rows,
                                                  std::uint64_t epoch) const;
  // Of the batches of so many rows; the last may be smaller.
  [[nodiscard]] std::size_t batch_size(std::size_t n_rows) const;

  Model model_;
  TrainOptions options_;
  Optimizer optimizer_;
  std::vector<EpochRecord> history_;
  std::optional<Run> run_;
  bool stopped_early_ = false;
};

// Throws ValueError for an unknown name.
Stopping parse_stopping(std::string_view name);
std::string_view stopping_name(Stopping stopping);

}  // namespace qml
