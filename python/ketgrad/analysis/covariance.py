"""CMA-ES by the package `cma`, each generation one batch."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad._core import MinimizeResult, _real_array
from ketgrad._memory import require_memory
from ketgrad._numbers import generator, integer
from ketgrad._types import FloatArray
from ketgrad.analysis.arguments import require
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

_NARROWEST = 1e-100  # bounds further apart than this are a range to the package


@document
def cma_es(
    loss: Loss,
    start: npt.ArrayLike,
    *,
    sigma: float = 0.5,
    bounds: npt.ArrayLike | None = None,
    n_steps: int = 100,
    population: int | None = None,
    target: float | None = None,
    patience: int | None = None,
    tolerance: float = 0.0,
    callback: Callback | None = None,
    seed: int | None = None,
    n_jobs: int | None = None,
) -> MinimizeResult:
    """Minimise by a normal distribution that learns which steps go well together.

    The covariance matrix adaptation evolution strategy (Hansen & Ostermeier 2001) of the package
    `cma`, which the extra ``ketgrad[gallery]`` installs. It depends on the order of losses alone,
    and bears those with shots. It ends early by the rules of that package too, such as losses that
    no longer differ.

    Parameters
    ----------
    loss : callable
        Takes weights of shape (population, n_weights); returns losses, one a row.
    start : array-like of shape (n_weights,)
        The first mean.
    sigma : float, default=0.5
        The first standard deviation, of every weight; a quarter of the range where the minimum is
        looked for does well.
    bounds : array-like of shape (n_weights, 2), default=None
        The lowest and the highest value of each weight, which may be the same; None is no bound.
    n_steps : int, default=100
        Generations after the first. No more than (n_steps + 1) * population rows are evaluated.
    population : int, default=None
        Rows a generation, at least 2; None takes 4 + floor(3 ln(n_weights)).
    {ending}
    {jobs_of_rows}

    {best}
    ImportError
        Without the package `cma`.

    Examples
    --------
    >>> import ketgrad as kg
    >>> program = kg.compile(kg.hardware_efficient(2, 1), "ZZ - 0.5*XI")
    >>> found = kg.cma_es(lambda W: program.expval(weights=W)[:, 0], [0.5] * 6, seed=0)
    >>> found.value < -1.117  # the ground state has -sqrt(1 + 0.25)
    True

    """
    mean = _real_array(start, "start")
    require(
        mean.ndim == 1 and len(mean) > 0, f"start must have shape (n_weights,), got {mean.shape}"
    )
    require(bool(np.isfinite(mean).all()), "start has values that are not finite")
    options: dict[str, Any] = {"verbose": -9}
    free = np.full(len(mean), True)
    if bounds is not None:
        box = Box(bounds)
        mean = box.row(mean)
        free = box.width > _NARROWEST
    # The package is made for two weights and more: beside a single one goes another, unseen.
    n_free = int(np.count_nonzero(free))
    copies = 2 if n_free == 1 else 1
    if bounds is not None:
        options["bounds"] = [np.tile(some[free], copies) for some in (box.low, box.high)]
    sigma = positive(sigma, "sigma")
    default = 4 + int(3 * np.log(len(mean)))
    n = default if population is None else integer("population", population, 2)
    search = Generations(loss, Ending.read(n_steps, target, patience, tolerance, callback), n_jobs)
    require_room(n, len(mean))
    require_memory(4.0 * 8 * len(mean) ** 2, f"the covariances of {len(mean)} weights")
    random = generator(seed)
    # Random numbers of our own leave NumPy's global ones, which are the package's default, alone.
    options |= {"popsize": n, "randn": lambda *shape: random.standard_normal(shape)}
    package = _package()
    if n_free == 0:
        search.see(np.tile(mean, (n, 1)))
        search.message = search.message or "the bounds leave nothing to search"
        return search.result()
    strategy = package.CMAEvolutionStrategy(np.tile(mean[free], copies), sigma, options)
    while True:
        asked = strategy.ask()
        rows: FloatArray = np.tile(mean, (n, 1))
        rows[:, free] = np.array(asked)[:, :n_free]
        losses = search.see(rows)
        if search.message:
            return search.result()
        strategy.tell(asked, losses.tolist())
        if strategy.stop():
            search.message = f"cma ended it: {', '.join(strategy.stop())}"
            return search.result()


def _package() -> Any:
    try:
        import cma
    except ModuleNotFoundError as error:
        message = "ketgrad.cma_es needs cma: pip install 'ketgrad[gallery]'"
        raise ImportError(message) from error
    return cma
