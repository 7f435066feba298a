#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <numbers>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/core/error.h"
#include "qsim/core/utf8.h"
#include "qsim/drawing/display_width.h"
#include "qsim/drawing/layout.h"
#include "qsim/drawing/svg_drawing.h"
#include "qsim/drawing/text_drawing.h"
#include "qsim/json/json.h"
#include "tests/catch.h"

namespace {

using nlohmann::json;
using qsim::Circuit;
using qsim::Expression;
using qsim::Matrix;
using qsim::Operation;
using qsim::Parameter;
using qsim::ParameterVector;
using qsim::PauliSum;
using qsim::Qubit;
using qsim::ValueError;

constexpr double kPi = std::numbers::pi;

// A raw string that begins with a line break, so that pictures stand in the source as drawn.
std::string picture(std::string_view raw) { return std::string(raw.substr(1)); }

std::vector<Qubit> first_qubits(int n) {
  std::vector<Qubit> out(static_cast<std::size_t>(n));
  std::iota(out.begin(), out.end(), 0);
  return out;
}

// A Hermitian unitary matrix with entries that are not short decimals.
Matrix reflection(Eigen::Index size) {
  Eigen::VectorXcd v(size);
  for (Eigen::Index k = 0; k < size; ++k) {
    v(k) = {1.0 / (3.0 + static_cast<double>(k)), std::sqrt(static_cast<double>(k))};
  }
  v.normalize();
  return Matrix::Identity(size, size) - 2.0 * v * v.adjoint();
}

// One operation of a row: distinct angles, as many targets as it takes, two controls.
Operation sample_operation(const qsim::GateRow& row) {
  const Expression w = Parameter("w[0]");
  const std::array<Expression, 3> angles{sin(w * 0.1) / 3.0 - kPi, w, -1.0 / 3.0};
  Operation op;
  op.row = &row;
  op.targets = row.targets == 0 ? std::vector<Qubit>{3, 0} : first_qubits(row.targets);
  op.controls = {{4, true}, {5, false}};
  op.angles.assign(angles.begin(), angles.begin() + row.angles);
  if (row.kind == qsim::GateKind::kPauli) op.pauli = "ZY";
  if (row.kind == qsim::GateKind::kUnitary || row.kind == qsim::GateKind::kEvolution) {
    op.matrix = std::make_shared<const Matrix>(reflection(4));
    op.label = "V";
  }
  if (row.kind == qsim::GateKind::kInitialize) {
    op.angles = {0.1, w, -0.0};
    op.targets = first_qubits(6);
  }
  if (!qsim::is_gate(row)) op.controls.clear();
  if (row.kind == qsim::GateKind::kMeasure) {
    op.bit = 2;
    op.readout_error = std::make_shared<const qsim::ReadoutError>(qsim::ReadoutError{0.1, 1.0 / 3});
  }
  if (row.kind == qsim::GateKind::kMeasure || row.kind == qsim::GateKind::kReset) op.targets = {4};
  if (row.kind == qsim::GateKind::kChannel) {
    const Matrix one = Matrix::Identity(4, 4);
    op.channel = std::make_shared<const qsim::Channel>(qsim::Channel{
        .name = "flip", .parameters = {0.36}, .kraus = {0.8 * one, 0.6 * reflection(4)}});
  }
  return op;
}

// Where bit 1 of "c" is 0 and "d" is not 3.
std::shared_ptr<const qsim::Condition> sample_condition() {
  return std::make_shared<const qsim::Condition>(
      qsim::Condition{{{1}, {false}, true}, {{2, 3}, {true, true}, false}});
}

// What sample operations act on.
Circuit wires() { return Circuit({{"q", 6}}, {{"c", 2}, {"d", 2}}); }

Circuit every_gate() {
  Circuit circuit = wires();
  for (const qsim::GateRow& row : qsim::gate_table()) {
    if (row.kind == qsim::GateKind::kInitialize) circuit.add(sample_operation(row));
  }
  for (const qsim::GateRow& row : qsim::gate_table()) {
    if (row.kind != qsim::GateKind::kInitialize) circuit.add(sample_operation(row));
  }
  return circuit;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out{""};
  for (const char c : text) {
    if (c == '\n') {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

// True for balanced tags, quoted attributes and escaped text: what our SVG uses of XML.
bool is_well_formed(std::string_view xml) {
  std::vector<std::string> open;
  std::size_t at = 0;
  while (at < xml.size()) {
    if (xml[at] == '&') {
      const std::string_view name = xml.substr(at, xml.find(';', at) - at);
      if (name != "&amp" && name != "&lt" && name != "&gt" && name != "&quot") return false;
    }
    if (xml[at] != '<') {
      ++at;
      continue;
    }
    const std::size_t end = xml.find('>', at);
    if (end == std::string_view::npos) return false;
    const std::string_view tag = xml.substr(at + 1, end - at - 1);
    if (tag.find('<') != std::string_view::npos) return false;
    if (std::count(tag.begin(), tag.end(), '"') % 2 != 0) return false;
    if (tag.front() == '/') {
      if (open.empty() || open.back() != tag.substr(1)) return false;
      open.pop_back();
    } else if (tag.back() != '/') {
      open.emplace_back(tag.substr(0, tag.find(' ')));
    }
    at = end + 1;
  }
  return open.empty();
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t n = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

json bell_json() { return to_json(Circuit(2).h(0).cx(0, 1)); }

// The message of the ValueError that reading throws. Any other exception fails the test.
template <class Read>
std::string refusal(const json& value, const Read& read) {
  try {
    (void)read(value);
  } catch (const ValueError& error) {
    return error.what();
  }
  return "accepted";
}

std::string refusal(const json& value) { return refusal(value, qsim::circuit_from_json); }

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("text drawing of a Bell circuit", "[io][text]") {
  CHECK(draw_text(Circuit(2).h(0).cx(0, 1)) == picture(R"(
     ┌───┐
q0: ─┤ H ├──●──
     └───┘  │
q1: ────────⊕──)"));
}

TEST_CASE("text drawing of an empty circuit shows its qubits", "[io][text]") {
  CHECK(draw_text(Circuit(2)) == picture(R"(
q0: ─

q1: ─)"));
}

TEST_CASE("text drawing of controls, crossed wires and swaps", "[io][text]") {
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

TEST_CASE("text drawing of boxes: shared, joined, stacked", "[io][text]") {
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

TEST_CASE("text drawing of initialize covers all qubits", "[io][text]") {
  CHECK(draw_text(Circuit(3).initialize({1.0, 2.0}).t(1)) == picture(R"(
     ┌──────┐
q0: ─┤      ├───────
     │      │ ┌───┐
q1: ─┤ init ├─┤ T ├─
     │      │ └───┘
q2: ─┤      ├───────
     └──────┘)"));
}

TEST_CASE("text drawing numbers the qubits of a matrix", "[io][text]") {
  CHECK(draw_text(Circuit(2).unitary(Matrix::Identity(4, 4), {1, 0}, {}, "QFT†")) == picture(R"(
     ┌────────┐
q0: ─┤ 1      ├─
     │   QFT† │
q1: ─┤ 0      ├─
     └────────┘)"));
}

TEST_CASE("text drawing of measurements, one wire a register", "[io][text]") {
  Circuit circuit({{"a", 1}, {"b", 2}}, {{"c", 2}, {"d", 1}});
  circuit.h(0).measure(0, 1).measure(2, 2).barrier({0, 2}).reset(0);
  CHECK(draw_text(circuit) == picture(R"(
      ┌───┐ ┌─┐     ░ ┌─────┐
 a0: ─┤ H ├─┤M├─────░─┤ |0⟩ ├─
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

TEST_CASE("text drawing of conditions", "[io][text]") {
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

TEST_CASE("conditions in words", "[io][layout]") {
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

TEST_CASE("a measurement into the register that it depends on", "[io][layout]") {
  Circuit circuit(1, 2);
  circuit.when({{{1}, {true}}}, Circuit(1, 1).measure(0, 0));
  const qsim::PlacedOperation placed = qsim::lay_out(circuit).operations[0];
  REQUIRE(placed.classical.size() == 1);
  CHECK(placed.classical[0].text == "[1]=1 → 0");
  CHECK(placed.title == "measure on q0 into c[0], if c/2: [1]=1 → 0");
}

TEST_CASE("titles tell all about an operation", "[io][layout]") {
  Circuit circuit({{"a", 2}, {"b", 1}});
  circuit.crx(Parameter("w[0]") * 2.0, 2, 1).pauli_rotation(0.5, "XY", {0, 2});
  circuit.barrier();
  const std::vector<qsim::PlacedOperation> placed = qsim::lay_out(circuit).operations;
  CHECK(placed[0].title == "crx(w[0]*2) on a1, b0=1");
  CHECK(placed[1].title == "pauli_rotation XY(0.5) on a0, b0");
  CHECK(placed[2].title == "barrier on a0, a1, b0");
}

TEST_CASE("wide and long circuits are drawn or refused", "[io][text]") {
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

TEST_CASE("text drawing folds at the given width", "[io][text]") {
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

TEST_CASE("folded lines fit, whatever the width", "[io][text]") {
  const Circuit circuit = every_gate();
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

TEST_CASE("wires of one drawing are equally long", "[io][text]") {
  for (const qsim::GateRow& row : qsim::gate_table()) {
    const std::string text = draw_text(wires().add(sample_operation(row)));
    int width = 0;
    for (const std::string& line : lines_of(text)) {
      if (line.find(": ") == std::string::npos) continue;
      CHECK((width == 0 || qsim::display_width(line) == width));
      width = qsim::display_width(line);
    }
  }
}

TEST_CASE("angles are written as multiples of pi where they are", "[io][text]") {
  CHECK(qsim::angle_text(kPi) == "π");
  CHECK(qsim::angle_text(-kPi / 2) == "-π/2");
  CHECK(qsim::angle_text(3 * kPi / 4) == "3π/4");
  CHECK(qsim::angle_text(2 * kPi) == "2π");
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

TEST_CASE("operations stand as far left as they can", "[io][layout]") {
  const qsim::Layout layout = qsim::lay_out(Circuit(4).h(0).cx(1, 3).h(2).x(0).cz(0, 1));
  std::vector<std::size_t> columns;
  for (const auto& placed : layout.operations) columns.push_back(placed.column);
  CHECK(columns == std::vector<std::size_t>{0, 0, 1, 1, 2});
  CHECK(layout.n_columns == 3);
  CHECK(layout.operations[1].is_drawn_across(2));
  CHECK_FALSE(layout.operations[1].is_drawn_across(3));
}

TEST_CASE("labels are whole", "[io][layout]") {
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

TEST_CASE("the boxes of one operation do not look like several", "[io][text]") {
  const Parameter theta("θ");
  Circuit circuit(3);
  circuit.rzz(theta, 0, 2).iswap(0, 2);
  CHECK(draw_text(circuit) == picture(R"(
     ┌──────────┐ ┌─────┐
q0: ─┤ Z Rzz(θ) ├─┤ iSW ├─
     └─────┬────┘ └──┬──┘
           │         │
q1: ───────┼─────────┼────
           │         │
         ┌─┴─┐    ┌──┴──┐
q2: ─────┤ Z ├────┤ iSW ├─
         └───┘    └─────┘)"));
  const std::string svg = draw_svg(circuit);
  CHECK(count(svg, ">Rzz</text>") == 1);
  CHECK(count(svg, ">θ</text>") == 1);
  CHECK(count(svg, ">Z</text>") == 2);
}

TEST_CASE("an inverse shows no negative zero", "[io][text]") {
  CHECK(contains(draw_text(Circuit(1).u(0.5, 0.0, 0.25, 0).inverse()), "U(-0.5, -0.25, 0)"));
}

TEST_CASE("labels are not endless, printable and UTF-8", "[io][layout]") {
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

TEST_CASE("SVG is well formed for every gate", "[io][svg]") {
  const std::string svg = draw_svg(every_gate());
  CHECK(is_well_formed(svg));
  CHECK(svg.rfind("<svg xmlns=\"http://www.w3.org/2000/svg\"", 0) == 0);
  CHECK(contains(svg, ">Rxx</text>"));
  CHECK(is_well_formed(draw_svg(Circuit(3))));
}

TEST_CASE("SVG escapes labels", "[io][svg]") {
  Circuit circuit(1);
  circuit.unitary(Matrix::Identity(2, 2), {0}, {}, "<b>&\"'");
  circuit.rx(Parameter("</svg>"), 0);
  const std::string svg = draw_svg(circuit);
  CHECK(is_well_formed(svg));
  CHECK(contains(svg, ">&lt;b&gt;&amp;&quot;'</text>"));
  CHECK(contains(svg, ">&lt;/svg&gt;</text>"));
}

TEST_CASE("SVG of a long circuit is folded into rows", "[io][svg]") {
  Circuit circuit(2);
  for (int k = 0; k < 50; ++k) circuit.h(0);
  const std::string svg = draw_svg(circuit);
  CHECK(count(svg, ">q1</text>") == 3);  // 24 + 24 + 2 columns
  CHECK(count(svg, ">H</text>") == 50);
}

TEST_CASE("JSON round trip of every gate", "[io][json]") {
  for (const qsim::GateRow& row : qsim::gate_table()) {
    INFO("gate " << std::string(row.name));
    const Circuit circuit = wires().add(sample_operation(row));
    CHECK(qsim::circuit_from_json(to_json(circuit)) == circuit);
    if (row.kind == qsim::GateKind::kInitialize) continue;
    Operation conditioned = sample_operation(row);
    conditioned.condition = sample_condition();
    const Circuit other = wires().add(conditioned);
    CHECK(other != circuit);
    CHECK(qsim::circuit_from_json(to_json(other)) == other);
  }
  const Circuit circuit = every_gate();
  CHECK(qsim::circuit_from_json(to_json(circuit)) == circuit);
  CHECK(qsim::circuit_from_json_text(to_json_text(circuit)) == circuit);
  constexpr int kMost = qsim::kMaxCircuitQubits;
  CHECK(qsim::circuit_from_json_text(to_json_text(Circuit(kMost))) == Circuit(kMost));
}

TEST_CASE("JSON round trip of registers", "[io][json]") {
  for (const Circuit& circuit :
       {Circuit(3), Circuit(3, 2), Circuit({{"a", 1}, {"b", 2}}), Circuit({{"q", 1}, {"r", 2}}),
        Circuit({{"a", 3}}), Circuit({{"q", 3}}, {{"m", 1}, {"c", 2}})}) {
    CHECK(qsim::circuit_from_json(to_json(circuit)) == circuit);
  }
  CHECK_FALSE(to_json(Circuit(3)).contains("qubit_registers"));
  CHECK_FALSE(to_json(Circuit(3)).contains("bit_registers"));
}

TEST_CASE("JSON of a circuit is as documented", "[io][json]") {
  const Circuit circuit = Circuit(2).crx(Parameter("w[0]"), 0, 1);
  CHECK(to_json(circuit) == json::parse(R"({
    "format": "ketgrad.circuit", "version": 1, "n_qubits": 2, "operations": [
      {"gate": "rx", "angles": [{"parameter": "w[0]"}], "targets": [1],
       "controls": [{"qubit": 0, "value": true}]}]})"));

  Circuit measured({{"a", 1}, {"b", 1}}, {{"c", 2}});
  measured.measure(0, 1).when({measured.equals("c", 2)}, Circuit(2).x(1));
  CHECK(to_json(measured) == json::parse(R"({
    "format": "ketgrad.circuit", "version": 1, "n_qubits": 2,
    "qubit_registers": [{"name": "a", "size": 1}, {"name": "b", "size": 1}],
    "bit_registers": [{"name": "c", "size": 2}], "operations": [
      {"gate": "measure", "targets": [0], "bit": 1},
      {"gate": "x", "targets": [1],
       "condition": [{"bits": [0, 1], "values": [false, true]}]}]})"));
}

TEST_CASE("JSON keeps doubles to the last bit", "[io][json]") {
  for (const double angle : {0.1, 1.0 / 3.0, kPi, -5e-324, std::numeric_limits<double>::max(),
                             std::nextafter(1.0, 2.0), 1e22, -0.0, 123456789.0}) {
    const Circuit back = qsim::circuit_from_json_text(to_json_text(Circuit(1).rx(angle, 0)));
    const double read = back.operations()[0].angles[0].node().value;
    CHECK(read == angle);
    CHECK(std::signbit(read) == std::signbit(angle));
  }
}

TEST_CASE("JSON round trip of expressions", "[io][json]") {
  const ParameterVector w("w", 3);
  const Expression a = w[0];
  const Expression b = w[1];
  const std::vector<Expression> samples{a + b,  a - b,  a * 0.1, 2.0 / a, pow(a, b), -a, sin(a),
                                        cos(a), tan(a), exp(a),  log(a),  sqrt(a),   1.5};
  for (const Expression& e : samples) CHECK(qsim::expression_from_json(to_json(e)) == e);
  CHECK(to_json(a + 2.0) ==
        json::parse(R"({"op": "+", "args": [{"parameter": "w[0]", "vector_size": 3}, 2.0]})"));

  Expression deep = w[2];
  while (deep.node().depth < 1000) deep = sin(deep);
  CHECK(qsim::expression_from_json(to_json(deep)) == deep);
  const Circuit circuit = Circuit(1).rx(deep, 0);
  CHECK(qsim::circuit_from_json_text(to_json_text(circuit)) == circuit);
  CHECK(to_json_text(every_gate()) == to_json(every_gate()).dump());
}

TEST_CASE("JSON round trip of Pauli sums", "[io][json]") {
  for (const char* text : {"0.1*Z0 Z2 - X1 + 1.25", "XYZI", "0 * X0"}) {
    const PauliSum sum = PauliSum::parse(text);
    const PauliSum back = qsim::pauli_sum_from_json(to_json(sum));
    CHECK(back.n_qubits() == sum.n_qubits());
    CHECK(to_json(back) == to_json(sum));
  }
  CHECK(qsim::pauli_sum_from_json(to_json(PauliSum())).n_qubits() == 0);
  const json good = to_json(PauliSum::parse("ZX"));
  json bad = good;
  bad["terms"][0]["pauli"] = "ZXX";
  CHECK_THROWS_AS(qsim::pauli_sum_from_json(bad), ValueError);
  bad["terms"][0]["pauli"] = "QX";
  CHECK_THROWS_AS(qsim::pauli_sum_from_json(bad), ValueError);
  bad = good;
  bad["n_qubits"] = -2;
  CHECK_THROWS_AS(qsim::pauli_sum_from_json(bad), ValueError);
  CHECK_THROWS_AS(qsim::pauli_sum_from_json(bell_json()), ValueError);
}

TEST_CASE("JSON round trip of observables and programs", "[io][json]") {
  const qsim::Observable sum = PauliSum::parse("0.1*Z0 - X1");
  const qsim::Observable matrix = qsim::MatrixObservable(reflection(4), {1, 0});
  CHECK(qsim::observable_from_json(to_json(sum)) == sum);
  CHECK(qsim::observable_from_json(to_json(matrix)) == matrix);
  const Circuit circuit = Circuit(2).rx(Parameter("w"), 0).ry(Parameter("x"), 1);
  const qsim::ProgramSource program{circuit, {sum, matrix}, {"x"}, {"w"}, true};
  const json written = to_json(program);
  const qsim::ProgramSource back =
      qsim::program_from_json(qsim::parse_json(qsim::json_text(written)));
  CHECK(back.circuit == circuit);
  CHECK(back.observables == program.observables);
  CHECK(back.inputs == program.inputs);
  CHECK(back.weights == program.weights);
  CHECK(back.single);

  const std::vector<std::array<const char*, 3>> wrongs{
      {"/format", "\"ketgrad.circuit\"", "program.format: expected 'ketgrad.program'"},
      {"/version", "2", "program.version: this library reads version 1, got 2"},
      {"/circuit/n_qubits", "1", "program.circuit.operations[1]: qubit 1 is out of range"},
      {"/observables/0/format", "\"x\"", "program.observables[0].format: expected 'ketgrad.pauli"},
      {"/observables/0", "3", "program.observables[0]: expected an object"},
      {"/observables/1/matrix/0/0", "[7, 1]", "program.observables[1]: the observable matrix"},
      {"/observables/1/qubits", "[0]", "program.observables[1]"},
      {"/observables/1/qubits", "[0, 0]", "program.observables[1]: qubit 0 is given twice"},
      {"/inputs", "\"x\"", "program.inputs: expected an array"},
      {"/precision", "\"half\"", "program.precision: expected 'double' or 'single', got 'half'"},
      {"/more", "1", "program: unknown key 'more'"},
  };
  for (const auto& [where, with, message] : wrongs) {
    json value = written;
    value[json::json_pointer(where)] = json::parse(with);
    const std::string refused = refusal(value, qsim::program_from_json);
    INFO(where << " = " << with << ": " << refused);
    CHECK(contains(refused, message));
  }
}

TEST_CASE("JSON with something wrong is refused, with its place", "[io][json]") {
  REQUIRE(refusal(bell_json()) == "accepted");
  struct Wrong {
    const char* where;  // JSON pointer
    const char* value;
    const char* message;
  };
  const std::vector<Wrong> wrongs{
      {"", "[]", "circuit: expected an object, got array"},
      {"", "{}", "'format' is missing"},
      {"/format", "\"qiskit\"", "circuit.format: expected 'ketgrad.circuit', got 'qiskit'"},
      {"/format", "7", "circuit.format: expected a string"},
      {"/version", "2", "circuit.version: this library reads version 1, got 2"},
      {"/version", "\"1\"", "circuit.version: expected an integer"},
      {"/extra", "1", "unknown key 'extra'"},
      {"/n_qubits", "2.5", "circuit.n_qubits: expected an integer"},
      {"/n_qubits", "1e30", "circuit.n_qubits"},
      {"/n_qubits", "18446744073709551615", "circuit.n_qubits"},
      {"/n_qubits", "100001", "circuit.n_qubits: number of qubits 100001"},
      {"/qubit_registers", "[]", "circuit: number of qubits 0"},
      {"/qubit_registers", "{}", "circuit.qubit_registers: expected an array"},
      {"/qubit_registers", R"([{"name": "a", "size": 3}])", "n_qubits: the registers have 3"},
      {"/qubit_registers", R"([{"name": "a"}])", "qubit_registers[0]: the key 'size' is missing"},
      {"/qubit_registers", R"([{"name": "0", "size": 2}])", "the name of a register is '0'"},
      {"/qubit_registers", R"([{"name": "a", "size": 0}])", "register 'a' has 0 qubits"},
      {"/bit_registers", R"([{"name": "q", "size": 2}])", "two registers are called 'q'"},
      {"/bit_registers", R"([{"name": "c", "size": 1000001}])", "register 'c' has 1000001"},
      {"/n_qubits", "0", "circuit.n_qubits: number of qubits 0"},
      {"/n_qubits", "1", "circuit.operations[1]: qubit 1 is out of range"},
      {"/operations", "{}", "circuit.operations: expected an array"},
      {"/operations/0", "null", "circuit.operations[0]: expected an object, got null"},
      {"/operations/0", "{}", "circuit.operations[0]: the key 'gate' is missing"},
      {"/operations/0/gate", "\"hh\"", "circuit.operations[0].gate: there is no gate named 'hh'"},
      {"/operations/0/gate", "\"cx\"", "circuit.operations[0].gate: 'cx' is 'x' under controls"},
      {"/operations/0/gate", "\"rx\"", "circuit.operations[0]: gate 'rx' takes 1 angle(s), got 0"},
      {"/operations/0/gate", "\"unitary\"", "gate 'unitary' needs 'matrix'"},
      {"/operations/0/gate", "\"pauli_rotation\"", "gate 'pauli_rotation' needs 'pauli'"},
      {"/operations/0/gate", "\"measure\"", "gate 'measure' needs 'bit'"},
      {"/operations/0/gate", "\"channel\"", "gate 'channel' needs 'channel'"},
      {"/operations/0/bit", "0", "gate 'h' takes no 'bit'"},
      {"/operations/0/channel", "{}", "gate 'h' takes no 'channel'"},
      {"/operations/0/readout_error", R"({"one_for_zero": 0, "zero_for_one": 0})",
       "operations[0]: h takes no readout error"},
      {"/operations/0/condition", "[]", "operations[0]: a condition without comparisons"},
      {"/operations/0/condition", "{}", "operations[0].condition: expected an array"},
      {"/operations/0/condition", R"([{"bits": [0], "values": [true]}])", "bit 0 is out of range"},
      {"/operations/0/condition", R"([{"bits": [0], "values": [1]}])", "expected true or false"},
      {"/operations/0/pauli", "\"X\"", "gate 'h' takes no 'pauli'"},
      {"/operations/0/matrix", "[]", "gate 'h' takes no 'matrix'"},
      {"/operations/0/angels", "[1]", "circuit.operations[0]: unknown key 'angels'"},
      {"/operations/0/targets", "0", "circuit.operations[0].targets: expected an array"},
      {"/operations/0/targets", "[]", "acts on 1 qubit(s), got 0"},
      {"/operations/0/targets/0", "-1", "circuit.operations[0]: qubit -1 is out of range"},
      {"/operations/0/targets/0", "true", "circuit.operations[0].targets[0]: expected an integer"},
      {"/operations/0/label", "1", "circuit.operations[0].label: expected a string"},
      {"/operations/1/controls/0", "0", "circuit.operations[1].controls[0]: expected an object"},
      {"/operations/1/controls/0/value", "1", "controls[0].value: expected true or false"},
      {"/operations/1/controls/0/qubit", "1", "qubit 1 is given twice"},
  };
  for (const Wrong& wrong : wrongs) {
    json value = bell_json();
    value[json::json_pointer(wrong.where)] = json::parse(wrong.value);
    INFO(wrong.where << " = " << wrong.value << ": " << refusal(value));
    CHECK(contains(refusal(value), wrong.message));
  }
}

TEST_CASE("JSON with a wrong measurement or channel is refused", "[io][json]") {
  const json good = to_json(wires()
                                .add(sample_operation(qsim::gate_row("measure")))
                                .add(sample_operation(qsim::gate_row("channel"))));
  REQUIRE(refusal(good) == "accepted");
  const std::vector<std::array<const char*, 3>> wrongs{
      {"/operations/0/bit", "4", "bit 4 is out of range for 4"},
      {"/operations/0/bit", "-1", "measure needs a classical bit, got -1"},
      {"/operations/0/bit", "0.5", "operations[0].bit: expected an integer"},
      {"/operations/0/targets", "[0, 1]", "measure acts on 1 qubit, got 2"},
      {"/operations/0/readout_error", "{}", "the key 'one_for_zero' is missing"},
      {"/operations/0/readout_error/zero_for_one", "1.5",
       "zero_for_one is 1.5; it must be in [0, 1]"},
      {"/operations/1/channel/kraus", "[]", "has no Kraus operators"},
      {"/operations/1/channel/kraus/0/0/0", "[0, 0]", "does not preserve the trace"},
      {"/operations/1/channel/kraus/0", "[[[1, 0]]]", "Kraus operator 0"},
      {"/operations/1/channel/name", "7", "channel.name: expected a string"},
      {"/operations/1/channel/parameters", "[null]", "parameters[0]: expected a number"},
  };
  for (const auto& [where, with, message] : wrongs) {
    json value = good;
    value[json::json_pointer(where)] = json::parse(with);
    INFO(where << " = " << with << ": " << refusal(value));
    CHECK(contains(refusal(value), message));
  }
}

TEST_CASE("JSON with a wrong expression is refused", "[io][json]") {
  for (const char* text :
       {"null", "\"x\"", "[1]", "true", "{}", R"({"parameter": 1})", R"({"parameter": ""})",
        R"({"parameter": "a", "op": "+"})", R"({"op": "+"})", R"({"op": "+", "args": [1]})",
        R"({"op": "+", "args": [1, 2, 3]})", R"({"op": "cot", "args": [1]})",
        R"({"op": "constant", "args": []})", R"({"op": "parameter", "args": []})",
        R"({"op": "log", "args": [0]})", R"({"op": "/", "args": [1, 0]})",
        R"({"op": "sin", "args": [{"parameter": []}]})"}) {
    INFO(text);
    CHECK_THROWS_AS(qsim::expression_from_json(json::parse(text)), ValueError);
  }
  json deep = 1.0;  // constants fold, so only the reader itself can count these
  for (int k = 0; k < 5000; ++k) {
    json outer{{"op", "neg"}, {"args", json::array()}};
    outer["args"].push_back(std::move(deep));
    deep = std::move(outer);
  }
  CHECK_THROWS_AS(qsim::expression_from_json(deep), ValueError);
}

TEST_CASE("JSON with a wrong matrix is refused", "[io][json]") {
  const json good = to_json(Circuit(2).unitary(reflection(2), {0}));
  REQUIRE(refusal(good) == "accepted");
  for (const char* matrix :
       {"[]", "1", "[[1,0],[0,1]]", "[[[1,0],[0,0]]]", "[[[1,0],[0,0]],[[0,0]]]",
        "[[[1,0],[0,0]],[[0,0],[2,0]]]", "[[[1,0],[0,0]],[[0,0],[1,null]]]", "[[[1,0]]]",
        "[[[1e308,0],[1e308,0]],[[-1e308,0],[1e308,0]]]"}) {
    json bad = good;
    bad["operations"][0]["matrix"] = json::parse(matrix);
    INFO(matrix);
    CHECK(contains(refusal(bad), "circuit.operations[0]"));
  }
  json tall = good;  // many rows in a short text: refused before a matrix is allocated
  tall["operations"][0]["matrix"] = json(std::vector<json>(100'000, json::array()));
  CHECK(contains(refusal(tall), "a matrix has 1 to 4096 rows"));
}

TEST_CASE("hostile JSON text is refused", "[io][json]") {
  const std::string open_brackets(1'000'000, '[');
  std::string objects;
  for (int k = 0; k < 100'000; ++k) objects += "{\"a\":";
  for (const std::string& text :
       {std::string(), std::string("nonsense"), std::string("{"), std::string("[1e999]"),
        std::string("\"\xff\""), std::string("{\"format\":\"\\ud800\"}"), open_brackets, objects,
        open_brackets + std::string(1'000'000, ']'), std::string("\0", 1), std::string("[1,]"),
        to_json_text(Circuit(1)) + "x", '"' + std::string(100'000, 'a')}) {
    try {
      (void)qsim::circuit_from_json_text(text);
      FAIL("accepted " << text.substr(0, 40));
    } catch (const ValueError& error) {
      CHECK(std::string_view(error.what()).size() < 1000);
    }
  }
}

TEST_CASE("every truncation of a circuit's JSON is refused", "[io][json]") {
  const std::string text = to_json_text(Circuit(2).rx(Parameter("w"), 0).cx(0, 1));
  for (std::size_t k = 0; k < text.size(); ++k) {
    CHECK_THROWS_AS(qsim::circuit_from_json_text(text.substr(0, k)), ValueError);
  }
}

TEST_CASE("a name that is not UTF-8 cannot be written as text", "[io][json]") {
  CHECK_THROWS_AS(to_json_text(Circuit(1).rx(Parameter("\xff"), 0)), ValueError);
}
