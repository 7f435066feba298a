"""Classical values and conditions that a circuit's measured bits decide."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from qiskit.circuit import ClassicalRegister, Clbit
from qiskit.circuit.classical import expr
from qiskit.exceptions import QiskitError

from ketgrad import Circuit
from ketgrad.qiskit.expressions import Number, evaluate

MOST_BITS = 10  # of a condition: all their values are tried
Values = dict[int, int]
"""The value, 0 or 1, of bits by their number in the circuit."""
NumberOf = Mapping[Clbit, int]


class UndecidedError(QiskitError):  # type: ignore[misc]
    """What is decided while a circuit runs, and has no place in one of ketgrad."""


@dataclass(frozen=True)
class Table:
    """A number that depends on bits: one for each of their values, the last bit's changing first.

    Bits that make no difference are none of its bits.
    """

    bits: tuple[int, ...]
    numbers: tuple[Number, ...]

    @property
    def is_decided(self) -> bool:
        """Whether it is the same whatever has been measured."""
        return not self.bits

    def at(self, values: Values) -> Number:
        """Give the number where its bits have these values."""
        index = 0
        for bit in self.bits:
            index = 2 * index + values[bit]
        return self.numbers[index]

    def cases(self, *, holds: bool) -> list[Values]:
        """Give all values of its bits where it is true, or where it is false."""
        every = product((0, 1), repeat=len(self.bits))
        return [
            dict(zip(self.bits, values, strict=True))
            for values, number in zip(every, self.numbers, strict=True)
            if bool(number) == holds
        ]


def constant(number: Number) -> Table:
    """Make a table of one number."""
    return Table((), (number,))


def tabulate(bits: list[int], number: Callable[[Values], Number]) -> Table:
    """Make a table of a number that depends on no other bits than these."""
    if len(bits) > MOST_BITS:
        raise UndecidedError(f"a condition on {len(bits)} bits; ketgrad takes {MOST_BITS} at most")
    every = product((0, 1), repeat=len(bits))
    numbers = [number(dict(zip(bits, values, strict=True))) for values in every]
    left = []
    for k, bit in enumerate(bits):
        half = 1 << len(bits) - 1 - k
        if all(numbers[i] == numbers[i ^ half] for i in range(len(numbers))):
            continue
        left.append(bit)
    places = [i for i in range(len(numbers)) if not _has_other(i, bits, left)]
    return Table(tuple(left), tuple(numbers[i] for i in places))


def _has_other(index: int, bits: list[int], left: list[int]) -> bool:
    """Whether a bit that makes no difference is 1 there."""
    last = len(bits) - 1
    return any(index >> last - k & 1 for k, bit in enumerate(bits) if bit not in left)


class Variables:
    """The values of classical variables while a circuit is read."""

    def __init__(self) -> None:
        self._tables: dict[expr.Var, Table] = {}
        self._stale: dict[expr.Var, int] = {}

    def table(self, node: expr.Expr, number: NumberOf) -> Table:
        """Give an expression's value. Raises QiskitError for variables without one."""
        bits: dict[int, None] = {}
        for var in expr.iter_vars(node):
            if isinstance(var.var, Clbit):
                bits[number[var.var]] = None
            elif isinstance(var.var, ClassicalRegister):
                bits |= dict.fromkeys(number[bit] for bit in var.var)
            else:
                bits |= dict.fromkeys(self._of(var).bits)

        def at(values: Values) -> Number:
            def value_of(thing: Any) -> Number:
                if isinstance(thing, Clbit):
                    return values[number[thing]]
                return self._of(thing).at(values)

            return evaluate(node, value_of)

        return tabulate(list(bits), at)

    def _of(self, var: expr.Var) -> Table:
        if var in self._stale:
            raise UndecidedError(
                f"the variable '{var.name}' depends on bit {self._stale[var]}, which has been "
                "measured again"
            )
        if var not in self._tables:
            raise QiskitError(f"the classical variable '{var.name}' has no value")
        return self._tables[var]

    def store(self, var: expr.Var, value: Table, where: list[Table]) -> None:
        """Give a variable a value where all these hold; it keeps one that it has elsewhere."""
        if where and var in self._tables:
            before = self._of(var)
            bits = {bit: None for table in (value, before, *where) for bit in table.bits}

            def at(values: Values) -> Number:
                return (value if all(t.at(values) for t in where) else before).at(values)

            value = tabulate(list(bits), at)
        self._tables[var] = value
        self._stale.pop(var, None)

    def forget(self, bit: int) -> None:
        """Note that a bit has been measured."""
        self._stale |= {var: bit for var, table in self._tables.items() if bit in table.bits}


def values_of(target: Clbit | ClassicalRegister, value: int, number: NumberOf) -> list[Values]:
    """Give the values of the bits where a bit or register has a value: none where it cannot."""
    bits = [target] if isinstance(target, Clbit) else list(target)
    if value >> len(bits):
        return []
    return [{number[bit]: value >> k & 1 for k, bit in enumerate(bits)}]


def append_if(out: Circuit, holds: list[Values], then: Circuit, otherwise: Circuit) -> None:
    """Append a circuit that acts where bits have one of some values, and one that does elsewhere.

    Raises UndecidedError where a measurement inside would change what it depends on.
    """
    if not holds:
        out.compose(otherwise)
        return
    first, *others = holds
    if others:
        nested = Circuit(out.qubit_registers, out.bit_registers)
        append_if(nested, others, then, otherwise)
        otherwise = nested
    try:
        out.when(first, then, otherwise)
    except ValueError as error:
        raise UndecidedError(f"ketgrad cannot run this control flow: {error}") from error
