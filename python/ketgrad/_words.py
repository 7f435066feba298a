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
    torch = sys.modules.get("torch")
    if isinstance(value, _tracers()):
        follows, room = "which JAX traces", "jax"
    elif not isinstance(value, _tensors()):
        return ""
    elif torch._C._functorch.is_functorch_wrapped_tensor(value):  # type: ignore[union-attr]
        follows, room = "which torch.func follows", "torch"
    elif value.requires_grad and torch.is_grad_enabled():  # type: ignore[union-attr]
        follows, room = "which requires grad (detach() ends that)", "torch"
    elif torch.autograd.forward_ad.unpack_dual(value).tangent is not None:  # type: ignore[union-attr]
        follows, room = "which has a tangent", "torch"
    else:
        return ""
    return f", {follows}: compile outside, and make it a weight or input of ketgrad.{room}.function"


def _tracers() -> Any:
    return _part_of("jax", "core", "Tracer") or ()


def _tensors() -> Any:
    return _part_of("torch", "Tensor") or ()


def _part_of(module: str, *names: str) -> Any:
    """Return what a module, which may be half imported, has by these names; None where nothing."""
    part: Any = sys.modules.get(module)
    for name in names:
        part = getattr(part, name, None)
    return part


def first_traced(values: Any) -> Any:
    """Return what `traced` names of lists in lists, or None.

    >>> first_traced([0.5, [1]])
    """
    classes = tuple(one for one in (_tracers(), _tensors()) if one)
    return _first_traced(values, classes, 64) if classes else None  # NumPy's own limit of axes


def _first_traced(values: Any, classes: tuple[type, ...], depth: int) -> Any:
    if isinstance(values, classes):
        return values if traced(values) else None
    if depth == 0 or not isinstance(values, list | tuple):
        return None
    for item in values:
        if type(item) is not float:  # most are, of lists of millions
            found = _first_traced(item, classes, depth - 1)
            if found is not None:
                return found
    return None


def first_with_tangent(values: Any) -> Any:
    """Return what `first_traced` does where PyTorch goes forward: NumPy refuses all but tangents.

    >>> first_with_tangent([0.5, [1]])
    """
    level = _part_of("torch", "autograd", "forward_ad", "_current_level")
    return None if level is None or level < 0 else first_traced(values)
