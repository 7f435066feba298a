#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/core/error.h"
#include "qsim/qasm/library.h"
#include "qsim/qasm/qasm.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::Circuit;
using qsim::circuit_from_qasm;
using qsim::Register;
using qsim::to_qasm;
using qsim::ValueError;
using reference::Complex;
using reference::difference;
using reference::kPi;
using reference::Matrix;

constexpr double kTolerance = 1e-14;

Circuit read(std::string_view text) { return circuit_from_qasm(text, {.version = 2}); }
Circuit strict(std::string_view text) {
  return circuit_from_qasm(text, {.version = 2, .strict = true});
}

std::string error(std::string_view text, bool is_strict = false) {
  return reference::error_of<ValueError>(
      [&] { (void)circuit_from_qasm(text, {.version = 2, .strict = is_strict, .name = "f"}); });
}

// The matrix of one gate on as many qubits as it has, in order.
Matrix matrix_of(const std::string& call, int n_qubits, int version = 2) {
  std::string text = "qreg q[" + std::to_string(n_qubits) + "]; " + call + " ";
  for (int k = 0; k < n_qubits; ++k) text += (k > 0 ? ", q[" : "q[") + std::to_string(k) + "]";
  return reference::unitary(circuit_from_qasm(text + ";", {.version = version}));
}

// The matrix on the last qubits where the first `n_controls` are 1.
Matrix controlled(const Matrix& matrix, int n_controls, int n_qubits) {
  std::vector<qsim::Control> controls;
  std::vector<int> targets;
  for (int k = 0; k < n_controls; ++k) controls.push_back({k, true});
  for (int k = n_controls; k < n_qubits; ++k) targets.push_back(k);
  return reference::embed(matrix, targets, controls, n_qubits);
}

Matrix u(double theta, double phi, double lambda) {
  const double c = std::cos(theta / 2);
  const double s = std::sin(theta / 2);
  Matrix out(2, 2);
  out << c, -std::polar(s, lambda), std::polar(s, phi), std::polar(c, phi + lambda);
  return out;
}

Matrix diagonal(std::initializer_list<Complex> entries) {
  Matrix out = Matrix::Zero(static_cast<Eigen::Index>(entries.size()),
                            static_cast<Eigen::Index>(entries.size()));
  Eigen::Index k = 0;
  for (const Complex entry : entries) {
    out(k, k) = entry;
    ++k;
  }
  return out;
}

qsim::Condition equals(std::vector<int> bits, std::vector<bool> values) {
  return {qsim::Comparison{std::move(bits), std::move(values), true}};
}

Circuit under(Circuit circuit, const qsim::Condition& condition, const Circuit& body) {
  return circuit.when(condition, body);
}

}  // namespace

TEST_CASE("OpenQASM 2: a file with every kind of statement") {
  const Circuit circuit = read(R"(OPENQASM 2.0;
include "qelib1.inc"; // comment, in ünïcode
qreg a[2]; qreg b[3];
creg c[2];
gate pair(theta, unused) x, y { rx (theta*-0.5) x; cx x,y; barrier x,y; }
gate both(theta) x,y,z { pair(theta/2, 1) x,y; pair(-theta, 2) y,z; }
opaque magic(theta) x;
both(pi/3) a[0], b[1], b[2];
h a; cx a, b[0]; CX a[0], a[1]; U(0.1, .2, 3e-1) b[0];
measure a -> c; reset b; barrier a, b[1];
if (c == 2) x b;
if(c==1)measure b[0]->c[0];
)");
  Circuit expected(std::vector<Register>{{"a", 2}, {"b", 3}}, {{"c", 2}});
  expected.rx(kPi / 3 / 2 * -0.5, 0).cx(0, 3).barrier({0, 3});
  expected.rx(-(kPi / 3) * -0.5, 3).cx(3, 4).barrier({3, 4});
  expected.h(0).h(1).cx(0, 2).cx(1, 2).cx(0, 1).u(0.1, 0.2, 0.3, 2);
  expected.measure(0, 0).measure(1, 1).reset(2).reset(3).reset(4).barrier({0, 1, 3});
  const Circuit none(std::vector<Register>{{"a", 2}, {"b", 3}}, {{"c", 2}});
  expected.when(equals({0, 1}, {false, true}), Circuit(none).x(2).x(3).x(4));
  expected.when(equals({0, 1}, {true, false}), Circuit(none).measure(2, 0));
  CHECK(circuit == expected);
  CHECK(read(to_qasm(circuit, 2)) == circuit);
  CHECK(circuit_from_qasm(to_qasm(circuit, 3)) == circuit);
}

TEST_CASE("OpenQASM 2: relaxed reading, and strict") {
  const Circuit bell = Circuit(2).h(0).cx(0, 1);
  const std::vector<std::string> relaxed{
      "qreg q[2]; h q[0]; cx q[0], q[1];",
      "OPENQASM 2; include 'qelib1.inc'; qreg q[2]; h q[0]; cx q[0], q[1];",
      "OPENQASM 2.0; qreg q[2];; h q[0],; cx q[0], q[1],;",
      "\xEF\xBB\xBFOPENQASM 2.0;\r\ninclude \"qelib1.inc\";\r\nqreg q[2];\r\nh q[0];cx "
      "q[0],q[1];\r\n",
      "// a file of old\rOPENQASM 2.0;\rqreg q[2]; // qubits\rh q[0];\rcx q[0],q[1];\r",
      "OPENQASM 2.0; /* block */ qreg q[2]; h() q[0]; cx q[0],q[1]; // the end",
  };
  for (const std::string& text : relaxed) {
    CAPTURE(text);
    CHECK(read(text) == bell);
  }
  CHECK(strict("OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2]; h q[0]; cx q[0], q[1];") == bell);
  CHECK(strict("OPENQASM 2.0; qreg q[1]; U(0.5, 0, pi) q[0];") == Circuit(1).u(0.5, 0, kPi, 0));
  const std::vector<std::pair<std::string, std::string>> refused{
      {"qreg q[2];", "f:1:1: expected 'OPENQASM 2.0;', got 'qreg'"},
      {"OPENQASM 2;", "f:1:10: expected the version 2.0, got '2'"},
      {"OPENQASM 2.0; qreg q[2]; h q[0];", "f:1:26: there is no gate called 'h'"},
      {"OPENQASM 2.0; qreg q[2];;", "f:1:25: expected a statement or the name of a gate, got ';'"},
      {"OPENQASM 2.0; qreg q[2]; CX q[0],q[1],;", "f:1:39: expected the name of qubits, got ';'"},
      {"OPENQASM 2.0; qreg Q[2];",
       "f:1:20: expected a name that begins with a small letter, got 'Q'"},
      {"OPENQASM 2.0; qreg q[1]; U(1e-3,0,0) q;",
       "f:1:28: expected a number with a decimal point, got '1e-3' (strict)"},
      {"OPENQASM 2.0; qreg q[1]; U(+1,0,0) q;", "f:1:28: expected a number or a name, got '+'"},
  };
  for (const auto& [text, message] : refused) {
    CAPTURE(text);
    CHECK(error(text, true) == message);
  }
}

TEST_CASE("OpenQASM 2: expressions") {
  const std::vector<std::pair<std::string, double>> cases{
      {"pi", kPi},
      {"pi*-0.5", kPi * -0.5},
      {"-pi/2", -kPi / 2},
      {"-2^2", -4.0},
      {"2^3^2", 512.0},
      {"2^-1", 0.5},
      {"1-2-3", -4.0},
      {"8/2/2", 2.0},
      {"(1+2)*3", 9.0},
      {"--1", 1.0},
      {"3/2", 1.5},
      {"1.5e-3", 1.5e-3},
      {"2.", 2.0},
      {".5E+1", 5.0},
      {"sin(pi/2)+cos(0)*tan(0)", 1.0},
      {"ln(exp(1.25))", 1.25},
      {"sqrt (2)", std::sqrt(2.0)},
      {std::string(100'000, '(') + "1" + std::string(100'000, ')'), 1.0},
      {std::string(100'000, '-') + "1", 1.0},
  };
  for (const auto& [text, value] : cases) {
    CAPTURE(text.substr(0, 40));
    CHECK(read("qreg q[1]; rx(" + text + ") q[0];") == Circuit(1).rx(value, 0));
  }
  // Too small for a double is zero, however it is written.
  CHECK(read("qreg q[1]; rx(0." + std::string(400, '0') + "1) q[0]; rx(1e-400) q[0]; rx(0." +
             std::string(400, '0') + "1e+5) q[0]; rx(0." + std::string(400, '0') +
             "1e401) q[0];") == Circuit(1).rx(0.0, 0).rx(0.0, 0).rx(0.0, 0).rx(1.0, 0));
}

TEST_CASE("OpenQASM 2: the matrices of the gates in the libraries") {
  const Matrix x = matrix_of("x", 1);
  const Matrix s = diagonal({1, Complex(0, 1)});
  const Matrix sx = matrix_of("sx", 1);
  const Complex i(0, 1);
  CHECK(difference(matrix_of("id", 1), Matrix::Identity(2, 2)) < kTolerance);
  CHECK(difference(matrix_of("u0(1)", 1), Matrix::Identity(2, 2)) < kTolerance);
  CHECK(difference(sx * sx, x) < kTolerance);
  CHECK(difference(matrix_of("u1(0.3)", 1), diagonal({1, std::polar(1.0, 0.3)})) < kTolerance);
  CHECK(difference(matrix_of("u2(0.3,0.4)", 1), u(kPi / 2, 0.3, 0.4)) < kTolerance);
  for (const char* name : {"u3", "u", "U"}) {
    CHECK(difference(matrix_of(std::string(name) + "(0.2,0.3,0.4)", 1), u(0.2, 0.3, 0.4)) <
          kTolerance);
  }
  CHECK(difference(matrix_of("cu1(0.3)", 2), diagonal({1, 1, 1, std::polar(1.0, 0.3)})) <
        kTolerance);
  CHECK(difference(matrix_of("cu3(0.2,0.3,0.4)", 2), controlled(u(0.2, 0.3, 0.4), 1, 2)) <
        kTolerance);
  for (const int version : {2, 3}) {
    CHECK(difference(matrix_of("cu(0.2,0.3,0.4,0.5)", 2, version),
                     controlled(std::polar(1.0, 0.5) * u(0.2, 0.3, 0.4), 1, 2)) < kTolerance);
  }
  CHECK(difference(matrix_of("cs", 2), controlled(s, 1, 2)) < kTolerance);
  CHECK(difference(matrix_of("csdg", 2), controlled(s.adjoint(), 1, 2)) < kTolerance);
  CHECK(difference(matrix_of("csx", 2), controlled(sx, 1, 2)) < kTolerance);
  CHECK(difference(matrix_of("csxdg", 2), controlled(sx.adjoint(), 1, 2)) < kTolerance);
  const Matrix t = diagonal({1, std::polar(1.0, reference::kPi / 4)});
  CHECK(difference(matrix_of("ct", 2), controlled(t, 1, 2)) < kTolerance);
  CHECK(difference(matrix_of("ctdg", 2), controlled(t.adjoint(), 1, 2)) < kTolerance);
  CHECK(difference(matrix_of("ccz", 3), controlled(diagonal({1, -1}), 2, 3)) < kTolerance);
  CHECK(difference(matrix_of("c3x", 4), controlled(x, 3, 4)) < kTolerance);
  CHECK(difference(matrix_of("c4x", 5), controlled(x, 4, 5)) < kTolerance);
  CHECK(difference(matrix_of("c3sqrtx", 4), controlled(sx, 3, 4)) < kTolerance);

  // R_ZX = exp(−iθ/2 Z⊗X) with the first qubit leftmost, and ECR = (IX − XY)/√2 with it rightmost.
  CHECK(difference(matrix_of("rzx(0.7)", 2),
                   reference::exponential(-0.35 * i * reference::pauli("XZ"))) < kTolerance);
  CHECK(difference(matrix_of("ecr", 2), (reference::pauli("IX") - reference::pauli("XY")) /
                                            std::sqrt(2.0)) < kTolerance);
  CHECK(difference(matrix_of("dcx", 2), matrix_of("cx", 2) * matrix_of("cx", 2)) > 0.5);

  // Relative-phase Toffoli gates are Toffoli gates up to a diagonal.
  for (const auto& [name, n] : {std::pair{"rccx", 3}, {"rc3x", 4}, {"rcccx", 4}}) {
    const Matrix plain = controlled(x, n - 1, n);
    const Matrix relative = matrix_of(name, n) * plain.adjoint();
    CAPTURE(name);
    CHECK(difference(relative.cwiseAbs().cast<Complex>(),
                     Matrix::Identity(relative.rows(), relative.cols())) < kTolerance);
  }
  Matrix rccx = Matrix::Identity(8, 8);  // Maslov's: i where only the second control is 1 …
  rccx(3, 3) = rccx(7, 7) = 0;
  rccx(7, 3) = i;
  rccx(3, 7) = -i;
  rccx(5, 5) = -1;
  CHECK(difference(matrix_of("rccx", 3), rccx) < kTolerance);
}

TEST_CASE("What files define is exactly what the gate table has") {
  for (const auto& row : qsim::gate_table()) {
    if (!qsim::is_gate(row) || row.targets == 0) continue;
    for (const std::size_t n : {0U, 1U, 2U, 3U, 4U}) {
      for (const int version : {2, 3}) {
        const auto spelled = qsim::qasm::spelling(row, n, version);
        if (spelled.definition.empty()) continue;
        // Under another name it is expanded like any other definition.
        const std::string own = "own_" + spelled.name;
        std::string text = spelled.definition;
        text.replace(text.find(spelled.name), spelled.name.size(), own);
        const std::string angle = row.angles == 0   ? ""
                                  : row.angles == 1 ? "(0.7)"
                                                    : "(0.7, 0.2, -1.1)";
        const int qubits = row.targets + static_cast<int>(n);
        CAPTURE(spelled.name);
        CHECK(difference(matrix_of(text + " " + own + angle, qubits, version),
                         matrix_of(spelled.name + angle, qubits, version)) < kTolerance);
      }
    }
  }
  for (const char* letters : {"X", "Y", "Z", "I", "II", "XY", "IZ", "ZIXY", "YYX"}) {
    const auto spelled = qsim::qasm::pauli_spelling(letters);
    const int n = static_cast<int>(std::string(letters).size());
    std::string own = spelled.definition;
    own.replace(own.find("pauli_"), 6, "own_");
    const std::string name = "own_" + spelled.name.substr(6);
    const Circuit exact = Circuit(n).pauli_rotation(0.7, letters, [n] {
      std::vector<int> out;
      for (int k = 0; k < n; ++k) out.push_back(k);
      return out;
    }());
    CAPTURE(letters);
    for (const int version : {2, 3}) {
      CHECK(difference(matrix_of(own + " " + name + "(0.7)", n, version),
                       reference::unitary(exact)) < kTolerance);
      CHECK(circuit_from_qasm(to_qasm(exact, version)) == exact);
    }
  }
}

TEST_CASE("OpenQASM 2: conditions with numbers of any size") {
  const Circuit circuit = read(
      "qreg q[1]; creg c[301];"
      "if (c == 2037035976334486086268445688409378161051468393665936250636140449354381299763336706"
      "183397376) x q[0];"  // 2^300
      "if (c == 4074071952668972172536891376818756322102936787331872501272280898708762599526673412"
      "366794752) y q[0];"  // 2^301: never
      "if (c == 00000) z q[0];");
  std::vector<int> bits(301);
  for (int k = 0; k < 301; ++k) bits[static_cast<std::size_t>(k)] = k;
  std::vector<bool> top(301, false);
  top[300] = true;
  Circuit expected(1, 301);
  expected = under(expected, equals(bits, top), Circuit(1, 301).x(0));
  expected = under(expected, equals(bits, std::vector<bool>(301, false)), Circuit(1, 301).z(0));
  CHECK(circuit == expected);
  for (const int version : {2, 3}) CHECK(circuit_from_qasm(to_qasm(circuit, version)) == circuit);

  CHECK(read("qreg q[1]; creg c[2]; if (c == 4) x q[0];") == Circuit(1, 2));
  CHECK(error("qreg q[1]; creg c[2]; if (c == 4) x q[1];") ==
        "f:1:39: index 1 is out of range for 'q' of 1");
  const std::string digits(1'000'000, '9');
  CHECK(read("qreg q[1]; creg c[2]; if (c == " + digits + ") x q[0];").size() == 0);
}

TEST_CASE("OpenQASM 2: a file's own gates come before those of the library") {
  CHECK(read("qreg q[1]; gate h a { x a; } h q[0];") == Circuit(1).x(0));
  CHECK(read("qreg q[2]; gate rzz(t) a, b { cx a,b; u1(t) b; cx a,b; } rzz(0.5) q[0],q[1];") ==
        Circuit(2).cx(0, 1).p(0.5, 1).cx(0, 1));
  CHECK(read("gate nothing a {} qreg q[3]; nothing q;") == Circuit(3));
}

TEST_CASE("OpenQASM 2: errors say where, what was found and what was expected") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "f:1:1: the file declares no qubits"},
      {"OPENQASM 2.0;\n  qreg q[2]\nh q[0];", "f:3:1: expected ';', got 'h'"},
      {"qreg é[2];", "f:1:6: the character 'é' has no meaning here"},
      {"qreg q[2]; foo q[0];", "f:1:12: there is no gate called 'foo'"},
      {"qreg q[2]; x r[0];", "f:1:14: there are no qubits called 'r'"},
      {"qreg q[2]; x q[2];", "f:1:16: index 2 is out of range for 'q' of 2"},
      {"qreg q[2]; creg q[2];", "f:1:17: 'q' is declared twice"},
      {"qreg q[0];", "f:1:6: register 'q' has 0 qubits; it must have 1 to 100000"},
      {"qreg q[99999999999999999999];",
       "f:1:8: a register of 1e+20 qubits is larger than the limit of 100000"},
      {"qreg q[2]; qreg r[100000];",
       "f:1:17: register 'r' has 100000 qubits; it must have 1 to 99998"},
      {"qreg a[2]; qreg b[2]; cx b[1], b[1];", "f:1:23: qubit b[1] is given twice"},
      {"qreg q[2]; cx q[0], q[0];", "f:1:12: qubit q[0] is given twice"},
      {"qreg q[2]; cx q[0];", "f:1:12: gate 'cx' acts on 2 qubit(s), got 1"},
      {"qreg q[2]; rx q[0];", "f:1:12: gate 'rx' takes 1 angle(s), got 0"},
      {"qreg q[2]; qreg r[3]; cx q, r;",
       "f:1:29: the registers of one operation must be of one length; this one has 3, not 2"},
      {"qreg q[2]; creg c[3]; measure q -> c;",
       "f:1:36: the outcomes of 2 qubit(s) need as many bits, got 3"},
      {"qreg q[2]; x c;", "f:1:14: there are no qubits called 'c'"},
      {"qreg q[2]; creg c[2]; x c;",
       "f:1:25: expected the name of qubits, got 'c', which is something else"},
      {"gate g a { g a; }", "f:1:12: gate 'g' calls itself"},
      {"gate g a { x b; }", "f:1:14: gate 'g' has no qubit called 'b'"},
      {"gate g a, a { }", "f:1:11: 'a' is declared twice"},
      {"gate g a { } gate g b { }", "f:1:19: 'g' is declared twice"},
      {"gate g(t) a { rx(s) a; }", "f:1:18: there is no number or parameter called 's'"},
      {"gate g a { x a; ", "f:1:17: expected '}', got the end of the file"},
      {"opaque g a; qreg q[1]; g q[0];", "f:1:24: gate 'g' is opaque: nothing says what it does"},
      {"qreg q[1]; rx(1/0) q[0];", "f:1:16: the result of '/' is inf; it must be finite"},
      {"qreg q[1]; rx(1e999) q[0];", "f:1:15: the number '1e999' is too large"},
      {"qreg q[1]; rx(1" + std::string(400, '0') + "e-1) q[0];",
       "f:1:15: the number '10000000000000000000000000000000000000000…' is too large"},
      {"qreg q[1]; rx((1) q[0];", "f:1:19: expected ')', got 'q'"},
      {"qreg q[1]; rx(1)) q[0];", "f:1:17: expected the name of qubits, got ')'"},
      {"qreg q[1]; rx(foo(1)) q[0];", "f:1:15: there is no function 'foo'"},
      {"qreg q[1]; rx(3x) q[0];", "f:1:15: expected a number, got '3x'"},
      {"include \"other.inc\";",
       "f:1:9: expected \"qelib1.inc\", the only file that is known, got the string 'other.inc'"},
      {"include \"qelib1.inc", "f:1:9: the string that begins here does not end"},
      {"// old\r// file\r\nqreg q[1];\rif x", "f:4:4: expected '(', got 'x'"},
      {"qreg q[1]; creg c[1]; if (c == 1) barrier q;",
       "f:1:35: expected the name of a gate, got 'barrier', which the language has for something "
       "else"},
      {"OPENQASM 3.0;", "f:1:10: expected the version 2.0, got '3.0'"},
      {"qreg q[1]; creg c[1]; if (c[0] == 1) x q[0];",
       "f:1:27: expected a whole register, got one bit"},
      {"qreg q[1]; creg c[1]; if (c == 1) if (c == 1) x q[0];",
       "f:1:35: expected the name of a gate, got 'if', which the language has for something else"},
      {"qreg q[2]; creg c[2]; if (c == 1) measure q -> c;",
       "f:1:23: bit 0 is measured inside of what depends on it, before the end; measure into "
       "another bit"},
      {std::string("qreg q[1];\0x q;", 15), "f:1:11: the character '\\x00' has no meaning here"},
      {"\xff\xfe", "f:1:1: the character '\\xff' has no meaning here"},
      {"qreg q[1]; /* never", "f:1:12: the comment that begins here does not end"},
  };
  for (const auto& [text, message] : cases) {
    CAPTURE(text);
    CHECK(error(text) == message);
  }
}

TEST_CASE("OpenQASM: what a short text can make is bounded") {
  // 2^40 gates by doubling; 2^60 calls of nothing; a chain of definitions; wide barriers.
  std::string doubling = "gate g0 a { x a; } ";
  std::string empty = "gate g0 a { } ";
  std::string chain = "gate g0 a { x a; } ";
  for (int k = 1; k <= 60; ++k) {
    const std::string gate =
        "gate g" + std::to_string(k) + " a { g" + std::to_string(k - 1) + " a; ";
    doubling += gate + "g" + std::to_string(k - 1) + " a; } ";
    empty += gate + "g" + std::to_string(k - 1) + " a; } ";
  }
  for (int k = 1; k <= 100'000; ++k) {
    chain += "gate g" + std::to_string(k) + " a { g" + std::to_string(k - 1) + " a; } ";
  }
  const auto limited = [](const std::string& text) {
    return reference::error_of<ValueError>([&] {
      (void)circuit_from_qasm(text, {.version = 2, .name = "f", .max_operations = 100'000});
    });
  };
  CHECK(reference::contains(limited(doubling + "qreg q[1]; g60 q[0];"),
                            "more than 100000 operations"));
  CHECK(read(empty + "qreg q[1]; g60 q[0];") == Circuit(1));
  CHECK(reference::contains(error(chain), "more than 200 deep"));
  std::string barriers = "qreg q[100000]; ";
  for (int k = 0; k < 1000; ++k) barriers += "barrier q; ";
  CHECK(reference::contains(limited(barriers), "more than 100000 operations"));
  CHECK(reference::contains(limited("qreg q[100000]; h q; h q;"), "more than 100000 operations"));
}

TEST_CASE("OpenQASM 2: what is written reads back equal, or is refused") {
  reference::Dice dice(7);
  for (const auto& row : qsim::gate_table()) {
    if (!qsim::is_gate(row)) continue;
    for (int n = 0; n <= 5; ++n) {
      std::vector<int> qubits = dice.qubits(n + std::max(row.targets, 2), 8);
      std::vector<qsim::Control> controls;
      for (int k = 0; k < n; ++k) controls.push_back({qubits[static_cast<std::size_t>(k)], true});
      const std::vector<int> targets(qubits.end() - (row.targets == 0 ? 2 : row.targets),
                                     qubits.end());
      Circuit circuit(std::vector<Register>{{"a", 3}, {"b", 5}});
      circuit.add(reference::operation_on(row, targets, controls, dice));
      CAPTURE(row.name, n);
      const std::string refusal = reference::error_of<ValueError>([&] {
        if (!(read(to_qasm(circuit, 2)) == circuit)) qsim::fail("it reads back different");
      });
      const bool has_matrix =
          row.kind == qsim::GateKind::kUnitary || row.kind == qsim::GateKind::kEvolution;
      if (has_matrix) {
        CHECK(reference::contains(refusal, "cannot hold"));
      } else if (n == 0) {
        CHECK(refusal == "nothing was thrown");
      } else if (refusal != "nothing was thrown") {
        CHECK(reference::contains(refusal, "has no name for gate"));
      }
    }
  }
  const Circuit on_zero = Circuit(3).gate("x", {}, {2}, {{0, false}, {1, true}});
  CHECK(difference(reference::unitary(read(to_qasm(on_zero, 2))), reference::unitary(on_zero)) <
        kTolerance);
}

TEST_CASE("OpenQASM 2: what it cannot hold is refused with the reason") {
  const auto refused = [](const Circuit& circuit) {
    return reference::error_of<ValueError>([&] { (void)to_qasm(circuit, 2); });
  };
  CHECK(refused(Circuit(1).rx(qsim::Parameter("w"), 0)) ==
        "OpenQASM 2 has no parameters like 'w'; assign numbers to them first, or write version 3");
  CHECK(refused(Circuit(2, 2).when(equals({0}, {true}), Circuit(2, 2).x(0))) ==
        "OpenQASM 2 compares one whole register with a number and nothing else; write version 3");
  CHECK(refused(Circuit(std::vector<Register>{{"Q", 1}})) ==
        "the register 'Q' has a name that does not begin with a small letter, as OpenQASM 2 wants "
        "it; give it another");
  CHECK(refused(Circuit(std::vector<Register>{{"x", 1}})) ==
        "the register 'x' has a name that OpenQASM 2 uses itself; give it another");
  CHECK(refused(Circuit(1).initialize({1.0})) == "OpenQASM 2 cannot hold 'initialize'; JSON can");
  CHECK(reference::error_of<ValueError>([&] { (void)to_qasm(Circuit(1), 4); }) ==
        "there is no OpenQASM version 4 here; there is 2 and 3");
}
