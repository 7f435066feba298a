"""A state spread over the processes of MPI."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad._core import _qubits
from ketgrad._numbers import integer, refuse_lost
from ketgrad.mpi._communicators import duplicate, extension, together

_CHUNK = 1 << 20  # basis states that a function is called with
_MOST_QUBITS = 62
_MOST = 2**63 - 1

_Amplitudes = npt.NDArray[np.complexfloating[Any, Any]]


def _numbers(amplitudes: npt.ArrayLike) -> npt.NDArray[Any]:
    refuse_lost(amplitudes=amplitudes)
    out = np.asarray(amplitudes)
    if out.dtype.kind not in "biufc":
        raise TypeError(f"amplitudes must be complex numbers, got an array of {out.dtype}")
    return out


class State:
    """|0…0⟩ of n qubits, spread evenly over the processes of a communicator.

    Every process calls the same methods with the same arguments, and gets the same results; an
    error on one raises on all, and the state is then undefined. Bit k of a basis state is qubit k.

    Parameters
    ----------
    n_qubits : int
        So many that a process has two amplitudes at least.
    comm : mpi4py.MPI.Intracomm, optional
        Of a power of two processes; the world where it is left out. Stays the caller's.
    precision : str
        'double' or 'single'.

    Examples
    --------
    >>> from ketgrad import mpi
    >>> state = mpi.State(30)  # doctest: +SKIP
    >>> state.probabilities([3])  # doctest: +SKIP
    array([1., 0.])

    """

    def __init__(self, n_qubits: int, comm: Any = None, *, precision: str = "double") -> None:
        self._comm = duplicate(comm)
        made, size = together(
            self._comm,
            lambda: (_class_of("State", precision), integer("n_qubits", n_qubits, 1, _MOST_QUBITS)),
        )
        self._state = made(self._comm, size)
        self.precision = precision

    @classmethod
    def _of(cls, state: Any, comm: Any, precision: str) -> State:
        out = cls.__new__(cls)
        out._comm, out._state, out.precision = comm, state, precision
        return out

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], comm: Any = None, *, precision: str = "double"
    ) -> State:
        """Load what `save` wrote, on any number of processes that leaves each two amplitudes.

        Raises OSError for a file that cannot be read, and ValueError for one that is damaged, cut
        short, of another state or of another precision.
        """
        own = duplicate(comm)
        kind, name = together(own, lambda: (_class_of("State", precision), os.fspath(path)))
        return cls._of(kind.load(own, name), own, precision)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write an index at `path` and one file a process beside it, all with checksums.

        What was saved there before stays until all is written, and where anything fails: OSError.
        All processes must see the same folder.
        """
        self._state.save(together(self._comm, lambda: os.fspath(path)))

    @property
    def n_qubits(self) -> int:
        """The number of qubits."""
        n: int = self._state.n_qubits()
        return n

    @property
    def n_local(self) -> int:
        """The number of qubits whose amplitudes a process has: 2^n_local of them."""
        n: int = self._state.n_local()
        return n

    @property
    def order(self) -> list[int]:
        """Where each qubit lies: from `n_local` on it is a bit of the processes' numbers."""
        order: list[int] = self._state.order()
        return order

    def set_amplitudes(self, function: Callable[[npt.NDArray[np.uint64]], npt.ArrayLike]) -> None:
        """Take amplitudes from a function of basis states.

        It is called with arrays of up to 2^20 of this process's basis states, uint64, and returns
        as many amplitudes. ValueError where their norm is not 1 within 1e-6.
        """
        size = 2**self.n_local

        def fill() -> _Amplitudes:
            local = np.empty(size, dtype=np.complex128)
            first = self._first()
            for start in range(0, size, _CHUNK):
                count = min(_CHUNK, size - start)
                states = np.arange(first + start, first + start + count, dtype=np.uint64)
                values = _numbers(function(states))
                if values.shape != (count,):
                    message = f"the function returned shape {values.shape} for {count} basis states"
                    raise ValueError(message)
                local[start : start + count] = values
            return local

        self._state.set_local(together(self._comm, fill))

    def _first(self) -> int:
        # In the order that set_local takes.
        rank: int = self._comm.rank()
        return rank << self.n_local

    def set_local(self, amplitudes: npt.ArrayLike) -> None:
        """Take this process's own run of all amplitudes, in the order of the processes.

        Shape (2^n_local,). ValueError on all for another shape on one, and where the norm of all is
        not 1 within 1e-6.
        """

        def read() -> _Amplitudes:
            own = _numbers(amplitudes)
            if own.shape != (2**self.n_local,):
                message = f"amplitudes have shape {own.shape}; it must be ({2**self.n_local},)"
                raise ValueError(message)
            return own.astype(np.complex64 if self.precision == "single" else np.complex128)

        self._state.set_local(together(self._comm, read))

    def local(self) -> tuple[int, npt.NDArray[np.complexfloating[Any, Any]]]:
        """Return this process's first basis state and the amplitudes from there on.

        Shape (2^n_local,). Puts the qubits in order first, which may take an exchange.
        """
        first, amplitudes = self._state.local()
        return first, amplitudes

    def norm(self) -> float:
        """Return √⟨ψ|ψ⟩."""
        norm: float = self._state.norm()
        return norm

    def amplitudes(self, first: int, count: int) -> npt.NDArray[np.complexfloating[Any, Any]]:
        """Return amplitudes [first, first + count) on every process; IndexError beyond 2^n."""
        asked = together(
            self._comm,
            lambda: [integer("first", first, 0, _MOST), integer("count", count, 0, _MOST)],
        )
        values: npt.NDArray[np.complexfloating[Any, Any]] = self._state.amplitudes(*asked)
        return values

    def probabilities(self, qubits: Sequence[int]) -> npt.NDArray[np.float64]:
        """Return the distribution of measured qubits, bit k of an outcome that of qubits[k].

        Shape (2^len(qubits),).
        """
        last = self.n_qubits - 1
        asked = together(
            self._comm, lambda: [integer("qubit", q, 0, last) for q in _qubits(qubits)]
        )
        values: npt.NDArray[np.float64] = self._state.probabilities(asked)
        return values

    def sample(self, shots: int, seed: int) -> npt.NDArray[np.uint64]:
        """Draw basis states, the same for any number of processes, as `ketgrad.State.sample` does.

        Shape (shots,). ValueError on all where one asks for another seed or number of shots.
        """
        asked = together(
            self._comm,
            lambda: (integer("shots", shots, 1, _MOST), integer("seed", seed, 0, 2 * _MOST + 1)),
        )
        values: npt.NDArray[np.uint64] = self._state.sample(*asked)
        return values


def _class_of(kind: str, precision: str) -> Any:
    if precision not in ("single", "double"):
        message = f"there is no precision {precision!r}; there is single and double"
        raise ValueError(message)
    return getattr(extension(), precision.capitalize() + kind)
