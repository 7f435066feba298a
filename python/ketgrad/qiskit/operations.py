"""Qiskit's operations that are no standard gates, as operations of ketgrad."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from qiskit.circuit import (
    AnnotatedOperation,
    ControlModifier,
    Instruction,
    InverseModifier,
    PowerModifier,
)
from qiskit.exceptions import QiskitError

from ketgrad import Channel, Circuit
from ketgrad.qiskit import gates
from ketgrad.qiskit.angles import angle


def control(
    out: Circuit, base: Circuit, state: int, controls: list[int], targets: list[int]
) -> None:
    """Append a circuit where the controls have the bits of a number."""
    values = [state >> k & 1 for k in range(len(controls))]
    if not targets:  # a controlled phase: the circuit of the phase has a qubit, any will do
        *controls, last = controls
        flip = [] if values[-1] else [last]
        theta = base.operations[0].angles[0]
        out.x(flip).p(theta / -2, last, dict(zip(controls, values, strict=False))).x(flip)
        return
    out.compose(base.control(values), [*targets, *controls])


def _annotated(reader: Any, out: Circuit, op: AnnotatedOperation, place: Any) -> None:
    part, controls, qubits = reader.whole(op.base_op), 0, place.qubits
    for modifier in op.modifiers:
        if isinstance(modifier, InverseModifier):
            part = part.inverse()
        elif isinstance(modifier, PowerModifier):
            part = part.power(modifier.power)
        elif isinstance(modifier, ControlModifier):
            values = [modifier.ctrl_state >> k & 1 for k in range(modifier.num_ctrl_qubits)]
            part, controls = part.control(values), controls + len(values)
        else:
            raise QiskitError(f"ketgrad has no modifier {modifier}")
    # Later controls come first in Qiskit, last in ketgrad.
    n = len(qubits) - controls
    places, end = list(qubits[controls:]), controls
    for modifier in op.modifiers:
        if isinstance(modifier, ControlModifier):
            places += qubits[end - modifier.num_ctrl_qubits : end]
            end -= modifier.num_ctrl_qubits
    if not n:
        raise QiskitError(f"ketgrad cannot read '{op.name}' of {op.base_op.name}")
    out.compose(part, places)


def _initialize(reader: Any, out: Circuit, op: Instruction, place: Any) -> None:
    qubits = place.qubits
    begins = reader.beginning is out
    amplitudes_told = not any(isinstance(p, str) for p in op.params)
    if begins and amplitudes_told and not out.size and len(qubits) == out.n_qubits:
        amplitudes = np.zeros(2 ** len(qubits), complex)
        index = np.arange(len(amplitudes))
        amplitudes[sum((index >> k & 1) << q for k, q in enumerate(qubits))] = op.params
        out.initialize(amplitudes)
        return
    used = {q for other in out if set(other.letters or "") != {"I"} for q in other.qubits}
    if not begins or used & set(qubits):
        out.reset(qubits)
    for item in op.definition.data:
        if item.name != "reset":  # of qubits that are |0> yet, or have been set so above
            on = [qubits[op.definition.find_bit(q).index] for q in item.qubits]
            reader.append(out, item.operation, replace(place, qubits=on))


def _pauli_evolution(reader: Any, out: Circuit, op: Any, place: Any) -> None:
    """Append a single string as it is; the definition has a product of many."""
    sums = getattr(op.operator, "paulis", None)
    if sums is None or len(sums) != 1:
        reader.inline(out, op.definition, place)
        return
    time, factor = angle(op.params[0]), 2 * float(op.operator.coeffs[0].real)
    theta = time if factor == 1 else factor * time
    out.pauli_rotation(theta, str(sums[0])[::-1], place.qubits)


def _measure(reader: Any, out: Circuit, _: Instruction, place: Any) -> None:
    out.measure(place.qubits, place.bits)
    reader.measured(place.bits)


def _unitary(_: Any, out: Circuit, op: Any, place: Any) -> None:
    out.unitary(op.to_matrix(), place.qubits, label=(op.label or "")[:100])


def _hamiltonian(_: Any, out: Circuit, op: Any, place: Any) -> None:
    out.evolution(angle(op.params[1]), np.asarray(op.params[0]), place.qubits)


def _kraus(_: Any, out: Circuit, op: Any, place: Any) -> None:
    out.channel(Channel.from_kraus(op.params), place.qubits)


APPENDS: dict[str, Callable[[Any, Circuit, Any, Any], object]] = {
    "measure": _measure,
    "reset": lambda _, out, __, place: out.reset(place.qubits),
    "barrier": lambda _, out, __, place: out.barrier(place.qubits),
    "delay": lambda *_: None,
    "unitary": _unitary,
    "hamiltonian": _hamiltonian,
    "kraus": _kraus,
    "global_phase": lambda _, out, op, __: gates.phase(out, angle(op.params[0])),
    "PauliEvolution": _pauli_evolution,
    "initialize": _initialize,
    "annotated": _annotated,
}
"""By name, what appends an operation: given the reader, the circuit, the operation, its place."""
