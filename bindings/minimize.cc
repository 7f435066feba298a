#include "qml/optimize/minimize.h"

#include <algorithm>
#include <span>
#include <utility>
#include <variant>

#include "bindings/arguments.h"
#include "bindings/named_values.h"
#include "bindings/noisy.h"
#include "bindings/optimizer.h"
#include "bindings/pickled.h"
#include "bindings/program.h"
#include "qml/optimize/expectation_objective.h"
#include "qml/optimize/noisy_objective.h"
#include "qsim/core/random.h"

namespace ketgrad {
namespace {

using Optional = std::optional<py::object>;
using qml::MinimizeResult;

qml::StepCallback step_callback(const std::optional<py::function>& callback) {
  if (!callback) return {};
  return [&callback](const qml::DescentStep& at) {
    const WithGil gil;
    const std::vector<double> copy(at.parameters.begin(), at.parameters.end());
    const py::dict record(
        py::arg("start") = at.start, py::arg("step") = at.step, py::arg("value") = at.value,
        py::arg("weights") = to_array(copy, {static_cast<py::ssize_t>(copy.size())}));
    const py::object result = call_back(*callback, py::make_tuple(record));
    return result.is_none() || result.cast<bool>();
  };
}

MinimizeResult make_result(const py::object& weights, double value, const py::object& history,
                           bool converged, std::string message, std::vector<std::string> names) {
  const RealArray at = real_array(weights, "weights");
  const RealArray course = real_array(history, "history");
  qsim::require(course.size() >= 1, "the history has no values");
  qsim::require(names.empty() || names.size() == static_cast<std::size_t>(at.size()), "there are ",
                names.size(), " names for ", at.size(), " weight(s)");
  return MinimizeResult{.parameters = {at.data(), at.data() + at.size()},
                        .names = std::move(names),
                        .value = value,
                        .history = {course.data(), course.data() + course.size()},
                        .converged = converged,
                        .message = std::move(message)};
}

py::array_t<double> vector_of(const std::vector<double>& values) {
  return to_array(std::vector<double>(values), {static_cast<py::ssize_t>(values.size())});
}

bool equal_result(const MinimizeResult& a, const MinimizeResult& b) {
  return a.parameters == b.parameters && a.names == b.names && a.value == b.value &&
         a.history == b.history && a.converged == b.converged && a.message == b.message;
}

using AnyProgram = std::variant<const PyProgram*, const PyNoisyProgram*>;

// One an observable, or as many for every row of inputs.
std::vector<double> factors_of(const Optional& coefficients, std::size_t n, std::size_t rows) {
  if (!coefficients) return std::vector<double>(n, 1.0);
  const RealArray array = real_array(*coefficients, "coefficients");
  const std::span<const py::ssize_t> shape(array.shape(), static_cast<std::size_t>(array.ndim()));
  const auto has = [&](std::size_t axis, std::size_t size) {
    return static_cast<std::size_t>(shape[axis]) == size;
  };
  qsim::require(
      (shape.size() == 1 && has(0, n)) || (shape.size() == 2 && has(0, rows) && has(1, n)),
      "coefficients must have shape (", n, ",)",
      rows > 1 ? qsim::concat(" or (", rows, ", ", n, ")") : "", ", got ", ShapeOf{array});
  return {array.data(), array.data() + array.size()};
}

// The rates of an Optimizer that has them by name.
void take_rates(const OptimizerArg& optimizer, const std::vector<std::string>& names,
                qml::MinimizeOptions& options) {
  const auto* own = std::get_if<PyOptimizer>(&optimizer);
  if (own != nullptr && !own->rates.empty()) options.optimizer.rates = rates_of(names, own->rates);
}

// Of some starts alone, so that whoever takes them draws the same.
std::uint64_t seed_of_shots(const qml::MinimizeOptions& options) {
  const std::uint64_t seed = options.optimizer.seed;
  constexpr std::uint64_t kFirstStream = std::uint64_t{1} << 32U;
  if (!options.only) return seed;
  return qsim::Random(seed, kFirstStream + static_cast<std::uint64_t>(options.only->begin)).bits();
}

template <class T>
qml::ExpectationObjective<T> objective_of(const PyProgram& p, std::span<const double> inputs,
                                          std::span<const double> factors,
                                          std::optional<std::int64_t> shots,
                                          const qml::MinimizeOptions& options) {
  return {p.program, inputs, factors, qsim::Sampling{shots, seed_of_shots(options)}};
}
template <class T>
qml::NoisyObjective<T> objective_of(const PyNoisyProgram& p, std::span<const double> inputs,
                                    std::span<const double> factors,
                                    std::optional<std::int64_t> shots,
                                    const qml::MinimizeOptions& options) {
  return {p.program, inputs, factors, {shots, seed_of_shots(options)}};
}

}  // namespace

void bind_minimize(py::module_& m) {
  py::class_<MinimizeResult> c(m, "MinimizeResult",
                               R"(What minimize() and searches over populations found.

>>> prog = compile(Circuit(1).rx(Parameter('a'), 0), 'Z')
>>> minimize(prog, [0.5], optimizer='rotosolve')
<ketgrad.MinimizeResult: value -1 after 11 steps, converged>
)");
  c.def(py::init(&make_result), py::arg("weights"), py::arg("value"), py::arg("history"),
        py::arg("converged") = false, py::arg("message") = "",
        py::arg_v("names", std::vector<std::string>{}, "()"))
      .def_property_readonly(
          "weights", [](const MinimizeResult& r) { return vector_of(r.parameters); },
          "The weights of the lowest value seen, shape (n_weights,).")
      .def_property_readonly(
          "by_name", [](const MinimizeResult& r) { return named_dict(r.names, r.parameters); },
          R"(The weights by name: a number for each parameter, an array for each vector.

>>> w = ParameterVector('w', 2)
>>> result = minimize(compile(Circuit(2).ry(w, [0, 1]), 'ZI'), {w: [0.1, 2.0]}, optimizer='rotosolve')
>>> result.by_name['w'].shape
(2,)
)")
      .def_readonly("value", &MinimizeResult::value, "The lowest value seen.")
      .def_property_readonly(
          "history", [](const MinimizeResult& r) { return vector_of(r.history); },
          "The value at the start and after every step, shape (n_steps + 1,).")
      .def_property_readonly(
          "n_steps", [](const MinimizeResult& r) { return r.history.size() - 1; },
          "The number of steps taken.")
      .def_readonly(
          "converged", &MinimizeResult::converged,
          "Whether the value stood still, the gradient was small, and no direction of negative "
          "curvature was found among those tried. Never of values from shots.")
      .def_readonly("message", &MinimizeResult::message,
                    "Why minimize() ended, and which of the tests of `converged` were passed.")
      .def("__eq__", &equal_result, py::arg("other"), py::is_operator())
      .def("__repr__",
           [](const MinimizeResult& r) {
             return qsim::concat("<ketgrad.MinimizeResult: value ", r.value, " after ",
                                 r.history.size() - 1, " steps, ",
                                 r.converged ? "converged>" : "not converged>");
           })
      .def("__str__", &printed_text<MinimizeResult>)
      .def(py::pickle(
          [](const MinimizeResult& r) {
            return py::make_tuple(vector_of(r.parameters), r.value, vector_of(r.history),
                                  r.converged, r.message, r.names);
          },
          [](const py::tuple& state) {
            using Names = std::vector<std::string>;
            constexpr std::size_t kWithoutNames = 5;  // of a release that left them out
            if (state.size() == kWithoutNames) {
              const auto [weights, value, history, converged, message] =
                  parts_of<py::object, double, py::object, bool, std::string>(state,
                                                                              "MinimizeResult");
              return make_result(weights, value, history, converged, message, {});
            }
            const auto [weights, value, history, converged, message, names] =
                parts_of<py::object, double, py::object, bool, std::string, Names>(
                    state, "MinimizeResult");
            return make_result(weights, value, history, converged, message, names);
          }));
  c.attr("__hash__") = py::none();
  m.def(
      "minimize",
      [](const AnyProgram& program, const py::object& weights, const OptimizerArg& optimizer,
         std::optional<double> learning_rate, int steps, const Optional& inputs,
         const Optional& coefficients, const std::optional<ShotsArg>& shots, const SeedArg& seed,
         double tolerance, int patience, const std::optional<py::function>& callback,
         std::optional<double> momentum, std::optional<double> weight_decay,
         std::optional<double> perturbation, std::optional<int> resamplings,
         std::optional<double> regularization, const std::optional<std::string>& metric,
         int n_restarts, const std::optional<std::pair<int, int>>& starts) {
        const GivenOptions given{.learning_rate = learning_rate,
                                 .momentum = momentum,
                                 .weight_decay = weight_decay,
                                 .perturbation = perturbation,
                                 .resamplings = resamplings,
                                 .regularization = regularization,
                                 .metric = metric};
        qml::MinimizeOptions options{.optimizer = options_of(optimizer, given, &qml::usual_options),
                                     .steps = steps,
                                     .tolerance = tolerance,
                                     .patience = patience,
                                     .test_seed = seed.value.value_or(0),
                                     .n_restarts = n_restarts};
        options.optimizer.seed = seed.get();
        if (starts) options.only = {starts->first, starts->second};
        std::optional<std::int64_t> runs;
        if (shots) runs = shots->value;
        const auto call = step_callback(callback);
        return std::visit(
            [&](const auto* p) {
              const PyBatch batch(p->angles(), inputs, weights);
              qsim::require(!batch.weights_per_sample(),
                            "weights must have shape (n_weights,): minimize starts at one place");
              const qsim::Batch& at = batch.view();
              const auto factors = factors_of(coefficients, p->program.observables.size(), at.size);
              take_rates(optimizer, p->angles().weights, options);
              MinimizeResult result = run(*p, [&]<class T>(T) {
                auto objective = objective_of<T>(*p, at.inputs, factors, runs, options);
                return qml::minimize(objective, at.weights, options, call);
              });
              result.names = p->angles().weights;
              return result;
            },
            program);
      },
      py::arg("program").none(false), py::arg("weights"), py::kw_only(),
      py::arg("optimizer") = "adam", py::arg("learning_rate") = py::none(), py::arg("steps") = 1000,
      py::arg("inputs") = py::none(), py::arg("coefficients") = py::none(),
      py::arg("shots") = py::none(), py::arg("seed") = py::none(), py::arg("tolerance") = 1e-8,
      py::arg("patience") = 10, py::arg("callback") = py::none(), py::arg("momentum") = py::none(),
      py::arg("weight_decay") = py::none(), py::arg("perturbation") = py::none(),
      py::arg("resamplings") = py::none(), py::arg("regularization") = py::none(),
      py::arg("metric") = py::none(), py::arg("n_restarts") = 0, py::arg("starts") = py::none(),
      "As ketgrad.minimize, which may do it in jobs: `starts` are the first of all n_restarts + 1 "
      "that this call takes and the one after the last; None takes all.");
  m.def(
      "minimizer_names", [] { return qml::optimizer_names(qml::Demand::kExpectation); },
      "The optimizers that minimize() takes.");
}

}  // namespace ketgrad
