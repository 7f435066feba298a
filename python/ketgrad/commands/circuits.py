"""Circuits from files, for every command that takes one."""

import argparse
from pathlib import Path
from typing import Any

from ketgrad._core import Circuit
from ketgrad._files import read_stdin, read_whole
from ketgrad.commands.arguments import UsageError, at_least, expression, file_name

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
    parser.add_argument(
        "--max-rounds",
        metavar="N",
        type=at_least(1),
        default=0,
        help="how many rounds of an OpenQASM 3 loop that outcomes end the circuit has at most",
    )


def read_circuit(args: argparse.Namespace) -> Circuit:
    """Read a circuit by the ending of its name, or by its first character where it has another."""
    path, options = args.file, _reading(args)
    if path == "-":
        return _from_text(_text(read_stdin(), "standard input"), "standard input", options)
    ending = Path(path).suffix.lower()
    if ending == ".qasm":
        return Circuit.from_qasm_file(path, **options)
    return _from_text(read_text(path), path, options, is_json=ending == ".json")


def read_text(path: str) -> str:
    """Read a file of text; ValueError names it where it is not UTF-8."""
    return _text(read_whole(path), path)


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"{name} is not text: byte {error.start} is not UTF-8") from None


def _from_text(text: str, name: str, options: dict[str, Any], *, is_json: bool = False) -> Circuit:
    if not is_json and not text.lstrip().startswith("{"):
        # A name that is not UTF-8 has surrogates, which C++ does not take.
        shown = name.encode(errors="backslashreplace").decode()
        return Circuit.from_qasm(text, name=shown, **options)
    try:
        return Circuit.from_json(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _reading(args: argparse.Namespace) -> dict[str, Any]:
    """Gather how OpenQASM is read; strict names the version, as a file may tell of another."""
    strict = {"version": 2, "strict": True} if args.strict else {}
    return {"max_rounds": args.max_rounds, **strict}


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
