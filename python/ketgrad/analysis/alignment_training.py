"""Training the weights of a quantum kernel: kernel-target alignment.

Hubregtsen, Wierichs, Gil-Fuster, Derks, Faehrmann and Meyer 2022, "Training quantum embedding
kernels on near-term quantum computers", arXiv:2105.02276.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad._core import Optimizer, Program, _real_array, fidelity_kernel, projected_kernel
from ketgrad._numbers import generator, integer
from ketgrad._rows import rows_as_given
from ketgrad._types import FloatArray
from ketgrad.analysis.alignment import kernel_target_alignment, square
from ketgrad.analysis.alignment_derivative import alignment_gradient, check_kernel
from ketgrad.analysis.arguments import program_of
from ketgrad.analysis.documentation import document


@dataclass(frozen=True)
class AlignedKernel:
    """What :func:`ketgrad.align_kernel` found: the weights, and the alignment before each step."""

    weights: FloatArray
    history: list[float] = field(repr=False)


@document
def align_kernel(
    program: Program,
    X: npt.ArrayLike,
    target: npt.ArrayLike,
    weights: npt.ArrayLike,
    *,
    n_steps: int = 100,
    batch_size: int | None = None,
    optimizer: str = "adam",
    learning_rate: float = 0.1,
    center: bool = False,
    kernel: str = "fidelity",
    gamma: float = 1.0,
    seed: int | None = None,
    callback: Callable[[int, float], Any] | None = None,
) -> AlignedKernel:
    """Train the weights of a quantum kernel to agree with a target.

    Parameters
    ----------
    {samples_and_target}
    weights : array-like of shape (n_weights,)
        The first weights.
    n_steps : int, default=100
        Steps of the optimizer.
    batch_size : int, default=None
        Samples a step, drawn anew each time; None takes all.
    optimizer : {optimizer}
    learning_rate : float, default=0.1
        Its step size.
    {kernel}
    seed : int, default=None
        Of the draws of the samples; None takes fresh entropy.
    callback : callable, default=None
        Called as ``callback(step, alignment)`` with the alignment (of the step's samples) before
        each step; training ends where it returns False.

    Returns
    -------
    result : AlignedKernel
        `weights` of the best alignment where every step saw all samples, else the last ones, and
        `history`.

    Raises
    ------
    ValueError
        For shapes that do not fit and numbers out of range.

    Examples
    --------
    >>> import ketgrad as kg, numpy as np
    >>> X = np.random.default_rng(0).uniform(-1, 1, size=(20, 2))
    >>> program = kg.compile(kg.embedding(2, ansatz="basic_entangler", n_layers=2), inputs="x")
    >>> target = kg.target_kernel(X[:, 0] * X[:, 1] > 0)
    >>> result = kg.align_kernel(program, X, target, np.full(4, 0.1), n_steps=30)
    >>> result.history[-1] > result.history[0]
    True

    """
    program = program_of(program, "align_kernel", measured=False, given_inputs=True)
    rows = _real_array(X, "X")
    wanted = square(target, "target")
    n_samples = len(wanted)
    if rows.ndim != 2 or len(rows) != n_samples:
        raise ValueError(f"X of shape {rows.shape} does not fit a target of {n_samples} samples")
    n_steps = integer("n_steps", n_steps, 0)
    if batch_size is not None:
        batch_size = integer("batch_size", batch_size, 2, n_samples)
    random = generator(seed)
    descent = Optimizer(optimizer, learning_rate)
    now = _real_array(weights, "weights")
    best, best_weights, history = -np.inf, now, []
    for step in range(n_steps):
        chosen = (
            slice(None)
            if batch_size is None
            else np.sort(random.choice(n_samples, batch_size, replace=False))
        )
        part = wanted[chosen][:, chosen]
        with rows_as_given() as given:
            given.append(np.arange(n_samples)[chosen])
            alignment, gradient = alignment_gradient(
                program, rows[chosen], part, now, center=center, kernel=kernel, gamma=gamma
            )
        history.append(alignment)
        if alignment > best:
            best, best_weights = alignment, now
        answer = None if callback is None else callback(step, alignment)
        if answer is not None and not answer:
            break
        now = descent.step(now, -gradient)
    if batch_size is not None:
        return AlignedKernel(now, history)
    final = kernel_target_alignment(_gram(program, rows, now, kernel, gamma), wanted, center=center)
    return AlignedKernel(now if final > best else best_weights, history)


def _gram(
    program: Program, X: npt.ArrayLike, weights: npt.ArrayLike, kernel: str, gamma: float
) -> FloatArray:
    gamma = check_kernel(kernel, gamma)
    if kernel == "fidelity":
        return np.asarray(fidelity_kernel(program, X, weights=weights))
    return np.asarray(projected_kernel(program, X, weights=weights, gamma=gamma))
