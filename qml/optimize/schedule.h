#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace qml {

// How the learning rate changes in the course of T steps: a factor of its largest value at step t,
// with u = t / T.
enum class Schedule : unsigned char {
  constant,   // 1
  cosine,     // (1 + cos πu) / 2: 1 to 0 (Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5)
  one_cycle,  // 1/25 to 1 in a line for u ≤ 0.3, then to 1e-4 in half a cosine
              // (Smith & Topin 2018, arXiv:1708.07120)
};

// ValueError unless 0 ≤ step ≤ total and total ≥ 1. Training takes the steps 0 … total−1, so the
// end of the curve, u = 1, is the value after the last one.
double schedule_factor(Schedule schedule, std::int64_t step, std::int64_t total);

// Throws ValueError for an unknown name.
Schedule parse_schedule(std::string_view name);
std::string_view schedule_name(Schedule schedule);
std::vector<std::string_view> schedule_names();

}  // namespace qml
