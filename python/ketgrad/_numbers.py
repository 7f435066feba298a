"""What counts as numbers, by the rule of the extension module (bindings/numbers.h)."""

from operator import index
from typing import Any

import numpy as np

from ketgrad._core import _why_not_real
from ketgrad._words import first_traced, shown

_NO_NUMBERS = "USMm"  # kinds of dtypes: text and times


def is_integer(value: Any) -> bool:
    """Tell whether a value is an integer; True and False are none where a size is asked for.

    >>> is_integer(3), is_integer(np.array(3)), is_integer(3.0), is_integer(True)
    (True, True, False, False)
    """
    if isinstance(value, bool | np.ma.MaskedArray):
        return False
    try:
        index(value)
    except TypeError:
        return False
    return True


def is_real(value: Any) -> bool:
    """Tell whether a value is a real number; True and False are none where a size is asked for.

    >>> is_real(0.5), is_real(0.5 + 0j), is_real(0.5 + 1j), is_real("0.5"), is_real(True)
    (True, True, False, False, False)
    """
    return not isinstance(value, bool | np.bool_) and _why_not_real(value) is None


def integer(name: str, value: Any, low: int, high: int | None = None) -> int:
    """Read an integer from `low` to `high` (None: no limit); errors name the argument and these.

    >>> integer("n_pairs", 0, 1)
    Traceback (most recent call last):
    ValueError: n_pairs=0; it must be at least 1
    >>> integer("n_pairs", 2.5, 1)
    Traceback (most recent call last):
    TypeError: n_pairs must be an integer of at least 1, not 2.5 (float)
    """
    allowed = f"at least {low}" if high is None else f"from {low} to {high}"
    if not is_integer(value):
        of = "of " if high is None else ""
        raise TypeError(f"{name} must be an integer {of}{allowed}, not {shown(value)}")
    if value < low or (high is not None and value > high):
        raise ValueError(f"{name}={value}; it must be {allowed}")
    return index(value)


def generator(seed: Any) -> np.random.Generator:
    """Make the random numbers of a seed: an integer, or None for fresh entropy."""
    return np.random.default_rng(None if seed is None else integer("seed", seed, 0))


def refuse_masked(name: str, array: Any) -> None:
    """Raise TypeError for masked arrays, and lists of them: NumPy would drop the mask."""
    rows = array if isinstance(array, list | tuple) else ()
    if any(np.ma.isMaskedArray(part) for part in (array, *rows)):
        raise TypeError(f"{name} is a masked array, and its mask would be lost; fill it first")


def refuse_lost(**arrays: Any) -> None:
    """Raise TypeError for what NumPy would drop, of lists too: masks, and what others follow."""
    for name, array in arrays.items():
        refuse_masked(name, array)
        if (found := first_traced(array)) is not None:
            raise TypeError(f"{name} must be an array of numbers, not {shown(found)}")


def refuse_text(**arrays: Any) -> None:
    """Raise TypeError for text and times, which NumPy would make numbers of."""
    for name, values in arrays.items():
        try:
            array = np.asarray(values)
        except (TypeError, ValueError):
            continue  # whoever reads it says what is wrong
        got = f"an array of {array.dtype}"
        if array.dtype.kind == "O":
            text = (item for item in array.flat if isinstance(item, str | bytes))
            first = next(text, None)
            if first is None:
                continue
            got += f" with {shown(first)}"
        elif array.dtype.kind not in _NO_NUMBERS:
            continue
        raise TypeError(f"{name} must be real numbers, got {got}")
