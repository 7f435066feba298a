#include "qsim/engines/tiles/tiles.h"

#include <array>
#include <cmath>
#include <cstring>
#include <fstream>
#include <numbers>
#include <numeric>
#include <string>
#include <vector>

#include "qml/circuits/ansatz.h"
#include "qsim/compile/segments.h"
#include "qsim/core/parallel.h"
#include "qsim/engines/execute.h"
#include "qsim/engines/tiles/workspace.h"
#include "qsim/observables/quantity.h"
#include "tests/bound.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/random_case.h"

namespace {

using qsim::Circuit;
using qsim::Program;
using qsim::State;
using reference::Dice;
using reference::kTolerance;
using reference::Vector;

// Tiles of this many qubits, on one thread, while it lives.
class UseTiles {
 public:
  explicit UseTiles(int qubits) {
    qsim::set_tile_size({qubits, 0});
    qsim::set_num_threads(1);
  }
  ~UseTiles() {
    qsim::set_tile_size({});
    qsim::set_num_threads(0);
  }
  UseTiles(const UseTiles&) = delete;
  UseTiles& operator=(const UseTiles&) = delete;
};

template <class T>
State<T> gate_by_gate(const Program& program, const qsim::Binding<T>& binding, State<T> state) {
  for (const qsim::Step& step : program.steps) qsim::apply(step, binding.of(step), state);
  return state;
}

template <class T>
double largest_difference(const State<T>& a, const State<T>& b) {
  return reference::largest(reference::to_vector(a) - reference::to_vector(b));
}

template <class T>
bool same_bits(const State<T>& a, const State<T>& b) {
  return std::memcmp(a.data(), b.data(), 2 * a.size() * sizeof(T)) == 0;
}

// A circuit whose gates come in the patterns that the planner looks for, beside random ones.
Circuit patterned_circuit(int n_qubits, Dice& dice) {
  Circuit out(n_qubits);
  const auto angle = [&dice] { return dice.uniform(-4, 4); };
  for (int k = 0; k < 6; ++k) {
    switch (dice.below(5)) {
      case 0:
        for (int q = 0; q < n_qubits; ++q) out.u(angle(), angle(), angle(), q);
        break;
      case 1:
        for (int q = 0; q + 1 < n_qubits; ++q) out.cx(q, q + 1);
        break;
      case 2:
        for (int q = 0; q < n_qubits; ++q) {
          dice.coin() ? out.rz(angle(), q) : out.ry(std::numbers::pi * dice.below(3), q);
        }
        break;
      case 3:
        for (int q = dice.below(2); q + 1 < n_qubits; q += 2) {
          dice.coin() ? out.cz(q, q + 1) : out.swap(q, q + 1);
        }
        break;
      default:
        if (n_qubits > 1) {
          out.compose(reference::random_circuit(
              {.n_qubits = n_qubits, .n_gates = 8, .max_controls = 2}, dice));
        }
    }
  }
  return out;
}

template <class T>
void compare_with_gate_by_gate(int n_circuits, int least_tile, std::uint64_t seed) {
  Dice dice(seed);
  for (int k = 0; k < n_circuits; ++k) {
    const int n = 1 + dice.below(k % 16 == 0 ? 14 : 9);
    const Program program = qsim::compile(patterned_circuit(n, dice));
    const auto binding = reference::bound<T>(program);
    const UseTiles tiles(least_tile + dice.below(3));
    State<T> any = reference::to_state<T>(dice.state(n));
    const State<T> expected = gate_by_gate(program, binding, any);
    qsim::run_steps(program, binding, any);
    REQUIRE(largest_difference(any, expected) < 10 * kTolerance<T>);

    const State<T> from_zero = gate_by_gate(program, binding, State<T>(n));
    State<T> state(n);
    qsim::run(program, binding, state);
    REQUIRE(largest_difference(state, from_zero) < 10 * kTolerance<T>);
  }
}

TEST_CASE("tiles give what gate by gate gives on thousands of random circuits", "[tiles]") {
  compare_with_gate_by_gate<double>(2000, 3, 1);
  compare_with_gate_by_gate<float>(1000, 4, 2);
}

// Layers of gates on every qubit, some with cosines of 0 and of a thousandth, and phases or
// permutations between them; every other angle is a parameter if `named`.
Circuit layered_circuit(int n_qubits, bool named, Dice& dice) {
  Circuit out(n_qubits);
  int n_angles = 0;
  const auto angle = [&]() -> qsim::Expression {
    constexpr std::array kAngles{std::numbers::pi, std::numbers::pi - 2e-3, 0.0};
    const int kind = dice.below(6);
    if (kind < 3) return kAngles.at(static_cast<std::size_t>(kind));
    if (++n_angles % 2 == 0 || !named) return dice.uniform(-4, 4);
    return qsim::Parameter("w" + std::to_string(n_angles));
  };
  for (int layer = 0; layer < 5; ++layer) {
    for (int q = 0; q < n_qubits; ++q) {
      dice.below(4) == 0 ? out.ry(angle(), q) : out.u(angle(), angle(), angle(), q);
    }
    const int between = dice.below(4);
    for (int q = layer % 2; q + 1 < n_qubits; q += 2) {
      if (between == 0) out.cz(q, q + 1);
      if (between == 1) out.cp(angle(), q, q + 1);
      if (between == 2) out.cx(q, q + 1);
    }
  }
  return out;
}

TEST_CASE("tiles agree with the reference on every instruction set", "[tiles]") {
  Dice dice(3);
  for (int k = 0; k < 12; ++k) {
    const bool layered = k % 4 == 0;
    const int n = layered ? 11 : 5 + dice.below(4);
    const Circuit circuit = layered ? layered_circuit(n, false, dice) : patterned_circuit(n, dice);
    const Program program = qsim::compile(circuit);
    const Vector in = dice.state(n);
    const Vector expected = reference::apply(circuit, {}, in);
    const auto check = [&]<class T>(T) {
      const auto binding = reference::bound<T>(program);
      for (const int size : {4, 6, 10, 0}) {
        qsim::set_tile_size({size, 0});
        State<T> state = reference::to_state<T>(in);
        qsim::run_steps(program, binding, state);
        CHECK(reference::difference(state, expected) < 10 * kTolerance<T>);
      }
    };
    reference::for_each_configuration([&] {
      check(double{});
      check(float{});
    });
  }
}

// The gradient by the definition of the adjoint method, a step at a time.
template <class T>
std::vector<double> gradient_of(const Program& program, std::span<const double> inputs,
                                std::span<const double> weights,
                                std::span<const double> cotangent) {
  qsim::TileWorkspace<T> workspace(program);
  workspace.bind(inputs, weights);
  workspace.forward();
  qsim::fill_bra(program, qsim::Quantity::kExpval, cotangent, workspace.ket(), workspace.bra());
  workspace.backward();
  const auto by_parameters = workspace.adjoints().first(inputs.size() + weights.size());
  return {by_parameters.begin(), by_parameters.end()};
}
template <class T>
std::vector<double> gradient_of(const reference::Case& c, std::span<const double> cotangent) {
  return gradient_of<T>(c.program, c.inputs, c.weights, cotangent);
}

TEST_CASE("wide tiles turn many qubits pass by pass", "[tiles]") {
  Dice dice(11);
  for (int k = 0; k < 24; ++k) {
    constexpr int kQubits = 11;
    const Circuit circuit = layered_circuit(kQubits, true, dice);
    const Program program = qsim::compile(circuit, {qsim::PauliSum::parse("Z0 Z10 + X3", kQubits)});
    const std::vector<double> weights = reference::some_values(program.weights.size(), dice);
    const std::vector<double> cotangent{1.0};
    std::vector<double> slopes;
    const auto check = [&]<class T>(T) {
      qsim::Binding<T> binding;
      qsim::bind_parameters(program, weights, binding);
      const State<T> in = reference::to_state<T>(dice.state(kQubits));
      const State<T> expected = gate_by_gate(program, binding, in);
      for (const int size : {5, 8, 10, 11}) {
        const UseTiles tiles(size);
        State<T> state = in;
        qsim::run_steps(program, binding, state);
        CHECK(largest_difference(state, expected) < 10 * kTolerance<T>);
        const std::vector<double> found = gradient_of<T>(program, {}, weights, cotangent);
        if (slopes.empty()) slopes = found;
        CHECK(reference::largest_difference(found, slopes) <
              (sizeof(T) == sizeof(double) ? 1e-11 : 2e-4));
      }
    };
    check(double{});
    check(float{});
  }
}

TEST_CASE("a circuit on fewer qubits than the state has", "[tiles]") {
  Dice dice(4);
  const Circuit circuit = patterned_circuit(4, dice);
  const Vector in = dice.state(9);
  Circuit wider(9);
  wider.compose(circuit);
  for (const int size : {3, 5, 0}) {
    const UseTiles tiles(size);
    State<double> state = reference::to_state<double>(in);
    qsim::apply(circuit, {}, state);
    CHECK(reference::difference(state, reference::apply(wider, {}, in)) < 1e-11);
  }
}

TEST_CASE("tiles have the same bits for any number of threads", "[tiles]") {
  Dice dice(5);
  const UseTiles tiles(6);
  const Program program =
      qsim::compile(qml::hardware_efficient(13, 2), {qsim::PauliSum::parse("Z0 + X12 Y3", 13)});
  const std::vector<double> weights = reference::some_values(program.weights.size(), dice);
  std::vector<std::vector<double>> gradients;
  std::vector<State<double>> states;
  for (const int threads : {1, 2, 3}) {
    qsim::set_num_threads(threads);
    qsim::TileWorkspace<double> workspace(program);
    workspace.bind({}, weights);
    workspace.forward();
    states.push_back(workspace.ket());
    qsim::fill_bra(program, qsim::Quantity::kExpval, std::vector{1.0}, workspace.ket(),
                   workspace.bra());
    workspace.backward();
    gradients.emplace_back(workspace.adjoints().begin(), workspace.adjoints().end());
    CHECK(same_bits(states.back(), states.front()));
    CHECK(reference::same_bits(gradients.back(), gradients.front()));
  }
}

TEST_CASE("gradients do not depend on the tiles", "[tiles]") {
  Dice dice(6);
  for (int k = 0; k < 200; ++k) {
    const int n = 4 + dice.below(5);
    const reference::Case c(n, dice);
    const std::vector<double> cotangent =
        reference::some_values(c.program.observables.size(), dice);
    const std::vector<double> whole = gradient_of<double>(c, cotangent);
    for (const int size : {3, 4, 6}) {
      const UseTiles tiles(size);
      CHECK(reference::largest_difference(gradient_of<double>(c, cotangent), whole) < 1e-11);
      CHECK(reference::largest_difference(gradient_of<float>(c, cotangent), whole) < 2e-4);
    }
  }
}

TEST_CASE("gradients in tiles equal finite differences", "[tiles]") {
  Dice dice(7);
  const UseTiles tiles(4);
  for (int k = 0; k < 6; ++k) {
    reference::Case c(6, dice);
    const std::vector<double> cotangent =
        reference::some_values(c.program.observables.size(), dice);
    const std::vector<double> gradient = gradient_of<double>(c, cotangent);
    const auto value = [&] {
      qsim::TileWorkspace<double> workspace(c.program);
      workspace.bind(c.inputs, c.weights);
      workspace.forward();
      double sum = 0;
      for (std::size_t o = 0; o < cotangent.size(); ++o) {
        sum += cotangent[o] * workspace.expectation(o);
      }
      return sum;
    };
    for (std::size_t w = 0; w < c.weights.size(); ++w) {
      constexpr double kStep = 1e-5;
      const double at = c.weights[w];
      c.weights[w] = at + kStep;
      const double up = value();
      c.weights[w] = at - kStep;
      const double down = value();
      c.weights[w] = at;
      CHECK(std::abs((up - down) / (2 * kStep) - gradient[c.inputs.size() + w]) < 1e-6);
    }
  }
}

TEST_CASE("a circuit and its inverse lead back after a million gates", "[tiles]") {
  Dice dice(8);
  const UseTiles tiles(6);
  const Circuit layer = patterned_circuit(8, dice);
  const auto there = static_cast<int>(500000 / layer.operations().size()) + 1;
  const Program forth = qsim::compile(layer.repeat(there));
  const Program back = qsim::compile(layer.repeat(there).inverse());
  State<double> state(8);
  qsim::run_steps(forth, reference::bound<double>(forth), state);
  CHECK(std::abs(state.norm() - 1) < 1e-10);
  qsim::run_steps(back, reference::bound<double>(back), state);
  CHECK(std::abs(state.amplitude(0) - 1.0) < 1e-10);
  CHECK(std::abs(state.norm() - 1) < 1e-10);
}

TEST_CASE("segments hold every step once, in an order that is allowed", "[segments]") {
  Dice dice(9);
  for (int k = 0; k < 200; ++k) {
    const int n = 3 + dice.below(10);
    const Program program = qsim::compile(patterned_circuit(n, dice));
    const auto segments = qsim::segments_of(program, n, {5, 3}, qsim::Start::kPrepared);
    std::vector<int> order(program.n_leading);  // which leave |0…0⟩ as it is
    std::iota(order.begin(), order.end(), 0);
    for (const qsim::Segment& segment : segments) {
      const qsim::Index tile = qsim::mask_of(segment.qubits);
      for (const qsim::TileOp& op : segment.ops) {
        for (const int s : op.steps) {
          order.push_back(s);
          const auto roles = qsim::roles_of(program.steps[static_cast<std::size_t>(s)]);
          CHECK((roles.mixed() & ~segment.reach) == 0);
          if (!segment.qubits.empty()) CHECK((roles.mixed() & ~tile) == 0);
        }
      }
    }
    std::vector<int> place(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      place[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
    }
    REQUIRE(order.size() == program.steps.size());
    for (std::size_t a = 0; a < order.size(); ++a) {
      const auto first = qsim::roles_of(program.steps[a]);
      for (std::size_t b = a + 1; b < order.size(); ++b) {
        const auto second = qsim::roles_of(program.steps[b]);
        const bool commute = ((first.x & second.x) | (first.y & second.y) | (first.z & second.z)) ==
                             (first.all() & second.all());
        if (!commute) CHECK(place[a] < place[b]);
      }
    }
  }
}

TEST_CASE("ten thousand gates on many qubits take few segments", "[segments]") {
  Circuit circuit(28);
  for (int layer = 0; layer < 250; ++layer) {
    for (int q = 0; q < 28; ++q) circuit.u(0.1 * q, 0.2, 0.3, q);
    for (int q = layer % 2; q + 1 < 28; q += 2) circuit.cz(q, q + 1);
  }
  const Program program = qsim::compile(circuit);
  const auto segments =
      qsim::segments_of(program, 28, qsim::tile_size<double>(), qsim::Start::kPrepared);
  CHECK(program.steps.size() > 10000);
  CHECK(program.steps.size() / segments.size() >= 24);
}

// Hidden, for its gigabytes and minutes: run it by its tag.
double peak_gigabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / (1 << 20);
  }
  return 0;
}

Circuit fourier_transform_of(qsim::Index basis_state, int n_qubits) {
  Circuit out(n_qubits);
  for (int q = 0; q < n_qubits; ++q) {
    if (qsim::has_bit(basis_state, q)) out.x(q);
  }
  for (int q = n_qubits - 1; q >= 0; --q) {
    out.h(q);
    for (int p = q - 1; p >= 0; --p) {
      out.cp(std::numbers::pi / static_cast<double>(qsim::bit(q - p)), p, q);
    }
  }
  for (int q = 0; q < n_qubits / 2; ++q) out.swap(q, n_qubits - 1 - q);
  return out;
}

template <class T>
void check_width(int n_qubits) {
  const auto size = static_cast<double>(qsim::bit(n_qubits));
  const qsim::Index input = qsim::bit(n_qubits - 1) + 12345;
  const State<T> state = qsim::simulate<T>(fourier_transform_of(input, n_qubits));
  CHECK(std::abs(state.norm() - 1) < 10 * kTolerance<T>);
  Dice dice(1);
  double worst = 0;
  for (int k = 0; k < 1000000; ++k) {
    const auto j = static_cast<qsim::Index>(dice.uniform() * size);
    // j·input modulo 2^n, exact in 64 bits up to 32 qubits.
    const double turns = static_cast<double>((j * input) & (qsim::bit(n_qubits) - 1)) / size;
    const reference::Complex expected = std::polar(1 / std::sqrt(size), 2 * reference::kPi * turns);
    worst = reference::larger(worst, std::abs(reference::Complex(state.amplitude(j)) - expected));
  }
  CHECK(worst * std::sqrt(size) < 100 * kTolerance<T>);
  const double state_gigabytes = State<T>::bytes(n_qubits) / (1 << 30);
  WARN(n_qubits << " qubits: largest error " << worst * std::sqrt(size)
                << " of an amplitude, peak memory " << peak_gigabytes() << " GiB, of the state "
                << state_gigabytes);
  CHECK(peak_gigabytes() < 1.05 * state_gigabytes + 0.1);
}

TEST_CASE("the Fourier transform on 28 qubits has its closed form", "[.][large]") {
  check_width<double>(28);
}
TEST_CASE("the Fourier transform on 30 qubits has its closed form", "[.][large]") {
  check_width<double>(30);
}
TEST_CASE("the Fourier transform on 31 qubits in single precision", "[.][large]") {
  check_width<float>(31);
}

}  // namespace
