"""Cirq's unitary operations as gates of ketgrad.

A table has those whose exponents and angles may be symbols. What is left is decomposed by Cirq, or
becomes the matrix that it is.
"""

import operator
from collections.abc import Callable, Iterable, Sequence
from functools import cache, reduce
from typing import Any

import cirq
import numpy as np
import sympy

from ketgrad import Circuit
from ketgrad.cirq.evolution import Evolution
from ketgrad.cirq.expressions import Angle, half_turns, read

Qubits = Sequence[int]
Build = Callable[[Circuit, Any, Qubits], Angle]
"""Append a gate to a circuit, its qubit k on qubits[k], and return the angle of what phase is left.

Phases of the whole are added up: each by itself would be a trip through the state.
"""

_SMALL, _DENSE = (
    2,
    10,
)  # qubits of matrices: better than what they decompose into; the most there are

_NAMES: dict[type, dict[float, str]] = {
    cirq.XPowGate: {1: "x", 0.5: "sx", -0.5: "sxdg"},
    cirq.YPowGate: {1: "y"},
    cirq.ZPowGate: {1: "z", 0.5: "s", -0.5: "sdg", 0.25: "t", -0.25: "tdg"},
    cirq.HPowGate: {1: "h"},
    cirq.CXPowGate: {1: "cx"},
    cirq.CZPowGate: {1: "cz"},
    cirq.CCXPowGate: {1: "ccx"},
    cirq.CCZPowGate: {1: "ccz"},
    cirq.SwapPowGate: {1: "swap"},
    cirq.ISwapPowGate: {1: "iswap", -1: "iswapdg"},
}
"""Gates that are powers, by the exponents of which ketgrad has a name for them."""


def phase(c: Circuit, angle: Angle) -> None:
    """Append exp(i angle), of all or, where the circuit becomes controlled, of the controls."""
    if not (isinstance(angle, float) and angle == 0):
        c.pauli_rotation(-2 * angle, "I", 0)


def _shift(gate: Any, own: float = 0) -> Angle:
    """Give the phase of a power: half turns of its exponent times its shift and its own."""
    shift = gate.global_shift + own
    return half_turns(gate.exponent * shift) if shift else 0.0


def _rotation(name: str) -> Build:
    def build(c: Circuit, gate: Any, qubits: Qubits) -> Angle:
        getattr(c, name)(half_turns(gate.exponent), *qubits)
        return _shift(gate, 0.5)

    return build


def _z(c: Circuit, gate: Any, qubits: Qubits) -> Angle:
    if gate.global_shift == -0.5:
        c.rz(half_turns(gate.exponent), qubits[0])
        return 0.0
    c.p(half_turns(gate.exponent), qubits[0])
    return _shift(gate)


def _h(c: Circuit, gate: Any, qubits: Qubits) -> Angle:
    # H is Z in a basis turned by a quarter.
    q = qubits[0]
    c.ry(-np.pi / 4, q).rz(half_turns(gate.exponent), q).ry(np.pi / 4, q)
    return _shift(gate, 0.5)


def _controlled_power(base: Callable[..., Any], n_controls: int) -> Build:
    def build(c: Circuit, gate: Any, qubits: Qubits) -> Angle:
        *controls, target = qubits
        inner = Circuit(1)
        phase(inner, append(inner, base(exponent=gate.exponent).on(cirq.LineQubit(0)), [0]))
        c.compose(inner.control([1] * n_controls), [target, *controls])
        return _shift(gate)

    return build


def _cz(c: Circuit, gate: Any, qubits: Qubits) -> Angle:
    c.cp(half_turns(gate.exponent), *qubits)
    return _shift(gate)


def _swap(c: Circuit, gate: Any, qubits: Qubits) -> Angle:
    angle = half_turns(gate.exponent / 2)
    c.rxx(angle, *qubits).ryy(angle, *qubits).rzz(angle, *qubits)
    return _shift(gate, 0.25)


def _iswap(c: Circuit, gate: Any, qubits: Qubits) -> Angle:
    angle = half_turns(-gate.exponent / 2)
    c.rxx(angle, *qubits).ryy(angle, *qubits)
    return _shift(gate)


def _fsim(c: Circuit, gate: Any, qubits: Qubits) -> Angle:
    theta = read(gate.theta)
    c.rxx(theta, *qubits).ryy(theta, *qubits).cp(-read(gate.phi), *qubits)
    return 0.0


def _phased_x(c: Circuit, gate: Any, qubits: Qubits) -> Angle:
    axis = gate.phase_exponent - 0.5  # Z^a RX Z^-a = Z^(a - 1/2) RY Z^(1/2 - a)
    c.u(half_turns(gate.exponent), half_turns(axis), half_turns(-axis), qubits[0])
    return _shift(gate, 0.5)


def _phased_xz(c: Circuit, gate: Any, qubits: Qubits) -> Angle:
    x, axis = gate.x_exponent, gate.axis_phase_exponent - 0.5
    c.u(half_turns(x), half_turns(axis + gate.z_exponent), half_turns(-axis), qubits[0])
    return half_turns(x / 2)


def _phasor(c: Circuit, gate: Any, qubits: Qubits) -> Angle:
    word = gate.dense_pauli_string
    positive, negative = gate.exponent_pos, gate.exponent_neg
    if word.coefficient.real < 0:
        positive, negative = negative, positive
    letters = "".join("IXYZ"[k] for k in word.pauli_mask)
    if not letters.strip("I"):
        return half_turns(positive)
    c.pauli_rotation(half_turns(negative - positive), letters, qubits)
    return half_turns((positive + negative) / 2)


def _global_phase(_: Circuit, gate: Any, __: Qubits) -> Angle:
    return _angle(gate.coefficient)


def _angle(coefficient: Any) -> Angle:
    """Give the angle of a number on the unit circle, or of a power of one."""
    if not isinstance(coefficient, sympy.Basic) or not coefficient.free_symbols:
        return float(np.angle(complex(coefficient)))
    if isinstance(coefficient, sympy.exp):
        return read(coefficient.args[0] / sympy.I)
    if isinstance(coefficient, sympy.Pow) and not coefficient.base.free_symbols:
        return _angle(coefficient.base) * read(coefficient.exp)
    raise TypeError(f"ketgrad has no gate for the phase {coefficient}, whose angle is not told")


def _matrix(c: Circuit, gate: Any, qubits: Qubits) -> Angle:
    c.unitary(cirq.unitary(gate), list(qubits[::-1]))
    return 0.0


def _evolution(c: Circuit, gate: Evolution, qubits: Qubits) -> Angle:
    c.evolution(read(gate.theta), gate.generator, list(qubits[::-1]))
    return 0.0


def _parallel(c: Circuit, gate: Any, qubits: Qubits) -> Angle:
    return _sum(append(c, gate.sub_gate.on(cirq.LineQubit(0)), [q]) for q in qubits)


def _cswap(c: Circuit, _: Any, qubits: Qubits) -> Angle:
    c.cswap(*qubits)
    return 0.0


def _sum(angles: Iterable[Angle]) -> Angle:
    return reduce(operator.add, angles, 0.0)


_BUILDS: dict[type, Build] = {
    cirq.IdentityGate: lambda *_: 0.0,
    cirq.WaitGate: lambda *_: 0.0,
    cirq.XPowGate: _rotation("rx"),
    cirq.YPowGate: _rotation("ry"),
    cirq.ZPowGate: _z,
    cirq.HPowGate: _h,
    cirq.XXPowGate: _rotation("rxx"),
    cirq.YYPowGate: _rotation("ryy"),
    cirq.ZZPowGate: _rotation("rzz"),
    cirq.CXPowGate: _controlled_power(cirq.XPowGate, 1),
    cirq.CZPowGate: _cz,
    cirq.CCXPowGate: _controlled_power(cirq.XPowGate, 2),
    cirq.CCZPowGate: _controlled_power(cirq.ZPowGate, 2),
    cirq.SwapPowGate: _swap,
    cirq.ISwapPowGate: _iswap,
    cirq.CSwapGate: _cswap,
    cirq.FSimGate: _fsim,
    cirq.PhasedXPowGate: _phased_x,
    cirq.PhasedXZGate: _phased_xz,
    cirq.PauliStringPhasorGate: _phasor,
    cirq.GlobalPhaseGate: _global_phase,
    cirq.MatrixGate: _matrix,
    cirq.ThreeQubitDiagonalGate: _matrix,  # on some qubits Cirq decomposes it into another
    cirq.ParallelGate: _parallel,
    Evolution: _evolution,
}


@cache
def _build_of(kind: type) -> tuple[Build | None, dict[float, str]]:
    for base in kind.__mro__:
        if base in _BUILDS:
            return _BUILDS[base], _NAMES.get(base, {})
    return None, {}


def is_listed(gate: Any) -> bool:
    """Whether a gate is one of the table, and so unitary."""
    return _build_of(type(gate))[0] is not None  # type: ignore[arg-type]


def append(c: Circuit, op: cirq.Operation, qubits: Qubits) -> Angle:
    """Append a unitary operation, its qubit k on qubits[k], and return the angle of a phase.

    Raises TypeError, naming the operation, where ketgrad has no gate for it.
    """
    op = op if type(op) is cirq.GateOperation else op.untagged
    gate = op.gate
    build, names = _build_of(type(gate))  # type: ignore[arg-type]
    if build is None:
        return _append_other(c, op, qubits)
    if names and not gate.global_shift:
        # A power of SymPy's is looked up by its own equality, which finds numbers only.
        name = names.get(gate.exponent)
        if name is not None:
            getattr(c, name)(*qubits)
            return 0.0
    return build(c, gate, qubits)


def _append_other(c: Circuit, op: cirq.Operation, qubits: Qubits) -> Angle:
    if isinstance(op, cirq.ControlledOperation) or isinstance(op.gate, cirq.ControlledGate):
        return _append_controlled(c, op, qubits)
    if isinstance(op, cirq.CircuitOperation):
        return _append_all(c, op.mapped_circuit().all_operations(), op.qubits, qubits)
    has_matrix = cirq.has_unitary(op)
    if has_matrix and len(qubits) <= _SMALL and qubits:
        return _matrix(c, op, qubits)
    parts = cirq.decompose_once(op, None)
    if parts is not None and all(q in op.qubits for part in parts for q in part.qubits):
        return _append_all(c, parts, op.qubits, qubits)
    if has_matrix and len(qubits) <= _DENSE:
        return _matrix(c, op, qubits)
    raise TypeError(f"ketgrad has no gate for {op!r}")


def _append_all(
    c: Circuit, operations: Iterable[cirq.Operation], own: Sequence[cirq.Qid], qubits: Qubits
) -> Angle:
    place = dict(zip(own, qubits, strict=True))
    return _sum(append(c, op, [place[q] for q in op.qubits]) for op in operations)


def _append_controlled(c: Circuit, op: Any, qubits: Qubits) -> Angle:
    if isinstance(op, cirq.ControlledOperation):
        controls, values, inner = op.controls, op.control_values, op.sub_operation
    else:
        n = op.gate.num_controls()
        controls, values = op.qubits[:n], op.gate.control_values
        inner = op.gate.sub_gate.on(*op.qubits[n:])
    place = dict(zip(op.qubits, qubits, strict=True))
    outer = [place[q] for q in controls]
    part = Circuit(max(1, len(inner.qubits)))
    left = append(part, inner, range(len(inner.qubits)))
    for conjunction in values.expand():  # of which at most one holds
        if len(part):
            c.compose(part.control(list(conjunction)), [place[q] for q in inner.qubits] + outer)
        _phase_of_controls(c, left, outer, conjunction)
    return 0.0


def _phase_of_controls(c: Circuit, angle: Angle, qubits: Qubits, values: Sequence[int]) -> None:
    if isinstance(angle, float) and angle == 0:
        return
    *others, last = qubits
    flipped = [] if values[-1] else [last]
    c.x(flipped).p(angle, last, dict(zip(others, values, strict=False))).x(flipped)
