"""Minimising over populations of weights: restarts and evolution, each step one batch."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad._core import MinimizeResult, Optimizer, _real_array
from ketgrad._jobs import is_split, joined, losses_of, row_slices, run
from ketgrad._memory import require_memory
from ketgrad._numbers import generator, integer
from ketgrad._types import FloatArray
from ketgrad.analysis.arguments import require_function
from ketgrad.analysis.documentation import document
from ketgrad.analysis.generations import EXAMPLE, Best, losses_and_gradients, positive


@document
def random_restarts(
    loss_and_gradient: Callable[[FloatArray], tuple[Any, Any]],
    n_weights: int,
    *,
    n_starts: int = 16,
    n_steps: int = 100,
    optimizer: str = "adam",
    learning_rate: float = 0.1,
    seed: int | None = None,
    n_jobs: int | None = None,
) -> MinimizeResult:
    """Descend from many random weights at once.

    The optimizers act on every number by itself, so all starts share one optimizer and one batch a
    step, and each goes its own way.

    Parameters
    ----------
    loss_and_gradient : callable
        Takes weights of shape (n_starts, n_weights); returns the losses, shape (n_starts,), and
        their gradients, shape (n_starts, n_weights).
    n_weights : int
        Number of weights.
    n_starts : int, default=16
        Number of starts, uniform in [0, 2 pi).
    n_steps : int, default=100
        Steps of each.
    optimizer : {optimizer}
    learning_rate : float, default=0.1
        Its step size.
    seed : int, default=None
        Of the starts; None takes fresh entropy.
    {jobs_of_rows}

    {best}

    Examples
    --------
    >>> import ketgrad as kg, numpy as np
    >>> program = kg.compile(kg.hardware_efficient(2, 1), "ZZ - 0.5*XI")
    >>> def energies(W):
    ...     values, _, slopes = program.value_and_vjp(np.ones((len(W), 1)), weights=W)
    ...     return values[:, 0], slopes
    >>> found = kg.random_restarts(energies, 6, seed=0)
    >>> round(found.value, 3)  # the ground state has -sqrt(1 + 0.25)
    -1.118

    """
    require_function(
        loss_and_gradient,
        "loss_and_gradient",
        "weights, a row a start",
        "the example of help(random_restarts)",
    )
    n_weights = integer("n_weights", n_weights, 1)
    n_starts = integer("n_starts", n_starts, 1)
    n_steps = integer("n_steps", n_steps, 1)
    require_memory(5.0 * 8 * n_starts * n_weights, f"{n_starts} starts of {n_weights} weights")
    random = generator(seed)
    weights = random.uniform(0, 2 * np.pi, (n_starts, n_weights))
    descent = Optimizer(optimizer, learning_rate)
    best = Best()
    for step in range(n_steps + 1):
        losses, gradients = _of_starts(loss_and_gradient, weights, n_jobs)
        best.see(weights, losses)
        if step < n_steps:
            weights = descent.step(weights, gradients)
    return best.result()


@document
def evolution_strategy(
    loss: Callable[[FloatArray], Any],
    start: npt.ArrayLike,
    *,
    n_steps: int = 100,
    n_pairs: int = 16,
    sigma: float = 0.1,
    optimizer: str = "adam",
    learning_rate: float = 0.05,
    seed: int | None = None,
    n_jobs: int | None = None,
) -> MinimizeResult:
    """Minimise without derivatives, by the differences of mirrored random steps.

    The mean of (loss(w + sigma e) - loss(w - sigma e)) e / (2 sigma) over normal e estimates the
    gradient of the loss blurred by sigma (Salimans et al. 2017, arXiv:1703.03864). It bears losses
    with shots and losses that are not differentiable.

    Parameters
    ----------
    loss : callable
        Takes weights of shape (2 * n_pairs + 1, n_weights); returns losses, one a row.
    start : array-like of shape (n_weights,)
        The first weights.
    n_steps : int, default=100
        Number of steps.
    n_pairs : int, default=16
        Mirrored pairs a step.
    sigma : float, default=0.1
        Size of the random steps.
    optimizer : {optimizer}
    learning_rate : float, default=0.05
        Its step size.
    seed : int, default=None
        Of the random steps; None takes fresh entropy.
    {jobs_of_rows}

    {best}

    Examples
    --------
    >>> import ketgrad as kg
    >>> program = kg.compile(kg.hardware_efficient(2, 1), "ZZ - 0.5*XI")
    >>> found = kg.evolution_strategy(
    ...     lambda W: program.expval(weights=W)[:, 0], [0.5] * 6, n_steps=200, seed=0
    ... )
    >>> found.value < -1.1
    True

    """
    require_function(loss, "loss", "weights, a row each", EXAMPLE)
    n_steps = integer("n_steps", n_steps, 1)
    n_pairs = integer("n_pairs", n_pairs, 1)
    sigma = positive(sigma, "sigma")
    now = _real_array(start, "start")
    if now.ndim != 1:
        raise ValueError(f"start must have shape (n_weights,), got {now.shape}")
    require_memory(5.0 * 8 * n_pairs * len(now), f"{n_pairs} pairs of {len(now)} weights")
    random = generator(seed)
    descent = Optimizer(optimizer, learning_rate)
    best = Best()
    for step in range(n_steps + 1):
        steps = sigma * random.standard_normal((n_pairs, len(now)))
        population = np.concatenate([now + steps, now - steps, now[None, :]])
        losses = best.see(population, losses_of(loss, population, n_jobs))
        if step < n_steps:
            differences = losses[:n_pairs] - losses[n_pairs : 2 * n_pairs]
            now = descent.step(now, differences @ steps / (2 * n_pairs * sigma**2))
    return best.result()


def _of_starts(
    loss_and_gradient: Callable[[FloatArray], Any], weights: FloatArray, n_jobs: Any
) -> tuple[Any, Any]:
    if not is_split(n_jobs):
        return losses_and_gradients(loss_and_gradient(weights))
    parts = row_slices(len(weights))
    found = run(loss_and_gradient, [(weights[part],) for part in parts], n_jobs)
    losses, gradients = zip(*map(losses_and_gradients, found), strict=True)
    return joined(losses, parts), joined(gradients, parts)
