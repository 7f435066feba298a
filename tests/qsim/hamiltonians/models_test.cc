// Hamiltonians against matrices put together site by site.

#include <algorithm>
#include <cmath>
#include <vector>

#include "qsim/core/error.h"
#include "qsim/hamiltonians/binary_problems.h"
#include "qsim/hamiltonians/lattices.h"
#include "qsim/hamiltonians/spectrum.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

using qsim::Edges;
using reference::Dice;
using reference::difference;
using reference::Matrix;

namespace {

constexpr double kTight = 1e-13;

// A letter on one of n sites, or the same letter on two.
Matrix on(std::string_view letter, const std::vector<int>& sites, int n) {
  Matrix out = Matrix::Identity(1 << n, 1 << n);
  for (const int site : sites)
    out = reference::embed(reference::pauli(letter), {site}, {}, n) * out;
  return out;
}

Matrix zeros(int n) { return Matrix::Zero(1 << n, 1 << n); }

}  // namespace

TEST_CASE("chains have an edge between neighbours, and around where they are periodic",
          "[hamiltonians]") {
  CHECK(qsim::chain_edges(1, true).empty());
  CHECK(qsim::chain_edges(2, true) == Edges{{0, 1}});
  CHECK(qsim::chain_edges(3, false) == Edges{{0, 1}, {1, 2}});
  CHECK(qsim::chain_edges(4, true).size() == 4);
}

TEST_CASE("spin models are sums over edges and sites", "[hamiltonians]") {
  for (int n = 2; n <= 4; ++n) {
    const Edges edges = qsim::chain_edges(n, true);
    Matrix ising = zeros(n);
    Matrix heisenberg = zeros(n);
    for (const auto& [i, j] : edges) {
      ising -= 0.7 * on("Z", {i, j}, n);
      heisenberg += 0.3 * on("X", {i, j}, n) - 0.4 * on("Y", {i, j}, n) + 0.5 * on("Z", {i, j}, n);
    }
    for (int i = 0; i < n; ++i) {
      ising -= 1.3 * on("X", {i}, n);
      heisenberg += 0.2 * on("Z", {i}, n);
    }
    CHECK(difference(qsim::transverse_ising(n, 0.7, 1.3, edges).matrix(), ising) < kTight);
    CHECK(difference(qsim::heisenberg(n, {0.3, -0.4, 0.5}, 0.2, edges).matrix(), heisenberg) <
          kTight);
  }
}

TEST_CASE("lattices are checked", "[hamiltonians]") {
  CHECK_THROWS_AS(qsim::transverse_ising(2, 1, 1, {{0, 0}}), qsim::ValueError);
  CHECK_THROWS_AS(qsim::transverse_ising(2, 1, 1, {{0, 2}}), qsim::IndexError);
  CHECK_THROWS_AS(qsim::transverse_ising(2, INFINITY, 1, {{0, 1}}), qsim::ValueError);
  CHECK_THROWS_AS(qsim::heisenberg(63, {1, 1, 1}, 0, {}), qsim::ValueError);
}

TEST_CASE("bit problems have the value of each basis state on the diagonal", "[hamiltonians]") {
  Dice dice(1);
  for (int n = 2; n <= 4; ++n) {
    const Edges edges = qsim::chain_edges(n, true);
    std::vector<double> weights;
    for (std::size_t k = 0; k < edges.size(); ++k) weights.push_back(dice.uniform(-1, 1));
    Eigen::MatrixXd q(n, n);
    for (Eigen::Index k = 0; k < q.size(); ++k) q(k) = dice.uniform(-1, 1);
    const Matrix cut = qsim::maxcut(n, edges, weights).matrix();
    const Matrix form = qsim::qubo(q).matrix();
    CHECK(difference(cut, Matrix(cut.diagonal().asDiagonal())) == 0);
    CHECK(difference(form, Matrix(form.diagonal().asDiagonal())) == 0);
    for (int bits = 0; bits < (1 << n); ++bits) {
      double value = 0;
      for (std::size_t k = 0; k < edges.size(); ++k) {
        const auto [i, j] = edges[k];
        if (((bits >> i) & 1) != ((bits >> j) & 1)) value -= weights[k];
      }
      Eigen::VectorXd x(n);
      for (int k = 0; k < n; ++k) x(k) = (bits >> k) & 1;
      CHECK(std::abs(cut(bits, bits) - value) < kTight);
      CHECK(std::abs(form(bits, bits) - x.dot(q * x)) < kTight);
    }
  }
  CHECK_THROWS_AS(qsim::maxcut(2, {{0, 1}}, std::vector<double>{1, 2}), qsim::ValueError);
  CHECK_THROWS_AS(qsim::qubo(Eigen::MatrixXd::Zero(2, 3)), qsim::ValueError);
}

TEST_CASE("spectra diagonalise real sums and others", "[hamiltonians]") {
  for (const char* text : {"ZZI + 0.5*XII - 0.25*IXX + YYI", "XYZ - 0.5*IIY + 0.3*ZZZ"}) {
    const qsim::PauliSum sum = qsim::PauliSum::parse(text);
    const qsim::Spectrum spectrum = qsim::spectrum_of(sum);
    REQUIRE(spectrum.eigenvalues.size() == 8);
    const Matrix v = spectrum.eigenvectors;
    const Eigen::VectorXd values =
        Eigen::Map<const Eigen::VectorXd>(spectrum.eigenvalues.data(), 8);
    CHECK(difference(v.adjoint() * v, Matrix::Identity(8, 8)) < kTight);
    CHECK(difference(sum.matrix() * v, v * Matrix(values.asDiagonal())) < kTight);
    CHECK(std::ranges::is_sorted(spectrum.eigenvalues));
  }
  CHECK_THROWS_AS(qsim::spectrum_of(qsim::PauliSum(13, {})), qsim::ValueError);
}
