#pragma once

#include <cstddef>
#include <vector>

#include "qsim/compile/stages.h"
#include "qsim/engines/blocks/run.h"

namespace qsim {

// A stage's phases as one exponential of strings of Zs, exp(−i Σ_k θ_k Z_mask[k]), where each step
// adds its half angle, times a weight, to some θ_k.
struct PhaseTerms {
  std::vector<Index> masks{};  // rising
  struct Use {
    std::size_t term = 0;
    int step = 0;
    double weight = 0.0;
  };
  std::vector<Use> uses{};
  std::size_t first = 0;  // the terms of the stages before
};

// How a program runs in blocks, whatever its numbers: its stages, and which numbers are the same
// for all samples. The program must live on.
struct BlockPlan {
  BlockPlan(const Program& of, bool weights_per_sample, Start start = Start::kPrepared);

  [[nodiscard]] const Step& step(int index) const {
    return program->steps[static_cast<std::size_t>(index)];
  }
  // The pieces of a run on one qubit; empty where the step is not one.
  [[nodiscard]] const Run& run(int index) const { return runs[static_cast<std::size_t>(index)]; }
  // Where the half angle of a rotation that is not a run is among the angles, varying or shared.
  [[nodiscard]] int rotation_angle(int index) const {
    return rotation_angles[static_cast<std::size_t>(index)];
  }
  [[nodiscard]] bool step_varies(int index) const {
    return varies(step(index), weights_per_sample);
  }
  [[nodiscard]] bool slot_varies(int slot) const {
    return varying_slot[static_cast<std::size_t>(slot)] != 0;
  }
  [[nodiscard]] bool entry_varies(int entry) const {
    return varying_entry[static_cast<std::size_t>(entry)] != 0;
  }

  const Program* program;
  bool weights_per_sample;
  std::vector<int> first;  // of StagePlan
  std::vector<Stage> stages;
  // Of the tape: which entries differ between samples; the computed ones that do; those that do
  // not.
  std::vector<char> varying_entry;
  std::vector<int> varying_entries;
  std::vector<int> same_entries;
  std::vector<char> varying_slot;
  std::vector<int> varying_slots;
  std::vector<Run> runs;                // by step
  std::vector<int> matrix_runs;         // those that blocks take as matrices
  std::vector<int> filled_steps;        // diagonals and other steps that do not vary
  std::vector<int> rotation_angles;     // by step, or −1
  std::vector<PhaseTerms> phase_terms;  // by stage
  std::size_t n_phase_terms = 0;
  AngleUses angles;

 private:
  void plan_entries();
  void plan_runs();
  void plan_other(int index);
  void plan_phases(std::size_t l);
};

}  // namespace qsim
