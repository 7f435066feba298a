#include "bindings/numbers.h"

#include <algorithm>
#include <utility>

#include "bindings/arguments.h"
#include "bindings/arrays.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/memory.h"

namespace ketgrad {
namespace {

constexpr std::string_view kNumberKinds = "fiubcO";
constexpr std::string_view kMasked = ", which is masked, and its mask would be lost";
constexpr std::string_view kImaginary = ", which has an imaginary part";

py::dict imported() {
  return py::reinterpret_borrow<py::dict>(py::module_::import("sys").attr("modules"));
}

py::object numpy() { return py::module_::import("numpy"); }

// Whether a value is a masked array of NumPy, or a list with one in it. Where numpy.ma was never
// imported there is none.
bool is_masked(py::handle h, const py::object& masked_type, int depth = 0) {
  constexpr int kMostAxes = 64;  // NumPy's own limit
  if (py::isinstance(h, masked_type)) return true;
  const bool has_items = PyList_Check(h.ptr()) != 0 || PyTuple_Check(h.ptr()) != 0;
  if (depth > kMostAxes || !has_items) return false;
  return std::any_of(h.begin(), h.end(), [&masked_type, depth](py::handle item) {
    return is_masked(item, masked_type, depth + 1);
  });
}

bool is_masked(py::handle h) {
  if (is_numpy_array(h)) return false;
  const py::dict modules = imported();
  if (!modules.contains("numpy.ma")) return false;
  return is_masked(h, modules["numpy.ma"].attr("MaskedArray"));
}

py::object of_words(const char* function, py::handle value) {
  return py::module_::import("ketgrad._words").attr(function)(value);
}

// Whether JAX or PyTorch follows what becomes of a value, which a number would hide from them:
// shown() says so. Where neither was ever imported there is none.
bool is_traced(py::handle h) {
  const py::dict modules = imported();
  if (!modules.contains("jax") && !modules.contains("torch")) return false;
  return py::len(of_words("traced", h)) > 0;
}

// TypeError where the function of words finds one such value, in lists too.
void refuse_any(const char* find, const py::object& values, std::string_view what) {
  const py::object traced = of_words(find, values);
  if (traced.is_none()) return;
  throw py::type_error(qsim::concat(what, " must be an array of numbers, not ", shown(traced)));
}

// NumPy's letter for the kind of number of a scalar or array ("f", "c", "U", …); 0 for what is
// none.
char kind_of(py::handle h) {
  const py::object dtype = py::getattr(h, "dtype", py::none());
  if (!py::isinstance<py::dtype>(dtype)) return 0;
  return py::reinterpret_borrow<py::dtype>(dtype).kind();
}

bool is_text_or_time(char kind) { return std::string_view("SUMm").find(kind) < 4; }

// Forgets the error that is set where it says only that a value is no number, or too large a one.
bool is_no_number() {
  if (PyErr_ExceptionMatches(PyExc_TypeError) == 0 &&
      PyErr_ExceptionMatches(PyExc_OverflowError) == 0) {
    throw py::error_already_set();
  }
  PyErr_Clear();
  return true;
}

// What float() makes of a value; none where that is nothing.
std::optional<double> to_double(py::handle h) {
  const double value = PyFloat_AsDouble(h.ptr());
  if (value == -1.0 && PyErr_Occurred() != nullptr && is_no_number()) return {};
  return value;
}

// What complex() makes of a value that has __complex__.
std::optional<std::complex<double>> to_complex(py::handle h) {
  const Py_complex value = PyComplex_AsCComplex(h.ptr());
  if (value.real == -1.0 && PyErr_Occurred() != nullptr && is_no_number()) return {};
  return std::complex<double>(value.real, value.imag);
}

// The one item of an array of objects.
py::object item_of(py::handle h) {
  if (kind_of(h) != 'O' || py::len(py::object(h.attr("shape"))) > 0) return {};
  return h.attr("item")();
}

bool has_complex(py::handle h) {
  return PyComplex_Check(h.ptr()) != 0 || py::hasattr(py::type::handle_of(h), "__complex__");
}

// Why a value that may well have __float__ is no number all the same.
std::string_view refusal(py::handle h, char kind) {
  if (is_text_or_time(kind)) return ", which is no number";
  return is_masked(h) ? kMasked : std::string_view();
}

std::string dtype_text(const py::array& array) {
  return py::str(array.dtype()).cast<std::string>();
}

[[noreturn]] void fail_kind(std::string_view what, std::string_view wanted,
                            const std::string& got) {
  throw py::type_error(qsim::concat(what, " must be ", wanted, ", got ", got));
}

template <class Value, class Reader>
py::array from_objects(const py::array& array, const Reader& read, std::string_view what,
                       std::string_view wanted) {
  py::array_t<Value> out(array.request().shape);
  Value* next = out.mutable_data();
  for (const py::handle item : array.attr("flat")) {
    const auto number = read(item);
    if (!number.value) {
      fail_kind(what, wanted, qsim::concat("an array of object with ", shown(item), number.why));
    }
    *next++ = *number.value;
  }
  return out;
}

// What NumPy makes of the values, if their kind of number is among the given ones, or objects.
py::array number_array(const py::object& values, std::string_view kinds, std::string_view what,
                       std::string_view wanted) {
  py::array array = any_array(values, what);
  if (is_masked(values)) fail_kind(what, wanted, qsim::concat(shown(values), kMasked));
  const char kind = array.dtype().kind();
  if (kinds.find(kind) == std::string_view::npos) {
    fail_kind(what, wanted, "an array of " + dtype_text(array));
  }
  return array;
}

constexpr py::ssize_t kCopiedAtOnce = 1 << 22;  // some tens of milliseconds

// NumPy's own copy would not hear an interrupt. Arrays of few long rows are cut into their rows'
// entries where those lie next to each other, and are left to NumPy where they do not.
template <class Array>
Array copied_in_pieces(const py::array& array) {
  Array out(std::vector<py::ssize_t>(array.shape(), array.shape() + array.ndim()));
  const bool flat = (array.flags() & py::array::c_style) != 0;
  const py::object from = flat ? array.attr("reshape")(-1) : py::object(array);
  const py::object to = flat ? out.attr("reshape")(-1) : py::object(out);
  const auto length = static_cast<py::ssize_t>(py::len(from));
  const py::ssize_t rows = std::max<py::ssize_t>(1, kCopiedAtOnce / (array.size() / length));
  for (py::ssize_t first = 0; first < length; first += rows) {
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    const py::slice piece(first, std::min(first + rows, length), 1);
    to[piece] = from[piece];
  }
  return out;
}

// The array in a type of number and row by row: itself, or a copy if there is room for one.
template <class Array>
Array laid_out(const py::array& array, std::string_view what) {
  if (Array::check_(array)) return Array(array);
  qsim::require_memory(static_cast<double>(array.size()) * sizeof(typename Array::value_type),
                       qsim::concat("a copy of ", what));
  if (array.ndim() == 0 || array.size() <= kCopiedAtOnce) return Array(array);
  return copied_in_pieces<Array>(array);
}

}  // namespace

bool is_mask(py::handle h) {
  if (!py::hasattr(h, "shape") || py::len(h.attr("shape")) == 0) return false;
  if (kind_of(h) == 'b') return true;
  // Of other libraries, as torch.bool, or pandas' boolean.
  const py::object type = py::getattr(h, "dtype", py::none());
  return py::str(type).cast<std::string>().find("bool") != std::string::npos;
}

py::array any_array(const py::object& values, std::string_view what) {
  if (is_numpy_array(values)) return values;
  if (!py::isinstance<py::array>(values) && imported().contains("torch")) {
    refuse_any("first_with_tangent", values, what);  // of which NumPy would take the value
  }
  try {
    return numpy().attr("asarray")(values);
  } catch (const py::error_already_set& error) {
    refuse_any("first_traced", values, what);
    const std::string text = py::str(error.value());
    if (!error.matches(PyExc_ValueError) || text.find("inhomogeneous") == std::string::npos) throw;
    qsim::fail(what, " must be an array: lists within a list have to be of one length, unlike ",
               shown(values));
  }
}

Read<double> read_real(py::handle h) {
  if (PyFloat_Check(h.ptr()) != 0) return {PyFloat_AS_DOUBLE(h.ptr()), {}};
  if (PyLong_Check(h.ptr()) != 0) return {to_double(h), ", which is out of range"};
  if (is_traced(h)) return {};
  const char kind = kind_of(h);
  if (const std::string_view why = refusal(h, kind); !why.empty()) return {{}, why};
  if (const py::object item = item_of(h)) return read_real(item);
  if (!has_complex(h)) return {to_double(h), {}};
  if (const auto value = to_complex(h)) {
    if (value->imag() != 0) return {{}, kImaginary};
    if (kind == 'c' || PyComplex_Check(h.ptr()) != 0) return {value->real(), {}};
  }
  return {to_double(h), {}};
}

Read<std::complex<double>> read_complex(py::handle h) {
  const bool plain = PyFloat_Check(h.ptr()) != 0 || PyLong_Check(h.ptr()) != 0;
  if (!plain && is_traced(h)) return {};
  const char kind = kind_of(h);
  if (!plain) {
    if (const std::string_view why = refusal(h, kind); !why.empty()) return {{}, why};
    if (const py::object item = item_of(h)) return read_complex(item);
    if (has_complex(h)) return {to_complex(h), {}};
  }
  const auto real = read_real(h);
  return {real.value ? std::optional<std::complex<double>>(*real.value) : std::nullopt, real.why};
}

py::object read_integer(py::handle h) {
  if (PyLong_Check(h.ptr()) != 0) return py::reinterpret_borrow<py::object>(h);
  if (kind_of(h) == 'b') {  // NumPy's booleans have no __index__
    if (is_mask(h) || is_masked(h)) return {};
    const int truth = PyObject_IsTrue(h.ptr());
    if (truth < 0) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(PyLong_FromLong(truth));
  }
  if (PyIndex_Check(h.ptr()) == 0 || is_masked(h) || is_traced(h)) return {};
  auto out = py::reinterpret_steal<py::object>(PyNumber_Index(h.ptr()));
  if (!out) is_no_number();
  return out;
}

namespace {
thread_local IntegerRange last_range;
}  // namespace

void note_range(const IntegerRange& range) { last_range = range; }
IntegerRange noted_range() { return last_range; }

std::ostream& operator<<(std::ostream& out, const ShapeOf& shape) {
  return out << py::repr(shape.array.attr("shape")).cast<std::string>();
}

RealArray real_array(const py::object& values, std::string_view what) {
  constexpr std::string_view kWanted = "real numbers";
  py::array array = number_array(values, kNumberKinds, what, kWanted);
  const char kind = array.dtype().kind();
  if (kind == 'O') array = from_objects<double>(array, read_real, what, kWanted);
  if (kind == 'c') {
    qsim::require_memory(static_cast<double>(array.size()), qsim::concat("a look at ", what));
    if (numpy().attr("any")(array.attr("imag").attr("__ne__")(0)).cast<bool>()) {
      fail_kind(what, kWanted, qsim::concat("an array of ", dtype_text(array), kImaginary));
    }
    array = array.attr("real");
  }
  return laid_out<RealArray>(array, what);
}

template <class T>
ComplexArray<T> complex_array(const py::object& values, std::string_view what) {
  constexpr std::string_view kWanted = "numbers";
  py::array array = number_array(values, kNumberKinds, what, kWanted);
  if (array.dtype().kind() == 'O') {
    array = from_objects<std::complex<double>>(array, read_complex, what, kWanted);
  }
  return laid_out<ComplexArray<T>>(array, what);
}

template ComplexArray<float> complex_array<float>(const py::object&, std::string_view);
template ComplexArray<double> complex_array<double>(const py::object&, std::string_view);

std::vector<std::size_t> index_list(const py::object& values, std::string_view what) {
  using Integers = py::array_t<std::int64_t, py::array::c_style | py::array::forcecast>;
  constexpr std::string_view kWanted = "integers";
  py::array any = any_array(values, what);
  if (any.size() == 0) return {};  // of an empty list NumPy makes real numbers
  any = number_array(values, "iub", what, kWanted);
  qsim::require(any.ndim() == 1, what, " must have one axis, got ", any.ndim());
  const auto array = laid_out<Integers>(any, what);
  std::vector<std::size_t> out;
  out.reserve(static_cast<std::size_t>(array.size()));
  for (py::ssize_t k = 0; k < array.size(); ++k) {
    qsim::require(array.at(k) >= 0, what, " has ", array.at(k), " at ", k,
                  "; it must be at least 0");
    out.push_back(static_cast<std::size_t>(array.at(k)));
    qsim::count_work();
  }
  return out;
}

WordArray word_array(const py::object& values, std::string_view what) {
  return laid_out<WordArray>(number_array(values, "u", what, "words of 64 bits"), what);
}

qsim::Matrix matrix_of(const py::object& values, std::string_view what) {
  const auto array = complex_array<double>(values, what);
  qsim::require(array.ndim() == 2, what, " must have two axes, got ", array.ndim());
  qsim::require_memory(static_cast<double>(array.nbytes()), qsim::concat("a copy of ", what));
  return Eigen::Map<const qsim::Matrix>(array.data(), array.shape(0), array.shape(1));
}

std::optional<qsim::Matrix> read_matrix(const py::object& values) {
  constexpr std::string_view kWhat = "a matrix";
  if (is_masked(values)) return matrix_of(values, kWhat);  // which says so
  const py::array array = any_array(values, kWhat);
  const bool numbers = kNumberKinds.find(array.dtype().kind()) != std::string_view::npos;
  if (array.ndim() != 2 || !numbers) return {};
  return matrix_of(array, kWhat);
}

void bind_numbers(py::module_& m) {
  m.def(
      "_real",
      [](const py::object& value, std::string_view what) {
        const auto read = read_real(value);
        if (read.value) return *read.value;
        throw py::type_error(
            qsim::concat(what, " must be a real number, not ", shown(value), read.why));
      },
      py::arg("value"), py::arg("what"),
      R"(A number as float, where it is real: the rule of all arguments, for those that Python reads.

>>> _real(1 + 0j, 'gamma')
1.0
>>> _real(2j, 'gamma')
Traceback (most recent call last):
TypeError: gamma must be a real number, not 2j (complex), which has an imaginary part
)");
  m.def("_real_array", &real_array, py::arg("values"), py::arg("what"),
        R"(Numbers as an array of float64, where they are real: the rule of all arguments.

>>> _real_array([1, 2 + 0j], 'weights')
array([1., 2.])
)");
  m.def(
      "_qubits", [](const QubitsArg& qubits) { return qubits.value; }, py::arg("qubits"),
      R"(One qubit or several as a list: the rule of all arguments, for those that Python reads.

>>> _qubits(2), _qubits(range(2))
([2], [0, 1])
)");
  m.def(
      "_why_not_real",
      [](const py::object& value) -> std::optional<std::string> {
        const auto read = read_real(value);
        if (read.value) return std::nullopt;
        return std::string(read.why);
      },
      py::arg("value"), "What is wrong with a real number, for messages; None where it is one.");
}

}  // namespace ketgrad

namespace pybind11::detail {

bool type_caster<ketgrad::Factor>::load(handle h, bool /*convert*/) {
  if (!h) return false;
  const auto read = ketgrad::read_real(h);
  if (!read.value && (!read.why.empty() || ketgrad::is_traced(h))) {
    throw type_error(qsim::concat("a real number is expected, not ", ketgrad::shown(h), read.why));
  }
  value.value = read.value.value_or(0);
  return read.value.has_value();
}

bool type_caster<qsim::Matrix>::load(handle h, bool convert) {
  if (!h || h.is_none() || (!convert && !isinstance<array>(h)) || isinstance<pybind11::str>(h)) {
    return false;
  }
  auto matrix = ketgrad::read_matrix(reinterpret_borrow<object>(h));
  if (matrix) value = std::move(*matrix);
  return matrix.has_value();
}

handle type_caster<qsim::Matrix>::cast(qsim::Matrix&& matrix, return_value_policy /*policy*/,
                                       handle /*parent*/) {
  auto* const owned = new qsim::Matrix(std::move(matrix));
  const capsule owner(owned, [](void* p) { delete static_cast<qsim::Matrix*>(p); });
  return array_t<std::complex<double>>({owned->rows(), owned->cols()}, owned->data(), owner)
      .release();
}

}  // namespace pybind11::detail
