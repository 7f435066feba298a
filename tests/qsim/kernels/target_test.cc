#include <string>
#include <vector>

#include "qsim/core/error.h"
#include "qsim/kernels/kernels.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

// The choice of instruction set.

TEST_CASE("an instruction set can be forced", "[kernels]") {
  const std::vector<std::string> targets = qsim::simd_targets();
  REQUIRE_FALSE(targets.empty());
  for (const std::string& target : targets) {
    qsim::set_simd_target(target);
    CHECK(qsim::kernels<float>().target == target);
    CHECK(qsim::kernels<double>().target == target);
    CHECK(qsim::simd_targets() == targets);  // asking does not undo the choice
    CHECK(qsim::kernels<double>().target == target);
  }
  qsim::set_simd_target("");
  CHECK(qsim::kernels<double>().target == targets.front());
}

TEST_CASE("an unknown instruction set is refused and changes nothing", "[kernels]") {
  const std::string last = qsim::simd_targets().back();
  qsim::set_simd_target(last);
  const std::string text =
      reference::error_of<qsim::ValueError>([] { qsim::set_simd_target("AVX9000"); });
  CHECK(reference::contains(text, "AVX9000"));
  CHECK(reference::contains(text, last));
  CHECK(qsim::kernels<double>().target == last);
  qsim::set_simd_target("");
}
