"""Values as messages show them."""

import reprlib
from typing import Any

import numpy as np

_MOST_SHOWN = 60
# Never the whole text of a large value: a list of a billion entries has one of gigabytes.
_REPR = reprlib.Repr()
_REPR.maxlist = _REPR.maxtuple = _REPR.maxset = _REPR.maxfrozenset = _MOST_SHOWN
_REPR.maxdict = _REPR.maxarray = _REPR.maxdeque = _MOST_SHOWN
_REPR.maxstring = _REPR.maxlong = _REPR.maxother = 4 * _MOST_SHOWN


def plain(value: Any) -> Any:
    """Return NumPy's scalars and arrays as Python's own, which are written without their type.

    What is masked stays as it is: Python's own would be None.

    >>> plain(np.int64(0)), plain(np.array(["a", "b"])), plain(np.ma.masked)
    (0, ['a', 'b'], masked)
    """
    if isinstance(value, np.ma.MaskedArray):
        return value
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else value


def kind(value: Any) -> str:
    """Return the name of a value's type; a class is a class, whatever makes it one.

    >>> kind(2.5), kind(dict)
    ('float', 'class')
    """
    return "class" if isinstance(value, type) else type(value).__name__


def written(value: Any) -> str:
    """Return a value in at most 60 characters, NumPy's scalars as Python's own.

    >>> written(np.int64(2)), written(np.str_("a"))
    ('2', "'a'")
    """
    text = _REPR.repr(plain(value) if isinstance(value, np.generic) else value)
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "..."


def shown(value: Any) -> str:
    """Return a value as messages show it: at most 60 characters, and its type.

    >>> shown("a"), shown(dict), shown([1] * 10**6)
    ("'a' (str)", 'dict (class)', '[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,... (list)')
    """
    return f"{value.__name__ if isinstance(value, type) else written(value)} ({kind(value)})"
