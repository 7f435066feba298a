#include <array>
#include <cmath>
#include <limits>

#include "qsim/core/error.h"
#include "qsim/core/memory.h"
#include "qsim/core/parallel.h"
#include "qsim/drawing/text_drawing.h"
#include "qsim/json/json.h"
#include "qsim/noise/channel.h"
#include "qsim/noise/density_matrix.h"
#include "qsim/noise/exact_run.h"
#include "qsim/noise/noise_model.h"
#include "qsim/noise/trajectories.h"
#include "tests/bound.h"
#include "tests/catch.h"
#include "tests/noise_reference.h"

namespace {

namespace channels = qsim::channels;
using qsim::Channel;
using qsim::Circuit;
using qsim::NoiseModel;
using qsim::ValueError;
using reference::contains;
using reference::Dice;
using reference::difference;
using reference::error_of;
using reference::kTolerance;
using reference::Matrix;

template <class T>
qsim::DensityMatrix<T> density_matrix(const Circuit& circuit,
                                      const reference::Values& values = {}) {
  const qsim::Schedule schedule(circuit, qsim::Schedule::Goal::kState);
  const auto binding =
      reference::bound<double>(schedule.angles, qsim::ordered_values(schedule.angles, values));
  qsim::ExactRun<T> run(schedule);
  run.run(binding, qsim::coordinates(schedule, binding));
  return run.average();
}

qsim::TrajectoryMeans trajectories(const Circuit& circuit,
                                   const std::vector<qsim::Observable>& observables,
                                   std::int64_t count, std::uint64_t seed) {
  const qsim::Schedule schedule(circuit, qsim::Schedule::Goal::kState);
  const auto binding = reference::bound<double>(schedule.angles);
  return qsim::trajectory_expectations<double>(
      schedule, binding, qsim::coordinates(schedule, binding), observables, count, seed);
}

Matrix acted(const Channel& channel, const Matrix& rho) {
  Matrix out = Matrix::Zero(rho.rows(), rho.cols());
  for (const qsim::Matrix& k : channel.kraus) out += k * rho * k.adjoint();
  return out;
}

using Bloch = std::array<double, 3>;

Matrix from_bloch(const Bloch& r) {
  Matrix out(2, 2);
  out << 1 + r[2], reference::Complex(r[0], -r[1]), reference::Complex(r[0], r[1]), 1 - r[2];
  return out / 2;
}

Bloch to_bloch(const Matrix& rho) {
  return {2 * rho(1, 0).real(), 2 * rho(1, 0).imag(), (rho(0, 0) - rho(1, 1)).real()};
}

// The channel maps (x, y, z) to (a·x, b·y, c·z + d).
void check_bloch(const Channel& channel, double a, double b, double c, double d) {
  INFO(channel.name);
  for (const Bloch& r : {Bloch{0.3, -0.5, 0.7}, Bloch{1, 0, 0}, Bloch{0, 1, 0}, Bloch{0, 0, -1}}) {
    const Bloch image = to_bloch(acted(channel, from_bloch(r)));
    CHECK(image[0] == Approx(a * r[0]).margin(1e-14));
    CHECK(image[1] == Approx(b * r[1]).margin(1e-14));
    CHECK(image[2] == Approx(c * r[2] + d).margin(1e-14));
  }
}

}  // namespace

TEST_CASE("every channel of the table is complete over the whole range of its parameters") {
  for (const qsim::ChannelRow& row : qsim::channel_table()) {
    INFO(row.name);
    const std::size_t n = row.parameters.size();
    for (std::size_t corner = 0; corner < std::size_t{1} << n; ++corner) {
      std::vector<double> p;
      for (std::size_t k = 0; k < n; ++k) {
        const auto& parameter = row.parameters[k];
        const double most = std::min(parameter.most, 3.0);
        p.push_back(((corner >> k) & 1) != 0 ? most
                                             : std::max(parameter.least, most == 3 ? 2.0 : 0));
      }
      const Channel channel = qsim::make_channel(row.name, p);
      CHECK(qsim::n_qubits(channel) == row.qubits);
      Matrix sum = Matrix::Zero(channel.kraus[0].rows(), channel.kraus[0].cols());
      for (const qsim::Matrix& k : channel.kraus) sum += k.adjoint() * k;
      CHECK(difference(sum, Matrix::Identity(sum.rows(), sum.cols())) < 1e-14);
    }
  }
}

TEST_CASE("channels on one qubit map the Bloch sphere as their closed forms say") {
  const double p = 0.23;
  check_bloch(channels::bit_flip(p), 1, 1 - 2 * p, 1 - 2 * p, 0);
  check_bloch(channels::phase_flip(p), 1 - 2 * p, 1 - 2 * p, 1, 0);
  check_bloch(channels::bit_phase_flip(p), 1 - 2 * p, 1, 1 - 2 * p, 0);
  check_bloch(channels::depolarizing(p), 1 - p, 1 - p, 1 - p, 0);
  const double keep = std::sqrt(1 - p);
  check_bloch(channels::amplitude_damping(p), keep, keep, 1 - p, p);
  check_bloch(channels::generalized_amplitude_damping(p, 0.3), keep, keep, 1 - p, p * 0.4);
  check_bloch(channels::phase_damping(p), keep, keep, 1, 0);
  const double a = std::exp(-0.4 / 1.1);
  const double b = std::exp(-0.4 / 0.9);
  check_bloch(channels::thermal_relaxation(0.9, 1.1, 0.4), a, a, b, 1 - b);
  check_bloch(channels::thermal_relaxation(0.9, 1.1, 0.4, 0.2), a, a, b, (1 - b) * 0.6);
  check_bloch(channels::thermal_relaxation(0.9, 1.8, 0.4, 0.2), std::exp(-0.4 / 1.8),
              std::exp(-0.4 / 1.8), b, (1 - b) * 0.6);
  constexpr double kNever = std::numeric_limits<double>::infinity();
  check_bloch(channels::thermal_relaxation(kNever, 1.1, 0.4, 0.2), a, a, 1, 0);
  check_bloch(channels::thermal_relaxation(kNever, kNever, 0.4), 1, 1, 1, 0);
  check_bloch(channels::reset(), 0, 0, 0, 1);
  check_bloch(qsim::pauli_channel({{"X", 0.1}, {"Y", 0.2}, {"Z", 0.05}}), 1 - 2 * 0.25,
              1 - 2 * 0.15, 1 - 2 * 0.3, 0);
}

TEST_CASE("depolarising two qubits mixes with the identity") {
  Dice dice(1);
  const reference::Vector psi = dice.state(2);
  const Matrix rho = psi * psi.adjoint();
  const Matrix expected = 0.7 * rho + 0.3 * Matrix::Identity(4, 4) / 4;
  CHECK(difference(acted(channels::depolarizing2(0.3), rho), expected) < 1e-14);
}

TEST_CASE("a Pauli channel's last letter acts on its first qubit") {
  const Circuit circuit = Circuit(2).channel(qsim::pauli_channel({{"IX", 1.0}}), {1, 0});
  CHECK(density_matrix<double>(circuit).probabilities()[2] == Approx(1));
}

TEST_CASE("the superoperator is the channel on the density matrix as a vector") {
  Dice dice(2);
  for (const Channel& channel : reference::some_channels(dice)) {
    const int n = qsim::n_qubits(channel);
    const Matrix mixed = dice.hermitian(n);
    const Matrix expected = acted(channel, mixed);  // columns in a row, as Eigen stores them
    const reference::Vector vector =
        Eigen::Map<const reference::Vector>(mixed.data(), mixed.size());
    const reference::Vector image = qsim::superoperator(channel) * vector;
    const Matrix back = Eigen::Map<const Matrix>(image.data(), mixed.rows(), mixed.cols());
    CHECK(difference(back, expected) < 1e-13);
  }
}

TEMPLATE_TEST_CASE("density matrices agree with dense algebra on random circuits", "", float,
                   double) {
  Dice dice(3);
  for (int round = 0; round < 30; ++round) {
    const int n = 1 + round % 5;
    const Circuit circuit = reference::random_noisy_circuit(
        {.n_qubits = n, .n_operations = 20, .n_bits = round % 3 == 0 ? 0 : 3, .named = true}, dice);
    const reference::Values values = reference::random_values(circuit, dice);
    const reference::Ensemble ensemble = reference::run_ensemble(circuit, values);
    const Matrix expected = reference::density_matrix(ensemble);
    const qsim::Observable matrix = qsim::MatrixObservable(dice.hermitian(1), {n - 1});
    const qsim::Observable sum = qsim::PauliSum::parse("0.3*X0 - Y0 + 0.2*Z0 + 0.5", n);
    const reference::Vector psi = dice.state(n);
    INFO("round " << round);
    const auto check = [&] {
      const qsim::DensityMatrix<TestType> rho = density_matrix<TestType>(circuit, values);
      CHECK(difference(rho.matrix(), expected) < kTolerance<TestType>);
      CHECK(rho.trace() == Approx(1).margin(10 * kTolerance<TestType>));
      CHECK(rho.purity() ==
            Approx((expected * expected).trace().real()).margin(10 * kTolerance<TestType>));
      CHECK(
          rho.fidelity(reference::to_state<TestType>(psi)) ==
          Approx((psi.adjoint() * expected * psi)(0, 0).real()).margin(10 * kTolerance<TestType>));
      for (const qsim::Observable& o : {matrix, sum}) {
        CHECK(rho.expectation(o) == Approx((reference::observable(o, n) * expected).trace().real())
                                        .margin(50 * kTolerance<TestType>));
      }
      if (circuit.n_bits() == 0) return;
      const qsim::Schedule schedule(circuit, qsim::Schedule::Goal::kBits);
      const auto binding =
          reference::bound<double>(schedule.angles, qsim::ordered_values(schedule.angles, values));
      qsim::ExactRun<TestType> run(schedule);
      run.run(binding, qsim::coordinates(schedule, binding));
      std::map<reference::Bits, double> found;
      for (const auto& [bits, p] : run.distribution()) {
        found[reference::to_bits(bits, circuit.n_bits())] = p;
      }
      for (const auto& [bits, p] : reference::distribution(ensemble)) {
        CHECK(found[bits] == Approx(p).margin(kTolerance<TestType>));
      }
    };
    if (round < 8) {
      reference::for_each_configuration(check);
    } else {
      check();
    }
  }
}

TEST_CASE("every channel acts on all targets of wide density matrices as of narrow ones") {
  // 9 qubits: 18 qubits of numbers, so that these run in tiles.
  Dice dice(4);
  for (const Channel& channel : reference::some_channels(dice)) {
    for (const std::vector<int>& targets :
         {std::vector<int>{0, 8}, std::vector<int>{8, 3}, std::vector<int>{4, 1}}) {
      const std::vector<int> on(targets.begin(), targets.begin() + qsim::n_qubits(channel));
      Circuit wide(9);
      Circuit narrow(2);
      for (int k = 0; k < 2; ++k) {
        const double angle = dice.uniform(0, 3);
        wide.ry(angle, targets[static_cast<std::size_t>(k)]);
        narrow.ry(angle, k);
      }
      wide.cx(targets[0], targets[1]).h(2).cx(2, 5);
      narrow.cx(0, 1);
      wide.channel(channel, on);
      narrow.channel(channel,
                     qsim::n_qubits(channel) == 1 ? std::vector<int>{0} : std::vector<int>{0, 1});
      wide.s(targets[1]).h(targets[0]);
      narrow.s(1).h(0);
      const Matrix expected = reference::density_matrix(reference::run_ensemble(narrow));
      const qsim::DensityMatrix<double> rho = density_matrix<double>(wide);
      const std::vector<qsim::PauliString> strings{{1, 0}, {0, 1}, {1, 1}, {2, 1}, {3, 2}, {0, 3}};
      for (const qsim::PauliString& p : strings) {
        const qsim::PauliString moved{qsim::scatter_bits(p.x, targets),
                                      qsim::scatter_bits(p.z, targets)};
        CHECK(rho.expectation(qsim::PauliSum(9, {{1.0, moved}})) ==
              Approx((reference::pauli(p, 2) * expected).trace().real()).margin(1e-12));
      }
    }
  }
}

TEST_CASE("trajectories agree with the density matrix within their standard errors") {
  // 24 circuits, 3 observables each: with 72 comparisons a deviation above 4.5 standard errors has
  // a probability below 0.05 %; the squares of all add up as those of normal numbers do.
  Dice dice(5);
  double squares = 0;
  int count = 0;
  for (int round = 0; round < 24; ++round) {
    const int n = 2 + round % 3;
    const Circuit circuit =
        reference::random_noisy_circuit({.n_qubits = n, .n_operations = 14, .n_bits = 2}, dice);
    const std::vector<qsim::Observable> observables{qsim::PauliSum::parse("Z0 Z1", n),
                                                    qsim::PauliSum::parse("X0 + Y1", n),
                                                    qsim::MatrixObservable(dice.hermitian(1), {0})};
    const auto rho = density_matrix<double>(circuit);
    const auto found = trajectories(circuit, observables, 4000, 100 + static_cast<unsigned>(round));
    for (std::size_t k = 0; k < observables.size(); ++k) {
      const double exact = rho.expectation(observables[k]);
      if (found.errors[k] < 1e-6) {
        CHECK(found.means[k] == Approx(exact).margin(1e-6));
        continue;
      }
      const double z = (found.means[k] - exact) / found.errors[k];
      INFO("round " << round << ", observable " << k);
      CHECK(std::abs(z) < 4.5);
      squares += z * z;
      ++count;
    }
  }
  CHECK(count > 40);
  CHECK(std::abs(squares - count) < 4 * std::sqrt(2.0 * count));
}

TEST_CASE("trajectories give the same bits on one thread and two") {
  Dice dice(6);
  const Circuit circuit =
      reference::random_noisy_circuit({.n_qubits = 4, .n_operations = 30, .n_bits = 3}, dice);
  const std::vector<qsim::Observable> observables{qsim::PauliSum::parse("X0 + Z3", 4)};
  std::vector<qsim::TrajectoryMeans> found;
  for (const int threads : {1, 2}) {
    qsim::set_num_threads(threads);
    found.push_back(trajectories(circuit, observables, 2000, 7));
  }
  qsim::set_num_threads(0);
  CHECK(found[0].means == found[1].means);
  CHECK(found[0].errors == found[1].errors);
  CHECK(found[0].n_branches == found[1].n_branches);
}

TEST_CASE("a noise model puts the most special rules behind its gates") {
  NoiseModel model;
  model.add(channels::bit_flip(0.1));
  model.add(channels::depolarizing2(0.2), {"cx", "cz"});
  model.add(channels::phase_flip(0.3), {"h"}, {{1}});
  model.add_readout_error({0.01, 0.02}).add_readout_error({0.03, 0.04}, {{1}});
  const Circuit circuit = Circuit(3, 3).h(0).h(1).cx(0, 1).cx(2, 1).swap(0, 2).measure_all();
  Circuit expected(3, 3);
  expected.h(0).channel(channels::bit_flip(0.1), {0});
  expected.h(1).channel(channels::phase_flip(0.3), {1});
  expected.cx(0, 1).channel(channels::depolarizing2(0.2), {0, 1});
  expected.cx(2, 1).channel(channels::depolarizing2(0.2), {2, 1});
  expected.swap(0, 2).channel(channels::bit_flip(0.1), {0}).channel(channels::bit_flip(0.1), {2});
  for (int q = 0; q < 3; ++q) {
    expected.add({.row = &qsim::gate_row("measure"),
                  .targets = {q},
                  .bit = q,
                  .readout_error = std::make_shared<const qsim::ReadoutError>(
                      q == 1 ? qsim::ReadoutError{0.03, 0.04} : qsim::ReadoutError{0.01, 0.02})});
  }
  CHECK(model.apply(circuit) == expected);
  const Circuit then = Circuit(1, 1).x(0);
  const Circuit conditional = model.apply(Circuit(1, 1).when({{{0}, {true}}}, then));
  CHECK(conditional.operations()[1].condition != nullptr);
}

TEST_CASE("noise models read back equal from JSON") {
  Dice dice(8);
  NoiseModel model;
  for (const Channel& channel : reference::some_channels(dice)) {
    model.add(channel);
    model.add(channel, {qsim::n_qubits(channel) == 1 ? "rx" : "cx"});
  }
  model.add(channels::depolarizing(0.1), {"u", "unitary"}, {{3}});
  model.add_readout_error({0.1, 0.2}).add_readout_error({0, 1}, {{4, 2}});
  const std::string text = qsim::to_json_text(model);
  CHECK(qsim::noise_model_from_json_text(text) == model);
}

TEST_CASE("bad channels are refused with what is wrong") {
  const auto refused = [](std::string_view part, const auto& body) {
    const std::string text = error_of<ValueError>(body);
    INFO(text);
    CHECK(contains(text, part));
  };
  refused("p = 1.5 is outside [0, 1]", [] { channels::bit_flip(1.5); });
  refused("p = -0.1 is outside", [] { channels::depolarizing(-0.1); });
  refused("outside", [] { channels::phase_damping(std::numeric_limits<double>::quiet_NaN()); });
  refused("t2 = 3 is above 2·t1 = 2", [] { channels::thermal_relaxation(1, 3, 1); });
  refused("t1 = 0 must be positive", [] { channels::thermal_relaxation(0, 1, 1); });
  refused("time = -1 must be at least 0", [] { channels::thermal_relaxation(1, 1, -1); });
  constexpr double kNever = std::numeric_limits<double>::infinity();
  refused("t2 = inf is above 2·t1 = 2", [] { channels::thermal_relaxation(1, kNever, 1); });
  refused("t2 = inf is above", [] { channels::thermal_relaxation(1e308, kNever, 1); });
  refused("time = inf must be at least 0 and finite",
          [] { channels::thermal_relaxation(1, 1, kNever); });
  refused("t1 = nan must be positive",
          [] { channels::thermal_relaxation(std::numeric_limits<double>::quiet_NaN(), 1, 1); });
  refused("needs time", [] { channels::thermal_relaxation(1, 1); });
  refused("takes 1 parameter(s), got 2", [] { channels::bit_flip(0.1, 0.2); });
  refused("no channel 'nose'", [] { qsim::make_channel("nose", {}); });
  refused("add up to 1.1", [] { qsim::pauli_channel({{"X", 0.5}, {"Z", 0.6}}); });
  refused("acts on 40 qubits; the limit is 5", [] {
    qsim::pauli_channel({{std::string(40, 'X'), 0.5}});
  });
  refused("differ in length", [] { qsim::pauli_channel({{"X", 0.5}, {"ZZ", 0.2}}); });
  refused("is 2; it must be in [0, 1]", [] { qsim::pauli_channel({{"X", 2}}); });
  refused("does not preserve the trace",
          [] { qsim::kraus_channel({0.5 * qsim::Matrix::Identity(2, 2)}); });
  refused("must be 2 x 2", [] { qsim::kraus_channel({qsim::Matrix::Identity(3, 3)}); });
  refused("at least one", [] { qsim::kraus_channel({}); });
  Circuit circuit(1);
  refused("does not preserve the trace", [&] {
    circuit.channel({"half", {}, {0.5 * qsim::Matrix::Identity(2, 2)}}, {0});
  });
  CHECK(circuit.size() == 0);
}

TEST_CASE("bad noise models are refused and change nothing") {
  NoiseModel model;
  const auto refused = [&](std::string_view part, const auto& body) {
    const std::string text = error_of<ValueError>(body);
    INFO(text);
    CHECK(contains(text, part));
    CHECK(model == NoiseModel());
  };
  refused("no gate", [&] { model.add(channels::bit_flip(0.1), {"nogate"}); });
  refused("is not defined", [&] { model.add(channels::bit_flip(0.1), {"measure"}); });
  refused("does not fit gate 'h'", [&] { model.add(channels::depolarizing2(0.1), {"h"}); });
  refused("acts on 2 qubit(s), got 1", [&] { model.add(channels::bit_flip(0.1), {"cx"}, {{0}}); });
  refused("given twice", [&] { model.add(channels::bit_flip(0.1), {"cx"}, {{0, 0}}); });
  refused("is 1.2; it must be in [0, 1]", [&] { model.add_readout_error({1.2, 0}); });
  const auto of_text = [](const char* text) {
    return error_of<ValueError>([&] { qsim::noise_model_from_json_text(text); });
  };
  CHECK(contains(of_text("{"), "JSON"));
  CHECK(contains(of_text(R"({"format": "ketgrad.circuit", "version": 1})"), "noise_model.format"));
  CHECK(contains(of_text(R"({"format": "ketgrad.noise_model", "version": 2})"), "version"));
  CHECK(contains(of_text(R"({"format": "ketgrad.noise_model", "version": 1, "rules": [
    {"channel": {"name": "bit_flip", "parameters": [2]}}]})"),
                 "noise_model.rules[0].channel: channel 'bit_flip': p = 2 is outside [0, 1]"));
  CHECK(contains(of_text(R"({"format": "ketgrad.noise_model", "version": 1, "rules": [
    {"channel": {"name": "mine", "kraus": [[[[0.5, 0], [0, 0]], [[0, 0], [0.5, 0]]]]}}]})"),
                 "does not preserve the trace"));
  CHECK(contains(of_text(R"({"format": "ketgrad.noise_model", "version": 1, "roles": []})"),
                 "unknown key 'roles'"));
}

TEST_CASE("a density matrix of 13 qubits in double precision is that of a dephased GHZ state") {
  constexpr int kQubits = 13;
  constexpr double kFlip = 0.05;
  Circuit circuit(kQubits);
  circuit.h(0);
  for (int q = 1; q < kQubits; ++q) circuit.cx(q - 1, q);
  for (int q = 0; q < kQubits; ++q) circuit.channel(channels::phase_flip(kFlip), {q});
  const qsim::DensityMatrix<double> rho = density_matrix<double>(circuit);
  // Half of it is on |0…0⟩, half on |1…1⟩; every channel takes a share of the coherence.
  const double coherence = std::pow(1 - 2 * kFlip, kQubits);
  const auto expectation = [&](char letter) {
    return rho.expectation(qsim::PauliSum::parse(std::string(kQubits, letter)));
  };
  CHECK(rho.trace() == Approx(1).epsilon(1e-12));
  CHECK(rho.purity() == Approx((1 + coherence * coherence) / 2).epsilon(1e-12));
  CHECK(expectation('X') == Approx(coherence).epsilon(1e-12));
  CHECK(expectation('Z') == Approx(0).margin(1e-12));
  CHECK(rho.expectation(qsim::PauliSum::parse("Z0 Z12", kQubits)) == Approx(1).epsilon(1e-12));
  const std::vector<double> p = rho.probabilities();
  CHECK(p.front() == Approx(0.5).epsilon(1e-12));
  CHECK(p.back() == Approx(0.5).epsilon(1e-12));
}

TEST_CASE("a density matrix that does not fit is refused with its bytes") {
  CHECK(contains(error_of<ValueError>([] { qsim::DensityMatrix<double>(32); }), "[1, 31]"));
  CHECK(
      contains(error_of<qsim::MemoryError>([] { qsim::DensityMatrix<double>(24); }),
               "the density matrix of 24 qubits in double precision needs 4503599627370496 bytes"));
  Circuit circuit(24, 1);
  circuit.measure(0, 0);
  CHECK(contains(error_of<qsim::MemoryError>([&] {
                   qsim::run_shots<double>(circuit, {}, 1, 0, qsim::RunMethod::kDensityMatrix);
                 }),
                 "needs 4503599627370496 bytes"));
}

TEST_CASE("files hold infinite times") {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  const auto channel = channels::thermal_relaxation(kNever, kNever, 0.4);
  const qsim::Circuit circuit = qsim::Circuit(1).channel(channel, {0});
  CHECK(qsim::circuit_from_json_text(qsim::to_json_text(circuit)) == circuit);
  qsim::NoiseModel model;
  model.add(channel, {}, {});
  CHECK(qsim::noise_model_from_json_text(qsim::to_json_text(model)) == model);
  CHECK(contains(qsim::draw_text(circuit), "∞"));
}
