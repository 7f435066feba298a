#include <algorithm>
#include <cmath>
#include <limits>

#include "qml/gradients/blocks.h"
#include "qml/gradients/bra.h"
#include "qml/gradients/differentiate.h"
#include "qml/gradients/shift_rule.h"
#include "qsim/compile/spectrum.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/memory.h"
#include "qsim/observables/expectation.h"

namespace qml {
namespace {

using qsim::Program;
using qsim::require;
using Rules = std::vector<std::vector<ShiftTerm>>;  // of every slot

// The Jacobian of one sample: values × inputs and values × weights.
struct Rows {
  std::span<double> values;
  std::span<double> inputs;
  std::span<double> weights;

  // The gradient of value k.
  [[nodiscard]] std::span<double> inputs_of(std::size_t k) const { return part(inputs, k); }
  [[nodiscard]] std::span<double> weights_of(std::size_t k) const { return part(weights, k); }

 private:
  [[nodiscard]] std::span<double> part(std::span<double> all, std::size_t k) const {
    const std::size_t size = all.size() / values.size();
    return all.subspan(k * size, size);
  }
};

template <class T>
void adjoint_rows(Workspace<T>& workspace, Quantity quantity, const Rows& out) {
  evaluate(workspace, quantity, {}, 0, 0, out.values);
  const qsim::State<T> end = workspace.ket();
  std::vector<double> cotangent(out.values.size(), 0.0);
  for (std::size_t k = 0; k < cotangent.size(); ++k) {
    qsim::poll_interrupt();
    if (k > 0) workspace.ket() = end;
    cotangent[k] = 1.0;
    fill_bra(workspace, quantity, cotangent);
    workspace.backward(out.inputs_of(k), out.weights_of(k));
    cotangent[k] = 0.0;
  }
}

// The Jacobian of the samples of a block; the bras of several values share a sweep. rows_of(sample)
// are where its results go.
template <class T, class RowsOf>
void adjoint_block(BlockWorker<T>& worker, Quantity quantity, std::span<double> values,
                   const RowsOf& rows_of) {
  qsim::Block<T>& block = worker.block();
  const std::size_t count = block.count();
  const std::size_t n = values.size() / count;
  const std::size_t n_bras = worker.sweep().n_bras();
  std::vector<double> cotangents(values.size());
  for (std::size_t begin = 0; begin < n; begin += n_bras) {
    qsim::poll_interrupt();
    block.forward();
    if (begin == 0) worker.values(quantity, {}, 0, values);
    for (std::size_t bra = 0; bra < n_bras; ++bra) {
      std::fill(cotangents.begin(), cotangents.end(), 0.0);
      for (std::size_t lane = 0; lane < count && begin + bra < n; ++lane) {
        cotangents[lane * n + begin + bra] = 1.0;
      }
      worker.fill_bra(bra, quantity, cotangents);
    }
    worker.sweep().run(block);
    for (std::size_t k = begin; k < std::min(n, begin + n_bras); ++k) {
      for (std::size_t lane = 0; lane < count; ++lane) {
        const Rows rows = rows_of(lane);
        worker.sweep().read(block, k - begin, lane, rows.inputs_of(k), rows.weights_of(k));
      }
    }
  }
}

// Values whose shifts are exact: those themselves that are expectation values, and for variances
// ⟨(O − m)²⟩ about the mean m of the unshifted program, which has the same derivative.
template <class T>
class ShiftedValues {
 public:
  ShiftedValues(Workspace<T>& workspace, Quantity quantity, const Sampling& sampling,
                std::size_t sample)
      : workspace_(workspace), quantity_(quantity), sampling_(sampling), sample_(sample) {}

  void unshifted(std::span<double> out) {
    evaluate(workspace_, quantity_, sampling_, sample_, run_++, out);
    if (quantity_ != Quantity::kVariance) return;
    for (std::size_t k = 0; k < out.size(); ++k) means_.push_back(workspace_.expectation(k));
  }

  void shifted(std::span<double> out) {
    if (quantity_ != Quantity::kVariance) {
      return evaluate(workspace_, quantity_, sampling_, sample_, run_++, out);
    }
    qsim::poll_interrupt();
    workspace_.forward();
    for (std::size_t k = 0; k < out.size(); ++k) {
      out[k] =
          qsim::second_moment(workspace_.program().observables[k], workspace_.ket(), means_[k]);
    }
  }

 private:
  Workspace<T>& workspace_;
  Quantity quantity_;
  Sampling sampling_;
  std::size_t sample_;
  std::size_t run_ = 0;
  std::vector<double> means_;
};

// Calls visit(step, slot) for every angle of a program.
template <class Visit>
void for_slots(const Program& program, const Visit& visit) {
  for (const qsim::Step& step : program.steps) {
    for (const qsim::Factor& factor : step.factors) {
      if (factor.slot >= 0) visit(step, factor.slot);
    }
  }
}

template <class T>
void shift_rows(Workspace<T>& workspace, const Rules& rules, ShiftedValues<T> shifted_values,
                const Rows& out) {
  const Program& program = workspace.program();
  const std::size_t n = out.values.size();
  const std::size_t n_slots = program.slots.size();
  shifted_values.unshifted(out.values);
  std::vector<double> slot_gradients(n * n_slots, 0.0);
  std::vector<double> values(n);
  for_slots(program, [&](const qsim::Step& step, int slot) {
    const auto s = static_cast<std::size_t>(slot);
    for (const auto& [coefficient, shift] : rules[s]) {
      qsim::bind_shifted(program, step, slot, shift, workspace.binding());
      shifted_values.shifted(values);
      for (std::size_t k = 0; k < n; ++k) {
        slot_gradients[k * n_slots + s] += coefficient * values[k];
      }
    }
    qsim::bind_shifted(program, step, slot, 0.0, workspace.binding());
  });
  for (std::size_t k = 0; k < n; ++k) {
    workspace.add_slot_gradient(std::span(slot_gradients).subspan(k * n_slots, n_slots),
                                out.inputs_of(k), out.weights_of(k));
  }
}

template <class T>
void difference_rows(Workspace<T>& workspace, Quantity quantity, const Sampling& sampling,
                     double step, std::size_t sample, const Rows& out) {
  const std::size_t n = out.values.size();
  const std::size_t n_inputs = workspace.program().inputs.size();
  std::size_t run = 0;
  evaluate(workspace, quantity, sampling, sample, run++, out.values);
  const std::vector<double> center(workspace.parameters().begin(), workspace.parameters().end());
  std::vector<double> moved = center;
  std::vector<double> plus(n);
  std::vector<double> minus(n);
  const auto at = [&](std::size_t p, double value, std::vector<double>& values) {
    moved[p] = value;
    workspace.bind(std::span(moved).first(n_inputs), std::span(moved).subspan(n_inputs), false);
    evaluate(workspace, quantity, sampling, sample, run++, values);
  };
  for (std::size_t p = 0; p < center.size(); ++p) {
    at(p, center[p] + step, plus);
    at(p, center[p] - step, minus);
    moved[p] = center[p];
    for (std::size_t k = 0; k < n; ++k) {
      const double slope = (plus[k] - minus[k]) / (2 * step);
      if (p < n_inputs) {
        out.inputs_of(k)[p] = slope;
      } else {
        out.weights_of(k)[p - n_inputs] = slope;
      }
    }
  }
  workspace.bind(std::span(center).first(n_inputs), std::span(center).subspan(n_inputs), false);
}

// Balances truncation (step²) against rounding (ε/step).
template <class T>
double default_step() {
  return std::cbrt(static_cast<double>(std::numeric_limits<T>::epsilon()));
}

void check_options(const Program& program, const JacobianOptions& options) {
  check(program, options.quantity, {options.shots, options.seed});
  require(options.method != DiffMethod::kAdjoint || !options.shots,
          "the adjoint method is exact and takes no shots; use parameter-shift");
  require(std::isfinite(options.step) && options.step >= 0, "the finite-difference step is ",
          options.step, "; it must be positive");
}

// Throws ValueError where an exact rule does not exist or is out of reach.
Rules shift_rules(const Program& program, Quantity quantity) {
  require(quantity != Quantity::kState, "the state has no parameter-shift rule; use adjoint");
  const int n_parameters = program.tape.n_parameters();
  for (const auto& amplitude : program.initial) {
    require(!program.tape.depends_on(amplitude.entry, 0, n_parameters),
            "amplitudes given as parameters have no parameter-shift rule; use adjoint");
  }
  Rules out;
  for (const qsim::Slot& slot : program.slots) {
    const auto frequencies = qsim::frequencies(slot.eigenvalues, kMaxShiftFrequencies);
    require(frequencies.has_value(), "an angle's generator has more than ", kMaxShiftFrequencies,
            " frequencies, the limit of parameter-shift; use adjoint");
    out.push_back(shift_rule(*frequencies));
  }
  return out;
}

}  // namespace

DiffMethod diff_method(std::string_view name) {
  if (name == "adjoint") return DiffMethod::kAdjoint;
  if (name == "parameter-shift") return DiffMethod::kParameterShift;
  if (name == "finite-diff") return DiffMethod::kFiniteDifference;
  qsim::fail("there is no diff_method '", name,
             "'; there is adjoint, parameter-shift, finite-diff");
}

template <class T>
Gradients jacobian(const Program& program, const Batch& batch, const JacobianOptions& options) {
  check_options(program, options);
  check(program, batch);
  const Quantity quantity = options.quantity;
  const std::size_t n = n_values(program, quantity);
  const std::size_t n_inputs = n * program.inputs.size();
  const std::size_t n_weights = n * program.weights.size();
  qsim::require_memory(static_cast<double>(batch.size) *
                           (static_cast<double>(n) + static_cast<double>(n_inputs) +
                            static_cast<double>(n_weights)) *
                           sizeof(double),
                       "the Jacobian of a batch");
  const bool by_shift = options.method == DiffMethod::kParameterShift;
  const Rules rules = by_shift ? shift_rules(program, quantity) : Rules{};
  Gradients out{.values = std::vector<double>(batch.size * n),
                .inputs = std::vector<double>(batch.size * n_inputs),
                .weights = std::vector<double>(batch.size * n_weights)};
  const Sampling sampling{options.shots, options.seed};
  const std::size_t runs = options.method == DiffMethod::kAdjoint
                               ? n
                               : 2 * (program.slots.size() + program.n_parameters());
  const auto rows_of = [&](std::size_t sample) {
    return Rows{std::span(out.values).subspan(sample * n, n),
                std::span(out.inputs).subspan(sample * n_inputs, n_inputs),
                std::span(out.weights).subspan(sample * n_weights, n_weights)};
  };
  if (options.method == DiffMethod::kAdjoint && runs_in_blocks<T>(program, batch)) {
    constexpr std::size_t kMostBras = 8;
    for_blocks<T>(program, batch, {.n_bras = std::min(n, kMostBras), .per_sample = true},
                  [&](std::size_t first, BlockWorker<T>& worker) {
                    const std::size_t count = worker.block().count();
                    adjoint_block(worker, quantity,
                                  std::span(out.values).subspan(first * n, count * n),
                                  [&](std::size_t lane) { return rows_of(first + lane); });
                  });
    return out;
  }
  const auto differentiate = [&](std::size_t sample, Workspace<T>& workspace) {
    const Rows rows = rows_of(sample);
    switch (options.method) {
      case DiffMethod::kAdjoint:
        return adjoint_rows(workspace, quantity, rows);
      case DiffMethod::kParameterShift:
        return shift_rows(workspace, rules, ShiftedValues<T>(workspace, quantity, sampling, sample),
                          rows);
      case DiffMethod::kFiniteDifference:
        return difference_rows(workspace, quantity, sampling,
                               options.step > 0 ? options.step : default_step<T>(), sample, rows);
    }
  };
  for_samples<T>(program, batch, differentiate, runs);
  return out;
}

template Gradients jacobian<float>(const Program&, const Batch&, const JacobianOptions&);
template Gradients jacobian<double>(const Program&, const Batch&, const JacobianOptions&);

}  // namespace qml
