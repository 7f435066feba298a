"""Says in a line what is wrong with the arguments of a function of the extension module."""

import os
import re
from collections.abc import Iterator, Sequence
from operator import index
from typing import Any

from ketgrad import _core
from ketgrad._words import shown, written

_SIGNATURE = re.compile(r"^    \d+\. (?P<name>[\w.]+)?\((?P<parameters>.*)\)(?: -> .*)?$", re.M)
_INTEGER = "typing.SupportsInt | typing.SupportsIndex"
_NUMBER = "typing.SupportsFloat | typing.SupportsIndex"
_OUT_OF_RANGE = "which is out of range"
_ZERO = "which has a zero character"
_SURROGATE = "has a lone surrogate, half of a character"
_COUNT = re.compile(r"n_\w+|epochs|steps|times")
_MAY_BE_NONE = {"n_ancillas", "n_electrons", "n_iterations", "n_ones", "times"}


def explain(
    message: str, args: Sequence[Any], kwargs: dict[str, Any], least: int, most: int
) -> Exception:
    """Name the argument that does not fit, given pybind11's message and what was passed.

    An integer was beyond what its type holds, least to most, unless most is 0.
    """
    integers = range(least, most + 1) if most else None
    signatures = list(_SIGNATURE.finditer(message))
    if not signatures:
        return TypeError(message)
    name = message[: message.index("(")]
    if signatures[0]["name"]:  # a constructor, whose first argument is the object being made
        name, args = signatures[0]["name"].rpartition(".")[2], args[1:]
    if len(signatures) == 1:
        parameters = [_Parameter(text) for text in _split(signatures[0]["parameters"], ", ")]
        wrong = _wrong(parameters, args, kwargs, integers)
        if wrong:
            bad_value = _OUT_OF_RANGE in wrong or wrong.endswith(_ZERO)
            return (ValueError if bad_value else TypeError)(f"{name}(): {wrong}")
    if signatures[0]["parameters"].startswith("self: "):
        args = args[1:]
    broken = next((text for text in _texts([*args, *kwargs.values()]) if _is_broken(text)), None)
    if broken is not None:
        return ValueError(f"{name}(): {written(broken)} {_SURROGATE}")
    taken = " or ".join(f"({_plain(signature['parameters'])})" for signature in signatures)
    given = [*map(shown, args), *(f"{key}={shown(value)}" for key, value in kwargs.items())]
    return TypeError(f"{name}() takes {taken}; got ({', '.join(given)})")


def _texts(value: Any) -> Iterator[str]:
    """Find the text in arguments, also in lists and dictionaries."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple | dict):
        for item in value:
            yield from _texts(item)


def _is_broken(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


class _Parameter:
    """One of a signature: "name: type = default", "*" or "/"."""

    def __init__(self, text: str) -> None:
        head, _, default = text.partition(" = ")
        self.name, _, self.type = head.partition(": ")
        self.optional = bool(default)


def _wrong(
    parameters: list[_Parameter],
    args: Sequence[Any],
    kwargs: dict[str, Any],
    integers: range | None,
) -> str:
    """Return the first thing that is wrong, or nothing where all seems right."""
    names = [p.name for p in parameters]
    positional = parameters[: names.index("*")] if "*" in names else parameters
    known = [p for p in parameters if p.name not in ("*", "/")]
    own = [p.name for p in known if p.name != "self"]
    for key in kwargs:
        if key not in own:
            return f"there is no argument {key!r}; there are {', '.join(own) or 'none'}"
    if len(args) > len(positional):
        surplus = len(args) - len(positional)
        return f"{surplus} positional argument(s) too many, from {shown(args[-surplus])} on"
    given = dict(zip((p.name for p in positional), args, strict=False))
    for parameter in known:
        if parameter.name in given and parameter.name in kwargs:
            return f"the argument {parameter.name!r} is given twice"
        if parameter.name in given or parameter.name in kwargs:
            value = kwargs.get(parameter.name, given.get(parameter.name))
            if "os.PathLike" in parameter.type and _has_zero(value):
                return f"{parameter.name} is {shown(value)}, {_ZERO}"
            if _fits(parameter.type, value, integers) is False:
                return f"{parameter.name} {_mismatch(parameter, value, integers)}"
        elif not parameter.optional:
            return f"the argument {parameter.name!r} is missing"
    return ""


def _has_zero(path: Any) -> bool:
    return isinstance(path, str | bytes | os.PathLike) and b"\0" in os.fsencode(path)


def _mismatch(parameter: _Parameter, value: Any, integers: range | None) -> str:
    wanted, number = parameter.type, _integer(value)
    if integers and number is not None and _INTEGER in wanted:
        limit = _limit(parameter.name, number, integers)
        return f"is {_digits(number)}, {_OUT_OF_RANGE}: it must be {limit}"
    why = _core._why_not_real(value) if _NUMBER in wanted else ""
    hint = "; compile() makes one of a Circuit" if _is_program_of(wanted, value) else ""
    return f"must be {_plain(wanted)}, not {shown(value)}{why or hint}"


def _limit(name: str, number: int, integers: range) -> str:
    """Say which limit a number is beyond: counts of things have one nearer than their type's."""
    if number > integers[-1]:
        return f"at most {integers[-1]}"
    if integers[0] < 0 and _COUNT.fullmatch(name):
        return f"at least {0 if name in _MAY_BE_NONE else 1}"
    return f"at least {integers[0]}"


def _integer(value: Any) -> int | None:
    try:
        return index(value)
    except TypeError:
        return None


def _digits(number: int) -> str:
    try:
        return str(number)
    except ValueError:  # by Python's own limit
        return f"an integer of {number.bit_length()} bits"


def _is_program_of(wanted: str, value: Any) -> bool:
    return wanted == "ketgrad._core.Program" and type(value).__name__ == "Circuit"


def _fits(wanted: str, value: Any, integers: range | None) -> bool | None:
    """Whether a value is of a type, as pybind11 writes it; None where that is hard to say."""
    wanted = wanted.replace(_INTEGER, "int").replace(_NUMBER, "float")
    answers = [_fits_one(kind, value, integers) for kind in _split(wanted, " | ")]
    if True in answers:
        return True
    return None if None in answers else False


def _fits_one(kind: str, value: Any, integers: range | None) -> bool | None:
    if kind == "None":
        return value is None
    if kind == "bool":
        return isinstance(value, bool)
    if kind == "str":
        return isinstance(value, str)
    if kind == "bytes":
        return isinstance(value, bytes)
    if kind == "os.PathLike":
        return isinstance(value, os.PathLike)
    if kind == "int":
        number = _integer(value)
        return number is not None and (integers is None or number in integers)
    if kind == "float":
        return _core._why_not_real(value) is None
    if kind.startswith("collections.abc.Callable"):
        return callable(value)
    if kind.startswith("ketgrad._core."):
        return any(f"{base.__module__}.{base.__name__}" == kind for base in type(value).__mro__)
    inner = re.fullmatch(r"collections\.abc\.Sequence\[(.*)\]", kind)
    if inner is None:
        return None
    if isinstance(value, str) or not (hasattr(value, "__getitem__") and hasattr(value, "__len__")):
        return False
    items = (
        [_fits(inner[1], item, integers) for item in value]
        if isinstance(value, list | tuple)
        else [None]
    )
    return False if False in items else None


def _plain(types: str) -> str:
    """Write types as people do."""
    types = types.replace(_INTEGER, "int").replace(_NUMBER, "float")
    types = re.sub(r"typing\.Annotated\[numpy\.typing\.ArrayLike, .*?\]\"\]", "array", types)
    types = re.sub(r"^self: [^,]*(, |$)", "", types)
    return re.sub(r"\b(?:ketgrad\._core|collections\.abc|typing|numpy\.typing)\.", "", types)


def _split(text: str, separator: str) -> Iterator[str]:
    """Split outside of brackets and quotes."""
    depth, quoted, start = 0, False, 0
    for k, letter in enumerate(text):
        if letter == "'":
            quoted = not quoted
        if quoted:
            continue
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0 and text.startswith(separator, k):
            yield text[start:k]
            start = k + len(separator)
    if text:
        yield text[start:]
