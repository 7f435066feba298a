#include "qml/optimize/optimizer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "qml/optimize/optimizer_rules.h"
#include "qsim/core/error.h"

namespace qml {

using qsim::concat;
using qsim::fail;
using qsim::require;

namespace {

using Json = nlohmann::json;

constexpr std::string_view kFormat = "ketgrad.optimizer";
constexpr int kVersion = 2;
constexpr double kWeightDecayOfAdamw = 0.01;

void sgd(const Step& s) {
  for (std::size_t k = 0; k < s.theta.size(); ++k) s.theta[k] -= s.eta * s.g[k];
}

void momentum(const Step& s) {
  const std::span<double> v = s.memory[0];
  const double mu = s.options.momentum;
  for (std::size_t k = 0; k < s.theta.size(); ++k) {
    v[k] = mu * v[k] - s.eta * s.g[k];
    s.theta[k] += v[k];
  }
}

void nesterov(const Step& s) {
  const std::span<double> v = s.memory[0];
  const double mu = s.options.momentum;
  for (std::size_t k = 0; k < s.theta.size(); ++k) {
    v[k] = mu * v[k] - s.eta * s.g[k];
    s.theta[k] += mu * v[k] - s.eta * s.g[k];
  }
}

void rmsprop(const Step& s) {
  const std::span<double> v = s.memory[0];
  const double rho = s.options.decay;
  for (std::size_t k = 0; k < s.theta.size(); ++k) {
    v[k] = rho * v[k] + (1.0 - rho) * s.g[k] * s.g[k];
    s.theta[k] -= s.eta * s.g[k] / (std::sqrt(v[k]) + s.options.epsilon);
  }
}

void adam(const Step& s) {
  const std::span<double> m = s.memory[0];
  const std::span<double> v = s.memory[1];
  const double beta1 = s.options.beta1;
  const double beta2 = s.options.beta2;
  const double correction1 = 1.0 - std::pow(beta1, s.count);
  const double correction2 = 1.0 - std::pow(beta2, s.count);
  for (std::size_t k = 0; k < s.theta.size(); ++k) {
    m[k] = beta1 * m[k] + (1.0 - beta1) * s.g[k];
    v[k] = beta2 * v[k] + (1.0 - beta2) * s.g[k] * s.g[k];
    double square = v[k];
    if (s.options.amsgrad) {
      double& largest = s.memory[2][k];
      square = largest = std::max(largest, square);
    }
    const double scale = std::sqrt(square / correction2) + s.options.epsilon;
    s.theta[k] -= s.eta * (m[k] / correction1) / scale;
  }
}

void adamw(const Step& s) {
  const double kept = 1.0 - s.eta * s.options.weight_decay.value_or(kWeightDecayOfAdamw);
  for (double& parameter : s.theta) parameter *= kept;
  adam(s);
}

struct Rule {
  std::string_view name;
  Demand needs;
  std::size_t n_memories;                     // vectors that it remembers …
  std::size_t (*memory_size)(std::size_t n);  // … their length for n parameters
  void (*step)(const Step& s);                // of rules that need a gradient
  double (*objective_step)(const Step& s);    // of all others
  std::string_view options;                   // those that users may set
  std::size_t squares = SIZE_MAX;  // from which vector of memory on they hold means of squares
};

std::size_t one(std::size_t) { return 1; }
std::size_t linear(std::size_t n) { return n; }
std::size_t square(std::size_t n) { return n * n; }

constexpr std::array kRules{
    Rule{"sgd", Demand::kGradient, 0, linear, sgd, nullptr, "learning_rate weight_decay rates"},
    Rule{"momentum", Demand::kGradient, 1, linear, momentum, nullptr,
         "learning_rate momentum weight_decay rates"},
    Rule{"nesterov", Demand::kGradient, 1, linear, nesterov, nullptr,
         "learning_rate momentum weight_decay rates"},
    Rule{"rmsprop", Demand::kGradient, 1, linear, rmsprop, nullptr,
         "learning_rate decay epsilon weight_decay rates", 0},
    Rule{"adam", Demand::kGradient, 2, linear, adam, nullptr,
         "learning_rate betas epsilon amsgrad weight_decay rates", 1},
    Rule{"adamw", Demand::kGradient, 2, linear, adamw, nullptr,
         "learning_rate betas epsilon amsgrad weight_decay rates", 1},
    Rule{"qng", Demand::kLoss, 0, linear, nullptr, qng, "learning_rate regularization metric"},
    Rule{"spsa", Demand::kLoss, 1, one, nullptr, spsa, "learning_rate perturbation resamplings", 0},
    Rule{"l-bfgs", Demand::kLoss, 2 * kPairsOfLBfgs, linear, nullptr, l_bfgs, ""},
    Rule{"qnspsa", Demand::kExpectation, 1, square, nullptr, qnspsa,
         "learning_rate perturbation resamplings regularization"},
    Rule{"rotosolve", Demand::kExpectation, 0, linear, nullptr, rotosolve, ""},
};

bool takes(const Rule& rule, std::string_view option) {
  // Names are separated by single spaces.
  return concat(' ', rule.options, ' ').find(concat(' ', option, ' ')) != std::string::npos;
}

std::string known_names(Demand most) {
  std::string out;
  for (const std::string_view name : optimizer_names(most)) {
    out += concat(out.empty() ? "" : ", ", name);
  }
  return out;
}

// In every step, so it allocates for errors only.
const Rule& rule_named(std::string_view name, Demand most = Demand::kExpectation) {
  const auto* const rule = std::ranges::find(kRules, name, &Rule::name);
  if (rule == kRules.end()) {
    fail("there is no optimizer named '", name, "'; the names are ", known_names(most));
  }
  return *rule;
}

// The numbers among the options, each in [low, high), or (low, high) where low is excluded.
struct OptionRow {
  std::string_view name;
  double OptimizerOptions::*member;
  double low;
  bool low_included;
  double high;
};
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::array kOptions{
    OptionRow{"learning_rate", &OptimizerOptions::learning_rate, 0.0, false, kInfinity},
    OptionRow{"momentum", &OptimizerOptions::momentum, 0.0, true, 1.0},
    OptionRow{"beta1", &OptimizerOptions::beta1, 0.0, true, 1.0},
    OptionRow{"beta2", &OptimizerOptions::beta2, 0.0, true, 1.0},
    OptionRow{"epsilon", &OptimizerOptions::epsilon, 0.0, false, kInfinity},
    OptionRow{"decay", &OptimizerOptions::decay, 0.0, true, 1.0},
    OptionRow{"perturbation", &OptimizerOptions::perturbation, 0.0, false, kInfinity},
    OptionRow{"alpha", &OptimizerOptions::alpha, 0.0, true, kInfinity},
    OptionRow{"gamma", &OptimizerOptions::gamma, 0.0, true, kInfinity},
    OptionRow{"stability", &OptimizerOptions::stability, 0.0, true, kInfinity},
    OptionRow{"regularization", &OptimizerOptions::regularization, 0.0, false, kInfinity},
};

void check(const Rule& rule, const OptimizerOptions& options) {
  for (const OptionRow& row : kOptions) {
    const double value = options.*row.member;
    const bool above = row.low_included ? value >= row.low : value > row.low;
    require(above && value < row.high, "the optimizer's ", row.name, " is ", value, ", outside ",
            row.low_included ? "[" : "(", row.low, ", ", row.high, ")");
  }
  require(options.resamplings >= 1, "the optimizer's resamplings is ", options.resamplings,
          "; it must be at least 1");
  const double weight_decay = options.weight_decay.value_or(0.0);
  require(std::isfinite(weight_decay) && weight_decay >= 0, "the optimizer's weight_decay is ",
          weight_decay, ", outside [0, inf)");
  require(options.rates.empty() || rule.needs == Demand::kGradient,
          "rates of single parameters are for optimizers that need gradients alone, not for '",
          rule.name, "'");
  for (std::size_t k = 0; k < options.rates.size(); ++k) {
    const double rate = options.rates[k];
    require(std::isfinite(rate) && rate >= 0, "the rate of parameter ", k, " is ", rate,
            "; it must be finite and not negative");
  }
}

void check_gradient(std::span<const double> gradient) {
  for (std::size_t k = 0; k < gradient.size(); ++k) {
    require(std::isfinite(gradient[k]), "gradient[", k, "] is ", gradient[k],
            "; it must be finite");
  }
}

const Json& member(const Json& object, std::string_view key) {
  require(object.is_object(), "optimizer JSON: an object is expected where there is ",
          object.type_name());
  const auto found = object.find(key);
  require(found != object.end(), "optimizer JSON: there is no '", key, "'");
  return *found;
}

double finite_number(const Json& value, std::string_view key) {
  require(value.is_number(), "optimizer JSON: '", key, "' holds ", value.type_name(),
          " where a number is expected");
  const auto number = value.get<double>();
  require(std::isfinite(number), "optimizer JSON: '", key, "' holds ", number);
  return number;
}

void check_header(const Json& value) {
  require(member(value, "format") == kFormat, "optimizer JSON: the format is not '", kFormat, "'");
  const Json& version = member(value, "version");
  require(version == 1 || version == kVersion, "optimizer JSON: only versions 1 and ", kVersion,
          " can be read");
}

std::vector<double> read_vector(const Json& value, std::string_view key) {
  require(value.is_array(), "optimizer JSON: '", key, "' holds ", value.type_name(),
          " where a list of numbers is expected");
  std::vector<double> out;
  for (const Json& number : value) out.push_back(finite_number(number, key));
  return out;
}

OptimizerOptions read_options(const Json& value, int version) {
  OptimizerOptions options;
  const Json& name = member(value, "name");
  require(name.is_string(), "optimizer JSON: 'name' is no text");
  options.name = name.get<std::string>();
  for (const OptionRow& row : kOptions) {
    options.*row.member = finite_number(member(value, row.name), row.name);
  }
  const Json& weight_decay = member(value, "weight_decay");
  if (!weight_decay.is_null()) options.weight_decay = finite_number(weight_decay, "weight_decay");
  const Json& resamplings = member(value, "resamplings");
  const Json& seed = member(value, "seed");
  const Json& metric = member(value, "metric");
  require(resamplings.is_number_integer() &&
              std::abs(resamplings.get<double>()) <= std::numeric_limits<int>::max(),
          "optimizer JSON: 'resamplings' is no integer");
  require(seed.is_number_unsigned(), "optimizer JSON: 'seed' is no unsigned integer");
  require(metric.is_string(), "optimizer JSON: 'metric' is no text");
  options.resamplings = resamplings.get<int>();
  options.seed = seed.get<std::uint64_t>();
  options.metric = metric_approx(metric.get<std::string>());
  if (version == 1) {  // it had neither, and a weight decay of adamw alone
    if (options.name != "adamw") options.weight_decay.reset();
    return options;
  }
  const Json& amsgrad = member(value, "amsgrad");
  require(amsgrad.is_boolean(), "optimizer JSON: 'amsgrad' is neither true nor false");
  options.amsgrad = amsgrad.get<bool>();
  options.rates = read_vector(member(value, "rates"), "rates");
  return options;
}

std::int64_t read_steps(const Json& value) {
  constexpr double kMost = 0x1p53;  // exact as numbers of the formulas
  const Json& steps = member(value, "steps");
  const bool is_count = steps.is_number_integer() && steps.get<double>() >= 0;
  require(is_count && steps.get<double>() <= kMost, "optimizer JSON: 'steps' is no count");
  return steps.get<std::int64_t>();
}

}  // namespace

Optimizer::Optimizer(OptimizerOptions options) : options_(std::move(options)) {
  const Rule& rule = rule_named(options_.name);
  check(rule, options_);
  memory_.resize(rule.n_memories + (options_.amsgrad && takes(rule, "amsgrad") ? 1 : 0));
}

bool Optimizer::fits(std::size_t n_parameters) const {
  const std::size_t size = rule_named(options_.name).memory_size(n_parameters);
  return steps_ == 0 ||
         std::ranges::all_of(memory_, [size](const auto& v) { return v.size() == size; });
}

void Optimizer::check_step(std::size_t n_parameters, double learning_rate_factor) const {
  require(fits(n_parameters), "the optimizer was started with ",
          memory_.empty() ? 0 : memory_.front().size(), " numbers of memory a vector and now gets ",
          n_parameters, " parameters");
  require(options_.rates.empty() || options_.rates.size() == n_parameters, "there are ",
          options_.rates.size(), " rates for ", n_parameters, " parameters");
  require(std::isfinite(learning_rate_factor) && learning_rate_factor >= 0.0,
          "the learning rate's factor is ", learning_rate_factor, "; it must be finite and >= 0");
}

std::span<const double> Optimizer::decayed(std::span<const double> parameters,
                                           std::span<const double> gradient) {
  const double decay = options_.name == "adamw" ? 0.0 : options_.weight_decay.value_or(0.0);
  if (decay == 0.0) return gradient;
  decayed_.assign(gradient.begin(), gradient.end());
  for (std::size_t k = 0; k < decayed_.size(); ++k) decayed_[k] += decay * parameters[k];
  return decayed_;
}

void Optimizer::step(std::span<double> parameters, std::span<const double> gradient,
                     double learning_rate_factor) {
  const Rule& rule = rule_named(options_.name);
  require(rule.needs == Demand::kGradient, "a step of '", rule.name,
          "' needs an objective, not a gradient alone");
  require(parameters.size() == gradient.size(), "there are ", parameters.size(),
          " parameters and a gradient of ", gradient.size());
  check_step(parameters.size(), learning_rate_factor);
  check_gradient(gradient);
  if (steps_ == 0) {
    for (auto& vector : memory_) vector.assign(parameters.size(), 0.0);
  }
  const auto take = [&] {
    rule.step({.options = options_,
               .eta = options_.learning_rate * learning_rate_factor,
               .count = static_cast<double>(steps_ + 1),
               .theta = parameters,
               .g = decayed(parameters, gradient),
               .memory = memory_,
               .objective = nullptr});
    for (std::size_t k = 0; k < options_.rates.size(); ++k) {
      parameters[k] = before_[k] + options_.rates[k] * (parameters[k] - before_[k]);
    }
    return 0.0;
  };
  undoable(parameters, std::cref(take));
}

double Optimizer::undoable(std::span<double> parameters, const std::function<double()>& step) {
  before_.assign(parameters.begin(), parameters.end());
  memory_before_ = memory_;
  const double value = step();
  const auto check_finite = [&](std::span<const double> numbers, std::string_view what) {
    const auto is_finite = [](double number) { return std::isfinite(number); };
    const auto found = std::ranges::find_if_not(numbers, is_finite);
    if (found == numbers.end()) return;
    const double number = *found;
    const auto at = found - numbers.begin();
    std::ranges::copy(before_, parameters.begin());
    std::swap(memory_, memory_before_);
    qsim::fail("the step leads ", what, at, " to ", number,
               "; the step or the gradient is too large");
  };
  check_finite(parameters, "parameter ");
  for (const auto& numbers : memory_) check_finite(numbers, "the optimizer's memory at ");
  ++steps_;
  return value;
}

double Optimizer::step(std::span<double> parameters, Objective& objective,
                       double learning_rate_factor) {
  const Rule& rule = rule_named(options_.name);
  if (rule.needs == Demand::kGradient) {
    gradient_.resize(parameters.size());
    const double value = objective.gradient(parameters, gradient_);
    step(parameters, gradient_, learning_rate_factor);
    return value;
  }
  check_step(parameters.size(), learning_rate_factor);
  if (steps_ == 0) {
    for (auto& vector : memory_) vector.assign(rule.memory_size(parameters.size()), 0.0);
  }
  const auto take = [&] {
    return rule.objective_step({.options = options_,
                                .eta = options_.learning_rate * learning_rate_factor,
                                .count = static_cast<double>(steps_ + 1),
                                .theta = parameters,
                                .g = {},
                                .memory = memory_,
                                .objective = &objective});
  };
  return undoable(parameters, std::cref(take));
}

Json Optimizer::to_json() const {
  Json options = {{"name", options_.name},       {"resamplings", options_.resamplings},
                  {"seed", options_.seed},       {"metric", name_of(options_.metric)},
                  {"amsgrad", options_.amsgrad}, {"rates", options_.rates},
                  {"weight_decay", nullptr}};
  if (options_.weight_decay) options["weight_decay"] = *options_.weight_decay;
  for (const OptionRow& row : kOptions) options[std::string(row.name)] = options_.*row.member;
  return {{"format", kFormat},
          {"version", kVersion},
          {"options", std::move(options)},
          {"steps", steps_},
          {"memory", memory_}};
}

Optimizer Optimizer::from_json(const Json& value) {
  check_header(value);
  Optimizer out(read_options(member(value, "options"), member(value, "version").get<int>()));
  out.steps_ = read_steps(value);
  const Json& memory = member(value, "memory");
  require(memory.is_array() && memory.size() == out.memory_.size(), "optimizer JSON: '",
          out.options_.name, "' has ", out.memory_.size(), " vector(s) of memory, not ",
          memory.size());
  for (std::size_t k = 0; k < memory.size(); ++k) {
    out.memory_[k] = read_vector(memory[k], "memory");
    require(out.memory_[k].size() == out.memory_.front().size(),
            "optimizer JSON: the vectors of memory differ in length");
    if (k >= rule_named(out.options_.name).squares) {
      require(std::ranges::all_of(out.memory_[k], [](double v) { return v >= 0; }),
              "optimizer JSON: a mean of squares in 'memory' is negative");
    }
  }
  return out;
}

OptimizerOptions usual_options(std::string_view name) {
  OptimizerOptions out{.name = std::string(rule_named(name).name), .learning_rate = 0.1};
  if (name == "spsa") out.learning_rate = 0.6;  // 2π/10, as Kandala et al.
  if (name == "qnspsa") {
    out.learning_rate = 0.03;
    out.regularization = 0.1;  // estimates of the metric are noisy along its null space
  }
  return out;
}

Demand optimizer_needs(std::string_view name, Demand most) { return rule_named(name, most).needs; }

void require_option(std::string_view optimizer, std::string_view option) {
  if (takes(rule_named(optimizer), option)) return;
  std::string others;
  for (const Rule& rule : kRules) {
    if (takes(rule, option)) others += concat(others.empty() ? "" : ", ", rule.name);
  }
  fail("the optimizer '", optimizer, "' has no ", option, "; those that have it are ", others);
}

std::vector<std::string_view> optimizer_names(Demand most) {
  std::vector<std::string_view> names;
  for (const Rule& rule : kRules) {
    if (rule.needs <= most) names.push_back(rule.name);
  }
  return names;
}

}  // namespace qml
