#pragma once

// Double-precision multiply-adds that one core retires on the widest registers it has, in GFLOP/s:
// the yardstick of arithmetic.
double peak_gflops();
