#include "qsim/hamiltonians/sparse_matrix.h"

#include <algorithm>
#include <bit>
#include <cmath>
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

}  // namespace qsim
