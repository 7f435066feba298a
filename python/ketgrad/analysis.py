"""What a circuit can express and how well it trains, from populations of random weights.

Every function evaluates its whole population as batches with a row of weights a sample, as many at
once as memory takes. Weights are drawn uniformly from [0, 2 pi).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad._core import Program, available_memory, bloch_vectors

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]

# The share of the available memory that one batch may take.
_SHARE = 0.25
# Fourier coefficients smaller than this share of the largest are taken for rounding.
_ROUNDING = 1e-10
_MOST_FREQUENCIES = 4096


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
    _require(n_samples >= 2, f"n_samples={n_samples}; a variance needs at least 2")
    _require(bool(program.weights), "the program has no weights")
    n_observables = program.n_observables
    _require(n_observables > 0, "the program has no observables to take values of")
    population = _Population(program, n_samples, inputs, seed)
    out = np.empty((n_observables, len(program.weights)))
    for k in range(n_observables):
        moments = _Moments()
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
    _require(len(set(n_qubits)) >= 2, f"n_qubits={list(n_qubits)}; a slope needs two sizes")
    seeds = np.random.SeedSequence(seed).generate_state(len(n_qubits))
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
    program: Program,
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
    program : Program
        Prepares the states.
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
    _require(n_pairs >= 1, f"n_pairs={n_pairs}; it must be at least 1")
    _require(n_bins >= 1, f"n_bins={n_bins}; it must be at least 1")
    fidelities = np.concatenate(list(_pair_fidelities(program, n_pairs, inputs, seed)))
    counts = np.histogram(fidelities.clip(0.0, 1.0), bins=n_bins, range=(0.0, 1.0))[0]
    shares = counts / n_pairs
    seen = shares > 0
    log_haar = _log_haar(n_bins, 2**program.n_qubits)
    return float(np.sum(shares[seen] * (np.log(shares[seen]) - log_haar[seen])))


def meyer_wallach(
    program: Program,
    inputs: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
) -> FloatArray:
    """Compute Meyer and Wallach's entanglement of the final states.

    Q = 2 (1 - mean of Tr rho_q**2), which is 1 minus the mean squared length of the qubits' Bloch
    vectors (quant-ph/0108104; Brennen 2003, quant-ph/0305094): 0 for product states, 1 where every
    qubit is maximally entangled with the others.

    Parameters
    ----------
    program : Program
        Prepares the states.
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
    lengths = np.square(bloch_vectors(program, inputs, weights)).sum(axis=-1)
    return np.asarray(1.0 - lengths.mean(axis=-1))


def entangling_capability(
    program: Program,
    n_samples: int = 1000,
    *,
    inputs: npt.ArrayLike | None = None,
    seed: int | None = None,
) -> float:
    """Estimate the mean of :func:`ketgrad.meyer_wallach` over random weights.

    (Sim, Johnson and Aspuru-Guzik 2019, arXiv:1905.10876.)

    Parameters
    ----------
    program : Program
        Prepares the states.
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
    _require(n_samples >= 1, f"n_samples={n_samples}; it must be at least 1")
    population = _Population(program, n_samples, inputs, seed)
    total = sum(
        float(meyer_wallach(program, x, w).sum())
        for x, w in population.chunks(24.0 * program.n_qubits)
    )
    return total / n_samples


def fisher_information(
    program: Program,
    inputs: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
) -> FloatArray:
    """Compute the Fisher information of the outcomes of measuring all qubits.

    F = sum_i (dp_i / dw) (dp_i / dw)^T / p_i over the basis states i, averaged over the samples.

    Parameters
    ----------
    program : Program
        With weights.
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
    n_inputs, d = len(program.inputs), len(program.weights)
    rows = np.asarray([] if weights is None else weights, dtype=np.float64)
    if rows.ndim not in (1, 2) or rows.shape[-1] != d:
        raise ValueError(f"weights must have shape ({d},) or (population, {d}), got {rows.shape}")
    samples = np.zeros((1, 0)) if inputs is None else np.asarray(inputs, dtype=np.float64)
    if samples.ndim != 2 or samples.shape[1] != n_inputs or len(samples) == 0:
        raise ValueError(f"inputs must have shape (n_samples, {n_inputs}), got {samples.shape}")
    population = np.atleast_2d(rows)
    _require_memory(8.0 * len(population) * d * d, f"the Fisher information of {len(population)}")
    out = np.zeros((len(population), d, d))
    pairs = len(population) * len(samples)
    for some in _chunks(pairs, 8.0 * 2**program.n_qubits * (2 * d + 1)):
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


def effective_dimension(
    program: Program,
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
    program : Program
        With weights.
    inputs : array-like of shape (n_samples, n_inputs), default=None
        Samples of the data, for a program with inputs.
    n_data : int, default=10000
        The number n of data the model is to be judged for.
    n_samples : int, default=100
        Rows of random weights.
    gamma : float, default=1.0
        In (0, 1].
    seed : int, default=None
        Of the weights; None takes fresh entropy.

    Returns
    -------
    dimension : float
        At most n_weights, up to the order of 1 / log(n_data).

    Raises
    ------
    ValueError
        For numbers out of range (k must be above 1), programs without weights, and where no weight
        changes any probability.
    MemoryError
        For a population larger than memory.

    Examples
    --------
    >>> import ketgrad as kg
    >>> a, b = kg.Parameter("a"), kg.Parameter("b")
    >>> program = kg.compile(kg.Circuit(1).rx(a + b, 0))  # two weights that act as one
    >>> round(kg.effective_dimension(program, n_samples=10, seed=0), 1)
    1.1

    """
    d = len(program.weights)
    _require(d > 0, "the program has no weights")
    _require(n_samples >= 1, f"n_samples={n_samples}; it must be at least 1")
    _require(0 < gamma <= 1, f"gamma={gamma}; it must be greater than 0 and at most 1")
    k = gamma * n_data / (2 * np.pi * np.log(n_data)) if n_data > 1 else 0.0
    _require(
        k > 1, f"n_data={n_data}; gamma * n_data / (2 pi log(n_data)) is {k:.3g} and must be over 1"
    )
    weights = _Population(program, n_samples, None, seed, sample_given=True).weights
    fisher = fisher_information(program, inputs, weights)
    trace = np.trace(fisher, axis1=1, axis2=2).mean()
    _require(trace > 0, "no weight changes any probability")
    halves = 0.5 * np.linalg.slogdet(np.eye(d) + k * d / trace * fisher)[1]
    top = halves.max()
    log_mean = top + np.log(np.mean(np.exp(halves - top)))
    return float(2 * log_mean / np.log(k))


@dataclass(frozen=True)
class FourierSpectrum:
    """The coefficients of sum_k c_k exp(2 pi i k x / period)."""

    frequencies: npt.NDArray[np.int64]
    """The k, from -K to K."""
    coefficients: ComplexArray
    """The c_k, shape (2 K + 1, n_observables) or (population, 2 K + 1, n_observables)."""


def fourier_spectrum(
    program: Program,
    inputs: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    *,
    index: int = 0,
    period: float = 2 * np.pi,
    max_frequency: int | None = None,
) -> FourierSpectrum:
    """Compute the Fourier series of the expectation values in one input.

    Which frequencies there are follows from the encoding, how large they are from the rest of the
    circuit (Schuld, Sweke and Meyer 2021, arXiv:2008.08605).

    Parameters
    ----------
    program : Program
        With observables.
    inputs : array-like of shape (n_inputs,)
        The other inputs; that of the series is overwritten.
    weights : array-like of shape (n_weights,) or (population, n_weights), default=None
        The weights, or a row for every model of a population.
    index : int, default=0
        The input of the series.
    period : float, default=2 pi
        A period of the values in that input.
    max_frequency : int, default=None
        The largest frequency K; higher ones are folded onto lower ones. None finds the largest one
        there is.

    Returns
    -------
    spectrum : FourierSpectrum

    Raises
    ------
    IndexError
        For an input that there is not.
    ValueError
        For shapes that do not fit, and where no largest frequency is found up to 4096: the values
        do not have this period.
    MemoryError
        For a population larger than memory.

    Examples
    --------
    >>> import ketgrad as kg
    >>> program = kg.compile(kg.Circuit(1).rx(kg.Parameter("x"), 0), "Z", inputs="x")
    >>> spectrum = kg.fourier_spectrum(program, [0.0])  # cos(x)
    >>> spectrum.frequencies
    array([-1,  0,  1])
    >>> abs(spectrum.coefficients[:, 0]).round(6)
    array([0.5, 0. , 0.5])

    """
    x = np.array(inputs, dtype=np.float64)
    n_inputs = len(program.inputs)
    _require(x.shape == (n_inputs,), f"inputs must have shape ({n_inputs},), got {x.shape}")
    if not 0 <= index < n_inputs:
        raise IndexError(f"input {index} is out of range for {n_inputs} inputs")
    _require(np.isfinite(period) and period > 0, f"period={period}; it must be positive")
    w = np.asarray([] if weights is None else weights, dtype=np.float64)
    if max_frequency is not None:
        _require(
            0 <= max_frequency <= _MOST_FREQUENCIES,
            f"max_frequency={max_frequency}; it must be from 0 to {_MOST_FREQUENCIES}",
        )
        return _spectrum(program, x, w, index, period, max_frequency)
    K = 8
    while K <= _MOST_FREQUENCIES:
        spectrum = _spectrum(program, x, w, index, period, K)
        size = np.abs(spectrum.coefficients).max(axis=-1)
        size = size.max(axis=0) if size.ndim == 2 else size
        large = np.abs(spectrum.frequencies[size > _ROUNDING * size.max()])
        top = int(large.max(initial=0))
        if 2 * top <= K:
            kept = np.abs(spectrum.frequencies) <= top
            return FourierSpectrum(spectrum.frequencies[kept], spectrum.coefficients[..., kept, :])
        K *= 2
    raise ValueError(
        f"the values have no largest frequency up to {_MOST_FREQUENCIES} for the period {period}"
    )


def _spectrum(
    program: Program, x: FloatArray, w: FloatArray, index: int, period: float, K: int
) -> FourierSpectrum:
    size = 2 * K + 1
    population = np.atleast_2d(w)
    values = np.empty((len(population) * size, program.n_observables))
    points = period * np.arange(size) / size
    for some in _chunks(len(values), 8.0 * (len(x) + w.shape[-1] + values.shape[1])):
        which, point = np.divmod(np.arange(some.start, some.stop), size)
        rows = np.tile(x, (len(point), 1))
        rows[:, index] = points[point]
        values[some] = program.expval(rows, population[which] if w.ndim == 2 else w)
    coefficients = np.fft.fft(values.reshape(len(population), size, -1), axis=1) / size
    coefficients = np.fft.fftshift(coefficients, axes=1)
    frequencies = np.arange(-K, K + 1)
    return FourierSpectrum(frequencies, coefficients if w.ndim == 2 else coefficients[0])


# Populations.


class _Population:
    """Rows of random weights, each with the same inputs."""

    def __init__(
        self,
        program: Program,
        size: int,
        inputs: npt.ArrayLike | None,
        seed: int | None,
        *,
        sample_given: bool = False,
    ) -> None:
        n_inputs, n_weights = len(program.inputs), len(program.weights)
        self._inputs = None if inputs is None else np.asarray(inputs, dtype=np.float64)
        if not sample_given:
            shape = (0,) if self._inputs is None else self._inputs.shape
            _require(shape == (n_inputs,), f"inputs must have shape ({n_inputs},), got {shape}")
        _require_memory(8.0 * size * n_weights, f"a population of {size} by {n_weights} weights")
        self.weights = np.random.default_rng(seed).uniform(0, 2 * np.pi, (size, n_weights))

    def chunks(self, bytes_per_row: float, step: int = 1) -> Iterator[tuple[Any, FloatArray]]:
        """Yield inputs and weights of as many rows as memory takes, a multiple of step."""
        for some in _chunks(len(self.weights), bytes_per_row, step):
            rows = self.weights[some]
            yield None if self._inputs is None else np.tile(self._inputs, (len(rows), 1)), rows


class _Moments:
    """The variance of rows that come in parts (Chan, Golub and LeVeque 1979)."""

    def __init__(self) -> None:
        self._count = 0
        self._mean: Any = 0.0
        self._squares: Any = 0.0

    def add(self, rows: FloatArray) -> None:
        count, mean = len(rows), rows.mean(axis=0)
        total = self._count + count
        shift = mean - self._mean
        self._squares = (
            self._squares
            + np.square(rows - mean).sum(axis=0)
            + np.square(shift) * (self._count * count / total)
        )
        self._mean = self._mean + shift * (count / total)
        self._count = total

    def variance(self) -> FloatArray:
        out: FloatArray = self._squares / (self._count - 1)
        return out


def _pair_fidelities(
    program: Program, n_pairs: int, inputs: npt.ArrayLike | None, seed: int | None
) -> Iterator[FloatArray]:
    population = _Population(program, 2 * n_pairs, inputs, seed)
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


def _chunks(n_rows: int, bytes_per_row: float, step: int = 1) -> Iterator[slice]:
    fitting = int(_SHARE * available_memory() / max(bytes_per_row, 1.0))
    size = max(fitting // step, 1) * step
    for first in range(0, n_rows, size):
        yield slice(first, min(first + size, n_rows))


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def _require_memory(needed: float, what: str) -> None:
    available = available_memory()
    if needed > available:
        raise MemoryError(
            f"{what} needs {needed:.0f} bytes, but only {available} bytes are available"
        )
