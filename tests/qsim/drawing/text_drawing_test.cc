#include "qsim/drawing/text_drawing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <string_view>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/core/error.h"
#include "qsim/core/utf8.h"
#include "qsim/drawing/display_width.h"
#include "qsim/drawing/layout.h"
#include "qsim/drawing/svg_drawing.h"
#include "tests/catch.h"
#include "tests/pictures.h"
#include "tests/samples.h"

namespace {

using pictures::contains;
using pictures::count;
using pictures::is_well_formed;
using pictures::lines_of;
using pictures::picture;
using qsim::Circuit;
using qsim::Expression;
using qsim::Matrix;
using qsim::Parameter;
using qsim::ValueError;

constexpr double kPi = std::numbers::pi;

}  // namespace

TEST_CASE("text drawing of a Bell circuit", "[text]") {
  CHECK(draw_text(Circuit(2).h(0).cx(0, 1)) == picture(R"(
     ┌───┐
q0: ─┤ H ├──●──
     └───┘  │
q1: ────────⊕──)"));
}

TEST_CASE("text drawing of an empty circuit shows its qubits", "[text]") {
  CHECK(draw_text(Circuit(2)) == picture(R"(
q0: ─

q1: ─)"));
}

TEST_CASE("text drawing of controls, crossed wires and swaps", "[text]") {
  Circuit circuit(4);
  circuit.ccx(0, 3, 2).cswap(0, 1, 3).gate("x", {}, {1}, {{0, false}});
  CHECK(draw_text(circuit) == picture(R"(
q0: ──●───●───○──
      │   │   │
q1: ──┼───×───⊕──
      │   │
q2: ──⊕───┼──────
      │   │
q3: ──●───×──────)"));
}

TEST_CASE("text drawing of boxes: shared, joined, stacked", "[text]") {
  const Parameter theta("θ");
  Circuit circuit(3);
  circuit.rxx(theta, 0, 1).pauli_rotation(kPi / 2, "XZ", {0, 2}, {{1, false}}).sdg(1).sx(0);
  CHECK(draw_text(circuit) == picture(R"(
     ┌────────┐ ┌──────────┐ ┌────┐
q0: ─┤        ├─┤ X R(π/2) ├─┤ √X ├─
     │ Rxx(θ) │ └─────┬────┘ └────┘
     │        │       │      ┌────┐
q1: ─┤        ├───────○──────┤ S† ├─
     └────────┘       │      └────┘
                    ┌─┴─┐
q2: ────────────────┤ Z ├───────────
                    └───┘)"));
}

TEST_CASE("text drawing of initialize covers all qubits", "[text]") {
  CHECK(draw_text(Circuit(3).initialize({1.0, 2.0}).t(1)) == picture(R"(
     ┌──────┐
q0: ─┤      ├───────
     │      │ ┌───┐
q1: ─┤ init ├─┤ T ├─
     │      │ └───┘
q2: ─┤      ├───────
     └──────┘)"));
}

TEST_CASE("text drawing numbers the qubits of a matrix", "[text]") {
  CHECK(draw_text(Circuit(2).unitary(Matrix::Identity(4, 4), {1, 0}, {}, "QFT†")) == picture(R"(
     ┌────────┐
q0: ─┤ 1      ├─
     │   QFT† │
q1: ─┤ 0      ├─
     └────────┘)"));
}

TEST_CASE("text drawing of measurements, one wire a register", "[text]") {
  Circuit circuit({{"a", 1}, {"b", 2}}, {{"c", 2}, {"d", 1}});
  circuit.h(0).measure(0, 1).measure(2, 2).barrier({0, 2}).reset(0);
  CHECK(draw_text(circuit) == picture(R"(
      ┌───┐ ┌─┐     ░ ┌─────┐
  a: ─┤ H ├─┤M├─────░─┤ |0⟩ ├─
      └───┘ └╥┘     ░ └─────┘
             ║
 b0: ────────╫────────────────
             ║  ┌─┐ ░
 b1: ────────╫──┤M├─░─────────
             ║  └╥┘ ░
             ║   ║
c/2: ════════╩═══╬════════════
             1   ║
d/1: ════════════╩════════════
                 0)"));
}

TEST_CASE("text drawing of conditions", "[text]") {
  Circuit circuit({{"q", 2}}, {{"c", 2}, {"d", 1}});
  circuit.when({circuit.equals("c", 2)}, Circuit(2).x(0));
  circuit.when({{{0}, {false}, true}, {{2}, {true}, false}}, Circuit(2).cx(0, 1));
  circuit.when({circuit.equals("d", 1)}, Circuit(2, 1).measure(1, 0));
  CHECK(draw_text(circuit) == picture(R"(
       ┌───┐
 q0: ──┤ X ├─────●────────────
       └─╥─┘     │
         ║       │       ┌─┐
 q1: ────╫───────⊕───────┤M├──
         ║       ║       └╥┘
      ┌──╨─┐ ┌───╨───┐    ║
c/2: ═╡ =2 ╞═╡ [0]=0 ╞════╬═══
      └────┘ └───╥───┘    0
              ┌──╨─┐   ┌──╨─┐
d/1: ═════════╡ ≠1 ╞═══╡ =1 ╞═
              └────┘   └────┘)"));
}

TEST_CASE("conditions in words", "[layout]") {
  using qsim::Comparison;
  const auto marks = [](const Comparison& comparison) {
    Circuit circuit({{"q", 1}}, {{"c", 3}, {"d", 2}, {"wide", 70}});
    circuit.when({comparison}, Circuit(1).x(0));
    std::vector<std::string> out;
    const qsim::Layout layout = qsim::lay_out(circuit);
    for (const auto& mark : layout.operations[0].classical) out.push_back(mark.text);
    return out;
  };
  using Texts = std::vector<std::string>;
  CHECK(marks({{0, 1, 2}, {true, false, true}}) == Texts{"=5"});
  CHECK(marks({{0, 1, 2}, {true, false, true}, false}) == Texts{"≠5"});
  CHECK(marks({{2, 0}, {false, true}}) == Texts{"[2,0]=2"});
  CHECK(marks({{1, 4}, {true, false}}) == Texts{"[1]=1", "[1]=0"});
  CHECK(marks({{1, 4}, {true, false}, false}) == Texts{"c[1], d[1]≠1"});
  std::vector<int> wide(70);
  std::iota(wide.begin(), wide.end(), 5);
  std::vector<bool> values(70, false);
  values[69] = true;
  CHECK(marks({wide, values}) == Texts{"=0x200000000000000000"});
  values[69] = false;
  values[63] = true;
  CHECK(marks({wide, values}) == Texts{"=9223372036854775808"});
}

TEST_CASE("a measurement into the register that it depends on", "[layout]") {
  Circuit circuit(1, 2);
  circuit.when({{{1}, {true}}}, Circuit(1, 1).measure(0, 0));
  const qsim::PlacedOperation placed = qsim::lay_out(circuit).operations[0];
  REQUIRE(placed.classical.size() == 1);
  CHECK(placed.classical[0].text == "[1]=1 → 0");
  CHECK(placed.title == "measure on q into c[0], if c/2: [1]=1 → 0");
}

TEST_CASE("titles tell all about an operation", "[layout]") {
  Circuit circuit({{"a", 2}, {"b", 1}});
  circuit.crx(Parameter("w[0]") * 2.0, 2, 1).pauli_rotation(0.5, "XY", {0, 2});
  circuit.barrier();
  const std::vector<qsim::PlacedOperation> placed = qsim::lay_out(circuit).operations;
  CHECK(placed[0].title == "crx(w[0]*2) on a1, b=1");
  CHECK(placed[1].title == "pauli_rotation XY(0.5) on a0, b");
  CHECK(placed[2].title == "barrier on a0, a1, b");
}

TEST_CASE("wide and long circuits are drawn or refused", "[text]") {
  Circuit ladder(2000);
  for (int q = 0; q + 1 < 2000; ++q) ladder.cx(q, q + 1);
  CHECK(count(draw_text(ladder, 80), "⊕") == 1999);
  CHECK(is_well_formed(draw_svg(Circuit(2000).h(0).cx(0, 1999))));
  Circuit full(100'000);
  for (int k = 0; k < 1000; ++k) full.cx(0, 99'999);
  CHECK_THROWS_AS(draw_text(full, 80), ValueError);
  CHECK_THROWS_AS(draw_svg(full), ValueError);
  Circuit chain(60'000);
  for (int q = 0; q + 1 < 60'000; ++q) chain.cx(q, q + 1);
  CHECK_THROWS_AS(draw_text(chain, 80), ValueError);
  CHECK_THROWS_AS(draw_svg(chain), ValueError);
}

TEST_CASE("text drawing folds at the given width", "[text]") {
  Circuit circuit(2);
  circuit.h(0).cx(0, 1).rx(kPi, 1).cx(1, 0);
  CHECK(draw_text(circuit, 20) == picture(R"(
     ┌───┐
q0: ─┤ H ├──●─»
     └───┘  │
q1: ────────⊕─»

q0: «───────────⊕──
     ┌───────┐  │
q1: «┤ Rx(π) ├──●──
     └───────┘)"));
}

TEST_CASE("folded lines fit, whatever the width", "[text]") {
  const Circuit circuit = samples::every_gate();
  for (const int width : {60, 61, 75, 100, 163}) {
    const std::string text = draw_text(circuit, width);
    for (const std::string& line : lines_of(text)) CHECK(qsim::display_width(line) <= width);
    // Every operation is drawn once: folding moves columns and loses none.
    CHECK(count(text, "Rxx(") == count(draw_text(circuit), "Rxx("));
    CHECK(count(text, "●") == count(draw_text(circuit), "●"));
  }
  CHECK(count(draw_text(circuit, 1), "Rxx(") == 1);
  CHECK_THROWS_AS(draw_text(circuit, -1), ValueError);
}

TEST_CASE("wires of one drawing are equally long", "[text]") {
  for (const qsim::GateRow& row : qsim::gate_table()) {
    const std::string text = draw_text(samples::wires().add(samples::operation(row)));
    int width = 0;
    for (const std::string& line : lines_of(text)) {
      if (line.find(": ") == std::string::npos) continue;
      CHECK((width == 0 || qsim::display_width(line) == width));
      width = qsim::display_width(line);
    }
  }
}

TEST_CASE("angles are written as multiples of pi where they are", "[text]") {
  CHECK(qsim::angle_text(kPi) == "π");
  CHECK(qsim::angle_text(-kPi / 2) == "-π/2");
  CHECK(qsim::angle_text(3 * kPi / 4) == "3π/4");
  CHECK(qsim::angle_text(2 * kPi) == "2π");
  CHECK(qsim::angle_text(kPi / 7) == "π/7");
  CHECK(qsim::angle_text(-kPi / 128) == "-π/128");
  CHECK(qsim::angle_text(255 * kPi / 128) == "255π/128");
  CHECK(qsim::angle_text(kPi / 24 * 5) == "5π/24");
  CHECK(qsim::angle_text(kPi / 128 * (1 + 1e-9)) == "0.0245437");
  CHECK(qsim::angle_text(0.0) == "0");
  CHECK(qsim::angle_text(3.14159) == "3.14159");
  CHECK(qsim::angle_text(-0.0) == "0");
  const Expression w = Parameter("w[2]");
  CHECK(qsim::angle_text(w) == "w[2]");
  CHECK(qsim::angle_text(kPi - w) == "π - w[2]");
  CHECK(qsim::angle_text(w / (kPi / 2)) == "w[2]/(π/2)");
  CHECK(qsim::angle_text(2.0 * (kPi - w) + -kPi) == "(2*(π - w[2])) + (-π)");
  CHECK(qsim::angle_text(sin(3 * kPi / 4 * w)) == "sin((3π/4)*w[2])");
}

TEST_CASE("operations stand as far left as they can", "[layout]") {
  const qsim::Layout layout = qsim::lay_out(Circuit(4).h(0).cx(1, 3).h(2).x(0).cz(0, 1));
  std::vector<std::size_t> columns;
  for (const auto& placed : layout.operations) columns.push_back(placed.column);
  CHECK(columns == std::vector<std::size_t>{0, 0, 1, 1, 2});
  CHECK(layout.n_columns == 3);
  CHECK(layout.operations[1].is_drawn_across(2));
  CHECK_FALSE(layout.operations[1].is_drawn_across(3));
}

TEST_CASE("labels are whole", "[layout]") {
  const Expression x = Parameter("feature[10]");
  const Expression y = Parameter("feature[11]");
  Circuit circuit(3);
  circuit.rzz(2.0 * (kPi - x) * (kPi - y), 0, 1).u(x + 0.5, y + 0.25, x - y, 2);
  circuit.unitary(Matrix::Identity(2, 2), {2}, {}, "a label of some thirty letters");
  for (const std::string& drawing : {draw_text(circuit), draw_svg(circuit)}) {
    CHECK(contains(drawing, "(2*(π - feature[10]))*(π - feature[11])"));
    CHECK(contains(drawing, "feature[10] + 0.5, feature[11] + 0.25, feature[10] - feature[11]"));
    CHECK(contains(drawing, "a label of some thirty letters"));
    CHECK_FALSE(contains(drawing, "…"));
  }
}

TEST_CASE("the boxes of one operation do not look like several", "[text]") {
  const Parameter theta("θ");
  Circuit circuit(3);
  circuit.rxx(theta, 0, 2).iswap(0, 2);
  CHECK(draw_text(circuit) == picture(R"(
     ┌──────────┐ ┌─────┐
q0: ─┤ X Rxx(θ) ├─┤ iSW ├─
     └─────┬────┘ └──┬──┘
           │         │
q1: ───────┼─────────┼────
           │         │
         ┌─┴─┐    ┌──┴──┐
q2: ─────┤ X ├────┤ iSW ├─
         └───┘    └─────┘)"));
  const std::string svg = draw_svg(circuit);
  CHECK(count(svg, ">Rxx</text>") == 1);
  CHECK(count(svg, ">θ</text>") == 1);
  CHECK(count(svg, ">X</text>") == 2);
}

TEST_CASE("gates that are alike on all their qubits are dots", "[text]") {
  const Parameter theta("θ");
  Circuit circuit(3);
  circuit.cz(0, 1).ccz(0, 2, 1).cp(kPi / 128, 2, 0).rzz(theta, 1, 2);
  circuit.gate("p", {kPi}, {0}, {{1, false}});
  CHECK(draw_text(circuit) == picture(R"(
q0: ──●───●──────●─────────────●──
      │   │  P(π/128)        P(π)
      │   │      │             │
q1: ──●───●──────┼───────●─────○──
          │      │    Rzz(θ)
          │      │       │
q2: ──────●──────●───────●────────)"));
  const std::string svg = draw_svg(circuit);
  CHECK(is_well_formed(svg));
  CHECK(count(svg, ">P(π/128)</text>") == 1);
  CHECK(count(svg, ">Rzz(θ)</text>") == 1);
  CHECK(count(svg, ">Z</text>") == 0);
}

TEST_CASE("dots do not hide which qubits a gate acts on", "[text]") {
  // Controlled Rzz is not alike on its control; a lone z, and a matrix of that name, are boxes.
  Circuit circuit(3);
  circuit.gate("rzz", {0.5}, {1, 2}, {{0, true}}).z(0);
  CHECK(draw_text(circuit) == picture(R"(
                  ┌───┐
q0: ───────●──────┤ Z ├─
           │      └───┘
     ┌─────┴────┐
q1: ─┤          ├───────
     │ Rzz(0.5) │
q2: ─┤          ├───────
     └──────────┘)"));
}

TEST_CASE("a qubit alone in its register has no number", "[layout]") {
  const auto names = [](const Circuit& circuit) {
    std::vector<std::string> out;
    for (const qsim::Wire& wire : qsim::lay_out(circuit).wires) out.push_back(wire.name);
    return out;
  };
  using Names = std::vector<std::string>;
  CHECK(names(Circuit(1)) == Names{"q"});
  CHECK(names(Circuit({{"a", 1}, {"b", 2}}, {{"c", 1}})) == Names{"a", "b0", "b1", "c/1"});
  CHECK(names(Circuit({{"q", 2}, {"q1", 1}}, {})) == Names{"q0", "q1", "q10"});
}

TEST_CASE("an inverse shows no negative zero", "[text]") {
  CHECK(contains(draw_text(Circuit(1).u(0.5, 0.0, 0.25, 0).inverse()), "U(-0.5, -0.25, 0)"));
}

TEST_CASE("labels are not endless, printable and UTF-8", "[layout]") {
  const std::string label = "a\nb\x01\xff" + std::string(200, 'z');
  Circuit circuit(1);
  circuit.unitary(Matrix::Identity(2, 2), {0}, {}, label);
  const std::string symbol = qsim::lay_out(circuit).operations[0].symbol;
  CHECK(symbol.substr(0, 7) == "a b \uFFFD");
  CHECK(qsim::display_width(symbol) == 120);
  CHECK(lines_of(draw_text(circuit)).size() == 3);
  CHECK(is_well_formed(draw_svg(circuit)));
  CHECK(qsim::encode_utf8(qsim::decode_utf8("π√†𝛾")) == "π√†𝛾");
  // Overlong, surrogate, cut short, beyond Unicode.
  for (const char* bad : {"\xC0\x80", "\xED\xA0\x80", "\xE2\x82", "\xF4\x90\x80\x80"}) {
    CHECK(qsim::decode_utf8(bad).front() == U'\uFFFD');
  }
}
