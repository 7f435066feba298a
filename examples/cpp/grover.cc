// Grover's search: one marked item among 2^n, found with about π/4·√(2^n) questions.

#include <iostream>
#include <vector>

#include "check.h"
#include "qsim/engines/execute.h"

namespace {

using qsim::Circuit;
using qsim::Index;

// All basis states alike, from |0…0⟩ and back.
Circuit uniform(int n) {
  Circuit circuit(n);
  for (int q = 0; q < n; ++q) circuit.h(q);
  return circuit;
}

// Changes the sign of |item⟩ alone: Z on the highest qubit where all others have the item's bits.
// Where the item has a 0 on the highest qubit, X before and after exchanges the two.
Circuit flip(Index item, int n) {
  std::vector<qsim::Control> controls;
  for (int q = 0; q + 1 < n; ++q) controls.push_back({q, qsim::has_bit(item, q)});
  Circuit circuit(n);
  const bool exchange = !qsim::has_bit(item, n - 1);
  if (exchange) circuit.x(n - 1);
  circuit.gate("z", {}, {n - 1}, controls);
  if (exchange) circuit.x(n - 1);
  return circuit;
}

double success(Index item, int n, int rounds) {
  const Circuit superpose = uniform(n);
  Circuit round = flip(item, n);  // the question
  // The answer, made visible: a reflection about the uniform superposition.
  round.compose(superpose).compose(flip(0, n)).compose(superpose);

  Circuit search = superpose;
  search.compose(round.repeat(rounds));
  return qsim::simulate(search).probabilities()[item];
}

}  // namespace

int main() {
  // sin²((2r+1)·arcsin 2^{−n/2}), as in every textbook.
  struct Row {
    int qubits;
    int rounds;
    double expected;
  };
  for (const auto& [n, rounds, expected] :
       {Row{2, 1, 1.0}, Row{3, 2, 0.9453125}, Row{4, 3, 0.9613190}, Row{5, 4, 0.9991823}}) {
    for (const Index item : {Index{0}, qsim::bit(n) - 2, qsim::bit(n) - 1}) {
      const double p = success(item, n, rounds);
      std::cout << n << " qubits, " << rounds << " round(s): item " << item
                << " found with probability " << p << '\n';
      check(p, expected, 5e-8, "the probability of success");
    }
  }
}
