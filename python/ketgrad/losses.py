"""Losses of a whole batch, for `Trainer(loss=)`: of distributions, above all.

Each is, or makes, a function of outputs and targets, both of shape (rows, n_outputs), that returns
its value and its derivatives by the outputs, as your own may. A Born machine is a circuit whose
outcomes are its samples: `CircuitLayer(program, of="probs")` has their probabilities as outputs,
and its targets are those of the data.

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

import numpy as np
from numpy.typing import NDArray

from ketgrad._numbers import integer

__all__ = ["BatchLoss", "kl_divergence", "mmd", "negative_log_likelihood"]

BatchLoss = Callable[[NDArray[np.float64], NDArray[np.float64]], tuple[float, NDArray[np.float64]]]

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
        How far outcomes are apart: as numbers, or in bits.

    Returns
    -------
    callable
        Of outputs and targets, of shape (rows, n_outcomes).

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
    squares = _distances(n_outcomes, distance)[..., None] ** 2
    kernel = np.exp(-squares / (2 * spread)).mean(axis=-1)

    def loss(
        outputs: NDArray[np.float64], targets: NDArray[np.float64]
    ) -> tuple[float, NDArray[np.float64]]:
        _check(outputs, targets)
        if outputs.shape[1] != n_outcomes:
            raise ValueError(
                f"the model has {outputs.shape[1]} outputs; this loss is for {n_outcomes}"
            )
        difference = outputs - targets
        pulled = difference @ kernel
        rows = len(outputs)
        return float(np.sum(difference * pulled)) / rows, 2 * pulled / rows

    return loss


def _check(outputs: NDArray[np.float64], targets: NDArray[np.float64]) -> None:
    got = np.shape(outputs)
    if len(got) != 2 or 0 in got or np.shape(targets) != got:
        raise ValueError(
            "outputs and targets must have the same shape (rows, n_outputs), got "
            f"{got} and {np.shape(targets)}"
        )


def _distances(n_outcomes: int, distance: str) -> NDArray[np.float64]:
    outcomes = np.arange(n_outcomes)
    if distance == "integer":
        return np.asarray(np.abs(outcomes[:, None] - outcomes), dtype=np.float64)
    differing = outcomes[:, None] ^ outcomes
    bits = [(differing >> k) & 1 for k in range(int(differing.max()).bit_length())]
    return np.asarray(np.sum([np.zeros_like(differing), *bits], axis=0), dtype=np.float64)


def negative_log_likelihood(
    outputs: NDArray[np.float64], targets: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Return -sum(targets * log(outputs)), averaged over the rows, and its derivatives.

    Parameters
    ----------
    outputs : array of shape (rows, n_outcomes)
        Probabilities; one below the smallest normal number counts as that.
    targets : array of shape (rows, n_outcomes)
        The frequencies of the data.

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
    rows = len(outputs)
    return float(-np.sum(targets * np.log(safe))) / rows, -targets / safe / rows


def kl_divergence(
    outputs: NDArray[np.float64], targets: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Return the relative entropy sum(targets * log(targets / outputs)), and its derivatives.

    Parameters
    ----------
    outputs : array of shape (rows, n_outcomes)
        Probabilities; one below the smallest normal number counts as that.
    targets : array of shape (rows, n_outcomes)
        The distribution to come close to.

    Returns
    -------
    tuple
        The value, averaged over the rows, and an array of the shape of the outputs.

    Examples
    --------
    >>> kl_divergence(np.array([[0.5, 0.5]]), np.array([[0.5, 0.5]]))[0]
    0.0

    """
    value, gradient = negative_log_likelihood(outputs, targets)
    entropy = float(np.sum(targets * np.log(np.where(targets > 0, targets, 1.0)))) / len(outputs)
    return value + entropy, gradient
