#include <algorithm>
#include <bit>
#include <utility>

#include "bindings/gil.h"
#include "bindings/pauli_arguments.h"
#include "qsim/core/count_work.h"
#include "qsim/hamiltonians/fermion_operator.h"

// What a PauliSum is made from beside text: {string: coefficient}, (string, coefficient) in a list,
// (letters, qubits, coefficient) in a list, or a sum of another library.

namespace ketgrad {
namespace {

using qsim::PauliString;
using qsim::PauliSum;

double coefficient_of(const std::string& text, py::handle value) {
  const auto read = read_real(value);
  if (read.value) return *read.value;
  throw py::type_error(qsim::concat("the coefficient of '", text, "' must be a real number, not ",
                                    shown(value), read.why));
}

bool is_row(py::handle h) { return py::isinstance<py::list>(h) || py::isinstance<py::tuple>(h); }

using Pairs = std::vector<std::pair<std::string, double>>;

Pairs pairs_of(const py::dict& terms) {
  Pairs out;
  for (const auto& [key, value] : terms) {
    if (!py::isinstance<py::str>(key)) {
      throw py::type_error(qsim::concat("the terms of a PauliSum are {'ZI': 0.5} or ",
                                        "{'Z0 Z1': 0.5}, by text, not by ", shown(key)));
    }
    std::string text = text_of(key);
    const double coefficient = coefficient_of(text, value);
    out.emplace_back(std::move(text), coefficient);
  }
  return out;
}

Pairs pairs_of(const py::sequence& terms) {
  Pairs out;
  for (const py::object item : terms) {
    qsim::count_work();
    const bool pair = is_row(item) && py::len(item) == 2 &&
                      py::isinstance<py::str>(py::reinterpret_borrow<py::sequence>(item)[0]);
    if (py::isinstance<py::str>(item)) {
      throw py::type_error(
          qsim::concat("the terms of a PauliSum are pairs such as ('ZI', 0.5), not ", shown(item),
                       "; {'ZI': 1, 'IZ': 1} is a sum without weights"));
    }
    if (!pair) {
      throw py::type_error(qsim::concat("the terms of a PauliSum are pairs such as ('ZI', 0.5), ",
                                        "or all of them ('Z', [1], 0.5), not ", shown(item)));
    }
    const auto term = py::reinterpret_borrow<py::sequence>(item);
    std::string text = text_of(term[0]);
    const double coefficient = coefficient_of(text, term[1]);
    out.emplace_back(std::move(text), coefficient);
  }
  return out;
}

// One Pauli string: letters alone, or sparse text; no text is the identity.
PauliString string_of(const std::string& text, bool sparse) {
  if (text.empty()) return {};
  if (!sparse) return PauliString::parse(text);
  const PauliSum sum = PauliSum::parse(text);
  const bool is_string = sum.terms().size() == 1 && sum.terms().front().coefficient == 1.0;
  qsim::require(is_string, "\"", text, "\" is not one Pauli string");
  const bool dense = text.size() > 1 && text.find_first_of("0123456789") == std::string::npos;
  qsim::require(!dense, "Pauli strings of one sum must all number their qubits, or none; \"", text,
                "\" does not");
  return sum.terms().front().string;
}

PauliTermsArg read_pairs(const Pairs& pairs) {
  const bool sparse = std::ranges::any_of(pairs, [](const auto& pair) {
    return pair.first.find_first_of("0123456789") != std::string::npos;
  });
  const auto first =
      std::ranges::find_if(pairs, [](const auto& pair) { return !pair.first.empty(); });
  const std::size_t n = first == pairs.end() ? 1 : first->first.size();
  PauliTermsArg out{.needed = sparse ? 1 : static_cast<int>(n)};
  for (const auto& [text, coefficient] : pairs) {
    qsim::count_work();
    qsim::require(sparse || text.empty() || text.size() == n,
                  "Pauli strings of one sum must have the same length; \"", text, "\" has ",
                  text.size(), " letters, not ", n);
    out.value.push_back({coefficient, string_of(text, sparse)});
    out.needed =
        std::max(out.needed, static_cast<int>(std::bit_width(out.value.back().string.support())));
  }
  return out;
}

bool is_sparse(const py::sequence& terms) {
  const py::object first = terms[0];
  return is_row(first) && py::len(first) == 3;
}

}  // namespace

SparseTermsArg SparseTermsArg::from(py::handle h) {
  constexpr std::string_view kWanted =
      "terms must be a list of (letters, qubits, coefficient), such as ('XZ', [0, 2], 0.5)";
  const auto fail = [&](py::handle got) {
    throw py::type_error(qsim::concat(kWanted, ", not ", shown(got)));
  };
  if (py::isinstance<py::str>(h) || !py::isinstance<py::sequence>(h)) fail(h);
  SparseTermsArg out;
  // Held while it is read: items of a range, or of an array, are made one by one.
  for (const py::object item : py::reinterpret_borrow<py::sequence>(h)) {
    qsim::count_work();
    if (!is_row(item) || py::len(item) != 3) fail(item);
    const auto term = py::reinterpret_borrow<py::sequence>(item);
    if (!py::isinstance<py::str>(term[0])) fail(item);
    const std::string letters = text_of(term[0]);
    const auto qubits = QubitsArg::from(term[1]).value;
    out.value.push_back({coefficient_of(letters, term[2]), PauliString::on(letters, qubits)});
  }
  return out;
}

int SparseTermsArg::needed() const {
  int out = 1;
  for (const auto& term : value) {
    out = std::max(out, static_cast<int>(std::bit_width(term.string.support())));
  }
  return out;
}

PauliTermsArg PauliTermsArg::from(py::handle h) {
  if (py::isinstance<py::str>(h)) {  // which comes here where it or what is beside it is wrong
    text_of(h);
    throw py::type_error(
        qsim::concat("n_qubits of a PauliSum must be an integer from 1 to ", qsim::kMaxQubits));
  }
  if (!is_row(h) && !py::isinstance<py::dict>(h)) {
    throw py::type_error(qsim::concat("a PauliSum is made from text such as '0.5*Z0 Z1 - X2', or ",
                                      "from {'ZI': 0.5} or [('ZI', 0.5)]; not from ", shown(h)));
  }
  qsim::require(py::len(h) > 0, "a PauliSum needs at least one term");
  if (py::isinstance<py::dict>(h)) return read_pairs(pairs_of(py::reinterpret_borrow<py::dict>(h)));
  const auto terms = py::reinterpret_borrow<py::sequence>(h);
  if (!is_sparse(terms)) return read_pairs(pairs_of(terms));
  const SparseTermsArg sparse = SparseTermsArg::from(terms);
  return {.value = sparse.value, .needed = sparse.needed()};
}

bool PauliOperator::is_one(PyObject* object) {
  const py::handle h(object);
  const bool lists = py::hasattr(h, "to_sparse_list") && py::hasattr(h, "num_qubits");
  return lists || py::isinstance<py::dict>(py::getattr(h, "terms", py::none()));
}

PauliTermsArg PauliOperator::read() const {
  if (py::isinstance<qsim::FermionOperator>(*this)) {
    throw py::type_error(
        "a FermionOperator acts on modes, not on qubits; ketgrad.library.jordan_wigner(operator) "
        "makes a PauliSum of it, as parity() and bravyi_kitaev() do");
  }
  const py::object reader = py::module_::import("ketgrad._operators").attr("terms_of");
  const auto found = call_back(reader, py::make_tuple(*this)).cast<py::tuple>();
  const SparseTermsArg sparse = SparseTermsArg::from(found[0]);
  return {.value = sparse.value, .needed = std::max(sparse.needed(), found[1].cast<int>())};
}

bool PauliTermsArg::is_list_of_terms(py::handle h) {
  if (!py::isinstance<py::list>(h) || py::len(h) == 0) return false;
  const py::object first = py::reinterpret_borrow<py::sequence>(h)[0];
  if (!py::isinstance<py::tuple>(first)) return false;
  const auto term = py::reinterpret_borrow<py::tuple>(first);
  return (term.size() == 2 || term.size() == 3) && py::isinstance<py::str>(term[0]) &&
         !py::isinstance<py::str>(term[term.size() - 1]);
}

}  // namespace ketgrad
