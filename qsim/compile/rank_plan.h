#pragma once

#include <vector>

#include "qsim/compile/program.h"
#include "qsim/compile/qubit_order.h"

// A program cut into epochs for a state that is spread over ranks: in an epoch all steps mix qubits
// that are bits of the index within a rank. Between two epochs some of these change places with
// bits of the rank's number: those that are needed next with those that are needed last (Belady
// 1966, doi:10.1147/sj.52.0078). However many they are, k, it is one exchange, in which a rank
// sends 1 − 2^−k of its amplitudes. Diagonals and controls need no place; an X on a bit of the
// ranks and a swap change the order of the qubits alone, which nothing undoes until someone looks.

namespace qsim {

struct RankEpoch {
  std::vector<QubitSwap> exchange{};  // before the steps
  std::vector<int> steps{};           // indices into the program's, in the order to be done
};

struct RankPlan {
  QubitOrder first;  // at the start …
  QubitOrder last;   // … and at the end
  std::vector<RankEpoch> epochs{};
};

// Plans a program that for_ranks() has prepared for 2^rank_bits ranks; of a state that it prepares
// it chooses the order of the qubits at the start.
RankPlan plan_ranks(const Program& program, int rank_bits);
// The same for any state, whose order is given.
RankPlan plan_ranks(const Program& program, const QubitOrder& first);

// The program of a circuit as ranks want it: gates are not joined to wider ones, which would mix
// more qubits.
Program compile_for_ranks(const Circuit& circuit, Observables observables = {},
                          const Names& inputs = {}, const std::optional<Names>& weights = {});

// What a rank sends in all exchanges after epoch `first`, as a fraction of the amplitudes it holds.
double sent_fraction(const RankPlan& plan, std::size_t first = 0);

// The first epoch of a gradient's way back, to which all ranks go.
std::size_t first_epoch_back(const Program& program, const RankPlan& plan);

// The program as it can be planned: a rotation about a Pauli string that mixes more qubits than a
// rank has becomes one that mixes one, between cx gates. ValueError where another step mixes more,
// and where a rank has not two amplitudes.
Program for_ranks(Program program, int rank_bits);

// Whether a step exchanges two qubits, but for phases.
bool exchanges_qubits(const Step& step);
// Whether a step flips a qubit, but for phases.
bool flips_qubit(const Step& step);

// An epoch as one rank does it: a program of its own qubits, in which what the bits of its number
// say is done: controls hold or not, and diagonals are smaller ones, or numbers. Tape and slots are
// the whole program's.
struct LocalEpoch {
  QubitOrder order;  // before the exchange
  std::vector<QubitSwap> exchange{};
  Program program{};
};

std::vector<LocalEpoch> epochs_of(const Program& program, const RankPlan& plan, int rank);

}  // namespace qsim
