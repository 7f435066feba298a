"""What users of Qiskit give, checked once; each error is one line that names it."""

from collections.abc import Sequence
from math import isfinite
from numbers import Integral
from typing import Any

import numpy as np
from qiskit.exceptions import QiskitError

from ketgrad import NoiseModel
from ketgrad._words import shown


def require_type(value: Any, kind: type, what: str) -> None:
    """Raise QiskitError for what is of another type."""
    if not isinstance(value, kind):
        raise QiskitError(f"{what} must be a {kind.__name__}, not {shown(value)}")


def require_noise(noise: Any) -> None:
    """Raise QiskitError for what is neither None nor a noise model of ketgrad."""
    if noise is not None and not isinstance(noise, NoiseModel):
        raise QiskitError(f"noise must be a ketgrad.NoiseModel or None, not {shown(noise)}")


def require_whole(value: Any, least: int, what: str) -> None:
    """Raise QiskitError for what is no whole number, or one that is too small."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise QiskitError(f"{what} must be a whole number of at least {least}, not {shown(value)}")


def require_precision(precision: float) -> None:
    """Raise QiskitError for precisions that no number of shots has."""
    if isinstance(precision, bool) or not isfinite(precision):
        raise QiskitError(f"precision must be a finite number, not {shown(precision)}")


def require_finite(values: Any, names: Sequence[str]) -> None:
    """Raise QiskitError for values of parameters, a column each, that are not finite."""
    finite = np.isfinite(values)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        raise QiskitError(
            f"parameter '{names[column]}' is {values[row, column]} in sample {row}; "
            "it must be finite"
        )
