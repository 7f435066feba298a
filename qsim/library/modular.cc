#include "qsim/library/modular.h"

#include <bit>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>
#include <utility>

#include "qsim/circuit/room.h"
#include "qsim/core/error.h"
#include "qsim/library/fourier.h"
#include "qsim/library/fourier_sums.h"
#include "qsim/library/parts.h"

namespace qsim {
namespace {

constexpr std::int64_t kMostModulus = std::int64_t{1} << 30;

std::int64_t residue(std::int64_t value, std::int64_t modulus) {
  const std::int64_t rest = value % modulus;
  return rest < 0 ? rest + modulus : rest;
}

std::int64_t power_of(std::int64_t base, std::int64_t exponent, std::int64_t modulus) {
  std::int64_t out = 1;
  for (std::int64_t square = residue(base, modulus); exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) out = out * square % modulus;
    square = square * square % modulus;
  }
  return out;
}

// Of a value that is coprime to the modulus: by Euclid's algorithm.
std::int64_t inverse_of(std::int64_t value, std::int64_t modulus) {
  std::int64_t a = residue(value, modulus), b = modulus, x = 1, y = 0;
  while (b != 0) {
    const std::int64_t times = a / b;
    a = std::exchange(b, a - times * b);
    x = std::exchange(y, x - times * y);
  }
  return residue(x, modulus);
}

// The order, from a multiple of it: without the prime factors that it can do without.
std::int64_t order_dividing(std::int64_t multiple, std::int64_t base, std::int64_t modulus) {
  std::int64_t order = multiple, rest = multiple;
  for (std::int64_t prime = 2; rest > 1; ++prime) {
    if (prime * prime > rest) prime = rest;
    while (rest % prime == 0) {
      rest /= prime;
      if (power_of(base, order / prime, modulus) == 1) order /= prime;
    }
  }
  return order;
}

void require_coprime(std::int64_t value, std::int64_t modulus, std::string_view what) {
  const std::int64_t common = std::gcd(residue(value, modulus), modulus);
  require(common == 1, what, ' ', value, " and modulus ", modulus, " have the common factor ",
          common);
}

// Numbers below N in some qubits, with one that tells an overflow and one that tells of it.
struct ModularSum {
  std::int64_t modulus;
  std::vector<Qubit> sum;  // with the overflow, its most significant qubit
  Qubit helper;
  Circuit transform;
  Circuit back;

  ModularSum(std::int64_t of, std::vector<Qubit> register_and_overflow, Qubit told)
      : modulus(of),
        sum(std::move(register_and_overflow)),
        helper(told),
        transform(qft(sum.size(), false, false)),
        back(transform.inverse()) {}

  void to_phases(Circuit& circuit) const { circuit.compose(transform, sum, {}, "QFT"); }
  void to_numbers(Circuit& circuit) const { circuit.compose(back, sum, {}, "QFT†"); }

  // In the transformed register: adds modulo N what `add` adds, or with true subtracts.
  void add(Circuit& circuit, const std::function<void(bool)>& add) const {
    const Qubit overflow = sum.back();
    add(false);
    add_phases(circuit, sum, -modulus);
    to_numbers(circuit);
    circuit.cx(overflow, helper);
    to_phases(circuit);
    add_phases(circuit, sum, modulus, {{helper, true}});
    // The helper is 1 where N was not to be subtracted, that is where the sum is not below a now.
    add(true);
    to_numbers(circuit);
    circuit.gate("x", {}, {helper}, {{overflow, false}});
    to_phases(circuit);
    add(false);
  }

  void add_value(Circuit& circuit, std::int64_t value, const std::vector<Control>& controls) const {
    const std::int64_t rest = residue(value, modulus);
    add(circuit,
        [&](bool subtract) { add_phases(circuit, sum, subtract ? -rest : rest, controls); });
  }

  // Adds ±factor·x for the x of another register.
  void add_multiple(Circuit& circuit, std::int64_t factor, std::span<const Qubit> x,
                    const std::vector<Control>& controls) const {
    to_phases(circuit);
    std::int64_t value = residue(factor, modulus);
    for (const Qubit q : x) {
      std::vector<Control> both = controls;
      both.push_back({q, true});
      add_value(circuit, value, both);
      value = 2 * value % modulus;
    }
    to_numbers(circuit);
  }
};

// x → factor·x mod N on qubits 0 … n−1 with the helpers behind; with a control, where the last
// qubit is 1.
Circuit multiplication(std::int64_t factor, std::int64_t modulus, bool controlled) {
  const int n = modular_bits(modulus);
  Circuit circuit(2 * n + 2 + (controlled ? 1 : 0));
  std::vector<Control> controls;
  if (controlled) controls.push_back({2 * n + 2, true});
  const std::vector<Qubit> x = qubit_range(0, n);
  const ModularSum product(modulus, qubit_range(n, n + 1), 2 * n + 1);
  product.add_multiple(circuit, factor, x, controls);
  for (int q = 0; q < n; ++q) circuit.gate("swap", {}, {q, n + q}, controls);
  product.add_multiple(circuit, -inverse_of(factor, modulus), x, controls);
  return circuit;
}

// The same under a control, as a box.
void multiply(Circuit& circuit, std::int64_t factor, std::int64_t modulus, Qubit control) {
  const Circuit part = multiplication(factor, modulus, true);
  std::vector<Qubit> qubits = qubit_range(0, part.n_qubits() - 1);
  qubits.push_back(control);
  circuit.compose(part, qubits, {}, concat("×", factor, " mod ", modulus));
}

// Asks for the memory of so many multiplications: each adds 2n times, for five sums of phases and
// four transforms of n + 1 qubits.
void require_multiplications(int count, int n) {
  const double sum = 5.0 * (n + 1) + 2.0 * (n + 1) * (n + 2);
  require_operations(2.0 * n * count * sum, "arithmetic modulo a number");
}

// The powers base^(2^k) for k below n.
std::vector<std::int64_t> squares(std::int64_t base, std::int64_t modulus, int n) {
  std::vector<std::int64_t> out{residue(base, modulus)};
  while (out.size() < static_cast<std::size_t>(n)) out.push_back(out.back() * out.back() % modulus);
  return out;
}

}  // namespace

int modular_bits(std::int64_t modulus) {
  require(modulus >= 2 && modulus <= kMostModulus, "modulus ", modulus, " is outside [2, 2^30]");
  return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(modulus - 1)));
}

Circuit modular_add_constant(std::int64_t value, std::int64_t modulus) {
  const int n = modular_bits(modulus);
  Circuit out(n + 2);
  const ModularSum sum(modulus, qubit_range(0, n + 1), n + 1);
  sum.to_phases(out);
  sum.add_value(out, value, {});
  sum.to_numbers(out);
  return out;
}

Circuit modular_adder(std::int64_t modulus) {
  const int n = modular_bits(modulus);
  Circuit out(2 * n + 2);
  const std::vector<Qubit> addend = qubit_range(0, n);
  const ModularSum sum(modulus, qubit_range(n, n + 1), 2 * n + 1);
  sum.to_phases(out);
  sum.add(out, [&](bool subtract) { add_register(out, sum.sum, addend, subtract); });
  sum.to_numbers(out);
  return out;
}

Circuit modular_multiplier(std::int64_t factor, std::int64_t modulus) {
  modular_bits(modulus);
  require_coprime(factor, modulus, "factor");
  return multiplication(factor, modulus, false);
}

Circuit modular_exponentiation(std::int64_t base, std::int64_t modulus, WholeNumber n_exponent) {
  const int n = modular_bits(modulus);
  require_coprime(base, modulus, "base");
  constexpr int kMostExponent = 1000;
  const int m = n_exponent;
  require(m >= 1 && m <= kMostExponent, "number of qubits of the exponent ", m, " is outside [1, ",
          kMostExponent, "]");
  require_multiplications(m, n);
  Circuit out(2 * n + 2 + m);
  int control = 2 * n + 2;
  for (const std::int64_t power : squares(base, modulus, m)) {
    multiply(out, power, modulus, control++);
  }
  return out;
}

Circuit order_finding(std::int64_t base, std::int64_t modulus) {
  const int n = modular_bits(modulus);
  require_coprime(base, modulus, "base");
  require_multiplications(2 * n, n);
  const Qubit control = 2 * n + 2;
  const std::vector<std::int64_t> powers = squares(base, modulus, 2 * n);
  Circuit out(2 * n + 3, 2 * n);
  out.x(0);
  for (int bit = 0; bit < 2 * n; ++bit) {
    if (bit > 0) out.reset(control);
    out.h(control);
    multiply(out, powers[powers.size() - 1 - static_cast<std::size_t>(bit)], modulus, control);
    for (int known = 0; known < bit; ++known) {
      Circuit turn(2 * n + 3, 2 * n);
      turn.p(std::ldexp(-std::numbers::pi, known - bit), control);
      out.when({Comparison{.bits = {known}, .values = {true}}}, turn);
    }
    out.h(control).measure(control, bit);
  }
  return out;
}

std::optional<std::int64_t> order_from_outcome(std::int64_t outcome, WholeNumber n_bits,
                                               std::int64_t base, std::int64_t modulus) {
  modular_bits(modulus);
  require_coprime(base, modulus, "base");
  require(n_bits >= 1 && n_bits <= 62, "number of bits ", int{n_bits}, " is outside [1, 62]");
  const std::int64_t size = std::int64_t{1} << n_bits;
  require(outcome >= 0 && outcome < size, "outcome ", outcome, " is outside [0, 2^", int{n_bits},
          ")");
  // Denominators of the convergents of outcome/size.
  std::int64_t a = size, b = outcome, before = 0, denominator = 1;
  while (power_of(base, denominator, modulus) != 1) {
    if (b == 0) return std::nullopt;
    const std::int64_t times = a / b;
    a = std::exchange(b, a - times * b);
    if (times > (modulus - before) / denominator) return std::nullopt;  // orders are below N
    before = std::exchange(denominator, times * denominator + before);
  }
  return order_dividing(denominator, base, modulus);
}

}  // namespace qsim
