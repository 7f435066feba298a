"""Circuits from files, for every command that takes one."""

import argparse
import sys
from pathlib import Path
from typing import Any

from ketgrad._arguments import expression, file_name
from ketgrad._core import Circuit

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
        return _from_text(sys.stdin.read(), "standard input", strict=strict)
    ending = Path(path).suffix.lower()
    if ending == ".qasm":
        return Circuit.from_qasm_file(path, **_reading(strict=strict))
    return _from_text(read_text(path), path, strict=strict, is_json=ending == ".json")


def read_text(path: str) -> str:
    """Read a file of text; ValueError names it where it is not UTF-8."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not text: byte {error.start} is not UTF-8") from None


def _from_text(text: str, name: str, *, strict: bool, is_json: bool = False) -> Circuit:
    if not is_json and not text.lstrip().startswith("{"):
        return Circuit.from_qasm(text, name=name, **_reading(strict=strict))
    try:
        return Circuit.from_json(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _reading(*, strict: bool) -> dict[str, Any]:
    """Name the version too: an error then says where the file tells of another."""
    return {"version": 2, "strict": True} if strict else {}


def assignment(text: str) -> tuple[str, float]:
    """Read an option such as ``theta=pi/2``.

    >>> assignment("w[0]=1/2")
    ('w[0]', 0.5)
    """
    name, equals, value = text.rpartition("=")
    try:
        if not equals or not name:
            raise ValueError
        return name, expression(value)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} must be NAME=NUMBER, where the number may be an expression such as 3*pi/4"
        ) from None


def is_measured(circuit: Circuit) -> bool:
    """Whether any operation writes a classical bit."""
    return "measure" in circuit.count_gates()
