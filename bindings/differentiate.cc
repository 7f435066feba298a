#include "qml/derivatives/differentiate.h"

#include <pybind11/typing.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <tuple>
#include <utility>

#include "bindings/arguments.h"
#include "bindings/goes_with.h"
#include "bindings/loss_result.h"
#include "bindings/marginal.h"
#include "bindings/program.h"

namespace ketgrad {
namespace {

using Optional = std::optional<py::object>;
using qml::Gradients;
using qsim::Quantity;

// A cotangent as real numbers: complex ones, of a state, as real and imaginary parts.
class Cotangent {
 public:
  Cotangent(const PyProgram& p, const PyBatch& batch, const py::object& values, Quantity quantity) {
    if (quantity == Quantity::kState) {
      complex_ = complex_array<double>(values, "the cotangent");
      // std::complex<double> is an array of two doubles.
      const auto* parts = reinterpret_cast<const double*>(complex_.data());
      view_ = {parts, 2 * static_cast<std::size_t>(complex_.size())};
      check_shape(complex_, batch.shape({qsim::n_values(p.program, quantity) / 2}));
    } else {
      real_ = real_array(values, "the cotangent");
      view_ = {real_.data(), static_cast<std::size_t>(real_.size())};
      check_shape(real_, batch.shape({qsim::n_values(p.program, quantity)}));
    }
  }

  [[nodiscard]] std::span<const double> view() const { return view_; }

 private:
  static void check_shape(const py::array& array, const std::vector<py::ssize_t>& expected) {
    const std::vector<py::ssize_t> got(array.shape(), array.shape() + array.ndim());
    if (got == expected) return;
    qsim::fail("the cotangent must have shape ", shape_text(expected), ", got ", shape_text(got));
  }

  RealArray real_;
  ComplexArray<double> complex_;
  std::span<const double> view_;
};

// Neighbouring rows (real and imaginary parts) of `columns` numbers each as one complex row.
template <class T>
std::vector<std::complex<T>> to_complex(const std::vector<double>& parts, std::size_t columns) {
  std::vector<std::complex<T>> out(parts.size() / 2);
  for (std::size_t k = 0; k < out.size(); ++k) {
    const std::size_t re = k + k / columns * columns;
    out[k] = {static_cast<T>(parts[re]), static_cast<T>(parts[re + columns])};
  }
  return out;
}

// The values of a quantity (row by row, `columns` derivatives of each if that is given) as an array
// (batch, n_values, columns): real ones, or of a state complex ones in the program's precision.
py::array values_array(const PyProgram& p, const PyBatch& batch, Quantity quantity,
                       std::vector<double> values, std::optional<std::size_t> columns = {}) {
  const bool complex = quantity == Quantity::kState;
  std::vector<std::size_t> shape{qsim::n_values(p.program, quantity) / (complex ? 2 : 1)};
  if (columns) shape.push_back(*columns);
  if (!complex) return to_array(std::move(values), batch.shape(shape));
  const std::size_t width = columns.value_or(1);
  return p.single ? py::array(to_array(to_complex<float>(values, width), batch.shape(shape)))
                  : py::array(to_array(to_complex<double>(values, width), batch.shape(shape)));
}

// Those by inputs and by weights, in their shapes.
std::pair<py::array_t<double>, py::array_t<double>> gradient_arrays(const PyProgram& p,
                                                                    const PyBatch& batch,
                                                                    Gradients& found) {
  const std::size_t n_weights = p.program.weights.size();
  const auto weights_shape = batch.weights_per_sample()
                                 ? batch.shape({n_weights})
                                 : std::vector<py::ssize_t>{static_cast<py::ssize_t>(n_weights)};
  return {to_array(std::move(found.inputs), batch.shape({p.program.inputs.size()})),
          to_array(std::move(found.weights), weights_shape)};
}

// values, inputs and weights of a vector-Jacobian product, in the shapes of the batch.
std::tuple<py::array, py::array_t<double>, py::array_t<double>> vjp(
    const PyProgram& whole, const py::object& cotangent, const Optional& inputs,
    const Optional& weights, std::string_view of, const Optional& initial_state,
    const MeasuredQubits& qubits) {
  const Quantity quantity = qsim::quantity(of);
  const Marginal measured(whole, qubits, quantity, initial_state.has_value());
  const PyProgram& p = measured.get();
  const PyBatch batch(p.program, inputs, weights, initial_state);
  const Cotangent g(p, batch, cotangent, quantity);
  Gradients out =
      run(p, [&]<class T>(T) { return qml::vjp<T>(p.program, batch.view(), g.view(), quantity); });
  auto [by_inputs, by_weights] = gradient_arrays(p, batch, out);
  return {values_array(p, batch, quantity, std::move(out.values)), by_inputs, by_weights};
}

using ValueAndGradients = py::typing::Tuple<py::typing::Union<py::array, py::float_>,
                                            py::array_t<double>, py::array_t<double>>;

// A loss of all values and its gradients; the loss is called when all values are there.
ValueAndGradients loss_and_vjp(const PyProgram& whole, const py::object& loss,
                               const Optional& inputs, const Optional& weights, std::string_view of,
                               const Optional& initial_state, const MeasuredQubits& qubits) {
  const Quantity quantity = qsim::quantity(of);
  qsim::require(quantity != Quantity::kState, "there are no losses of 'state'; give a cotangent");
  const Marginal measured(whole, qubits, quantity, initial_state.has_value());
  const PyProgram& p = measured.get();
  const PyBatch batch(p.program, inputs, weights, initial_state);
  const auto shape = batch.shape({qsim::n_values(p.program, quantity)});
  double value = 0;
  const auto cotangents_of = [&](std::size_t /*first*/, std::size_t /*count*/,
                                 std::span<const double> values, std::span<double> cotangents) {
    const WithGil gil;
    const auto array = to_array(std::vector<double>(values.begin(), values.end()), shape);
    const LossResult found(call_back(loss, py::make_tuple(array)), shape);
    value = found.value;
    std::ranges::copy(found.view(), cotangents.begin());
  };
  Gradients out = run(p, [&]<class T>(T) {
    return qml::vjp<T>(p.program, batch.view(), std::cref(cotangents_of), quantity,
                       qml::Asking::kAllAtOnce);
  });
  auto [by_inputs, by_weights] = gradient_arrays(p, batch, out);
  return py::make_tuple(value, by_inputs, by_weights);
}

using Arrays = py::typing::Tuple<py::array, py::ellipsis>;

// Inputs and weights, then what else the options ask for.
Arrays jacobian(const PyProgram& p, const Optional& inputs, const Optional& weights,
                const Optional& initial_state, const qml::JacobianOptions& options,
                bool return_values) {
  const PyBatch batch(p.program, inputs, weights, initial_state);
  Gradients out =
      run(p, [&]<class T>(T) { return qml::jacobian<T>(p.program, batch.view(), options); });
  py::list arrays;
  if (return_values) {
    arrays.append(values_array(p, batch, options.quantity, std::move(out.values)));
  }
  const auto add = [&](std::vector<double> values, std::size_t columns) {
    arrays.append(values_array(p, batch, options.quantity, std::move(values), columns));
  };
  add(std::move(out.inputs), p.program.inputs.size());
  add(std::move(out.weights), p.program.weights.size());
  if (options.std_errors) {
    add(std::move(out.inputs_std), p.program.inputs.size());
    add(std::move(out.weights_std), p.program.weights.size());
  }
  if (options.covariance) {
    const std::size_t n = p.program.n_parameters();
    arrays.append(to_array(std::move(out.covariance),
                           batch.shape({qsim::n_values(p.program, options.quantity), n, n})));
  }
  return py::tuple(arrays);
}

}  // namespace

void def_gradients(py::class_<PyProgram>& c) {
  c.def(
       "vjp",
       [](const PyProgram& p, const py::object& cotangent, const Optional& inputs,
          const Optional& weights, std::string_view of, const Optional& initial_state,
          const MeasuredQubits& qubits) {
         auto [values, by_inputs, by_weights] =
             vjp(p, cotangent, inputs, weights, of, initial_state, qubits);
         return std::pair(by_inputs, by_weights);
       },
       py::arg("cotangent"), py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
       py::arg("of") = "expval", py::arg("initial_state") = py::none(),
       py::arg("qubits") = py::none(),
       R"(Gradients of sum(cotangent * values) by the adjoint method: (inputs, weights).

The values are those of the method named by `of`: 'expval', 'variance', 'probs' or 'state', whose
shape the cotangent has. Of 'state' it is complex, and the sum is Re(sum(conj(cotangent) * state)).
The gradients have the shapes of inputs and weights: where one row of weights serves a whole batch,
its gradient is summed over the batch. One backward sweep a sample gives everything (Jones & Gacon
2020, arXiv:2009.02823). initial_state is that of expval(), qubits are those of probs(). Raises
ValueError, naming the parameter, where an angle's expression has no finite derivative.

>>> prog = compile(Circuit(1).rx(Parameter('a'), 0), 'Z')
>>> prog.vjp([1.0], weights=[1.5])[1].round(6)
array([-0.997495])
>>> prog.vjp([0.0, 1.0], weights=[1.5], of='probs')[1].round(6)
array([0.498747])

The gradient of the fidelity |<phi|psi>|**2 with a state phi:

>>> import numpy as np
>>> phi = np.array([0, 1j])
>>> psi = prog.state(weights=[1.5])
>>> prog.vjp(2 * np.vdot(phi, psi) * phi, weights=[1.5], of='state')[1].round(6)
array([0.498747])
)")
      .def(
          "value_and_vjp",
          [](const PyProgram& p, const py::object& cotangent, const Optional& inputs,
             const Optional& weights, std::string_view of, const Optional& initial_state,
             const MeasuredQubits& qubits) -> ValueAndGradients {
            if (PyCallable_Check(cotangent.ptr()) != 0) {
              return loss_and_vjp(p, cotangent, inputs, weights, of, initial_state, qubits);
            }
            auto [values, by_inputs, by_weights] =
                vjp(p, cotangent, inputs, weights, of, initial_state, qubits);
            return py::make_tuple(values, by_inputs, by_weights);
          },
          py::arg("cotangent"), py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
          py::arg("of") = "expval", py::arg("initial_state") = py::none(),
          py::arg("qubits") = py::none(),
          R"(The values as well, from the same run: (values, inputs, weights). Arguments as of vjp().

In the place of the cotangent may stand a loss: a function of all values (not of 'state') that returns
its own value, one finite number, and its derivatives by them, of the values' shape. What it is given is
its own, to change as it likes. Then the result is (loss, inputs, weights), with the gradients of the loss.

>>> prog = compile(Circuit(1).rx(Parameter('a'), 0), 'Z')
>>> prog.value_and_vjp([1.0], weights=[0.0])[0]
array([1.])
>>> loss, _, by_weights = prog.value_and_vjp(
...     lambda z: (float((z**2).sum()), 2 * z), weights=[0.5])
>>> round(loss, 6), by_weights.round(6)
(0.770151, array([-0.841471]))
)")
      .def(
          "jacobian",
          [](const PyProgram& p, const Optional& inputs, const Optional& weights,
             std::string_view method, const std::optional<ShotsArg>& shots, const SeedArg& seed,
             double step, std::string_view of, std::string_view allocation, bool return_std,
             bool return_cov, const Optional& initial_state, const MeasuredQubits& qubits,
             bool return_values) {
            qml::JacobianOptions options{.method = qml::diff_method(method),
                                         .step = step,
                                         .quantity = qsim::quantity(of),
                                         .allocation = qml::shot_allocation(allocation),
                                         .std_errors = return_std,
                                         .covariance = return_cov};
            require_goes_with(seed.value.has_value(), "seed", shots.has_value(), "shots");
            qsim::require(!return_values || options.method == qml::DiffMethod::kAdjoint,
                          "return_values goes with diff_method 'adjoint', not '", method, "'");
            if (shots) {
              options.shots = shots->value;
              options.seed = seed.get();
            }
            const Marginal measured(p, qubits, options.quantity, initial_state.has_value());
            return jacobian(measured.get(), inputs, weights, initial_state, options, return_values);
          },
          py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
          py::arg("diff_method") = "adjoint", py::arg("shots") = py::none(),
          py::arg("seed") = py::none(), py::arg("step") = 0.0, py::arg("of") = "expval",
          py::arg("shot_allocation") = "each", py::arg("return_std") = false,
          py::arg("return_cov") = false, py::arg("initial_state") = py::none(),
          py::arg("qubits") = py::none(), py::arg("return_values") = false,
          R"(Derivatives of all values by all parameters: (inputs, weights).

Shapes (n_values, n_inputs) and (n_values, n_weights), for a batch with (batch, ...) in front: of
'expval' and 'variance' there are n_observables values, of 'probs' and 'state' 2**n, those of 'state'
complex.

diff_method is 'adjoint' (default; a backward sweep a value, so vjp() is the one for losses),
'parameter-shift' (the exact rule of every gate's spectrum, Wierichs et al. 2022, arXiv:2107.12390;
with shots, an unbiased estimate; not of 'state') or 'finite-diff' (central; with a step of at most
pi / 2; other methods take none). shots, with the last two, estimate 'expval' and 'probs' as those methods
do; the same seed gives the same shots, None draws a fresh one.

A step of 0 is chosen: epsilon**(1/3) of the precision for exact values; with shots (3 / sqrt(shots))**(1/3),
at most pi / 2, divided by the parameter's highest frequency where that is above 1 (the sum over its gates
of |d angle / d parameter| times the width of the generator's spectrum, 1 for a rotation; within the step, and
more where angles are not straight lines there): so the truncation of the difference is about as large as the
noise of an observable whose outcomes are far from certain.

With parameter-shift and shots, every shifted circuit of every gate, and on it every Pauli string of
every observable, is measured by shots of its own, drawn from that circuit's true distribution.
shot_allocation says what their number means: 'each' gives that many to every string; of a sample's
whole Jacobian it is the total budget with 'uniform', spread evenly, and with 'weighted', in proportion
to |coefficient of the string * coefficient of the rule|. return_std appends (inputs_std, weights_std),
the standard errors, with shapes as those of the derivatives; return_cov appends, for every value, the
covariances of its derivatives by all parameters, inputs first, shape (n_values, n_parameters,
n_parameters). Both are estimated from the spread of the same shots (variances without bias), which
takes 2 shots of everything. Derivatives by different gates' angles are independent: parameters
correlate as far as they share gates, through expressions. Those of different observables and samples
are independent; those of different entries of 'probs' come from the same shots and are not.

initial_state is that of expval(), qubits are those of probs(). return_values puts the values in front,
from the same run ('adjoint' alone). Raises ValueError for what a method cannot do, a budget that is too small and, naming the parameter, where an angle's expression has no
finite derivative.

>>> prog = compile(Circuit(1).rx(Parameter('a'), 0), 'Z')
>>> prog.jacobian(weights=[1.5], diff_method='parameter-shift')[1].round(6)
array([[-0.997495]])
>>> prog.jacobian(weights=[1.5], of='probs')[1].round(6)
array([[-0.498747],
       [ 0.498747]])
>>> by_inputs, by_weights, inputs_std, weights_std = prog.jacobian(
...     weights=[1.5], diff_method='parameter-shift', shots=1000, seed=1, return_std=True)
>>> bool(abs(by_weights + 0.997495) < 4 * weights_std)
True
)");
}

}  // namespace ketgrad
