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

// The diagonal's entries lane by lane, one vector per pattern of the high targets.
template <class T>
struct DiagonalPattern {
  Lanes<T> lanes{};
  Index offset = 0;  // of the amplitudes it multiplies
  Index index = 0;   // of the pattern
};

template <class T>
std::vector<DiagonalPattern<T>> diagonal_patterns(const Site& site, const TargetSplit& split,
                                                  const std::complex<T>* diagonal, bool skip_ones) {
  const Index low = kLanes<T> - 1;
  const ControlMask low_controls{site.controls.mask & low, site.controls.value & low};
  std::vector<DiagonalPattern<T>> patterns;
  for (Index j = 0; j < bit(static_cast<int>(split.n_high())); ++j) {
    DiagonalPattern<T> pattern{.offset = split.high_offset(j), .index = j};
    bool all_one = true;
    for (Index lane = 0; lane < kLanes<T>; ++lane) {
      const std::complex<T> entry =
          low_controls.holds(lane) ? diagonal[split.local(j, lane)] : std::complex<T>(1);
      pattern.lanes.set(lane, entry);
      all_one = all_one && entry == std::complex<T>(1);
    }
    // Half the state need not be touched for a phase gate.
    if (!skip_ones || !all_one) patterns.push_back(pattern);
  }
  return patterns;
}

template <class T>
void diagonal(T* state, const Site& site, const std::complex<T>* diagonal, Part part) {
  const TargetSplit split(site.targets, kLaneBits<T>);
  const auto patterns = diagonal_patterns(site, split, diagonal, true);
  const Groups groups(site.n_qubits, kLaneBits<T>, split.high_mask(), site.controls);
  if (patterns.empty()) return;
  if (patterns.size() == 1) {
    const CVec<T> factor = load(patterns[0].lanes);
    const Index offset = patterns[0].offset;
    for_groups(groups, part, [&](Index i) KETGRAD_LOOP_BODY {
      store(mul(factor, load(state, i | offset)), state, i | offset);
    });
  } else if (patterns.size() == 2 && split.n_high() == 1 && site.n_qubits >= kWideQubits) {
    // In the order of memory, so that the hardware fetches ahead as for one long array.
    const Groups all(site.n_qubits, kLaneBits<T>, 0, site.controls);
    const int target = std::countr_zero(split.high_mask());
    const Lanes<T>* factors[] = {&patterns[0].lanes, &patterns[1].lanes};
    for_groups(all, part, [&](Index i) KETGRAD_LOOP_BODY {
      store(mul(load(*factors[(i >> target) & 1]), load(state, i)), state, i);
    });
  } else if (patterns.size() == 2) {
    const CVec<T> factor0 = load(patterns[0].lanes);
    const CVec<T> factor1 = load(patterns[1].lanes);
    const Index offset0 = patterns[0].offset;
    const Index offset1 = patterns[1].offset;
    for_groups(groups, part, [&](Index i) KETGRAD_LOOP_BODY {
      store(mul(factor0, load(state, i | offset0)), state, i | offset0);
      store(mul(factor1, load(state, i | offset1)), state, i | offset1);
    });
  } else {
    for_groups(groups, part, [&](Index i) KETGRAD_LOOP_BODY {
      for (const auto& p : patterns) {
        store(mul(load(p.lanes), load(state, i | p.offset)), state, i | p.offset);
      }
    });
  }
}

template <class T>
void diagonal_transition(T* ket, T* bra, const Site& site, const std::complex<T>* inverse,
                         Complex* transition, Part part) {
  const TargetSplit split(site.targets, kLaneBits<T>);
  const auto patterns = diagonal_patterns(site, split, inverse, false);
  const Groups groups(site.n_qubits, kLaneBits<T>, split.high_mask(), site.controls);
  std::vector<Lanes<T>> sums(patterns.size(), Lanes<T>{});
  for_groups(groups, part, [&](Index i) KETGRAD_LOOP_BODY {
    for (const auto& p : patterns) {
      const CVec<T> factor = load(p.lanes);
      const CVec<T> k = load(ket, i | p.offset);
      const CVec<T> b = load(bra, i | p.offset);
      Lanes<T>& sum = sums[p.index];
      store(mul_conj_add(k, b, load(sum)), sum);
      store(mul(factor, k), ket, i | p.offset);
      store(mul(factor, b), bra, i | p.offset);
    }
  });
  const Index low = kLanes<T> - 1;
  const ControlMask low_controls{site.controls.mask & low, site.controls.value & low};
  for (const auto& p : patterns) {
    for (Index lane = 0; lane < kLanes<T>; ++lane) {
      if (!low_controls.holds(lane)) continue;
      transition[split.local(p.index, lane)] +=
          Complex(sums[p.index].re[lane], sums[p.index].im[lane]);
    }
  }
}

template <class T>
void permutation(T* state, const Site& site, const int* source, const std::complex<T>* entries,
                 Part part) {
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
    for_groups(groups, part, [&](Index i) KETGRAD_LOOP_BODY {
      const CVec<T> va = load(state, i | a);
      const CVec<T> vb = load(state, i | b);
      store(vb, state, i | a);
      store(va, state, i | b);
    });
    return;
  }
  for_groups(groups, part, [&](Index i) KETGRAD_LOOP_BODY {
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
