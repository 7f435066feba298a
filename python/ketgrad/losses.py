"""Losses of a whole batch, for `Trainer(loss=)`: of distributions, above all.

Each is, or makes, a function of outputs and targets, of shape (rows, n_outputs), that returns its
value and its derivatives by the outputs, as your own may; where the samples have weights, these are
a third argument of shape (rows,), and means over rows are weighted by them. A Born machine is a
circuit whose outcomes are its samples: `CircuitLayer(program, of="probs")` has their probabilities
as outputs, and its targets are those of the data. A trainer runs those of this module in C++; your
own, and `fooling`, it calls once a mini-batch.

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

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ketgrad._adversarial import fooling, train_adversarial
from ketgrad._core import LossInCore, _real_array
from ketgrad._numbers import integer, is_real
from ketgrad._words import shown, written

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


def mmd(
    n_outcomes: int,
    bandwidths: ArrayLike = (0.25, 1.0, 4.0),
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
    spread = _real_array(bandwidths, "bandwidths").ravel()
    if spread.size == 0 or not np.all((spread > 0) & np.isfinite(spread)):
        raise ValueError(
            f"bandwidths is {written(bandwidths)}; it must have numbers greater than 0"
        )
    if distance not in ("integer", "hamming"):
        raise ValueError(f"distance is {written(distance)}; it must be 'integer' or 'hamming'")
    return _MMD(n_outcomes, tuple(spread.tolist()), distance)


class _InCore:
    """A loss that a trainer runs in C++, and that is known by the numbers that made it."""

    def __init__(self, in_core: LossInCore) -> None:
        self.in_core = in_core

    def __call__(
        self,
        outputs: NDArray[np.float64],
        targets: NDArray[np.float64],
        weights: NDArray[np.float64] | None = None,
    ) -> tuple[float, NDArray[np.float64]]:
        return self.in_core(outputs, targets, weights)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__reduce__() == other.__reduce__()

    def __hash__(self) -> int:
        return hash(self.__reduce__())


class _MMD(_InCore):
    def __init__(self, n_outcomes: int, bandwidths: tuple[float, ...], distance: str) -> None:
        super().__init__(LossInCore.mmd(n_outcomes, bandwidths, distance == "hamming"))
        self._arguments = n_outcomes, bandwidths, distance

    def __repr__(self) -> str:
        n_outcomes, bandwidths, distance = self._arguments
        return f"mmd({n_outcomes}, {bandwidths}, distance={distance!r})"

    def __reduce__(self) -> tuple[type["_MMD"], tuple[int, tuple[float, ...], str]]:
        return type(self), self._arguments


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
    return _LIKELIHOOD(outputs, targets, weights)


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
    return _DIVERGENCE(outputs, targets, weights)


_LIKELIHOOD, _DIVERGENCE = LossInCore.negative_log_likelihood(), LossInCore.kl_divergence()


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
        raise ValueError(f"bandwidth is {shown(bandwidth)}; it must be a number greater than 0")
    return _KernelAlignment(None if bandwidth is None else float(bandwidth))


class _KernelAlignment(_InCore):
    def __init__(self, bandwidth: float | None) -> None:
        super().__init__(LossInCore.kernel_alignment(bandwidth))
        self._bandwidth = bandwidth

    def __repr__(self) -> str:
        return f"kernel_alignment({self._bandwidth})"

    def __reduce__(self) -> tuple[type["_KernelAlignment"], tuple[float | None]]:
        return type(self), (self._bandwidth,)


def _in_core(loss: Any) -> LossInCore | None:
    """Give what computes a loss of this module; None for others, wrappers and subclasses too."""
    if loss is negative_log_likelihood:
        return _LIKELIHOOD
    if loss is kl_divergence:
        return _DIVERGENCE
    return loss.in_core if type(loss) in (_MMD, _KernelAlignment) else None
