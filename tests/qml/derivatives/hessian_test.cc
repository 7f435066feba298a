#include "qml/derivatives/hessian.h"

#include <cmath>

#include "qml/derivatives/differentiate.h"
#include "qsim/core/error.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/random_case.h"

using qml::Batch;
using qml::HessianOptions;
using qml::Quantity;
using qml::Wrt;
using qsim::ValueError;
using reference::Case;
using reference::contains;
using reference::Dice;
using reference::error_of;
using reference::largest_difference;
using reference::some_values;

namespace {

// The Hessians of all values (n_values × P × P) by central differences of exact gradients.
std::vector<double> by_differences(const qsim::Program& program, std::vector<double> parameters,
                                   qml::Range range, Quantity quantity) {
  constexpr double kStep = 1e-5;
  const std::size_t n_inputs = program.inputs.size();
  const std::size_t n_weights = program.weights.size();
  const std::size_t n = qsim::n_values(program, quantity);
  // n × all parameters
  const auto gradient = [&] {
    const qml::Gradients j =
        qml::jacobian<double>(program,
                              {.inputs = std::span(parameters).first(n_inputs),
                               .weights = std::span(parameters).subspan(n_inputs)},
                              {.quantity = quantity});
    std::vector<double> out;
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t p = 0; p < n_inputs; ++p) out.push_back(j.inputs[k * n_inputs + p]);
      for (std::size_t p = 0; p < n_weights; ++p) out.push_back(j.weights[k * n_weights + p]);
    }
    return out;
  };
  const std::size_t size = range.count;
  std::vector<double> out(n * size * size);
  for (std::size_t i = 0; i < size; ++i) {
    double& moved = parameters[range.first + i];
    const double center = moved;
    moved = center + kStep;
    const auto plus = gradient();
    moved = center - kStep;
    const auto minus = gradient();
    moved = center;
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t j = 0; j < size; ++j) {
        const std::size_t at = k * parameters.size() + range.first + j;
        out[(k * size + i) * size + j] = (plus[at] - minus[at]) / (2 * kStep);
      }
    }
  }
  return out;
}

std::vector<double> all_parameters(const Case& c) {
  std::vector<double> out = c.inputs;
  out.insert(out.end(), c.weights.begin(), c.weights.end());
  return out;
}

double largest(const std::vector<double>& values) {
  double out = 1;
  for (const double v : values) out = reference::larger(out, std::abs(v));
  return out;
}

}  // namespace

TEST_CASE("Hessians of random circuits are the derivatives of their gradients") {
  Dice dice(51);
  for (int trial = 0; trial < 20; ++trial) {
    const Case c(3 + trial % 3, dice);
    for (const Wrt wrt : {Wrt::kWeights, Wrt::kInputs, Wrt::kAll}) {
      const auto expected = by_differences(c.program, all_parameters(c),
                                           qml::range_of(c.program, wrt), Quantity::kExpval);
      const auto got = qml::hessian<double>(c.program, c.batch, {.wrt = wrt});
      CHECK(largest_difference(got, expected) < 1e-7 * largest(expected));
      const auto single = qml::hessian<float>(c.program, c.batch, {.wrt = wrt});
      CHECK(largest_difference(single, expected) < 5e-4 * largest(expected));
    }
    if (trial > 5) continue;
    const auto expected = by_differences(c.program, all_parameters(c),
                                         qml::range_of(c.program, Wrt::kAll), Quantity::kProbs);
    const auto got = qml::hessian<double>(
        c.program, c.batch, {.wrt = Wrt::kAll, .quantity = Quantity::kProbs, .cotangent = {}});
    CHECK(largest_difference(got, expected) < 1e-7 * largest(expected));
  }
}

TEST_CASE("Hessians through every operator of expressions") {
  Dice dice(52);
  const qsim::Parameter a("a");
  const qsim::Parameter b("b");
  for (const qsim::OpRow& row : qsim::op_rows()) {
    if (row.arity == 0) continue;
    INFO(row.name);
    const qsim::Expression e =
        qsim::Expression::apply(row.op, a, row.arity == 2 ? qsim::Expression(b) : 0.0);
    qsim::Circuit c(2);
    c.h(0).ry(e, 0).crx(a * b, 0, 1).rz(e * e + a, 1).rxx(pow(a, 3.0), 0, 1);
    const qsim::Program program =
        qsim::compile(c, {qsim::PauliSum::parse("ZX"), qsim::PauliSum::parse("YI + 0.3*IZ")});
    const std::vector<double> at{0.7, 1.3};
    const auto expected = by_differences(program, at, {0, 2}, Quantity::kExpval);
    const auto got = qml::hessian<double>(program, {.weights = at});
    CHECK(largest_difference(got, expected) < 1e-7 * largest(expected));
  }
}

TEST_CASE("Hessians by amplitudes, through their normalisation") {
  Dice dice(53);
  const qsim::ParameterVector x("x", 3);
  qsim::Circuit c(2);
  c.initialize({x[0], x[1] * x[2], x[2], 0.5});
  c.ry(x[0] * qsim::Parameter("w"), 0).cx(0, 1).rx(qsim::Parameter("v"), 1);
  const qsim::Program program =
      qsim::compile(c, {qsim::PauliSum::parse("ZX + 0.4"), qsim::PauliSum::parse("IZ")}, {"x"});
  const std::vector<double> inputs{0.3, -1.2, 2.0};
  const std::vector<double> weights{0.4, 0.9};
  const std::vector<double> all{0.3, -1.2, 2.0, 0.4, 0.9};
  const Batch batch{.inputs = inputs, .weights = weights};
  for (const Quantity quantity : {Quantity::kExpval, Quantity::kProbs}) {
    const auto expected = by_differences(program, all, {0, 5}, quantity);
    const auto got = qml::hessian<double>(
        program, batch, {.wrt = Wrt::kAll, .quantity = quantity, .cotangent = {}});
    CHECK(largest_difference(got, expected) < 1e-7);
  }
  // One amplitude alone: nothing changes with it.
  qsim::Circuit one(1);
  one.initialize({qsim::Parameter("a"), 0.0});
  const qsim::Program constant = qsim::compile(one, {qsim::PauliSum::parse("Z")});
  const std::vector<double> at{0.8};
  CHECK(std::abs(qml::hessian<double>(constant, {.weights = at})[0]) < 1e-12);
}

TEST_CASE("Cotangents and directions contract the Hessian") {
  Dice dice(54);
  constexpr std::size_t kSize = 3;
  for (int trial = 0; trial < 5; ++trial) {
    const Case c(4, dice);
    const std::size_t n_inputs = c.program.inputs.size();
    const std::size_t n = c.program.observables.size();
    const std::size_t size = c.program.weights.size();
    const auto inputs = some_values(kSize * n_inputs, dice);
    const Batch batch{.size = kSize, .inputs = inputs, .weights = c.weights};
    const auto cotangent = some_values(n, dice);
    const auto direction = some_values(size, dice);
    const HessianOptions weighted{.cotangent = cotangent};
    const auto all = qml::hessian<double>(c.program, batch);
    const auto sum = qml::hessian<double>(c.program, batch, weighted);
    const auto products = qml::hvp<double>(c.program, batch, direction);
    const auto product = qml::hvp<double>(c.program, batch, direction, weighted);
    std::vector<double> sum_expected(sum.size());
    std::vector<double> products_expected(products.size());
    std::vector<double> product_expected(product.size());
    for (std::size_t s = 0; s < kSize; ++s) {
      for (std::size_t k = 0; k < n; ++k) {
        for (std::size_t i = 0; i < size; ++i) {
          for (std::size_t j = 0; j < size; ++j) {
            const double h = all[((s * n + k) * size + i) * size + j];
            sum_expected[(s * size + i) * size + j] += cotangent[k] * h;
            products_expected[(s * n + k) * size + i] += h * direction[j];
            product_expected[s * size + i] += cotangent[k] * h * direction[j];
          }
        }
      }
    }
    CHECK(largest_difference(sum, sum_expected) < 1e-9 * largest(all));
    CHECK(largest_difference(products, products_expected) < 1e-9 * largest(all));
    CHECK(largest_difference(product, product_expected) < 1e-9 * largest(all));
  }
}

TEST_CASE("The Hessian of one rotation is that of Mari") {
  qsim::Circuit c(1);
  c.rx(qsim::Parameter("a"), 0);
  const qsim::Program program = qsim::compile(c, {qsim::PauliSum::parse("Z")});
  const std::vector<double> at{0.7};
  // ½ (f(θ + π) − f(θ)) = −cos θ
  CHECK(qml::hessian<double>(program, {.weights = at})[0] == Approx(-std::cos(0.7)).margin(1e-14));
}

TEST_CASE("Second derivatives refuse what they cannot do") {
  qsim::Circuit c(1);
  c.rx(pow(qsim::Parameter("w"), 1.5), 0);
  const qsim::Program program = qsim::compile(c, {qsim::PauliSum::parse("Z")});
  const std::vector<double> zero{0.0};
  const Batch batch{.weights = zero};
  CHECK(contains(error_of<ValueError>([&] { (void)qml::hessian<double>(program, batch); }),
                 "'w' = 0"));
  CHECK(contains(error_of<ValueError>([&] {
                   (void)qml::hessian<double>(program, batch, {.quantity = Quantity::kVariance});
                 }),
                 "variance"));
  CHECK(contains(error_of<ValueError>([&] {
                   (void)qml::hvp<double>(program, batch, std::vector<double>{1.0, 2.0});
                 }),
                 "2"));
  CHECK(contains(error_of<ValueError>(
                     [&] { (void)qml::hvp<double>(program, batch, std::vector<double>{NAN}); }),
                 "nan"));
  CHECK(contains(error_of<ValueError>([&] {
                   (void)qml::hessian<double>(program, batch, {.cotangent = std::vector{1.0, 2.0}});
                 }),
                 "cotangent has 2"));
}
