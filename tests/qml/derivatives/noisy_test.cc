#include "qml/derivatives/noisy.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <span>

#include "qml/derivatives/noisy_sweep.h"
#include "qsim/core/error.h"
#include "qsim/core/parallel.h"
#include "qsim/noise/noise_model.h"
#include "tests/bound.h"
#include "tests/catch.h"
#include "tests/noise_reference.h"
#include "tests/random_case.h"

namespace {

using qml::NoisyMethod;
using qml::NoisyProgram;
using qsim::Circuit;
using qsim::Expression;
using qsim::Parameter;
using reference::Dice;

// By central differences of fourth order, exact to some 1e-11 for angles of order 1.
std::vector<double> finite_differences(const NoisyProgram& program, std::vector<double> weights) {
  constexpr double kStep = 2e-3;
  std::vector<double> out(program.observables.size() * weights.size());
  for (std::size_t w = 0; w < weights.size(); ++w) {
    const double at = weights[w];
    for (const auto& [steps, factor] :
         {std::pair(1, 8.0), std::pair(-1, -8.0), std::pair(2, -1.0), std::pair(-2, 1.0)}) {
      weights[w] = at + steps * kStep;
      const auto values = qml::noisy_expval<double>(program, weights).values;
      for (std::size_t o = 0; o < values.size(); ++o) {
        out[o * weights.size() + w] += factor * values[o] / (12 * kStep);
      }
    }
    weights[w] = at;
  }
  return out;
}

Circuit noisy_circuit(int n, Dice& dice) {
  return reference::random_noisy_circuit(
      {.n_qubits = n, .n_operations = 16, .n_bits = 2, .named = true}, dice);
}

}  // namespace

TEST_CASE("noisy expectation values are those of dense algebra") {
  Dice dice(1);
  for (int round = 0; round < 10; ++round) {
    const int n = 2 + round % 3;
    const Circuit circuit = noisy_circuit(n, dice);
    const NoisyProgram program(circuit, reference::some_observables(n, dice));
    const auto values = reference::random_values(circuit, dice);
    const std::vector<double> weights = qsim::ordered_values(program.schedule.angles, values);
    const auto rho = reference::density_matrix(reference::run_ensemble(circuit, values));
    const auto found = qml::noisy_expval<double>(program, weights).values;
    const auto single = qml::noisy_expval<float>(program, weights).values;
    for (std::size_t k = 0; k < found.size(); ++k) {
      const double expected =
          (reference::observable(program.observables[k], n) * rho).trace().real();
      CHECK(found[k] == Approx(expected).margin(1e-12));
      CHECK(single[k] == Approx(expected).margin(2e-5));
    }
  }
}

TEST_CASE("noisy gradients are those of finite differences") {
  Dice dice(2);
  for (int round = 0; round < 12; ++round) {
    const int n = 2 + round % 2;
    const Circuit circuit = noisy_circuit(n, dice);
    if (circuit.parameters().empty()) continue;
    const NoisyProgram program(circuit, reference::some_observables(n, dice));
    const auto weights = reference::some_values(program.schedule.angles.weights.size(), dice);
    const auto expected = finite_differences(program, weights);
    INFO("round " << round);
    const auto by = [&]<class T>(T, NoisyMethod method) {
      return qml::noisy_jacobian<T>(program, weights, {}, 1, method).values;
    };
    const auto shift = by(double{}, NoisyMethod::kShift);
    CHECK(reference::largest_difference(shift, expected) < 1e-8);
    CHECK(reference::largest_difference(by(double{}, NoisyMethod::kSweep), shift) < 1e-11);
    CHECK(by(double{}, NoisyMethod::kAuto) == by(double{}, NoisyMethod::kSweep));
    CHECK(reference::largest_difference(by(float{}, NoisyMethod::kSweep), shift) < 1e-4);
  }
}

TEST_CASE("the sweep of noisy gradients agrees with shifts on deep and wide circuits") {
  Dice dice(7);
  for (const int n : {2, 4, 6}) {
    const Circuit circuit = reference::random_noisy_circuit(
        {.n_qubits = n, .n_operations = 60, .n_bits = 3, .named = true}, dice);
    const NoisyProgram program(circuit, reference::some_observables(n, dice));
    const auto weights = reference::some_values(program.schedule.angles.weights.size(), dice);
    const auto shift = qml::noisy_jacobian<double>(program, weights, {}, 1, NoisyMethod::kShift);
    const auto sweep = qml::noisy_jacobian<double>(program, weights, {}, 1, NoisyMethod::kSweep);
    CHECK(reference::largest_difference(sweep.values, shift.values) < 1e-11);
    // What is made again is what was kept.
    const auto binding = reference::bound<double>(program.schedule.angles, weights);
    const auto coordinates = qsim::coordinates(program.schedule, binding);
    const qml::NoisySweep<double> runs(program);
    const auto kept = runs.run(binding, coordinates);
    CHECK(reference::same_bits(runs.run(binding, coordinates, {}, 0), kept));
    CHECK(reference::same_bits(
        runs.run(binding, coordinates, {}, 5 * qsim::DensityMatrix<double>::bytes(n)), kept));
  }
}

TEST_CASE("cotangents and inputs of noisy programs") {
  Dice dice(8);
  const Circuit circuit = noisy_circuit(3, dice);
  const std::vector<std::string> names = circuit.parameters();
  REQUIRE(names.size() > 1);
  const NoisyProgram program(circuit, reference::some_observables(3, dice), {names.back()});
  CHECK(program.schedule.angles.inputs == std::vector<std::string>{names.back()});
  const std::size_t n = names.size();
  const std::size_t n_observables = program.observables.size();
  constexpr std::size_t kBatch = 3;
  const auto parameters = reference::some_values(kBatch * n, dice);
  const auto cotangents = reference::some_values(kBatch * n_observables, dice);
  const auto jacobian = qml::noisy_jacobian<double>(program, parameters, {}, kBatch).values;
  const auto found = qml::noisy_vjp<double>(program, parameters, cotangents, kBatch);
  const NoisyProgram by_name(circuit, program.observables);
  for (std::size_t k = 0; k < kBatch; ++k) {
    // The input comes first; without inputs it is the last weight.
    std::vector<double> weights(parameters.begin() + static_cast<std::ptrdiff_t>(k * n),
                                parameters.begin() + static_cast<std::ptrdiff_t>((k + 1) * n));
    std::rotate(weights.begin(), weights.begin() + 1, weights.end());
    const auto row = qml::noisy_jacobian<double>(by_name, weights).values;
    for (std::size_t p = 0; p < n; ++p) {
      double expected = 0;
      for (std::size_t o = 0; o < n_observables; ++o) {
        const double entry = jacobian[(k * n_observables + o) * n + p];
        expected += cotangents[k * n_observables + o] * entry;
        CHECK(entry == Approx(row[o * n + (p + n - 1) % n]).margin(1e-12));
      }
      CHECK(found[k * n + p] == Approx(expected).margin(1e-12));
    }
  }
  CHECK(reference::contains(reference::error_of<qsim::ValueError>([&] {
                              (void)qml::noisy_vjp<double>(program, parameters, {}, kBatch);
                            }),
                            "needs"));
}

TEMPLATE_TEST_CASE("derivatives next to an unlikely outcome", "", float, double) {
  Circuit circuit(2, 1);
  circuit.ry(Parameter("t"), 0).measure(0, 0);
  circuit.when({qsim::Comparison{{0}, {true}, true}}, Circuit(2).x(1));
  const NoisyProgram program(circuit, {qsim::PauliSum::parse("Z1")});
  for (const double t : {1e-1, 1e-3, 1e-5, 1e-7}) {
    const auto found =
        qml::noisy_jacobian<TestType>(program, std::vector<double>{t}, {}, 1, NoisyMethod::kSweep);
    const double eps = std::numeric_limits<TestType>::epsilon();
    CHECK(std::abs(found.values[0] + std::sin(t)) < 4 * eps);
  }
}

TEST_CASE("the sweep under noise with many branches, kept and made again") {
  // Five bits that all come later needs, so that there are 32 branches.
  Circuit circuit(5, 5);
  for (int q = 0; q < 5; ++q) circuit.ry(Parameter("a"), q).measure(q, q);
  for (int layer = 0; layer < 6; ++layer) {
    for (int q = 0; q < 5; ++q) circuit.rx(Parameter("b" + std::to_string(layer)), q);
  }
  circuit.when({qsim::Comparison{{0, 1, 2, 3, 4}, {true, false, true, true, false}, true}},
               Circuit(5).x(0));
  const NoisyProgram program(circuit, {qsim::PauliSum::parse("Z0")});
  Dice dice(12);
  const auto weights = reference::some_values(program.schedule.angles.weights.size(), dice);
  const auto by = [&](NoisyMethod method) {
    return qml::noisy_jacobian<double>(program, weights, {}, 1, method).values;
  };
  CHECK(reference::largest_difference(by(NoisyMethod::kSweep), by(NoisyMethod::kShift)) < 1e-12);
  const auto binding = reference::bound<double>(program.schedule.angles, weights);
  const auto coordinates = qsim::coordinates(program.schedule, binding);
  const qml::NoisySweep<double> sweep(program);
  CHECK(reference::same_bits(sweep.run(binding, coordinates, {}, 0),
                             sweep.run(binding, coordinates)));
}

TEST_CASE("noisy programs without gates have values and no derivatives") {
  const NoisyProgram program(Circuit(1), {qsim::PauliSum::parse("Z")});
  CHECK(qml::noisy_expval<double>(program, {}).values == std::vector<double>{1.0});
  for (const NoisyMethod method : {NoisyMethod::kSweep, NoisyMethod::kShift}) {
    CHECK(qml::noisy_jacobian<double>(program, {}, {}, 1, method).values.empty());
  }
}

TEST_CASE("amplitudes given as parameters have gradients under noise") {
  Circuit circuit(2);
  circuit.initialize({Parameter("a"), Parameter("b"), 0.3, Parameter("c")});
  circuit.rx(Parameter("d"), 0).cx(0, 1);
  qsim::NoiseModel noise;
  noise.add(qsim::channels::amplitude_damping(0.2));
  const NoisyProgram program(noise.apply(circuit), {qsim::PauliSum::parse("Z0 + X0 Y1 - X1")});
  const std::vector<double> weights{0.7, -0.4, 0.2, 1.1};
  const auto found = qml::noisy_jacobian<double>(program, weights).values;
  CHECK(reference::largest_difference(found, finite_differences(program, weights)) < 1e-9);
}

TEST_CASE("a shared parameter of a controlled rotation has its gradient under noise") {
  const Expression t = Parameter("t");
  Circuit circuit(2);
  circuit.h(0).crx(t, 0, 1).rz(2.0 * t + 0.3, 1).cry(-t, 1, 0).u(t, 0.2, t * t, 0);
  qsim::NoiseModel noise;
  noise.add(qsim::channels::amplitude_damping(0.1));
  const NoisyProgram program(noise.apply(circuit), {qsim::PauliSum::parse("Z0 + X1 - Y0 Y1")});
  const auto expected = finite_differences(program, {0.4});
  CHECK(qml::noisy_jacobian<double>(program, std::vector<double>{0.4}).values[0] ==
        Approx(expected[0]).margin(1e-8));
}

TEST_CASE("gradients from trajectories agree with the exact ones within their errors") {
  Dice dice(3);
  double squares = 0;
  int count = 0;
  for (int round = 0; round < 6; ++round) {
    const Circuit circuit = noisy_circuit(2, dice);
    const NoisyProgram program(circuit, reference::some_observables(2, dice));
    const auto weights = reference::some_values(program.schedule.angles.weights.size(), dice);
    const auto exact = qml::noisy_jacobian<double>(program, weights).values;
    const qml::NoisySampling sampling{2000, static_cast<std::uint64_t>(round)};
    const auto found = qml::noisy_jacobian<double>(program, weights, sampling);
    for (std::size_t k = 0; k < exact.size(); ++k) {
      if (found.errors[k] < 1e-6) continue;
      const double z = (found.values[k] - exact[k]) / found.errors[k];
      CHECK(std::abs(z) < 5);
      squares += z * z;
      ++count;
    }
  }
  CHECK(count > 20);
  CHECK(squares < count + 5 * std::sqrt(2.0 * count));
}

TEST_CASE("noisy gradients have the same bits on one thread and two") {
  Dice dice(4);
  const Circuit circuit = noisy_circuit(3, dice);
  const NoisyProgram program(circuit, reference::some_observables(3, dice));
  const auto weights = reference::some_values(program.schedule.angles.weights.size(), dice);
  for (const auto& sampling : {qml::NoisySampling{}, qml::NoisySampling{500, 1}}) {
    qsim::set_num_threads(1);
    const auto one = qml::noisy_jacobian<double>(program, weights, sampling);
    qsim::set_num_threads(2);
    const auto two = qml::noisy_jacobian<double>(program, weights, sampling);
    qsim::set_num_threads(0);
    CHECK(reference::same_bits(one.values, two.values));
    CHECK(reference::same_bits(one.errors, two.errors));
  }
}

TEMPLATE_TEST_CASE("a batch of weights has the values and gradients of a loop over it", "", float,
                   double) {
  Dice dice(5);
  const NoisyProgram program(noisy_circuit(3, dice), reference::some_observables(3, dice));
  const std::size_t n = program.schedule.angles.weights.size();
  constexpr std::size_t kBatch = 5;
  const auto weights = reference::some_values(kBatch * n, dice);
  for (const int threads : {1, 2}) {
    qsim::set_num_threads(threads);
    const auto values = qml::noisy_expval<TestType>(program, weights, {}, kBatch).values;
    const auto jacobian = qml::noisy_jacobian<TestType>(program, weights, {}, kBatch).values;
    std::vector<double> values_of_loop;
    std::vector<double> jacobian_of_loop;
    for (std::size_t k = 0; k < kBatch; ++k) {
      const auto row = std::span(weights).subspan(k * n, n);
      std::ranges::copy(qml::noisy_expval<TestType>(program, row).values,
                        std::back_inserter(values_of_loop));
      std::ranges::copy(qml::noisy_jacobian<TestType>(program, row).values,
                        std::back_inserter(jacobian_of_loop));
    }
    CHECK(reference::same_bits(values, values_of_loop));
    CHECK(reference::same_bits(jacobian, jacobian_of_loop));
  }
  qsim::set_num_threads(0);
  CHECK(qml::noisy_expval<TestType>(program, {}, {}, 0).values.empty());
  const qml::NoisySampling sampling{200, 3};
  const auto of_batch = qml::noisy_jacobian<TestType>(program, weights, sampling, kBatch);
  const auto first = qml::noisy_jacobian<TestType>(program, std::span(weights).first(n), sampling);
  const auto end = of_batch.values.begin() + static_cast<std::ptrdiff_t>(first.values.size());
  CHECK(reference::same_bits({of_batch.values.begin(), end}, first.values));
  CHECK(of_batch.errors.size() == kBatch * first.errors.size());
}

TEST_CASE("what noisy gradients cannot do is refused") {
  const auto text = [](const auto& body) { return reference::error_of<qsim::ValueError>(body); };
  CHECK(reference::contains(text([] { NoisyProgram(Circuit(1), {}); }), "at least one observable"));
  CHECK(reference::contains(text([] { NoisyProgram(Circuit(1), {qsim::PauliSum::parse("ZZ")}); }),
                            "does not fit"));
  Circuit circuit(1);
  circuit.initialize({Parameter("a"), 1.0});
  const NoisyProgram program(circuit, {qsim::PauliSum::parse("Z")});
  CHECK(reference::contains(text([&] {
                              (void)qml::noisy_jacobian<double>(program, std::vector<double>{1.0},
                                                                {}, 1, NoisyMethod::kShift);
                            }),
                            "no parameter-shift rule"));
  CHECK(reference::contains(text([&] {
                              (void)qml::noisy_jacobian<double>(program, std::vector<double>{1.0},
                                                                {10, 0}, 1, NoisyMethod::kSweep);
                            }),
                            "the adjoint method is exact"));
  CHECK(reference::contains(
      text([&] { (void)qml::noisy_expval<double>(program, std::vector<double>{}); }),
      "1 parameters, got 0"));
  CHECK(reference::contains(
      text([&] {
        (void)qml::noisy_expval<double>(program, std::vector<double>{1.0}, {0, 0});
      }),
      "trajectories is 0"));
}
