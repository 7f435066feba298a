#include "qsim/compile/conjugate.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "qsim/circuit/gate_table.h"
#include "qsim/core/bits.h"
#include "qsim/core/count_work.h"

namespace qsim {
namespace {

constexpr std::size_t kMostBetween = 8;      // rotations between two cx
constexpr std::int64_t kLargestPhase = 512;  // nodes of an expression

bool is_cx(const Primitive& p) {
  return p.kind == Primitive::Kind::kMatrix && p.targets.size() == 1 && p.controls.size() == 1 &&
         p.controls.front().value && *p.matrix == gate_row("x").matrix;
}

bool is_same_cx(const Primitive& a, const Primitive& b) {
  return is_cx(a) && a.targets == b.targets && a.controls.front().qubit == b.controls.front().qubit;
}

// exp(−i·scale·θ/2·Π) on one value of a qubit alone, as p is.
bool is_phase_of(const Primitive& p, Qubit t) {
  return p.kind == Primitive::Kind::kRotation && p.pauli.is_identity() && p.controls.size() == 1 &&
         p.controls.front().qubit == t;
}

bool is_parity_of(const Primitive& p, Qubit t) {
  return p.kind == Primitive::Kind::kRotation && p.controls.empty() && p.pauli.x == 0 &&
         (p.pauli.z & bit(t)) != 0;
}

Index touched_by(const Primitive& p) {
  Index out = p.pauli.support();
  for (const Qubit q : p.targets) out |= bit(q);
  for (const Control& control : p.controls) out |= bit(control.qubit);
  return out;
}

class Conjugator {
 public:
  explicit Conjugator(int n_qubits) : lines_(static_cast<std::size_t>(n_qubits)) {}

  void add(Primitive primitive) {
    if (is_cx(primitive) && is_absorbed(primitive)) return;
    for_lines(primitive, [&](Line& line) { line.push_back(out_.size()); });
    out_.push_back(std::move(primitive));
  }

  std::vector<Primitive> take() && {
    std::erase_if(out_, [](const Primitive& p) {
      return p.kind == Primitive::Kind::kMatrix && p.targets.empty();
    });
    for (Expression& phase : phases_) {
      out_.push_back({.kind = Primitive::Kind::kRotation, .angle = std::move(phase)});
    }
    return std::move(out_);
  }

 private:
  using Line = std::vector<std::size_t>;  // what acts on a qubit, as places in out_

  Line& line(Qubit q) { return lines_[static_cast<std::size_t>(q)]; }

  template <class Body>
  void for_lines(const Primitive& primitive, const Body& body) {
    for (Index rest = touched_by(primitive); rest != 0; rest &= rest - 1) {
      body(line(std::countr_zero(rest)));
    }
  }

  // How many rotations that cx takes to others are behind an equal one; none where there is none.
  [[nodiscard]] std::size_t n_between(const Line& of_target, const Primitive& cx) const {
    const Qubit t = cx.targets.front();
    for (std::size_t k = 0; k < std::min(of_target.size(), kMostBetween + 1); ++k) {
      const Primitive& p = out_[of_target[of_target.size() - 1 - k]];
      if (!is_phase_of(p, t) && !is_parity_of(p, t)) return is_same_cx(p, cx) ? k : 0;
    }
    return 0;
  }

  // Whether a cx comes to nothing with an equal one before it, and rotations between them.
  bool is_absorbed(const Primitive& cx) {
    const Qubit c = cx.controls.front().qubit;
    Line& of_target = line(cx.targets.front());
    Line& of_control = line(c);
    const std::size_t n = n_between(of_target, cx);
    if (n == 0) return false;
    const auto rotations = std::span(of_target).last(n);
    const auto first = of_target.end() - static_cast<std::ptrdiff_t>(n) - 1;
    // Nothing else may touch the control in between.
    const auto on_control = std::ranges::find(of_control, *first);
    const auto is_rotation = [&](std::size_t k) {
      return std::ranges::find(rotations, k) != rotations.end();
    };
    if (!std::all_of(on_control + 1, of_control.end(), is_rotation)) return false;
    of_control.erase(on_control, of_control.end());
    for (const std::size_t k : rotations) {
      conjugate(out_[k], c, cx.targets.front());
      if ((out_[k].pauli.z & bit(c)) != 0) of_control.push_back(k);
    }
    out_[*first] = {};
    of_target.erase(first);
    return true;
  }

  // exp(−iθ(1 ∓ Z_t)/2) is a parity and a phase of the whole.
  void conjugate(Primitive& rotation, Qubit c, Qubit t) {
    if (is_phase_of(rotation, t)) {
      const double half = rotation.scale / 2;
      add_phase(half * rotation.angle);
      rotation.scale = rotation.controls.front().value ? -half : half;
      rotation.controls.clear();
      rotation.pauli = {0, bit(t)};
    }
    rotation.pauli.z ^= bit(c);
  }

  void add_phase(const Expression& phase) {
    const auto size = [](const Expression& e) { return e.node().size; };
    const bool fits = !phases_.empty() && size(phases_.back()) + size(phase) <= kLargestPhase;
    if (!fits) phases_.emplace_back(0.0);
    phases_.back() = phases_.back() + phase;
  }

  std::vector<Primitive> out_;
  std::vector<Line> lines_;
  std::vector<Expression> phases_;
};

}  // namespace

std::vector<Primitive> with_parities(std::vector<Primitive> primitives, int n_qubits) {
  Conjugator out(n_qubits);
  for (Primitive& primitive : primitives) {
    count_work(4);
    out.add(std::move(primitive));
  }
  return std::move(out).take();
}

}  // namespace qsim
