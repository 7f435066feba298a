#include "qml/derivatives/metric_tensor.h"

#include <utility>

#include "bindings/program.h"

namespace ketgrad {
namespace {

using Optional = std::optional<py::object>;

py::array_t<double> metric(const PyProgram& p, const Optional& inputs, const Optional& weights,
                           const std::optional<std::string>& approx, std::string_view wrt,
                           double factor) {
  const PyBatch batch(p.program, inputs, weights);
  const qml::Wrt by = qml::wrt(wrt);
  const qml::MetricApprox kind = qml::metric_approx(approx.value_or("full"));
  std::vector<double> g =
      run(p, [&]<class T>(T) { return qml::metric_tensor<T>(p.program, batch.view(), by, kind); });
  for (double& value : g) value *= factor;
  const std::size_t n = qml::range_of(p.program, by).count;
  return to_array(std::move(g), batch.shape({n, n}));
}

}  // namespace

void def_metric_tensor(py::class_<PyProgram>& c) {
  c.def(
       "metric_tensor",
       [](const PyProgram& p, const Optional& inputs, const Optional& weights,
          const std::optional<std::string>& approx,
          std::string_view wrt) { return metric(p, inputs, weights, approx, wrt, 1.0); },
       py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
       py::arg("approx") = py::none(), py::arg("wrt") = "weights",
       R"(The Fubini-Study metric of the final state, shape (P, P), or (batch, P, P) for a batch.

g[i, j] = Re(<d_i psi|d_j psi> - <d_i psi|psi><psi|d_j psi>), by the P 'weights', 'inputs' or 'all'
(inputs, then weights) named by wrt. Exact for any circuit (Stokes et al. 2020, arXiv:1909.02108).

approx None computes all entries. 'block-diag' keeps those between parameters of one layer: a
parameter's layer is the number of gates with parameters that come before its first gate, counted along
the longest chain of gates that share qubits. 'diag' keeps the diagonal. The other entries are 0.
Raises ValueError for other names and MemoryError where P states do not fit into memory.

>>> prog = compile(Circuit(1).h(0).rz(Parameter('a'), 0).ry(Parameter('b'), 0))
>>> prog.metric_tensor(weights=[0.3, 0.4]).diagonal().round(6)
array([0.25    , 0.228167])
>>> prog.metric_tensor(weights=[[0.3, 0.4], [0.5, 0.6]], approx='diag').shape
(2, 2, 2)
)")
      .def(
          "fisher",
          [](const PyProgram& p, const Optional& inputs, const Optional& weights,
             const std::optional<std::string>& approx,
             std::string_view wrt) { return metric(p, inputs, weights, approx, wrt, 4.0); },
          py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
          py::arg("approx") = py::none(), py::arg("wrt") = "weights",
          R"(The quantum Fisher information of the final state: 4 times metric_tensor().

Arguments, shapes and errors are those of metric_tensor() (Meyer 2021, arXiv:2103.15191, eq. 18).

>>> prog = compile(Circuit(1).rx(Parameter('a'), 0))
>>> prog.fisher(weights=[0.3]).round(6)
array([[1.]])
)");
}

}  // namespace ketgrad
