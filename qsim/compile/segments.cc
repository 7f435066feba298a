#include "qsim/compile/segments.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include "qsim/compile/bind.h"
#include "qsim/compile/step_queue.h"
#include "qsim/core/count_work.h"

namespace qsim {
namespace {

bool exchanges_two(const Step& step) { return step.source == std::vector<int>{1, 0}; }

// The qubits that are not |0⟩ at the start.
Index first_reach(const Program& program, int n_qubits, Start start) {
  if (start == Start::kAnyState) return bit(n_qubits) - 1;
  Index out = 0;
  for (const auto& amplitude : program.initial) out |= amplitude.basis_state;
  return out;
}

class Planner {
 public:
  Planner(const Program& program, int n_qubits, TileSize tile, Start start)
      : program_(program),
        n_qubits_(n_qubits),
        n_tile_(std::min(tile.qubits, n_qubits)),
        all_(bit(program.n_qubits) - 1),
        low_(bit(std::min(tile.low, n_qubits)) - 1),
        reach_(first_reach(program, n_qubits, start)),
        roles_(roles_of_all(program)),
        rest_(all_steps(program, start), roles_, all_) {}

  std::vector<Segment> run() {
    std::vector<Segment> out;
    while (!rest_.empty()) out.push_back(next_segment());
    return out;
  }

 private:
  [[nodiscard]] const Step& step(int k) const {
    return program_.steps[static_cast<std::size_t>(k)];
  }
  [[nodiscard]] const Roles& roles(int k) const { return roles_[static_cast<std::size_t>(k)]; }
  [[nodiscard]] bool fits(Index qubits) const { return std::popcount(qubits) <= n_tile_; }

  // Takes every step that the tile has room for.
  Segment next_segment() {
    if (!fits(low_ | needed(roles(rest_.front()), low_))) return whole(rest_.pop());
    Segment out;
    Index qubits = low_;
    std::vector<int> taken = rest_.take([&](int, const Roles& r) {
      const Index wider = qubits | needed(r, qubits);
      if (!fits(wider)) return false;
      qubits = wider;
      return true;
    });
    // A single step gains nothing from a detour through a tile.
    if (taken.size() == 1 && n_tile_ < n_qubits_) return whole(taken.front());
    for (const int k : taken) reach_ |= roles(k).mixed();
    out.reach = reach_;
    out.qubits = tile_qubits(qubits);
    out.ops = ops_of(std::move(taken));
    return out;
  }

  // A segment that acts on the whole state.
  Segment whole(int k) {
    reach_ |= roles(k).mixed();
    return {.ops = {{TileOp::Kind::kStep, {k}}}, .reach = reach_};
  }

  // The qubits a tile needs for a step: all that mix, and one at least.
  static Index needed(const Roles& r, Index qubits) {
    if (r.mixed() != 0 || (r.z & qubits) != 0) return r.mixed();
    return r.z & (~r.z + 1);
  }

  // Filled up to the size of a tile with the lowest qubits left, which makes runs longer.
  [[nodiscard]] std::vector<Qubit> tile_qubits(Index qubits) const {
    for (Qubit q = 0; q < n_qubits_ && fits(qubits | bit(q)); ++q) qubits |= bit(q);
    std::vector<Qubit> out;
    for (Index rest = qubits; rest != 0; rest &= rest - 1) out.push_back(std::countr_zero(rest));
    return out;
  }

  static bool is_other(const Step& step) {
    return !is_linear(step) && !is_single(step) && !is_joint_phase(step);
  }

  // Groups a segment's steps, all of one kind that can come now after the other, and again from the
  // start.
  [[nodiscard]] std::vector<TileOp> ops_of(std::vector<int> steps) const {
    std::vector<TileOp> out;
    const auto add = [&out](TileOp::Kind kind, std::vector<int> members) {
      if (!members.empty()) out.push_back({kind, std::move(members)});
    };
    StepQueue queue(std::move(steps), roles_, all_);
    while (!queue.empty()) {
      add(TileOp::Kind::kLinear,
          queue.take([&](int k, const Roles&) { return is_linear(step(k)); }));
      Index turned = 0;  // no two turns on one qubit
      add(TileOp::Kind::kTurns, queue.take([&](int k, const Roles& r) {
        if (!is_single(step(k)) || (r.all() & turned) != 0) return false;
        turned |= r.all();
        return true;
      }));
      add(TileOp::Kind::kPhases,
          queue.take([&](int k, const Roles&) { return is_joint_phase(step(k)); }));
      for (const int k : queue.take([&](int k, const Roles&) { return is_other(step(k)); })) {
        add(TileOp::Kind::kStep, {k});
      }
    }
    return out;
  }

  const Program& program_;
  int n_qubits_;
  int n_tile_;
  Index all_;
  Index low_;
  Index reach_;
  std::vector<Roles> roles_;
  StepQueue rest_;
};

}  // namespace

bool is_single(const Step& step) {
  return step.shape != Shape::kRotation && step.targets.size() == 1 && step.controls.mask == 0;
}

bool is_joint_phase(const Step& step) {
  return !is_single(step) &&
         (step.shape == Shape::kDiagonal || (step.shape == Shape::kRotation && step.pauli.x == 0));
}

bool is_linear(const Step& step) {
  if (step.shape != Shape::kPermutation) return false;
  const bool cx = exchanges_two(step) && std::popcount(step.controls.mask) == 1;
  const bool swap = step.source == std::vector<int>{0, 2, 1, 3} && step.controls.mask == 0;
  if (!cx && !swap) return false;
  const auto entries = constant_coefficients(step);
  return std::all_of(entries.begin(), entries.end(), [](Complex e) { return e == 1.0; });
}

std::vector<Roles> roles_of_all(const Program& program) {
  std::vector<Roles> out;
  out.reserve(program.steps.size());
  for (const Step& step : program.steps) {
    count_work();
    out.push_back(roles_of(step));
  }
  return out;
}

std::vector<int> all_steps(const Program& program, Start start) {
  const std::size_t first = program.first_step(start);
  std::vector<int> out(program.steps.size() - first);
  std::iota(out.begin(), out.end(), static_cast<int>(first));
  return out;
}

Roles roles_of(const Step& step) {
  Roles out{.z = step.controls.mask};
  const Index targets = mask_of(step.targets);
  switch (step.shape) {
    case Shape::kDiagonal:
      out.z |= targets;
      break;
    case Shape::kRotation:
      out.x = step.pauli.x & ~step.pauli.z;
      out.y = step.pauli.x & step.pauli.z;
      out.z |= step.pauli.z & ~step.pauli.x;
      break;
    case Shape::kPermutation: {
      const auto entries = constant_coefficients(step);
      (exchanges_two(step) && entries[0] == entries[1] ? out.x : out.other) = targets;
      break;
    }
    case Shape::kDense:
      out.other = targets;
      break;
  }
  return out;
}

std::vector<Segment> segments_of(const Program& program, int n_qubits, TileSize tile, Start start) {
  return Planner(program, n_qubits, tile, start).run();
}

}  // namespace qsim
