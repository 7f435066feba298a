"""How well a circuit trains, from the derivatives at random weights.

Every function evaluates its whole population as batches with a row of weights a sample, as many at
once as memory takes. Weights are drawn uniformly from [0, 2 pi).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad._core import Program
from ketgrad._numbers import generator, integer
from ketgrad._types import FloatArray
from ketgrad._words import shown
from ketgrad.analysis.arguments import program_of, require, require_function
from ketgrad.analysis.documentation import document
from ketgrad.analysis.populations import Moments, Population, in_parts

_MOST_QUBITS = 100_000  # of a circuit


@document
def gradient_variance(
    program: Program,
    n_samples: int = 200,
    *,
    inputs: npt.ArrayLike | None = None,
    seed: int | None = None,
    n_jobs: int | None = None,
) -> FloatArray:
    """Estimate the variance of every derivative over random weights.

    Where it vanishes exponentially with the number of qubits lies a barren plateau (McClean et al.
    2018, arXiv:1803.11173).

    Parameters
    ----------
    program : Program
        With at least one observable and one weight.
    n_samples : int, default=200
        Rows of random weights.
    inputs : {sample}
    seed : {seed_of_weights}
    n_jobs : {n_jobs}

    Returns
    -------
    variance : ndarray of shape (n_observables, n_weights)

    Raises
    ------
    ValueError
        For less than 2 samples and for programs without observables or weights.
    {too_large}

    Examples
    --------
    >>> import ketgrad as kg
    >>> program = kg.compile(kg.Circuit(1).rx(kg.Parameter("a"), 0), "Z")
    >>> kg.gradient_variance(program, 2000, seed=0).round(2)  # that of sin: 1 / 2
    array([[0.5]])

    """
    program = program_of(program, "gradient_variance", measured=True)
    n_samples = integer("n_samples", n_samples, 2)
    require(bool(program.weights), "the program has no weights")
    n_observables = program.n_observables
    require(n_observables > 0, "the program has no observables to take values of")
    population = Population(program, n_samples, inputs, seed)
    out = np.empty((n_observables, len(program.weights)))
    for k in range(n_observables):
        moments = Moments()
        for x, w in population.chunks(8.0 * (n_observables + len(program.weights))):
            moments.add(in_parts(_derivatives, program, (k,), x, w, n_jobs))
        out[k] = moments.variance()
    return out


def _derivatives(program: Program, observable: int, x: Any, w: FloatArray) -> FloatArray:
    cotangent = np.zeros((len(w), program.n_observables))
    cotangent[:, observable] = 1.0
    return program.vjp(cotangent, x, w)[1]


@dataclass(frozen=True)
class PlateauScan:
    """What :func:`ketgrad.plateau_scan` found."""

    n_qubits: npt.NDArray[np.int64]
    """The numbers of qubits."""
    variances: FloatArray
    """For each, the mean over observables and weights of the variance of a derivative."""
    rate: float
    """The slope of log2(variance) by the number of qubits; -1 halves it with every qubit."""


@document
def plateau_scan(
    build: Callable[[int], Program],
    n_qubits: Sequence[int],
    *,
    n_samples: int = 200,
    seed: int | None = None,
    n_jobs: int | None = None,
) -> PlateauScan:
    """Follow the variance of the derivatives as a circuit grows.

    Parameters
    ----------
    build : callable
        ``build(n)`` makes the program on n qubits, without inputs.
    n_qubits : sequence of int
        At least two numbers of qubits.
    n_samples : int, default=200
        Rows of random weights for each.
    seed : {seed_of_weights}
    n_jobs : {n_jobs}

    Returns
    -------
    scan : PlateauScan

    Raises
    ------
    ValueError
        For less than two sizes, and as :func:`ketgrad.gradient_variance` does.

    Examples
    --------
    >>> import ketgrad as kg
    >>> def build(n):
    ...     return kg.compile(kg.strongly_entangling(n, 3 * n), kg.PauliSum("Z0", n_qubits=n))
    >>> kg.plateau_scan(build, [2, 3, 4, 5], seed=0).rate < -0.7
    True

    """
    require_function(build, "build", "a number of qubits", "lambda n: compile(my_circuit(n), 'Z0')")
    n_qubits = _sizes(n_qubits)
    seeds = generator(seed).bit_generator.seed_seq.generate_state(len(n_qubits))
    variances = np.array(
        [
            gradient_variance(build(n), n_samples, seed=int(s), n_jobs=n_jobs).mean()
            for n, s in zip(n_qubits, seeds, strict=True)
        ]
    )
    sizes = np.asarray(n_qubits, dtype=np.int64)
    tiny = np.finfo(np.float64).tiny
    rate = float(np.polyfit(sizes, np.log2(np.maximum(variances, tiny)), 1)[0])
    return PlateauScan(sizes, variances, rate)


def _sizes(n_qubits: Sequence[int]) -> list[int]:
    if not isinstance(n_qubits, Iterable) or isinstance(n_qubits, str):
        raise TypeError(f"n_qubits must be a list of integers, not {shown(n_qubits)}")
    sizes = [integer(f"n_qubits[{k}]", n, 1, _MOST_QUBITS) for k, n in enumerate(n_qubits)]
    require(len(set(sizes)) >= 2, f"n_qubits={sizes}; a slope needs two sizes")
    return sizes
