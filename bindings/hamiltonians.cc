#include <algorithm>
#include <array>
#include <utility>

#include "bindings/arrays.h"
#include "bindings/goes_with.h"
#include "bindings/library.h"
#include "bindings/pauli_arguments.h"
#include "qsim/core/count_work.h"
#include "qsim/hamiltonians/binary_problems.h"
#include "qsim/hamiltonians/lattices.h"
#include "qsim/hamiltonians/product_formula.h"

namespace ketgrad {
namespace {

using qsim::Edges;
using qsim::PauliSum;

// Pairs of sites.
struct EdgesArg {
  Edges value;
  static EdgesArg from(py::handle h) {
    const auto fail = [](py::handle got) {
      throw py::type_error(
          qsim::concat("edges are a list of pairs such as (0, 1), not ", shown(got)));
    };
    if (py::isinstance<py::str>(h) || !py::isinstance<py::iterable>(h)) fail(h);
    EdgesArg out;
    for (const py::handle item : py::reinterpret_borrow<py::iterable>(h)) {
      qsim::count_work(10);
      if (py::isinstance<py::str>(item) || !py::isinstance<py::iterable>(item)) fail(item);
      const std::vector<qsim::Qubit> ends = QubitsArg::from(item).value;
      if (ends.size() != 2) fail(item);
      out.value.emplace_back(ends[0], ends[1]);
    }
    return out;
  }
  static constexpr auto kType = py::detail::const_name("#many[#many[#int]]");
};

// One coupling for all axes, or three.
struct CouplingArg {
  std::array<double, qsim::kAxes> value{};
  static CouplingArg from(py::handle h) {
    const auto number = read_real(h);
    if (number.value) return {{*number.value, *number.value, *number.value}};
    const auto fail = [&] {
      throw py::type_error(
          qsim::concat("the coupling is a number, or (Jx, Jy, Jz), not ", shown(h), number.why));
    };
    const bool three =
        (py::isinstance<py::list>(h) || py::isinstance<py::tuple>(h)) && py::len(h) == qsim::kAxes;
    if (!three) fail();
    CouplingArg out;
    for (std::size_t axis = 0; axis < qsim::kAxes; ++axis) {
      const py::object item = py::reinterpret_borrow<py::sequence>(h)[axis];
      const auto part = read_real(item);
      if (!part.value) fail();
      out.value.at(axis) = *part.value;
    }
    return out;
  }
  static constexpr auto kType = py::detail::const_name("#float | collections.abc.Sequence[#float]");
};

using OptionalEdges = std::optional<EdgesArg>;

Edges edges_of(int n_sites, bool periodic, const OptionalEdges& edges) {
  qsim::require(!periodic || !edges, "periodic is given with edges, and would be ignored");
  return edges ? edges->value : qsim::chain_edges(n_sites, periodic);
}

void def_lattices(py::module_& m) {
  m.def(
      "transverse_ising",
      [](int n_qubits, double coupling, double field, bool periodic, const OptionalEdges& edges) {
        return qsim::transverse_ising(n_qubits, coupling, field,
                                      edges_of(n_qubits, periodic, edges));
      },
      py::arg("n_qubits"), py::arg("coupling") = 1.0, py::arg("field") = 1.0, py::kw_only(),
      py::arg("periodic") = false, py::arg("edges") = py::none(),
      R"(The Ising model in a transverse field: -coupling sum Z_i Z_j - field sum X_i, a PauliSum.

The first sum is over neighbours in a chain, which periodic=True closes, or over edges, a list of pairs
of qubits. A positive coupling is ferromagnetic. Raises ValueError and IndexError for edges that no
lattice has, also in the functions below.

>>> kg.library.transverse_ising(3, field=0.5)
PauliSum('-IZZ - ZZI - 0.5*IIX - 0.5*IXI - 0.5*XII')
)");
  m.def(
      "heisenberg",
      [](int n_qubits, const CouplingArg& coupling, double field, bool periodic,
         const OptionalEdges& edges) {
        return qsim::heisenberg(n_qubits, coupling.value, field,
                                edges_of(n_qubits, periodic, edges));
      },
      py::arg("n_qubits"), py::arg("coupling") = 1.0, py::arg("field") = 0.0, py::kw_only(),
      py::arg("periodic") = false, py::arg("edges") = py::none(),
      R"(The Heisenberg model: sum Jx X_i X_j + Jy Y_i Y_j + Jz Z_i Z_j + field sum Z_i, a PauliSum.

coupling is J for all three (XXX), or (Jx, Jy, Jz); positive ones are antiferromagnetic. Pauli matrices
are twice the spins, so that J S_i S_j is coupling=J / 4. periodic and edges are those of
transverse_ising().

>>> kg.library.heisenberg(2, (1, 1, 0.5))
PauliSum('0.5*ZZ + XX + YY')
>>> kg.library.heisenberg(4, periodic=True).eigenvalues(1).round(6)
array([-8.])
)");
  m.def(
      "hubbard",
      [](int n_sites, double hopping, double interaction, double chemical_potential, bool periodic,
         const OptionalEdges& edges, std::string_view mapping) {
        const auto kind = qsim::fermion_mapping(mapping);
        return qsim::map_fermions(qsim::hubbard(n_sites, edges_of(n_sites, periodic, edges),
                                                hopping, interaction, chemical_potential),
                                  kind, 2 * std::clamp(n_sites, 1, qsim::kMaxQubits / 2));
      },
      py::arg("n_sites"), py::arg("hopping") = 1.0, py::arg("interaction") = 1.0,
      py::arg("chemical_potential") = 0.0, py::kw_only(), py::arg("periodic") = false,
      py::arg("edges") = py::none(), py::arg("mapping") = "jordan_wigner",
      R"(The Fermi-Hubbard model on 2 n_sites qubits, up to 31 sites, a PauliSum.

-hopping sum (a†_is a_js + a†_js a_is) + interaction sum n_iup n_idown - chemical_potential sum n_is over
neighbours i, j, sites i and spins s (Hubbard 1963, doi:10.1098/rspa.1963.0204). Mode 2i is site i with
spin up, 2i + 1 with spin down; mapping is 'jordan_wigner', 'parity' or 'bravyi_kitaev'. periodic and
edges are those of transverse_ising().

>>> kg.library.hubbard(1, interaction=4.0)
PauliSum('II - IZ - ZI + ZZ')
>>> kg.library.hubbard(2, interaction=4.0, chemical_potential=2.0).eigenvalues(1).round(6)
array([-4.828427])
)");
}

void def_problems(py::module_& m) {
  m.def(
      "maxcut",
      [](const EdgesArg& edges, const std::optional<ArrayLike>& weights, int n_qubits) {
        int needed = 1;
        for (const auto& [a, b] : edges.value) needed = std::max({needed, a + 1, b + 1});
        if (!weights) return qsim::maxcut(n_qubits == 0 ? needed : n_qubits, edges.value);
        const RealArray array = real_array(*weights, "weights");
        qsim::require(
            array.ndim() == 1 && array.size() == static_cast<py::ssize_t>(edges.value.size()),
            "weights must have shape (", edges.value.size(), ",), one an edge");
        return qsim::maxcut(n_qubits == 0 ? needed : n_qubits, edges.value,
                            {array.data(), static_cast<std::size_t>(array.size())});
      },
      py::arg("edges"), py::arg("weights") = py::none(), py::arg("n_qubits") = 0,
      R"(Minus the weight of a cut, to be minimised: sum w (Z_i Z_j - 1) / 2 over edges, a PauliSum.

Bit q of a basis state says on which side vertex q is. weights has shape (n_edges,), 1 each unless given;
n_qubits=0 takes as many as the edges need.

>>> kg.library.maxcut([(0, 1), (1, 2)])
PauliSum('-III + 0.5*IZZ + 0.5*ZZI')
>>> kg.State(3).set_basis(2).expval(kg.library.maxcut([(0, 1), (1, 2)]))
-2.0
)");
  m.def(
      "qubo",
      [](const py::object& matrix) {
        const RealArray array = real_array(matrix, "the matrix of a QUBO");
        qsim::require(array.ndim() == 2, "the matrix of a QUBO must have shape (n, n), got ",
                      array.ndim(), " axes");
        using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
        return qsim::qubo(Eigen::Map<const Rows>(array.data(), array.shape(0), array.shape(1)));
      },
      py::arg("matrix"),
      R"(The value x.T @ matrix @ x of bits x as a PauliSum: x_q = (1 - Z_q) / 2 is bit q.

matrix has shape (n, n), symmetric, triangular or neither; its diagonal are the linear terms, as bits
are their own squares. The offset is the coefficient of the identity: the expectation value of a basis
state is the value itself, and the lowest eigenvalue the minimum. Raises ValueError above 62 bits.

>>> kg.library.qubo([[1.0, -3.0], [0.0, 1.0]])
PauliSum('0.25*II + 0.25*IZ + 0.25*ZI - 0.75*ZZ')
>>> kg.State(2).set_basis(3).expval(kg.library.qubo([[1.0, -3.0], [0.0, 1.0]]))
-1.0
)");
}

void def_formulas(py::module_& m) {
  m.def(
      "trotter",
      [](const PauliSumArg& hamiltonian, const AngleArg& time, int n_steps, int order) {
        const WithoutGil release;
        return qsim::trotter(hamiltonian.value, time.value, n_steps, order);
      },
      py::arg("hamiltonian"), py::arg("time"), py::arg("n_steps") = 1, py::arg("order") = 1,
      R"(A product formula for exp(-i hamiltonian time), up to its phase: a circuit of Pauli rotations.

Each of the steps has the exponentials of all terms in turn (order 1), or Suzuki's symmetric product of
them (order 2, 4, 6 or 8; Suzuki 1991, doi:10.1063/1.529425); the error falls as n_steps**-order.
hamiltonian is a PauliSum or what it is made from; time may be a Parameter or Expression. kg.evolve() has
no such error. Raises ValueError for other orders and less than one step.

>>> kg.library.trotter({'ZZ': 1.0, 'XI': 0.5}, 0.1, order=2).count_gates()
{'pauli_rotation': 3}
>>> kg.library.trotter('X', kg.Parameter('time'), n_steps=3).parameters
['time']
)");
  m.def(
      "qdrift",
      [](const PauliSumArg& hamiltonian, const AngleArg& time, int n_samples, const SeedArg& seed) {
        const std::uint64_t number = seed.get();
        const WithoutGil release;
        return qsim::qdrift(hamiltonian.value, time.value, n_samples, number);
      },
      py::arg("hamiltonian"), py::arg("time"), py::arg("n_samples"), py::arg("seed") = py::none(),
      R"(A random product formula: n_samples terms drawn by the sizes of their coefficients.

(Campbell 2019, arXiv:1811.08017.) Averaged over seeds, the states err by about
2 (sum |c| time)**2 / n_samples, whatever the number of terms. Other arguments are those of trotter();
None draws a fresh seed.

>>> kg.library.qdrift({'ZZ': 1.0, 'XI': 0.5}, 0.1, 100, seed=1).n_qubits
2
)");
}

}  // namespace

void bind_hamiltonians(py::module_& m) {
  def_lattices(m);
  def_problems(m);
  def_formulas(m);
}

}  // namespace ketgrad
