"""Cirq's unitary operations as gates of ketgrad.

A table has those whose exponents and angles may be symbols. What is left is decomposed by Cirq, or
becomes the matrix that it is.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import cirq
import numpy as np
import sympy

from ketgrad import Circuit
from ketgrad.cirq.evolution import Evolution
from ketgrad.cirq.expressions import Angle, half_turns, read

Qubits = Sequence[int]
Build = Callable[[Circuit, Any, Qubits], object]
"""Append a gate to a circuit, its qubit k on qubits[k]."""

_SMALL, _DENSE = 2, 10  # qubits of matrices: better than what they decompose into; the most there are

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


def phase(c: Circuit, angle: Angle, qubits: Qubits) -> None:
    """Append exp(i angle), of all or, where a circuit becomes controlled, of the controls."""
    if not (isinstance(angle, float) and angle == 0):
        c.pauli_rotation(-2 * angle, "I", list(qubits[:1]) or [0])


def _shift(c: Circuit, gate: Any, qubits: Qubits, own: float = 0) -> None:
    """Append the phase of a power: half turns of its exponent times its shift and its own."""
    if gate.global_shift + own:
        phase(c, half_turns(gate.exponent * (gate.global_shift + own)), qubits)


def _rotation(name: str) -> Build:
    def build(c: Circuit, gate: Any, qubits: Qubits) -> None:
        c.gate(name, [half_turns(gate.exponent)], qubits)
        _shift(c, gate, qubits, 0.5)

    return build


def _z(c: Circuit, gate: Any, qubits: Qubits) -> None:
    if gate.global_shift == -0.5:
        c.rz(half_turns(gate.exponent), qubits[0])
    else:
        c.p(half_turns(gate.exponent), qubits[0])
        _shift(c, gate, qubits)


def _h(c: Circuit, gate: Any, qubits: Qubits) -> None:
    # H is Z in a basis turned by a quarter.
    q = qubits[0]
    c.ry(-np.pi / 4, q).rz(half_turns(gate.exponent), q).ry(np.pi / 4, q)
    _shift(c, gate, qubits, 0.5)


def _controlled_power(base: Callable[..., Any], n_controls: int) -> Build:
    def build(c: Circuit, gate: Any, qubits: Qubits) -> None:
        *controls, target = qubits
        inner = Circuit(1)
        append(inner, base(exponent=gate.exponent).on(cirq.LineQubit(0)), [0])
        c.compose(inner.control([1] * n_controls), [target, *controls])
        _shift(c, gate, qubits)

    return build


def _swap(c: Circuit, gate: Any, qubits: Qubits) -> None:
    angle = half_turns(gate.exponent / 2)
    for name in ("rxx", "ryy", "rzz"):
        c.gate(name, [angle], qubits)
    _shift(c, gate, qubits, 0.25)


def _iswap(c: Circuit, gate: Any, qubits: Qubits) -> None:
    angle = half_turns(-gate.exponent / 2)
    c.gate("rxx", [angle], qubits).gate("ryy", [angle], qubits)
    _shift(c, gate, qubits)


def _fsim(c: Circuit, gate: Any, qubits: Qubits) -> None:
    theta = read(gate.theta)
    c.gate("rxx", [theta], qubits).gate("ryy", [theta], qubits).cp(-read(gate.phi), *qubits)


def _phased_x(c: Circuit, gate: Any, qubits: Qubits) -> None:
    q = qubits[0]
    c.p(half_turns(-gate.phase_exponent), q).rx(half_turns(gate.exponent), q)
    c.p(half_turns(gate.phase_exponent), q)
    _shift(c, gate, qubits, 0.5)


def _phased_xz(c: Circuit, gate: Any, qubits: Qubits) -> None:
    q, axis = qubits[0], gate.axis_phase_exponent
    c.p(half_turns(-axis), q).rx(half_turns(gate.x_exponent), q)
    c.p(half_turns(axis + gate.z_exponent), q)
    phase(c, half_turns(gate.x_exponent / 2), qubits)


def _phasor(c: Circuit, gate: Any, qubits: Qubits) -> None:
    word = gate.dense_pauli_string
    positive, negative = gate.exponent_pos, gate.exponent_neg
    angle = half_turns((negative - positive) * int(word.coefficient.real))
    letters = "".join("IXYZ"[k] for k in word.pauli_mask)
    if letters.strip("I"):
        c.pauli_rotation(angle, letters, qubits)
        phase(c, half_turns((positive + negative) / 2), qubits)
    else:
        phase(c, half_turns(positive if word.coefficient.real > 0 else negative), qubits)


def _global_phase(c: Circuit, gate: Any, qubits: Qubits) -> None:
    phase(c, _angle(gate.coefficient), qubits)


def _angle(coefficient: Any) -> Angle:
    """Give the angle of a number on the unit circle, or of a power of one."""
    if not isinstance(coefficient, sympy.Basic) or not coefficient.free_symbols:
        return float(np.angle(complex(coefficient)))
    if isinstance(coefficient, sympy.exp):
        return read(coefficient.args[0] / sympy.I)
    if isinstance(coefficient, sympy.Pow) and not coefficient.base.free_symbols:
        return _angle(coefficient.base) * read(coefficient.exp)
    raise TypeError(f"ketgrad has no gate for the phase {coefficient}, whose angle is not told")


def _matrix(c: Circuit, gate: Any, qubits: Qubits) -> None:
    c.unitary(cirq.unitary(gate), list(qubits[::-1]))


def _evolution(c: Circuit, gate: Evolution, qubits: Qubits) -> None:
    c.evolution(read(gate.theta), gate.generator, list(qubits[::-1]))


def _parallel(c: Circuit, gate: Any, qubits: Qubits) -> None:
    for q in qubits:
        append(c, gate.sub_gate.on(cirq.LineQubit(0)), [q])


_BUILDS: dict[type, Build] = {
    cirq.IdentityGate: lambda *_: None,
    cirq.WaitGate: lambda *_: None,
    cirq.XPowGate: _rotation("rx"),
    cirq.YPowGate: _rotation("ry"),
    cirq.ZPowGate: _z,
    cirq.HPowGate: _h,
    cirq.XXPowGate: _rotation("rxx"),
    cirq.YYPowGate: _rotation("ryy"),
    cirq.ZZPowGate: _rotation("rzz"),
    cirq.CXPowGate: _controlled_power(cirq.XPowGate, 1),
    cirq.CZPowGate: _controlled_power(cirq.ZPowGate, 1),
    cirq.CCXPowGate: _controlled_power(cirq.XPowGate, 2),
    cirq.CCZPowGate: _controlled_power(cirq.ZPowGate, 2),
    cirq.SwapPowGate: _swap,
    cirq.ISwapPowGate: _iswap,
    cirq.CSwapGate: lambda c, _, qubits: c.gate("cswap", [], qubits),
    cirq.FSimGate: _fsim,
    cirq.PhasedXPowGate: _phased_x,
    cirq.PhasedXZGate: _phased_xz,
    cirq.PauliStringPhasorGate: _phasor,
    cirq.GlobalPhaseGate: _global_phase,
    cirq.MatrixGate: _matrix,
    cirq.ParallelGate: _parallel,
    Evolution: _evolution,
}


def _build_of(gate: Any) -> tuple[Build | None, dict[float, str]]:
    for base in type(gate).__mro__:
        if base in _BUILDS:
            return _BUILDS[base], _NAMES.get(base, {})
    return None, {}


def append(c: Circuit, op: cirq.Operation, qubits: Qubits) -> None:
    """Append a unitary operation, its qubit k on qubits[k].

    Raises TypeError, naming the operation, where ketgrad has no gate for it.
    """
    op = op.untagged
    gate = op.gate
    if isinstance(gate, cirq.ControlledGate) or isinstance(op, cirq.ControlledOperation):
        _append_controlled(c, op, qubits)
        return
    if isinstance(op, cirq.CircuitOperation):
        _append_all(c, op.mapped_circuit().all_operations(), op.qubits, qubits)
        return
    build, names = _build_of(gate)
    if build is None:
        _append_other(c, op, qubits)
        return
    # A power of SymPy's is looked up by its own equality, which finds numbers only.
    name = names.get(gate.exponent) if names and not gate.global_shift else None
    if name is not None:
        c.gate(name, [], qubits)
    else:
        build(c, gate, qubits)


def _append_all(
    c: Circuit, operations: Iterable[cirq.Operation], own: Sequence[cirq.Qid], qubits: Qubits
) -> None:
    place = dict(zip(own, qubits, strict=True))
    for op in operations:
        append(c, op, [place[q] for q in op.qubits])


def _append_controlled(c: Circuit, op: Any, qubits: Qubits) -> None:
    if isinstance(op, cirq.ControlledOperation):
        controls, values, inner = op.controls, op.control_values, op.sub_operation
    else:
        n = op.gate.num_controls()
        controls, values = op.qubits[:n], op.gate.control_values
        inner = op.gate.sub_gate.on(*op.qubits[n:])
    part = Circuit(max(1, len(inner.qubits)))
    append(part, inner, range(len(inner.qubits)))
    place = dict(zip(op.qubits, qubits, strict=True))
    outer = [place[q] for q in controls]
    if not inner.qubits:  # a phase of the controls; the circuit's one qubit is nobody's
        part = _phase_of_controls(part, len(outer))
        for conjunction in values.expand():
            _under_values(c, part, outer, conjunction)
        return
    for conjunction in values.expand():  # of which at most one holds
        c.compose(part.control(list(conjunction)), [place[q] for q in inner.qubits] + outer)


def _phase_of_controls(part: Circuit, n: int) -> Circuit:
    out = Circuit(n)
    for op in part:
        out.p(-0.5 * op.angles[0], n - 1, list(range(n - 1)))
    return out


def _under_values(c: Circuit, part: Circuit, qubits: Qubits, values: Sequence[int]) -> None:
    flipped = [q for q, value in zip(qubits, values, strict=True) if not value]
    c.x(flipped).compose(part, qubits).x(flipped)


def _append_other(c: Circuit, op: cirq.Operation, qubits: Qubits) -> None:
    has_matrix = cirq.has_unitary(op)
    if has_matrix and len(qubits) <= _SMALL and qubits:
        _matrix(c, op, qubits)
        return
    parts = cirq.decompose_once(op, None)
    if parts is not None and all(q in op.qubits for part in parts for q in part.qubits):
        _append_all(c, parts, op.qubits, qubits)
    elif has_matrix and len(qubits) <= _DENSE:
        _matrix(c, op, qubits)
    else:
        raise TypeError(f"ketgrad has no gate for {op!r}")
