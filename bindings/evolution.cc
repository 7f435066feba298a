#include "qsim/dynamics/evolution.h"

#include "bindings/library.h"
#include "bindings/pauli_arguments.h"
#include "bindings/state.h"

namespace ketgrad {
namespace {

using Evolved = py::typing::Union<PyState, py::typing::Tuple<PyState, py::int_>>;

}  // namespace

void bind_evolution(py::module_& m) {
  m.def(
      "evolve",
      [](const py::object& state, const PauliSumArg& hamiltonian, double time,
         std::string_view method, std::optional<double> tolerance, int dimension,
         bool return_products) -> Evolved {
        PyState out = state_from(state);
        const qsim::EvolutionOptions options{.method = qsim::evolution_method(method),
                                             .tolerance = tolerance,
                                             .dimension = dimension};
        const std::size_t products = [&] {
          const WithoutGil release;
          return std::visit(
              [&](auto& ket) { return qsim::evolve(hamiltonian.value, time, ket, options); },
              out.state);
        }();
        py::object evolved = py::cast(std::move(out));
        if (!return_products) return evolved;
        return py::make_tuple(std::move(evolved), products);
      },
      py::arg("state"), py::arg("hamiltonian"), py::arg("time"), py::kw_only(),
      py::arg("method") = "automatic", py::arg("tolerance") = py::none(), py::arg("dimension") = 40,
      py::arg("return_products") = false,
      R"(The State exp(-i hamiltonian time) |state>, without the error of a product formula.

state is a State, which stays as it is and gives its precision, or amplitudes of shape (2**n,);
hamiltonian is a PauliSum or what it is made from, over n qubits at most. The result differs from the
exact one by tolerance in norm at most, beside rounding errors; None takes 1e-10, in single precision
1e-5. With return_products the result is (state, number of products with the Hamiltonian), which are
what takes the time.

'chebyshev' sums a series whose length follows from bounds on the spectrum (Tal-Ezer and Kosloff 1984,
doi:10.1063/1.448136), in the memory of three states. 'krylov' projects on spaces of up to `dimension`
dimensions (Lanczos; Park and Light 1986, doi:10.1063/1.451548), ends as soon as the bound on its error
allows, and cuts a long time into steps, in the memory of dimension + 1 states: a product takes twice as
long, and they are fewer where the state has few energies or the bounds are loose. 'automatic' takes the
series where it has `dimension` products at most. Raises MemoryError where the states have no room, and
ValueError for a tolerance below 1e-14 (1e-7) or from 1 on, a dimension below 2 and a time that is not
finite.

>>> import math
>>> kg.evolve(kg.State(1), 'X', math.pi / 4).probabilities().round(6)
array([0.5, 0.5])
>>> chain = kg.library.heisenberg(6)
>>> a, b = (kg.evolve(kg.State(6).set_basis(21), chain, 1.5, method=m) for m in ('krylov', 'chebyshev'))
>>> round(abs(a.inner(b)), 9)
1.0
)");
}

}  // namespace ketgrad
