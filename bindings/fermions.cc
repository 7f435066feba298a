#include <utility>

#include "bindings/arguments.h"
#include "bindings/library.h"
#include "bindings/pickled.h"
#include "qsim/core/count_work.h"
#include "qsim/hamiltonians/fermion_mapping.h"
#include "qsim/hamiltonians/fermion_operator.h"
#include "qsim/hamiltonians/molecule.h"
#include "qsim/hamiltonians/uccsd.h"

namespace ketgrad {
namespace {

using qsim::Complex;
using qsim::FermionMapping;
using qsim::FermionOperator;

// A number as a factor: nothing for what is none, which is left to Python.
std::optional<Complex> factor_of(const py::object& number) { return read_complex(number).value; }

Complex coefficient_of_product(const std::string& text, py::handle value) {
  const auto read = read_complex(value);
  if (read.value) return *read.value;
  throw py::type_error(qsim::concat("the coefficient of '", text, "' must be a number, not ",
                                    shown(value), read.why));
}

FermionOperator from_product(const std::string& product, const py::object& coefficient) {
  return FermionOperator(FermionOperator::parse(product),
                         coefficient_of_product(product, coefficient));
}

FermionOperator from_products(const py::dict& terms) {
  FermionOperator out;
  for (const auto& [key, value] : terms) {
    if (!py::isinstance<py::str>(key)) {
      throw py::type_error(qsim::concat(
          "the terms of a FermionOperator are {'0^ 1': 0.5}, by text,", " not by ", shown(key)));
    }
    out += from_product(text_of(key), py::reinterpret_borrow<py::object>(value));
  }
  return out;
}

py::dict terms_of(const FermionOperator& op) {
  py::dict out;
  for (const auto& [product, coefficient] : op.terms()) {
    qsim::count_work(1 + product.size());
    const py::str key(FermionOperator::text(product));
    const bool real = coefficient.imag() == 0;
    out[key] = real ? py::object(py::float_(coefficient.real())) : py::cast(coefficient);
  }
  return out;
}

std::string repr_of(const FermionOperator& op) {
  return "FermionOperator(" + py::repr(terms_of(op)).cast<std::string>() + ")";
}

void def_fermion_arithmetic(py::class_<FermionOperator>& c) {
  const auto times = [](const FermionOperator& a, const py::object& b) -> py::object {
    const auto factor = factor_of(b);
    if (!factor) return py::reinterpret_borrow<py::object>(Py_NotImplemented);
    return py::cast(a * *factor);
  };
  c.def(
       "__add__", [](const FermionOperator& a, const FermionOperator& b) { return a + b; },
       py::arg("other"), py::is_operator())
      .def(
          "__sub__", [](const FermionOperator& a, const FermionOperator& b) { return a - b; },
          py::arg("other"), py::is_operator())
      .def("__neg__", [](const FermionOperator& a) { return a * -1.0; })
      .def("__mul__", times, py::arg("factor"), py::is_operator())
      .def("__rmul__", times, py::arg("factor"), py::is_operator())
      .def(
          "__matmul__", [](const FermionOperator& a, const FermionOperator& b) { return a * b; },
          py::arg("other"), py::is_operator(), "The operator product.")
      .def(
          "__eq__", [](const FermionOperator& a, const FermionOperator& b) { return a == b; },
          py::arg("other"), py::is_operator());
  c.attr("__hash__") = py::none();
}

qsim::PauliSum mapped(const FermionOperator& op, FermionMapping mapping, int n_qubits) {
  const WithoutGil release;
  return qsim::map_fermions(op, mapping, n_qubits);
}

void def_mappings(py::module_& m) {
  m.def(
      "jordan_wigner",
      [](const FermionOperator& op, int n_qubits) {
        return mapped(op, FermionMapping::kJordanWigner, n_qubits);
      },
      py::arg("operator"), py::arg("n_qubits") = 0,
      R"(A Hermitian FermionOperator on qubits: qubit q is the occupation of mode q.

(Jordan and Wigner 1928, doi:10.1007/BF01331938.) n_qubits=0 takes as many as the operator has modes.
Raises ValueError for an operator that is not Hermitian, as for the two mappings below.

>>> kg.library.jordan_wigner(kg.FermionOperator({'0^ 2': 1, '2^ 0': 1}))
PauliSum('0.5*XZX + 0.5*YZY')
)");
  m.def(
      "parity",
      [](const FermionOperator& op, int n_qubits) {
        return mapped(op, FermionMapping::kParity, n_qubits);
      },
      py::arg("operator"), py::arg("n_qubits") = 0,
      R"(The same with qubit q the parity of the occupations of modes 0 to q.

(Seeley, Richard and Love 2012, arXiv:1208.5986.)

>>> kg.library.parity(kg.FermionOperator('1^ 1'))
PauliSum('0.5*II - 0.5*ZZ')
)");
  m.def(
      "bravyi_kitaev",
      [](const FermionOperator& op, int n_qubits) {
        return mapped(op, FermionMapping::kBravyiKitaev, n_qubits);
      },
      py::arg("operator"), py::arg("n_qubits") = 0,
      R"(The same with qubits that hold the parity of blocks of modes, as of a Fenwick tree.

Strings have about log2(n_qubits) letters (Bravyi and Kitaev 2002, arXiv:quant-ph/0003137; Seeley,
Richard and Love 2012, arXiv:1208.5986).

>>> kg.library.bravyi_kitaev(kg.FermionOperator('1^ 1'))
PauliSum('0.5*II - 0.5*ZZ')
)");
}

void def_chemistry(py::module_& m) {
  m.def(
      "molecular_hamiltonian",
      [](const py::object& one_body, const py::object& two_body, double constant) {
        const RealArray h = real_array(one_body, "one_body");
        const RealArray g = real_array(two_body, "two_body");
        qsim::require(h.ndim() == 2 && h.shape(0) == h.shape(1),
                      "one_body must have shape (n, n), got ", h.ndim(), " axes");
        const auto n = h.shape(0);
        bool fits = g.ndim() == 4;
        for (py::ssize_t axis = 0; fits && axis < 4; ++axis) fits = g.shape(axis) == n;
        qsim::require(fits, "two_body must have shape (n, n, n, n) with n = ", n,
                      ", as one_body has");
        using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
        const Eigen::MatrixXd integrals = Eigen::Map<const Rows>(h.data(), n, n);
        const std::span<const double> pairs(g.data(), static_cast<std::size_t>(g.size()));
        const WithoutGil release;
        return qsim::molecular_hamiltonian(integrals, pairs, constant);
      },
      py::arg("one_body"), py::arg("two_body"), py::arg("constant") = 0.0,
      R"(The FermionOperator of a molecule's electrons, from its integrals over n real orbitals.

constant + sum h[p,q] a†_ps a_qs + 1/2 sum (pq|rs) a†_ps a†_rt a_st a_qs over orbitals p, q, r, s and
spins: one_body is h of shape (n, n), two_body (pq|rs) as chemists write it, of shape (n, n, n, n);
constant is the energy of the nuclei. Mode 2p is orbital p with spin up, 2p + 1 with spin down. Raises
ValueError for other shapes and above 31 orbitals.

>>> kg.library.molecular_hamiltonian([[-1.0]], [[[[0.5]]]], constant=0.25)
FermionOperator({'': 0.25, '0^ 0': -1.0, '0^ 1^ 1 0': 0.25, '1^ 0^ 0 1': 0.25, '1^ 1': -1.0})
)");
  m.def(
      "uccsd",
      [](int n_electrons, int n_spin_orbitals, std::string_view mapping) {
        const FermionMapping kind = qsim::fermion_mapping(mapping);
        const WithoutGil release;
        return qsim::uccsd(n_electrons, n_spin_orbitals, kind);
      },
      py::arg("n_electrons"), py::arg("n_spin_orbitals"), py::arg("mapping") = "jordan_wigner",
      R"(Unitary coupled cluster with singles and doubles: a circuit with an angle an excitation.

The electrons in the lowest spin orbitals, then exp(t[k] (T - T†)) for every single and double
excitation T that keeps the spins, one after the other (Peruzzo et al. 2014, arXiv:1304.3061). The
angles t[0], t[1], ... are parameters; all 0 give the reference state. Spin orbitals are those of
molecular_hamiltonian(), mapping is 'jordan_wigner', 'parity' or 'bravyi_kitaev'. Raises ValueError for
an odd number of spin orbitals and more electrons than those hold.

>>> kg.library.uccsd(2, 4).parameters
['t[0]', 't[1]', 't[2]']
)");
}

}  // namespace

void bind_fermions(py::module_& m) {
  py::class_<FermionOperator> c(
      m, "FermionOperator",
      R"(A sum of products of ladder operators of fermions in up to 62 modes.

Text names the modes, a ^ marks a creator: '0^ 1' is a†_0 a_1, '' the identity. An operator is made from
one product and its coefficient, or from {product: coefficient}; {} is 0. Sums, differences, multiples and
the operator product @ leave products as they are written; normal_ordered() brings them in one form.
Raises ValueError for text it cannot read, IndexError for modes that there are not.

>>> hop = FermionOperator('0^ 1', 0.5)
>>> hop + hop.adjoint()
FermionOperator({'0^ 1': 0.5, '1^ 0': 0.5})
>>> (FermionOperator('1') @ FermionOperator('1^')).normal_ordered()
FermionOperator({'': 1.0, '1^ 1': -1.0})
)");
  c.def(py::init(&from_product), py::arg("product"), py::arg("coefficient") = 1.0)
      .def(py::init(&from_products), py::arg("terms"))
      .def_property_readonly("terms", &terms_of, "The terms as {product: coefficient}.")
      .def_property_readonly("n_modes", &FermionOperator::n_modes,
                             "One more than the largest mode.")
      .def("adjoint", &FermionOperator::adjoint, py::call_guard<WithoutGil>(),
           R"(The Hermitian conjugate.

>>> FermionOperator('0^ 1', 2j).adjoint()
FermionOperator({'1^ 0': -2j})
)")
      .def("normal_ordered", &FermionOperator::normal_ordered, py::call_guard<WithoutGil>(),
           R"(The same operator with creators first, either kind by falling modes.

>>> FermionOperator('0 1^').normal_ordered()
FermionOperator({'1^ 0': -1.0})
)")
      .def("__len__", [](const FermionOperator& op) { return op.terms().size(); })
      .def("__repr__", &repr_of)
      .def(py::pickle([](const FermionOperator& op) { return py::make_tuple(terms_of(op)); },
                      [](const py::tuple& state) {
                        const auto [terms] = parts_of<py::dict>(state, "FermionOperator");
                        return from_products(terms);
                      }));
  def_fermion_arithmetic(c);
  def_mappings(m);
  def_chemistry(m);
}

}  // namespace ketgrad
