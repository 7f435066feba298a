#include "qsim/engines/blocks/block_plan.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace qsim {

BlockPlan::BlockPlan(const Program& of, bool weights_per_sample_, Start start)
    : program(&of),
      weights_per_sample(weights_per_sample_),
      varying_entry(of.tape.size(), 0),
      varying_slot(of.slots.size(), 0),
      runs(of.steps.size()),
      rotation_angles(of.steps.size(), -1) {
  StagePlan plan = stages_of(of, weights_per_sample, start);
  first = std::move(plan.first);
  stages = std::move(plan.stages);
  phase_terms.resize(stages.size());
  plan_entries();
  plan_runs();
}

void BlockPlan::plan_entries() {
  const std::size_t varying_parameters =
      weights_per_sample ? program->n_parameters() : program->inputs.size();
  varying_entries = program->tape.dependents(0, static_cast<int>(varying_parameters));
  std::fill_n(varying_entry.begin(), varying_parameters, 1);
  for (const int entry : varying_entries) varying_entry[static_cast<std::size_t>(entry)] = 1;
  for (std::size_t k = program->n_parameters(); k < varying_entry.size(); ++k) {
    if (varying_entry[k] == 0) same_entries.push_back(static_cast<int>(k));
  }
  for (std::size_t k = 0; k < program->slots.size(); ++k) {
    varying_slot[k] = varying_entry[static_cast<std::size_t>(program->slots[k].entry)];
    if (varying_slot[k] != 0) varying_slots.push_back(static_cast<int>(k));
  }
}

void BlockPlan::plan_runs() {
  const auto plan = [this](int index) {
    if (index >= 0) {
      runs[static_cast<std::size_t>(index)] = run_of(step(index), varying_slot, angles);
    }
  };
  for (const int index : first) {
    plan(index);
    if (index >= 0) matrix_runs.push_back(index);
  }
  for (const Stage& stage : stages) {
    for (const int index : stage.turns) plan(index);
    for (const int index : stage.matrices) {
      plan(index);
      matrix_runs.push_back(index);
    }
    // One-qubit diagonals keep their pieces for the gradient.
    for (const Stage::Diagonal& diagonal : stage.diagonals) {
      if (step(diagonal.step).shape == Shape::kDiagonal) plan(diagonal.step);
    }
    for (const Stage::Diagonal& diagonal : stage.diagonals) filled_steps.push_back(diagonal.step);
    for (const int index : stage.phases) plan_other(index);
    plan_phases(static_cast<std::size_t>(&stage - stages.data()));
    for (const int index : stage.others) plan_other(index);
  }
}

void BlockPlan::plan_other(int index) {
  const bool varies = step_varies(index);
  if (step(index).shape == Shape::kRotation) {
    const Factor& factor = step(index).factors.front();
    auto& uses = varies ? angles.varying : angles.shared;
    rotation_angles[static_cast<std::size_t>(index)] = static_cast<int>(uses.size());
    uses.push_back({factor.slot, factor.scale / 2});
  } else if (!varies) {
    filled_steps.push_back(index);
  }
}

// A control on 1 is (1 − Z)/2, one on 0 is (1 + Z)/2.
void BlockPlan::plan_phases(std::size_t l) {
  PhaseTerms& terms = phase_terms[l];
  terms.first = n_phase_terms;
  std::vector<std::pair<Index, PhaseTerms::Use>> found;
  for (const int index : stages[l].phases) {
    const ControlMask controls = step(index).controls;
    const double part = std::ldexp(1.0, -std::popcount(controls.mask));
    Index some = 0;
    do {  // every subset of the controls
      const bool negative = parity(some & controls.value);
      found.push_back(
          {step(index).pauli.z ^ some, {.step = index, .weight = negative ? -part : part}});
      some = (some - controls.mask) & controls.mask;
    } while (some != 0);
  }
  std::ranges::stable_sort(found, {}, [](const auto& use) { return use.first; });
  for (auto& [mask, use] : found) {
    if (terms.masks.empty() || terms.masks.back() != mask) terms.masks.push_back(mask);
    use.term = terms.masks.size() - 1;
    terms.uses.push_back(use);
  }
  n_phase_terms += terms.masks.size();
}

}  // namespace qsim
