"""OpenQASM 2 and 3 from Python: round trips over the whole gate table, files, errors."""

import pathlib
import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import ketgrad as kg
from circuit_strategies import assignment, circuits
from gate_table import GATES, Gate

# What OpenQASM cannot hold; everything else has to come back equal.
NO_MATRICES = "cannot hold '(unitary|evolution|initialize)'; JSON can"


def refusal(call: Callable[[], object]) -> str:
    """Return what the ValueError of a call says, or nothing where it has none."""
    try:
        call()
    except ValueError as error:
        return str(error)
    return ""


def has_matrices(circuit: kg.Circuit) -> bool:
    return not {"unitary", "evolution", "initialize"}.isdisjoint(circuit.count_gates())


@given(circuits(max_gates=15))
def test_version_3_reads_back_equal(circuit: kg.Circuit) -> None:
    if has_matrices(circuit):
        with pytest.raises(ValueError, match=NO_MATRICES):
            circuit.to_qasm()
        return
    assert kg.Circuit.from_qasm(circuit.to_qasm(version=3)) == circuit


@given(circuits(max_gates=6), st.integers(0, 999))
def test_version_2_means_the_same_or_is_refused(circuit: kg.Circuit, seed: int) -> None:
    numbers = circuit.assign(assignment(circuit, seed)) if circuit.parameters else circuit
    refused = refusal(lambda: numbers.to_qasm(version=2))
    assert not refused or "has no name for gate" in refused or has_matrices(numbers)
    assume(not refused)
    read = kg.Circuit.from_qasm(numbers.to_qasm(version=2), strict=True)
    np.testing.assert_allclose(read.matrix(), numbers.matrix(), atol=1e-13)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_every_gate_reads_back_equal(gate: Gate, version: int) -> None:
    circuit = kg.Circuit(5)
    angles = [1 / 3, np.pi / 7, -2e-9][: gate.angles]
    getattr(circuit, gate.name)(*angles, *range(gate.qubits))
    text = circuit.to_qasm(version=version)
    assert kg.Circuit.from_qasm(text) == circuit
    assert kg.Circuit.from_qasm(text, version=version) == circuit


@given(st.integers(1, 320).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, 2**n - 1))))
def test_numbers_in_conditions_have_any_size(case: tuple[int, int]) -> None:
    size, number = case
    text = f"qreg q[1]; creg c[{size}]; if (c == {number}) x q[0];"
    circuit = kg.Circuit.from_qasm(text)
    assert f"if (c=={number}) x" in circuit.to_qasm(version=2)
    for version in (2, 3):
        assert kg.Circuit.from_qasm(circuit.to_qasm(version=version)) == circuit


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_their_last_bit(number: float) -> None:
    circuit = kg.Circuit(1).rx(number, 0).ry(kg.Parameter("w") * number, 0)
    assert kg.Circuit.from_qasm(circuit.to_qasm()) == circuit


@given(st.text(min_size=1, max_size=12).filter(lambda name: ord(name[0]) >= 32))
def test_parameters_of_any_name(name: str) -> None:
    assume(name.encode("utf-8", "ignore").decode() == name)
    circuit = kg.Circuit(1).rx(kg.Parameter(name) * 2, 0).ry(kg.Parameter("w[3]"), 0)
    assert kg.Circuit.from_qasm(circuit.to_qasm()) == circuit


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_file_is_read_or_refused(content: bytes) -> None:
    for version in (2, 3):
        text = content.decode("latin-1")
        refused = refusal(lambda: kg.Circuit.from_qasm(text, version=version))  # noqa: B023
        assert not refused or refused.startswith("<qasm>:")


def test_files(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "bell.qasm"
    path.write_bytes(
        b"\xef\xbb\xbfOPENQASM 2.0; // caf\xe9\r\nqreg q[2];\r\nh q[0];\r\ncx q[0],q[1];"
    )
    assert kg.Circuit.from_qasm_file(path) == kg.Circuit(2).h(0).cx(0, 1)
    assert kg.Circuit.from_qasm_file(str(path)).n_qubits == 2
    with pytest.raises(FileNotFoundError):
        kg.Circuit.from_qasm_file(tmp_path / "missing.qasm")
    path.write_text("qreg q[2];\nfoo q[0];")
    with pytest.raises(ValueError, match=r"bell\.qasm:2:1: there is no gate called 'foo'"):
        kg.Circuit.from_qasm_file(path)


def test_arguments() -> None:
    with pytest.raises(ValueError, match="there is no OpenQASM version 4 here"):
        kg.Circuit.from_qasm("qreg q[1];", version=4)
    with pytest.raises(ValueError, match="there is no OpenQASM version 1 here"):
        kg.Circuit(1).to_qasm(version=1)
    with pytest.raises(ValueError, match="strict reading is for OpenQASM 2"):
        kg.Circuit.from_qasm("qubit q;", strict=True)
    with pytest.raises(ValueError, match="max_operations is -1; it cannot be negative"):
        kg.Circuit.from_qasm("qubit q;", max_operations=-1)
    with pytest.raises(ValueError, match="f:1:12: the circuit has more than 2 operations"):
        kg.Circuit.from_qasm("qreg q[3]; h q;", name="f", max_operations=2)


def test_wide_circuits_are_read_though_none_could_run_them() -> None:
    circuit = kg.Circuit.from_qasm("qubit[100000] q; h q; cx q[0], q[99999];")
    assert (circuit.n_qubits, circuit.size) == (100_000, 100_001)
    assert kg.Circuit.from_qasm(circuit.to_qasm()) == circuit


CONDITIONS = [
    ("c[0] || c[1]", lambda c: c & 3 != 0),
    ("c[0] | c[2]", lambda c: c & 5 != 0),
    ("c[0] & c[1] | c[2]", lambda c: c & 3 == 3 or c & 4 != 0),
    ("c[0] || c[1] && !c[2]", lambda c: c & 1 != 0 or (c & 2 != 0 and c & 4 == 0)),
    ("!(c[0] && c[1])", lambda c: c & 3 != 3),
    ("!(c[0] || c[1] || c[2])", lambda c: c == 0),
    ("!(c == 3 || c < 2)", lambda c: c not in (0, 1, 3)),
    *((f"c < {n}", lambda c, n=n: c < n) for n in range(10)),
    *((f"c <= {n}", lambda c, n=n: c <= n) for n in range(9)),
    *((f"c > {n}", lambda c, n=n: c > n) for n in range(9)),
    *((f"c >= {n}", lambda c, n=n: c >= n) for n in range(10)),
    ("c > -1", lambda _: True),
    ("c <= -1", lambda _: False),
    ("c < 1000000000", lambda _: True),
    *((f"(c & 5) == {n}", lambda c, n=n: c & 5 == n) for n in range(8)),
    ("(c & 6) != 2", lambda c: c & 6 != 2),
    ("uint[8](c) == 5", lambda c: c == 5),
    ("uint[2](c) == 1", lambda c: c & 3 == 1),
    ("int[3](c) == -3", lambda c: c == 5),
    ("int[8](c) == -3", lambda _: False),
    *((f"int[3](c) == {n}", lambda c, n=n: c - 8 * (c > 3) == n) for n in range(-5, 6)),
    *((f"int[2](c) == {n}", lambda c, n=n: c % 4 - 4 * (c % 4 > 1) == n) for n in range(-3, 4)),
    ("int[2](c) != 3", lambda _: True),
    ("(c & 8) == 8", lambda _: False),
    ("(c & 8) != 8", lambda _: True),
    ("(c & 0) == 0", lambda _: True),
    ("(c & 12) == 4", lambda c: c & 4 != 0),
    ("bool(c)", lambda c: c != 0),
    ("bool(c) && !bool(c[0])", lambda c: c != 0 and c & 1 == 0),
    ("true || c[0]", lambda _: True),
    ("false || c[0]", lambda c: c & 1 != 0),
]


@pytest.mark.parametrize(("text", "holds"), CONDITIONS, ids=[text for text, _ in CONDITIONS])
def test_conditions_hold_where_they_say(text: str, holds: Callable[[int], bool]) -> None:
    program = (
        "OPENQASM 3.0; qubit[3] q; qubit aim; bit[3] c; bit r; {flips} "
        "c = measure q; if ({text}) {{ x aim; }} else {{ rx(0.7) aim; rx(-0.7) aim; }} "
        "r = measure aim;"
    )
    for value in range(8):
        flips = "".join(f"x q[{k}]; " for k in range(3) if value >> k & 1)
        circuit = kg.Circuit.from_qasm(program.format(flips=flips, text=text))
        (outcome,) = circuit.run(1, seed=0).counts()
        assert outcome.replace(" ", "")[-3:] == f"{value:03b}"
        assert outcome[0] == "01"[holds(value)], value
        assert kg.Circuit.from_qasm(circuit.to_qasm()) == circuit


def bit(number: int, k: int) -> int:
    return number >> k & 1


# Programs behind `c = measure q;`, and how often they flip the aim where the outcomes are a number.
PROGRAMS = [
    (
        "if (c[0] || c[1]) { x aim; c[0] = measure q[2]; } if (c[0]) x aim;",
        lambda c: (c & 3 != 0) + (bit(c, 2) if c & 3 else bit(c, 0)),
    ),
    (
        "if (true) { bit[3] e = c; if (e == 5) { e = measure q; x aim; e[1] = 1; } "
        "if (e[1]) x aim; }",
        lambda c: (c == 5) + (c == 5 or c & 2 != 0),
    ),
    (
        "if (true) { bit b = c[0]; if (b) { b = measure q[1]; if (b) x aim; } if (!b) x aim; }",
        lambda c: c & 3 == 3 or not c & 1 or c & 3 == 1,
    ),
    ("int i; while (c[0] && i < 3) { x aim; i += 1; }", lambda c: 3 * bit(c, 0)),
    (
        "int i = 1; while (i < 4) { if (c == i) { x aim; } i += 2; } if (i == 5) x aim;",
        lambda c: (c in (1, 3)) + 1,
    ),
    (
        "int n; for bit b in c n += b; switch (n) { case 1, 2 { x aim; } default { } }",
        lambda c: c not in (0, 7),
    ),
    (
        "int[3] n = c; if (n < -1) x aim; n <<= 1; if (n == 2) x aim;",
        lambda c: (c in (4, 5, 6)) + (c % 4 == 1),
    ),
    ("uint[3] n = c; n += 3; if (n == 1) x aim;", lambda c: c == 6),
    ("uint[3] n = c; n -= uint[3](c >> 1); if (n > 2) x aim;", lambda c: (c - (c >> 1)) % 8 > 2),
    ("bool a = c[0]; bool b = a && !c[1] || c == 6; if (b) x aim;", lambda c: c in (1, 5, 6)),
    (
        "array[int, 2] a; a[0] = c; if (c[2]) a[1] = a[0] + 1; if (a[1] == 6) x aim;",
        lambda c: c == 5,
    ),
    (
        "def f(bit[3] b, int k) -> bool { if (k == 0) return b[0] ^ b[1]; "
        "return f(b, k - 1) == b[2]; } "
        "if (f(c, 3)) x aim;",
        lambda c: (lambda x, z: ((x == z) == z) == z)((c ^ c >> 1) & 1, bit(c, 2)),
    ),
    (
        "int n = 7; if (c[0]) { n -= 1; if (c[1]) { n -= 2; } else { n = 2; } } "
        "if (n == 4 || n == 7) x aim;",
        lambda c: c & 1 == 0 or c & 3 == 3,
    ),
    (
        "if (c[0]) { c[0] = measure q[1]; x aim; if (c[0]) x aim; c[0] = measure q[2]; } "
        "if (c[0]) x aim;",
        lambda c: bit(c, 0) * (1 + bit(c, 1) + bit(c, 2)),
    ),
    (
        "while (c != 0) { if (c[0]) x aim; c >>= 1; }",
        lambda c: bit(c, 0) + bit(c, 1) + bit(c, 2),
    ),
    (
        "if (true) { bit[2] b = c[0:1]; switch (uint[2](b)) { case 1 { b = measure q[1:2]; "
        "x aim; } "
        "case 3 { x aim; } } if (b[0]) x aim; }",
        lambda c: (c & 1) + (bit(c, 1) if c & 3 == 1 else bit(c, 0)),
    ),
]


def place_of(circuit: kg.Circuit, register: str) -> int:
    """Return which bit of the circuit is the first of a register."""
    place = 0
    for name, size in circuit.bit_registers:
        if name == register:
            return place
        place += size
    raise AssertionError(register)


@pytest.mark.parametrize(("text", "flips"), PROGRAMS, ids=[text for text, _ in PROGRAMS])
def test_programs_do_what_they_say(text: str, flips: Callable[[int], int]) -> None:
    for value in range(8):
        prepared = "".join(f"x q[{k}]; " for k in range(3) if value >> k & 1)
        circuit = kg.Circuit.from_qasm(
            "OPENQASM 3.0; qubit[3] q; qubit aim; bit[3] c; bit r; "
            f"{prepared} c = measure q; {text} r = measure aim;"
        )
        (outcome,) = circuit.run(1, seed=0).counts()
        assert outcome[::-1][place_of(circuit, "r")] == "01"[flips(value) % 2], value
        assert kg.Circuit.from_qasm(circuit.to_qasm()) == circuit


def test_repeat_until_success() -> None:
    circuit = kg.Circuit.from_qasm(
        """OPENQASM 3.0;
        def attempt(qubit[2] helper, qubit aim) -> bit[2] {
          reset helper; h helper; ccx helper[0], helper[1], aim; s aim;
          ccx helper[0], helper[1], aim; z aim; h helper;
          return measure helper;
        }
        qubit aim; qubit[2] helper; bit[2] flags = "11"; bit result;
        h aim;
        while (int[2](flags) != 0) flags = attempt(helper, aim);
        rz(pi - arccos(3 / 5)) aim; h aim; result = measure aim;""",
        max_rounds=8,
    )
    # Nielsen and Chuang, exercise 4.41: where it succeeds, in 5 of 8 tries, a rotation about z.
    counts = circuit.run(4000, seed=1).counts()
    flags, result = place_of(circuit, "flags"), place_of(circuit, "result")
    unfinished = 0
    for word, count in counts.items():
        if word[::-1][flags : flags + 2] == "00":
            assert word[::-1][result] == "0"
        else:
            unfinished += count
    assert unfinished / 4000 == pytest.approx((3 / 8) ** 8, abs=0.005)


def test_loops_that_may_go_on_for_ever() -> None:
    text = "qubit q; bit b = 1; while (b) { h q; b = measure q; }"
    with pytest.raises(
        ValueError, match="goes on behind 100 rounds, and perhaps for ever; max_rounds"
    ):
        kg.Circuit.from_qasm(text)
    assert kg.Circuit.from_qasm(text, max_rounds=5).size == 10
    with pytest.raises(ValueError, match="max_rounds is -1; it cannot be negative"):
        kg.Circuit.from_qasm(text, max_rounds=-1)


def test_what_is_dropped_is_said(tmp_path: pathlib.Path) -> None:
    text = "qubit q;\n#pragma braket result probability\nx q;"
    with pytest.warns(
        UserWarning, match=r"<qasm>:2:1: 'pragma braket result probability' is dropped"
    ):
        assert kg.Circuit.from_qasm(text) == kg.Circuit(1).x(0)
    path = tmp_path / "dropped.qasm"
    path.write_text(text)
    with pytest.warns(UserWarning, match=r"dropped.qasm:2:1: 'pragma braket"):
        kg.Circuit.from_qasm_file(path)
    with pytest.raises(ValueError, match="changes what the circuit does"):
        kg.Circuit.from_qasm("qubit q;\n#pragma braket noise bit_flip(0.1) q\n")


@pytest.mark.parametrize(
    "text",
    [
        "h $0;",
        "barrier $0;",
        "delay[10ns] $0;",
        "gate g a { h a; } g $0;",
        "gate g a { gphase(0.3); h a; } qreg q[1]; g q[0];",
        "stretch s; h $0;",
    ],
)
def test_words_that_only_version_3_has_say_which_it_is(text: str) -> None:
    assert kg.Circuit.from_qasm(text).n_qubits == 1


def test_long_chains_of_alternatives_take_no_time() -> None:
    bits = " || ".join(f"c[{k}]" for k in range(200))
    circuit = kg.Circuit.from_qasm(f"OPENQASM 3.0; qubit q; bit[200] c; if ({bits}) x q;")
    assert circuit.size == 200


PAPER = """U CX u3 u2 u1 cx id u0 x y z h s sdg t tdg rx ry rz cz cy ch ccx crz cu1 cu3 gate include
OPENQASM qreg creg barrier"""


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_version_2_needs_no_more_than_the_paper_has(gate: Gate) -> None:
    circuit = kg.Circuit(5)
    getattr(circuit, gate.name)(*[1 / 3, -0.7, 2.1][: gate.angles], *range(gate.qubits))
    text = circuit.to_qasm(version=2)
    known = set(PAPER.split())
    for statement in re.split(r"[;{}]", text):
        word = statement.split("(")[0].split()
        assert not word or word[0] in known, statement
        if word and word[0] == "gate":
            known.add(word[1])
    # By another name it is what it is defined as, and not the gate that we know.
    defined = re.sub(rf"\b{gate.name}\b", "mine", text)
    read = kg.Circuit.from_qasm(defined) if f"gate {gate.name}" in text else circuit
    np.testing.assert_allclose(read.matrix(), circuit.matrix(), atol=1e-12)


@pytest.mark.parametrize(("name", "controls"), [("x", 3), ("x", 4), ("sx", 3)])
def test_version_2_defines_controls(name: str, controls: int) -> None:
    circuit = kg.Circuit(5).gate(name, [], list(range(controls + 1)), control_values=[1] * controls)
    text = circuit.to_qasm(version=2)
    assert kg.Circuit.from_qasm(text) == circuit
    (own,) = re.findall(r"gate (\w+)", text)
    read = kg.Circuit.from_qasm(re.sub(rf"\b{own}\b", "mine", text))
    np.testing.assert_allclose(read.matrix(), circuit.matrix(), atol=1e-12)


# A bit is measured where another is 0, and that one again: what it holds then says nothing of when.
MEASURED_AGAIN = {
    "a bit": """
        m = measure q;
        if (!m) { x q; p = measure q; }
        m = measure q;
        if (m == p) x s;""",
    "a local bit": """
        bit t;
        for int i in [0:1] {
          bit m = measure q;
          if (!m) { x q; bit p = measure q; if (i == 0) t = p; } else { if (t) x s; }
        }""",
    "a bit of a subroutine": """
        int u = 0;
        u += flipped(q);
        x q;
        for int k in [0:0] { bit b = measure q; if (b) break; u += 1; }
        if (u == 2) x s;""",
}


def test_what_a_block_read_is_kept_for_what_depends_on_it() -> None:
    """The outcome that `if` read goes to no other bit while u depends on it."""
    text = """OPENQASM 3; include "stdgates.inc";
        qubit[2] q; qubit[2] r; bit c; uint[2] u = 0;
        h q[0]; c = measure q[0]; h q[1];
        if (c) { c = measure q[1]; } else { u ^= 1; }
        for int k in [1:1] { bit b; b = measure q[1]; u += b; }
        if (u[0]) x r[0]; if (u[1]) x r[1];"""
    rho = kg.Circuit.from_qasm(text).density_matrix().matrix()
    found = np.diag(rho).real.reshape(4, 4).sum(axis=1)
    np.testing.assert_allclose(found, [0.25, 0.5, 0.25, 0], atol=1e-12)


@pytest.mark.parametrize("kind", MEASURED_AGAIN)
def test_bits_that_are_measured_again(kind: str) -> None:
    text = """OPENQASM 3; include "stdgates.inc";
        bit r; qubit q; qubit s; bit p; bit m;
        def flipped(qubit a) -> bit {
          bit m; m = measure a; if (m) { return 0; } x a; bit p; p = measure a; return p;
        }"""
    circuit = kg.Circuit.from_qasm(text + MEASURED_AGAIN[kind] + "r = measure s;")
    assert all(outcome[-1] == "1" for outcome in circuit.run(9, seed=1).bitstrings())
