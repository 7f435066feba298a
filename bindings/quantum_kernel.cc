#include "qml/similarity/quantum_kernel.h"

#include <algorithm>
#include <span>

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

std::span<const double> all_of(const RealArray& array) {
  return {array.data(), static_cast<std::size_t>(array.size())};
}

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
      py::arg("weights") = py::none(), "As ketgrad.fidelity_kernel, which may do it in jobs.");
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
      "As ketgrad.projected_kernel, which may do it in jobs.");
  m.def(
      "_projected_kernel",
      [](const py::object& rows, const Optional& columns, double gamma) {
        const RealArray x = real_array(rows, "Bloch vectors");
        const RealArray y = real_array(columns.value_or(rows), "Bloch vectors");
        const auto n = static_cast<std::size_t>(x.shape(1) * x.shape(2));
        std::vector<double> out;
        {
          const WithoutGil release;
          out = qml::projected_kernel(all_of(x), columns ? std::optional(all_of(y)) : std::nullopt,
                                      n, gamma);
        }
        return to_array(std::move(out), {x.shape(0), y.shape(0)});
      },
      py::arg("rows"), py::arg("columns") = py::none(), py::arg("gamma") = 1.0,
      "The projected kernel of Bloch vectors, shape (n_samples, n_qubits, 3).");
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
