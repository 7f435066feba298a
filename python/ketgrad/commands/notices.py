"""What a command says on stderr beside its results; once it has succeeded, so not with an error."""

import sys

_waiting: list[str] = []


def note(message: str) -> None:
    """Keep a line for the end of the command."""
    _waiting.append(message)


def say() -> None:
    """Print the lines that wait."""
    for message in _waiting:
        print_error(message)
    forget()


def print_error(line: str) -> None:
    """Print a line on stderr, or nowhere if that is closed: print() would take stdout then."""
    if sys.stderr is not None:
        print(line, file=sys.stderr)


def forget() -> None:
    """Drop the lines that wait."""
    _waiting.clear()
