#include "bindings/arguments.h"
#include "bindings/arrays.h"
#include "bindings/dataset.h"
#include "qml/models/classifier.h"

namespace ketgrad {

void bind_losses(py::module_& m) {
  m.def(
      "class_targets",
      [](const py::object& classes, std::size_t n_classes, std::string_view loss) {
        const std::vector<std::size_t> index = index_list(classes, "index");
        auto targets = qml::class_targets(index, n_classes, qml::parse_loss(loss));
        const auto rows = static_cast<py::ssize_t>(index.size());
        const auto columns = rows == 0 ? 0 : static_cast<py::ssize_t>(targets.size()) / rows;
        return to_array(std::move(targets), {rows, columns});
      },
      py::arg("index"), py::arg("n_classes"), py::arg("loss") = "cross_entropy",
      R"(Targets of a classifier, shape (samples, outputs): one output for two classes, else one each.

>>> class_targets([0, 1], 2).ravel()
array([0., 1.])
)");
  m.def(
      "class_probabilities",
      [](const py::object& outputs, std::size_t n_classes, std::string_view loss) {
        const RealArray o = matrix(outputs, "outputs", n_classes == 2 ? 1 : n_classes);
        const auto rows = o.shape(0);
        auto p = qml::class_probabilities(view(o), n_classes, qml::parse_loss(loss));
        return to_array(std::move(p), {rows, static_cast<py::ssize_t>(n_classes)});
      },
      py::arg("outputs"), py::arg("n_classes"), py::arg("loss") = "cross_entropy",
      R"(Probabilities, shape (samples, n_classes), from a classifier's outputs.

>>> class_probabilities([[0.0]], 2)
array([[0.5, 0.5]])
)");
  m.def("loss_names", &qml::loss_names, "The losses.");
}

}  // namespace ketgrad
