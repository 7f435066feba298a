#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/core/error.h"
#include "qsim/qasm/qasm.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::Circuit;
using qsim::circuit_from_qasm;
using qsim::Comparison;
using qsim::Parameter;
using qsim::Register;
using qsim::to_qasm;
using qsim::ValueError;
using reference::difference;
using reference::Matrix;

constexpr double kTolerance = 1e-14;

Circuit read(const std::string& text) { return circuit_from_qasm(text, {.version = 3}); }

// The same with three qubits and three bits declared.
Circuit body(const std::string& text) { return read("qubit[3] q; bit[3] c; " + text); }
Circuit plain() { return Circuit(3, 3); }

std::string error(const std::string& text) {
  return reference::error_of<ValueError>(
      [&] { (void)circuit_from_qasm(text, {.version = 3, .name = "f"}); });
}

std::string body_error(const std::string& text) { return error("qubit[3] q; bit[3] c;\n" + text); }

Matrix matrix_of(const std::string& text) { return reference::unitary(body(text)); }

Comparison bit(int k, bool value, bool equal = true) { return {{k}, {value}, equal}; }
Comparison all(int number, bool equal = true) {
  return {{0, 1, 2}, {(number & 1) != 0, (number & 2) != 0, (number & 4) != 0}, equal};
}

void check_round_trip(const Circuit& circuit) {
  const std::string text = to_qasm(circuit);
  CAPTURE(text);
  CHECK(circuit_from_qasm(text) == circuit);
}

}  // namespace

TEST_CASE("OpenQASM 3: declarations, parameters and expressions") {
  const Circuit circuit = read(R"(OPENQASM 3.1;
include "stdgates.inc";
input float w;
input angle[32] φ;
input array[float[64], 4] v;
const int[32] n = 2;
const float half = pi / n;
qubit[n + 1] a; qubit anc; bit[2] c; bit f; qreg old[1]; creg bits[1];
rx(w * 2 + sin(v[n - 1])) a[0];
ry(-φ ** 2) anc;
rz(half + 0x10 + 1_000 + 0b11 % 2) a[-1];
u1(τ - ℇ + arccos(1) + mod(7, 4) + pow(2, 3)) old;
p(log(w) / exp(w) - cos(w) * tan(w) + sqrt(w)) a[1];
)");
  const qsim::Expression w = Parameter("w");
  Circuit expected(std::vector<Register>{{"a", 3}, {"anc", 1}, {"old", 1}},
                   {{"c", 2}, {"f", 1}, {"bits", 1}});
  expected.rx(w * 2.0 + sin(Parameter("v[1]")), 0)
      .ry(-pow(Parameter("φ"), 2.0), 3)
      .rz(reference::kPi / 2 + 16 + 1000 + 1, 2)
      .p(2 * reference::kPi - std::exp(1.0) + 0 + 3 + 8, 4)
      .p(log(w) / exp(w) - cos(w) * tan(w) + sqrt(w), 1);
  CHECK(circuit == expected);
  check_round_trip(circuit);
}

TEST_CASE("OpenQASM 3: selections and let") {
  CHECK(body("x q[0:1]; y q[0:2:2]; z q[{2, 0}]; h q[-1]; s q[1:]; t q[:1]; x q[2:-1:0];") ==
        plain().x(0).x(1).y(0).y(2).z(2).z(0).h(2).s(1).s(2).t(0).t(1).x(2).x(1).x(0));
  CHECK(body("let pair = q[0] ++ q[{2, 1}]; x pair[1]; let one = pair[0]; h one; ccx pair[0], "
             "pair[1], pair[2];") == plain().x(2).h(0).ccx(0, 2, 1));
}

TEST_CASE("OpenQASM 3: modifiers") {
  CHECK(body("ctrl @ x q[0], q[1]; negctrl @ ctrl @ z q[2], q[0], q[1];") ==
        plain().cx(0, 1).gate("z", {}, {1}, {{2, false}, {0, true}}));
  CHECK(body("ctrl(2) @ rx(0.5) q[0], q[1], q[2]; ctrl @ cx q[2], q[1], q[0];") ==
        plain()
            .gate("rx", {0.5}, {2}, {{0, true}, {1, true}})
            .gate("x", {}, {0}, {{2, true}, {1, true}}));
  CHECK(body("inv @ s q[0]; inv @ u1(0.5) q[0]; inv @ ctrl @ sx q[0], q[1]; inv @ inv @ t q[2];") ==
        plain().sdg(0).p(-0.5, 0).gate("sxdg", {}, {1}, {{0, true}}).t(2));
  CHECK(body("pow(2) @ x q[0]; pow(0.5) @ rx(1) q[0]; pow(-2) @ s q[0]; pow(0) @ h q[0];") ==
        plain().x(0).x(0).rx(0.5, 0).sdg(0).sdg(0));
  CHECK(body("pow(1/2) @ x q[0]; pow(1/2) @ z q[0]; inv @ pow(1/4) @ z q; pow(1/2) @ ctrl @ x "
             "q[0], q[1];") == plain().sx(0).s(0).tdg(0).tdg(1).tdg(2).csx(0, 1));
  CHECK(body("gate turn(tau) a { rz(tau) a; } turn(0.5) q[0];") == plain().rz(0.5, 0));
  const Circuit root = body("pow(1/3) @ h q[1];");
  const Matrix third = reference::unitary(root);
  CHECK(difference(third * third * third, reference::unitary(plain().h(1))) < 1e-13);

  // Of gates made from several: whole powers, inverses and controls of the whole.
  const std::string gate = "gate g(a) x, y { gphase(a / 3); h x; ctrl @ ry(a) x, y; t y; } ";
  const Matrix g = reference::unitary(read(gate + "qubit[2] q; g(0.7) q[0], q[1];"));
  const auto of = [&](const std::string& call) {
    return reference::unitary(read(gate + "qubit[3] q; " + call));
  };
  const auto on = [](const Matrix& m, std::vector<qsim::Control> controls = {}) {
    return reference::embed(m, {0, 1}, controls, 3);
  };
  CHECK(difference(of("inv @ g(0.7) q[0], q[1];"), on(g.adjoint())) < kTolerance);
  CHECK(difference(of("pow(3) @ g(0.7) q[0], q[1];"), on(g * g * g)) < kTolerance);
  CHECK(difference(of("pow(-2) @ g(0.7) q[0], q[1];"), on((g * g).adjoint())) < kTolerance);
  CHECK(difference(of("ctrl @ g(0.7) q[2], q[0], q[1];"), on(g, {{2, true}})) < kTolerance);
  CHECK(difference(of("negctrl @ inv @ g(0.7) q[2], q[0], q[1];"), on(g.adjoint(), {{2, false}})) <
        kTolerance);
}

TEST_CASE("OpenQASM 3: phases") {
  const reference::Complex phase = std::polar(1.0, 0.4);
  const Matrix one = Matrix::Identity(8, 8);
  CHECK(difference(matrix_of("gphase(0.4);"), phase * one) < kTolerance);
  CHECK(difference(matrix_of("inv @ gphase(0.4);"), std::conj(phase) * one) < kTolerance);
  CHECK(difference(matrix_of("pow(2) @ gphase(0.2);"), phase * one) < kTolerance);
  const auto where = [&](std::vector<std::pair<int, bool>> values) {
    Matrix out = one;
    for (int k = 0; k < 8; ++k) {
      const bool holds = std::ranges::all_of(
          values, [k](const auto& v) { return (((k >> v.first) & 1) != 0) == v.second; });
      if (holds) out(k, k) = phase;
    }
    return out;
  };
  CHECK(difference(matrix_of("ctrl @ gphase(0.4) q[1];"), where({{1, true}})) < kTolerance);
  CHECK(difference(matrix_of("negctrl @ gphase(0.4) q[1];"), where({{1, false}})) < kTolerance);
  CHECK(difference(matrix_of("negctrl @ ctrl @ gphase(0.4) q[1], q[0];"),
                   where({{1, false}, {0, true}})) < kTolerance);
  CHECK(difference(matrix_of("negctrl(3) @ gphase(0.4) q[1], q[0], q[2];"),
                   where({{0, false}, {1, false}, {2, false}})) < kTolerance);
  // Powers of what is written with X gates around it.
  CHECK(body("pow(0.5) @ negctrl @ gphase(0.8) q[1];") == plain().x(1).p(0.4, 1).x(1));
  CHECK(difference(matrix_of("pow(0.5) @ negctrl @ ctrl @ inv @ gphase(-0.8) q[1], q[0];"),
                   where({{1, false}, {0, true}})) < kTolerance);
  // u2 and u3 of version 3 have determinant 1.
  CHECK(difference(matrix_of("u3(0.1, 0.2, 0.3) q[0];"),
                   matrix_of("gphase(-(0.2 + 0.3) / 2); U(0.1, 0.2, 0.3) q[0];")) < kTolerance);
  CHECK(difference(matrix_of("u2(0.2, 0.3) q[0];"),
                   matrix_of("gphase(-(0.2 + 0.3) / 2); U(pi/2, 0.2, 0.3) q[0];")) < kTolerance);
  CHECK(difference(matrix_of("cu(0.1, 0.2, 0.3, 0.4) q[0], q[1];"),
                   matrix_of("p(0.4) q[0]; ctrl @ U(0.1, 0.2, 0.3) q[0], q[1];")) < kTolerance);
}

TEST_CASE("OpenQASM 3: measurement, reset and barriers") {
  CHECK(
      body("c = measure q; c[0] = measure q[2]; measure q[1] -> c[1]; measure q[0:1] -> c[1:2];") ==
      plain()
          .measure(0, 0)
          .measure(1, 1)
          .measure(2, 2)
          .measure(2, 0)
          .measure(1, 1)
          .measure(0, 1)
          .measure(1, 2));
  CHECK(read("qubit q; bit c = measure q; reset q; barrier; barrier q;") ==
        Circuit(1, 1).measure(0, 0).reset(0).barrier().barrier());
  CHECK(read("qubit[2] q; bit[2] c = measure q;") == Circuit(2, 2).measure(0, 0).measure(1, 1));
}

TEST_CASE("OpenQASM 3: conditions") {
  const auto under = [](const qsim::Condition& condition, const Circuit& then,
                        const Circuit* otherwise = nullptr) {
    return plain().when(condition, then, otherwise);
  };
  const Circuit x = plain().x(0);
  const Circuit y = plain().y(1).z(2);
  CHECK(body("if (c == 5) x q[0];") == under({all(5)}, x));
  CHECK(body("if (c != 5) { x q[0]; }") == under({all(5, false)}, x));
  CHECK(body("if (!(c == 5)) x q[0];") == under({all(5, false)}, x));
  CHECK(body("if (c == \"101\") x q[0];") == under({all(5)}, x));
  CHECK(body("const int k = 4; if (c == k + 1) x q[0];") == under({all(5)}, x));
  CHECK(body("if (c[1]) x q[0];") == under({bit(1, true)}, x));
  CHECK(body("if (!c[1]) x q[0];") == under({bit(1, false)}, x));
  CHECK(body("if (!(!c[1])) x q[0];") == under({bit(1, true)}, x));
  CHECK(body("if (!(c == 1)) x q[0];") == under({all(1, false)}, x));
  CHECK(body("if (c[1] == false) x q[0];") == under({bit(1, false)}, x));
  CHECK(body("if (c[1] != 1) x q[0];") == under({bit(1, true, false)}, x));
  CHECK(body("if (c[{2, 0}] == 1) x q[0];") == under({Comparison{{2, 0}, {true, false}, true}}, x));
  CHECK(body("if (c[0] && !c[1] && (c[2])) x q[0];") ==
        under({bit(0, true), bit(1, false), bit(2, true)}, x));
  CHECK(body("if (c == 5) x q[0]; else { y q[1]; z q[2]; }") == under({all(5)}, x, &y));
  CHECK(body("if (c[0] && c[1]) { x q[0]; } else { y q[1]; z q[2]; }") ==
        under({bit(0, true), bit(1, true)}, x, &y));
  CHECK(body("if (c[0]) { if (c[1]) { x q[0]; barrier q; } }") ==
        under({bit(0, true), bit(1, true)}, plain().x(0).barrier()));
  CHECK(body("if (c[0]) x q[0]; else if (c[1]) y q[0]; else z q[0];") ==
        plain()
            .when({bit(0, true)}, plain().x(0))
            .when({bit(0, true, false), bit(1, true)}, plain().y(0))
            .when({bit(0, true, false), bit(1, true, false)}, plain().z(0)));
  // What never or always holds.
  CHECK(body("if (c == 8) x q[0]; if (c == -1) x q[0]; if (c == 8) x q[0]; else y q[0];") ==
        plain().y(0));
  CHECK(body("if (c != 8) x q[0]; if (c != 8) x q[0]; else y q[0];") == plain().x(0).x(0));
  CHECK(body("if (c[0]) { x q[0]; c[0] = measure q[0]; }") ==
        under({bit(0, true)}, plain().x(0).measure(0, 0)));
  // The outcome goes elsewhere where more depends on what the bit was.
  const Circuit kept(std::vector<Register>{{"q", 3}}, {{"c", 3}, {"kept", 1}});
  CHECK(body("if (c[0]) { c[0] = measure q[0]; x q[0]; } if (c[0]) y q[0];") ==
        Circuit(kept)
            .when({bit(3, true)}, Circuit(kept).measure(0, 0).x(0))
            .when({bit(0, true)}, Circuit(kept).y(0)));
}

TEST_CASE("OpenQASM 3: loops are unrolled") {
  CHECK(body("for int i in [0:2] { rx(i * 0.5) q[i]; }") ==
        plain().rx(0.0, 0).rx(0.5, 1).rx(1.0, 2));
  CHECK(body("for uint[8] i in [2:-1:0] x q[i];") == plain().x(2).x(1).x(0));
  CHECK(body("for int i in {2, 0} { for int j in [0:0] { cx q[i], q[j + 1]; } }") ==
        plain().cx(2, 1).cx(0, 1));
  // A loop without rounds: its body is skipped by its structure.
  for (const std::string text :
       {"{ x q[i + 7]; }", "{ }", "x q[{0, i + 7}];", "for int j in {1, 2} x q[0];",
        "for uint[8] j in [0:2] { x q[j]; x q[{0, 1}]; }", "{ for j in {1, 2} { x q[{j}]; } y q; }",
        "if (c[0]) x q[0]; else x q[1];", "if (c[0]) { x q[0]; } else { x q[1]; }",
        "if ((c[0])) if (c[1]) x q[0]; else x q[1];",
        "if (c[0]) x q[0]; else if (c[1]) x q[1]; else { x q[2]; }", "c[{0, 1}] = measure q[0:1];",
        "{ let a = q[{0, 1}]; const int k = i; barrier; ; }"}) {
    CAPTURE(text);
    CHECK(body("for int i in [1:0] " + text + " h q[0];") == plain().h(0));
  }
  CHECK(body("for int i in [0:1] { const int k = i + 1; let a = q[k]; if (c[i]) x a; }") ==
        plain().when({bit(0, true)}, plain().x(1)).when({bit(1, true)}, plain().x(2)));
  // Names of inner scopes hide those of outer ones until their end.
  CHECK(body("const int i = 2; for int i in [0:1] { for int i in {i} x q[i]; y q[i]; } z q[i];") ==
        plain().x(0).y(0).x(1).y(1).z(2));
  CHECK(body("if (c[0]) { let q = q[2]; const int c = 1; rx(c) q; } x q[0]; if (c[1]) y q[0];") ==
        plain().when({bit(0, true)}, plain().rx(1.0, 2)).x(0).when({bit(1, true)}, plain().y(0)));
  const auto limited =
      reference::error_of<ValueError>([] { (void)body("for int i in [0:1000000000] { }"); });
  CHECK(reference::contains(limited, "more than 10000000 operations"));
}

TEST_CASE("OpenQASM 3: time passes without a trace") {
  CHECK(body("duration d = 100ns; stretch s; box[2us] { x q[0]; delay[d] q; delay[1.5dt] q[1]; "
             "delay[s]; } @note of mine\n y q[1];") == plain().x(0).y(1));
  CHECK(body("for int i in [1:0] { box { x q[0]; } } h q[0];") == plain().h(0));
}

TEST_CASE("OpenQASM 3: physical qubits are as many as the highest says") {
  const Circuit found = read("bit[2] q; h $3; cx $3, $0; q[0] = measure $0;");
  CHECK(found.n_qubits() == 4);
  CHECK(found.qubit_registers().front().name == "q_");
  CHECK(found.size() == 3);
  CHECK(found.operations()[1].targets.front() == 0);
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"x $0; qubit q;", ":1:13: the register 'q' beside physical qubits"},
           {"x $100000;", ":1:4: expected the number of a physical qubit, at most 99999, got"},
           {"x $a;", ":1:4: expected the number of a physical qubit"}}) {
    CAPTURE(text);
    const auto error = reference::error_of<ValueError>([&] { (void)read(text); });
    CHECK(reference::contains(error, message));
  }
}

TEST_CASE("OpenQASM 3: what is outside of what is read is refused with its place") {
  for (const std::string text : {"complex z;", "$0;", "else x q[0];", "durationof(x);"}) {
    CAPTURE(text);
    CHECK(body_error(text).starts_with("f:2:1: "));
    CHECK(body_error(text).ends_with("outside of the part of OpenQASM 3 that is read"));
  }
  const std::vector<std::pair<std::string, std::string>> cases{
      {"c = 8;", "f:2:5: 3 bit(s) are given 8"},
      {"measure q;", "f:2:10: expected '->' and the bits for the outcomes, got ';'"},
      {"if (c[0] c[1]) x q[0];", "f:2:10: expected an operator or ')', got 'c'"},
      {"if (bit[2](c) == 1) x q[0];", "f:2:5: bit[2] of 3 bit(s)"},
      {"delay q[0];", "f:2:7: expected '[', got 'q'"},
      {"box q[0];", "f:2:5: expected '{', got 'q'"},
      {"x $0;", "f:2:3: a physical qubit beside the register q"},
      {"if (!c == 1) x q[0];",
       "f:2:5: '!' takes a single bit, got 3; put brackets around a comparison"},
      {"if (!c) x q[0];", "f:2:5: '!' takes a single bit, got 3; put brackets around a comparison"},
      {"if (c) x q[0];",
       "f:2:5: a register of 3 bits is no condition by itself; compare it with a number"},
      {"if (c + 3) x q[0];",
       "f:2:7: '+' is for numbers; a register of 3 bits becomes one by uint[3](…)"},
      {"if (c[0]) qubit r;", "f:2:11: 'qubit' may not stand inside of a block"},
      {"if (c[0]) { x q[0];", "f:2:20: expected '}', got the end of the file"},
      {"x q[3];", "f:2:5: index 3 is out of range for 'q' of 3"},
      {"x q[0:0:2];", "f:2:5: the step of a range is 0"},
      {"x q[2:1];", "f:2:5: the range selects nothing"},
      {"let a = q[0]; x a[0];", "f:2:17: 'a' has no index"},
      {"ctrl @ x q[0];", "f:2:8: gate 'x' with its 1 control(s) acts on 2 qubit(s), got 1"},
      {"ctrl(0) @ x q[0];", "f:2:5: the number of controls is 0; it must be at least 1"},
      {"ctrl(100000) @ ctrl @ x q[0];", "f:2:21: a gate has more than 100000 controls"},
      {"pow(0.5) @ u3(1,2,3) q[0];",
       "f:2:12: pow(0.5) of several gates, or of several angles: only whole numbers up to 1e+09 "
       "are read"},
      {"input float w; const float k = w;", "f:2:32: the constant 'k' depends on a parameter"},
      {"const int n = 2.5;", "f:2:11: 'n' is 2.5; it must be a whole number"},
      {"const uint[8] n = 5 / 2;", "f:2:15: 'n' is 2.5; it must be a whole number"},
      {"const uint[8] n = 256;", "f:2:15: 'n' is 256; its type holds 0 to 255"},
      {"const int[3] n = -5;", "f:2:14: 'n' is -5; its type holds -4 to 3"},
      {"const int[0] n = 0;", "f:2:10: the size of a type is 0; it must be at least 1"},
      {"for uint i in [1:-1:-1] x q[i];", "f:2:10: 'i' is -1; its type has no sign"},
      {"const int[64] n = 9223372036854775808;",
       "f:2:15: 'n' is 9.22337e+18; its type holds -9.22337e+18 to 9.22337e+18"},
      {"for int i in [0:9e18] x q[0];", "f:2:17: the last value is 9e+18; the limit is 2^53"},
      {"for int[2] i in {1, 2} x q[i];", "f:2:12: 'i' is 2; its type holds -2 to 1"},
      {"const int i = 1; const int i = 2;", "f:2:28: 'i' is declared twice"},
      {"if (c[0]) { const int i = 1; const int i = 2; }", "f:2:40: 'i' is declared twice"},
      {"let a = q[0] ++ q[1:2] ++ q[2];", "f:2:5: a qubit or bit is selected twice"},
      {"x q[{0, -3}];", "f:2:5: a qubit or bit is selected twice"},
      {"c[{1, 1}] = measure q[0:1];", "f:2:3: a qubit or bit is selected twice"},
      {"gate g a { for int i in [0:1] x a; }",
       "f:2:12: expected the name of a gate, got 'for', which the language has for something else"},
      {"inv @ measure q;",
       "f:2:7: expected the name of a gate, got 'measure', which the language has for something "
       "else"},
      {"rx(true) q[0];", "f:2:4: expected a number, got a bool"},
      {"rx(log(-1)) q[0];", "f:2:4: the result of 'log' is not a number"},
      {"for int i in [1:0] x q[0;", "f:2:26: expected ']', got the end of the file"},
      {"for int i in [1:0] { x q[0] }", "f:2:29: expected ';', got '}'"},
      {"for int i in [1:0] { x q[0}; ]", "f:2:27: expected ']', got '}'"},
      {"for int i in [1:0] if c[0] x q[0];", "f:2:23: expected '(', got 'c'"},
      {"for int i in [1:0] for j in 3 x q[0];", "f:2:29: expected '[', got '3'"},
      {"for int i in [1:0] gate g a { } h q[0];", "f:2:20: 'gate' may not stand inside of a block"},
      {"input array[float, 2] w; rx(w[2]) q[0];", "f:2:31: index 2 is out of range for 'w' of 2"},
      {"input array[float, 2] w; rx(w) q[0];", "f:2:30: expected '[', got ')'"},
      {"rx(w) q[0];", "f:2:4: there is no number or parameter called 'w'"},
      {"const int k = 1; k = 2;",
       "f:2:18: 'k' is a constant or parameter, which is not assigned to"},
      {"qubit[1.5] r;", "f:2:7: the size of a register is 1.5; it must be a whole number"},
      {"include \"my.inc\";",
       "f:2:9: expected \"stdgates.inc\", the only file that is known, got the string 'my.inc'"},
      {"rx(100ns) q[0];", "f:2:4: expected a number or a name, got '100ns'"},
      {"input float gate;", "f:2:13: expected a new name, got 'gate', which the language has"},
      {"bit pi;", "f:2:5: expected a new name, got 'pi', which the language has"},
  };
  for (const auto& [text, message] : cases) {
    CAPTURE(text);
    CHECK(body_error(text) == message);
  }
  std::string nested;
  for (int k = 0; k < 100'000; ++k) nested += "if (c[0]) { ";
  CHECK(reference::contains(body_error(nested), "nested more than 300 deep"));
  nested = "for int i in [1:0] ";
  for (int k = 0; k < 100'000; ++k) nested += k % 2 == 0 ? "if (c[0]) " : "for j in [0:1] { ";
  CHECK(reference::contains(body_error(nested), "nested more than 300 deep"));
  CHECK(reference::contains(body_error("if (" + std::string(100'000, '(')),
                            "expected a number or a name, got the end of the file"));
  nested = "if (";
  for (int k = 0; k < 100'000; ++k) nested += "int(";
  CHECK(reference::contains(body_error(nested), "nested more than 300 deep"));
}

TEST_CASE("OpenQASM 3: every gate of the table reads back equal under any controls") {
  reference::Dice dice(11);
  for (const auto& row : qsim::gate_table()) {
    if (!qsim::is_gate(row)) continue;
    if (row.kind == qsim::GateKind::kUnitary || row.kind == qsim::GateKind::kEvolution) continue;
    for (int repeat = 0; repeat < 12; ++repeat) {
      Circuit circuit(std::vector<Register>{{"a", 3}, {"b", 3}});
      circuit.add(reference::random_operation(row, 6, 3, dice));
      CAPTURE(row.name);
      check_round_trip(circuit);
    }
  }
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    reference::Dice more(seed);
    Circuit circuit(5);
    const Circuit random = reference::random_circuit({.n_qubits = 5, .named = true}, more);
    for (const auto& op : random.operations()) {
      if (!op.matrix) circuit.add(op);
    }
    check_round_trip(circuit);
  }
}

TEST_CASE("OpenQASM 3: global phases are written as such where they read back equal") {
  const Circuit with_phase =
      circuit_from_qasm("OPENQASM 3; qubit[2] q; gphase(0.3); gphase(-pi / 3); h q[0];");
  const std::string text = to_qasm(with_phase, 3);
  CHECK(reference::contains(text, "\ngphase(0.3);\ngphase(-pi/3);\nh q[0];"));
  CHECK(circuit_from_qasm(text) == with_phase);
  for (const double angle : {0.0, 5e-324, -1e300, 0.1}) {
    const Circuit circuit = Circuit(2).pauli_rotation(angle, "I", {0});
    CHECK(circuit_from_qasm(to_qasm(circuit, 3)) == circuit);
  }
  const Circuit elsewhere = Circuit(2).pauli_rotation(0.3, "I", {1});
  CHECK(circuit_from_qasm(to_qasm(elsewhere, 3)) == elsewhere);
  CHECK(circuit_from_qasm(to_qasm(with_phase, 2)) == with_phase);
}

TEST_CASE("OpenQASM 3: names of parameters") {
  Circuit circuit(std::vector<Register>{{"q", 2}, {"w", 1}});
  for (const char* name :
       {"a",     "θ", "pi",      "sin",           "rx",   "qubit",       "w",         "v[0]",
        "v[10]", "v", "u_[2]",   "u_[007]",       "x y",  "ketgrad__61", "ketgrad_b", "_",
        "1",     "ä", "a[0][1]", "z[4000000000]", "n[1]", "[0]"}) {
    circuit.rx(Parameter(name) * 2.0, 0);
  }
  check_round_trip(circuit);
  const std::string text = to_qasm(Circuit(1).rx(Parameter("n[3]"), 0).ry(Parameter("n[1]"), 0));
  CHECK(reference::contains(text, "input array[float, 4] n;\n"));
  CHECK(reference::contains(text, "rx(n[3]) q[0];\n"));
}

TEST_CASE("OpenQASM 3: conditions and everything else that is no gate read back equal") {
  Circuit circuit(std::vector<Register>{{"a", 2}, {"b", 1}}, {{"c", 2}, {"d", 70}});
  const Circuit empty = circuit;
  std::vector<int> wide(70);
  std::vector<bool> values(70);
  for (int k = 0; k < 70; ++k) wide[static_cast<std::size_t>(k)] = 2 + k;
  for (std::size_t k = 0; k < 70; k += 3) values[k] = true;
  circuit.h(0).measure(0, 0).barrier().barrier({1, 2}).reset(2);
  circuit.when({Comparison{{0}, {true}, true}, Comparison{{1}, {false}, false}},
               Circuit(empty).x(0).y(1).measure(1, 0));
  circuit.when({Comparison{{0}, {true}, true}}, Circuit(empty).x(0));
  circuit.when({Comparison{wide, values, true}}, Circuit(empty).x(0), &empty);
  circuit.when({Comparison{{0, 1}, {true, false}, false}}, Circuit(empty).rx(Parameter("w"), 0));
  circuit.when({Comparison{{5, 1, 2}, {true, false, true}, true}}, Circuit(empty).z(0).reset(1));
  circuit.when({Comparison{{5, 1, 2}, {true, true, true}, false}}, Circuit(empty).z(0));
  check_round_trip(circuit);
  CHECK(reference::error_of<ValueError>([] { (void)to_qasm(Circuit(1).initialize({1.0})); }) ==
        "OpenQASM 3 cannot hold 'initialize'; JSON can");
}

TEST_CASE("OpenQASM: the version is that of the header, or of what the file begins with") {
  CHECK(circuit_from_qasm("OPENQASM 3; qubit q; h q;") == Circuit(1).h(0));
  CHECK(circuit_from_qasm("// a comment\nqubit q; h q;") == Circuit(1).h(0));
  CHECK(circuit_from_qasm("include \"stdgates.inc\"; qubit q; h q;") == Circuit(1).h(0));
  CHECK(circuit_from_qasm("qreg q[1]; rx(2^2) q;") == Circuit(1).rx(4.0, 0));
  const auto refused = [](const std::string& text, const qsim::QasmOptions& options) {
    return reference::error_of<ValueError>([&] { (void)circuit_from_qasm(text, options); });
  };
  CHECK(refused("OPENQASM 4.0;", {}) == "<qasm>:1:10: expected the version 2.0 or 3.0, got '4.0'");
  CHECK(refused("", {.version = 1}) == "there is no OpenQASM version 1 here; there is 2 and 3");
  CHECK(refused("qubit q;", {.strict = true}) == "strict reading is for OpenQASM 2");
}
