#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

#include "qml/derivatives/differentiate.h"
#include "qml/derivatives/shift/plan.h"
#include "qml/derivatives/shift/shot_plan.h"
#include "qsim/core/error.h"
#include "qsim/core/parallel.h"
#include "qsim/engines/blocks/shifted_block.h"
#include "qsim/engines/tiles/workspace.h"
#include "qsim/state/lanes.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/random_case.h"

using qml::Batch;
using qml::DiffMethod;
using qml::Gradients;
using qml::JacobianOptions;
using qml::Quantity;
using qml::ShotAllocation;
using qsim::Index;
using qsim::kBlock;
using reference::Dice;
using reference::largest_difference;
using reference::some_values;

namespace {

using reference::same_bits;

bool same_bits(const Gradients& a, const Gradients& b) {
  return same_bits(a.values, b.values) && same_bits(a.inputs, b.inputs) &&
         same_bits(a.weights, b.weights) && same_bits(a.inputs_std, b.inputs_std) &&
         same_bits(a.weights_std, b.weights_std) && same_bits(a.covariance, b.covariance);
}

// Gates of all rows of the table, some under controls, whose angles share parameters and
// expressions; none, some or all of these are inputs.
qsim::Program random_program(int n_qubits, Dice& dice) {
  const qsim::Circuit circuit = reference::random_circuit(
      {.n_qubits = n_qubits, .n_gates = 5 + dice.below(20), .max_controls = 2, .named = true},
      dice);
  std::vector<std::string> inputs = circuit.parameters();
  inputs.resize(inputs.size() * static_cast<std::size_t>(dice.below(3)) / 2);
  std::vector<qsim::Observable> observables{
      qsim::PauliSum::parse("Z0 - 0.4", n_qubits),
      qsim::PauliSum::parse("0.3*Z0 + 0.5*X0 - 0.7*Y0", n_qubits),
      qsim::MatrixObservable(dice.hermitian(1), dice.qubits(1, n_qubits))};
  if (n_qubits > 1) observables.emplace_back(qsim::PauliSum::parse("Z0 Z1 + 0.2*X1", n_qubits));
  return qsim::compile(circuit, observables, inputs);
}

struct Point {
  std::vector<double> inputs;
  std::vector<double> weights;
  Point(const qsim::Program& program, std::size_t size, Dice& dice)
      : inputs(some_values(size * program.inputs.size(), dice)),
        weights(some_values(program.weights.size(), dice)),
        batch{.size = size, .inputs = inputs, .weights = weights} {}
  Batch batch;
};

constexpr Quantity kShiftable[] = {Quantity::kExpval, Quantity::kVariance, Quantity::kProbs};

template <class T>
double distance_to_adjoint(const qsim::Program& program, const Batch& batch, Quantity quantity) {
  const Gradients adjoint = qml::jacobian<double>(program, batch, {.quantity = quantity});
  const Gradients shift = qml::jacobian<T>(
      program, batch, {.method = DiffMethod::kParameterShift, .quantity = quantity});
  return reference::larger(largest_difference(adjoint.values, shift.values),
                           largest_difference(adjoint, shift));
}

// The block's lanes against one shifted circuit after another.
template <class T>
void check_lanes(const qsim::Program& program, double tolerance, Dice& dice) {
  const auto weights = some_values(program.weights.size(), dice);
  const qsim::BlockPlan plan(program, false);
  qsim::SharedBinding<T> shared(plan);
  shared.bind(weights);
  qsim::ShiftedBlock<T> block(shared, 2);
  block.bind();
  qsim::TileWorkspace<T> workspace(program);
  workspace.bind({}, weights);
  workspace.forward();
  qsim::State<T> state(program.n_qubits);
  qsim::copy_lane(block.unshifted(), kBlock<T> - 1, state);
  CHECK(reference::difference(state, reference::to_vector(workspace.ket())) < tolerance);

  const auto& order = block.order();
  for (std::size_t first = 0; first < order.size();) {
    std::vector<qsim::LaneShift> shifts;
    // Some slots twice, some not at all.
    std::size_t at = first;
    for (Index lane = 0; lane < kBlock<T> && at < order.size(); ++lane) {
      if (dice.below(4) > 0) shifts.push_back({lane, order[at], dice.uniform(-3, 3)});
      at += static_cast<std::size_t>(dice.below(3));
    }
    const T* states = block.run(shifts, static_cast<std::size_t>(dice.below(2)));
    for (const auto& [lane, slot, shift] : shifts) {
      for (const qsim::Step& step : program.steps) {
        for (const qsim::Factor& factor : step.factors) {
          if (factor.slot != slot) continue;
          qsim::bind_shifted(program, step, slot, shift, workspace.binding());
          workspace.forward();
          qsim::bind_shifted(program, step, slot, 0.0, workspace.binding());
        }
      }
      qsim::copy_lane(states, lane, state);
      CHECK(reference::difference(state, reference::to_vector(workspace.ket())) < tolerance);
    }
    first = std::max(first + 1, at);
  }
}

}  // namespace

TEST_CASE("Every lane of a shifted block is its own shifted circuit") {
  reference::for_each_target([] {
    Dice dice(31);
    for (int trial = 0; trial < 40; ++trial) {
      const int n = 1 + trial % 5;
      const qsim::Program program = qsim::compile(reference::random_circuit(
          {.n_qubits = n, .n_gates = 5 + dice.below(25), .max_controls = 2, .named = true}, dice));
      check_lanes<double>(program, 1e-12, dice);
      check_lanes<float>(program, 2e-5, dice);
    }
  });
}

TEST_CASE("Blocks are combined lane by lane") {
  reference::for_each_target([] {
    Dice dice(38);
    constexpr int kQubits = 3;
    constexpr std::size_t kRows = 8;
    const std::size_t row = qsim::kRow<double>;
    const auto random_rows = [&](std::size_t count) {
      auto out = qsim::aligned_array<double>(count * row);
      for (std::size_t k = 0; k < count * row; ++k) out[k] = dice.normal();
      return out;
    };
    const auto a = random_rows(kRows);
    const auto b = random_rows(kRows);
    const auto c = random_rows(kRows);
    const auto out = random_rows(kRows);
    const auto weights = random_rows(qsim::kMostCombined);
    const std::array<const double*, 3> states{a.get(), b.get(), c.get()};
    const auto number = [&](const double* rows, std::size_t i, Index lane) {
      return qsim::Complex(rows[i * row + lane], rows[i * row + kBlock<double> + lane]);
    };
    for (std::size_t count = 1; count <= states.size(); ++count) {
      qsim::batch_kernels<double>().combine(
          out.get(), kQubits, std::span<const double* const>(states).first(count), weights.get());
      for (std::size_t i = 0; i < kRows; ++i) {
        for (Index lane = 0; lane < kBlock<double>; ++lane) {
          qsim::Complex expected = 0;
          for (std::size_t k = 0; k < count; ++k) {
            expected += number(weights.get(), k, lane) * number(states[k], i, lane);
          }
          CHECK(std::abs(number(out.get(), i, lane) - expected) < 1e-13);
        }
      }
    }
  });
}

TEST_CASE("A shifted block starts from amplitudes") {
  Dice dice(32);
  qsim::Circuit c(2);
  c.initialize({0.3, -0.4, 0.5, 0.6}).rx(qsim::Parameter("a"), 0).rz(qsim::Parameter("b"), 1);
  c.crx(qsim::Parameter("c"), 1, 0).rzz(qsim::Parameter("d"), 0, 1);
  const qsim::Program program = qsim::compile(c, {qsim::PauliSum::parse("X0 + Y1")});
  check_lanes<double>(program, 1e-13, dice);
  const Point point(program, 1, dice);
  CHECK(distance_to_adjoint<double>(program, point.batch, Quantity::kExpval) < 1e-12);
}

TEST_CASE("Few shifted states determine all others") {
  Dice dice(33);
  const double third = 1.0 / 3;
  const std::vector<std::vector<double>> spectra{
      {0.5, -0.5}, {1, 0}, {0.5, -0.5, 0}, {-0.2, 0.1, 0.4, 0.1}, {third, 2 * third, 1, 4 * third}};
  for (const auto& eigenvalues : spectra) {
    const auto interpolation = qml::shift_interpolation(eigenvalues, 4);
    REQUIRE(interpolation.has_value());
    CHECK(interpolation->shifts[0] == 0);
    for (int trial = 0; trial < 10; ++trial) {
      const double shift = dice.uniform(-7, 7);
      const auto weights = interpolation->weights(shift);
      for (const double eigenvalue : eigenvalues) {
        qsim::Complex sum = 0;
        for (std::size_t j = 0; j < weights.size(); ++j) {
          sum += weights[j] * std::polar(1.0, -eigenvalue * interpolation->shifts[j]);
        }
        CHECK(std::abs(sum - std::polar(1.0, -eigenvalue * shift)) < 1e-13);
      }
    }
  }
  CHECK_FALSE(qml::shift_interpolation({0.0, 0.3, 1.0}, 4).has_value());
  CHECK_FALSE(qml::shift_interpolation({0.0, 1.0, 2.0, 3.0}, 3).has_value());
  CHECK_FALSE(qml::shift_interpolation({0.5, 0.5}, 3).has_value());
}

TEST_CASE("Exact parameter shift is the adjoint gradient on hundreds of random circuits") {
  Dice dice(34);
  for (int trial = 0; trial < 300; ++trial) {
    const qsim::Program program = random_program(1 + trial % 5, dice);
    const Point point(program, 1 + static_cast<std::size_t>(trial % 3), dice);
    for (const Quantity quantity : kShiftable) {
      INFO("trial " << trial << " of " << qsim::name_of(quantity));
      CHECK(distance_to_adjoint<double>(program, point.batch, quantity) < 1e-10);
      CHECK(distance_to_adjoint<float>(program, point.batch, quantity) < 1e-3);
    }
  }
}

TEST_CASE("Programs too wide for blocks are shifted circuit by circuit") {
  const int n = qsim::kMostBlockQubits + 1;
  qsim::Circuit c(n);
  const qsim::Parameter a("a");
  c.ry(0.7, 0).rx(a, 0).crx(2 * a, 0, 1).rzz(qsim::Parameter("b"), 1, n - 1).ry(sin(a), n - 1);
  const qsim::Program program = qsim::compile(c, {qsim::PauliSum::parse("Z0 + Z1", n)});
  Dice dice(35);
  const Point point(program, 1, dice);
  for (const Quantity quantity : kShiftable) {
    CHECK(distance_to_adjoint<double>(program, point.batch, quantity) < 1e-10);
  }
  // The same shots, errors and all, as from a block, where the idle qubits are left out. (No
  // outcome has probability ½ up to rounding, on either side of which draws are mirrored.)
  qsim::Circuit narrow(3);
  narrow.ry(0.7, 0).rx(a, 0).crx(2 * a, 0, 1).rzz(qsim::Parameter("b"), 1, 2).ry(sin(a), 2);
  const qsim::Program same = qsim::compile(narrow, {qsim::PauliSum::parse("Z0 + Z1", 3)});
  const JacobianOptions options{.method = DiffMethod::kParameterShift,
                                .shots = 500,
                                .seed = 4,
                                .std_errors = true,
                                .covariance = true};
  qsim::Program whole = program;
  whole.engine = qsim::EngineKind::kTiles;  // not by its light cone, which is the narrow one
  const Gradients wide = qml::jacobian<double>(whole, point.batch, options);
  const Gradients blocks = qml::jacobian<double>(same, point.batch, options);
  CHECK(largest_difference(wide.weights, blocks.weights) < 1e-12);
  CHECK(largest_difference(wide.weights_std, blocks.weights_std) < 1e-12);
  CHECK(largest_difference(wide.covariance, blocks.covariance) < 1e-12);
}

TEST_CASE("Parameter shift has the same bits for any threads and any batch") {
  Dice dice(36);
  for (int trial = 0; trial < 6; ++trial) {
    const qsim::Program program = random_program(4 + trial, dice);
    const Point point(program, 5, dice);
    for (const bool shots : {false, true}) {
      JacobianOptions options{.method = DiffMethod::kParameterShift};
      if (shots) options.shots = 100;
      options.std_errors = options.covariance = shots;
      for (const std::size_t size : {1U, 2U, 5U}) {
        Batch batch = point.batch;
        batch.size = size;
        batch.inputs = batch.inputs.first(size * program.inputs.size());
        qsim::set_num_threads(1);
        const Gradients one = qml::jacobian<double>(program, batch, options);
        for (const int threads : {2, 3}) {
          qsim::set_num_threads(threads);
          CHECK(same_bits(one, qml::jacobian<double>(program, batch, options)));
        }
        qsim::set_num_threads(0);
        const Gradients all = qml::jacobian<double>(program, point.batch, options);
        CHECK(std::equal(one.inputs.begin(), one.inputs.end(), all.inputs.begin()));
        CHECK(std::equal(one.weights.begin(), one.weights.end(), all.weights.begin()));
      }
    }
    // Exact: each sample alone too, and weights given per sample.
    const JacobianOptions exact{.method = DiffMethod::kParameterShift};
    const Gradients all = qml::jacobian<double>(program, point.batch, exact);
    for (std::size_t k = 0; k < point.batch.size; ++k) {
      const std::size_t n = program.inputs.size();
      const Batch own{.inputs = point.batch.inputs.subspan(k * n, n),
                      .weights = point.weights,
                      .weights_per_sample = true};
      const Gradients g = qml::jacobian<double>(program, own, exact);
      const auto part = static_cast<std::ptrdiff_t>(k * g.inputs.size());
      CHECK(std::equal(g.inputs.begin(), g.inputs.end(), all.inputs.begin() + part));
    }
  }
}

TEST_CASE("A budget of shots is spent to the last") {
  Dice dice(37);
  qsim::Circuit c(2);
  c.rx(qsim::Parameter("a"), 0).crx(qsim::Parameter("b"), 0, 1);
  const qsim::Program program = qsim::compile(
      c, {qsim::PauliSum::parse("3*Z0 + X1 + 7", 2), qsim::MatrixObservable(dice.hermitian(1), {1}),
          qsim::PauliSum::parse("2", 2)});
  const qml::ShiftPlan plan(program);
  CHECK(plan.n_circuits == 6);
  const auto shots_of = [&](std::int64_t budget, ShotAllocation allocation, std::int64_t least) {
    const qml::ShotPlan shots(program, plan, Quantity::kExpval, budget, allocation, least);
    std::vector<std::int64_t> out;
    for (std::size_t circuit = 0; circuit < plan.n_circuits; ++circuit) {
      for (std::size_t k = 0; k < 3; ++k) {
        const auto of = shots.of(circuit, k);
        CHECK(of.size() == (std::array<std::size_t, 3>{2, 1, 0})[k]);
        out.insert(out.end(), of.begin(), of.end());
      }
    }
    CHECK(*std::min_element(out.begin(), out.end()) >= least);
    return out;
  };
  const auto sum = [](const std::vector<std::int64_t>& values) {
    return std::accumulate(values.begin(), values.end(), std::int64_t{0});
  };
  CHECK(shots_of(10, ShotAllocation::kEach, 1) == std::vector<std::int64_t>(18, 10));
  for (const std::int64_t budget : {36, 37, 1000, 123457}) {
    const auto uniform = shots_of(budget, ShotAllocation::kUniform, 2);
    CHECK(sum(uniform) == budget);
    const auto [least, most] = std::minmax_element(uniform.begin(), uniform.end());
    CHECK(*most - *least <= 1);
    CHECK(sum(shots_of(budget, ShotAllocation::kWeighted, 2)) == budget);
  }
  const auto weighted = shots_of(1000000, ShotAllocation::kWeighted, 1);
  CHECK(static_cast<double>(weighted[0]) == Approx(3.0 * static_cast<double>(weighted[1])));
  // The rules' coefficients: ½ of rx, (√2−1)/(4√2) of the last pair of crx.
  const double ratio = (std::numbers::sqrt2 - 1) / (4 * std::numbers::sqrt2) / 0.5;
  CHECK(static_cast<double>(weighted[12]) ==
        Approx(ratio * static_cast<double>(weighted[0])).epsilon(1e-3));
  const auto refused = [&](std::int64_t budget, ShotAllocation allocation, std::int64_t least) {
    return reference::error_of<qsim::ValueError>(
        [&] { (void)shots_of(budget, allocation, least); });
  };
  CHECK(reference::contains(refused(35, ShotAllocation::kUniform, 2),
                            "35 shots is too small for 18 settings of at least 2 shots"));
  CHECK(
      reference::contains(refused(1, ShotAllocation::kEach, 2), "at least 2 for standard errors"));
  CHECK(reference::contains(
      reference::error_of<qsim::ValueError>([] { (void)qml::shot_allocation("greedy"); }),
      "there is each, uniform, weighted"));
}

TEST_CASE("Errors and covariances follow the chain rule of independent gates") {
  qsim::Circuit c(1);
  const qsim::Parameter a("a");
  const qsim::Parameter b("b");
  c.h(0).rz(2 * a, 0).rx(b + a, 0);
  const qsim::Program program = qsim::compile(c, {qsim::PauliSum::parse("Z")});
  const std::vector<double> at{0.3, 0.5};
  const JacobianOptions options{.method = DiffMethod::kParameterShift,
                                .shots = 50,
                                .seed = 2,
                                .std_errors = true,
                                .covariance = true};
  const Gradients g = qml::jacobian<double>(program, {.weights = at}, options);
  CHECK(g.values == qml::expval<double>(program, {.weights = at}, {.shots = 50, .seed = 2}));
  JacobianOptions budget = options;
  budget.allocation = ShotAllocation::kUniform;
  CHECK(qml::jacobian<double>(program, {.weights = at}, budget).values.empty());
  // Of ∂/∂a = 2·r + x and ∂/∂b = x, r and x the derivatives by the angles of rz and rx.
  const double x = g.covariance[3];
  const double r = (g.covariance[0] - x) / 4;
  CHECK(x > 0);
  CHECK(r > 0);
  CHECK(g.covariance[1] == Approx(x));
  CHECK(g.covariance[2] == Approx(x));
  CHECK(g.weights_std[0] == Approx(std::sqrt(4 * r + x)));
  CHECK(g.weights_std[1] == Approx(std::sqrt(x)));
}

TEST_CASE("Errors and allocations are refused where there are no shots to have them") {
  qsim::Circuit c(1);
  c.rx(qsim::Parameter("a"), 0);
  const qsim::Program program = qsim::compile(c, {qsim::PauliSum::parse("Z")});
  const std::vector<double> at{0.3};
  const auto error = [&](const JacobianOptions& options) {
    return reference::error_of<qsim::ValueError>(
        [&] { (void)qml::jacobian<double>(program, {.weights = at}, options); });
  };
  for (const DiffMethod method :
       {DiffMethod::kAdjoint, DiffMethod::kParameterShift, DiffMethod::kFiniteDifference}) {
    CHECK(reference::contains(error({.method = method, .std_errors = true}),
                              "those of parameter-shift with shots"));
    CHECK(reference::contains(error({.method = method, .covariance = true}),
                              "those of parameter-shift with shots"));
    CHECK(reference::contains(error({.method = method, .allocation = ShotAllocation::kUniform}),
                              "for parameter-shift with shots"));
  }
  const auto shift = [&](std::int64_t shots, ShotAllocation allocation, bool errors) {
    return error({.method = DiffMethod::kParameterShift,
                  .shots = shots,
                  .allocation = allocation,
                  .std_errors = errors});
  };
  CHECK(reference::contains(shift(1, ShotAllocation::kEach, true), "at least 2"));
  CHECK(reference::contains(shift(1, ShotAllocation::kWeighted, false), "too small"));
  CHECK(reference::contains(shift(0, ShotAllocation::kUniform, false), "at least 1"));
  CHECK(shift(1, ShotAllocation::kEach, false) == "nothing was thrown");
}
