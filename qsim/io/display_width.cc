#include "qsim/io/display_width.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "qsim/io/layout.h"

namespace qsim {
namespace {

struct PointRange {
  char32_t first;
  char32_t last;
};

#include "qsim/io/display_widths.inc"

template <class Ranges>
bool contains(const Ranges& ranges, char32_t c) {
  const auto next = std::ranges::upper_bound(ranges, c, {}, &PointRange::first);
  return next != ranges.begin() && c <= std::prev(next)->last;
}

}  // namespace

int display_width(char32_t c) {
  if (c < kNoColumn.front().first) return 1;  // Latin letters, most of what there is
  if (contains(kNoColumn, c)) return 0;
  return contains(kTwoColumns, c) ? 2 : 1;
}

int display_width(std::string_view text) {
  const std::u32string points = decode_utf8(text);
  return std::accumulate(points.begin(), points.end(), 0,
                         [](int sum, char32_t c) { return sum + display_width(c); });
}

}  // namespace qsim
