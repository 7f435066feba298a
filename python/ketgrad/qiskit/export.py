"""Ketgrad's circuits as Qiskit's."""

import json
from collections.abc import Callable
from itertools import groupby
from typing import Any

import numpy as np
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Gate
from qiskit.circuit.classical import expr
from qiskit.circuit.library import (
    HamiltonianGate,
    Initialize,
    PauliEvolutionGate,
    PhaseGate,
    UnitaryGate,
    iSwapGate,
)
from qiskit.circuit.library.standard_gates import get_standard_gate_name_mapping
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import Kraus, SparsePauliOp

from ketgrad import Circuit, Operation
from ketgrad.qiskit.angles import QiskitParameters
from ketgrad.qiskit.checks import require_type

_STANDARD = {name: type(gate) for name, gate in get_standard_gate_name_mapping().items()}
_Record = dict[str, Any]
"""An operation as :meth:`ketgrad.Circuit.to_json` has it."""


def to_qiskit(circuit: Circuit) -> QuantumCircuit:
    """Give a circuit of ketgrad as one of Qiskit.

    Parameters
    ----------
    circuit : Circuit
        Parameters, expressions, registers, measurements and conditions are kept; a Pauli rotation
        becomes a `PauliEvolutionGate`, or the global phase, a channel a `Kraus` instruction, an
        evolution a `HamiltonianGate`.

    Returns
    -------
    circuit : qiskit.QuantumCircuit

    Raises
    ------
    qiskit.exceptions.QiskitError
        For amplitudes with parameters, and readout errors.

    Examples
    --------
    >>> import ketgrad as kg
    >>> circuit = to_qiskit(kg.Circuit(2).h(0).rx(2 * kg.Parameter("a"), 1).cx(0, 1))
    >>> [item.name for item in circuit.data]
    ['h', 'rx', 'cx']

    """
    require_type(circuit, Circuit, "what to_qiskit writes")
    out = QuantumCircuit(
        *(QuantumRegister(size, name) for name, size in circuit.qubit_registers),
        *(ClassicalRegister(size, name) for name, size in circuit.bit_registers),
    )
    records = json.loads(circuit.to_json())["operations"]
    parameters = QiskitParameters()
    pairs = zip(records, circuit.operations, strict=True)
    for conditions, group in groupby(pairs, lambda pair: pair[0].get("condition", [])):
        body = out.copy_empty_like() if conditions else out
        if conditions:
            body.global_phase = 0
        for record, op in group:
            _append(body, record, op, parameters)
        _append_if(out, conditions, body)
    return out


def _append_if(out: QuantumCircuit, conditions: list[_Record], body: QuantumCircuit) -> None:
    """Append what acts where all conditions hold, unless it has none and is there already."""
    for condition in reversed(conditions):
        around = out.copy_empty_like()
        around.global_phase = 0
        if not condition.get("equal", True):  # what acts elsewhere
            test, then, otherwise = _test(out, condition), around.copy_empty_like(), body
        else:
            test, then, otherwise = _test(out, condition), body, None
        around.if_else(test, then, otherwise, around.qubits, around.clbits)
        body = around
    if conditions:
        out.append(body.data[0])


def _test(out: QuantumCircuit, condition: _Record) -> Any:
    """Give a condition on a bit or a register as Qiskit has it, and an expression of others."""
    bits = [out.clbits[k] for k in condition["bits"]]
    values = condition["values"]
    if len(bits) == 1:
        return bits[0], int(values[0])
    for register in out.cregs:
        if list(register) == bits:
            return register, sum(int(value) << k for k, value in enumerate(values))
    terms = [
        expr.lift(bit) if value else expr.logic_not(bit)
        for bit, value in zip(bits, values, strict=True)
    ]
    whole = terms[0]
    for term in terms[1:]:
        whole = expr.logic_and(whole, term)
    return whole


def _append(
    out: QuantumCircuit, record: _Record, op: Operation, parameters: QiskitParameters
) -> None:
    name, targets = record["gate"], record["targets"]
    if name in _APPENDS:
        _APPENDS[name](out, record, op)
        return
    angles = [parameters.angle(tree) for tree in record.get("angles", [])]
    controls = [control["qubit"] for control in record.get("controls", [])]
    values = [control["value"] for control in record.get("controls", [])]
    if name == "pauli_rotation" and set(op.letters or "") == {"I"}:
        _phase(out, -angles[0] / 2, controls, values)
        return
    gate = _gate(name, op, angles)
    if controls:
        state = sum(int(value) << k for k, value in enumerate(values))
        gate = gate.control(len(controls), ctrl_state=state, annotated=True)
    out.append(gate, [*controls, *targets])


def _gate(name: str, op: Operation, angles: list[Any]) -> Gate:
    if name == "pauli_rotation":
        return PauliEvolutionGate(SparsePauliOp((op.letters or "")[::-1], 0.5), time=angles[0])
    if name == "unitary":
        return UnitaryGate(op.matrix, label=op.label or None)
    if name == "evolution":
        return HamiltonianGate(op.matrix, angles[0])
    if name == "iswapdg":
        return iSwapGate().inverse(annotated=True)
    return _STANDARD[name](*angles)


def _phase(out: QuantumCircuit, angle: Any, controls: list[int], values: list[bool]) -> None:
    """Append e^{i angle} where the controls have their values."""
    if not controls:
        out.global_phase += angle
        return
    *others, last = controls
    gate = PhaseGate(angle)
    if others:
        state = sum(int(value) << k for k, value in enumerate(values[:-1]))
        gate = gate.control(len(others), ctrl_state=state, annotated=True)
    if not values[-1]:
        out.x(last)
    out.append(gate, [*others, last])
    if not values[-1]:
        out.x(last)


def _initialize(out: QuantumCircuit, record: _Record, op: Operation) -> None:
    given = record.get("angles")
    if given and any(isinstance(amplitude, dict) for amplitude in given):
        raise QiskitError("Qiskit has no amplitudes with parameters")
    amplitudes = np.zeros(2**out.num_qubits, complex)
    found = np.asarray(given if given else op.matrix, complex).ravel()
    amplitudes[: len(found)] = found
    out.append(Initialize(amplitudes, normalize=True), out.qubits)


def _measure(out: QuantumCircuit, record: _Record, op: Operation) -> None:  # noqa: ARG001
    if "readout_error" in record:
        raise QiskitError("Qiskit's circuits have no readout errors")
    out.measure(record["targets"][0], record["bit"])


def _channel(out: QuantumCircuit, record: _Record, op: Operation) -> None:  # noqa: ARG001
    matrices = np.array(record["channel"]["kraus"])
    out.append(Kraus(list(matrices[..., 0] + 1j * matrices[..., 1])), record["targets"])


_APPENDS: dict[str, Callable[[QuantumCircuit, _Record, Operation], object]] = {
    "measure": _measure,
    "reset": lambda out, record, _: out.reset(record["targets"]),
    "barrier": lambda out, record, _: out.barrier(record["targets"]),
    "channel": _channel,
    "initialize": _initialize,
}
