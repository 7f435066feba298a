#include "qsim/qasm/guard.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "qsim/core/count_work.h"
#include "qsim/core/error.h"

namespace qsim::qasm {
namespace {

std::vector<Cell> cells_of(const Guard& a, const Guard& b) {
  std::vector<Cell> out = a.cells;
  out.insert(out.end(), b.cells.begin(), b.cells.end());
  std::ranges::sort(out, {}, [](const Cell& cell) { return cell.get(); });
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

// Bits that must have values.
class Wanted {
 public:
  // False where the bit must have both values.
  bool add(const Bit& bit, bool value) {
    const bool own = value != bit.value;
    const auto [found, is_new] = seen_.emplace(*bit.cell, own);
    if (!is_new) return found->second == own;
    comparison_.bits.push_back(*bit.cell);
    comparison_.values.push_back(own);
    cells_.push_back(bit.cell);
    return true;
  }
  Bit take() {
    if (comparison_.bits.empty()) return {.value = true};
    Comparison other = comparison_;
    other.equal = false;
    return bit_of({.holds = one_case(std::move(comparison_)),
                   .fails = one_case(std::move(other)),
                   .cells = std::move(cells_)});
  }

 private:
  Comparison comparison_;
  std::unordered_map<int, bool> seen_;
  std::vector<Cell> cells_;
};

}  // namespace

Bit bit_of(Guard guard) {
  if (!guard.holds && !guard.fails) guard.cells.clear();  // of no use: too many cases
  return {.guard = std::make_shared<const Guard>(std::move(guard))};
}

std::shared_ptr<const Guard> guard_of(const Bit& bit) {
  if (bit.guard) return bit.guard;
  Guard out;
  if (bit.cell) {
    out = {.holds = one_case({{*bit.cell}, {!bit.value}, true}),
           .fails = one_case({{*bit.cell}, {!bit.value}, false}),
           .cells = {bit.cell}};
  } else {
    out = bit.value ? Guard{.holds = always(), .fails = never()}
                    : Guard{.holds = never(), .fails = always()};
  }
  return std::make_shared<const Guard>(std::move(out));
}

const std::vector<Condition>& required(const Cases& cases) {
  require(cases.has_value(), "the condition has more than ", kMostCases,
          " cases that exclude each other");
  return *cases;
}

Bit opposite(const Bit& bit) {
  Bit out = bit;
  if (!bit.guard) {
    out.value = !bit.value;
    return out;
  }
  return bit_of({.holds = bit.guard->fails, .fails = bit.guard->holds, .cells = bit.guard->cells});
}

Bit conjunction(const Bit& a, const Bit& b) {
  if (a.is_known()) return a.value ? b : a;
  if (b.is_known()) return b.value ? a : b;
  const auto first = guard_of(a);
  const auto second = guard_of(b);
  return bit_of({.holds = joined(first->holds, second->holds),
                 .fails = united(first->fails, joined(first->holds, second->fails)),
                 .cells = cells_of(*first, *second)});
}

// What is added holds where the first does not.
Bit disjunction(const Bit& a, const Bit& b) {
  if (a.is_known()) return a.value ? a : b;
  if (b.is_known()) return b.value ? b : a;
  const auto first = guard_of(a);
  const auto second = guard_of(b);
  return bit_of({.holds = united(first->holds, joined(first->fails, second->holds)),
                 .fails = joined(first->fails, second->fails),
                 .cells = cells_of(*first, *second)});
}

Bit exclusive(const Bit& a, const Bit& b) {
  if (a.is_known()) return a.value ? opposite(b) : b;
  if (b.is_known()) return b.value ? opposite(a) : a;
  if (a.cell && b.cell && *a.cell == *b.cell) return {.value = a.value != b.value};
  const auto first = guard_of(a);
  const auto second = guard_of(b);
  return bit_of(
      {.holds = united(joined(first->holds, second->fails), joined(first->fails, second->holds)),
       .fails = united(joined(first->holds, second->holds), joined(first->fails, second->fails)),
       .cells = cells_of(*first, *second)});
}

Bit simplified(Bit bit) {
  if (!bit.guard) return bit;
  Guard guard{.holds = tidied(bit.guard->holds),
              .fails = tidied(bit.guard->fails),
              .cells = bit.guard->cells};
  if (guard.holds && guard.holds->empty()) return {.value = false};
  if (guard.fails && guard.fails->empty()) return {.value = true};
  guard.fails = failing(guard.holds, guard.fails);
  guard.holds = failing(guard.fails, guard.holds);
  bit.guard = std::make_shared<const Guard>(guard);
  if (!guard.holds || guard.holds->size() != 1 || guard.holds->front().size() != 1) return bit;
  const Comparison& only = guard.holds->front().front();
  if (only.bits.size() != 1) return bit;
  const auto cell =
      std::ranges::find_if(guard.cells, [&](const Cell& c) { return *c == only.bits.front(); });
  return cell == guard.cells.end() ? bit : Bit{.value = !value_at(only, 0), .cell = *cell};
}

Bit equal(const Bits& a, const Bits& b) {
  Wanted wanted;
  Bits rest;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const bool other_way = a[k].is_known();
    const Bit& bit = other_way ? b[k] : a[k];
    const Bit& value = other_way ? a[k] : b[k];
    bool possible = true;
    if (bit.is_known()) {
      possible = bit.value == value.value;
    } else if (value.is_known() && bit.cell) {
      possible = wanted.add(bit, value.value);
    } else {
      rest.push_back(opposite(exclusive(bit, value)));
      possible = !rest.back().is_known() || rest.back().value;
    }
    if (!possible) return {.value = false};
  }
  Bit out = wanted.take();
  for (const Bit& more : rest) {
    out = conjunction(out, more);
    if (out.guard && !out.guard->holds && !out.guard->fails) break;
  }
  return out;
}

// In cases by the highest bit in which they differ.
Cases below(const Bits& a, const Bits& b) {
  const Bit zero{.value = false};
  const Bit one{.value = true};
  Cases out = never();
  for (std::size_t k = 0; k < a.size() && out; ++k) {
    count_work(1 + a.size() / kMostCases);
    if ((a[k].is_known() && a[k].value) || (b[k].is_known() && !b[k].value)) continue;
    Bits left{a[k], b[k]};
    Bits right{zero, one};
    const auto above = static_cast<std::ptrdiff_t>(k) + 1;
    left.insert(left.end(), a.begin() + above, a.end());
    right.insert(right.end(), b.begin() + above, b.end());
    out = united(std::move(out), guard_of(equal(left, right))->holds);
  }
  return out;
}

Bits sum(const Bits& a, const Bits& b, Bit carry) {
  Bits out;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const Bit half = simplified(exclusive(a[k], b[k]));
    out.push_back(simplified(exclusive(half, carry)));
    carry = simplified(disjunction(conjunction(a[k], b[k]), conjunction(half, carry)));
  }
  return out;
}

std::size_t weight(const Bits& bits) {
  std::size_t out = 0;
  for (const Bit& bit : bits) {
    if (!bit.guard) continue;
    for (const Cases* cases : {&bit.guard->holds, &bit.guard->fails}) {
      if (!*cases) {
        out += kMostPairs;
        continue;
      }
      out += (*cases)->size() + n_comparisons(**cases);
    }
  }
  return out;
}

void let_go(Bit& bit) {
  const auto unowned = [](const Cell& cell) {
    return cell.use_count() > 1 ? Cell(std::shared_ptr<void>{}, cell.get()) : cell;
  };
  if (bit.cell) bit.cell = unowned(bit.cell);
  if (!bit.guard) return;
  Guard guard = *bit.guard;
  bit.guard.reset();
  std::ranges::transform(guard.cells, guard.cells.begin(), unowned);
  bit.guard = std::make_shared<const Guard>(std::move(guard));
}

}  // namespace qsim::qasm
