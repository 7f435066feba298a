#pragma once

#include <vector>

#include "bindings/arguments.h"

// What a PauliSum is made from, as an argument. Lists of terms are one PauliSum wherever an
// observable is taken: a term alone is none.

namespace ketgrad {

// (letters, qubits, coefficient) each.
struct SparseTermsArg {
  std::vector<qsim::PauliTerm> value;
  [[nodiscard]] int needed() const;  // qubits they are over, at least
  static SparseTermsArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#sparse");
};

// What a PauliSum is made from beside text: {"ZI": 0.5}, [("ZI", 0.5)] or [("Z", [1], 0.5)].
struct PauliTermsArg {
  std::vector<qsim::PauliTerm> value{};
  int needed = 1;  // qubits they are over, at least
  static PauliTermsArg from(py::handle h);
  static bool is_list_of_terms(py::handle h);
  static constexpr auto kType = py::detail::const_name("#terms");
};

// A sum of Pauli strings of another library, known by what it offers: no library is imported.
class PauliOperator : public py::object {
 public:
  static bool is_one(PyObject* object);
  // Its terms, read by a function of ketgrad._operators.
  [[nodiscard]] PauliTermsArg read() const;
  PYBIND11_OBJECT_DEFAULT(PauliOperator, object, is_one)
};

// A PauliSum, or the text, dict, list or sum of another library that makes one.
struct PauliSumArg {
  qsim::PauliSum value;
  static PauliSumArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("ketgrad._core.PauliSum | str | #terms");
};

}  // namespace ketgrad

template <>
struct pybind11::detail::handle_type_name<ketgrad::PauliOperator> {
  static constexpr auto name = const_name("typing.Any");
};
