#include "qml/optimize/optimizer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "bindings/common.h"
#include "bindings/dataset.h"
#include "bindings/optimizer_options.h"
#include "bindings/pickled.h"
#include "qsim/json/text.h"

namespace ketgrad {
namespace {

// An Optimizer of Python's gets a gradient and nothing else.
void require_steps_by_gradient(std::string_view name) {
  if (qml::optimizer_needs(name, qml::Demand::kGradient) == qml::Demand::kGradient) return;
  std::string others;
  for (const auto other : qml::optimizer_names(qml::Demand::kGradient)) {
    others += qsim::concat(others.empty() ? "" : ", ", other);
  }
  qsim::fail("'", name, "' needs more than a gradient: give it to minimize() or a Trainer; an ",
             "Optimizer is one of ", others);
}

}  // namespace

void bind_optimizer(py::module_& m) {
  py::class_<qml::Optimizer> c(m, "Optimizer",
                               R"(Steps against a gradient, for training loops of one's own.

name is one of optimizer_names(gradient_only=True). None stands for a learning_rate of 0.01, a momentum
(of momentum and nesterov) of 0.9 and a weight_decay (of adamw) of 0.01. Raises ValueError for an unknown
name, for optimizers that need more than a gradient, which minimize() and Trainer have, for options out of
range and for those of other optimizers.

>>> import numpy as np
>>> theta, optimizer = np.array([1.0, -1.0]), Optimizer('adam', learning_rate=0.1)
>>> for _ in range(100):
...     theta = optimizer.step(theta, 2 * theta)
>>> bool(abs(theta).max() < 0.01)
True
)");
  c.def(py::init([](std::string name, std::optional<double> learning_rate,
                    std::optional<double> momentum, std::optional<double> weight_decay) {
          require_steps_by_gradient(name);
          const GivenOptions given{
              .learning_rate = learning_rate, .momentum = momentum, .weight_decay = weight_decay};
          return qml::Optimizer(given.over({.name = std::move(name)}));
        }),
        py::arg("name") = "adam", py::arg("learning_rate") = py::none(),
        py::arg("momentum") = py::none(), py::arg("weight_decay") = py::none())
      .def(
          "step",
          [](qml::Optimizer& o, const py::object& parameters, const py::object& gradient,
             double factor) {
            const RealArray before = real_array(parameters, "parameters");
            const RealArray slope = real_array(gradient, "the gradient");
            const auto theta = view(before);
            std::vector<double> out(theta.begin(), theta.end());
            o.step(out, view(slope), factor);
            return to_array(std::move(out), {before.shape(), before.shape() + before.ndim()});
          },
          py::arg("parameters"), py::arg("gradient"), py::arg("learning_rate_factor") = 1.0,
          "The parameters after one step, in the shape given; the factor is a schedule's. Raises "
          "ValueError, and remembers nothing, for sizes that do not fit and a gradient that is not "
          "finite.")
      .def_property_readonly("steps", &qml::Optimizer::steps, "The number of steps so far.")
      .def(
          "__eq__",
          [](const qml::Optimizer& a, const qml::Optimizer& b) {
            return a.options() == b.options() && a.steps() == b.steps() && a.memory() == b.memory();
          },
          py::arg("other"), py::is_operator())
      .def("__repr__",
           [](const qml::Optimizer& o) {
             return qsim::concat("<ketgrad.Optimizer: ", o.options().name, ", learning rate ",
                                 o.options().learning_rate, ", ", o.steps(), " steps>");
           })
      .def(py::pickle([](const qml::Optimizer& o) { return py::make_tuple(o.to_json().dump()); },
                      [](const py::tuple& state) {
                        const auto [text] = parts_of<std::string>(state, "Optimizer");
                        auto out = qml::Optimizer::from_json(qsim::parse_json(text));
                        require_steps_by_gradient(out.options().name);
                        return out;
                      }));
  c.attr("__hash__") = py::none();
  m.def(
      "optimizer_names",
      [](bool gradient_only) {
        return qml::optimizer_names(gradient_only ? qml::Demand::kGradient : qml::Demand::kLoss);
      },
      py::arg("gradient_only") = false,
      "The optimizers of a Trainer, which run in C++, or of those the ones that need a gradient "
      "and "
      "nothing else, as an Optimizer gets it; minimize() takes more.");
}

}  // namespace ketgrad
