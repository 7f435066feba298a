#include "qsim/library/adders.h"

#include <cmath>
#include <numbers>

#include "qsim/circuit/room.h"
#include "qsim/core/error.h"
#include "qsim/library/fourier.h"
#include "qsim/library/fourier_sums.h"
#include "qsim/library/parts.h"

namespace qsim {
namespace {

// A circuit on `factor` registers of n qubits and some more.
Circuit for_registers(int n, int factor, int more = 0) {
  require(n >= 1, "number of bits ", n, " is not positive");
  require(n <= (kMaxCircuitQubits - more) / factor, "number of bits ", n, " is beyond ",
          (kMaxCircuitQubits - more) / factor, ", for which a circuit has qubits");
  return Circuit(factor * n + more);
}

}  // namespace

void add_phases(Circuit& circuit, std::span<const Qubit> sum, std::int64_t value,
                const std::vector<Control>& controls) {
  for (std::size_t t = 0; t < sum.size(); ++t) {
    const int bits = static_cast<int>(t) + 1;
    const std::int64_t rest = bits < 63 ? value % (std::int64_t{1} << bits) : value;
    if (rest == 0) continue;
    const double turns = std::ldexp(static_cast<double>(rest), -bits);
    circuit.gate("p", {2 * std::numbers::pi * turns}, {sum[t]}, controls);
  }
}

void add_register(Circuit& circuit, std::span<const Qubit> sum, std::span<const Qubit> addend,
                  bool subtract) {
  const double half_turn = subtract ? -std::numbers::pi : std::numbers::pi;
  for (std::size_t t = 0; t < sum.size(); ++t) {
    for (std::size_t j = 0; j <= t && j < addend.size(); ++j) {
      circuit.cp(std::ldexp(half_turn, static_cast<int>(j) - static_cast<int>(t)), addend[j],
                 sum[t]);
    }
  }
}

Circuit add_constant(WholeNumber n_bits, std::int64_t value) {
  Circuit out = for_registers(n_bits, 1);
  const Circuit transform = qft(n_bits, false, false);
  out.compose(transform, {}, {}, "QFT");
  add_phases(out, qubit_range(0, n_bits), value);
  return out.compose(transform.inverse(), {}, {}, "QFT†");
}

Circuit draper_adder(WholeNumber n_bits) {
  const int n = n_bits;
  Circuit out = for_registers(n, 2);
  require_operations(1.5 * n * n, "an adder");
  const std::vector<Qubit> sum = qubit_range(n, n);
  const Circuit transform = qft(n, false, false);
  out.compose(transform, sum, {}, "QFT");
  add_register(out, sum, qubit_range(0, n));
  return out.compose(transform.inverse(), sum, {}, "QFT†");
}

Circuit cuccaro_adder(WholeNumber n_bits) {
  const int n = n_bits;
  Circuit out = for_registers(n, 2, 2);
  // The carry into bit k is in qubit k − 1 of a, whose bit it will give back, and at first in the
  // last qubit.
  const auto carry = [n](int k) { return k == 0 ? 2 * n + 1 : k - 1; };
  for (int k = 0; k < n; ++k) {  // to the majority of the three bits in k
    out.cx(k, n + k).cx(k, carry(k)).ccx(carry(k), n + k, k);
  }
  out.cx(n - 1, 2 * n);
  for (int k = n - 1; k >= 0; --k) {  // back, and add
    out.ccx(carry(k), n + k, k).cx(k, carry(k)).cx(carry(k), n + k);
  }
  return out;
}

}  // namespace qsim
