"""Pictures of circuits as text and SVG: what a reader sees."""

import sys
from xml.etree import ElementTree

import numpy as np
import pytest

import ketgrad as kg

SVG = "{http://www.w3.org/2000/svg}"

REGISTERS = """
        ┌───┐     ┌─┐
    a: ─┤ H ├──●──┤M├─────
        └───┘  │  └╥┘
               │   ║  ┌─┐
    b: ────────⊕───╫──┤M├─
                   ║  └╥┘
                   ║   ║
out/2: ════════════╩═══╩══
                   0   1
"""
TELEPORTATION = """
                    ┌───┐ ┌─┐
 q0: ────────────●──┤ H ├─┤M├─────────────────────────
                 │  └───┘ └╥┘
      ┌───┐      │         ║  ┌─┐
 q1: ─┤ H ├──●───⊕─────────╫──┤M├─────────────────────
      └───┘  │             ║  └╥┘
             │             ║   ║    ┌───┐     ┌───┐
 q2: ────────⊕─────────────╫───╫────┤ X ├─────┤ Z ├───
                           ║   ║    └─╥─┘     └─╥─┘
                           ║   ║  ┌───╨───┐ ┌───╨───┐
c/2: ══════════════════════╩═══╩══╡ [1]=1 ╞═╡ [0]=1 ╞═
                           0   1  └───────┘ └───────┘
"""


def teleportation() -> kg.Circuit:
    circuit = kg.Circuit(3, 2).h(1).cx(1, 2).cx(0, 1).h(0).measure(0, 0).measure(1, 1)
    circuit.when({1: 1}, kg.Circuit(3).x(2))
    return circuit.when({0: 1}, kg.Circuit(3).z(2))


def wide_circuit() -> kg.Circuit:
    rng = np.random.default_rng(5)
    circuit = kg.Circuit(30, 30)
    for _ in range(200):
        a, b, c = (int(q) for q in rng.choice(30, 3, replace=False))
        kind = int(rng.integers(6))
        if kind == 0:
            circuit.h(a)
        elif kind == 1:
            circuit.rx(kg.Parameter(f"w[{a}]"), a)
        elif kind == 2:
            circuit.cx(a, b)
        elif kind == 3:
            circuit.ccx(a, b, c)
        elif kind == 4:
            circuit.rzz(np.pi / 4, a, b)
        else:
            circuit.measure(a, b)
    return circuit


def test_registers_and_their_bits() -> None:
    circuit = kg.Circuit([("a", 1), ("b", 1)], [("out", 2)]).h(0).cx(0, 1)
    assert circuit.measure([0, 1], [0, 1]).draw(0) == REGISTERS.strip("\n")


def test_teleportation() -> None:
    assert teleportation().draw(0) == TELEPORTATION.strip("\n")


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_thirty_qubits_and_two_hundred_gates_fold(width: int) -> None:
    circuit = wide_circuit()
    text = circuit.draw(width)
    assert max(map(len, text.splitlines())) <= width
    # Every operation is there, and once.
    whole = circuit.draw(0)
    for mark in ("┤ H ├", "⊕", "●", "┤M├", "Rzz(π/4)", "Rx(w["):
        assert text.count(mark) == whole.count(mark) > 0
    assert text.count("┤ H ├") == circuit.count_gates()["h"]
    # Every block has all wires.
    assert len({text.count(name) for name in (" q0: ", " q15: ", " q29: ", "c/30: ")}) == 1


def test_text_folds_at_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

    circuit = wide_circuit()
    whole = circuit.draw()
    assert whole == circuit.draw(width=None) == circuit.draw(0) == str(circuit)  # no terminal here
    monkeypatch.setenv("COLUMNS", "70")
    monkeypatch.setattr(sys, "stdout", Terminal())
    folded, as_text, unfolded = circuit.draw(), str(circuit), circuit.draw(0)
    monkeypatch.undo()
    assert folded == as_text == circuit.draw(70)
    assert unfolded == whole


def test_standard_output_may_be_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    for out in (None, object()):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", out)
            text = kg.Circuit(1).draw()
        assert text == "q: ─"


def test_wrong_widths() -> None:
    with pytest.raises(ValueError, match="-1 columns"):
        kg.Circuit(1).draw(-1)


def test_circuits_beyond_all_pictures() -> None:
    circuit = kg.Circuit(100_000)
    for _ in range(1000):
        circuit.cx(0, 99_999)
    for draw in (circuit.draw, circuit.svg, circuit._scene):
        with pytest.raises(ValueError, match="limit"):
            draw()
    assert str(circuit) == repr(circuit)
    assert circuit._repr_svg_() is None


@pytest.mark.parametrize("make", [teleportation, wide_circuit, lambda: kg.Circuit(1)])
def test_svg_is_well_formed_and_titled(make) -> None:
    circuit = make()
    root = ElementTree.fromstring(circuit.svg())
    assert root.tag == f"{SVG}svg"
    titles = [title.text for title in root.iter(f"{SVG}title")]
    assert len(titles) == circuit.size
    width, height = float(root.get("width")), float(root.get("height"))
    for line in root.iter(f"{SVG}line"):
        assert 0 <= float(line.get("x1")) <= width
        assert 0 <= float(line.get("y2")) <= height
    assert circuit._repr_svg_() == circuit.svg()


def test_svg_shows_bits_and_conditions() -> None:
    root = ElementTree.fromstring(teleportation().svg())
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert len(list(root.iter(f"{SVG}path"))) == 2  # the dials of meters
    assert {"q0", "c/2", "[0]=1", "[1]=1", "0", "1"} <= set(texts)
    titles = [title.text for title in root.iter(f"{SVG}title")]
    assert "measure on q1 into c[1]" in titles
    assert "x on q2, if c/2: [1]=1" in titles


def test_names_cannot_break_out_of_svg() -> None:
    circuit = kg.Circuit(1).rx(kg.Parameter("</title><script>"), 0)
    assert "<script>" not in circuit.svg()
    ElementTree.fromstring(circuit.svg())


def test_programs_and_observables_are_equal_after_a_round_trip() -> None:
    x, w = kg.ParameterVector("x", 2), kg.ParameterVector("w", 2)
    circuit = kg.Circuit(2).ry(x[1], 0).ry(x[0], 1).rx(w[1], 0).cx(0, 1).rx(w[0], 1)
    number = kg.MatrixObservable(np.diag([0.0, 1 / 3]), qubits=[1])
    sums = kg.PauliSum({"ZI": 0.1, "XX": -1 / 3})
    assert kg.PauliSum.from_json(sums.to_json()) == sums
    assert kg.MatrixObservable.from_json(number.to_json()) == number
    for precision in ("double", "single"):
        program = kg.compile(circuit, [sums, number], inputs=x, precision=precision)
        back = kg.Program.from_json(program.to_json())
        assert back == program
        assert (back.inputs, back.weights) == (program.inputs, program.weights)
        assert back.precision == precision
        values = {"inputs": [[0.1, 0.2], [0.3, 0.4]], "weights": [0.5, 0.6]}
        np.testing.assert_array_equal(back.expval(**values), program.expval(**values))
    assert kg.compile(circuit, [sums], inputs=x) != kg.compile(circuit, [sums])
    assert number != kg.MatrixObservable(np.diag([0.0, 0.5]), qubits=[1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda t: t.replace('"w"', '"v"', 1),
            "not among the weights; the closest weights are 'w'",
        ),
        (lambda t: t.replace("ketgrad.program", "other"), "program.format"),
        (lambda t: t.replace('"double"', '"half"'), "program.precision"),
        (lambda t: t[:-1], "JSON"),
        (lambda t: "[" * 100_000, "nested"),
        (lambda t: t.replace('"inputs":[]', '"inputs":["nothing"]'), "nothing"),
    ],
)
def test_damaged_programs_are_refused(change, message) -> None:
    program = kg.compile(kg.Circuit(1).rx(kg.Parameter("w"), 0), "Z")
    with pytest.raises(ValueError, match=message):
        kg.Program.from_json(change(program.to_json()))
