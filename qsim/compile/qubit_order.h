#pragma once

#include <vector>

#include "qsim/core/bits.h"
#include "qsim/core/types.h"

namespace qsim {

// A qubit at a local position and one at a position of the ranks, which change places.
struct QubitSwap {
  int local = 0;
  int global = 0;
  bool operator==(const QubitSwap&) const = default;
};

// Where the qubits of a state lie that is spread over 2^g ranks. A position below n_local() is a
// bit of the index within a rank; the g positions above are bits of the rank's number, a rank's
// place in the order of the amplitudes, which is its rank but for the bits of flips().
class QubitOrder {
 public:
  // Qubit q at position q.
  QubitOrder(int n_qubits, int n_local);
  // Qubit q at position[q].
  QubitOrder(std::vector<int> position, int n_local, Index flips);

  [[nodiscard]] int n_qubits() const { return static_cast<int>(position_.size()); }
  [[nodiscard]] int n_local() const { return n_local_; }
  [[nodiscard]] int position(Qubit q) const { return position_[static_cast<std::size_t>(q)]; }
  [[nodiscard]] const std::vector<int>& positions() const { return position_; }
  [[nodiscard]] Qubit qubit_at(int position) const {
    return qubit_[static_cast<std::size_t>(position)];
  }
  [[nodiscard]] bool is_local(Qubit q) const { return position(q) < n_local_; }
  [[nodiscard]] Index local_qubits() const { return local_; }  // a mask
  [[nodiscard]] Index flips() const { return flips_; }         // a mask of a rank's bits
  [[nodiscard]] Index number_of(int rank) const { return static_cast<Index>(rank) ^ flips_; }
  [[nodiscard]] int rank_of(Index number) const { return static_cast<int>(number ^ flips_); }

  // Positions of a mask of qubits, a mask too: those within a rank are its bits below n_local().
  [[nodiscard]] Index positions_of(Index qubits) const;
  // What the rank's number says of its qubits: bit q is 0 for a local qubit.
  [[nodiscard]] Index qubits_of_number(Index number) const;

  // Two qubits change places in name alone, as a swap gate has them do.
  void relabel(Qubit a, Qubit b);
  // An X on a qubit of the ranks.
  void flip(Qubit q) { flips_ ^= bit(position(q) - n_local_); }
  // What an exchange of amplitudes does.
  void exchange(const std::vector<QubitSwap>& swaps);

  bool operator==(const QubitOrder&) const = default;

 private:
  void place(Qubit q, int position);

  std::vector<int> position_;
  std::vector<Qubit> qubit_;
  int n_local_;
  Index local_ = 0;
  Index flips_ = 0;
};

}  // namespace qsim
