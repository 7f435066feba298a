"""What a command says on stderr beside its results; once it has succeeded, so not with an error."""

import sys

_waiting: list[str] = []


def note(message: str) -> None:
    """Keep a line for the end of the command."""
    _waiting.append(message)


def say() -> None:
    """Print the lines that wait."""
    for message in _waiting:
        print(message, file=sys.stderr)
    forget()


def forget() -> None:
    """Drop the lines that wait."""
    _waiting.clear()
