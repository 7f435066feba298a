#include "qsim/compile/rank_plan.h"

#include <algorithm>
#include <cmath>

#include "qsim/compile/segments.h"
#include "qsim/engines/ranks/rank_costs.h"
#include "qsim/library/fourier.h"
#include "qsim/library/random_circuits.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

// What a plan does is tested by running it (engines/ranks/ranks_test.cc); here is what it costs.

namespace {

using qsim::Circuit;
using qsim::compile_for_ranks;
using qsim::plan_ranks;
using qsim::Program;
using qsim::RankPlan;
using reference::contains;
using reference::error_of;

RankPlan plan_of(const Circuit& circuit, int rank_bits) {
  return plan_ranks(qsim::for_ranks(compile_for_ranks(circuit), rank_bits), rank_bits);
}

}  // namespace

TEST_CASE("a Fourier transform is one exchange, whatever the number of ranks", "[ranks]") {
  for (const int rank_bits : {1, 5, 12}) {
    const RankPlan plan = plan_of(qsim::qft(40), rank_bits);
    CHECK(plan.epochs.size() == 2);
    CHECK(qsim::sent_fraction(plan) == 1 - std::ldexp(1.0, -rank_bits));
  }
}

TEST_CASE("diagonals, controls, flips and swaps cost ranks nothing", "[ranks]") {
  Circuit circuit(8);
  for (int q = 0; q < 4; ++q) circuit.h(q);
  for (int q = 4; q < 8; ++q) {
    circuit.x(q).cx(q, q - 4).rz(0.3, q).cz(q, 4 + (q + 1) % 4).y(q);
  }
  circuit.iswap(4, 0).iswap(5, 6).cp(0.3, 7, 4).pauli_rotation(0.7, "ZZZZ", {4, 5, 6, 7});
  CHECK(plan_of(circuit, 4).epochs.size() == 1);
}

TEST_CASE("in every epoch what its steps mix is local, and every step is done once", "[ranks]") {
  for (int seed = 0; seed < 20; ++seed) {
    reference::Dice dice(static_cast<std::uint64_t>(seed));
    const Program program =
        qsim::for_ranks(compile_for_ranks(reference::random_circuit(
                            {.n_qubits = 9, .n_gates = 60, .max_controls = 2}, dice)),
                        4);
    const RankPlan plan = plan_ranks(program, 4);
    qsim::QubitOrder order = plan.first;
    std::vector<int> done;
    for (const qsim::RankEpoch& epoch : plan.epochs) {
      order.exchange(epoch.exchange);
      for (const int k : epoch.steps) {
        const qsim::Step& step = program.steps[static_cast<std::size_t>(k)];
        done.push_back(k);
        if (qsim::exchanges_qubits(step)) {
          order.relabel(step.targets[0], step.targets[1]);
        } else if (qsim::flips_qubit(step) && !order.is_local(step.targets[0])) {
          order.flip(step.targets[0]);
        } else {
          CHECK((qsim::roles_of(step).mixed() & ~order.local_qubits()) == 0);
        }
      }
    }
    CHECK(order == plan.last);
    std::ranges::sort(done);
    for (std::size_t k = 0; k < done.size(); ++k) {
      REQUIRE(done[k] == static_cast<int>(program.n_leading + k));
    }
    CHECK(done.size() == program.steps.size() - program.n_leading);
  }
}

TEST_CASE("50 qubits are planned for 4096 ranks", "[ranks]") {
  const auto program = compile_for_ranks(qsim::quantum_volume(50, 20, 1));
  const qsim::RankCosts costs = qsim::rank_costs<double>(program, 12);
  CHECK(costs.state_bytes == std::ldexp(16.0, 38));
  CHECK(costs.exchanges + 1 == costs.epochs);
  CHECK(costs.sent_bytes > costs.state_bytes);
  CHECK(costs.run_bytes == costs.state_bytes + 4.0 * (1 << 24));
  CHECK(costs.network_seconds == costs.sent_bytes / 12.5e9);
  CHECK(costs.passes > costs.epochs);
}

TEST_CASE("plans refuse what ranks cannot do", "[ranks]") {
  Circuit wide(4);
  wide.unitary(reference::Dice(1).unitary(2), {0, 1});
  CHECK(contains(error_of<qsim::ValueError>([&] { plan_of(wide, 3); }),
                 "a gate mixes 2 qubits, and a rank has the amplitudes of 1: take fewer ranks"));
  CHECK(contains(error_of<qsim::ValueError>([&] { plan_of(wide, 4); }),
                 "2^4 ranks are too many for a state of 4 qubits"));
  CHECK(contains(error_of<qsim::ValueError>(
                     [&] { qsim::rank_costs<double>(compile_for_ranks(wide), 1, {.network = 0}); }),
                 "a network bandwidth of 0 bytes a second; it must be positive"));
}
