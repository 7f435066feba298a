#include <exception>
#include <string>

#include "bindings/common.h"
#include "bindings/library.h"
#include "bindings/rank_plan.h"
#include "qsim/core/count_work.h"
#include "qsim/core/interrupt.h"
#include "qsim/kernels/kernels.h"

namespace {

constexpr const char* kName = "ketgrad._core";

// What is done once, at the first call. A fork while another thread is at that would leave it for
// ever unfinished in the child.
void choose_kernels() {
  qsim::simd_targets();
  try {
    qsim::apply_environment_target();
  } catch (const qsim::ValueError&) {  // the first kernel says so
  }
}

// A loaded library gets a thread's own variables at their first use, and where there is no memory
// for them then, the process ends. So the thread that imports gets ours and the standard library's
// now.
void touch_thread_storage() {
  qsim::count_work();
  static_cast<void>(std::uncaught_exceptions());
}

// Wheels of NumPy since 2.4 are compiled for processors with SSE4.2 and end the process elsewhere,
// in an illegal instruction. What is ours runs on any x86-64; so a child tries, where it is in
// question.
void refuse_numpy_for_newer_processors() {
#if defined(__x86_64__) && defined(__unix__)
  if (__builtin_cpu_supports("sse4.2") != 0) return;
  const auto os = pybind11::module_::import("os");
  const auto child = os.attr("fork")();
  if (child.equal(pybind11::int_(0))) {
    try {
      pybind11::module_::import("numpy");
    } catch (const std::exception&) {  // the import that follows says it
    }
    os.attr("_exit")(0);
  }
  const pybind11::tuple end = os.attr("waitpid")(child, 0);
  if (!os.attr("WIFSIGNALED")(end[1]).cast<bool>()) return;
  const auto version = pybind11::module_::import("importlib.metadata").attr("version")("numpy");
  throw pybind11::import_error(
      "NumPy " + version.cast<std::string>() +
      " does not run on this processor, which lacks SSE4.2; NumPy 2.3 does");
#endif
}

}  // namespace

PYBIND11_MODULE(_core, m) {
  namespace py = pybind11;
  refuse_numpy_for_newer_processors();
  m.doc() = "The C++ core of ketgrad; use the names from the package itself.";
  // Lets Ctrl-C end long work: the loops call this a few times a second, most without the GIL.
  qsim::set_interrupt_hook([] {
    const ketgrad::WithGil gil;
    if (PyGILState_Check() == 0) return;  // a thread of another library (measured.h)
    const int failed = ketgrad::outliving_python([] { return PyErr_CheckSignals(); });
    if (failed != 0) throw py::error_already_set();
  });
  ketgrad::translate_errors();
  ketgrad::bind_numbers(m);
  choose_kernels();
  touch_thread_storage();
  ketgrad::watch_the_end();
  ketgrad::bind_parameter(m);
  ketgrad::bind_pauli_sum(m);
  ketgrad::bind_observable(m);
  ketgrad::bind_circuit(m);
  ketgrad::bind_classical_shadow(m);
  ketgrad::bind_state(m);
  ketgrad::bind_channel(m);
  ketgrad::bind_noise_model(m);
  ketgrad::bind_density_matrix(m);
  ketgrad::bind_shots(m);
  ketgrad::bind_program(m);
  ketgrad::bind_measured(m);
  ketgrad::bind_noisy(m);
  ketgrad::bind_quantum_kernel(m);
  ketgrad::bind_overlap(m);
  ketgrad::bind_optimizer(m);
  ketgrad::bind_minimize(m);
  ketgrad::bind_shift_rule(m);
  ketgrad::bind_feature_map(m);
  ketgrad::bind_layer(m);
  ketgrad::bind_model(m);
  ketgrad::bind_presets(m);
  ketgrad::bind_trainer(m);
  ketgrad::bind_losses(m);
  ketgrad::bind_whole_batch(m);
  ketgrad::bind_library(m);
  ketgrad::bind_fermions(m);
  ketgrad::bind_hamiltonians(m);
  ketgrad::bind_evolution(m);
  ketgrad::bind_synthesis(m);
  ketgrad::bind_config(m);
  ketgrad::bind_benchmark(m);
  ketgrad::bind_rank_plan(m);
  m.def(
      "_shorten_signatures", [] { ketgrad::shorten_signatures(py::module_::import(kName)); },
      "Makes the signatures of all functions short, as help() shows them; the stub needs them "
      "long.");
  ketgrad::write_out_types(m);
  ketgrad::explain_errors(m);  // last, of all there is
}
