// How a circuit shows itself.

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/circuit.h"
#include "bindings/numbers.h"
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

// How many levels of boxes to open: a number, or all for True.
struct ExpandArg {
  int value = 0;
  static ExpandArg from(py::handle h) {
    constexpr int kAll = std::numeric_limits<int>::max();
    if (h.is(py::bool_(true))) return {kAll};
    const py::object levels = read_integer(h);
    if (!levels) {
      throw py::type_error(
          qsim::concat("expand is ", shown(h), "; it must be True, False or a number of levels"));
    }
    int beyond = 0;  // ±1 for what no long holds
    const long number = PyLong_AsLongAndOverflow(levels.ptr(), &beyond);
    if (beyond != 0) return {beyond * kAll};
    return {static_cast<int>(std::clamp<long>(number, -kAll, kAll))};
  }
  static constexpr auto kType = py::detail::const_name("bool | #int");
};

std::string drawn(const Circuit& circuit, std::optional<int> width, const ExpandArg& expand) {
  return qsim::draw_text(circuit, width ? *width : terminal_width(), expand.value);
}

py::tuple shape_tuple(const SceneShape& s) {
  constexpr std::array kKinds{"line", "circle", "arc", "rect", "text"};
  constexpr std::array kAnchors{"left", "center", "right"};
  return py::make_tuple(kKinds.at(static_cast<std::size_t>(s.kind)), s.x, s.y, s.x2, s.y2, s.size,
                        s.stroke_width / 10.0, s.dashed,
                        kAnchors.at(static_cast<std::size_t>(s.anchor)), s.fill, s.stroke, s.text);
}

std::tuple<double, double, std::vector<py::object>> scene_tuple(const Circuit& circuit,
                                                                const ExpandArg& expand) {
  const qsim::Scene scene = qsim::scene_of(circuit, expand.value);
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
  c.def("draw", &drawn, py::arg("width") = py::none(), py::arg("expand") = false,
        R"(The circuit as text, qubit 0 on top, registers of classical bits below.

Folds at `width` columns: None takes those of the terminal, where Python prints to one, and 0 never
folds. A box, what was composed with a label, is drawn as one; `expand` is how many levels of boxes are
opened, so that what is inside is drawn, and True opens all. Raises ValueError for a negative width or
number of levels and for pictures of more than 50 million characters.

>>> print(Circuit(2).h(0).cx(0, 1).draw())
     ┌───┐
q0: ─┤ H ├──●──
     └───┘  │
q1: ────────⊕──
>>> circuit = Circuit(3).compose(Circuit(2).h(1).cz(0, 1), [1, 2], label='pair').cx(0, 1)
>>> print(circuit.draw())
q0: ───────────●──
     ┌──────┐  │
q1: ─┤      ├──⊕──
     │ pair │
q2: ─┤      ├─────
     └──────┘
>>> print(circuit.draw(expand=True))
q0: ────────────●──
                │
q1: ────────●───⊕──
     ┌───┐  │
q2: ─┤ H ├──●──────
     └───┘
)")
      .def(
          "svg",
          [](const Circuit& self, const ExpandArg& expand) {
            return qsim::draw_svg(self, expand.value);
          },
          py::arg("expand") = false,
          R"(The circuit as an SVG picture, which notebooks show by itself.

Where the pointer rests on an operation, its title tells all about it. Boxes are drawn, or
opened, as by draw(). Raises ValueError for pictures of more than two million shapes.

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
               return py::str(drawn(self.cast<const Circuit&>(), {}, {}));
             } catch (const qsim::ValueError&) {  // beyond all pictures
               return py::repr(self);
             }
           })
      .def("_scene", &scene_tuple, py::arg("expand") = false,
           "Width, height and the shapes of the SVG picture, for other painters.")
      .def_static(
          "_display_width", [](const std::string& text) { return qsim::display_width(text); },
          py::arg("text"), "The columns that a terminal gives the text.");
}

}  // namespace ketgrad
