#include "bindings/rank_plan.h"

#include <bit>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/arguments.h"
#include "bindings/program.h"
#include "qsim/core/matrix.h"
#include "qsim/engines/ranks/communicator.h"
#include "qsim/engines/ranks/rank_costs.h"

namespace ketgrad {
namespace {

using qsim::Bandwidths;

qsim::RankCosts costs_of(const qsim::Circuit& circuit, const qsim::Observables& observables,
                         int ranks, std::string_view precision, const Bandwidths& bandwidths) {
  qsim::require_power_of_two(ranks);
  const int rank_bits = std::countr_zero(static_cast<unsigned>(ranks));
  const bool single = is_single(precision);
  const WithoutGil release;
  const qsim::Program program = qsim::compile_for_ranks(circuit, observables);
  return single ? qsim::rank_costs<float>(program, rank_bits, bandwidths)
                : qsim::rank_costs<double>(program, rank_bits, bandwidths);
}

// A capsule, whose type older Pythons have no name for.
py::object program_for_ranks(const PyProgram& p, QubitsArg measured) {
  auto program = std::make_unique<qsim::Program>(qsim::compile_for_ranks(
      p.circuit, p.program.observables, p.program.inputs, qsim::Names(p.program.weights)));
  if (!measured.value.empty()) qsim::require_distinct(measured.value, program->n_qubits);
  program->measured = std::move(measured.value);
  return py::capsule(program.release(),
                     [](void* made) { delete static_cast<qsim::Program*>(made); });
}

// Rows of parameters, inputs first; whether there is an axis of them; whether each has weights of
// its own. Values come and are refused as those of ketgrad.Program are.
std::tuple<py::array_t<double>, bool, bool> rank_rows(const PyProgram& p,
                                                      const std::optional<py::object>& inputs,
                                                      const std::optional<py::object>& weights) {
  const PyBatch batch(p.program, inputs, weights);
  const qsim::Batch& given = batch.view();
  qsim::check(p.program, given);
  const std::size_t n_inputs = p.program.inputs.size();
  const std::size_t n_weights = p.program.weights.size();
  const std::size_t width = n_inputs + n_weights;
  std::vector<double> out;
  out.reserve(given.size * width);
  for (std::size_t row = 0; row < given.size; ++row) {
    const auto own = given.inputs.subspan(row * n_inputs, n_inputs);
    const auto shared =
        given.weights.subspan(given.weights_per_sample ? row * n_weights : 0, n_weights);
    out.insert(out.end(), own.begin(), own.end());
    out.insert(out.end(), shared.begin(), shared.end());
  }
  return {to_array(std::move(out),
                   {static_cast<py::ssize_t>(given.size), static_cast<py::ssize_t>(width)}),
          !batch.shape({}).empty(), batch.weights_per_sample()};
}

}  // namespace

void bind_rank_plan(py::module_& m) {
  m.def("_program_for_ranks", &program_for_ranks, py::arg("program"), py::arg("measured"),
        "What ketgrad.mpi.Program runs, in a capsule for its own module.");
  m.def(
      "_rank_rows", &rank_rows, py::arg("program"), py::arg("inputs"), py::arg("weights"),
      "Parameters of samples, inputs first, (samples, n_parameters); whether samples have an axis, "
      "and weights of their own.");
  m.def(
      "_plan_ranks",
      [](const qsim::Circuit& circuit, ObservablesArg observables, int ranks,
         std::string_view precision, double network, double memory) {
        const qsim::RankCosts costs = costs_of(circuit, std::move(observables.value), ranks,
                                               precision, {.network = network, .memory = memory});
        py::dict out;
        out["epochs"] = costs.epochs;
        out["exchanges"] = costs.exchanges;
        out["passes"] = costs.passes;
        out["state_bytes"] = costs.state_bytes;
        out["sent_bytes"] = costs.sent_bytes;
        out["shown_bytes"] = costs.shown_bytes;
        out["sent_back_bytes"] = costs.sent_back_bytes;
        out["run_bytes"] = costs.run_bytes;
        out["gradient_bytes"] = costs.gradient_bytes;
        out["network_seconds"] = costs.network_seconds;
        out["memory_seconds"] = costs.memory_seconds;
        return out;
      },
      py::arg("circuit"), py::arg("observables"), py::arg("ranks"), py::arg("precision"),
      py::arg("network"), py::arg("memory"), "What ketgrad.mpi.plan tells.");
}

}  // namespace ketgrad
