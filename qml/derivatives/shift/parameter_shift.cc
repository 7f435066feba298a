#include "qml/derivatives/shift/parameter_shift.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "qml/derivatives/coordinates.h"
#include "qml/derivatives/shift/jobs.h"
#include "qml/derivatives/shift/results.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/memory.h"
#include "qsim/core/parallel.h"
#include "qsim/engines/batch_run.h"
#include "qsim/engines/blocks/shift_lanes.h"
#include "qsim/state/parts.h"

namespace qml {
namespace {

using qsim::Index;
using qsim::Program;

// Amplitudes times steps below which starting threads costs more than it saves, and after which
// interrupts are looked at and samples finished.
constexpr double kWorthThreads = 1 << 18;
constexpr double kGroupWork = 1 << 24;

// A circuit with one gate's angle shifted.
struct ShiftedCircuit {
  double shift = 0.0;
  ShiftCircuit circuit;
};

std::vector<ShiftedCircuit> circuits_of(const ShiftPlan& plan) {
  std::vector<ShiftedCircuit> out;
  for (std::size_t slot = 0; slot < plan.rules.size(); ++slot) {
    for (std::size_t k = 0; k < plan.rules[slot].size(); ++k) {
      const auto& [coefficient, shift] = plan.rules[slot][k];
      out.push_back({shift, {static_cast<int>(slot), coefficient, plan.first[slot] + k}});
    }
  }
  return out;
}

// Any engine: a sample's shifted circuits are runs of the program by its gates' angles, in order.
template <class T>
void shift_sample(const Coordinates& coordinates, const ShiftTask& task, const Batch& batch,
                  std::size_t sample, const ShiftResults& results) {
  const Point point(*task.program, coordinates, batch, sample);
  ShiftedValues<T> values(task);
  SlotSums sums(task);
  const std::vector<ShiftedCircuit> circuits = circuits_of(task.plan);
  // Calls read(k, state) for runs at `count` rows of coordinates.
  const auto run = [&](std::span<const double> rows, std::size_t count, const auto& read) {
    const Batch runs{.size = count,
                     .weights = rows,
                     .weights_per_sample = true,
                     .initial_states = batch.initial_of(*task.program, sample, 1),
                     .rows = 1};
    qsim::BatchRun<T>(coordinates.program(), runs, {.in_order = true})
        .for_slices([&](qsim::Worker<T>& worker) {
          worker.forward();
          for (std::size_t k = 0; k < worker.count(); ++k) {
            read(worker.first() + k, worker.state(k));
          }
        });
  };
  run(point.at, 1, [&](std::size_t, const qsim::State<T>& state) {
    results.write_values(sample, values.start(sample, state));
  });
  constexpr std::size_t kMostNumbers = 1 << 20;  // of the rows held at a time
  const std::size_t most = kMostNumbers / std::max<std::size_t>(1, point.at.size()) + 1;
  for (std::size_t first = 0; first < circuits.size(); first += most) {
    const std::size_t count = std::min(most, circuits.size() - first);
    std::vector<double> rows;
    for (std::size_t k = 0; k < count; ++k) {
      const auto& [shift, circuit] = circuits[first + k];
      rows.insert(rows.end(), point.at.begin(), point.at.end());
      rows[k * point.at.size() + static_cast<std::size_t>(circuit.slot)] += shift;
    }
    run(rows, count, [&](std::size_t k, const qsim::State<T>& state) {
      values.add(circuits[first + k].circuit, state, sums);
    });
  }
  results.write(sample, sums, point.values);
}

// Samples side by side where each runs on one thread.
template <class T>
void shift_samples(const ShiftTask& task, const Batch& batch, const ShiftResults& results) {
  const auto coordinates = coordinates_of(*task.program);
  const auto shift = [&](qsim::Index sample) {
    naming_sample(*task.program, batch, sample,
                  [&] { shift_sample<T>(*coordinates, task, batch, sample, results); });
  };
  if (qsim::part_count(task.program->n_qubits) == 1) return qsim::parallel_for(batch.size, shift);
  for (std::size_t sample = 0; sample < batch.size; ++sample) shift(sample);
}

// What one thread needs to shift narrow programs.
template <class T>
struct ShiftWorker {
  explicit ShiftWorker(const Program& program) : lanes(program) {}

  // The unshifted circuit's values.
  std::span<const double> start(std::size_t sample, std::span<const double> parameters) {
    return values->start(sample, lanes.start(parameters));
  }
  // Those of jobs, the first of which is the first-th of all.
  void run(const ShiftJobs& jobs, std::size_t first, std::size_t count, SlotSums& sums) {
    const auto runs = std::span(jobs.runs).subspan(first, count);
    using Which = typename qsim::ShiftLanes<T>::Which;
    const auto circuit = [&](Which which) -> const ShiftCircuit& {
      return jobs.circuits[first + which.job][which.circuit];
    };
    if (values->takes_expectations()) {
      lanes.run_values(runs, [&](Which which, std::span<const double> of_one) {
        for (std::size_t k = 0; k < of_one.size(); ++k) sums.add(circuit(which), k, of_one[k], 0.0);
      });
    } else {
      lanes.run_states(runs, [&](Which which, const qsim::State<T>& state) {
        values->add(circuit(which), state, sums);
      });
    }
  }

  qsim::ShiftLanes<T> lanes;
  std::optional<ShiftedValues<T>> values{};  // of the task at hand
};

// Kept with the program between calls.
template <class T>
struct PreparedShifts {
  PreparedShifts(const Program& of, const ShiftPlan& plan) : program(without_inputs(of)) {
    jobs = shift_jobs(program, plan, worker(0).lanes.order(), qsim::ShiftLanes<T>::kMostShifts);
  }

  ShiftWorker<T>& worker(std::size_t k) {
    if (workers.size() <= k) workers.resize(k + 1);
    if (!workers[k]) {
      qsim::require_memory(qsim::ShiftLanes<T>::bytes(program.n_qubits),
                           qsim::concat("shifting a ", program.n_qubits, "-qubit program"));
      workers[k] = std::make_unique<ShiftWorker<T>>(program);
    }
    return *workers[k];
  }

  Program program;
  std::vector<std::unique_ptr<ShiftWorker<T>>> workers;
  ShiftJobs jobs;
};

// The jobs in parts of about equal size, none of which ends within a slot: where each begins, and
// the end.
std::vector<std::size_t> parts_of(const ShiftJobs& jobs, std::size_t count) {
  const std::size_t n = jobs.runs.size();
  std::vector<std::size_t> out{0};
  for (std::size_t part = 1; part <= count; ++part) {
    const std::size_t first = out.back();
    std::size_t last = std::max(first, part * n / count);
    while (last > first && last < n && jobs.runs[last].slot == jobs.runs[last - 1].slot) ++last;
    out.push_back(last);
  }
  return out;
}

// Narrow programs: the lanes of a block are shifted circuits of one sample. Threads take samples,
// or, where these are few, parts of a sample's slots; a lane's result depends on neither.
template <class T>
class BlockShifts {
 public:
  BlockShifts(const ShiftTask& task, const Batch& batch, const ShiftResults& results)
      : task_(task), batch_(batch), results_(results), prepared_(task.program->prepared, 0, [&] {
          return std::make_unique<PreparedShifts<T>>(*task.program, task.plan);
        }) {
    plan_threads();
  }

  void run() {
    for (std::size_t first = 0; first < batch_.size; first += group_) {
      run_group(first, std::min(batch_.size, first + group_));
      qsim::poll_interrupt();
    }
  }

 private:
  void plan_threads() {
    const Program& program = *task_.program;
    const double work = std::ldexp(
        static_cast<double>((program.steps.size() + 1) * (prepared_->jobs.runs.size() + 1)),
        program.n_qubits);
    const bool threaded = work * static_cast<double>(batch_.size) >= kWorthThreads;
    threads_ = threaded ? qsim::num_threads() : 1;
    const auto n_workers = static_cast<std::size_t>(threads_);
    for (std::size_t k = 0; k < n_workers; ++k) prepared_->worker(k).values.emplace(task_);
    parts_ = parts_of(prepared_->jobs, (n_workers + batch_.size - 1) / batch_.size);
    group_ = std::max(n_workers, static_cast<std::size_t>(kGroupWork / work));
  }

  void run_group(std::size_t first, std::size_t last) {
    std::vector<SlotSums> sums(last - first, SlotSums(task_));
    const std::size_t n_parts = parts_.size() - 1;
    qsim::parallel_for_workers(n_parts * sums.size(), threads_, [&](Index k, int worker) {
      const Index sample = k / n_parts;
      run_part(first + sample, k % n_parts, *prepared_->workers[static_cast<std::size_t>(worker)],
               sums[sample]);
    });
    qsim::parallel_for_workers(sums.size(), threads_, [&](Index sample, int) {
      std::vector<double> tape_values(task_.program->tape.size());
      task_.program->tape.evaluate(parameters_of(first + sample), tape_values);
      results_.write(first + sample, sums[sample], tape_values);
    });
  }

  void run_part(std::size_t sample, std::size_t part, ShiftWorker<T>& worker, SlotSums& sums) {
    const auto values = worker.start(sample, parameters_of(sample));
    if (part == 0) results_.write_values(sample, values);
    worker.run(prepared_->jobs, parts_[part], parts_[part + 1] - parts_[part], sums);
  }

  [[nodiscard]] std::vector<double> parameters_of(std::size_t sample) const {
    const auto inputs = batch_.inputs_of(*task_.program, sample);
    const auto weights = batch_.weights_of(*task_.program, sample);
    std::vector<double> out(inputs.begin(), inputs.end());
    out.insert(out.end(), weights.begin(), weights.end());
    return out;
  }

  const ShiftTask& task_;
  const Batch& batch_;
  const ShiftResults& results_;
  qsim::Loan<PreparedShifts<T>> prepared_;
  int threads_ = 1;
  std::vector<std::size_t> parts_;
  std::size_t group_ = 1;
};

}  // namespace

template <class T>
void parameter_shift(const Program& program, const Batch& batch, const JacobianOptions& options,
                     Gradients& out) {
  const ShiftTask task(program, options);
  qsim::require_memory(SlotSums::bytes(task), "the derivatives by all gates of a sample");
  const ShiftResults results(task, options, batch.size, out);
  if (qsim::shifts_in_blocks(program, batch)) return BlockShifts<T>(task, batch, results).run();
  shift_samples<T>(task, batch, results);
}

template void parameter_shift<float>(const Program&, const Batch&, const JacobianOptions&,
                                     Gradients&);
template void parameter_shift<double>(const Program&, const Batch&, const JacobianOptions&,
                                      Gradients&);

}  // namespace qml
