#include <cerrno>
#include <nlohmann/json.hpp>

#include "bindings/common.h"
#include "qsim/core/atomic_file.h"
#include "qsim/core/memory.h"
#include "qsim/core/parallel.h"
#include "qsim/kernels/kernels.h"

namespace ketgrad {
namespace {

// Runs `body`; what the system said of a file becomes the OSError of that errno and path.
template <class Body>
void as_os_error(const std::string& path, const Body& body) {
  try {
    body();
  } catch (const qsim::FileError& error) {
    errno = error.code;
    PyErr_SetFromErrnoWithFilename(PyExc_OSError, path.c_str());
    throw py::error_already_set();
  }
}

}  // namespace

void bind_config(py::module_& m) {
  m.attr("__version__") = KETGRAD_VERSION;
  m.def("set_num_threads", &qsim::set_num_threads, py::arg("threads"),
        R"(Set how many threads are used from now on; 0 restores the default.

That is OMP_NUM_THREADS, else a thread for each processor that the affinity, the quotas of control groups
and the other processes of the same MPI run on this machine leave; show_config() says what was found.

>>> set_num_threads(1)
>>> num_threads()
1
>>> set_num_threads(0)
)");
  m.def("num_threads", &qsim::num_threads, "The number of threads in use.");
  m.def(
      "_why_threads", [] { return qsim::thread_share().why; }, "Why so many threads are in use.");
  m.def("simd_targets", &qsim::simd_targets,
        R"(The instruction sets this build and this processor have, best first.

>>> simd_target() in simd_targets()
True
)");
  m.def("set_simd_target", &qsim::set_simd_target, py::arg("name"),
        R"(Use the named instruction set from now on, '' for the best.

The environment variable KETGRAD_TARGET does the same from the start. Raises ValueError for a name
that is not in simd_targets().

>>> set_simd_target('')
)");
  m.def(
      "simd_target", [] { return std::string(qsim::kernels<double>().target); },
      "The instruction set in use.");
  m.def("available_memory", &qsim::available_memory, "Bytes that a new state may take.");
  m.def(
      "_write_whole",
      [](const py::bytes& name, const py::bytes& data) {
        const std::string path = name;
        const std::string_view text = data;
        as_os_error(path, [&] {
          const WithoutGil release;
          qsim::AtomicFile file(path);
          file.write(text.data(), text.size());
          file.commit();
        });
      },
      py::arg("path"), py::arg("data"),
      "Write a file as a whole or not at all; OSError as of open().");
  m.def(
      "_try_file",
      [](const py::bytes& name) {
        const std::string path = name;
        as_os_error(path, [&] { const qsim::AtomicFile file(path); });
      },
      py::arg("path"), "Raise the OSError that _write_whole would; leaves nothing.");
  m.attr("_libraries") = py::dict(
      py::arg("OpenMP") = py::str(std::to_string(qsim::openmp_version())),
      py::arg("highway") = py::str(qsim::highway_version()),
      py::arg("json") =
          py::str(qsim::concat(NLOHMANN_JSON_VERSION_MAJOR, ".", NLOHMANN_JSON_VERSION_MINOR, ".",
                               NLOHMANN_JSON_VERSION_PATCH)),

      py::arg("compiler") = py::str(__VERSION__),
      py::arg("pybind11") = py::str(
          PYBIND11_TOSTRING(PYBIND11_VERSION_MAJOR) "." PYBIND11_TOSTRING(PYBIND11_VERSION_MINOR)),
      py::arg("eigen") = py::str(
          qsim::concat(EIGEN_WORLD_VERSION, ".", EIGEN_MAJOR_VERSION, ".", EIGEN_MINOR_VERSION)));
}

}  // namespace ketgrad
