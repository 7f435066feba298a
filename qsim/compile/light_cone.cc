#include "qsim/compile/light_cone.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <utility>
#include <variant>

#include "qsim/compile/fuse.h"
#include "qsim/compile/reach.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/matrix.h"

namespace qsim {
namespace {

Seen seen_by(const PauliString& string) { return {string.support(), string.z & ~string.x}; }
Seen seen_by(const MatrixObservable& observable) {
  const Index qubits = mask_of(observable.qubits);
  return {qubits, is_diagonal(observable.matrix) ? qubits : 0};
}

// What is read from one cone, and so is not divided, and its reach.
struct Unit {
  std::vector<ConeSummand> summands{};
  Reach reach{};
};

Seen seen_by(const ConeSummand& summand, std::span<const Observable> observables) {
  const Observable& observable = observables[summand.observable];
  if (const auto* matrix = std::get_if<MatrixObservable>(&observable)) return seen_by(*matrix);
  return seen_by(std::get<PauliSum>(observable).terms()[summand.term].string);
}

std::vector<ConeSummand> summands_of(std::span<const Observable> observables, std::size_t k) {
  const auto* sum = std::get_if<PauliSum>(&observables[k]);
  std::vector<ConeSummand> out;
  for (std::size_t term = 0; term < (sum == nullptr ? 1 : sum->terms().size()); ++term) {
    count_work();
    out.push_back({k, term});
  }
  return out;
}

// All that is seen alike is one unit.
std::vector<std::vector<ConeSummand>> units_of_strings(std::span<const Observable> observables) {
  std::map<Seen, std::vector<ConeSummand>> alike;
  for (std::size_t k = 0; k < observables.size(); ++k) {
    for (const ConeSummand& summand : summands_of(observables, k)) {
      alike[seen_by(summand, observables)].push_back(summand);
    }
  }
  std::vector<std::vector<ConeSummand>> out;
  for (auto& [seen, summands] : alike) out.push_back(std::move(summands));
  return out;
}

std::vector<std::vector<ConeSummand>> units_of_observables(
    std::span<const Observable> observables) {
  std::vector<std::vector<ConeSummand>> out;
  for (std::size_t k = 0; k < observables.size(); ++k) out.push_back(summands_of(observables, k));
  return out;
}

struct ConeGroup {
  Reach reach{};
  double cost = 0.0;
  std::vector<ConeSummand> summands{};
  std::vector<std::size_t> units{};
};

// Adds a unit where it costs least: to a group or as one of its own.
void add(std::size_t number, const Unit& unit, std::vector<ConeGroup>& groups) {
  double least = cost_of(unit.reach);
  ConeGroup* best = nullptr;
  for (ConeGroup& group : groups) {
    count_work(1 + unit.reach.steps.size());
    const double more = cost_of(united(group.reach, unit.reach)) - group.cost;
    if (more > least) continue;
    least = more;
    best = &group;
  }
  if (best == nullptr) best = &groups.emplace_back();
  best->reach = united(std::move(best->reach), unit.reach);
  best->cost = cost_of(best->reach);
  best->summands.insert(best->summands.end(), unit.summands.begin(), unit.summands.end());
  best->units.push_back(number);
}

Reach reach_of(const std::vector<ConeSummand>& summands, std::span<const Observable> observables,
               const Lights& lights) {
  std::set<Seen> seen;
  for (const ConeSummand& summand : summands) seen.insert(seen_by(summand, observables));
  Reach out;
  for (const Seen& one : seen) out = united(std::move(out), lights.reach(one));
  return out;
}

// None where they cost more than `limit`.
std::vector<ConeGroup> grouped(const Lights& lights, std::span<const Observable> observables,
                               std::span<const std::vector<ConeSummand>> of_units, double limit) {
  std::vector<std::pair<std::size_t, Unit>> units;
  for (const std::vector<ConeSummand>& summands : of_units) {
    if (summands.empty()) continue;
    const auto number = static_cast<std::size_t>(&summands - of_units.data());
    units.push_back({number, {summands, reach_of(summands, observables, lights)}});
    if (cost_of(units.back().second.reach) > limit) return {};
  }
  std::ranges::stable_sort(units, std::greater(), [](const auto& unit) {
    return std::popcount(unit.second.reach.qubits);
  });
  std::vector<ConeGroup> out;
  for (const auto& [number, unit] : units) add(number, unit, out);
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
  return {.qubits = qubits_in(reach.qubits == 0 ? 1 : reach.qubits), .steps = steps_of(reach)};
}

std::vector<LightCone> cones_of(const Program& program, const Lights& lights,
                                std::span<const std::vector<ConeSummand>> units, double limit) {
  std::vector<LightCone> out;
  for (const ConeGroup& group : grouped(lights, program.observables, units, limit)) {
    LightCone& cone = out.emplace_back(cone_of(group.reach));
    cone.units = group.units;
    add_observables(group, program.observables, cone);
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
  auto out = std::make_shared<LightCones>();
  out->cones = cones_of(program, lights, units_of_strings(program.observables), limit);
  if (out->cones.empty()) return nullptr;  // or there is nothing to be seen
  out->whole = cones_of(program, lights, units_of_observables(program.observables), limit);
  out->steps = program.steps;
  return out;
}

std::vector<LightCone> light_cones(const Program& program,
                                   std::span<const std::vector<ConeSummand>> units,
                                   double worthwhile) {
  if (!program.cones) return {};
  const std::vector<Step>& steps = program.cones->steps;
  const Lights lights(steps, program.n_leading, prepared_together(program));
  return cones_of(program, lights, units, worthwhile * cost_of(program.n_qubits, steps.size()));
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
