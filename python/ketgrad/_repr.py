"""Makes bound classes printable by pprint, and so by scikit-learn.

pprint looks up `type(obj).__repr__` in a dictionary, but methods that pybind11 makes have no hash;
plain functions have one.
"""

from typing import Any

from ketgrad import _core


def _hashable_repr(cls: type) -> None:
    bound = cls.__repr__

    def plain(self: Any) -> str:
        return bound(self)

    cls.__repr__ = plain  # type: ignore[method-assign,assignment]


for _cls in vars(_core).values():
    if isinstance(_cls, type) and "__repr__" in vars(_cls):
        _hashable_repr(_cls)
