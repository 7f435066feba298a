#include "qsim/compile/shape.h"

#include <algorithm>

#include "qsim/core/error.h"
#include "qsim/core/matrix.h"

namespace qsim {
namespace {

bool factor_is_diagonal(const Factor& factor) {
  return factor.kind == Primitive::Kind::kRotation ? factor.pauli.x == 0
         : factor.kind == Primitive::Kind::kMatrix ? is_diagonal(factor.matrix)
                                                   : false;
}

Shape shape_of(const Step& step) {
  const Factor& first = step.factors.front();
  if (step.targets.empty()) return Shape::kRotation;
  if (std::ranges::all_of(step.factors, factor_is_diagonal)) return Shape::kDiagonal;
  const bool permutes = step.factors.size() == 1 && first.kind == Primitive::Kind::kMatrix &&
                        is_permutation(first.matrix);
  return permutes ? Shape::kPermutation : Shape::kDense;
}

std::vector<int> sources(const Matrix& permutation) {
  std::vector<int> out;
  for (Eigen::Index row = 0; row < permutation.rows(); ++row) {
    Eigen::Index column = 0;
    while (permutation(row, column) == Complex{}) ++column;
    out.push_back(static_cast<int>(column));
  }
  return out;
}

std::size_t count_coefficients(const Step& step) {
  const std::size_t size = std::size_t{1} << step.targets.size();
  switch (step.shape) {
    case Shape::kDense:
      return size * size;
    case Shape::kDiagonal:
    case Shape::kPermutation:
      return size;
    case Shape::kRotation:
      return 2;
  }
  fail<std::logic_error>("unknown step shape");
}

}  // namespace

void choose_shape(Step& step) {
  step.shape = shape_of(step);
  if (step.shape == Shape::kPermutation) step.source = sources(step.factors.front().matrix);
  step.n_coefficients = count_coefficients(step);
}

}  // namespace qsim
