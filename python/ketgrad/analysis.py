"""What a circuit can express and how well it trains, from populations of random weights.

Every function evaluates its whole population as batches with a row of weights a sample, as many at
once as memory takes. Weights are drawn uniformly from [0, 2 pi).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ketgrad._core import Circuit, Program, bloch_vectors
from ketgrad._numbers import generator, integer
from ketgrad._populations import (
    FloatArray,
    Moments,
    Population,
    program_of,
    require,
    require_function,
    require_memory,
)
from ketgrad._words import shown

_MOST_QUBITS = 100_000  # of a circuit


def gradient_variance(
    program: Program,
    n_samples: int = 200,
    *,
    inputs: npt.ArrayLike | None = None,
    seed: int | None = None,
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
    inputs : array-like of shape (n_inputs,), default=None
        The sample, for a program with inputs.
    seed : int, default=None
        Of the weights; None takes fresh entropy.

    Returns
    -------
    variance : ndarray of shape (n_observables, n_weights)

    Raises
    ------
    ValueError
        For less than 2 samples and for programs without observables or weights.
    MemoryError
        For a population larger than memory.

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
            cotangent = np.zeros((len(w), n_observables))
            cotangent[:, k] = 1.0
            moments.add(program.vjp(cotangent, x, w)[1])
        out[k] = moments.variance()
    return out


@dataclass(frozen=True)
class PlateauScan:
    """What :func:`ketgrad.plateau_scan` found."""

    n_qubits: npt.NDArray[np.int64]
    """The numbers of qubits."""
    variances: FloatArray
    """For each, the mean over observables and weights of the variance of a derivative."""
    rate: float
    """The slope of log2(variance) by the number of qubits; -1 halves it with every qubit."""


def plateau_scan(
    build: Callable[[int], Program],
    n_qubits: Sequence[int],
    *,
    n_samples: int = 200,
    seed: int | None = None,
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
    seed : int, default=None
        Of the weights; None takes fresh entropy.

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
            gradient_variance(build(n), n_samples, seed=int(s)).mean()
            for n, s in zip(n_qubits, seeds, strict=True)
        ]
    )
    sizes = np.asarray(n_qubits, dtype=np.int64)
    tiny = np.finfo(np.float64).tiny
    rate = float(np.polyfit(sizes, np.log2(np.maximum(variances, tiny)), 1)[0])
    return PlateauScan(sizes, variances, rate)


def expressibility(
    program: Program | Circuit,
    n_pairs: int = 2000,
    *,
    n_bins: int = 75,
    inputs: npt.ArrayLike | None = None,
    seed: int | None = None,
) -> float:
    """Estimate how far the states of random weights are from uniform ones: 0 is the best.

    The Kullback-Leibler divergence, in nats, of the histogram of the fidelities of pairs from that
    of Haar-random states, whose density is (N - 1) (1 - F)**(N - 2) for N = 2**n_qubits (Sim,
    Johnson and Aspuru-Guzik 2019, arXiv:1905.10876). A circuit that does nothing has
    (N - 1) log(n_bins).

    Parameters
    ----------
    program : Program or Circuit
        Prepares the states; a circuit whose parameters are all weights is compiled.
    n_pairs : int, default=2000
        Pairs of rows of random weights.
    n_bins : int, default=75
        Bins of the histogram of fidelities.
    inputs : array-like of shape (n_inputs,), default=None
        The sample, for a program with inputs.
    seed : int, default=None
        Of the weights; None takes fresh entropy.

    Returns
    -------
    divergence : float

    Raises
    ------
    ValueError
        For less than one pair or bin.
    MemoryError
        For a population larger than memory.

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
    fidelities = np.concatenate(list(_pair_fidelities(program, n_pairs, inputs, seed)))
    counts = np.histogram(fidelities.clip(0.0, 1.0), bins=n_bins, range=(0.0, 1.0))[0]
    shares = counts / n_pairs
    seen = shares > 0
    log_haar = _log_haar(n_bins, 2**program.n_qubits)
    return float(np.sum(shares[seen] * (np.log(shares[seen]) - log_haar[seen])))


def meyer_wallach(
    program: Program | Circuit,
    inputs: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
) -> FloatArray:
    """Compute Meyer and Wallach's entanglement of the final states.

    Q = 2 (1 - mean of Tr rho_q**2), which is 1 minus the mean squared length of the qubits' Bloch
    vectors (quant-ph/0108104; Brennen 2003, quant-ph/0305094): 0 for product states, 1 where every
    qubit is maximally entangled with the others.

    Parameters
    ----------
    program : Program or Circuit
        Prepares the states; a circuit whose parameters are all weights is compiled.
    inputs, weights : array-like
        As of the methods of a program.

    Returns
    -------
    q : ndarray of shape (), or (batch,) for a batch

    Examples
    --------
    >>> import ketgrad as kg
    >>> float(kg.meyer_wallach(kg.compile(kg.Circuit(3).h(0).cx(0, 1).cx(1, 2))).round(6))
    1.0

    """
    program = program_of(program, "meyer_wallach", measured=False, given_inputs=inputs is not None)
    lengths = np.square(bloch_vectors(program, inputs, weights)).sum(axis=-1)
    return np.asarray(1.0 - lengths.mean(axis=-1))


def entangling_capability(
    program: Program | Circuit,
    n_samples: int = 1000,
    *,
    inputs: npt.ArrayLike | None = None,
    seed: int | None = None,
) -> float:
    """Estimate the mean of :func:`ketgrad.meyer_wallach` over random weights.

    (Sim, Johnson and Aspuru-Guzik 2019, arXiv:1905.10876.)

    Parameters
    ----------
    program : Program or Circuit
        Prepares the states; a circuit whose parameters are all weights is compiled.
    n_samples : int, default=1000
        Rows of random weights.
    inputs : array-like of shape (n_inputs,), default=None
        The sample, for a program with inputs.
    seed : int, default=None
        Of the weights; None takes fresh entropy.

    Returns
    -------
    capability : float
        From 0 to 1.

    Raises
    ------
    ValueError
        For less than one sample.
    MemoryError
        For a population larger than memory.

    Examples
    --------
    >>> import ketgrad as kg
    >>> separable = kg.compile(kg.ansatz("basic_entangler", 3, 2, entangle=False))
    >>> abs(round(kg.entangling_capability(separable, 50), 9))
    0.0

    """
    program = program_of(
        program, "entangling_capability", measured=False, given_inputs=inputs is not None
    )
    n_samples = integer("n_samples", n_samples, 1)
    population = Population(program, n_samples, inputs, seed)
    total = sum(
        float(meyer_wallach(program, x, w).sum())
        for x, w in population.chunks(24.0 * program.n_qubits)
    )
    return total / n_samples


def _sizes(n_qubits: Sequence[int]) -> list[int]:
    if not isinstance(n_qubits, Iterable) or isinstance(n_qubits, str):
        raise TypeError(f"n_qubits must be a list of integers, not {shown(n_qubits)}")
    sizes = [integer(f"n_qubits[{k}]", n, 1, _MOST_QUBITS) for k, n in enumerate(n_qubits)]
    require(len(set(sizes)) >= 2, f"n_qubits={sizes}; a slope needs two sizes")
    return sizes


def _pair_fidelities(
    program: Program, n_pairs: int, inputs: npt.ArrayLike | None, seed: int | None
) -> Iterator[FloatArray]:
    population = Population(program, 2 * n_pairs, inputs, seed)
    for x, w in population.chunks(16.0 * 2**program.n_qubits, step=2):
        states = program.state(x, w)
        overlaps = np.einsum("ij,ij->i", states[::2].conj(), states[1::2])
        yield np.square(np.abs(overlaps))


def _log_haar(n_bins: int, dimension: int) -> FloatArray:
    """Logarithms of the shares of the fidelities of Haar-random states in equal bins."""
    power = dimension - 1
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    rest = 1.0 - edges[:-1]
    ratio = (1.0 - edges[1:]) / rest
    out: FloatArray = power * np.log(rest) + np.log1p(-(ratio**power))
    return out
