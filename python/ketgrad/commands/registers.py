"""Registers of classical bits: outcomes as text with a gap between them, and conditions on them."""

import argparse
import re
from collections.abc import Iterable
from typing import NamedTuple

Registers = list[tuple[str, int]]  # names and sizes, as Circuit.bit_registers gives them

_LONGEST = 2000
_CONDITION = re.compile(r"(?P<name>[^\[\]=]+)(\[(?P<bit>\d+)\])?=(?P<value>\d+|0b[01]+)")


def spaced(outcome: str, registers: Registers) -> str:
    """Set the registers of an outcome apart; the last stands leftmost, as its bits do.

    >>> spaced("100", [("c", 2), ("d", 1)])
    '1 00'
    """
    parts = []
    for _, size in registers:
        cut = len(outcome) - size
        parts.append(outcome[cut:])
        outcome = outcome[:cut]
    return " ".join(reversed(parts))


class Condition(NamedTuple):
    """That a register, or one bit of it, has a value."""

    name: str
    bit: int | None
    value: int

    def __str__(self) -> str:
        where = self.name if self.bit is None else f"{self.name}[{self.bit}]"
        return f"{where}={self.value}"


def condition(text: str) -> Condition:
    """Read an option such as ``c=2`` or ``c[1]=1``.

    >>> condition("c=0b10"), condition("c[1]=1")
    (Condition(name='c', bit=None, value=2), Condition(name='c', bit=1, value=1))
    """
    found = _CONDITION.fullmatch(text) if len(text) <= _LONGEST else None
    if not found:
        raise argparse.ArgumentTypeError(
            f"{text[:40]!r} must be REGISTER=NUMBER or REGISTER[BIT]=0 or 1, such as c=2 or c[1]=1"
        )
    bit, value = found["bit"], found["value"]
    return Condition(
        found["name"],
        None if bit is None else int(bit),
        int(value[2:], 2) if value.startswith("0b") else int(value),
    )


def bits_of(conditions: Iterable[Condition], registers: Registers) -> dict[int, int]:
    """Find the bits that must have values, as Circuit.run(postselect=...) takes them.

    >>> bits_of([condition("d=1"), condition("c[1]=0")], [("c", 2), ("d", 1)])
    {2: 1, 1: 0}
    """
    found: dict[int, int] = {}
    for each in conditions:
        first, size = _place(each.name, registers)
        if each.bit is not None and each.bit >= size:
            raise ValueError(f"{each}: register {each.name!r} has {size} bit(s)")
        width = size if each.bit is None else 1
        if each.value >= 1 << width:
            raise ValueError(f"{each}: {width} bit(s) hold 0 to {(1 << width) - 1}")
        for k in range(width):
            bit, value = first + (each.bit or 0) + k, each.value >> k & 1
            if found.setdefault(bit, value) != value:
                raise ValueError(f"{each} contradicts what comes before it")
    return found


def _place(name: str, registers: Registers) -> tuple[int, int]:
    """Find the first bit of a register, and its size."""
    first = 0
    for each, size in registers:
        if each == name:
            return first, size
        first += size
    names = ", ".join(repr(each) for each, _ in registers)
    raise ValueError(f"there is no register of classical bits called {name!r}; there is {names}")
