#include "qsim/compile/rank_plan.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "qsim/circuit/gate_table.h"
#include "qsim/compile/shape.h"
#include "qsim/compile/step_queue.h"
#include "qsim/core/error.h"

namespace qsim {
namespace {

using Uses = std::vector<std::size_t>;  // by qubit, how many steps come before one that mixes it
constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

Uses next_uses(const Program& program, std::span<const int> steps,
               const std::vector<Roles>& roles) {
  constexpr std::size_t kMostLookedAt = 16 * kMostPassedOver;
  Uses out(static_cast<std::size_t>(program.n_qubits), kNever);
  Index left = bit(program.n_qubits) - 1;
  for (std::size_t k = 0; k < std::min(steps.size(), kMostLookedAt) && left != 0; ++k) {
    count_work();
    const auto index = static_cast<std::size_t>(steps[k]);
    const Step& step = program.steps[index];
    if (exchanges_qubits(step) || flips_qubit(step)) continue;
    for (Index rest = roles[index].mixed() & left; rest != 0; rest &= rest - 1) {
      out[static_cast<std::size_t>(std::countr_zero(rest))] = k;
    }
    left &= ~roles[index].mixed();
  }
  return out;
}

// The qubits of the ranks are those that are mixed last.
QubitOrder first_order(const Program& program, int n_local, const std::vector<Roles>& roles) {
  const Uses uses = next_uses(program, all_steps(program, Start::kPrepared), roles);
  std::vector<Qubit> qubits(uses.size());
  std::iota(qubits.begin(), qubits.end(), 0);
  std::ranges::stable_sort(qubits, {}, [&](Qubit q) { return uses[static_cast<std::size_t>(q)]; });
  std::sort(qubits.begin(), qubits.begin() + n_local);
  std::sort(qubits.begin() + n_local, qubits.end());
  std::vector<int> position(uses.size());
  for (std::size_t p = 0; p < qubits.size(); ++p) {
    position[static_cast<std::size_t>(qubits[p])] = static_cast<int>(p);
  }
  return {std::move(position), n_local, 0};
}

class RankPlanner {
 public:
  RankPlanner(const Program& program, const std::vector<Roles>& roles, const QubitOrder& first,
              Start start, int most_swaps)
      : program_(program),
        roles_(roles),
        most_swaps_(most_swaps),
        plan_{first, first},
        rest_(all_steps(program, start), roles, bit(program.n_qubits) - 1) {}

  RankPlan run() {
    plan_.epochs.push_back({{}, take()});
    while (!rest_.empty()) {
      std::vector<QubitSwap> swaps = next_exchange();
      order().exchange(swaps);
      plan_.epochs.push_back({std::move(swaps), take()});
    }
    return std::move(plan_);
  }

 private:
  QubitOrder& order() { return plan_.last; }

  std::vector<int> take() {
    return rest_.take([this](int k, const Roles& roles) {
      const Step& step = program_.steps[static_cast<std::size_t>(k)];
      if (exchanges_qubits(step)) {
        order().relabel(step.targets[0], step.targets[1]);
        return true;
      }
      if (flips_qubit(step) && !order().is_local(step.targets[0])) {
        order().flip(step.targets[0]);
        return true;
      }
      return (roles.mixed() & ~order().local_qubits()) == 0;
    });
  }

  // Qubits by their next use; of equals those at the highest positions are last.
  [[nodiscard]] std::vector<Qubit> by_use(const Uses& uses, int first, int last) const {
    std::vector<Qubit> out;
    for (int p = first; p < last; ++p) out.push_back(plan_.last.qubit_at(p));
    std::ranges::stable_sort(out, {}, [&](Qubit q) { return uses[static_cast<std::size_t>(q)]; });
    return out;
  }

  [[nodiscard]] std::vector<QubitSwap> next_exchange() const {
    const Uses uses = next_uses(program_, rest_.steps(), roles_);
    const QubitOrder& order = plan_.last;
    const auto coming = by_use(uses, order.n_local(), order.n_qubits());
    const auto going = by_use(uses, 0, order.n_local());
    const auto use = [&](Qubit q) { return uses[static_cast<std::size_t>(q)]; };
    const Index needed = roles_[static_cast<std::size_t>(rest_.front())].mixed();
    std::vector<QubitSwap> out;
    for (std::size_t k = 0; k < std::min(coming.size(), going.size()); ++k) {
      const Qubit in = coming[k];
      const Qubit gone = going[going.size() - 1 - k];
      if (use(in) >= use(gone)) break;
      if (static_cast<int>(k) >= most_swaps_ && !has_bit(needed, in)) break;
      out.push_back({order.position(gone), order.position(in)});
    }
    return out;
  }

  const Program& program_;
  const std::vector<Roles>& roles_;
  int most_swaps_;
  RankPlan plan_;
  StepQueue rest_;
};

// An exchange of more qubits than are needed at once pays or not: the best plan of all limits.
RankPlan best_plan(const Program& program, const std::vector<Roles>& roles, const QubitOrder& first,
                   Start start) {
  const int rank_bits = first.n_qubits() - first.n_local();
  std::optional<RankPlan> best;
  for (int most = rank_bits; most >= std::min(rank_bits, 1); --most) {
    RankPlan plan = RankPlanner(program, roles, first, start, most).run();
    if (!best || sent_fraction(plan) < sent_fraction(*best)) best = std::move(plan);
  }
  return std::move(*best);
}

void check_ranks(const Program& program, int rank_bits) {
  require(rank_bits >= 0 && rank_bits < program.n_qubits, "2^", rank_bits,
          " ranks are too many for a state of ", program.n_qubits,
          " qubits; each must hold two amplitudes at least");
}

}  // namespace

bool exchanges_qubits(const Step& step) {
  return step.shape == Shape::kPermutation && step.controls.mask == 0 &&
         step.source == std::vector<int>{0, 2, 1, 3};
}

bool flips_qubit(const Step& step) {
  return step.shape == Shape::kPermutation && step.controls.mask == 0 &&
         step.source == std::vector<int>{1, 0};
}

RankPlan plan_ranks(const Program& program, int rank_bits) {
  const std::vector<Roles> roles = roles_of_all(program);
  const QubitOrder first = first_order(program, program.n_qubits - rank_bits, roles);
  return best_plan(program, roles, first, Start::kPrepared);
}

RankPlan plan_ranks(const Program& program, const QubitOrder& first) {
  return best_plan(program, roles_of_all(program), first, Start::kAnyState);
}

double sent_fraction(const RankPlan& plan, std::size_t first) {
  double out = 0;
  for (std::size_t k = first + 1; k < plan.epochs.size(); ++k) {
    out += 1 - std::ldexp(1.0, -static_cast<int>(plan.epochs[k].exchange.size()));
  }
  return out;
}

std::size_t first_epoch_back(const Program& program, const RankPlan& plan) {
  if (!program.initial.empty()) return 0;
  const auto has_slots = [&](const RankEpoch& epoch) {
    return std::ranges::any_of(
        epoch.steps, [&](int k) { return program.steps[static_cast<std::size_t>(k)].has_slots; });
  };
  return static_cast<std::size_t>(std::ranges::find_if(plan.epochs, has_slots) -
                                  plan.epochs.begin());
}

namespace {

Step cx_step(Qubit control, Qubit target) {
  Step out{.targets = {target},
           .controls = {bit(control), bit(control)},
           .factors = {{.matrix = gate_row("x").matrix}}};
  choose_shape(out);
  return out;
}

// exp(−iφP) = C† exp(−iφP′) C, where C has a cx from one qubit that P mixes to each of the others
// and P′ mixes that one only.
std::vector<Step> between_cx(const Step& step) {
  const PauliString& p = step.pauli;
  const Index pivot = p.x & (~p.x + 1);
  const Index others = p.x & ~pivot;
  const PauliString narrow{pivot, parity(p.z & others) ? p.z ^ pivot : p.z};
  std::vector<Step> cx;
  for (Index rest = others; rest != 0; rest &= rest - 1) {
    cx.push_back(cx_step(std::countr_zero(pivot), std::countr_zero(rest)));
  }
  Step rotation = step;
  rotation.pauli = narrow;
  // Both are i^|x&z| X^x Z^z.
  const int power = std::popcount(p.x & p.z) - std::popcount(narrow.x & narrow.z);
  if (power % 4 != 0) rotation.factors.front().scale *= -1;
  std::vector<Step> out = cx;
  out.push_back(std::move(rotation));
  out.insert(out.end(), cx.begin(), cx.end());
  return out;
}

}  // namespace

Program for_ranks(Program program, int rank_bits) {
  check_ranks(program, rank_bits);
  const int n_local = program.n_qubits - rank_bits;
  std::vector<Step> steps;
  for (std::size_t k = 0; k < program.steps.size(); ++k) {
    Step& step = program.steps[k];
    count_work();
    const int mixed = exchanges_qubits(step) ? 0 : std::popcount(roles_of(step).mixed());
    if (mixed <= n_local) {
      steps.push_back(std::move(step));
      continue;
    }
    require(step.shape == Shape::kRotation, "a gate mixes ", mixed,
            " qubits, and a rank has the amplitudes of ", n_local, ": take fewer ranks");
    for (Step& part : between_cx(step)) {
      part.coefficients = program.n_coefficients;
      program.n_coefficients += part.n_coefficients;
      steps.push_back(std::move(part));
    }
  }
  program.steps = std::move(steps);
  return program;
}

}  // namespace qsim
