"""The gates of Amazon Braket's OpenQASM 3, against the matrices of its documentation."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import ketgrad as kg

Matrix = NDArray[np.complex128]
R = np.sqrt(0.5)


def diagonal(k: int) -> Callable[[float], Matrix]:
    """Return the gate that turns the phase of state k of two qubits."""
    return lambda angle: np.diag([np.exp(1j * angle * (j == k)) for j in range(4)])


def prx(theta: float, phi: float) -> Matrix:
    c, s = np.cos(theta / 2), np.sin(theta / 2)
    return np.array([[c, -1j * np.exp(-1j * phi) * s], [-1j * np.exp(1j * phi) * s, c]])


def gpi(phi: float) -> Matrix:
    return np.array([[0, np.exp(-1j * phi)], [np.exp(1j * phi), 0]])


def gpi2(phi: float) -> Matrix:
    return R * np.array([[1, -1j * np.exp(-1j * phi)], [-1j * np.exp(1j * phi), 1]])


def pswap(angle: float) -> Matrix:
    e = np.exp(1j * angle)
    return np.array([[1, 0, 0, 0], [0, 0, e, 0], [0, e, 0, 0], [0, 0, 0, 1]])


def xy(angle: float) -> Matrix:
    c, s = np.cos(angle / 2), 1j * np.sin(angle / 2)
    return np.array([[1, 0, 0, 0], [0, c, s, 0], [0, s, c, 0], [0, 0, 0, 1]])


def ms(first: float, second: float, theta: float) -> Matrix:
    c, s = np.cos(theta / 2), -1j * np.sin(theta / 2)
    both, apart = np.exp(1j * (first + second)), np.exp(1j * (first - second))
    return np.array(
        [
            [c, 0, 0, s / both],
            [0, c, s / apart, 0],
            [0, s * apart, c, 0],
            [s * both, 0, 0, c],
        ]
    )


def cv() -> Matrix:
    out = np.eye(4, dtype=complex)
    out[2:, 2:] = np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]]) / 2
    return out


def ecr() -> Matrix:
    return R * np.array([[0, 0, 1, 1j], [0, 0, 1j, 1], [1, -1j, 0, 0], [-1j, 1, 0, 0]])


# By name: how many angles and qubits, and the matrix, whose first qubit is the highest bit.
GATES: dict[str, tuple[int, int, Callable[..., Matrix]]] = {
    "i": (0, 1, lambda: np.eye(2)),
    "v": (0, 1, lambda: cv()[2:, 2:]),
    "vi": (0, 1, lambda: cv()[2:, 2:].conj()),
    "prx": (2, 1, prx),
    "gpi": (1, 1, gpi),
    "gpi2": (1, 1, gpi2),
    "cv": (0, 2, cv),
    "ecr": (0, 2, ecr),
    "cphaseshift": (1, 2, diagonal(3)),
    "cphaseshift00": (1, 2, diagonal(0)),
    "cphaseshift01": (1, 2, diagonal(1)),
    "cphaseshift10": (1, 2, diagonal(2)),
    "pswap": (1, 2, pswap),
    "xy": (1, 2, xy),
    "ms": (3, 2, ms),
}
ANGLES = (0.37, -1.21, 2.6)


@pytest.mark.parametrize("name", GATES)
def test_gate(name: str) -> None:
    n_angles, n_qubits, matrix = GATES[name]
    angles = ANGLES[:n_angles]
    call = f"{name}({', '.join(map(str, angles))})" if angles else name
    # Its first qubit is the last of the register, as ketgrad's last is the highest bit.
    qubits = ", ".join(f"q[{k}]" for k in reversed(range(n_qubits)))
    circuit = kg.Circuit.from_qasm(f"OPENQASM 3.0;\nqubit[{n_qubits}] q;\n{call} {qubits};\n")
    np.testing.assert_allclose(circuit.matrix(), matrix(*angles), atol=1e-14)
    assert kg.Circuit.from_qasm(circuit.to_qasm()) == circuit


def test_parameters_and_modifiers() -> None:
    text = (
        "OPENQASM 3.0;\ninput float θ;\nqubit[3] q;\nctrl @ ms(θ, 2 * θ, θ / 2) q[2], q[1], q[0];"
    )
    circuit = kg.Circuit.from_qasm(text)
    wanted = np.eye(8, dtype=complex)
    wanted[4:, 4:] = ms(0.4, 0.8, 0.2)
    np.testing.assert_allclose(circuit.assign({"θ": 0.4}).matrix(), wanted, atol=1e-14)


def test_a_program_as_braket_writes_it() -> None:
    text = """OPENQASM 3.0;
bit[2] b;
qubit[2] q;
#pragma braket verbatim
box{
gpi2(0.5) $0;
}
b[0] = measure q[0];
"""
    with pytest.raises(ValueError, match="physical qubit"):
        kg.Circuit.from_qasm(text)
    with pytest.warns(UserWarning, match="'pragma braket verbatim' is dropped"):
        circuit = kg.Circuit.from_qasm(text.replace("qubit[2] q;\n", "").replace("q[0]", "$0"))
    assert [op.name for op in circuit] == ["rz", "rx", "rz", "measure"]


FEEDBACK = """OPENQASM 3.0;
bit[2] b;
rx(1.1) $0;
measure_ff(3) $0;
cc_prx(0.7, 0.25, 3) $1;
cc_prx(pi, 0, 3) $0;
b[0] = measure $0;
b[1] = measure $1;
"""


def test_feedback_is_a_rotation_where_an_outcome_is_one() -> None:
    found = kg.Circuit.from_qasm(FEEDBACK)
    given = (
        FEEDBACK.replace("measure_ff(3) $0", "bit f = measure $0")
        .replace("cc_prx(0.7, 0.25, 3)", "if (f) prx(0.7, 0.25)")
        .replace("cc_prx(pi, 0, 3)", "if (f) prx(pi, 0)")
    )
    wanted = kg.Circuit.from_qasm(given)
    np.testing.assert_allclose(
        found.density_matrix().matrix(), wanted.density_matrix().matrix(), atol=1e-14
    )
    chance = np.sin(0.55) ** 2 * np.sin(0.35) ** 2
    assert found.density_matrix().probabilities(1)[1] == pytest.approx(chance)
    assert found.density_matrix().probabilities(0)[0] == pytest.approx(1)


def test_the_outcome_of_a_key_is_the_latest_one() -> None:
    text = (
        "OPENQASM 3.0; x $0; measure_ff(0) $0; measure_ff(1) $1; if (true) measure_ff(0) $1; "
        "cc_prx(pi, 0, 0) $2; cc_prx(pi, 0, 1) $2; bit b = measure $2;"
    )
    assert kg.Circuit.from_qasm(text).density_matrix().probabilities(2)[0] == pytest.approx(1)
    first = text.replace("if (true) measure_ff(0) $1;", "")
    assert kg.Circuit.from_qasm(first).density_matrix().probabilities(2)[1] == pytest.approx(1)
    # Where it is not measured again it is what it was.
    again = text.replace("if (true)", "bit c = measure $1; if (c)")
    assert kg.Circuit.from_qasm(again).density_matrix().probabilities(2)[1] == pytest.approx(1)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("cc_prx(pi, 0, 7) $0;", "no measure_ff before it has the feedback key 7"),
        ("qubit[2] q; measure_ff(0) q;", "measure_ff measures one qubit, got 2"),
        ("measure_ff(0.5) $0;", "a feedback key"),
        ("measure_ff(0) $0; cc_prx(pi, 0) $0;", "expected"),
        ("measure_ff(0) $0; cc_prx(pi, 0, 0) $0, $1;", "acts on 1 qubit"),
        ("gate cc_prx(a) q { rx(a) q; } cc_prx(pi, 0, 0) $0;", "takes 1 angle"),
        ("gate g q { cc_prx(pi, 0, 0) q; } g $0;", "no gate called 'cc_prx'"),
    ],
)
def test_feedback_that_is_none(statement: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        kg.Circuit.from_qasm('OPENQASM 3.0; include "stdgates.inc"; ' + statement)
