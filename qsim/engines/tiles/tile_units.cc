#include "qsim/engines/tiles/tile_units.h"

#include <algorithm>
#include <utility>

namespace qsim {

std::vector<int> local_places(std::span<const Qubit> qubits) {
  std::vector<int> out(kMaxQubits, -1);
  for (std::size_t k = 0; k < qubits.size(); ++k) {
    out[static_cast<std::size_t>(qubits[k])] = static_cast<int>(k);
  }
  return out;
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
      switch (op.kind) {
        case TileOp::Kind::kTurns:
          add_turns(op.steps);
          break;
        case TileOp::Kind::kLinear:
          out_.emplace_back(LinearUnit<T>(program_, op.steps, segment_.qubits));
          break;
        case TileOp::Kind::kPhases:
          add_phases(op.steps);
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
    const auto most_high = static_cast<std::size_t>(kernels<T>().turn_high);
    std::vector<TurnGate> high;
    std::vector<TurnGate> low;
    for (const int k : steps) {
      const TurnGate gate{k, local_[static_cast<std::size_t>(step(k).targets[0])],
                          step(k).has_slots};
      (gate.qubit >= kernels<T>().lane_bits ? high : low).push_back(gate);
    }
    // Passes with about as many high qubits each.
    const std::size_t passes = std::max<std::size_t>(1, (high.size() + most_high - 1) / most_high);
    for (std::size_t p = 0; p < passes; ++p) {
      const auto from = static_cast<std::ptrdiff_t>(p * high.size() / passes);
      const auto to = static_cast<std::ptrdiff_t>((p + 1) * high.size() / passes);
      out_.emplace_back(TurnUnit<T>({high.begin() + from, high.begin() + to}, low, sums_));
      low.clear();
    }
  }

  void add_phases(const std::vector<int>& steps) {
    std::vector<int> inside;
    TileSums<T> unused;  // merged steps have no sums of their own
    for (const int k : steps) {
      if (one_tile_ || !unit_of(k, unused).is_inside()) {
        out_.emplace_back(unit_of(k, sums_));
      } else {
        inside.push_back(k);
      }
    }
    if (inside.size() == 1 || merged_ == kMostMerged) {
      for (const int k : inside) out_.emplace_back(unit_of(k, sums_));
    } else if (!inside.empty()) {
      ++merged_;
      std::vector<StepUnit<T>> units;
      for (const int k : inside) units.push_back(unit_of(k, unused));
      out_.emplace_back(
          PhasesUnit<T>(std::move(units), static_cast<int>(segment_.qubits.size()), sums_));
    }
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
