#include "bindings/optimizer.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>

#include "bindings/arguments.h"
#include "bindings/dataset.h"
#include "bindings/named_values.h"
#include "bindings/pickled.h"
#include "qsim/json/reader.h"
#include "qsim/json/text.h"

namespace ketgrad {
namespace {

using qsim::require;

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

using Names = std::vector<std::pair<std::string, std::size_t>>;

Names names_of(const py::dict& parameters) {
  Names out;
  for (const auto& [key, values] : parameters) {
    require<py::type_error>(py::isinstance<py::str>(key), "a parameter's name is text, not ",
                            py::repr(key).cast<std::string>());
    const std::string name = text_of(key);
    const RealArray array = real_array(py::reinterpret_borrow<py::object>(values), name);
    out.emplace_back(name, static_cast<std::size_t>(array.size()));
  }
  return out;
}

// One vector of what a dict has by these names.
std::vector<double> gathered(const py::dict& by_name, const Names& names, std::string_view what) {
  require(by_name.size() == names.size(), what, " has ", by_name.size(), " name(s), not ",
          names.size());
  std::vector<double> out;
  for (const auto& [name, size] : names) {
    require(by_name.contains(name), what, " has no '", name, "'");
    const RealArray array = real_array(by_name[name.c_str()], name);
    require(static_cast<std::size_t>(array.size()) == size, what, " has ", array.size(),
            " numbers for '", name, "', not ", size);
    out.insert(out.end(), array.data(), array.data() + array.size());
  }
  return out;
}

py::dict step_by_name(PyOptimizer& o, const py::dict& parameters, const py::dict& gradient,
                      double factor) {
  PyOptimizer next = o;
  if (o.rule.steps() == 0) {
    next.names = names_of(parameters);
    if (!o.rates.empty()) {
      std::vector<std::string> each;
      for (const auto& [name, size] : next.names) each.insert(each.end(), size, name);
      qml::OptimizerOptions options = o.rule.options();
      options.rates = rates_of(each, o.rates);
      next.rule = qml::Optimizer(std::move(options));
    }
  }
  require(!next.names.empty(), "the optimizer began with parameters as one array");
  std::vector<double> theta = gathered(parameters, next.names, "parameters");
  next.rule.step(theta, gathered(gradient, next.names, "the gradient"), factor);
  py::dict out;
  auto at = theta.begin();
  for (const auto& [name, size] : next.names) {
    const RealArray shaped = real_array(parameters[name.c_str()], name);
    std::vector<double> values(at, at + static_cast<std::ptrdiff_t>(size));
    at += static_cast<std::ptrdiff_t>(size);
    out[name.c_str()] =
        to_array(std::move(values), {shaped.shape(), shaped.shape() + shaped.ndim()});
  }
  o = std::move(next);
  return out;
}

py::object step(PyOptimizer& o, const py::object& parameters, const py::object& gradient,
                double factor) {
  if (py::isinstance<py::dict>(parameters)) {
    require<py::type_error>(py::isinstance<py::dict>(gradient),
                            "the gradient of parameters by name is a dict of the same names");
    return step_by_name(o, parameters, gradient, factor);
  }
  require(o.names.empty(), "the optimizer began with parameters by name");
  require(o.rates.empty(), "rates by name need parameters by name: a dict of arrays");
  const RealArray before = real_array(parameters, "parameters");
  const RealArray slope = real_array(gradient, "the gradient");
  const auto theta = view(before);
  std::vector<double> out(theta.begin(), theta.end());
  qml::Optimizer next = o.rule;
  next.step(out, view(slope), factor);
  o.rule = std::move(next);
  return to_array(std::move(out), {before.shape(), before.shape() + before.ndim()});
}

// The document of the rule, and what is by name beside it.
std::string to_json(const PyOptimizer& o) {
  nlohmann::json out = o.rule.to_json();
  if (!o.rates.empty()) out["rates_by_name"] = o.rates;
  if (!o.names.empty()) out["names"] = o.names;
  return out.dump();
}

PyOptimizer from_json(const std::string& text) {
  const nlohmann::json value = qsim::parse_json(text);
  PyOptimizer out{.rule = qml::Optimizer::from_json(value)};
  require_steps_by_gradient(out.rule.options().name);
  try {
    if (value.contains("rates_by_name")) out.rates = value.at("rates_by_name").get<RatesByName>();
    if (value.contains("names")) out.names = value.at("names").get<Names>();
  } catch (const nlohmann::json::exception& error) {
    qsim::fail("optimizer JSON: what is by name cannot be read: ", qsim::reason(error));
  }
  return out;
}

}  // namespace

bool PyOptimizer::operator==(const PyOptimizer& other) const {
  return rule.options() == other.rule.options() && rule.steps() == other.rule.steps() &&
         rule.memory() == other.rule.memory() && rates == other.rates && names == other.names;
}

std::vector<double> rates_of(std::span<const std::string> names, const RatesByName& by_name) {
  std::vector<double> out(names.size(), 1.0);
  for (const auto& [beginning, rate] : by_name) {  // a longer one comes after its beginnings
    bool found = false;
    for (std::size_t k = 0; k < names.size(); ++k) {
      if (!names[k].starts_with(beginning)) continue;
      out[k] = rate;
      found = true;
    }
    if (found) continue;
    std::string known;
    for (std::size_t k = 0; k < names.size() && k < 8; ++k) {
      known += qsim::concat(known.empty() ? "" : ", ", "'", names[k], "'");
    }
    qsim::fail("no parameter's name begins with '", beginning, "'; there are ", known,
               names.size() > 8 ? ", …" : "");
  }
  return out;
}

qml::OptimizerOptions options_of(const OptimizerArg& optimizer, const GivenOptions& given,
                                 qml::OptimizerOptions (*defaults)(std::string_view name)) {
  if (const auto* name = std::get_if<std::string>(&optimizer)) return given.over(defaults(*name));
  require(given == GivenOptions{}, "options are given beside an Optimizer, which has its own");
  return std::get<PyOptimizer>(optimizer).rule.options();
}

void bind_optimizer(py::module_& m) {
  py::class_<PyOptimizer> c(m, "Optimizer",
                            R"(Steps against a gradient, for training loops of one's own.

name is one of optimizer_names(gradient_only=True). None stands for a learning_rate of 0.01, a momentum
(of momentum and nesterov) of 0.9, a decay (of rmsprop: the memory of the mean square) of 0.9, betas (of adam
and adamw) of (0.9, 0.999), an epsilon (of those three) of 1e-8 and a weight_decay of 0.01 of adamw, 0 of all
others. adamw's shrinks the parameters (Loshchilov & Hutter 2019, arXiv:1711.05101); that of the others is
added to the gradient, as in PyTorch. amsgrad (adam, adamw) divides by the largest mean square so far (Reddi
et al. 2018, arXiv:1904.09237). rates multiplies the learning rate of each parameter, 0 to hold it: an array,
or, for parameters by name, a dict of the beginnings of names, the longest of which counts.

Trainer(optimizer=) and minimize(optimizer=) take one for its options. Raises ValueError for an unknown
name, for optimizers that need more than a gradient, which minimize() and Trainer have, for options out of
range and for those of other optimizers.

>>> import numpy as np
>>> theta, optimizer = np.array([1.0, -1.0]), Optimizer('adam', learning_rate=0.1)
>>> for _ in range(100):
...     theta = optimizer.step(theta, 2 * theta)
>>> bool(abs(theta).max() < 0.01)
True
>>> optimizer = Optimizer('sgd', learning_rate=0.1, rates={'bias': 0.5})
>>> optimizer.step({'w': [1.0, 2.0], 'bias': 1.0}, {'w': [1.0, 1.0], 'bias': 1.0})
{'w': array([0.9, 1.9]), 'bias': array(0.95)}
)");
  c.def(py::init([](std::string name, std::optional<double> learning_rate,
                    std::optional<double> momentum, std::optional<double> weight_decay,
                    const std::optional<std::pair<double, double>>& betas,
                    std::optional<double> epsilon, std::optional<double> decay, bool amsgrad,
                    const std::optional<py::object>& rates) {
          require_steps_by_gradient(name);
          const GivenOptions given{.learning_rate = learning_rate,
                                   .momentum = momentum,
                                   .weight_decay = weight_decay,
                                   .betas = betas,
                                   .epsilon = epsilon,
                                   .decay = decay,
                                   .amsgrad = amsgrad};
          qml::OptimizerOptions options = given.over({.name = std::move(name)});
          PyOptimizer out;
          if (rates && is_by_name(*rates)) {
            out.rates = rates->cast<RatesByName>();
            for (const auto& [beginning, rate] : out.rates) {
              require(std::isfinite(rate) && rate >= 0, "the rate of '", beginning, "' is ", rate,
                      "; it must be finite and not negative");
            }
          } else if (rates) {
            const RealArray array = real_array(*rates, "rates");
            options.rates.assign(array.data(), array.data() + array.size());
          }
          out.rule = qml::Optimizer(std::move(options));
          return out;
        }),
        py::arg("name") = "adam", py::arg("learning_rate") = py::none(),
        py::arg("momentum") = py::none(), py::arg("weight_decay") = py::none(), py::kw_only(),
        py::arg("betas") = py::none(), py::arg("epsilon") = py::none(),
        py::arg("decay") = py::none(), py::arg("amsgrad") = false, py::arg("rates") = py::none())
      .def("step", &step, py::arg("parameters"), py::arg("gradient"),
           py::arg("learning_rate_factor") = 1.0,
           R"(The parameters after one step, in the shape given, or a dict of arrays for a dict.

learning_rate_factor is a schedule's. Raises ValueError, and remembers nothing, for sizes or names that
do not fit, a gradient that is not finite, and a step that leads to infinity.

>>> Optimizer('sgd', learning_rate=0.5).step([[1.0], [2.0]], [[1.0], [1.0]])
array([[0.5],
       [1.5]])
)")
      .def_property_readonly(
          "steps", [](const PyOptimizer& o) { return o.rule.steps(); },
          "The number of steps so far.")
      .def("to_json", &to_json,
           R"(Everything, exactly, as JSON text: options, steps and what the rule remembers.

>>> optimizer = Optimizer('adam', betas=(0.8, 0.99))
>>> _ = optimizer.step([1.0], [0.5])
>>> Optimizer.from_json(optimizer.to_json()) == optimizer
True
)")
      .def_static("from_json", &from_json, py::arg("text"),
                  R"(The optimizer that to_json wrote; it goes on to the same bits.

Raises ValueError naming what it cannot read.

>>> Optimizer.from_json(Optimizer('sgd').to_json())
<ketgrad.Optimizer: sgd, learning rate 0.01, 0 steps>
)")
      .def(
          "__eq__", [](const PyOptimizer& a, const PyOptimizer& b) { return a == b; },
          py::arg("other"), py::is_operator())
      .def("__repr__",
           [](const PyOptimizer& o) {
             return qsim::concat("<ketgrad.Optimizer: ", o.rule.options().name, ", learning rate ",
                                 o.rule.options().learning_rate, ", ", o.rule.steps(), " steps>");
           })
      .def(py::pickle([](const PyOptimizer& o) { return py::make_tuple(to_json(o)); },
                      [](const py::tuple& state) {
                        const auto [text] = parts_of<std::string>(state, "Optimizer");
                        return from_json(text);
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
