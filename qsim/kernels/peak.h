#pragma once

namespace qsim {

// The fastest that fused multiply-adds in double precision were seen to run, in GFLOP/s: of all
// threads together, each kept in registers. The yardstick of benchmarks.
double peak_gflops(int threads = 1);

}  // namespace qsim
