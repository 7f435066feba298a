#include "qml/models/losses/whole_batch.h"

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "bindings/arguments.h"
#include "bindings/arrays.h"
#include "bindings/dataset.h"
#include "bindings/own_loss.h"

namespace ketgrad {
namespace {

py::typing::Tuple<double, py::array_t<double>> value_and_derivatives(
    const LossInCore& loss, const ArrayLike& outputs, const ArrayLike& targets,
    const std::optional<py::object>& weights) {
  const RealArray o = real_array(outputs, "outputs");
  const RealArray t = real_array(targets, "targets");
  qsim::require(o.ndim() == 2 && t.ndim() == 2 && o.shape(0) == t.shape(0),
                "outputs and targets must have the same shape (rows, n_outputs), got ", ShapeOf{o},
                " and ", ShapeOf{t});
  const RealArray w = weights ? real_array(*weights, "weights") : RealArray(0);
  qsim::require(!weights || (w.ndim() == 1 && w.shape(0) == o.shape(0)),
                "weights must have shape (", o.shape(0), ",), got ", ShapeOf{w});
  std::vector<double> by_outputs(static_cast<std::size_t>(o.size()));
  double value = 0;
  {
    const WithoutGil release;
    value = loss.function({static_cast<std::size_t>(o.shape(0)), view(o), view(t), view(w)},
                          by_outputs);
  }
  return py::make_tuple(value, to_array(std::move(by_outputs), {o.shape(0), o.shape(1)}));
}

LossInCore mmd(std::size_t n_outcomes, std::vector<double> bandwidths, bool of_bits) {
  using enum qml::OutcomeDistance;
  return {qml::mmd(n_outcomes, std::move(bandwidths), of_bits ? kBits : kIntegers)};
}

}  // namespace

void bind_whole_batch(py::module_& m) {
  py::class_<LossInCore>(m, "LossInCore", "What computes a loss of ketgrad.losses, in C++.")
      .def_static("mmd", &mmd, py::arg("n_outcomes"), py::arg("bandwidths"), py::arg("of_bits"))
      .def_static("negative_log_likelihood",
                  [] { return LossInCore{qml::negative_log_likelihood()}; })
      .def_static("kl_divergence", [] { return LossInCore{qml::kl_divergence()}; })
      .def_static(
          "kernel_alignment",
          [](std::optional<double> bandwidth) {
            return LossInCore{qml::kernel_alignment(bandwidth)};
          },
          py::arg("bandwidth"))
      .def("__call__", &value_and_derivatives, py::arg("outputs"), py::arg("targets"),
           py::arg("weights") = py::none(),
           "The value and the derivatives by the outputs, of shape (rows, n_outputs).");
}

}  // namespace ketgrad
