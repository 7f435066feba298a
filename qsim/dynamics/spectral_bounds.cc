#include "qsim/dynamics/spectral_bounds.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>
#include <vector>

#include "qsim/core/bits.h"
#include "qsim/core/count_work.h"
#include "qsim/core/decompositions.h"

namespace qsim {
namespace {

constexpr int kMostTogether = 5;           // qubits of what is diagonalised
constexpr std::size_t kMostLookedAt = 32;  // clusters, for one that terms can join

// Terms that are diagonalised together, and the qubits they act on.
struct TermCluster {
  Index support = 0;
  std::vector<PauliTerm> terms{};
};

SpectralBounds bounds_of_coefficients(std::span<const PauliTerm> terms) {
  double sum = 0;
  for (const PauliTerm& term : terms) sum += std::abs(term.coefficient);
  return {-sum, sum};
}

SpectralBounds bounds_of(const TermCluster& cluster) {
  const auto& [support, terms] = cluster;
  const int n = std::popcount(support);
  if (n > kMostTogether || (terms.size() == 1 && n > 0)) return bounds_of_coefficients(terms);
  std::vector<Qubit> qubits;
  for (Index rest = support; rest != 0; rest &= rest - 1) qubits.push_back(std::countr_zero(rest));
  const auto size = static_cast<Eigen::Index>(bit(n));
  Matrix matrix = Matrix::Zero(size, size);
  for (const auto& [c, string] : terms) {
    matrix += c * pauli_matrix({gather_bits(string.x, qubits), gather_bits(string.z, qubits)}, n);
  }
  const std::vector<double> values = eigenvalues(matrix);
  return {values.front(), values.back()};
}

// The cluster that terms on some qubits join: of the last ones that have room for them, that which
// has most of the qubits already; none where all have none.
TermCluster* joined(std::vector<TermCluster>& clusters, Index support) {
  TermCluster* best = nullptr;
  int most = 0;
  for (std::size_t back = 1; back <= std::min(kMostLookedAt, clusters.size()); ++back) {
    TermCluster& cluster = clusters[clusters.size() - back];
    const int shared = std::popcount(cluster.support & support);
    if (shared <= most || std::popcount(cluster.support | support) > kMostTogether) continue;
    most = shared;
    best = &cluster;
  }
  return best;
}

std::vector<TermCluster> clusters_of(std::vector<PauliTerm> terms) {
  std::ranges::stable_sort(terms, {}, [](const PauliTerm& term) { return term.string.support(); });
  std::vector<TermCluster> out;
  for (const PauliTerm& term : terms) {
    count_work();
    const Index support = term.string.support();
    TermCluster* cluster = joined(out, support);
    if (cluster == nullptr) cluster = &out.emplace_back();
    cluster->support |= support;
    cluster->terms.push_back(term);
  }
  return out;
}

}  // namespace

SpectralBounds spectral_bounds(const PauliSum& sum) {
  constexpr double kRounding = 1e-14;
  SpectralBounds out;
  for (const TermCluster& cluster : clusters_of(sum.terms())) {
    count_work(10 * cluster.terms.size());
    const SpectralBounds part = bounds_of(cluster);
    const double margin = kRounding * std::max(std::abs(part.lowest), std::abs(part.highest));
    out.lowest += part.lowest - margin;
    out.highest += part.highest + margin;
  }
  return out;
}

}  // namespace qsim
