#include "qml/derivatives/hessian.h"

#include <utility>

#include "bindings/marginal.h"
#include "bindings/program.h"

namespace ketgrad {
namespace {

using Optional = std::optional<py::object>;

std::vector<double> vector_of(const py::object& values, std::string_view what) {
  const RealArray array = real_array(values, what);
  qsim::require(array.ndim() == 1, what, " must have one axis, got shape ", ShapeOf{array});
  return {array.data(), array.data() + array.size()};
}

qml::HessianOptions options_of(const Optional& cotangent, std::string_view wrt,
                               std::string_view of) {
  qml::HessianOptions options{
      .wrt = qml::wrt(wrt), .quantity = qsim::quantity(of), .cotangent = {}};
  if (cotangent) options.cotangent = vector_of(*cotangent, "the cotangent");
  return options;
}

// ([batch,] [n_values,] …, P).
std::vector<py::ssize_t> shape_of(const PyProgram& p, const PyBatch& batch,
                                  const qml::HessianOptions& options, std::size_t n_axes) {
  std::vector<std::size_t> rest(n_axes, qml::range_of(p.program, options.wrt).count);
  if (!options.cotangent) rest.insert(rest.begin(), qsim::n_values(p.program, options.quantity));
  return batch.shape(rest);
}

}  // namespace

void def_hessian(py::class_<PyProgram>& c) {
  c.def(
       "hessian",
       [](const PyProgram& whole, const Optional& inputs, const Optional& weights,
          const Optional& cotangent, std::string_view wrt, std::string_view of,
          const MeasuredQubits& qubits) {
         const qml::HessianOptions options = options_of(cotangent, wrt, of);
         const Marginal measured(whole, qubits, options.quantity);
         const PyProgram& p = measured.get();
         const PyBatch batch(p.program, inputs, weights);
         auto out =
             run(p, [&]<class T>(T) { return qml::hessian<T>(p.program, batch.view(), options); });
         return to_array(std::move(out), shape_of(p, batch, options, 2));
       },
       py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
       py::arg("cotangent") = py::none(), py::arg("wrt") = "weights", py::arg("of") = "expval",
       py::arg("qubits") = py::none(),
       R"(Exact second derivatives, shape (n_values, P, P), or (batch, n_values, P, P) for a batch.

Of the values named by `of`, 'expval' or 'probs', by the P 'weights', 'inputs' or 'all' (inputs, then
weights) named by wrt. With a cotangent of shape (n_values,), the same for every sample, those of
sum(cotangent * values), shape (P, P) or (batch, P, P), which takes fewer sweeps. qubits are those of
probs().

Shift rules of single angles are applied to gradients of the adjoint method (Mari et al. 2021,
arXiv:2008.06517); shared parameters and expressions follow by the chain rule. Raises ValueError, naming
the parameter, where an angle's expression has no finite first or second derivative.

>>> prog = compile(Circuit(1).rx(Parameter('a'), 0).ry(Parameter('b'), 0), 'Z')
>>> prog.hessian(weights=[0.3, 0.4]).round(6)  # <Z> = cos(a) cos(b)
array([[[-0.879923,  0.115081],
        [ 0.115081, -0.879923]]])
)")
      .def(
          "hvp",
          [](const PyProgram& whole, const py::object& direction, const Optional& inputs,
             const Optional& weights, const Optional& cotangent, std::string_view wrt,
             std::string_view of, const MeasuredQubits& qubits) {
            const qml::HessianOptions options = options_of(cotangent, wrt, of);
            const Marginal measured(whole, qubits, options.quantity);
            const PyProgram& p = measured.get();
            const PyBatch batch(p.program, inputs, weights);
            const auto along = vector_of(direction, "the direction");
            auto out = run(p, [&]<class T>(T) {
              return qml::hvp<T>(p.program, batch.view(), along, options);
            });
            return to_array(std::move(out), shape_of(p, batch, options, 1));
          },
          py::arg("direction"), py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
          py::arg("cotangent") = py::none(), py::arg("wrt") = "weights", py::arg("of") = "expval",
          py::arg("qubits") = py::none(),
          R"(The Hessian times a direction of shape (P,): (n_values, P), or (P,) with a cotangent.

For a batch with (batch, ...) in front. Arguments and errors as of hessian(); the Hessian itself is
never held in memory.

>>> prog = compile(Circuit(1).rx(Parameter('a'), 0).ry(Parameter('b'), 0), 'Z')
>>> prog.hvp([1.0, 0.0], weights=[0.3, 0.4], cotangent=[1.0]).round(6)
array([-0.879923,  0.115081])
)");
}

}  // namespace ketgrad
