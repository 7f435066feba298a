#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/core/error.h"
#include "qsim/qasm/qasm.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

// Subroutines, loops on measured bits, bits that are assigned to, and what is dropped: each is
// compared with a circuit made by hand.

namespace {

using qsim::Circuit;
using qsim::circuit_from_qasm;
using qsim::Comparison;
using qsim::Register;
using qsim::ValueError;

Circuit read_program(const std::string& text, std::int64_t max_rounds = 0) {
  return circuit_from_qasm("qubit[3] q; bit[3] c; " + text,
                           {.version = 3, .max_rounds = max_rounds});
}

std::string refusal_of(const std::string& text) {
  return reference::error_of<ValueError>([&] {
    (void)circuit_from_qasm("qubit[3] q; bit[3] c;\n" + text, {.version = 3, .name = "f"});
  });
}

Circuit made() { return Circuit(3, 3); }

// With bits of subroutines behind those of the file.
Circuit made_with(int more) {
  return Circuit(std::vector<Register>{{"q", 3}}, {{"c", 3}, {"kept", more}});
}

Comparison is(int bit, bool value, bool equal = true) { return {{bit}, {value}, equal}; }

}  // namespace

TEST_CASE("OpenQASM 3: subroutines are read in place of their calls") {
  CHECK(read_program("def f(qubit a, qubit[2] b, float t) { rx(t * 2) a; cx b[0], b[1]; } "
                     "f(q[2], q[0:1], 0.25); f(q[0], q[{2, 1}], pi);") ==
        made().rx(0.5, 2).cx(0, 1).rx(2 * reference::kPi, 0).cx(2, 1));
  CHECK(read_program("def g(int n) -> int { return n * n; } int k = g(2) + g(1); rx(k) q[0];") ==
        made().rx(5.0, 0));
  CHECK(read_program("def up(int n) -> int { if (n < 2) return 1; return n * up(n - 1); } "
                     "rx(up(5)) q[0];") == made().rx(120.0, 0));
  CHECK(
      read_program("def f(qubit a) { for int i in [0:3] { if (i == 2) return; x a; } } f(q[1]);") ==
      made().x(1).x(1));
  CHECK(read_program("const int n = 2; int k = 1; def f(qubit[n] a) { int k = 5; x a[k - 4]; } "
                     "for int k in [0:0] { f(q[0:1]); } x q[k];") == made().x(1).x(1));
  // The names around a call are not those of the subroutine.
  CHECK(read_program(
            "int k = 1; def f() -> int { return k; } for int k in [7:7] { rx(f()) q[0]; }") ==
        made().rx(1.0, 0));
  CHECK(read_program("def f(mutable array[int, 2] a) { a[1] = 4; } array[int, 2] b = {1, 2}; f(b); "
                     "rx(b[1]) q[0];") == made().rx(4.0, 0));
  CHECK(read_program(
            "def f(readonly array[int, #dim = 2] a) -> int { return a[1, 0] + sizeof(a, 1); "
            "} array[int, 2, 3] b = {{1, 2, 3}, {4, 5, 6}}; rx(f(b)) q[0];") == made().rx(7.0, 0));
  // As early versions of the language wrote calls.
  CHECK(read_program(
            "def f(int n, qubit a) { x a; } f(1) q[0]; def g(qubit[2] a) { y a; } g q[1:2];") ==
        made().x(0).y(1).y(2));
  CHECK(read_program("extern f(int) -> bit; x q[0];") == made().x(0));
}

TEST_CASE("OpenQASM 3: outcomes of subroutines are bits of the file") {
  const std::string y_basis = "def yes(qubit a) -> bit { sdg a; h a; return measure a; } ";
  CHECK(
      read_program(y_basis + "c[0] = yes(q[0]); c[2] = yes(q[1]); if (c[0]) x q[2];") ==
      made().sdg(0).h(0).measure(0, 0).sdg(1).h(1).measure(1, 2).when({is(0, true)}, made().x(2)));
  CHECK(read_program(
            "def f(qubit[2] a) -> bit[2] { bit[2] b; cx a[0], a[1]; measure a -> b; return b; "
            "} c[1:2] = f(q[0:1]); if (uint[2](c[1:2]) == 2) x q[2];") ==
        made().cx(0, 1).measure(0, 1).measure(1, 2).when({Comparison{{1, 2}, {false, true}, true}},
                                                         made().x(2)));
  // Outcomes that no register of the file holds.
  CHECK(read_program(y_basis + "if (yes(q[0])) x q[2];") ==
        made_with(1).sdg(0).h(0).measure(0, 3).when({is(3, true)}, made_with(1).x(2)));
  CHECK(read_program("for int i in [0:1] { bit b = measure q[i]; if (b) x q[2]; }") ==
        made_with(1)
            .measure(0, 3)
            .when({is(3, true)}, made_with(1).x(2))
            .measure(1, 3)
            .when({is(3, true)}, made_with(1).x(2)));
}

TEST_CASE("OpenQASM 3: bits that are assigned to") {
  // A copy lasts, though what it was copied from is measured into again.
  CHECK(read_program("bit b; c[0] = measure q[0]; b = c[0]; c[0] = measure q[1]; if (b) x q[2];") ==
        Circuit(std::vector<Register>{{"q", 3}}, {{"c", 3}, {"b", 1}})
            .measure(0, 3)
            .measure(1, 0)
            .when({is(3, true)},
                  Circuit(std::vector<Register>{{"q", 3}}, {{"c", 3}, {"b", 1}}).x(2)));
  // A register that holds no outcomes of its own in the end is no part of the circuit.
  CHECK(read_program("bit[2] b; c = measure q; b = c[0:1]; if (b == 3) x q[2];") ==
        made().measure(0, 0).measure(1, 1).measure(2, 2).when(
            {Comparison{{0, 1}, {true, true}, true}}, made().x(2)));
  CHECK(read_program("bit[2] flags = \"11\"; if (flags == 3) x q[0];") == made().x(0));
  CHECK(read_program("c[0] = 0; c[1] = measure q[0]; c[0] = c[1]; c[1] = 0;") ==
        made().measure(0, 0));
  CHECK(read_program("c = measure q; c <<= 1;") ==
        made_with(1).measure(0, 1).measure(1, 2).measure(2, 3));
  CHECK(read_program("output bit[1] d; d = measure q[0:0];") ==
        Circuit(std::vector<Register>{{"q", 3}}, {{"c", 3}, {"d", 1}}).measure(0, 3));
  // Where the measurement may not happen, the bit keeps what it held.
  const Circuit kept = read_program(
      "c[0] = measure q[0]; c[1] = 1; if (c[0]) c[1] = measure q[1]; "
      "if (c[1]) x q[2]; c[1] = measure q[2];");
  CHECK(kept == made_with(1)
                    .measure(0, 0)
                    .when({is(0, true)}, made_with(1).measure(1, 3))
                    .when({Comparison{{3, 0}, {false, true}, false}}, made_with(1).x(2))
                    .measure(2, 1));
  CHECK(refusal_of("c = measure q; c[1] = 1;") ==
        "f:1:20: bit 1 of 'c' holds no outcome of its own in the end, as others do; circuits have "
        "bits for outcomes only");
  CHECK(refusal_of("c = measure q; c[1] = c[0] & c[2];")
            .starts_with("f:1:20: bit 1 of 'c' holds no"));
}

TEST_CASE("OpenQASM 3: loops on measured bits have as many rounds as are asked for") {
  const Circuit h = made().h(0).measure(0, 0);
  CHECK(read_program("c[0] = measure q[0]; while (c[0]) { h q[0]; c[0] = measure q[0]; }", 2) ==
        made().measure(0, 0).when({is(0, true)}, h).when({is(0, true)}, h));
  // Two bits: each round has its own, which are 0 where it does not happen.
  const Circuit both = read_program(
      "def f(qubit[2] a) -> bit[2] { h a; return measure a; } bit[2] flags = \"11\"; "
      "while (int[2](flags) != 0) flags = f(q[0:1]); x q[2];",
      3);
  std::vector<Register> bits{{"c", 3}, {"flags", 2}, {"kept", 4}};
  const Circuit empty(std::vector<Register>{{"q", 3}}, bits);
  const auto round = [&](int bit) {
    return Circuit(empty).h(0).h(1).measure(0, bit).measure(1, bit + 1);
  };
  const auto go_on = [](int bit) { return Comparison{{bit, bit + 1}, {false, false}, false}; };
  CHECK(both.size() == 13);
  CHECK(both.n_bits() == 9);
  CHECK(
      both ==
      Circuit(empty).compose(round(5)).when({go_on(5)}, round(7)).when({go_on(7)}, round(3)).x(2));
  CHECK(read_program("bool done; while (!done) { h q[0]; done = measure q[0]; }", 3).size() == 6);
  CHECK(read_program("while (c == 8) { h q[0]; } x q[0];") == made().x(0));
  // One that counts its rounds ends by itself.
  const Circuit counted = read_program(
      "bit b = 1; int i; while (b && i < 4) { h q[0]; b = measure q[0]; i += 1; } if (i == 2) x "
      "q[2];");
  CHECK(counted.size() == 9);
  CHECK(counted.bit_registers() == std::vector<Register>{{"c", 3}, {"b", 1}, {"kept", 3}});
  CHECK(read_program("int i; while (c[0] && i < 3) { x q[i]; i += 1; }").size() == 3);
  // Linear in the number of rounds.
  CHECK(read_program("bit b; bool done; while (!done) { h q[0]; bit[2] f = measure q[0:1]; "
                     "done = !(f[0] | f[1]); }",
                     100)
            .size() == 300);
}

TEST_CASE("OpenQASM 3: subroutines that cannot be read are refused with their place") {
  std::string deep = "def f(int n) -> int { return f(n); } int k = f(1);";
  CHECK(reference::contains(refusal_of(deep),
                            "f:2:30: subroutines call each other more than 50 deep"));
  const std::vector<std::pair<std::string, std::string>> cases{
      {"extern f(int) -> bit; c[0] = f(1);", "f:2:30: 'f' is extern: nothing says what it does"},
      {"def f(qubit a) { } f(q);", "f:2:22: 'a' takes 1 qubit(s), got 3"},
      {"def f(qubit a) { } f(1);", "f:2:22: expected qubits for 'a', got '1'"},
      {"def f(int a) { } f(q[0]);", "f:2:20: expected a number for 'a', got 'q'"},
      {"def f(int a) { } f();", "f:2:18: 'f' takes more than 0 argument(s)"},
      {"def f(int a) { } f(1, 2);", "f:2:18: 'f' takes 1 argument(s), got 2"},
      {"def f() { } int k = f();", "f:2:21: the subroutine 'f' returns nothing"},
      {"def f() -> int { } int k = f();", "f:2:28: 'f' ends without a return"},
      {"def f() -> bit[2] { return measure q; } c[0:1] = f();", "f:2:12: bit[2] of 3 bit(s)"},
      {"def f(qubit a) { qubit b; }", "f:2:18: 'qubit' may not stand inside of a block"},
      {"def f(qubit a) { x a", "f:2:21: expected ';', got the end of the file"},
      {"def f(readonly array[int, 2] a) { a[0] = 1; } array[int, 2] b; f(b);",
       "f:2:35: 'a' is not assigned to here"},
      {"def f(mutable array[int, 3] a) { } array[int, 2] b; f(b);",
       "f:2:55: the array 'b' has another shape than 'a'"},
      {"def f(int i) { break; } for int i in [0:1] f(i);", "f:2:16: 'break' outside of a loop"},
      {"if (c[0]) def f() { }", "f:2:11: 'def' may not stand inside of a block"},
  };
  for (const auto& [text, message] : cases) {
    CAPTURE(text);
    CHECK(refusal_of(text) == message);
  }
}

TEST_CASE("OpenQASM 3: what a simulator may drop is dropped with a note, and noise is refused") {
  std::vector<std::string> notes;
  const Circuit read = circuit_from_qasm(
      "#pragma braket result probability\nqubit q; pragma other 2im ?\nx q;\n"
      "defcalgrammar \"openpulse\"; defcal x $0 { play(1); } cal { port p; } nop q;",
      {.name = "f", .notes = &notes});
  CHECK(read == Circuit(1).x(0));
  CHECK(notes == std::vector<std::string>{
                     "f:1:1: 'pragma braket result probability' is dropped",
                     "f:2:10: 'pragma other 2im ?' is dropped", "f:4:1: 'defcalgrammar' is dropped",
                     "f:4:28: 'defcal' is dropped", "f:4:53: 'cal' is dropped"});
  CHECK(refusal_of("#pragma braket noise bit_flip(0.1) q[0]\n") ==
        "f:2:1: 'pragma braket noise bit_flip(0.1) q[0]' changes what the circuit does; such a "
        "pragma "
        "is not supported");
  CHECK(reference::contains(refusal_of("#pragma other unitary\n"), "changes"));
  CHECK(refusal_of("# define\n") == "f:2:3: expected 'pragma', got 'define'");
}

TEST_CASE("OpenQASM 3: Braket's matrices, whose first qubit is the highest bit") {
  using qsim::Complex;
  const double r = 0.7071067811865476;
  const Complex i(0, 1);
  qsim::Matrix one(2, 2);
  one << r, -i * r, -i * r, r;
  CHECK(read_program("\n#pragma braket unitary([[0.7071067811865476, -0.7071067811865476im], "
                     "[0 - 0.7071067811865476im, 0.7071067811865476]]) q[1]\nx q[0];") ==
        made().unitary(one, {1}).x(0));
  // CX with control q[2], target q[0].
  const Circuit cx = read_program(
      "\npragma braket unitary([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]) q[2], "
      "q[0]\nif (c[0]) {\n#pragma braket unitary([[0, 1], [1, 0]]) q[0]\n}\n"
      "if (false) {\n#pragma braket unitary([[0, 1], [1, 0]]) q[0]\n}");
  REQUIRE(cx.size() == 2);
  CHECK(cx.operations().back().condition != nullptr);
  const qsim::Operation& first = cx.operations().front();
  CHECK(first.targets == std::vector<qsim::Qubit>{0, 2});
  for (int index = 0; index < 4; ++index) {  // bits: q[0], q[2]
    const int flipped = index >= 2 ? index ^ 1 : index;
    CHECK((*first.matrix)(flipped, index) == Complex(1));
  }
  const std::vector<std::pair<std::string, std::string>> cases{
      {"#pragma braket unitary([[1, 1], [0, 1]]) q[0]\n", "unitary"},
      {"#pragma braket unitary([[1, 0], [0, 1]]) q[0:1]\n", "a matrix of 2 rows on 2 qubit(s)"},
      {"#pragma braket unitary([[1, 0], [0]]) q[0]\n", "row 1 of the matrix has 1 numbers"},
      {"#pragma braket unitary([[1, 0], [0, y]]) q[0]\n", "expected a number, got 'y'"},
      {"#pragma braket unitary([[1, 0], [0, 1]]) q[0] x\n", "expected the end of the line"},
  };
  for (const auto& [text, message] : cases) {
    CAPTURE(text);
    CHECK(reference::contains(refusal_of(text), message));
  }
}
