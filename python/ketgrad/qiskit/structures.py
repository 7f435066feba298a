"""The structure of a circuit, which is compiled once, and its numbers, which change."""

from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import ControlledGate, Gate, Parameter, ParameterExpression

from ketgrad import (
    NoiseModel,
    ParameterVector,
    PauliSum,
    compile,  # noqa: A004 - the word of the field
    compile_noisy,
)
from ketgrad._clients import Held, Remembered
from ketgrad.qiskit.angles import angle
from ketgrad.qiskit.checks import require_finite
from ketgrad.qiskit.conditions import UndecidedError
from ketgrad.qiskit.control_flow import FLOW
from ketgrad.qiskit.conversion import convert
from ketgrad.qiskit.course import Course
from ketgrad.qiskit.gates import BUILDS
from ketgrad.qiskit.observables import key as key_of
from ketgrad.qiskit.observables import pauli_sum
from ketgrad.qiskit.operations import APPENDS

Floats = NDArray[np.float64]
_STRUCTURES = 256  # that are remembered
_PROGRAMS = 64  # of each, by their observables
_PLAIN = frozenset({"measure", "reset", "barrier"})
_DEEPEST = 10  # definitions in definitions that are told without a conversion
_SLOT = "angle of the circuit "


class Structure:
    """A circuit of ketgrad with the programs made of it.

    A circuit without parameters has its numbers as inputs: so what differs from it by those alone
    is run by the same programs.
    """

    def __init__(self, circuit: QuantumCircuit) -> None:
        self.names = [p.name for p in circuit.parameters]
        """Qiskit's parameters, in its order."""
        n_slots = 0 if self.names else len(_numbers(circuit))
        slots = iter(ParameterVector(_SLOT, n_slots) if n_slots else ())
        lifted = bool(n_slots)
        self.circuit = convert(circuit, lambda value: next(slots) if lifted else angle(value))
        self.n_bits = self.circuit.n_bits
        self.core = self.circuit.without_final_measurements()
        self.bits = {op.bit: op.targets[0] for op in self.circuit if op.name == "measure"}
        """The qubit whose outcome each classical bit has, where no measurement is in between."""
        used = set(self.circuit.parameters)
        slot_names = [f"{_SLOT}[{k}]" for k in range(n_slots)]
        self.inputs = slot_names or [name for name in self.names if name in used]
        self.columns = [k for k, name in enumerate(self.names) if name in used]
        """Of the parameters that make a difference."""
        self._programs = Remembered(_PROGRAMS)

    def rows(self, numbers: Floats, values: Floats) -> Floats:
        """Give the inputs of the programs, a row a sample, of values of Qiskit's parameters."""
        if len(numbers):
            return np.broadcast_to(numbers, (len(values), len(numbers)))
        require_finite(values, self.names)
        return values if len(self.columns) == values.shape[1] else values[:, self.columns]

    def state_program(self, observables: Sequence[Any] = ()) -> Any:
        """Compile the circuit without its final measurements, unless that has been done."""

        def make(sums: list[PauliSum]) -> Any:
            return compile(self.core, sums, self.inputs or None)

        return self._compiled("state", observables, make)

    def program(self, observables: Sequence[Any], noise: NoiseModel | None) -> Any:
        """Compile for observables of what noise and measurements, if there are any, have left."""
        if noise is None and self.core.is_unitary and not self.bits:
            return self.state_program(observables)

        def make(sums: list[PauliSum]) -> Any:
            return compile_noisy(self.circuit, sums, noise, self.inputs or None)

        return self._compiled(noise.to_json() if noise else None, observables, make)

    def _compiled(
        self, kind: Hashable, observables: Sequence[Any], make: Callable[[list[PauliSum]], Any]
    ) -> Any:
        keys = (kind, *map(key_of, observables))
        with _lock:
            held = self._programs.once(keys, lambda: Held(make(list(map(pauli_sum, observables)))))
            return held.get()


_structures = Remembered(_STRUCTURES)
_lock = Lock()  # jobs of primitives run in threads


def find(circuit: QuantumCircuit) -> tuple[Structure | Course, Floats]:
    """Give the structure of a circuit, compiled once, and its numbers where those are inputs.

    Where the circuit decides its course while it runs, it has none, but a course.
    """
    numbers = np.array([] if circuit.num_parameters else _numbers(circuit))
    try:
        key = _key(circuit)
    except UndecidedError:
        return Course(circuit), np.empty(0)
    with _lock:
        found = _structures.once(key, lambda: Structure(circuit))
    return found, numbers


def _numbers(circuit: QuantumCircuit) -> list[float]:
    """Give the angles of the gates that a circuit itself has."""
    return [
        angle(value)  # type: ignore[misc]
        for item in circuit.data
        if item.params and item.name in BUILDS and item.is_standard_gate()
        for value in item.params
    ]


def _key(circuit: QuantumCircuit) -> Hashable:
    """Give what circuits share that differ by numbers in the place of inputs alone."""
    lifted = not circuit.num_parameters
    items = _items(circuit, lifted=lifted)
    if items is None:
        # What has blocks or a rule of its own is told by what it comes to.
        return lifted, convert(circuit, _no_number if lifted else angle).to_json()
    number = _number(circuit)
    registers = tuple((r.name, tuple(number[b] for b in r)) for r in circuit.cregs)
    names = tuple(p.name for p in circuit.parameters)
    sizes = (circuit.num_qubits, circuit.num_clbits)
    return (sizes, registers, names, _told(circuit.global_phase), items)


def _number(circuit: QuantumCircuit) -> dict[Any, int]:
    return {bit: k for k, bit in enumerate((*circuit.qubits, *circuit.clbits))}


def _items(circuit: QuantumCircuit, *, lifted: bool, depth: int = 0) -> tuple[Any, ...] | None:
    """Give what tells the operations of a circuit; None where a conversion has to."""
    number = _number(circuit)
    items: list[Hashable] = []
    for item in circuit.data:
        told: Hashable = ()
        if item.name in BUILDS and item.is_standard_gate():
            told = () if lifted else tuple(map(_told, item.params))
        elif item.name not in _PLAIN:
            told = _defined(item.operation, depth)
            if told is None:
                return None
        items.append((item.name, tuple(number[bit] for bit in (*item.qubits, *item.clbits)), told))
    return tuple(items)


def _defined(op: Any, depth: int) -> Hashable:
    """Give what tells a gate that is read by its definition, whose numbers are no inputs."""
    by_a_rule = op.name in APPENDS or op.name in FLOW or op.name in BUILDS
    if by_a_rule or isinstance(op, ControlledGate) or not isinstance(op, Gate) or depth == _DEEPEST:
        return None
    definition = op.definition
    items = None if definition is None else _items(definition, lifted=False, depth=depth + 1)
    return None if items is None else (_told(definition.global_phase), items)


def _told(value: Any) -> Hashable:
    """Give what tells an angle from others: the text of an expression is exact, and fast."""
    if isinstance(value, ParameterExpression):
        return (isinstance(value, Parameter), str(value))
    return complex(value)


def _no_number(_: Any) -> float:
    return 0.0
