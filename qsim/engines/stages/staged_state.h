#pragma once

#include <array>
#include <complex>
#include <vector>

#include "qsim/engines/blocks/block.h"
#include "qsim/state/state.h"

namespace qsim {

// One sample of a small program, stage by stage: what blocks do for many samples, with the lowest
// qubits in the lanes of the registers. One a thread.
template <class T>
class StagedState {
 public:
  static constexpr int kFewestQubits = kBlockBits<T> + 3;  // some rows of amplitudes

  // Whether a program runs so: it fits blocks and begins with |0…0⟩.
  static bool fits(const Program& program);
  // Bytes that it takes.
  static double bytes(const SharedBinding<T>& shared, bool keep);

  // The binding is for Use::kState, of a program without inputs. keep: the states between stages
  // are kept for a backward sweep, as far as memory for them is close.
  StagedState(const SharedBinding<T>& shared, bool keep);

  // To be called when the binding has new numbers.
  void bind();
  void forward();

  [[nodiscard]] State<T>& ket() { return states_[ket_]; }
  [[nodiscard]] const State<T>& ket() const { return states_[ket_]; }
  [[nodiscard]] int row_qubits() const { return ket().n_qubits() - kBlockBits<T>; }

  // One of a stage's other steps undone on ket and bra. Returns the derivative of
  // 2 Re⟨bra|ket⟩ by its angle, if it has one.
  double other_back(int index, State<T>& bra);
  // Undoes a stage's matrices, turns and moves on a bra, which may change places with the spare,
  // and makes ket() the state before the stage.
  void stage_back(std::size_t l, State<T>& bra, State<T>& spare);

 private:
  // A product diagonal and where its numbers are.
  struct Product {
    std::vector<std::complex<T>> high{};
    AlignedArray<T> low{};
    [[nodiscard]] ProductDiagonal<T> view() const { return {high.data(), low.get()}; }
  };
  struct Bound {
    bool idle = false;
    std::vector<SignedOffset<T>> source{};
    std::vector<SignedOffset<T>> place{};
    AlignedArray<T> phase{};  // none where all are 1
    Index flip = 0;
    Product before{};
    Product after{};
    std::array<T, kBlockBits<T>> low_turns{};
    std::vector<Turn<T>> turns{};
    [[nodiscard]] StateStage<T> view() const;
  };
  using Columns = std::vector<std::array<Complex, 2>>;  // a diagonal on each qubit

  void plan_move(std::size_t l);
  void bind_turns(std::size_t l);
  void bind_phase(std::size_t l);
  void write_product(const Columns& columns, Complex factor, Product& out);
  void apply_matrices(const Stage& stage, State<T>& state, bool inverse) const;
  void apply_other(int index, State<T>& state) const;
  void undo_stage(std::size_t l, State<T>*& state, State<T>*& spare) const;
  [[nodiscard]] std::array<std::complex<T>, 2> rotation(int index) const;

  const SharedBinding<T>* shared_;
  bool keep_;
  std::vector<State<T>> states_;
  std::size_t ket_ = 0;
  std::vector<std::size_t> before_;  // where kept: the state before each stage
  std::vector<Bound> bound_;
  Product first_;
  Columns columns_;
  std::vector<Complex> table_;
};

extern template class StagedState<float>;
extern template class StagedState<double>;

}  // namespace qsim
