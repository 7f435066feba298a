#include "qml/derivatives/metric_tensor.h"

#include <cmath>
#include <complex>

#include "qml/derivatives/evaluate.h"
#include "qsim/core/error.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/random_case.h"

using qml::Batch;
using qml::MetricApprox;
using qml::Wrt;
using reference::Case;
using reference::Dice;
using reference::largest_difference;
using reference::some_values;

namespace {

using Amplitudes = std::vector<std::complex<double>>;

std::complex<double> inner(const Amplitudes& a, const Amplitudes& b) {
  std::complex<double> out;
  for (std::size_t i = 0; i < a.size(); ++i) out += std::conj(a[i]) * b[i];
  return out;
}

// The definition, with derivatives of the state by central differences.
std::vector<double> by_differences(const qsim::Program& program, std::vector<double> parameters,
                                   qml::Range range) {
  constexpr double kStep = 1e-5;
  const std::size_t n_inputs = program.inputs.size();
  const auto state = [&] {
    return qml::states<double>(program, {.inputs = std::span(parameters).first(n_inputs),
                                         .weights = std::span(parameters).subspan(n_inputs)});
  };
  const Amplitudes psi = state();
  std::vector<Amplitudes> slopes;
  for (std::size_t p = range.first; p < range.first + range.count; ++p) {
    const double center = parameters[p];
    parameters[p] = center + kStep;
    Amplitudes slope = state();
    parameters[p] = center - kStep;
    const Amplitudes minus = state();
    parameters[p] = center;
    for (std::size_t i = 0; i < slope.size(); ++i) slope[i] = (slope[i] - minus[i]) / (2 * kStep);
    slopes.push_back(slope);
  }
  std::vector<double> out;
  for (const Amplitudes& a : slopes) {
    for (const Amplitudes& b : slopes) {
      out.push_back((inner(a, b) - inner(a, psi) * inner(psi, b)).real());
    }
  }
  return out;
}

// The definition, from the dense simulator of circuits.
std::vector<double> by_reference(const qsim::Circuit& circuit, const qsim::Program& program,
                                 const std::vector<double>& weights) {
  constexpr double kStep = 1e-5;
  reference::Values values;
  for (std::size_t k = 0; k < weights.size(); ++k) values[program.weights[k]] = weights[k];
  const reference::Vector psi = reference::simulate(circuit, values);
  std::vector<reference::Vector> slopes;
  for (const std::string& name : program.weights) {
    reference::Values plus = values;
    reference::Values minus = values;
    plus[name] += kStep;
    minus[name] -= kStep;
    slopes.emplace_back((reference::simulate(circuit, plus) - reference::simulate(circuit, minus)) /
                        (2 * kStep));
  }
  std::vector<double> out;
  for (const auto& a : slopes) {
    for (const auto& b : slopes) out.push_back((a.dot(b) - a.dot(psi) * psi.dot(b)).real());
  }
  return out;
}

}  // namespace

TEST_CASE("The metric tensor of random circuits follows its definition") {
  Dice dice(41);
  for (int trial = 0; trial < 20; ++trial) {
    const Case c(3 + trial % 3, dice);
    std::vector<double> parameters = c.inputs;
    parameters.insert(parameters.end(), c.weights.begin(), c.weights.end());
    for (const Wrt wrt : {Wrt::kWeights, Wrt::kInputs, Wrt::kAll}) {
      const auto expected = by_differences(c.program, parameters, qml::range_of(c.program, wrt));
      CHECK(largest_difference(qml::metric_tensor<double>(c.program, c.batch, wrt), expected) <
            2e-7);
      CHECK(largest_difference(qml::metric_tensor<float>(c.program, c.batch, wrt), expected) <
            2e-3);
    }
  }
}

TEST_CASE("The metric tensor agrees with the dense simulator") {
  Dice dice(42);
  for (int trial = 0; trial < 10; ++trial) {
    const qsim::Circuit circuit = reference::random_circuit(
        {.n_qubits = 3, .n_gates = 15, .max_controls = 2, .named = true}, dice);
    const qsim::Program program = qsim::compile(circuit);
    const auto weights = some_values(program.weights.size(), dice);
    CHECK(largest_difference(qml::metric_tensor<double>(program, {.weights = weights}),
                             by_reference(circuit, program, weights)) < 2e-7);
  }
}

TEST_CASE("The metric tensor covers amplitudes, wide programs and batches") {
  Dice dice(43);
  const qsim::ParameterVector x("x", 3);
  qsim::Circuit c(2);
  c.initialize({x[0], x[1] * x[2], x[2], 0.5}).ry(qsim::Parameter("w"), 0).cx(0, 1);
  const qsim::Program program = qsim::compile(c);
  const std::size_t n = program.weights.size();
  constexpr std::size_t kSize = 3;
  const auto rows = some_values(kSize * n, dice);
  const auto got = qml::metric_tensor<double>(
      program, {.size = kSize, .weights = rows, .weights_per_sample = true});
  for (std::size_t k = 0; k < kSize; ++k) {
    const std::vector<double> row(rows.begin() + static_cast<std::ptrdiff_t>(k * n),
                                  rows.begin() + static_cast<std::ptrdiff_t>((k + 1) * n));
    const std::vector<double> one(got.begin() + static_cast<std::ptrdiff_t>(k * n * n),
                                  got.begin() + static_cast<std::ptrdiff_t>((k + 1) * n * n));
    CHECK(largest_difference(one, by_differences(program, row, {0, n})) < 1e-8);
  }

  const int wide = 14;
  qsim::Circuit w(wide);
  for (int q = 0; q < wide; ++q) w.ry(qsim::Parameter("w" + std::to_string(q % 5)), q);
  for (int q = 0; q < wide; ++q)
    w.crx(qsim::Parameter("w" + std::to_string(q % 3)), q, (q + 1) % wide);
  const qsim::Program wide_program = qsim::compile(w);
  const auto weights = some_values(5, dice);
  CHECK(largest_difference(qml::metric_tensor<double>(wide_program, {.weights = weights}),
                           by_differences(wide_program, weights, {0, 5})) < 1e-7);
}

TEST_CASE("Blocks of the metric tensor are the layers of the circuit") {
  // ry on each qubit, a CNOT, ry on each qubit again.
  // circuit.
  qsim::Circuit c(2);
  c.ry(qsim::Parameter("a"), 0).ry(qsim::Parameter("b"), 1).cx(0, 1);
  c.ry(qsim::Parameter("c"), 0).ry(qsim::Parameter("d"), 1);
  const qsim::Program program = qsim::compile(c);
  const std::vector<double> weights{0.3, 0.4, 0.5, 0.6};
  const Batch batch{.weights = weights};
  const auto full = qml::metric_tensor<double>(program, batch);
  const auto block =
      qml::metric_tensor<double>(program, batch, Wrt::kWeights, MetricApprox::kBlockDiag);
  const auto diag = qml::metric_tensor<double>(program, batch, Wrt::kWeights, MetricApprox::kDiag);
  double outside = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      const std::size_t at = 4 * i + j;
      CHECK(block[at] == (i / 2 == j / 2 ? full[at] : 0.0));
      CHECK(diag[at] == (i == j ? full[at] : 0.0));
      if (i / 2 != j / 2) outside = reference::larger(outside, std::abs(full[at]));
    }
  }
  CHECK(outside > 1e-3);  // so that the blocks left something out
  CHECK(full[0] == Approx(0.25));
  CHECK_THROWS_AS(qml::metric_approx("blocks"), qsim::ValueError);
  CHECK_THROWS_AS(qml::wrt("x"), qsim::ValueError);
}

TEST_CASE("Metric tensors larger than memory are refused") {
  qsim::Circuit c(30);
  for (int q = 0; q < 30; ++q) c.rx(qsim::Parameter("w" + std::to_string(q)), q);
  const qsim::Program program = qsim::compile(c);
  const std::vector<double> weights(30, 0.1);
  CHECK_THROWS_AS(qml::metric_tensor<double>(program, {.weights = weights}), qsim::MemoryError);
}
