#include "qml/similarity/quantum_kernel.h"

#include "bindings/arguments.h"
#include "bindings/program.h"

namespace ketgrad {
namespace {

using Optional = std::optional<py::object>;
using OptionalBatch = std::optional<qsim::Batch>;

// The two sides of a kernel: X with itself, or X with Y.
class KernelBatches {
 public:
  KernelBatches(const qsim::Program& program, const Optional& x, const Optional& y,
                const Optional& weights)
      : x_(program, x, weights) {
    require_rows(x_, "X", program.inputs.size());
    if (!y) return;
    qsim::require(!x_.weights_per_sample(),
                  "a row of weights for every sample needs Y=None; give weights of shape (",
                  program.weights.size(), ",)");
    y_.emplace(program, y, weights);
    require_rows(*y_, "Y", program.inputs.size());
  }

  [[nodiscard]] const qsim::Batch& x() const { return x_.view(); }
  [[nodiscard]] OptionalBatch y() const { return y_ ? OptionalBatch(y_->view()) : std::nullopt; }
  [[nodiscard]] std::vector<py::ssize_t> shape() const {
    const auto rows = static_cast<py::ssize_t>(x().size);
    return {rows, y_ ? static_cast<py::ssize_t>(y_->view().size) : rows};
  }

 private:
  static void require_rows(const PyBatch& batch, std::string_view name, std::size_t n_inputs) {
    qsim::require(!batch.shape({}).empty(), name, " must have shape (n_samples, ", n_inputs, ")");
  }

  PyBatch x_;
  std::optional<PyBatch> y_;
};

}  // namespace

void bind_quantum_kernel(py::module_& m) {
  m.def(
      "fidelity_kernel",
      [](const PyProgram& p, const Optional& x, const Optional& y, const Optional& weights) {
        const KernelBatches sides(p.program, x, y, weights);
        auto values = run(p, [&]<class T>(T) {
          return qml::fidelity_kernel<T>(p.program, sides.x(), sides.y());
        });
        return to_array(std::move(values), sides.shape());
      },
      py::arg("program"), py::arg("X") = py::none(), py::arg("Y") = py::none(),
      py::arg("weights") = py::none(),
      R"(The fidelity kernel |<phi(x)|phi(y)>|**2, shape (len(X), len(Y)) or (len(X), len(X)).

phi(x) is the final state of the program at the inputs x (Havlicek et al. 2019, arXiv:1804.11326). X
and Y have shape (n_samples, n_inputs), weights (n_weights,). Without Y it is the Gram matrix of X:
symmetric, with ones on the diagonal and positive semi-definite up to rounding; weights may then have
a row for every sample. Every state is prepared once (again where memory does not hold them all), and
one matrix product has all overlaps. Raises ValueError for shapes that do not fit and MemoryError for
a matrix larger than memory.

>>> prog = compile(iqp_map(2), inputs='x')
>>> fidelity_kernel(prog, [[0.1, 0.2], [0.3, 0.4]]).round(4)
array([[1.    , 0.1035],
       [0.1035, 1.    ]])
>>> fidelity_kernel(prog, [[0.1, 0.2]], [[0.3, 0.4]]).shape
(1, 1)
)");
  m.def(
      "projected_kernel",
      [](const PyProgram& p, const Optional& x, const Optional& y, const Optional& weights,
         double gamma) {
        const KernelBatches sides(p.program, x, y, weights);
        auto values = run(p, [&]<class T>(T) {
          return qml::projected_kernel<T>(p.program, sides.x(), sides.y(), gamma);
        });
        return to_array(std::move(values), sides.shape());
      },
      py::arg("program"), py::arg("X") = py::none(), py::arg("Y") = py::none(),
      py::arg("weights") = py::none(), py::arg("gamma") = 1.0,
      R"(The projected kernel exp(-gamma sum_q ||rho_q(x) - rho_q(y)||**2), of the shapes of fidelity_kernel().

rho_q(x) is the reduced state of qubit q, the norm Frobenius' (Huang et al. 2021, arXiv:2011.01938):
a Gaussian of the distance between Bloch vectors, with a factor of gamma / 2. Raises what
fidelity_kernel() does, and ValueError unless gamma is positive and finite.

>>> prog = compile(angle_map(1), inputs='x')
>>> projected_kernel(prog, [[0.0], [3.141592653589793]]).round(4)
array([[1.    , 0.1353],
       [0.1353, 1.    ]])
)");
  m.def(
      "bloch_vectors",
      [](const PyProgram& p, const Optional& inputs, const Optional& weights) {
        const PyBatch batch(p.program, inputs, weights);
        auto values =
            run(p, [&]<class T>(T) { return qml::bloch_vectors<T>(p.program, batch.view()); });
        constexpr std::size_t kAxes = 3;
        return to_array(std::move(values),
                        batch.shape({static_cast<std::size_t>(p.program.n_qubits), kAxes}));
      },
      py::arg("program"), py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
      R"(<X>, <Y> and <Z> of every qubit, shape (n_qubits, 3), or (batch, n_qubits, 3) for a batch.

Inputs and weights are as those of the program's methods.

>>> bloch_vectors(compile(Circuit(2).h(0).x(1))).round(6) + 0
array([[ 1.,  0.,  0.],
       [ 0.,  0., -1.]])
)");
}

}  // namespace ketgrad
