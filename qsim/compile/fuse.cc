#include "qsim/compile/fuse.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <iterator>
#include <span>
#include <utility>

#include "qsim/compile/bind.h"
#include "qsim/compile/segments.h"
#include "qsim/compile/shape.h"
#include "qsim/core/count_work.h"
#include "qsim/core/decompositions.h"

namespace qsim {
namespace {

// Nanoseconds an amplitude in cache, by benchmarks/step_costs: AVX-512, double precision, on a
// virtual AMD EPYC; in single precision and on AVX2 the ratios are much the same.
constexpr std::array kDense{0.28, 0.57, 1.25};  // on one, two, three qubits
constexpr int kMostQubits = kDense.size();
constexpr double kTurn = 0.10;      // four to a pass of 0.37, seven to one of 0.70
constexpr double kRotation = 0.35;  // by a string of Paulis
constexpr double kExchange = 0.30;  // a permutation by itself
// A whole layer of cx, or of diagonals, shares a pass of 0.30.
constexpr double kShared = 0.04;

double cost_of(const Step& step) {
  if (is_single(step)) return kTurn;
  if (is_linear(step) || is_joint_phase(step)) return kShared;
  const double where = std::ldexp(1.0, -std::popcount(step.controls.mask));
  if (step.shape == Shape::kRotation) return kRotation * where;
  if (step.shape == Shape::kPermutation) return kExchange * where;
  return kDense[step.targets.size() - 1] * where;
}

template <class Body>
void for_qubits(Index mask, const Body& body) {
  for (; mask != 0; mask &= mask - 1) body(std::countr_zero(mask));
}

// A step on some qubits, bit k of the matrix's index being the k-th of them.
Matrix matrix_on(const std::vector<Qubit>& qubits, const Step& step, std::span<const Complex> c) {
  const Index size = bit(static_cast<int>(qubits.size()));
  const auto at = [](Index i) { return static_cast<Eigen::Index>(i); };
  Matrix out = Matrix::Zero(at(size), at(size));
  const Index n_entries = bit(static_cast<int>(step.targets.size()));
  const PauliString pauli{gather_bits(step.pauli.x, qubits), gather_bits(step.pauli.z, qubits)};
  const Matrix paulis = pauli_matrix(pauli, static_cast<int>(qubits.size()));
  for (Index row = 0; row < size; ++row) {
    const Index i = scatter_bits(row, qubits);
    const Index r = gather_bits(i, step.targets);
    const auto entry = [&](Index column) -> Complex& {
      const Index from = (i & ~mask_of(step.targets)) | scatter_bits(column, step.targets);
      return out(at(row), at(gather_bits(from, qubits)));
    };
    if (!step.controls.holds(i)) {
      out(at(row), at(row)) = 1.0;
      continue;
    }
    switch (step.shape) {
      case Shape::kDense:
        for (Index column = 0; column < n_entries; ++column) {
          entry(column) = c[r * n_entries + column];
        }
        break;
      case Shape::kDiagonal:
        entry(r) = c[r];
        break;
      case Shape::kPermutation:
        entry(static_cast<Index>(step.source[r])) = c[r];
        break;
      case Shape::kRotation:
        out.row(at(row)) = c[1] * paulis.row(at(row));
        out(at(row), at(row)) += c[0];
        break;
    }
  }
  return out;
}

// One sweep over the steps. A qubit belongs to at most one open group of constant steps, which
// takes in what comes next while it acts on few enough qubits; so groups are on different qubits
// until they are closed.
class Fuser {
 public:
  Fuser(Program& program, int most_qubits)
      : program_(program),
        most_qubits_(most_qubits),
        values_(program.tape.size()),
        owner_(static_cast<std::size_t>(program.n_qubits), kNone),
        open_(owner_.size()) {
    program.tape.evaluate(std::vector<double>(program.n_parameters()), values_);
  }

  void run() {
    for (std::size_t k = program_.n_leading; k < program_.steps.size(); ++k) {
      count_work(4);
      add(k);
    }
    for (Qubit q = 0; q < program_.n_qubits; ++q) close(q);
    std::erase_if(program_.steps, [](const Step& step) { return step.factors.empty(); });
  }

 private:
  static constexpr int kNone = -1;
  struct Group {
    Index qubits = 0;
    double cost = 0;
    std::vector<std::size_t> steps{};
  };

  // The number of the group that a qubit belongs to: its lowest qubit.
  int& owner(Qubit q) { return owner_[static_cast<std::size_t>(q)]; }
  [[nodiscard]] Step& step(std::size_t k) const { return program_.steps[k]; }
  Group& open(int owner) { return open_[static_cast<std::size_t>(owner)]; }

  // The qubits of the group that q belongs to.
  Index open_qubits(Qubit q) { return owner(q) == kNone ? 0 : open(owner(q)).qubits; }

  [[nodiscard]] bool is_constant(const Step& step) const {
    const auto n = static_cast<int>(program_.n_parameters());
    return std::ranges::all_of(step.factors, [&](const Factor& factor) {
      if (factor.slot < 0) return true;
      const Slot& slot = program_.slots[static_cast<std::size_t>(factor.slot)];
      return !program_.tape.depends_on(slot.entry, 0, n);
    });
  }

  void add(std::size_t k) {
    const Index touched = roles_of(step(k)).all();
    Index joint = touched;
    for_qubits(touched, [&](Qubit q) { joint |= open_qubits(q); });
    const bool may_join =
        touched != 0 && std::popcount(touched) <= most_qubits_ && is_constant(step(k));
    if (may_join && std::popcount(joint) <= most_qubits_) return join(k, joint);
    for_qubits(touched, [&](Qubit q) {
      // What lies within the step can still become part of it.
      if (!may_join || (open_qubits(q) & ~touched) != 0) close(q);
    });
    if (may_join) join(k, touched);
  }

  // The groups on these qubits become one, and the step its last.
  void join(std::size_t k, Index qubits) {
    Group all{.qubits = qubits};
    for_qubits(qubits, [&](Qubit q) {
      if (owner(q) == q) {
        const Group one = std::exchange(open(q), {});
        all.cost += one.cost;
        all.steps.insert(all.steps.end(), one.steps.begin(), one.steps.end());
      }
      owner(q) = std::countr_zero(qubits);
    });
    all.cost += cost_of(step(k));
    all.steps.push_back(k);
    open(std::countr_zero(qubits)) = std::move(all);
  }

  // Ends the group that a qubit belongs to.
  void close(Qubit q) {
    if (owner(q) == kNone) return;
    const Group group = std::exchange(open(owner(q)), {});
    for_qubits(group.qubits, [&](Qubit own) { owner(own) = kNone; });
    const auto width = static_cast<std::size_t>(std::popcount(group.qubits));
    if (group.steps.size() < 2 || group.cost <= kDense[width - 1]) return;
    // In the place of the last: whatever is before that on the group's qubits is before all of the
    // group's steps there.
    Step product = product_of(group);
    for (const std::size_t k : group.steps) step(k) = {};
    step(group.steps.back()) = std::move(product);
  }

  [[nodiscard]] Step product_of(const Group& group) const {
    Step out;
    for_qubits(group.qubits, [&](Qubit q) { out.targets.push_back(q); });
    const auto size = static_cast<Eigen::Index>(bit(std::popcount(group.qubits)));
    Matrix product = Matrix::Identity(size, size);
    std::vector<Complex> coefficients;
    for (const std::size_t k : group.steps) {
      count_work(8);
      coefficients.resize(step(k).n_coefficients);
      fill_coefficients(program_, step(k), values_, coefficients);
      product = qsim::product(matrix_on(out.targets, step(k), coefficients), product);
    }
    out.factors = {{.matrix = std::move(product)}};
    choose_shape(out);
    return out;
  }

  Program& program_;
  int most_qubits_;
  std::vector<double> values_;  // of what is constant
  std::vector<int> owner_;
  std::vector<Group> open_;
};

}  // namespace

void fuse_constants(Program& program) {
  // Pairs first: three qubits pay where several of them meet.
  for (int width = 2; width <= kMostQubits; ++width) Fuser(program, width).run();
  program.n_coefficients = 0;
  for (Step& step : program.steps) {
    step.coefficients = program.n_coefficients;
    program.n_coefficients += step.n_coefficients;
  }
}

}  // namespace qsim
