"""Circuits of Cirq as circuits of ketgrad."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import cirq
import numpy as np

from ketgrad import Channel, Circuit
from ketgrad._words import shown
from ketgrad.cirq import gates
from ketgrad.cirq.conditions import Record, cubes
from ketgrad.cirq.expressions import Angle


@dataclass
class Read:
    """A circuit, and where its measurements are told."""

    circuit: Circuit
    records: dict[cirq.MeasurementKey, list[Record]] = field(default_factory=dict)
    confusions: list[tuple[Record, dict[tuple[int, ...], Any]]] = field(default_factory=list)


def require_circuit(circuit: Any) -> None:
    """Raise TypeError for what is no circuit of Cirq."""
    if not isinstance(circuit, cirq.AbstractCircuit):
        raise TypeError(f"a cirq.AbstractCircuit is wanted, not {shown(circuit)}")


def from_cirq(
    circuit: cirq.AbstractCircuit,
    qubit_order: Any = cirq.QubitOrder.DEFAULT,
    *,
    barriers: bool = False,
) -> Circuit:
    """Make a circuit of ketgrad of one of Cirq's.

    Its qubit k is the k-th of the order. Symbols become parameters, measurement keys registers of
    bits whose value is the number that Cirq makes of them: its last qubit is bit 0.

    Parameters
    ----------
    circuit : cirq.AbstractCircuit
        Of qubits; subcircuits, classical controls, channels, resets, and measurements included.
    qubit_order : cirq.QubitOrder or sequence of cirq.Qid, default=cirq.QubitOrder.DEFAULT
        Which is qubit 0, 1, ...
    barriers : bool, default=False
        Whether to put a barrier between moments.

    Returns
    -------
    ketgrad.Circuit

    Raises
    ------
    TypeError
        For qudits and operations that ketgrad lacks, named in the message, and what is no circuit.
    ValueError
        For a control by a key that has not been measured.

    Examples
    --------
    >>> import cirq
    >>> a, b = cirq.LineQubit.range(2)
    >>> circuit = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b), cirq.measure(a, b, key="m"))
    >>> from_cirq(circuit).count_gates()
    {'cx': 1, 'h': 1, 'measure': 2}

    """
    require_circuit(circuit)
    order = cirq.QubitOrder.as_qubit_order(qubit_order).order_for(circuit.all_qubits())
    reader = Reader(order, barriers=barriers, told=True)
    out = reader.read(circuit)
    if out.confusions:
        raise TypeError(
            f"ketgrad has no circuit for the confusion map of {out.confusions[0][0].key}"
        )
    return out.circuit


def flat(circuit: cirq.AbstractCircuit) -> Iterator[Sequence[cirq.Operation]]:
    """Give the operations of each moment, those of subcircuits in the place of these."""
    for moment in circuit:
        if all(type(op) is cirq.GateOperation for op in moment.operations):
            yield moment.operations
            continue
        plain = [op for op in moment if not isinstance(op.untagged, cirq.CircuitOperation)]
        if plain:
            yield plain
        for op in moment:
            if not isinstance(op.untagged, cirq.CircuitOperation):
                continue
            if op.untagged.repeat_until is not None:
                yield [op]
            elif cirq.is_parameterized(op.untagged.repetitions):
                raise TypeError(f"ketgrad has no circuit of {op.untagged.repetitions} repetitions")
            else:
                yield from flat(op.untagged.mapped_circuit())


class Reader:
    """Reads a circuit operation by operation.

    told says that bits hold what Cirq tells: an inverted measurement is one between X gates. Else
    it is a measurement as any other, and the record says that it is told inverted.
    """

    def __init__(
        self, order: Sequence[cirq.Qid], *, barriers: bool = False, told: bool = False
    ) -> None:
        for q in order:
            if q.dimension != 2:
                raise TypeError(f"ketgrad has qubits alone; {q!r} has {q.dimension} levels")
        self._place = {q: k for k, q in enumerate(order)}
        self._barriers, self._told = barriers, told
        self._out = Read(Circuit(max(1, len(order))))
        self._names = {name for name, _ in self._out.circuit.qubit_registers}  # and of bits
        self._phase: Angle = 0.0  # of the whole, which comes at the end

    def read(self, circuit: cirq.AbstractCircuit) -> Read:
        """Read all of a circuit."""
        for k, operations in enumerate(flat(circuit)):
            if k and self._barriers:
                self._out.circuit.barrier()
            for op in operations:
                self._append(self._out.circuit, op)
        if self._out.circuit.is_unitary:  # else nobody can tell
            gates.phase(self._out.circuit, self._phase)
        return self._out

    def _append(self, c: Circuit, op: cirq.Operation) -> None:
        qubits = [self._place[q] for q in op.qubits]
        bare = op if type(op) is cirq.GateOperation else op.untagged
        if gates.is_listed(bare.gate) and not bare.classical_controls:
            self._phase += gates.append(c, bare, qubits)
        elif bare.classical_controls:
            self._append_conditional(c, bare)
        elif isinstance(bare.gate, cirq.MeasurementGate):
            self._append_measurement(c, bare.gate, qubits)
        elif isinstance(bare.gate, cirq.ResetChannel):
            c.reset(qubits[0])
        elif cirq.is_measurement(bare) and not isinstance(bare.gate, cirq.PauliMeasurementGate):
            raise TypeError(f"ketgrad has no operation for {op!r}")
        elif isinstance(bare.gate, cirq.PauliMeasurementGate):
            for part in cirq.decompose_once(bare):
                self._append(c, part)
        elif self._told and isinstance(bare.gate, cirq.StatePreparationChannel) and not len(c):
            c.initialize(_amplitudes(bare.gate, qubits, c.n_qubits))
        elif channel := channel_of(bare):
            c.channel(channel, qubits[::-1])
        else:
            self._phase += gates.append(c, bare, qubits)

    def _append_conditional(self, c: Circuit, op: cirq.Operation) -> None:
        then = Circuit(c.n_qubits)
        self._append(then, op.without_classical_controls())
        for cube in cubes(list(op.classical_controls), self._out.records):
            if cube:
                c.when(cube, then)
            else:
                c.compose(then)

    def _append_measurement(
        self, c: Circuit, gate: cirq.MeasurementGate, qubits: Sequence[int]
    ) -> None:
        n = len(qubits)
        name = self._register(gate.key)
        c.add_bits(name, n)
        bits = list(range(c.n_bits - 1, c.n_bits - 1 - n, -1))
        inverted = gate.full_invert_mask()
        flipped = [q for q, flip in zip(qubits, inverted, strict=True) if flip and self._told]
        c.x(flipped).measure(list(qubits), bits).x(flipped)
        record = Record(gate.key, bits, [flip and not self._told for flip in inverted])
        self._out.records.setdefault(gate.mkey, []).append(record)
        if gate.confusion_map:
            self._out.confusions.append((record, gate.confusion_map))

    def _register(self, key: str) -> str:
        name = re.sub(r"[^A-Za-z0-9_]", "_", key)
        name = name if re.match(r"[A-Za-z_]", name) else f"m_{name}"
        base, k = name, 1
        while name in self._names:
            name, k = f"{base}_{k}", k + 1
        self._names.add(name)
        return name


def _amplitudes(gate: Any, qubits: Sequence[int], n: int) -> Any:
    """Give the amplitudes of the whole circuit, the state of its first operation on some qubits."""
    out = np.zeros([2] * n, complex)
    axes = [n - 1 - q for q in qubits]
    index: list[Any] = [0] * n
    for axis in axes:
        index[axis] = slice(None)
    out[tuple(index)] = gate.state.reshape([2] * len(qubits)).transpose(
        np.argsort(np.argsort(axes))
    )
    return out.reshape(-1)


def channel_of(op: cirq.Operation) -> Channel | None:
    """Give the channel of an operation that is not unitary; None of others."""
    if cirq.has_unitary(op) or cirq.is_parameterized(op) or not cirq.has_kraus(op):
        return None
    gate = op.gate
    # By name, trajectories know that nothing of these depends on the state.
    if isinstance(gate, cirq.AsymmetricDepolarizingChannel):
        chances = {k: v for k, v in gate.error_probabilities.items() if set(k) != {"I"}}
        return Channel.pauli(chances)
    if isinstance(gate, cirq.DepolarizingChannel):
        letters = ["".join(word) for word in product("IXYZ", repeat=gate.num_qubits())][1:]
        return Channel.pauli(dict.fromkeys(letters, gate.p / len(letters)))
    return Channel.from_kraus(np.array(cirq.kraus(op)), type(gate).__name__[:20])
