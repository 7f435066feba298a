"""Communicators of mpi4py as the extension takes them."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, TypeVar

Value = TypeVar("Value")

_NO_MPI = (
    "this build of ketgrad has no MPI: install Open MPI or MPICH with its headers (on Debian "
    "libopenmpi-dev) and build with pip install --config-settings=cmake.define.KETGRAD_MPI=ON ."
)


def extension() -> ModuleType:
    """Import the extension; ImportError says what to install where there is none."""
    try:
        return import_module("ketgrad.mpi._mpi")
    except ModuleNotFoundError:
        raise ImportError(_NO_MPI) from None


def mpi4py() -> ModuleType:
    """Import mpi4py, which starts MPI; ImportError says what to install where there is none."""
    try:
        return import_module("mpi4py.MPI")
    except ModuleNotFoundError:
        message = "ketgrad.mpi needs mpi4py: pip install 'ketgrad[mpi]'"
        raise ImportError(message) from None


@cache
def _key() -> int:
    """Under which a communicator keeps its duplicate, as long as it lives."""
    key: int = mpi4py().Comm.Create_keyval()
    return key


@cache
def _check_library() -> None:
    theirs = mpi4py().Get_library_version().rstrip("\x00")
    ours = extension().library_version().rstrip("\x00")
    if theirs != ours:
        message = f"mpi4py uses {theirs.strip()}, and ketgrad was built for {ours.strip()}"
        raise ImportError(message)


def together(comm: Any, body: Callable[[], Value]) -> Value:
    """Call a body that does not communicate; where it raises on one process, all raise."""
    raised: list[BaseException] = []
    out: list[Value] = []

    def keeping() -> None:
        try:
            out.append(body())
        except BaseException as error:
            raised.append(error)
            raise

    try:
        comm.together(keeping)
    except BaseException:
        if raised:
            raise raised[0] from None
        raise
    return out[0]


def duplicate(comm: Any) -> Any:
    """Duplicate a communicator for ketgrad's own messages, once; None is the world.

    Raises TypeError for what is no communicator of mpi4py, and ValueError for a number of processes
    that is no power of two or MPI without support for the threads in use.
    """
    mpi = mpi4py()
    comm = mpi.COMM_WORLD if comm is None else comm
    if isinstance(comm, mpi.Comm) and comm == mpi.COMM_NULL:
        message = "comm is COMM_NULL: this process is not part of it"
        raise ValueError(message)
    if not isinstance(comm, mpi.Intracomm):
        message = f"comm is {comm!r}; it must be a communicator of mpi4py, or None for the world"
        raise TypeError(message)
    _check_library()
    kept = comm.Get_attr(_key())
    if kept is None:
        kept = extension().Communicator(mpi._addressof(comm))
        comm.Set_attr(_key(), kept)
    return kept
