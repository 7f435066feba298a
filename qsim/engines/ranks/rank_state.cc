#include "qsim/engines/ranks/rank_state.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <utility>

#include "qsim/circuit/gate_table.h"
#include "qsim/compile/primitives.h"
#include "qsim/core/bits.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/hash.h"
#include "qsim/core/long_vector.h"
#include "qsim/core/matrix.h"
#include "qsim/core/random.h"
#include "qsim/engines/execute.h"
#include "qsim/engines/ranks/moves.h"
#include "qsim/state/sample.h"

namespace qsim {
namespace {

int local_qubits(const Communicator& comm, int n_qubits) {
  require_power_of_two(comm.size());
  require(n_qubits >= 1 && n_qubits <= kMaxQubits, "number of qubits ", n_qubits,
          " is outside [1, ", kMaxQubits, "]");
  require(comm.rank_bits() < n_qubits, comm.size(), " ranks are too many for a state of ", n_qubits,
          " qubits; each must hold two amplitudes at least");
  return n_qubits - comm.rank_bits();
}

// The same, once ranks are of one mind about the state.
template <class T>
int agreed_local_qubits(Communicator& comm, int n_qubits) {
  require_power_of_two(comm.size());
  comm.require_same(hash_of({static_cast<std::uint64_t>(n_qubits), sizeof(T)}),
                    "number of qubits or precision of a state");
  return local_qubits(comm, n_qubits);
}

template <class T>
State<T> allocate_local(Communicator& comm, int n_qubits) {
  std::unique_ptr<State<T>> out;
  comm.together([&] { out = std::make_unique<State<T>>(local_qubits(comm, n_qubits)); });
  return std::move(*out);
}

}  // namespace

template <class T>
RankState<T>::RankState(Communicator& comm, int n_qubits)
    : comm_(&comm),
      order_(n_qubits, agreed_local_qubits<T>(comm, n_qubits)),
      local_(allocate_local<T>(comm, n_qubits)) {
  start(order_);
}

template <class T>
RankState<T> RankState<T>::copy() const {
  std::unique_ptr<State<T>> made;
  comm_->together([&] { made = std::make_unique<State<T>>(local_); });
  return {*comm_, order_, std::move(*made)};
}

template <class T>
void RankState<T>::start(const QubitOrder& order) {
  order_ = order;
  comm_->together([&] { number() == 0 ? local_.set_basis(0) : local_.set_zero(); });
}

template <class T>
void RankState<T>::exchange(const std::vector<QubitSwap>& swaps) {
  qsim::exchange(*comm_, swaps, order_, local_);
  order_.exchange(swaps);
}

template <class T>
std::vector<QubitSwap> RankState<T>::bring(Index qubits) {
  const int wanted = std::popcount(qubits);
  require(wanted <= order_.n_local(), "an observable of ", wanted,
          " qubits is wider than what a rank has, ", order_.n_local(), ": take fewer ranks");
  std::vector<QubitSwap> swaps;
  int going = order_.n_local();
  for (Index rest = qubits; rest != 0; rest &= rest - 1) {
    const Qubit q = std::countr_zero(rest);
    if (order_.is_local(q)) continue;
    do --going;
    while (has_bit(qubits, order_.qubit_at(going)));
    swaps.push_back({going, order_.position(q)});
  }
  exchange(swaps);
  return swaps;
}

template <class T>
void RankState<T>::in_order() {
  const int n_local = order_.n_local();
  std::vector<QubitSwap> swaps;
  int coming = 0;
  for (int p = 0; p < n_local; ++p) {
    if (order_.qubit_at(p) < n_local) continue;
    while (order_.is_local(coming)) ++coming;
    swaps.push_back({p, order_.position(coming++)});
  }
  exchange(swaps);
  std::vector<Primitive> primitives;
  const auto swap = std::make_shared<const Matrix>(gate_row("swap").matrix);
  for (int p = 0; p < n_local; ++p) {
    if (order_.position(p) == p) continue;
    primitives.push_back({.targets = {p, order_.position(p)}, .matrix = swap});
    order_.relabel(p, order_.qubit_at(p));
  }
  if (primitives.empty()) return;
  comm_->together([&] {
    const Program program = compile(n_local, primitives, {});
    Binding<T> binding;
    bind_parameters<T>(program, {}, binding);
    run_steps(program, binding, local_);
  });
}

template <class T>
Index RankState<T>::first() const {
  return order_.qubits_of_number(number());
}

template <class T>
double RankState<T>::norm() const {
  double squares = 0;
  comm_->together([&] { squares = local_.inner(local_).real(); });
  comm_->sum({&squares, 1});
  return std::sqrt(squares);
}

template <class T>
void RankState<T>::require_normalised() const {
  constexpr double kNormTolerance = 1e-6;
  const double length = norm();
  require(std::abs(length - 1) <= kNormTolerance, "the amplitudes have norm ", length,
          "; it must be 1 (within ", kNormTolerance, ")");
}

template <class T>
void RankState<T>::set_amplitudes(const std::function<std::complex<T>(Index)>& value) {
  start(QubitOrder(n_qubits(), order_.n_local()));
  comm_->together([&] {
    for (Index i = 0; i < local_.size(); ++i) {
      count_work();
      local_.set(i, value(first() + i));
    }
  });
  require_normalised();
}

template <class T>
void RankState<T>::set_local(std::span<const std::complex<T>> amplitudes) {
  comm_->together([&] {
    require(amplitudes.size() == local_.size(), "got ", amplitudes.size(),
            " amplitudes; a rank has ", local_.size());
  });
  const Index own = QubitOrder(n_qubits(), order_.n_local()).number_of(comm_->rank());
  set_amplitudes([&](Index i) { return amplitudes[i - (own << order_.n_local())]; });
}

template <class T>
std::vector<std::complex<T>> RankState<T>::amplitudes(Index first, Index count) const {
  comm_->require_same(hash_of({first, count}), "range of amplitudes");
  const Index size = bit(n_qubits());
  require<IndexError>(first <= size && count <= size - first, "amplitudes ", first, " to ",
                      first + count, " are out of range for ", n_qubits(), " qubit(s)");
  auto parts = long_vector<double>(2 * count);
  const Index local_mask = bit(order_.n_local()) - 1;
  comm_->together([&] {
    for (Index k = 0; k < count; ++k) {
      count_work();
      const Index at = order_.positions_of(first + k);
      if (at >> order_.n_local() != number()) continue;
      const std::complex<T> a = local_.get(at & local_mask);
      parts[2 * k] = a.real();
      parts[2 * k + 1] = a.imag();
    }
  });
  comm_->sum(parts);
  std::vector<std::complex<T>> out(count);
  for (Index k = 0; k < count; ++k) {
    out[k] = {static_cast<T>(parts[2 * k]), static_cast<T>(parts[2 * k + 1])};
  }
  return out;
}

template <class T>
std::vector<double> RankState<T>::probabilities(std::span<const Qubit> qubits) const {
  const std::vector<double> asked(qubits.begin(), qubits.end());
  comm_->require_same(hash_of(kHashStart ^ asked.size(), asked), "list of qubits");
  std::vector<double> out;
  comm_->together([&] {
    std::vector<Qubit> all;
    if (qubits.empty()) {
      all.resize(static_cast<std::size_t>(n_qubits()));
      std::iota(all.begin(), all.end(), 0);
      qubits = all;
    }
    require_distinct(qubits, n_qubits());
    require_memory(3 * std::ldexp(double{sizeof(double)}, static_cast<int>(qubits.size())),
                   concat("the distribution over ", qubits.size(), " qubits"));
    out.assign(bit(static_cast<int>(qubits.size())), 0.0);
    std::vector<Qubit> local;
    std::vector<Qubit> kept;  // bits of an outcome
    Index fixed = 0;
    for (std::size_t k = 0; k < qubits.size(); ++k) {
      const int p = order_.position(qubits[k]);
      if (p < order_.n_local()) {
        local.push_back(p);
        kept.push_back(static_cast<Qubit>(k));
      } else if (has_bit(number(), p - order_.n_local())) {
        fixed |= bit(static_cast<int>(k));
      }
    }
    if (local.empty()) {
      out[fixed] = local_.inner(local_).real();
      return;
    }
    const std::vector<double> own = local_.probabilities(local);
    for (Index k = 0; k < own.size(); ++k) out[fixed | scatter_bits(k, kept)] = own[k];
  });
  comm_->sum(out);
  return out;
}

template <class T>
std::vector<Index> RankState<T>::sample(std::int64_t shots, std::uint64_t seed) {
  comm_->require_same(hash_of({seed, static_cast<std::uint64_t>(shots)}),
                      "seed or number of shots");
  require(shots >= 1, "the number of shots is ", shots, "; it must be at least 1");
  in_order();
  // The share of every rank, by where its amplitudes lie.
  std::vector<double> shares(static_cast<std::size_t>(comm_->size()));
  const Index place = first() >> order_.n_local();
  comm_->together([&] { shares[place] = local_.inner(local_).real(); });
  comm_->sum(shares);
  std::vector<Index> out;
  comm_->together([&] {
    constexpr double kBytesPerShot = 3 * sizeof(double) + 2 * sizeof(Index);
    require_memory(kBytesPerShot * static_cast<double>(shots), concat("drawing ", shots, " shots"));
    std::vector<double> draws(static_cast<std::size_t>(shots));
    Random(seed).fill_uniform(draws);
    std::vector<double> bounds(shares.size() + 1);
    std::partial_sum(shares.begin(), shares.end(), bounds.begin() + 1);
    const double total = bounds.back();
    // What rounding leaves beyond the last share belongs to that.
    for (std::size_t k = shares.size(); k > 0 && bounds[k] == total; --k) bounds[k] = INFINITY;
    std::vector<double> own;
    std::vector<std::size_t> shot;
    for (std::size_t k = 0; k < draws.size(); ++k) {
      count_work();
      const double value = draws[k] * total;
      if (value < bounds[place] || value >= bounds[place + 1]) continue;
      own.push_back(std::min((value - bounds[place]) / shares[place], std::nextafter(1.0, 0.0)));
      shot.push_back(k);
    }
    out.assign(draws.size(), 0);
    if (own.empty()) return;
    const std::vector<Index> drawn = sample_at(local_, std::move(own));
    for (std::size_t k = 0; k < drawn.size(); ++k) out[shot[k]] = first() | drawn[k];
  });
  comm_->sum(out);
  return out;
}

template class RankState<float>;
template class RankState<double>;

}  // namespace qsim
