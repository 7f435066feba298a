#include <algorithm>
#include <bit>

#include "qsim/engines/tiles/tile_units.h"

namespace qsim {

template <class T>
template <class Source>
typename LinearUnit<T>::Map LinearUnit<T>::map_of(const Source& source, Index outer,
                                                  std::span<const Qubit> qubits) {
  const auto local_source = [&](Index local, Index outer_bits) {
    return gather_bits(source(scatter_bits(local, qubits) | outer_bits), qubits);
  };
  Map out{.constant = local_source(0, 0)};
  for (; outer != 0; outer &= outer - 1) {
    const Index mask = outer & (~outer + 1);
    const Index flips = local_source(0, mask) ^ out.constant;
    if (flips != 0) out.by_outer.emplace_back(mask, flips);
  }
  std::vector<Index> columns;
  for (std::size_t e = 0; e < qubits.size(); ++e) {
    columns.push_back(local_source(bit(static_cast<int>(e)), 0) ^ out.constant);
  }
  const auto image = [&](Index i) {
    Index sum = 0;
    for (; i != 0; i &= i - 1) sum ^= columns[static_cast<std::size_t>(std::countr_zero(i))];
    return sum;
  };
  const int lane_bits = kernels<T>().lane_bits;
  const Index lanes = bit(lane_bits);
  const Index n_registers = bit(static_cast<int>(qubits.size())) >> lane_bits;
  LinearPass& pass = out.pass;
  for (Index k = 0; k < n_registers; ++k) {
    const Index in = image(k << lane_bits);
    pass.source.push_back(static_cast<std::uint32_t>(in & ~(lanes - 1)));
    pass.order.push_back(static_cast<std::uint8_t>(in & (lanes - 1)));
  }
  for (Index x = 0; x < lanes; ++x) {
    for (Index lane = 0; lane < lanes; ++lane) {
      pass.orders.push_back(static_cast<std::uint8_t>((image(lane) & (lanes - 1)) ^ x));
    }
  }
  for (Index lane = 0; lane < lanes; ++lane) {
    const auto offset = static_cast<std::uint32_t>(image(lane) & ~(lanes - 1));
    const auto found = std::find(pass.offsets.begin(), pass.offsets.end(), offset);
    pass.offset_of_lane.push_back(static_cast<std::uint8_t>(found - pass.offsets.begin()));
    if (found == pass.offsets.end()) pass.offsets.push_back(offset);
  }
  return out;
}

template <class T>
LinearUnit<T>::LinearUnit(const Program& program, const std::vector<int>& steps,
                          std::span<const Qubit> qubits) {
  // Where the step takes a basis state; every one is its own inverse.
  const auto moved = [&](int k, Index i) {
    const Step& step = program.steps[static_cast<std::size_t>(k)];
    if (step.targets.size() == 1) return step.controls.holds(i) ? i ^ bit(step.targets[0]) : i;
    const bool differ = has_bit(i, step.targets[0]) != has_bit(i, step.targets[1]);
    return differ ? i ^ mask_of(step.targets) : i;
  };
  for (const int k : steps) moved_ |= mask_of(program.steps[static_cast<std::size_t>(k)].targets);
  const Index outer = (bit(program.n_qubits) - 1) & ~mask_of(qubits);
  forward_ = map_of(
      [&](Index i) {
        for (std::size_t k = steps.size(); k-- > 0;) i = moved(steps[k], i);
        return i;
      },
      outer, qubits);
  inverse_ = map_of(
      [&](Index i) {
        for (const int k : steps) i = moved(k, i);
        return i;
      },
      outer, qubits);
}

template <class T>
void LinearUnit<T>::apply(Tile<T>& tile) const {
  const Map& map = direction_ == Direction::kForward ? forward_ : inverse_;
  kernels<T>().linear(tile.scratch, tile.data, map.pass, map.flip(tile.outer));
  std::swap(tile.data, tile.scratch);
}

template <class T>
void LinearUnit<T>::back(Tile<T>& ket, Tile<T>& bra, TileSums<T>& /*sums*/, bool undo) const {
  if (!undo) return;
  apply(ket);
  apply(bra);
}

template class LinearUnit<float>;
template class LinearUnit<double>;

}  // namespace qsim
