"""What has to happen before and after the core is loaded; imported first of all.

Before: GCC's OpenMP spins for milliseconds at the end of every parallel loop. Where other processes
want the same cores (a grid search, a busy laptop), that makes two threads many times slower than
one. Spinning for some tens of microseconds and then sleeping costs little on an idle machine.
Whoever sets one of the variables has their way.

After: pprint, and so scikit-learn, looks up `type(obj).__repr__` in a dictionary, but methods that
pybind11 makes have no hash; plain functions have one. And signatures become short enough to read.
"""

import copyreg
import os
from typing import Any

if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "20000")

from ketgrad import _core

_core._shorten_signatures()


def _hashable_repr(cls: type) -> None:
    bound: Any = cls.__repr__

    def plain(self: Any) -> str:
        text: str = bound(self)
        return text

    cls.__repr__ = plain  # type: ignore[method-assign,assignment]


for _cls in vars(_core).values():
    if isinstance(_cls, type) and "__repr__" in vars(_cls):
        _hashable_repr(_cls)


def _reduce(self: Any) -> Any:
    """Pickle as protocol 2 does, by any: what object does for 0 and 1 ends the process here."""
    cls: Any = type(self)
    if cls.__getstate__ is object.__getstate__:
        raise TypeError(f"cannot pickle '{cls.__name__}' object")
    return copyreg.__newobj__, (cls,), self.__getstate__()  # type: ignore[attr-defined]


for _item in vars(_core).values():
    if isinstance(_item, type):
        _item.__reduce__ = _reduce  # type: ignore[method-assign, assignment]
