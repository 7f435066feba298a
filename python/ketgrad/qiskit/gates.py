"""Qiskit's gates by name, as gates of ketgrad: a row each. Others are read by their definition."""

from collections.abc import Callable, Sequence
from math import pi
from typing import Any

from ketgrad import Circuit

Build = Callable[[Circuit, Sequence[Any], Sequence[int]], object]
"""Append a gate, given its angles and qubits."""


def _gate(name: str, n_controls: int = 0) -> Build:
    values = [1] * n_controls

    def build(c: Circuit, angles: Sequence[Any], qubits: Sequence[int]) -> None:
        c.gate(name, angles, qubits, control_values=values or None)

    return build


def phase(c: Circuit, angle: Any) -> None:
    """Append a global phase e^{i angle}, which may be controlled later."""
    c.pauli_rotation(-2 * angle, "I", [0])


def _cu(c: Circuit, angles: Sequence[Any], qubits: Sequence[int]) -> None:
    *euler, gamma = angles
    if gamma != 0:
        c.p(gamma, qubits[0])
    c.gate("u", euler, qubits, control_values=[1])


def _r(c: Circuit, angles: Sequence[Any], qubits: Sequence[int]) -> None:
    theta, phi = angles
    c.rz(-phi, qubits[0]).rx(theta, qubits[0]).rz(phi, qubits[0])


_SAME = (
    "id x y z h s sdg t tdg sx sxdg swap iswap rx ry rz p u rxx ryy rzz "
    "cx cy cz ch csx ccx ccz cswap crx cry crz cp"
)
BUILDS: dict[str, Build] = {
    **{name: _gate(name) for name in _SAME.split()},
    "u1": _gate("p"),
    "u2": lambda c, angles, qubits: c.u(pi / 2, angles[0], angles[1], qubits[0]),
    "u3": _gate("u"),
    "cu1": _gate("p", 1),
    "cu3": _gate("u", 1),
    "cs": _gate("s", 1),
    "csdg": _gate("sdg", 1),
    "mcx": _gate("x", 3),
    "c3sx": _gate("sx", 3),
    "cu": _cu,
    "r": _r,
    "rzx": lambda c, angles, qubits: c.pauli_rotation(angles[0], "ZX", qubits),
    "global_phase": lambda c, angles, _: phase(c, angles[0]),
}
