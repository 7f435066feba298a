#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "bindings/common.h"
#include "bindings/pauli_arguments.h"
#include "bindings/pickled.h"
#include "qsim/core/count_work.h"
#include "qsim/estimates/grouping.h"
#include "qsim/hamiltonians/sparse_matrix.h"
#include "qsim/hamiltonians/spectrum.h"
#include "qsim/json/json.h"
#include "qsim/observables/expectation.h"

namespace ketgrad {
namespace {

// A sparse matrix of SciPy, of any format, or an array of NumPy.
struct SciPyMatrix : py::object {
  static bool is_one(PyObject* object) {
    return PyObject_HasAttrString(object, "tocoo") == 1 || py::isinstance<py::array>(object);
  }
  PYBIND11_OBJECT_DEFAULT(SciPyMatrix, object, is_one)
};

}  // namespace
}  // namespace ketgrad

template <>
struct pybind11::detail::handle_type_name<ketgrad::SciPyMatrix> {
  static constexpr auto name = const_name("typing.Any");
};

namespace ketgrad {
namespace {

using qsim::PauliString;
using qsim::PauliSum;
using qsim::PauliTerm;

PauliSum from_terms(const PauliTermsArg& terms, int n_qubits) {
  return {n_qubits > 0 ? n_qubits : terms.needed, terms.value};
}

PauliSum from_operator(const PauliOperator& sum, int n_qubits) {
  return from_terms(sum.read(), n_qubits);
}

PauliSum from_entries(int n_qubits, const py::object& rows, const py::object& columns,
                      const py::object& values) {
  const std::vector<std::size_t> row = index_list(rows, "rows");
  const std::vector<std::size_t> column = index_list(columns, "columns");
  const auto value = complex_array<double>(values, "values");
  const std::size_t size = row.size();
  qsim::require(column.size() == size && static_cast<std::size_t>(value.size()) == size, "got ",
                size, " rows, ", column.size(), " columns and ", value.size(), " values");
  std::vector<qsim::MatrixEntry> entries;
  entries.reserve(size);
  for (std::size_t k = 0; k < size; ++k) {
    qsim::count_work();
    entries.push_back({row[k], column[k], value.data()[k]});
  }
  const WithoutGil release;
  return qsim::pauli_sum_of(n_qubits, std::move(entries));
}

// A number is that number times the identity, so that sum() works and energies can be shifted.
PauliSum constant(const PauliSum& like, const Factor& number) {
  const double value = number.value;
  return value == 0 ? PauliSum(like.n_qubits(), {}) : PauliSum(like.n_qubits(), {{value, {}}});
}

// Term by term: a factor 1 / divisor would be rounded twice.
PauliSum divided(const PauliSum& sum, const Factor& number) {
  const double divisor = number.value;
  qsim::require(std::isfinite(divisor) && divisor != 0, "a PauliSum cannot be divided by ",
                divisor);
  std::vector<PauliTerm> terms;
  for (const auto& [c, string] : sum.terms()) terms.push_back({c / divisor, string});
  return {sum.n_qubits(), terms};
}

template <class Value>
py::array_t<Value> row_of(std::vector<Value> values) {
  const auto size = static_cast<py::ssize_t>(values.size());
  return to_array(std::move(values), {size});
}

using CompressedRows = py::typing::Tuple<py::array_t<qsim::Complex>, py::array_t<std::int64_t>,
                                         py::array_t<std::int64_t>>;

CompressedRows compressed_rows(const PauliSum& sum) {
  qsim::SparseMatrix matrix = [&sum] {
    const WithoutGil release;
    return qsim::sparse_matrix(sum);
  }();
  return py::make_tuple(row_of(std::move(matrix.values)), row_of(std::move(matrix.columns)),
                        row_of(std::move(matrix.starts)));
}

// What SciPy does, by a function of ketgrad._spectra.
template <class... Arguments>
py::object spectra(const char* function, const Arguments&... arguments) {
  return call_back(py::module_::import("ketgrad._spectra").attr(function),
                   py::make_tuple(arguments...));
}

PauliSum from_sparse_matrix(const SciPyMatrix& matrix) {
  return spectra("from_sparse", matrix).cast<PauliSum>();
}

PauliSum from_sparse_terms(const SparseTermsArg& terms, int n_qubits) {
  return from_terms({.value = terms.value, .needed = terms.needed()}, n_qubits);
}

// Σ c P |v⟩, or nothing for what is no vector.
py::object image(const PauliSum& sum, const py::object& vector) {
  const bool vectorial = py::isinstance<py::array>(vector) || py::isinstance<py::list>(vector) ||
                         py::isinstance<py::tuple>(vector) || py::hasattr(vector, "__array__");
  if (!vectorial) return py::reinterpret_borrow<py::object>(Py_NotImplemented);
  const ComplexArray<double> array = complex_array<double>(vector, "a vector");
  const qsim::Index size = qsim::bit(sum.n_qubits());
  qsim::require(array.ndim() == 1 && static_cast<qsim::Index>(array.size()) == size,
                "a vector to multiply must have shape (", size, ",), as the sum is over ",
                sum.n_qubits(), " qubits; it has ", array.ndim(), " axes and ", array.size(),
                " entries");
  std::vector<qsim::Complex> out = [&] {
    const WithoutGil release;
    qsim::State<double> in(sum.n_qubits());
    for (qsim::Index i = 0; i < size; ++i) {
      qsim::count_work();
      in.set(i, array.data()[i]);
    }
    qsim::State<double> product(sum.n_qubits());
    product.set_zero();
    qsim::accumulate(sum, 1.0, in, product);
    return product.amplitudes();
  }();
  return row_of(std::move(out));
}

// Text shows how many qubits there are, but where there is no string.
std::string repr_of(const PauliSum& sum) {
  const std::string qubits =
      sum.terms().empty() ? qsim::concat(", n_qubits=", sum.n_qubits()) : std::string();
  return qsim::concat("PauliSum('", sum.text(), "'", qubits, ")");
}

}  // namespace

void bind_pauli_sum(py::module_& m) {
  py::class_<PauliSum>(m, "PauliSum", R"(A Hermitian observable: a real sum of Pauli strings.

Text shows qubit 0 rightmost, so 'ZIX' is Z on qubit 2 and X on qubit 0. A sum is given as one
string, as {string: coefficient}, as a list of (string, coefficient) or of (letters, qubits,
coefficient), or as sparse text; '' is the identity; n_qubits=0 takes as many as it needs. Strings
that come several times are added up. A SparsePauliOp or SparseObservable of Qiskit, or a QubitOperator of OpenFermion, will do as
well. Raises ValueError for text it cannot read and TypeError for coefficients that are not real.

>>> PauliSum('ZI')
PauliSum('ZI')
>>> PauliSum({'ZZ': 0.5, 'XI': -1.0})
PauliSum('0.5*ZZ - XI')
>>> PauliSum([('ZZ', 0.5), ('XI', -1.0), ('ZZ', 0.25)])
PauliSum('0.75*ZZ - XI')
>>> PauliSum([('ZZ', [0, 2], 0.5), ('X', [1], -1.0)])
PauliSum('0.5*ZIZ - IXI')
>>> PauliSum({'Z0 Z2': 0.5, 'X1': -1.0})
PauliSum('0.5*ZIZ - IXI')
>>> PauliSum({'': 0.25, 'Z0': 0.5})
PauliSum('0.25*I + 0.5*Z')
>>> PauliSum('0.5*Z0 Z1 - X1', n_qubits=3)
PauliSum('0.5*IZZ - IXI')
>>> sum([PauliSum('ZI'), PauliSum('IZ')]) / 2 + 0.5
PauliSum('0.5*II + 0.5*IZ + 0.5*ZI')
)")
      .def(py::init(&PauliSum::parse), py::arg("text"), py::arg("n_qubits") = 0)
      .def(py::init(&from_operator), py::arg("operator"), py::arg("n_qubits") = 0)
      .def(py::init(&from_terms), py::arg("terms"), py::arg("n_qubits") = 0)
      .def_static("from_sparse", &from_sparse_matrix, py::arg("sparse"))
      .def_static(
          "from_sparse", &from_sparse_terms, py::arg("terms"), py::arg("n_qubits") = 0,
          R"(The sum of a sparse matrix of SciPy, shape (2**n, 2**n): the inverse of to_sparse.

Coefficients as small as the rounding errors of others, 4e-15 of the largest entry, are dropped. Raises
ValueError for other shapes and for a matrix that is not Hermitian, ImportError without SciPy.

An array of NumPy is taken as well, and a list of (letters, qubits, coefficient) as by PauliSum().

>>> import numpy as np
>>> total = PauliSum({'ZZ': 0.5, 'XI': -1.0})
>>> PauliSum.from_sparse(total.to_sparse()) == total
True
>>> PauliSum.from_sparse(np.array([[0, 1], [1, 0]]))
PauliSum('X')
>>> PauliSum.from_sparse([('XZ', [0, 2], 0.5)], n_qubits=3)
PauliSum('0.5*ZIX')
)")
      .def_static("_from_entries", &from_entries, py::arg("n_qubits"), py::arg("rows"),
                  py::arg("columns"), py::arg("values"), "The sum of a matrix given by entries.")
      .def_property_readonly("n_qubits", &PauliSum::n_qubits, "Qubits the sum is over.")
      .def_property_readonly(
          "terms",
          [](const PauliSum& s) {
            py::typing::List<py::typing::Tuple<py::str, py::float_>> out;
            for (const auto& [c, string] : s.terms()) {
              qsim::count_work();
              out.append(py::make_tuple(string.text(s.n_qubits()), c));
            }
            return out;
          },
          "The terms as (string, coefficient).")
      .def(
          "commuting_groups",
          [](const PauliSum& s, std::string_view grouping) {
            std::vector<PauliSum> out;
            for (const auto& group : qsim::commuting_groups(s.terms(), qsim::grouping(grouping))) {
              std::vector<PauliTerm> terms;
              for (const std::size_t k : group) terms.push_back(s.terms()[k]);
              out.emplace_back(s.n_qubits(), terms);
            }
            return out;
          },
          py::arg("grouping") = "qubitwise",
          R"(Sums of terms that can be measured together, without the identity.

They commute qubit by qubit ('qubitwise') or altogether ('full'); 'none' gives every term by itself.

>>> PauliSum({'XX': 1.0, 'ZZ': 0.5, 'ZI': 0.25}).commuting_groups()
[PauliSum('XX'), PauliSum('0.25*ZI + 0.5*ZZ')]
>>> len(PauliSum({'XX': 1.0, 'YY': 1.0, 'ZZ': 1.0}).commuting_groups('full'))
1
)")
      .def("matrix", &PauliSum::matrix, "The dense matrix, shape (2**n, 2**n), n up to 12.")
      .def(
          "to_sparse", [](const py::object& s) { return spectra("to_sparse", s); },
          R"(The matrix as a scipy.sparse.csr_array of shape (2**n, 2**n), without zeros.

from_sparse makes the sum of it again. Raises MemoryError, before it is made, where it has no
room, and ImportError without SciPy.

>>> PauliSum('XX').to_sparse().nnz
4
)")
      .def(
          "eigenvalues",
          [](const py::object& s, const py::object& k) -> py::array_t<double> {
            return spectra("eigenvalues", s, k);
          },
          py::arg("k") = py::none(),
          R"(All eigenvalues, ascending, shape (2**n,), or the k lowest, shape (k,).

All come from the dense matrix, n up to 12; a sum of strings with an even number of Ys each takes a
quarter of the time. The k lowest come from SciPy's eigsh and products with vectors where the sum has more
than 6 qubits and k is below a quarter of 2**n; an eigenvalue that comes several times may then be found
less often than that, and slowly. Raises ValueError for all of more than 12 qubits, ImportError without SciPy.

>>> PauliSum({'ZZ': 1.0, 'XI': 1.0}).eigenvalues().round(6)
array([-1.414214, -1.414214,  1.414214,  1.414214])
>>> PauliSum([('X', [q], 1.0) for q in range(8)]).eigenvalues(1).round(6)
array([-8.])
)")
      .def(
          "ground_state",
          [](const py::object& s) -> py::typing::Tuple<py::float_, py::object> {
            return spectra("ground_state", s);
          },
          R"(The lowest eigenvalue and its eigenvector, as (energy, State).

Found as by eigenvalues(1). The largest amplitude is real and positive; of a degenerate ground state it
is one of many.

>>> energy, state = PauliSum({'ZZ': -1.0, 'XI': -0.5, 'IX': -0.5}).ground_state()
>>> round(energy, 6), round(state.variance({'ZZ': -1.0, 'XI': -0.5, 'IX': -0.5}), 9)
(-1.414214, 0.0)
)")
      .def("_compressed_rows", &compressed_rows, "Values, columns and starts of the rows.")
      .def(
          "_spectrum",
          [](const PauliSum& s) -> py::typing::Tuple<py::array_t<double>, py::object> {
            qsim::Spectrum spectrum = [&s] {
              const WithoutGil release;
              return qsim::spectrum_of(s);
            }();
            return py::make_tuple(row_of(std::move(spectrum.eigenvalues)),
                                  std::move(spectrum.eigenvectors));
          },
          "Eigenvalues, ascending, and eigenvectors in columns.")
      .def("__len__", [](const PauliSum& s) { return s.terms().size(); })
      .def(
          "__add__", [](const PauliSum& a, const PauliSum& b) { return a + b; }, py::arg("other"),
          py::is_operator())
      .def(
          "__sub__", [](const PauliSum& a, const PauliSum& b) { return a - b; }, py::arg("other"),
          py::is_operator())
      .def(
          "__add__", [](const PauliSum& a, const Factor& b) { return a + constant(a, b); },
          py::arg("other"), py::is_operator())
      .def(
          "__radd__", [](const PauliSum& a, const Factor& b) { return a + constant(a, b); },
          py::arg("other"), py::is_operator())
      .def(
          "__sub__", [](const PauliSum& a, const Factor& b) { return a - constant(a, b); },
          py::arg("other"), py::is_operator())
      .def(
          "__rsub__", [](const PauliSum& a, const Factor& b) { return constant(a, b) - a; },
          py::arg("other"), py::is_operator())
      .def(
          "__mul__", [](const PauliSum& a, const Factor& b) { return a * b.value; },
          py::arg("factor"), py::is_operator())
      .def(
          "__rmul__", [](const PauliSum& a, const Factor& b) { return a * b.value; },
          py::arg("factor"), py::is_operator())
      .def("__truediv__", &divided, py::arg("divisor"), py::is_operator())
      .def("__neg__", [](const PauliSum& a) { return -a; })
      .def(
          "__matmul__", [](const PauliSum& a, const PauliSum& b) { return a * b; },
          py::arg("other"), py::is_operator(),
          "The operator product. Raises ValueError where it is not Hermitian; i_commutator and "
          "anticommutator always are.")
      .def(
          "i_commutator",
          [](const PauliSum& a, const PauliSumArg& b) { return qsim::i_commutator(a, b.value); },
          py::arg("other"),
          R"(i [A, B] = i (A B - B A), which is Hermitian as the commutator itself is not.

Zero where A and B commute. The derivative of <B> in time under the Hamiltonian A.

>>> PauliSum('X').i_commutator('Y')
PauliSum('-2*Z')
>>> len(PauliSum('ZZ').i_commutator('XX'))
0
)")
      .def(
          "anticommutator",
          [](const PauliSum& a, const PauliSumArg& b) { return qsim::anticommutator(a, b.value); },
          py::arg("other"), R"(A B + B A, which is Hermitian.

>>> PauliSum('X').anticommutator('X')
PauliSum('2*I')
>>> len(PauliSum('X').anticommutator('Y'))
0
)")
      .def("__matmul__", &image, py::arg("other"), py::is_operator(),
           R"(The image of a State or vector of shape (2**n,), as a vector.

>>> PauliSum('X') @ [1.0, 2.0]
array([2.+0.j, 1.+0.j])
)")
      .def(
          "__eq__", [](const PauliSum& a, const PauliSum& b) { return a == b; }, py::arg("other"),
          py::is_operator())
      .def(
          "to_json", [](const PauliSum& s) { return qsim::to_json_text(s); },
          R"(The sum as JSON text: {"format": "ketgrad.pauli_sum", ...}.)")
      .def_static(
          "from_json",
          [](std::string_view text) { return qsim::pauli_sum_from_json(qsim::parse_json(text)); },
          py::arg("text"),
          R"(The sum that to_json wrote. Raises ValueError naming what it cannot read.

>>> PauliSum.from_json(PauliSum({'ZZ': 0.5}).to_json())
PauliSum('0.5*ZZ')
)")
      .def("__hash__", [](const PauliSum& s) { return py::hash(py::str(s.text())); })
      .def("__str__", &PauliSum::text)
      .def("__repr__", &repr_of)
      .def(py::pickle(
          [](const PauliSum& s) {
            std::vector<std::tuple<double, qsim::Index, qsim::Index>> terms;
            for (const auto& [c, p] : s.terms()) terms.emplace_back(c, p.x, p.z);
            return py::make_tuple(s.n_qubits(), terms);
          },
          [](const py::tuple& t) {
            const auto [n_qubits, numbers] =
                parts_of<int, std::vector<std::tuple<double, qsim::Index, qsim::Index>>>(
                    t, "PauliSum");
            std::vector<PauliTerm> terms;
            for (const auto& [c, x, z] : numbers) terms.push_back({c, {x, z}});
            return PauliSum(n_qubits, terms);
          }));
}

}  // namespace ketgrad
