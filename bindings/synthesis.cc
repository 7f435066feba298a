#include <span>

#include "bindings/arguments.h"
#include "bindings/library.h"
#include "bindings/pauli_arguments.h"
#include "qml/circuits/qaoa.h"
#include "qsim/library/multiplexor.h"
#include "qsim/library/permutation.h"
#include "qsim/library/prepare_state.h"
#include "qsim/library/signal_processing.h"
#include "qsim/library/synthesize.h"

// The library's circuits that are made from numbers: states, matrices, angles, polynomials, sums.

namespace ketgrad {
namespace {

using qsim::Circuit;

// The numbers of an array with one axis, as they are when the call comes.
template <class Number>
std::vector<Number> copied(const py::array_t<Number>& array, std::string_view what) {
  qsim::require(array.ndim() == 1, what, " must have one axis, got ", array.ndim());
  return {array.data(), array.data() + array.size()};
}

std::vector<double> real_numbers(const py::object& values, std::string_view what) {
  return copied<double>(real_array(values, what), what);
}

void def_states_and_matrices(py::module_& m) {
  m.def(
      "prepare_state",
      [](const py::object& amplitudes) {
        const std::vector<qsim::Complex> numbers =
            copied<qsim::Complex>(complex_array<double>(amplitudes, "amplitudes"), "amplitudes");
        const WithoutGil release;
        return qsim::prepare_state(numbers);
      },
      py::arg("amplitudes"),
      R"(Gates that make any state of |0...0>, for what cannot set amplitudes as Circuit.initialize does.

amplitudes are 2**n numbers, n from 1 to 16, which are normalised; their phase is kept. At most
2**n - n - 1 CZ (Mottonen et al. 2005, arXiv:quant-ph/0407010; Bergholm et al. 2005,
arXiv:quant-ph/0410066): the qubits are rotated into |0> one after the other, by a gate for each basis
state of the rest. Real amplitudes need ry alone, product states no CZ. The inverse() takes the state
to |0...0>. Raises ValueError for other numbers of amplitudes and for those that are not finite or all 0.

>>> circuit = kg.library.prepare_state([0.6, 0, 0, 0.8j])
>>> print(circuit.state().round(3) + 0)
[0.6+0.j  0. +0.j  0. +0.j  0. +0.8j]
>>> kg.library.prepare_state([1, 0, 0, 0, 0, 0, 0, 1]).count_gates()
{'cz': 2, 'ry': 5}
)");
  m.def(
      "synthesize", [](const MatrixArg& unitary) { return built(qsim::synthesize, unitary.value); },
      py::arg("unitary"),
      R"(A circuit of gates on one and two qubits for any unitary matrix, with its phase.

unitary is 2**n x 2**n, n from 1 to 10. One qubit takes a u; two take the fewest CX there are, 0 to 3
(Shende, Bullock, Markov 2004, arXiv:quant-ph/0308033); n take the quantum Shannon decomposition
(Shende, Bullock, Markov 2006, arXiv:quant-ph/0406176), at most 23/48 4**n - 3/2 2**n + 4/3 CX and CZ,
fewer where the matrix has structure. A matrix that is unitary to 1e-6 stands for the nearest unitary
one. Raises ValueError for other matrices.

>>> matrix = kg.library.qft(3).matrix()
>>> circuit = kg.library.synthesize(matrix)
>>> bool(abs(circuit.matrix() - matrix).max() < 1e-12)
True
)");
  m.def(
      "multiplexed_rotation",
      [](std::string_view rotation, const py::object& angles) {
        const std::vector<double> numbers = real_numbers(angles, "angles");
        const WithoutGil release;
        return qsim::multiplexed_rotation(rotation, numbers);
      },
      py::arg("rotation"), py::arg("angles"),
      R"(The rotation of qubit k by angles[j] where qubits 0 to k - 1 are in |j>: 2**k angles.

rotation is 'rx', 'ry' or 'rz'. Also called uniformly controlled: 2**k rotations and 2**k CX (of rz)
or CZ (of the others) by a Gray code (Mottonen et al. 2004, arXiv:quant-ph/0404089), without those that
the angles do not need. Raises ValueError for other numbers of angles, k from 1 to 15.

>>> kg.library.multiplexed_rotation('ry', [0.1, 0.2, 0.3, 0.7]).count_gates()
{'cz': 4, 'ry': 4}
>>> kg.library.multiplexed_rotation('ry', [0.1, 0.2, 0.1, 0.2]).count_gates()
{'cz': 2, 'ry': 2}
)");
  m.def(
      "diagonal",
      [](const py::object& phases) {
        const std::vector<double> numbers = real_numbers(phases, "phases");
        const WithoutGil release;
        return qsim::diagonal(numbers);
      },
      py::arg("phases"),
      R"(The phase exp(i phases[j]) on |j>: 2**n phases, n from 1 to 16; at most 2**n - 2 CX.

Raises ValueError for other numbers of phases and for those that are not finite.

>>> kg.library.diagonal([0, 0.1, 0.2, 0.7]).count_gates()
{'cx': 2, 'p': 1, 'rz': 3}
)");
  m.def(
      "permutation",
      [](const py::object& images) {
        const std::vector<std::size_t> list = index_list(images, "images");
        const std::vector<qsim::Index> numbers(list.begin(), list.end());
        const WithoutGil release;
        return qsim::permutation(numbers);
      },
      py::arg("images"),
      R"(The circuit that takes |k> to |images[k]>, by X under controls and without ancillas.

images are 0 to 2**n - 1 in any order, n from 1 to 12; at most n 2**n gates (Miller, Maslov, Dueck 2003).
Raises ValueError for other numbers and for those that stand twice.

>>> kg.library.permutation([0, 1, 3, 2]).count_gates()
{'cx': 1}
>>> kg.library.permutation([1, 2, 3, 0]).count_gates()
{'cx': 1, 'x': 1}
)");
}

void def_signal_processing(py::module_& m) {
  m.def(
      "qsp_angles",
      [](const py::object& coefficients) {
        const std::vector<double> numbers = real_numbers(coefficients, "coefficients");
        std::vector<double> angles;
        {
          const WithoutGil release;
          angles = qsim::qsp_angles(numbers);
        }
        const auto size = static_cast<py::ssize_t>(angles.size());
        return to_array(std::move(angles), {size});
      },
      py::arg("coefficients"),
      R"(The angles of qsp() and qsvt() for a polynomial, from its Chebyshev coefficients.

The polynomial sum of coefficients[k] T_k(x) is even or odd, so that every other coefficient is 0, and
at most 1 in size on [-1, 1]; its degree is at most 2000. By Newton's method for symmetric angles (Dong,
Lin, Ni, Wang 2023, arXiv:2307.12468). Raises ValueError for other polynomials.

>>> import numpy as np
>>> angles = kg.library.qsp_angles([0, 0, 0, 0.5])  # T_3(x) / 2
>>> theta = 0.3
>>> amplitude = kg.library.qsp(angles, theta).state()[0]
>>> print(round(amplitude.real, 6), round(0.5 * np.cos(3 * theta), 6))
0.310805 0.310805
)");
  m.def(
      "qsp",
      [](const py::object& angles, const AngleArg& theta) {
        const std::vector<double> numbers = real_numbers(angles, "angles");
        const WithoutGil release;
        return qsim::qsp(numbers, theta.value);
      },
      py::arg("angles"), py::arg("theta"),
      R"(Quantum signal processing: a polynomial of cos(theta) as an amplitude of one qubit.

The operator exp(i angles[0] Z) W exp(i angles[1] Z) W ... exp(i angles[-1] Z) with W = exp(i theta X) (Low,
Chuang 2017, arXiv:1606.02685). The real part of the amplitude of |0> is the polynomial that
qsp_angles() got. theta is a number, a Parameter or an Expression. Raises ValueError for no angles.

>>> kg.library.qsp([0.1, 0.2, 0.3], kg.Parameter('theta')).count_gates()
{'rx': 2, 'rz': 3}
)");
  m.def(
      "qsvt",
      [](const py::object& angles, const Circuit& encoding, int n_ancillas) {
        const std::vector<double> numbers = real_numbers(angles, "angles");
        const Circuit copy = encoding;  // NOLINT(performance-unnecessary-copy-initialization)
        const WithoutGil release;
        return qsim::qsvt(numbers, copy, n_ancillas);
      },
      py::arg("angles"), py::arg("encoding"), py::arg("n_ancillas"),
      R"(The polynomial P of qsp_angles() of a matrix, by the quantum singular value transformation.

encoding is a unitary circuit whose block where its last n_ancillas qubits start and end in |0> is the
matrix A. The result has one qubit more; its block where that and the ancillas start and end in |0> has
P of the singular values of A in their place: P(A) where A is Hermitian (Gilyen, Su, Low, Wiebe 2019,
arXiv:1806.01838). Even polynomials lead from right to right singular vectors. The encoding and its
inverse act in turn, len(angles) - 1 times. Raises ValueError for a circuit that is not unitary, for
n_ancillas outside [1, n_qubits - 1], and for no angles.

>>> import numpy as np
>>> encoding = kg.library.multiplexed_rotation('ry', [0.4, 1.0])  # diag(cos 0.2, cos 0.5)
>>> circuit = kg.library.qsvt(kg.library.qsp_angles([0, 0, 0, 1]), encoding, n_ancillas=1)
>>> print(circuit.matrix()[:2, :2].real.round(3), np.cos([0.6, 1.5]).round(3))
[[0.825 0.   ]
 [0.    0.071]] [0.825 0.071]
)");
}

void def_ansaetze(py::module_& m) {
  m.def(
      "qaoa",
      [](const PauliSumArg& cost, int depth, const std::optional<PauliSumArg>& mixer,
         const std::optional<Circuit>& initial) {
        std::optional<qsim::PauliSum> sum;
        if (mixer) sum = mixer->value;
        return built(qml::qaoa, cost.value, depth, sum, initial);
      },
      py::arg("cost"), py::arg("depth"), py::arg("mixer") = py::none(),
      py::arg("initial") = py::none(),
      R"(The quantum approximate optimization algorithm (Farhi et al. 2014, arXiv:1411.4028).

depth times exp(-i gamma[k] cost) and exp(-i beta[k] mixer). Without a mixer it is the sum of X over
all qubits, and the circuit starts with an H on each; with one (Hadfield et al. 2019, arXiv:1709.03489)
it starts in |0...0>. `initial`, a circuit, is another start. Terms of a sum that do not commute act one
after the other; identities are left out. Raises ValueError for depth < 1, sums without other terms
than identities, and parts on different numbers of qubits.

>>> cost = kg.PauliSum('0.5*ZZI + 0.5*IZZ')
>>> circuit = kg.library.qaoa(cost, depth=2)
>>> circuit.parameters
['gamma[0]', 'gamma[1]', 'beta[0]', 'beta[1]']
>>> circuit.count_gates()
{'h': 3, 'pauli_rotation': 4, 'rx': 6}
)");
  m.def(
      "hamiltonian_variational",
      [](const PauliSumsArg& groups, int depth, const std::optional<Circuit>& initial) {
        return built(qml::hamiltonian_variational, groups.value, depth, initial);
      },
      py::arg("groups"), py::arg("depth"), py::arg("initial") = py::none(),
      R"(The Hamiltonian variational ansatz (Wecker, Hastings, Troyer 2015, arXiv:1507.08969).

depth times exp(-i theta[l * len(groups) + k] groups[k]) for the groups in turn, in layer l. groups is a list
of PauliSum, or of what they are made from; their terms act as those of qaoa(). The circuit starts in
|0...0> or with `initial`. Raises ValueError for depth < 1, no groups, groups without other terms than
identities, and parts on different numbers of qubits.

>>> circuit = kg.library.hamiltonian_variational(['ZZI + IZZ', 'XII + IXI + IIX'], depth=2)
>>> circuit.parameters
['theta[0]', 'theta[1]', 'theta[2]', 'theta[3]']
)");
}

}  // namespace

void bind_synthesis(py::module_& m) {
  def_states_and_matrices(m);
  def_signal_processing(m);
  def_ansaetze(m);
}

}  // namespace ketgrad
