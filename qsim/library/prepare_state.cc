#include "qsim/library/prepare_state.h"

#include <cmath>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include "qsim/core/bits.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/library/multiplexor.h"

namespace qsim {
namespace {

// Of a normalised state: amplitudes below it count as 0, states of a qubit as equal.
constexpr double kRounding = 1e-15;

using QubitState = Eigen::Vector2cd;

std::vector<Complex> normalised(std::span<const Complex> amplitudes) {
  double largest = 0;
  for (std::size_t k = 0; k < amplitudes.size(); ++k) {
    count_work();
    const Complex a = amplitudes[k];
    require(std::isfinite(a.real()) && std::isfinite(a.imag()),
            "the amplitudes of a state must be finite, got ", a, " at index ", k);
    largest = std::max({largest, std::abs(a.real()), std::abs(a.imag())});
  }
  require(largest > 0, "the amplitudes of a state are all 0");
  std::vector<Complex> out(amplitudes.begin(), amplitudes.end());
  double sum = 0;
  for (Complex& a : out) sum += std::norm(a /= largest);
  for (Complex& a : out) a /= std::sqrt(sum);
  return out;
}

// The states of a qubit, one for each basis state of the controls; none where that has no
// amplitude.
struct Conditioned {
  std::vector<std::optional<QubitState>> states{};
  std::vector<Qubit> controls{};
  Index kept = 0;  // the positions of the controls among those there were at first
};

Conditioned conditioned_states(const std::vector<Complex>& amplitudes, Qubit first, Qubit end) {
  Conditioned out;
  for (std::size_t j = 0; j < amplitudes.size(); j += 2) {
    count_work();
    const QubitState state(amplitudes[j], amplitudes[j + 1]);
    const double norm = state.norm();
    out.states.push_back(norm > kRounding ? std::optional<QubitState>(state / norm) : std::nullopt);
  }
  for (Qubit q = first; q < end; ++q) out.controls.push_back(q);
  out.kept = out.states.size() - 1;
  return out;
}

bool same_up_to_phase(const std::optional<QubitState>& a, const std::optional<QubitState>& b) {
  if (!a || !b) return true;
  return std::abs((*a)(0) * (*b)(1) - (*a)(1) * (*b)(0)) <= 4 * kRounding;
}

// Leaves out a control that the states do not depend on.
void leave_out(Conditioned& given, int position) {
  const Index flag = bit(position);
  std::vector<std::optional<QubitState>> merged;
  for (Index j = 0; j < given.states.size(); ++j) {
    count_work();
    if ((j & flag) != 0) continue;
    if (!same_up_to_phase(given.states[j], given.states[j | flag])) return;
    merged.push_back(given.states[j] ? given.states[j] : given.states[j | flag]);
  }
  given.states = std::move(merged);
  given.controls.erase(given.controls.begin() + position);
  given.kept ^= bit(position);  // those above it are still as they were at first
}

// The angle of the real state that this one is up to a phase, if it is.
std::optional<double> real_angle(const QubitState& state) {
  const Complex larger = std::abs(state(0)) >= std::abs(state(1)) ? state(0) : state(1);
  // Of two phases that make it real, the one that leaves real numbers as they are.
  const bool turned = larger.real() < 0 || (larger.real() == 0 && larger.imag() < 0);
  const Complex back = (turned ? -1.0 : 1.0) * std::conj(larger) / std::abs(larger);
  const QubitState real = back * state;
  if (real.imag().cwiseAbs().maxCoeff() > 4 * kRounding) return std::nullopt;
  return 2 * std::atan2(real(1).real(), real(0).real());
}

std::optional<std::vector<double>> real_angles(const Conditioned& given) {
  std::vector<double> out;
  for (const auto& state : given.states) {
    count_work();
    const std::optional<double> angle = state ? real_angle(*state) : 0.0;
    if (!angle) return std::nullopt;
    out.push_back(-*angle);
  }
  return out;
}

// The gates that take the states to |0⟩, up to phases; what is done, as matrices.
std::vector<GateMatrix> rotate_to_zero(GateSequence& gates, const Conditioned& given,
                                       Qubit target) {
  std::vector<GateMatrix> out;
  if (auto angles = real_angles(given)) {
    for (const double angle : *angles) out.push_back(rotation(Axis::kY, angle));
    // The last CZ do nothing to |0⟩.
    MultiplexedRotation(Axis::kY, std::move(*angles)).add_open(gates, given.controls, target);
    return out;
  }
  for (const auto& state : given.states) {
    const QubitState to = state.value_or(QubitState(1, 0));
    GateMatrix matrix;
    matrix << std::conj(to(0)), std::conj(to(1)), -to(1), to(0);
    out.push_back(matrix);
  }
  const std::vector<Complex> phases = add_up_to_diagonal(gates, out, given.controls, target);
  for (std::size_t j = 0; j < out.size(); ++j) out[j].row(0) *= std::conj(phases[2 * j]);
  return out;
}

// Takes the lowest of the qubits first … end − 1 to |0⟩; the amplitudes of those that are left.
std::vector<Complex> without_lowest(GateSequence& gates, const std::vector<Complex>& amplitudes,
                                    Qubit first, Qubit end) {
  Conditioned given = conditioned_states(amplitudes, first + 1, end);
  for (int k = end - first - 2; k >= 0; --k) leave_out(given, k);
  const std::vector<GateMatrix> done = rotate_to_zero(gates, given, first);
  std::vector<Qubit> kept;
  for (int k = 0; k < end - first - 1; ++k) {
    if (has_bit(given.kept, k)) kept.push_back(k);
  }
  std::vector<Complex> out(amplitudes.size() / 2);
  for (Index j = 0; j < out.size(); ++j) {
    count_work();
    const GateMatrix& matrix = done[gather_bits(j, kept)];
    out[j] = matrix(0, 0) * amplitudes[2 * j] + matrix(0, 1) * amplitudes[2 * j + 1];
  }
  return out;
}

}  // namespace

Circuit prepare_state(std::span<const Complex> amplitudes) {
  const int n = qubits_of(amplitudes.size(), 1, "the amplitudes of a state");
  std::vector<Complex> left = normalised(amplitudes);
  GateSequence gates(n);
  for (Qubit q = 0; q < n; ++q) left = without_lowest(gates, left, q, n);
  const auto [to_zero, phase] = gates.finish_up_to_phase();
  const double to_add = std::remainder(std::arg(left.front()) - phase, 2 * std::numbers::pi);
  Circuit out(n);
  if (std::abs(to_add) > kNegligibleAngle) out.rz(-2 * to_add, 0);  // on |0⟩: a phase
  return out.compose(to_zero.inverse());
}

}  // namespace qsim
