#include "qsim/engines/batch_run.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "qsim/compile/segments.h"
#include "qsim/compile/stages.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/parallel.h"
#include "qsim/engines/blocks/engine.h"
#include "qsim/engines/cones/engine.h"
#include "qsim/engines/stages/engine.h"
#include "qsim/engines/tiles/engine.h"

namespace qsim {
namespace {

// Why an engine cannot run a batch; nothing where it can.
template <class T>
std::string obstacle(EngineKind kind, const Program& program, const Batch& batch,
                     const Needs& needs) {
  if (kind == EngineKind::kTiles) return "";
  if (kind == EngineKind::kCones) {
    if (!batch.initial_states.empty()) return "it takes no states to begin with";
    if (needs.reads == Reads::kStates) return "it gives expectation values and variances alone";
    if (!program.cones) return "no part of the program is cheap enough beside the whole";
    return cones_for(program, needs.reads).empty()
               ? "no part that has all of an observable is cheap enough beside the whole"
               : "";
  }
  if (!fits_blocks(program)) {
    return concat("it takes programs of up to ", kMostBlockQubits,
                  " qubits whose matrices act on few of them");
  }
  if (kind == EngineKind::kBlocks) return "";
  if (!batch.initial_states.empty() || !program.initial.empty()) {
    return "it takes no states to begin with";
  }
  return StagedState<T>::fits(program)
             ? ""
             : concat("it takes programs of ", StagedState<T>::kFewestQubits, " qubits or more");
}

// From this many samples on, no program runs one by one for their small number.
constexpr std::size_t kMostFew = 8;

// The most samples, on 6 to 12 qubits, that take no longer one by one than a block does, forward
// and with gradients; measured on a core with AVX-512.
template <class T>
bool few_samples(const Program& program, const Batch& batch) {
  constexpr int kFewestQubits = 6;
  constexpr std::array<std::size_t, 7> kMost =
      sizeof(T) == sizeof(double) ? std::array<std::size_t, 7>{2, 2, 3, 3, 4, 4, 4}
                                  : std::array<std::size_t, 7>{0, 2, 3, 5, 6, 7, 7};
  if (program.n_qubits < kFewestQubits) return false;
  return batch.size <= kMost.at(static_cast<std::size_t>(program.n_qubits - kFewestQubits));
}

// Gates on several qubits that have angles.
struct Entangling {
  std::size_t phases = 0;  // diagonal
  std::size_t others = 0;
};
Entangling entangling(const Program& program) {
  Entangling out;
  for (const Step& step : program.steps) {
    if (!step.has_slots || is_single(step)) continue;
    ++(is_joint_phase(step) ? out.phases : out.others);
  }
  return out;
}

// How few samples run, by benchmarks of layers of ry, cx, rzz, rxx, ryy and cp on 6 to 12 qubits,
// forward and with gradients. Stages fill a table over all basis states for every phase: beyond so
// many numbers tiles are faster, up to 2.5 times on 12 qubits. Blocks fill one for all samples:
// they are slower than one sample after the other where other gates are most of all.
template <class T>
EngineKind for_few_samples(const Program& program, const Batch& batch) {
  constexpr std::size_t kMostInTables = 3072;
  constexpr int kLeastForTiles = 8;
  const Entangling gates = entangling(program);
  const bool few_tables = gates.phases << program.n_qubits <= kMostInTables;
  if (few_tables && obstacle<T>(EngineKind::kStages, program, batch, {}).empty()) {
    return EngineKind::kStages;
  }
  const bool in_tiles =
      program.n_qubits >= kLeastForTiles && (batch.size == 1 || gates.others >= gates.phases);
  return in_tiles ? EngineKind::kTiles : EngineKind::kBlocks;
}

// Which are not kept between calls.
bool has_wide_states(EngineKind kind, const Program& program, Reads reads) {
  if (kind != EngineKind::kCones) return kind == EngineKind::kTiles;
  return std::ranges::any_of(cones_for(program, reads), [](const LightCone& cone) {
    return cone.qubits.size() > static_cast<std::size_t>(kMostBlockQubits);
  });
}

// What an engine is made for.
std::size_t key_of(EngineKind kind, const Batch& batch, const Needs& needs) {
  const bool in_cones = kind == EngineKind::kCones;
  const bool in_blocks = kind == EngineKind::kBlocks || in_cones;
  std::size_t key = std::min(needs.n_bras, in_blocks ? kMostBlockBras : 1);
  for (const bool part :
       {!batch.initial_states.empty(), needs.per_sample, batch.weights_per_sample}) {
    key = 2 * key + (in_blocks && part ? 1 : 0);
  }
  key = 2 * key + (in_cones && needs.reads == Reads::kVariances ? 1 : 0);
  constexpr auto kKinds = static_cast<std::size_t>(EngineKind::kCones) + 1;  // the last
  key = kKinds * key + static_cast<std::size_t>(kind);
  // Cones choose engines of their own by the number of samples.
  return key * (kMostFew + 1) + (in_cones ? std::min(batch.size, kMostFew) : 0);
}

}  // namespace

template <class T>
std::unique_ptr<Engine<T>> make_engine(EngineKind kind, const Program& program, const Batch& batch,
                                       const Needs& needs) {
  switch (kind) {
    case EngineKind::kBlocks:
      return std::make_unique<BlockEngine<T>>(program, batch, needs);
    case EngineKind::kStages:
      return std::make_unique<StageEngine<T>>(program, needs);
    case EngineKind::kTiles:
      return std::make_unique<TileEngine<T>>(program, needs);
    case EngineKind::kCones:
      return std::make_unique<ConeEngine<T>>(program, batch, needs);
  }
  fail("there is no such engine");
}

template <class T>
EngineKind choose_engine(const Program& program, const Batch& batch, const Needs& needs) {
  if (program.engine) {
    const std::string why = obstacle<T>(*program.engine, program, batch, needs);
    require(why.empty(), "the engine '", name_of(*program.engine), "' cannot run this: ", why);
    return *program.engine;
  }
  if (program.cones && obstacle<T>(EngineKind::kCones, program, batch, needs).empty()) {
    return EngineKind::kCones;
  }
  if (!fits_blocks(program)) return EngineKind::kTiles;
  return few_samples<T>(program, batch) ? for_few_samples<T>(program, batch) : EngineKind::kBlocks;
}

bool shifts_in_blocks(const Program& program, const Batch& batch) {
  return program.engine.value_or(EngineKind::kBlocks) == EngineKind::kBlocks &&
         fits_blocks(program) && batch.initial_states.empty();
}

template <class T>
void Engine<T>::reserve_workers(std::size_t count) {
  if (count <= workers_.size()) return;
  require_memory_of_qubits(static_cast<double>(count - workers_.size()) * worker_bytes(),
                           concat("running a ", program_->n_qubits, "-qubit program"),
                           program_->n_qubits);
  workers_.resize(count);
}

namespace {

const Batch& checked(const Program& program, const Batch& batch) {
  check(program, batch);
  return batch;
}

}  // namespace

template <class T>
BatchRun<T>::BatchRun(const Program& program, const Batch& batch, const Needs& needs)
    : program_(&program),
      batch_(&checked(program, batch)),
      needs_(needs),
      kind_(choose_engine<T>(program, batch, needs)),
      engine_(program.prepared, key_of(kind_, batch, needs),
              [&] { return make_engine<T>(kind_, program, batch, needs); }) {
  engine_->bind(batch);
  slicing_ = engine_->slicing(batch);
}

template <class T>
BatchRun<T>::~BatchRun() {
  if (has_wide_states(kind_, *program_, needs_.reads)) engine_.end();
}

template <class T>
bool BatchRun<T>::can_hold() const {
  constexpr double kMostBytes = 64 << 20;
  return static_cast<double>(n_slices()) * engine_->worker_bytes() <= kMostBytes;
}

template <class T>
void BatchRun<T>::run(const std::function<void(Worker<T>&)>& body, Workers which) {
  const std::size_t count = n_slices();
  const bool threaded = !needs_.in_order && count > 1 &&
                        slicing_.work * static_cast<double>(count) >= slicing_.worth_threads;
  // Read once: another thread may change the number while this runs.
  const int threads = threaded ? num_threads() : 1;
  const auto workers = static_cast<std::size_t>(threads);
  const bool own = which != Workers::kOfThreads;
  engine_->reserve_workers(own ? count : workers);
  const auto run_slice = [&](std::size_t slice, std::size_t thread) {
    Worker<T>& worker = engine_->worker(own ? slice : thread);
    const std::size_t first = slice * slice_size();
    if (which != Workers::kAsTheyAre) {
      worker.bind(*batch_, first, std::min(slice_size(), batch_->size - first));
    }
    body(worker);
  };
  const auto group =
      std::max(workers, static_cast<std::size_t>(slicing_.between_polls / slicing_.work));
  // Slices of narrow circuits are shorter than handing them out, which takes several at a time as
  // long as every thread has some turns.
  constexpr double kWorthPart = 1 << 13;
  constexpr std::size_t kTurns = 8;
  const std::size_t part = std::clamp<std::size_t>(
      static_cast<std::size_t>(kWorthPart / slicing_.work), 1,
      std::max<std::size_t>(1, std::min(group, count) / (workers == 1 ? 1 : kTurns * workers)));
  naming_samples(*program_, *batch_, [&] {
    for (std::size_t begin = 0; begin < count; begin += group) {
      const std::size_t end = std::min(count, begin + group);
      if (threaded) {
        const auto run_part = [&](Index k, int worker) {
          const std::size_t first = begin + k * part;
          for (std::size_t slice = first; slice < std::min(end, first + part); ++slice) {
            run_slice(slice, static_cast<std::size_t>(worker));
          }
        };
        // A function of one reference is kept without memory of its own.
        parallel_for_workers((end - begin + part - 1) / part, threads,
                             [&run_part](Index k, int worker) { run_part(k, worker); });
      } else {
        for (std::size_t k = begin; k < end; ++k) run_slice(k, 0);
      }
      poll_interrupt();
    }
  });
}

template EngineKind choose_engine<float>(const Program&, const Batch&, const Needs&);
template EngineKind choose_engine<double>(const Program&, const Batch&, const Needs&);
template std::unique_ptr<Engine<float>> make_engine<float>(EngineKind, const Program&, const Batch&,
                                                           const Needs&);
template std::unique_ptr<Engine<double>> make_engine<double>(EngineKind, const Program&,
                                                             const Batch&, const Needs&);
template class Engine<float>;
template class Engine<double>;
template class BatchRun<float>;
template class BatchRun<double>;

}  // namespace qsim
