#pragma once

#include <cstdint>
#include <optional>

#include "qsim/circuit/circuit.h"

// Arithmetic modulo N in registers of n qubits, where 2^(n−1) ≤ N − 1 < 2ⁿ, after Beauregard 2003
// (arXiv:quant-ph/0205095): sums of phases between Fourier transforms. Numbers in registers have to
// be below N; helper qubits start and end in |0⟩. N, the modulus, is 2 to 2^30, values are any
// whole numbers; ValueError otherwise.

namespace qsim {

// How many qubits a register has: ⌈log2 N⌉, at least one.
int modular_bits(std::int64_t modulus);

// |x⟩ → |x + value mod N⟩: x on qubits 0 … n−1, then two helpers.
Circuit modular_add_constant(std::int64_t value, std::int64_t modulus);

// |a⟩|b⟩ → |a⟩|a + b mod N⟩: a on qubits 0 … n−1, b on n … 2n−1, then two helpers.
Circuit modular_adder(std::int64_t modulus);

// |x⟩ → |factor·x mod N⟩: x on qubits 0 … n−1, then n + 2 helpers. ValueError unless factor and N
// are coprime.
Circuit modular_multiplier(std::int64_t factor, std::int64_t modulus);

// |x⟩|e⟩ → |base^e·x mod N⟩|e⟩: x on qubits 0 … n−1, n + 2 helpers, then e on n_exponent qubits.
// ValueError unless base and N are coprime.
Circuit modular_exponentiation(std::int64_t base, std::int64_t modulus, WholeNumber n_exponent);

// The circuit that finds the order r of base modulo N, the least with base^r = 1 mod N (Shor 1994,
// arXiv:quant-ph/9508027): phase estimation of the multiplication with one control qubit, measured
// and used again 2n times, each time turned by what was found before (Griffiths and Niu 1996,
// arXiv:quant-ph/9511007; Parker and Plenio 2000, arXiv:quant-ph/0001066). 2n + 3 qubits, 2n bits,
// of which bit 0 is the first and the least significant: y/2^(2n) is near some s/r.
Circuit order_finding(std::int64_t base, std::int64_t modulus);

// The order of base modulo N, if the outcome y of n_bits bits of order_finding() tells it: from the
// first denominator d of the continued fraction of y/2^n_bits with base^d = 1; nothing otherwise,
// as where s and r have a common factor.
std::optional<std::int64_t> order_from_outcome(std::int64_t outcome, WholeNumber n_bits,
                                               std::int64_t base, std::int64_t modulus);

}  // namespace qsim
