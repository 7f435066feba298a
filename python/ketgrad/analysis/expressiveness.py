"""How much of the space of states a circuit reaches."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad._core import Circuit, Program
from ketgrad._memory import require_memory
from ketgrad._numbers import integer
from ketgrad._types import FloatArray
from ketgrad.analysis.arguments import program_of
from ketgrad.analysis.documentation import document
from ketgrad.analysis.populations import Population, in_parts


@document
def expressibility(
    program: Program | Circuit,
    n_pairs: int = 2000,
    *,
    n_bins: int = 75,
    inputs: npt.ArrayLike | None = None,
    seed: int | None = None,
    n_jobs: int | None = None,
) -> float:
    """Estimate how far the states of random weights are from uniform ones: 0 is the best.

    The Kullback-Leibler divergence, in nats, of the histogram of the fidelities of pairs from that
    of Haar-random states, whose density is (N - 1) (1 - F)**(N - 2) for N = 2**n_qubits (Sim,
    Johnson and Aspuru-Guzik 2019, arXiv:1905.10876). A circuit that does nothing has
    (N - 1) log(n_bins).

    Parameters
    ----------
    program : {state_program}
    n_pairs : int, default=2000
        Pairs of rows of random weights.
    n_bins : int, default=75
        Bins of the histogram of fidelities.
    inputs : {sample}
    seed : {seed_of_weights}
    n_jobs : {n_jobs}

    Returns
    -------
    divergence : float

    Raises
    ------
    ValueError
        For less than one pair or bin.
    {too_large}

    Examples
    --------
    >>> import ketgrad as kg
    >>> round(kg.expressibility(kg.compile(kg.Circuit(1).x(0))), 3)  # log 75
    4.317

    """
    program = program_of(program, "expressibility", measured=False, given_inputs=inputs is not None)
    n_pairs = integer("n_pairs", n_pairs, 1)
    n_bins = integer("n_bins", n_bins, 1)
    require_memory(6.0 * 8 * n_bins, f"a histogram of {n_bins} bins")
    fidelities = np.concatenate(list(_pair_fidelities(program, n_pairs, inputs, seed, n_jobs)))
    counts = np.histogram(fidelities.clip(0.0, 1.0), bins=n_bins, range=(0.0, 1.0))[0]
    shares = counts / n_pairs
    seen = shares > 0
    log_haar = _log_haar(n_bins, 2**program.n_qubits)
    return float(np.sum(shares[seen] * (np.log(shares[seen]) - log_haar[seen])))


def _pair_fidelities(
    program: Program, n_pairs: int, inputs: npt.ArrayLike | None, seed: int | None, n_jobs: Any
) -> Iterator[FloatArray]:
    population = Population(program, 2 * n_pairs, inputs, seed)
    for x, w in population.chunks(16.0 * 2**program.n_qubits, step=2):
        yield in_parts(_fidelities_of_pairs, program, (), x, w, n_jobs)


def _fidelities_of_pairs(program: Program, x: Any, w: FloatArray) -> FloatArray:
    """Give the fidelity of each row with the next, which parts of even sizes hold both."""
    states = program.state(x, w)
    overlaps = np.einsum("ij,ij->i", states[::2].conj(), states[1::2])
    out: FloatArray = np.square(np.abs(overlaps))
    return out


def _log_haar(n_bins: int, dimension: int) -> FloatArray:
    """Logarithms of the shares of the fidelities of Haar-random states in equal bins."""
    power = dimension - 1
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    rest = 1.0 - edges[:-1]
    ratio = (1.0 - edges[1:]) / rest
    out: FloatArray = power * np.log(rest) + np.log1p(-(ratio**power))
    return out
