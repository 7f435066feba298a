#include "qsim/observables/pauli_plan.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "qsim/core/bits.h"

namespace qsim {
namespace {

// A subspace of the tile numbers, over GF(2). A direction has zeros at the top bits of those
// before.
class Span {
 public:
  // What is left of a number when directions are taken away; 0 inside the span.
  [[nodiscard]] Index rest(Index number) const {
    for (const Index direction : directions_) {
      if ((number & std::bit_floor(direction)) != 0) number ^= direction;
    }
    return number;
  }
  void add(Index rest) { directions_.push_back(rest); }
  [[nodiscard]] int rank() const { return static_cast<int>(directions_.size()); }

  [[nodiscard]] Index pivots() const {
    Index out = 0;
    for (const Index direction : directions_) out |= std::bit_floor(direction);
    return out;
  }
  [[nodiscard]] std::vector<Index> elements() const {
    std::vector<Index> out{0};
    for (const Index direction : directions_) {
      const std::size_t size = out.size();
      for (std::size_t k = 0; k < size; ++k) out.push_back(out[k] ^ direction);
    }
    std::sort(out.begin(), out.end());
    return out;
  }

 private:
  std::vector<Index> directions_;
};

}  // namespace

Index PauliGroup::coset_count(int n_tile_bits) const {
  return bit(n_tile_bits - std::popcount(pivots));
}

Index PauliGroup::coset_start(Index k) const {
  for (Index rest = pivots; rest != 0; rest &= rest - 1) {
    k = insert_zero_bit(k, std::countr_zero(rest));
  }
  return k;
}

PauliPlan plan_paulis(std::span<const PauliTerm> terms) {
  PauliPlan plan;
  plan.from.resize(terms.size());
  std::iota(plan.from.begin(), plan.from.end(), std::size_t{0});
  const auto key = [&](std::size_t k) {
    const PauliString& p = terms[k].string;
    return std::tuple(p.x, has_odd_ys(p), p.z);
  };
  const auto before = [&](std::size_t a, std::size_t b) { return key(a) < key(b); };
  if (!std::is_sorted(plan.from.begin(), plan.from.end(), before)) {
    std::stable_sort(plan.from.begin(), plan.from.end(), before);
  }
  plan.terms.reserve(terms.size());
  plan.z.reserve(terms.size());
  for (const std::size_t k : plan.from) {
    const PauliString& p = terms[k].string;
    const PauliClass* last = plan.classes.empty() ? nullptr : &plan.classes.back();
    if (last == nullptr || last->x != p.x || last->odd != has_odd_ys(p) ||
        last->count == kMostStrings) {
      plan.classes.push_back({.x = p.x, .odd = has_odd_ys(p), .first = plan.z.size()});
    }
    ++plan.classes.back().count;
    plan.terms.push_back(terms[k]);
    plan.z.push_back(p.z);
  }
  return plan;
}

std::vector<PauliGroup> group_classes(std::span<const PauliClass> classes, int tile_bits,
                                      int max_rank) {
  std::vector<PauliGroup> groups;
  std::vector<PauliClass> rest(classes.begin(), classes.end());
  while (!rest.empty()) {
    PauliGroup group;
    Span span;
    // Directions are taken first, so that what they happen to span comes along.
    for (const PauliClass& cls : rest) {
      if (span.rank() == max_rank) break;
      const Index left = span.rest(cls.x >> tile_bits);
      if (left != 0) span.add(left);
    }
    const auto joins = [&](const PauliClass& cls) { return span.rest(cls.x >> tile_bits) == 0; };
    std::copy_if(rest.begin(), rest.end(), std::back_inserter(group.classes), joins);
    std::erase_if(rest, joins);
    group.tiles = span.elements();
    group.pivots = span.pivots();
    groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace qsim
