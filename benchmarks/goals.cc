// The library's speed goals, measured side by side in one run, and the distance to each:
//
//   (a) dense and diagonal gates on one qubit of 24 (double, 2 threads) reach at least 0.9 of the
//       bandwidth of an in-place scale of the same array, just before and after, whatever the
//       qubit;
//   (b) the gradient by all 3·n·L angles of the hardware-efficient circuit on 16 qubits with 8
//   layers
//       costs at most 5 forward passes;
//   (c) exact parameter shift by all 3·n·L angles of that circuit on 8 qubits with 6 layers is at
//       least 3 times as fast as its 2·3·n·L shifted circuits run as one batch, which itself runs
//       in blocks.
//
// A missed goal is no error. `goals 25` takes medians of 25 repetitions.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <string_view>
#include <vector>

#include "benchmarks/timing.h"
#include "qml/circuits/ansatz.h"
#include "qml/derivatives/differentiate.h"
#include "qml/derivatives/evaluate.h"
#include "qsim/compile/bind.h"
#include "qsim/compile/program.h"
#include "qsim/core/parallel.h"
#include "qsim/core/random.h"
#include "qsim/engines/execute.h"
#include "qsim/engines/tiles/workspace.h"
#include "qsim/observables/quantity.h"
#include "qsim/state/state.h"

namespace {

using qsim::Circuit;
using qsim::Program;
using qsim::Qubit;
using State = qsim::State<double>;
using Binding = qsim::Binding<double>;
using timing::median;
using timing::scale;
using timing::seconds;

constexpr int kGateQubits = 24;
constexpr double kGateGoal = 0.9;
constexpr int kGradientQubits = 16;
constexpr int kGradientLayers = 8;
constexpr double kGradientGoal = 5;
constexpr int kShiftQubits = 8;
constexpr int kShiftLayers = 6;
constexpr double kShiftGoal = 3;
// Rounds of under a millisecond: enough that the median is not that of a stall of the machine.
constexpr int kShiftRounds = 200;
constexpr std::size_t kDefaultRepetitions = 15;

// A circuit of one gate, ready to run.
struct Gate {
  explicit Gate(const Circuit& circuit) : program(qsim::compile(circuit)) {
    qsim::bind_parameters(program, {}, binding);
  }
  void operator()(State& state) const { qsim::run_steps(program, binding, state); }
  Program program;
  Binding binding;
};

void print_distance(std::string_view what, double value, std::string_view relation, double goal,
                    bool met) {
  std::printf("  %-32.*s %5.2f   goal %.*s %.2f   %s by %.2f\n", static_cast<int>(what.size()),
              what.data(), value, static_cast<int>(relation.size()), relation.data(), goal,
              met ? "met" : "MISSED", value > goal ? value - goal : goal - value);
}

struct Worst {
  double fraction = 1e9;
  Qubit qubit = 0;
  void note(double value, Qubit q) {
    if (value < fraction) {
      fraction = value;
      qubit = q;
    }
  }
  void print(std::string_view shape) const {
    char what[64];
    std::snprintf(what, sizeof what, "%.*s, worst qubit %d", static_cast<int>(shape.size()),
                  shape.data(), qubit);
    print_distance(what, fraction, ">=", kGateGoal, fraction >= kGateGoal);
  }
};

void measure_gates(std::size_t repetitions) {
  qsim::set_num_threads(2);
  State state(kGateQubits);
  scale(state);
  std::printf(
      "(a) One-qubit gates on %d qubits, double, 2 threads, %s: fraction of the bandwidth\n"
      "    of an in-place scale (medians of %zu interleaved repetitions)\n\n"
      "  qubit  scale GB/s  dense  diagonal\n",
      kGateQubits, qsim::kernels<double>().target.data(), repetitions);
  Worst worst_dense;
  Worst worst_diagonal;
  for (Qubit q = 0; q < kGateQubits; ++q) {
    const Gate dense(Circuit(kGateQubits).u(0.3, 0.4, 0.5, q));
    const Gate diagonal(Circuit(kGateQubits).rz(0.3, q));
    std::vector<double> scales;
    std::vector<double> dense_fractions;
    std::vector<double> diagonal_fractions;
    // The machine's bandwidth drifts; a gate is compared with a scale on either side of it.
    scales.push_back(seconds([&] { scale(state); }));
    const auto fraction = [&](const Gate& gate) {
      const double before = scales.back();
      const double own = seconds([&] { gate(state); });
      scales.push_back(seconds([&] { scale(state); }));
      return (before + scales.back()) / 2 / own;
    };
    for (std::size_t k = 0; k < repetitions; ++k) {
      dense_fractions.push_back(fraction(dense));
      diagonal_fractions.push_back(fraction(diagonal));
    }
    const double dense_fraction = median(dense_fractions);
    const double diagonal_fraction = median(diagonal_fractions);
    worst_dense.note(dense_fraction, q);
    worst_diagonal.note(diagonal_fraction, q);
    std::printf("  %5d  %10.1f  %5.2f  %8.2f\n", q,
                2e-9 * State::bytes(kGateQubits) / median(scales), dense_fraction,
                diagonal_fraction);
    std::fflush(stdout);
  }
  std::printf("\n");
  worst_dense.print("dense");
  worst_diagonal.print("diagonal");
}

void measure_gradient(int threads, std::size_t repetitions) {
  qsim::set_num_threads(threads);
  const Program program = qsim::compile(qml::hardware_efficient(kGradientQubits, kGradientLayers),
                                        {qsim::PauliSum::parse("Z0", kGradientQubits)});
  qsim::Random random(1);
  std::vector<double> weights(program.weights.size());
  for (double& w : weights) w = random.uniform();
  const std::vector<double> cotangent = {1.0};
  qsim::TileWorkspace<double> workspace(program);
  const auto forward = [&] {
    workspace.bind({}, weights);
    workspace.forward();
    return workspace.expectation(0);
  };
  const auto forward_and_backward = [&] {
    forward();
    qsim::fill_bra(program, qsim::Quantity::kExpval, cotangent, workspace.ket(), workspace.bra());
    workspace.backward();
  };
  forward_and_backward();  // touches all memory
  std::vector<double> forwards;
  std::vector<double> gradients;
  std::vector<double> ratios;
  for (std::size_t k = 0; k < repetitions; ++k) {
    forwards.push_back(seconds(forward));
    gradients.push_back(seconds(forward_and_backward));
    ratios.push_back(gradients.back() / forwards.back());
  }
  std::printf("  forward %.2f ms, gradient of %zu angles %.2f ms\n", 1e3 * median(forwards),
              weights.size(), 1e3 * median(gradients));
  const double ratio = median(ratios);
  print_distance(threads == 1 ? "gradient / forward, 1 thread" : "gradient / forward, 2 threads",
                 ratio, "<=", kGradientGoal, ratio <= kGradientGoal);
}

template <class T>
void measure_shift(std::string_view what) {
  qsim::set_num_threads(1);
  const Program program = qsim::compile(qml::hardware_efficient(kShiftQubits, kShiftLayers),
                                        {qsim::PauliSum::parse("Z0", kShiftQubits)});
  const std::size_t n = program.weights.size();
  qsim::Random random(1);
  std::vector<double> weights(n);
  for (double& w : weights) w = random.uniform();
  std::vector<double> shifted;  // a row a circuit
  for (std::size_t k = 0; k < n; ++k) {
    for (const double shift : {std::numbers::pi / 2, -std::numbers::pi / 2}) {
      shifted.insert(shifted.end(), weights.begin(), weights.end());
      shifted[shifted.size() - n + k] += shift;
    }
  }
  std::vector<double> batches;
  std::vector<double> jacobians;
  std::vector<double> ratios;
  double difference = 0;
  for (int round = 0; round < kShiftRounds; ++round) {
    std::vector<double> values;
    qml::Gradients gradients;
    batches.push_back(seconds([&] {
      values =
          qml::expval<T>(program, {.size = 2 * n, .weights = shifted, .weights_per_sample = true});
    }));
    jacobians.push_back(seconds([&] {
      gradients = qml::jacobian<T>(program, {.weights = weights},
                                   {.method = qml::DiffMethod::kParameterShift});
    }));
    ratios.push_back(batches.back() / jacobians.back());
    for (std::size_t p = 0; p < n; ++p) {
      const double slope = (values[2 * p] - values[2 * p + 1]) / 2;
      difference = std::max(difference, std::abs(slope - gradients.weights[p]));
    }
  }
  std::printf("  batch of %zu %.0f us, parameter shift %.0f us, largest difference %.0e\n", 2 * n,
              1e6 * median(batches), 1e6 * median(jacobians), difference);
  const double ratio = median(ratios);
  print_distance(what, ratio, ">=", kShiftGoal, ratio >= kShiftGoal);
}

}  // namespace

int main(int argc, char** argv) {
  const auto asked = timing::repetitions_of(argc, argv, "goals", kDefaultRepetitions);
  if (!asked) return 2;
  const std::size_t repetitions = *asked;
  measure_gates(repetitions);
  std::printf("\n(b) Gradient of the hardware-efficient circuit, %d qubits, %d layers, double\n\n",
              kGradientQubits, kGradientLayers);
  for (const int threads : {1, 2}) measure_gradient(threads, repetitions);
  std::printf("\n(c) Parameter shift by all angles, %d qubits, %d layers, 1 thread\n\n",
              kShiftQubits, kShiftLayers);
  measure_shift<double>("batch / parameter shift, double");
  measure_shift<float>("batch / parameter shift, single");
  return 0;
}
