#include "qsim/hamiltonians/product_formula.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "qsim/circuit/room.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/random.h"

namespace qsim {
namespace {

constexpr int kHighestOrder = 8;

std::vector<PauliTerm> terms_with_gates(const PauliSum& hamiltonian) {
  std::vector<PauliTerm> out = hamiltonian.terms();
  std::erase_if(out, [](const PauliTerm& term) { return term.string.is_identity(); });
  return out;
}

// Exponentials one after the other, those of one string in a row as one.
class Formula {
 public:
  Formula(std::span<const PauliTerm> terms, const Expression& time, Circuit& circuit)
      : terms_(terms), time_(time), circuit_(circuit) {}

  // exp(−i c_k P_k · share · t).
  void exponential(std::size_t k, double share) {
    count_work(4);
    if (k != waiting_) finish();
    waiting_ = k;
    share_ += share;
  }

  void step(int order, double share) {
    constexpr double kBranches = 4;
    if (order == 1) {
      for (std::size_t k = 0; k < terms_.size(); ++k) exponential(k, share);
    } else if (order == 2) {
      for (std::size_t k = 0; k < terms_.size(); ++k) exponential(k, share / 2);
      for (std::size_t k = terms_.size(); k-- > 0;) exponential(k, share / 2);
    } else {
      const double part = share / (kBranches - std::pow(kBranches, 1.0 / (order - 1)));
      for (const double of_branch : {part, part, share - kBranches * part, part, part}) {
        step(order - 2, of_branch);
      }
    }
  }

  void finish() {
    if (waiting_ < terms_.size() && share_ != 0) {
      const auto& [coefficient, string] = terms_[waiting_];
      add_rotation(string, time_ * (2 * coefficient * share_), circuit_);
    }
    share_ = 0;
  }

 private:
  std::span<const PauliTerm> terms_;
  const Expression& time_;
  Circuit& circuit_;
  std::size_t waiting_ = SIZE_MAX;
  double share_ = 0;
};

}  // namespace

void add_rotation(const PauliString& string, const Expression& theta, Circuit& circuit) {
  std::string letters;
  std::vector<Qubit> qubits;
  for (Index rest = string.support(); rest != 0; rest &= rest - 1) {
    qubits.push_back(std::countr_zero(rest));
    letters += string.letter(qubits.back());
  }
  circuit.pauli_rotation(theta, letters, std::move(qubits));
}

Circuit trotter(const PauliSum& hamiltonian, const Expression& time, WholeNumber n_steps,
                WholeNumber order) {
  require(n_steps >= 1, "the number of steps of a product formula is ", int{n_steps},
          "; it must be at least 1");
  require(order == 1 || (order >= 2 && order <= kHighestOrder && order % 2 == 0),
          "there is no product formula of order ", int{order}, "; there are 1, 2, 4, 6 and ",
          kHighestOrder);
  Circuit out(hamiltonian.n_qubits());
  const std::vector<PauliTerm> terms = terms_with_gates(hamiltonian);
  double exponentials = static_cast<double>(terms.size()) * (order == 1 ? 1 : 2);
  for (int k = 2; k < order; k += 2) exponentials *= 5;
  require_operations(exponentials * n_steps, "a product formula");
  Formula formula(terms, time, out);
  for (int k = 0; k < n_steps; ++k) formula.step(order, 1.0 / n_steps);
  formula.finish();
  return out;
}

Circuit qdrift(const PauliSum& hamiltonian, const Expression& time, WholeNumber n_samples,
               std::uint64_t seed) {
  require(n_samples >= 1, "the number of samples of a random product formula is ", int{n_samples},
          "; it must be at least 1");
  Circuit out(hamiltonian.n_qubits());
  const std::vector<PauliTerm> terms = terms_with_gates(hamiltonian);
  if (terms.empty()) return out;
  require_operations(n_samples, "a random product formula");
  std::vector<double> sums;
  double total = 0;
  for (const PauliTerm& term : terms) sums.push_back(total += std::abs(term.coefficient));
  Formula formula(terms, time, out);
  Random random(seed);
  for (int k = 0; k < n_samples; ++k) {
    const auto place = std::ranges::upper_bound(sums, random.uniform() * total);
    const auto chosen = std::min(static_cast<std::size_t>(place - sums.begin()), sums.size() - 1);
    // A rotation of the same angle for every term: c · share = ±Σ|c| / n_samples.
    formula.exponential(chosen, total / std::abs(terms[chosen].coefficient) / n_samples);
  }
  formula.finish();
  return out;
}

}  // namespace qsim
