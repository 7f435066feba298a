"""Processes of MPI that work together: what they tell each other, and errors that all hear of."""

import hashlib
import math
import pickle
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn, TypeVar

import numpy as np

from ketgrad._types import FloatArray
from ketgrad._words import shown

Value = TypeVar("Value")

_FAILED = -1  # in the place of how many numbers a rank has
_kept_under: list[int] = []  # the key under which a communicator keeps its ranks


class Ranks:
    """The processes of a communicator; it is theirs alone.

    All calls are of all ranks in the same order. Each begins with one exchange of how many numbers
    a rank has, or that it has failed; so whatever call the others are in, or come to next, they
    hear of it there.
    """

    def __init__(self, comm: Any) -> None:
        self._comm = comm
        self.rank: int = comm.Get_rank()
        self.size: int = comm.Get_size()
        self._announced = False  # whether the others know of the error on its way here

    def gather(self, own: FloatArray) -> FloatArray:
        """Give what all ranks have, one behind the other."""
        with _signals_held():
            counts = self._exchange(len(own))
            out = np.empty(int(counts.sum()))
            self._comm.Allgatherv(np.ascontiguousarray(own), [out, counts])
        return out

    def of_first(self, make: Callable[[], Value]) -> Value:
        """Give what make() returns on rank 0."""
        value = make() if self.rank == 0 else None
        with _signals_held():
            self._exchange(0)
            out: Value = self._comm.bcast(value, 0)
        return out

    def share(
        self, function: Callable[..., FloatArray], calls: Sequence[Sequence[Any]]
    ) -> list[FloatArray]:
        """Call a function with each of these arguments, each rank with some of them, in turn.

        The results, all of them on all ranks, are in the order of the calls. What the function
        raises on one rank is raised on all.
        """
        mine = calls[self.rank :: self.size]
        own = self.together(lambda: [function(*arguments) for arguments in mine])
        shapes: list[list[tuple[int, ...]]]
        with _signals_held():
            shapes = self._comm.allgather([array.shape for array in own])
        numbers = self.gather(np.concatenate([*(array.ravel() for array in own), np.empty(0)]))
        sizes = [math.prod(shape) for of_rank in shapes for shape in of_rank]
        flat = iter(np.split(numbers, np.cumsum(sizes)[:-1]))
        parts = [[next(flat).reshape(shape) for shape in of_rank] for of_rank in shapes]
        return [parts[k % self.size][k // self.size] for k in range(len(calls))]

    def require_same(self, **parts: bytes) -> None:
        """Raise ValueError on all ranks where one has other parts, said by name, than rank 0."""
        digests = [hashlib.sha256(part).digest()[:6] for part in parts.values()]
        own = np.array([float(int.from_bytes(digest, "big")) for digest in digests])
        rows = self.gather(own).reshape(self.size, len(parts))
        for rank, row in enumerate(rows):
            for name, here, first in zip(parts, row, rows[0], strict=True):
                if here != first:
                    raise ValueError(
                        f"ranks 0 and {rank} differ in the {name}; all fit the same to the same"
                    )

    def together(self, body: Callable[[], Value]) -> Value:
        """Call body, which all ranks do; what it raises on one is raised on all."""
        _require_thread()
        self._announced = False
        try:
            out = body()
        except BaseException as error:
            if not self._announced:
                self._announce(error)
            raise
        with _signals_held():
            self._exchange(0)
        return out

    def _exchange(self, count: int) -> Any:
        """Tell how many numbers each has; raises what one that failed has raised."""
        counts = self._all_counts(count)
        self._announced = False
        if (counts == _FAILED).any():
            self._announced = True
            self._raise_first(self._comm.allgather(None))
        return counts

    def _announce(self, error: BaseException) -> None:
        self._announced = True
        with _signals_held():
            self._all_counts(_FAILED)
            self._comm.allgather(_packed(error))

    def _all_counts(self, own: int) -> Any:
        counts = np.empty(self.size, dtype=np.int64)
        self._comm.Allgather(np.array([own], dtype=np.int64), counts)
        return counts

    def _raise_first(self, all_errors: list[tuple[str, bytes] | None]) -> NoReturn:
        rank, packed = next((k, e) for k, e in enumerate(all_errors) if e is not None)
        error = _unpacked(*packed)
        error.add_note(f"raised on rank {rank} of {self.size}")
        raise error


def ranks_of(comm: Any) -> Ranks:
    """Make the ranks of a communicator of mpi4py, once for each: a call of all of them.

    They talk through a duplicate, so that nothing of theirs meets messages of the caller.
    """
    MPI = _mpi(comm)
    if not isinstance(comm, MPI.Intracomm):
        raise TypeError(
            f"comm must be a communicator of mpi4py, such as MPI.COMM_WORLD, not {shown(comm)}"
        )
    if comm == MPI.COMM_NULL:
        raise ValueError("comm is MPI.COMM_NULL: this process is in none of its groups")
    if not MPI.Is_initialized() or MPI.Is_finalized():
        raise RuntimeError("MPI is not initialised, or finalised already; comm cannot be used")
    _require_thread()
    if not _kept_under:
        _kept_under.append(MPI.Comm.Create_keyval(delete_fn=_free))
    found: Ranks | None = comm.Get_attr(_kept_under[0])
    if found is None:
        found = Ranks(comm.Dup())
        comm.Set_attr(_kept_under[0], found)
    return found


def rank_of(comm: Any) -> int:
    """Tell which of a communicator's processes this is; 0 without one."""
    return 0 if comm is None else ranks_of(comm).rank


def together(comm: Any, body: Callable[[], Value]) -> Value:
    """Call body, which all processes of a communicator do; what one raises is raised on all."""
    return body() if comm is None else ranks_of(comm).together(body)


def of_first(comm: Any, make: Callable[[], Value]) -> Value:
    """Give what make() returns on rank 0."""
    return make() if comm is None else ranks_of(comm).of_first(make)


def _free(_: Any, __: int, ranks: Ranks) -> None:
    """Free the duplicate where its original is freed, if MPI has not ended before."""
    from mpi4py import MPI

    if not MPI.Is_finalized():
        ranks._comm.Free()


def _mpi(comm: Any) -> Any:
    try:
        from mpi4py import MPI
    except ImportError as error:
        raise ImportError(
            f"comm={shown(comm)} needs mpi4py, and MPI: pip install 'ketgrad[cluster]', on Debian "
            f"apt install openmpi-bin ({error})"
        ) from error
    return MPI


def _require_thread() -> None:
    """Raise RuntimeError where MPI may not be called from this thread."""
    from mpi4py import MPI

    if MPI.Query_thread() < MPI.THREAD_SERIALIZED and not MPI.Is_thread_main():
        raise RuntimeError(
            "MPI was initialised for calls of its main thread alone, and this is another; ask for "
            "MPI.THREAD_SERIALIZED or more (mpi4py.rc.thread_level), or train in the main thread"
        )


def _packed(error: BaseException) -> tuple[str, bytes]:
    text = f"{type(error).__name__}: {error}"
    try:
        data = pickle.dumps(error)
        pickle.loads(data)
    except Exception:  # of any class
        data = b""
    return text, data


def _unpacked(text: str, data: bytes) -> BaseException:
    if data:
        try:
            error = pickle.loads(data)
        except Exception:  # of a class that is not known here
            pass
        else:
            if isinstance(error, BaseException):
                return error
    return RuntimeError(text)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Have Ctrl-C wait for the end of an exchange, which all ranks have to finish."""
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler) or threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[tuple[int, FrameType | None]] = []
    signal.signal(signal.SIGINT, lambda *came: held.append(came))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if held:
        handler(*held[0])
