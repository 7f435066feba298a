#include <cstring>
#include <tuple>
#include <utility>

#include "qsim/circuit/circuit.h"
#include "qsim/core/parallel.h"
#include "qsim/engines/execute.h"
#include "qsim/observables/expectation.h"
#include "qsim/state/parts.h"
#include "tests/bound.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

// States of several parts, which threads share.

namespace {

using qsim::Program;
using qsim::State;
using reference::bound;
using reference::Dice;
using reference::Vector;

constexpr int kWide = 18;

template <class T>
bool same_bits(const State<T>& a, const State<T>& b) {
  return std::memcmp(a.data(), b.data(), 2 * sizeof(T) * qsim::bit(a.storage())) == 0;
}

// Calls the body with 1, 2 and 3 threads; its results must have the same bits.
template <class Body>
void check_thread_independent(const Body& body) {
  qsim::set_num_threads(1);
  const auto one = body();
  for (const int threads : {2, 3}) {
    INFO(threads << " threads");
    qsim::set_num_threads(threads);
    const bool same = body() == one;  // not in CHECK, which would print all of it
    CHECK(same);
  }
  qsim::set_num_threads(0);
}

template <class T>
void check_wide_program(const Program& program, const Vector& expected) {
  const auto binding = bound<T>(program);
  State<T> one(kWide);
  reference::for_each_target([&] {
    qsim::run(program, binding, one);
    CHECK(reference::difference(one, expected) < reference::kTolerance<T>);
  });
  State<T> many(kWide);
  qsim::set_num_threads(1);
  qsim::run(program, binding, one);
  for (const int threads : {2, 3}) {
    qsim::set_num_threads(threads);
    qsim::run(program, binding, many);
    CHECK(same_bits(one, many));
  }
  qsim::set_num_threads(0);
}

void check_wide_circuit(const qsim::Circuit& circuit) {
  const Vector expected = reference::simulate(circuit);
  const Program program = qsim::compile(circuit);
  check_wide_program<float>(program, expected);
  check_wide_program<double>(program, expected);
}

}  // namespace

TEST_CASE("wide circuits have the same bits on any number of threads", "[kernels]") {
  REQUIRE(qsim::part_count(kWide) > 1);
  Dice dice(17);
  const qsim::Circuit circuit = reference::random_circuit({.n_qubits = kWide, .n_gates = 40}, dice);
  check_wide_circuit(circuit);
}

TEST_CASE("every gate on the top and bottom qubits of a wide state", "[kernels]") {
  Dice dice(18);
  const std::vector<int> corners{0, kWide - 1, 1, 15};
  qsim::Circuit circuit(kWide);
  for (int q = 0; q < kWide; ++q) circuit.ry(0.1 + q, q);
  for (const qsim::GateRow& row : qsim::gate_table()) {
    if (!qsim::is_gate(row)) continue;
    const int k = row.targets > 0 ? row.targets : 3;
    for (const bool controlled : {false, true}) {
      std::vector<int> targets;
      for (const int at : dice.qubits(k, 3))
        targets.push_back(corners[static_cast<std::size_t>(at)]);
      std::vector<qsim::Control> controls;
      if (controlled) controls = {{corners[3], true}, {2, false}};
      circuit.add(reference::operation_on(row, targets, controls, dice));
    }
  }
  check_wide_circuit(circuit);
}

TEST_CASE("reductions over wide states have the same bits on any number of threads", "[kernels]") {
  Dice dice(19);
  const Vector a = dice.state(kWide);
  const State<double> ket = reference::to_state<double>(a);
  const State<double> bra = reference::to_state<double>(dice.state(kWide));
  const std::vector<int> few{16, 0, 7};
  const qsim::PauliSum sum = qsim::PauliSum::parse("X16 Y3 + 0.5 * Z0 Z15 - 2 * Y1", kWide);
  const qsim::MatrixObservable matrix(dice.hermitian(3), few);
  check_thread_independent([&] { return ket.inner(bra); });
  check_thread_independent([&] { return ket.probabilities(few); });
  check_thread_independent([&] { return ket.probabilities(); });
  check_thread_independent([&] { return qsim::expectation(sum, ket); });
  check_thread_independent([&] { return qsim::expectation(matrix, ket); });
  check_thread_independent([&] { return qsim::variance(sum, ket); });
  check_thread_independent([&] { return ket.sample(100, 5); });
  check_thread_independent([&] {
    qsim::Random random(3);
    State<double> copy = ket;
    const bool value = copy.measure(16, random);
    return std::pair(value, copy.amplitudes());
  });
}

TEST_CASE("backward steps on wide states have the same bits on any number of threads",
          "[kernels]") {
  Dice dice(20);
  const State<double> ket = reference::to_state<double>(dice.state(kWide));
  const State<double> bra = reference::to_state<double>(dice.state(kWide));
  qsim::Circuit circuit(kWide);
  circuit.ry(0.3, 16).rz(0.2, 0).rxx(0.4, 1, 16).crx(0.3, 2, 3);
  circuit.evolution(0.4, dice.hermitian(2), {16, 0}).evolution(0.4, dice.hermitian(3), {15, 2, 7});
  const Program program = qsim::compile(circuit);
  const auto binding = bound<double>(program);
  for (const qsim::Step& step : program.steps) {
    check_thread_independent([&] {
      State<double> k = ket;
      State<double> b = bra;
      const auto m = qsim::apply_inverse_transition(step, binding.of(step), k, b);
      return std::tuple(m, k.amplitudes(), b.amplitudes());
    });
  }
}
