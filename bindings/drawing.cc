// How a circuit shows itself.

#include <array>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/circuit.h"
#include "qsim/drawing/display_width.h"
#include "qsim/drawing/scene.h"
#include "qsim/drawing/svg_drawing.h"
#include "qsim/drawing/text_drawing.h"

namespace ketgrad {
namespace {

using qsim::Circuit;
using qsim::SceneShape;

// The columns of the terminal that Python prints to; 0 where it prints to something else.
int terminal_width() {
  const py::object out = py::module_::import("sys").attr("stdout");
  if (!py::hasattr(out, "isatty") || !out.attr("isatty")().cast<bool>()) return 0;
  return py::module_::import("shutil").attr("get_terminal_size")().attr("columns").cast<int>();
}

std::string drawn(const Circuit& circuit, std::optional<int> width) {
  return qsim::draw_text(circuit, width ? *width : terminal_width());
}

py::tuple shape_tuple(const SceneShape& s) {
  constexpr std::array kKinds{"line", "circle", "arc", "rect", "text"};
  constexpr std::array kAnchors{"left", "center", "right"};
  return py::make_tuple(kKinds.at(static_cast<std::size_t>(s.kind)), s.x, s.y, s.x2, s.y2, s.size,
                        s.stroke_width / 10.0, s.dashed,
                        kAnchors.at(static_cast<std::size_t>(s.anchor)), s.fill, s.stroke, s.text);
}

std::tuple<double, double, std::vector<py::object>> scene_tuple(const Circuit& circuit) {
  const qsim::Scene scene = qsim::scene_of(circuit);
  std::vector<py::object> groups;
  for (const qsim::Group& group : scene.groups) {
    py::list shapes;
    for (const SceneShape& shape : group.shapes) shapes.append(shape_tuple(shape));
    groups.push_back(py::make_tuple(group.title, shapes));
  }
  return {static_cast<double>(scene.width), static_cast<double>(scene.height), std::move(groups)};
}

}  // namespace

void def_drawing(PyCircuit& c) {
  c.def("draw", &drawn, py::arg("width") = py::none(),
        R"(The circuit as text, qubit 0 on top, registers of classical bits below.

Folds at `width` columns: None takes those of the terminal, where Python prints to one, and 0 never
folds. Raises ValueError for a negative width and for pictures of more than 50 million characters.

>>> print(Circuit(2).h(0).cx(0, 1).draw())
     ┌───┐
q0: ─┤ H ├──●──
     └───┘  │
q1: ────────⊕──
)")
      .def("svg", &qsim::draw_svg, R"(The circuit as an SVG picture, which notebooks show by itself.

Where the pointer rests on an operation, its title tells all about it. Raises ValueError for pictures of
more than two million shapes.

>>> Circuit(1).h(0).svg().startswith('<svg')
True
)")
      .def("_repr_svg_",
           [](const Circuit& self) -> std::optional<std::string> {
             try {
               return qsim::draw_svg(self);
             } catch (const qsim::ValueError&) {
               return std::nullopt;  // a notebook shows the text of __repr__ then
             }
           })
      .def("__str__",
           [](const py::object& self) -> py::object {
             try {
               return py::str(drawn(self.cast<const Circuit&>(), {}));
             } catch (const qsim::ValueError&) {  // beyond all pictures
               return py::repr(self);
             }
           })
      .def("_scene", &scene_tuple,
           "Width, height and the shapes of the SVG picture, for other painters.")
      .def_static(
          "_display_width", [](const std::string& text) { return qsim::display_width(text); },
          py::arg("text"), "The columns that a terminal gives the text.");
}

}  // namespace ketgrad
