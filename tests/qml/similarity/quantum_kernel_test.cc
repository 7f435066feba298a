#include "qml/similarity/quantum_kernel.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "qml/circuits/feature_map.h"
#include "qml/models/presets.h"
#include "qsim/core/error.h"
#include "qsim/core/parallel.h"
#include "qsim/kernels/kernels.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

// Kernels against overlaps of the reference simulator's states, one pair after the other.

using qml::Batch;
using reference::Dice;
using reference::Vector;

namespace {

struct Samples {
  Samples(int n_features, std::size_t n_samples, Dice& dice)
      : circuit(qml::iqp_map(n_features)),
        program(qsim::compile(circuit, {}, circuit.parameters())),
        size(n_samples) {
    for (std::size_t k = 0; k < n_samples * program.inputs.size(); ++k) {
      values.push_back(dice.uniform(-1, 1));
    }
  }

  [[nodiscard]] Batch batch(std::size_t first, std::size_t count) const {
    const std::size_t n = program.inputs.size();
    return {.size = count, .inputs = std::span(values).subspan(first * n, count * n)};
  }
  [[nodiscard]] Batch all() const { return batch(0, size); }
  [[nodiscard]] Vector state(std::size_t sample) const {
    reference::Values named;
    for (std::size_t k = 0; k < program.inputs.size(); ++k) {
      named[program.inputs[k]] = values[sample * program.inputs.size() + k];
    }
    return reference::simulate(circuit, named);
  }

  qsim::Circuit circuit;
  qsim::Program program;
  std::size_t size;
  std::vector<double> values;
};

template <class T>
constexpr double tolerance() {
  return sizeof(T) == sizeof(double) ? 1e-12 : 2e-5;
}

template <class T>
void check_fidelities(const Samples& samples) {
  const std::size_t n = samples.size;
  std::vector<Vector> states;
  for (std::size_t i = 0; i < n; ++i) states.push_back(samples.state(i));
  const auto gram = qml::fidelity_kernel<T>(samples.program, samples.all());
  for (std::size_t i = 0; i < n; ++i) {
    REQUIRE(gram[i * n + i] == 1.0);
    for (std::size_t j = 0; j < n; ++j) {
      REQUIRE(gram[i * n + j] == gram[j * n + i]);
      REQUIRE(std::abs(gram[i * n + j] - std::norm(states[i].dot(states[j]))) < tolerance<T>());
    }
  }
  const std::size_t rows = n / 3 + 1;
  const auto both =
      qml::fidelity_kernel<T>(samples.program, samples.batch(0, rows), samples.batch(n - 1, 1));
  REQUIRE(both.size() == rows);
  for (std::size_t i = 0; i < rows; ++i) {
    REQUIRE(std::abs(both[i] - std::norm(states[i].dot(states[n - 1]))) < tolerance<T>());
  }
}

template <class T>
void check_projected(const Samples& samples, double gamma) {
  const std::size_t n = samples.size;
  const int n_qubits = samples.program.n_qubits;
  // ρ of a qubit is the transition matrix of a state with itself.
  const auto reduced = [&](std::size_t sample, int q) {
    const Vector state = samples.state(sample);
    return reference::transition(state, state, {q}, {});
  };
  const auto gram = qml::projected_kernel<T>(samples.program, samples.all(), {}, gamma);
  const auto bloch = qml::bloch_vectors<T>(samples.program, samples.all());
  for (std::size_t i = 0; i < n; ++i) {
    REQUIRE(gram[i * n + i] == 1.0);
    double distance = 0;
    for (int q = 0; q < n_qubits; ++q) {
      const reference::Matrix rho = reduced(i, q);
      distance += (rho - reduced(0, q)).squaredNorm();
      const double* r =
          bloch.data() + (i * static_cast<std::size_t>(n_qubits) + static_cast<std::size_t>(q)) * 3;
      REQUIRE(std::abs(r[0] - 2 * rho(1, 0).real()) < tolerance<T>());
      REQUIRE(std::abs(r[1] - 2 * rho(1, 0).imag()) < tolerance<T>());
      REQUIRE(std::abs(r[2] - (rho(0, 0) - rho(1, 1)).real()) < tolerance<T>());
    }
    REQUIRE(gram[i] == gram[i * n]);
    REQUIRE(std::abs(gram[i] - std::exp(-gamma * distance)) < tolerance<T>());
  }
}

}  // namespace

TEST_CASE("kernels are what pairs of states give, on every instruction set") {
  Dice dice(71);
  for (const std::string& target : qsim::simd_targets()) {
    qsim::set_simd_target(target);
    for (const int n_qubits : {1, 3, 8}) {
      for (const std::size_t n_samples : {1U, 7U, 17U, 70U}) {
        const Samples samples(n_qubits, n_samples, dice);
        check_fidelities<double>(samples);
        check_fidelities<float>(samples);
        if (n_samples > 17) continue;
        check_projected<double>(samples, 0.7);
        check_projected<float>(samples, 0.7);
      }
    }
  }
  qsim::set_simd_target("");
}

TEST_CASE("kernels of programs that do not run in blocks") {
  Dice dice(72);
  const Samples samples(9, 2, dice);  // too few samples
  check_fidelities<double>(samples);
  check_projected<float>(samples, 1.0);
}

TEST_CASE("kernels do not depend on the threads, nor on how many states are held") {
  Dice dice(73);
  const Samples samples(5, 75, dice);
  const auto expected = qml::fidelity_kernel<double>(samples.program, samples.all());
  const auto both =
      qml::fidelity_kernel<double>(samples.program, samples.batch(0, 40), samples.batch(10, 60));
  for (const int threads : {1, 3}) {
    qsim::set_num_threads(threads);
    for (const std::size_t held : {1U, 16U, 33U, 1000U}) {
      const qml::KernelOptions options{.samples_at_once = held};
      REQUIRE(qml::fidelity_kernel<double>(samples.program, samples.all(), {}, options) ==
              expected);
      REQUIRE(qml::fidelity_kernel<double>(samples.program, samples.batch(0, 40),
                                           samples.batch(10, 60), options) == both);
    }
  }
  qsim::set_num_threads(0);
}

TEST_CASE("kernels refuse what they cannot do") {
  Dice dice(74);
  const Samples samples(2, 3, dice);
  REQUIRE_THROWS_AS(qml::projected_kernel<double>(samples.program, samples.all(), {}, 0.0),
                    qsim::ValueError);
  REQUIRE_THROWS_AS(qml::fidelity_kernel<double>(samples.program, {.size = 2}), qsim::ValueError);
  const qsim::Program empty = qsim::compile(qsim::Circuit(1));
  const Batch huge{.size = std::size_t{1} << 28U};
  REQUIRE_THROWS_AS(qml::fidelity_kernel<double>(empty, huge), qsim::MemoryError);
}

TEST_CASE("the circuit of a kernel repeats its parts") {
  using Parts = qml::EmbeddingOptions;
  REQUIRE(qml::embedding_circuit(Parts{.feature_map = "iqp", .n_layers = 3}, 2) ==
          qml::iqp_map(2, 3));
  REQUIRE(qml::embedding_circuit(Parts{.feature_map = "amplitude", .n_layers = 3}, 4) ==
          qml::amplitude_map(4));
  const auto trained = qml::embedding_circuit(Parts{.ansatz = "basic_entangler", .n_layers = 2}, 2);
  REQUIRE(trained.parameters().size() == 6);
  REQUIRE_THROWS_AS(qml::embedding_circuit(Parts{.n_layers = 0}, 2), qsim::ValueError);
}
