#include "qsim/library/oracles.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/library/parts.h"

namespace qsim {
namespace {

// Values of a function to the coefficients of its algebraic normal form, all bits of it at once.
void moebius(std::vector<std::uint64_t>& values) {
  for (std::size_t bit = 1; bit < values.size(); bit <<= 1U) {
    for (std::size_t x = 0; x < values.size(); ++x) {
      count_work();
      if ((x & bit) != 0) values[x] ^= values[x ^ bit];
    }
  }
}

void measure_first(Circuit& circuit, int count) {
  for (int q = 0; q < count; ++q) circuit.measure(q, q);
}

std::uint64_t word_of(std::string_view bits) {
  std::uint64_t out = 0;
  for (const Qubit q : ones_of(bits, "outcome")) out |= std::uint64_t{1} << q;
  return out;
}

// Adds a row to those there are, each the only one with its highest bit, and returns whether it is
// independent of them.
bool add_row(std::vector<std::uint64_t>& rows, std::uint64_t row) {
  for (const std::uint64_t known : rows) {
    if ((row & std::bit_floor(known)) != 0) row ^= known;
  }
  if (row == 0) return false;
  for (std::uint64_t& known : rows) {
    if ((known & std::bit_floor(row)) != 0) known ^= row;
  }
  rows.push_back(row);
  return true;
}

}  // namespace

Circuit function_oracle(std::span<const std::uint64_t> values, WholeNumber n_outputs) {
  require(values.size() >= 2 && std::has_single_bit(values.size()),
          "a function of n bits has 2^n values, got ", values.size());
  const int m = n_outputs;
  require(m >= 1 && m <= 63, "number of outputs ", m, " is outside [1, 63]");
  for (const std::uint64_t value : values) {
    count_work();
    require(value >> m == 0, "value ", value, " of the function is outside [0, 2^", m, ")");
  }
  std::vector<std::uint64_t> terms(values.begin(), values.end());
  moebius(terms);
  double count = 0;
  for (const std::uint64_t term : terms) {
    count_work();
    count += std::popcount(term);
  }
  const int n = std::countr_zero(values.size());
  require_controlled_operations(count, n, "an oracle");
  Circuit out(n + m);
  for (std::size_t x = 0; x < terms.size(); ++x) {
    count_work();
    if (terms[x] == 0) continue;
    std::vector<Control> controls;
    for (int q = 0; q < n; ++q) {
      if (((x >> q) & 1U) != 0) controls.push_back({q, true});
    }
    for (int output = 0; output < m; ++output) {
      if (((terms[x] >> output) & 1U) == 0) continue;
      count_work(controls.size());
      out.gate("x", {}, {n + output}, controls);
    }
  }
  return out;
}

Circuit inner_product_oracle(std::string_view secret) {
  const std::vector<Qubit> ones = ones_of(secret, "secret");
  Circuit out(secret.size() + 1);
  for (const Qubit q : ones) out.cx(q, secret.size());
  return out;
}

Circuit simon_oracle(std::string_view secret) {
  const std::vector<Qubit> ones = ones_of(secret, "secret");
  const int n = static_cast<int>(secret.size());
  Circuit out(2 * n);
  for (int q = 0; q < n; ++q) out.cx(q, n + q);
  // Where the lowest of these bits is 1, s is added, so that x and x ⊕ s come to one.
  for (const Qubit q : ones) out.cx(ones[0], n + q);
  return out;
}

Circuit deutsch_jozsa(const Circuit& oracle) {
  const Circuit gates = gates_of(oracle, "deutsch_jozsa: the oracle");
  const int n = oracle.n_qubits() - 1;
  require(n >= 1,
          "deutsch_jozsa: the oracle has 1 qubit, but needs one for the result besides those "
          "of x");
  Circuit out(n + 1, n);
  out.x(n);
  for (int q = 0; q <= n; ++q) out.h(q);
  out.compose(gates, {}, {}, "Oracle");
  for (int q = 0; q < n; ++q) out.h(q);
  measure_first(out, n);
  return out;
}

Circuit bernstein_vazirani(std::string_view secret) {
  return deutsch_jozsa(inner_product_oracle(secret));
}

Circuit simon(const Circuit& oracle) {
  const Circuit gates = gates_of(oracle, "simon: the oracle");
  require(oracle.n_qubits() % 2 == 0, "simon: the oracle has ", oracle.n_qubits(),
          " qubit(s), but needs as many for f(x) as for x");
  const int n = oracle.n_qubits() / 2;
  Circuit out(2 * n, n);
  for (int q = 0; q < n; ++q) out.h(q);
  out.compose(gates, {}, {}, "Oracle");
  for (int q = 0; q < n; ++q) out.h(q);
  measure_first(out, n);
  return out;
}

std::string simon_secret(std::span<const std::string> outcomes) {
  require(!outcomes.empty(), "simon_secret got no outcomes");
  const std::size_t n = outcomes[0].size();
  require(n <= 64, "outcome of ", n, " bits, but at most 64 are taken");
  std::vector<std::uint64_t> rows;
  for (const std::string& outcome : outcomes) {
    count_work();
    require(outcome.size() == n, "outcomes have different lengths: '", outcomes[0], "' and '",
            outcome, "'");
    add_row(rows, word_of(outcome));
  }
  require(rows.size() + 1 >= n, "simon_secret needs ", n - 1, " independent outcomes, got ",
          rows.size(), "; take more shots");
  std::string zeros(n, '0');
  if (rows.size() == n) return zeros;
  // The one bit that leads no row is free and set to 1; each row then gives the bit that leads it.
  std::uint64_t led = 0;
  for (const std::uint64_t row : rows) led |= std::bit_floor(row);
  const std::uint64_t free = ~led & (n == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << n) - 1);
  std::uint64_t secret = free;
  for (const std::uint64_t row : rows) {
    if ((row & free) != 0) secret |= std::bit_floor(row);
  }
  std::string out(n, '0');
  for (std::size_t q = 0; q < n; ++q) {
    if (((secret >> q) & 1U) != 0) out[n - 1 - q] = '1';
  }
  return out;
}

}  // namespace qsim
