// Speed goals of circuits on wide states, with the distance to each: a random circuit and the QFT
// on 24 qubits, the hardware-efficient circuit (layers of RX RY RZ on every qubit and a CNOT ring)
// on 16 and 20 qubits forward and with the gradient of all its angles. The goals are for a machine
// of 54 GB/s and 226 GFLOP/s on two threads and are scaled by the tighter of what this one reaches
// in the same run. A missed goal is no error. `wide_goals 7` takes medians of 7 repetitions.

#include <algorithm>
#include <cstdio>
#include <numbers>
#include <string_view>
#include <vector>

#include "benchmarks/timing.h"
#include "qml/circuits/ansatz.h"
#include "qsim/compile/program.h"
#include "qsim/core/parallel.h"
#include "qsim/core/random.h"
#include "qsim/engines/execute.h"
#include "qsim/engines/tiles/tiles.h"
#include "qsim/engines/tiles/workspace.h"
#include "qsim/kernels/peak.h"
#include "qsim/observables/quantity.h"
#include "qsim/state/state.h"

namespace {

using qsim::Circuit;
using qsim::Program;
using qsim::Qubit;
using timing::median_ms;

constexpr double kGoalGigabytes = 54;  // a second, in-place scale, two threads
constexpr double kGoalGflops = 226;    // two threads
constexpr int kThreads = 2;
constexpr std::size_t kDefaultRepetitions = 5;

// How much slower than the machine the goals are for: the larger of the two ratios.
double machine_factor(std::size_t repetitions) {
  const double gigabytes = timing::bandwidth(repetitions);
  const double gflops = kThreads * qsim::peak_gflops();
  const double factor = std::max(kGoalGigabytes / gigabytes, kGoalGflops / gflops);
  std::printf("%s, %d threads: %.1f GB/s, %.0f GFLOP/s; goals times %.2f\n\n",
              qsim::kernels<double>().target.data(), kThreads, gigabytes, gflops, factor);
  return factor;
}

// Random rotations about a random axis on every qubit and a brickwork of CZ.
Circuit random_layers(int n_qubits, int depth) {
  Circuit out(n_qubits);
  qsim::Random random(1);
  const auto angle = [&random] { return 2 * std::numbers::pi * random.uniform(); };
  for (int layer = 0; layer < depth; ++layer) {
    for (Qubit q = 0; q < n_qubits; ++q) out.u(angle(), angle(), angle(), q);
    for (Qubit q = layer % 2; q + 1 < n_qubits; q += 2) out.cz(q, q + 1);
  }
  return out;
}

Circuit qft(int n_qubits) {
  Circuit out(n_qubits);
  for (Qubit q = n_qubits - 1; q >= 0; --q) {
    out.h(q);
    for (Qubit p = q - 1; p >= 0; --p) {
      out.cp(std::numbers::pi / static_cast<double>(qsim::bit(q - p)), p, q);
    }
  }
  for (Qubit q = 0; q < n_qubits / 2; ++q) out.swap(q, n_qubits - 1 - q);
  return out;
}

void print(const char* what, const char* precision, double ms, double goal) {
  std::printf("  %-34s %-7s %8.2f ms   goal <= %8.2f   %s (%.2f of it)\n", what, precision, ms,
              goal, ms <= goal ? "met" : "MISSED", ms / goal);
  std::fflush(stdout);
}

struct Goals {
  double in_double;
  double in_single;
};

// From a random state, so that nothing is known to be zero.
template <class T>
double run_ms(const Circuit& circuit, std::size_t repetitions) {
  const Program program = qsim::compile(circuit);
  qsim::Binding<T> binding;
  qsim::State<T> state(circuit.n_qubits());
  qsim::bind_parameters(program, {}, binding);
  qsim::run_steps(program, binding, state);
  return median_ms(repetitions, [&] { qsim::run_steps(program, binding, state); });
}

void measure(const char* what, const Circuit& circuit, Goals goals, std::size_t repetitions) {
  print(what, "double", run_ms<double>(circuit, repetitions), goals.in_double);
  print(what, "single", run_ms<float>(circuit, repetitions), goals.in_single);
}

template <class T>
void measure_variational(int n_qubits, const char* precision, double forward_goal,
                         double gradient_goal, std::size_t repetitions) {
  const Program program =
      qsim::compile(qml::hardware_efficient(n_qubits, 8), {qsim::PauliSum::parse("Z0", n_qubits)});
  qsim::Random random(1);
  std::vector<double> weights(program.weights.size());
  for (double& w : weights) w = random.uniform();
  qsim::TileWorkspace<T> workspace(program);
  const auto forward = [&] {
    workspace.bind({}, weights);
    workspace.forward();
  };
  const double forward_ms = median_ms(repetitions, forward);
  const double gradient_ms = median_ms(repetitions, [&] {
    forward();
    qsim::fill_bra(program, qsim::Quantity::kExpval, std::vector{1.0}, workspace.ket(),
                   workspace.bra());
    workspace.backward();
  });
  char what[64];
  std::snprintf(what, sizeof what, "variational, %d qubits, 8 layers", n_qubits);
  print(what, precision, forward_ms, forward_goal);
  std::snprintf(what, sizeof what, "  its gradient (%.2f forwards)", gradient_ms / forward_ms);
  print(what, precision, gradient_ms, gradient_goal);
}

}  // namespace

int main(int argc, char** argv) {
  const auto asked = timing::repetitions_of(argc, argv, "wide_goals", kDefaultRepetitions);
  if (!asked) return 2;
  const std::size_t repetitions = *asked;
  qsim::set_num_threads(kThreads);
  const double factor = machine_factor(repetitions);
  measure("random, 24 qubits, depth 20", random_layers(24, 20), {800 * factor, 400 * factor},
          repetitions);
  measure("QFT, 24 qubits", qft(24), {400 * factor, 250 * factor}, repetitions);
  const std::size_t more = 5 * repetitions;
  measure_variational<double>(20, "double", 25 * factor, 120 * factor, more);
  measure_variational<float>(20, "single", 13 * factor, 120 * factor, more);
  measure_variational<double>(16, "double", 1.3 * factor, 5 * factor, 5 * more);
  measure_variational<float>(16, "single", 1.3 * factor, 5 * factor, 5 * more);
  return 0;
}
