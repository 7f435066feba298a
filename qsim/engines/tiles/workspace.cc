#include "qsim/engines/tiles/workspace.h"

#include <algorithm>

#include "qsim/compile/chain_rule.h"
#include "qsim/engines/execute.h"
#include "qsim/engines/tiles/step_gradient.h"
#include "qsim/observables/expectation.h"

namespace qsim {
namespace {

bool keeps_end(const Needs& needs) { return needs.n_bras > 1; }

}  // namespace

template <class T>
TileWorkspace<T>::TileWorkspace(const Program& program, const Needs& needs)
    : program_(&program),
      keep_end_(keeps_end(needs)),
      parameters_(program.n_parameters()),
      ket_(program.n_qubits) {}

template <class T>
double TileWorkspace<T>::bytes(const Program& program, const Needs& needs) {
  const int states = 1 + (needs.n_bras > 0 ? 1 : 0) + (keeps_end(needs) ? 1 : 0);
  return states * State<T>::bytes(program.n_qubits);
}

template <class T>
void TileWorkspace<T>::bind(const Batch& batch, std::size_t sample) {
  bind(batch.inputs_of(*program_, sample), batch.weights_of(*program_, sample));
  initial_state_ = batch.initial_of(*program_, sample, 1);
}

template <class T>
void TileWorkspace<T>::bind(std::span<const double> inputs, std::span<const double> weights) {
  const auto bound = std::span(parameters_).subspan(inputs.size());
  const bool same_weights = is_bound_ && std::ranges::equal(weights, bound);
  is_bound_ = false;
  std::ranges::copy(inputs, parameters_.begin());
  std::ranges::copy(weights, bound.begin());
  if (same_weights) {
    bind_inputs(*program_, parameters_, binding_);
  } else {
    bind_parameters(*program_, parameters_, binding_);
  }
  is_bound_ = true;
}

template <class T>
void TileWorkspace<T>::forward() {
  if (initial_state_.empty()) {
    run(*program_, binding_, ket_);
  } else {
    start_from_given();
    run_steps(*program_, binding_, ket_);
  }
  if (keep_end_) end_ = ket_;
}

template <class T>
void TileWorkspace<T>::forward_again() {
  if (!end_) return forward();
  ket_ = *end_;
}

template <class T>
void TileWorkspace<T>::start_from_given() {
  ket_.set_zero();  // the padding of small states too
  for (Index i = 0; i < ket_.size(); ++i) {
    ket_.set(i, std::complex<T>(initial_state_[i]));
  }
}

template <class T>
double TileWorkspace<T>::expectation(std::size_t observable) const {
  return qsim::expectation(program_->observables[observable], ket_);
}

template <class T>
State<T>& TileWorkspace<T>::bra() {
  if (!bra_) bra_.emplace(program_->n_qubits);
  return *bra_;
}

template <class T>
void TileWorkspace<T>::backward() {
  adjoints_.assign(program_->tape.size(), 0.0);
  sweep_back();
  reverse_tape(*program_, binding_.values, adjoints_);
}

template <class T>
void TileWorkspace<T>::sweep_back() {
  const double trace = bra().inner(ket_).imag();
  StepGradient<T> gradient(*program_, binding_, adjoints_);
  const auto start = initial_state_.empty() ? Start::kPrepared : Start::kAnyState;
  run_back(*program_, binding_, start, ket_, bra(),
           [&](const StepSlope& slope) { gradient.add(slope, trace); });
  if (!program_->initial.empty()) add_initial_gradient();
}

template <class T>
void TileWorkspace<T>::add_initial_gradient() {
  std::vector<double> slopes;
  for (const Program::Amplitude& a : program_->initial) {
    slopes.push_back(2 * static_cast<double>(bra().amplitude(a.basis_state).real()));
  }
  add_amplitude_gradient(*program_, binding_.values, slopes, adjoints_);
}

template class TileWorkspace<float>;
template class TileWorkspace<double>;

}  // namespace qsim
