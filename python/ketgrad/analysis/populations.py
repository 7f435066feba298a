"""Populations of random weights, evaluated as batches of as many rows as memory takes."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad._core import Program, _real_array, available_memory
from ketgrad._jobs import n_parallel, row_slices, run
from ketgrad._memory import require_memory
from ketgrad._numbers import generator
from ketgrad._types import FloatArray
from ketgrad.analysis.arguments import require, require_inputs

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
        """Take more rows."""
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
        """Compute the variance of all rows, column by column."""
        out: FloatArray = self._squares / (self._count - 1)
        return out


def in_parts(
    function: Callable[..., FloatArray],
    program: Program,
    arguments: tuple[Any, ...],
    inputs: FloatArray | None,
    weights: FloatArray,
    n_jobs: Any,
) -> FloatArray:
    """Call function(program, *arguments, inputs, weights) with all rows, or in jobs with parts.

    The bits of a row are the same, as no part is short.
    """
    if n_parallel(n_jobs) == 1:
        return function(program, *arguments, inputs, weights)
    calls = [
        (program, *arguments, None if inputs is None else inputs[part], weights[part])
        for part in row_slices(len(weights))
    ]
    return np.concatenate(run(function, calls, n_jobs))


def chunks(n_rows: int, bytes_per_row: float, step: int = 1) -> Iterator[slice]:
    """Yield slices of as many rows as memory takes, a multiple of step."""
    fitting = int(_SHARE * available_memory() / max(bytes_per_row, 1.0))
    size = max(fitting // step, 1) * step
    for first in range(0, n_rows, size):
        yield slice(first, min(first + size, n_rows))
