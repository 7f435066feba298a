"""Qiskit's control flow in circuits of ketgrad: conditions that bits decide, loops unrolled."""

from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import Instruction
from qiskit.circuit.classical import expr
from qiskit.circuit.controlflow import CASE_DEFAULT
from qiskit.exceptions import QiskitError

from ketgrad import Circuit
from ketgrad.qiskit.conditions import (
    MOST_BITS,
    NumberOf,
    Table,
    UndecidedError,
    Values,
    append_if,
    constant,
    tabulate,
    values_of,
)
from ketgrad.qiskit.expressions import fitted

MOST_ROUNDS = 100_000  # of a loop


class _Left(Exception):  # noqa: N818 - no error
    """A loop's body is left before its end."""

    def __init__(self, *, ends_loop: bool) -> None:
        super().__init__()
        self.ends_loop = ends_loop


class _Asked:
    """A condition: where it holds, as a table of its bits or, for a wide register, as values."""

    def __init__(self, table: Table | None, wide: list[Values] | None = None) -> None:
        self.table = table
        self._wide = wide

    def decided(self) -> bool | None:
        """Whether it holds, where nothing that is measured decides it."""
        if self.table is None:
            return None if self._wide else False
        return bool(self.table.at({})) if self.table.is_decided else None

    def append(self, out: Circuit, then: Circuit, otherwise: Circuit) -> None:
        """Append circuits that act where it holds, and elsewhere: by the fewer values."""
        if self.table is None:
            append_if(out, self._wide or [], then, otherwise)
            return
        holds, fails = self.table.cases(holds=True), self.table.cases(holds=False)
        if len(holds) <= len(fails):
            append_if(out, holds, then, otherwise)
        else:
            append_if(out, fails, otherwise, then)

    def negated(self) -> Table | None:
        """Give the table of what it is not."""
        if self.table is None:
            return None
        return Table(self.table.bits, tuple(int(not n) for n in self.table.numbers))


def _is_any(values: list[Values]) -> _Asked:
    """Ask whether bits, the same of each, have one of some values."""
    bits = list(values[0]) if values else []
    if len(bits) > MOST_BITS:
        return _Asked(None, values)
    return _Asked(tabulate(bits, lambda given: int(given in values)))


def _ask(reader: Any, condition: Any, number: NumberOf) -> _Asked:
    if isinstance(condition, tuple):
        return _is_any(values_of(condition[0], int(condition[1]), number))
    return _Asked(reader.variables.table(condition, number))


def _ask_cases(reader: Any, target: Any, labels: Any, number: NumberOf) -> _Asked:
    """Ask whether the target of a switch has one of some values."""
    if not isinstance(target, expr.Expr):
        every = [values for k in labels for values in values_of(target, int(k), number)]
        return _is_any(every)
    of = reader.variables.table(target, number)
    wanted = {int(label) for label in labels}
    return _Asked(Table(of.bits, tuple(int(n in wanted) for n in of.numbers)))


def _body(
    reader: Any, out: Circuit, block: QuantumCircuit, place: Any, *where: Table | None
) -> Circuit:
    """Read what acts where all these hold."""
    body = Circuit(out.qubit_registers, out.bit_registers)
    with ExitStack() as stack:
        for table in where:
            stack.enter_context(reader.where(table))
        reader.inline(body, block, place)
    return body


def _nothing(out: Circuit) -> Circuit:
    return Circuit(out.qubit_registers, out.bit_registers)


def _if_else(reader: Any, out: Circuit, op: Any, place: Any) -> None:
    asked = _ask(reader, op.condition, place.number)
    then, otherwise = (*op.blocks, None)[:2]
    decided = asked.decided()
    if decided is not None:
        if block := then if decided else otherwise:
            reader.inline(out, block, place)
        return
    first = _body(reader, out, then, place, asked.table)
    second = _nothing(out)
    if otherwise is not None:
        second = _body(reader, out, otherwise, place, asked.negated())
    asked.append(out, first, second)


def _switch(reader: Any, out: Circuit, op: Any, place: Any) -> None:
    read: list[tuple[_Asked, Circuit]] = []
    rest = _nothing(out)
    for labels, block in op.cases_specifier():
        before = [asked.negated() for asked, _ in read]
        if CASE_DEFAULT in labels:
            rest = _body(reader, out, block, place, *before)
            break
        asked = _ask_cases(reader, op.target, labels, place.number)
        decided = asked.decided()
        if decided is False:
            continue
        if decided:
            rest = _body(reader, out, block, place, *before)
            break
        read.append((asked, _body(reader, out, block, place, asked.table)))
    for asked, body in reversed(read):
        case = _nothing(out)
        asked.append(case, body, rest)
        rest = case
    out.compose(rest)


def _for_loop(reader: Any, out: Circuit, op: Any, place: Any) -> None:
    indices, parameter, block = op.params
    reader.loops.append(len(reader.path))
    for index in indices:
        bound = block
        if isinstance(parameter, expr.Var):
            value = constant(fitted(index, parameter.type))
            reader.variables.store(parameter, value, reader.holds())
        elif parameter is not None:
            bound = block.assign_parameters({parameter: index})
        try:
            reader.inline(out, bound, place)
        except _Left as left:
            if left.ends_loop:
                break
    reader.loops.pop()


def _while_loop(reader: Any, out: Circuit, op: Any, place: Any) -> None:
    block = op.blocks[0]
    rounds = 0
    while True:
        asked = _ask(reader, op.condition, place.number)
        decided = asked.decided()
        if decided is False:
            return
        if decided is None and reader.max_rounds is None:
            raise UndecidedError(
                "ketgrad has no circuit of a 'while_loop' that measured bits decide: give "
                "from_qiskit(max_rounds=), or run it by a primitive"
            )
        if decided is None and rounds == reader.max_rounds:
            return
        if rounds == MOST_ROUNDS:
            raise QiskitError(f"a 'while_loop' has not ended after {MOST_ROUNDS} rounds")
        rounds += 1
        if not _round(reader, out, block, place, None if decided else asked):
            return


def _round(
    reader: Any, out: Circuit, block: QuantumCircuit, place: Any, asked: _Asked | None
) -> bool:
    """Read a round, of which a condition decides or none, and say whether others may follow."""
    goes_on, body = True, _nothing(out) if asked else out
    with reader.where(asked.table) if asked else nullcontext():
        reader.loops.append(len(reader.path))
        try:
            reader.inline(body, block, place)
        except _Left as left:
            goes_on = not left.ends_loop
        reader.loops.pop()
    if asked:
        asked.append(out, body, _nothing(out))
    return goes_on


def _leave(reader: Any, _: Circuit, op: Instruction, __: Any) -> None:
    if len(reader.path) > reader.loops[-1]:
        raise UndecidedError(f"ketgrad has no circuit of a '{op.name}' that measured bits decide")
    raise _Left(ends_loop=op.name == "break_loop")


def _store(reader: Any, _: Circuit, op: Any, place: Any) -> None:
    if not (isinstance(op.lvalue, expr.Var) and op.lvalue.standalone):
        raise UndecidedError("ketgrad has no circuit of a 'store' into classical bits")
    value = reader.variables.table(op.rvalue, place.number)
    reader.variables.store(op.lvalue, value, reader.holds())


FLOW: dict[str, Callable[[Any, Circuit, Any, Any], object]] = {
    "if_else": _if_else,
    "switch_case": _switch,
    "for_loop": _for_loop,
    "while_loop": _while_loop,
    "break_loop": _leave,
    "continue_loop": _leave,
    "store": _store,
    "box": lambda reader, out, op, place: reader.inline(out, op.blocks[0], place),
}
"""By name, what appends an operation: given the reader, the circuit, the operation, its place."""
