#pragma once

#include <Eigen/Core>

#include "qsim/core/types.h"

// Products and Householder reflections of matrices of any size, real and complex, in the order of
// columns. Eigen's decompositions have these as templates of all kinds of expressions, which take a
// compiler long; here they are compiled once.

namespace qsim {

template <class T>
using Columns = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
template <class T>
using ColumnsView = Eigen::Ref<const Columns<T>>;

template <class T>
Columns<T> matrix_product(const ColumnsView<T>& a, const ColumnsView<T>& b);

// Q = H_0 H_1 … of reflections H_k = I − f_k v_k v_k† (Golub and Van Loan, Matrix
// Computations, 5.1).
template <class T>
struct Reflections {
  Columns<T> vectors{};                           // v_k in column k, which has 0 above a 1 in row k
  Eigen::Matrix<T, Eigen::Dynamic, 1> factors{};  // f_k

  // Q on the last rows of a matrix: blocks of reflections are products of matrices (Schreiber and
  // Van Loan 1989, doi:10.1137/0910005).
  void apply(Columns<T>& matrix) const;
  [[nodiscard]] Columns<T> matrix() const;
};

// A = Q R, of a matrix that has no more columns than rows: R in its place, whose diagonal is real.
template <class T>
Reflections<T> triangularise(Columns<T>& a);

// A = Q T Q† of a symmetric matrix, of which the lower triangle is read (8.3.1 there). Q leaves the
// first row alone.
struct TridiagonalForm {
  Reflections<double> reflections{};
  Eigen::VectorXd diagonal{};
  Eigen::VectorXd beside{};
};
TridiagonalForm tridiagonalise(Eigen::MatrixXd a);

}  // namespace qsim
