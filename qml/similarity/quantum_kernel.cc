#include "qml/similarity/quantum_kernel.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <utility>

#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/long_vector.h"
#include "qsim/core/parallel.h"
#include "qsim/engines/blocks/panel_products.h"

namespace qml {
namespace {

using qsim::OverlapTile;
using qsim::StatePanels;

void require_room(std::size_t rows, std::size_t columns) {
  qsim::require_memory(static_cast<double>(rows) * static_cast<double>(columns) * sizeof(double),
                       qsim::concat("a kernel matrix of ", rows, " by ", columns));
}

// The kernel matrix, n_rows × n_columns; only j ≥ i is computed where it is symmetric.
struct KernelMatrix {
  KernelMatrix(std::size_t rows, std::size_t columns, bool is_symmetric)
      : n_rows(rows), n_columns(columns), symmetric(is_symmetric) {
    require_room(rows, columns);
    values = qsim::long_vector<double>(rows * columns);
  }
  void set(std::size_t i, std::size_t j, double value) {
    if (symmetric && j < i) return;
    if (symmetric && j == i) value = 1.0;
    values[i * n_columns + j] = value;
    if (symmetric) values[j * n_columns + i] = value;
  }

  std::size_t n_rows;
  std::size_t n_columns;
  bool symmetric;
  std::vector<double> values;
};

template <class T>
void add_fidelities(const StatePanels<T>& a, const StatePanels<T>& b, KernelMatrix& out) {
  std::vector<std::pair<std::size_t, std::size_t>> tiles;
  for (std::size_t i = 0; i < a.n_panels(); i += OverlapTile<T>::kPanels) {
    const std::size_t first = out.symmetric && &a == &b ? i : 0;
    for (std::size_t j = first; j < b.n_panels(); j += OverlapTile<T>::kPanels)
      tiles.emplace_back(i, j);
  }
  qsim::parallel_for(tiles.size(), [&](qsim::Index k) {
    OverlapTile<T> tile(a, b, tiles[k].first, tiles[k].second);
    tile.multiply();
    tile.for_each([&](std::size_t i, std::size_t j, qsim::Complex o) {
      out.set(a.first() + i, b.first() + j, o.real() * o.real() + o.imag() * o.imag());
    });
  });
}

// Samples whose states are held at once: whole panels.
template <class T>
std::size_t chunk_of(int n_qubits, std::size_t n_samples, const KernelOptions& options) {
  constexpr double kShare = 0.25;
  constexpr double kAlwaysFits = 1 << 26;  // asking takes longer than preparing so few states
  std::size_t fitting = options.samples_at_once;
  if (fitting == 0 && StatePanels<T>::bytes(n_qubits, n_samples) <= kAlwaysFits) return n_samples;
  if (fitting == 0) {
    const double panels =
        kShare * static_cast<double>(qsim::available_memory()) / StatePanels<T>::bytes(n_qubits, 1);
    fitting = static_cast<std::size_t>(std::min(panels, 1e15)) * StatePanels<T>::kSamples;
  }
  const std::size_t whole = StatePanels<T>::panels_for(std::max<std::size_t>(fitting, 1));
  return std::min(n_samples, whole * StatePanels<T>::kSamples);
}

template <class T>
void fidelities_of_x(const qsim::Program& program, const Batch& x, std::size_t chunk,
                     KernelMatrix& out) {
  for (std::size_t i = 0; i < x.size; i += chunk) {
    const StatePanels<T> a(program, x, i, std::min(chunk, x.size - i));
    add_fidelities(a, a, out);
    for (std::size_t j = i + chunk; j < x.size; j += chunk) {
      add_fidelities(a, StatePanels<T>(program, x, j, std::min(chunk, x.size - j)), out);
    }
  }
}

template <class T>
void fidelities_of_both(const qsim::Program& program, const Batch& x, const Batch& y,
                        std::size_t chunk, KernelMatrix& out) {
  for (std::size_t i = 0; i < x.size; i += chunk) {
    const StatePanels<T> a(program, x, i, std::min(chunk, x.size - i));
    for (std::size_t j = 0; j < y.size; j += chunk) {
      add_fidelities(a, StatePanels<T>(program, y, j, std::min(chunk, y.size - j)), out);
    }
  }
}

void require_gamma(double gamma) {
  qsim::require(gamma > 0 && std::isfinite(gamma), "gamma=", gamma,
                "; it must be positive and finite");
}

// exp(−γ/2 |r − s|²) for Bloch vectors r and s of all qubits.
double gaussian(const double* r, const double* s, std::size_t n, double gamma) {
  double distance = 0;
  for (std::size_t k = 0; k < n; ++k) distance += (r[k] - s[k]) * (r[k] - s[k]);
  return std::exp(-gamma / 2 * distance);
}

}  // namespace

template <class T>
std::vector<double> fidelity_kernel(const qsim::Program& program, const Batch& x,
                                    const std::optional<Batch>& y, const KernelOptions& options) {
  check(program, x);
  if (y) check(program, *y);
  KernelMatrix out(x.size, y ? y->size : x.size, !y);
  const std::size_t chunk =
      chunk_of<T>(program.n_qubits, std::max(out.n_rows, out.n_columns), options);
  if (y) {
    fidelities_of_both<T>(program, x, *y, chunk, out);
  } else {
    fidelities_of_x<T>(program, x, chunk, out);
  }
  return std::move(out.values);
}

template <class T>
std::vector<double> bloch_vectors(const qsim::Program& program, const Batch& batch) {
  check(program, batch);
  const std::size_t per_sample = 3 * static_cast<std::size_t>(program.n_qubits);
  qsim::require_memory(static_cast<double>(batch.size * per_sample) * sizeof(double),
                       "the Bloch vectors of a batch");
  auto out = qsim::long_vector<double>(batch.size * per_sample);
  const std::size_t chunk = chunk_of<T>(program.n_qubits, batch.size, {});
  for (std::size_t first = 0; first < batch.size; first += chunk) {
    const StatePanels<T> states(program, batch, first, std::min(chunk, batch.size - first));
    qsim::parallel_for(states.n_panels(), [&](qsim::Index k) {
      qsim::poll_interrupt();
      qsim::bloch_vectors(states, k, program.n_qubits,
                          out.data() + (first + k * StatePanels<T>::kSamples) * per_sample);
    });
  }
  return out;
}

template <class T>
std::vector<double> projected_kernel(const qsim::Program& program, const Batch& x,
                                     const std::optional<Batch>& y, double gamma) {
  require_gamma(gamma);
  check(program, x);
  if (y) check(program, *y);
  require_room(x.size, y ? y->size : x.size);
  const std::vector<double> rows = bloch_vectors<T>(program, x);
  const std::vector<double> others = y ? bloch_vectors<T>(program, *y) : std::vector<double>();
  const std::size_t n = 3 * static_cast<std::size_t>(program.n_qubits);
  return projected_kernel(rows, y ? std::optional(std::span<const double>(others)) : std::nullopt,
                          n, gamma);
}

std::vector<double> projected_kernel(std::span<const double> rows,
                                     const std::optional<std::span<const double>>& columns,
                                     std::size_t n, double gamma) {
  require_gamma(gamma);
  const auto other = columns.value_or(rows);
  KernelMatrix out(rows.size() / n, other.size() / n, !columns);
  qsim::parallel_for(out.n_rows, [&](qsim::Index i) {
    qsim::poll_interrupt();
    for (std::size_t j = columns ? 0 : i; j < out.n_columns; ++j) {
      out.set(i, j, gaussian(rows.data() + i * n, other.data() + j * n, n, gamma));
    }
  });
  return std::move(out.values);
}

// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define KETGRAD_INSTANTIATE(T)                                                                \
  template std::vector<double> fidelity_kernel<T>(                                            \
      const qsim::Program&, const Batch&, const std::optional<Batch>&, const KernelOptions&); \
  template std::vector<double> bloch_vectors<T>(const qsim::Program&, const Batch&);          \
  template std::vector<double> projected_kernel<T>(const qsim::Program&, const Batch&,        \
                                                   const std::optional<Batch>&, double);
KETGRAD_INSTANTIATE(float)
KETGRAD_INSTANTIATE(double)
#undef KETGRAD_INSTANTIATE
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace qml
