"""The Fisher information of measured circuits, and what follows from it."""

import math

import numpy as np
import numpy.typing as npt

from ketgrad._core import Circuit, Program, _real, _real_array
from ketgrad._memory import require_memory
from ketgrad._numbers import integer
from ketgrad._types import FloatArray
from ketgrad.analysis.arguments import program_of, require, require_inputs
from ketgrad.analysis.documentation import document
from ketgrad.analysis.populations import Population, chunks

_LARGEST_DATA = 2**53  # samples: as far as floating-point numbers count


@document
def fisher_information(
    program: Program | Circuit,
    inputs: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
) -> FloatArray:
    """Compute the Fisher information of the outcomes of measuring all qubits.

    F = sum_i (dp_i / dw) (dp_i / dw)^T / p_i over the basis states i, averaged over the samples.

    Parameters
    ----------
    program : {weighted_program}
    inputs : array-like of shape (n_samples, n_inputs), default=None
        The samples, for a program with inputs.
    weights : array-like of shape (n_weights,) or (population, n_weights)
        The weights.

    Returns
    -------
    fisher : ndarray of shape (n_weights, n_weights) or (population, n_weights, n_weights)

    Raises
    ------
    ValueError
        For shapes that do not fit.
    MemoryError
        For a result larger than memory.

    Examples
    --------
    >>> import ketgrad as kg
    >>> program = kg.compile(kg.Circuit(1).rx(kg.Parameter("a"), 0))
    >>> kg.fisher_information(program, weights=[0.4]).round(6)
    array([[1.]])

    """
    program = program_of(
        program, "fisher_information", measured=False, given_inputs=inputs is not None
    )
    n_inputs, d = len(program.inputs), len(program.weights)
    rows = _real_array([] if weights is None else weights, "weights")
    if rows.ndim not in (1, 2) or rows.shape[-1] != d:
        raise ValueError(f"weights must have shape ({d},) or (population, {d}), got {rows.shape}")
    require_inputs(program, inputs)
    samples = np.zeros((1, 0)) if inputs is None else _real_array(inputs, "inputs")
    if samples.ndim != 2 or samples.shape[1] != n_inputs or len(samples) == 0:
        raise ValueError(f"inputs must have shape (n_samples, {n_inputs}), got {samples.shape}")
    population = np.atleast_2d(rows)
    require_memory(8.0 * len(population) * d * d, f"the Fisher information of {len(population)}")
    out = np.zeros((len(population), d, d))
    pairs = len(population) * len(samples)
    for some in chunks(pairs, 8.0 * 2**program.n_qubits * (2 * d + 1)):
        which, sample = np.divmod(np.arange(some.start, some.stop), len(samples))
        x = samples[sample] if n_inputs else None
        probabilities = program.probs(x, population[which])
        slopes = program.jacobian(x, population[which], of="probs")[1]
        # An outcome that cannot occur says nothing.
        possible = probabilities > np.finfo(np.float64).eps
        scale = np.where(possible, 1 / np.sqrt(np.where(possible, probabilities, 1.0)), 0.0)
        slopes = slopes * scale[:, :, None]
        np.add.at(out, which, slopes.transpose(0, 2, 1) @ slopes)
    out /= len(samples)
    return out[0] if rows.ndim == 1 else out


@document
def effective_dimension(
    program: Program | Circuit,
    inputs: npt.ArrayLike | None = None,
    *,
    n_data: int = 10_000,
    n_samples: int = 100,
    gamma: float = 1.0,
    seed: int | None = None,
) -> float:
    """Estimate the effective dimension of a model that measures all qubits.

    2 log(mean of sqrt(det(1 + k F))) / log(k) over random weights, with k = gamma n / (2 pi log n)
    and F the Fisher information scaled to a mean trace of n_weights (Abbas et al. 2021, Nature
    Computational Science 1:403, arXiv:2011.00027).

    Parameters
    ----------
    program : {weighted_program}
    inputs : array-like of shape (n_samples, n_inputs), default=None
        Samples of the data, for a program with inputs.
    n_data : int, default=10000
        The number n of data the model is to be judged for.
    n_samples : int, default=100
        Rows of random weights.
    gamma : float, default=1.0
        In (0, 1].
    seed : {seed_of_weights}

    Returns
    -------
    dimension : float
        At most n_weights, up to the order of 1 / log(n_data).

    Raises
    ------
    ValueError
        For numbers out of range (k must be above 1), programs without weights, and where no weight
        changes any probability.
    {too_large}

    Examples
    --------
    >>> import ketgrad as kg
    >>> a, b = kg.Parameter("a"), kg.Parameter("b")
    >>> program = kg.compile(kg.Circuit(1).rx(a + b, 0))  # two weights that act as one
    >>> round(kg.effective_dimension(program, n_samples=10, seed=0), 1)
    1.1

    """
    program = program_of(
        program, "effective_dimension", measured=False, given_inputs=inputs is not None
    )
    d = len(program.weights)
    require(d > 0, "the program has no weights")
    n_samples = integer("n_samples", n_samples, 1)
    n_data = integer("n_data", n_data, 1, _LARGEST_DATA)
    gamma = _real(gamma, "gamma")
    require(0 < gamma <= 1, f"gamma={gamma}; it must be greater than 0 and at most 1")
    k = gamma * n_data / (2 * np.pi * math.log(n_data)) if n_data > 1 else 0.0
    require(
        k > 1, f"n_data={n_data}; gamma * n_data / (2 pi log(n_data)) is {k:.3g} and must be over 1"
    )
    weights = Population(program, n_samples, None, seed, sample_given=True).weights
    fisher = fisher_information(program, inputs, weights)
    trace = np.trace(fisher, axis1=1, axis2=2).mean()
    require(trace > 0, "no weight changes any probability")
    halves = 0.5 * np.linalg.slogdet(np.eye(d) + k * d / trace * fisher)[1]
    top = halves.max()
    log_mean = top + np.log(np.mean(np.exp(halves - top)))
    return float(2 * log_mean / np.log(k))
