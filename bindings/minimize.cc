#include "qml/optimize/minimize.h"

#include <algorithm>
#include <utility>

#include "bindings/arguments.h"
#include "bindings/named_values.h"
#include "bindings/optimizer_options.h"
#include "bindings/pickled.h"
#include "bindings/program.h"
#include "qml/optimize/expectation_objective.h"

namespace ketgrad {
namespace {

using Optional = std::optional<py::object>;
using qml::MinimizeResult;

qml::StepCallback step_callback(const std::optional<py::function>& callback) {
  if (!callback) return {};
  return [&callback](int step, double value, std::span<const double> weights) {
    const WithGil gil;
    const std::vector<double> copy(weights.begin(), weights.end());
    const py::dict record(
        py::arg("step") = step, py::arg("value") = value,
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
                names.size(), " names for ", at.size(), " weights");
  return MinimizeResult{.parameters = {at.data(), at.data() + at.size()},
                        .names = std::move(names),
                        .value = value,
                        .history = {course.data(), course.data() + course.size()},
                        .converged = converged,
                        .message = std::move(message)};
}

// The few numbers that tell what was found, then the weights.
std::string result_text(const MinimizeResult& r) {
  constexpr std::size_t kMostShown = 12;
  std::string out = qsim::concat("value ", r.value, " after ", r.history.size() - 1, " steps, ",
                                 r.converged ? "converged" : "not converged");
  if (!r.message.empty()) out += ": " + r.message;
  for (std::size_t k = 0; k < std::min(r.parameters.size(), kMostShown); ++k) {
    out += qsim::concat("\n", r.names.empty() ? qsim::concat("weight ", k) : r.names[k], " = ",
                        r.parameters[k]);
  }
  if (r.parameters.size() > kMostShown) {
    out += qsim::concat("\n… and ", r.parameters.size() - kMostShown, " other weights");
  }
  return out;
}

py::array_t<double> vector_of(const std::vector<double>& values) {
  return to_array(std::vector<double>(values), {static_cast<py::ssize_t>(values.size())});
}

bool equal_result(const MinimizeResult& a, const MinimizeResult& b) {
  return a.parameters == b.parameters && a.names == b.names && a.value == b.value &&
         a.history == b.history && a.converged == b.converged && a.message == b.message;
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
      .def("__str__", &result_text)
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
      [](const PyProgram& p, const py::object& weights, const std::string& optimizer,
         std::optional<double> learning_rate, int steps, const Optional& inputs,
         const Optional& coefficients, const std::optional<ShotsArg>& shots, const SeedArg& seed,
         double tolerance, int patience, const std::optional<py::function>& callback,
         std::optional<double> momentum, std::optional<double> weight_decay,
         std::optional<double> perturbation, std::optional<int> resamplings,
         std::optional<double> regularization, const std::optional<std::string>& metric,
         int n_restarts) {
        const PyBatch batch(p.program, inputs, weights);
        qsim::require(!batch.weights_per_sample(),
                      "weights must have shape (n_weights,): minimize starts at one place");
        std::vector<double> factors(p.program.observables.size(), 1.0);
        if (coefficients) {
          const RealArray array = real_array(*coefficients, "coefficients");
          factors.assign(array.data(), array.data() + array.size());
        }
        const GivenOptions given{.learning_rate = learning_rate,
                                 .momentum = momentum,
                                 .weight_decay = weight_decay,
                                 .perturbation = perturbation,
                                 .resamplings = resamplings,
                                 .regularization = regularization,
                                 .metric = metric};
        qml::MinimizeOptions options{.optimizer = given.over(qml::usual_options(optimizer)),
                                     .steps = steps,
                                     .tolerance = tolerance,
                                     .patience = patience,
                                     .test_seed = seed.value.value_or(0),
                                     .n_restarts = n_restarts};
        options.optimizer.seed = seed.get();
        qsim::Sampling sampling;
        if (shots) sampling = {shots->value, options.optimizer.seed};
        const auto call = step_callback(callback);
        auto result = run(p, [&]<class T>(T) {
          qml::ExpectationObjective<T> objective(p.program, batch.view().inputs, factors, sampling);
          return qml::minimize(objective, batch.view().weights, options, call);
        });
        result.names = p.program.weights;
        return result;
      },
      py::arg("program"), py::arg("weights"), py::kw_only(), py::arg("optimizer") = "adam",
      py::arg("learning_rate") = py::none(), py::arg("steps") = 1000,
      py::arg("inputs") = py::none(), py::arg("coefficients") = py::none(),
      py::arg("shots") = py::none(), py::arg("seed") = py::none(), py::arg("tolerance") = 1e-8,
      py::arg("patience") = 10, py::arg("callback") = py::none(), py::arg("momentum") = py::none(),
      py::arg("weight_decay") = py::none(), py::arg("perturbation") = py::none(),
      py::arg("resamplings") = py::none(), py::arg("regularization") = py::none(),
      py::arg("metric") = py::none(), py::arg("n_restarts") = 0,
      R"(Minimise expectation values over a program's weights, from weights of shape (n_weights,) or by name.

The value is sum(coefficients * expval), coefficients of shape (n_observables,) being 1 unless given,
and its mean over the rows of inputs. Runs in C++ without the GIL; Ctrl-C ends it. minimizer_names()
lists the optimizers:

sgd, momentum, nesterov, rmsprop, adam, adamw  as in Trainer
qng        natural gradient: steps by the inverse of metric_tensor(approx=metric) plus regularization
           (Stokes et al. 2020, arXiv:1909.02108)
spsa       two values a step, whatever the number of weights, at +- perturbation along random signs,
           averaged over `resamplings` (Spall 1998). Steps shrink as learning_rate / t**0.602, in
           units in which the first changes every weight by about learning_rate (its size is found
           from 32 values at the start)
qnspsa     the same with a metric estimated from four fidelities (Gacon et al. 2021, arXiv:2103.09232)
rotosolve  one weight after the other to its lowest value (Ostaszewski et al. 2021, arXiv:1905.09692).
           Only where all angles are linear in each weight, as in rx(2 * w[0] + x[0]): ValueError naming
           the weight for others, for weights in amplitudes and for more than 64 frequencies.
l-bfgs     quasi-Newton with a line search, for exact values (Nocedal & Wright 2006)

Options that an optimizer does not have are refused. None takes a learning_rate (all but rotosolve and
l-bfgs) of 0.1, of spsa 0.6, of qnspsa 0.03; a momentum (momentum, nesterov) of 0.9; a weight_decay (adamw) of
0.01; a perturbation (spsa, qnspsa) of 0.1 and resamplings of 1; a regularization (qng, qnspsa) of 1e-3, of
qnspsa 0.1; the metric (qng) 'full'.
With shots, values are estimates and gradients come from parameter shift; metrics and fidelities stay
exact; the result then is the last place with a value drawn anew, as the lowest value seen would be a
lucky draw. seed (None: fresh) is that of shots, random directions and restarts.

tolerance, from 0 to below 1, is a share of the size s of the observables, sum(|coefficient|) of their
strings other than the identity (of a matrix half the width of its spectrum), times |coefficients|: the
test does not depend on the unit of the values. The optimizers' steps do: learning rates are for values of
about 1.

Where the values of `patience` steps in a row lie within tolerance * s, exact ones are tested: the gradient
has to be small (sqrt(tolerance) * s), and nothing may be lower along the direction of lowest curvature, so
far as Lanczos iterations on the Hessian tell, and along four random ones. Then the result has converged.
From a saddle or a maximum the next step leads down instead, and the optimizer begins afresh there. Shots cannot show that a minimum was found: values from
them that stand still end it too, but never count as converged. Otherwise it ends after `steps` steps, or
where callback({'step', 'value', 'weights'}), called after every step, returns False; the result's message
says which. n_restarts further descents begin at random weights, uniform in [-pi, pi], and the result is
the one that ended lowest; where callback returns False, no other begins. Raises ValueError for options
out of range.

>>> a, b = Parameter('a'), Parameter('b')
>>> prog = compile(Circuit(2).ry(a, 0).cx(0, 1).ry(b, 1), {'XX': 0.5, 'ZI': 1.0})
>>> result = minimize(prog, [0.1, 0.2], optimizer='l-bfgs')
>>> round(result.value, 6), result.converged
(-1.118034, True)
)");
  m.def(
      "minimizer_names", [] { return qml::optimizer_names(qml::Demand::kExpectation); },
      "The optimizers that minimize() takes.");
}

}  // namespace ketgrad
