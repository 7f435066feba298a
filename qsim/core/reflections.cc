#include "qsim/core/reflections.h"

#include <Eigen/Core>
#include <Eigen/Householder>
#include <algorithm>

namespace qsim {
namespace {

template <class T>
using Column = Eigen::Matrix<T, Eigen::Dynamic, 1>;

// How many reflections become one product of matrices, and of how many none does.
constexpr Eigen::Index kMost = 48;
Eigen::Index block_size(Eigen::Index count) {
  return kMost < count && count < 2 * kMost ? (count + 1) / 2 : kMost;
}

template <class T>
T conjugate(const T& value) {
  return Eigen::numext::conj(value);
}

// The S of H_0 H_1 … = I − V S V†, which is an upper triangle.
template <class T>
Columns<T> block_factor(const Columns<T>& v, const ColumnsView<T>& factors) {
  const Columns<T> overlaps = matrix_product<T>(Columns<T>(v.adjoint()), v);
  Columns<T> s = Columns<T>::Zero(v.cols(), v.cols());
  for (Eigen::Index k = 0; k < v.cols(); ++k) {
    s(k, k) = factors(k, 0);
    const Column<T> before = s.topLeftCorner(k, k) * overlaps.col(k).head(k);
    s.col(k).head(k) = -factors(k, 0) * before;
  }
  return s;
}

// part −= V S V† part
template <class T>
void apply_block(Eigen::Ref<Columns<T>> part, const Columns<T>& v, const Columns<T>& s) {
  part -=
      matrix_product<T>(v, matrix_product<T>(s, matrix_product<T>(Columns<T>(v.adjoint()), part)));
}

// One by one; `corner`: to as many of the last columns as a reflection has rows.
template <class T>
void apply_each(const Reflections<T>& q, Columns<T>& matrix, bool corner) {
  Column<T> workspace(matrix.cols());
  for (Eigen::Index k = q.vectors.cols() - 1; k >= 0; --k) {
    const Eigen::Index height = q.vectors.rows() - k;
    matrix.bottomRightCorner(height, corner ? height : matrix.cols())
        .applyHouseholderOnTheLeft(q.vectors.col(k).tail(height - 1), q.factors(k),
                                   workspace.data());
  }
}

// The first reflections of a panel of columns: R in the place of the columns, but for what it has
// in the last of them.
template <class T>
void triangularise_panel(Eigen::Ref<Columns<T>> panel, Eigen::Ref<Columns<T>> vectors,
                         Eigen::Ref<Column<T>> factors) {
  Column<T> workspace(panel.cols());
  for (Eigen::Index k = 0; k < panel.cols(); ++k) {
    const Eigen::Index height = panel.rows() - k;
    T factor{};
    double length = 0;
    panel.col(k).tail(height).makeHouseholderInPlace(factor, length);
    vectors(k, k) = T(1);
    vectors.col(k).tail(height - 1) = panel.col(k).tail(height - 1);
    factors(k) = conjugate(factor);
    panel(k, k) = length;
    panel.col(k).tail(height - 1).setZero();
    panel.bottomRightCorner(height, panel.cols() - k - 1)
        .applyHouseholderOnTheLeft(vectors.col(k).tail(height - 1), factor, workspace.data());
  }
}

}  // namespace

template <class T>
Columns<T> matrix_product(const ColumnsView<T>& a, const ColumnsView<T>& b) {
  return a * b;
}

template <class T>
void Reflections<T>::apply(Columns<T>& matrix) const {
  if (vectors.cols() <= kMost) return apply_each(*this, matrix, false);
  const Eigen::Index step = block_size(vectors.cols());
  for (Eigen::Index end = vectors.cols(); end > 0; end = (end - 1) / step * step) {
    const Eigen::Index first = (end - 1) / step * step;
    const Eigen::Index height = vectors.rows() - first;
    const Columns<T> v = vectors.block(first, first, height, end - first);
    const Columns<T> s = block_factor<T>(v, factors.segment(first, end - first));
    apply_block<T>(matrix.bottomRows(height), v, s);
  }
}

template <class T>
Columns<T> Reflections<T>::matrix() const {
  Columns<T> out = Columns<T>::Identity(vectors.rows(), vectors.rows());
  if (vectors.cols() <= kMost) {
    apply_each(*this, out, true);
    return out;
  }
  const Eigen::Index step = block_size(vectors.cols());
  for (Eigen::Index end = vectors.cols(); end > 0; end = (end - 1) / step * step) {
    const Eigen::Index first = (end - 1) / step * step;
    const Eigen::Index height = vectors.rows() - first;
    const Eigen::Index width = end - first;
    const Eigen::Index below = height - width;
    const Columns<T> v = vectors.block(first, first, height, width);
    // So far the identity but for the corner below the block.
    Columns<T> turned = v.adjoint();
    turned.rightCols(below) =
        matrix_product<T>(turned.rightCols(below), out.bottomRightCorner(below, below));
    const Columns<T> s = block_factor<T>(v, factors.segment(first, width));
    out.bottomRightCorner(height, height) -= matrix_product<T>(v, matrix_product<T>(s, turned));
  }
  return out;
}

template <class T>
Reflections<T> triangularise(Columns<T>& a) {
  Reflections<T> out{Columns<T>::Zero(a.rows(), a.cols()), Column<T>(a.cols())};
  const Eigen::Index step = block_size(a.cols());
  for (Eigen::Index first = 0; first < a.cols(); first += step) {
    const Eigen::Index height = a.rows() - first;
    const Eigen::Index width = std::min(step, a.cols() - first);
    triangularise_panel<T>(a.block(first, first, height, width),
                           out.vectors.block(first, first, height, width),
                           out.factors.segment(first, width));
    const Eigen::Index rest = a.cols() - first - width;
    if (rest == 0) break;
    const Columns<T> v = out.vectors.block(first, first, height, width);
    const Columns<T> s = block_factor<T>(v, out.factors.segment(first, width));
    apply_block<T>(a.bottomRightCorner(height, rest), v, s.adjoint());
  }
  return out;
}

TridiagonalForm tridiagonalise(Eigen::MatrixXd a) {
  const Eigen::Index size = a.rows() - 1;  // of Q
  TridiagonalForm out{.reflections = {Eigen::MatrixXd::Zero(size, size), Eigen::VectorXd(size)},
                      .diagonal = Eigen::VectorXd(size + 1),
                      .beside = Eigen::VectorXd(size)};
  for (Eigen::Index k = 0; k < size; ++k) {
    const Eigen::Index height = size - k;
    auto v = out.reflections.vectors.col(k).tail(height);
    double& factor = out.reflections.factors(k);
    a.col(k).tail(height).makeHouseholderInPlace(factor, out.beside(k));
    v = a.col(k).tail(height);
    v(0) = 1;
    auto rest = a.bottomRightCorner(height, height).selfadjointView<Eigen::Lower>();
    const Eigen::VectorXd scaled = factor * v;
    Eigen::VectorXd w = rest * scaled;
    w -= (0.5 * factor * w.dot(v)) * v;
    rest.rankUpdate(v, w, -1.0);
  }
  out.diagonal = a.diagonal();
  return out;
}

template Columns<double> matrix_product(const ColumnsView<double>&, const ColumnsView<double>&);
template Columns<Complex> matrix_product(const ColumnsView<Complex>&, const ColumnsView<Complex>&);
template struct Reflections<double>;
template struct Reflections<Complex>;
template Reflections<double> triangularise(Columns<double>&);
template Reflections<Complex> triangularise(Columns<Complex>&);

}  // namespace qsim
