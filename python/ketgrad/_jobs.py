"""Work in jobs of joblib, by whatever backend its `parallel_config` names.

joblib is there where scikit-learn is; nothing else here needs it.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ketgrad._core import _row_blocks
from ketgrad._numbers import is_integer
from ketgrad._types import FloatArray
from ketgrad._words import shown

DOCUMENTATION = """
    int, default=None
        Jobs of joblib, by the backend of its ``parallel_config``; -1 is one a processor. None is as
        many as ``parallel_config`` says, where there is one, and else none."""


def n_parallel(n_jobs: Any) -> int:
    """Tell how many jobs are to run at once.

    >>> n_parallel(None), n_parallel(2)
    (1, 2)
    >>> n_parallel(0)
    Traceback (most recent call last):
    ValueError: n_jobs=0; it must be at least 1, or negative: -1 is one a processor
    """
    if n_jobs is None and "joblib" not in sys.modules:  # nobody has asked for any
        return 1
    if n_jobs is not None:
        if not is_integer(n_jobs):
            raise TypeError(f"n_jobs must be an integer or None, not {shown(n_jobs)}")
        if n_jobs == 0:
            raise ValueError("n_jobs=0; it must be at least 1, or negative: -1 is one a processor")
    joblib = _joblib()
    count: int = joblib.effective_n_jobs(n_jobs)
    return count


def is_split(n_jobs: Any) -> bool:
    """Tell whether work is to be done in jobs: asked for, if only one at a time."""
    return n_parallel(n_jobs) > 1 or n_jobs is not None


def run(function: Callable[..., Any], calls: Iterable[Sequence[Any]], n_jobs: Any) -> list[Any]:
    """Call a function with each of these arguments, in jobs; the results are in their order."""
    joblib = _joblib()
    job = joblib.delayed(function)
    results: list[Any] = joblib.Parallel(n_jobs)(job(*arguments) for arguments in calls)
    return results


def row_slices(n_rows: int) -> list[slice]:
    """Cut rows into parts of 8 or more, by their number alone, so that they have the same bits.

    >>> row_slices(20)
    [slice(0, 8, None), slice(8, 20, None)]
    """
    return [slice(*ends) for ends in _row_blocks(n_rows)]


def losses_of(loss: Callable[[FloatArray], Any], rows: FloatArray, n_jobs: Any) -> Any:
    """Evaluate a function that gives one number a row."""
    if not is_split(n_jobs):
        return loss(rows)
    parts = row_slices(len(rows))
    found = run(loss, [(rows[part],) for part in parts], n_jobs)
    return joined(found, parts)


def joined(found: Sequence[Any], parts: Sequence[slice]) -> FloatArray:
    """Put together what parts of rows gave; ValueError unless each has a value a row."""
    for values, part in zip(found, parts, strict=True):
        shape, n_rows = np.shape(values), part.stop - part.start
        if shape[:1] != (n_rows,):
            raise ValueError(f"what a job gave for {n_rows} rows has shape {shape}, not one a row")
    out: FloatArray = np.concatenate(found)
    return out


def _joblib() -> Any:
    try:
        import joblib
    except ModuleNotFoundError as error:
        raise ImportError("n_jobs needs joblib: pip install 'ketgrad[learn]'") from error
    return joblib
