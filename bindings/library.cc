#include "bindings/library.h"

#include "bindings/common.h"
#include "qsim/library/fourier.h"
#include "qsim/library/states.h"

namespace ketgrad {
namespace {

// What builds a circuit while other threads run Python.
template <class... Arguments, class... Given>
qsim::Circuit built(qsim::Circuit (*build)(Arguments...), const Given&... given) {
  const WithoutGil release;
  return build(given...);
}

}  // namespace

void bind_library(py::module_& m) {
  m.def(
      "qft",
      [](int n_qubits, bool inverse, bool swaps, int degree) {
        return built(qsim::qft, n_qubits, inverse, swaps, degree);
      },
      py::arg("n_qubits"), py::arg("inverse") = false, py::arg("swaps") = true,
      py::arg("degree") = 0,
      R"(The quantum Fourier transform (Coppersmith 1994, arXiv:quant-ph/0201067).

|x> becomes the sum of exp(2 pi i x y / 2**n) |y> / sqrt(2**n) over all y, for n = n_qubits. inverse=True
is the inverse of it. Without swaps, the result has its bits in reverse order. A degree d of 1 or more
leaves out the controlled phases between qubits d or more apart, for an error below 2 pi n 2**-d;
degree=0 has them all. Raises ValueError for sizes that no circuit has and for a negative degree.

>>> kg.library.qft(4).count_gates()
{'cp': 6, 'h': 4, 'swap': 2}
>>> kg.library.qft(4, inverse=True) == kg.library.qft(4).inverse()
True
)");
  m.def(
      "ghz_state", [](int n_qubits) { return built(qsim::ghz_state, n_qubits); },
      py::arg("n_qubits"),
      R"(The state (|0...0> + |1...1>) / sqrt(2): an H and n_qubits - 1 CNOTs in a row.

Raises ValueError for sizes that no circuit has.

>>> print(kg.library.ghz_state(3).state().probabilities().round(3))
[0.5 0.  0.  0.  0.  0.  0.  0.5]
)");
}

}  // namespace ketgrad
