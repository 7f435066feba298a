"""What users of Qiskit give, checked once; each error is one line that names it."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from math import isfinite
from numbers import Integral, Real
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.exceptions import QiskitError

from ketgrad import NoiseModel
from ketgrad._clients import MOST_SHOTS
from ketgrad._words import shown

MOST_QUBITS = 100_000
_LEAST_PRECISION = MOST_SHOTS**-0.5


def require_type(value: Any, kind: type, what: str) -> None:
    """Raise QiskitError for what is of another type."""
    if not isinstance(value, kind):
        raise QiskitError(f"{what} must be a {kind.__name__}, not {shown(value)}")


def require_noise(noise: Any) -> None:
    """Raise QiskitError for what is neither None nor a noise model of ketgrad."""
    if noise is not None and not isinstance(noise, NoiseModel):
        raise QiskitError(f"noise must be a ketgrad.NoiseModel or None, not {shown(noise)}")


def require_aer(model: Any) -> None:
    """Raise QiskitError for what is no noise model of Aer, which whoever has one has imported."""
    theirs = getattr(sys.modules.get("qiskit_aer.noise"), "NoiseModel", ())
    if not isinstance(model, theirs):
        raise QiskitError(f"a noise model of Aer is wanted, not {shown(model)}")


def require_whole(value: Any, least: int, what: str, most: int | None = None) -> None:
    """Raise QiskitError for what is no whole number, or one that is too small or too large."""
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < least:
        raise QiskitError(f"{what} must be a whole number of at least {least}, not {shown(value)}")
    if most is not None and int(value) > most:
        raise QiskitError(f"{what} must be at most {most}, not {shown(value)}")


def require_precision(precision: Any) -> None:
    """Raise QiskitError for precisions that no number of shots has."""
    if isinstance(precision, bool) or not isinstance(precision, Real) or not isfinite(precision):
        raise QiskitError(f"precision must be a finite number, not {shown(precision)}")
    if float(precision) < 0 or 0 < float(precision) < _LEAST_PRECISION:
        raise QiskitError(
            f"precision must be 0 or at least {_LEAST_PRECISION:.3g}, not {shown(precision)}"
        )


def real_array(values: Any, what: str) -> Any:
    """Give real numbers as an array. Raises QiskitError for what is none, and lists that differ."""
    try:
        out = np.asarray(values)
    except ValueError as error:
        raise QiskitError(f"{what} must be rows of equal length, not {shown(values)}") from error
    if out.ndim == 0 or out.dtype.kind not in "biuf":
        raise QiskitError(f"{what} must be an array of real numbers, not {shown(values)}")
    return out


def each_pub(pubs: Any, kinds: Any, form: str) -> Iterator[Any]:
    """Give the pubs of a call. Raises QiskitError for what is no list of them, and what is none.

    What is a pub of a wrong form is refused by Qiskit, pub by pub.
    """
    if isinstance(pubs, str) or not isinstance(pubs, Iterable | QuantumCircuit):
        raise QiskitError(f"a list of pubs {form} is wanted, not {shown(pubs)}")
    for k, pub in enumerate(pubs):
        if isinstance(pub, str) or not isinstance(pub, kinds | QuantumCircuit | Sequence):
            raise QiskitError(f"pub {k} must be of the form {form}, not {shown(pub)}")
        yield pub


def require_finite(values: Any, names: Sequence[str]) -> None:
    """Raise QiskitError for values of parameters, a column each, that are not finite."""
    finite = np.isfinite(values)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        raise QiskitError(
            f"parameter '{names[column]}' is {values[row, column]} in sample {row}; "
            "it must be finite"
        )
