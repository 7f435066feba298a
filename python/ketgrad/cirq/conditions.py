"""Cirq's classical controls as values of bits."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import cirq

Cube = dict[int, int]
"""Bits, and the value that each must have."""
Records = Mapping[cirq.MeasurementKey, Sequence["Record"]]

_TABLE = 8  # bits whose values are all tried


class Record:
    """The bits of one measurement, the first qubit's first, and which are told inverted."""

    def __init__(self, key: str, bits: Sequence[int], inverted: Sequence[bool]) -> None:
        self.key, self.bits, self.inverted = key, list(bits), list(inverted)

    def values(self, told: Sequence[int]) -> Cube:
        """Give the values that the bits have where the measurement tells these."""
        pairs = zip(self.bits, told, self.inverted, strict=True)
        return {bit: int(value) ^ int(inverted) for bit, value, inverted in pairs}


def cubes(conditions: Sequence[cirq.Condition], records: Records) -> list[Cube]:
    """Give values of bits, one set of which holds where all the conditions do, and else none."""
    out: list[Cube] = [{}]
    for condition in conditions:
        each = list(_cubes(condition, records))
        out = [{**a, **b} for a in out for b in each if all(a.get(k, v) == v for k, v in b.items())]
    return out


def _cubes(condition: cirq.Condition, records: Records) -> Iterator[Cube]:
    for key in condition.keys:
        if key not in records:
            raise ValueError(f"Measurement key {key} missing when testing classical control")
    if isinstance(condition, cirq.KeyCondition):
        record = records[condition.key][condition.index]
        yield from _other_than(record.values([0] * len(record.bits)))
    elif isinstance(condition, cirq.BitMaskKeyCondition):
        yield from _masked(condition, records[condition.key][condition.index])
    else:
        yield from _tried(condition, records)


def _other_than(cube: Cube) -> Iterator[Cube]:
    """Give the cubes of everything else: the first bit that differs is each in turn."""
    before: Cube = {}
    for bit, value in cube.items():
        yield {**before, bit: 1 - value}
        before[bit] = value


def _masked(condition: cirq.BitMaskKeyCondition, record: Record) -> Iterator[Cube]:
    n, target, mask = len(record.bits), condition.target_value, condition.bitmask
    shown = (2**n - 1) & (mask if mask is not None else -1)
    digits = cirq.big_endian_int_to_bits
    if target & ~shown:  # a value that never comes
        if not condition.equal_target:
            yield {}
        return
    cube = record.values(digits(target, bit_count=n))
    seen = digits(shown, bit_count=n)
    cube = {bit: cube[bit] for bit, counts in zip(record.bits, seen, strict=True) if counts}
    if condition.equal_target:
        yield cube
    else:
        yield from _other_than(cube)


def _tried(condition: cirq.Condition, records: Records) -> Iterator[Cube]:
    """Ask the condition itself, for all values of its bits."""
    found = [(key, record) for key in condition.keys for record in records[key]]
    n = sum(len(record.bits) for _, record in found)
    if n > _TABLE:
        raise TypeError(f"the condition {condition} is of {n} bits, of which {_TABLE} are tried")
    for told in product((0, 1), repeat=n):
        store, rest = cirq.ClassicalDataDictionaryStore(), list(told)
        cube: Cube = {}
        for key, record in found:
            own = [rest.pop(0) for _ in record.bits]
            store.record_measurement(key, own, cirq.LineQubit.range(len(own)))
            cube |= record.values(own)
        if condition.resolve(store):
            yield cube


class NotAll(cirq.Condition):  # type: ignore[misc]
    """That not all of some conditions hold."""

    def __init__(self, conditions: Sequence[cirq.Condition]) -> None:
        self._conditions = tuple(conditions)

    @property
    def keys(self) -> tuple[cirq.MeasurementKey, ...]:
        """The keys that it is of."""
        return tuple(key for condition in self._conditions for key in condition.keys)

    def replace_key(self, current: Any, replacement: Any) -> "NotAll":
        """Give the same of another key."""
        return NotAll([c.replace_key(current, replacement) for c in self._conditions])

    @property
    def qasm(self) -> str:
        """Raise ValueError: OpenQASM 2 has no such condition."""
        raise ValueError(f"OpenQASM 2 has no condition {self}")

    def resolve(self, classical_data: Any) -> bool:
        """Whether it holds."""
        return not all(c.resolve(classical_data) for c in self._conditions)

    def __str__(self) -> str:
        return f"not ({' and '.join(map(str, self._conditions))})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NotAll) and other._conditions == self._conditions

    def __hash__(self) -> int:
        return hash(self._conditions)
