#include "qsim/engines/cones/worker.h"

#include <algorithm>

#include "qsim/core/error.h"
#include "qsim/engines/cones/engine.h"

namespace qsim {
namespace {

void add(std::span<const double> from, std::span<double> to) {
  for (std::size_t k = 0; k < to.size(); ++k) to[k] += from[k];
}

}  // namespace

template <class T>
ConeWorker<T>::ConeWorker(const std::vector<std::unique_ptr<ConePart<T>>>& parts) {
  for (const auto& part : parts) {
    parts_.push_back({.cone = part.get(), .worker = part->engine->make_worker()});
  }
}

template <class T>
void ConeWorker<T>::bind_slice(const Batch& batch) {
  for (Part& part : parts_) part.worker->bind(batch, this->first(), this->count());
}

template <class T>
void ConeWorker<T>::forward() {
  for (Part& part : parts_) {
    part.worker->forward();
    part.at_end = true;
  }
}

template <class T>
void ConeWorker<T>::forward_again() {
  for (Part& part : parts_) {
    if (!part.at_end) part.worker->forward_again();
    part.at_end = true;
  }
}

template <class T>
void ConeWorker<T>::values(Quantity quantity, const Sampling& sampling, std::span<double> out) {
  std::ranges::fill(out, 0.0);
  const std::size_t n = out.size() / this->count();
  for (Part& part : parts_) {
    const std::vector<std::size_t>& of = part.cone->of;
    numbers_.resize(this->count() * of.size());
    Sampling of_part = sampling;
    of_part.seed = cone_seed(sampling.seed, static_cast<std::size_t>(&part - parts_.data()));
    part.worker->values(quantity, of_part, numbers_);
    for (std::size_t k = 0; k < numbers_.size(); ++k) {
      out[k / of.size() * n + of[k % of.size()]] += numbers_[k];
    }
  }
}

template <class T>
const State<T>& ConeWorker<T>::state(std::size_t /*sample*/) {
  fail<std::logic_error>("light cones have no state of the whole");
}

template <class T>
void ConeWorker<T>::copy_to_panel(T* /*panel*/) {
  fail<std::logic_error>("light cones have no state of the whole");
}

template <class T>
std::size_t ConeWorker<T>::n_bras() const {
  std::size_t least = parts_.front().worker->n_bras();
  for (const Part& part : parts_) least = std::min(least, part.worker->n_bras());
  return least;
}

template <class T>
void ConeWorker<T>::set_bra(std::size_t bra, Quantity quantity,
                            std::span<const double> cotangents) {
  quantity_ = quantity;
  const std::size_t n = cotangents.size() / this->count();
  for (Part& part : parts_) {
    if (bra == 0) part.asked_for = false;
    if (part.cotangents.size() <= bra) part.cotangents.resize(bra + 1);
    part.n_bras = bra + 1;
    const std::vector<std::size_t>& of = part.cone->of;
    std::vector<double>& rows = part.cotangents[bra];
    rows.resize(this->count() * of.size());
    for (std::size_t k = 0; k < rows.size(); ++k) {
      rows[k] = cotangents[k / of.size() * n + of[k % of.size()]];
      part.asked_for |= rows[k] != 0.0;
    }
  }
}

template <class T>
void ConeWorker<T>::backward() {
  for (Part& part : parts_) {
    if (!part.asked_for) continue;
    for (std::size_t bra = 0; bra < part.n_bras; ++bra) {
      part.worker->set_bra(bra, quantity_, part.cotangents[bra]);
    }
    part.worker->backward();
    part.at_end = false;
  }
}

template <class T>
void ConeWorker<T>::read(std::size_t bra, std::size_t sample, std::span<double> inputs,
                         std::span<double> weights) {
  std::ranges::fill(inputs, 0.0);
  std::ranges::fill(weights, 0.0);
  for (Part& part : parts_) {
    if (!part.asked_for) continue;
    inputs_.resize(inputs.size());
    weights_.resize(weights.size());
    part.worker->read(bra, sample, inputs_, weights_);
    add(inputs_, inputs);
    add(weights_, weights);
  }
}

template <class T>
void ConeWorker<T>::read_sums(std::span<double> inputs, std::span<double> sums) {
  std::ranges::fill(inputs, 0.0);
  inputs_.resize(inputs.size());
  for (Part& part : parts_) {
    if (!part.asked_for) continue;
    part.worker->read_sums(inputs_,
                           sums.subspan(part.cone->first_sum, part.cone->engine->n_sums()));
    add(inputs_, inputs);
  }
}

template class ConeWorker<float>;
template class ConeWorker<double>;

}  // namespace qsim
