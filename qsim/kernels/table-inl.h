// The kernel table of one precision on every instruction set. The including file defines
// KETGRAD_REAL (float or double) and KETGRAD_TABLE (the name of the function) and is included once
// per instruction set.

#include "qsim/kernels/dense-inl.h"
#include "qsim/kernels/diagonal-inl.h"
#include "qsim/kernels/pauli-inl.h"

HWY_BEFORE_NAMESPACE();
namespace qsim {
namespace HWY_NAMESPACE {

const KernelTable<KETGRAD_REAL>* KETGRAD_TABLE() {
  using T = KETGRAD_REAL;
  static const KernelTable<T> table{
      .target = hwy::TargetName(HWY_TARGET),
      .lane_bits = kLaneBits<T>,
      .dense = dense<T>,
      .diagonal = diagonal<T>,
      .permutation = permutation<T>,
      .rotation = rotation<T>,
      .dense_transition = dense_transition<T>,
      .diagonal_transition = diagonal_transition<T>,
      .rotation_transition = rotation_transition<T>,
      .inner = inner<T>,
      .accumulate = accumulate<T>,
      .scale = scale_state<T>,
  };
  return &table;
}

}  // namespace HWY_NAMESPACE
}  // namespace qsim
HWY_AFTER_NAMESPACE();
