#include "qml/models/trainer.h"

#include <pybind11/stl/filesystem.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <variant>

#include "bindings/arguments.h"
#include "bindings/arrays.h"
#include "bindings/dataset.h"
#include "bindings/goes_with.h"
#include "bindings/optimizer.h"
#include "bindings/own_loss.h"
#include "bindings/pickled.h"
#include "bindings/ranks.h"
#include "bindings/training_records.h"
#include "qml/models/classifier.h"
#include "qsim/json/text.h"

namespace ketgrad {
namespace {

using qml::EpochRecord;
using qml::Model;
using qml::Trainer;
using qml::TrainOptions;

// A trainer that works without the GIL: while it does, nobody else may look at it. The flag is only
// touched with the GIL.
struct PyTrainer {
  Trainer trainer;
  py::object loss = py::none();  // of one's own, as it was given
  bool busy = false;
  bool trains = false;  // also while a callback may look at it

  // Throws RuntimeError while another thread trains.
  Trainer& idle() {
    qsim::require<std::runtime_error>(!busy, "the trainer is training; follow it with a callback");
    return trainer;
  }
  // Those that train together; null where it trains alone.
  [[nodiscard]] const qml::RanksPtr& ranks() const { return trainer.options().ranks; }
};

// The rates by name, from the optimizer or given beside it.
RatesByName rates_by_name(const OptimizerArg& optimizer, const std::optional<RatesByName>& rates) {
  const auto* own = std::get_if<PyOptimizer>(&optimizer);
  if (own == nullptr) return rates.value_or(RatesByName{});
  qsim::require(!rates, "rates are given beside an Optimizer, which has its own");
  return own->rates;
}

PyTrainer trainer_from_json(const std::string& text, const std::optional<py::function>& loss,
                            const qml::RanksPtr& ranks = {}) {
  return {.trainer = Trainer::from_json(qsim::parse_json(text), ranks,
                                        loss ? own_loss(*loss) : qml::OwnLoss{}),
          .loss = loss ? py::object(*loss) : py::none()};
}

// The text, and the loss where it is one's own: whether that can be pickled, pickle says.
py::tuple parts_of_trainer(PyTrainer& t) {
  const std::string text = qsim::json_text(t.idle().to_json());
  if (t.loss.is_none()) return py::make_tuple(text);
  return py::make_tuple(text, t.loss);
}

PyTrainer trainer_of_parts(const py::tuple& parts) {
  if (parts.size() == 2) {
    const auto [text, loss] = parts_of<std::string, py::function>(parts, "Trainer");
    // The loss itself, whatever it shows of itself by now.
    qml::OwnLoss own = own_loss(loss);
    const nlohmann::json value = qsim::parse_json(text);
    const nlohmann::json::json_pointer name("/options/loss/own");
    if (value.contains(name) && value.at(name).is_string()) own.name = value.at(name);
    return {.trainer = Trainer::from_json(value, {}, std::move(own)), .loss = loss};
  }
  return trainer_from_json(std::get<0>(parts_of<std::string>(parts, "Trainer")), {});
}

// Marks a trainer as training for a scope. Throws RuntimeError where it is at that already, as a
// callback may find it.
class Training {
 public:
  explicit Training(PyTrainer& trainer) : trainer_(trainer) {
    qsim::require<std::runtime_error>(
        !trainer.trains, "the trainer is training; its callbacks may look at it, but not train it");
    trainer_.trains = true;
  }
  ~Training() { trainer_.trains = false; }
  Training(const Training&) = delete;
  Training& operator=(const Training&) = delete;

 private:
  PyTrainer& trainer_;
};

// Marks a trainer busy for a scope, or idle within one (a callback).
class Busy {
 public:
  Busy(PyTrainer& trainer, bool busy) : trainer_(trainer), before_(trainer.busy) {
    trainer_.busy = busy;
  }
  ~Busy() { trainer_.busy = before_; }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  PyTrainer& trainer_;
  bool before_;
};

// What it trains, how, and how far it is; of one that trains now not the last, which may change.
std::string repr_of_trainer(const PyTrainer& t) {
  const Trainer& trainer = t.trainer;
  const TrainOptions& options = trainer.options();
  const Model& model = trainer.model();
  const std::string& own = options.own_loss.name;
  std::string loss = qsim::concat("loss '", qml::loss_name(options.loss), "'");
  if (options.own_loss.function) loss = own.empty() ? "a loss of its own" : "loss " + own;
  const std::string epochs = t.busy
                                 ? qsim::concat("training for ", options.epochs)
                                 : qsim::concat(trainer.history().size(), " of ", options.epochs);
  return qsim::concat("<ketgrad.Trainer: ", model.n_inputs(), " inputs, ", model.n_outputs(),
                      " outputs, ", model.n_parameters(), " parameters, ", loss, ", optimizer '",
                      options.optimizer.name, "', ", epochs, " epochs>");
}

// None, and what Python holds for true.
bool goes_on(const py::object& answer) { return answer.is_none() || py::bool_(answer); }

// The name of a loss, or a function (outputs, targets) -> (value, derivatives by the outputs),
// with the sample weights as a third argument where there are any.
using LossArg = std::variant<std::string, py::function>;

// Samples for a trainer.
PyDataset data_for(PyTrainer& t, const ArrayLike& inputs, const std::optional<py::object>& targets,
                   const std::optional<py::object>& sample_weight) {
  const Trainer& trainer = t.idle();
  return {trainer.model(), inputs, targets.value_or(py::none()), sample_weight,
          trainer.options().own_loss.function != nullptr};
}

// Whether to stop early, or by which rule.
struct StoppingArg {
  qml::Stopping value = qml::Stopping::never;
  static StoppingArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("bool | str");
};

StoppingArg StoppingArg::from(py::handle h) {
  if (py::isinstance<py::str>(h)) return {qml::parse_stopping(text_of(h))};
  const auto type = py::type::of(h).attr("__name__").cast<std::string>();
  qsim::require<py::type_error>(type == "bool" || type == "bool_",  // numpy's has either name
                                "early_stopping must be True, False or the name of a rule, not ",
                                shown(h));
  return {h.cast<bool>() ? qml::Stopping::plateau : qml::Stopping::never};
}

// Trainer::fit or Trainer::resume, called without the GIL.
template <auto kMethod>
void train_here(PyTrainer& t, const ArrayLike& inputs, const std::optional<py::object>& targets,
                const std::optional<py::object>& sample_weight,
                const std::optional<py::function>& callback,
                const std::optional<std::filesystem::path>& checkpoint, int checkpoint_every,
                const std::optional<py::function>& step_callback) {
  const PyDataset data = data_for(t, inputs, targets, sample_weight);
  const Training training(t);
  qml::EpochCallback call;
  if (callback) {
    call = [&callback, &t](const EpochRecord& record) {
      const WithGil gil;
      const Busy idle(t, false);
      const py::object result = call_back(*callback, py::make_tuple(record_dict(record)));
      return goes_on(result);
    };
  }
  qml::TrainerStepCallback after_step;
  if (step_callback) {
    after_step = [&step_callback, &t](const qml::StepRecord& record) {
      const WithGil gil;
      const Busy idle(t, false);
      const py::object result = call_back(*step_callback, py::make_tuple(step_dict(record)));
      return goes_on(result);
    };
  }
  qsim::require(!checkpoint || !checkpoint->empty(), "checkpoint is an empty path");
  require_goes_with(checkpoint_every != 1, "checkpoint_every", checkpoint.has_value(),
                    "checkpoint");
  if (checkpoint) (void)t.trainer.to_json();  // what cannot be written says so before it is trained
  const qml::Checkpoint where{checkpoint.value_or("").string(), checkpoint_every};
  const Busy busy(t, true);
  const WithoutGil release;
  (t.trainer.*kMethod)(data.view(), call, where, after_step);
}

// The same on all ranks, if there are any.
template <auto kMethod>
void train(PyTrainer& t, const ArrayLike& inputs, const std::optional<py::object>& targets,
           const std::optional<py::object>& sample_weight,
           const std::optional<py::function>& callback,
           const std::optional<std::filesystem::path>& checkpoint, int checkpoint_every,
           const std::optional<py::function>& step_callback) {
  together(t.ranks(), [&] {
    train_here<kMethod>(t, inputs, targets, sample_weight, callback, checkpoint, checkpoint_every,
                        step_callback);
  });
}

}  // namespace

void bind_trainer(py::module_& m) {
  py::class_<PyTrainer>(m, "Trainer",
                        R"(Minimises a model's loss over mini-batches, in C++ and without the GIL.

The order of the samples depends on (seed, epoch) alone; seed None draws a fresh one. Ctrl-C leaves the
model as the last finished step left it, and so does a loss that is no finite number, which ends the training
with ValueError. optimizer is one of optimizer_names(), or an Optimizer for its options. Options that an
optimizer does not have are refused; None takes a learning_rate (all but l-bfgs) of 0.01, a momentum
(momentum, nesterov) of 0.9 and a weight_decay of 0.01 of adamw, 0 of others (as for Optimizer).

early_stopping is False or 'never', or names the rule that ends a fit. True or 'plateau': after `patience`
(None: 10) epochs in which the watched loss (of the validation_fraction held out, or without one of the
training) was not lower by tolerance (None: 1e-4) than the best, whose parameters are restored.
'variance': where the mean losses of the last `patience` (None: 100) steps and of as many before differ by
no more than half of the standard error of the last (Bowles, Ahmed & Schuld 2024, arXiv:2403.07059).

loss is one of loss_names(), or a function of one's own that is called with a mini-batch's outputs, shape
(rows, n_outputs), and targets, shape (rows, columns) for any number of columns (targets None: 0), and
returns its value and its derivatives by the outputs; where samples have weights, they are its third
argument, shape (rows,). Of such a loss files and checkpoints hold the name: it is given again to from_json.
A gradient longer than max_gradient_norm is made that long. rates multiplies the learning rates of parameters by the beginnings of their names
(Layer.parameter_names), 0 to hold them: {'0.': 0.1, '2.bias': 0} for the layers of a Chain. Where several
fit, the longest counts.

comm, a communicator of mpi4py, has its processes train together. Each calls the same with the same samples
and computes some of the blocks that every mini-batch is cut into (at most 64, of at least 8 samples), whose
sums all add in their order: the same bits on any number of ranks, one included, though not quite those
without comm. Ranks whose models, options or samples differ are refused, with ValueError on all, before the
first step; what a rank raises, Ctrl-C included, is raised on all. Callbacks are each rank's own, and one that
returns False ends the training of all. Rank 0 writes the checkpoints; any number of ranks goes on from one by
Trainer.from_json(text, comm=comm). A loss of one's own cannot be shared out. A pickled or written
trainer has no comm. See docs/many-fits.md.

Circuits of compile(precision='single') run forwards and back in single precision; parameters, losses and
the optimizer's memory are double always: mixed precision.

>>> import numpy as np
>>> model = make_model(1, n_layers=2); model.initialize(seed=1)
>>> x = np.linspace(-1, 1, 32)[:, None]
>>> trainer = Trainer(model, loss='squared', learning_rate=0.05, epochs=60, seed=0)
>>> trainer.fit(x, np.sin(x[:, 0]))
>>> trainer.history[-1]['loss'] < 0.02
True
)")
      .def(py::init([](Model model, const LossArg& loss, const OptimizerArg& optimizer,
                       std::optional<double> learning_rate, std::string_view schedule, int epochs,
                       std::size_t batch_size, const StoppingArg& early_stopping,
                       double validation_fraction, std::optional<int> patience,
                       std::optional<double> tolerance, const SeedArg& seed,
                       std::optional<double> momentum, std::optional<double> weight_decay,
                       std::optional<double> max_gradient_norm,
                       const std::optional<RatesByName>& rates, const py::object& comm) {
             const qml::RanksPtr ranks = ranks_of(comm);
             std::optional<PyTrainer> out;
             together(ranks, [&] {
               TrainOptions options;
               options.ranks = ranks;
               if (const auto* name = std::get_if<std::string>(&loss)) {
                 options.loss = qml::parse_loss(*name);
               } else {
                 options.own_loss = own_loss(std::get<py::function>(loss));
               }
               if (max_gradient_norm) options.max_gradient_norm = *max_gradient_norm;
               const GivenOptions given{.learning_rate = learning_rate,
                                        .momentum = momentum,
                                        .weight_decay = weight_decay};
               options.optimizer = options_of(optimizer, given, [](std::string_view name) {
                 return qml::OptimizerOptions{.name = std::string(name)};
               });
               const RatesByName by_name = rates_by_name(optimizer, rates);
               if (!by_name.empty()) {
                 options.optimizer.rates = rates_of(model.layer().parameter_names(), by_name);
               }
               options.schedule = qml::parse_schedule(schedule);
               if (options.schedule != qml::Schedule::constant) {
                 qml::require_option(options.optimizer.name, "learning_rate");
               }
               options.stopping = early_stopping.value;
               const bool by_plateau = options.stopping == qml::Stopping::plateau;
               const bool by_variance = options.stopping == qml::Stopping::variance;
               require_goes_with(patience.has_value(), "patience", by_plateau || by_variance,
                                 "early_stopping");
               require_goes_with(tolerance.has_value(), "tolerance", by_plateau,
                                 "early_stopping by 'plateau'");
               options.epochs = epochs;
               options.batch_size = batch_size;
               options.validation_fraction = validation_fraction;
               options.patience = patience.value_or(by_variance ? 100 : options.patience);
               options.tolerance = tolerance.value_or(options.tolerance);
               options.seed = seed_of(seed, ranks);
               options.optimizer.seed = options.seed;
               const auto* own = std::get_if<py::function>(&loss);
               out.emplace(PyTrainer{.trainer = Trainer(std::move(model), std::move(options)),
                                     .loss = own == nullptr ? py::none() : py::object(*own)});
             });
             return *std::move(out);
           }),
           py::arg("model"), py::kw_only(), py::arg("loss") = "cross_entropy",
           py::arg("optimizer") = "adam", py::arg("learning_rate") = py::none(),
           py::arg("schedule") = "constant", py::arg("epochs") = 100, py::arg("batch_size") = 32,
           py::arg("early_stopping") = false, py::arg("validation_fraction") = 0.0,
           py::arg("patience") = py::none(), py::arg("tolerance") = py::none(),
           py::arg("seed") = py::none(), py::arg("momentum") = py::none(),
           py::arg("weight_decay") = py::none(), py::arg("max_gradient_norm") = py::none(),
           py::arg("rates") = py::none(), py::arg("comm") = py::none())
      .def_property_readonly(
          "model", [](PyTrainer& t) { return Model(t.idle().model()); },
          "A copy of the model as it is now.")
      .def_property_readonly(
          "history",
          [](PyTrainer& t) {
            std::vector<py::dict> out;
            for (const auto& record : t.idle().history()) out.push_back(record_dict(record));
            return out;
          },
          "One dict an epoch: epoch, loss, validation_loss (NaN without a validation split), "
          "learning_rate.")
      .def_property_readonly(
          "stopped_early", [](PyTrainer& t) { return t.idle().stopped_early(); },
          "Whether the last fit() ended by the rule of early_stopping, and not after all epochs.")
      .def("fit", &train<&Trainer::fit>, py::arg("inputs"), py::arg("targets"),
           py::arg("sample_weight") = py::none(), py::arg("callback") = py::none(), py::kw_only(),
           py::arg("checkpoint") = py::none(), py::arg("checkpoint_every") = 1,
           py::arg("step_callback") = py::none(),
           R"(Train for the epochs asked for, or until early stopping.

targets have shape (samples, n_outputs), or (samples,) for a model of one output; those of a loss of one's
own are as it wants them. callback(record) is
called after every epoch, step_callback(record) after every step, with its epoch, step, loss,
gradient_norm, learning_rate and parameters; training ends where one returns False. With a checkpoint (a path) the trainer
is written there, whole or not at all, every checkpoint_every epochs and at the end: after a crash,
Trainer.from_json(text).resume(inputs, targets) goes on to the same bits, with a loss of one's own
Trainer.from_json(text, loss=loss).
)")
      .def("resume", &train<&Trainer::resume>, py::arg("inputs"), py::arg("targets"),
           py::arg("sample_weight") = py::none(), py::arg("callback") = py::none(), py::kw_only(),
           py::arg("checkpoint") = py::none(), py::arg("checkpoint_every") = 1,
           py::arg("step_callback") = py::none(),
           R"(Go on with a fit that a checkpoint was taken of, on the same data.

Raises ValueError where no fit is unfinished, or the data are not those of that fit.

>>> trainer = Trainer(make_model(1, n_layers=1), loss='squared', epochs=2)
>>> trainer.fit([[0.1]], [[0.5]])
>>> trainer.resume([[0.1]], [[0.5]])
Traceback (most recent call last):
ValueError: there is no unfinished fit to resume
)")
      .def(
          "is_fit_of",
          [](PyTrainer& t, const ArrayLike& inputs, const std::optional<py::object>& targets,
             const std::optional<py::object>& sample_weight) {
            const PyDataset data = data_for(t, inputs, targets, sample_weight);
            return t.trainer.is_fit_of(data.view());
          },
          py::arg("inputs"), py::arg("targets"), py::arg("sample_weight") = py::none(),
          R"(Whether a fit on exactly these data is unfinished, so that resume() can go on with it.

>>> Trainer(make_model(1, n_layers=1), loss='squared').is_fit_of([[0.1]], [0.5])
False
)")
      .def(
          "step_epoch",
          [](PyTrainer& t, const ArrayLike& inputs, const std::optional<py::object>& targets,
             const std::optional<py::object>& sample_weight) {
            EpochRecord record;
            together(t.ranks(), [&] {
              const PyDataset data = data_for(t, inputs, targets, sample_weight);
              const Training training(t);
              const Busy busy(t, true);
              const WithoutGil release;
              record = t.trainer.step_epoch(data.view());
            });
            return record_dict(record);
          },
          py::arg("inputs"), py::arg("targets"), py::arg("sample_weight") = py::none(),
          "Train one more epoch and return its record.")
      .def(
          "find_learning_rate",
          [](PyTrainer& t, const ArrayLike& inputs, const std::optional<py::object>& targets,
             const std::optional<py::object>& sample_weight, double lowest, double highest,
             int steps, double smoothing) {
            qml::RateSweep found;
            together(t.ranks(), [&] {
              const PyDataset data = data_for(t, inputs, targets, sample_weight);
              const Training training(t);
              const Busy busy(t, true);
              const WithoutGil release;
              found = t.trainer.sweep_rates(
                  data.view(),
                  {.lowest = lowest, .highest = highest, .steps = steps, .smoothing = smoothing});
            });
            const auto n = static_cast<py::ssize_t>(found.rates.size());
            return py::dict(py::arg("learning_rates") = to_array(std::move(found.rates), {n}),
                            py::arg("losses") = to_array(std::move(found.losses), {n}),
                            py::arg("smoothed") = to_array(std::move(found.smoothed), {n}),
                            py::arg("suggestion") = found.suggestion);
          },
          py::arg("inputs"), py::arg("targets"), py::arg("sample_weight") = py::none(),
          py::kw_only(), py::arg("lowest") = 1e-5, py::arg("highest") = 10.0,
          py::arg("steps") = 100, py::arg("smoothing") = 0.9,
          R"(Try learning rates on a copy, growing from mini-batch to mini-batch (Smith 2017, arXiv:1506.01186).

The rates go from lowest to highest by a factor in that many steps; the loss is smoothed by a running mean
that remembers a share `smoothing`. It ends early where the smoothed loss has risen above that of the first
tenth of the steps by as much as its lowest lies below it, and by at least that loss's size, or is no number
any more. Returns a dict: learning_rates, losses and smoothed, shape (steps taken,), and the suggestion, a
tenth of the rate at which the smoothed loss is the lowest; NaN where it does not fall.
plots.learning_rate_curve draws them. With comm, ranks do not share it out: all find the same, each by
itself, and what one raises is raised on all. The trainer, its model and its optimizer stay as they are. Raises
ValueError for rates and numbers out of range, and for l-bfgs, which has no learning rate.

>>> import numpy as np
>>> model = make_model(1, n_layers=2); model.initialize(seed=1)
>>> x = np.linspace(-1, 1, 64)[:, None]
>>> trainer = Trainer(model, loss='squared', batch_size=16, seed=0)
>>> found = trainer.find_learning_rate(x, np.sin(x[:, 0]))
>>> 0.001 < found['suggestion'] < 1
True
)")
      .def(
          "to_json", [](PyTrainer& t) { return qsim::json_text(t.idle().to_json()); },
          R"(Everything, exactly, as JSON text: model, optimizer's memory, options and history; of a loss of
one's own its name.

>>> trainer = Trainer(make_model(1, n_layers=1), loss='squared')
>>> _ = trainer.step_epoch([[0.1], [0.2]], [[0.0], [1.0]])
>>> again = Trainer.from_json(trainer.to_json())
>>> again.history[0]['loss'] == trainer.history[0]['loss']
True
)")
      .def_static(
          "from_json",
          [](const std::string& text, const std::optional<py::function>& loss,
             const py::object& comm) {
            const qml::RanksPtr ranks = ranks_of(comm);
            std::optional<PyTrainer> out;
            together(ranks, [&] { out.emplace(trainer_from_json(text, loss, ranks)); });
            return *std::move(out);
          },
          py::arg("text"), py::kw_only(), py::arg("loss") = py::none(),
          py::arg("comm") = py::none(),
          R"(The trainer that to_json wrote; it goes on to the same bits.

A trainer with a loss of one's own gets it again as loss, which must have the name that was written: that of a
function, or what an object such as mmd(4) shows of itself. That it computes the same is yours to see to. What
has no name of its own, as lambdas, closures and partials, cannot be written. The ranks of a comm may be others than those that wrote it, and as many. Raises ValueError naming what it cannot
read, or the loss that is missing or another.

>>> from ketgrad.losses import kernel_alignment
>>> trainer = Trainer(make_model(1, n_layers=1), loss=kernel_alignment())
>>> again = Trainer.from_json(trainer.to_json(), loss=kernel_alignment())
>>> Trainer.from_json(trainer.to_json(), loss=kernel_alignment(0.5))
Traceback (most recent call last):
ValueError: the trainer was written with the loss kernel_alignment(None); this one is kernel_alignment(0.5)
)")
      .def("__repr__", &repr_of_trainer)
      .def("__copy__", [](PyTrainer& t) { return PyTrainer{.trainer = t.idle(), .loss = t.loss}; })
      .def(py::pickle(&parts_of_trainer, &trainer_of_parts));
  m.def(
      "_row_blocks",
      [](std::size_t n_rows) {
        const qml::RowBlocks blocks(n_rows);
        std::vector<std::pair<std::size_t, std::size_t>> out;
        for (std::size_t b = 0; b < blocks.count; ++b) {
          out.emplace_back(blocks.begin(b), blocks.end(b));
        }
        return out;
      },
      py::arg("n_rows"),
      "How rows are cut for processes: where each block begins and ends. At most 64, of 8 rows or "
      "more each, so that programs have the same bits of a row in its block as among all rows.");
  m.def("schedule_names", &qml::schedule_names, "The learning-rate schedules.");
}

}  // namespace ketgrad
