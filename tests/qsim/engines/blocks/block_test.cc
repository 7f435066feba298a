#include <algorithm>
#include <cmath>
#include <vector>

#include "qml/derivatives/differentiate.h"
#include "qml/derivatives/evaluate.h"
#include "qsim/core/parallel.h"
#include "qsim/engines/blocks/block_sweep.h"
#include "qsim/engines/blocks/observables.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

// Blocks of samples against one sample at a time, which other tests compare with the dense
// reference.

using qsim::Index;
using qsim::kBlock;
using qsim::kRow;
using reference::Dice;

namespace {

template <class T>
constexpr double tolerance() {
  return sizeof(T) == sizeof(double) ? 1e-12 : 2e-5;
}

std::vector<double> some_values(std::size_t count, Dice& dice) {
  std::vector<double> out;
  for (std::size_t k = 0; k < count; ++k) out.push_back(dice.uniform(-3, 3));
  return out;
}

qsim::Program random_program(int n_qubits, int n_gates, Dice& dice) {
  const qsim::Circuit circuit = reference::random_circuit(
      {.n_qubits = n_qubits, .n_gates = n_gates, .max_controls = 2, .named = true}, dice);
  std::vector<std::string> inputs = circuit.parameters();
  // None, some or all parameters are inputs.
  inputs.resize(inputs.size() * static_cast<std::size_t>(dice.below(3)) / 2);
  std::vector<qsim::Observable> observables{
      qsim::PauliSum::parse("Z0 - 0.4", n_qubits),
      qsim::PauliSum::parse("0.3*Z0 + 0.5*X0 - 0.7*Y0", n_qubits)};
  if (n_qubits > 1) {
    observables.emplace_back(qsim::PauliSum::parse("Z0 Z1 + 0.2*X1 Y0", n_qubits));
    observables.emplace_back(qsim::MatrixObservable(dice.hermitian(2), dice.qubits(2, n_qubits)));
  }
  return qsim::compile(circuit, observables, inputs);
}

// Diagonals on several qubits by the dozen, between gates on single qubits.
qsim::Program phase_program(int n_qubits, Dice& dice) {
  qsim::Circuit circuit(n_qubits);
  const auto angle = [&] {
    return dice.uniform(-2, 2) * qsim::Parameter("x" + std::to_string(dice.below(n_qubits)));
  };
  for (int layer = 0; layer < 2; ++layer) {
    for (int q = 0; q < n_qubits; ++q) circuit.u(angle(), 0.3, angle(), q);
    for (int k = 0; k < 4 * n_qubits; ++k) {
      const auto qubits = dice.qubits(std::min(n_qubits, 2 + dice.below(3)), n_qubits);
      switch (dice.below(4)) {
        case 0:
          circuit.rzz(angle(), qubits[0], qubits[1]);
          break;
        case 1:
          circuit.cp(angle(), qubits[0], qubits[1]);
          break;
        case 2:
          circuit.pauli_rotation(angle(), std::string(qubits.size(), 'Z'), qubits);
          break;
        default:
          std::vector<qsim::Control> controls;
          for (std::size_t c = 1; c < qubits.size(); ++c) {
            controls.push_back({qubits[c], dice.coin()});
          }
          circuit.gate("rz", {angle()}, {qubits[0]}, controls);
          break;
      }
    }
  }
  std::vector<std::string> inputs = circuit.parameters();
  if (dice.coin()) inputs.clear();
  return qsim::compile(
      circuit,
      {qsim::PauliSum::parse("0.3*X0 - Y1", n_qubits), qsim::PauliSum::parse("Z0 X1", n_qubits)},
      inputs);
}

double difference(std::span<const double> a, std::span<const double> b) {
  REQUIRE(a.size() == b.size());
  double out = 0;
  for (std::size_t k = 0; k < a.size(); ++k) out = reference::larger(out, std::abs(a[k] - b[k]));
  return out;
}

// One sample at a time: values, amplitudes and gradients of Σ_k c_k ⟨O_k⟩.
template <class T>
struct Single {
  std::vector<double> values;
  std::vector<double> inputs;
  std::vector<double> weights;
  std::vector<std::complex<T>> amplitudes;

  Single(const qsim::Program& program, std::span<const double> x, std::span<const double> w,
         std::span<const double> cotangent) {
    qsim::Program in_tiles = program;
    in_tiles.engine = qsim::EngineKind::kTiles;
    const qml::Batch batch{.inputs = x, .weights = w};
    amplitudes = qml::states<T>(in_tiles, batch);
    qml::Gradients found = qml::vjp<T>(in_tiles, batch, cotangent);
    values = std::move(found.values);
    inputs = std::move(found.inputs);
    weights = std::move(found.weights);
  }
};

template <class T>
void check_program(const qsim::Program& program, bool weights_per_sample, bool keep,
                   bool per_sample, Dice& dice) {
  const auto count = static_cast<Index>(1 + dice.below(static_cast<int>(kBlock<T>)));
  const std::size_t n_inputs = program.inputs.size();
  const std::size_t n_weights = program.weights.size();
  const std::size_t n = program.observables.size();
  const auto x = some_values(count * n_inputs, dice);
  const auto w = some_values((weights_per_sample ? count : 1) * n_weights, dice);
  const qsim::BlockPlan plan(program, weights_per_sample);
  qsim::SharedBinding<T> shared(plan);
  shared.bind(weights_per_sample ? std::span<const double>() : w);
  qsim::Block<T> block(shared, keep);
  block.bind(x, w, count);
  block.forward();
  qsim::BlockObservables<T> observables(program.observables, program.n_qubits);
  std::vector<double> values(n * kBlock<T>);
  observables.expectations(block.ket(), values);

  std::vector<double> cotangent(n * kBlock<T>, 0.0);
  for (std::size_t k = 0; k < n; ++k) {
    for (Index lane = 0; lane < count; ++lane)
      cotangent[k * kBlock<T> + lane] = dice.uniform(-1, 1);
  }
  std::vector<T> ket(block.ket(), block.ket() + (kRow<T> << program.n_qubits));
  qsim::BlockSweep<T> sweep(shared, 2, per_sample);
  observables.sum(block.ket(), cotangent, sweep.bra(0));
  observables.sum(block.ket(), cotangent, sweep.bra(1));
  sweep.run(block);

  std::vector<double> shared_adjoints(program.tape.size(), 0.0);
  std::vector<double> weight_sum(n_weights, 0.0);
  for (Index lane = 0; lane < count; ++lane) {
    std::vector<double> c;
    std::vector<double> value;
    for (std::size_t k = 0; k < n; ++k) {
      c.push_back(cotangent[k * kBlock<T> + lane]);
      value.push_back(values[k * kBlock<T> + lane]);
    }
    const auto row_of = [&](const std::vector<double>& rows, std::size_t width, bool one) {
      return std::span(rows).subspan(one ? 0 : lane * width, width);
    };
    const Single<T> single(program, row_of(x, n_inputs, false),
                           row_of(w, n_weights, !weights_per_sample), c);
    CHECK(difference(value, single.values) < tolerance<T>());
    for (Index i = 0; i < single.amplitudes.size(); ++i) {
      const std::complex<T> amplitude(ket[i * kRow<T> + lane], ket[i * kRow<T> + kBlock<T> + lane]);
      CHECK(std::abs(amplitude - single.amplitudes[i]) < tolerance<T>());
    }
    std::vector<double> inputs(n_inputs);
    std::vector<double> weights(n_weights);
    if (per_sample || weights_per_sample) {
      sweep.read(block, dice.coin() ? 0 : 1, lane, inputs, weights);
      CHECK(difference(weights, single.weights) < 10 * tolerance<T>());
    } else {
      sweep.read_shared(block, lane, inputs, shared_adjoints);
      for (std::size_t k = 0; k < n_weights; ++k) weight_sum[k] += single.weights[k];
    }
    CHECK(difference(inputs, single.inputs) < 10 * tolerance<T>());
  }
  if (per_sample || weights_per_sample) return;
  sweep.add_shared(shared_adjoints);
  const std::vector<double> tape_values(block.values(0).begin(), block.values(0).end());
  program.tape.reverse(tape_values, shared_adjoints);
  CHECK(difference(std::span(shared_adjoints).subspan(n_inputs, n_weights), weight_sum) <
        100 * tolerance<T>());
}

template <class T>
void check_random_programs(int count) {
  Dice dice(17);
  for (int trial = 0; trial < count; ++trial) {
    const int n = 1 + dice.below(5);
    const qsim::Program program = random_program(n, 1 + dice.below(40), dice);
    INFO("trial " << trial << ", " << n << " qubits");
    REQUIRE(qsim::fits_blocks(program));
    for (const bool weights_per_sample : {false, true}) {
      check_program<T>(program, weights_per_sample, dice.coin(), dice.coin(), dice);
    }
  }
}

}  // namespace

TEST_CASE("a block of samples is what its samples are one by one") {
  reference::for_each_target([] {
    check_random_programs<double>(60);
    check_random_programs<float>(60);
  });
}

TEST_CASE("diagonals that differ between samples share a table and a transform") {
  reference::for_each_target([] {
    Dice dice(23);
    for (int trial = 0; trial < 20; ++trial) {
      const qsim::Program program = phase_program(2 + dice.below(5), dice);
      const bool weights_per_sample = program.inputs.empty();
      const auto layers = qsim::stages_of(program, weights_per_sample);
      CHECK(std::ranges::any_of(layers.stages, [](const qsim::Stage& stage) {
        return stage.phases.size() > 2 && stage.others.empty();
      }));
      check_program<double>(program, weights_per_sample, dice.coin(), dice.coin(), dice);
      check_program<float>(program, weights_per_sample, dice.coin(), dice.coin(), dice);
    }
  });
}
