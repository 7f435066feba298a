#pragma once

#include <memory>

#include "qsim/engines/blocks/block.h"
#include "qsim/engines/engine.h"

namespace qsim {

inline constexpr std::size_t kMostBlockBras = 8;  // that one sweep takes back

// Samples side by side: programs of up to kMostBlockQubits qubits.
//
// A batch is a state with extra low qubits: 8 samples (16 in single precision) lie innermost, so
// every gate on every qubit is a loop over whole registers; what all samples share is broadcast,
// what differs is a coefficient a lane (kernels/batch.h).
//
// A program is regrouped into few stages (compile/stages.h), each in this order: all permutations
// and shared diagonals merged into one indexed move with a phase; gates on single qubits, which
// commute; diagonals on several qubits that differ between samples (ZZ maps), as one table of
// phases made by doubling; the rest. A shared 2×2 matrix is written D·R·D with R a real rotation,
// and R as cos θ · [1 −t; t 1]: one multiply-add a number, as the diagonals D and the lengths cos θ
// of all qubits join the phases of the moves. The first gate of every qubit acts on |0⟩, so all of
// these are one product state, built from two halves.
//
// States between stages are kept, so that the way back undoes only the bra. It measures
// Im⟨bra|P|ket⟩ for P = X, Y, Z on every qubit of a stage: the derivatives by all angles of a run
// are these three numbers, turned back factor by factor (bloch.h); those by all diagonals are one
// Walsh transform.
template <class T>
class BlockEngine final : public Engine<T> {
 public:
  BlockEngine(const Program& program, const Batch& batch, const Needs& needs);

  void bind(const Batch& batch) override;
  [[nodiscard]] Slicing slicing(const Batch& batch) const override;

  // What all samples share is differentiated once: the sums are adjoints of the tape's entries.
  [[nodiscard]] std::size_t n_sums() const override { return this->program().tape.size(); }
  void finish(std::span<double> sums, std::span<double> weights) const override;

 private:
  [[nodiscard]] std::unique_ptr<Worker<T>> make_worker() const override;
  [[nodiscard]] double worker_bytes() const override;

  Needs needs_;
  BlockPlan plan_;
  SharedBinding<T> shared_;
};

extern template class BlockEngine<float>;
extern template class BlockEngine<double>;

}  // namespace qsim
