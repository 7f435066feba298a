"""What functions of this room are given: programs and functions."""

from typing import Any

from ketgrad._core import (
    Circuit,
    Program,
    compile,  # noqa: A004 - the word of the field
)
from ketgrad._words import kind, shown


def program_of(value: Any, name: str, *, measured: bool, given_inputs: bool = False) -> Program:
    """Return the program that was given, or that of a circuit where there is only one.

    A circuit alone does not say what is measured, nor which of its parameters are inputs.
    """
    if isinstance(value, Program):
        return value
    if not isinstance(value, Circuit):
        raise TypeError(f"{name} takes a Program, not {kind(value)}")
    missing = "compile(circuit, 'Z')" if measured else "compile(circuit, inputs='x')"
    if measured or given_inputs:
        what = "what is measured" if measured else "which of its parameters are inputs"
        raise TypeError(
            f"{name} takes a Program, as a circuit does not say {what}; compile it first, as in "
            f"{missing}"
        )
    return compile(value)


def require_function(value: Any, name: str, of: str, example: str) -> None:
    """Raise TypeError for what cannot be called, such as the circuit that it is about."""
    if callable(value):
        return
    hint = ""
    if isinstance(value, Circuit):
        hint = f"; compile the circuit and give a function of its program, as in {example}"
    elif isinstance(value, Program):
        hint = f"; give a function of the program, as in {example}"
    raise TypeError(f"{name} must be a function of {of}, not {shown(value)}{hint}")


def require(condition: bool, message: str) -> None:
    """Raise ValueError unless a condition holds."""
    if not condition:
        raise ValueError(message)


def require_inputs(program: Program, inputs: Any) -> None:
    """Raise ValueError where the inputs of a program are missing."""
    n_inputs = len(program.inputs)
    require(
        inputs is not None or n_inputs == 0,
        f"inputs are missing: the program has {n_inputs}, {program.inputs[:3]}",
    )
