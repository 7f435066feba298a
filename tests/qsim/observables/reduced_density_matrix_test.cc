#include "qsim/observables/reduced_density_matrix.h"

#include "qsim/core/error.h"
#include "qsim/core/parallel.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::State;
using reference::contains;
using reference::Dice;
using reference::error_of;
using reference::kTolerance;
using reference::Matrix;
using reference::to_state;
using reference::Vector;

template <class T>
void check(const Vector& v, const std::vector<int>& qubits) {
  const Matrix expected = reference::transition(v, v, qubits, {});
  const qsim::Matrix got = qsim::reduced_density_matrix(to_state<T>(v), qubits);
  CHECK(reference::difference(Matrix(got), expected) < kTolerance<T>);
  CHECK(reference::difference(Matrix(got), Matrix(got.adjoint())) < 1e-15);
}

}  // namespace

TEST_CASE("reduced density matrices of all arrangements agree with dense algebra",
          "[reduced_density_matrix]") {
  for (int n = 1; n <= 5; ++n) {
    const Vector v = Dice(static_cast<std::uint64_t>(n)).state(n);
    reference::for_each_target([&] {
      for (int k = 1; k <= n; ++k) {
        for (const auto& qubits : reference::arrangements(k, n)) {
          check<float>(v, qubits);
          check<double>(v, qubits);
        }
      }
    });
  }
}

TEST_CASE("reduced density matrices of wide states agree with dense algebra",
          "[reduced_density_matrix]") {
  constexpr int kQubits = 13;
  Dice dice(9);
  const Vector v = dice.state(kQubits);
  reference::for_each_configuration([&] {
    for (const int k : {1, 2, 3, 4, 5, 6}) {
      INFO(k << " qubits");
      const auto qubits = dice.qubits(k, kQubits);
      check<float>(v, qubits);
      check<double>(v, qubits);
    }
  });
  const State<double> state = to_state<double>(v);
  CHECK(qsim::reduced_density_matrix(state, dice.qubits(12, kQubits)).trace().real() ==
        Approx(1).epsilon(1e-12));
}

TEST_CASE("density matrices that are refused", "[reduced_density_matrix]") {
  const State<double> state(14);
  const auto refusal = [&]<class E>(E /*type*/, const std::vector<int>& qubits) {
    return error_of<E>([&] { (void)qsim::reduced_density_matrix(state, qubits); });
  };
  CHECK(contains(refusal(qsim::ValueError(""), {}), "0 qubits"));
  CHECK(contains(refusal(qsim::ValueError(""), {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}), "13"));
  CHECK(contains(refusal(qsim::ValueError(""), {1, 1}), "1"));
  CHECK(contains(refusal(qsim::IndexError(""), {14}), "14"));
}
