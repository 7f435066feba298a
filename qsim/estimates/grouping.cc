#include "qsim/estimates/grouping.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>
#include <string>

#include "qsim/core/bits.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"

namespace qsim {
namespace {

constexpr std::array<std::string_view, 3> kNames{"none", "qubitwise", "full"};

bool commute(const PauliString& a, const PauliString& b) {
  return parity(a.x & b.z) == parity(a.z & b.x);
}

bool commute_qubitwise(const PauliString& a, const PauliString& b) {
  return (((a.x ^ b.x) | (a.z ^ b.z)) & a.support() & b.support()) == 0;
}

// Strings conjugated by the gates of a growing circuit (Aaronson and Gottesman 2004,
// doi:10.1103/PhysRevA.70.052328, whose Y is a string with both bits, as ours).
class Turner {
 public:
  Turner(std::span<const PauliString> strings, int n_qubits) : circuit_(n_qubits) {
    for (const PauliString& string : strings) strings_.push_back({string});
  }

  [[nodiscard]] const PauliString& at(std::size_t k) const { return strings_[k].string; }

  void h(Qubit q) {
    circuit_.h(q);
    for (auto& [p, negative] : strings_) {
      const bool x = has_bit(p.x, q);
      const bool z = has_bit(p.z, q);
      negative ^= x && z;
      if (x != z) {
        p.x ^= bit(q);
        p.z ^= bit(q);
      }
    }
  }

  void sdg(Qubit q) {  // X → −Y, Y → X
    circuit_.sdg(q);
    for (auto& [p, negative] : strings_) {
      const bool x = has_bit(p.x, q);
      negative ^= x && !has_bit(p.z, q);
      if (x) p.z ^= bit(q);
    }
  }

  void cx(Qubit control, Qubit target) {
    circuit_.cx(control, target);
    for (auto& [p, negative] : strings_) {
      count_work();
      const bool xc = has_bit(p.x, control);
      const bool zt = has_bit(p.z, target);
      negative ^= xc && zt && has_bit(p.x, target) == has_bit(p.z, control);
      if (xc) p.x ^= bit(target);
      if (zt) p.z ^= bit(control);
    }
  }

  // Turns the letter on a qubit into Z.
  void turn_to_z(const PauliString& string, Qubit q) {
    if (!has_bit(string.x, q)) return;
    if (has_bit(string.z, q)) sdg(q);
    h(q);
  }

  Circuit circuit_;
  std::vector<SignedPauli> strings_;
};

}  // namespace

Grouping grouping(std::string_view name) {
  for (std::size_t k = 0; k < kNames.size(); ++k) {
    if (kNames.at(k) == name) return static_cast<Grouping>(k);
  }
  fail("there is no grouping '", name, "'; there is none, qubitwise, full");
}

std::vector<std::vector<std::size_t>> commuting_groups(std::span<const PauliTerm> terms,
                                                       Grouping grouping) {
  std::vector<std::size_t> order(terms.size());
  std::iota(order.begin(), order.end(), 0);
  std::erase_if(order, [&](std::size_t k) { return terms[k].string.is_identity(); });
  std::vector<std::vector<std::size_t>> groups;
  if (grouping == Grouping::kNone) {
    for (const std::size_t k : order) groups.push_back({k});
    return groups;
  }
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return std::abs(terms[a].coefficient) > std::abs(terms[b].coefficient);
  });
  const auto fits = [&](const std::vector<std::size_t>& group, const PauliString& string) {
    return std::ranges::all_of(group, [&](std::size_t other) {
      count_work();
      const PauliString& placed = terms[other].string;
      return grouping == Grouping::kFull ? commute(placed, string)
                                         : commute_qubitwise(placed, string);
    });
  };
  for (const std::size_t k : order) {
    poll_interrupt();
    const auto home =
        std::ranges::find_if(groups, [&](const auto& g) { return fits(g, terms[k].string); });
    if (home == groups.end()) {
      groups.push_back({k});
    } else {
      home->push_back(k);
    }
  }
  return groups;
}

Diagonaliser::Diagonaliser(std::span<const PauliString> strings, int n_qubits) : circuit(n_qubits) {
  Turner turner(strings, n_qubits);
  // Letters that agree on every qubit need no more than turns. A string on a qubit that others have
  // as well is turned once, for all.
  bool qubitwise = true;
  for (std::size_t k = 0; k < strings.size() && qubitwise; ++k) {
    for (std::size_t j = 0; j < k && qubitwise; ++j) {
      count_work();
      qubitwise = commute_qubitwise(strings[j], strings[k]);
    }
  }
  Index done = 0;  // qubits on which all strings are I or Z and stay so
  for (std::size_t k = 0; k < strings.size(); ++k) {
    for (std::size_t j = 0; j < k; ++j) {
      count_work();
      require(commute(strings[j], strings[k]), "strings that do not commute share no measurement");
    }
    const Index rest = turner.at(k).support() & ~done;
    if (rest == 0) continue;
    for (Index left = rest; left != 0; left &= left - 1) {
      turner.turn_to_z(turner.at(k), std::countr_zero(left));
    }
    if (qubitwise) {
      done |= rest;
      continue;
    }
    // The product of Zs becomes one Z, with which all others commute: I or Z on that qubit.
    const Qubit last = std::countr_zero(rest);
    for (Index left = rest & (rest - 1); left != 0; left &= left - 1) {
      turner.cx(std::countr_zero(left), last);
    }
    done |= bit(last);
  }
  circuit = std::move(turner.circuit_);
  diagonal = std::move(turner.strings_);
}

}  // namespace qsim
