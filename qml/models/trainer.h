#pragma once

#include <functional>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "qml/models/loss.h"
#include "qml/models/model.h"
#include "qml/optimize/optimizer.h"
#include "qml/optimize/schedule.h"

namespace qml {

struct TrainOptions {
  Loss loss = Loss::cross_entropy;
  OptimizerOptions optimizer{};
  Schedule schedule = Schedule::constant;
  int epochs = 100;
  std::size_t batch_size = 32;  // 0: all samples in one batch
  // Of the samples, held out for early stopping; 0: none. Every class, or for real targets every
  // range of them, gives its share.
  double validation_fraction = 0.0;
  int patience = 10;        // epochs without progress before stopping
  double tolerance = 1e-4;  // what counts as progress of the watched loss
  bool early_stopping = false;
  std::uint64_t seed = 0;  // of shuffling and of the validation split
  // A gradient longer than this is made that long.
  double max_gradient_norm = std::numeric_limits<double>::infinity();
  // By what the learning rate of each parameter is multiplied, 0 to hold it; none: by 1. For
  // optimizers that need gradients alone.
  std::vector<double> rates{};
  // In place of `loss`, where it is not empty; such a trainer cannot be written.
  BatchLossFunction own_loss{};
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

// Called after every epoch, or step; training ends where it returns false.
using EpochCallback = std::function<bool(const EpochRecord&)>;
using TrainerStepCallback = std::function<bool(const StepRecord&)>;

// Minimises a model's loss over mini-batches. The order of the samples depends on (seed, epoch)
// alone, and gradients are summed in a fixed order: the same bits for any number of threads. An
// exception (an interrupt, say) leaves the model as the last finished step left it.
class Trainer {
 public:
  Trainer(Model model, TrainOptions options);  // ValueError for options out of range

  [[nodiscard]] const Model& model() const { return model_; }
  [[nodiscard]] Model& model() { return model_; }
  [[nodiscard]] const TrainOptions& options() const { return options_; }
  [[nodiscard]] const std::vector<EpochRecord>& history() const { return history_; }

  // Trains for options().epochs epochs or until early stopping, which then restores the parameters
  // of the best epoch.
  void fit(const Dataset& data, const EpochCallback& callback = {},
           const Checkpoint& checkpoint = {}, const TrainerStepCallback& after_step = {});
  // Goes on with a fit that a checkpoint was taken of, on the same data, to the same bits as if it
  // had never stopped. ValueError where no fit is unfinished or the data are others.
  void resume(const Dataset& data, const EpochCallback& callback = {},
              const Checkpoint& checkpoint = {}, const TrainerStepCallback& after_step = {});
  // Whether a fit on these data is unfinished.
  [[nodiscard]] bool is_fit_of(const Dataset& data) const;
  // Whether the last fit ended because the watched loss had stopped improving.
  [[nodiscard]] bool stopped_early() const { return stopped_early_; }
  // One more epoch, at the schedule's place; past its end the schedule stays at its last value.
  const EpochRecord& step_epoch(const Dataset& data);

  // Everything, exactly: step_epoch goes on from it to the same bits.
  //   {"format": "ketgrad.trainer", "version": 1, "model": …, "optimizer": …, "options": …,
  //    "history": […], "run": null or the unfinished fit}
  [[nodiscard]] nlohmann::json to_json() const;
  // Throws ValueError that names what is wrong in the document.
  static Trainer from_json(const nlohmann::json& value);

 private:
  // A fit under way: the best epoch so far, by validation loss if there is one.
  struct Run {
    int done = 0;                 // epochs
    std::uint64_t data_hash = 0;  // of the data it learns from
    double best = std::numeric_limits<double>::infinity();
    int since = 0;                     // epochs without progress
    std::vector<double> parameters{};  // of the best epoch

    // Takes note of an epoch; true where patience has run out.
    bool update(const EpochRecord& record, const TrainOptions& options,
                std::span<const double> now);
    [[nodiscard]] nlohmann::json to_json() const;
    static Run from_json(const nlohmann::json& value);
  };

  void check_run() const;
  void check_data(const Dataset& data) const;
  void go_on(const Dataset& data, const EpochCallback& callback, const Checkpoint& checkpoint,
             const TrainerStepCallback& after_step);
  // A step that `after_step` returns false for ends the epoch and sets `stop`.
  const EpochRecord& train_epoch(const Dataset& data, const std::vector<std::size_t>& rows,
                                 const Dataset* validation, const TrainerStepCallback& after_step,
                                 bool& stop);
  double step(const Dataset& batch, double factor, StepRecord& record);
  [[nodiscard]] double loss_of(const Dataset& data) const;

  Model model_;
  TrainOptions options_;
  Optimizer optimizer_;
  std::vector<EpochRecord> history_;
  std::optional<Run> run_;
  bool stopped_early_ = false;
  std::vector<double> before_{};  // the step under way: parameters
};

}  // namespace qml
