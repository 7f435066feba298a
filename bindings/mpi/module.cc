#include <pybind11/complex.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bindings/gil.h"
#include "qsim/core/atomic_file.h"
#include "qsim/core/hash.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/parallel.h"
#include "qsim/engines/mpi/mpi_communicator.h"
#include "qsim/engines/ranks/rank_file.h"
#include "qsim/engines/ranks/rank_program.h"

// States over MPI, as ketgrad.mpi calls them: it checks and converts what users give.

namespace {

namespace py = pybind11;
using ketgrad::WithoutGil;

using Comm = std::shared_ptr<qsim::MpiCommunicator>;
using Reals = py::array_t<double, py::array::c_style | py::array::forcecast>;

template <class T>
using Complexes = py::array_t<std::complex<T>, py::array::c_style | py::array::forcecast>;

template <class Value>
std::span<const Value> span_of(const py::array_t<Value>& values) {
  return {values.data(), static_cast<std::size_t>(values.size())};
}

template <class Value>
py::array_t<Value> array_of(const std::vector<Value>& values) {
  return py::array_t<Value>(static_cast<py::ssize_t>(values.size()), values.data());
}

std::vector<double> list_of(const Reals& values) {
  return {values.data(), values.data() + values.size()};
}

// What samples have, one after the other. Between two of them nothing of Python's runs: an
// interrupt there would be of one rank alone.
class Rows {
 public:
  explicit Rows(const Reals& rows)
      : numbers_(list_of(rows)), count_(static_cast<std::size_t>(rows.shape(0))) {}
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] std::span<const double> operator[](std::size_t k) const {
    const std::size_t width = numbers_.size() / count_;
    return std::span(numbers_).subspan(k * width, width);
  }

 private:
  std::vector<double> numbers_;
  std::size_t count_;
};

void append(std::vector<double>& out, const std::vector<double>& more) {
  out.insert(out.end(), more.begin(), more.end());
}

// A state and a program keep the communicator alive, which they were made on.
template <class T>
struct MpiState {
  Comm comm;
  qsim::RankState<T> state;
};

template <class T>
struct MpiProgram {
  Comm comm;
  qsim::RankProgram<T> program;
};

// What ketgrad._core makes of a program for ranks; modules share no types.
const qsim::Program& program_in(const py::capsule& capsule) {
  return *static_cast<const qsim::Program*>(capsule.get_pointer());
}

template <class T>
void bind_state(py::module_& m, const char* name) {
  using State = MpiState<T>;
  py::class_<State>(m, name)
      .def(py::init([](const Comm& comm, int n_qubits) {
        const WithoutGil release;
        return std::make_unique<State>(State{comm, qsim::RankState<T>(*comm, n_qubits)});
      }))
      .def_static("load",
                  [](const Comm& comm, const std::string& path) {
                    const WithoutGil release;
                    return std::make_unique<State>(State{comm, qsim::load_ranks<T>(*comm, path)});
                  })
      .def("save",
           [](State& s, const std::string& path) {
             const WithoutGil release;
             qsim::save_ranks(s.state, path);
           })
      .def("n_qubits", [](const State& s) { return s.state.n_qubits(); })
      .def("n_local", [](const State& s) { return s.state.order().n_local(); })
      .def("order", [](const State& s) { return s.state.order().positions(); })
      .def("set_local",
           [](State& s, const Complexes<T>& values) {
             const auto span = span_of<std::complex<T>>(values);
             const WithoutGil release;
             s.state.set_local(span);
           })
      .def("local",
           [](State& s) {
             std::vector<std::complex<T>> out;
             {
               const WithoutGil release;
               s.state.in_order();
               out = s.state.local().amplitudes();
             }
             return std::pair(s.state.first(), array_of(out));
           })
      .def("norm",
           [](const State& s) {
             const WithoutGil release;
             return s.state.norm();
           })
      .def("amplitudes",
           [](const State& s, qsim::Index first, qsim::Index count) {
             std::vector<std::complex<T>> out;
             {
               const WithoutGil release;
               out = s.state.amplitudes(first, count);
             }
             return array_of(out);
           })
      .def("probabilities",
           [](const State& s, const std::vector<qsim::Qubit>& qubits) {
             std::vector<double> out;
             {
               const WithoutGil release;
               out = s.state.probabilities(qubits);
             }
             return array_of(out);
           })
      .def("sample", [](State& s, std::int64_t shots, std::uint64_t seed) {
        std::vector<qsim::Index> out;
        {
          const WithoutGil release;
          out = s.state.sample(shots, seed);
        }
        return array_of(out);
      });
}

template <class T>
void bind_program(py::module_& m, const char* name) {
  using Program = MpiProgram<T>;
  py::class_<Program>(m, name)
      .def(py::init([](const Comm& comm, const py::capsule& capsule) {
        const qsim::Program& program = program_in(capsule);
        const WithoutGil release;
        return std::make_unique<Program>(Program{comm, qsim::RankProgram<T>(*comm, program)});
      }))
      .def("n_values",
           [](const Program& p, std::string_view quantity) {
             return p.program.n_values(qsim::quantity(quantity));
           })
      .def("run",
           [](Program& p, const Reals& parameters) {
             const std::vector<double> values = list_of(parameters);
             const WithoutGil release;
             return std::make_unique<MpiState<T>>(MpiState<T>{p.comm, p.program.run(values)});
           })
      .def("apply",
           [](Program& p, const Reals& parameters, MpiState<T>& state) {
             const std::vector<double> values = list_of(parameters);
             const WithoutGil release;
             p.program.apply(values, state.state);
           })
      .def("values",
           [](Program& p, std::string_view quantity, const Reals& samples) {
             const Rows rows(samples);
             std::vector<double> out;
             {
               const WithoutGil release;
               for (std::size_t k = 0; k < rows.size(); ++k) {
                 append(out, p.program.values(qsim::quantity(quantity), rows[k]));
               }
             }
             return array_of(out);
           })
      .def("vjp",
           [](Program& p, std::string_view quantity, const Reals& samples, const Reals& cotangents,
              bool with_values) {
             const Rows rows(samples);
             const Rows factors(cotangents);
             typename qsim::RankProgram<T>::Derivatives out;
             {
               const WithoutGil release;
               for (std::size_t k = 0; k < rows.size(); ++k) {
                 const auto found =
                     p.program.vjp(qsim::quantity(quantity), rows[k], factors[k], with_values);
                 append(out.values, found.values);
                 append(out.gradient, found.gradient);
               }
             }
             return std::pair(array_of(out.values), array_of(out.gradient));
           })
      .def("jacobian", [](Program& p, std::string_view quantity, const Reals& samples) {
        const Rows rows(samples);
        typename qsim::RankProgram<T>::Jacobian out;
        {
          const WithoutGil release;
          for (std::size_t k = 0; k < rows.size(); ++k) {
            const auto found = p.program.jacobian(qsim::quantity(quantity), rows[k]);
            append(out.values, found.values);
            append(out.rows, found.rows);
          }
        }
        return std::pair(array_of(out.values), array_of(out.rows));
      });
}

// What Python raises, as other ranks shall have it; this one keeps its own (_communicators.py).
void call(const py::function& body) {
  try {
    body();
  } catch (py::error_already_set& error) {
    const std::string text = py::str(error.value());
    if (error.matches(PyExc_ValueError)) throw qsim::ValueError(text);
    if (error.matches(PyExc_IndexError)) throw qsim::IndexError(text);
    if (error.matches(PyExc_MemoryError)) throw qsim::MemoryError(text);
    const std::string name = py::str(error.type().attr("__name__"));
    throw qsim::RankError(name + ": " + text);
  }
}

void translate(std::exception_ptr error) {  // NOLINT(performance-unnecessary-value-param)
  try {
    if (error) std::rethrow_exception(error);
  } catch (const qsim::FileError& e) {
    const py::tuple arguments = py::make_tuple(e.code, e.what());
    PyErr_SetObject(PyExc_OSError, arguments.ptr());
  } catch (const qsim::RankError& e) {
    // Ctrl-C in one process is Ctrl-C in all.
    const bool interrupted = std::strstr(e.what(), "KeyboardInterrupt") != nullptr;
    PyErr_SetString(interrupted ? PyExc_KeyboardInterrupt : PyExc_RuntimeError, e.what());
  }
}

}  // namespace

PYBIND11_MODULE(_mpi, m) {
  m.doc() = "States over MPI; use the names from ketgrad.mpi.";
  qsim::set_interrupt_hook([] {
    const ketgrad::WithGil gil;
    if (PyGILState_Check() == 0) return;
    const int failed = ketgrad::outliving_python([] { return PyErr_CheckSignals(); });
    if (failed != 0) throw py::error_already_set();
  });
  ketgrad::watch_the_end();
  py::register_local_exception_translator(&translate);
  py::class_<qsim::MpiCommunicator, Comm>(m, "Communicator")
      .def(py::init([](std::uintptr_t address) {
        // Where mpi4py keeps its handle.
        const auto* handle =
            reinterpret_cast<MPI_Comm*>(address);  // NOLINT(performance-no-int-to-ptr)
        return std::make_shared<qsim::MpiCommunicator>(*handle);
      }))
      .def("rank", &qsim::MpiCommunicator::rank)
      .def("size", &qsim::MpiCommunicator::size)
      .def("amplitude_bytes", &qsim::MpiCommunicator::amplitude_bytes)
      .def("require_same",
           [](qsim::MpiCommunicator& comm, std::uint64_t number, std::string_view what) {
             const WithoutGil release;
             comm.require_same(qsim::hash_of({number}), what);
           })
      .def("together", [](qsim::MpiCommunicator& comm, const py::function& body) {
        const WithoutGil release;
        comm.together([&] {
          const ketgrad::WithGil gil;
          call(body);
        });
      });
  m.def("set_num_threads", &qsim::set_num_threads);
  m.def("library_version", [] {
    std::string out(MPI_MAX_LIBRARY_VERSION_STRING, '\0');
    int length = 0;
    MPI_Get_library_version(out.data(), &length);
    out.resize(static_cast<std::size_t>(length));
    return out;
  });
  bind_state<float>(m, "SingleState");
  bind_state<double>(m, "DoubleState");
  bind_program<float>(m, "SingleProgram");
  bind_program<double>(m, "DoubleProgram");
}
