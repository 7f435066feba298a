#pragma once

#include <array>
#include <bit>
#include <complex>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "qsim/compile/bind.h"
#include "qsim/compile/segments.h"
#include "qsim/core/memory.h"
#include "qsim/engines/execute.h"
#include "qsim/engines/tiles/step.h"
#include "qsim/engines/tiles/turn_passes.h"
#include "qsim/kernels/tile.h"

// What a segment does to a tile, unit by unit, with the numbers that its kernels read. Qubits are
// local: qubit k of a tile is the k-th of the segment's; all others are "outer" and the same for a
// whole tile. All units have these members:
//
//   prepare(binding, direction)      makes the numbers, of the unit or of its inverse
//   apply(tile)                      acts on a tile
//   back(ket, bra, sums, undo)       for a unit prepared as its inverse: adds what derivatives by
//                                    its steps need, and, if told to, acts on both
//   release()                        gives back what is large and made anew by prepare
//   has_slots(), read(sums, sink)    whether there are derivatives; reports them
//   look_ahead(program, takers)      units behind it come first: `takers` has the qubits whose next
//                                    unit can take phases of one before
//   bind(program, binding, carried)  before `prepare`, units in their order: takes phases of single
//                                    qubits from those before

namespace qsim {

enum class Direction : unsigned char { kForward, kInverse };

// A tile and as much scratch; a unit may exchange them.
template <class T>
struct Tile {
  T* data = nullptr;
  T* scratch = nullptr;
  int n_qubits = 0;
  Index outer = 0;  // the outer qubits' values, as a basis state
};

// local[q]: the place of qubit q in the tile, or −1.
std::vector<int> local_places(std::span<const Qubit> qubits);

// Sums over tiles of what derivatives need.
template <class T>
struct TileSums {
  std::vector<double> axes{};          // X, Y, Z of steps on single qubits
  std::vector<T> weights{};            // Im conj(bra_i) ket_i, of merged phases
  std::vector<Complex> transitions{};  // of all other steps

  void add(const TileSums& other) {
    const auto add_all = [](auto& to, const auto& from) {
      for (std::size_t k = 0; k < to.size(); ++k) to[k] += from[k];
    };
    add_all(axes, other.axes);
    add_all(weights, other.weights);
    add_all(transitions, other.transitions);
  }
};

// Phases behind a gate, which are carried on to the next gate on the qubit or to merged phases on
// the way, where nothing but controls and diagonals comes between.
struct CarriedPhases {
  QubitPhases phases{1.0, 1.0};
  QubitPhases* merged = nullptr;  // on the way to the next gate, which can leave its phases there
};
using Carried = std::vector<CarriedPhases>;  // by qubit

// Where amplitudes mix, what is behind cannot leave phases before.
void end_ways(Index mixed, Carried& carried);

// A linear permutation of basis states.
template <class T>
class LinearUnit {
 public:
  LinearUnit(const Program& program, const std::vector<int>& steps, std::span<const Qubit> qubits);

  void look_ahead(const Program& /*program*/, Index& takers) const { takers &= ~moved_; }
  void bind(const Program& /*program*/, const Binding<T>& /*binding*/, Carried& carried) const {
    end_ways(moved_, carried);
  }
  void prepare(const Binding<T>& /*binding*/, Direction direction) { direction_ = direction; }
  void apply(Tile<T>& tile) const;
  void release() {}
  void back(Tile<T>& ket, Tile<T>& bra, TileSums<T>& sums, bool undo) const;
  [[nodiscard]] bool has_slots() const { return false; }
  void read(const TileSums<T>& /*sums*/, const SlopeSink& /*sink*/) const {}

 private:
  // in = M out ⊕ flip(outer qubits)
  struct Map {
    LinearPass pass{};
    Index constant = 0;
    std::vector<std::pair<Index, Index>> by_outer{};  // outer qubit, what it flips
    [[nodiscard]] Index flip(Index outer) const {
      Index out = constant;
      for (const auto& [mask, flips] : by_outer) out ^= (outer & mask) != 0 ? flips : 0;
      return out;
    }
  };
  template <class Source>
  static Map map_of(const Source& source, Index outer, std::span<const Qubit> qubits);
  Index moved_ = 0;  // the qubits that amplitudes move along
  Direction direction_ = Direction::kForward;
  Map forward_;
  Map inverse_;
};

// Any one step.
template <class T>
class StepUnit {
 public:
  StepUnit(const Step& step, int index, std::span<const Qubit> qubits, TileSums<T>& sums);

  void look_ahead(const Program& /*program*/, Index& takers) const { takers &= ~mixed_; }
  void bind(const Program& /*program*/, const Binding<T>& /*binding*/, Carried& carried) const {
    end_ways(mixed_, carried);
  }
  void prepare(const Binding<T>& binding, Direction direction);
  void apply(Tile<T>& tile) const;
  void release() {}
  void back(Tile<T>& ket, Tile<T>& bra, TileSums<T>& sums, bool undo) const;
  [[nodiscard]] bool has_slots() const { return step_->has_slots; }
  void read(const TileSums<T>& sums, const SlopeSink& sink) const;

  [[nodiscard]] int index() const { return index_; }
  [[nodiscard]] bool is_inside() const { return is_constant() && outer_controls_.mask == 0; }
  // Whether it is, in every tile, phases on one qubit; that qubit, and its phases in a tile.
  [[nodiscard]] bool is_on_one() const;
  [[nodiscard]] Qubit only_qubit() const { return std::countr_zero(local()); }
  [[nodiscard]] QubitPhases phases_at(Index outer) const;
  // Of a diagonal rotation inside: Σ_i ±weights_i where the controls hold.
  [[nodiscard]] double weighted(std::span<const T> weights) const;

 private:
  void apply_transition(Tile<T>& ket, Tile<T>& bra, TileSums<T>& sums) const;
  [[nodiscard]] Index local() const { return mask_of(targets_) | controls_.mask | pauli_.z; }
  // The numbers for a tile: those of a diagonal and of a rotation depend on the outer qubits.
  [[nodiscard]] bool acts(Index outer) const { return outer_controls_.holds(outer); }
  [[nodiscard]] bool is_constant() const { return outer_targets_.empty() && outer_z_ == 0; }
  [[nodiscard]] StepNumbers<T> numbers_at(Index outer) const;
  [[nodiscard]] StepPlace place(int n_qubits) const {
    return {{n_qubits, targets_, controls_}, pauli_};
  }

  const Step* step_;
  int index_;
  Index mixed_;
  std::vector<Qubit> targets_;
  ControlMask controls_;
  PauliString pauli_;
  ControlMask outer_controls_;
  Index outer_z_ = 0;
  std::vector<Qubit> outer_targets_;
  std::vector<int> inner_places_;  // of the targets, in the step's list
  std::vector<int> outer_places_;
  StepNumbers<T> numbers_;
  std::size_t first_ = 0;  // in the sums
};

// Diagonal steps, as one factor for each amplitude, with the phases of gates before and behind.
// Those on qubits outside of the tile too are phases on single qubits, others in every tile.
template <class T>
class PhasesUnit {
 public:
  PhasesUnit(std::vector<StepUnit<T>> steps, std::vector<StepUnit<T>> by_tile,
             std::span<const Qubit> qubits, TileSums<T>& sums);

  void look_ahead(const Program& /*program*/, Index& takers) const { takers |= mask_of(qubits_); }
  void bind(const Program& program, const Binding<T>& binding, Carried& carried);
  // All factors times a scale.
  void prepare(const Binding<T>& binding, Direction direction, double scale = 1);
  [[nodiscard]] const T* factors() const { return factors_.get(); }
  // Local qubits that have phases by the tile beside the factors, and these, by local qubit.
  [[nodiscard]] Index qubits_by_tile() const;
  [[nodiscard]] std::vector<QubitPhases> phases_at(Index outer) const;
  void apply(Tile<T>& tile) const;
  void release() { factors_.reset(); }
  void back(Tile<T>& ket, Tile<T>& bra, TileSums<T>& sums, bool undo) const;
  [[nodiscard]] bool has_slots() const;
  // Of a transition it knows the imaginary part only.
  void read(const TileSums<T>& sums, const SlopeSink& sink) const;

 private:
  [[nodiscard]] int n_qubits() const { return static_cast<int>(qubits_.size()); }
  void multiply(Tile<T>& tile) const;

  std::vector<StepUnit<T>> steps_;
  std::vector<StepUnit<T>> by_tile_;
  std::vector<Qubit> qubits_;
  std::vector<QubitPhases> of_gates_;  // by qubit
  bool has_slots_ = false;             // inside
  std::size_t first_ = 0;              // in the sums
  AlignedArray<T> factors_;
};

// diag(post) · R · diag(pre), R real.
struct TurnGate {
  int step = 0;
  Qubit qubit = 0;  // local
  bool has_slots = false;
  bool carries = false;
  QubitPhases pre{1.0, 1.0};
  QubitPhases post{1.0, 1.0};
  double c = 1;
  double s = 0;
  Complex frame = 1.0;  // of carried phases: the second over the first
};

// Gates on single qubits, each on another one, in as few passes as they take. Merged phases before
// them cost no pass of their own.
template <class T>
class TurnUnit {
 public:
  TurnUnit(std::optional<PhasesUnit<T>> before, std::vector<TurnGate> gates, int n_qubits,
           TileSums<T>& sums);

  void look_ahead(const Program& program, Index& takers);
  // Writes the gates as turns.
  void bind(const Program& program, const Binding<T>& binding, Carried& carried);
  void prepare(const Binding<T>& binding, Direction direction);
  void apply(Tile<T>& tile) const;
  void release();
  void back(Tile<T>& ket, Tile<T>& bra, TileSums<T>& sums, bool undo) const;
  [[nodiscard]] bool has_slots() const { return !axes_.empty() || phases_have_slots(); }
  void read(const TileSums<T>& sums, const SlopeSink& sink) const;

 private:
  struct Axes {
    AxesPass pass{};
    std::vector<std::size_t> gates{};
    std::size_t first = 0;  // in the sums
  };
  [[nodiscard]] bool phases_have_slots() const { return before_ && before_->has_slots(); }

  std::optional<PhasesUnit<T>> before_;
  bool fused_ = false;           // the phases with a pass
  std::vector<TurnGate> gates_;  // the high ones first
  int n_qubits_;                 // of the tile
  std::size_t n_high_ = 0;
  TurnPasses<T> passes_;
  std::vector<Axes> axes_;
};

template <class T>
using TileUnit = std::variant<LinearUnit<T>, StepUnit<T>, PhasesUnit<T>, TurnUnit<T>>;

// Also sizes the sums that the units add to. `one_tile`: there is no other tile, so that phases are
// better not merged.
template <class T>
std::vector<TileUnit<T>> units_of(const Program& program, const Segment& segment, bool one_tile,
                                  TileSums<T>& sums);

}  // namespace qsim
