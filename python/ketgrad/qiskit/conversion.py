"""Qiskit's circuits as ketgrad's."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import (
    AnnotatedOperation,
    ControlledGate,
    ControlModifier,
    Instruction,
    InverseModifier,
    PowerModifier,
)
from qiskit.circuit.controlflow import CASE_DEFAULT
from qiskit.exceptions import QiskitError

from ketgrad import Channel, Circuit
from ketgrad.qiskit import gates
from ketgrad.qiskit.angles import angle
from ketgrad.qiskit.conditions import append_if, cases_of, where

_DEEPEST = 50  # definitions in definitions
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
Lift = Callable[[Any], Any]
"""What becomes of the angles of the gates that a circuit itself has."""


def from_qiskit(circuit: QuantumCircuit) -> Circuit:
    """Give a circuit of Qiskit as one of ketgrad.

    Parameters, expressions, registers, measurements, resets, barriers, the global phase, channels
    (`Kraus` instructions), `if_test`, `switch` and `for_loop` on measured bits are kept. Delays are
    dropped. A gate that ketgrad lacks is read by its definition, or else by its matrix.

    Parameters
    ----------
    circuit : qiskit.QuantumCircuit
        With one qubit at least. Qubit k and classical bit k stay what they are.

    Returns
    -------
    circuit : Circuit
        Registers keep their names where they are disjoint and in the order of the bits.

    Raises
    ------
    qiskit.exceptions.QiskitError
        Naming what ketgrad lacks: loops without a bound, classical variables, and the like.

    Examples
    --------
    >>> from qiskit import QuantumCircuit
    >>> bell = QuantumCircuit(2)
    >>> _ = bell.h(0)
    >>> _ = bell.cx(0, 1)
    >>> print(from_qiskit(bell))
         ┌───┐
    q0: ─┤ H ├──●──
         └───┘  │
    q1: ────────⊕──

    """
    return convert(circuit, angle)


def convert(circuit: QuantumCircuit, lift: Lift) -> Circuit:
    """Convert a circuit, whose angles become what `lift` makes of them."""
    if not circuit.num_qubits:
        raise QiskitError("ketgrad has no circuits without qubits")
    out = Circuit(*_registers(circuit))
    qubits, bits = range(circuit.num_qubits), range(circuit.num_clbits)
    # What a circuit begins with must be its first operation.
    late = bool(circuit.data) and circuit.data[0].name == "initialize"
    if not late:
        _phase(out, circuit)
    _read(out, circuit, qubits, bits, lift)
    if late:
        _phase(out, circuit)
    return out


def _registers(circuit: QuantumCircuit) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Give the registers by name and size, or one of each kind where those will not do."""
    found = []
    for bits, registers in ((circuit.qubits, circuit.qregs), (circuit.clbits, circuit.cregs)):
        in_order = [bit for register in registers for bit in register]
        if in_order != list(bits):
            break
        found.append([(register.name, register.size) for register in registers if register.size])
    names = [name for registers in found for name, _ in registers]
    if len(found) == 2 and len({*names}) == len(names) and all(map(_NAME.fullmatch, names)):
        return found[0], found[1]
    bits = [("c", circuit.num_clbits)] if circuit.num_clbits else []
    return [("q", circuit.num_qubits)], bits


def _phase(out: Circuit, circuit: QuantumCircuit) -> None:
    if circuit.global_phase != 0:
        gates.phase(out, angle(circuit.global_phase))


def _read(
    out: Circuit,
    circuit: QuantumCircuit,
    qubits: Sequence[int],
    bits: Sequence[int],
    lift: Lift = angle,
    depth: int = 0,
) -> None:
    """Append what a circuit has, its qubit k on qubits[k]; its phase is left to the caller."""
    qubit_of = dict(zip(circuit.qubits, qubits, strict=True))
    bit_of = dict(zip(circuit.clbits, bits, strict=True))
    for item in circuit.data:
        on = [qubit_of[q] for q in item.qubits]
        if item.name in gates.BUILDS and item.is_standard_gate():
            gates.BUILDS[item.name](out, [lift(p) for p in item.params], on)
        else:
            _append(out, item.operation, on, [bit_of[b] for b in item.clbits], depth)


def _append(out: Circuit, op: Instruction, qubits: list[int], bits: list[int], depth: int) -> None:
    """Append an instruction that is no standard gate."""
    if depth > _DEEPEST:
        raise QiskitError(f"'{op.name}' is defined by itself, or through {_DEEPEST} others")
    if op.name in _APPENDS:
        _APPENDS[op.name](out, op, qubits, bits)
    elif isinstance(op, ControlledGate):
        controls, targets = qubits[: op.num_ctrl_qubits], qubits[op.num_ctrl_qubits :]
        _control(out, _whole(op.base_gate, depth), op.ctrl_state, controls, targets)
    elif op.name in gates.BUILDS and getattr(op, "_standard_gate", None) is not None:
        gates.BUILDS[op.name](out, [angle(p) for p in op.params], qubits)
    elif (definition := _definition(op)) is not None:
        _inline(out, definition, qubits, bits, depth + 1)
    else:
        out.unitary(_matrix(op), qubits)


def _matrix(op: Any) -> Any:
    try:
        return op.to_matrix()
    except (AttributeError, QiskitError) as error:
        raise QiskitError(f"ketgrad has no '{op.name}', and it has no definition") from error


def _definition(op: Any) -> QuantumCircuit | None:
    definition = getattr(op, "definition", None)
    if definition is None and hasattr(op, "to_circuit"):  # a Clifford, say
        definition = op.to_circuit()
    return definition


def _inline(
    out: Circuit, circuit: QuantumCircuit, qubits: list[int], bits: list[int], depth: int = 0
) -> None:
    _phase(out, circuit)
    _read(out, circuit, qubits, bits, depth=depth)


def _whole(op: Instruction, depth: int) -> Circuit:
    """Give an operation as a circuit of its own."""
    out = Circuit(max(1, op.num_qubits))
    item = QuantumCircuit(op.num_qubits)
    item.append(op, range(op.num_qubits))
    _read(out, item, range(op.num_qubits), (), depth=depth + 1)
    return out


def _control(
    out: Circuit, base: Circuit, state: int, controls: list[int], targets: list[int]
) -> None:
    values = [state >> k & 1 for k in range(len(controls))]
    if not targets:  # a controlled phase: the circuit of the phase has a qubit, any will do
        *controls, last = controls
        flip = [] if values[-1] else [last]
        theta = base.operations[0].angles[0]
        out.x(flip).p(theta / -2, last, dict(zip(controls, values, strict=False))).x(flip)
        return
    out.compose(base.control(values), [*targets, *controls])


def _annotated(out: Circuit, op: AnnotatedOperation, qubits: list[int], _: list[int]) -> None:
    part, controls = _whole(op.base_op, 0), 0
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


def _initialize(out: Circuit, op: Instruction, qubits: list[int], bits: list[int]) -> None:
    used = {q for other in out if set(other.letters or "") != {"I"} for q in other.qubits}
    if any(isinstance(p, str) for p in op.params) or out.size or len(qubits) < out.n_qubits:
        if used & set(qubits):
            out.reset(qubits)
        for item in op.definition.data:
            if item.name != "reset":  # of qubits that are |0> yet, or have been set so above
                on = [qubits[op.definition.find_bit(q).index] for q in item.qubits]
                _append(out, item.operation, on, bits, 0)
    else:
        amplitudes = np.zeros(2 ** len(qubits), complex)
        index = np.arange(len(amplitudes))
        amplitudes[sum((index >> k & 1) << q for k, q in enumerate(qubits))] = op.params
        out.initialize(amplitudes)


def _pauli_evolution(out: Circuit, op: Any, qubits: list[int], bits: list[int]) -> None:
    """Append a single string as it is; the definition has a product of many."""
    sums = getattr(op.operator, "paulis", None)
    if sums is None or len(sums) != 1:
        _inline(out, op.definition, qubits, bits)
        return
    time, factor = angle(op.params[0]), 2 * float(op.operator.coeffs[0].real)
    theta = time if factor == 1 else factor * time
    out.pauli_rotation(theta, str(sums[0])[::-1], qubits)


def _body(out: Circuit, block: QuantumCircuit, qubits: list[int], bits: list[int]) -> Circuit:
    body = Circuit(out.qubit_registers, out.bit_registers)
    if block.num_captured_vars or block.num_declared_vars:
        raise QiskitError("ketgrad has no classical variables")
    _inline(body, block, qubits, bits)
    return body


def _numbers(op: Instruction, bits: list[int]) -> Callable[[Any], int]:
    places = dict(zip(op.blocks[0].clbits, bits, strict=True))
    return lambda bit: places[bit]


def _if_else(out: Circuit, op: Any, qubits: list[int], bits: list[int]) -> None:
    then, *others = (_body(out, block, qubits, bits) for block in op.blocks)
    otherwise = others[0] if others else Circuit(out.qubit_registers, out.bit_registers)
    values, holds = where(op.condition, _numbers(op, bits))
    append_if(out, values, *((then, otherwise) if holds else (otherwise, then)))


def _switch(out: Circuit, op: Any, qubits: list[int], bits: list[int]) -> None:
    rest = Circuit(out.qubit_registers, out.bit_registers)
    number = _numbers(op, bits)
    for labels, block in reversed(list(op.cases_specifier())):
        body = _body(out, block, qubits, bits)
        if CASE_DEFAULT in labels:
            rest = body
            continue
        holds = [values for label in labels for values in cases_of(op.target, int(label), number)]
        case = Circuit(out.qubit_registers, out.bit_registers)
        append_if(case, holds, body, rest)
        rest = case
    out.compose(rest)


def _for_loop(out: Circuit, op: Any, qubits: list[int], bits: list[int]) -> None:
    indices, parameter, block = op.params
    for index in indices:
        bound = block if parameter is None else block.assign_parameters({parameter: index})
        _inline(out, bound, qubits, bits)


def _refuse(out: Circuit, op: Instruction, *_: Any) -> None:  # noqa: ARG001
    raise QiskitError(f"ketgrad has no '{op.name}'")


def _unitary(out: Circuit, op: Any, qubits: list[int], _: list[int]) -> None:
    out.unitary(op.to_matrix(), qubits, label=(op.label or "")[:100])


_APPENDS: dict[str, Callable[..., object]] = {
    "measure": lambda out, _, qubits, bits: out.measure(qubits, bits),
    "reset": lambda out, _, qubits, __: out.reset(qubits),
    "barrier": lambda out, _, qubits, __: out.barrier(qubits),
    "delay": lambda *_: None,
    "unitary": _unitary,
    "hamiltonian": lambda out, op, qubits, _: out.evolution(
        angle(op.params[1]), np.asarray(op.params[0]), qubits
    ),
    "kraus": lambda out, op, qubits, _: out.channel(Channel.from_kraus(op.params), qubits),
    "global_phase": lambda out, op, *_: gates.phase(out, angle(op.params[0])),
    "PauliEvolution": _pauli_evolution,
    "initialize": _initialize,
    "annotated": _annotated,
    "if_else": _if_else,
    "switch_case": _switch,
    "for_loop": _for_loop,
    "box": lambda out, op, qubits, bits: _inline(out, op.blocks[0], qubits, bits),
    **dict.fromkeys(("while_loop", "break_loop", "continue_loop", "store"), _refuse),
}
