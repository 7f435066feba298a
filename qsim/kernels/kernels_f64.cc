#include <algorithm>
#include <bit>
#include <complex>
#include <utility>
#include <vector>

#include "qsim/core/bits.h"
#include "qsim/core/pauli.h"
#include "qsim/kernels/batch.h"
#include "qsim/kernels/generic.h"
#include "qsim/kernels/groups.h"
#include "qsim/kernels/kernels.h"
#include "qsim/kernels/tile.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "qsim/kernels/kernels_f64.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#define KETGRAD_REAL double
#define KETGRAD_TABLE kernel_table_f64
#define KETGRAD_BATCH_TABLE batch_kernel_table_f64
#include "qsim/kernels/table-inl.h"
#undef KETGRAD_REAL
#undef KETGRAD_TABLE
#undef KETGRAD_BATCH_TABLE

#if HWY_ONCE
namespace qsim {
HWY_EXPORT(kernel_table_f64);
HWY_EXPORT(batch_kernel_table_f64);

template <>
const KernelTable<double>& kernels<double>() {
  apply_environment_target();
  return *HWY_DYNAMIC_DISPATCH(kernel_table_f64)();
}

template <>
const BatchKernelTable<double>& batch_kernels<double>() {
  apply_environment_target();
  return *HWY_DYNAMIC_DISPATCH(batch_kernel_table_f64)();
}

}  // namespace qsim
#endif
