"""What help() says of the arguments of functions in Python: `ArrayLike`, not all that it may be.

Bindings have this from the core (bindings/signatures.cc), where types are texts.
"""

import inspect
import re
from collections.abc import Iterable
from types import FunctionType, ModuleType
from typing import Any

import numpy.typing as npt

_ANY_ARRAY = inspect.formatannotation(npt.ArrayLike)
_CHOICES = _ANY_ARRAY.removeprefix("Union[").removesuffix("]")
_TYPE = r"(?:numpy\.)?dtype\[(?:numpy\.)?(\w+)\]"

# Later rows see what earlier ones wrote.
_SHORTER = [
    (re.escape(_ANY_ARRAY), "ArrayLike"),
    (re.escape(f"Union[{_CHOICES}, NoneType]"), "ArrayLike | None"),
    (rf"Union\[{re.escape(_CHOICES)}, (.*?), NoneType\]", r"ArrayLike | \1 | None"),
    (r"\b(?:ketgrad|collections\.abc|typing|scipy|sklearn)(?:\.\w+)*\.(?=\w)", ""),
    (rf"numpy\.ndarray\[tuple\[Any, \.\.\.\], {_TYPE}\]", r"NDArray[\1]"),
    (r"\bnumpy\.(?:\w+\.)*", ""),
    (r"NDArray\[Any\]", "NDArray"),
]


class _Words(str):
    """A type as help() shows it, which quotes other text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _shorter(annotation: Any) -> Any:
    if annotation is inspect.Signature.empty or isinstance(annotation, _Words):
        return annotation
    text = inspect.formatannotation(annotation)
    for pattern, words in _SHORTER:
        text = re.sub(pattern, words, text)
    return _Words(text)


def _shorten(function: Any) -> None:
    signature = inspect.signature(function)
    function.__signature__ = signature.replace(
        parameters=[
            p.replace(annotation=_shorter(p.annotation)) for p in signature.parameters.values()
        ],
        return_annotation=_shorter(signature.return_annotation),
    )


def _functions_of(thing: Any) -> Iterable[Any]:
    """List a function itself, or the functions of a class that are written here."""
    if isinstance(thing, FunctionType):
        yield thing
    elif isinstance(thing, type):
        for cls in thing.__mro__:
            if cls.__module__.startswith("ketgrad."):
                for member in vars(cls).values():
                    member = getattr(member, "__func__", member)
                    if isinstance(member, FunctionType):
                        yield member


def shorten(*things: Any) -> None:
    """Shorten the signatures of functions, of the methods of classes, and of all that rooms offer.

    >>> def twice(x: npt.ArrayLike, y: npt.ArrayLike | None = None) -> npt.NDArray[Any]: ...
    >>> shorten(twice)
    >>> inspect.signature(twice)
    <Signature (x: ArrayLike, y: ArrayLike | None = None) -> NDArray>
    """
    for thing in things:
        if isinstance(thing, ModuleType):
            shorten(*(vars(thing)[name] for name in thing.__all__ if name in vars(thing)))
            continue
        for function in _functions_of(thing):
            if "__signature__" not in vars(function):
                _shorten(function)
