#include "qsim/compile/light_cone.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <utility>
#include <variant>

#include "qsim/compile/fuse.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/matrix.h"

namespace qsim {
namespace {

// An operator on the final state, as far as cones are concerned: the qubits it acts on, and those
// of them where it commutes with Z.
struct Seen {
  Index qubits = 0;
  Index diagonal = 0;
  auto operator<=>(const Seen&) const = default;
};

Index touched_by(const Step& step) {
  return mask_of(step.targets) | step.controls.mask | step.pauli.support();
}

// Where a step commutes with Z.
Index diagonal_in(const Step& step) {
  Index out = step.controls.mask | (step.pauli.z & ~step.pauli.x);
  if (step.shape == Shape::kDiagonal) out |= mask_of(step.targets);
  return out;
}

// The qubits that an initialize prepares together.
Index prepared_together(const Program& program) {
  Index out = 0;
  for (const auto& amplitude : program.initial) out |= amplitude.basis_state;
  return out;
}

using StepSet = std::vector<std::uint64_t>;  // a bit a step
constexpr std::size_t kBitsOfWord = 64;

std::size_t count(const StepSet& steps) {
  return std::accumulate(steps.begin(), steps.end(), std::size_t{0},
                         [](std::size_t sum, std::uint64_t word) {
                           return sum + static_cast<std::size_t>(std::popcount(word));
                         });
}

// Qubits and the steps on them.
struct Reach {
  Index qubits = 0;
  StepSet steps{};
};

// Work in amplitudes times steps, with what a run costs besides: about two microseconds.
double cost_of(int n_qubits, std::size_t n_steps) {
  constexpr double kOfRun = 4000;
  return kOfRun + std::ldexp(static_cast<double>(n_steps + 1), n_qubits);
}
double cost_of(const Reach& reach) {
  return cost_of(std::popcount(reach.qubits), count(reach.steps));
}

Reach united(Reach a, const Reach& b) {
  a.qubits |= b.qubits;
  for (std::size_t k = 0; k < a.steps.size(); ++k) a.steps[k] |= b.steps[k];
  return a;
}

// Takes operators back through a program's steps.
class Lights {
 public:
  Lights(std::span<const Step> steps, std::size_t first, Index prepared)
      : first_(first), prepared_(prepared) {
    masks_.reserve(steps.size());
    for (const Step& step : steps) masks_.push_back({touched_by(step), diagonal_in(step)});
  }

  [[nodiscard]] Reach reach(Seen seen) const {
    Reach out{.steps = StepSet((masks_.size() + kBitsOfWord - 1) / kBitsOfWord)};
    for (std::size_t k = masks_.size(); k-- > first_;) {
      count_work();
      const auto [touched, diagonal] = masks_[k];
      const Index met = touched & seen.qubits;
      if ((met & ~(diagonal & seen.diagonal)) == 0) continue;  // they commute
      out.steps[k / kBitsOfWord] |= std::uint64_t{1} << (k % kBitsOfWord);
      seen.diagonal = (seen.diagonal | (touched & ~seen.qubits)) & (~touched | diagonal);
      seen.qubits |= touched;
    }
    out.qubits = seen.qubits | ((seen.qubits & prepared_) != 0 ? prepared_ : 0);
    return out;
  }

 private:
  std::vector<Seen> masks_;  // of every step
  std::size_t first_;
  Index prepared_;
};

Seen seen_by(const PauliString& string) { return {string.support(), string.z & ~string.x}; }
Seen seen_by(const MatrixObservable& observable) {
  const Index qubits = mask_of(observable.qubits);
  return {qubits, is_diagonal(observable.matrix) ? qubits : 0};
}

// What observables are made of: a string of a sum, or a matrix.
struct ConeSummand {
  std::size_t observable = 0;
  std::size_t term = 0;
};

std::map<Seen, std::vector<ConeSummand>> summands(std::span<const Observable> observables) {
  std::map<Seen, std::vector<ConeSummand>> out;
  for (std::size_t k = 0; k < observables.size(); ++k) {
    if (const auto* matrix = std::get_if<MatrixObservable>(&observables[k])) {
      out[seen_by(*matrix)].push_back({k, 0});
      continue;
    }
    const auto& terms = std::get<PauliSum>(observables[k]).terms();
    for (std::size_t term = 0; term < terms.size(); ++term) {
      count_work();
      out[seen_by(terms[term].string)].push_back({k, term});
    }
  }
  return out;
}

struct ConeGroup {
  Reach reach{};
  double cost = 0.0;
  std::vector<ConeSummand> summands{};
};

// Adds summands where they cost least: to a group or as one of their own.
void add(Reach reach, const std::vector<ConeSummand>& summands, std::vector<ConeGroup>& groups) {
  double least = cost_of(reach);
  ConeGroup* best = nullptr;
  for (ConeGroup& group : groups) {
    count_work(1 + reach.steps.size());
    const double more = cost_of(united(group.reach, reach)) - group.cost;
    if (more > least) continue;
    least = more;
    best = &group;
  }
  if (best == nullptr) best = &groups.emplace_back();
  best->reach = best->reach.steps.empty() ? std::move(reach) : united(best->reach, reach);
  best->cost = cost_of(best->reach);
  best->summands.insert(best->summands.end(), summands.begin(), summands.end());
}

// None where they cost more than `limit`.
std::optional<std::vector<ConeGroup>> grouped(
    const Lights& lights, const std::map<Seen, std::vector<ConeSummand>>& summands, double limit) {
  std::vector<std::pair<Reach, const std::vector<ConeSummand>*>> reaches;
  for (const auto& [seen, of] : summands) {
    reaches.emplace_back(lights.reach(seen), &of);
    if (cost_of(reaches.back().first) > limit) return {};
  }
  std::ranges::stable_sort(reaches, std::greater(),
                           [](const auto& one) { return std::popcount(one.first.qubits); });
  std::vector<ConeGroup> out;
  for (auto& [reach, of] : reaches) add(std::move(reach), *of, out);
  const double cost = std::accumulate(out.begin(), out.end(), 0.0,
                                      [](double sum, const ConeGroup& g) { return sum + g.cost; });
  if (cost > limit) return {};
  return out;
}

std::vector<Qubit> qubits_in(Index mask) {
  std::vector<Qubit> out;
  for (; mask != 0; mask &= mask - 1) out.push_back(std::countr_zero(mask));
  return out;
}

std::vector<Qubit> places_of(std::span<const Qubit> qubits, std::span<const Qubit> among) {
  std::vector<Qubit> out;
  for (const Qubit q : qubits) {
    out.push_back(static_cast<Qubit>(std::ranges::lower_bound(among, q) - among.begin()));
  }
  return out;
}

PauliString on_part(const PauliString& string, std::span<const Qubit> qubits) {
  return {gather_bits(string.x, qubits), gather_bits(string.z, qubits)};
}

void add_observables(const ConeGroup& group, std::span<const Observable> all, LightCone& cone) {
  std::map<std::size_t, std::vector<PauliTerm>> terms;
  for (const auto& [k, term] : group.summands) {
    if (const auto* matrix = std::get_if<MatrixObservable>(&all[k])) {
      MatrixObservable part = *matrix;
      part.qubits = places_of(matrix->qubits, cone.qubits);
      cone.observables.emplace_back(std::move(part));
      cone.of.push_back(k);
      continue;
    }
    const PauliTerm& one = std::get<PauliSum>(all[k]).terms()[term];
    terms[k].push_back({one.coefficient, on_part(one.string, cone.qubits)});
  }
  for (auto& [k, list] : terms) {
    cone.observables.emplace_back(PauliSum(static_cast<int>(cone.qubits.size()), list));
    cone.of.push_back(k);
  }
}

LightCone cone_of(const Reach& reach) {
  LightCone out{.qubits = qubits_in(reach.qubits == 0 ? 1 : reach.qubits)};
  for (std::size_t k = 0; k < reach.steps.size() * kBitsOfWord; ++k) {
    if (((reach.steps[k / kBitsOfWord] >> (k % kBitsOfWord)) & 1U) != 0) out.steps.push_back(k);
  }
  return out;
}

// Appends a step of the whole to a part, with the slots it needs.
void append(const Program& whole, const Step& step, std::span<const Qubit> qubits, Program& part) {
  Step out = step;
  out.targets = places_of(step.targets, qubits);
  out.controls = {gather_bits(step.controls.mask, qubits),
                  gather_bits(step.controls.value, qubits)};
  out.pauli = on_part(step.pauli, qubits);
  out.coefficients = part.n_coefficients;
  part.n_coefficients += step.n_coefficients;
  out.needs_inputs = false;
  for (Factor& factor : out.factors) {
    if (factor.slot < 0) continue;
    const Slot& slot = whole.slots[static_cast<std::size_t>(factor.slot)];
    factor.slot = static_cast<int>(part.slots.size());
    part.slots.push_back(slot);
    out.needs_inputs |= whole.tape.depends_on(slot.entry, 0, static_cast<int>(whole.inputs.size()));
  }
  part.steps.push_back(std::move(out));
}

Program part_of(const Program& whole, std::span<const Step> steps, const LightCone& cone) {
  Program out{.n_qubits = static_cast<int>(cone.qubits.size()),
              .inputs = whole.inputs,
              .weights = whole.weights,
              .observables = cone.observables,
              .tape = whole.tape};
  if ((prepared_together(whole) & mask_of(cone.qubits)) != 0) {
    out.initial = whole.initial;
    for (auto& amplitude : out.initial) {
      amplitude.basis_state = gather_bits(amplitude.basis_state, cone.qubits);
    }
  }
  for (const std::size_t k : cone.steps) {
    count_work();
    append(whole, steps[k], cone.qubits, out);
  }
  return out;
}

}  // namespace

std::shared_ptr<const LightCones> light_cones(const Program& program, double worthwhile) {
  const double limit = worthwhile * cost_of(program.n_qubits, program.steps.size());
  if (program.observables.empty() || cost_of(1, 0) > limit) return nullptr;
  const Lights lights(program.steps, program.n_leading, prepared_together(program));
  const auto groups = grouped(lights, summands(program.observables), limit);
  if (!groups || groups->empty()) return nullptr;  // or there is nothing to be seen
  auto out = std::make_shared<LightCones>();
  out->steps = program.steps;
  for (const ConeGroup& group : *groups) {
    add_observables(group, program.observables, out->cones.emplace_back(cone_of(group.reach)));
  }
  return out;
}

Program part_of(const Program& whole, const LightCones& of, const LightCone& cone) {
  Program out = part_of(whole, of.steps, cone);
  if (out.n_qubits >= kLeastFusedQubits) fuse_constants(out);
  return out;
}

Program marginal(const Program& whole, std::span<const Qubit> qubits, Start start) {
  require_distinct(qubits, whole.n_qubits);
  require(!qubits.empty(), "there are no probabilities of no qubits");
  if (start == Start::kAnyState || whole.engine) {
    Program out = whole;
    out.measured.assign(qubits.begin(), qubits.end());
    return out;
  }
  const Lights lights(whole.steps, whole.n_leading, prepared_together(whole));
  const LightCone cone = cone_of(lights.reach({mask_of(qubits), mask_of(qubits)}));
  Program out = part_of(whole, whole.steps, cone);
  out.measured = places_of(qubits, cone.qubits);
  return out;
}

std::vector<Qubit> light_cone(const Program& program, std::span<const Qubit> qubits) {
  require_distinct(qubits, program.n_qubits);
  const Lights lights(program.steps, 0, prepared_together(program));
  return qubits_in(lights.reach({mask_of(qubits), 0}).qubits);
}

}  // namespace qsim
