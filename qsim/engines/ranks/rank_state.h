#pragma once

#include <complex>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "qsim/compile/qubit_order.h"
#include "qsim/engines/ranks/communicator.h"
#include "qsim/state/state.h"

namespace qsim {

// A state of n qubits spread over 2^g ranks, each with 2^(n−g) amplitudes and the qubits in an
// order of their own (qubit_order.h). Every rank calls the same functions with the same arguments,
// and gets the same results.
template <class T = double>
class RankState {
 public:
  // |0…0⟩. ValueError where there are not two amplitudes a rank at least, or a number of ranks that
  // is no power of two. The communicator must live on.
  RankState(Communicator& comm, int n_qubits);
  // A copy; where one rank has no memory for it, all throw.
  [[nodiscard]] RankState copy() const;
  RankState(const RankState&) = delete;
  RankState& operator=(const RankState&) = delete;
  RankState(RankState&&) noexcept = default;
  RankState& operator=(RankState&&) noexcept = default;
  ~RankState() = default;

  [[nodiscard]] Communicator& comm() const { return *comm_; }
  [[nodiscard]] int n_qubits() const { return order_.n_qubits(); }
  [[nodiscard]] const QubitOrder& order() const { return order_; }
  [[nodiscard]] Index number() const { return order_.number_of(comm_->rank()); }
  [[nodiscard]] State<T>& local() { return local_; }
  [[nodiscard]] const State<T>& local() const { return local_; }

  // |0…0⟩ with the qubits in another order, which is as good for that state.
  void start(const QubitOrder& order);
  // Renames, for what was done to the local amplitudes by a plan.
  void set_order(const QubitOrder& order) { order_ = order; }
  // Moves amplitudes, and the qubits with them.
  void exchange(const std::vector<QubitSwap>& swaps);
  // Makes qubits local, and says how; exchange() of the same undoes it. ValueError for more qubits
  // than are local.
  std::vector<QubitSwap> bring(Index qubits);
  // Qubit q to the local position q, as far as there are any: a rank's amplitudes are then a run of
  // all, from first() on.
  void in_order();
  [[nodiscard]] Index first() const;  // needs in_order

  // Amplitudes value(i), which need not be normalised: ValueError where their norm is not 1 within
  // 1e-6. Called for a rank's own basis states, in order.
  void set_amplitudes(const std::function<std::complex<T>(Index)>& value);
  // A rank's own run of all amplitudes, in the order of the ranks.
  void set_local(std::span<const std::complex<T>> amplitudes);

  [[nodiscard]] double norm() const;
  // Amplitudes [first, first + count), on all ranks; needs no order. IndexError beyond 2^n.
  [[nodiscard]] std::vector<std::complex<T>> amplitudes(Index first, Index count) const;
  // The distribution over some qubits; bit k of an outcome is qubits[k]. As State::probabilities.
  [[nodiscard]] std::vector<double> probabilities(std::span<const Qubit> qubits) const;
  // The basis states that State::sample draws, whatever the number of ranks; puts qubits in order.
  [[nodiscard]] std::vector<Index> sample(std::int64_t shots, std::uint64_t seed);

  // Bytes of one rank.
  static double bytes(int n_qubits, int rank_bits) { return State<T>::bytes(n_qubits - rank_bits); }

 private:
  RankState(Communicator& comm, QubitOrder order, State<T> local)
      : comm_(&comm), order_(std::move(order)), local_(std::move(local)) {}
  void require_normalised() const;

  Communicator* comm_;
  QubitOrder order_;
  State<T> local_;
};

extern template class RankState<float>;
extern template class RankState<double>;

}  // namespace qsim
