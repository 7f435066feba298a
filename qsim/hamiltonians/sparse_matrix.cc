#include "qsim/hamiltonians/sparse_matrix.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "qsim/core/bits.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/memory.h"

namespace qsim {
namespace {

struct SignedTerm {
  Index z;
  Complex factor;  // with the phase of the string
};

// The terms of one X mask.
struct XClass {
  Index x;
  std::vector<SignedTerm> terms{};
};

std::vector<XClass> x_classes(const PauliSum& sum) {
  std::vector<XClass> out;
  for (const auto& [c, string] : sum.terms()) {  // sorted by X mask
    count_work();
    if (out.empty() || out.back().x != string.x) out.push_back({string.x});
    out.back().terms.push_back({string.z, c * power_of_i(std::popcount(string.x & string.z))});
  }
  return out;
}

Complex entry(const XClass& cls, Index column) {
  Complex out = 0;
  for (const auto& [z, factor] : cls.terms) out += parity(column & z) ? -factor : factor;
  return out;
}

// v[z] becomes Σ_j (−1)^parity(j & z) v[j].
void walsh_transform(std::vector<Complex>& v) {
  for (std::size_t half = 1; half < v.size(); half *= 2) {
    count_work(v.size() / 16);
    for (std::size_t begin = 0; begin < v.size(); begin += 2 * half) {
      for (std::size_t k = begin; k < begin + half; ++k) {
        const Complex a = v[k];
        const Complex b = v[k + half];
        v[k] = a + b;
        v[k + half] = a - b;
      }
    }
  }
}

double largest_part(std::span<const Complex> values) {
  double out = 0;
  for (const Complex& v : values) out = std::max({out, std::abs(v.real()), std::abs(v.imag())});
  return out;
}

// Adds the strings of an X mask, given Σ_z c_z i^popcount(x & z) (−1)^parity(j & z) for every
// column j.
void add_terms(Index x, int n_qubits, std::vector<Complex>& columns, std::vector<PauliTerm>& out) {
  constexpr double kRounding = 16 * std::numeric_limits<double>::epsilon();
  const double negligible = kRounding * largest_part(columns);
  walsh_transform(columns);
  for (Index z = 0; z < columns.size(); ++z) {
    count_work();
    const PauliString string{x, z};
    const Complex c = power_of_i(-std::popcount(x & z)) * std::ldexp(1.0, -n_qubits) * columns[z];
    if (!(std::abs(c.imag()) <= negligible)) {
      fail("the matrix is not Hermitian: its part along ", string.text(n_qubits), " is ", c);
    }
    if (std::abs(c.real()) > negligible) out.push_back({c.real(), string});
  }
}

}  // namespace

SparseMatrix sparse_matrix(const PauliSum& sum) {
  constexpr double kEntry = sizeof(Complex) + sizeof(std::int64_t);
  const std::vector<XClass> classes = x_classes(sum);
  const double entries = std::ldexp(static_cast<double>(classes.size()), sum.n_qubits());
  require_memory(kEntry * entries + std::ldexp(sizeof(std::int64_t), sum.n_qubits()),
                 concat("a sparse matrix of ", sum.n_qubits(), " qubits with ", classes.size(),
                        " entries a row"));
  SparseMatrix out;
  const Index size = bit(sum.n_qubits());
  out.starts.reserve(size + 1);
  out.columns.reserve(static_cast<std::size_t>(entries));
  out.values.reserve(static_cast<std::size_t>(entries));
  out.starts.push_back(0);
  std::vector<std::pair<Index, const XClass*>> row;
  for (Index i = 0; i < size; ++i) {
    row.clear();
    for (const XClass& cls : classes) row.emplace_back(i ^ cls.x, &cls);
    std::ranges::sort(row);
    for (const auto& [column, cls] : row) {
      count_work(1 + cls->terms.size() / 8);
      const Complex value = entry(*cls, column);
      if (value == 0.0) continue;
      out.columns.push_back(static_cast<std::int64_t>(column));
      out.values.push_back(value);
    }
    out.starts.push_back(static_cast<std::int64_t>(out.columns.size()));
  }
  return out;
}

PauliSum pauli_sum_of(int n_qubits, std::vector<MatrixEntry> entries) {
  const PauliSum none(n_qubits, {});  // checks the number
  const Index size = bit(n_qubits);
  for (const auto& [row, column, value] : entries) {
    count_work();
    require<IndexError>(row < size && column < size, "entry (", row, ", ", column,
                        ") is outside of a matrix of ", n_qubits, " qubits");
    require(std::isfinite(value.real()) && std::isfinite(value.imag()), "entry (", row, ", ",
            column, ") is ", value, "; it must be finite");
  }
  require_memory(std::ldexp(sizeof(Complex) + sizeof(PauliTerm), n_qubits),
                 concat("the Pauli strings of ", n_qubits, " qubits with one X mask"));
  const auto x_mask = [](const MatrixEntry& entry) { return entry.row ^ entry.column; };
  std::ranges::stable_sort(entries, {}, x_mask);
  std::vector<PauliTerm> terms;
  std::vector<Complex> columns;
  for (auto first = entries.begin(); first != entries.end();) {
    const Index x = x_mask(*first);
    columns.assign(size, 0.0);
    for (; first != entries.end() && x_mask(*first) == x; ++first) {
      columns[first->column] += first->value;
    }
    add_terms(x, n_qubits, columns, terms);
  }
  return {n_qubits, terms};
}

}  // namespace qsim
