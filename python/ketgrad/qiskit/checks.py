"""What users of Qiskit give, checked once; each error is one line that names it."""

from collections.abc import Sequence
from math import isfinite
from numbers import Integral, Real
from typing import Any

import numpy as np
from qiskit.exceptions import QiskitError

from ketgrad import NoiseModel
from ketgrad._numbers import is_integer
from ketgrad._words import shown

MOST_SHOTS = 2**53


def require_type(value: Any, kind: type, what: str) -> None:
    """Raise QiskitError for what is of another type."""
    if not isinstance(value, kind):
        raise QiskitError(f"{what} must be a {kind.__name__}, not {shown(value)}")


def require_noise(noise: Any) -> None:
    """Raise QiskitError for what is neither None nor a noise model of ketgrad."""
    if noise is not None and not isinstance(noise, NoiseModel):
        raise QiskitError(f"noise must be a ketgrad.NoiseModel or None, not {shown(noise)}")


def require_whole(value: Any, least: int, what: str, most: int | None = None) -> None:
    """Raise QiskitError for what is no whole number, or one that is too small or too large."""
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        limits = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise QiskitError(f"{what} must be a whole number {limits}, not {shown(value)}")


def require_shots(shots: Any) -> None:
    """Raise QiskitError for what is no number of shots."""
    require_whole(shots, 1, "shots", MOST_SHOTS)


def require_precision(precision: Any) -> None:
    """Raise QiskitError for precisions that no number of shots has."""
    real = isinstance(precision, Real) and not isinstance(precision, bool)
    if not real or not isfinite(precision) or precision < 0:
        raise QiskitError(
            f"precision must be a finite number of at least 0, not {shown(precision)}"
        )


def require_seed(seed: Any) -> None:
    """Raise QiskitError for what no generator starts from."""
    if seed is None or isinstance(seed, np.random.Generator) or (is_integer(seed) and seed >= 0):
        return
    raise QiskitError(
        f"seed must be a whole number of at least 0, a numpy.random.Generator or None, "
        f"not {shown(seed)}"
    )


def require_pubs(pubs: Any) -> None:
    """Raise QiskitError for what has no pubs; of what is none itself Qiskit's own classes tell."""
    try:
        iter(pubs)
    except TypeError:
        told = f"a list of pubs is wanted, such as [(circuit, ...)], not {shown(pubs)}"
        raise QiskitError(told) from None


def require_samples(samples: Any) -> None:
    """Raise QiskitError for what is no row of real numbers, or rows of them."""
    try:
        array = np.asarray(samples)
    except ValueError:  # of rows of several lengths
        array = np.empty((), object)
    if not array.ndim or not array.size or array.dtype.kind not in "buif":
        raise QiskitError(f"samples must be rows of real numbers, not {shown(samples)}")


def require_finite(values: Any, names: Sequence[str]) -> None:
    """Raise QiskitError for values of parameters, a column each, that are not finite."""
    finite = np.isfinite(values)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        raise QiskitError(
            f"parameter '{names[column]}' is {values[row, column]} in sample {row}; "
            "it must be finite"
        )
