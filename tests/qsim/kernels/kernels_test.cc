#include "qsim/kernels/kernels.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "qsim/circuit/circuit.h"
#include "qsim/core/error.h"
#include "qsim/core/parallel.h"
#include "qsim/engines/execute.h"
#include "qsim/observables/expectation.h"
#include "qsim/state/parts.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::Control;
using qsim::ControlMask;
using qsim::GateRow;
using qsim::Index;
using qsim::Part;
using qsim::PauliString;
using qsim::Program;
using qsim::Site;
using qsim::State;
using qsim::Step;
using reference::Complex;
using reference::Dice;
using reference::kTolerance;
using reference::Matrix;
using reference::Values;
using reference::Vector;

// The largest error seen, and where.
struct Worst {
  double ratio = 0;  // error / tolerance
  std::string where;
  template <class Describe>
  void note(double error, double tolerance, const Describe& describe) {
    if (error / tolerance <= ratio) return;
    ratio = error / tolerance;
    where = describe();
  }
};

std::string describe(const qsim::Operation& op) {
  std::string out(op.row->name);
  if (!op.pauli.empty()) out += " " + op.pauli;
  for (const int q : op.targets) out += " " + std::to_string(q);
  for (const Control& c : op.controls) {
    out += (c.value ? " +" : " -") + std::to_string(c.qubit);
  }
  return out;
}

ControlMask mask_of(const std::vector<Control>& controls) {
  ControlMask out;
  for (const Control& c : controls) {
    out.mask |= qsim::bit(c.qubit);
    if (c.value) out.value |= qsim::bit(c.qubit);
  }
  return out;
}

template <class T>
void set(State<T>& state, const Vector& amplitudes) {
  std::vector<std::complex<T>> narrow;
  for (const Complex& a : amplitudes) narrow.emplace_back(a);
  state.set_amplitudes(narrow);
}

template <class T>
std::vector<std::complex<T>> row_by_row(const Matrix& matrix) {
  std::vector<std::complex<T>> out;
  for (Eigen::Index r = 0; r < matrix.rows(); ++r) {
    for (Eigen::Index c = 0; c < matrix.cols(); ++c) out.emplace_back(matrix(r, c));
  }
  return out;
}

// One circuit run in one precision and compared with the reference.
template <class T>
class Runner {
 public:
  explicit Runner(int n_qubits) : state_(n_qubits) {}
  double error(const Program& program, const Vector& in, const Vector& expected) {
    set(state_, in);
    qsim::bind_parameters(program, {}, binding_);
    for (const Step& step : program.steps) qsim::apply(step, binding_.of(step), state_);
    const double of_kernels = reference::difference(state_, expected);
    set(state_, in);
    qsim::run_steps(program, binding_, state_);
    return std::max(of_kernels, reference::difference(state_, expected));
  }

 private:
  State<T> state_;
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
  Worst worst;
  for (const qsim::Operation& op : all_operations(row, n_qubits, dice)) {
    const Vector in = dice.state(n_qubits);
    const Vector expected = reference::apply(op, {}, in);
    const Program program = qsim::compile(qsim::Circuit(n_qubits).add(op));
    configurations([&] {
      const auto where = [&] {
        return describe(op) + " on " + std::string(qsim::kernels<float>().target);
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
    for (Index i = state.size(); i < qsim::bit(state.storage()); ++i) {
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

// ---------------------------------------------------------------- several parts and threads

namespace {

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
void check_wide_circuit(const Program& program, const Vector& expected) {
  qsim::Binding<T> binding;
  qsim::bind_parameters(program, {}, binding);
  State<T> one(kWide);
  reference::for_each_target([&] {
    qsim::run(program, binding, one);
    CHECK(reference::difference(one, expected) < kTolerance<T>);
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

}  // namespace

TEST_CASE("wide circuits have the same bits on any number of threads", "[kernels]") {
  REQUIRE(qsim::part_count(kWide) > 1);
  Dice dice(17);
  const qsim::Circuit circuit = reference::random_circuit({.n_qubits = kWide, .n_gates = 40}, dice);
  const Vector expected = reference::simulate(circuit);
  const Program program = qsim::compile(circuit);
  check_wide_circuit<float>(program, expected);
  check_wide_circuit<double>(program, expected);
}

TEST_CASE("every gate on the top and bottom qubits of a wide state", "[kernels]") {
  Dice dice(18);
  const std::vector<int> corners{0, kWide - 1, 1, 15};
  qsim::Circuit circuit(kWide);
  for (int q = 0; q < kWide; ++q) circuit.ry(0.1 + q, q);
  for (const GateRow& row : qsim::gate_table()) {
    if (!qsim::is_gate(row)) continue;
    const int k = row.targets > 0 ? row.targets : 3;
    for (const bool controlled : {false, true}) {
      std::vector<int> targets;
      for (const int at : dice.qubits(k, 3))
        targets.push_back(corners[static_cast<std::size_t>(at)]);
      std::vector<Control> controls;
      if (controlled) controls = {{corners[3], true}, {2, false}};
      circuit.add(reference::operation_on(row, targets, controls, dice));
    }
  }
  const Vector expected = reference::simulate(circuit);
  const Program program = qsim::compile(circuit);
  check_wide_circuit<float>(program, expected);
  check_wide_circuit<double>(program, expected);
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
  qsim::Binding<double> binding;
  qsim::bind_parameters(program, {}, binding);
  for (const Step& step : program.steps) {
    check_thread_independent([&] {
      State<double> k = ket;
      State<double> b = bra;
      const auto m = qsim::apply_inverse_transition(step, binding.of(step), k, b);
      return std::tuple(m, k.amplitudes(), b.amplitudes());
    });
  }
}

// ---------------------------------------------------------------- kernels, one by one

namespace {

// Two states that a transition kernel moves, and what they should become.
template <class T>
class Backward {
 public:
  Backward(int n_qubits, Dice& dice)
      : ket(dice.state(n_qubits)),
        bra(dice.state(n_qubits)),
        ket_state(n_qubits),
        bra_state(n_qubits) {}

  // call(ket, bra, sums, part) on all parts; the error against M and the inverse on both states.
  template <class Call, class Inverse>
  double error(const Vector& expected, Index parts, const Call& call, const Inverse& inverse) {
    set(ket_state, ket);
    set(bra_state, bra);
    std::vector<Complex> sums(static_cast<std::size_t>(expected.size()));
    for (Index k = 0; k < parts; ++k) {
      call(ket_state.data(), bra_state.data(), sums.data(), Part{k, parts});
    }
    const Eigen::Map<const Vector> got(sums.data(), expected.size());
    return std::max({(got - expected).cwiseAbs().maxCoeff(),
                     reference::difference(ket_state, inverse(ket)),
                     reference::difference(bra_state, inverse(bra))});
  }

  Vector ket;
  Vector bra;
  State<T> ket_state;
  State<T> bra_state;
};

Vector flattened(const Matrix& matrix) {
  Vector out(matrix.size());
  for (Eigen::Index r = 0; r < matrix.rows(); ++r) {
    for (Eigen::Index c = 0; c < matrix.cols(); ++c) out(r * matrix.cols() + c) = matrix(r, c);
  }
  return out;
}

struct Place {
  std::vector<int> targets;
  std::vector<Control> controls;
};

std::vector<Place> places(int n_targets, int n_qubits, std::size_t stride) {
  std::vector<Place> out;
  std::size_t count = 0;
  for (const auto& targets : reference::arrangements(n_targets, n_qubits)) {
    for (const auto& controls : reference::control_sets(targets, n_qubits)) {
      if (count++ % stride == 0) out.push_back({targets, controls});
    }
  }
  return out;
}

std::string describe(const Place& place) {
  return describe(qsim::Operation{
      .row = &qsim::gate_row("unitary"), .targets = place.targets, .controls = place.controls});
}

template <class T>
void check_dense_transition(int n_targets, int n_qubits, std::size_t stride) {
  Dice dice(1);
  Backward<T> states(n_qubits, dice);
  const Matrix inverse = dice.unitary(n_targets);
  const auto entries = row_by_row<T>(inverse);
  Worst worst;
  for (const Place& place : places(n_targets, n_qubits, stride)) {
    const Vector expected =
        flattened(reference::transition(states.ket, states.bra, place.targets, place.controls));
    const Site site{states.ket_state.storage(), place.targets, mask_of(place.controls)};
    reference::for_each_target([&] {
      for (const Index parts : {Index{1}, Index{4}}) {
        const double error = states.error(
            expected, parts,
            [&](T* ket, T* bra, Complex* sums, Part part) {
              qsim::kernels<T>().dense_transition(ket, bra, site, entries.data(), sums, part);
            },
            [&](const Vector& v) {
              return reference::apply(inverse, place.targets, place.controls, v);
            });
        worst.note(error, kTolerance<T>, [&] { return describe(place); });
      }
    });
  }
  INFO("worst: " << worst.where);
  CHECK(worst.ratio < 1);
}

// On every `stride`-th arrangement of targets; on every `controlled`-th of those under controls
// too.
template <class T>
void check_dense(int n_targets, int n_qubits, std::size_t stride, std::size_t controlled) {
  Dice dice(7);
  const Vector in = dice.state(n_qubits);
  const Matrix matrix = dice.unitary(n_targets);
  const auto entries = row_by_row<T>(matrix);
  const auto arrangements = reference::arrangements(n_targets, n_qubits);
  Worst worst;
  const auto check = [&](const Place& place) {
    const Vector expected = reference::apply(matrix, place.targets, place.controls, in);
    reference::for_each_target([&] {
      for (const Index parts : {Index{1}, Index{4}}) {
        State<T> state = reference::to_state<T>(in);
        const Site site{state.storage(), place.targets, mask_of(place.controls)};
        for (Index k = 0; k < parts; ++k) {
          qsim::kernels<T>().dense(state.data(), site, entries.data(), {k, parts});
        }
        worst.note(reference::difference(state, expected), kTolerance<T>,
                   [&] { return describe(place); });
      }
    });
  };
  for (std::size_t k = 0; k < arrangements.size(); k += stride) {
    check({arrangements[k], {}});
    if (k / stride % controlled != 0) continue;
    const auto sets = reference::control_sets(arrangements[k], n_qubits);
    for (std::size_t c = 1; c < sets.size(); c += 5) check({arrangements[k], sets[c]});
  }
  INFO("worst: " << worst.where);
  CHECK(worst.ratio < 1);
}

template <class T>
void check_diagonal_transition(int n_targets, int n_qubits, std::size_t stride) {
  Dice dice(2);
  Backward<T> states(n_qubits, dice);
  Vector diagonal(Eigen::Index{1} << n_targets);
  for (Complex& entry : diagonal) entry = std::polar(1.0, dice.uniform(-3, 3));
  diagonal(0) = 1;
  std::vector<std::complex<T>> entries;
  for (const Complex& entry : diagonal) entries.emplace_back(entry);
  Worst worst;
  for (const Place& place : places(n_targets, n_qubits, stride)) {
    const Vector expected =
        reference::transition(states.ket, states.bra, place.targets, place.controls).diagonal();
    const Site site{states.ket_state.storage(), place.targets, mask_of(place.controls)};
    reference::for_each_target([&] {
      for (const Index parts : {Index{1}, Index{4}}) {
        const double error = states.error(
            expected, parts,
            [&](T* ket, T* bra, Complex* sums, Part part) {
              qsim::kernels<T>().diagonal_transition(ket, bra, site, entries.data(), sums, part);
            },
            [&](const Vector& v) {
              return reference::apply(diagonal.asDiagonal(), place.targets, place.controls, v);
            });
        worst.note(error, kTolerance<T>, [&] { return describe(place); });
      }
    });
  }
  INFO("worst: " << worst.where);
  CHECK(worst.ratio < 1);
}

// A letter or a control for each qubit: I, X, Y, Z, control on 0, control on 1.
struct ControlledPauli {
  std::string letters;  // letters[k] on targets[k]
  Place place;
  PauliString string;
};

ControlledPauli controlled_pauli(Index code, int n_qubits) {
  ControlledPauli out;
  for (int q = 0; q < n_qubits; ++q, code /= 6) {
    const auto choice = static_cast<std::size_t>(code % 6);
    if (choice >= 4) {
      out.place.controls.push_back({q, choice == 5});
    } else if (choice > 0) {
      out.letters += "IXYZ"[choice];
      out.place.targets.push_back(q);
      if (choice != 3) out.string.x |= qsim::bit(q);
      if (choice != 1) out.string.z |= qsim::bit(q);
    }
  }
  return out;
}

template <class T>
void check_rotations(int n_qubits, Index stride) {
  Dice dice(3);
  Backward<T> states(n_qubits, dice);
  const double angle = 0.83;
  const std::complex<T> alpha(static_cast<T>(std::cos(angle)), 0);
  const std::complex<T> beta(0, static_cast<T>(-std::sin(angle)));
  Worst worst;
  const auto codes = static_cast<Index>(std::lround(std::pow(6, n_qubits)));
  for (Index code = 0; code < codes; code += stride) {
    // By name: clang 14 has no structured bindings in lambdas.
    const ControlledPauli controlled = controlled_pauli(code, n_qubits);
    const auto& letters = controlled.letters;
    const auto& place = controlled.place;
    const auto& string = controlled.string;
    const Matrix p = reference::pauli(std::string(letters.rbegin(), letters.rend()));
    const Matrix rotation = std::cos(angle) * Matrix::Identity(p.rows(), p.cols()) -
                            reference::kI * std::sin(angle) * p;
    const Matrix m = reference::transition(states.ket, states.bra, place.targets, place.controls);
    const Vector expected = Vector::Constant(1, (p * m).trace());
    const Site site{states.ket_state.storage(), place.targets, mask_of(place.controls)};
    const auto rotated = [&](const Vector& v) {
      return reference::apply(rotation, place.targets, place.controls, v);
    };
    reference::for_each_target([&] {
      for (const Index parts : {Index{1}, Index{4}}) {
        const double backward = states.error(
            expected, parts,
            [&](T* ket, T* bra, Complex* sums, Part part) {
              qsim::kernels<T>().rotation_transition(ket, bra, site, string, alpha, beta, sums,
                                                     part);
            },
            rotated);
        worst.note(backward, kTolerance<T>, [&] { return letters + describe(place); });
        set(states.ket_state, states.ket);
        for (Index k = 0; k < parts; ++k) {
          qsim::kernels<T>().rotation(states.ket_state.data(), site, string, alpha, beta,
                                      Part{k, parts});
        }
        const double forward = reference::difference(states.ket_state, rotated(states.ket));
        worst.note(forward, kTolerance<T>, [&] { return letters + describe(place); });
      }
    });
  }
  INFO("worst: " << worst.where);
  CHECK(worst.ratio < 1);
}

template <class T>
void check_inner(int n_qubits) {
  Dice dice(4);
  const Vector a = dice.state(n_qubits);
  const Vector b = dice.state(n_qubits);
  const State<T> state_a = reference::to_state<T>(a);
  const State<T> state_b = reference::to_state<T>(b);
  const std::complex<T> factor(static_cast<T>(0.3), static_cast<T>(-0.8));
  State<T> out(n_qubits);
  Worst worst;
  for (Index x = 0; x < qsim::bit(n_qubits); ++x) {
    for (Index z = 0; z < qsim::bit(n_qubits); ++z) {
      const PauliString string{x, z};
      const Vector pb = reference::pauli(string, n_qubits) * b;
      const Complex expected = a.dot(pb);
      const Vector sum = a + Complex(factor) * pb;
      const auto where = [&] { return string.text(n_qubits); };
      reference::for_each_target([&] {
        const Complex got =
            qsim::kernels<T>().inner(state_a.data(), state_b.data(), out.storage(), string, Part{});
        worst.note(std::abs(got - expected), kTolerance<T>, where);
        out = state_a;
        qsim::kernels<T>().accumulate(out.data(), state_b.data(), out.storage(), string, factor,
                                      Part{});
        worst.note(reference::difference(out, sum), kTolerance<T>, where);
      });
    }
  }
  INFO("worst: " << worst.where);
  CHECK(worst.ratio < 1);
}

// A random permutation matrix with phases; some rows may stay in place.
struct RandomPermutation {
  RandomPermutation(int n_targets, bool with_phases, Dice& dice)
      : source(std::size_t{1} << n_targets),
        matrix(Matrix::Zero(std::ssize(source), std::ssize(source))) {
    std::iota(source.begin(), source.end(), 0);
    for (std::size_t k = source.size(); k > 1; --k) {
      std::swap(source[k - 1], source[static_cast<std::size_t>(dice.below(static_cast<int>(k)))]);
    }
    for (std::size_t row = 0; row < source.size(); ++row) {
      entries.push_back(with_phases ? std::polar(1.0, dice.uniform(-3, 3)) : Complex(1));
      matrix(static_cast<Eigen::Index>(row), source[row]) = entries.back();
    }
  }
  std::vector<int> source;
  std::vector<Complex> entries;
  Matrix matrix;
};

template <class T>
double permutation_error(const RandomPermutation& permutation, const Place& place, const Vector& in,
                         State<T>& state) {
  std::vector<std::complex<T>> entries;
  for (const Complex& entry : permutation.entries) entries.emplace_back(entry);
  const Site site{state.storage(), place.targets, mask_of(place.controls)};
  set(state, in);
  for (Index k = 0; k < 4; ++k) {
    qsim::kernels<T>().permutation(state.data(), site, permutation.source.data(), entries.data(),
                                   Part{k, 4});
  }
  const Vector expected = reference::apply(permutation.matrix, place.targets, place.controls, in);
  return reference::difference(state, expected);
}

template <class T>
void check_permutations() {
  constexpr int kQubits = 7;
  Dice dice(5);
  const Vector in = dice.state(kQubits);
  State<T> state(kQubits);
  reference::for_each_target([&] {
    const int low = qsim::kernels<T>().lane_bits;
    double worst = 0;
    for (int repeat = 0; repeat < 200; ++repeat) {
      const int n_targets = 1 + dice.below(3);
      Place place;
      place.targets = dice.qubits(kQubits - low, kQubits - low);
      for (int& q : place.targets) q += low;
      while (std::ssize(place.targets) > n_targets) {
        if (dice.coin()) place.controls.push_back({place.targets.back(), dice.coin()});
        place.targets.pop_back();
      }
      const RandomPermutation permutation(n_targets, dice.coin(), dice);
      worst = std::max(worst, permutation_error(permutation, place, in, state));
    }
    CHECK(worst < kTolerance<T>);
  });
}

}  // namespace

TEST_CASE("dense steps on more than three qubits", "[kernels]") {
  for (const int n : {4, 5, 8}) check_dense<float>(4, n, 1, 50);
  for (const int n : {4, 5, 8}) check_dense<double>(4, n, 1, 50);
  check_dense<float>(3, 8, 1, 50);
  check_dense<double>(3, 8, 1, 50);
  for (const int k : {5, 6}) {
    check_dense<float>(k, 10, 997, 1);
    check_dense<double>(k, 10, 997, 1);
  }
}

TEST_CASE("backward dense steps accumulate the transition matrix", "[kernels]") {
  check_dense_transition<float>(4, 8, 997);
  check_dense_transition<double>(4, 8, 997);
  check_dense_transition<double>(4, 5, 7);
  check_dense_transition<double>(5, 9, 200003);
  check_dense_transition<double>(7, 8, 5003);

  for (int k = 1; k <= 3; ++k) {
    check_dense_transition<float>(k, 3, 1);
    check_dense_transition<double>(k, 3, 1);
    check_dense_transition<float>(k, 5, 1);
    check_dense_transition<double>(k, 5, 1);
    check_dense_transition<float>(k, 6, 7);
    check_dense_transition<double>(k, 6, 7);
  }
}

TEST_CASE("backward diagonal steps accumulate the diagonal of the transition matrix", "[kernels]") {
  for (int k = 1; k <= 3; ++k) {
    check_diagonal_transition<float>(k, 5, 1);
    check_diagonal_transition<double>(k, 5, 1);
    check_diagonal_transition<float>(k, 6, 7);
    check_diagonal_transition<double>(k, 6, 7);
  }
}

TEST_CASE("Pauli rotations and their transition for all strings and controls", "[kernels]") {
  check_rotations<float>(3, 1);
  check_rotations<double>(3, 1);
  check_rotations<float>(5, 1);
  check_rotations<double>(5, 1);
  check_rotations<float>(6, 29);
  check_rotations<double>(6, 29);
}

TEST_CASE("inner products and sums with all Pauli strings on 5 qubits", "[kernels]") {
  check_inner<float>(5);
  check_inner<double>(5);
}

TEST_CASE("the permutation kernel on high qubits", "[kernels]") {
  check_permutations<float>();
  check_permutations<double>();
}

TEST_CASE("permutation matrices on any qubits, forwards and back", "[kernels]") {
  Dice dice(6);
  for (int repeat = 0; repeat < 50; ++repeat) {
    const int n_targets = 1 + dice.below(3);
    const RandomPermutation permutation(n_targets, dice.coin(), dice);
    std::vector<int> targets = dice.qubits(n_targets + 1, 7);
    const std::vector<Control> controls{{targets.back(), dice.coin()}};
    targets.pop_back();
    const qsim::Circuit circuit = qsim::Circuit(7).unitary(permutation.matrix, targets, controls);
    const Program program = qsim::compile(circuit);
    qsim::Binding<double> binding;
    qsim::bind_parameters(program, {}, binding);
    const Vector in = dice.state(7);
    const Vector expected = reference::apply(circuit, {}, in);
    reference::for_each_target([&] {
      State<double> state = reference::to_state<double>(in);
      qsim::run_steps(program, binding, state);
      CHECK(reference::difference(state, expected) < kTolerance<double>);
      for (auto step = program.steps.rbegin(); step != program.steps.rend(); ++step) {
        qsim::apply_inverse(*step, binding.of(*step), state);
      }
      CHECK(reference::difference(state, in) < kTolerance<double>);
    });
  }
}

TEST_CASE("inverse steps undo random circuits", "[kernels]") {
  Dice dice(7);
  const qsim::Circuit circuit = reference::random_circuit({.n_qubits = 6, .n_gates = 60}, dice);
  const Program program = qsim::compile(circuit);
  qsim::Binding<double> binding;
  qsim::bind_parameters(program, {}, binding);
  const Vector in = dice.state(6);
  reference::for_each_target([&] {
    State<double> state = reference::to_state<double>(in);
    qsim::run_steps(program, binding, state);
    for (auto step = program.steps.rbegin(); step != program.steps.rend(); ++step) {
      qsim::apply_inverse(*step, binding.of(*step), state);
    }
    CHECK(reference::difference(state, in) < kTolerance<double>);
  });
}

TEST_CASE("backward steps give the transition matrix and undo the step", "[kernels]") {
  Dice dice(9);
  qsim::Circuit circuit(5);
  circuit.rx(0.3, 0).ry(0.4, 0).rz(0.2, 4).p(0.7, 4).cz(1, 3).ch(4, 0);
  circuit.unitary(dice.unitary(2), {3, 0}, {{1, false}})
      .evolution(0.4, dice.hermitian(3), {2, 4, 1});
  const Program program = qsim::compile(circuit);
  qsim::Binding<double> binding;
  qsim::bind_parameters(program, {}, binding);
  for (const Step& step : program.steps) {
    const Vector ket = dice.state(5);
    const Vector bra = dice.state(5);
    std::vector<Control> controls;
    for (int q = 0; q < 5; ++q) {
      if (qsim::has_bit(step.controls.mask, q)) {
        controls.push_back({q, qsim::has_bit(step.controls.value, q)});
      }
    }
    const Matrix m = reference::transition(ket, bra, step.targets, controls);
    const bool diagonal = step.shape == qsim::Shape::kDiagonal;
    const Vector expected = diagonal ? Vector(m.diagonal()) : flattened(m);
    reference::for_each_target([&] {
      State<double> k = reference::to_state<double>(ket);
      State<double> b = reference::to_state<double>(bra);
      const auto got = qsim::apply_inverse_transition(step, binding.of(step), k, b);
      REQUIRE(std::ssize(got) == expected.size());
      const Eigen::Map<const Vector> sums(got.data(), expected.size());
      CHECK((sums - expected).cwiseAbs().maxCoeff() < kTolerance<double>);
      qsim::apply(step, binding.of(step), k);
      qsim::apply(step, binding.of(step), b);
      CHECK(reference::difference(k, ket) < kTolerance<double>);
      CHECK(reference::difference(b, bra) < kTolerance<double>);
    });
  }
}

TEST_CASE("scale multiplies every amplitude", "[kernels]") {
  Dice dice(8);
  const Vector in = dice.state(6);
  reference::for_each_target([&] {
    State<double> state = reference::to_state<double>(in);
    for (Index k = 0; k < 4; ++k) {
      qsim::kernels<double>().scale(state.data(), state.storage(), -0.5, Part{k, 4});
    }
    CHECK(reference::difference(state, -0.5 * in) < kTolerance<double>);
  });
}

// ---------------------------------------------------------------- the choice of instruction set

TEST_CASE("an instruction set can be forced", "[kernels]") {
  const std::vector<std::string> targets = qsim::simd_targets();
  REQUIRE_FALSE(targets.empty());
  for (const std::string& target : targets) {
    qsim::set_simd_target(target);
    CHECK(qsim::kernels<float>().target == target);
    CHECK(qsim::kernels<double>().target == target);
    CHECK(qsim::simd_targets() == targets);  // asking does not undo the choice
    CHECK(qsim::kernels<double>().target == target);
  }
  qsim::set_simd_target("");
  CHECK(qsim::kernels<double>().target == targets.front());
}

TEST_CASE("an unknown instruction set is refused and changes nothing", "[kernels]") {
  const std::string last = qsim::simd_targets().back();
  qsim::set_simd_target(last);
  const std::string text =
      reference::error_of<qsim::ValueError>([] { qsim::set_simd_target("AVX9000"); });
  CHECK(reference::contains(text, "AVX9000"));
  CHECK(reference::contains(text, last));
  CHECK(qsim::kernels<double>().target == last);
  qsim::set_simd_target("");
}
