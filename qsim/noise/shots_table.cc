#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/noise/shots.h"

namespace qsim {
namespace {

constexpr std::size_t kMostRows = 16;

std::string percent(double share) {
  std::array<char, 16> text{};
  const int length = std::snprintf(text.data(), text.size(), "%5.1f %%", 100 * share);
  return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Shots& shots) {
  const auto counted = shots.counts();
  using Row = std::pair<BitWords, std::int64_t>;
  std::vector<Row> rows;
  for (const auto& [bits, count] : counted) {
    count_work();
    rows.emplace_back(bits, count);
  }
  std::ranges::stable_sort(rows, std::greater<>{}, &Row::second);
  out << shots.size() << " shots of " << shots.n_bits() << " bits";
  const std::size_t shown = std::min(rows.size(), kMostRows);
  const std::size_t width = rows.empty() ? 0 : concat(rows.front().second).size();
  for (std::size_t k = 0; k < shown; ++k) {
    const auto& [bits, count] = rows[k];
    const std::string number = concat(count);
    out << "\n"
        << bit_text(bits, shots.n_bits()) << "  " << std::string(width - number.size(), ' ')
        << number << "  "
        << percent(static_cast<double>(count) / static_cast<double>(shots.size()));
  }
  if (rows.size() > shown) out << "\n… and " << rows.size() - shown << " other values";
  return out;
}

}  // namespace qsim
