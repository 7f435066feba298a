// Diagonal steps on any number of qubits, their backward transition, and permutations.

#if defined(KETGRAD_DIAGONAL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KETGRAD_DIAGONAL_INL_H_
#undef KETGRAD_DIAGONAL_INL_H_
#else
#define KETGRAD_DIAGONAL_INL_H_
#endif

#include "qsim/kernels/complex-inl.h"

HWY_BEFORE_NAMESPACE();
namespace qsim {
namespace HWY_NAMESPACE {

// The diagonal's entries lane by lane, one vector per pattern of the high targets. Patterns whose
// entries are all 1 need not be touched: half the state for a phase gate.
template <class T>
class DiagonalStep {
 public:
  DiagonalStep(const Site& site, const TargetSplit& split, const std::complex<T>* diagonal) {
    const Index low = kLanes<T> - 1;
    const ControlMask low_controls{site.controls.mask & low, site.controls.value & low};
    for (Index j = 0; j < bit(static_cast<int>(split.n_high())); ++j) {
      Pattern pattern{.offset = split.high_offset(j), .index = j};
      for (Index lane = 0; lane < kLanes<T>; ++lane) {
        const std::complex<T> entry =
            low_controls.holds(lane) ? diagonal[split.local(j, lane)] : std::complex<T>(1);
        pattern.lanes.set(lane, entry);
        pattern.is_one = pattern.is_one && entry == std::complex<T>(1);
      }
      patterns.push_back(pattern);
    }
  }

  struct Pattern {
    Lanes<T> lanes{};
    Index offset = 0;
    Index index = 0;
    bool is_one = true;
  };
  std::vector<Pattern> patterns;
};

template <class T>
void diagonal(T* state, const Site& site, const std::complex<T>* diagonal, Part part) {
  const TargetSplit split(site.targets, kLaneBits<T>);
  const DiagonalStep<T> step(site, split, diagonal);
  const Groups groups(site.n_qubits, kLaneBits<T>, split.high_mask(), site.controls);
  for (const auto& pattern : step.patterns) {
    if (pattern.is_one) continue;
    const CVec<T> factor = load(pattern.lanes);
    for_groups(groups, part, kLaneBits<T>, [&](Index i) HWY_ATTR {
      store(mul(factor, load(state, i | pattern.offset)), state, i | pattern.offset);
    });
  }
}

template <class T>
void diagonal_transition(T* ket, T* bra, const Site& site, const std::complex<T>* inverse,
                                  Complex* transition, Part part) {
  const TargetSplit split(site.targets, kLaneBits<T>);
  const DiagonalStep<T> step(site, split, inverse);
  const Groups groups(site.n_qubits, kLaneBits<T>, split.high_mask(), site.controls);
  const Index low = kLanes<T> - 1;
  const ControlMask low_controls{site.controls.mask & low, site.controls.value & low};
  for (const auto& pattern : step.patterns) {
    const CVec<T> factor = load(pattern.lanes);
    CVec<T> sum = zero<T>();
    for_groups(groups, part, kLaneBits<T>, [&](Index i) HWY_ATTR {
      const CVec<T> k = load(ket, i | pattern.offset);
      const CVec<T> b = load(bra, i | pattern.offset);
      sum = mul_conj_add(k, b, sum);
      store(mul(factor, k), ket, i | pattern.offset);
      store(mul(factor, b), bra, i | pattern.offset);
    });
    Lanes<T> lanes;
    store(sum, lanes);
    for (Index lane = 0; lane < kLanes<T>; ++lane) {
      if (!low_controls.holds(lane)) continue;
      transition[split.local(pattern.index, lane)] += Complex(lanes.re[lane], lanes.im[lane]);
    }
  }
}

template <class T>
void permutation(T* state, const Site& site, const int* source,
                          const std::complex<T>* entries, Part part) {
  const TargetSplit split(site.targets, kLaneBits<T>);
  const Groups groups(site.n_qubits, kLaneBits<T>, split.high_mask(), site.controls);
  const Index size = bit(static_cast<int>(site.targets.size()));
  // Only rows that change; all targets are high, so pattern j is row j.
  std::vector<Index> rows;
  for (Index r = 0; r < size; ++r) {
    if (source[r] != static_cast<int>(r) || entries[r] != std::complex<T>(1)) rows.push_back(r);
  }
  std::vector<Lanes<T>> held(rows.size());
  if (rows.size() == 2 && entries[rows[0]] == std::complex<T>(1) &&
      entries[rows[1]] == std::complex<T>(1)) {
    const Index a = split.high_offset(rows[0]);  // a plain exchange: x, cx, swap, …
    const Index b = split.high_offset(rows[1]);
    for_groups(groups, part, kLaneBits<T>, [&](Index i) HWY_ATTR {
      const CVec<T> va = load(state, i | a);
      const CVec<T> vb = load(state, i | b);
      store(vb, state, i | a);
      store(va, state, i | b);
    });
    return;
  }
  for_groups(groups, part, kLaneBits<T>, [&](Index i) HWY_ATTR {
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const Index from = split.high_offset(static_cast<Index>(source[rows[k]]));
      store(mul(broadcast(entries[rows[k]]), load(state, i | from)), held[k]);
    }
    for (std::size_t k = 0; k < rows.size(); ++k) {
      store(load(held[k]), state, i | split.high_offset(rows[k]));
    }
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace qsim
HWY_AFTER_NAMESPACE();

#endif
