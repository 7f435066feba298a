"""Features of any scale become numbers of order one, within the range of floating-point numbers."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad._types import FloatArray


def weighted_mean_and_scale(
    values: FloatArray, weight: FloatArray | None
) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation over the rows; 1 for what is constant up to rounding.

    Neither sums nor squares leave the range of floating-point numbers, whatever the values: they
    are taken of numbers divided by a power of two, which rounds nothing.

    >>> mean, scale = weighted_mean_and_scale(np.array([[1e300, 3e-200], [3e300, 1e-200]]), None)
    >>> mean.tolist(), scale.tolist()
    ([2e+300, 2e-200], [1e+300, 1e-200])
    """
    if weight is not None:
        weight = np.ldexp(weight, -_exponent(weight))
    unit = _exponent(values) + 1  # so that differences stay in range, too
    values = np.ldexp(values, -unit)
    mean = np.average(values, axis=0, weights=weight)
    deviations = values - mean
    spread = _exponent(deviations)
    squares = np.square(np.ldexp(deviations, -spread))
    scale = np.ldexp(np.sqrt(np.average(squares, axis=0, weights=weight)), spread)
    constant = scale <= 10 * np.finfo(np.float64).eps * np.abs(mean)
    least = np.finfo(np.float64).smallest_subnormal
    return np.ldexp(mean, unit), np.where(constant, 1.0, np.ldexp(scale, unit).clip(least))


def _exponent(values: FloatArray) -> npt.NDArray[np.intc]:
    """Find e with values / 2**e in [-1, 1], column by column."""
    exponents: npt.NDArray[np.intc] = np.frexp(np.abs(values).max(axis=0))[1]
    return exponents


def standardised(values: FloatArray, mean: Any, scale: Any, unit: Any = 1.0) -> FloatArray:
    """Compute (values - mean) / (scale * unit); infinite where even that is out of range."""
    # Where the scale is large, everything is divided by a power of two first: exact, but for what
    # is tiny beside the scale.
    factor = np.where(np.asarray(scale) > 1, 2.0**-64, 1.0)
    with np.errstate(over="ignore"):
        differences = values * factor - mean * factor
        out: FloatArray = differences / (scale * factor * unit)
    return out
