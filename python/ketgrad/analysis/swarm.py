"""Particle swarm optimisation, each step one batch."""

import numpy as np
import numpy.typing as npt

from ketgrad._core import MinimizeResult
from ketgrad._numbers import generator, integer
from ketgrad.analysis.documentation import document
from ketgrad.analysis.generations import (
    Box,
    Callback,
    Ending,
    Generations,
    Loss,
    positive,
    require_room,
)


@document
def particle_swarm(
    loss: Loss,
    bounds: npt.ArrayLike,
    *,
    start: npt.ArrayLike | None = None,
    n_steps: int = 100,
    population: int = 40,
    inertia: float = 0.7298,
    cognitive: float = 1.49618,
    social: float = 1.49618,
    target: float | None = None,
    patience: int | None = None,
    tolerance: float = 0.0,
    callback: Callback | None = None,
    seed: int | None = None,
    n_jobs: int | None = None,
) -> MinimizeResult:
    """Minimise by particles that are drawn to the best places they and all others have seen.

    A velocity is inertia times the last one, plus random shares of the ways to the particle's own
    best place and to that of the swarm (Kennedy & Eberhart 1995; the defaults are those of Clerc &
    Kennedy 2002, for which swarms contract). A particle that meets a bound stops there.

    Parameters
    ----------
    loss : callable
        Takes weights of shape (population, n_weights); returns losses, one a row.
    bounds : array-like of shape (n_weights, 2)
        The lowest and the highest value of each weight; particles begin uniformly between.
    start : array-like of shape (n_weights,), default=None
        Where one of the particles begins.
    n_steps : int, default=100
        Number of steps. No more than (n_steps + 1) * population rows are evaluated.
    population : int, default=40
        Number of particles.
    inertia : float, default=0.7298
        What is left of a velocity after a step.
    cognitive : float, default=1.49618
        How strongly a particle's own best place draws it.
    social : float, default=1.49618
        How strongly the best place of all draws it.
    {ending}
    {jobs_of_rows}

    {best}

    Examples
    --------
    >>> import ketgrad as kg, numpy as np
    >>> program = kg.compile(kg.hardware_efficient(2, 1), "ZZ - 0.5*XI")
    >>> found = kg.particle_swarm(
    ...     lambda W: program.expval(weights=W)[:, 0], [(-np.pi, np.pi)] * 6, seed=0
    ... )
    >>> round(found.value, 3)  # the ground state has -sqrt(1 + 0.25)
    -1.118

    """
    box = Box(bounds)
    n = integer("population", population, 1)
    inertia = positive(inertia, "inertia", zero=True)
    cognitive = positive(cognitive, "cognitive", zero=True)
    social = positive(social, "social", zero=True)
    search = Generations(loss, Ending.read(n_steps, target, patience, tolerance, callback), n_jobs)
    require_room(n, len(box))
    random = generator(seed)

    places = box.rows(random, n)
    if start is not None:
        places[0] = box.row(start)
    velocities = (box.rows(random, n) - places) / 2
    own, own_losses = places, search.see(places)
    while not search.message:
        to_own, to_best = random.random((2, n, len(box)))
        velocities = (
            inertia * velocities
            + cognitive * to_own * (own - places)
            + social * to_best * (own[own_losses.argmin()] - places)
        )
        moved = box.clip(places + velocities)
        velocities = np.where(moved == places + velocities, velocities, 0.0)
        places, losses = moved, search.see(moved)
        better = losses < own_losses
        own = np.where(better[:, None], places, own)
        own_losses = np.where(better, losses, own_losses)
    return search.result()
