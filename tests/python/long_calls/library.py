"""Circuits of the library."""

from collections.abc import Callable
from typing import Any

import ketgrad as kg
from long_calls.call import Call

CALLS: dict[str, Callable[[], Call]] = {}


def built(name: str, *arguments: Any) -> Callable[[], Call]:
    """A call of a function of the library."""
    return lambda: Call(lambda: getattr(kg.library, name)(*arguments))


CALLS |= {
    "library.qft": built("qft", 2500),
}
