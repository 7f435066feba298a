"""Checks of what saved estimators hold."""

import math
from typing import Any

# Members of every document, and those of `fitted` that tell of the features.
MEMBERS = ("format", "version", "class", "params", "fitted")


def only(part: Any, what: str, *known: str) -> None:
    """Raise ValueError for a part of a file that is no object or has members that it should not."""
    if not isinstance(part, dict):
        raise ValueError(f"{what} is no object")
    unknown = sorted(set(part) - set(known))
    if unknown:
        raise ValueError(f"{what} has an unknown member, {unknown[0]!r}")


def count(value: Any, what: str) -> int:
    """Read an integer from 0 to 2**32 - 1."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**32:
        raise ValueError(f"{value!r} {what}")
    return value


def finite(value: Any) -> Any:
    """Read a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a finite number")
    return value
