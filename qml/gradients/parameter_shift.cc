#include "qml/gradients/parameter_shift.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "qml/gradients/layered_workspace.h"
#include "qml/gradients/shift_results.h"
#include "qml/gradients/shift_worker.h"
#include "qml/gradients/workspace.h"
#include "qsim/compile/bind.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/memory.h"
#include "qsim/core/parallel.h"

namespace qml {
namespace {

using qsim::Index;
using qsim::Program;

// Amplitudes times steps below which starting threads costs more than it saves, and after which
// interrupts are looked at and samples finished.
constexpr double kWorthThreads = 1 << 18;
constexpr double kGroupWork = 1 << 24;

// Wide programs: the workspace runs every shifted circuit.
template <class T>
void shift_sample(Workspace<T>& workspace, const ShiftTask& task, std::size_t sample,
                  const ShiftResults& results) {
  const Program& program = *task.program;
  ShiftedValues<T> values(task);
  SlotSums sums(task);
  workspace.forward();
  results.write_values(sample, values.start(sample, workspace.ket()));
  for (const qsim::Step& step : program.steps) {
    for (const qsim::Factor& factor : step.factors) {
      if (factor.slot < 0) continue;
      const auto slot = static_cast<std::size_t>(factor.slot);
      const auto& rule = task.plan.rules[slot];
      for (std::size_t k = 0; k < rule.size(); ++k) {
        qsim::poll_interrupt();
        qsim::bind_shifted(program, step, factor.slot, rule[k].shift, workspace.binding());
        workspace.forward();
        values.add({rule[k].coefficient, task.plan.first[slot] + k, {}}, factor.slot,
                   workspace.ket(), sums);
      }
      qsim::bind_shifted(program, step, factor.slot, 0.0, workspace.binding());
    }
  }
  results.write(sample, sums, workspace.binding().values);
}

// Kept with the program between calls.
template <class T>
struct PreparedShifts {
  PreparedShifts(const Program& of, const ShiftPlan& plan) : program(without_inputs(of)) {
    jobs = shift_jobs(program, plan, worker(0).order(), ShiftWorker<T>::kMostShifts);
  }

  ShiftWorker<T>& worker(std::size_t k) {
    if (workers.size() <= k) workers.resize(k + 1);
    if (!workers[k]) {
      qsim::require_memory(ShiftWorker<T>::bytes(program.n_qubits),
                           qsim::concat("shifting a ", program.n_qubits, "-qubit program"));
      workers[k] = std::make_unique<ShiftWorker<T>>(program);
    }
    return *workers[k];
  }

  Program program;
  std::vector<std::unique_ptr<ShiftWorker<T>>> workers;
  std::vector<ShiftJob> jobs;
};

// The jobs in parts of about equal size, none of which ends within a slot.
std::vector<std::span<const ShiftJob>> parts_of(const std::vector<ShiftJob>& jobs,
                                                std::size_t count) {
  std::vector<std::span<const ShiftJob>> out;
  std::size_t first = 0;
  for (std::size_t part = 1; part <= count; ++part) {
    std::size_t last = std::max(first, part * jobs.size() / count);
    while (last > first && last < jobs.size() && jobs[last].slot == jobs[last - 1].slot) ++last;
    out.push_back(std::span(jobs).subspan(first, last - first));
    first = last;
  }
  return out;
}

// Narrow programs: the lanes of a block are shifted circuits of one sample. Threads take samples,
// or, where these are few, parts of a sample's slots; a lane's result depends on neither.
template <class T>
class BlockShifts {
 public:
  BlockShifts(const ShiftTask& task, const Batch& batch, const ShiftResults& results)
      : task_(task),
        batch_(batch),
        results_(results),
        prepared_(task.program->prepared.take<PreparedShifts<T>>(0)) {
    if (!prepared_) prepared_ = std::make_unique<PreparedShifts<T>>(*task.program, task.plan);
    plan_threads();
  }

  void run() {
    for (std::size_t first = 0; first < batch_.size; first += group_) {
      run_group(first, std::min(batch_.size, first + group_));
      qsim::poll_interrupt();
    }
    task_.program->prepared.put(0, std::move(prepared_));
  }

 private:
  void plan_threads() {
    const Program& program = *task_.program;
    const double work =
        std::ldexp(static_cast<double>((program.steps.size() + 1) * (prepared_->jobs.size() + 1)),
                   program.n_qubits);
    const bool threaded = work * static_cast<double>(batch_.size) >= kWorthThreads;
    threads_ = threaded ? qsim::num_threads() : 1;
    const auto n_workers = static_cast<std::size_t>(threads_);
    for (std::size_t k = 0; k < n_workers; ++k) prepared_->worker(k).begin(task_);
    parts_ = parts_of(prepared_->jobs, (n_workers + batch_.size - 1) / batch_.size);
    group_ = std::max(n_workers, static_cast<std::size_t>(kGroupWork / work));
  }

  void run_group(std::size_t first, std::size_t last) {
    std::vector<SlotSums> sums(last - first, SlotSums(task_));
    qsim::parallel_for_workers(parts_.size() * sums.size(), threads_, [&](Index k, int worker) {
      const Index sample = k / parts_.size();
      run_part(first + sample, k % parts_.size(),
               *prepared_->workers[static_cast<std::size_t>(worker)], sums[sample]);
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
    worker.run(parts_[part], sums);
  }

  [[nodiscard]] std::vector<double> parameters_of(std::size_t sample) const {
    const std::size_t n_inputs = task_.program->inputs.size();
    const std::size_t n_weights = task_.program->weights.size();
    const auto inputs = batch_.inputs.subspan(sample * n_inputs, n_inputs);
    const auto weights =
        batch_.weights.subspan(batch_.weights_per_sample ? sample * n_weights : 0, n_weights);
    std::vector<double> out(inputs.begin(), inputs.end());
    out.insert(out.end(), weights.begin(), weights.end());
    return out;
  }

  const ShiftTask& task_;
  const Batch& batch_;
  const ShiftResults& results_;
  std::unique_ptr<PreparedShifts<T>> prepared_;
  int threads_ = 1;
  std::vector<std::span<const ShiftJob>> parts_;
  std::size_t group_ = 1;
};

}  // namespace

template <class T>
void parameter_shift(const Program& program, const Batch& batch, const JacobianOptions& options,
                     Gradients& out) {
  const ShiftTask task(program, options);
  qsim::require_memory(SlotSums::bytes(task), "the derivatives by all gates of a sample");
  const ShiftResults results(task, options, batch.size, out);
  if (qsim::fits_blocks(program) && batch.initial_states.empty())
    return BlockShifts<T>(task, batch, results).run();
  for_samples<T>(
      program, batch,
      [&](std::size_t sample, Workspace<T>& workspace) {
        shift_sample(workspace, task, sample, results);
      },
      task.plan.n_circuits + 1);
}

template void parameter_shift<float>(const Program&, const Batch&, const JacobianOptions&,
                                     Gradients&);
template void parameter_shift<double>(const Program&, const Batch&, const JacobianOptions&,
                                      Gradients&);

}  // namespace qml
