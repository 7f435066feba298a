#include "qsim/noise/channel.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "qsim/core/bits.h"
#include "qsim/core/decompositions.h"
#include "qsim/core/error.h"
#include "qsim/core/made_once.h"
#include "qsim/core/matrix.h"

namespace qsim {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLeastTime = std::numeric_limits<double>::min();
constexpr double kMostTime = std::numeric_limits<double>::max();

Matrix matrix2(Complex a, Complex b, Complex c, Complex d) {
  Matrix out(2, 2);
  out << a, b, c, d;
  return out;
}

// Without the operators that are zero, but never without all.
std::vector<Matrix> without_zeros(std::vector<Matrix> kraus) {
  std::erase_if(kraus, [](const Matrix& k) { return k.isZero(0); });
  return kraus;
}

void require_few(std::size_t n_qubits, std::string_view what) {
  require(n_qubits <= kMaxChannelQubits, what, " acts on ", n_qubits, " qubits; the limit is ",
          kMaxChannelQubits);
}

std::vector<Matrix> paulis(const std::map<std::string, double>& probabilities) {
  std::vector<Matrix> out;
  for (const auto& [letters, p] : probabilities) {
    const int n = static_cast<int>(letters.size());
    out.emplace_back(std::sqrt(std::max(p, 0.0)) * pauli_matrix(PauliString::parse(letters), n));
  }
  return without_zeros(std::move(out));
}

std::vector<Matrix> depolarizing_kraus(int n_qubits, double p) {
  const double strings = std::ldexp(1, 2 * n_qubits);
  std::map<std::string, double> probabilities;
  for (Index k = 0; k < bit(2 * n_qubits); ++k) {
    const PauliString string{k >> n_qubits, k & (bit(n_qubits) - 1)};
    probabilities[string.text(n_qubits)] = k == 0 ? 1 - p + p / strings : p / strings;
  }
  return paulis(probabilities);
}

std::vector<Matrix> dephasing_kraus(double coherence) {
  return without_zeros({matrix2(1, 0, 0, coherence),
                        matrix2(0, 0, 0, std::sqrt(std::max(0.0, 1 - coherence * coherence)))});
}

std::vector<Matrix> damping_kraus(double gamma, double excited) {
  const double down = std::sqrt(1 - excited);
  const double up = std::sqrt(excited);
  const double keep = std::sqrt(1 - gamma);
  const double move = std::sqrt(gamma);
  return without_zeros({down * matrix2(1, 0, 0, keep), down * matrix2(0, move, 0, 0),
                        up * matrix2(keep, 0, 0, 1), up * matrix2(0, 0, move, 0)});
}

std::vector<Matrix> reset_kraus() { return {matrix2(1, 0, 0, 0), matrix2(0, 1, 0, 0)}; }

// With a, b the shares of |0⟩ and |1⟩ that stay and c the share of the coherence that does, the
// operators that keep the number of excitations have the Gram matrix [a c; c b], whose eigenvectors
// they are: for weak noise the first is close to 1, so that most trajectories agree.
std::vector<Matrix> thermal_kraus(std::span<const double> p) {
  const double t1 = p[0];
  const double t2 = p[1];
  // Halved: twice the longest times is infinite, as t2 may be.
  require(t2 / 2 <= t1, "t2 = ", t2, " is above 2·t1 = ", 2 * t1);
  const double decayed = -std::expm1(-p[2] / t1);
  const double up = decayed * p[3];
  const double down = decayed * (1 - p[3]);
  const double coherence = std::exp(-p[2] / t2);
  Eigen::MatrixXd shares(2, 2);
  shares << 1 - up, coherence, coherence, 1 - down;
  const RealSpectrum found = diagonalise(shares);
  std::vector<Matrix> out;
  for (Eigen::Index k = 1; k >= 0; --k) {
    const Eigen::Vector2d v =
        std::sqrt(std::max(0.0, found.eigenvalues(k))) * found.eigenvectors.col(k);
    out.push_back(matrix2(v(0), 0, 0, v(1)));
  }
  out.push_back(matrix2(0, std::sqrt(down), 0, 0));
  out.push_back(matrix2(0, 0, std::sqrt(up), 0));
  return without_zeros(std::move(out));
}

std::vector<ChannelRow> make_table() {
  using Parameters = std::vector<ChannelParameter>;
  std::vector<ChannelRow> rows;
#define KETGRAD_UNWRAP(...) __VA_ARGS__
#define KETGRAD_CHANNEL(name, qubits, parameters, kraus, help)         \
  rows.push_back({#name, qubits, Parameters KETGRAD_UNWRAP parameters, \
                  []([[maybe_unused]] std::span<const double> p) { return kraus; }, help});
#include "qsim/noise/channel_table.inc"
#undef KETGRAD_UNWRAP
  return rows;
}

}  // namespace

std::span<const ChannelRow> channel_table() {
  return made_once([] { return make_table(); });
}

const ChannelRow* find_channel(std::string_view name) {
  for (const ChannelRow& row : channel_table()) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

Channel make_channel(std::string_view name, std::span<const double> parameters) {
  const ChannelRow* const row = find_channel(name);
  require(row != nullptr, "there is no channel '", name, "'");
  require(parameters.size() <= row->parameters.size(), "channel '", name, "' takes ",
          row->parameters.size(), " parameter(s), got ", parameters.size());
  std::vector<double> values(parameters.begin(), parameters.end());
  for (std::size_t k = 0; k < row->parameters.size(); ++k) {
    const ChannelParameter& parameter = row->parameters[k];
    if (k == values.size()) {
      require(parameter.fallback.has_value(), "channel '", name, "' needs ", parameter.name);
      values.push_back(*parameter.fallback);
    }
    require(values[k] >= parameter.least && values[k] <= parameter.most, "channel '", name,
            "': ", parameter.name, " = ", values[k],
            parameter.most < kMostTime
                ? concat(" is outside [", parameter.least, ", ", parameter.most, "]")
                : concat(" must be ", parameter.least > 0 ? "positive" : "at least 0",
                         parameter.most < kInfinity ? " and finite" : ""));
  }
  return {std::string(name), values, row->kraus(values)};
}

Channel pauli_channel(const std::map<std::string, double>& probabilities) {
  require(!probabilities.empty(), "a Pauli channel needs at least one Pauli string");
  constexpr double kRounding = 1e-12;
  std::map<std::string, double> all = probabilities;
  const std::size_t length = all.begin()->first.size();
  require_few(length, "the Pauli channel");
  double sum = 0;
  require(length > 0, "a Pauli string of a channel is empty; it needs a letter for every qubit");
  for (const auto& [letters, p] : all) {
    require(letters.size() == length, "the Pauli strings '", all.begin()->first, "' and '", letters,
            "' of a channel differ in length");
    require(p >= 0 && p <= 1, "the probability of '", letters, "' is ", p,
            "; it must be in [0, 1]");
    sum += p;
  }
  require(sum <= 1 + kRounding, "the probabilities of the Pauli strings add up to ", sum,
          "; they must not exceed 1");
  double& identity = all.try_emplace(std::string(length, 'I'), 0.0).first->second;
  identity = std::max(0.0, identity + 1 - sum);
  Channel out{"pauli", {}, paulis(all)};
  require_complete(out.kraus, "the Pauli channel");
  return out;
}

Channel kraus_channel(std::vector<Matrix> operators, std::string name) {
  require(!operators.empty(), "a channel needs at least one Kraus operator");
  const auto n = static_cast<std::size_t>(std::bit_width(static_cast<std::size_t>(
                     std::max<Eigen::Index>(operators.front().rows(), 2)))) -
                 1;
  require_few(n, concat("the channel '", name, "'"));
  for (std::size_t k = 0; k < operators.size(); ++k) {
    require_square(operators[k], n, concat("Kraus operator ", k));
  }
  require_complete(operators, concat("the channel '", name, "'"));
  return {std::move(name), {}, std::move(operators)};
}

int n_qubits(const Channel& channel) {
  return std::countr_zero(static_cast<std::size_t>(channel.kraus.front().rows()));
}

Matrix superoperator(const Channel& channel) {
  const Eigen::Index size = channel.kraus.front().rows();
  Matrix out = Matrix::Zero(size * size, size * size);
  for (const Matrix& k : channel.kraus) {
    for (Eigen::Index r = 0; r < size; ++r) {
      for (Eigen::Index c = 0; c < size; ++c) {
        if (k(r, c) == Complex{}) continue;
        out.block(r * size, c * size, size, size) += std::conj(k(r, c)) * k;
      }
    }
  }
  return out;
}

}  // namespace qsim
