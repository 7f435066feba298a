#include "qsim/library/oracles.h"

#include "bindings/arrays.h"
#include "bindings/library.h"
#include "qsim/library/amplification.h"

namespace ketgrad {
namespace {

using qsim::Circuit;

std::vector<std::uint64_t> words(const py::object& values, std::string_view what) {
  const std::vector<std::size_t> list = index_list(values, what);
  return {list.begin(), list.end()};
}

void def_amplification(py::module_& m) {
  m.def(
      "phase_oracle",
      [](const py::object& marked, int n_qubits) {
        if (is_mask(marked)) {
          throw py::type_error(
              "marked must be a list of basis states, not a mask; np.flatnonzero(mask) lists where "
              "it is True");
        }
        const std::vector<std::uint64_t> states = words(marked, "marked");
        const WithoutGil release;
        return qsim::phase_oracle(states, n_qubits);
      },
      py::arg("marked"), py::arg("n_qubits"),
      R"(Changes the sign of the marked basis states: for each a Z under n_qubits - 1 controls.

marked is a list or an array of whole numbers. Raises ValueError for states beyond 2**n_qubits and for
those given twice.

>>> print(kg.library.phase_oracle([2], 2).matrix().real.diagonal())
[ 1.  1. -1.  1.]
)");
  m.def(
      "grover_operator",
      [](const Circuit& oracle, const std::optional<Circuit>& state_preparation) {
        return built(qsim::grover_operator, oracle, state_preparation);
      },
      py::arg("oracle"), py::arg("state_preparation") = py::none(),
      R"(One iteration of grover(): Q = A (2|0><0| - 1) A^-1 O, for the oracle O and the preparation A.

Where A|0> is good with the probability sin(t)**2, the eigenvalues of Q there are exp(2 i t) and
exp(-2 i t). Raises ValueError for circuits that are not unitary or not of the same size.

>>> kg.library.grover_operator(kg.library.phase_oracle([3], 2)).count_gates()
{'cz': 1, 'h': 4, 'rz': 1, 'x': 2, 'z': 1}
)");
  m.def(
      "grover",
      [](const Circuit& oracle, int n_iterations, const std::optional<Circuit>& state_preparation) {
        return built(qsim::grover, oracle, n_iterations, state_preparation);
      },
      py::arg("oracle"), py::arg("n_iterations"), py::arg("state_preparation") = py::none(),
      R"(Grover's search (arXiv:quant-ph/9605043), or amplitude amplification (arXiv:quant-ph/0005055).

oracle changes the sign of the good states, as phase_oracle() does. state_preparation makes the
start from |0...0>, by default the uniform sum of all states. Where that is good with the
probability sin(t)**2, the outcome is so with sin((2 * n_iterations + 1) * t)**2; grover_iterations()
has the best number. Raises ValueError for circuits that are not unitary or not of the same size, and
for a negative number of iterations.

>>> search = kg.library.grover(kg.library.phase_oracle([5], 3), 2)
>>> round(float(kg.State(3).apply(search).probabilities()[5]), 4)
0.9453
)");
  m.def(
      "grover_iterations", &qsim::grover_iterations, py::arg("probability"),
      R"(The least number of iterations with the greatest chance of success: about pi/4 / sqrt(probability).

probability is that of the start to be good, M / N for M marked states of N and a uniform start. Raises
ValueError outside [1e-18, 1].

>>> kg.library.grover_iterations(1 / 1024)
25
)");
}

void def_promises(py::module_& m) {
  m.def(
      "deutsch_jozsa", [](const Circuit& oracle) { return built(qsim::deutsch_jozsa, oracle); },
      py::arg("oracle"),
      R"(Tells by one call whether a function of n bits is constant or balanced (Deutsch and Jozsa 1992).

oracle takes |x>|y> to |x>|y + f(x) mod 2>, y on its last qubit, as function_oracle() does. The bits
that are measured are all 0 where f is constant, and never where it is balanced. Raises ValueError for
oracles that are not unitary or have a single qubit.

>>> parity = kg.library.function_oracle([0, 1, 1, 0])
>>> kg.library.deutsch_jozsa(parity).run(10, seed=1).counts()
{'11': 10}
)");
  m.def(
      "bernstein_vazirani",
      [](const std::string& secret) {
        const WithoutGil release;
        return qsim::bernstein_vazirani(secret);
      },
      py::arg("secret"),
      R"(Finds a secret by one call of inner_product_oracle() (Bernstein and Vazirani 1993).

secret is text of 0 and 1, the last character for qubit 0; the bits that are measured are the same.
Raises ValueError for other text.

>>> kg.library.bernstein_vazirani('1011').run(10).counts()
{'1011': 10}
)");
  m.def(
      "simon", [](const Circuit& oracle) { return built(qsim::simon, oracle); }, py::arg("oracle"),
      R"(One call of Simon's algorithm (1994): measures a y that is orthogonal to the secret, mod 2.

oracle takes |x>|y> to |x>|y XOR f(x)>, x on the first half of its qubits, for an f with
f(x) = f(x XOR s) that is otherwise one to one, as simon_oracle() does; simon_secret() finds s from
several outcomes. Raises ValueError for oracles that are not unitary or have an odd number of qubits.

>>> result = kg.library.simon(kg.library.simon_oracle('110')).run(50, seed=1)
>>> sorted(result.counts())
['000', '001', '110', '111']
>>> kg.library.simon_secret(list(result.counts()))
'110'
)");
  m.def(
      "simon_secret",
      [](const std::vector<std::string>& outcomes) { return qsim::simon_secret(outcomes); },
      py::arg("outcomes"),
      R"(The secret that is orthogonal to all outcomes of simon(), by elimination over GF(2).

outcomes are texts of bits. The secret is all zeros where they span everything. Raises ValueError for
fewer than n - 1 independent outcomes of n bits, for texts of several lengths or above 64 bits.

>>> kg.library.simon_secret(['001', '110'])
'110'
)");
}

void def_oracles(py::module_& m) {
  m.def(
      "function_oracle",
      [](const py::object& table, int n_outputs) {
        const std::vector<std::uint64_t> values = words(table, "table");
        const WithoutGil release;
        return qsim::function_oracle(values, n_outputs);
      },
      py::arg("table"), py::arg("n_outputs") = 1,
      R"(The oracle |x>|y> to |x>|y XOR f(x)> of a function by its 2**n values, each below 2**n_outputs.

x is on the first n qubits. One X under controls for every product of bits in the algebraic normal
form of f, so that linear functions have CNOTs alone. Raises ValueError for a table of another length
and for values out of range.

>>> kg.library.function_oracle([0, 0, 0, 1]) == Circuit(3).ccx(0, 1, 2)
True
)");
  m.def(
      "inner_product_oracle",
      [](const std::string& secret) { return built(qsim::inner_product_oracle, secret); },
      py::arg("secret"),
      R"(The oracle of f(x) = s.x mod 2 for a secret s, text of 0 and 1, the last one for qubit 0.

Raises ValueError for other text.

>>> kg.library.inner_product_oracle('101') == Circuit(4).cx(0, 3).cx(2, 3)
True
)");
  m.def(
      "simon_oracle", [](const std::string& secret) { return built(qsim::simon_oracle, secret); },
      py::arg("secret"),
      R"(The oracle of a function of n bits with n bits that has f(x) = f(x XOR secret), for simon().

It is otherwise one to one. secret is text of 0 and 1, the last one for qubit 0; with a 0 everywhere f
is x itself. Raises ValueError for other text.

>>> kg.library.simon_oracle('110').count_gates()
{'cx': 5}
)");
}

}  // namespace

void bind_oracles(py::module_& m) {
  def_oracles(m);
  def_amplification(m);
  def_promises(m);
}

}  // namespace ketgrad
