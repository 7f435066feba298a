"""What the rooms for users of other libraries share."""

import copy
import warnings
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import RLock
from typing import Any, Generic, TypeVar

import numpy as np

from ketgrad._core import NoisyProgram, Program
from ketgrad._words import shown

Release = tuple[int, int]
Made = TypeVar("Made")
Compiled = TypeVar("Compiled", Program, NoisyProgram)

MOST_SHOTS = 2**53
_BYTES = 2**26  # of the states of programs that have run, beside the latest
_lock = RLock()  # jobs of clients run in threads
_latest: "OrderedDict[int, tuple[weakref.ref[Any], int]]" = OrderedDict()


def check_release(library: str, found: str, first: Release, last: Release, install: str) -> None:
    """Raise ImportError for a release that is too old; warn of one that has not been tried."""
    low, high = (".".join(map(str, release)) for release in (first, last))
    works = f"ketgrad works with {library} {low}"
    major, minor = (int(part) for part in found.split(".")[:2])
    if (major, minor) < first:
        raise ImportError(f"{works} and later, not with {found}: pip install -U {install}")
    if (major, minor) > last:
        tried = f"{works} to {high}; with {found} it has not been tried"
        warnings.warn(tried, stacklevel=3)  # where the room is imported


def require_seed(seed: Any, error: type[Exception], name: str = "seed") -> None:
    """Raise an error of a client's own kind for what random numbers cannot begin with."""
    try:
        np.random.default_rng(seed)
    except (TypeError, ValueError) as found:
        raise error(
            f"{name} must be None, a whole number of at least 0 or a numpy.random.Generator, not "
            f"{shown(seed)}"
        ) from found


class Remembered:
    """What is made once and found again by its key: the latest `most`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: OrderedDict[Hashable, Any] = OrderedDict()

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Give what was made before, or make it."""
        if key in self._made:
            self._made.move_to_end(key)
        else:
            self._made[key] = make()
            if len(self._made) > self._most:
                self._made.popitem(last=False)
        made: Made = self._made[key]
        return made

    def __len__(self) -> int:
        return len(self._made)


class Held(Generic[Compiled]):
    """A compiled program that is kept, but not the state that it ran in.

    A program that has run keeps that memory for its next run. Here the latest do; those before,
    from 64 MiB on, are copied, and copies have none until they run.
    """

    def __init__(self, program: Compiled) -> None:
        self._program: Compiled = program

    def get(self) -> Compiled:
        """Give the program, to be run at once."""
        program = self._program
        qubits = program.n_qubits * (2 if isinstance(program, NoisyProgram) else 1)
        amplitude = 16 if program.precision == "double" else 8
        own = id(self)
        with _lock:
            _latest[own] = (weakref.ref(self), amplitude << qubits)
            _latest.move_to_end(own)
            _let_go()
        return program

    def let_go(self) -> None:
        """Leave the memory of past runs to those that still use it."""
        self._program = copy.copy(self._program)


def _let_go() -> None:
    """Take memory from those that ran longest ago."""
    total = sum(size for _, size in _latest.values())
    while total > _BYTES and len(_latest) > 1:
        held, size = _latest.popitem(last=False)[1]
        total -= size
        if (program := held()) is not None:
            program.let_go()
