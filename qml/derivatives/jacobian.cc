#include <algorithm>
#include <memory>
#include <vector>

#include "qml/derivatives/differentiate.h"
#include "qml/derivatives/finite_differences.h"
#include "qml/derivatives/jacobian_rows.h"
#include "qml/derivatives/shift/parameter_shift.h"
#include "qml/derivatives/shift/shift_cones.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/memory.h"
#include "qsim/engines/batch_run.h"

namespace qml {
namespace {

using qsim::Program;
using qsim::require;

// The Jacobian of the samples of a slice; the bras of several values share a sweep. rows_of(sample)
// are where its results go.
template <class T, class RowsOf>
void adjoint_rows(qsim::Worker<T>& worker, Quantity quantity, std::span<double> values,
                  const RowsOf& rows_of) {
  const std::size_t count = worker.count();
  const std::size_t n = values.size() / count;
  const std::size_t n_bras = worker.n_bras();
  std::vector<double> cotangents(values.size());
  for (std::size_t begin = 0; begin < n; begin += n_bras) {
    qsim::poll_interrupt();
    if (begin == 0) {
      worker.forward();
      worker.values(quantity, {}, values);
    } else {
      worker.forward_again();
    }
    for (std::size_t bra = 0; bra < n_bras; ++bra) {
      std::fill(cotangents.begin(), cotangents.end(), 0.0);
      for (std::size_t k = 0; k < count && begin + bra < n; ++k) {
        cotangents[k * n + begin + bra] = 1.0;
      }
      worker.set_bra(bra, quantity, cotangents);
    }
    worker.backward();
    for (std::size_t value = begin; value < std::min(n, begin + n_bras); ++value) {
      for (std::size_t k = 0; k < count; ++k) {
        const JacobianRows rows = rows_of(worker.first() + k);
        worker.read(value - begin, k, rows.inputs_of(value), rows.weights_of(value));
      }
    }
  }
}

void check_options(const Program& program, const JacobianOptions& options) {
  check(program, options.quantity, {options.shots, options.seed});
  require(options.method != DiffMethod::kAdjoint || !options.shots,
          "the adjoint method is exact and takes no shots; use parameter-shift");
  require(options.step == 0 || options.method == DiffMethod::kFiniteDifference,
          "a step is for finite-diff; this method takes none and would ignore it");
  const bool from_shots = options.method == DiffMethod::kParameterShift && options.shots;
  require(from_shots || options.allocation == ShotAllocation::kEach,
          "an allocation of shots is for parameter-shift with shots");
  require(from_shots || !(options.std_errors || options.covariance),
          "standard errors and covariances are those of parameter-shift with shots");
}

double size_in_bytes(const Program& program, const Batch& batch, const JacobianOptions& options) {
  const auto n_parameters = static_cast<double>(program.n_parameters());
  const double a_value = 1 + (options.std_errors ? 2 : 1) * n_parameters +
                         (options.covariance ? n_parameters * n_parameters : 0);
  return static_cast<double>(batch.size) *
         static_cast<double>(n_values(program, options.quantity)) * a_value * sizeof(double);
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
  check_step<T>(options.step);
  check(program, batch);
  const Quantity quantity = options.quantity;
  const std::size_t n = n_values(program, quantity);
  const std::size_t n_inputs = n * program.inputs.size();
  const std::size_t n_weights = n * program.weights.size();
  qsim::require_memory(size_in_bytes(program, batch, options), "the Jacobian of a batch");
  Gradients out{.values = std::vector<double>(batch.size * n),
                .inputs = std::vector<double>(batch.size * n_inputs),
                .weights = std::vector<double>(batch.size * n_weights)};
  if (options.method == DiffMethod::kParameterShift) {
    const auto engine = qsim::choose_engine<T>(program, batch, {.reads = qsim::reads_of(quantity)});
    const auto& shift = engine == qsim::EngineKind::kCones ? shift_cones<T> : parameter_shift<T>;
    naming_samples(program, batch, [&] { shift(program, batch, options, out); });
    return out;
  }
  const auto rows_of = [&](std::size_t sample) {
    return JacobianRows{std::span(out.values).subspan(sample * n, n),
                        std::span(out.inputs).subspan(sample * n_inputs, n_inputs),
                        std::span(out.weights).subspan(sample * n_weights, n_weights)};
  };
  if (options.method == DiffMethod::kAdjoint) {
    qsim::BatchRun<T> run(program, batch,
                          {.n_bras = n, .per_sample = true, .reads = qsim::reads_of(quantity)});
    run.for_slices([&](qsim::Worker<T>& worker) {
      adjoint_rows(worker, quantity,
                   std::span(out.values).subspan(worker.first() * n, worker.count() * n), rows_of);
    });
    return out;
  }
  for (std::size_t sample = 0; sample < batch.size; ++sample) {
    naming_sample(program, batch, sample,
                  [&] { difference_rows<T>(program, batch, sample, options, rows_of(sample)); });
  }
  return out;
}

template Gradients jacobian<float>(const Program&, const Batch&, const JacobianOptions&);
template Gradients jacobian<double>(const Program&, const Batch&, const JacobianOptions&);

}  // namespace qml
