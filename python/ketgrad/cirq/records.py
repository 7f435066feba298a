"""Bits of shots as what Cirq tells of its measurements."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import cirq
import numpy as np
from numpy.typing import NDArray

from ketgrad.cirq.reading import Read

Bits = NDArray[np.uint8]


def records_of(read: Read, memory: Bits, random: np.random.RandomState) -> dict[str, Bits]:
    """Give shape (shots, times that the key was measured, qubits) a key of memory (shots, bits)."""
    confusion = {id(record): of for record, of in read.confusions}
    out = {}
    for key, records in read.records.items():
        widths = {len(record.bits) for record in records}
        if len(widths) > 1:
            raise ValueError(
                f"key {str(key)!r} is measured on different numbers of qubits: {widths}"
            )
        each = []
        for record in records:
            told = memory[:, record.bits] ^ np.array(record.inverted, np.uint8)
            _confuse(told, confusion.get(id(record), {}), random)
            each.append(told)
        out[str(key)] = np.stack(each, axis=1)
    return out


def _confuse(told: Bits, of: Mapping[tuple[int, ...], Any], random: np.random.RandomState) -> None:
    """Replace bits in place by what a measurement that errs tells."""
    for places, matrix in of.items():
        weights = 1 << np.arange(len(places))[::-1]
        true = told[:, list(places)] @ weights
        chances = np.cumsum(matrix, axis=1)[true]
        found = (random.random_sample(len(told))[:, None] >= chances[:, :-1]).sum(axis=1)
        told[:, list(places)] = (found[:, None] & weights) > 0


def padded(shots: Sequence[cirq.ClassicalDataStoreReader]) -> dict[str, Bits]:
    """Give the same of classical data, a store a shot; of what was not measured, zeros."""
    keys = {key: None for store in shots for key in (*store.records, *store.channel_records)}
    return {str(key): _padded([_of_key(store, key) for store in shots]) for key in keys}


def _of_key(store: Any, key: cirq.MeasurementKey) -> list[Iterable[int]]:
    if key in store.channel_records:
        return [[k] for k in store.channel_records[key]]
    return list(store.records.get(key, []))


def _padded(shots: Sequence[Sequence[Any]]) -> Bits:
    width = max(len(bits) for shot in shots for bits in shot)
    out = np.zeros((len(shots), max(map(len, shots)), width), np.uint8)
    for row, shot in zip(out, shots, strict=True):
        for told, bits in zip(row, shot, strict=False):
            told[:] = bits
    return out
