"""Reads what Qiskit's circuits have, instruction by instruction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import ControlledGate, Instruction
from qiskit.circuit.library import CUGate
from qiskit.exceptions import QiskitError

from ketgrad import Circuit
from ketgrad.qiskit import gates
from ketgrad.qiskit.angles import angle
from ketgrad.qiskit.conditions import NumberOf, Table, UndecidedError, Variables
from ketgrad.qiskit.control_flow import FLOW
from ketgrad.qiskit.operations import APPENDS, control

_DEEPEST = 50  # definitions in definitions
_ANGLES_OF_U = 3
Lift = Callable[[Any], Any]
"""What becomes of the angles of the gates that a circuit itself has."""


@dataclass(frozen=True)
class Place:
    """Where an operation stands: its qubits and bits by number, and all bits that it may ask."""

    qubits: list[int]
    bits: list[int]
    number: NumberOf

    @classmethod
    def of(cls, circuit: QuantumCircuit) -> "Place":
        """Give the place of all that a circuit has."""
        number = {bit: k for k, bit in enumerate(circuit.clbits)}
        return cls(list(range(circuit.num_qubits)), list(number.values()), number)


@dataclass
class Held:
    """A condition that holds; None for one on more bits than tables have."""

    table: Table | None
    changed: set[int] = field(default_factory=set)
    """Bits that have been measured since it was asked."""

    def unchanged(self) -> Table:
        """Give the condition. Raises UndecidedError where its bits tell it no longer."""
        if self.table is None:
            raise UndecidedError("ketgrad has no classical variables that a wide register decides")
        if again := self.changed & set(self.table.bits):
            raise UndecidedError(f"bit {min(again)} is measured inside of what depends on it")
        return self.table


class Reader:
    """Appends operations of Qiskit to circuits, and follows classical variables on the way."""

    def __init__(self, max_rounds: int | None = None) -> None:
        self.max_rounds = max_rounds
        self.flow = FLOW
        self.variables = Variables()
        self.path: list[Held] = []
        """What holds where the reader is."""
        self.loops: list[int] = []
        """How much of the path was there where each loop around it began."""
        self.beginning: Circuit | None = None
        """The circuit whose qubits are |0> where it begins."""

    def phase(self, out: Circuit, circuit: QuantumCircuit) -> None:
        """Append a circuit's global phase."""
        if circuit.global_phase != 0:
            gates.phase(out, angle(circuit.global_phase))

    def read(
        self,
        out: Circuit,
        circuit: QuantumCircuit,
        place: Place,
        lift: Lift = angle,
        depth: int = 0,
    ) -> None:
        """Append what a circuit has, its qubit k on qubits[k]; its phase is left to the caller."""
        qubit_of = dict(zip(circuit.qubits, place.qubits, strict=True))
        number = {**place.number, **dict(zip(circuit.clbits, place.bits, strict=True))}
        for item in circuit.data:
            on = [qubit_of[q] for q in item.qubits]
            if item.name in gates.BUILDS and item.is_standard_gate():
                gates.BUILDS[item.name](out, [lift(p) for p in item.params], on)
            else:
                own = Place(on, [number[bit] for bit in item.clbits], number)
                self.append(out, item.operation, own, depth)

    def append(self, out: Circuit, op: Instruction, place: Place, depth: int = 0) -> None:
        """Append an instruction that is no standard gate."""
        if depth > _DEEPEST:
            raise QiskitError(f"'{op.name}' is defined by itself, or through {_DEEPEST} others")
        qubits = place.qubits
        if op.name in self.flow:
            self.flow[op.name](self, out, op, place)
        elif op.name in APPENDS:
            APPENDS[op.name](self, out, op, place)
        elif isinstance(op, ControlledGate) and _is_base_controlled(op):
            controls, targets = qubits[: op.num_ctrl_qubits], qubits[op.num_ctrl_qubits :]
            control(out, self.whole(op.base_gate, depth), op.ctrl_state, controls, targets)
        elif op.name in gates.BUILDS and getattr(op, "_standard_gate", None) is not None:
            gates.BUILDS[op.name](out, [angle(p) for p in op.params], qubits)
        elif (definition := _definition(op)) is not None:
            self.inline(out, definition, place, depth + 1)
        else:
            out.unitary(_matrix(op), qubits)

    def inline(self, out: Circuit, circuit: QuantumCircuit, place: Place, depth: int = 0) -> None:
        """Append all that a circuit has, its phase too."""
        self.phase(out, circuit)
        self.read(out, circuit, place, depth=depth)

    def whole(self, op: Instruction, depth: int = 0) -> Circuit:
        """Give an operation as a circuit of its own."""
        out = Circuit(max(1, op.num_qubits))
        item = QuantumCircuit(op.num_qubits)
        item.append(op, range(op.num_qubits))
        self.read(out, item, Place.of(item), depth=depth + 1)
        return out

    def measured(self, bits: list[int]) -> None:
        """Note that bits have been measured."""
        for held in self.path:
            held.changed |= set(bits)
        for bit in bits:
            self.variables.forget(bit)

    @contextmanager
    def where(self, condition: Table | None) -> Iterator[None]:
        """Read what acts where this holds, too."""
        self.path.append(Held(condition))
        try:
            yield
        finally:
            self.path.pop()

    def holds(self) -> list[Table]:
        """Give what holds where the reader is, none of it changed since."""
        return [held.unchanged() for held in self.path]


def _matrix(op: Any) -> Any:
    try:
        return op.to_matrix()
    except (AttributeError, QiskitError) as error:
        raise QiskitError(f"ketgrad has no '{op.name}', and it has no definition") from error


def _is_base_controlled(op: ControlledGate) -> bool:
    """Whether a gate is its base gate where its controls hold; others go by their definition.

    The base gate of a CU lacks the phase, or has it as a fourth angle that its name does not know;
    some gates are on more or fewer qubits than their controls and base.
    """
    base = op.base_gate
    return (
        not isinstance(op, CUGate)
        and not (base.name == "u" and len(base.params) != _ANGLES_OF_U)
        and base.num_qubits + op.num_ctrl_qubits == op.num_qubits
    )


def _definition(op: Any) -> QuantumCircuit | None:
    definition = getattr(op, "definition", None)
    if definition is None and hasattr(op, "to_circuit"):  # a Clifford, say
        definition = op.to_circuit()
    return definition
