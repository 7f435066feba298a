#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "qsim/circuit/circuit.h"

// Oracles for functions of bits, |x⟩|y⟩ → |x⟩|y ⊕ f(x)⟩ with x on the first qubits, and the
// algorithms that tell from few calls what classically takes many. These measure the qubits of x,
// qubit k into bit k. An oracle is any unitary circuit; ValueError for others and for sizes that do
// not fit.

namespace qsim {

// f by its 2^n values, each below 2^n_outputs: one X under controls for every product of bits in
// the algebraic normal form of every bit of f; CNOTs alone where f is linear.
Circuit function_oracle(std::span<const std::uint64_t> values, WholeNumber n_outputs = 1);

// f(x) = s·x mod 2 for a secret in text ("101", the last character for qubit 0).
Circuit inner_product_oracle(std::string_view secret);

// A function of n bits with n bits that has f(x) = f(x ⊕ s) and is otherwise one to one.
Circuit simon_oracle(std::string_view secret);

// Deutsch and Jozsa 1992 (doi:10.1098/rspa.1992.0167): for an f of one bit that is constant or
// balanced, all bits are 0 where it is constant and are never where it is balanced. One call.
Circuit deutsch_jozsa(const Circuit& oracle);

// Bernstein and Vazirani 1993 (doi:10.1145/167088.167097): the bits are s, after one call of
// inner_product_oracle(s).
Circuit bernstein_vazirani(std::string_view secret);

// Simon 1994 (doi:10.1137/S0097539796298637), for an oracle of n bits with n bits: the bits are a
// y with s·y = 0 mod 2, each with the same probability.
Circuit simon(const Circuit& oracle);

// The secret that is orthogonal to all outcomes of simon(), by elimination over GF(2): all zeros
// where the outcomes span everything. ValueError where more than one other secret is, that is for
// fewer than n − 1 independent outcomes; for texts of several lengths or more than 64 bits.
std::string simon_secret(std::span<const std::string> outcomes);

}  // namespace qsim
