#include "qml/optimize/optimizer.h"

#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "qml/optimize/schedule.h"
#include "qsim/core/random.h"
#include "tests/catch.h"

using Catch::Matchers::Matches;
using qml::Optimizer;
using qml::OptimizerOptions;
using qml::Schedule;

namespace {

using Numbers = std::vector<double>;

// An ill-conditioned bowl, f(θ) = Σ c_k θ_k² / 2.
const Numbers kCurvature{1.0, 3.0, 10.0};

Numbers slope(const Numbers& theta) {
  Numbers out;
  for (std::size_t k = 0; k < theta.size(); ++k) out.push_back(kCurvature[k] * theta[k]);
  return out;
}

// The optimizer's first steps on one parameter at 1, for the gradients given.
Numbers trace(const OptimizerOptions& options, const Numbers& gradients) {
  Optimizer optimizer(options);
  Numbers theta{1.0};
  Numbers out;
  for (const double g : gradients) {
    optimizer.step(theta, Numbers{g});
    out.push_back(theta[0]);
  }
  return out;
}

void check_trace(const OptimizerOptions& options, const Numbers& gradients,
                 const Numbers& expected) {
  const Numbers got = trace(options, gradients);
  for (std::size_t t = 0; t < expected.size(); ++t) {
    CAPTURE(options.name, t);
    CHECK(got[t] == Approx(expected[t]).epsilon(1e-12));
  }
}

// The rules again, written for one parameter straight from their papers: minimises a function of
// given slope from θ = 1 and returns the points at which the gradient was asked for.
using Slope = std::function<double(double)>;
using Reference = std::function<Numbers(const OptimizerOptions&, const Slope&, int steps)>;

Numbers reference_sgd(const OptimizerOptions& o, const Slope& f, int steps) {
  Numbers at{1.0};
  for (int t = 0; t < steps; ++t) at.push_back(at.back() - o.learning_rate * f(at.back()));
  return at;
}

Numbers reference_momentum(const OptimizerOptions& o, const Slope& f, int steps) {
  Numbers at{1.0};
  double velocity = 0.0;
  for (int t = 0; t < steps; ++t) {
    velocity = o.momentum * velocity - o.learning_rate * f(at.back());
    at.push_back(at.back() + velocity);
  }
  return at;
}

// Sutskever's form: the gradient is taken ahead of the position.
Numbers reference_nesterov(const OptimizerOptions& o, const Slope& f, int steps) {
  double position = 1.0;
  double velocity = 0.0;
  Numbers at;
  for (int t = 0; t <= steps; ++t) {
    at.push_back(position + o.momentum * velocity);
    velocity = o.momentum * velocity - o.learning_rate * f(at.back());
    position += velocity;
  }
  return at;
}

Numbers reference_rmsprop(const OptimizerOptions& o, const Slope& f, int steps) {
  Numbers at{1.0};
  double mean_square = 0.0;
  for (int t = 0; t < steps; ++t) {
    const double g = f(at.back());
    mean_square = o.decay * mean_square + (1 - o.decay) * g * g;
    at.push_back(at.back() - o.learning_rate * g / (std::sqrt(mean_square) + o.epsilon));
  }
  return at;
}

// Sums of the whole history instead of running means, so that it shares nothing with the code.
Numbers reference_adam_with_decay(const OptimizerOptions& o, const Slope& f, int steps,
                                  double lambda) {
  Numbers at{1.0};
  Numbers gradients;
  for (int t = 1; t <= steps; ++t) {
    gradients.push_back(f(at.back()));
    double first = 0.0;
    double second = 0.0;
    for (int i = 1; i <= t; ++i) {
      const double g = gradients[static_cast<std::size_t>(i - 1)];
      first += (1 - o.beta1) * std::pow(o.beta1, t - i) * g;
      second += (1 - o.beta2) * std::pow(o.beta2, t - i) * g * g;
    }
    first /= 1 - std::pow(o.beta1, t);
    second /= 1 - std::pow(o.beta2, t);
    at.push_back(at.back() - o.learning_rate * lambda * at.back() -
                 o.learning_rate * first / (std::sqrt(second) + o.epsilon));
  }
  return at;
}

Numbers reference_adam(const OptimizerOptions& o, const Slope& f, int steps) {
  return reference_adam_with_decay(o, f, steps, 0.0);
}

Numbers reference_adamw(const OptimizerOptions& o, const Slope& f, int steps) {
  return reference_adam_with_decay(o, f, steps, o.weight_decay.value_or(0.01));
}

const std::map<std::string_view, Reference> kReferences{
    {"sgd", reference_sgd},           {"momentum", reference_momentum},
    {"nesterov", reference_nesterov}, {"rmsprop", reference_rmsprop},
    {"adam", reference_adam},         {"adamw", reference_adamw},
};

OptimizerOptions named(std::string_view name, double learning_rate = 0.05) {
  return {.name = std::string(name), .learning_rate = learning_rate};
}

}  // namespace

TEST_CASE("First steps agree with hand calculation", "[optimizer]") {
  const Numbers g{2.0, -1.0};
  check_trace({.name = "sgd", .learning_rate = 0.1}, g, {0.8, 0.9});
  // v = −0.2, then 0.5·(−0.2) + 0.1 = 0
  check_trace({.name = "momentum", .learning_rate = 0.1, .momentum = 0.5}, g, {0.8, 0.8});
  // 1 + 0.5·(−0.2) − 0.2 = 0.7, then + 0.5·0 + 0.1
  check_trace({.name = "nesterov", .learning_rate = 0.1, .momentum = 0.5}, g, {0.7, 0.8});
  // v = 0.75·4 = 3; a step of 0.1·2/√3, then v = 0.75 + 0.75 and a step of −0.1/√1.5
  check_trace({.name = "rmsprop", .learning_rate = 0.1, .epsilon = 1e-300, .decay = 0.25}, g,
              {1.0 - 0.2 / std::sqrt(3.0), 1.0 - 0.2 / std::sqrt(3.0) + 0.1 / std::sqrt(1.5)});
  // Adam's first step is the learning rate, whatever the gradient.
  check_trace({.name = "adam", .learning_rate = 0.1, .epsilon = 1e-300}, {2.0}, {0.9});
  check_trace({.name = "adam", .learning_rate = 0.1, .epsilon = 1e-300}, {-1e-7}, {1.1});
  // m̂ = (0.5·0.5·2 − 0.5) / 0.75 = 0, so the second step is none.
  check_trace({.name = "adam", .learning_rate = 0.1, .beta1 = 0.5, .epsilon = 1e-300}, g,
              {0.9, 0.9});
  check_trace({.name = "adamw", .learning_rate = 0.1, .epsilon = 1e-300, .weight_decay = 0.5},
              {2.0}, {0.95 - 0.1});
}

TEST_CASE("Decay, AMSGrad and rates agree with hand calculation", "[optimizer]") {
  // Coupled decay: 1 − 0.1·(2 + 0.5·1) = 0.75; then 0.75 − 0.1·(−1 + 0.5·0.75) = 0.8125.
  check_trace({.name = "sgd", .learning_rate = 0.1, .weight_decay = 0.5}, {2.0, -1.0},
              {0.75, 0.8125});
  // v̂ stays 4 where v falls to 0.25·4 + 0.75·0.04, and m is the gradient.
  check_trace({.name = "adam",
               .learning_rate = 0.1,
               .beta1 = 0.0,
               .beta2 = 0.0,
               .epsilon = 1e-300,
               .amsgrad = true},
              {2.0, 0.2}, {0.9, 0.89});
  Numbers theta{1.0, 1.0, 1.0};
  Optimizer optimizer({.name = "sgd", .learning_rate = 0.1, .rates = {1.0, 0.5, 0.0}});
  optimizer.step(theta, Numbers{1.0, 1.0, 1.0});
  CHECK(theta == Numbers{0.9, 1.0 + 0.5 * (0.9 - 1.0), 1.0});
  CHECK_THROWS_WITH(optimizer.step(theta, Numbers{1.0, 1.0}), Matches(".*3 parameters.*"));
  Numbers two{1.0, 1.0};
  Optimizer fresh({.name = "sgd", .rates = {1.0, 0.5, 0.0}});
  CHECK_THROWS_WITH(fresh.step(two, two), Matches(".*3 rates for 2 parameters.*"));
  CHECK_THROWS_WITH(Optimizer({.name = "l-bfgs", .rates = {1.0}}), Matches(".*gradients alone.*"));
  CHECK_THROWS_AS(Optimizer({.rates = {-1.0}}), std::invalid_argument);
}

TEST_CASE("Optimizers of version 1 are read", "[optimizer]") {
  Optimizer adam({.name = "adam", .learning_rate = 0.1});
  Numbers theta{1.0};
  adam.step(theta, Numbers{0.5});
  nlohmann::json document = adam.to_json();
  document["version"] = 1;
  document["options"]["weight_decay"] = 0.01;
  document["options"].erase("amsgrad");
  document["options"].erase("rates");
  CHECK(Optimizer::from_json(document).options() == adam.options());
  document["options"]["name"] = "adamw";
  CHECK(Optimizer::from_json(document).options().weight_decay == 0.01);
}

TEST_CASE("Fifty steps agree with the rules of the papers", "[optimizer]") {
  const Slope f = [](double theta) { return 3.0 * theta + std::sin(5.0 * theta); };
  for (const auto name : qml::optimizer_names(qml::Demand::kGradient)) {
    const OptimizerOptions options = named(name);
    const Numbers expected = kReferences.at(name)(options, f, 50);
    Optimizer optimizer(options);
    Numbers theta{1.0};
    for (std::size_t t = 0; t <= 50; ++t) {
      CAPTURE(name, t);
      CHECK(theta[0] == Approx(expected[t]).margin(1e-11));
      optimizer.step(theta, Numbers{f(theta[0])});
    }
  }
}

TEST_CASE("Every optimizer finds the bottom of a bowl", "[optimizer]") {
  constexpr int kSteps = 2000;
  for (const auto name : qml::optimizer_names(qml::Demand::kGradient)) {
    OptimizerOptions options = named(name);
    options.weight_decay = 0.0;
    Optimizer optimizer(options);
    Numbers theta{1.0, -2.0, 0.5};
    for (int t = 0; t < kSteps; ++t) {
      optimizer.step(theta, slope(theta), qml::schedule_factor(Schedule::cosine, t, kSteps));
    }
    CAPTURE(name);
    for (const double parameter : theta) CHECK(std::abs(parameter) < 1e-4);
  }
}

TEST_CASE("The factor scales the learning rate", "[optimizer]") {
  for (const auto name : qml::optimizer_names(qml::Demand::kGradient)) {
    Optimizer halved(named(name, 0.2));
    Optimizer plain(named(name, 0.1));
    Numbers a{1.0};
    Numbers b{1.0};
    for (int t = 0; t < 5; ++t) {
      halved.step(a, Numbers{a[0]}, 0.5);
      plain.step(b, Numbers{b[0]});
    }
    CHECK(a == b);
  }
}

TEST_CASE("A restored optimizer goes on to the same bits", "[optimizer]") {
  const auto gradient = [](qsim::Random& random) {
    return Numbers{random.normal(), random.normal() * 1e-12, random.normal() * 1e12};
  };
  for (const auto name : qml::optimizer_names(qml::Demand::kGradient)) {
    qsim::Random random(5);
    OptimizerOptions options = named(name, 0.1 / 3.0);
    options.epsilon = 1.0 / 3.0e8;
    Optimizer original(options);
    Numbers theta{1.0, -2.0, 0.5};
    for (int t = 0; t < 20; ++t) original.step(theta, gradient(random));

    const std::string text = original.to_json().dump();
    Optimizer restored = Optimizer::from_json(nlohmann::json::parse(text));
    CAPTURE(name);
    CHECK(restored.options() == original.options());
    CHECK(restored.steps() == 20);
    CHECK(restored.memory() == original.memory());
    CHECK(restored.to_json().dump() == text);

    Numbers again = theta;
    for (int t = 0; t < 20; ++t) {
      const Numbers g = gradient(random);
      original.step(theta, g);
      restored.step(again, g);
    }
    CHECK(again == theta);
  }
}

TEST_CASE("A fresh optimizer can be stored too", "[optimizer]") {
  Optimizer optimizer = Optimizer::from_json(Optimizer().to_json());
  CHECK(optimizer.steps() == 0);
  CHECK(optimizer.options() == OptimizerOptions{});
  Numbers theta{1.0, 2.0};
  CHECK_NOTHROW(optimizer.step(theta, Numbers{1.0, 1.0}));
}

TEST_CASE("Options out of range are errors that give value and limit", "[optimizer]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH(Optimizer({.name = "adagrad"}),
                    Matches(".*adagrad.*sgd, momentum, nesterov, rmsprop, adam.*"));
  CHECK_THROWS_WITH(Optimizer({.learning_rate = 0.0}), Matches(".*learning_rate is 0.*"));
  CHECK_THROWS_WITH(Optimizer({.learning_rate = nan}), Matches(".*nan.*"));
  CHECK_THROWS_WITH(Optimizer({.learning_rate = infinity}), Matches(".*\\(0, inf\\).*"));
  CHECK_THROWS_WITH(Optimizer({.momentum = 1.0}), Matches(".*momentum.*\\[0, 1\\).*"));
  CHECK_THROWS_WITH(Optimizer({.beta1 = -0.1}), Matches(".*beta1 is -0\\.1.*"));
  CHECK_THROWS_AS(Optimizer({.beta2 = 1.0}), std::invalid_argument);
  CHECK_THROWS_AS(Optimizer({.epsilon = 0.0}), std::invalid_argument);
  CHECK_THROWS_AS(Optimizer({.decay = 1.5}), std::invalid_argument);
  CHECK_THROWS_AS(Optimizer({.weight_decay = -1.0}), std::invalid_argument);
  CHECK_NOTHROW(Optimizer({.momentum = 0.0, .beta1 = 0.0, .beta2 = 0.0, .weight_decay = 0.0}));
}

TEST_CASE("A refused step changes nothing", "[optimizer]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Optimizer optimizer;
  Numbers theta{1.0, 2.0};
  optimizer.step(theta, Numbers{1.0, -1.0});
  const Numbers before = theta;
  const auto state = optimizer.to_json();
  Numbers three{1.0, 2.0, 3.0};
  CHECK_THROWS_WITH(optimizer.step(theta, Numbers{1.0, nan}),
                    Matches(".*gradient\\[1\\] is nan.*"));
  CHECK_THROWS_WITH(optimizer.step(theta, Numbers{1.0}), Matches(".*2 parameters.*"));
  CHECK_THROWS_WITH(optimizer.step(three, three), Matches(".*now gets 3 parameters.*"));
  CHECK_THROWS_WITH(optimizer.step(theta, Numbers{1.0, 1.0}, -1.0), Matches(".*-1.*"));
  CHECK_THROWS_AS(optimizer.step(theta, Numbers{1.0, 1.0}, nan), std::invalid_argument);
  CHECK_THROWS_WITH(optimizer.step(theta, Numbers{1.0, 1e200}),
                    Matches("the step leads the optimizer's memory at 1 to inf; .*"));
  CHECK(theta == before);
  CHECK(optimizer.to_json() == state);
  for (const double rate : {1e-3, 1e3}) {
    Optimizer plain({.name = "sgd", .learning_rate = rate});
    Numbers at{0.0, 1.0};
    if (rate < 1) {
      CHECK_NOTHROW(plain.step(at, Numbers{1.0, 1e308}));
      continue;
    }
    CHECK_THROWS_WITH(plain.step(at, Numbers{1.0, 1e308}),
                      Matches("the step leads parameter 1 to -inf; .*"));
    CHECK(at == Numbers{0.0, 1.0});
    CHECK(plain.steps() == 0);
  }
}

TEST_CASE("Every defect of a stored optimizer is a ValueError", "[optimizer]") {
  Optimizer optimizer;
  Numbers theta{1.0, 2.0};
  optimizer.step(theta, Numbers{1.0, -1.0});
  const nlohmann::json good = optimizer.to_json();
  const auto broken = [&good](const std::string& pointer, const nlohmann::json& value) {
    nlohmann::json bad = good;
    bad[nlohmann::json::json_pointer(pointer)] = value;
    return bad;
  };
  const std::vector<nlohmann::json> documents{
      nullptr,
      7,
      nlohmann::json::array(),
      nlohmann::json::object(),
      broken("/format", "ketgrad.circuit"),
      broken("/version", 3),
      broken("/options", 1),
      broken("/options/name", "adagrad"),
      broken("/options/name", 3),
      broken("/options/beta1", "0.9"),
      broken("/options/beta1", 1.0),
      broken("/options/amsgrad", 1),
      broken("/options/amsgrad", true),
      broken("/options/rates", 0.5),
      broken("/options/rates", {-1.0, 1.0}),
      broken("/options/weight_decay", "none"),
      broken("/steps", -1),
      broken("/steps", 1.5),
      broken("/steps", std::numeric_limits<std::uint64_t>::max()),
      broken("/memory", "none"),
      broken("/memory/1", nullptr),
      broken("/memory/1/0", nullptr),
      broken("/memory/1", {1.0}),
      broken("/memory/2", {1.0, 2.0}),
  };
  for (const auto& document : documents) {
    CAPTURE(document.dump());
    CHECK_THROWS_AS(Optimizer::from_json(document), std::invalid_argument);
  }
  for (const auto& [key, value] : good.items()) {
    nlohmann::json bad = good;
    bad.erase(key);
    CAPTURE(key);
    CHECK_THROWS_AS(Optimizer::from_json(bad), std::invalid_argument);
  }
}

TEST_CASE("Schedules begin, turn and end where they should", "[schedule]") {
  const auto at = [](Schedule schedule, std::int64_t step) {
    return qml::schedule_factor(schedule, step, 1000);
  };
  for (const std::int64_t step : {0, 1, 500, 1000}) CHECK(at(Schedule::constant, step) == 1.0);
  CHECK(at(Schedule::cosine, 0) == 1.0);
  CHECK(at(Schedule::cosine, 500) == Approx(0.5));
  CHECK(at(Schedule::cosine, 1000) == Approx(0.0).margin(1e-15));
  CHECK(at(Schedule::one_cycle, 0) == Approx(1.0 / 25.0));
  CHECK(at(Schedule::one_cycle, 150) == Approx(0.52));
  CHECK(at(Schedule::one_cycle, 300) == Approx(1.0));
  CHECK(at(Schedule::one_cycle, 301) < 1.0);
  CHECK(at(Schedule::one_cycle, 650) == Approx(0.50005));
  CHECK(at(Schedule::one_cycle, 1000) == Approx(1e-4));
}

TEST_CASE("Schedules are found by name and check their steps", "[schedule]") {
  for (const auto name : qml::schedule_names()) {
    const Schedule schedule = qml::parse_schedule(name);
    CHECK(qml::schedule_name(schedule) == name);
    CHECK(qml::schedule_factor(schedule, 0, 1) > 0.0);
    CHECK_THROWS_WITH(qml::schedule_factor(schedule, 11, 10), Matches(".*11.*10.*"));
    CHECK_THROWS_AS(qml::schedule_factor(schedule, -1, 10), std::invalid_argument);
    CHECK_THROWS_AS(qml::schedule_factor(schedule, 0, 0), std::invalid_argument);
  }
  CHECK_THROWS_WITH(qml::parse_schedule("step"), Matches(".*constant, cosine, one_cycle.*"));
}
