#include "qsim/drawing/svg_drawing.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "tests/catch.h"
#include "tests/pictures.h"
#include "tests/samples.h"

namespace {

using pictures::contains;
using pictures::count;
using pictures::is_well_formed;
using qsim::Circuit;
using qsim::Matrix;
using qsim::Parameter;

}  // namespace

TEST_CASE("SVG is well formed for every gate", "[svg]") {
  const std::string svg = draw_svg(samples::every_gate());
  CHECK(is_well_formed(svg));
  CHECK(svg.rfind("<svg xmlns=\"http://www.w3.org/2000/svg\"", 0) == 0);
  CHECK(contains(svg, ">Rxx</text>"));
  CHECK(is_well_formed(draw_svg(Circuit(3))));
}

TEST_CASE("SVG escapes labels", "[svg]") {
  Circuit circuit(1);
  circuit.unitary(Matrix::Identity(2, 2), {0}, {}, "<b>&\"'");
  circuit.rx(Parameter("</svg>"), 0);
  const std::string svg = draw_svg(circuit);
  CHECK(is_well_formed(svg));
  CHECK(contains(svg, ">&lt;b&gt;&amp;&quot;'</text>"));
  CHECK(contains(svg, ">&lt;/svg&gt;</text>"));
}

TEST_CASE("SVG shows measurements as meters", "[svg]") {
  const std::string svg = draw_svg(Circuit(2, 2).measure(0, 0).measure(1, 1));
  CHECK(is_well_formed(svg));
  CHECK(count(svg, "<path d=\"M ") == 2);
  CHECK_FALSE(contains(svg, ">M</text>"));
}

TEST_CASE("SVG of a long circuit is folded into rows", "[svg]") {
  Circuit circuit(2);
  for (int k = 0; k < 50; ++k) circuit.h(0);
  const std::string svg = draw_svg(circuit);
  CHECK(count(svg, ">q1</text>") == 3);  // 24 + 24 + 2 columns
  CHECK(count(svg, ">H</text>") == 50);
}
