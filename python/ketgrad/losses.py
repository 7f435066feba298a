"""Losses of a whole batch, for `Trainer(loss=)`: of distributions, above all.

Each is, or makes, a function of outputs and targets, of shape (rows, n_outputs), that returns its
value and its derivatives by the outputs, as your own may; where the samples have weights, these are
a third argument of shape (rows,), and means over rows are weighted by them. A Born machine is a
circuit whose outcomes are its samples: `CircuitLayer(program, of="probs")` has their probabilities
as outputs, and its targets are those of the data.

>>> import numpy as np
>>> import ketgrad as kg
>>> program = kg.compile(kg.hardware_efficient(2, 2))
>>> model = kg.Model(kg.layers.CircuitLayer(program, of="probs"))
>>> model.initialize(seed=1)
>>> bell = np.array([[0.5, 0, 0, 0.5]])
>>> trainer = kg.Trainer(model, loss=kg.losses.mmd(4), learning_rate=0.1, epochs=150)
>>> trainer.fit(np.zeros((1, 0)), bell)
>>> bool(np.abs(trainer.model.outputs(np.zeros((1, 0))) - bell).max() < 0.05)
True
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketgrad._adversarial import fooling, train_adversarial
from ketgrad._numbers import integer, is_real

__all__ = [
    "BatchLoss",
    "fooling",
    "kernel_alignment",
    "kl_divergence",
    "mmd",
    "negative_log_likelihood",
    "train_adversarial",
]

# Of outputs, targets and, where samples have them, weights.
BatchLoss = Callable[..., tuple[float, NDArray[np.float64]]]

_ROUNDING = 1e-14  # a kernel that is shorter, of a constant, has no direction
_LEAST = np.finfo(np.float64).tiny  # a probability that is smaller has this one's logarithm


def mmd(
    n_outcomes: int,
    bandwidths: Sequence[float] = (0.25, 1.0, 4.0),
    *,
    distance: str = "integer",
) -> BatchLoss:
    """Make the squared maximum mean discrepancy between two distributions, outputs and targets.

    Of p and q it is (p - q) K (p - q), averaged over the rows, with a mixture of Gaussian kernels
    K(i, j) = mean over s of exp(-d(i, j)**2 / (2 s)) (Liu & Wang 2018, arXiv:1804.04168, eq. 5).

    Parameters
    ----------
    n_outcomes : int
        The number of outcomes, 2**n of n qubits.
    bandwidths : sequence of float
        The s, each greater than 0.
    distance : {"integer", "hamming"}
        Outcomes as numbers, or as vectors of bits: then d**2 is how many bits differ.

    Returns
    -------
    callable
        Of outputs and targets, of shape (rows, n_outcomes), and weights of the rows if any.

    Examples
    --------
    >>> loss = mmd(2, [1.0])
    >>> value, gradient = loss(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))
    >>> round(value, 6)  # 2 - 2 exp(-1/2)
    0.786939

    """
    n_outcomes = integer("n_outcomes", n_outcomes, 1)
    spread = np.asarray(bandwidths, dtype=np.float64).ravel()
    if spread.size == 0 or not np.all((spread > 0) & np.isfinite(spread)):
        raise ValueError(f"bandwidths is {bandwidths!r}; it must have numbers greater than 0")
    if distance not in ("integer", "hamming"):
        raise ValueError(f"distance is {distance!r}; it must be 'integer' or 'hamming'")
    return _MMD(n_outcomes, tuple(spread.tolist()), distance)


class _MMD:
    """What pickles, and shows its numbers: by these a trainer's file knows it."""

    def __init__(self, n_outcomes: int, bandwidths: tuple[float, ...], distance: str) -> None:
        self._arguments = n_outcomes, bandwidths, distance
        squares = _squared_distances(n_outcomes, distance)
        self._kernel = np.exp(-squares[..., None] / (2 * np.array(bandwidths))).mean(axis=-1)

    def __call__(
        self,
        outputs: NDArray[np.float64],
        targets: NDArray[np.float64],
        weights: NDArray[np.float64] | None = None,
    ) -> tuple[float, NDArray[np.float64]]:
        _check(outputs, targets)
        if outputs.shape[1] != len(self._kernel):
            raise ValueError(
                f"the model has {outputs.shape[1]} outputs; this loss is for {len(self._kernel)}"
            )
        difference = outputs - targets
        pulled = _shares(outputs, weights)[:, None] * (difference @ self._kernel)
        return float(np.sum(difference * pulled)), 2 * pulled

    def __repr__(self) -> str:
        n_outcomes, bandwidths, distance = self._arguments
        return f"mmd({n_outcomes}, {bandwidths}, distance={distance!r})"

    def __reduce__(self) -> tuple[type["_MMD"], tuple[int, tuple[float, ...], str]]:
        return type(self), self._arguments


def _shares(
    outputs: NDArray[np.float64], weights: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    rows = len(outputs)
    if weights is None:
        return np.full(rows, 1 / rows)
    if np.shape(weights) != (rows,):
        raise ValueError(f"weights must have shape ({rows},), got {np.shape(weights)}")
    total = np.sum(weights)
    if not (np.all(np.asarray(weights) >= 0) and 0 < total < np.inf):
        raise ValueError(
            f"weights sum to {total}; they must not be negative, and their sum positive and finite"
        )
    return np.asarray(weights / total, dtype=np.float64)


def _check(outputs: NDArray[np.float64], targets: NDArray[np.float64]) -> None:
    got = np.shape(outputs)
    if len(got) != 2 or 0 in got or np.shape(targets) != got:
        raise ValueError(
            "outputs and targets must have the same shape (rows, n_outputs), got "
            f"{got} and {np.shape(targets)}"
        )


def _squared_distances(n_outcomes: int, distance: str) -> NDArray[np.float64]:
    outcomes = np.arange(n_outcomes)
    if distance == "integer":
        return np.asarray((outcomes[:, None] - outcomes) ** 2, dtype=np.float64)
    differing = outcomes[:, None] ^ outcomes
    bits = [(differing >> k) & 1 for k in range(int(differing.max()).bit_length())]
    return np.asarray(np.sum([np.zeros_like(differing), *bits], axis=0), dtype=np.float64)


def negative_log_likelihood(
    outputs: NDArray[np.float64],
    targets: NDArray[np.float64],
    weights: NDArray[np.float64] | None = None,
) -> tuple[float, NDArray[np.float64]]:
    """Return -sum(targets * log(outputs)), averaged over the rows, and its derivatives.

    Parameters
    ----------
    outputs : array of shape (rows, n_outcomes)
        Probabilities; one below the smallest normal number counts as that.
    targets : array of shape (rows, n_outcomes)
        The frequencies of the data.
    weights : array of shape (rows,), optional
        Of the rows.

    Returns
    -------
    tuple
        The value, and an array of the shape of the outputs.

    Examples
    --------
    >>> value, _ = negative_log_likelihood(np.array([[0.5, 0.5]]), np.array([[1.0, 0.0]]))
    >>> round(value, 6)
    0.693147

    """
    _check(outputs, targets)
    safe = np.maximum(outputs, _LEAST)
    wanted = _shares(outputs, weights)[:, None] * targets
    return float(-np.sum(wanted * np.log(safe))), -wanted / safe


def kl_divergence(
    outputs: NDArray[np.float64],
    targets: NDArray[np.float64],
    weights: NDArray[np.float64] | None = None,
) -> tuple[float, NDArray[np.float64]]:
    """Return the relative entropy sum(targets * log(targets / outputs)), and its derivatives.

    Parameters
    ----------
    outputs : array of shape (rows, n_outcomes)
        Probabilities; one below the smallest normal number counts as that.
    targets : array of shape (rows, n_outcomes)
        The distribution to come close to.
    weights : array of shape (rows,), optional
        Of the rows.

    Returns
    -------
    tuple
        The value, averaged over the rows, and an array of the shape of the outputs.

    Examples
    --------
    >>> kl_divergence(np.array([[0.5, 0.5]]), np.array([[0.5, 0.5]]))[0]
    0.0

    """
    _check(outputs, targets)
    safe = np.maximum(outputs, _LEAST)
    wanted = _shares(outputs, weights)[:, None] * targets
    ratios = np.where(targets > 0, targets, 1.0) / safe  # of 0 log 0 the 0 is what counts
    return float(np.sum(wanted * np.log(ratios))), -wanted / safe


def kernel_alignment(bandwidth: float | None = None) -> BatchLoss:
    """Make 1 - A, A the centred alignment of a batch's kernel with that of its targets.

    Outputs are features, in which samples of the same class shall be alike: with K the kernel of
    the outputs, T the products of the targets (of classes -1 and 1: whether two samples have the
    same) and both centred, A = <K, T> / sqrt(<K, K> <T, T>), 0 where one of them vanishes (Cortes,
    Mohri & Rostamizadeh 2012, arXiv:1203.0550; of quantum kernels: Hubregtsen et al. 2022,
    arXiv:2105.02276). A kernel machine then learns on the outputs. `align_kernel` aligns the
    overlaps of states.

    Parameters
    ----------
    bandwidth : float, optional
        The s of a Gaussian kernel exp(-|z - z'|**2 / (2 s)), greater than 0. Without, the kernel is
        the product of the features.

    Returns
    -------
    callable
        Of outputs of shape (rows, n_outputs), targets of shape (rows, columns), a column of -1 and
        1 or a column for each class, and weights of the rows if any.

    Examples
    --------
    >>> loss = kernel_alignment()
    >>> value, _ = loss(np.array([[0.5], [0.7], [-0.6]]), np.array([[1.0], [1.0], [-1.0]]))
    >>> round(value, 6)
    0.020408

    """
    if bandwidth is not None and not (is_real(bandwidth) and 0 < bandwidth < np.inf):
        raise ValueError(f"bandwidth is {bandwidth!r}; it must be a number greater than 0")
    return _KernelAlignment(None if bandwidth is None else float(bandwidth))


@dataclass(frozen=True)
class _KernelAlignment:
    """As `_MMD`, known by what it shows."""

    bandwidth: float | None

    def __call__(
        self,
        outputs: NDArray[np.float64],
        targets: NDArray[np.float64],
        weights: NDArray[np.float64] | None = None,
    ) -> tuple[float, NDArray[np.float64]]:
        rows = len(outputs)
        if np.ndim(outputs) != 2 or np.ndim(targets) != 2 or len(targets) != rows:
            raise ValueError(
                "outputs and targets must have shapes (rows, n_outputs) and (rows, columns), got "
                f"{np.shape(outputs)} and {np.shape(targets)}"
            )
        shares = _shares(outputs, weights)
        root = np.sqrt(shares)
        by_pair = root[:, None] * root
        kernel = outputs @ outputs.T
        if self.bandwidth is not None:
            squares = np.diag(kernel)
            kernel = np.exp((2 * kernel - squares[:, None] - squares) / (2 * self.bandwidth))
        ours, length = _direction(by_pair * _centred(kernel, shares), kernel)
        same = targets @ targets.T
        theirs, _ = _direction(by_pair * _centred(same, shares), same)
        alignment = float(np.sum(ours * theirs))
        by_kernel = by_pair * (theirs - alignment * ours) / length  # which is centred
        if self.bandwidth is None:
            return 1 - alignment, -2 * by_kernel @ outputs
        by_kernel *= kernel
        pull = by_kernel.sum(axis=1, keepdims=True) * outputs - by_kernel @ outputs
        return 1 - alignment, 2 / self.bandwidth * pull

    def __repr__(self) -> str:
        return f"kernel_alignment({self.bandwidth})"


def _centred(kernel: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a symmetric kernel of features from which their weighted mean is taken."""
    mean = shares @ kernel
    return np.asarray(kernel - mean - mean[:, None] + mean @ shares, dtype=np.float64)


def _direction(
    centred: NDArray[np.float64], kernel: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Return a centred kernel at length 1, and its length; of a constant 0 and infinity."""
    length = float(np.linalg.norm(centred))
    if length <= _ROUNDING * float(np.linalg.norm(kernel)) / len(kernel):
        return np.zeros_like(centred), np.inf
    return centred / length, length
