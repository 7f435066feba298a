"""A circuit with control flow as a list of instructions, some of which jump to others."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import Clbit
from qiskit.circuit.classical import expr
from qiskit.circuit.controlflow import CASE_DEFAULT
from qiskit.exceptions import QiskitError

from ketgrad import Circuit, NoiseModel, Operation
from ketgrad.qiskit.conditions import NumberOf
from ketgrad.qiskit.control_flow import FLOW
from ketgrad.qiskit.conversion import empty_like
from ketgrad.qiskit.expressions import Number, evaluate, fitted
from ketgrad.qiskit.reading import Place, Reader


@dataclass
class Memory:
    """Bits and variables while a circuit runs."""

    bits: list[int]
    variables: dict[expr.Var, Number] = field(default_factory=dict)

    def evaluate(self, node: expr.Expr, number: NumberOf) -> Number:
        """Give the value of an expression."""

        def value_of(thing: Any) -> Number:
            if isinstance(thing, Clbit):
                return self.bits[number[thing]]
            if thing not in self.variables:
                raise QiskitError(f"the classical variable '{thing.name}' has no value")
            return self.variables[thing]

        return evaluate(node, value_of)

    def store(self, to: expr.Expr, value: Number, number: NumberOf) -> None:
        """Assign to a variable, a bit, a register or one of its bits."""
        if isinstance(to, expr.Index):
            place = int(self.evaluate(to.index, number))
            self.bits[number[to.target.var[place]]] = int(value)
        elif to.standalone:
            self.variables[to] = value
        else:
            bits = [to.var] if isinstance(to.var, Clbit) else list(to.var)
            for k, bit in enumerate(bits):
                self.bits[number[bit]] = int(value) >> k & 1

    def copy(self) -> "Memory":
        """Give one that changes by itself."""
        return Memory(list(self.bits), dict(self.variables))


@dataclass
class Gates:
    """Unitary operations on all the qubits."""

    circuit: Circuit


@dataclass
class Event:
    """A measurement, a reset, or a channel, whose index of Kraus operators has qubits[0] last."""

    qubits: list[int]
    bit: int | None = None
    kraus: list[NDArray[np.complex128]] | None = None
    misread: tuple[float, float] = (0.0, 0.0)
    """How often a measurement tells 1 for 0, and 0 for 1."""


@dataclass
class Store:
    """An assignment."""

    act: Callable[[Memory], None]


@dataclass
class Jump:
    """Goes on elsewhere, always or unless something holds."""

    unless: Callable[[Memory], bool] | None = None
    to: int = -1


Instruction = Gates | Event | Store | Jump


def assemble(circuit: QuantumCircuit, noise: NoiseModel | None = None) -> list[Instruction]:
    """Make the list of a circuit. Raises QiskitError naming what ketgrad lacks."""
    return _Assembler(circuit, noise).instructions


class _Assembler(Reader):
    """Reads into one circuit, of which control flow makes instructions on the way."""

    def __init__(self, circuit: QuantumCircuit, noise: NoiseModel | None) -> None:
        super().__init__()
        self.flow = _FLOW
        self._noise = noise
        self.instructions: list[Instruction] = []
        self.around: list[tuple[list[Jump], list[Jump]]] = []
        """Of each loop around, the jumps out of it, and those to its next round."""
        self._out = empty_like(circuit)
        self._done = 0  # operations that have become instructions
        self.inline(self._out, circuit, Place.of(circuit))
        self._flush()

    def add(self, instruction: Instruction) -> None:
        """Add an instruction behind all that has been read."""
        self._flush()
        self.instructions.append(instruction)

    def jump(self, unless: Callable[[Memory], bool] | None = None) -> Jump:
        """Add a jump whose aim is not known yet."""
        jump = Jump(unless)
        self.add(jump)
        return jump

    def come(self, *jumps: Jump) -> int:
        """Let jumps come here, and say where that is."""
        self._flush()
        here = len(self.instructions)
        for jump in jumps:
            jump.to = here
        return here

    def _flush(self) -> None:
        """Make instructions of what has been read."""
        read, gates = _nothing(self._out), _nothing(self._out)
        for op in self._out.operations[self._done :]:
            read.add(op)
        self._done = self._out.size
        if self._noise is not None:
            read = self._noise.apply(read)
        for op in read:
            if op.name in ("measure", "reset", "channel"):
                self._add_gates(gates)
                gates = _nothing(self._out)
                self.instructions.append(_event(op, self._out))
            elif op.name != "barrier":
                gates.add(op)
        self._add_gates(gates)

    def _add_gates(self, gates: Circuit) -> None:
        if gates.size:
            self.instructions.append(Gates(gates))


def _event(op: Operation, like: Circuit) -> Event:
    (told,) = json.loads(_nothing(like).add(op).to_json())["operations"]
    if op.name != "channel":
        wrong = told.get("readout_error", {})
        misread = (wrong.get("one_for_zero", 0.0), wrong.get("zero_for_one", 0.0))
        return Event(op.targets, op.bit, misread=misread)
    pairs = np.array(told["channel"]["kraus"])
    return Event(op.targets, kraus=list(pairs[..., 0] + 1j * pairs[..., 1]))


def _nothing(like: Circuit) -> Circuit:
    return Circuit(like.qubit_registers, like.bit_registers)


def _asks(condition: Any, number: NumberOf) -> Callable[[Memory], bool]:
    if not isinstance(condition, tuple):
        return lambda memory: bool(memory.evaluate(condition, number))
    target, value = condition
    return lambda memory: _told(memory, target, number) == int(value)


def _told(memory: Memory, target: Any, number: NumberOf) -> int:
    """Give the value of a bit, a register or an expression."""
    if isinstance(target, expr.Expr):
        return int(memory.evaluate(target, number))
    bits = [target] if isinstance(target, Clbit) else list(target)
    return sum(memory.bits[number[bit]] << k for k, bit in enumerate(bits))


def _if_else(to: _Assembler, out: Circuit, op: Any, place: Place) -> None:
    then, otherwise = (*op.blocks, None)[:2]
    over = to.jump(unless=_asks(op.condition, place.number))
    to.inline(out, then, place)
    if otherwise is not None:
        end = to.jump()
        to.come(over)
        to.inline(out, otherwise, place)
        over = end
    to.come(over)


def _switch(to: _Assembler, out: Circuit, op: Any, place: Place) -> None:
    ends = []
    for labels, block in op.cases_specifier():
        over = []
        if CASE_DEFAULT not in labels:
            wanted = frozenset(map(int, labels))
            over = [to.jump(unless=_is_among(wanted, op.target, place.number))]
        to.inline(out, block, place)
        ends.append(to.jump())
        to.come(*over)
    to.come(*ends)


def _is_among(wanted: frozenset[int], target: Any, number: NumberOf) -> Callable[[Memory], bool]:
    return lambda memory: _told(memory, target, number) in wanted


def _while_loop(to: _Assembler, out: Circuit, op: Any, place: Place) -> None:
    start = to.come()
    ends = [to.jump(unless=_asks(op.condition, place.number))]
    again: list[Jump] = []
    to.around.append((ends, again))
    to.inline(out, op.blocks[0], place)
    again.append(to.jump())
    to.around.pop()
    for jump in again:
        jump.to = start
    to.come(*ends)


def _for_loop(to: _Assembler, out: Circuit, op: Any, place: Place) -> None:
    indices, parameter, block = op.params
    ends: list[Jump] = []
    for index in indices:
        bound, again = block, list[Jump]()
        if isinstance(parameter, expr.Var):
            to.add(_store_of(parameter, expr.Value(index, parameter.type), place.number))
        elif parameter is not None:
            bound = block.assign_parameters({parameter: index})
        to.around.append((ends, again))
        to.inline(out, bound, place)
        to.around.pop()
        to.come(*again)
    to.come(*ends)


def _store_of(variable: expr.Expr, value: expr.Expr, number: NumberOf) -> Store:
    return Store(
        lambda memory: memory.store(
            variable, fitted(memory.evaluate(value, number), variable.type), number
        )
    )


def _leave(to: _Assembler, _: Circuit, op: Any, __: Place) -> None:
    ends, again = to.around[-1]
    (ends if op.name == "break_loop" else again).append(to.jump())


_FLOW: dict[str, Callable[[Any, Circuit, Any, Any], object]] = {
    **FLOW,  # a box is what it is there
    "if_else": _if_else,
    "switch_case": _switch,
    "for_loop": _for_loop,
    "while_loop": _while_loop,
    "break_loop": _leave,
    "continue_loop": _leave,
    "store": lambda to, _, op, place: to.add(_store_of(op.lvalue, op.rvalue, place.number)),
}
