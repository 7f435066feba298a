#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "bindings/arguments.h"
#include "bindings/common.h"
#include "bindings/pickled.h"
#include "qsim/core/count_work.h"
#include "qsim/estimates/grouping.h"
#include "qsim/json/json.h"

namespace ketgrad {
namespace {

using qsim::PauliString;
using qsim::PauliSum;
using qsim::PauliTerm;

double coefficient_of(const std::string& text, py::handle value) {
  const auto read = read_real(value);
  if (read.value) return *read.value;
  throw py::type_error(qsim::concat("the coefficient of '", text, "' must be a real number, not ",
                                    shown(value), read.why));
}

// What a PauliSum is made from, beside text.
struct TermsArg {
  py::dict value;
  static TermsArg from(py::handle h) {
    if (py::isinstance<py::dict>(h)) return {py::reinterpret_borrow<py::dict>(h)};
    if (py::isinstance<py::str>(h)) {  // which comes here where what stands beside it is wrong
      throw py::type_error(
          qsim::concat("n_qubits of a PauliSum must be an integer from 1 to ", qsim::kMaxQubits));
    }
    throw py::type_error(qsim::concat("a PauliSum is made from text such as '0.5*Z0 Z1 - X2', or ",
                                      "from {'ZI': 0.5}; not from ", shown(h)));
  }
  static constexpr auto kType = py::detail::const_name("dict");
};

// One Pauli string: letters alone, or sparse text.
PauliString string_of(const std::string& text, bool sparse) {
  if (!sparse) return PauliString::parse(text);
  const PauliSum sum = PauliSum::parse(text);
  const bool is_string = sum.terms().size() == 1 && sum.terms().front().coefficient == 1.0;
  qsim::require(is_string, "\"", text, "\" is not one Pauli string");
  const bool dense = text.size() > 1 && text.find_first_of("0123456789") == std::string::npos;
  qsim::require(!dense, "Pauli strings of one sum must all number their qubits, or none; \"", text,
                "\" does not");
  return sum.terms().front().string;
}

PauliSum from_terms(const TermsArg& argument, int n_qubits) {
  const py::dict& terms = argument.value;
  qsim::require(!terms.empty(), "a PauliSum needs at least one term");
  std::vector<std::pair<std::string, double>> items;
  bool sparse = false;
  for (const auto& [key, value] : terms) {
    if (!py::isinstance<py::str>(key)) {
      throw py::type_error(qsim::concat("the terms of a PauliSum are {'ZI': 0.5} or ",
                                        "{'Z0 Z1': 0.5}, by text, not by ", shown(key)));
    }
    auto text = key.cast<std::string>();
    const double coefficient = coefficient_of(text, value);
    sparse = sparse || text.find_first_of("0123456789") != std::string::npos;
    items.emplace_back(std::move(text), coefficient);
  }
  std::vector<PauliTerm> out;
  const std::size_t n = items.front().first.size();
  int needed = sparse ? 1 : static_cast<int>(n);
  for (const auto& [text, coefficient] : items) {
    qsim::count_work();
    qsim::require(sparse || text.size() == n,
                  "Pauli strings of one sum must have the same length; \"", text, "\" has ",
                  text.size(), " letters, not ", n);
    out.push_back({coefficient, string_of(text, sparse)});
    needed = std::max(needed, static_cast<int>(std::bit_width(out.back().string.support())));
  }
  return {n_qubits > 0 ? n_qubits : needed, out};
}

// (letters, qubits, coefficient) each.
struct SparseTermsArg {
  std::vector<PauliTerm> value;
  static SparseTermsArg from(py::handle h) {
    constexpr std::string_view kWanted =
        "terms must be a list of (letters, qubits, coefficient), such as ('XZ', [0, 2], 0.5)";
    const auto fail = [&](py::handle got) {
      throw py::type_error(qsim::concat(kWanted, ", not ", shown(got)));
    };
    const auto is_list = [](py::handle x) {
      return py::isinstance<py::list>(x) || py::isinstance<py::tuple>(x);
    };
    if (py::isinstance<py::str>(h) || !py::isinstance<py::sequence>(h)) fail(h);
    SparseTermsArg out;
    // Held while it is read: items of a range, or of an array, are made one by one.
    for (const py::object item : py::reinterpret_borrow<py::sequence>(h)) {
      qsim::count_work();
      if (!is_list(item) || py::len(item) != 3) fail(item);
      const auto term = py::reinterpret_borrow<py::sequence>(item);
      if (!py::isinstance<py::str>(term[0])) fail(item);
      const auto letters = py::cast<std::string>(term[0]);
      const auto qubits = QubitsArg::from(term[1]).value;
      out.value.push_back({coefficient_of(letters, term[2]), PauliString::on(letters, qubits)});
    }
    return out;
  }
  static constexpr auto kType = py::detail::const_name(
      "collections.abc.Sequence[tuple[str, collections.abc.Sequence[typing.SupportsInt | "
      "typing.SupportsIndex], typing.SupportsFloat | typing.SupportsIndex]]");
};

PauliSum from_sparse(const SparseTermsArg& terms, int n_qubits) { return {n_qubits, terms.value}; }

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

}  // namespace

void bind_pauli_sum(py::module_& m) {
  py::class_<PauliSum>(m, "PauliSum", R"(A Hermitian observable: a real sum of Pauli strings.

Text shows qubit 0 rightmost, so 'ZIX' is Z on qubit 2 and X on qubit 0. A sum is given as one
string, as {string: coefficient}, or as sparse text; n_qubits=0 takes as many as it needs. Raises
ValueError for text it cannot read and for coefficients that are not real.

>>> PauliSum('ZI')
PauliSum('ZI')
>>> PauliSum({'ZZ': 0.5, 'XI': -1.0})
PauliSum('0.5*ZZ - XI')
>>> PauliSum({'Z0 Z2': 0.5, 'X1': -1.0})
PauliSum('0.5*ZIZ - IXI')
>>> PauliSum('0.5*Z0 Z1 - X1', n_qubits=3)
PauliSum('0.5*IZZ - IXI')
>>> sum([PauliSum('ZI'), PauliSum('IZ')]) / 2 + 0.5
PauliSum('0.5*II + 0.5*IZ + 0.5*ZI')
)")
      .def(py::init(&PauliSum::parse), py::arg("text"), py::arg("n_qubits") = 0)
      .def(py::init(&from_terms), py::arg("terms"), py::arg("n_qubits") = 0)
      .def_static("from_sparse", &from_sparse, py::arg("terms"), py::arg("n_qubits"),
                  R"(A sum of (letters, qubits, coefficient), letters[k] acting on qubits[k].

>>> PauliSum.from_sparse([('XZ', [0, 2], 0.5)], n_qubits=3)
PauliSum('0.5*ZIX')
)")
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
      .def("__neg__", [](const PauliSum& a) { return a * -1.0; })
      .def(
          "__matmul__", [](const PauliSum& a, const PauliSum& b) { return a * b; },
          py::arg("other"), py::is_operator(),
          "The operator product. Raises ValueError where it is not Hermitian.")
      .def(
          "__eq__", [](const PauliSum& a, const PauliSum& b) { return a == b; }, py::arg("other"),
          py::is_operator())
      .def(
          "to_json", [](const PauliSum& s) { return qsim::json_text(qsim::to_json(s)); },
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
      .def("__repr__", [](const PauliSum& s) { return "PauliSum('" + s.text() + "')"; })
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
