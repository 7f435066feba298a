// One pass over the state for every shape of step, on low, middle and high qubits, in cache and in
// memory. bytes_per_second is nominal, whatever a gate leaves alone: the whole state read and
// written once. The scale benchmarks are the yardstick.
//
//   kernels_bench --benchmark_filter='dense_1/double/n:24'

#include <benchmark/benchmark.h>

#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "qsim/compile/bind.h"
#include "qsim/compile/program.h"
#include "qsim/core/error.h"
#include "qsim/core/parallel.h"
#include "qsim/engines/execute.h"
#include "qsim/state/parts.h"
#include "qsim/state/state.h"

namespace {

using qsim::Circuit;
using qsim::Qubit;
using qsim::State;
using Qubits = std::vector<Qubit>;

constexpr double kAngle = 0.37;
constexpr double kMinSeconds = 0.05;
constexpr int kWideQubits = 24;

// A gate whose circuit compiles to a single step.
struct Gate {
  std::string_view name;
  std::size_t n_targets;
  void (*add)(Circuit&, const Qubits&);
};

qsim::Matrix dense_matrix() {
  return qsim::unitary(Circuit(2).u(0.3, 0.4, 0.5, 0).ry(0.6, 1).rxx(0.7, 0, 1).u(0.8, 0.9, 1, 1));
}

qsim::Matrix diagonal_matrix() {
  return qsim::unitary(Circuit(2).rz(0.3, 0).rz(0.4, 1).rzz(0.5, 0, 1));
}

const std::vector<Gate>& gates() {
  static const std::vector<Gate> list = {
      {"dense_1", 1, [](Circuit& c, const Qubits& q) { c.u(kAngle, 0.2, 0.3, q[0]); }},
      {"dense_2", 2, [](Circuit& c, const Qubits& q) { c.unitary(dense_matrix(), q); }},
      {"diagonal_1", 1, [](Circuit& c, const Qubits& q) { c.rz(kAngle, q[0]); }},
      {"diagonal_2", 2, [](Circuit& c, const Qubits& q) { c.unitary(diagonal_matrix(), q); }},
      {"permutation_cx", 2, [](Circuit& c, const Qubits& q) { c.cx(q[0], q[1]); }},
      {"permutation_swap", 2, [](Circuit& c, const Qubits& q) { c.swap(q[0], q[1]); }},
      {"rotation_zz", 2, [](Circuit& c, const Qubits& q) { c.rzz(kAngle, q[0], q[1]); }},
      {"rotation_xx", 2, [](Circuit& c, const Qubits& q) { c.rxx(kAngle, q[0], q[1]); }},
      {"rotation_long", 6,
       [](Circuit& c, const Qubits& q) { c.pauli_rotation(kAngle, "XYZXYZ", q); }},
      {"phase_1", 1, [](Circuit& c, const Qubits& q) { c.p(kAngle, q[0]); }},
      {"phase_2", 2, [](Circuit& c, const Qubits& q) { c.cp(kAngle, q[0], q[1]); }},
  };
  return list;
}

// Targets inside a register, across its edge, where gates leave a page, in the middle and on top;
// further targets of a gate follow the first, wrapping round.
std::vector<Qubits> regions(int n_qubits, std::size_t n_targets) {
  std::vector<Qubits> out;
  const std::vector<Qubit> firsts = {0, 1, 2, 3, 5, 8, n_qubits / 2, n_qubits - 2, n_qubits - 1};
  for (const Qubit first : firsts) {
    Qubits targets(n_targets);
    std::iota(targets.begin(), targets.end(), first);
    for (Qubit& q : targets) q %= n_qubits;
    if (out.empty() || out.back() != targets) out.push_back(targets);
  }
  return out;
}

// A state with all amplitudes equal. The last one is kept, for the next benchmark of its size.
template <class T>
State<T>& state_of(int n_qubits) {
  static std::unique_ptr<State<T>> kept;
  if (kept == nullptr || kept->n_qubits() != n_qubits) {
    kept.reset();
    kept = std::make_unique<State<T>>(n_qubits);
    Circuit layer(n_qubits);
    for (Qubit q = 0; q < n_qubits; ++q) layer.h(q);
    qsim::apply(layer, {}, *kept);
  }
  return *kept;
}

// Times pass(state), which reads and writes the state once.
template <class T, class Pass>
void measure(benchmark::State& timer, int n_qubits, int threads, const Pass& pass) {
  qsim::set_num_threads(threads);
  State<T>& state = state_of<T>(n_qubits);
  for ([[maybe_unused]] const auto unused : timer) {
    pass(state);
    benchmark::ClobberMemory();
  }
  timer.SetBytesProcessed(timer.iterations() * 2 *
                          static_cast<std::int64_t>(State<T>::bytes(n_qubits)));
  qsim::set_num_threads(0);
}

template <class T>
void measure_gate(benchmark::State& timer, const Gate& gate, const Qubits& targets, int n_qubits,
                  int threads) {
  Circuit circuit(n_qubits);
  gate.add(circuit, targets);
  const qsim::Program program = qsim::compile(circuit);
  qsim::require(program.steps.size() == 1, gate.name, " compiles to ", program.steps.size(),
                " steps; a benchmark needs one");
  qsim::Binding<T> binding;
  qsim::bind_parameters(program, {}, binding);
  const qsim::Step& step = program.steps.front();
  measure<T>(timer, n_qubits, threads,
             [&](State<T>& state) { qsim::apply(step, binding.of(step), state); });
}

template <class T>
void measure_scale(benchmark::State& timer, int n_qubits, int threads) {
  measure<T>(timer, n_qubits, threads, [](State<T>& state) {
    qsim::for_parts(state.n_qubits(), [&](qsim::Part part) {
      qsim::kernels<T>().scale(state.data(), state.storage(), T{-1}, part);
    });
  });
}

template <class Measure>
void add(const std::string& name, const Measure& measure) {
  benchmark::RegisterBenchmark(name.c_str(), measure)
      ->UseRealTime()
      ->MinTime(kMinSeconds)
      ->Unit(benchmark::kMicrosecond);
}

template <class T>
void add_all(std::string_view precision, int n_qubits, int threads) {
  const std::string suffix = qsim::concat("/", precision, "/n:", n_qubits, "/threads:", threads);
  add("scale" + suffix,
      [=](benchmark::State& timer) { measure_scale<T>(timer, n_qubits, threads); });
  for (const Gate& gate : gates()) {
    for (const Qubits& targets : regions(n_qubits, gate.n_targets)) {
      std::string name = qsim::concat(gate.name, suffix, "/q:", targets.front());
      if (targets.size() == 2) name += qsim::concat(",", targets.back());
      add(name, [=](benchmark::State& timer) {
        measure_gate<T>(timer, gate, targets, n_qubits, threads);
      });
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  for (const int n_qubits : {12, 16, kWideQubits}) {
    for (const int threads : {1, 2}) {
      if (qsim::part_count(n_qubits) < static_cast<qsim::Index>(threads)) continue;
      add_all<double>("double", n_qubits, threads);
      add_all<float>("float", n_qubits, threads);
    }
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
