#include <exception>
#include <new>
#include <stdexcept>
#include <string>

#include "bindings/functions.h"
#include "qsim/core/atomic_file.h"
#include "qsim/core/memory.h"

// pybind11 answers arguments that fit no signature with all signatures; people want to know which
// argument is wrong. Every function of the module goes through called() to pybind11's dispatcher,
// and ketgrad._errors puts such an answer in words.

namespace ketgrad {
namespace {

using Dispatcher = PyObject* (*)(PyObject*, PyObject* const*, Py_ssize_t, PyObject*);
Dispatcher dispatcher = nullptr;  // the same for all functions

constexpr const char* kOutOfMemory = "out of memory";

// MemoryError for what the standard library throws where memory ends, or a size is beyond all.
// pybind11 wants it by value. NOLINTNEXTLINE(performance-unnecessary-value-param)
void translate_memory(std::exception_ptr error) {
  try {
    if (error) std::rethrow_exception(error);
  } catch (const qsim::MemoryError& foreseen) {
    PyErr_SetString(PyExc_MemoryError, foreseen.what());
  } catch (const std::bad_alloc&) {
    PyErr_SetString(PyExc_MemoryError, kOutOfMemory);
  } catch (const std::length_error&) {
    PyErr_SetString(PyExc_MemoryError, kOutOfMemory);
  }
}

// OSError, and FileNotFoundError and the like by errno, for what the system said of a file.
// NOLINTNEXTLINE(performance-unnecessary-value-param)
void translate_files(std::exception_ptr error) {
  try {
    if (error) std::rethrow_exception(error);
  } catch (const qsim::FileError& failed) {
    // Paths may be any bytes.
    const auto text = py::reinterpret_steal<py::object>(PyUnicode_DecodeFSDefault(failed.what()));
    const py::object value = py::reinterpret_borrow<py::object>(PyExc_OSError)(failed.code, text);
    PyErr_SetObject(py::type::of(value).ptr(), value.ptr());
  }
}

// The name of the function that the dispatcher was called for, where pybind11 tells it.
std::string name_of([[maybe_unused]] PyObject* self) {
#if PYBIND11_VERSION_HEX >= 0x03000000
  const auto* record = py::detail::function_record_ptr_from_PyObject(self);
  if (record != nullptr && record->name != nullptr) return record->name;
#endif
  return "this call";
}

// Says what was asked for where the memory for it ended unforeseen.
void name_call(PyObject* self) {
  py::error_already_set error;
  try {
    const std::string text = py::str(error.value());
    if (text != kOutOfMemory) {
      error.restore();
      return;
    }
    const auto available = static_cast<double>(qsim::available_memory());
    PyErr_SetString(PyExc_MemoryError,
                    qsim::concat(name_of(self), "() needs more memory than the ",
                                 qsim::in_full(available), " bytes that are available")
                        .c_str());
  } catch (const std::exception&) {
    error.restore();
  }
}

// Puts the error that is set in words, or leaves it.
void explain(PyObject* const* arguments, Py_ssize_t n, PyObject* names) {
  py::error_already_set error;
  const IntegerRange integers = noted_range();  // before other functions are called
  try {
    const std::string text = py::str(error.value());
    if (text.find("(): incompatible ") == std::string::npos) {
      error.restore();
      return;
    }
    py::list args;
    for (Py_ssize_t k = 0; k < n; ++k) args.append(py::handle(arguments[k]));
    py::dict kwargs;
    if (names != nullptr) {
      for (const py::handle name : py::reinterpret_borrow<py::tuple>(names)) {
        kwargs[name] = py::handle(arguments[n++]);
      }
    }
    const py::object words =
        call_back(py::module_::import("ketgrad._errors").attr("explain"),
                  py::make_tuple(text, args, kwargs, integers.least, integers.most));
    PyErr_SetObject(py::type::of(words).ptr(), words.ptr());
  } catch (const std::exception&) {  // of a strange object's repr, say; C frames are above
    error.restore();
  }
}

// Where no signature fits, pybind11 writes the names of arguments into its answer, and a name that
// has no UTF-8 would end the process there. A UnicodeEncodeError is set for it.
bool have_utf8(PyObject* names) {
  const Py_ssize_t n = names == nullptr ? 0 : PyTuple_GET_SIZE(names);
  for (Py_ssize_t k = 0; k < n; ++k) {
    if (PyUnicode_AsUTF8(PyTuple_GET_ITEM(names, k)) == nullptr) return false;
  }
  return true;
}

PyObject* called(PyObject* self, PyObject* const* arguments, Py_ssize_t n, PyObject* names) {
  if (!have_utf8(names)) return nullptr;
  const Inside scope;
  const IntegerRange outer = noted_range();
  note_range({});
  PyObject* result = dispatcher(self, arguments, n, names);
  if (result != nullptr) {
    note_range(outer);  // pybind11 calls repr() of the arguments of a call that failed
    return result;
  }
  try {
    if (PyErr_ExceptionMatches(PyExc_MemoryError) != 0) name_call(self);
    if (PyErr_ExceptionMatches(PyExc_TypeError) != 0) {
      explain(arguments, PyVectorcall_NARGS(static_cast<size_t>(n)), names);
    }
  } catch (const std::exception&) {  // there is no memory to look at the error
    if (PyErr_Occurred() == nullptr) PyErr_NoMemory();
  }
  return nullptr;
}

}  // namespace

void translate_errors() {
  py::register_local_exception_translator(&translate_memory);
  py::register_local_exception_translator(&translate_files);
}

void explain_errors(py::handle owner) {
  for_functions(owner, [](PyCFunctionObject& function) {
    // Other versions of pybind11 may call in other ways; their answers stay as they are.
    PyMethodDef* definition = function.m_ml;
    if (definition->ml_flags != (METH_FASTCALL | METH_KEYWORDS)) return;
    const auto own =
        reinterpret_cast<Dispatcher>(reinterpret_cast<void (*)()>(definition->ml_meth));
    if (dispatcher == nullptr) dispatcher = own;
    if (own != dispatcher) return;
    definition->ml_meth = reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&called));
  });
}

}  // namespace ketgrad
