"""The probability of good outcomes, from fewer runs than it takes to count them."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import acos, ceil, floor, log, log2, pi, sin, sqrt

from ketgrad._core import Circuit, _qubits, _real, grover
from ketgrad._numbers import generator, integer
from ketgrad._words import shown

_LEAST_EPSILON = 1e-6


@dataclass(frozen=True)
class AmplitudeEstimate:
    """What :func:`ketgrad.library.amplitude_estimation` found."""

    probability: float
    """The middle of the interval."""
    interval: tuple[float, float]
    """Holds the probability of a good outcome with the confidence that was asked for."""
    n_queries: int
    """How often Grover's operator was applied, over all shots."""
    n_shots: int
    """Runs of circuits in all."""


def amplitude_estimation(
    preparation: Circuit,
    good_qubits: int | Iterable[int],
    *,
    epsilon: float = 0.01,
    alpha: float = 0.05,
    shots: int = 100,
    seed: int | None = None,
) -> AmplitudeEstimate:
    """Estimate the probability that all good qubits are 1, after a preparation.

    Iterative amplitude estimation (Grinko, Gacon, Zoufal, Woerner 2021, arXiv:1912.05559), with the
    Chernoff-Hoeffding bound: rounds of `shots` runs of the preparation and ever more of Grover's
    iterations, without phase estimation. To a half width epsilon it takes of the order of
    1 / epsilon applications of the preparation, where counting takes 1 / epsilon**2.

    Parameters
    ----------
    preparation : Circuit
        Prepares the state from |0...0>; gates alone, without parameters.
    good_qubits : int or iterable of int
        The qubits that are 1 in a good outcome.
    epsilon : float, default=0.01
        Half the width of the interval at most, from 1e-6 to 0.5.
    alpha : float, default=0.05
        How probable it may be that the interval misses the probability, between 0 and 1.
    shots : int, default=100
        Runs in a round.
    seed : int, default=None
        Of the runs; None takes fresh entropy.

    Returns
    -------
    AmplitudeEstimate
        With the ``probability``, its ``interval``, ``n_queries``, ``n_shots``.

    Raises
    ------
    ValueError
        For a preparation that is not unitary, qubits that it lacks, numbers out of range.

    Examples
    --------
    >>> found = kg.library.amplitude_estimation(kg.Circuit(1).ry(0.6, 0), 0, seed=1)
    >>> low, high = found.interval
    >>> low < 0.0873 < high < low + 0.02  # sin(0.3)**2
    True

    """
    if not isinstance(preparation, Circuit):
        raise TypeError(f"preparation must be a Circuit, not {shown(preparation)}")
    qubits = _qubits(good_qubits)
    if not qubits:
        raise ValueError("good_qubits is empty")
    epsilon = _between("epsilon", epsilon, _LEAST_EPSILON, 0.5)
    alpha = _between("alpha", alpha, 0.0, 1.0)
    if alpha in (0.0, 1.0):
        raise ValueError(f"alpha={alpha}; it must be between 0 and 1")
    shots = integer("shots", shots, 1)
    search = _Search(preparation, qubits, seed)
    n_rounds = max(1, ceil(log2(pi / (8 * epsilon))))  # of different k, at most
    low, high, k, half = 0.0, 0.25, 0, 0  # of the angle, in turns; half turns of 4k + 2 times it
    while high - low > epsilon / pi:
        k, half = _next_power(k, half, low, high)
        good, total = search.run(k, shots)
        margin = sqrt(log(2 * n_rounds / alpha) / (2 * total))
        seen = max(0.0, good / total - margin), min(1.0, good / total + margin)
        within = [acos(1 - 2 * p) / (2 * pi) for p in seen]
        if half % 2 == 1:
            within = [1 - turn for turn in reversed(within)]
        low, high = ((half // 2 + turn) / (4 * k + 2) for turn in within)
    interval = sin(2 * pi * low) ** 2, sin(2 * pi * high) ** 2
    return AmplitudeEstimate(
        probability=sum(interval) / 2,
        interval=interval,
        n_queries=search.n_queries,
        n_shots=search.n_shots,
    )


class _Search:
    """Runs the preparation and k iterations, and adds up what was seen for the same k in a row."""

    def __init__(self, preparation: Circuit, qubits: list[int], seed: int | None) -> None:
        self.preparation = preparation
        self.qubits = qubits
        self.rng = generator(seed)
        self.oracle = Circuit(preparation.n_qubits).z(qubits[0], controls=qubits[1:])
        self.k, self.good, self.total = -1, 0, 0
        self.n_queries = self.n_shots = 0

    def run(self, k: int, shots: int) -> tuple[int, int]:
        """Return how many of the runs for this k were good, and how many there were."""
        if k != self.k:
            self.k, self.good, self.total = k, 0, 0
            self.circuit = Circuit(self.preparation.n_qubits, len(self.qubits)).compose(
                grover(self.oracle, k, self.preparation)
            )
            for bit, qubit in enumerate(self.qubits):
                self.circuit.measure(qubit, bit)
        counts = self.circuit.run(shots, seed=int(self.rng.integers(2**63))).counts()
        self.good += counts.get("1" * len(self.qubits), 0)
        self.total += shots
        self.n_queries += k * shots
        self.n_shots += shots
        return self.good, self.total


def _next_power(k: int, half: int, low: float, high: float) -> tuple[int, int]:
    """Return the greatest useful number of iterations, and the half turn that it looks at.

    The multiple 4k + 2 of all angles between `low` and `high` is to be in one half turn; the last k
    is kept where none is twice as large.
    """
    most = floor(1 / (2 * (high - low)))
    factor = most - (most - 2) % 4
    while factor >= 2 * (4 * k + 2):
        first = floor(2 * factor * low)
        if 2 * factor * high <= first + 1:
            return (factor - 2) // 4, first
        factor -= 4
    return k, half


def _between(name: str, value: float, low: float, high: float) -> float:
    number: float = _real(value, name)
    if not low <= number <= high:
        raise ValueError(f"{name}={number}; it must be from {low} to {high}")
    return number
