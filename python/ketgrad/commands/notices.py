"""What a command says on stderr beside its results; once it has succeeded, so not with an error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_of_the_command: list[str] = []
_waiting = ContextVar("_waiting", default=_of_the_command)


def note(message: str) -> None:
    """Keep a line for the end of the command."""
    _waiting.get().append(message)


@contextmanager
def collected() -> Iterator[list[str]]:
    """Give the lines of a part of the work, which are not kept for the end.

    >>> with collected() as lines:
    ...     note("the file is not UTF-8 text")
    >>> lines
    ['the file is not UTF-8 text']
    """
    lines: list[str] = []
    before = _waiting.set(lines)
    try:
        yield lines
    finally:
        _waiting.reset(before)


def say() -> None:
    """Print the lines that wait."""
    for message in _of_the_command:
        print_error(message)
    forget()


def print_error(line: str) -> None:
    """Print a line on stderr, or nowhere if that is closed: print() would take stdout then."""
    if sys.stderr is not None:
        print(line, file=sys.stderr)


def forget() -> None:
    """Drop the lines that wait."""
    _of_the_command.clear()
