#include "qml/gradients/batch.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "qsim/compile/bind.h"
#include "qsim/compile/slope_error.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/parallel.h"
#include "qsim/state/parts.h"

namespace qml {
namespace {

// Amplitudes times steps below which starting threads costs more than it saves.
constexpr double kWorthThreads = 1 << 20;
// Amplitudes times steps after which interrupts are looked at: some tens of milliseconds.
constexpr double kGroupWork = 1 << 26;

void check_initial_states(const qsim::Program& program, const Batch& batch) {
  using qsim::require;
  constexpr double kNormTolerance = 1e-6;
  require(program.initial.empty(),
          "the circuit has an initialize of its own, so it takes no initial states");
  const std::size_t size = qsim::bit(program.n_qubits);
  const std::size_t count = batch.initial_states.size();
  require(count == size || count == batch.size * size, "initial states of ", program.n_qubits,
          " qubits for a batch of ", batch.size, " need ", size, " or ", batch.size * size,
          " amplitudes, got ", count);
  for (std::size_t first = 0; first < count; first += size) {
    double squares = 0;
    for (const auto& amplitude : batch.initial_states.subspan(first, size)) {
      squares += std::norm(amplitude);
    }
    require(std::abs(std::sqrt(squares) - 1) <= kNormTolerance, "the initial state",
            count > size ? sample_text(batch, first / size) : "", " has norm ", std::sqrt(squares),
            "; it must be 1 within ", kNormTolerance);
  }
}

void check_norm(double squares, const std::string& where) {
  qsim::require(squares > 0 && std::isfinite(squares),
                "the amplitudes to initialize with have norm ", std::sqrt(squares), where,
                "; it must be positive and finite");
}

// Calls visit(sample, values of the tape) for every sample.
template <class Visit>
void for_values(const qsim::Program& program, const Batch& batch, const Visit& visit) {
  const std::size_t n_inputs = program.inputs.size();
  const std::size_t n_weights = program.weights.size();
  std::vector<double> parameters(program.n_parameters());
  std::vector<double> values(program.tape.size());
  for (std::size_t sample = 0; sample < batch.size; ++sample) {
    const std::size_t row = batch.weights_per_sample ? sample : 0;
    std::ranges::copy(batch.inputs.subspan(sample * n_inputs, n_inputs), parameters.begin());
    std::ranges::copy(batch.weights.subspan(row * n_weights, n_weights),
                      parameters.begin() + static_cast<std::ptrdiff_t>(n_inputs));
    program.tape.evaluate(parameters, values);
    visit(sample, values);
  }
}

// The sample's number, where an entry of the tape depends on it.
std::string text_of(const qsim::Program& program, const Batch& batch, std::size_t sample,
                    int entry) {
  const auto n_inputs = static_cast<int>(program.inputs.size());
  const bool by_sample = batch.weights_per_sample || program.tape.depends_on(entry, 0, n_inputs);
  return by_sample ? sample_text(batch, sample) : "";
}

}  // namespace

std::span<const std::complex<double>> Batch::initial_of(const qsim::Program& program,
                                                        std::size_t first,
                                                        std::size_t count) const {
  const std::size_t columns = qsim::bit(program.n_qubits);
  if (initial_states.size() <= columns) return initial_states;
  return initial_states.subspan(first * columns, count * columns);
}

std::string sample_text(const Batch& batch, std::size_t sample) {
  const std::size_t rows = batch.rows > 0 ? batch.rows : batch.size;
  return rows > 1 ? qsim::concat(" in sample ", sample % rows) : "";
}

// As those of an amplitude map are. (Of expressions the run finds it.)
void check_amplitudes(const qsim::Program& program, const Batch& batch) {
  const std::size_t n_inputs = program.inputs.size();
  const auto is_parameter = [&](const qsim::Program::Amplitude& a) {
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

void check_expressions(const qsim::Program& program, const Batch& batch) {
  for_values(program, batch, [&](std::size_t sample, std::span<const double> values) {
    const auto require_finite = [&](int entry, std::string_view what) {
      if (std::isfinite(values[static_cast<std::size_t>(entry)])) return;
      qsim::require_finite_entry(program, entry, what, values,
                                 text_of(program, batch, sample, entry));
    };
    for (const qsim::Slot& slot : program.slots) require_finite(slot.entry, "an angle");
    double squares = program.initial.empty() ? 1.0 : 0.0;
    for (const auto& amplitude : program.initial) {
      require_finite(amplitude.entry, "an amplitude");
      const double value = values[static_cast<std::size_t>(amplitude.entry)];
      squares += value * value;
    }
    check_norm(squares, sample_text(batch, sample));
  });
}

void check_slopes(const qsim::Program& program, const Batch& batch) {
  std::vector<double> adjoints(program.tape.size());
  for_values(program, batch, [&](std::size_t sample, std::span<const double> values) {
    try {
      std::ranges::fill(adjoints, 0.0);
      program.tape.reverse(values, adjoints);
    } catch (const qsim::SlopeError& error) {
      qsim::fail(error.what(), text_of(program, batch, sample, error.entry));
    }
  });
}

void name_sample(const qsim::Program& program, const Batch& batch, const qsim::ValueError& error) {
  check_expressions(program, batch);
  if (dynamic_cast<const qsim::SlopeError*>(&error) != nullptr) check_slopes(program, batch);
}

void check(const qsim::Program& program, const Batch& batch) {
  using qsim::require;
  require(batch.size >= 1, "the batch is empty");
  require(batch.inputs.size() == batch.size * program.inputs.size(), "the program has ",
          program.inputs.size(), " inputs, so a batch of ", batch.size, " needs ",
          batch.size * program.inputs.size(), " values, got ", batch.inputs.size());
  const std::size_t rows = batch.weights_per_sample ? batch.size : 1;
  require(batch.weights.size() == rows * program.weights.size(), "the program has ",
          program.weights.size(), " weights, so ", rows, " row(s) need ",
          rows * program.weights.size(), " values, got ", batch.weights.size());
  const auto require_finite = [&](std::span<const double> values, std::size_t first,
                                  std::size_t count) {
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (std::isfinite(values[k])) continue;
      qsim::fail("parameter '", qsim::parameter_name(program, first + k % count), "' is ",
                 values[k], values.size() > count ? sample_text(batch, k / count) : "",
                 "; it must be finite");
    }
  };
  require_finite(batch.inputs, 0, program.inputs.size());
  require_finite(batch.weights, program.inputs.size(), program.weights.size());
  check_amplitudes(program, batch);
  if (!batch.initial_states.empty()) check_initial_states(program, batch);
}

void check_no_initial_states(const Batch& batch, std::string_view what) {
  qsim::require(batch.initial_states.empty(), what, " take no initial states");
}

template <class T>
void for_samples(const qsim::Program& program, const Batch& batch,
                 const std::function<void(std::size_t, Workspace<T>&)>& body,
                 std::size_t runs_per_sample, int states) {
  check(program, batch);
  const double work = std::ldexp(static_cast<double>((program.steps.size() + 1) * runs_per_sample),
                                 program.n_qubits);
  const bool by_sample = qsim::part_count(program.n_qubits) == 1 && batch.size > 1 &&
                         work * static_cast<double>(batch.size) >= kWorthThreads;
  // Read once: another thread may change the number while this runs.
  const int threads = by_sample ? qsim::num_threads() : 1;
  const auto workers = static_cast<std::size_t>(threads);
  qsim::require_memory(
      states * static_cast<double>(workers) * qsim::State<T>::bytes(program.n_qubits),
      qsim::concat("running a ", program.n_qubits, "-qubit program"));
  std::vector<std::unique_ptr<Workspace<T>>> workspaces(workers);

  const std::size_t n_inputs = program.inputs.size();
  const std::size_t n_weights = program.weights.size();
  const auto run = [&](std::size_t sample, std::size_t worker) {
    auto& workspace = workspaces[worker];
    const bool first = workspace == nullptr;
    if (first) workspace = std::make_unique<Workspace<T>>(program);
    const std::size_t row = batch.weights_per_sample ? sample : 0;
    workspace->bind(batch.inputs.subspan(sample * n_inputs, n_inputs),
                    batch.weights.subspan(row * n_weights, n_weights),
                    !batch.weights_per_sample && !first);
    workspace->set_initial_state(batch.initial_of(program, sample, 1));
    body(sample, *workspace);
  };

  const auto group = std::max<std::size_t>(workers, static_cast<std::size_t>(kGroupWork / work));
  naming_samples(program, batch, [&] {
    for (std::size_t begin = 0; begin < batch.size; begin += group) {
      const std::size_t end = std::min(batch.size, begin + group);
      if (by_sample) {
        qsim::parallel_for_workers(end - begin, threads, [&](qsim::Index k, int worker) {
          run(begin + k, static_cast<std::size_t>(worker));
        });
      } else {
        for (std::size_t sample = begin; sample < end; ++sample) run(sample, 0);
      }
      qsim::poll_interrupt();
    }
  });
}

template void for_samples(const qsim::Program&, const Batch&,
                          const std::function<void(std::size_t, Workspace<float>&)>&, std::size_t,
                          int);
template void for_samples(const qsim::Program&, const Batch&,
                          const std::function<void(std::size_t, Workspace<double>&)>&, std::size_t,
                          int);

}  // namespace qml
