#include "qsim/drawing/layout.h"

#include <array>
#include <limits>
#include <string>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/core/error.h"
#include "qsim/drawing/svg_drawing.h"
#include "qsim/drawing/text_drawing.h"
#include "qsim/library/adders.h"
#include "tests/catch.h"
#include "tests/pictures.h"

namespace {

using pictures::contains;
using pictures::is_well_formed;
using pictures::picture;
using qsim::Circuit;
using qsim::Qubit;

constexpr int kAll = std::numeric_limits<int>::max();

Circuit bell() { return Circuit(2).h(0).cx(0, 1); }

Circuit composed(Circuit onto, const Circuit& part, const std::vector<Qubit>& qubits,
                 const std::string& label) {
  return onto.compose(part, qubits, {}, label);
}

}  // namespace

TEST_CASE("a box is drawn as one, or opened", "[text]") {
  const Circuit circuit = composed(Circuit(3).x(0), bell(), {1, 2}, "Bell");
  CHECK(draw_text(circuit) == picture(R"(
       ┌───┐
q0: ───┤ X ├──
       └───┘
     ┌──────┐
q1: ─┤      ├─
     │ Bell │
q2: ─┤      ├─
     └──────┘)"));
  const Circuit flat = Circuit(3).x(0).h(1).cx(1, 2);
  CHECK(draw_text(circuit, 0, 1) == draw_text(flat));
  CHECK(draw_svg(circuit, 1) == draw_svg(flat));
  CHECK(draw_svg(circuit) != draw_svg(flat));
}

TEST_CASE("boxes open level by level", "[text]") {
  const Circuit inner = composed(Circuit(2).t(1), bell(), {0, 1}, "Bell");
  const Circuit circuit = composed(Circuit(2), inner, {0, 1}, "Outer").s(0);
  const auto texts = [&](int expand) {
    const std::string text = draw_text(circuit, 0, expand);
    CHECK(is_well_formed(draw_svg(circuit, expand)));
    return std::array{contains(text, "Outer"), contains(text, "Bell"), contains(text, "⊕")};
  };
  CHECK(texts(0) == std::array{true, false, false});
  CHECK(texts(1) == std::array{false, true, false});
  CHECK(texts(2) == std::array{false, false, true});
  CHECK(texts(kAll) == std::array{false, false, true});
  CHECK_THROWS_AS(draw_text(circuit, 0, -1), qsim::ValueError);
  CHECK_THROWS_AS(draw_svg(circuit, -1), qsim::ValueError);
}

TEST_CASE("a box shows its controls, and which qubit is which where that is not evident",
          "[text]") {
  Circuit part(2);
  const std::array<bool, 2> values{true, false};
  part.compose(bell(), {}, {}, "Bell");
  const Circuit circuit = composed(Circuit(4), part.control(values), {3, 2, 0, 1}, "");
  CHECK(draw_text(circuit) == picture(R"(
q0: ──────●─────
          │
q1: ──────○─────
          │
     ┌────┴───┐
q2: ─┤ 1      ├─
     │   Bell │
q3: ─┤ 0      ├─
     └────────┘)"));
  const qsim::Layout layout = qsim::lay_out(circuit);
  CHECK(layout.operations[0].title == "Bell on q3, q2, q0=1, q1=0: 2 operation(s)");
}

TEST_CASE("a box shows the bits that it touches and the condition of all it has", "[text]") {
  const Circuit readout = Circuit(2, 3).h(0).measure(0, 0).measure(1, 2);
  Circuit circuit(2, 3);
  circuit.compose(readout, {}, {}, "Readout");
  Circuit turn(2, 3);
  turn.compose(bell(), {}, {}, "Bell");
  circuit.when({{.bits = {1}, .values = {true}}}, turn);
  const auto placed = qsim::lay_out(circuit).operations;
  REQUIRE(placed.size() == 2);
  REQUIRE(placed[0].classical.size() == 1);
  CHECK(placed[0].classical[0].text == "0,2");
  CHECK_FALSE(placed[0].classical[0].is_condition);
  REQUIRE(placed[1].classical.size() == 1);
  CHECK(placed[1].classical[0].text == "[1]=1");
  CHECK(placed[1].classical[0].is_condition);
  CHECK(placed[1].title == "Bell on q0, q1, if c/3: [1]=1: 2 operation(s)");
}

TEST_CASE("circuits of the library show what they are made of", "[text]") {
  const std::string adder = draw_text(qsim::draper_adder(2));
  CHECK(contains(adder, "QFT"));
  CHECK(contains(adder, "QFT†"));
  CHECK_FALSE(contains(adder, "┤ H ├"));
  CHECK(contains(draw_text(qsim::draper_adder(2), 0, kAll), "┤ H ├"));
}
