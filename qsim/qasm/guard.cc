#include "qsim/qasm/guard.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <unordered_map>
#include <utility>

#include "qsim/core/count_work.h"
#include "qsim/core/error.h"

namespace qsim::qasm {
namespace {

constexpr std::size_t kCopiedPerComparison =
    4;  // what is copied takes as long as looking at so many
constexpr std::size_t kPairsPerComparison = 4;  // of bits, for about as long
constexpr std::size_t kFewPairs = 256;          // of bits, which are compared one by one
constexpr std::size_t kMostPairs = 1024;        // of cases that are joined with each other
constexpr std::size_t kFewComparisons = 8;      // that a case has, unless they become one
constexpr std::size_t kMostPairsOfComparisons = 1 << 17;  // and of what several of them ask for

thread_local std::size_t n_looked_at = 0;

// Whether its bits must have values, and which: a bit that is not 1 is 0.
bool has_values(const Comparison& comparison) {
  return comparison.equal || comparison.bits.size() == 1;
}
bool value_at(const Comparison& comparison, std::size_t k) {
  const bool flipped = !comparison.equal && comparison.bits.size() == 1;
  return comparison.values[k] != flipped;
}

}  // namespace

namespace {

using Values = std::map<int, bool>;

// Not all bits have the values of the comparison: false where they must. Where a single one is left
// to differ, it does, and `changed` tells.
bool leave_a_chance(const Comparison& comparison, Values& values, bool& changed) {
  std::optional<std::pair<int, bool>> left;
  for (std::size_t k = 0; k < comparison.bits.size(); ++k) {
    const int bit = comparison.bits[k];
    const bool value = comparison.values[k];
    const auto known = values.find(bit);
    if (known != values.end() && known->second != value) return true;
    if (known != values.end() || (left && *left == std::pair(bit, value))) continue;
    if (left) return true;
    left = {bit, value};
  }
  if (!left) return false;
  changed = values.emplace(left->first, !left->second).second;
  return true;
}

}  // namespace

// By what bits must have for single comparisons, one after the other.
bool is_possible(const Condition& condition) {
  Values values;
  for (const Comparison& own : condition) {
    n_looked_at += 1 + own.bits.size();
    if (!has_values(own)) continue;
    for (std::size_t k = 0; k < own.bits.size(); ++k) {
      const bool value = value_at(own, k);
      if (values.emplace(own.bits[k], value).first->second != value) return false;
    }
  }
  bool changed = true;
  while (changed) {
    changed = false;
    for (const Comparison& own : condition) {
      if (has_values(own)) continue;
      n_looked_at += own.bits.size();
      bool forced = false;
      if (!leave_a_chance(own, values, forced)) return false;
      changed = changed || forced;
    }
    count_work(condition.size());
    n_looked_at += 1 + condition.size();
  }
  return true;
}

std::size_t comparisons_looked_at() { return n_looked_at; }

namespace {

// Of the bits of `b`, how many `a` gives the values that b has, and how many others.
std::pair<std::size_t, std::size_t> agreement(const Comparison& a, const Comparison& b) {
  std::pair<std::size_t, std::size_t> out;
  const auto count = [&](bool same) { ++(same ? out.first : out.second); };
  if (a.bits.size() == 1 || b.bits.size() == 1) {
    const bool is_first = a.bits.size() == 1;
    const Comparison& one = is_first ? a : b;
    const Comparison& other = is_first ? b : a;
    const auto found = std::ranges::find(other.bits, one.bits.front());
    if (found != other.bits.end()) {
      const auto k = static_cast<std::size_t>(found - other.bits.begin());
      count(value_at(other, k) == value_at(one, 0));
    }
    return out;
  }
  if (a.bits.size() * b.bits.size() <= kFewPairs) {
    for (std::size_t j = 0; j < a.bits.size(); ++j) {
      for (std::size_t k = 0; k < b.bits.size(); ++k) {
        if (a.bits[j] == b.bits[k]) count(a.values[j] == b.values[k]);
      }
    }
    return out;
  }
  std::unordered_map<int, bool> values;
  for (std::size_t k = 0; k < a.bits.size(); ++k) values.emplace(a.bits[k], a.values[k]);
  for (std::size_t k = 0; k < b.bits.size(); ++k) {
    const auto found = values.find(b.bits[k]);
    if (found != values.end()) count(found->second == b.values[k]);
  }
  return out;
}

enum class Follows : unsigned char { kNothing, kHolds, kFails };

// What `known` says of `next`.
Follows what_follows(const Comparison& known, const Comparison& next) {
  if (!has_values(known) && !has_values(next)) {
    return known == next ? Follows::kHolds : Follows::kNothing;
  }
  n_looked_at += std::min(known.bits.size() * next.bits.size(), kFewPairs) / kPairsPerComparison;
  const auto [same, other] = agreement(known, next);
  if (has_values(known) && has_values(next)) {
    if (other > 0) return Follows::kFails;
    return same == next.bits.size() ? Follows::kHolds : Follows::kNothing;
  }
  if (has_values(known)) {  // next: not all have their values
    if (other > 0) return Follows::kHolds;
    return same == next.bits.size() ? Follows::kFails : Follows::kNothing;
  }
  return same == known.bits.size() ? Follows::kFails : Follows::kNothing;
}

// What `second` says beyond `first`, added to `more`; false where they leave each other no chance.
bool add_beyond(const Condition& first, const Condition& second, Condition& more) {
  for (const Comparison& comparison : second) {
    Follows follows = Follows::kNothing;
    for (const Condition* known : {&first, static_cast<const Condition*>(&more)}) {
      for (const Comparison& other : *known) {
        if (follows == Follows::kNothing) follows = what_follows(other, comparison);
      }
      n_looked_at += 1 + known->size();
    }
    if (follows == Follows::kFails) return false;
    if (follows == Follows::kNothing) more.push_back(comparison);
  }
  return true;
}

std::size_t n_comparisons(const std::vector<Condition>& cases) {
  std::size_t out = 0;
  for (const Condition& condition : cases) out += condition.size();
  return out;
}

Cases never() { return Cases(std::in_place); }
Cases always() { return std::vector<Condition>(1); }
Cases one_case(Comparison comparison) { return std::vector<Condition>{{std::move(comparison)}}; }

}  // namespace

Condition compact(const Condition& condition) {
  Comparison all;
  Condition out;
  Values seen;
  for (const Comparison& comparison : condition) {
    n_looked_at += comparison.bits.size();
    if (!has_values(comparison)) {
      out.push_back(comparison);
      continue;
    }
    for (std::size_t k = 0; k < comparison.bits.size(); ++k) {
      const bool value = value_at(comparison, k);
      if (!seen.emplace(comparison.bits[k], value).second) continue;
      all.bits.push_back(comparison.bits[k]);
      all.values.push_back(value);
    }
  }
  if (!all.bits.empty()) out.insert(out.begin(), std::move(all));
  return out;
}

std::vector<Condition> beyond(const Condition& known, const std::vector<Condition>& cases) {
  std::vector<Condition> out;
  for (const Condition& condition : cases) {
    count_work();
    Condition more;
    if (!add_beyond(known, condition, more)) continue;
    Condition all = known;
    all.insert(all.end(), more.begin(), more.end());
    if (is_possible(all)) out.push_back(std::move(more));
  }
  return out;
}

// Where both hold; of one case each, as they stand, so that files read back equal.
Cases joined(const Cases& a, const Cases& b) {
  if (!a || !b) return std::nullopt;
  Cases out = never();
  if (a->size() == 1 && b->size() == 1) {
    *out = *a;
    out->front().insert(out->front().end(), b->front().begin(), b->front().end());
    return out;
  }
  if (a->size() * b->size() > kMostPairs) return std::nullopt;
  const bool is_long = n_comparisons(*a) * n_comparisons(*b) > kMostPairsOfComparisons;
  if (a->size() > 1 && b->size() > 1 && is_long) return std::nullopt;
  for (const Condition& first : *a) {
    for (const Condition& second : *b) {
      count_work();
      Condition more;
      if (!add_beyond(first, second, more)) continue;
      if (out->size() == kMostCases) return std::nullopt;
      n_looked_at += kCopiedPerComparison * (first.size() + more.size());
      more.insert(more.begin(), first.begin(), first.end());
      out->push_back(std::move(more));
    }
  }
  return out;
}

namespace {

// Of cases that exclude each other.
Cases united(Cases a, Cases b) {
  if (!a || !b || a->size() + b->size() > kMostCases) return std::nullopt;
  std::ranges::move(*b, std::back_inserter(*a));
  return a;
}

// Without what follows from the rest, and without cases that cannot be.
Cases tidied(const Cases& cases) {
  if (!cases) return std::nullopt;
  Cases out = never();
  for (const Condition& condition : *cases) {
    count_work();
    Condition all;
    if (!add_beyond({}, condition, all) || !is_possible(all)) continue;
    out->push_back(all.size() > kFewComparisons ? compact(all) : std::move(all));
  }
  return out;
}

// Where a single case of bits with values fails, as one comparison; else as it is.
Cases failing(const Cases& holds, const Cases& fails) {
  if (!holds || holds->size() != 1) return fails;
  Comparison all;
  std::unordered_map<int, bool> seen;
  for (const Comparison& comparison : holds->front()) {
    if (!has_values(comparison)) return fails;
    for (std::size_t k = 0; k < comparison.bits.size(); ++k) {
      if (!seen.emplace(comparison.bits[k], true).second) continue;
      all.bits.push_back(comparison.bits[k]);
      all.values.push_back(value_at(comparison, k));
    }
  }
  all.equal = false;
  return one_case(std::move(all));
}

std::vector<Cell> cells_of(const Guard& a, const Guard& b) {
  std::vector<Cell> out = a.cells;
  out.insert(out.end(), b.cells.begin(), b.cells.end());
  std::ranges::sort(out, {}, [](const Cell& cell) { return cell.get(); });
  const auto rest = std::ranges::unique(out);
  out.erase(rest.begin(), rest.end());
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
