// Layers on one state, seen as a block whose samples are its lowest qubits: turns of the others are
// those of a block, turns of the lowest ones shuffle lanes.

#if defined(KETGRAD_BATCH_STATE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KETGRAD_BATCH_STATE_INL_H_
#undef KETGRAD_BATCH_STATE_INL_H_
#else
#define KETGRAD_BATCH_STATE_INL_H_
#endif

#include "qsim/kernels/batch_turn-inl.h"

HWY_BEFORE_NAMESPACE();
namespace qsim {
namespace HWY_NAMESPACE {

// Turns of the qubits within a register: a ← a + ±t · (a with the qubit flipped).
template <class T>
class LaneTurns {
 public:
  LaneTurns(const T* turns, bool invert) {
    for (int q = 0; q < kLaneBits<T>; ++q) {
      alignas(64) T lanes[kLanes<T>];
      const T t = invert ? -turns[q] : turns[q];
      for (Index lane = 0; lane < kLanes<T>; ++lane) lanes[lane] = has_bit(lane, q) ? t : -t;
      t_[q] = hn::Load(Tag<T>(), lanes);
    }
  }
  HWY_INLINE void apply(CVec<T>& a) const {
    KETGRAD_UNROLL
    for (int q = 0; q < kLaneBits<T>; ++q) {
      const CVec<T> partner = flip_[q](a);
      a = {hn::MulAdd(t_[q], partner.re, a.re), hn::MulAdd(t_[q], partner.im, a.im)};
    }
  }

 private:
  static constexpr Index kLast = kLanes<T> - 1;
  LaneXor<T> flip_[4] = {LaneXor<T>(1 & kLast), LaneXor<T>(2 & kLast), LaneXor<T>(4 & kLast),
                         LaneXor<T>(8 & kLast)};
  Vec<T> t_[4];
};

// A product diagonal on the part of every row that starts at a sample: its low part stays in a
// register.
template <class T>
class ProductPart {
 public:
  ProductPart(const ProductDiagonal<T>& diagonal, Index part)
      : high_(diagonal.high), low_(load_row(diagonal.low + part, 0)) {}
  HWY_INLINE CVec<T> operator[](Index row) const { return mul(broadcast(high_[row]), low_); }

 private:
  const std::complex<T>* high_;
  CVec<T> low_;
};

template <class T>
HWY_INLINE CVec<T> gather(const T* state, Vec<SignedOffset<T>> offsets) {
  const Tag<T> d;
  return {hn::GatherIndex(d, state, offsets), hn::GatherIndex(d, state + kBlock<T>, offsets)};
}

template <class T>
HWY_INLINE Vec<SignedOffset<T>> load_offsets(const SignedOffset<T>* offsets, Index first) {
  return hn::LoadU(Tag<SignedOffset<T>>(), offsets + first);
}

// Some turns of rows between what loads and what stores a part of a row.
template <class T, int K, class LoadRow, class StoreRow>
HWY_INLINE void pass_rows(int row_qubits, const TurnList<T>& turns, bool invert,
                          const LoadRow& load_part, const StoreRow& store_part) {
  const RowGroups<K> rows(row_qubits,
                          [&](int k) { return turns[static_cast<std::size_t>(k)].target; });
  TurnVecs<T, K> turn;
  turn.load(turns, invert);
  Index base = 0;
  for (Index g = rows.count(); g > 0; --g, base = rows.next(base)) {
    Vec<T> re[kGroup<K>];
    Vec<T> im[kGroup<K>];
    KETGRAD_UNROLL
    for (Index j = 0; j < kGroup<K>; ++j) {
      const CVec<T> v = load_part(base | rows.offset[j]);
      re[j] = v.re;
      im[j] = v.im;
    }
    turn.apply(re);
    turn.apply(im);
    KETGRAD_UNROLL
    for (Index j = 0; j < kGroup<K>; ++j) {
      store_part(CVec<T>{re[j], im[j]}, base | rows.offset[j]);
    }
  }
}

// The turns of qubits that separate the parts of a row, where a row has parts.
template <class T>
void turn_parts(T* state, int row_qubits, const T* turns, bool invert) {
  const Tag<T> d;
  for (int q = kLaneBits<T>; q < kBlockBits<T>; ++q) {
    const auto t = hn::Set(d, invert ? -turns[q] : turns[q]);
    const Index distance = bit(q);
    for (Index at = 0; at < bit(row_qubits) * kRow<T>; at += 2 * distance) {
      for (Index k = 0; k < distance; k += kLanes<T>) {
        T* first = state + at + k;
        const auto a0 = hn::Load(d, first);
        const auto a1 = hn::Load(d, first + distance);
        hn::Store(hn::NegMulAdd(t, a1, a0), d, first);
        hn::Store(hn::MulAdd(t, a0, a1), d, first + distance);
      }
    }
  }
}

// The turns of one pass with complex rows in registers.
inline constexpr std::size_t kComplexTurns = HWY_TARGET <= HWY_AVX3 ? 3 : 2;

template <class T>
struct LayerPasses {
  TurnList<T> first;   // go with the move
  TurnList<T> middle;  // in place
  TurnList<T> last;    // go with the phases at the end

  explicit LayerPasses(std::span<const Turn<T>> turns) {
    const std::size_t n_first = std::min(turns.size(), kComplexTurns);
    const std::size_t n_last = std::min(turns.size() - n_first, kComplexTurns);
    first = {turns.data(), n_first, 1};
    last = {turns.data() + n_first, n_last, 1};
    middle = {turns.data() + n_first + n_last, turns.size() - n_first - n_last, 1};
  }
};

template <class T, bool kBack>
void turn_rows(T* state, int row_qubits, const TurnList<T>& turns) {
  for (std::size_t begin = 0; begin < turns.count; begin += kTurnsAPass) {
    const TurnList<T> some{turns.first + begin, std::min(kTurnsAPass, turns.count - begin), 1};
    turn_pass<T, kBack>(state, row_qubits, some);
  }
}

// Where an index that differs by a flip is: in another row, another part of it, another lane.
template <class T>
class FlippedPart {
 public:
  FlippedPart(Index flip, Index part)
      : high_(flip / kBlock<T>),
        lanes_(flip % kLanes<T>),
        part_(part ^ (flip % kBlock<T> - lanes_)),
        exchange_(lanes_) {}
  // The index at which the flipped part of a row starts.
  [[nodiscard]] HWY_INLINE Index start(Index row) const {
    return (row ^ high_) * kBlock<T> + part_;
  }
  [[nodiscard]] HWY_INLINE CVec<T> lanes(const CVec<T>& v) const {
    return lanes_ == 0 ? v : exchange_(v);
  }

 private:
  Index high_;
  Index lanes_;
  Index part_;
  LaneXor<T> exchange_;
};

template <class T>
void state_stage(const T* in, T* out, int row_qubits, const StateStage<T>& layer) {
  const LayerPasses<T> passes(layer.turns);
  const LaneTurns<T> lane_turns(layer.low_turns, false);
  for (Index part = 0; part < kBlock<T>; part += kLanes<T>) {
    const FlippedPart<T> flipped(layer.flip, part);
    const ProductPart<T> before(layer.before, part);
    with_count(passes.first.count, [&]<int K>() {
      pass_rows<T, K>(
          row_qubits, passes.first, false,
          [&](Index row) KETGRAD_LOOP_BODY {
            const Index from = flipped.start(row);
            CVec<T> v = gather(in, load_offsets<T>(layer.source, from));
            if (layer.phase != nullptr) v = mul(v, load(layer.phase, from));
            v = mul(flipped.lanes(v), before[row]);
            lane_turns.apply(v);
            return v;
          },
          [&](const CVec<T>& v, Index row) KETGRAD_LOOP_BODY { store_row(v, out + part, row); });
    });
  }
  turn_parts(out, row_qubits, layer.low_turns, false);
  turn_rows<T, false>(out, row_qubits, passes.middle);
  for (Index part = 0; part < kBlock<T>; part += kLanes<T>) {
    const ProductPart<T> after(layer.after, part);
    with_count(passes.last.count, [&]<int K>() {
      pass_rows<T, K>(
          row_qubits, passes.last, false,
          [&](Index row) KETGRAD_LOOP_BODY { return load_row(out + part, row); },
          [&](const CVec<T>& v, Index row)
              KETGRAD_LOOP_BODY { store_row(mul(v, after[row]), out + part, row); });
    });
  }
}

template <class T>
void state_stage_back(T* in, T* out, int row_qubits, const StateStage<T>& layer) {
  const LayerPasses<T> passes(layer.turns);
  const LaneTurns<T> lane_turns(layer.low_turns, true);
  for (Index part = 0; part < kBlock<T>; part += kLanes<T>) {
    const ProductPart<T> after(layer.after, part);
    with_count(passes.last.count, [&]<int K>() {
      pass_rows<T, K>(
          row_qubits, passes.last, true,
          [&](Index row)
              KETGRAD_LOOP_BODY { return times_conj(load_row(in + part, row), after[row]); },
          [&](const CVec<T>& v, Index row) KETGRAD_LOOP_BODY { store_row(v, in + part, row); });
    });
  }
  turn_rows<T, true>(in, row_qubits, passes.middle);
  turn_parts(in, row_qubits, layer.low_turns, true);
  for (Index part = 0; part < kBlock<T>; part += kLanes<T>) {
    const FlippedPart<T> flipped(layer.flip, part);
    const ProductPart<T> before(layer.before, part);
    with_count(passes.first.count, [&]<int K>() {
      pass_rows<T, K>(
          row_qubits, passes.first, true,
          [&](Index row) KETGRAD_LOOP_BODY { return load_row(in + part, row); },
          [&](const CVec<T>& turned, Index row) KETGRAD_LOOP_BODY {
            CVec<T> v = turned;
            lane_turns.apply(v);
            v = times_conj(v, before[row]);
            if (layer.phase != nullptr) {
              v = times_conj(v, flipped.lanes(load(layer.phase, flipped.start(row))));
            }
            store_row(v, in + part, row);
          });
    });
  }
  const Tag<SignedOffset<T>> di;
  const auto flip = hn::Set(di, static_cast<SignedOffset<T>>(real_offset<T>(layer.flip)));
  for (Index i = 0; i < bit(row_qubits) * kBlock<T>; i += kLanes<T>) {
    store(gather(static_cast<const T*>(in), hn::Xor(load_offsets<T>(layer.place, i), flip)), out,
          i);
  }
}

template <class T>
void product_state(T* out, int row_qubits, const ProductDiagonal<T>& diagonal) {
  for (Index part = 0; part < kBlock<T>; part += kLanes<T>) {
    const ProductPart<T> factor(diagonal, part);
    for (Index row = 0; row < bit(row_qubits); ++row) store_row(factor[row], out + part, row);
  }
}

template <class T>
void low_transition(const T* ket, const T* bra, int row_qubits, T* out) {
  for (int q = 0; q < kBlockBits<T>; ++q) {
    const Index lane_flip = bit(q) % kLanes<T>;
    const LaneXor<T> flip(lane_flip);
    for (Index part = 0; part < kBlock<T>; part += kLanes<T>) {
      const T* partner = bra + (part ^ (bit(q) - lane_flip));
      CVec<T> sums[2] = {zero<T>(), zero<T>()};
      for (Index row = 0; row < bit(row_qubits); row += 2) {
        KETGRAD_UNROLL
        for (Index k = 0; k < 2; ++k) {
          CVec<T> b = load_row(partner, row + k);
          if (lane_flip != 0) b = flip(b);
          sums[k] = mul_conj_add(load_row(ket + part, row + k), b, sums[k]);
        }
      }
      store_row(CVec<T>{hn::Add(sums[0].re, sums[1].re), hn::Add(sums[0].im, sums[1].im)},
                out + part, static_cast<Index>(q));
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace qsim
HWY_AFTER_NAMESPACE();

#endif
