#include "bindings/library.h"

#include "bindings/arguments.h"
#include "bindings/named_values.h"
#include "qsim/core/count_work.h"
#include "qsim/library/fourier.h"
#include "qsim/library/overlap_tests.h"
#include "qsim/library/phase_estimation.h"
#include "qsim/library/random_circuits.h"
#include "qsim/library/states.h"

namespace ketgrad {
namespace {

using qsim::Circuit;
using Edges = std::vector<std::pair<int, int>>;

// Weights of all outcomes, from those of some by their bits.
std::vector<double> all_weights(const std::map<std::string, double>& by_bits) {
  constexpr std::size_t kMostBits = 30;
  std::vector<double> out;
  std::size_t n = 0;
  for (const auto& [bits, weight] : by_bits) {
    qsim::count_work();
    if (out.empty()) {
      n = bits.size();
      qsim::require(n >= 1 && n <= kMostBits, "outcome '", bits, "' has ", n, " bits, but 1 to ",
                    kMostBits, " are right");
      out.resize(std::size_t{1} << n);
    }
    qsim::require(bits.size() == n && bits.find_first_not_of("01") == std::string::npos,
                  "outcome '", bits, "' is not a text of ", n, " bits");
    out[std::stoul(bits, nullptr, 2)] = weight;
  }
  return out;
}

std::map<std::string, double> weights_by_bits(const py::object& outcomes) {
  std::map<std::string, double> out;
  for (const auto& [key, weight] : py::dict(outcomes)) {
    qsim::count_work();
    if (!py::isinstance<py::str>(key)) {
      throw py::type_error(qsim::concat(
          "outcomes are given by text of bits, such as {'010': 900}, not by ", shown(key)));
    }
    const std::string bits = text_of(key);
    const auto number = read_real(weight);
    if (!number.value) {
      throw py::type_error(qsim::concat("the weight of outcome '", bits, "' must be a number, not ",
                                        shown(weight), number.why));
    }
    out.emplace(bits, *number.value);
  }
  return out;
}

double estimated_phase(const py::object& outcomes) {
  if (is_by_name(outcomes)) return qsim::estimate_phase(all_weights(weights_by_bits(outcomes)));
  const RealArray weights = real_array(outcomes, "outcomes");
  qsim::require(weights.ndim() == 1, "outcomes must have one axis, got ", weights.ndim());
  return qsim::estimate_phase({weights.data(), static_cast<std::size_t>(weights.size())});
}

void def_phases(py::module_& m) {
  m.def(
      "qft",
      [](int n_qubits, bool inverse, bool swaps, int degree) {
        return built(qsim::qft, n_qubits, inverse, swaps, degree);
      },
      py::arg("n_qubits"), py::arg("inverse") = false, py::arg("swaps") = true,
      py::arg("degree") = 0,
      R"(The quantum Fourier transform (Coppersmith 1994, arXiv:quant-ph/0201067).

|x> becomes the sum of exp(2 pi i x y / 2**n) |y> / sqrt(2**n) over all y, for n = n_qubits. inverse=True
is the inverse of it. Without swaps, the result has its bits in reverse order. A degree d of 1 or more
leaves out the controlled phases between qubits d or more apart, for an error below 2 pi n 2**-d;
degree=0 has them all. Raises ValueError for sizes that no circuit has and for a negative degree.

>>> kg.library.qft(4).count_gates()
{'cp': 6, 'h': 4, 'swap': 2}
>>> kg.library.qft(4, inverse=True) == kg.library.qft(4).inverse()
True
)");
  m.def(
      "phase_estimation",
      [](const Circuit& unitary, int n_counting) {
        return built(qsim::phase_estimation, unitary, n_counting);
      },
      py::arg("unitary"), py::arg("n_counting"),
      R"(Phase estimation of a circuit (Kitaev 1995; Cleve et al. 1998, arXiv:quant-ph/9708016).

The n qubits of `unitary` come first and are to hold an eigenstate of it, or a sum of them; n_counting
qubits follow. For an eigenvalue exp(2 pi i phi) these show the whole number next to
2**n_counting * phi with a probability of 4 / pi**2 at least. A circuit of one operation is raised to
a power at once; any other is repeated, 2**n_counting - 1 times in all. Raises ValueError for
circuits that are not unitary and for n_counting outside [1, 30].

>>> estimation = kg.library.phase_estimation(Circuit(1).p(0.25 * 2 * 3.141592653589793, 0), 3)
>>> state = kg.State(4).apply(Circuit(4).x(0).compose(estimation))
>>> int(state.probabilities([1, 2, 3]).argmax())
2
)");
  m.def("estimate_phase", &estimated_phase, py::arg("outcomes"),
        R"(The phase in [0, 1) that phase_estimation() has found.

outcomes are weights of the 2**m values of the counting qubits, such as probabilities, or a dict of
counts by text of bits; of any sum. The phase lies where the two largest neighbours put it: exact for
the exact probabilities of an eigenstate. Of a sum of eigenstates the most probable one counts.
Raises ValueError for weights that are negative, not finite, all 0 or not 2, 4, 8 ... many.

>>> kg.library.estimate_phase({'010': 900, '011': 0})
0.25
>>> kg.library.estimate_phase([0.5, 0.5])
0.25
)");
  m.def(
      "hadamard_test",
      [](const Circuit& unitary, bool imaginary) {
        return built(qsim::hadamard_test, unitary, imaginary);
      },
      py::arg("unitary"), py::arg("imaginary") = false,
      R"(The Hadamard test: <Z> of a further, last qubit is the real part of <psi|U|psi>.

psi is the state of the first qubits, U the circuit `unitary`; imaginary=True has the imaginary part.
Raises ValueError for circuits that are not unitary.

>>> test = kg.library.hadamard_test(Circuit(1).rx(0.5, 0))
>>> round(float(kg.compile(test, 'ZI').expval()[0]), 6)  # cos(0.25)
0.968912
)");
  m.def(
      "swap_test", [](int n_qubits) { return built(qsim::swap_test, n_qubits); },
      py::arg("n_qubits"),
      R"(The swap test of two states of n_qubits each (Buhrman et al. 2001, arXiv:quant-ph/0102001).

The states are on the first n_qubits and on the n_qubits behind; <Z> of the last of the
2 * n_qubits + 1 qubits is the trace of the product of their density matrices, for pure states
|<psi|phi>|**2. Raises ValueError for sizes that no circuit has.

>>> test = Circuit(3).ry(0.5, 0).compose(kg.library.swap_test(1))
>>> round(float(kg.compile(test, 'ZII').expval()[0]), 6)  # cos(0.25)**2
0.938791
)");
}

void def_states(py::module_& m) {
  m.def(
      "ghz_state", [](int n_qubits) { return built(qsim::ghz_state, n_qubits); },
      py::arg("n_qubits"),
      R"(The state (|0...0> + |1...1>) / sqrt(2): an H and n_qubits - 1 CNOTs in a row.

Raises ValueError for sizes that no circuit has.

>>> print(kg.State(3).apply(kg.library.ghz_state(3)).probabilities().round(3))
[0.5 0.  0.  0.  0.  0.  0.  0.5]
)");
  m.def(
      "w_state", [](int n_qubits) { return built(qsim::w_state, n_qubits); }, py::arg("n_qubits"),
      R"(The sum of the basis states of n_qubits with one 1, normalised.

n_qubits - 1 controlled rotations, each with a CNOT. Raises ValueError for sizes that no circuit has.

>>> print(kg.State(2).apply(kg.library.w_state(2)).probabilities().round(3))
[0.  0.5 0.5 0. ]
)");
  m.def(
      "dicke_state",
      [](int n_qubits, int n_ones) { return built(qsim::dicke_state, n_qubits, n_ones); },
      py::arg("n_qubits"), py::arg("n_ones"),
      R"(The sum of the basis states of n_qubits with n_ones 1s, normalised.

The deterministic circuit of Baertschi and Eidenbenz 2019 (arXiv:1904.07358), of about
n_ones * n_qubits controlled rotations. Raises ValueError for n_ones outside [0, n_qubits].

>>> state = kg.State(4).apply(kg.library.dicke_state(4, 2))
>>> round(float(state.probabilities()[0b0110]), 6)
0.166667
)");
  m.def(
      "graph_state",
      [](const Edges& edges, int n_qubits) {
        const WithoutGil release;
        return qsim::graph_state(edges, n_qubits);
      },
      py::arg("edges"), py::arg("n_qubits") = 0,
      R"(The state of a graph: an H on every qubit, a CZ on every edge (arXiv:quant-ph/0307130).

edges are pairs of qubits; n_qubits=0 is as many as they name. Raises ValueError for edges given twice
and for edges of a qubit with itself, IndexError for those beyond n_qubits.

>>> kg.library.graph_state([(0, 1), (1, 2)]).count_gates()
{'cz': 2, 'h': 3}
)");
}

void def_random_circuits(py::module_& m) {
  m.def(
      "quantum_volume",
      [](int n_qubits, int depth, const SeedArg& seed) {
        return built(qsim::quantum_volume, n_qubits, depth, seed.get());
      },
      py::arg("n_qubits"), py::arg("depth") = 0, py::arg("seed") = py::none(),
      R"(The random circuit that measures quantum volume (Cross et al. 2019, arXiv:1811.12926).

depth times (0: n_qubits times), the qubits are paired at random, and each of the n_qubits // 2 pairs
gets a matrix of SU(4), uniform by Haar's measure. A seed gives the same circuit on every machine;
None a fresh one. Raises ValueError for fewer than 2 qubits and a negative depth.

>>> kg.library.quantum_volume(5, seed=1).count_gates()
{'unitary': 10}
)");
  m.def(
      "random_clifford",
      [](int n_qubits, const SeedArg& seed) {
        return built(qsim::random_clifford, n_qubits, seed.get());
      },
      py::arg("n_qubits"), py::arg("seed") = py::none(),
      R"(An element of the Clifford group, each as probable as any other (arXiv:2008.06011).

About n_qubits**2 gates h, s, cx, swap and Paulis. A seed gives the same circuit on every machine;
None a fresh one. Raises ValueError for sizes that no circuit has.

>>> circuit = kg.library.random_clifford(3, seed=1)
>>> set(circuit.count_gates()) <= {'h', 's', 'cx', 'swap', 'x', 'y', 'z'}
True
)");
}

}  // namespace

void bind_library(py::module_& m) {
  def_phases(m);
  def_states(m);
  def_random_circuits(m);
  bind_oracles(m);
  bind_modular(m);
}

}  // namespace ketgrad
