#include "qsim/kernels/kernels.h"

#include <algorithm>

#include "qsim/circuit/circuit.h"
#include "qsim/core/parallel.h"
#include "qsim/engines/execute.h"
#include "tests/bound.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/kernel_cases.h"

// Circuits, step by step.

namespace {

using qsim::GateRow;
using qsim::Program;
using reference::Dice;
using reference::kTolerance;
using reference::Vector;

// One circuit run in one precision and compared with the reference.
template <class T>
class Runner {
 public:
  explicit Runner(int n_qubits) : state_(n_qubits) {}
  double error(const Program& program, const Vector& in, const Vector& expected) {
    reference::set(state_, in);
    qsim::bind_parameters(program, {}, binding_);
    for (const qsim::Step& step : program.steps) qsim::apply(step, binding_.of(step), state_);
    const double of_kernels = reference::difference(state_, expected);
    reference::set(state_, in);
    qsim::run_steps(program, binding_, state_);
    return std::max(of_kernels, reference::difference(state_, expected));
  }

 private:
  qsim::State<T> state_;
  qsim::Binding<T> binding_;
};

// Operations of a row on all arrangements of targets with all sets of controls.
std::vector<qsim::Operation> all_operations(const GateRow& row, int n_qubits, Dice& dice) {
  std::vector<qsim::Operation> out;
  const int most = row.targets > 0 ? row.targets : std::min(3, n_qubits);
  for (int k = std::max(1, row.targets); k <= most && k <= n_qubits; ++k) {
    for (const auto& targets : reference::arrangements(k, n_qubits)) {
      for (const auto& controls : reference::control_sets(targets, n_qubits)) {
        out.push_back(reference::operation_on(row, targets, controls, dice));
      }
    }
  }
  return out;
}

// `configurations` is for_each_configuration or for_each_target.
template <class Configurations>
void check_row(const GateRow& row, int n_qubits, const Configurations& configurations) {
  Dice dice(static_cast<std::uint64_t>(n_qubits));
  Runner<float> single(n_qubits);
  Runner<double> twice(n_qubits);
  reference::Worst worst;
  for (const qsim::Operation& op : all_operations(row, n_qubits, dice)) {
    const Vector in = dice.state(n_qubits);
    const Vector expected = reference::apply(op, {}, in);
    const Program program = qsim::compile(qsim::Circuit(n_qubits).add(op));
    configurations([&] {
      const auto where = [&] {
        return reference::describe(op) + " on " + std::string(qsim::kernels<float>().target);
      };
      worst.note(single.error(program, in, expected), kTolerance<float>, where);
      worst.note(twice.error(program, in, expected), kTolerance<double>, where);
    });
  }
  INFO(row.name << " on " << n_qubits << " qubits, worst: " << worst.where);
  CHECK(worst.ratio < 1);
}

void check_rows(int n_qubits) {
  for (const GateRow& row : qsim::gate_table()) {
    if (!qsim::is_gate(row)) continue;
    if (n_qubits <= 4) {
      check_row(row, n_qubits, reference::for_each_configuration);
    } else {
      check_row(row, n_qubits, reference::for_each_target);
    }
  }
}

void check_random_circuits(int n_qubits, int n_gates, int count) {
  for (int k = 0; k < count; ++k) {
    Dice dice(static_cast<std::uint64_t>(100 * n_qubits + k));
    const qsim::Circuit circuit =
        reference::random_circuit({.n_qubits = n_qubits, .n_gates = n_gates}, dice);
    const Vector in = dice.state(n_qubits);
    const Vector expected = reference::apply(circuit, {}, in);
    const Program program = qsim::compile(circuit);
    Runner<float> single(n_qubits);
    Runner<double> twice(n_qubits);
    INFO(n_qubits << " qubits, circuit " << k);
    reference::for_each_configuration([&] {
      CHECK(single.error(program, in, expected) < kTolerance<float>);
      CHECK(twice.error(program, in, expected) < kTolerance<double>);
    });
  }
}

}  // namespace

TEST_CASE("every gate on all targets and controls of 1 to 3 qubits", "[kernels]") {
  for (int n = 1; n <= 3; ++n) check_rows(n);
}

TEST_CASE("every gate on all targets and controls of 4 qubits", "[kernels]") { check_rows(4); }

TEST_CASE("every gate on all targets and controls of 5 qubits", "[kernels]") { check_rows(5); }

TEST_CASE("every gate on all targets and controls of 6 qubits", "[kernels]") { check_rows(6); }

TEST_CASE("random circuits on 1 to 10 qubits", "[kernels]") {
  for (int n = 1; n <= 6; ++n) check_random_circuits(n, 60, 10);
  for (int n = 7; n <= 10; ++n) check_random_circuits(n, 60, 3);
}

TEST_CASE("two threads change nothing in small circuits", "[kernels]") {
  Dice dice(17);
  const qsim::Circuit circuit = reference::random_circuit({.n_qubits = 6, .n_gates = 80}, dice);
  qsim::set_num_threads(1);
  const Vector one = reference::to_vector(qsim::simulate<double>(circuit));
  qsim::set_num_threads(2);
  const Vector two = reference::to_vector(qsim::simulate<double>(circuit));
  qsim::set_num_threads(0);
  CHECK(one == two);
}

TEST_CASE("the padding of small states stays zero", "[kernels]") {
  const auto padding = [](const auto& state) {
    using T = std::remove_cvref_t<decltype(state.data()[0])>;
    double sum = 0;
    for (qsim::Index i = state.size(); i < qsim::bit(state.storage()); ++i) {
      const std::size_t at = qsim::real_offset<T>(i);
      sum += std::abs(static_cast<double>(state.data()[at]));
      sum += std::abs(static_cast<double>(state.data()[at + qsim::kBlock<T>]));
    }
    return sum;
  };
  for (int n = 1; n <= 3; ++n) {
    Dice dice(static_cast<std::uint64_t>(n));
    const qsim::Circuit circuit = reference::random_circuit({.n_qubits = n, .n_gates = 60}, dice);
    reference::for_each_target([&] {
      CHECK(padding(qsim::simulate<float>(circuit)) == 0);
      CHECK(padding(qsim::simulate<double>(circuit)) == 0);
    });
  }
}

TEST_CASE("inverse steps undo random circuits", "[kernels]") {
  Dice dice(7);
  const qsim::Circuit circuit = reference::random_circuit({.n_qubits = 6, .n_gates = 60}, dice);
  const Program program = qsim::compile(circuit);
  const auto binding = reference::bound<double>(program);
  const Vector in = dice.state(6);
  reference::for_each_target([&] {
    qsim::State<double> state = reference::to_state<double>(in);
    qsim::run_steps(program, binding, state);
    for (auto step = program.steps.rbegin(); step != program.steps.rend(); ++step) {
      qsim::apply_inverse(*step, binding.of(*step), state);
    }
    CHECK(reference::difference(state, in) < kTolerance<double>);
  });
}
