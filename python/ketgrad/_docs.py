"""Documentation that functions and classes share: written once, put where docstrings name it."""

import re
from collections.abc import Callable
from inspect import isfunction
from textwrap import dedent, indent
from typing import Any, TypeVar

Documented = TypeVar("Documented", bound=Callable[..., Any])

_PLACE = re.compile(r"^( *)(.*)\{([a-zA-Z_]\w*)\}$", re.MULTILINE)


def documented(**parts: str) -> Callable[[Documented], Documented]:
    r"""Make a decorator that puts parts where a line of the docstring ends with `{name}`.

    Of a class, it fills the docstrings of its own methods too. Parts may have places themselves.
    KeyError for a name without a part.

    >>> @documented(number="float\n    A number.")
    ... def twice(x):
    ...     '''x : {number}'''
    >>> print(twice.__doc__)
    x : float
        A number.
    """

    def fill(thing: Documented) -> Documented:
        if isinstance(thing, type):
            for member in filter(isfunction, vars(thing).values()):
                fill(member)
        if thing.__doc__:  # none of it under python -OO
            thing.__doc__ = _filled(thing.__doc__, parts)
        return thing

    return fill


def _filled(text: str, parts: dict[str, str]) -> str:
    def part(place: re.Match[str]) -> str:
        margin, name, which = place.groups()
        inner = indent(_filled(dedent(parts[which]).strip(), parts), margin)
        return margin + name + inner.removeprefix(margin)

    return _PLACE.sub(part, text)
