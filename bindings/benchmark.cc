#include <chrono>
#include <cmath>

#include "bindings/program.h"
#include "qsim/core/interrupt.h"
#include "qsim/engines/execute.h"
#include "qsim/engines/tiles/workspace.h"
#include "qsim/kernels/peak.h"
#include "qsim/observables/quantity.h"
#include "qsim/state/parts.h"

// Timers without Python inside, for `python -m ketgrad bench`.

namespace ketgrad {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// A column of seconds: body runs often enough in one measurement to last for `min_seconds`.
template <class Body>
class Timer {
 public:
  Timer(Body body, double min_seconds) : body_(std::move(body)) {
    constexpr double kMostRuns = 1e6;
    body_();  // touches all memory
    for (double seconds = run(); seconds * runs_ < min_seconds && runs_ < kMostRuns;
         seconds = run()) {
      runs_ = std::min(kMostRuns, std::ceil(1.2 * min_seconds / std::max(seconds, 1e-9)));
    }
  }
  [[nodiscard]] double run() const {
    const auto start = Clock::now();
    for (double k = 0; k < runs_; ++k) body_();
    return seconds_since(start) / runs_;
  }

 private:
  Body body_;
  double runs_ = 1;
};

std::size_t check_repeats(std::int64_t repeats) {
  qsim::require(repeats >= 1, "the number of repeats is ", repeats, "; it must be at least 1");
  return static_cast<std::size_t>(repeats);
}

// One row per repeat: the seconds of an in-place scale, then of each circuit.
template <class T>
std::vector<double> pass_seconds(const std::vector<qsim::Circuit>& circuits, int n_qubits,
                                 std::size_t repeats, double min_seconds) {
  qsim::State<T> state(n_qubits);
  std::vector<Timer<std::function<void()>>> timers;
  timers.emplace_back(
      [&state] {
        qsim::for_parts(state.n_qubits(), [&](qsim::Part part) {
          qsim::kernels<T>().scale(state.data(), state.storage(), T{-1}, part);
        });
      },
      min_seconds);
  for (const qsim::Circuit& circuit : circuits) {
    qsim::require(circuit.n_qubits() <= n_qubits, "a ", circuit.n_qubits(),
                  "-qubit circuit does not fit a ", n_qubits, "-qubit state");
    auto program = std::make_shared<qsim::Program>(qsim::compile(circuit));
    auto binding = std::make_shared<qsim::Binding<T>>();
    qsim::bind_parameters(*program, {}, *binding);
    timers.emplace_back([&state, program, binding] { qsim::run_steps(*program, *binding, state); },
                        min_seconds);
    qsim::poll_interrupt();
  }
  std::vector<double> out;
  for (std::size_t k = 0; k < repeats; ++k) {
    for (const auto& timer : timers) out.push_back(timer.run());
    qsim::poll_interrupt();
  }
  return out;
}

// One row per repeat: the seconds of a forward run with its first expectation value, and of that
// with the backward sweep that follows it.
template <class T>
std::vector<double> program_seconds(const qsim::Program& program, std::span<const double> weights,
                                    std::size_t repeats) {
  qsim::TileWorkspace<T> workspace(program);
  static_cast<void>(workspace.bra());  // touches its memory
  std::vector<double> cotangent(program.observables.size(), 1.0);
  std::vector<double> out;
  for (std::size_t k = 0; k < repeats; ++k) {
    const auto start = Clock::now();
    workspace.bind({}, weights);
    workspace.forward();
    static_cast<void>(workspace.expectation(0));
    out.push_back(seconds_since(start));
    qsim::fill_bra(program, qsim::Quantity::kExpval, cotangent, workspace.ket(), workspace.bra());
    workspace.backward();
    out.push_back(seconds_since(start));
    qsim::poll_interrupt();
  }
  return out;
}

}  // namespace

void bind_benchmark(py::module_& m) {
  m.def(
      "_pass_seconds",
      [](const std::vector<qsim::Circuit>& circuits, int n_qubits, std::string_view precision,
         std::int64_t repeats, double min_seconds) {
        const std::size_t rows = check_repeats(repeats);
        const bool single = is_single(precision);
        std::vector<double> seconds;
        {
          const WithoutGil release;
          seconds = single ? pass_seconds<float>(circuits, n_qubits, rows, min_seconds)
                           : pass_seconds<double>(circuits, n_qubits, rows, min_seconds);
        }
        return to_array(std::move(seconds), {static_cast<py::ssize_t>(rows),
                                             static_cast<py::ssize_t>(circuits.size() + 1)});
      },
      py::arg("circuits"), py::arg("n_qubits"), py::arg("precision") = "double",
      py::arg("repeats") = 5, py::arg("min_seconds") = 1e-4,
      R"(Time circuits without parameters on a state: seconds, shape (repeats, 1 + len(circuits)).

Column 0 is an in-place scale of the state, the plainest pass over its memory; the columns of a row
are measured one after the other. Each figure is the mean over as many runs as take min_seconds.

>>> _pass_seconds([Circuit(3).h(0)], 3, repeats=2).shape
(2, 2)
)");
  m.def(
      "_program_seconds",
      [](const PyProgram& p, const py::object& weights, std::int64_t repeats) {
        const std::size_t rows = check_repeats(repeats);
        const PyBatch batch(p.program, std::nullopt, weights);
        qsim::require(!p.program.observables.empty() && batch.view().size == 1,
                      "timing needs a program with an observable and one row of weights");
        std::vector<double> seconds;
        {
          const WithoutGil release;
          seconds = p.single ? program_seconds<float>(p.program, batch.view().weights, rows)
                             : program_seconds<double>(p.program, batch.view().weights, rows);
        }
        return to_array(std::move(seconds), {static_cast<py::ssize_t>(rows), 2});
      },
      py::arg("program"), py::arg("weights"), py::arg("repeats") = 5,
      R"(Time a program without inputs: seconds of a forward run and of forward and gradient, shape (repeats, 2).

>>> prog = compile(Circuit(1).rx(Parameter('a'), 0), PauliSum('Z'))
>>> _program_seconds(prog, [0.5], repeats=3).shape
(3, 2)
)");
  m.def(
      "_peak_flops",
      [](int threads) {
        qsim::require(threads >= 1, "the number of threads is ", threads,
                      "; it must be at least 1");
        const WithoutGil release;
        return 1e9 * qsim::peak_gflops(threads);
      },
      py::arg("threads") = 1,
      R"(Operations a second of multiply-adds in double precision, kept in registers, on that many threads.

>>> _peak_flops() > 1e8
True
)");
}

}  // namespace ketgrad
