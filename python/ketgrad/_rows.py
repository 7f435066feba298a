"""Samples as errors name them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from ketgrad._types import Array


@contextmanager
def rows_as_given() -> Iterator[list[Array]]:
    """Name samples in errors by the rows that were given, whichever of them are worked on.

    The list is for the indices of those rows, once they are known.

    >>> import numpy as np
    >>> with rows_as_given() as rows:
    ...     rows.append(np.array([7, 5]))
    ...     raise ValueError("amplitudes have norm 0 in sample 1")
    Traceback (most recent call last):
    ValueError: amplitudes have norm 0 in sample 5
    """
    kept: list[Array] = []

    def row(match: re.Match[str]) -> str:
        k = int(match[1])
        return f"sample {kept[0][k]}" if k < len(kept[0]) else match[0]

    try:
        yield kept
    except ValueError as error:
        if kept and error.args and isinstance(error.args[0], str):
            error.args = (re.sub(r"\bsample (\d+)", row, error.args[0]), *error.args[1:])
        raise
