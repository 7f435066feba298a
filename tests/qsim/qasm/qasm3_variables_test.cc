#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/core/error.h"
#include "qsim/qasm/qasm.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/qsim/qasm/acting.h"

// What variables hold, and conditions on bits: each is compared with a circuit made by hand, or by
// all values of the bits.

namespace {

using qsim::Circuit;
using qsim::circuit_from_qasm;
using qsim::Operation;
using qsim::ValueError;

Circuit read_with_three(const std::string& text) {
  return circuit_from_qasm("qubit[3] q; bit[3] c; " + text, {.version = 3});
}

std::string refusal(const std::string& text) {
  return reference::error_of<ValueError>([&] {
    (void)circuit_from_qasm("qubit[3] q; bit[3] c;\n" + text, {.version = 3, .name = "f"});
  });
}

// Whether the program makes the angle of its only gate this number.
void check_angle(const std::string& program, double angle) {
  CAPTURE(program);
  CHECK(read_with_three(program + " rx(result) q[0];") == Circuit(3, 3).rx(angle, 0));
}

// How many gates X and Y act where the bits have the value.
std::pair<int, int> counts(const Circuit& circuit, unsigned bits) {
  std::pair<int, int> out;
  for (const Operation& op : circuit.operations()) {
    if (op.row->kind == qsim::GateKind::kMeasure || !reference::acts_where(op, bits)) continue;
    ++(op.row->name == "x" ? out.first : out.second);
  }
  return out;
}

}  // namespace

TEST_CASE("OpenQASM 3: variables hold what they are given") {
  check_angle("float result = 0.25;", 0.25);
  check_angle("float result; result = 2; result *= 1.5; result -= 1; result /= 4;", 0.5);
  check_angle("int[8] a = 5; a += 3; const int b = a * 2; float result = b;", 16);
  check_angle("bool b = true; int result = 1; if (b) result = 7; else result = 8;", 7);
  check_angle("uint[4] a = 15; a += 1; float result = a;", 0);
  check_angle("uint[4] a = 0; a -= 1; float result = a;", 15);
  check_angle("int[4] a = 7; a += 1; float result = a;", -8);
  check_angle("int[8] a = 100; int[8] b = 100; int[8] result = a + b;", -56);
  check_angle("uint[32] a = 4294967295; uint[32] result = a * a;", 1);
  check_angle("int a = 7; int b = 2; float result = a / b;", 3);
  check_angle("int a = -7; int b = 2; float result = a / b + a % b;", -4);
  check_angle("int a = 7; float result = a / 2.0;", 3.5);
  check_angle("int a = 2; int result = a ** 10;", 1024);
  check_angle("int a = 6; int result = (a & 3) | (a ^ 5) << 1;", 2 | (3 << 1));
  check_angle("uint[4] a = 9; a <<= 1; uint[4] b = ~a; float result = a + b;", 15);
  check_angle("uint[8] a = 200; a >>= 3; float result = a;", 25);
  check_angle("int[8] a = -8; a >>= 1; float result = a;", -4);
  check_angle("bool b = 1 < 2 && !(3 <= 2); int result = int(b) + 1;", 2);
  check_angle("angle a = -1.5; float result = a;", 2 * reference::kPi - 1.5);
  check_angle("angle[4] a = angle[4](\"1001\"); float result = a;", 9 * reference::kPi / 8);
  check_angle("angle[4] a = pi / 2; uint[4] b = uint[4](bit[4](a)); float result = b;", 4);
  check_angle("input float w; float result = 1; for float t in {0.5, 0.25} result += t;", 1.75);
  const qsim::Expression w = qsim::Parameter("w");
  CHECK(read_with_three("input float w; float x = w * 2; x += 1; rx(x) q[0];") ==
        Circuit(3, 3).rx(w * 2.0 + 1.0, 0));
}

TEST_CASE("OpenQASM 3: casts wrap around or cut off") {
  check_angle("int result = int(2.75);", 2);
  check_angle("int result = int(-2.75);", -2);
  check_angle("int result = int[4](9);", -7);
  check_angle("int result = int[4](uint[4](15));", -1);
  check_angle("uint result = uint[4](-1);", 15);
  check_angle("uint[8] a = 255; int result = int[8](a);", -1);
  check_angle("int result = int(bool(7));", 1);
  check_angle("float result = float(true);", 1);
  check_angle("uint[4] a = 10; float result = a[0] + 2 * int(a[1]) + 4 * int(a[-1]);", 6);
  check_angle("uint[4] a = 0; a[1] = 1; a[2:3] = \"10\"; float result = a;", 10);
  check_angle("bit[4] a = \"0110\"; a <<= 1; float result = uint[4](a);", 12);
  check_angle("bit[3] a = bit[3](6); bit[2] b = \"01\"; float result = uint[5](a ++ b);", 14);
}

TEST_CASE("OpenQASM 3: arrays of variables") {
  check_angle("array[int[8], 3] a = {1, 2, 3}; a[-1] = 5; a[0] += a[2]; float result = a[0];", 6);
  check_angle("array[float, 2, 2] a = {{1, 2}, {3, 4}}; float result = a[1, 0] + a[0][1];", 5);
  check_angle(
      "array[int, 2, 2] a = {{1, 2}, {3, 4}}; array[int, 2] b = a[1]; a[1] = {7, 8}; "
      "a[0] = b; float result = a[0, 0] + b[1] + a[1, 1];",
      15);
  check_angle("array[int, 4, 2] a; float result = sizeof(a) + 10 * sizeof(a, 1);", 24);
  check_angle("array[float, 3] a = {0.5, 1, 2}; float result; for float x in a result += x;", 3.5);
}

TEST_CASE("OpenQASM 3: what is known while reading decides") {
  const Circuit x = Circuit(3, 3).x(0);
  CHECK(read_with_three("int i = 2; if (i < 3) x q[0]; else y q[7];") == x);
  CHECK(read_with_three("int i = 3; if (i < 3) y q[i]; else x q[i - 3];") == x);
  CHECK(read_with_three("int i = 0; while (i < 2) { x q[i]; i += 1; }") == Circuit(3, 3).x(0).x(1));
  CHECK(
      read_with_three("for int i in [0:5] { if (i == 1) continue; if (i == 3) break; x q[i]; }") ==
      Circuit(3, 3).x(0).x(2));
  CHECK(read_with_three("int i; while (true) { i += 1; if (i > 2) break; x q[i]; } y q[0];") ==
        Circuit(3, 3).x(1).x(2).y(0));
  CHECK(read_with_three("int i = 4; switch (i) { case 1, 2 { y q[9]; } case 4 { x q[0]; } default "
                        "{ y q[9]; } }") == x);
  CHECK(read_with_three("int i = 5; switch (i) { case 1 { y q[9]; } default { x q[0]; } }") == x);
  CHECK(read_with_three("x q[0]; end; y q[1]; foo") == x);
  CHECK(read_with_three("bit[2] spec = \"10\"; for int i in [0:1] if (spec[i]) x q[i - 1];") == x);
  CHECK(read_with_three("bit[3] spec = \"101\"; for bit b in spec { if (b) x q[0]; }") ==
        Circuit(3, 3).x(0).x(0));
  CHECK(read_with_three("uint[3] n = 6; for int i in [0:2] { if (bool(n[i])) x q[i]; }") ==
        Circuit(3, 3).x(1).x(2));
}

TEST_CASE("OpenQASM 3: conditions on bits hold where they say") {
  using Holds = std::function<bool(int)>;
  const auto sign = [](int c) { return c >= 4 ? c - 8 : c; };
  const std::vector<std::pair<std::string, Holds>> conditions{
      {"c[0] == c[1]", [](int c) { return (c & 1) == ((c >> 1) & 1); }},
      {"c[0] != c[2]", [](int c) { return (c & 1) != ((c >> 2) & 1); }},
      {"5 == c", [](int c) { return c == 5; }},
      {"3 < c", [](int c) { return 3 < c; }},
      {"c << 1 == 6", [](int c) { return ((c << 1) & 7) == 6; }},
      {"(c >> 1) == 2", [](int c) { return c >> 1 == 2; }},
      {"bool(c) == true", [](int c) { return c != 0; }},
      {"bool(c[1]) != false", [](int c) { return (c & 2) != 0; }},
      {"int[3](c) < -1", [&](int c) { return sign(c) < -1; }},
      {"int[3](c) >= 2", [&](int c) { return sign(c) >= 2; }},
      {"-2 <= int[3](c)", [&](int c) { return -2 <= sign(c); }},
      {"(c & 6) > 2", [](int c) { return (c & 6) > 2; }},
      {"(c & 5) <= 4", [](int c) { return (c & 5) <= 4; }},
      {"(c | 2) == 7", [](int c) { return (c | 2) == 7; }},
      {"(c ^ 5) == 1", [](int c) { return (c ^ 5) == 1; }},
      {"~c == 1", [](int c) { return (~c & 7) == 1; }},
      {"!c[0] == c[1]", [](int c) { return ((c & 1) == 0) == ((c & 2) != 0); }},
      {"!!c[0] != 1", [](int c) { return (c & 1) == 0; }},
      {"c == 1 | c[2]", [](int c) { return c == 1 || (c & 4) != 0; }},
      {"c[0:1] == c[1:2]", [](int c) { return (c & 3) == ((c >> 1) & 3); }},
      {"c[0:1] < c[1:2]", [](int c) { return (c & 3) < ((c >> 1) & 3); }},
      {"c[0:1] >= c[1:2]", [](int c) { return (c & 3) >= ((c >> 1) & 3); }},
      {"uint[2](c[0:1]) + uint[2](c[1:2]) == 0",
       [](int c) { return (((c & 3) + ((c >> 1) & 3)) & 3) == 0; }},
      {"int(c) + 1 == 8", [](int c) { return c == 7; }},
      {"int(c) - 3 < 0", [](int c) { return c < 3; }},
      {"-int(c) == -3", [](int c) { return c == 3; }},
      {"c[0] ^ c[1] ^ c[2]", [](int c) { return ((c ^ (c >> 1) ^ (c >> 2)) & 1) != 0; }},
      {"c == \"011\" || c == 4", [](int c) { return c == 3 || c == 4; }},
      {"c == 99999999999999999999999", [](int) { return false; }},
      {"uint[2](c) == uint[2](c[1:2])", [](int c) { return (c & 3) == (c >> 1); }},
  };
  for (const auto& [text, holds] : conditions) {
    CAPTURE(text);
    const Circuit read = read_with_three("if (" + text + ") x q[0]; else y q[0];");
    const Circuit by_variable =
        read_with_three("bool b = " + text + "; if (b) x q[0]; else y q[0];");
    for (int c = 0; c < 8; ++c) {
      const std::pair<int, int> expected = holds(c) ? std::pair(1, 0) : std::pair(0, 1);
      CHECK(counts(read, static_cast<unsigned>(c)) == expected);
      CHECK(counts(by_variable, static_cast<unsigned>(c)) == expected);
    }
    CHECK(circuit_from_qasm(qsim::to_qasm(read)) == read);
  }
}

TEST_CASE("OpenQASM 3: variables may depend on measured bits") {
  const auto check = [](const std::string& program, const std::function<int(int)>& count) {
    CAPTURE(program);
    const Circuit read = read_with_three(program);
    for (int c = 0; c < 8; ++c) {
      CHECK(counts(read, static_cast<unsigned>(c)).first == count(c));
    }
  };
  check("int i = c; switch (i) { case 0, 3 { x q[0]; } case 5 { x q[0]; x q[1]; } default { } }",
        [](int c) { return c == 0 || c == 3 ? 1 : (c == 5 ? 2 : 0); });
  check("switch (uint[2](c)) { case 1 { y q[0]; } case 2 { y q[1]; } default { x q[0]; } }",
        [](int c) { return c % 4 == 0 || c % 4 == 3 ? 1 : 0; });
  check("bool b = false; if (c[0]) b = true; if (c[1]) b = !b; if (b) x q[0];",
        [](int c) { return (c ^ (c >> 1)) & 1; });
  check("int n = 0; for int i in [0:2] { if (c[i]) n += 1; } if (n == 2) x q[0];",
        [](int c) { return c == 3 || c == 5 || c == 6 ? 1 : 0; });
  check("int n = 0; for bit b in c n += b; switch (n) { case 1, 3 { x q[0]; } }",
        [](int c) { return (c ^ (c >> 1) ^ (c >> 2)) & 1; });
  check("uint[2] n; if (c == 3) n = 2; else if (c == 4) n = 3; if (n >= 2) x q[0];",
        [](int c) { return c == 3 || c == 4 ? 1 : 0; });
  check("bit p = 0; for int i in [0:2] { p ^= c[i]; } if (p) x q[0];",
        [](int c) { return (c ^ (c >> 1) ^ (c >> 2)) & 1; });
  check(
      "def parity(bit[3] b) -> bit { bit p = 0; for int i in [0:2] p ^= b[i]; return p; } "
      "if (parity(c)) x q[0];",
      [](int c) { return (c ^ (c >> 1) ^ (c >> 2)) & 1; });
}

TEST_CASE("OpenQASM 3: what variables cannot be given is refused with its place") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"int i = 2.5;", "f:2:9: a whole number is given 2.5; int(…) cuts fractions off"},
      {"int i; i = pi;", "f:2:12: a whole number is given 3.14159; int(…) cuts fractions off"},
      {"int i = j;", "f:2:9: there is no number or parameter called 'j'"},
      {"const int k = c;", "f:2:15: the constant 'k' depends on measured bits"},
      {"int i = c; x q[i];", "f:2:16: index 7 is out of range for 'q' of 3"},
      {"input float w; if (w > 0) x q[0];",
       "f:2:22: '>' is for numbers only, not for what depends on parameters"},
      {"int i = 9007199254740992; i += 1;",
       "f:2:32: the number 9007199254740993 of a type of any bits; those of more than 53 do not "
       "wrap "
       "around, and hold up to 2^53"},
      {"int i = 3; i = i / 0;", "f:2:18: '/' by 0"},
      {"uint[4] a; a[4] = 1;", "f:2:14: index 4 is out of range for 'a' of 4"},
      {"array[int, 2] a = {1, 2, 3};", "f:2:19: 'a' is given more than 2 elements"},
      {"array[int, 2] a = {1};", "f:2:19: 'a' is given 1 elements, and has 2"},
      {"array[int, 2] a; int b = a;", "f:2:26: 'a' is an array; its elements have 1 indices"},
      {"array[int, 2] a; a[2] = 1;", "f:2:20: index 2 is out of range for 'a' of 2"},
      {"array[int, 2000000] a;",
       "f:2:12: an array has 2000000 in one dimension; it must have 1 to 1000000 elements in all"},
      {"bit[2] b = \"101\";", "f:2:12: bit[2] of 3 bit(s)"},
      {"bit[2] b = 4;", "f:2:12: 2 bit(s) are given 4"},
      {"if (c == \"11\") x q[0];",
       "f:2:7: a string of digits is compared with bits of another "
       "number: 3 and 2"},
      {"switch (1) { default { } }", "f:2:14: expected 'case', got 'default'"},
      {"switch (1) { case 1 { } case 1 { } }", "f:2:30: two cases have the label 1"},
      {"switch (0.5) { case 1 { } }", "f:2:9: switch takes a whole number"},
      {"break;", "f:2:1: 'break' outside of a loop"},
      {"continue;", "f:2:1: 'continue' outside of a loop"},
      {"return 1;", "f:2:1: 'return' outside of a subroutine"},
      {"q = 3;", "f:2:1: expected a statement, got 'q', which begins none"},
      {"input float w; w = 1;", "f:2:16: 'w' is a constant or parameter, which is not assigned to"},
      {"while (c[0]) { }",
       "f:2:1: a while on measured bits goes on behind 100 rounds, and perhaps for ever; "
       "max_rounds "
       "says how many the circuit has"},
  };
  for (const auto& [text, message] : cases) {
    CAPTURE(text);
    CHECK(refusal(text) == message);
  }
  CHECK(refusal("while (true) { x q; }") ==
        "f:2:1: the loop never ends: its condition holds, and no round changes anything");
  CHECK(reference::contains(refusal("int i; while (true) { i += 1; }"),
                            "more than 10000000 operations"));
}
