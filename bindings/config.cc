#include <nlohmann/json.hpp>

#include "bindings/common.h"
#include "qsim/core/memory.h"
#include "qsim/core/parallel.h"
#include "qsim/kernels/kernels.h"

namespace ketgrad {

void bind_config(py::module_& m) {
  m.attr("__version__") = KETGRAD_VERSION;
  m.def("set_num_threads", &qsim::set_num_threads, py::arg("threads"),
        R"(Set how many threads are used from now on; 0 restores the default.

>>> set_num_threads(1)
>>> num_threads()
1
>>> set_num_threads(0)
)");
  m.def("num_threads", &qsim::num_threads, "The number of threads in use.");
  m.def("simd_targets", &qsim::simd_targets,
        R"(The instruction sets this build and this processor have, best first.

>>> 'SCALAR' in simd_targets() or 'NEON' in simd_targets()
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
