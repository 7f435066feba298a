// The kernel table of one precision on every instruction set. The including file defines
// KETGRAD_REAL (float or double), KETGRAD_TABLE and KETGRAD_BATCH_TABLE (the names of the
// functions) and is included once per instruction set.

#include "qsim/kernels/batch_combine-inl.h"
#include "qsim/kernels/batch_observable-inl.h"
#include "qsim/kernels/batch_overlap-inl.h"
#include "qsim/kernels/batch_phase-inl.h"
#include "qsim/kernels/batch_product-inl.h"
#include "qsim/kernels/batch_state-inl.h"
#include "qsim/kernels/batch_step-inl.h"
#include "qsim/kernels/batch_turn-inl.h"
#include "qsim/kernels/dense-inl.h"
#include "qsim/kernels/diagonal-inl.h"
#include "qsim/kernels/pauli-inl.h"
#include "qsim/kernels/pauli_class-inl.h"
#include "qsim/kernels/tile-inl.h"

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
      .turn_high = kTurnHigh,
      .real_turn_high = kRealTurnHigh,
      .turns = turns<T>,
      .axes = axes<T>,
      .multiply = multiply<T>,
      .weigh = weigh<T>,
      .linear = linear<T>,
      .tile_bits = kChunkBits<T>,
      .class_inner = class_inner<T>,
      .class_accumulate = class_accumulate<T>,
      .scale = scale_state<T>,
  };
  return &table;
}

const BatchKernelTable<KETGRAD_REAL>* KETGRAD_BATCH_TABLE() {
  using T = KETGRAD_REAL;
  static const BatchKernelTable<T> table{
      .turn = turn<T>,
      .unturn = unturn<T>,
      .transition = batch_transition<T>,
      .diagonal_transition = batch_diagonal_transition<T>,
      .dense1 = dense1<T>,
      .dense = batch_dense<T>,
      .dense_same = batch_dense_same<T>,
      .rotation = batch_rotation<T>,
      .phase_table = phase_table<T>,
      .multiply = batch_multiply<T>,
      .walsh = walsh<T>,
      .run_matrix = run_matrix<T>,
      .product = product<T>,
      .product_transition = product_transition<T>,
      .inner = batch_inner<T>,
      .accumulate = batch_accumulate<T>,
      .z_expectations = z_expectations<T>,
      .z_sum = z_sum<T>,
      .combine = batch_combine<T>,
      .state_stage = state_stage<T>,
      .state_stage_back = state_stage_back<T>,
      .product_state = product_state<T>,
      .low_transition = low_transition<T>,
      .overlap = overlap<T>,
  };
  return &table;
}

}  // namespace HWY_NAMESPACE
}  // namespace qsim
HWY_AFTER_NAMESPACE();
