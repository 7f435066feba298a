#include "qsim/noise/shots.h"

#include <cmath>
#include <functional>
#include <numeric>
#include <thread>

#include "qsim/compile/bind.h"
#include "qsim/core/error.h"
#include "qsim/core/parallel.h"
#include "qsim/core/random.h"
#include "qsim/noise/channel.h"
#include "qsim/noise/noise_model.h"
#include "qsim/noise/schedule.h"
#include "tests/catch.h"
#include "tests/noise_reference.h"

namespace {

using qsim::Circuit;
using qsim::run_shots;
using qsim::Shots;
using reference::contains;
using reference::Dice;
using reference::error_of;
using reference::Vector;

bool same(const Shots& a, const Shots& b) {
  if (a.size() != b.size()) return false;
  for (std::int64_t shot = 0; shot < a.size(); ++shot) {
    if (!std::ranges::equal(a.bits(shot), b.bits(shot))) return false;
  }
  return true;
}

double draw(std::uint64_t seed, std::uint64_t shot, std::size_t event, std::size_t which) {
  qsim::Random random(seed, shot);
  random.seek(2 * event + which);
  return random.uniform();
}

bool read(bool value, const std::shared_ptr<const qsim::ReadoutError>& error, double u) {
  if (!error) return value;
  return value != (u < (value ? error->zero_for_one : error->one_for_zero));
}

// One shot by itself on a dense state.
qsim::BitWords one_shot(const Circuit& circuit, std::uint64_t seed, std::uint64_t shot) {
  const qsim::Schedule schedule(circuit, qsim::Schedule::Goal::kBits);
  const int n = circuit.n_qubits();
  qsim::BitWords bits(qsim::words_of(circuit.n_bits()));
  Vector psi = Vector::Zero(Eigen::Index{1} << n);
  psi(0) = 1;
  qsim::Binding<double> binding;
  qsim::bind_parameters(schedule.angles, {}, binding);
  const std::vector<double> angles = qsim::coordinates(schedule, binding);
  for (std::size_t k = 0; k < schedule.pieces.size(); ++k) {
    const qsim::SchedulePiece& piece = schedule.pieces[k];
    if (piece.condition && !qsim::holds(*piece.condition, bits)) continue;
    if (!piece.channel) {
      const qsim::Program program = qsim::compile_gates(n, piece.gates, piece.n_coordinates);
      qsim::bind_parameters(
          program, std::span(angles).subspan(piece.first_coordinate, piece.n_coordinates), binding);
      auto state = reference::to_state<double>(psi);
      qsim::run_steps(program, binding, state);
      psi = reference::to_vector(state);
      continue;
    }
    std::vector<Vector> images;
    std::vector<double> p;
    for (const qsim::Matrix& kraus : piece.channel->kraus) {
      images.push_back(reference::apply(kraus, piece.qubits, {}, psi));
      p.push_back(images.back().squaredNorm());
    }
    const double u = draw(seed, shot, k, 0) * std::accumulate(p.begin(), p.end(), 0.0);
    std::size_t outcome = 0;
    for (double sum = p[0]; outcome + 1 < p.size() && sum <= u; sum += p[outcome]) ++outcome;
    psi = images[outcome].normalized();
    if (piece.bit >= 0) {
      qsim::set_bit(bits, piece.bit, read(outcome == 1, piece.misread, draw(seed, shot, k, 1)));
    }
  }
  double u = draw(seed, shot, schedule.pieces.size(), 0);
  Eigen::Index basis = 0;
  while (basis + 1 < psi.size() && std::norm(psi(basis)) <= u) u -= std::norm(psi(basis++));
  std::size_t event = schedule.pieces.size();
  for (const qsim::FinalMeasurement& m : schedule.final_measurements) {
    qsim::set_bit(bits, m.bit,
                  read(((basis >> m.qubit) & 1) != 0, m.misread, draw(seed, shot, ++event, 0)));
  }
  return bits;
}

// χ² of counts against exact probabilities, and its degrees of freedom; rare outcomes together.
std::pair<double, int> chi_square(const Shots& shots, const std::map<reference::Bits, double>& p) {
  std::map<reference::Bits, double> counts;
  for (const auto& [bits, count] : shots.counts()) {
    counts[reference::to_bits(bits, shots.n_bits())] = static_cast<double>(count);
  }
  double sum = 0;
  double rare_expected = 0;
  double rare_count = 0;
  int cells = 0;
  const auto add = [&](double expected, double count) {
    sum += (count - expected) * (count - expected) / expected;
    ++cells;
  };
  for (const auto& [bits, probability] : p) {
    const double expected = probability * static_cast<double>(shots.size());
    if (expected < 10) {
      rare_expected += expected;
      rare_count += counts[bits];
    } else {
      add(expected, counts[bits]);
    }
  }
  if (rare_expected > 5) add(rare_expected, rare_count);
  return {sum, cells - 1};
}

Circuit teleportation(double theta, double phi) {
  Circuit out({{"q", 3}}, {{"m", 2}, {"out", 1}});
  out.u(theta, phi, 0.0, 0).h(1).cx(1, 2).cx(0, 1).h(0).measure(0, 0).measure(1, 1);
  out.when({{{1}, {true}}}, Circuit(3).x(2)).when({{{0}, {true}}}, Circuit(3).z(2));
  return out.u(-theta, 0.0, -phi, 2).measure(2, 2);
}

}  // namespace

TEST_CASE("shots are those of running every shot by itself, on any number of threads") {
  Dice dice(1);
  for (int round = 0; round < 12; ++round) {
    const Circuit circuit = reference::random_noisy_circuit(
        {.n_qubits = 1 + round % 4, .n_operations = 24, .n_bits = 3}, dice);
    Circuit measured = circuit;
    measured.measure(0, 0);
    for (const int threads : {1, 2}) {
      qsim::set_num_threads(threads);
      const Shots shots = run_shots<double>(measured, {}, 200, 5);
      for (std::int64_t shot = 0; shot < shots.size(); ++shot) {
        const qsim::BitWords expected = one_shot(measured, 5, static_cast<std::uint64_t>(shot));
        REQUIRE(std::ranges::equal(shots.bits(shot), expected));
      }
    }
    qsim::set_num_threads(0);
  }
}

TEST_CASE("shots that draw weak noise ahead are those of running every shot by itself") {
  // Long enough for every size of what is compiled as one; some noise in a condition, some that
  // depends on the state, and one channel of which the likeliest outcome acts.
  Dice dice(8);
  const auto weak = qsim::pauli_channel({{"X", 0.002}, {"Z", 0.001}});
  Circuit circuit(3, 3);
  for (int k = 0; k < 700; ++k) {
    const qsim::Qubit q = dice.below(3);
    circuit.ry(dice.uniform(0, 3), q).channel(weak, {q});
    if (k % 5 == 0)
      circuit.cx(q, (q + 1) % 3).channel(qsim::channels::depolarizing2(0.01), {q, 2 - q / 2});
    if (k == 90) circuit.channel(qsim::channels::bit_flip(0.9), {q});
    if (k == 100) circuit.channel(qsim::channels::amplitude_damping(0.2), {q}).measure(1, 1);
    if (k == 110)
      circuit.when({{{1}, {true}}}, Circuit(3).x(0).channel(qsim::channels::bit_flip(0.3), {0}));
  }
  circuit.measure(0, 2).measure(2, 0);
  std::vector<Shots> found;
  for (const int threads : {1, 2}) {
    qsim::set_num_threads(threads);
    found.push_back(run_shots<double>(circuit, {}, 500, 3));
  }
  qsim::set_num_threads(0);
  CHECK(same(found[0], found[1]));
  CHECK(found[0].n_branches == found[1].n_branches);
  for (std::int64_t shot = 0; shot < 40; ++shot) {
    const qsim::BitWords expected = one_shot(circuit, 3, static_cast<std::uint64_t>(shot));
    REQUIRE(std::ranges::equal(found[0].bits(shot), expected));
  }
}

TEST_CASE("shots do not depend on how many there are") {
  Dice dice(2);
  Circuit circuit =
      reference::random_noisy_circuit({.n_qubits = 3, .n_operations = 30, .n_bits = 3}, dice);
  circuit.measure(1, 2);
  const Shots many = run_shots<double>(circuit, {}, 3000, 9);
  const Shots few = run_shots<double>(circuit, {}, 17, 9);
  for (std::int64_t shot = 0; shot < few.size(); ++shot) {
    CHECK(std::ranges::equal(few.bits(shot), many.bits(shot)));
  }
  CHECK(!same(few, run_shots<double>(circuit, {}, 17, 10)));
}

TEST_CASE("wide circuits give the same shots on one thread and two") {
  Circuit circuit(17, 17);
  for (int q = 0; q < 17; ++q) circuit.ry(0.1 * q + 0.3, q);
  for (int q = 0; q + 1 < 17; ++q) circuit.cx(q, q + 1);
  circuit.measure(3, 3).reset(5).channel(qsim::channels::amplitude_damping(0.3), {16});
  circuit.when({{{3}, {true}}}, Circuit(17).h(4));
  circuit.measure_all();
  qsim::set_num_threads(1);
  const Shots one = run_shots<double>(circuit, {}, 300, 3);
  qsim::set_num_threads(2);
  const Shots two = run_shots<double>(circuit, {}, 300, 3);
  qsim::set_num_threads(0);
  CHECK(same(one, two));
  CHECK(one.n_branches == two.n_branches);
  CHECK(one.n_branches <= 8);
}

TEST_CASE("counts of registers of any size, anywhere") {
  Dice dice(11);
  std::vector<qsim::Register> registers;
  int n_bits = 0;
  for (const int size : {10, 60, 64, 16, 17, 70, 1, 130}) {
    registers.push_back({"c" + std::to_string(size), size});
    n_bits += size;
  }
  constexpr std::int64_t kShots = 300;
  Shots shots(n_bits, registers, kShots);
  std::vector<qsim::BitWords> kinds;  // so that some come often
  for (int k = 0; k < 40; ++k) {
    qsim::BitWords& bits = kinds.emplace_back(qsim::words_of(n_bits));
    for (int b = 0; b < n_bits; ++b) qsim::set_bit(bits, b, dice.below(4) == 0);
  }
  for (std::int64_t shot = 0; shot < kShots; ++shot) {
    std::ranges::copy(kinds[static_cast<std::size_t>(dice.below(40))], shots.bits(shot).begin());
  }
  registers.push_back({"", n_bits});
  for (const qsim::Register& r : registers) {
    const qsim::BitRange range = bit_range(shots.registers(), n_bits, r.name);
    std::map<qsim::BitWords, std::int64_t> expected;
    for (std::int64_t shot = 0; shot < kShots; ++shot) ++expected[bits_in(shots.bits(shot), range)];
    CAPTURE(r.name);
    CHECK(shots.counts(r.name) == expected);
  }
}

TEST_CASE("counts are distributed as the exact distribution says") {
  // 60 χ² values, each above 5 standard deviations of its own with a probability far below 1e-4.
  Dice dice(3);
  double sum = 0;
  int freedom = 0;
  for (int round = 0; round < 60; ++round) {
    const auto seed = static_cast<std::uint64_t>(50 + round);
    Circuit circuit = reference::random_noisy_circuit(
        {.n_qubits = 1 + round % 4, .n_operations = 16, .n_bits = 3}, dice);
    circuit.measure(0, 0);
    const auto exact = reference::distribution(reference::run_ensemble(circuit));
    const auto method = round % 4 == 0 ? qsim::RunMethod::kDensityMatrix : qsim::RunMethod::kAuto;
    const Shots shots = round % 2 == 0 ? run_shots<double>(circuit, {}, 4000, seed, method)
                                       : run_shots<float>(circuit, {}, 4000, seed, method);
    const auto [chi, k] = chi_square(shots, exact);
    if (k < 1) continue;
    INFO("round " << round << ": " << chi << " for " << k);
    CHECK(chi < k + 6 * std::sqrt(2.0 * k) + 10);
    sum += chi;
    freedom += k;
  }
  CHECK(freedom > 60);
  CHECK(std::abs(sum - freedom) < 4 * std::sqrt(2.0 * freedom));
}

TEST_CASE("teleportation costs its four branches") {
  const Shots shots = run_shots<double>(teleportation(0.7, 1.1), {}, 10'000, 1);
  CHECK(shots.n_branches == 4);
  CHECK(shots.counts("out") == std::map<qsim::BitWords, std::int64_t>{{{0}, 10'000}});
  for (const auto& [bits, count] : shots.counts("m")) CHECK(std::abs(count - 2500) < 5 * 44);
}

TEST_CASE("repeat until success costs a branch for every number of failures") {
  // Each try succeeds with probability ½; after success the rest is skipped.
  Circuit circuit(1, 1);
  circuit.h(0).measure(0, 0);
  for (int k = 0; k < 30; ++k) {
    circuit.when({{{0}, {false}}}, Circuit(1).h(0));
    qsim::Operation measure{.row = &qsim::gate_row("measure"), .targets = {0}, .bit = 0};
    measure.condition = std::make_shared<const qsim::Condition>(qsim::Condition{{{0}, {false}}});
    circuit.add(measure);
  }
  const Shots shots = run_shots<double>(circuit, {}, 10'000, 2);
  CHECK(shots.n_branches >= 10);
  CHECK(shots.n_branches <= 31);
  CHECK(shots.counts() == std::map<qsim::BitWords, std::int64_t>{{{1}, 10'000}});
}

TEST_CASE("a circuit whose measurements all come last costs one branch") {
  Circuit circuit(5, 5);
  for (int q = 0; q < 5; ++q) circuit.h(q);
  circuit.barrier().measure_all();
  const Shots shots = run_shots<double>(circuit, {}, 5000, 4);
  CHECK(shots.n_branches == 1);
  CHECK(shots.counts().size() == 32);
}

TEST_CASE("weak noise costs few branches, and sampling repeats final measurements") {
  Circuit circuit(4, 6);
  for (int k = 0; k < 10; ++k) {
    for (int q = 0; q < 4; ++q) circuit.rx(0.3 * q + k, q);
    circuit.cx(0, 1).cx(2, 3).cx(1, 2);
  }
  qsim::NoiseModel noise;
  noise.add(qsim::channels::depolarizing(1e-4));
  circuit = noise.apply(circuit);
  for (int q = 0; q < 4; ++q) circuit.measure(q, q);
  circuit.measure(3, 4).measure(3, 5);
  const Shots shots = run_shots<double>(circuit, {}, 10'000, 6);
  CHECK(shots.n_branches < 200);
  CHECK(shots.n_branches > 10);
  for (std::int64_t shot = 0; shot < 100; ++shot) {
    CHECK(qsim::get_bit(shots.bits(shot), 3) == qsim::get_bit(shots.bits(shot), 4));
    CHECK(qsim::get_bit(shots.bits(shot), 3) == qsim::get_bit(shots.bits(shot), 5));
  }
}

TEST_CASE("measurements do not overtake those that overwrite their bits") {
  // Of a qubit that is measured twice only the last measurement is made at the end: one before it,
  // into the same bit as the first, must not be made there either.
  Circuit known(2, 2);
  known.h(0).x(1).measure(1, 1).measure(0, 1).measure(0, 0);
  for (const auto& [bits, count] : run_shots<double>(known, {}, 1000, 1).counts()) {
    CHECK((bits == qsim::BitWords{0b00} || bits == qsim::BitWords{0b11}));
  }
  Dice dice(12);
  for (int round = 0; round < 300; ++round) {
    const int n_qubits = 1 + round % 3;
    Circuit circuit = reference::random_noisy_circuit(
        {.n_qubits = n_qubits, .n_operations = 6, .n_bits = 3}, dice);
    for (int k = 0; k < 5; ++k) circuit.measure(dice.below(n_qubits), dice.below(3));
    const auto expected = reference::distribution(reference::run_ensemble(circuit));
    const Shots shots = run_shots<double>(circuit, {}, 2000, 70, qsim::RunMethod::kDensityMatrix);
    std::map<reference::Bits, double> found;
    for (const auto& [bits, p] : *shots.exact) found[reference::to_bits(bits, 3)] = p;
    for (const auto& [bits, p] : expected) CHECK(std::abs(found[bits] - p) < 1e-12);
    const Shots drawn = run_shots<double>(circuit, {}, 2000, 71);
    const auto [chi, freedom] = chi_square(drawn, expected);
    CHECK(chi < freedom + 6 * std::sqrt(2.0 * freedom) + 10);
  }
}

TEST_CASE("events are prepared once for equal channels on equal qubits, and for no others") {
  const auto flip = [](double p) { return qsim::channels::bit_flip(p); };
  Circuit circuit(3);
  for (int k = 0; k < 3; ++k) circuit.channel(flip(1), {0}).channel(flip(0), {0});
  circuit.channel(flip(1), {2}).channel(qsim::channels::bit_phase_flip(1.0), {2});
  circuit.channel(qsim::pauli_channel({{"IX", 1.0}}), {0, 1});
  circuit.channel(qsim::pauli_channel({{"IX", 1.0}}), {1, 0});
  circuit.measure_all();
  const Shots shots = run_shots<double>(circuit, {}, 100, 3);
  CHECK(shots.counts() == std::map<qsim::BitWords, std::int64_t>{{{0b010}, 100}});
}

TEST_CASE("deferred measurement gives what immediate measurement does") {
  const auto circuit = [](bool deferred) {
    Circuit out(3, 3);
    out.ry(0.7, 0).cx(0, 1).ry(1.1, 1);
    if (!deferred) out.measure(0, 0).when({{{0}, {true}}}, Circuit(3).h(2));
    if (deferred) out.ch(0, 2);
    out.measure(1, 1).measure(2, 2);
    if (deferred) out.measure(0, 0);
    return out;
  };
  const auto exact = [&](bool deferred) {
    return *run_shots<double>(circuit(deferred), {}, 1, 0, qsim::RunMethod::kDensityMatrix).exact;
  };
  const qsim::Distribution now = exact(false);
  const qsim::Distribution later = exact(true);
  REQUIRE(now.size() == later.size());
  for (const auto& [bits, p] : now) CHECK(later.at(bits) == Approx(p).margin(1e-14));
  for (const bool deferred : {false, true}) {
    const Shots shots = run_shots<double>(circuit(deferred), {}, 20'000, 11);
    for (const auto& [bits, count] : shots.counts()) {
      const double expected = 20'000 * now.at(bits);
      CHECK(std::abs(static_cast<double>(count) - expected) < 5 * std::sqrt(expected));
    }
  }
}

TEST_CASE("more than 64 classical bits are kept in words") {
  Circuit circuit({{"q", 2}}, {{"low", 70}, {"high", 60}});
  circuit.x(0).measure(0, 69).measure(1, 70).measure(0, 129);
  const Shots shots = run_shots<double>(circuit, {}, 3, 0);
  CHECK(qsim::bit_text(shots.bits(0), 130) ==
        "1" + std::string(59, '0') + "1" + std::string(69, '0'));
  CHECK(shots.counts("high") ==
        std::map<qsim::BitWords, std::int64_t>{{{std::uint64_t{1} << 59}, 3}});
}

TEST_CASE("final measurements write their own bits and no others") {
  Circuit circuit(3, 140);
  circuit.x(0).x(2).measure(0, 64).measure(0, 3).measure(1, 64).measure(2, 2).measure(0, 139);
  circuit.x(1).measure(1, 5).measure(0, 130).measure(2, 131);
  const Shots shots = run_shots<double>(circuit, {}, 2, 0);
  for (std::int64_t shot = 0; shot < 2; ++shot) {
    for (int b = 0; b < 140; ++b) {
      const bool one = b == 3 || b == 2 || b == 139 || b == 5 || b == 130 || b == 131;
      CHECK(qsim::get_bit(shots.bits(shot), b) == one);
    }
  }
}

TEST_CASE("postselection keeps the shots that have the bits") {
  Circuit circuit(2, 2);
  circuit.h(0).cx(0, 1).ry(0.5, 1).measure_all();
  const Shots kept =
      run_shots<double>(circuit, {}, 4000, 1, qsim::RunMethod::kAuto, {{{0}, {true}}});
  const Shots all = run_shots<double>(circuit, {}, 4000, 1);
  CHECK(kept.n_run == 4000);
  std::int64_t expected = 0;
  for (const auto& [bits, count] : all.counts()) expected += (bits[0] & 1) != 0 ? count : 0;
  CHECK(kept.size() == expected);
  for (std::int64_t shot = 0; shot < kept.size(); ++shot) CHECK(qsim::get_bit(kept.bits(shot), 0));
  const Shots exact =
      run_shots<double>(circuit, {}, 100, 1, qsim::RunMethod::kDensityMatrix, {{{0}, {true}}});
  double sum = 0;
  for (const auto& [bits, p] : *exact.exact) sum += p;
  CHECK(sum == Approx(1));
  CHECK(exact.exact->at({3}) == Approx(std::pow(std::cos(0.25), 2)).margin(1e-12));
}

TEST_CASE("exact distributions keep what is rare in one precision as in the other") {
  constexpr double kP = 1e-3;
  Circuit circuit(1, 4);
  for (int k = 0; k < 4; ++k) circuit.reset(0).ry(2 * std::asin(std::sqrt(kP)), 0).measure(0, k);
  const auto method = qsim::RunMethod::kDensityMatrix;
  const Shots single = run_shots<float>(circuit, {}, 10, 1, method);
  const Shots twice = run_shots<double>(circuit, {}, 10, 1, method);
  CHECK(single.exact->size() == 16);
  CHECK(std::abs(single.exact->at({15}) / std::pow(kP, 4) - 1) < 1e-4);
  CHECK(std::abs(twice.exact->at({15}) / std::pow(kP, 4) - 1) < 1e-10);
}

TEST_CASE("progress grows to all shots, is told on the thread that asks, and may end the run") {
  Circuit circuit(5, 10);
  for (int bit = 0; bit < 10; ++bit) {
    for (int q = 0; q < 5; ++q) circuit.h(q);
    circuit.measure(bit % 5, bit);
  }
  circuit.h(0);
  for (const auto method : {qsim::RunMethod::kTrajectories, qsim::RunMethod::kDensityMatrix}) {
    for (const int threads : {1, 2}) {
      qsim::set_num_threads(threads);
      const auto run = [&](std::int64_t shots, const qsim::Progress::Report& report) {
        return run_shots<double>(circuit, {}, shots, 1, method, {}, report);
      };
      const auto caller = std::this_thread::get_id();
      std::vector<std::int64_t> done;
      constexpr std::int64_t kShots = 1'000'000;
      const Shots told = run(kShots, [&](std::int64_t so_far, std::int64_t all) {
        CHECK(all == kShots);
        CHECK(std::this_thread::get_id() == caller);
        done.push_back(so_far);
      });
      CHECK(std::ranges::is_sorted(done, std::less_equal()));
      CHECK(done.back() == kShots);
      CHECK(same(told, run(kShots, {})));
      struct Enough {};
      CHECK_THROWS_AS(run(kShots, [](std::int64_t, std::int64_t) { throw Enough(); }), Enough);
    }
  }
  qsim::set_num_threads(0);
}

TEST_CASE("bad requests for shots are refused with what is wrong") {
  Circuit circuit(1, 1);
  circuit.measure(0, 0);
  const auto refused = [](std::string_view part, const auto& body) {
    const std::string text = error_of<std::exception>(body);
    INFO(text);
    CHECK(contains(text, part));
  };
  refused("shots is 0", [&] { run_shots<double>(circuit, {}, 0, 0); });
  refused("no parameters, so 'a'", [&] { run_shots<double>(circuit, {{"a", 1.0}}, 1, 0); });
  refused("'t' has no value", [&] {
    Circuit named = circuit;
    run_shots<double>(named.rx(qsim::Parameter("t"), 0), {}, 1, 0);
  });
  refused("none of 10 shots", [&] {
    run_shots<double>(circuit, {}, 10, 0, qsim::RunMethod::kAuto, {{{0}, {true}}});
  });
  refused("bit 1 to postselect on", [&] {
    run_shots<double>(circuit, {}, 10, 0, qsim::RunMethod::kAuto, {{{1}, {true}}});
  });
  refused("no register of classical bits called 'd'",
          [&] { (void)run_shots<double>(circuit, {}, 1, 0).counts("d"); });
  refused("there is no method 'exact'", [] { (void)qsim::run_method("exact"); });
  refused("run it with run()", [&] { (void)qsim::compile(circuit); });
  refused("bytes",
          [&] { run_shots<double>(Circuit(1, 1'000'000).measure(0, 0), {}, 1'000'000'000, 0); });
}
