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

// break, continue, return and end where measured bits say so: for all values of the bits, the gates
// that act are those of the same loop in C++.

namespace {

using qsim::Circuit;
using qsim::Comparison;
using qsim::Register;
using qsim::ValueError;

Circuit read_leaving(const std::string& text, std::int64_t max_rounds = 0) {
  return qsim::circuit_from_qasm("qubit[4] q; bit[4] c; " + text,
                                 {.version = 3, .max_rounds = max_rounds});
}

std::string refusal_of_leaving(const std::string& text) {
  return reference::error_of<ValueError>([&] {
    (void)qsim::circuit_from_qasm("qubit[4] q; bit[4] c;\n" + text, {.version = 3, .name = "f"});
  });
}

bool bit(int c, int k) { return ((c >> k) & 1) != 0; }

// The targets of all gates that act, in their order.
using Targets = std::vector<int>;
void check_targets(const std::string& program, const std::function<void(int, Targets&)>& run) {
  CAPTURE(program);
  const Circuit read = read_leaving(program);
  for (int c = 0; c < 16; ++c) {
    CAPTURE(c);
    Targets got;
    for (const qsim::Operation& op : reference::acting(read, static_cast<unsigned>(c))) {
      got.push_back(op.targets.front());
    }
    Targets expected;
    run(c, expected);
    CHECK(got == expected);
  }
  CHECK(qsim::circuit_from_qasm(qsim::to_qasm(read)) == read);
}

Comparison is_bit(int k, bool value, bool equal = true) { return {{k}, {value}, equal}; }

}  // namespace

TEST_CASE("OpenQASM 3: loops may be left where measured bits say so") {
  check_targets("for int i in [0:3] { if (c[i]) break; x q[i]; } y q[0];", [](int c, Targets& out) {
    for (int i = 0; i < 4 && !bit(c, i); ++i) out.push_back(i);
    out.push_back(0);
  });
  check_targets("for int i in [0:3] { if (c[i]) continue; x q[i]; }", [](int c, Targets& out) {
    for (int i = 0; i < 4; ++i) {
      if (!bit(c, i)) out.push_back(i);
    }
  });
  check_targets(
      "for int i in [0:3] { if (c[i]) { x q[i]; if (c[0]) continue; y q[i]; if (c[1]) break; } "
      "z q[i]; } x q[3];",
      [](int c, Targets& out) {
        for (int i = 0; i < 4; ++i) {
          if (bit(c, i)) {
            out.push_back(i);
            if (bit(c, 0)) continue;
            out.push_back(i);
            if (bit(c, 1)) break;
          }
          out.push_back(i);
        }
        out.push_back(3);
      });
  check_targets(
      "for int i in [0:2] { for int j in [i:3] { if (c[j]) break; x q[j]; } if (c[3 - i]) break; "
      "y q[i]; }",
      [](int c, Targets& out) {
        for (int i = 0; i < 3; ++i) {
          for (int j = i; j < 4 && !bit(c, j); ++j) out.push_back(j);
          if (bit(c, 3 - i)) break;
          out.push_back(i);
        }
      });
  check_targets("int i; while (c[i] == 0) { x q[i]; i += 1; if (i == 4) break; } y q[0];",
                [](int c, Targets& out) {
                  for (int i = 0; i < 4 && !bit(c, i); ++i) out.push_back(i);
                  out.push_back(0);
                });
  check_targets("int i; while (i < 4) { if (c[i] ^ c[0]) break; x q[i]; i += 1; }",
                [](int c, Targets& out) {
                  for (int i = 0; i < 4 && bit(c, i) == bit(c, 0); ++i) out.push_back(i);
                });
  check_targets("int n; for int i in [0:3] { if (c[i]) break; n += 1; } if (n == 2) x q[0];",
                [](int c, Targets& out) {
                  if ((c & 7) == 4) out.push_back(0);
                });
  check_targets("for int i in [0:3] { if (c[0]) break; else break; x q[i]; }",
                [](int, Targets&) {});
  check_targets(
      "for int i in [0:1] { switch (uint[2](c[0:1])) { case 1 { break; } case 2 { "
      "continue; } default { x q[i]; } } y q[2]; }",
      [](int c, Targets& out) {
        for (int i = 0; i < 2; ++i) {
          if ((c & 3) == 1) break;
          if ((c & 3) == 2) continue;
          out.insert(out.end(), {i, 2});
        }
      });
}

TEST_CASE("OpenQASM 3: subroutines may return, and files end, where measured bits say so") {
  check_targets(
      "def f(bit[4] b) { x q[0]; if (b[0]) return; x q[1]; if (b[1]) return; x q[2]; } "
      "f(c); y q[3];",
      [](int c, Targets& out) {
        out.push_back(0);
        if (!bit(c, 0)) {
          out.push_back(1);
          if (!bit(c, 1)) out.push_back(2);
        }
        out.push_back(3);
      });
  check_targets(
      "def f(bit[4] b) -> int { for int i in [0:3] { if (b[i]) return i; } return 4; } "
      "int n = f(c); if (n < 2) x q[0]; if (n == 4) x q[1];",
      [](int c, Targets& out) {
        if ((c & 3) != 0) out.push_back(0);
        if (c == 0) out.push_back(1);
      });
  check_targets(
      "def f(bit a, bit b) -> bool { if (a) { if (b) return true; } else return false; "
      "return !b; } if (f(c[0], c[1])) x q[0]; else x q[1];",
      [](int c, Targets& out) { out.push_back(bit(c, 0) ? 0 : 1); });
  check_targets(
      "def g(int k) -> int { return k; } def f(bit a) -> int { if (a) return 1; "
      "int k = g(7); return k - 5; } x q[f(c[0])];",
      [](int c, Targets& out) { out.push_back(bit(c, 0) ? 1 : 2); });
  check_targets(
      "x q[0]; if (c[0]) end; x q[1]; for int i in [0:1] { if (c[1]) end; x q[2]; } x q[3];",
      [](int c, Targets& out) {
        out.push_back(0);
        if (bit(c, 0)) return;
        out.push_back(1);
        if (bit(c, 1)) return;
        out.insert(out.end(), {2, 2, 3});
      });
  const Circuit rotated =
      read_leaving("def f(bit a) -> float { if (a) return 0.5; return 0.25; } rx(f(c[2])) q[0];");
  REQUIRE(reference::acting(rotated, 0).size() == 1);
  CHECK(reference::acting(rotated, 0).front().angles.front() == qsim::Expression(0.25));
  REQUIRE(reference::acting(rotated, 4).size() == 1);
  CHECK(reference::acting(rotated, 4).front().angles.front() == qsim::Expression(0.5));
}

TEST_CASE("OpenQASM 3: loops that outcomes of their own end") {
  const Circuit read = read_leaving(
      "for int i in [0:2] { h q[0]; c[i] = measure q[0]; if (c[i]) break; x q[i]; } y q[3];");
  Circuit expected(4, 4);
  expected.h(0).measure(0, 0);
  const Comparison not_0 = is_bit(0, true, false);
  const Comparison not_1 = is_bit(1, true, false);
  const Comparison not_2 = is_bit(2, true, false);
  expected.when({not_0}, Circuit(4, 4).x(0).h(0).measure(0, 1));
  expected.when({not_0, not_1}, Circuit(4, 4).x(1).h(0).measure(0, 2));
  expected.when({not_0, not_1, not_2}, Circuit(4, 4).x(2));
  expected.y(3);
  for (unsigned bits = 0; bits < 8; ++bits) {
    const auto got = reference::acting(read, bits);
    const auto wanted = reference::acting(expected, bits);
    REQUIRE(got.size() == wanted.size());
    for (std::size_t k = 0; k < got.size(); ++k) {
      CHECK(got[k].row == wanted[k].row);
      CHECK(got[k].targets == wanted[k].targets);
      CHECK(got[k].bit == wanted[k].bit);
    }
  }
  const std::string until = "while (true) { h q[0]; bit b = measure q[0]; if (b) break; x q[1]; }";
  const Circuit rounds = read_leaving(until, 3);
  CHECK(rounds.size() == 9);
  // How often X acts where the first so many outcomes are 0.
  for (unsigned zeros = 0; zeros <= 3; ++zeros) {
    std::vector<int> bits;
    for (const qsim::Operation& op : rounds.operations()) {
      if (op.bit >= 0) bits.push_back(op.bit);
    }
    REQUIRE(bits.size() == 3);
    const unsigned outcomes = zeros == 3 ? 0U : 1U << static_cast<unsigned>(bits[zeros]);
    unsigned count = 0;
    for (const qsim::Operation& op : reference::acting(rounds, outcomes)) {
      if (op.row->name == "x") ++count;
    }
    CHECK(count == zeros);
  }
  CHECK(reference::contains(refusal_of_leaving(until), "max_rounds says how many"));
}

TEST_CASE("OpenQASM 3: what is left where measured bits say so is refused with its place") {
  CHECK(refusal_of_leaving("def f() -> int { if (c[0]) return 1; } int k = f();") ==
        "f:2:48: 'f' ends without a return");
  CHECK(refusal_of_leaving("if (c[0]) break;") == "f:2:11: 'break' outside of a loop");
  CHECK(refusal_of_leaving("if (c[0] == c[1]) end; x q[0];") ==
        "f:2:1: the file ends here where measured bits have one of several values; what is behind "
        "it would be there 2 times");
}
