#include <algorithm>
#include <cmath>

#include "qml/gradients/bra.h"
#include "qml/gradients/differentiate.h"
#include "qsim/core/error.h"
#include "qsim/core/memory.h"

namespace qml {
namespace {

using qsim::Program;
using qsim::require;

void check_all(const Program& program, const Batch& batch, Quantity quantity) {
  check(program, quantity, {});
  check(program, batch);
  const std::size_t numbers =  // of values, cotangents and derivatives
      2 * n_values(program, quantity) + program.n_parameters();
  qsim::require_memory(
      static_cast<double>(batch.size) * static_cast<double>(numbers) * sizeof(double),
      "the gradients of a batch");
}

// Adds the rows of all samples up, in the order of the samples.
void sum_rows(std::vector<double>& rows, std::size_t n_columns) {
  for (std::size_t k = n_columns; k < rows.size(); ++k) rows[k % n_columns] += rows[k];
  rows.resize(n_columns);
}

// cotangent_of(sample, values) returns the cotangent of a sample's values.
template <class T, class Cotangent>
Gradients sweep(const Program& program, const Batch& batch, Quantity quantity,
                const Cotangent& cotangent_of) {
  const std::size_t n = n_values(program, quantity);
  const std::size_t n_inputs = program.inputs.size();
  const std::size_t n_weights = program.weights.size();
  Gradients out{.values = std::vector<double>(batch.size * n),
                .inputs = std::vector<double>(batch.size * n_inputs),
                .weights = std::vector<double>(batch.size * n_weights)};
  for_samples<T>(program, batch, [&](std::size_t sample, Workspace<T>& workspace) {
    const auto values = std::span(out.values).subspan(sample * n, n);
    evaluate(workspace, quantity, {}, sample, 0, values);
    fill_bra(workspace, quantity, cotangent_of(sample, values));
    workspace.backward(std::span(out.inputs).subspan(sample * n_inputs, n_inputs),
                       std::span(out.weights).subspan(sample * n_weights, n_weights));
  });
  if (!batch.weights_per_sample) sum_rows(out.weights, n_weights);
  return out;
}

}  // namespace

template <class T>
Gradients vjp(const Program& program, const Batch& batch, const CotangentOf& cotangent_of,
              Quantity quantity) {
  check_all(program, batch, quantity);
  const std::size_t n = n_values(program, quantity);
  std::vector<double> cotangents(batch.size * n);
  return sweep<T>(program, batch, quantity,
                  [&](std::size_t sample, std::span<const double> values) {
                    const auto cotangent = std::span(cotangents).subspan(sample * n, n);
                    cotangent_of(sample, values, cotangent);
                    return std::span<const double>(cotangent);
                  });
}

template <class T>
Gradients vjp(const Program& program, const Batch& batch, std::span<const double> cotangent,
              Quantity quantity) {
  check_all(program, batch, quantity);
  const std::size_t n = n_values(program, quantity);
  require(cotangent.size() == batch.size * n, "a cotangent of ", name_of(quantity), " for ",
          batch.size, " sample(s) of ", n, " value(s) needs ", batch.size * n, " values, got ",
          cotangent.size());
  for (const double c : cotangent) {
    require(std::isfinite(c), "a cotangent is ", c, "; it must be finite");
  }
  return sweep<T>(program, batch, quantity, [&](std::size_t sample, std::span<const double>) {
    return cotangent.subspan(sample * n, n);
  });
}

template Gradients vjp<float>(const Program&, const Batch&, const CotangentOf&, Quantity);
template Gradients vjp<double>(const Program&, const Batch&, const CotangentOf&, Quantity);
template Gradients vjp<float>(const Program&, const Batch&, std::span<const double>, Quantity);
template Gradients vjp<double>(const Program&, const Batch&, std::span<const double>, Quantity);

}  // namespace qml
