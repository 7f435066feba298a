#include "qsim/engines/tiles/tile_units.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace qsim {

std::vector<int> local_places(std::span<const Qubit> qubits) {
  std::vector<int> out(kMaxQubits, -1);
  for (std::size_t k = 0; k < qubits.size(); ++k) {
    out[static_cast<std::size_t>(qubits[k])] = static_cast<int>(k);
  }
  return out;
}

void end_ways(Index mixed, Carried& carried) {
  for (; mixed != 0; mixed &= mixed - 1) {
    carried[static_cast<std::size_t>(std::countr_zero(mixed))].merged = nullptr;
  }
}

namespace {

// Merged phases take a number or two for each amplitude of a tile; a segment has at most this many.
constexpr int kMostMerged = 16;

// Makes the units of a segment.
template <class T>
class UnitBuilder {
 public:
  UnitBuilder(const Program& program, const Segment& segment, bool one_tile, TileSums<T>& sums)
      : program_(program),
        segment_(segment),
        one_tile_(one_tile),
        sums_(sums),
        local_(local_places(segment.qubits)) {}

  std::vector<TileUnit<T>> build() {
    for (const TileOp& op : segment_.ops) {
      const TileOp* const next = &op == &segment_.ops.back() ? nullptr : &op + 1;
      switch (op.kind) {
        case TileOp::Kind::kTurns:
          add_turns(op.steps);
          break;
        case TileOp::Kind::kLinear:
          out_.emplace_back(LinearUnit<T>(program_, op.steps, segment_.qubits));
          break;
        case TileOp::Kind::kPhases:
          add_phases(op.steps, next != nullptr && next->kind == TileOp::Kind::kTurns);
          break;
        case TileOp::Kind::kStep:
          for (const int k : op.steps) out_.emplace_back(unit_of(k, sums_));
          break;
      }
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] const Step& step(int k) const {
    return program_.steps[static_cast<std::size_t>(k)];
  }
  [[nodiscard]] StepUnit<T> unit_of(int k, TileSums<T>& sums) const {
    return StepUnit<T>(step(k), k, segment_.qubits, sums);
  }

  void add_turns(const std::vector<int>& steps) {
    std::vector<TurnGate> gates;
    for (const int k : steps) {
      gates.push_back({k, local_[static_cast<std::size_t>(step(k).targets[0])], step(k).has_slots});
    }
    std::optional<PhasesUnit<T>> before;
    if (!out_.empty() && std::holds_alternative<PhasesUnit<T>>(out_.back())) {
      before = std::get<PhasesUnit<T>>(std::move(out_.back()));
      out_.pop_back();
    }
    const int n_qubits = static_cast<int>(segment_.qubits.size());
    out_.emplace_back(TurnUnit<T>(std::move(before), std::move(gates), n_qubits, sums_));
  }

  // A pass of turns behind can give phases by tile to as many high qubits as it turns.
  void add_phases(const std::vector<int>& steps, bool before_turns) {
    std::vector<StepUnit<T>> inside;
    std::vector<StepUnit<T>> by_tile;
    TileSums<T> unused;  // merged steps have no sums of their own
    Index high = 0;      // qubits of those by tile
    const int lane_bits = kernels<T>().lane_bits;
    for (const int k : steps) {
      StepUnit<T> unit = unit_of(k, unused);
      if (!one_tile_ && unit.is_inside()) {
        inside.push_back(std::move(unit));
        continue;
      }
      const bool can_be_by_tile = before_turns && merged_ < kMostMerged && unit.is_on_one();
      const Index wider =
          high | (can_be_by_tile ? bit(unit.only_qubit()) & ~(bit(lane_bits) - 1) : 0);
      if (can_be_by_tile && std::popcount(wider) <= kernels<T>().turn_high) {
        high = wider;
        by_tile.push_back(unit_of(k, sums_));
      } else {
        out_.emplace_back(unit_of(k, sums_));
      }
    }
    if (inside.size() + by_tile.size() < 2 || merged_ == kMostMerged) {
      for (const StepUnit<T>& unit : inside) out_.emplace_back(unit_of(unit.index(), sums_));
      for (StepUnit<T>& unit : by_tile) out_.emplace_back(std::move(unit));
      return;
    }
    ++merged_;
    out_.emplace_back(PhasesUnit<T>(std::move(inside), std::move(by_tile), segment_.qubits, sums_));
  }

  const Program& program_;
  const Segment& segment_;
  bool one_tile_;
  int merged_ = 0;
  TileSums<T>& sums_;
  std::vector<int> local_;
  std::vector<TileUnit<T>> out_;
};

}  // namespace

template <class T>
std::vector<TileUnit<T>> units_of(const Program& program, const Segment& segment, bool one_tile,
                                  TileSums<T>& sums) {
  return UnitBuilder<T>(program, segment, one_tile, sums).build();
}

template std::vector<TileUnit<float>> units_of(const Program&, const Segment&, bool,
                                               TileSums<float>&);
template std::vector<TileUnit<double>> units_of(const Program&, const Segment&, bool,
                                                TileSums<double>&);

}  // namespace qsim
