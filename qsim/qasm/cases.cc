#include "qsim/qasm/cases.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <unordered_map>
#include <utility>

#include "qsim/core/count_work.h"

namespace qsim::qasm {
namespace {

constexpr std::size_t kCopiedPerComparison = 4;  // that one is copied takes as long as so many
constexpr std::size_t kPairsPerComparison = 4;   // of bits, for about as long
constexpr std::size_t kFewPairs = 256;           // of bits, which are compared one by one
constexpr std::size_t kFewComparisons = 8;       // that a case has, unless they become one
constexpr std::size_t kMostPairsOfComparisons = 1 << 17;  // and of what several of them ask for

thread_local std::size_t n_looked_at = 0;

// Whether its bits must have values, and which: a bit that is not 1 is 0.
bool has_values(const Comparison& comparison) {
  return comparison.equal || comparison.bits.size() == 1;
}

}  // namespace

bool value_at(const Comparison& comparison, std::size_t k) {
  const bool flipped = !comparison.equal && comparison.bits.size() == 1;
  return comparison.values[k] != flipped;
}

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

}  // namespace

std::size_t n_comparisons(const std::vector<Condition>& cases) {
  std::size_t out = 0;
  for (const Condition& condition : cases) out += condition.size();
  return out;
}

Cases never() { return Cases(std::in_place); }
Cases always() { return std::vector<Condition>(1); }
Cases one_case(Comparison comparison) { return std::vector<Condition>{{std::move(comparison)}}; }

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

Cases united(Cases a, Cases b) {
  if (!a || !b || a->size() + b->size() > kMostCases) return std::nullopt;
  std::ranges::move(*b, std::back_inserter(*a));
  return a;
}

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

}  // namespace qsim::qasm
