"""Populations of random weights, evaluated as batches of as many rows as memory takes."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad._core import (
    Circuit,
    Program,
    _real_array,
    available_memory,
    compile,  # noqa: A004 - the word of the field
)
from ketgrad._numbers import generator
from ketgrad._words import shown

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]

# The share of the available memory that one batch may take.
_SHARE = 0.25


class Population:
    """Rows of random weights, each with the same inputs."""

    def __init__(
        self,
        program: Program,
        size: int,
        inputs: npt.ArrayLike | None,
        seed: int | None,
        *,
        sample_given: bool = False,
    ) -> None:
        n_inputs, n_weights = len(program.inputs), len(program.weights)
        self._inputs = None if inputs is None else _real_array(inputs, "inputs")
        if not sample_given:
            require_inputs(program, inputs)
            shape = (0,) if self._inputs is None else self._inputs.shape
            require(shape == (n_inputs,), f"inputs must have shape ({n_inputs},), got {shape}")
        require_memory(8.0 * size * n_weights, f"a population of {size} by {n_weights} weights")
        self.weights = generator(seed).uniform(0, 2 * np.pi, (size, n_weights))

    def chunks(self, bytes_per_row: float, step: int = 1) -> Iterator[tuple[Any, FloatArray]]:
        """Yield inputs and weights of as many rows as memory takes, a multiple of step."""
        for some in chunks(len(self.weights), bytes_per_row, step):
            rows = self.weights[some]
            yield None if self._inputs is None else np.tile(self._inputs, (len(rows), 1)), rows


class Moments:
    """The variance of rows that come in parts (Chan, Golub and LeVeque 1979)."""

    def __init__(self) -> None:
        self._count = 0
        self._mean: Any = 0.0
        self._squares: Any = 0.0

    def add(self, rows: FloatArray) -> None:
        count, mean = len(rows), rows.mean(axis=0)
        total = self._count + count
        shift = mean - self._mean
        self._squares = (
            self._squares
            + np.square(rows - mean).sum(axis=0)
            + np.square(shift) * (self._count * count / total)
        )
        self._mean = self._mean + shift * (count / total)
        self._count = total

    def variance(self) -> FloatArray:
        out: FloatArray = self._squares / (self._count - 1)
        return out


def chunks(n_rows: int, bytes_per_row: float, step: int = 1) -> Iterator[slice]:
    fitting = int(_SHARE * available_memory() / max(bytes_per_row, 1.0))
    size = max(fitting // step, 1) * step
    for first in range(0, n_rows, size):
        yield slice(first, min(first + size, n_rows))


def program_of(value: Any, name: str, *, measured: bool, given_inputs: bool = False) -> Program:
    """Return the program that was given, or that of a circuit where there is only one.

    A circuit alone does not say what is measured, nor which of its parameters are inputs.
    """
    if isinstance(value, Program):
        return value
    if not isinstance(value, Circuit):
        raise TypeError(f"{name} takes a Program, not {type(value).__name__}")
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
    if not condition:
        raise ValueError(message)


def require_inputs(program: Program, inputs: Any) -> None:
    """Raise ValueError where the inputs of a program are missing."""
    n_inputs = len(program.inputs)
    require(
        inputs is not None or n_inputs == 0,
        f"inputs are missing: the program has {n_inputs}, {program.inputs[:3]}",
    )


def require_memory(needed: float, what: str) -> None:
    available = available_memory()
    if needed > available:
        raise MemoryError(
            f"{what} needs {needed:.0f} bytes, but only {available} bytes are available"
        )
