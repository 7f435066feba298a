#include "qml/derivatives/metric_tensor.h"

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <string>

#include "qml/derivatives/evaluate.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/memory.h"

namespace qml {
namespace {

using qsim::Program;
template <class T>
using RowMatrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::array kApprox{std::pair{MetricApprox::kFull, "full"},
                             std::pair{MetricApprox::kBlockDiag, "block-diag"},
                             std::pair{MetricApprox::kDiag, "diag"}};

constexpr double kAmplitudesAtOnce = 1 << 21;  // of all rows of a batch
constexpr double kMostMotions = 1024;

std::size_t rows_at_once(int n_qubits) {
  return static_cast<std::size_t>(
      std::clamp(std::ldexp(kAmplitudesAtOnce, -n_qubits), 1.0, kMostMotions));
}

// The state of one sample and its derivatives, row by row.
template <class T>
struct Tangents {
  std::vector<std::complex<T>> state;
  RowMatrix<std::complex<T>> rows;  // parameters × amplitudes
};

// A place whose state counts `coefficient` times in the derivative by a coordinate.
struct StateTerm {
  std::size_t coordinate;
  double coefficient;
};

template <class T>
Tangents<T> tangents(const Program& program, const Coordinates& coordinates, const Batch& batch,
                     std::size_t sample, Range range) {
  const Point point(program, coordinates, batch, sample);
  const std::vector<Motion> motions = unit_motions(program, coordinates, point, range);
  const auto n = static_cast<Eigen::Index>(qsim::bit(program.n_qubits));
  Tangents<T> out;
  out.rows.setZero(static_cast<Eigen::Index>(range.count), n);
  const auto add = [&](const StateTerm& term, const std::complex<T>* state) {
    const Eigen::Map<const Eigen::RowVectorX<std::complex<T>>> row(state, n);
    for (std::size_t p = 0; p < range.count; ++p) {
      const double c = term.coefficient * motions[p].speeds[term.coordinate];
      if (c != 0.0) out.rows.row(static_cast<Eigen::Index>(p)) += static_cast<T>(c) * row;
    }
  };
  std::vector<StateTerm> terms;
  Places places(rows_at_once(program.n_qubits), [&](const Batch& rows) {
    const std::vector<std::complex<T>> states = qml::states<T>(coordinates.program(), rows);
    for (std::size_t k = 0; k < terms.size(); ++k) {
      add(terms[k], states.data() + k * static_cast<std::size_t>(n));
    }
    terms.clear();
  });
  const auto run = [&](const StateTerm& term, std::span<const double> row) {
    terms.push_back(term);
    places.add(row);
  };

  out.state = qml::states<T>(coordinates.program(), {.weights = point.at});
  const std::size_t n_angles = coordinates.n_angles();
  double squares = 0;
  for (std::size_t k = n_angles; k < point.at.size(); ++k) squares += point.at[k] * point.at[k];
  std::vector<double> moved = point.at;
  for (const std::size_t k : moving(motions)) {
    if (k < n_angles) {
      for (const auto& [coefficient, shift] :
           amplitude_rule(coordinates.program(), coordinates.program().slots[k])) {
        moved[k] = point.at[k] + shift;
        run({k, coefficient}, moved);
      }
    } else {  // ψ = U a/‖a‖, so ∂ψ/∂a_j = U e_j/‖a‖ − a_j ψ/‖a‖²
      std::fill(moved.begin() + static_cast<std::ptrdiff_t>(n_angles), moved.end(), 0.0);
      moved[k] = 1.0;
      run({k, 1.0 / std::sqrt(squares)}, moved);
      add({k, -point.at[k] / squares}, out.state.data());
    }
    std::ranges::copy(point.at, moved.begin());
  }
  places.finish();
  return out;
}

// The layer of every parameter in a range; see MetricApprox.
std::vector<int> layers(const Program& program, Range range) {
  // Tape entry → parameters of the range that it depends on.
  std::vector<std::vector<std::size_t>> parameters(program.tape.size());
  for (std::size_t p = 0; p < range.count; ++p) {
    const int k = static_cast<int>(range.first + p);
    parameters[range.first + p].push_back(p);
    for (const int entry : program.tape.dependents(k, k + 1)) {
      parameters[static_cast<std::size_t>(entry)].push_back(p);
    }
  }
  constexpr int kNone = -2;
  constexpr int kAmplitudes = -1;
  std::vector<int> out(range.count, kNone);
  const auto place = [&](int entry, int layer) {
    const auto& found = parameters[static_cast<std::size_t>(entry)];
    for (const std::size_t p : found) {
      if (out[p] == kNone) out[p] = layer;
    }
    return !found.empty();
  };
  for (const auto& amplitude : program.initial) place(amplitude.entry, kAmplitudes);
  std::vector<int> depth(static_cast<std::size_t>(program.n_qubits), 0);
  for (const qsim::Step& step : program.steps) {
    const qsim::Index qubits =
        step.controls.mask | step.pauli.support() | qsim::mask_of(step.targets);
    int layer = 0;
    for (int q = 0; q < program.n_qubits; ++q) {
      if (qsim::has_bit(qubits, q)) layer = std::max(layer, depth[static_cast<std::size_t>(q)]);
    }
    for (const qsim::Factor& factor : step.factors) {
      if (factor.slot < 0) continue;
      if (place(program.slots[static_cast<std::size_t>(factor.slot)].entry, layer)) ++layer;
    }
    for (int q = 0; q < program.n_qubits; ++q) {
      if (qsim::has_bit(qubits, q)) depth[static_cast<std::size_t>(q)] = layer;
    }
  }
  return out;
}

// Re(⟨∂_iψ|∂_jψ⟩ − ⟨∂_iψ|ψ⟩⟨ψ|∂_jψ⟩), some columns of amplitudes at a time.
template <class T>
Eigen::MatrixXd gram(const Tangents<T>& tangents) {
  constexpr Eigen::Index kColumns = 4096;
  const Eigen::Index n_rows = tangents.rows.rows();
  const Eigen::Index n = tangents.rows.cols();
  const Eigen::Map<const Eigen::VectorX<std::complex<T>>> psi(tangents.state.data(), n);
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(n_rows, n_rows);
  Eigen::VectorXcd overlaps = Eigen::VectorXcd::Zero(n_rows);  // ⟨ψ|∂_iψ⟩
  RowMatrix<double> parts;
  for (Eigen::Index first = 0; first < n; first += kColumns) {
    qsim::poll_interrupt();
    const Eigen::Index count = std::min(kColumns, n - first);
    const RowMatrix<std::complex<double>> block =
        tangents.rows.middleCols(first, count).template cast<std::complex<double>>();
    overlaps += block * psi.segment(first, count).conjugate().template cast<std::complex<double>>();
    parts.resize(n_rows, 2 * count);
    parts << block.real(), block.imag();
    out.selfadjointView<Eigen::Lower>().rankUpdate(parts);
  }
  out = out.selfadjointView<Eigen::Lower>();
  return out - (overlaps.conjugate() * overlaps.transpose()).real();
}

}  // namespace

MetricApprox metric_approx(std::string_view name) {
  std::string names;
  for (const auto& [value, text] : kApprox) {
    if (name == text) return value;
    names += qsim::concat(names.empty() ? "" : ", ", text);
  }
  qsim::fail("there is no metric '", name, "'; there is ", names);
}

std::string_view name_of(MetricApprox approx) {
  return kApprox.at(static_cast<std::size_t>(approx)).second;
}

template <class T>
std::vector<double> metric_tensor(const Program& program, const Batch& batch, Wrt wrt,
                                  MetricApprox approx) {
  check(program, batch);
  check_no_initial_states(batch, "metric tensors");
  const Range range = range_of(program, wrt);
  const auto n = static_cast<double>(range.count);
  const double states = n + static_cast<double>(rows_at_once(program.n_qubits));
  qsim::require_memory(std::ldexp(states * sizeof(std::complex<T>), program.n_qubits) +
                           motion_bytes(program, range.count) +
                           static_cast<double>(batch.size + 2) * n * n * sizeof(double),
                       qsim::concat("the metric tensor of ", range.count, " parameters and ",
                                    program.n_qubits, " qubits"));
  const std::vector<int> layer =
      approx == MetricApprox::kBlockDiag ? layers(program, range) : std::vector<int>();
  const auto wanted = [&](std::size_t i, std::size_t j) {
    return approx == MetricApprox::kFull || i == j ||
           (approx == MetricApprox::kBlockDiag && layer[i] == layer[j]);
  };
  const auto coordinates = coordinates_of(program);
  std::vector<double> out;
  out.reserve(batch.size * range.count * range.count);
  for (std::size_t sample = 0; sample < batch.size; ++sample) {
    const Eigen::MatrixXd g = naming_samples(program, batch, [&] {
      return gram(tangents<T>(program, *coordinates, batch, sample, range));
    });
    for (std::size_t i = 0; i < range.count; ++i) {
      for (std::size_t j = 0; j < range.count; ++j) {
        out.push_back(wanted(i, j) ? g(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j))
                                   : 0.0);
      }
    }
  }
  return out;
}

template std::vector<double> metric_tensor<float>(const Program&, const Batch&, Wrt, MetricApprox);
template std::vector<double> metric_tensor<double>(const Program&, const Batch&, Wrt, MetricApprox);

}  // namespace qml
