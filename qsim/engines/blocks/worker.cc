#include "qsim/engines/blocks/worker.h"

#include <algorithm>

#include "qsim/state/lanes.h"

namespace qsim {

template <class T>
BlockWorker<T>::BlockWorker(const SharedBinding<T>& shared, const Needs& needs)
    : shared_(&shared),
      block_(shared, needs.n_bras > 0),
      observables_(shared.program().observables, shared.program().n_qubits),
      numbers_(shared.program().observables.size() * kBlock<T>) {
  if (needs.n_bras > 0) sweep_.emplace(shared, needs.n_bras, needs.per_sample);
}

template <class T>
void BlockWorker<T>::bind_slice(const Batch& batch) {
  block_.bind(batch.inputs_of(program(), this->first(), this->count()),
              batch.weights_per_sample ? batch.weights_of(program(), this->first(), this->count())
                                       : std::span<const double>(),
              this->count());
  block_.set_initial_states(batch.initial_of(program(), this->first(), this->count()));
}

template <class T>
const State<T>& BlockWorker<T>::state(std::size_t sample) {
  if (!state_) {
    state_.emplace(program().n_qubits);
    state_->set_zero();  // the padding of small states too
  }
  copy_lane(block_.ket(), sample, *state_);
  return *state_;
}

template <class T>
void BlockWorker<T>::copy_to_panel(T* panel) {
  std::copy_n(block_.ket(), kRow<T> << static_cast<unsigned>(program().n_qubits), panel);
}

template <class T>
void BlockWorker<T>::values(Quantity quantity, const Sampling& sampling, std::span<double> out) {
  const std::size_t n = out.size() / this->count();
  if (quantity == Quantity::kExpval && !sampling.shots) {
    observables_.expectations(block_.ket(), numbers_);
    for (Index lane = 0; lane < this->count(); ++lane) {
      for (std::size_t k = 0; k < n; ++k) out[lane * n + k] = numbers_[k * kBlock<T> + lane];
    }
    return;
  }
  for (Index lane = 0; lane < this->count(); ++lane) {
    read_values(program(), state(lane), quantity, sampling, this->first() + lane,
                out.subspan(lane * n, n));
  }
}

template <class T>
void BlockWorker<T>::set_bra(std::size_t bra, Quantity quantity,
                             std::span<const double> cotangents) {
  const std::size_t n = cotangents.size() / this->count();
  T* rows = sweep_->bra(bra);
  if (quantity == Quantity::kExpval) {
    std::fill(numbers_.begin(), numbers_.end(), 0.0);  // unused lanes have no bra
    for (Index lane = 0; lane < this->count(); ++lane) {
      for (std::size_t k = 0; k < n; ++k) {
        numbers_[k * kBlock<T> + lane] = cotangents[lane * n + k];
      }
    }
    return observables_.sum(block_.ket(), numbers_, rows);
  }
  if (!bra_state_) bra_state_.emplace(program().n_qubits);
  std::fill_n(rows, kRow<T> << static_cast<unsigned>(program().n_qubits), T{0});
  for (Index lane = 0; lane < this->count(); ++lane) {
    fill_bra(program(), quantity, cotangents.subspan(lane * n, n), state(lane), *bra_state_);
    copy_to_lane(*bra_state_, lane, rows);
  }
}

template <class T>
void BlockWorker<T>::read_sums(std::span<double> inputs, std::span<double> sums) {
  const std::size_t n = program().inputs.size();
  for (Index lane = 0; lane < this->count(); ++lane) {
    sweep_->read_shared(block_, lane, inputs.subspan(lane * n, n), sums);
  }
  sweep_->add_shared(sums);
}

template class BlockWorker<float>;
template class BlockWorker<double>;

}  // namespace qsim
