#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <complex>
#include <cstdint>
#include <limits>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "qsim/core/types.h"

// Numbers and arrays of numbers from Python: the only place that converts them, by one rule.
//
// A real number is what Python's float() makes one of, but nothing that it would cut or
// reinterpret: no imaginary part other than exactly 0, no text, no time, no masked array (its mask
// would be lost). An integer is what has __index__ or is a boolean. Arrays follow the same rule
// entry by entry, and what NumPy raises on its way (a warning that is an error, MemoryError) is
// raised.
//
// The casters below make this the rule of every argument, attribute and item of a list that the
// bindings take as double, integer or matrix.

namespace ketgrad {

namespace py = pybind11;

// A number, or why there is none: for messages, behind the value: ", which is masked".
template <class Value>
struct Read {
  std::optional<Value> value{};
  std::string_view why{};
};
Read<double> read_real(py::handle h);
Read<std::complex<double>> read_complex(py::handle h);
// The value as a Python int, or null with no error set.
py::object read_integer(py::handle h);

// The range of the last integer of a call that was beyond what its type holds, zeros where none
// was: for the message, which follows when the types of all arguments have been tried.
struct IntegerRange {
  std::int64_t least = 0;
  std::uint64_t most = 0;
};
void note_range(const IntegerRange& range);
IntegerRange noted_range();

// Whether a value is NumPy's array itself, of no type derived from it: what calls have most often,
// so that no other type has to be ruled out first.
inline bool is_numpy_array(py::handle h) {
  return py::type::handle_of(h).ptr() ==
         reinterpret_cast<PyObject*>(py::detail::npy_api::get().PyArray_Type_);
}

// An operand of arithmetic: other types than numbers are left to Python, but TypeError, saying why,
// for a number that is not real, which NumPy would otherwise take apart by itself.
struct Factor {
  double value = 0;
};

// An array of real numbers, finite or not, from anything NumPy takes, in memory row by row;
// TypeError, naming `what`, for entries that are none, MemoryError before a copy that has no room.
using RealArray = py::array_t<double, py::array::c_style | py::array::forcecast>;
RealArray real_array(const py::object& values, std::string_view what);

// The shape of an array for messages, "(3, 2)", written only where there is one.
struct ShapeOf {
  const py::array& array;
};
std::ostream& operator<<(std::ostream& out, const ShapeOf& shape);

// The same for complex numbers, in a precision.
template <class T>
using ComplexArray = py::array_t<std::complex<T>, py::array::c_style | py::array::forcecast>;
template <class T>
ComplexArray<T> complex_array(const py::object& values, std::string_view what);

// What NumPy makes of the values; ValueError, naming `what`, for lists of different lengths.
py::array any_array(const py::object& values, std::string_view what);

// The same for integers that are not negative, with one axis.
std::vector<std::size_t> index_list(const py::object& values, std::string_view what);

// Words of 64 bits in one row, from an array of them; TypeError for any other.
using WordArray = py::array_t<std::uint64_t, py::array::c_style | py::array::forcecast>;
WordArray word_array(const py::object& values, std::string_view what);

// A matrix of complex numbers; ValueError for another number of axes.
qsim::Matrix matrix_of(const py::object& values, std::string_view what);
// The same, or nothing for what is no matrix of numbers at all.
std::optional<qsim::Matrix> read_matrix(const py::object& values);

}  // namespace ketgrad

namespace pybind11::detail {

template <>
class type_caster<double> {
 public:
  PYBIND11_TYPE_CASTER(double, io_name("#float", "float"));
  bool load(handle h, bool convert) {
    if (!h || (!convert && PyFloat_Check(h.ptr()) == 0 && PyLong_Check(h.ptr()) == 0)) return false;
    const auto read = ketgrad::read_real(h);
    value = read.value.value_or(0);
    return read.value.has_value();
  }
  static handle cast(double number, return_value_policy /*policy*/, handle /*parent*/) {
    return PyFloat_FromDouble(number);
  }
};

template <>
class type_caster<ketgrad::Factor> {
 public:
  PYBIND11_TYPE_CASTER(ketgrad::Factor, const_name("#float"));
  bool load(handle h, bool convert);
};

// An integer of a type; a value out of its range is refused.
template <class Integer>
class IntegerCaster {
 public:
  PYBIND11_TYPE_CASTER(Integer, io_name("#int", "int"));
  bool load(handle h, bool /*convert*/) {
    if (!h) return false;
    const object number = ketgrad::read_integer(h);
    if (!number) return false;
    if (hold(number)) return true;
    ketgrad::note_range({.least = static_cast<std::int64_t>(std::numeric_limits<Integer>::min()),
                         .most = static_cast<std::uint64_t>(std::numeric_limits<Integer>::max())});
    return false;
  }
  static handle cast(Integer number, return_value_policy /*policy*/, handle /*parent*/) {
    if constexpr (std::is_signed_v<Integer>) {
      return PyLong_FromLongLong(number);
    } else {
      return PyLong_FromUnsignedLongLong(number);
    }
  }

 private:
  bool hold(const object& number) {
    if constexpr (std::is_signed_v<Integer>) {
      int overflow = 0;
      const std::int64_t wide = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
      if (overflow != 0 || wide < std::numeric_limits<Integer>::min() ||
          wide > std::numeric_limits<Integer>::max()) {
        return false;
      }
      value = static_cast<Integer>(wide);
    } else {
      const std::uint64_t wide = PyLong_AsUnsignedLongLong(number.ptr());
      if (PyErr_Occurred() != nullptr) {
        PyErr_Clear();
        return false;
      }
      if (wide > std::numeric_limits<Integer>::max()) return false;
      value = static_cast<Integer>(wide);
    }
    return true;
  }
};

template <>
class type_caster<int> : public IntegerCaster<int> {};
template <>
class type_caster<long> : public IntegerCaster<long> {};  // NOLINT(google-runtime-int)
template <>
class type_caster<long long> : public IntegerCaster<long long> {};  // NOLINT(google-runtime-int)
template <>
class type_caster<unsigned> : public IntegerCaster<unsigned> {};
template <>
class type_caster<unsigned long>               // NOLINT(google-runtime-int)
    : public IntegerCaster<unsigned long> {};  // NOLINT(google-runtime-int)
template <>
class type_caster<unsigned long long>               // NOLINT(google-runtime-int)
    : public IntegerCaster<unsigned long long> {};  // NOLINT(google-runtime-int)

template <>
class type_caster<qsim::Matrix> {
 public:
  PYBIND11_TYPE_CASTER(
      qsim::Matrix,
      io_name("typing.Annotated[numpy.typing.ArrayLike, numpy.complex128, \"[m, n]\"]",
              "typing.Annotated[numpy.typing.NDArray[numpy.complex128], \"[m, n]\"]"));
  bool load(handle h, bool convert);
  static handle cast(qsim::Matrix&& matrix, return_value_policy policy, handle parent);
  static handle cast(const qsim::Matrix& matrix, return_value_policy policy, handle parent) {
    return cast(qsim::Matrix(matrix), policy, parent);
  }
};

}  // namespace pybind11::detail
