#include "qsim/compile/layers.h"

#include <algorithm>
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

// Appends steps to the layers, each as early as the qubits it touches allow.
class Builder {
 public:
  Builder(const Program& program, Layers& out, Start start)
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
      Place& place = places_[static_cast<std::size_t>(step.targets[0])];
      if (place.untouched && !out_.first.empty()) {
        place.untouched = false;
        out_.first[static_cast<std::size_t>(step.targets[0])] = index;
        return;
      }
    }
    const bool same = !varies(step, out_.weights_per_sample);
    if (same && is_monomial(step)) {
      append(step, layer_for(touched(step), kMonomial), index);
    } else if (is_run(step)) {
      Layer& layer = layer_for(touched(step), kSingle);
      (same ? layer.turns : layer.matrices).push_back(index);
    } else if (is_phase(step)) {
      layer_for(touched(step), kPhase).phases.push_back(index);
    } else {
      layer_for(touched(step), kOther).others.push_back(index);
    }
  }

  void finish() {
    for (Layer& layer : out_.layers) {
      constexpr std::size_t kWorthTable = 3;
      if (layer.phases.size() >= kWorthTable) continue;
      layer.others.insert(layer.others.begin(), layer.phases.begin(), layer.phases.end());
      layer.phases.clear();
    }
    // The phases that turns leave behind act in the layer after; where other steps come before
    // that, the runs stay whole.
    for (Layer& layer : out_.layers) {
      if (layer.others.empty()) continue;
      layer.matrices.insert(layer.matrices.end(), layer.turns.begin(), layer.turns.end());
      layer.turns.clear();
    }
    if (!out_.layers.empty() && !out_.layers.back().turns.empty()) add_layer();
  }

 private:
  enum Stage : unsigned char { kMonomial, kSingle, kPhase, kOther };
  struct Place {
    std::size_t layer = 0;
    Stage stage = kMonomial;
    bool untouched = true;
  };

  void add_layer() {
    Layer layer;
    layer.source.resize(size_);
    std::iota(layer.source.begin(), layer.source.end(), 0U);
    out_.layers.push_back(std::move(layer));
  }

  // The earliest layer in which a step of this stage may act on these qubits, which are then there.
  Layer& layer_for(Index qubits, Stage stage) {
    std::size_t earliest = 0;
    for (Index rest = qubits; rest != 0; rest &= rest - 1) {
      const Place& place = places_[static_cast<std::size_t>(std::countr_zero(rest))];
      // Two runs on one qubit are never in one layer; steps of the other stages queue up.
      const bool fits = stage > place.stage || (stage == place.stage && stage != kSingle);
      earliest = std::max(earliest, place.layer + (fits ? 0 : 1));
    }
    for (Index rest = qubits; rest != 0; rest &= rest - 1) {
      places_[static_cast<std::size_t>(std::countr_zero(rest))] = {earliest, stage, false};
    }
    while (out_.layers.size() <= earliest) add_layer();
    return out_.layers[earliest];
  }

  void append(const Step& step, Layer& layer, int index) const {
    if (step.has_slots) {
      Layer::Diagonal diagonal{.step = index, .local = std::vector<std::uint8_t>(size_)};
      for (Index i = 0; i < size_; ++i) diagonal.local[i] = local_entry(step, i);
      layer.diagonals.push_back(std::move(diagonal));
      return;
    }
    const auto entries = constant_coefficients(step);
    if (layer.phase.empty()) layer.phase.assign(size_, 1.0);
    if (step.shape == Shape::kPermutation) return permute(step, entries, layer);
    for (Index i = 0; i < size_; ++i) {
      if (step.controls.holds(i)) layer.phase[i] *= entries[gather_bits(i, step.targets)];
    }
  }

  static std::uint8_t local_entry(const Step& step, Index i) {
    if (step.shape == Shape::kDiagonal) return has_bit(i, step.targets[0]) ? 1 : 0;
    if (!step.controls.holds(i)) return 0;
    return parity(i & step.pauli.z) ? 2 : 1;
  }

  void permute(const Step& step, const std::vector<Complex>& entries, Layer& layer) const {
    const Index targets = mask_of(step.targets);
    Layer old = layer;
    for (Index i = 0; i < size_; ++i) {
      if (!step.controls.holds(i)) continue;
      const Index row = gather_bits(i, step.targets);
      const Index from =
          (i & ~targets) | scatter_bits(static_cast<Index>(step.source[row]), step.targets);
      layer.source[i] = old.source[from];
      layer.phase[i] = entries[row] * old.phase[from];
      for (std::size_t k = 0; k < layer.diagonals.size(); ++k) {
        layer.diagonals[k].local[i] = old.diagonals[k].local[from];
      }
    }
  }

  const Program& program_;
  Layers& out_;
  std::vector<Place> places_;
  Index size_;
};

void drop_trivial_phases(Layer& layer) {
  const bool trivial = std::all_of(layer.phase.begin(), layer.phase.end(),
                                   [](Complex phase) { return phase == Complex(1.0); });
  if (trivial) layer.phase.clear();
}

}  // namespace

bool Layer::moves_nothing() const {
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

Layers layers_of(const Program& program, bool weights_per_sample, Start start) {
  Layers out{.weights_per_sample = weights_per_sample};
  Builder builder(program, out, start);
  for (std::size_t k = program.first_step(start); k < program.steps.size(); ++k) {
    builder.add(static_cast<int>(k));
  }
  builder.finish();
  for (Layer& layer : out.layers) drop_trivial_phases(layer);
  return out;
}

}  // namespace qsim
