#include "qml/gradients/differentiate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "qml/gradients/shift_rule.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/memory.h"
#include "qsim/core/random.h"
#include "qsim/observables/expectation.h"

namespace qml {
namespace {

using qsim::fail;
using qsim::Program;
using qsim::Random;
using qsim::require;

void require_observables(const Program& program) {
  require(!program.observables.empty(), "the program has no observables to take values of");
}

void check_shots(const std::optional<std::int64_t>& shots) {
  require(!shots || *shots >= 1, "the number of shots is ", shots.value_or(0),
          "; it must be at least 1");
}

// Random numbers of their own for every (sample, run): run 0 is the unshifted circuit.
Random stream(std::uint64_t seed, std::size_t sample, std::size_t run) {
  constexpr int kRunBits = 32;
  return Random(seed, (static_cast<std::uint64_t>(sample) << kRunBits) | run);
}

// The rows of a result that belong to one sample.
template <class Value>
std::span<Value> row(std::vector<Value>& values, std::size_t sample, std::size_t size) {
  return std::span(values).subspan(sample * size, size);
}

// Runs the bound program and writes all its expectation values.
template <class T>
void evaluate(Workspace<T>& workspace, const ExpvalOptions& options, std::size_t sample,
              std::size_t run, std::span<double> out) {
  qsim::poll_interrupt();
  workspace.forward();
  Random random = stream(options.seed, sample, run);
  for (std::size_t k = 0; k < out.size(); ++k) {
    out[k] = options.shots ? qsim::sampled_expectation(workspace.program().observables[k],
                                                       workspace.ket(), *options.shots, random)
                           : workspace.expectation(k);
  }
}

// A result per sample that `write` fills after a forward run.
template <class T, class Value, class Write>
std::vector<Value> collect(const Program& program, const Batch& batch, std::size_t per_sample,
                           const Write& write) {
  qsim::require_memory(
      static_cast<double>(batch.size) * static_cast<double>(per_sample) * sizeof(Value),
      "the result of a batch");
  check(program, batch);
  std::vector<Value> out(batch.size * per_sample);
  for_samples<T>(program, batch, [&](std::size_t sample, Workspace<T>& workspace) {
    workspace.forward();
    write(sample, workspace, row(out, sample, per_sample));
  });
  return out;
}

// The Jacobian of one sample: observables × inputs and observables × weights.
struct Rows {
  std::span<double> values;
  std::span<double> inputs;
  std::span<double> weights;
};

template <class T>
void adjoint_rows(Workspace<T>& workspace, const Rows& out) {
  const Program& program = workspace.program();
  const std::size_t n = program.observables.size();
  workspace.forward();
  for (std::size_t k = 0; k < n; ++k) out.values[k] = workspace.expectation(k);
  const qsim::State<T> end = workspace.ket();
  std::vector<double> cotangent(n, 0.0);
  for (std::size_t k = 0; k < n; ++k) {
    qsim::poll_interrupt();
    if (k > 0) workspace.ket() = end;
    cotangent[k] = 1.0;
    workspace.backward(cotangent,
                       out.inputs.subspan(k * program.inputs.size(), program.inputs.size()),
                       out.weights.subspan(k * program.weights.size(), program.weights.size()));
    cotangent[k] = 0.0;
  }
}

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
void shift_rows(Workspace<T>& workspace, const ExpvalOptions& options, std::size_t sample,
                const Rows& out) {
  const Program& program = workspace.program();
  const std::size_t n = program.observables.size();
  std::size_t run = 0;
  evaluate(workspace, options, sample, run++, out.values);
  std::vector<double> slot_gradients(n * program.slots.size(), 0.0);
  std::vector<double> values(n);
  for_slots(program, [&](const qsim::Step& step, int slot) {
    const auto s = static_cast<std::size_t>(slot);
    for (const auto& [coefficient, shift] : shift_rule(program.slots[s].frequencies)) {
      qsim::bind_shifted(program, step, slot, shift, workspace.binding());
      evaluate(workspace, options, sample, run++, values);
      for (std::size_t k = 0; k < n; ++k) {
        slot_gradients[k * program.slots.size() + s] += coefficient * values[k];
      }
    }
    qsim::bind_shifted(program, step, slot, 0.0, workspace.binding());
  });
  for (std::size_t k = 0; k < n; ++k) {
    workspace.add_slot_gradient(
        row(slot_gradients, k, program.slots.size()),
        out.inputs.subspan(k * program.inputs.size(), program.inputs.size()),
        out.weights.subspan(k * program.weights.size(), program.weights.size()));
  }
}

template <class T>
void difference_rows(Workspace<T>& workspace, const ExpvalOptions& options, double step,
                     std::size_t sample, const Rows& out) {
  const Program& program = workspace.program();
  const std::size_t n = program.observables.size();
  const std::size_t n_inputs = program.inputs.size();
  std::size_t run = 0;
  evaluate(workspace, options, sample, run++, out.values);
  const std::vector<double> center(workspace.parameters().begin(), workspace.parameters().end());
  std::vector<double> moved = center;
  std::vector<double> plus(n);
  std::vector<double> minus(n);
  const auto at = [&](std::size_t p, double value, std::vector<double>& values) {
    moved[p] = value;
    workspace.bind(std::span(moved).first(n_inputs), std::span(moved).subspan(n_inputs), false);
    evaluate(workspace, options, sample, run++, values);
  };
  for (std::size_t p = 0; p < center.size(); ++p) {
    at(p, center[p] + step, plus);
    at(p, center[p] - step, minus);
    moved[p] = center[p];
    for (std::size_t k = 0; k < n; ++k) {
      const double slope = (plus[k] - minus[k]) / (2 * step);
      if (p < n_inputs) {
        out.inputs[k * n_inputs + p] = slope;
      } else {
        out.weights[k * program.weights.size() + p - n_inputs] = slope;
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

void check_method(const Program& program, const JacobianOptions& options) {
  require_observables(program);
  check_shots(options.shots);
  require(options.method != DiffMethod::kAdjoint || !options.shots,
          "the adjoint method is exact and takes no shots; use parameter-shift");
  require(std::isfinite(options.step) && options.step >= 0, "the finite-difference step is ",
          options.step, "; it must be positive");
  if (options.method != DiffMethod::kParameterShift) return;
  const int n_parameters = program.tape.n_parameters();
  for (const auto& amplitude : program.initial) {
    require(!program.tape.depends_on(amplitude.entry, 0, n_parameters),
            "amplitudes given as parameters have no parameter-shift rule; use adjoint");
  }
}

}  // namespace

template <class T>
std::vector<double> expval(const Program& program, const Batch& batch,
                           const ExpvalOptions& options) {
  require_observables(program);
  check_shots(options.shots);
  check(program, batch);
  std::vector<double> out(batch.size * program.observables.size());
  for_samples<T>(program, batch, [&](std::size_t sample, Workspace<T>& workspace) {
    evaluate(workspace, options, sample, 0, row(out, sample, program.observables.size()));
  });
  return out;
}

template <class T>
std::vector<double> variance(const Program& program, const Batch& batch) {
  require_observables(program);
  return collect<T, double>(program, batch, program.observables.size(),
                            [&](std::size_t, Workspace<T>& workspace, std::span<double> out) {
                              for (std::size_t k = 0; k < out.size(); ++k) {
                                out[k] = qsim::variance(program.observables[k], workspace.ket());
                              }
                            });
}

template <class T>
std::vector<std::complex<T>> states(const Program& program, const Batch& batch) {
  return collect<T, std::complex<T>>(
      program, batch, qsim::bit(program.n_qubits),
      [](std::size_t, Workspace<T>& workspace, std::span<std::complex<T>> out) {
        workspace.ket().copy_amplitudes(0, out);
      });
}

template <class T>
std::vector<double> probabilities(const Program& program, const Batch& batch) {
  return collect<T, double>(program, batch, qsim::bit(program.n_qubits),
                            [](std::size_t, Workspace<T>& workspace, std::span<double> out) {
                              const auto p = workspace.ket().probabilities();
                              std::copy(p.begin(), p.end(), out.begin());
                            });
}

template <class T>
std::vector<qsim::Index> sample(const Program& program, const Batch& batch, std::int64_t shots,
                                std::uint64_t seed) {
  check_shots(shots);
  return collect<T, qsim::Index>(
      program, batch, static_cast<std::size_t>(shots),
      [&](std::size_t k, Workspace<T>& workspace, std::span<qsim::Index> out) {
        const auto draws = workspace.ket().sample(shots, stream(seed, k, 0).bits());
        std::copy(draws.begin(), draws.end(), out.begin());
      });
}

template <class T>
Gradients vjp(const Program& program, const Batch& batch, const CotangentOf& cotangent_of) {
  require_observables(program);
  check(program, batch);
  const std::size_t n = program.observables.size();
  const std::size_t n_weights = program.weights.size();
  qsim::require_memory(static_cast<double>(batch.size) *
                           static_cast<double>(2 * n + program.inputs.size() + n_weights) *
                           sizeof(double),
                       "the gradients of a batch");
  Gradients out{.values = std::vector<double>(batch.size * n),
                .inputs = std::vector<double>(batch.size * program.inputs.size()),
                .weights = std::vector<double>(batch.size * n_weights)};
  std::vector<double> cotangents(batch.size * n);
  for_samples<T>(program, batch, [&](std::size_t sample, Workspace<T>& workspace) {
    const auto values = row(out.values, sample, n);
    const auto cotangent = row(cotangents, sample, n);
    evaluate(workspace, {}, sample, 0, values);
    cotangent_of(sample, values, cotangent);
    workspace.backward(cotangent, row(out.inputs, sample, program.inputs.size()),
                       row(out.weights, sample, n_weights));
  });
  if (!batch.weights_per_sample) {  // summed in the order of the samples
    for (std::size_t sample = 1; sample < batch.size; ++sample) {
      for (std::size_t k = 0; k < n_weights; ++k) {
        out.weights[k] += out.weights[sample * n_weights + k];
      }
    }
    out.weights.resize(n_weights);
  }
  return out;
}

template <class T>
Gradients vjp(const Program& program, const Batch& batch, std::span<const double> cotangent) {
  const std::size_t n = program.observables.size();
  require(cotangent.size() == batch.size * n, "a cotangent for ", batch.size, " sample(s) and ", n,
          " observable(s) needs ", batch.size * n, " values, got ", cotangent.size());
  for (const double c : cotangent) {
    require(std::isfinite(c), "a cotangent is ", c, "; it must be finite");
  }
  return vjp<T>(
      program, batch,
      CotangentOf([&](std::size_t sample, std::span<const double>, std::span<double> out) {
        const auto from = cotangent.subspan(sample * n, n);
        std::copy(from.begin(), from.end(), out.begin());
      }));
}

DiffMethod diff_method(std::string_view name) {
  if (name == "adjoint") return DiffMethod::kAdjoint;
  if (name == "parameter-shift") return DiffMethod::kParameterShift;
  if (name == "finite-diff") return DiffMethod::kFiniteDifference;
  fail("there is no diff_method '", name, "'; there is adjoint, parameter-shift, finite-diff");
}

template <class T>
Gradients jacobian(const Program& program, const Batch& batch, const JacobianOptions& options) {
  check_method(program, options);
  check(program, batch);
  const std::size_t n = program.observables.size();
  const std::size_t n_inputs = n * program.inputs.size();
  const std::size_t n_weights = n * program.weights.size();
  qsim::require_memory(static_cast<double>(batch.size) *
                           static_cast<double>(n + n_inputs + n_weights) * sizeof(double),
                       "the Jacobian of a batch");
  Gradients out{.values = std::vector<double>(batch.size * n),
                .inputs = std::vector<double>(batch.size * n_inputs),
                .weights = std::vector<double>(batch.size * n_weights)};
  const ExpvalOptions sampling{options.shots, options.seed};
  const std::size_t runs = options.method == DiffMethod::kAdjoint
                               ? n
                               : 2 * (program.slots.size() + program.n_parameters());
  const auto differentiate = [&](std::size_t sample, Workspace<T>& workspace) {
    const Rows rows{row(out.values, sample, n), row(out.inputs, sample, n_inputs),
                    row(out.weights, sample, n_weights)};
    switch (options.method) {
      case DiffMethod::kAdjoint:
        return adjoint_rows(workspace, rows);
      case DiffMethod::kParameterShift:
        return shift_rows(workspace, sampling, sample, rows);
      case DiffMethod::kFiniteDifference:
        return difference_rows(workspace, sampling,
                               options.step > 0 ? options.step : default_step<T>(), sample, rows);
    }
  };
  for_samples<T>(program, batch, differentiate, runs);
  return out;
}

// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define KETGRAD_INSTANTIATE(T)                                                                \
  template std::vector<double> expval<T>(const Program&, const Batch&, const ExpvalOptions&); \
  template std::vector<double> variance<T>(const Program&, const Batch&);                     \
  template std::vector<std::complex<T>> states<T>(const Program&, const Batch&);              \
  template std::vector<double> probabilities<T>(const Program&, const Batch&);                \
  template std::vector<qsim::Index> sample<T>(const Program&, const Batch&, std::int64_t,     \
                                              std::uint64_t);                                 \
  template Gradients vjp<T>(const Program&, const Batch&, const CotangentOf&);                \
  template Gradients vjp<T>(const Program&, const Batch&, std::span<const double>);           \
  template Gradients jacobian<T>(const Program&, const Batch&, const JacobianOptions&);
KETGRAD_INSTANTIATE(float)
KETGRAD_INSTANTIATE(double)
#undef KETGRAD_INSTANTIATE
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace qml
