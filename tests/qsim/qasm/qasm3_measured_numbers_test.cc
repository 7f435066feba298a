#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/core/error.h"
#include "qsim/qasm/qasm.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/qsim/qasm/acting.h"

// Angles, indices and arithmetic of measured bits: for all values of the bits, the gates that act
// are those that the numbers say.

namespace {

using qsim::Circuit;
using qsim::Operation;
using qsim::ValueError;
using reference::kPi;

Circuit read_measured(const std::string& text) {
  return qsim::circuit_from_qasm("qubit[3] q; bit[3] c; " + text, {.version = 3});
}

using OfBits = std::function<double(int)>;

// The angles of all gates that act, each the only one of its gate, have that sum.
void check_sum(const std::string& program, const OfBits& expected, std::size_t most) {
  CAPTURE(program);
  const Circuit read = read_measured(program);
  CHECK(read.size() <= most);
  for (int c = 0; c < 8; ++c) {
    double sum = 0;
    for (const Operation& op : reference::acting(read, static_cast<unsigned>(c))) {
      sum += op.angles.front().evaluate({{"w", 0.75}});
    }
    CHECK(std::abs(sum - expected(c)) < 1e-12);
  }
  CHECK(qsim::circuit_from_qasm(qsim::to_qasm(read)) == read);
}

// The targets of the gates that act.
void check_qubits(const std::string& program, const std::function<std::vector<int>(int)>& wanted) {
  CAPTURE(program);
  const Circuit read = read_measured(program);
  for (int c = 0; c < 8; ++c) {
    std::vector<int> got;
    for (const Operation& op : reference::acting(read, static_cast<unsigned>(c))) {
      got.push_back(op.targets.front());
    }
    CHECK(got == wanted(c));
  }
}

int sign_of_three(int c) { return c >= 4 ? c - 8 : c; }

}  // namespace

TEST_CASE("OpenQASM 3: an angle that is a sum over measured bits is a gate for each of them") {
  check_sum(
      "rz(c[0] * pi / 2 + pi * c[1]) q[0];",
      [](int c) { return (c & 1) * kPi / 2 + ((c >> 1) & 1) * kPi; }, 2);
  check_sum(
      "p(uint[3](c) * 0.25) q[0];", [](int c) { return 0.25 * c; }, 3);
  check_sum(
      "rx(-int[3](c) / 2.0 + 1) q[0];", [](int c) { return 1 - sign_of_three(c) / 2.0; }, 7);
  check_sum(
      "angle[3] a = angle[3](c); ctrl @ rz(a) q[0], q[1];", [](int c) { return c * kPi / 4; }, 3);
  check_sum(
      "angle[3] a; a[0] = c[2]; a[2] = c[0]; inv @ phase(a) q[0];",
      [](int c) { return -(((c >> 2) & 1) + 4 * (c & 1)) * kPi / 4; }, 2);
  check_sum(
      "angle[4] a; a[0] = c[0]; a <<= 2; a |= 1; rz(a) q[0];",
      [](int c) { return (4 * (c & 1) + 1) * kPi / 8; }, 2);
  check_sum(
      "angle[2] a = angle[2](c[0:1]); a = ~a; rz(a) q[0];",
      [](int c) { return (3 - (c & 3)) * kPi / 2; }, 2);
  check_sum(
      "input float w; rzz(w * c[0] - 2 * w) q[0], q[1];",
      [](int c) { return 0.75 * ((c & 1) - 2); }, 2);
  check_sum(
      "float x = 0.1; if (c[0]) x = 0.3; x += c[1]; rx(x) q[0];",
      [](int c) { return ((c & 1) != 0 ? 0.3 : 0.1) + ((c >> 1) & 1); }, 3);
  check_sum(
      "float x; for int i in [0:2] x += c[i] * pi / 2.0 ** i; phaseshift(x) q[0];",
      [](int c) { return kPi * ((c & 1) + ((c >> 1) & 1) / 2.0 + (c >> 2) / 4.0); }, 3);
  check_sum(
      "float x = c[0] * 0.5; float y = c[1] - 2.0; rz(x * y + x) q[0];",
      [](int c) { return 0.5 * (c & 1) * (((c >> 1) & 1) - 1); }, 2);
  check_sum(
      "def f(bit b) -> float { return b * 0.5; } rz(f(c[0]) + f(c[0])) q[0];",
      [](int c) { return c & 1; }, 1);
}

TEST_CASE("OpenQASM 3: iterative phase estimation reads the phase bit by bit") {
  const Circuit read = qsim::circuit_from_qasm(
      "OPENQASM 3; include \"stdgates.inc\"; const int[32] n = 10; "
      "const float[32] theta = 3 * pi / 8; qubit q; qubit r; angle[n] c; reset q; reset r; h r; "
      "uint[n] power = 1; for uint i in [0: n - 1] { reset q; h q; "
      "ctrl @ pow(power) @ phase(theta) q, r; inv @ phase(c) q; h q; measure q -> c[0]; c <<= 1; "
      "power <<= 1; }");
  Circuit expected(std::vector<qsim::Register>{{"q", 1}, {"r", 1}}, {{"kept", 10}});
  const Circuit empty = expected;
  expected.reset(0).reset(1).h(1);
  for (int k = 0; k < 10; ++k) {
    expected.reset(0).h(0).cp(std::ldexp(3 * kPi / 8, k), 0, 1);
    if (k == 0) expected.p(-0.0, 0);
    for (int j = k - 1; j >= 0; --j) {  // a bit of j rounds ago is at place j
      const qsim::Comparison one{{k - 1 - j}, {true}, true};
      expected.when({one}, Circuit(empty).p(-2 * kPi * std::ldexp(1.0, j + 1 - 10), 0));
    }
    expected.h(0).measure(0, k);
  }
  REQUIRE(read.size() == expected.size());
  CHECK(read.n_bits() == 10);
  for (unsigned bits = 0; bits < 1024; bits += 31) {
    double angle = 0;
    double wanted = 0;
    for (const Operation& op : reference::acting(read, bits)) {
      if (op.row->name == "p") angle += op.angles.front().evaluate({});
    }
    for (const Operation& op : reference::acting(expected, bits)) {
      if (op.row->name == "p") wanted += op.angles.front().evaluate({});
    }
    CHECK(std::abs(angle - wanted) < 1e-9);
  }
}

TEST_CASE("OpenQASM 3: other numbers of measured bits are tried value by value") {
  check_sum(
      "rz(sin(uint[3](c))) q[0];", [](int c) { return std::sin(c); }, 8);
  check_sum(
      "int i = c; i *= i; rz(i * 1.0) q[0];", [](int c) { return c * c; }, 13);
  check_sum(
      "array[float, 4] a = {0.5, 1.5, 2.5, 3.5}; rx(a[uint[2](c[1:2])]) q[0];",
      [](int c) { return 0.5 + (c >> 1); }, 4);
  check_sum(
      "array[float, 2] a = {0.5, 1.5}; a[c[0]] = 7; rx(a[c[1]]) q[0];",
      [](int c) {
        return (c & 1) == ((c >> 1) & 1) ? 7 : ((c >> 1) != 0 && (c & 2) != 0 ? 1.5 : 0.5);
      },
      4);
  check_sum(
      "float x = 1.0 / (1 + uint[3](c)); ry(x) q[0];", [](int c) { return 1.0 / (1 + c); }, 8);
  check_sum(
      "angle a = c[0] * 5.0; rz(a) q[0];", [](int c) { return (c & 1) != 0 ? 5.0 : 0.0; }, 2);
  check_sum(
      "angle[4] a = angle[4](c[0:1] ++ \"01\"); angle[4] b = a + a; rz(b) q[0];",
      [](int c) { return ((2 * ((c & 3) + 4)) % 16) * kPi / 8; }, 8);
  check_qubits("x q[c[0]];", [](int c) { return std::vector<int>{c & 1}; });
  check_qubits("int k = c[0]; k += c[1]; x q[k]; y q[2 - k];", [](int c) {
    const int k = (c & 1) + ((c >> 1) & 1);
    return std::vector<int>{k, 2 - k};
  });
  check_qubits("for int i in [0:c[1]] x q[i];", [](int c) {
    return (c & 2) != 0 ? std::vector<int>{0, 1} : std::vector<int>{0};
  });
  check_qubits("int i = 0; if (c[i + c[2]]) x q[1];", [](int c) {
    const int k = c >> 2;
    return ((c >> k) & 1) != 0 ? std::vector<int>{1} : std::vector<int>{};
  });
  check_qubits("float x = c[0] * 0.5; if (x > 0.25) x q[0]; else x q[1];",
               [](int c) { return std::vector<int>{1 - (c & 1)}; });
  check_qubits("uint[3] n = c; if (n % 3 == 1) x q[0];",
               [](int c) { return c % 3 == 1 ? std::vector<int>{0} : std::vector<int>{}; });
  check_qubits("uint[3] n = c; n <<= c[0]; if (n == 6) x q[0];", [](int c) {
    return ((c << (c & 1)) & 7) == 6 ? std::vector<int>{0} : std::vector<int>{};
  });
  const Circuit u = read_measured("U(c[0] * pi, 0, c[1] * 0.5) q[0];");
  for (int c = 0; c < 4; ++c) {
    const std::vector<Operation> acting = reference::acting(u, static_cast<unsigned>(c));
    REQUIRE(acting.size() == 1);
    CHECK(acting.front().angles ==
          std::vector<qsim::Expression>{(c & 1) * kPi, 0.0, (c >> 1) * 0.5});
  }
}

TEST_CASE("OpenQASM 3: a measurement goes into bits of a variable, and where a bit says") {
  CHECK(read_measured("uint[2] n; measure q[0] -> n[1]; if (n == 2) x q[1];").size() == 2);
  const Circuit read = read_measured("c[0] = measure q[0]; c[1 + c[0]] = measure q[1];");
  REQUIRE(read.size() == 3);
  const std::vector<Operation> zero = reference::acting(read, 0);
  const std::vector<Operation> one = reference::acting(read, 1);
  REQUIRE(zero.size() == 2);
  REQUIRE(one.size() == 2);
  CHECK(zero.back().bit == 1);
  CHECK(one.back().bit == 2);
}

TEST_CASE("OpenQASM 3: what would take too many values of measured bits is refused") {
  const auto refused = [](const std::string& text) {
    return reference::error_of<ValueError>([&] {
      (void)qsim::circuit_from_qasm("qubit[3] q; bit[12] c;\n" + text, {.version = 3, .name = "f"});
    });
  };
  CHECK(
      refused("rz(sin(uint[12](c))) q[0];") ==
      "f:2:4: 'sin' of what depends on measured bits, on more than 10 whose values would be tried");
  CHECK(refused("x q[uint[2](c[0:1])];") == "f:2:5: index 3 is out of range for 'q' of 3");
  CHECK(refused("const int k = c[0];") == "f:2:15: the constant 'k' depends on measured bits");
  CHECK(refused("let a = q[c[0]];") ==
        "f:2:11: expected a number that is known, got what depends on measured bits");
  CHECK(refused("gate g a { rx(c[0]) a; }") ==
        "f:2:12: the gate 'g' is defined by what depends on measured bits");
}

TEST_CASE("OpenQASM 3: popcount and rotations of bits, known and measured") {
  const auto popcount = [](int c) { return (c & 1) + ((c >> 1) & 1) + ((c >> 2) & 1); };
  const auto left = [](int c, int by) { return ((c << by) | (c >> (3 - by))) & 7; };
  for (int c = 0; c < 8; ++c) {
    const std::string known = "const uint[3] k = " + std::to_string(c) + "; ";
    CHECK(read_measured(known + "rx(popcount(k)) q[0];") == Circuit(3, 3).rx(popcount(c), 0));
    CHECK(read_measured(known + "rx(rotl(k, 1)) q[0];") == Circuit(3, 3).rx(left(c, 1), 0));
    CHECK(read_measured(known + "rx(rotr(k, 4)) q[0];") == Circuit(3, 3).rx(left(c, 2), 0));
    CHECK(read_measured(known + "rx(rotr(k, -2)) q[0];") == Circuit(3, 3).rx(left(c, 2), 0));
  }
  check_qubits("if (popcount(c) == 2) x q[0];",
               [&](int c) { return popcount(c) == 2 ? std::vector<int>{0} : std::vector<int>{}; });
  check_qubits("if (rotl(c, 1) == 6) x q[0];",
               [&](int c) { return left(c, 1) == 6 ? std::vector<int>{0} : std::vector<int>{}; });
  check_sum(
      "rz(popcount(c) * 0.5) q[0];", [&](int c) { return 0.5 * popcount(c); }, 9);
  check_sum(
      "angle[3] a = angle[3](c); rz(rotr(a, 1)) q[0];", [&](int c) { return left(c, 2) * kPi / 4; },
      3);
  CHECK(read_measured("rx(pow(2, 3) + 2 ** 4) q[0];") == Circuit(3, 3).rx(24.0, 0));
}

TEST_CASE("OpenQASM 3: inputs are told, or are parameters") {
  const std::string text =
      "input int[4] n; input bool b; input float w; input bit[2] d; qubit[3] q; if (b) x q[n]; "
      "rx(w) q[0]; if (d == 2) z q[1];";
  const auto read = [&](std::map<std::string, double> inputs) {
    return qsim::circuit_from_qasm(text, {.version = 3, .name = "f", .inputs = std::move(inputs)});
  };
  CHECK(read({{"n", 2}, {"b", 1}, {"d", 2}}) == Circuit(3).x(2).rx(qsim::Parameter("w"), 0).z(1));
  CHECK(read({{"n", 1}, {"b", 0}, {"d", 1}, {"w", 0.5}}) == Circuit(3).rx(0.5, 0));
  const auto refused = [&](std::map<std::string, double> inputs) {
    return reference::error_of<ValueError>([&] { (void)read(std::move(inputs)); });
  };
  CHECK(refused({}) ==
        "f:1:14: the input 'n' decides what the circuit is: its value has to be among the inputs "
        "that are given");
  CHECK(refused({{"n", 9}, {"b", 1}, {"d", 2}}) == "f:1:14: 'n' is 9; its type holds -8 to 7");
  CHECK(refused({{"n", 0.5}, {"b", 1}, {"d", 2}}) ==
        "f:1:14: 'n' is 0.5; it must be a whole number");
  CHECK(refused({{"n", 1}, {"b", 2}, {"d", 2}}) == "f:1:28: the input 'b' is 2; it must be 0 or 1");
  CHECK(refused({{"n", 1}, {"b", 1}, {"d", 4}}) == "f:1:59: 2 bit(s) are given 4");
  CHECK(reference::contains(refused({{"n", 1}, {"b", 1}, {"d", 0}, {"v", 4}}),
                            "the file has no input 'v' of a single number, which is given 4"));
}
