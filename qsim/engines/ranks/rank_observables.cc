#include "qsim/engines/ranks/rank_observables.h"

#include <algorithm>
#include <bit>
#include <map>
#include <memory>
#include <utility>
#include <variant>

#include "qsim/core/error.h"
#include "qsim/engines/ranks/moves.h"
#include "qsim/observables/expectation.h"
#include "qsim/observables/pauli_operator.h"
#include "qsim/observables/pauli_strings.h"
#include "qsim/state/parts.h"

namespace qsim {
namespace {

// A string on a rank's amplitudes: phase · P, taken to the rank whose number differs by a mask.
struct LocalString {
  PauliString string{};
  Complex phase{};
};

class StringSplit {
 public:
  explicit StringSplit(const QubitOrder& order) : order_(order), local_(bit(order.n_local()) - 1) {}

  [[nodiscard]] Index mask(const PauliString& p) const {
    return order_.positions_of(p.x) >> order_.n_local();
  }
  // What it is from the rank of a number.
  [[nodiscard]] LocalString from(Index number, const PauliString& p) const {
    const Index x = order_.positions_of(p.x);
    const Index z = order_.positions_of(p.z);
    const Index far_x = x >> order_.n_local();
    const Index far_z = z >> order_.n_local();
    const Complex phase = power_of_i(std::popcount(far_x & far_z));
    return {{x & local_, z & local_}, parity(number & far_z) ? -phase : phase};
  }

 private:
  const QubitOrder& order_;
  Index local_;
};

// A term of one of several observables.
struct OwnedTerm {
  PauliTerm term{};
  std::size_t owner = 0;
};

// Terms by the mask of their exchange, 0 for none.
using ByMask = std::map<Index, std::vector<OwnedTerm>>;

void add_terms(std::span<const PauliTerm> terms, std::size_t owner, const StringSplit& split,
               ByMask& out) {
  for (const PauliTerm& term : terms) out[split.mask(term.string)].push_back({term, owner});
}

bool is_identity(const PauliTerm& term) { return term.string.is_identity(); }

// All that are no identities, of the sums among observables.
ByMask terms_of(std::span<const Observable> observables, const StringSplit& split) {
  ByMask out;
  for (std::size_t k = 0; k < observables.size(); ++k) {
    const auto* sum = std::get_if<PauliSum>(&observables[k]);
    if (sum == nullptr) continue;
    std::vector<PauliTerm> terms = sum->terms();
    std::erase_if(terms, is_identity);
    add_terms(terms, k, split, out);
  }
  return out;
}

// Calls body(mask, number of the other rank, its state) for every mask in turn; for mask 0 with the
// own.
template <class T, class Body>
void for_masks(const ByMask& terms, const RankState<T>& state, const Body& body) {
  Communicator& comm = state.comm();
  std::unique_ptr<State<T>> shown;
  for (const auto& of_mask : terms) {
    const Index mask = of_mask.first;
    const Index number = state.number() ^ mask;
    if (mask != 0) {
      comm.together([&] {
        if (!shown) shown = std::make_unique<State<T>>(state.local().n_qubits());
      });
      show(comm, state.order().rank_of(number), state.local(), *shown);
    }
    comm.together([&] { body(of_mask.second, number, mask == 0 ? state.local() : *shown); });
  }
}

std::vector<PauliTerm> shifted(const PauliSum& sum, double offset) {
  std::vector<PauliTerm> out = sum.terms();
  if (offset != 0.0) out.push_back({-offset, {}});
  return out;
}

// As they act on the own amplitudes of the rank of a number.
std::vector<PauliTerm> local_terms(const std::vector<OwnedTerm>& list, Index number,
                                   const StringSplit& split) {
  std::vector<PauliTerm> out;
  for (const OwnedTerm& owned : list) {
    const LocalString p = split.from(number, owned.term.string);
    out.push_back({owned.term.coefficient * p.phase.real(), p.string});
  }
  return out;
}

// Adds this rank's part of Σ_k c_k ⟨P_k⟩, of strings that share an exchange, to their owners'.
template <class T>
void add_parts(const std::vector<OwnedTerm>& list, Index number, const StringSplit& split,
               const State<T>& mine, const State<T>& theirs, std::vector<double>& out) {
  if (&mine == &theirs) {
    const std::vector<PauliTerm> local = local_terms(list, number, split);
    const std::vector<double> values = pauli_expectations<T>(local, mine);
    for (std::size_t k = 0; k < local.size(); ++k) {
      out[list[k].owner] += local[k].coefficient * values[k];
    }
    return;
  }
  for (const OwnedTerm& owned : list) {
    const LocalString p = split.from(number, owned.term.string);
    const auto product = sum_parts<Complex>(mine.n_qubits(), [&](Part part) {
      return kernels<T>().inner(mine.data(), theirs.data(), mine.storage(), p.string, part);
    });
    out[owned.owner] += owned.term.coefficient * (p.phase * product).real();
  }
}

// The identity counts 1, however far rounding took the norm.
double identity_of(const Observable& observable) {
  const auto* sum = std::get_if<PauliSum>(&observable);
  if (sum == nullptr) return 0;
  double out = 0;
  for (const PauliTerm& term : sum->terms()) {
    if (is_identity(term)) out += term.coefficient;
  }
  return out;
}

// A matrix where its qubits are local.
MatrixObservable local_matrix(const MatrixObservable& m, const QubitOrder& order) {
  std::vector<Qubit> positions;
  for (const Qubit q : m.qubits) positions.push_back(order.position(q));
  return {m.matrix, std::move(positions)};
}

void check_fits(const Observable& observable, int n_qubits) {
  const int needed = qubits_needed(observable);
  require(needed <= n_qubits, "an observable over ", needed, " qubits does not fit a state of ",
          n_qubits);
}

template <class T>
void accumulate_strings(const PauliSum& sum, double factor, const RankState<T>& state,
                        double offset, RankState<T>& out) {
  const StringSplit split(state.order());
  ByMask terms;
  add_terms(shifted(sum, offset), 0, split, terms);
  const auto add = [&](const auto& list, Index number, const State<T>& theirs) {
    if (&theirs == &state.local()) {
      const PauliOperator<T> local(local_terms(list, number, split), theirs.n_qubits());
      local.accumulate(factor, theirs, out.local());
      return;
    }
    for (const OwnedTerm& owned : list) {
      const LocalString p = split.from(number, owned.term.string);
      const std::complex<T> c(factor * owned.term.coefficient * p.phase);
      for_parts(theirs.n_qubits(), [&](Part part) {
        kernels<T>().accumulate(out.local().data(), theirs.data(), theirs.storage(), p.string, c,
                                part);
      });
    }
  };
  for_masks<T>(terms, state, add);
}

}  // namespace

template <class T>
std::vector<double> expectations(std::span<const Observable> observables, RankState<T>& state) {
  for (const Observable& observable : observables) check_fits(observable, state.n_qubits());
  std::vector<double> out(observables.size());
  const StringSplit split(state.order());
  for_masks<T>(terms_of(observables, split), state,
               [&](const auto& list, Index number, const State<T>& theirs) {
                 add_parts(list, number, split, state.local(), theirs, out);
               });
  for (std::size_t k = 0; k < out.size(); ++k) {
    const auto* m = std::get_if<MatrixObservable>(&observables[k]);
    if (m == nullptr) continue;
    state.bring(mask_of(m->qubits));
    state.comm().together([&] {
      out[k] = expectation<T>(Observable(local_matrix(*m, state.order())), state.local());
    });
  }
  state.comm().sum(out);
  for (std::size_t k = 0; k < out.size(); ++k) out[k] += identity_of(observables[k]);
  return out;
}

template <class T>
std::vector<double> variances(std::span<const Observable> observables, RankState<T>& state) {
  const std::vector<double> means = expectations(observables, state);
  RankState<T> image(state.comm(), state.n_qubits());
  std::vector<double> out;
  for (std::size_t k = 0; k < observables.size(); ++k) {
    image.set_order(state.order());
    state.comm().together([&] { image.local().set_zero(); });
    accumulate(observables[k], 1.0, state, image, means[k]);
    const double length = image.norm();
    out.push_back(length * length);
  }
  return out;
}

template <class T>
void accumulate(const Observable& observable, double factor, RankState<T>& state, RankState<T>& out,
                double offset) {
  check_fits(observable, state.n_qubits());
  require<std::logic_error>(state.order() == out.order(), "states in different orders do not add");
  if (const auto* sum = std::get_if<PauliSum>(&observable)) {
    return accumulate_strings(*sum, factor, state, offset, out);
  }
  const auto& m = std::get<MatrixObservable>(observable);
  const std::vector<QubitSwap> swaps = state.bring(mask_of(m.qubits));
  out.exchange(swaps);
  state.comm().together([&] {
    accumulate<T>(Observable(local_matrix(m, state.order())), factor, state.local(), out.local(),
                  offset);
  });
  state.exchange(swaps);
  out.exchange(swaps);
}

std::size_t count_shows(std::span<const Observable> observables, const QubitOrder& order) {
  const ByMask terms = terms_of(observables, StringSplit(order));
  return terms.size() - terms.count(0);
}

template std::vector<double> expectations(std::span<const Observable>, RankState<float>&);
template std::vector<double> expectations(std::span<const Observable>, RankState<double>&);
template std::vector<double> variances(std::span<const Observable>, RankState<float>&);
template std::vector<double> variances(std::span<const Observable>, RankState<double>&);
template void accumulate(const Observable&, double, RankState<float>&, RankState<float>&, double);
template void accumulate(const Observable&, double, RankState<double>&, RankState<double>&, double);

}  // namespace qsim
