#include <algorithm>
#include <cmath>

#include "qsim/circuit/circuit.h"
#include "qsim/engines/execute.h"
#include "qsim/kernels/kernels.h"
#include "tests/bound.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/kernel_cases.h"

// Kernels of the way back: they undo a step on two states and measure between them.

namespace {

using qsim::Index;
using qsim::Part;
using qsim::Site;
using qsim::State;
using reference::Complex;
using reference::describe;
using reference::Dice;
using reference::kTolerance;
using reference::Matrix;
using reference::Place;
using reference::set;
using reference::Vector;

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
    const double moved = reference::larger(reference::difference(ket_state, inverse(ket)),
                                           reference::difference(bra_state, inverse(bra)));
    return reference::larger(reference::largest(got - expected), moved);
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

// `call(site, ket, bra, sums, part)` undoes `inverse`'s matrix everywhere and sums what `measured`
// makes of the transition matrix.
template <class T, class Call, class Measured>
void check_transition(Backward<T>& states, const Matrix& inverse, const std::vector<Place>& at,
                      const Call& call, const Measured& measured) {
  reference::Worst worst;
  for (const Place& place : at) {
    const Vector expected =
        measured(reference::transition(states.ket, states.bra, place.targets, place.controls));
    const Site site = reference::site_of(place, states.ket_state.storage());
    reference::for_each_target([&] {
      for (const Index parts : {Index{1}, Index{4}}) {
        const double error = states.error(
            expected, parts,
            [&](T* ket, T* bra, Complex* sums, Part part) { call(site, ket, bra, sums, part); },
            [&](const Vector& v) {
              return reference::apply(inverse, place.targets, place.controls, v);
            });
        worst.note(error, kTolerance<T>, [&] { return describe(place); });
      }
    });
  }
  worst.check();
}

template <class T>
void check_dense_transition(int n_targets, int n_qubits, std::size_t stride) {
  Dice dice(1);
  Backward<T> states(n_qubits, dice);
  const Matrix inverse = dice.unitary(n_targets);
  const auto entries = reference::row_by_row<T>(inverse);
  check_transition(
      states, inverse, reference::places(n_targets, n_qubits, stride),
      [&](const Site& site, T* ket, T* bra, Complex* sums, Part part) {
        qsim::kernels<T>().dense_transition(ket, bra, site, entries.data(), sums, part);
      },
      flattened);
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
  check_transition(
      states, diagonal.asDiagonal(), reference::places(n_targets, n_qubits, stride),
      [&](const Site& site, T* ket, T* bra, Complex* sums, Part part) {
        qsim::kernels<T>().diagonal_transition(ket, bra, site, entries.data(), sums, part);
      },
      [](const Matrix& m) -> Vector { return m.diagonal(); });
}

// A letter or a control for each qubit: I, X, Y, Z, control on 0, control on 1.
struct ControlledPauli {
  std::string letters;  // letters[k] on targets[k]
  Place place;
  qsim::PauliString string;
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
  reference::Worst worst;
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
    const Site site = reference::site_of(place, states.ket_state.storage());
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
  worst.check();
}

}  // namespace

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

TEST_CASE("backward steps give the transition matrix and undo the step", "[kernels]") {
  Dice dice(9);
  qsim::Circuit circuit(5);
  circuit.rx(0.3, 0).ry(0.4, 0).rz(0.2, 4).p(0.7, 4).cz(1, 3).ch(4, 0);
  circuit.unitary(dice.unitary(2), {3, 0}, {{1, false}})
      .evolution(0.4, dice.hermitian(3), {2, 4, 1});
  const qsim::Program program = qsim::compile(circuit);
  const auto binding = reference::bound<double>(program);
  for (const qsim::Step& step : program.steps) {
    const Vector ket = dice.state(5);
    const Vector bra = dice.state(5);
    std::vector<qsim::Control> controls;
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
      CHECK(reference::largest(sums - expected) < kTolerance<double>);
      qsim::apply(step, binding.of(step), k);
      qsim::apply(step, binding.of(step), b);
      CHECK(reference::difference(k, ket) < kTolerance<double>);
      CHECK(reference::difference(b, bra) < kTolerance<double>);
    });
  }
}
