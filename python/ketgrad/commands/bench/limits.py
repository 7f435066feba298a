"""The limits of the machine: what memory and arithmetic allow."""

from typing import Any

from ketgrad import _core
from ketgrad.commands.bench.timing import fits, median, on_threads, state_bytes

_WIDE_QUBITS = 25  # 512 MiB in double precision: beyond the caches of most machines


def memory_bandwidth(threads: int, repeats: int) -> dict[str, Any]:
    """Bytes a second that an in-place scale of a big array reads and writes."""
    n_qubits = _WIDE_QUBITS
    while not fits(n_qubits, "double", 2):
        n_qubits -= 1
    with on_threads(threads):
        seconds = _core._pass_seconds([], n_qubits, "double", repeats=repeats, min_seconds=0.0)
    size = state_bytes(n_qubits, "double")
    return {
        "threads": threads,
        "array_bytes": size,
        "bytes_per_second": 2 * size / median(seconds),
    }


def peak_arithmetic(threads: int) -> dict[str, Any]:
    """Multiply-adds in registers: operations a second in double precision (single: twice that)."""
    return {"threads": threads, "flops_per_second": _core._peak_flops(threads)}
