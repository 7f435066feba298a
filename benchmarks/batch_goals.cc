// Speed goals of batches on the hardware-efficient circuit (layers of RX RY RZ on every qubit and a
// CNOT ring) behind RX(x_q) on every qubit, with the distance to each: time a sample of a batch of
// 64 in double precision on one core, forward and with the gradients of all 3·n·L weights and n
// inputs. The goals are for a core of 113 GFLOP/s and are scaled by what this core reaches in the
// same run. A missed goal is no error. `batch_goals 25` takes medians of 25 repetitions.

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/timing.h"
#include "qml/circuits/ansatz.h"
#include "qml/derivatives/differentiate.h"
#include "qsim/compile/program.h"
#include "qsim/core/parallel.h"
#include "qsim/core/random.h"
#include "qsim/kernels/kernels.h"
#include "qsim/kernels/peak.h"

namespace {

constexpr double kGoalPeak = 113;  // GFLOP/s that the goals are for
constexpr std::size_t kBatch = 64;
constexpr std::size_t kDefaultRepetitions = 15;

struct Goal {
  int n_qubits;
  int layers;
  double forward;   // µs a sample
  double gradient;  // likewise
};
constexpr Goal kGoals[] = {{4, 4, 0.08, 0.25}, {8, 6, 2.2, 7.5}, {10, 6, 11, 38}, {12, 6, 52, 180}};

// Seconds a call, from calls that together take about a hundredth of a second.
template <class Body>
double seconds_a_call(const Body& body) {
  constexpr double kEnough = 0.01;
  int calls = 1;
  while (true) {
    const double time = timing::seconds([&] {
      for (int k = 0; k < calls; ++k) body();
    });
    if (time >= kEnough || calls > (1 << 20)) return time / calls;
    calls *= 2;
  }
}

struct Work {
  qsim::Program program;
  std::vector<double> inputs;
  std::vector<double> weights;
  std::vector<double> cotangent;

  Work(int n_qubits, int layers, std::size_t batch) {
    qsim::Circuit circuit(n_qubits);
    std::vector<std::string> names;
    for (int q = 0; q < n_qubits; ++q) {
      names.push_back("x" + std::to_string(q));
      circuit.rx(qsim::Parameter(names.back()), q);
    }
    circuit.compose(qml::hardware_efficient(n_qubits, layers));
    program = qsim::compile(circuit, {qsim::PauliSum::parse("Z0", n_qubits)}, names);
    qsim::Random random(1);
    const auto draw = [&](std::size_t count) {
      std::vector<double> out(count);
      for (double& value : out) value = 6 * random.uniform();
      return out;
    };
    inputs = draw(batch * names.size());
    weights = draw(program.weights.size());
    cotangent.assign(batch, 1.0);
  }
  [[nodiscard]] qml::Batch batch() const { return {cotangent.size(), inputs, weights}; }

  // µs a sample.
  template <class T>
  [[nodiscard]] double forward() const {
    return 1e6 * seconds_a_call([&] { qml::expval<T>(program, batch()); }) /
           double(cotangent.size());
  }
  template <class T>
  [[nodiscard]] double gradient() const {
    return 1e6 * seconds_a_call([&] { qml::vjp<T>(program, batch(), cotangent); }) /
           double(cotangent.size());
  }
};

void print_distance(const char* what, double value, double goal, bool at_least = false) {
  const bool met = at_least ? value >= goal : value <= goal;
  std::printf("  %-44s %8.3f   goal %s %8.3f   %s (%.2f of it)\n", what, value,
              at_least ? ">=" : "<=", goal, met ? "met" : "MISSED", value / goal);
}

// Medians of measurements taken in turns, so that a busy moment hits both.
template <class A, class B>
std::pair<double, double> in_turns(std::size_t repetitions, const A& a, const B& b) {
  std::vector<double> as;
  std::vector<double> bs;
  for (std::size_t k = 0; k < repetitions; ++k) {
    as.push_back(a());
    bs.push_back(b());
  }
  return {timing::median(as), timing::median(bs)};
}

void measure_times(std::size_t repetitions, double scale) {
  std::printf("(a) µs a sample, batch of %zu, double, 1 thread\n\n", kBatch);
  for (const Goal& goal : kGoals) {
    const Work work(goal.n_qubits, goal.layers, kBatch);
    const auto [forward, gradient] = in_turns(
        repetitions, [&] { return work.forward<double>(); },
        [&] { return work.gradient<double>(); });
    const std::string size =
        "n=" + std::to_string(goal.n_qubits) + " L=" + std::to_string(goal.layers);
    print_distance((size + " forward").c_str(), forward, goal.forward * scale);
    print_distance((size + " forward + gradient").c_str(), gradient, goal.gradient * scale);
  }
}

void measure_ratios(std::size_t repetitions) {
  constexpr double kGradientGoal = 3.4;
  std::printf("\n(b) gradient in forward passes\n\n");
  for (const int n : {4, 6, 8, 10, 12, 14, 16, 18, 20}) {
    const Work work(n, n >= 16 ? 8 : 6, n > 12 ? 1 : kBatch);
    const auto [forward, gradient] = in_turns(
        n > 16 ? std::min<std::size_t>(repetitions, 3) : repetitions,
        [&] { return work.forward<double>(); }, [&] { return work.gradient<double>(); });
    print_distance(("n=" + std::to_string(n)).c_str(), gradient / forward, kGradientGoal);
  }
}

void measure_precision(std::size_t repetitions) {
  constexpr double kFloatGoal = 1.7;
  std::printf("\n(c) float against double, forward + gradient, 1 thread\n\n");
  for (const Goal& goal : kGoals) {
    const Work work(goal.n_qubits, goal.layers, kBatch);
    const auto [twice, once] = in_turns(
        repetitions, [&] { return work.gradient<double>(); },
        [&] { return work.gradient<float>(); });
    print_distance(("n=" + std::to_string(goal.n_qubits)).c_str(), twice / once, kFloatGoal, true);
  }
}

void measure_threads(std::size_t repetitions) {
  constexpr double kThreadsGoal = 1.8;
  constexpr std::size_t kLargeBatch = 512;
  std::printf("\n(d) two threads against one, forward + gradient, batch of %zu\n\n", kLargeBatch);
  for (const Goal& goal : kGoals) {
    const Work work(goal.n_qubits, goal.layers, kLargeBatch);
    const auto with_threads = [&](int threads) {
      qsim::set_num_threads(threads);
      return work.gradient<double>();
    };
    const auto [one, two] = in_turns(
        repetitions, [&] { return with_threads(1); }, [&] { return with_threads(2); });
    print_distance(("n=" + std::to_string(goal.n_qubits)).c_str(), one / two, kThreadsGoal, true);
  }
  qsim::set_num_threads(1);
}

void measure_small_batches(std::size_t repetitions) {
  constexpr double kSingleGoal = 3;
  std::printf("\n(e) a batch of one, in time a sample of a batch of %zu, forward + gradient\n\n",
              kBatch);
  for (const Goal& goal : kGoals) {
    if (goal.n_qubits < 8) continue;
    const Work one(goal.n_qubits, goal.layers, 1);
    const Work many(goal.n_qubits, goal.layers, kBatch);
    const auto [single, sample] = in_turns(
        repetitions, [&] { return one.gradient<double>(); },
        [&] { return many.gradient<double>(); });
    print_distance(("n=" + std::to_string(goal.n_qubits)).c_str(), single / sample, kSingleGoal);
  }
  std::printf("\n(f) a batch against a loop over its samples, time of the batch / of the loop\n\n");
  for (const int n : {4, 8, 10, 12}) {
    double worst = 0;
    std::size_t worst_size = 0;
    const Work one(n, 6, 1);
    constexpr std::size_t kSizes[] = {2, 3, 4, 5, 7, 8, 9, 12, 17};
    for (const std::size_t size : kSizes) {
      const Work many(n, 6, size);
      const auto [single, sample] = in_turns(
          std::min<std::size_t>(repetitions, 5), [&] { return one.gradient<double>(); },
          [&] { return many.gradient<double>(); });
      if (sample / single > worst) {
        worst = sample / single;
        worst_size = size;
      }
    }
    print_distance(
        ("n=" + std::to_string(n) + ", worst size " + std::to_string(worst_size)).c_str(), worst,
        1.0);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto asked = timing::repetitions_of(argc, argv, "batch_goals", kDefaultRepetitions);
  if (!asked) return 2;
  const std::size_t repetitions = *asked;
  qsim::set_num_threads(1);
  const double peak = qsim::peak_gflops();
  std::printf("Instruction set %s; this core: %.1f GFLOP/s in double precision\n\n",
              qsim::kernels<double>().target.data(), peak);
  measure_times(repetitions, kGoalPeak / peak);
  measure_ratios(repetitions);
  measure_precision(repetitions);
  measure_threads(repetitions);
  measure_small_batches(repetitions);
  return 0;
}
