#pragma once

#include <complex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qsim/core/bits.h"
#include "qsim/core/pauli.h"
#include "qsim/core/types.h"
#include "qsim/kernels/layout.h"
#include "qsim/kernels/pauli_class.h"
#include "qsim/kernels/tile.h"

// The innermost loops, one source compiled for every instruction set and chosen at run time. A
// kernel does one part of its work, 0 ≤ index < count; parts touch different amplitudes (each
// reduction returns its own partial sum), so the caller may run them on any threads in any order.

namespace qsim {

struct Part {
  Index index = 0;
  Index count = 1;
};

// Where a step acts: on the targets (bit k of a matrix index is targets[k]) where the controls
// hold.
struct Site {
  int n_qubits = 0;  // in storage
  std::span<const Qubit> targets;
  ControlMask controls;
};

template <class T>
struct KernelTable {
  std::string_view target;  // name of the instruction set
  int lane_bits;            // log2 of the amplitudes in a register; qubits below it are "low"

  void (*dense)(T* state, const Site& site, const std::complex<T>* matrix, Part part);
  void (*diagonal)(T* state, const Site& site, const std::complex<T>* diagonal, Part part);
  // out[r] = entries[r] · in[source[r]]; all targets and controls must be at or above lane_bits.
  void (*permutation)(T* state, const Site& site, const int* source, const std::complex<T>* entries,
                      Part part);
  // state ← (α + βP) state where the controls hold.
  void (*rotation)(T* state, const Site& site, PauliString pauli, std::complex<T> alpha,
                   std::complex<T> beta, Part part);

  // One pass of a backward sweep: adds the transition matrix M[a, b] = Σ_rest ket_a conj(bra_b) of
  // the states as they come in (of a diagonal: M[a, a] only; of a rotation: ⟨bra|P|ket⟩), then
  // applies the given inverse to both. M has 4^k, 2^k or 1 entries.
  void (*dense_transition)(T* ket, T* bra, const Site& site, const std::complex<T>* inverse,
                           Complex* transition, Part part);
  void (*diagonal_transition)(T* ket, T* bra, const Site& site, const std::complex<T>* inverse,
                              Complex* transition, Part part);
  void (*rotation_transition)(T* ket, T* bra, const Site& site, PauliString pauli,
                              std::complex<T> alpha, std::complex<T> beta, Complex* transition,
                              Part part);

  // ⟨a|P|b⟩.
  Complex (*inner)(const T* a, const T* b, int n_qubits, PauliString pauli, Part part);
  // out ← out + c · P in.
  void (*accumulate)(T* out, const T* in, int n_qubits, PauliString pauli, std::complex<T> c,
                     Part part);
  // Passes over a tile (tile.h). `axes` adds, for each of its high and then its low qubits, the X,
  // Y and Z parts; `linear` does not work in place.
  int turn_high;       // the most high qubits of a TurnPass with phases …
  int real_turn_high;  // … and without
  void (*turns)(T* tile, int n_qubits, const TurnPass<T>& pass);
  void (*axes)(const T* ket, const T* bra, int n_qubits, const AxesPass& pass, double* sums);
  // `multiply`: tile_i ← factors_i · tile_i; `weigh`: weights_i ← weights_i + Im conj(bra_i) ket_i.
  void (*multiply)(T* tile, const T* factors, int n_qubits);
  void (*weigh)(const T* ket, const T* bra, int n_qubits, T* weights);
  void (*linear)(T* out, const T* in, const LinearPass& pass, Index flip);

  // Of the strings of a class, of which z has the Z masks and c the coefficients, on one tile of at
  // least 2^tile_bits amplitudes (class.first is not looked at):
  int tile_bits;
  // sums[k] += the tile's part of Σ_i (−1)^parity(i&z_k) · (Re or Im) conj(ψ_i) ψ_{i^x}, where of a
  // tile and its partner one has the part of both.
  void (*class_inner)(const T* state, Stretch stretch, const PauliClass& cls, const Index* z,
                      double* sums);
  // out, a tile's amplitudes, += Σ_k c_k (−1)^parity(i&z_k) · (1 or −i) · ψ_{i^x}.
  void (*class_accumulate)(T* out, const T* state, Stretch stretch, const PauliClass& cls,
                           const Index* z, const T* c);
  // state ← factor · state: the plainest pass over memory, also the yardstick of the benchmarks.
  void (*scale)(T* state, int n_qubits, T factor, Part part);
};

// The kernels of the instruction set in use: the best this processor has, unless the environment
// variable KETGRAD_TARGET or set_simd_target named another.
template <class T>
const KernelTable<T>& kernels();

// The instruction sets this library was built for and this processor has, best first.
std::vector<std::string> simd_targets();

std::string highway_version();

// Uses the named instruction set from now on ("" for the best). Throws ValueError listing what
// there is for any other name. Not to be called while something runs.
void set_simd_target(std::string_view name);

// Obeys KETGRAD_TARGET the first time it is called, throwing ValueError for an unknown name.
void apply_environment_target();

}  // namespace qsim
