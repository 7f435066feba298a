#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "qsim/compile/program.h"

namespace qsim {

// The widest program that runs in blocks of samples: beyond, a block leaves the second-level cache.
inline constexpr int kMostBlockQubits = 12;

// One stage of a program in the order in which its parts act: permutations and diagonals, gates on
// single qubits (which commute, being on different qubits), diagonals on several qubits that differ
// between samples, then everything else. Steps are given by their index.
struct Stage {
  // All permutations and all diagonals that are the same for every sample, merged:
  // out[i] = phase[i] · Π_diagonals entry(local[i]) · in[source[i]].
  std::vector<std::uint32_t> source{};
  std::vector<Complex> phase{};  // of constant steps; empty where all are 1
  struct Diagonal {
    int step = 0;
    std::vector<std::uint8_t> local;  // of a diagonal on one qubit 0 or 1; of a rotation 0 where a
                                      // control fails, 1 for exp(−iφ), 2 for exp(iφ)
  };
  std::vector<Diagonal> diagonals{};

  std::vector<int> turns{};     // runs on one qubit, the same for all samples: D·R·D, R real
  std::vector<int> matrices{};  // runs on one qubit as 2×2 matrices, which may differ
  std::vector<int> phases{};    // rotations by strings of Zs, under controls or not
  std::vector<int> others{};

  [[nodiscard]] bool moves_nothing() const;
};

// A program regrouped into few stages for running on blocks of samples.
struct StagePlan {
  bool weights_per_sample = false;
  // Per qubit: the run that acts on |0⟩, or −1; empty where the program begins with another state.
  std::vector<int> first{};
  std::vector<Stage> stages{};
};

// Whether the step's coefficients differ between the samples of a batch.
bool varies(const Step& step, bool weights_per_sample);

// Whether a program fits blocks of samples: few qubits, no large matrices.
bool fits_blocks(const Program& program);

StagePlan stages_of(const Program& program, bool weights_per_sample,
                    Start start = Start::kPrepared);

}  // namespace qsim
