"""What a command says on stderr beside its results; once it has succeeded, so not with an error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar

from ketgrad._words import printable

_LONGEST = 1000  # characters of a line
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
        print_error(one_line(message))
    forget()


def one_line(message: str) -> str:
    r"""Return a message as a line of bounded length, whatever it quotes.

    >>> one_line("the file\n  \033[2J is not text"), len(one_line("x" * 10**6))
    ('the file \\x1b[2J is not text', 1000)
    """
    return printable(" ".join(message.split()), _LONGEST)


def print_error(line: str) -> None:
    """Print a line on stderr, or nowhere if that is closed (print() would take stdout) or full."""
    if sys.stderr is not None:
        with suppress(OSError):
            print(line, file=sys.stderr)


def forget() -> None:
    """Drop the lines that wait."""
    _of_the_command.clear()
