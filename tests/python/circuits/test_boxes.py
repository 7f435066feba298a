"""What is composed with a label: one box to readers, and nothing but its operations to the rest."""

import copy
import json
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ketgrad as kg
from circuit_strategies import INPUTS, WEIGHTS, circuits

LABELS = st.sampled_from(["part", "QFT†", "a label", "ψ"])
VALUES = {"w": [0.1, 0.2, 0.3, 0.4], "x": [0.5, 0.6, 0.7]}


def bell() -> kg.Circuit:
    return kg.Circuit(2).h(0).cx(0, 1)


def boxed() -> kg.Circuit:
    return kg.Circuit(3).x(0).compose(bell(), [2, 1], label="Bell")


@st.composite
def pairs(draw: st.DrawFn) -> tuple[kg.Circuit, kg.Circuit]:
    """Two circuits with the same operations: with boxes in boxes, and flat."""
    with_boxes, flat = kg.Circuit(4), kg.Circuit(4)
    for _ in range(draw(st.integers(1, 3))):
        part = draw(circuits(max_gates=4))
        qubits = draw(st.permutations(range(4)))[: part.n_qubits]
        outer = kg.Circuit(part.n_qubits).compose(part, label=draw(LABELS))
        if draw(st.booleans()):
            outer, part = outer.inverse(), part.inverse()
        with_boxes.compose(outer, qubits, label=draw(st.none() | LABELS))
        flat.compose(part, qubits)
    return with_boxes, flat


def used(circuit: kg.Circuit) -> dict[str, list[float]]:
    names = {name.split("[")[0] for name in circuit.parameters}
    return {name: VALUES[name] for name in names}


def test_a_label_makes_a_box() -> None:
    circuit = boxed()
    assert circuit.boxes == [("Bell", range(1, 3), [2, 1])]
    assert circuit == kg.Circuit(3).x(0).h(2).cx(2, 1)
    assert circuit.control([1]).boxes == circuit.boxes
    assert circuit.repeat(2).boxes[1] == ("Bell", range(4, 6), [2, 1])
    assert circuit.inverse().boxes == [("Bell†", range(2), [2, 1])]
    assert circuit.power(-2).boxes[1] == ("Bell†", range(3, 5), [2, 1])
    assert bell().boxes == []


@given(pairs())
def test_boxes_change_nothing(pair: tuple[kg.Circuit, kg.Circuit]) -> None:
    circuit, flat = pair
    assert circuit == flat
    assert circuit.depth() == flat.depth()
    assert circuit.count_gates() == flat.count_gates()
    assert circuit.parameters == flat.parameters
    values = used(circuit)
    assert np.array_equal(circuit.state(values), flat.state(values))
    assert circuit.draw(0, expand=True) == flat.draw(0)
    assert circuit.svg(expand=True) == flat.svg()


@given(pairs())
def test_boxes_are_kept(pair: tuple[kg.Circuit, kg.Circuit]) -> None:
    circuit, flat = pair
    for kept in (
        copy.copy(circuit),
        copy.deepcopy(circuit),
        circuit.copy(),
        pickle.loads(pickle.dumps(circuit)),
        kg.Circuit.from_json(circuit.to_json()),
        circuit.inverse().inverse(),
        circuit.assign({}),
    ):
        assert kept.boxes == circuit.boxes
    assert "boxes" not in json.loads(flat.to_json())


def test_programs_and_noise_run_the_operations() -> None:
    layer = kg.Circuit(2).ry(WEIGHTS[0], 0).rx(INPUTS[0], 1).cx(0, 1)
    circuit = kg.Circuit(2).compose(layer, label="layer")
    boxed, flat = (kg.compile(c, ["ZI", "IX"], inputs=INPUTS) for c in (circuit, layer))
    x, w = [[0.1, 0.0, 0.0]], [0.3, 0.0, 0.0, 0.0]
    assert np.array_equal(boxed.expval(x, w), flat.expval(x, w))
    assert np.array_equal(boxed.jacobian(x, w)[1], flat.jacobian(x, w)[1])
    noise = kg.NoiseModel().add(kg.Channel.depolarizing2(0.1), "cx")
    a, b = (c.density_matrix(VALUES, noise=noise).matrix() for c in (circuit, layer))
    assert np.array_equal(a, b)


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("", "the label of a box is ''; it must have a character"),
        ("x" * 101, "the label of a box has 101 characters; the limit is 100"),
        ("x" * 10**6, "the label of a box has 1000000 bytes; the limit is 100 characters"),
    ],
)
def test_bad_labels(label: str, message: str) -> None:
    circuit = kg.Circuit(2)
    with pytest.raises(ValueError, match=message):
        circuit.compose(bell(), label=label)
    assert len(circuit) == 0
    with pytest.raises(TypeError):
        circuit.compose(bell(), label=3)
    kg.Circuit(2).compose(bell(), label="\N{FIRST PLACE MEDAL}" * 100)  # four bytes each
    kg.Circuit(2).compose(bell(), label="x" * 100).inverse().inverse()
    inverse = kg.Circuit(2).compose(bell(), label="x" * 100).inverse()
    assert kg.Circuit.from_json(inverse.to_json()).boxes == inverse.boxes


def test_control_refuses_measurements_in_one_line() -> None:
    circuit = kg.Circuit(1, 1).compose(kg.Circuit(1, 1).measure(0, 0), label="readout")
    with pytest.raises(ValueError, match=r"^measure cannot be controlled$"):
        circuit.control()


@pytest.mark.parametrize("expand", ["all", 1.5, None, [1]])
def test_expand_is_a_number_or_true(expand: Any) -> None:
    for draw in (boxed().draw, boxed().svg):
        with pytest.raises(TypeError, match="it must be True, False or a number of levels"):
            draw(expand=expand)


def test_expand_counts_levels() -> None:
    circuit = kg.Circuit(3).compose(boxed(), label="Outer")
    assert "Outer" in circuit.draw()
    assert circuit.draw() == circuit.draw(expand=False) == circuit.draw(expand=0)
    assert circuit.draw(expand=1) == boxed().draw()
    assert circuit.draw(expand=True) == circuit.draw(expand=2) == circuit.draw(expand=10**30)
    assert circuit.draw(expand=np.int64(1)) == boxed().draw()
    for draw in (circuit.draw, circuit.svg):
        with pytest.raises(ValueError, match="cannot open -1 levels of boxes"):
            draw(expand=-1)


def test_damaged_boxes_are_refused() -> None:
    document = json.loads(boxed().to_json())
    for change, message in (
        ({"count": 3}, "JSON, circuit.boxes: box 'Bell' has 3 operation"),
        ({"first": -1}, r"JSON, circuit.boxes\[0\].first: expected 0 or more, got -1"),
        ({"qubits": [1, 1]}, "JSON, circuit.boxes: qubit 1"),
        ({"qubits": [2]}, "JSON, circuit.boxes: box 'Bell' lacks qubit 1"),
        ({"colour": 1}, "unknown key 'colour'"),
    ):
        damaged = document | {"boxes": [document["boxes"][0] | change]}
        with pytest.raises(ValueError, match=message):
            kg.Circuit.from_json(json.dumps(damaged))


@pytest.mark.parametrize("version", [2, 3])
def test_qasm_has_boxes_as_gates(version: int) -> None:
    qft = kg.library.qft(3)
    circuit = kg.Circuit(4).compose(qft, [1, 2, 3], label="qft")
    circuit.compose(qft.inverse(), [3, 2, 0], label="qft†")
    text = circuit.to_qasm(version)
    assert "gate qft q0, q1, q2 {" in text
    assert "qft_dg q[3], q[2], q[0];" in text
    read = kg.Circuit.from_qasm(text)
    assert read == circuit
    assert read.boxes == circuit.boxes
    assert np.abs(read.state() - circuit.state()).max() < 1e-12


@pytest.mark.parametrize(
    ("circuit", "labels"),
    [
        (kg.library.draper_adder(3), ["QFT", "QFT†"]),
        (
            kg.library.phase_estimation(kg.Circuit(1).t(0).rx(0.1, 0), 3),
            ["U", "U^2", "U^4", "QFT†"],
        ),
        (kg.library.phase_estimation(kg.Circuit(1).p(0.1, 0), 3), ["QFT†"]),
        (kg.library.grover(kg.library.phase_oracle([3], 3), 2), ["Oracle", "Diffusion"] * 2),
        (kg.library.bernstein_vazirani("101"), ["Oracle"]),
        (kg.library.hadamard_test(bell()), ["U"]),
    ],
)
def test_the_library_has_boxes(circuit: kg.Circuit, labels: list[str]) -> None:
    assert [label for label, _, _ in circuit.boxes] == labels
    assert all(label in circuit.draw(0) for label in labels)
    assert circuit.draw(0) != circuit.draw(0, expand=True)
    assert kg.Circuit.from_qasm(circuit.to_qasm()) == circuit


def test_order_finding_is_multiplications() -> None:
    circuit = kg.library.order_finding(7, 15)
    assert "×7 mod 15" in circuit.draw(0)
    assert len(circuit.draw(0)) < len(circuit.draw(0, expand=1)) < len(circuit.draw(0, expand=2))


def test_a_box_of_barriers_under_control_is_written():
    inner = kg.Circuit(1).barrier([0])
    outer = kg.Circuit(1).compose(inner, label="A").h(0)
    controlled = kg.Circuit(1).compose(outer, label="B").control([1])
    assert kg.Circuit.from_qasm(controlled.to_qasm()) == controlled
