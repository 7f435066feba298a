#pragma once

#include <complex>
#include <cstdint>
#include <span>
#include <type_traits>

#include "qsim/core/bits.h"
#include "qsim/core/pauli.h"
#include "qsim/core/types.h"
#include "qsim/kernels/layout.h"

// Kernels on a block of samples: kBlock<T> states of n qubits, the sample innermost. That is the
// layout of layout.h with the samples as the lowest qubits, so
//
//   row i = basis state i of every sample: kBlock real parts, then kBlock imaginary parts
//
// and every gate on every qubit is a straight loop over rows without shuffles. Complex coefficients
// that differ between samples are rows too; real ones are half rows of kBlock numbers.

namespace qsim {

template <class T>
inline constexpr std::size_t kRow = 2 * kBlock<T>;

// Where a number of a state is, as gathers take it.
template <class T>
using SignedOffset = std::conditional_t<sizeof(T) == sizeof(double), std::int64_t, std::int32_t>;

// One sample's number of a row.
template <class T>
void set_lane(T* row, Index lane, Complex value) {
  row[lane] = static_cast<T>(value.real());
  row[kBlock<T> + lane] = static_cast<T>(value.imag());
}

// A real rotation of one qubit up to its length: (a₀, a₁) → (a₀ − t·a₁, a₁ + t·a₀), |t| ≤ 1. That
// is one multiply-add a number; the length joins the phases of the monomial before it. A rotation
// by more than 45° is one by 90° less behind a flip, which joins the monomial as well.
template <class T>
struct Turn {
  Qubit target = 0;
  T t = 0;
};

// A product of permutations, diagonals and lengths of turns, the same for all samples:
// out[i] = phase[i] · in[source[i ^ flip]].
template <class T>
struct Monomial {
  const std::uint32_t* source = nullptr;   // 2^n entries
  const std::complex<T>* phase = nullptr;  // 2^n entries; null where all are 1
  Index flip = 0;
};

// One factor of a run of gates on one qubit: a constant matrix, or exp(−iφG) given by the half rows
// c = cos φ and s = sin φ, G a Pauli, a projector or 1.
template <class T>
struct RunFactor {
  enum class Kind : unsigned char { kMatrix, kX, kY, kZ, kProject0, kProject1, kIdentity };
  Kind kind = Kind::kMatrix;
  const T* c = nullptr;
  const T* s = nullptr;
  std::complex<T> matrix[4];  // row by row
};

// The numbers of a transition on one qubit that gradients need: Im⟨bra|P|ket⟩ for P = X, Y, Z, each
// a half row.
template <class T>
struct alignas(64) BlochRow {
  T x[kBlock<T>];
  T y[kBlock<T>];
  T z[kBlock<T>];
};

// A diagonal on one state that is a product of one on each qubit: entry i is
// high[i / kBlock] · low[i % kBlock], low a row.
template <class T>
struct ProductDiagonal {
  const std::complex<T>* high = nullptr;
  const T* low = nullptr;
};

// A layer on one state: after · turns · before · phase · permutation. Every number of the state is
// at the offset that layout.h gives its index.
template <class T>
struct StateStage {
  const SignedOffset<T>* source = nullptr;  // by index: the offset it comes from …
  const SignedOffset<T>* place = nullptr;   // … and to which its number goes back
  Index flip = 0;                           // of the index, before `source`
  const T* phase = nullptr;                 // a diagonal, laid out as a state; null: 1
  ProductDiagonal<T> before;
  const T* low_turns = nullptr;    // t of the turns of qubits within a row
  std::span<const Turn<T>> turns;  // of the others, with targets less kBlockBits
  ProductDiagonal<T> after;
};

// The most states that one pass combines.
inline constexpr std::size_t kMostCombined = 3;

template <class T>
struct BatchKernelTable {
  // out = turns · monomial · in; in and out are different.
  void (*turn)(const T* in, T* out, int n_qubits, const Monomial<T>& monomial,
               std::span<const Turn<T>> turns);
  // out = (turns · monomial)† · in. In between `in` is used as scratch.
  void (*unturn)(T* in, T* out, int n_qubits, const Monomial<T>& monomial,
                 std::span<const Turn<T>> turns);
  // The numbers of the transition between bra and ket on each of some qubits. Scratch: 2^n half
  // rows.
  void (*transition)(const T* ket, const T* bra, int n_qubits, std::span<const Qubit> targets,
                     T* scratch, BlochRow<T>* out);
  // out[i] = Im(conj(bra_i) ket_i), half rows.
  void (*diagonal_transition)(const T* ket, const T* bra, int n_qubits, T* out);

  // A 2×2 matrix a sample (four rows) on one qubit, or its inverse.
  void (*dense1)(T* state, int n_qubits, Qubit target, const T* entries, bool inverse);
  // A 2^k × 2^k matrix, k ≤ 5, where controls hold: a row an entry, or the same for all samples.
  void (*dense)(T* state, int n_qubits, std::span<const Qubit> targets, ControlMask controls,
                const T* entries);
  void (*dense_same)(T* state, int n_qubits, std::span<const Qubit> targets, ControlMask controls,
                     const std::complex<T>* entries);
  // state ← (α + βP) state where the controls hold; α and β are rows.
  void (*rotation)(T* state, int n_qubits, PauliString pauli, ControlMask controls, const T* alpha,
                   const T* beta);

  // out[i] = exp(−i Σ_k θ_k (−1)^parity(i & mask_k)) for masks in rising order; c and s are the
  // cosines and sines of the θ_k, half rows. Scratch: 2^n rows.
  void (*phase_table)(T* out, int n_qubits, std::span<const Index> masks, const T* c, const T* s,
                      T* scratch);
  // state_i ← table_i · state_i, or its inverse.
  void (*multiply)(T* state, int n_qubits, const T* table, bool inverse);
  // out[k] = Σ_i (−1)^parity(i & k) out[i]: the Walsh transform of 2^n half rows.
  void (*walsh)(T* out, int n_qubits);

  // The matrix (four rows) of a run of gates, the first factor acting first.
  void (*run_matrix)(std::span<const RunFactor<T>> factors, T* entries);

  // The product state of n qubits with the given columns, qubit q's amplitudes of 0 and 1 in rows
  // 2q and 2q + 1. Scratch: product_scratch(n) rows.
  void (*product)(T* out, int n_qubits, const T* columns, T* scratch);
  // The transitions of every qubit between that product state and a bra.
  void (*product_transition)(const T* bra, int n_qubits, const T* columns, T* scratch,
                             BlochRow<T>* transition);

  // out (a row) = ⟨a|P|b⟩ over the basis states where the controls hold.
  void (*inner)(const T* a, const T* b, int n_qubits, PauliString pauli, ControlMask controls,
                T* out);
  // out += c · P in; c is a half row.
  void (*accumulate)(T* out, const T* in, int n_qubits, PauliString pauli, const T* c);
  // out[k] (half rows) = ⟨state|Z_mask[k]|state⟩.
  void (*z_expectations)(const T* state, int n_qubits, std::span<const Index> masks, T* out);
  // out = Σ_k c[k] · Z_mask[k] in; c are half rows.
  void (*z_sum)(T* out, const T* in, int n_qubits, std::span<const Index> masks, const T* c);
  // out = Σ_k w[k] · states[k] over 1 … kMostCombined states; w[k] are rows.
  void (*combine)(T* out, int n_qubits, std::span<const T* const> states, const T* weights);

  // One state of more than kBlockBits qubits, given by the number of its other qubits: as a block
  // of samples it has the lowest qubits in place of the samples.
  // out = layer · in; in and out are different.
  void (*state_stage)(const T* in, T* out, int row_qubits, const StateStage<T>& layer);
  // out = layer† · in. In between `in` is used as scratch.
  void (*state_stage_back)(T* in, T* out, int row_qubits, const StateStage<T>& layer);
  // out_i = diagonal_i: the product state with these amplitudes.
  void (*product_state)(T* out, int row_qubits, const ProductDiagonal<T>& diagonal);
  // out[q] (a row each) = Σ_rows ket_i conj(bra_j), j = i with qubit q flipped, q < kBlockBits.
  void (*low_transition)(const T* ket, const T* bra, int row_qubits, T* out);

  // out (a row a sample of b) = ⟨a|b⟩ of every sample of a with every sample of b, over n_rows
  // rows.
  void (*overlap)(const T* a, const T* b, Index n_rows, T* out);
};

// Rows of scratch that product and product_transition need.
constexpr std::size_t product_scratch(int n_qubits) {
  return std::size_t{4} << static_cast<unsigned>((n_qubits + 1) / 2);
}

// The kernels of the instruction set in use.
template <class T>
const BatchKernelTable<T>& batch_kernels();

// c[k] = cos(angles[k]), s[k] = sin(angles[k]) to a few units in the last place.
void cos_sin(std::span<const double> angles, double* c, double* s);

}  // namespace qsim
