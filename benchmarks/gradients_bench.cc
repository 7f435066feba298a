// The hardware-efficient circuit (layers of RX RY RZ on every qubit and a CNOT ring), its
// expectation value and the gradient of all its 3·n·L angles. `forwards` is the price of a gradient
// in forward passes, both from the same run.

#include <benchmark/benchmark.h>

#include <numeric>
#include <string>
#include <vector>

#include "benchmarks/timing.h"
#include "qml/circuits/ansatz.h"
#include "qml/derivatives/differentiate.h"
#include "qsim/compile/program.h"
#include "qsim/core/parallel.h"
#include "qsim/core/random.h"
#include "qsim/engines/tiles/workspace.h"
#include "qsim/observables/quantity.h"

namespace {

using timing::Clock;
using timing::seconds_since;

constexpr std::uint64_t kSeed = 1;
constexpr std::size_t kBatch = 64;
const std::vector<std::string> kArguments = {"n", "layers", "threads"};

std::vector<double> angles(std::size_t count) {
  qsim::Random random(kSeed);
  std::vector<double> out(count);
  for (double& angle : out) angle = random.uniform();
  return out;
}

// The circuit behind RY(x_q) on every qubit where it has inputs, measuring Z on qubit 0.
qsim::Program program_of(const benchmark::State& timer, bool with_inputs = false) {
  const int n_qubits = static_cast<int>(timer.range(0));
  qsim::Circuit circuit(n_qubits);
  std::vector<std::string> inputs;
  for (int q = 0; with_inputs && q < n_qubits; ++q) {
    inputs.push_back("x" + std::to_string(q));
    circuit.ry(qsim::Parameter(inputs.back()), q);
  }
  circuit.compose(qml::hardware_efficient(n_qubits, static_cast<int>(timer.range(1))));
  return qsim::compile(circuit, {qsim::PauliSum::parse("Z0", n_qubits)}, inputs);
}

// Threads are the third argument, while this lives.
class UseThreads {
 public:
  explicit UseThreads(const benchmark::State& timer) {
    qsim::set_num_threads(static_cast<int>(timer.range(2)));
  }
  ~UseThreads() { qsim::set_num_threads(0); }
  UseThreads(const UseThreads&) = delete;
  UseThreads& operator=(const UseThreads&) = delete;
};

template <class T>
void bind(benchmark::State& timer) {
  const qsim::Program program = program_of(timer);
  const std::vector<double> weights = angles(program.weights.size());
  qsim::TileWorkspace<T> workspace(program);
  for ([[maybe_unused]] const auto unused : timer) {
    workspace.bind({}, weights);
    benchmark::ClobberMemory();
  }
}

template <class T>
double forward(qsim::TileWorkspace<T>& workspace, std::span<const double> weights) {
  workspace.bind({}, weights);
  workspace.forward();
  return workspace.expectation(0);
}

template <class T>
void forward(benchmark::State& timer) {
  const UseThreads threads(timer);
  const qsim::Program program = program_of(timer);
  const std::vector<double> weights = angles(program.weights.size());
  qsim::TileWorkspace<T> workspace(program);
  for ([[maybe_unused]] const auto unused : timer) {
    benchmark::DoNotOptimize(forward<T>(workspace, weights));
  }
}

// Forward and backward, with the forward part timed apart.
template <class T>
void gradient(benchmark::State& timer) {
  const UseThreads threads(timer);
  const qsim::Program program = program_of(timer);
  const std::vector<double> weights = angles(program.weights.size());
  const std::vector<double> cotangent = {1.0};
  qsim::TileWorkspace<T> workspace(program);
  double forward_seconds = 0;
  double seconds = 0;
  for ([[maybe_unused]] const auto unused : timer) {
    const auto start = Clock::now();
    benchmark::DoNotOptimize(forward<T>(workspace, weights));
    forward_seconds += seconds_since(start);
    qsim::fill_bra(program, qsim::Quantity::kExpval, cotangent, workspace.ket(), workspace.bra());
    workspace.backward();
    seconds += seconds_since(start);
    benchmark::DoNotOptimize(workspace.adjoints().data());
  }
  timer.counters["forwards"] = seconds / forward_seconds;
}

template <class T>
void parameter_shift(benchmark::State& timer) {
  const UseThreads threads(timer);
  const qsim::Program program = program_of(timer);
  const std::vector<double> weights = angles(program.weights.size());
  for ([[maybe_unused]] const auto unused : timer) {
    benchmark::DoNotOptimize(qml::jacobian<T>(program, {.weights = weights},
                                              {.method = qml::DiffMethod::kParameterShift}));
  }
}

// A mini-batch through the public function, workspaces and all; items are samples.
template <class T>
void batch_gradient(benchmark::State& timer) {
  const UseThreads threads(timer);
  const qsim::Program program = program_of(timer, true);
  const std::vector<double> inputs = angles(kBatch * program.inputs.size());
  const std::vector<double> weights = angles(program.weights.size());
  const std::vector<double> cotangent(kBatch, 1.0);
  const qml::Batch batch{.size = kBatch, .inputs = inputs, .weights = weights};
  for ([[maybe_unused]] const auto unused : timer) {
    benchmark::DoNotOptimize(qml::vjp<T>(program, batch, cotangent));
  }
  timer.SetItemsProcessed(timer.iterations() * static_cast<std::int64_t>(kBatch));
}

using Register = benchmark::internal::Benchmark;

void configure(Register* b) {
  b->ArgNames(kArguments)->UseRealTime()->Unit(benchmark::kMicrosecond);
}

// The sizes in which the peers were measured. Below 16 qubits one circuit runs on one thread.
void all_sizes(Register* b) {
  configure(b);
  for (const auto& [n, layers] : {std::pair{4, 4}, {8, 6}, {12, 6}, {16, 8}, {20, 8}}) {
    b->Args({n, layers, 1});
    if (n >= 16) b->Args({n, layers, 2});
  }
}

void small_sizes(Register* b) {
  configure(b);
  b->Args({4, 4, 1})->Args({8, 6, 1});
}

void batch_sizes(Register* b) {
  configure(b);
  for (const auto& [n, layers] : {std::pair{4, 4}, {8, 6}, {12, 6}}) {
    b->Args({n, layers, 1})->Args({n, layers, 2});
  }
}

BENCHMARK_TEMPLATE(bind, double)->Apply(small_sizes);
BENCHMARK_TEMPLATE(bind, float)->Apply(small_sizes);
BENCHMARK_TEMPLATE(forward, double)->Apply(all_sizes);
BENCHMARK_TEMPLATE(forward, float)->Apply(all_sizes);
BENCHMARK_TEMPLATE(gradient, double)->Apply(all_sizes);
BENCHMARK_TEMPLATE(gradient, float)->Apply(all_sizes);
BENCHMARK_TEMPLATE(parameter_shift, double)->Apply(small_sizes);
BENCHMARK_TEMPLATE(batch_gradient, double)->Apply(batch_sizes);
BENCHMARK_TEMPLATE(batch_gradient, float)->Apply(batch_sizes);

}  // namespace

BENCHMARK_MAIN();
