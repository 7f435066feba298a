#include "qsim/engines/ranks/rank_program.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include "qsim/compile/chain_rule.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/hash.h"
#include "qsim/engines/execute.h"
#include "qsim/engines/ranks/rank_observables.h"
#include "qsim/engines/tiles/step_gradient.h"
#include "qsim/state/parts.h"

namespace qsim {
namespace {

// The program for a number of ranks.
Program fitted(const Communicator& comm, const Program& program) {
  require_power_of_two(comm.size());
  return for_ranks(program, comm.rank_bits());
}

// That ranks are of one mind before any of them looks closer.
std::uint64_t agreed_hash(Communicator& comm, const Program& program, std::size_t real_bytes) {
  std::uint64_t out = 0;
  comm.together([&] { out = hash_of({hash_of(program), real_bytes}); });
  comm.require_same(out, "program");
  return out;
}

void check_quantity(const Program& program, Quantity quantity) {
  check(program, quantity, {});
  require(quantity != Quantity::kState,
          "a state that is spread over ranks is not a row of values; read its amplitudes");
}

// The sum of all Pauli sums, each times its factor.
PauliSum weighted_sum(std::span<const Observable> observables, std::span<const double> factors,
                      int n_qubits) {
  std::vector<PauliTerm> terms;
  for (std::size_t k = 0; k < observables.size(); ++k) {
    const auto* sum = std::get_if<PauliSum>(&observables[k]);
    if (sum == nullptr) continue;
    for (const PauliTerm& term : sum->terms()) {
      terms.push_back({factors[k] * term.coefficient, term.string});
    }
  }
  return {n_qubits, terms};
}

}  // namespace

std::uint64_t hash_of(const Program& program) {
  std::vector<double> numbers{static_cast<double>(program.n_qubits),
                              static_cast<double>(program.inputs.size()),
                              static_cast<double>(program.weights.size())};
  const auto add = [&](auto value) { numbers.push_back(static_cast<double>(value)); };
  const auto add_matrix = [&](const Matrix& matrix) {
    for (Eigen::Index k = 0; k < matrix.size(); ++k) {
      add(matrix.data()[k].real());
      add(matrix.data()[k].imag());
    }
  };
  for (const Step& step : program.steps) {
    count_work();
    add(static_cast<int>(step.shape));
    for (const Qubit q : step.targets) add(q);
    for (const Index mask : {step.controls.mask, step.controls.value, step.pauli.x, step.pauli.z}) {
      add(mask);
    }
    for (const Factor& factor : step.factors) {
      add(factor.slot);
      add(factor.scale);
      add(factor.pauli.x);
      add(factor.pauli.z);
      add(factor.controls.mask + 2 * factor.controls.value);
      add_matrix(factor.matrix);
      for (const double value : factor.eigenvalues) add(value);
    }
  }
  for (const Observable& observable : program.observables) {
    if (const auto* m = std::get_if<MatrixObservable>(&observable)) {
      for (const Qubit q : m->qubits) add(q);
      add_matrix(m->matrix);
      continue;
    }
    for (const PauliTerm& term : std::get<PauliSum>(observable).terms()) {
      add(term.coefficient);
      add(term.string.x);
      add(term.string.z);
    }
  }
  for (const auto& amplitude : program.initial) add(amplitude.basis_state);
  for (const Qubit q : program.measured) add(q);
  return hash_of(kHashStart, numbers);
}

template <class T>
RankProgram<T>::RankProgram(Communicator& comm, const Program& program)
    : comm_(&comm),
      hash_(agreed_hash(comm, program, sizeof(T))),
      program_(fitted(comm, program)),
      plan_(plan_ranks(program_, comm.rank_bits())) {
  comm.together([this] { epochs_ = epochs_for(plan_); });
}

template <class T>
std::vector<typename RankProgram<T>::Epoch> RankProgram<T>::epochs_for(const RankPlan& plan) const {
  std::vector<Epoch> out;
  for (LocalEpoch& local : epochs_of(program_, plan, comm_->rank())) {
    out.push_back({std::move(local), {}});
  }
  return out;
}

template <class T>
std::size_t RankProgram<T>::n_values(Quantity quantity) const {
  check_quantity(program_, quantity);
  return qsim::n_values(program_, quantity);
}

template <class T>
std::size_t RankProgram<T>::agreed_size(Quantity quantity, std::span<const double> cotangent,
                                        bool with_values) const {
  const std::uint64_t asked = hash_of(static_cast<std::uint64_t>(quantity), cotangent);
  comm_->require_same(hash_of({asked, cotangent.size(), with_values ? 1U : 0U}),
                      "quantity or cotangent, or other results to return,");
  return n_values(quantity);
}

template <class T>
void RankProgram<T>::bind(std::span<const double> parameters, std::vector<Epoch>& epochs) {
  comm_->together([&] {
    Binding<T> whole;
    Program head;  // checks the parameters, and what initial amplitudes come to
    head.inputs = program_.inputs;
    head.weights = program_.weights;
    head.slots = program_.slots;
    head.initial = program_.initial;
    head.tape = program_.tape;
    bind_parameters(head, parameters, whole);
    values_ = std::move(whole.values);
    for (Epoch& epoch : epochs) bind_parameters(epoch.local.program, parameters, epoch.binding);
  });
  comm_->require_same(qsim::hash_of(hash_, values_), "program, or other parameters,");
}

template <class T>
void RankProgram<T>::prepare(RankState<T>& state) {
  state.start(plan_.first);
  if (program_.initial.empty()) return;
  comm_->together([&] {
    double squares = 0;
    const auto value = [&](const Program::Amplitude& a) {
      return values_[static_cast<std::size_t>(a.entry)];
    };
    for (const auto& a : program_.initial) squares += value(a) * value(a);
    require(squares > 0 && std::isfinite(squares), "the amplitudes to initialize with have norm ",
            std::sqrt(squares), "; it must be positive and finite");
    state.local().set_zero();
    const int n_local = state.order().n_local();
    for (const auto& a : program_.initial) {
      const Index at = state.order().positions_of(a.basis_state);
      if (at >> n_local != state.number()) continue;
      const Index i = at & (bit(n_local) - 1);
      const auto part = static_cast<T>(value(a) / std::sqrt(squares));
      const std::complex<T> old = state.local().get(i);
      state.local().set(
          i, a.imaginary ? std::complex<T>(old.real(), part) : std::complex<T>(part, old.imag()));
    }
  });
}

// There and back alike.
template <class T>
void RankProgram<T>::exchange(const Epoch& epoch, RankState<T>& state) {
  state.set_order(epoch.local.order);
  state.exchange(epoch.local.exchange);
}

template <class T>
void RankProgram<T>::forward(std::vector<Epoch>& epochs, RankState<T>& state) {
  for (Epoch& epoch : epochs) {
    exchange(epoch, state);
    state.comm().together([&] { run_steps(epoch.local.program, epoch.binding, state.local()); });
  }
}

template <class T>
RankState<T> RankProgram<T>::run(std::span<const double> parameters) {
  bind(parameters, epochs_);
  RankState<T> state(*comm_, program_.n_qubits);
  prepare(state);
  forward(epochs_, state);
  state.set_order(plan_.last);
  return state;
}

template <class T>
void RankProgram<T>::apply(std::span<const double> parameters, RankState<T>& state) {
  require(state.n_qubits() == program_.n_qubits, "a program of ", program_.n_qubits,
          " qubits does not fit a state of ", state.n_qubits());
  require(program_.initial.empty(), "a program with initialize cannot act on an existing state");
  const std::vector<int>& order = state.order().positions();
  const std::vector<double> positions(order.begin(), order.end());
  comm_->require_same(qsim::hash_of(kHashStart, positions), "state to act on");
  const RankPlan plan = plan_ranks(program_, state.order());
  std::vector<Epoch> epochs;
  comm_->together([&] { epochs = epochs_for(plan); });
  bind(parameters, epochs);
  forward(epochs, state);
  state.set_order(plan.last);
}

template <class T>
std::vector<double> RankProgram<T>::read(Quantity quantity, RankState<T>& state) const {
  switch (quantity) {
    case Quantity::kExpval:
      return expectations<T>(program_.observables, state);
    case Quantity::kVariance:
      return variances<T>(program_.observables, state);
    case Quantity::kProbs:
      return state.probabilities(program_.measured);
    case Quantity::kState:
      break;
  }
  fail<std::logic_error>("not a row of values");
}

template <class T>
std::vector<double> RankProgram<T>::values(Quantity quantity, std::span<const double> parameters) {
  agreed_size(quantity);
  RankState<T> state = run(parameters);
  return read(quantity, state);
}

template <class T>
void RankProgram<T>::fill_bra(Quantity quantity, std::span<const double> cotangent,
                              RankState<T>& ket, RankState<T>& bra) const {
  bra.set_order(ket.order());
  comm_->together([&] { bra.local().set_zero(); });
  const auto& observables = program_.observables;
  if (quantity == Quantity::kExpval) {
    const PauliSum sum = weighted_sum(observables, cotangent, program_.n_qubits);
    accumulate(Observable(sum), 1.0, ket, bra);
    for (std::size_t k = 0; k < observables.size(); ++k) {
      if (cotangent[k] == 0.0 || std::holds_alternative<PauliSum>(observables[k])) continue;
      accumulate(observables[k], cotangent[k], ket, bra);
    }
    return;
  }
  if (quantity == Quantity::kVariance) {  // as of ⟨(O − m)²⟩ at the fixed mean m
    RankState<T> image(*comm_, program_.n_qubits);
    for (std::size_t k = 0; k < observables.size(); ++k) {
      if (cotangent[k] == 0.0) continue;
      RankState<T> copy = ket.copy();  // which expectations() may reorder
      const double mean = expectations<T>({&observables[k], 1}, copy)[0];
      image.set_order(ket.order());
      comm_->together([&] { image.local().set_zero(); });
      accumulate(observables[k], 1.0, ket, image, mean);
      accumulate(observables[k], cotangent[k], image, bra, mean);
    }
    return;
  }
  comm_->together([&] {  // |ψ_i|²
    const QubitOrder& order = ket.order();
    std::vector<int> positions;  // of an outcome's bits
    for (const Qubit q : program_.measured) positions.push_back(order.position(q));
    if (program_.measured.empty()) positions = order.positions();
    const Index above = ket.number() << order.n_local();
    for_parts(order.n_local(), [&](Part part) {
      const Index size = ket.local().size() / part.count;
      for (Index i = part.index * size; i < (part.index + 1) * size; ++i) {
        const auto g = static_cast<T>(cotangent[gather_bits(above | i, positions)]);
        bra.local().set(i, g * ket.local().get(i));
      }
    });
  });
}

template <class T>
std::vector<double> RankProgram<T>::backward(RankState<T>& ket, RankState<T>& bra) {
  std::vector<double> adjoints(program_.tape.size());
  const std::size_t first = first_epoch_back(program_, plan_);
  for (std::size_t k = epochs_.size(); k-- > first;) {
    Epoch& epoch = epochs_[k];
    comm_->together([&] {
      const double trace = bra.local().inner(ket.local()).imag();
      StepGradient<T> gradient(epoch.local.program, epoch.binding, adjoints);
      const bool needed = k > first || !program_.initial.empty();
      run_back(
          epoch.local.program, epoch.binding, Start::kAnyState, ket.local(), bra.local(),
          [&](const StepSlope& slope) { gradient.add(slope, trace); },
          needed ? Back::kToStart : Back::kAsNeeded);
    });
    if (k == first) break;
    exchange(epoch, ket);
    exchange(epoch, bra);
  }
  if (!program_.initial.empty()) add_initial_gradient(bra, adjoints);
  comm_->sum(adjoints);
  reverse_tape(program_, values_, adjoints);
  adjoints.resize(program_.n_parameters());
  return adjoints;
}

template <class T>
void RankProgram<T>::add_initial_gradient(const RankState<T>& bra,
                                          std::vector<double>& adjoints) const {
  std::vector<double> slopes;
  const QubitOrder& order = plan_.first;
  for (const Program::Amplitude& a : program_.initial) {
    const Index at = order.positions_of(a.basis_state);
    const bool mine = at >> order.n_local() == order.number_of(comm_->rank());
    const std::complex<T> b = mine ? bra.local().get(at & (bit(order.n_local()) - 1)) : T{0};
    slopes.push_back(2 * static_cast<double>(a.imaginary ? b.imag() : b.real()));
  }
  comm_->sum(slopes);
  if (comm_->rank() == 0) add_amplitude_gradient(program_, values_, slopes, adjoints);
}

template <class T>
typename RankProgram<T>::Derivatives RankProgram<T>::vjp(Quantity quantity,
                                                         std::span<const double> parameters,
                                                         std::span<const double> cotangent,
                                                         bool with_values) {
  const std::size_t n = agreed_size(quantity, cotangent, with_values);
  require(cotangent.size() == n, "got ", cotangent.size(), " cotangents for ", n, " values");
  RankState<T> ket = run(parameters);
  Derivatives out;
  if (with_values) {
    RankState<T> copy = ket.copy();
    out.values = read(quantity, copy);
  }
  RankState<T> bra(*comm_, program_.n_qubits);
  fill_bra(quantity, cotangent, ket, bra);
  out.gradient = backward(ket, bra);
  return out;
}

template <class T>
typename RankProgram<T>::Jacobian RankProgram<T>::jacobian(Quantity quantity,
                                                           std::span<const double> parameters) {
  agreed_size(quantity);
  const RankState<T> end = run(parameters);
  Jacobian out;
  {
    RankState<T> copy = end.copy();
    out.values = read(quantity, copy);
  }
  std::vector<double> cotangent(out.values.size());
  RankState<T> bra(*comm_, program_.n_qubits);
  RankState<T> ket(*comm_, program_.n_qubits);
  for (std::size_t k = 0; k < cotangent.size(); ++k) {
    cotangent[k] = 1;
    ket.set_order(end.order());
    comm_->together([&] { ket.local() = end.local(); });
    fill_bra(quantity, cotangent, ket, bra);
    const std::vector<double> row = backward(ket, bra);
    out.rows.insert(out.rows.end(), row.begin(), row.end());
    cotangent[k] = 0;
  }
  return out;
}

template class RankProgram<float>;
template class RankProgram<double>;

}  // namespace qsim
