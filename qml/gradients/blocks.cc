#include "qml/gradients/blocks.h"

#include <algorithm>
#include <cmath>

#include "qml/gradients/bra.h"
#include "qml/gradients/layered_workspace.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/parallel.h"

namespace qml {
namespace {

using qsim::Index;
using qsim::kBlock;
using qsim::kRow;

// Amplitudes times layers below which starting threads costs more than it saves, and after which
// interrupts are looked at.
constexpr double kWorthThreads = 1 << 15;
constexpr double kGroupWork = 1 << 25;

// Everything a batch needs, kept with the program between calls.
template <class T>
struct Prepared {
  Prepared(const qsim::Program& program, const Batch& batch)
      : shared(program, batch.weights_per_sample,
               batch.initial_states.empty() ? qsim::SharedBinding<T>::Use::kBlocks
                                            : qsim::SharedBinding<T>::Use::kGivenStates) {}

  qsim::SharedBinding<T> shared;
  std::vector<std::unique_ptr<BlockWorker<T>>> workers;
};

std::size_t key_of(const Batch& batch, const SweepNeeds& needs) {
  return 8 * needs.n_bras + (batch.initial_states.empty() ? 0 : 4) + (needs.per_sample ? 2 : 0) +
         (batch.weights_per_sample ? 1 : 0);
}

template <class T>
std::size_t block_count(const Batch& batch) {
  return (batch.size + kBlock<T> - 1) / kBlock<T>;
}

}  // namespace

template <class T>
bool runs_in_blocks(const qsim::Program& program, const Batch& batch) {
  return qsim::fits_blocks(program) && !runs_layered<T>(program, batch);
}

template <class T>
BlockWorker<T>::BlockWorker(const qsim::SharedBinding<T>& shared, const SweepNeeds& needs)
    : shared_(&shared),
      block_(shared, needs.n_bras > 0),
      observables_(shared.program().observables, shared.program().n_qubits),
      numbers_(shared.program().observables.size() * kBlock<T>) {
  if (needs.n_bras > 0) sweep_.emplace(shared, needs.n_bras, needs.per_sample);
}

template <class T>
const qsim::State<T>& BlockWorker<T>::state(Index lane) {
  if (!state_) {
    state_.emplace(shared_->program().n_qubits);
    state_->set_zero();  // the padding of small states too
  }
  qsim::copy_lane(block_.ket(), lane, *state_);
  return *state_;
}

template <class T>
void BlockWorker<T>::values(Quantity quantity, const Sampling& sampling, std::size_t first,
                            std::span<double> out) {
  const std::size_t n = out.size() / block_.count();
  if (quantity == Quantity::kExpval && !sampling.shots) {
    observables_.expectations(block_.ket(), numbers_);
    for (Index lane = 0; lane < block_.count(); ++lane) {
      for (std::size_t k = 0; k < n; ++k) out[lane * n + k] = numbers_[k * kBlock<T> + lane];
    }
    return;
  }
  for (Index lane = 0; lane < block_.count(); ++lane) {
    read_values(shared_->program(), state(lane), quantity, sampling, first + lane, 0,
                out.subspan(lane * n, n));
  }
}

template <class T>
void BlockWorker<T>::fill_bra(std::size_t bra, Quantity quantity,
                              std::span<const double> cotangents) {
  const std::size_t n = cotangents.size() / block_.count();
  T* rows = sweep_->bra(bra);
  if (quantity == Quantity::kExpval) {
    std::fill(numbers_.begin(), numbers_.end(), 0.0);  // unused lanes have no bra
    for (Index lane = 0; lane < block_.count(); ++lane) {
      for (std::size_t k = 0; k < n; ++k) {
        numbers_[k * kBlock<T> + lane] = cotangents[lane * n + k];
      }
    }
    return observables_.sum(block_.ket(), numbers_, rows);
  }
  if (!bra_state_) bra_state_.emplace(shared_->program().n_qubits);
  std::fill_n(rows, kRow<T> << static_cast<unsigned>(shared_->program().n_qubits), T{0});
  for (Index lane = 0; lane < block_.count(); ++lane) {
    fill_bra_state(shared_->program(), quantity, cotangents.subspan(lane * n, n), state(lane),
                   *bra_state_);
    for (Index i = 0; i < bra_state_->size(); ++i) {
      const T* from = bra_state_->data() + qsim::real_offset<T>(i);
      rows[i * kRow<T> + lane] = from[0];
      rows[i * kRow<T> + kBlock<T> + lane] = from[kBlock<T>];
    }
  }
}

template <class T>
void for_blocks(const qsim::Program& program, const Batch& batch, const SweepNeeds& needs,
                const std::function<void(std::size_t, BlockWorker<T>&)>& body,
                const std::function<void(const qsim::SharedBinding<T>&)>& finish) {
  check(program, batch);
  const std::size_t key = key_of(batch, needs);
  auto prepared = program.prepared.take<Prepared<T>>(key);
  if (!prepared) {
    prepared = std::make_unique<Prepared<T>>(program, batch);
  }
  const qsim::SharedBinding<T>& shared = prepared->shared;
  prepared->shared.bind(batch.weights_per_sample ? std::span<const double>() : batch.weights);

  const std::size_t n_blocks = block_count<T>(batch);
  const double work = std::ldexp(
      static_cast<double>((shared.layers().layers.size() + 1) * (needs.n_bras + 1) * kBlock<T>),
      program.n_qubits);
  const bool threaded = n_blocks > 1 && work * static_cast<double>(n_blocks) >= kWorthThreads;
  const int threads = threaded ? qsim::num_threads() : 1;
  auto& workers = prepared->workers;
  const auto n_workers = static_cast<std::size_t>(threads);
  if (workers.size() < n_workers) {
    qsim::require_memory(static_cast<double>(n_workers - workers.size()) *
                             (qsim::Block<T>::bytes(shared, needs.n_bras > 0) +
                              BlockSweep<T>::bytes(shared, needs.n_bras)),
                         qsim::concat("running a batch on a ", program.n_qubits, "-qubit program"));
    workers.resize(n_workers);
  }
  const std::size_t n_inputs = program.inputs.size();
  const std::size_t n_weights = batch.weights_per_sample ? program.weights.size() : 0;
  const auto run = [&](std::size_t index, std::size_t worker) {
    auto& own = workers[worker];
    if (!own) own = std::make_unique<BlockWorker<T>>(shared, needs);
    const std::size_t first = index * kBlock<T>;
    const std::size_t count = std::min<std::size_t>(kBlock<T>, batch.size - first);
    own->block().bind(batch.inputs.subspan(first * n_inputs, count * n_inputs),
                      n_weights > 0 ? batch.weights.subspan(first * n_weights, count * n_weights)
                                    : std::span<const double>(),
                      count);
    own->block().set_initial_states(batch.initial_of(program, first, count));
    body(first, *own);
  };
  const auto group = std::max<std::size_t>(n_workers, static_cast<std::size_t>(kGroupWork / work));
  naming_samples(program, batch, [&] {
    for (std::size_t begin = 0; begin < n_blocks; begin += group) {
      const std::size_t end = std::min(n_blocks, begin + group);
      if (threaded) {
        qsim::parallel_for_workers(end - begin, threads, [&](Index k, int worker) {
          run(begin + k, static_cast<std::size_t>(worker));
        });
      } else {
        for (std::size_t k = begin; k < end; ++k) run(k, 0);
      }
      qsim::poll_interrupt();
    }
  });
  if (finish) finish(shared);
  program.prepared.put(key, std::move(prepared));
}

// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define KETGRAD_INSTANTIATE(T)                                                          \
  template bool runs_in_blocks<T>(const qsim::Program&, const Batch&);                  \
  template class BlockWorker<T>;                                                        \
  template void for_blocks<T>(const qsim::Program&, const Batch&, const SweepNeeds&,    \
                              const std::function<void(std::size_t, BlockWorker<T>&)>&, \
                              const std::function<void(const qsim::SharedBinding<T>&)>&);
KETGRAD_INSTANTIATE(float)
KETGRAD_INSTANTIATE(double)
#undef KETGRAD_INSTANTIATE
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace qml
