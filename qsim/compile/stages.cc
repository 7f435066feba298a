#include "qsim/compile/stages.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>
#include <variant>

#include "qsim/compile/bind.h"
#include "qsim/core/count_work.h"

namespace qsim {
namespace {

constexpr std::size_t kMostTargets = 5;  // of the dense kernels

bool is_run(const Step& step) {
  return step.shape != Shape::kRotation && step.targets.size() == 1 && step.controls.mask == 0;
}

bool is_monomial(const Step& step) {
  switch (step.shape) {
    case Shape::kDense:
      return false;
    case Shape::kDiagonal:
    case Shape::kPermutation:
      return true;
    case Shape::kRotation:
      return step.pauli.x == 0;
  }
  return false;
}

// exp(−iφZ…Z) under so few controls that they can be written as more strings of Zs.
bool is_phase(const Step& step) {
  constexpr int kMostControls = 3;
  return step.shape == Shape::kRotation && step.pauli.x == 0 &&
         std::popcount(step.controls.mask) <= kMostControls;
}

Index touched(const Step& step) {
  return mask_of(step.targets) | step.controls.mask | step.pauli.support();
}

// A permutation of tables over all basis states, in place: group by group of those that differ in
// the step's targets.
class GroupMoves {
 public:
  GroupMoves(const Step& step, Index size) : step_(step) {
    const Index fixed = mask_of(step.targets) | step.controls.mask;
    const Index count = size >> std::popcount(fixed);
    starts_.reserve(count);
    // The carry runs through the fixed bits.
    for (Index i = 0; starts_.size() < count; i = ((i | fixed) + 1) & ~fixed) {
      starts_.push_back(i | step.controls.value);
    }
    for (Index row = 0; row < step.source.size(); ++row) {
      offsets_.push_back(scatter_bits(row, step.targets));
    }
  }

  template <class Value>
  void apply(std::vector<Value>& table) const {
    std::vector<Value> old(offsets_.size());
    for (const Index start : starts_) {
      for (std::size_t row = 0; row < old.size(); ++row) old[row] = table[start | offsets_[row]];
      for (std::size_t row = 0; row < old.size(); ++row) {
        table[start | offsets_[row]] = old[static_cast<std::size_t>(step_.source[row])];
      }
    }
  }

 private:
  const Step& step_;
  std::vector<Index> starts_{};
  std::vector<Index> offsets_{};
};

// Appends steps to the stages, each as early as the qubits it touches allow.
class Builder {
 public:
  Builder(const Program& program, StagePlan& out, Start start)
      : program_(program),
        out_(out),
        places_(static_cast<std::size_t>(program.n_qubits)),
        size_(bit(program.n_qubits)) {
    if (program.initial.empty() && start == Start::kPrepared) {
      out_.first.assign(static_cast<std::size_t>(program.n_qubits), -1);
    }
  }

  void add(int index) {
    const Step& step = program_.steps[static_cast<std::size_t>(index)];
    count_work(size_ / 8 + 2);  // tables over all basis states
    if (is_run(step)) {
      QubitEnd& place = places_[static_cast<std::size_t>(step.targets[0])];
      if (place.untouched && !out_.first.empty()) {
        place.untouched = false;
        out_.first[static_cast<std::size_t>(step.targets[0])] = index;
        return;
      }
    }
    const bool same = !varies(step, out_.weights_per_sample);
    if (same && is_monomial(step)) {
      append(step, stage_for(touched(step), kMonomial), index);
    } else if (is_run(step)) {
      Stage& stage = stage_for(touched(step), kSingle);
      (same ? stage.turns : stage.matrices).push_back(index);
    } else if (is_phase(step)) {
      stage_for(touched(step), kPhase).phases.push_back(index);
    } else {
      stage_for(touched(step), kOther).others.push_back(index);
    }
  }

  void finish() {
    for (Stage& stage : out_.stages) {
      constexpr std::size_t kWorthTable = 3;
      if (stage.phases.size() >= kWorthTable) continue;
      stage.others.insert(stage.others.begin(), stage.phases.begin(), stage.phases.end());
      stage.phases.clear();
    }
    // The phases that turns leave behind act in the stage after; where other steps come before
    // that, the runs stay whole.
    for (Stage& stage : out_.stages) {
      if (stage.others.empty()) continue;
      stage.matrices.insert(stage.matrices.end(), stage.turns.begin(), stage.turns.end());
      stage.turns.clear();
    }
    if (!out_.stages.empty() && !out_.stages.back().turns.empty()) add_stage();
  }

 private:
  enum Rank : unsigned char { kMonomial, kSingle, kPhase, kOther };
  struct QubitEnd {
    std::size_t stage = 0;
    Rank rank = kMonomial;
    bool untouched = true;
  };

  void add_stage() {
    Stage stage;
    stage.source.resize(size_);
    std::iota(stage.source.begin(), stage.source.end(), 0U);
    out_.stages.push_back(std::move(stage));
  }

  // The earliest stage in which a step of this rank may act on these qubits, which are then there.
  Stage& stage_for(Index qubits, Rank rank) {
    std::size_t earliest = 0;
    for (Index rest = qubits; rest != 0; rest &= rest - 1) {
      const QubitEnd& place = places_[static_cast<std::size_t>(std::countr_zero(rest))];
      // Two runs on one qubit are never in one stage; steps of the other stages queue up.
      const bool fits = rank > place.rank || (rank == place.rank && rank != kSingle);
      earliest = std::max(earliest, place.stage + (fits ? 0 : 1));
    }
    for (Index rest = qubits; rest != 0; rest &= rest - 1) {
      places_[static_cast<std::size_t>(std::countr_zero(rest))] = {earliest, rank, false};
    }
    while (out_.stages.size() <= earliest) add_stage();
    return out_.stages[earliest];
  }

  void append(const Step& step, Stage& stage, int index) const {
    if (step.has_slots) {
      Stage::Diagonal diagonal{.step = index, .local = std::vector<std::uint8_t>(size_)};
      for (Index i = 0; i < size_; ++i) diagonal.local[i] = local_entry(step, i);
      stage.diagonals.push_back(std::move(diagonal));
      return;
    }
    const auto entries = constant_coefficients(step);
    const auto is_one = [](Complex entry) { return entry == 1.0; };
    if (stage.phase.empty() && !std::ranges::all_of(entries, is_one))
      stage.phase.assign(size_, 1.0);
    if (step.shape == Shape::kPermutation) return permute(step, entries, stage);
    if (stage.phase.empty()) return;
    for (Index i = 0; i < size_; ++i) {
      if (step.controls.holds(i)) stage.phase[i] *= entries[gather_bits(i, step.targets)];
    }
  }

  static std::uint8_t local_entry(const Step& step, Index i) {
    if (step.shape == Shape::kDiagonal) return has_bit(i, step.targets[0]) ? 1 : 0;
    if (!step.controls.holds(i)) return 0;
    return parity(i & step.pauli.z) ? 2 : 1;
  }

  void permute(const Step& step, const std::vector<Complex>& entries, Stage& stage) const {
    const GroupMoves moves(step, size_);
    moves.apply(stage.source);
    for (Stage::Diagonal& diagonal : stage.diagonals) moves.apply(diagonal.local);
    if (stage.phase.empty()) return;
    moves.apply(stage.phase);
    for (Index i = 0; i < size_; ++i) {
      if (step.controls.holds(i)) stage.phase[i] *= entries[gather_bits(i, step.targets)];
    }
  }

  const Program& program_;
  StagePlan& out_;
  std::vector<QubitEnd> places_;
  Index size_;
};

void drop_trivial_phases(Stage& stage) {
  const bool trivial = std::all_of(stage.phase.begin(), stage.phase.end(),
                                   [](Complex phase) { return phase == Complex(1.0); });
  if (trivial) stage.phase.clear();
}

}  // namespace

bool Stage::moves_nothing() const {
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] != i) return false;
  }
  return true;
}

bool varies(const Step& step, bool weights_per_sample) {
  return step.has_slots && (weights_per_sample || step.needs_inputs);
}

bool fits_blocks(const Program& program) {
  const auto small = [](const Step& step) {
    return step.shape == Shape::kRotation || step.targets.size() <= kMostTargets ||
           (is_monomial(step) && !step.has_slots);
  };
  const auto measurable = [](const Observable& observable) {
    const auto* matrix = std::get_if<MatrixObservable>(&observable);
    return matrix == nullptr || matrix->qubits.size() <= kMostTargets;
  };
  return program.n_qubits <= kMostBlockQubits &&
         std::all_of(program.steps.begin(), program.steps.end(), small) &&
         std::all_of(program.observables.begin(), program.observables.end(), measurable);
}

StagePlan stages_of(const Program& program, bool weights_per_sample, Start start) {
  StagePlan out{.weights_per_sample = weights_per_sample};
  Builder builder(program, out, start);
  for (std::size_t k = program.first_step(start); k < program.steps.size(); ++k) {
    builder.add(static_cast<int>(k));
  }
  builder.finish();
  for (Stage& stage : out.stages) drop_trivial_phases(stage);
  return out;
}

}  // namespace qsim
