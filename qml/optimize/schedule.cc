#include "qml/optimize/schedule.h"

#include <array>
#include <cmath>
#include <numbers>
#include <string>

#include "qsim/core/error.h"

namespace qml {

using qsim::concat;
using qsim::fail;
using qsim::require;

namespace {

// 1 at u = 0 to 0 at u = 1.
double half_cosine(double u) { return 0.5 * (1.0 + std::cos(std::numbers::pi * u)); }

double constant(double /*u*/) { return 1.0; }

double one_cycle(double u) {
  constexpr double kWarmUp = 0.3;
  constexpr double kFirst = 1.0 / 25.0;
  constexpr double kLast = 1e-4;
  if (u <= kWarmUp) return kFirst + (1.0 - kFirst) * (u / kWarmUp);
  return kLast + (1.0 - kLast) * half_cosine((u - kWarmUp) / (1.0 - kWarmUp));
}

struct ScheduleRow {
  Schedule schedule;
  std::string_view name;
  double (*factor)(double u);
};
constexpr std::array kSchedules{
    ScheduleRow{Schedule::constant, "constant", constant},
    ScheduleRow{Schedule::cosine, "cosine", half_cosine},
    ScheduleRow{Schedule::one_cycle, "one_cycle", one_cycle},
};

const ScheduleRow& row_of(Schedule schedule) {
  return kSchedules.at(static_cast<std::size_t>(schedule));
}

}  // namespace

double schedule_factor(Schedule schedule, std::int64_t step, std::int64_t total) {
  require(total >= 1, "a schedule has at least 1 step, got ", total);
  require(step >= 0 && step <= total, "step ", step, " of a schedule is outside [0, ", total, "]");
  return row_of(schedule).factor(static_cast<double>(step) / static_cast<double>(total));
}

Schedule parse_schedule(std::string_view name) {
  std::string known;
  for (const ScheduleRow& row : kSchedules) {
    if (row.name == name) return row.schedule;
    known += concat(known.empty() ? "" : ", ", row.name);
  }
  fail("there is no schedule named '", name, "'; the names are ", known);
}

std::string_view schedule_name(Schedule schedule) { return row_of(schedule).name; }

std::vector<std::string_view> schedule_names() {
  std::vector<std::string_view> names;
  for (const ScheduleRow& row : kSchedules) names.push_back(row.name);
  return names;
}

}  // namespace qml
