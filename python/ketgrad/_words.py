"""Values as messages show them."""

import reprlib
import sys
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
    text = " ".join(text.split()) if "\n" in text else text
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "..."


def shown(value: Any) -> str:
    """Return a value as messages show it: at most 60 characters, and its type.

    >>> shown("a"), shown(dict), shown([1] * 10**6)
    ("'a' (str)", 'dict (class)', '[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,... (list)')
    """  # noqa: E501
    name = value.__name__ if isinstance(value, type) else written(value)
    return f"{name} ({kind(value)}){traced(value)}"


def printable(text: str, most: int) -> str:
    r"""Return text for people: cut in its middle to so many characters, none that moves a cursor.

    >>> printable("x" * 100, 10), printable("a\033[2Jb\0", 60)
    ('xxxx…xxxxx', 'a\\x1b[2Jb\\x00')
    """
    if len(text) > most:
        half = (most - 1) // 2
        text = f"{text[:half]}…{text[half + 1 - most :]}"
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def traced(value: Any) -> str:
    """Say that JAX or PyTorch follows what becomes of a value, which a number would hide from them.

    >>> traced(0.5)
    ''
    """
    jax, torch = sys.modules.get("jax"), sys.modules.get("torch")
    if isinstance(value, _class_of(jax, "core", "Tracer")):
        follows, room = "which JAX traces", "jax"
    elif not isinstance(value, _class_of(torch, "Tensor")):
        return ""
    elif torch._C._functorch.is_functorch_wrapped_tensor(value):  # type: ignore[union-attr]
        follows, room = "which torch.func follows", "torch"
    elif value.requires_grad:
        follows, room = "which requires grad (detach() ends that)", "torch"
    else:
        return ""
    return f", {follows}: compile outside, and make it a weight or input of ketgrad.{room}.function"


def _class_of(module: Any, *names: str) -> Any:
    """Return what a module that may be half imported has by these names, or no class at all."""
    for name in names:
        module = getattr(module, name, None)
    return () if module is None else module


def first_traced(values: Any, depth: int = 64) -> Any:
    """Return what `traced` names of lists in lists, or None.

    >>> first_traced([0.5, [1]])
    """
    if traced(values):
        return values
    if depth == 0 or not isinstance(values, list | tuple):  # NumPy's own limit of axes
        return None
    found = (first_traced(item, depth - 1) for item in values)
    return next((item for item in found if item is not None), None)
