#include <algorithm>
#include <cmath>

#include "qsim/kernels/batch.h"
#include "qsim/kernels/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "qsim/kernels/cos_sin.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// After highway.h.
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace qsim::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Where the vector functions are accurate; the library's own take over beyond.
constexpr double kLargest = 30000;

void cos_sin_vectors(std::span<const double> angles, double* c, double* s) {
  const hn::ScalableTag<double> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t k = 0;
  for (; k + lanes <= angles.size(); k += lanes) {
    const auto x = hn::LoadU(d, angles.data() + k);
    if (hn::AllTrue(d, hn::Le(hn::Abs(x), hn::Set(d, kLargest)))) {
      hn::StoreU(hn::Cos(d, x), d, c + k);
      hn::StoreU(hn::Sin(d, x), d, s + k);
      continue;
    }
    for (std::size_t j = k; j < k + lanes; ++j) {
      c[j] = std::cos(angles[j]);
      s[j] = std::sin(angles[j]);
    }
  }
  for (; k < angles.size(); ++k) {
    c[k] = std::cos(angles[k]);
    s[k] = std::sin(angles[k]);
  }
}

}  // namespace qsim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace qsim {
HWY_EXPORT(cos_sin_vectors);

void cos_sin(std::span<const double> angles, double* c, double* s) {
  apply_environment_target();
  HWY_DYNAMIC_DISPATCH(cos_sin_vectors)(angles, c, s);
}

}  // namespace qsim
#endif
