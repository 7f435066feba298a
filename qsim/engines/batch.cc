#include "qsim/engines/batch.h"

#include <algorithm>
#include <cmath>

#include "qsim/compile/bind.h"
#include "qsim/compile/slope_error.h"
#include "qsim/core/error.h"

namespace qsim {
namespace {

void check_initial_states(const Program& program, const Batch& batch) {
  constexpr double kNormTolerance = 1e-6;
  require(program.initial.empty(),
          "the circuit has an initialize of its own, so it takes no initial states");
  const std::size_t size = bit(program.n_qubits);
  const std::size_t count = batch.initial_states.size();
  require(count == size || count == batch.size * size, "initial states of ", program.n_qubits,
          " qubits for a batch of ", batch.size, " need ", size, " or ", batch.size * size,
          " amplitudes, got ", count);
  for (std::size_t first = 0; first < count; first += size) {
    double squares = 0;
    for (const auto& amplitude : batch.initial_states.subspan(first, size)) {
      squares += std::norm(amplitude);
    }
    if (std::abs(std::sqrt(squares) - 1) <= kNormTolerance) continue;
    fail("the initial state", count > size ? sample_text(batch, first / size) : "", " has norm ",
         std::sqrt(squares), "; it must be 1 within ", kNormTolerance);
  }
}

void check_norm(double squares, const std::string& where) {
  require(squares > 0 && std::isfinite(squares), "the amplitudes to initialize with have norm ",
          std::sqrt(squares), where, "; it must be positive and finite");
}

// Calls visit(sample, values of the tape) for every sample.
template <class Visit>
void for_values(const Program& program, const Batch& batch, const Visit& visit) {
  std::vector<double> parameters(program.n_parameters());
  std::vector<double> values(program.tape.size());
  for (std::size_t sample = 0; sample < batch.size; ++sample) {
    const auto weights =
        std::ranges::copy(batch.inputs_of(program, sample), parameters.begin()).out;
    std::ranges::copy(batch.weights_of(program, sample), weights);
    program.tape.evaluate(parameters, values);
    visit(sample, values);
  }
}

// The sample's number, where an entry of the tape depends on it.
std::string text_of(const Program& program, const Batch& batch, std::size_t sample, int entry) {
  const auto n_inputs = static_cast<int>(program.inputs.size());
  const bool by_sample = batch.weights_per_sample || program.tape.depends_on(entry, 0, n_inputs);
  return by_sample ? sample_text(batch, sample) : "";
}

}  // namespace

std::span<const std::complex<double>> Batch::initial_of(const Program& program, std::size_t first,
                                                        std::size_t count) const {
  const std::size_t columns = bit(program.n_qubits);
  if (initial_states.size() <= columns) return initial_states;
  return initial_states.subspan(first * columns, count * columns);
}

std::string sample_text(const Batch& batch, std::size_t sample) {
  const std::size_t rows = batch.rows > 0 ? batch.rows : batch.size;
  return rows > 1 ? concat(" in sample ", sample % rows) : "";
}

// As those of an amplitude map are. (Of expressions the run finds it.)
void check_amplitudes(const Program& program, const Batch& batch) {
  const std::size_t n_inputs = program.inputs.size();
  const auto is_parameter = [&](const Program::Amplitude& a) {
    return static_cast<std::size_t>(a.entry) < program.n_parameters();
  };
  if (program.initial.empty() || !std::ranges::all_of(program.initial, is_parameter)) return;
  const std::size_t rows = n_inputs > 0 || batch.weights_per_sample ? batch.size : 1;
  for (std::size_t sample = 0; sample < rows; ++sample) {
    const auto inputs = batch.inputs.subspan(sample * n_inputs, n_inputs);
    const auto weights =
        batch.weights.subspan(batch.weights_per_sample ? sample * program.weights.size() : 0);
    double squares = 0;
    for (const auto& a : program.initial) {
      const auto k = static_cast<std::size_t>(a.entry);
      const double value = k < n_inputs ? inputs[k] : weights[k - n_inputs];
      squares += value * value;
    }
    check_norm(squares, sample_text(batch, sample));
  }
}

void check_expressions(const Program& program, const Batch& batch) {
  for_values(program, batch, [&](std::size_t sample, std::span<const double> values) {
    const auto require_finite = [&](int entry, std::string_view what) {
      if (std::isfinite(values[static_cast<std::size_t>(entry)])) return;
      require_finite_entry(program, entry, what, values, text_of(program, batch, sample, entry));
    };
    for (const Slot& slot : program.slots) require_finite(slot.entry, "an angle");
    double squares = program.initial.empty() ? 1.0 : 0.0;
    for (const auto& amplitude : program.initial) {
      require_finite(amplitude.entry, "an amplitude");
      const double value = values[static_cast<std::size_t>(amplitude.entry)];
      squares += value * value;
    }
    check_norm(squares, sample_text(batch, sample));
  });
}

void check_slopes(const Program& program, const Batch& batch) {
  std::vector<double> adjoints(program.tape.size());
  for_values(program, batch, [&](std::size_t sample, std::span<const double> values) {
    try {
      std::ranges::fill(adjoints, 0.0);
      program.tape.reverse(values, adjoints);
    } catch (const SlopeError& error) {
      fail(error.what(), text_of(program, batch, sample, error.entry));
    }
  });
}

void name_sample(const Program& program, const Batch& batch, const ValueError& error) {
  check_expressions(program, batch);
  if (dynamic_cast<const SlopeError*>(&error) != nullptr) check_slopes(program, batch);
}

void check(const Program& program, const Batch& batch) {
  require(batch.size >= 1, "the batch is empty");
  require(batch.inputs.size() == batch.size * program.inputs.size(), "the program has ",
          program.inputs.size(), " input(s), so a batch of ", batch.size, " needs ",
          batch.size * program.inputs.size(), " values, got ", batch.inputs.size());
  const std::size_t rows = batch.weights_per_sample ? batch.size : 1;
  require(batch.weights.size() == rows * program.weights.size(), "the program has ",
          program.weights.size(), " weight(s), so ", rows, " row(s) need ",
          rows * program.weights.size(), " values, got ", batch.weights.size());
  const auto require_finite = [&](std::span<const double> values, std::size_t first,
                                  std::size_t count) {
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (std::isfinite(values[k])) continue;
      fail("parameter '", parameter_name(program, first + k % count), "' is ", values[k],
           values.size() > count ? sample_text(batch, k / count) : "", "; it must be finite");
    }
  };
  require_finite(batch.inputs, 0, program.inputs.size());
  require_finite(batch.weights, program.inputs.size(), program.weights.size());
  check_amplitudes(program, batch);
  if (!batch.initial_states.empty()) check_initial_states(program, batch);
}

void check_no_initial_states(const Batch& batch, std::string_view what) {
  require(batch.initial_states.empty(), what, " take no initial states");
}

}  // namespace qsim
