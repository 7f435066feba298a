"""How much memory this process has, for tests of what is kept."""

import gc
import os
from collections.abc import Callable
from pathlib import Path

STATE = 16 * 2**20  # of 20 qubits in double precision


def resident() -> int:
    """Give the bytes of memory that this process has."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def states_kept(run: Callable[[int], object], times: int = 40) -> float:
    """Give how many states of 20 qubits more there are after calls with 1, 2, ... than after 0."""
    run(0)
    before = resident()
    for k in range(1, times):
        run(k)
    return (resident() - before) / STATE
