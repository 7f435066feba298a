"""Circuits from files, for every command that takes one."""

import argparse
import sys
from pathlib import Path

from ketgrad._core import Circuit

FILE_HELP = "a circuit: OpenQASM 2 or 3 (.qasm) or JSON (.json); - reads standard input"


def read_circuit(path: str) -> Circuit:
    """Read a circuit by the ending of its name, or by its first character where it has another."""
    if path == "-":
        return _from_text(sys.stdin.read(), "standard input")
    ending = Path(path).suffix.lower()
    if ending == ".qasm":
        return Circuit.from_qasm_file(path)
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not text: byte {error.start} is not UTF-8") from None
    return _from_text(text, path, is_json=ending == ".json")


def _from_text(text: str, name: str, *, is_json: bool = False) -> Circuit:
    if not is_json and not text.lstrip().startswith("{"):
        return Circuit.from_qasm(text, name=name)
    try:
        return Circuit.from_json(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def write_circuit(circuit: Circuit, path: str, version: int) -> None:
    """Write a circuit as the ending of the name says."""
    ending = Path(path).suffix.lower()
    if ending == ".json":
        text = circuit.to_json()
    elif ending == ".qasm":
        text = circuit.to_qasm(version=version)
    else:
        raise ValueError(f"{path} must end in .qasm or .json")
    Path(path).write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8")


def assignment(text: str) -> tuple[str, float]:
    """Read an option such as ``theta=0.5``.

    >>> assignment("w[0]=0.5")
    ('w[0]', 0.5)
    """
    name, equals, value = text.rpartition("=")
    try:
        if not equals or not name:
            raise ValueError
        return name, float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} must be NAME=NUMBER") from None


def is_measured(circuit: Circuit) -> bool:
    """Whether any operation writes a classical bit."""
    return "measure" in circuit.count_gates()
