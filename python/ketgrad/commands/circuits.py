"""Circuits from files, for every command that takes one."""

import argparse
from pathlib import Path
from typing import Any

from ketgrad._core import Circuit
from ketgrad._files import read_stdin, read_whole
from ketgrad.commands.arguments import UsageError, expression, file_name

_FILE_HELP = "a circuit: OpenQASM 2 or 3 (.qasm) or JSON (.json); - reads standard input"


def add_circuit(
    parser: argparse.ArgumentParser, metavar: str = "FILE", *, optional: str | None = None
) -> None:
    """Declare the argument that `read_circuit` reads; `optional` says what is done without one."""
    parser.add_argument(
        "file",
        metavar=metavar,
        type=file_name,
        nargs=None if optional is None else "?",
        help=_FILE_HELP if optional is None else f"{_FILE_HELP}; {optional}",
    )
    parser.add_argument(
        "--strict", action="store_true", help="read OpenQASM 2 to the letter of its specification"
    )


def read_circuit(args: argparse.Namespace) -> Circuit:
    """Read a circuit by the ending of its name, or by its first character where it has another."""
    path, strict = args.file, args.strict
    if path == "-":
        return _from_text(_text(read_stdin(), "standard input"), "standard input", strict=strict)
    ending = Path(path).suffix.lower()
    if ending == ".qasm":
        return Circuit.from_qasm_file(path, **_reading(strict=strict))
    return _from_text(read_text(path), path, strict=strict, is_json=ending == ".json")


def read_text(path: str) -> str:
    """Read a file of text; ValueError names it where it is not UTF-8."""
    return _text(read_whole(path), path)


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"{name} is not text: byte {error.start} is not UTF-8") from None


def _from_text(text: str, name: str, *, strict: bool, is_json: bool = False) -> Circuit:
    if not is_json and not text.lstrip().startswith("{"):
        # A name that is not UTF-8 has surrogates, which C++ does not take.
        shown = name.encode(errors="backslashreplace").decode()
        return Circuit.from_qasm(text, name=shown, **_reading(strict=strict))
    try:
        return Circuit.from_json(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _reading(*, strict: bool) -> dict[str, Any]:
    """Name the version too: an error then says where the file tells of another."""
    return {"version": 2, "strict": True} if strict else {}


Value = float | list[float]


def assignment(text: str) -> tuple[str, Value]:
    """Read an option such as ``theta=pi/2``, or ``w=0.1,0.2`` for all elements of a vector.

    >>> assignment("w[0]=1/2"), assignment("w=0.1,pi"), assignment("w=0.1,")
    (('w[0]', 0.5), ('w', [0.1, 3.141592653589793]), ('w', [0.1]))
    """
    name, equals, value = text.rpartition("=")
    try:
        name.encode()  # a command line that is not UTF-8 has surrogates: a ValueError
        if not equals or not name:
            raise ValueError
        if "," not in value:
            return name, expression(value)
        return name, [expression(each) for each in value.removesuffix(",").split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} must be NAME=NUMBER, where the number may be an expression such as 3*pi/4, "
            "or NAME=NUMBER,NUMBER,... for a vector"
        ) from None


def values_of(assignments: list[tuple[str, Value]]) -> dict[str, Value]:
    """Gather such options; UsageError for a name that comes twice."""
    values: dict[str, Value] = {}
    for name, value in assignments:
        if name in values:
            raise UsageError(f"--set gives {name!r} twice, {values[name]} and {value}")
        values[name] = value
    return values


def is_measured(circuit: Circuit) -> bool:
    """Whether any operation writes a classical bit."""
    return "measure" in circuit.count_gates()
