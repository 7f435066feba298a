#include "qml/optimize/minimize.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "qml/derivatives/differentiate.h"
#include "qml/optimize/expectation_objective.h"
#include "qml/optimize/noisy_objective.h"
#include "qml/optimize/stationary.h"
#include "qsim/core/error.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/random_case.h"

using qml::ExpectationObjective;
using qml::MinimizeOptions;
using qsim::ValueError;
using reference::contains;
using reference::Dice;
using reference::error_of;
using reference::some_values;

namespace {

using Numbers = std::vector<double>;

// ry on every qubit and a ring of CNOTs, twice; the transverse-field Ising chain of 4 spins, whose
// ground energy is −4.758770483.
qsim::Program ising() {
  constexpr int kQubits = 4;
  qsim::Circuit c(kQubits);
  int k = 0;
  for (int layer = 0; layer < 3; ++layer) {
    for (int q = 0; q < kQubits; ++q) c.ry(qsim::Parameter("w" + std::to_string(k++)), q);
    for (int q = 0; q + 1 < kQubits && layer < 2; ++q) c.cx(q, q + 1);
  }
  return qsim::compile(
      c, {qsim::PauliSum::parse("-1*Z0 Z1 - Z1 Z2 - Z2 Z3 - X0 - X1 - X2 - X3", kQubits)});
}
constexpr double kGround = -4.758770483;

Numbers start(const qsim::Program& program) {
  Dice dice(71);
  Numbers out = some_values(program.weights.size(), dice);
  for (double& w : out) w *= 0.1;
  return out;
}

}  // namespace

TEST_CASE("Every optimizer lowers the energy of a spin chain", "[minimize]") {
  const qsim::Program program = ising();
  const Numbers from = start(program);
  for (const auto name : qml::optimizer_names()) {
    CAPTURE(name);
    ExpectationObjective<double> objective(program, {}, Numbers{1.0});
    MinimizeOptions options{.steps = 400};
    const bool noisy = name == "spsa" || name == "qnspsa";
    options.optimizer = qml::usual_options(name);
    options.optimizer.resamplings = 4;
    if (!noisy) options.optimizer.learning_rate = 0.05;
    const auto result = qml::minimize(objective, from, options);
    CHECK(result.value < (noisy ? -4.0 : -4.7));
    CHECK(result.value > kGround - 1e-9);
    CHECK(result.history.front() == Approx(objective.values(from, 1)[0]));
    CHECK(objective.values(result.parameters, 1)[0] == Approx(result.value));
    if (name == "l-bfgs") {
      Numbers gradient(from.size());
      objective.gradient(result.parameters, gradient);
      for (const double g : gradient) CHECK(std::abs(g) < 1e-3);
    }
  }
}

TEST_CASE("Values, gradients and metrics of an expectation objective are means over inputs",
          "[minimize]") {
  Dice dice(72);
  const reference::Case c(3, dice);
  constexpr std::size_t kRows = 3;
  const std::size_t n_inputs = c.program.inputs.size();
  const std::size_t n = c.program.weights.size();
  const Numbers inputs = some_values(kRows * n_inputs, dice);
  const Numbers coefficients{0.5, -1.0, 2.0};
  ExpectationObjective<double> objective(c.program, inputs, coefficients);
  const Numbers rows = some_values(2 * n, dice);
  const Numbers values = objective.values(rows, 2);
  for (std::size_t r = 0; r < 2; ++r) {
    const auto at = std::span(rows).subspan(r * n, n);
    const auto e = qml::expval<double>(c.program, {.size = kRows, .inputs = inputs, .weights = at});
    double mean = 0;
    for (std::size_t k = 0; k < e.size(); ++k) mean += coefficients[k % 3] * e[k] / kRows;
    CHECK(values[r] == Approx(mean));
    Numbers gradient(n);
    CHECK(objective.gradient(at, gradient) == Approx(mean));
    for (std::size_t k = 0; k < n; ++k) {
      Numbers moved(at.begin(), at.end());
      moved[k] += 1e-6;
      CHECK(gradient[k] == Approx((objective.values(moved, 1)[0] - mean) / 1e-6).margin(1e-4));
    }
  }
  // The fidelity of a state with itself is 1, and falls with the metric.
  const auto at = std::span(rows).first(n);
  const Numbers metric = objective.metric(at, qml::MetricApprox::kFull);
  const Numbers direction = some_values(n, dice);
  Numbers moved(at.begin(), at.end());
  double expected = 0;
  for (std::size_t i = 0; i < n; ++i) {
    moved[i] += 1e-4 * direction[i];
    for (std::size_t j = 0; j < n; ++j) {
      expected += 1e-8 * direction[i] * direction[j] * metric[i * n + j];
    }
  }
  CHECK(1 - objective.fidelities(at, moved, 1)[0] == Approx(expected).epsilon(1e-2));
}

TEST_CASE("Natural gradients are steps by the inverse metric", "[minimize]") {
  // ⟨Z⟩ = cos a cos b with metric ¼ diag(1, cos²a).
  qsim::Circuit c(1);
  c.rx(qsim::Parameter("a"), 0).ry(qsim::Parameter("b"), 0);
  const qsim::Program program = qsim::compile(c, {qsim::PauliSum::parse("Z")});
  ExpectationObjective<double> objective(program, {}, Numbers{1.0});
  qml::Optimizer optimizer({.name = "qng", .learning_rate = 0.1, .regularization = 1e-2});
  Numbers at{0.3, 0.4};
  const double value = optimizer.step(at, objective);
  CHECK(value == Approx(std::cos(0.3) * std::cos(0.4)));
  const double cos2 = std::cos(0.3) * std::cos(0.3);
  CHECK(at[0] == Approx(0.3 + 0.1 * std::sin(0.3) * std::cos(0.4) / 0.26));
  CHECK(at[1] == Approx(0.4 + 0.1 * std::cos(0.3) * std::sin(0.4) / (cos2 / 4 + 0.01)));
}

TEST_CASE("Rotosolve takes one weight to its lowest value, for any frequencies", "[minimize]") {
  const qsim::Parameter a("a");
  Dice dice(73);
  const auto lowest = [&](const qsim::Circuit& circuit, const std::string& observable) {
    const qsim::Program program =
        qsim::compile(circuit, {qsim::PauliSum::parse(observable, circuit.n_qubits())});
    ExpectationObjective<double> objective(program, {}, Numbers{1.0});
    qml::Optimizer optimizer({.name = "rotosolve"});
    Numbers at{dice.uniform(-3, 3)};
    optimizer.step(at, objective);
    double scanned = 1e9;
    for (int k = 0; k < 20000; ++k) {
      scanned = std::min(scanned, objective.values(Numbers{k * 0.005 - 50}, 1)[0]);
    }
    CHECK(objective.values(at, 1)[0] == Approx(scanned).margin(1e-4));
    CHECK(objective.values(at, 1)[0] <= scanned + 1e-9);
  };
  qsim::Circuit one(1);
  one.ry(0.3, 0).rx(a, 0).ry(0.4, 0);
  lowest(one, "Z0");
  qsim::Circuit controlled(2);
  controlled.h(0).ry(0.3, 1).crx(a, 0, 1).ry(0.7, 0);
  lowest(controlled, "X0 + 0.4*Z0 Y1");
  qsim::Circuit shared(2);
  shared.rx(a, 0).ry(0.2, 0).rx(2.0 * a + 1.0, 1).cx(0, 1).ry(-1.0 * a, 1).ry(0.9, 0);
  lowest(shared, "Z0 + X1");
  // The closed form for one frequency (Ostaszewski et al. 2021): θ* = −π/2 − atan2(…).
  const qsim::Program program = qsim::compile(one, {qsim::PauliSum::parse("Z0", 1)});
  ExpectationObjective<double> objective(program, {}, Numbers{1.0});
  const Numbers f = objective.values(Numbers{0.0, reference::kPi / 2, -reference::kPi / 2}, 3);
  Numbers at{0.0};
  qml::Optimizer({.name = "rotosolve"}).step(at, objective);
  const double closed = -reference::kPi / 2 - std::atan2(2 * f[0] - f[1] - f[2], f[1] - f[2]);
  CHECK(std::remainder(at[0] - closed, 2 * reference::kPi) == Approx(0).margin(1e-9));
}

TEST_CASE("Rotosolve says where it does not apply", "[minimize]") {
  const qsim::Parameter a("a");
  const auto error = [](const qsim::Circuit& circuit) {
    const qsim::Program program = qsim::compile(circuit, {qsim::PauliSum::parse("Z")});
    return error_of<ValueError>([&] {
      ExpectationObjective<double> objective(program, {}, Numbers{1.0});
      Numbers at{0.4};
      qml::Optimizer({.name = "rotosolve"}).step(at, objective);
    });
  };
  qsim::Circuit square(1);
  square.rx(a * a, 0);
  CHECK(contains(error(square), "linear function of 'a'"));
  qsim::Circuit amplitude(1);
  amplitude.initialize({a, 1.0});
  CHECK(contains(error(amplitude), "amplitudes depend on 'a'"));
  qsim::Circuit many(1);
  double factor = 1;
  for (int k = 0; k < 8; ++k) many.rx((factor *= 1.37) * a, 0).h(0);
  CHECK(contains(error(many), "more than 64"));
}

TEST_CASE("SPSA and QNSPSA estimate without bias and store their course", "[minimize]") {
  const qsim::Program program = ising();
  ExpectationObjective<double> objective(program, {}, Numbers{1.0});
  const Numbers from = start(program);
  Numbers gradient(from.size());
  objective.gradient(from, gradient);
  // One step of η = 1 is the estimate in units of the typical slope at the start.
  Numbers at = from;
  qml::Optimizer spsa(
      {.name = "spsa", .learning_rate = 1.0, .perturbation = 1e-3, .resamplings = 40000});
  spsa.step(at, objective);
  const double slope = spsa.memory()[0][0];
  double square = 0;
  for (const double g : gradient) square += g * g;
  CHECK(slope == Approx(std::sqrt(square)).epsilon(0.5));  // |sum of ±g_k|, roughly normal
  for (std::size_t k = 0; k < at.size(); ++k) {
    CHECK((from[k] - at[k]) * slope == Approx(gradient[k]).margin(0.15));
  }
  for (const auto name : qml::optimizer_names()) {
    CAPTURE(name);
    qml::Optimizer original({.name = std::string(name), .seed = 5});
    Numbers a = from;
    for (int k = 0; k < 3; ++k) original.step(a, objective);
    qml::Optimizer restored =
        qml::Optimizer::from_json(nlohmann::json::parse(original.to_json().dump()));
    Numbers b = a;
    for (int k = 0; k < 3; ++k) original.step(a, objective);
    for (int k = 0; k < 3; ++k) restored.step(b, objective);
    CHECK(a == b);
  }
}

TEST_CASE("The mean of QNSPSA's metric estimates is the metric", "[minimize]") {
  qsim::Circuit c(2);
  c.rx(qsim::Parameter("a"), 0).ry(qsim::Parameter("b"), 0).cx(0, 1).ry(qsim::Parameter("c"), 1);
  const qsim::Program program = qsim::compile(c, {qsim::PauliSum::parse("ZZ")});
  ExpectationObjective<double> objective(program, {}, Numbers{1.0});
  Numbers at{0.3, 0.4, 0.5};
  const Numbers metric = objective.metric(at, qml::MetricApprox::kFull);
  qml::Optimizer optimizer(
      {.name = "qnspsa", .learning_rate = 1e-9, .perturbation = 1e-2, .resamplings = 40000});
  optimizer.step(at, objective);
  for (std::size_t k = 0; k < 9; ++k) {  // the running mean begins with the identity
    const double estimate = 2 * optimizer.memory()[0][k] - (k % 4 == 0 ? 1.0 : 0.0);
    CHECK(estimate == Approx(metric[k]).margin(0.02));
  }
}

namespace {

// What an objective says of many rows is what it says of each.
void check_rows(qml::Objective& objective, std::size_t n, std::size_t count) {
  Dice dice(5);
  const Numbers rows = some_values(n * count, dice);
  Numbers gradients(rows.size());
  const Numbers values = objective.gradients(rows, count, gradients);
  const Numbers without = objective.values(rows, count);
  for (std::size_t k = 0; k < count; ++k) {
    const auto row = std::span(rows).subspan(k * n, n);
    Numbers gradient(n);
    CHECK(values[k] == Approx(objective.gradient(row, gradient)).margin(1e-12));
    CHECK(values[k] == Approx(without[k]).margin(1e-12));
    for (std::size_t p = 0; p < n; ++p) {
      CHECK(gradients[k * n + p] == Approx(gradient[p]).margin(1e-12));
    }
  }
}

// One qubit with an input and two weights, and two observables.
qsim::Circuit fitted() {
  const qsim::Parameter x("x");
  return qsim::Circuit(1).ry(qsim::Parameter("a"), 0).rx(x, 0).ry(qsim::Parameter("b"), 0);
}
const std::vector<qsim::Observable> kTwo{qsim::PauliSum::parse("X0", 1),
                                         qsim::PauliSum::parse("Z0 + 0.5", 1)};

}  // namespace

TEST_CASE("Gradients of many rows are those of each", "[minimize]") {
  const qsim::Program program = ising();
  ExpectationObjective<double> objective(program, {}, Numbers{1.0});
  check_rows(objective, program.weights.size(), 5);
  const Numbers inputs{0.1, -0.4, 0.9};
  const qsim::Program with_inputs = qsim::compile(fitted(), kTwo, {"x"});
  for (const Numbers& coefficients : {Numbers{0.3, -1.0}, Numbers{0.3, -1.0, 0.1, 2.0, 0.0, 1.0}}) {
    ExpectationObjective<double> clean(with_inputs, inputs, coefficients);
    check_rows(clean, 2, 4);
    // Without noise, a noisy program is the same.
    const qml::NoisyProgram noisy(fitted(), kTwo, {"x"});
    qml::NoisyObjective<double> same(noisy, inputs, coefficients);
    check_rows(same, 2, 3);
    const Numbers at{0.3, 0.7};
    CHECK(same.values(at, 1)[0] == Approx(clean.values(at, 1)[0]).margin(1e-12));
    CHECK(same.precision().spread == Approx(clean.precision().spread));
  }
  CHECK_THROWS_AS(ExpectationObjective<double>(with_inputs, inputs, Numbers(4, 1.0)), ValueError);
}

TEST_CASE("Starts side by side go as each would alone", "[minimize]") {
  const qsim::Program program = ising();
  const Numbers from = start(program);
  ExpectationObjective<double> objective(program, {}, Numbers{1.0});
  MinimizeOptions options{.steps = 30, .n_restarts = 3};
  options.optimizer = {.name = "adam", .learning_rate = 0.1, .seed = 7};
  std::vector<std::vector<Numbers>> ways(4);
  const auto best = qml::minimize(objective, from, options, [&](const qml::DescentStep& at) {
    auto& way = ways[static_cast<std::size_t>(at.start)];
    way.emplace_back(at.parameters.begin(), at.parameters.end());
    CHECK(at.step == static_cast<int>(way.size()));
    return true;
  });
  options.n_restarts = 0;
  const auto alone = qml::minimize(objective, from, options);
  CHECK(alone.value == Approx(objective.values(ways[0].back(), 1)[0]).margin(1e-6));
  double lowest = alone.value;
  for (const auto& way : ways) {
    CHECK(way.size() == 30);
    for (const Numbers& place : way) lowest = std::min(lowest, objective.values(place, 1)[0]);
  }
  CHECK(best.value == Approx(lowest).margin(1e-12));
}

TEST_CASE("Minimising ends when asked, and refuses what it cannot do", "[minimize]") {
  const qsim::Program program = ising();
  const Numbers from = start(program);
  ExpectationObjective<double> objective(program, {}, Numbers{1.0});
  int calls = 0;
  const auto result =
      qml::minimize(objective, from, {.steps = 50}, [&](const qml::DescentStep& at) {
        CHECK(at.step == ++calls);
        CHECK(at.start == 0);
        CHECK(at.parameters.size() == from.size());
        return at.step < 3;
      });
  CHECK(result.history.size() == 4);
  CHECK_FALSE(result.converged);
  CHECK_THROWS_AS(qml::minimize(objective, from, {.steps = 0}), ValueError);
  CHECK_THROWS_AS(qml::minimize(objective, from, {.patience = 0}), ValueError);
  CHECK_THROWS_AS(qml::minimize(objective, from, {.tolerance = NAN}), ValueError);
  CHECK_THROWS_AS(qml::minimize(objective, Numbers(from.size(), NAN), {}), ValueError);
  CHECK_THROWS_AS(qml::minimize(objective, Numbers{0.1}, {}), ValueError);
  CHECK_THROWS_AS(ExpectationObjective<double>(program, {}, Numbers{1.0, 2.0}), ValueError);
  CHECK_THROWS_AS(ExpectationObjective<double>(program, {}, Numbers{NAN}), ValueError);
  Numbers at = from;
  CHECK(contains(error_of<ValueError>([&] { qml::Optimizer({.name = "qng"}).step(at, at); }),
                 "needs an objective"));
  CHECK_THROWS_AS(qml::Optimizer({.resamplings = 0}), ValueError);
  CHECK_THROWS_AS(qml::Optimizer({.regularization = 0.0}), ValueError);
}

TEST_CASE("Shots make noisy objectives that still go down", "[minimize]") {
  const qsim::Program program = ising();
  const Numbers from = start(program);
  for (const std::string name : {"spsa", "adam", "rotosolve"}) {
    CAPTURE(name);
    ExpectationObjective<double> objective(program, {}, Numbers{1.0}, {.shots = 200, .seed = 3});
    CHECK(objective.values(from, 1)[0] != objective.values(from, 1)[0]);
    MinimizeOptions options{.steps = 40, .patience = 40};
    options.optimizer = {.name = name, .learning_rate = 0.1};
    const auto result = qml::minimize(objective, from, options);
    CHECK(result.value < result.history.front() - 0.3);
    // The last place, not the luckiest draw.
    const auto [low, high] = std::ranges::minmax(result.history);
    CHECK(result.value != low);
    CHECK_FALSE(result.converged);
  }
  ExpectationObjective<double> objective(program, {}, Numbers{1.0}, {.shots = 200, .seed = 3});
  CHECK_THROWS_AS(qml::minimize(objective, from, {.optimizer = {.name = "l-bfgs"}, .steps = 3}),
                  ValueError);
}

TEST_CASE("An overshooting optimizer has not converged", "[minimize]") {
  const qsim::Program program = ising();
  for (const std::string name : {"adam", "momentum", "nesterov", "rmsprop"}) {
    CAPTURE(name);
    ExpectationObjective<double> objective(program, {}, Numbers{1.0});
    MinimizeOptions options{.steps = 2000};
    options.optimizer = {.name = name, .learning_rate = 0.1};
    const auto result = qml::minimize(objective, start(program), options);
    Numbers slope(result.parameters.size());
    objective.gradient(result.parameters, slope);
    for (const double s : slope) {
      if (result.converged) CHECK(std::abs(s) < 1e-2);
    }
  }
}

namespace {

// Σ c_k cos x_k: saddles wherever all x_k are 0 or π, curvatures ∓c_k, the minimum −Σ |c_k|.
class Cosines : public qml::Objective {
 public:
  explicit Cosines(Numbers c) : c_(std::move(c)) {}
  std::vector<double> values(std::span<const double> rows, std::size_t count) override {
    Numbers out(count, 0.0);
    for (std::size_t k = 0; k < rows.size(); ++k) {
      out[k / c_.size()] += c_[k % c_.size()] * std::cos(rows[k]);
    }
    return out;
  }
  double gradient(std::span<const double> x, std::span<double> gradient) override {
    for (std::size_t k = 0; k < x.size(); ++k) gradient[k] = -c_[k] * std::sin(x[k]);
    return values(x, 1).front();
  }

 private:
  Numbers c_;
};

}  // namespace

TEST_CASE("Around a place, the lowest curvature and what is lower", "[minimize]") {
  Cosines objective({3.0, -2.0, 0.5, -1.0});
  const Numbers saddle(4, 0.0);
  const auto around = qml::look_around(objective, saddle, 0.5, 1e-8, 0);
  CHECK(around.slope == 0.0);
  CHECK(around.curvature == Approx(-3.0).margin(1e-6));
  REQUIRE(around.lower.size() == 4);
  CHECK(objective.values(around.lower, 1)[0] < 0.5);
  const Numbers minimum{M_PI, 0.0, M_PI, 0.0};
  const auto below = qml::look_around(objective, minimum, -6.5, 1e-8, 0);
  CHECK(below.curvature == Approx(0.5).margin(1e-6));
  CHECK(below.is_minimum());
  const auto slope = qml::look_around(objective, Numbers(4, 0.3), 0.0, 1e-8, 0);
  CHECK_FALSE(slope.is_flat());
  CHECK(slope.slope == Approx(3 * std::sin(0.3)));
}

TEST_CASE("Every exact optimizer leaves saddles and maxima", "[minimize]") {
  for (const std::string name :
       {"sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "l-bfgs"}) {
    CAPTURE(name);
    Cosines objective({3.0, -2.0, 0.5, -1.0});
    MinimizeOptions options{.steps = 5000};
    options.optimizer = {.name = name, .learning_rate = 0.02, .weight_decay = 0.0};
    const auto result = qml::minimize(objective, Numbers(4, 0.0), options);
    const bool settles = name != "rmsprop";  // whose steps stay as long as they are
    CHECK(result.value == Approx(-6.5).margin(settles ? 1e-5 : 1e-3));
    if (settles) CHECK(result.converged);
    CHECK_FALSE(result.message.empty());
  }
}

TEST_CASE("What counts as converged does not depend on the unit", "[minimize]") {
  const qsim::Parameter a("a");
  const qsim::Parameter b("b");
  qsim::Circuit c(2);
  c.ry(a, 0).ry(b, 1).cx(0, 1);
  // A constant is no part of what the values can differ by.
  const qsim::Program program =
      qsim::compile(c, {qsim::PauliSum::parse("ZI + 0.3*XX + 0.1*ZZ + 2*II")});
  for (const double unit : {1e-9, 1e-7, 1.0, 1e9}) {
    CAPTURE(unit);
    ExpectationObjective<double> objective(program, {}, Numbers{unit});
    const qml::Precision precision = objective.precision();
    CHECK(precision.spread == Approx(1.4 * unit));
    CHECK(precision.scale == Approx(3.4 * unit));
    const auto maximum = qml::look_around(objective, Numbers{0, 0}, 3.1 * unit, 1e-8, 0);
    CHECK_FALSE(maximum.is_minimum());
    MinimizeOptions options{.steps = 500};
    options.optimizer = {.name = "l-bfgs"};
    const auto result = qml::minimize(objective, Numbers{0, 0}, options);
    CHECK(result.converged);
    CHECK(result.value < 0.97 * unit);
    options.optimizer = {.name = "sgd", .learning_rate = 0.01 / unit};
    options.tolerance = 0.0;
    options.steps = 15;
    CHECK_FALSE(qml::minimize(objective, Numbers{0.5, 0.4}, options).converged);
  }
  ExpectationObjective<double> objective(program, {}, Numbers{1.0});
  for (const double tolerance : {1.0, 1e9, HUGE_VAL}) {
    CHECK(contains(error_of<ValueError>([&] {
                     qml::minimize(objective, Numbers{0, 0}, {.tolerance = tolerance});
                   }),
                   "at least 0 and below 1"));
  }
}

TEST_CASE("A result prints its value, why it ended and its first parameters", "[minimize]") {
  qml::MinimizeResult result{
      .parameters = {0.5, -1}, .names = {"a", "b"}, .value = -1.5, .history = {0, -1, -1.5}};
  const auto text = [&result] {
    std::ostringstream out;
    out << result;
    return out.str();
  };
  CHECK(text() == "value -1.5 after 2 steps, not converged\na = 0.5\nb = -1");
  result.converged = true;
  result.message = "a minimum";
  CHECK(text().starts_with("value -1.5 after 2 steps, converged: a minimum\n"));
  result.names.clear();
  result.parameters.assign(14, 0.25);
  CHECK(text().ends_with("\nweight 11 = 0.25\n… and 2 other weights"));
  CHECK(contains(
      [] {
        std::ostringstream out;
        out << qml::MinimizeResult{};
        return out.str();
      }(),
      "after 0 steps"));
}
