"""What is computed from the outcomes of measurements inside of circuits."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, Never

import numpy as np
from numpy.typing import NDArray
from pennylane.measurements import MeasurementProcess
from pennylane.ops import MeasurementValue

from ketgrad import PauliSum

Floats = NDArray[np.float64]


class Outcome:
    """A sum of outcomes, constant + Σ slopes[k]·outcome k, in the place of an outcome.

    A function of outcomes that is given these shows whether it is such a sum itself: whatever else
    it would do with them raises TypeError.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, constant: float, slopes: Floats) -> None:
        self.constant, self.slopes = constant, slopes

    def __add__(self, other: Any) -> "Outcome":
        if isinstance(other, Outcome):
            return Outcome(self.constant + other.constant, self.slopes + other.slopes)
        return Outcome(self.constant + _number(other), self.slopes)

    def __mul__(self, other: Any) -> "Outcome":
        factor = _number(other)
        return Outcome(factor * self.constant, factor * self.slopes)

    def __truediv__(self, other: Any) -> "Outcome":
        divisor = _number(other)
        return Outcome(self.constant / divisor, self.slopes / divisor)

    def __neg__(self) -> "Outcome":
        return self * -1

    def __sub__(self, other: Any) -> "Outcome":
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> "Outcome":
        return self.__neg__().__add__(other)

    __radd__ = __add__
    __rmul__ = __mul__

    def __refuse(self, *_: Any) -> Never:
        raise TypeError("no sum of outcomes")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __refuse
    __bool__ = __int__ = __float__ = __index__ = __refuse


def _number(given: Any) -> float:
    if isinstance(given, Real):
        return float(given)
    if isinstance(given, np.ndarray) and given.ndim == 0:
        return float(given)
    raise TypeError("no sum of outcomes")


@dataclass(frozen=True)
class Computed:
    """What is computed from outcomes: a sum of them, or a value for each of all combinations."""

    linear: Outcome | None
    values: Floats | None

    def key(self) -> Hashable:
        """Give what tells it from others."""
        if self.linear is not None:
            return (self.linear.constant, self.linear.slopes.tobytes())
        return None if self.values is None else self.values.tobytes()

    def value(self, bits: Sequence[int]) -> float:
        """Give the value at outcomes, one of each measurement."""
        if self.linear is not None:
            return float(self.linear.constant + self.linear.slopes @ np.asarray(bits))
        assert self.values is not None
        return float(self.values[int("".join(map(str, bits)), 2)])

    def pauli_sum(self, qubits: Sequence[int], n: int) -> PauliSum:
        """Give it as a sum of products of Z on the qubits that hold the outcomes, of n qubits."""
        if self.linear is not None:
            c, slopes = self.linear.constant, self.linear.slopes
            terms = [("Z", [q], -s / 2) for q, s in zip(qubits, slopes.tolist(), strict=True)]
            return PauliSum.from_sparse([("", [], float(c + slopes.sum() / 2)), *terms], n)
        assert self.values is not None
        factors = _walsh(self.values)
        on = [
            [q for k, q in enumerate(reversed(qubits)) if place >> k & 1]
            for place in range(len(factors))
        ]
        terms = [("Z" * len(q), q, f) for q, f in zip(on, factors.tolist(), strict=True) if f]
        return PauliSum.from_sparse(terms, n)


def _walsh(values: Floats) -> Floats:
    """Give the factor of each product of signs, whose sum the values are (Walsh-Hadamard)."""
    out = values.copy()
    step = 1
    while step < len(out):
        pairs = out.reshape(-1, 2, step)
        out = np.stack([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], 1).ravel() / 2
        step *= 2
    return out


def computed(mp: MeasurementProcess) -> Computed:
    """Give what a measurement asks of the outcomes of others.

    To ask PennyLane for all combinations takes a call for each of 2**k, what sums need not.
    """
    if not isinstance(mp.mv, MeasurementValue):  # several, each by itself
        return Computed(None, None)
    units = np.eye(len(mp.mv.measurements))
    try:
        found = mp.mv.processing_fn(*(Outcome(0.0, unit) for unit in units))
    except Exception:  # of a function that asks more of outcomes than to be added
        found = None
    if isinstance(found, Outcome):
        return Computed(found, None)
    return Computed(None, np.asarray(mp.eigvals(), float))
