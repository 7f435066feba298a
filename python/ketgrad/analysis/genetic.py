"""A genetic algorithm over real numbers, integers and bits, each generation one batch."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad._core import MinimizeResult
from ketgrad._memory import require_memory
from ketgrad._numbers import generator, integer, refuse_lost
from ketgrad._types import FloatArray
from ketgrad._words import shown
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
    share,
)


@document
def genetic_algorithm(
    loss: Loss,
    bounds: npt.ArrayLike,
    *,
    integers: Any = False,
    start: npt.ArrayLike | None = None,
    n_steps: int = 100,
    population: int = 50,
    elite: int = 1,
    tournament: int = 3,
    crossover: float = 0.9,
    mutation: float | None = None,
    sigma: float = 0.1,
    target: float | None = None,
    patience: int | None = None,
    tolerance: float = 0.0,
    callback: Callback | None = None,
    seed: int | None = None,
    n_jobs: int | None = None,
) -> MinimizeResult:
    """Minimise by selection, crossover and mutation, over real numbers, integers or both.

    Parents win tournaments. Of two, a child has real numbers drawn from half as far again as the
    span between theirs (BLX-0.5: Eshelman & Schaffer 1993), and each integer of either. Then single
    weights mutate. The best of a generation go on unchanged. It needs neither derivatives nor
    continuity: bits are integers from 0 to 1.

    Parameters
    ----------
    loss : callable
        Takes weights of shape (population, n_weights); returns losses, one a row.
    bounds : array-like of shape (n_weights, 2)
        The lowest and the highest value of each weight; the first rows are uniform between.
    integers : bool or array-like of shape (n_weights,), default=False
        Which weights are integers; their bounds are too.
    start : array-like of shape (n_weights,), default=None
        A row for the first generation.
    n_steps : int, default=100
        Generations after the first. No more than (n_steps + 1) * population rows are evaluated.
    population : int, default=50
        Rows a generation, at least 2.
    elite : int, default=1
        How many of the best go on as they are, below population.
    tournament : int, default=3
        How many rows, drawn at random, a parent is the best of.
    crossover : float, default=0.9
        The share of children that have two parents.
    mutation : float, default=None
        The probability that a weight mutates: a real number by a normal step, an integer to any
        other value. None takes 1 / n_weights.
    sigma : float, default=0.1
        Size of the normal steps, as a share of the width of the bounds.
    {ending}
    {jobs_of_rows}

    {best}

    Examples
    --------
    The bits that minimise a quadratic programme:

    >>> import ketgrad as kg, numpy as np
    >>> Q = np.array([[-1, 2, 0], [0, -1, 2], [0, 0, -1]])
    >>> found = kg.genetic_algorithm(
    ...     lambda X: np.einsum("ri,ij,rj->r", X, Q, X), [(0, 1)] * 3, integers=True, seed=0
    ... )
    >>> found.weights, found.value
    (array([1., 0., 1.]), -2.0)

    """
    box = Box(bounds)
    whole = _integers(integers, box)
    n = integer("population", population, 2)
    elite = integer("elite", elite, 0, n - 1)
    tournament = integer("tournament", tournament, 1)
    crossover = share(crossover, "crossover")
    rate = 1 / len(box) if mutation is None else share(mutation, "mutation")
    steps = positive(sigma, "sigma", zero=True) * box.width
    search = Generations(loss, Ending.read(n_steps, target, patience, tolerance, callback), n_jobs)
    require_room(n, len(box))
    require_memory(
        2.0 * 8 * (n - elite) * tournament, f"{n - elite} tournaments of tournament={tournament}"
    )
    random = generator(seed)

    rows = _first(box, whole, random, n)
    if start is not None:
        rows[0] = box.row(start)
        require(
            bool((rows[0] == np.where(whole, np.rint(rows[0]), rows[0])).all()),
            "start must have integers where integers says so",
        )
    losses = search.see(rows)
    while not search.message:
        kept = rows[np.argsort(losses, kind="stable")[:elite]]
        a, b = (rows[_winners(losses, tournament, n - elite, random)] for _ in range(2))
        children = _crossed(a, b, whole, crossover, random)
        rows = np.concatenate([kept, _mutated(children, box, whole, rate, steps, random)])
        losses = search.see(rows)
    return search.result()


def _integers(integers: Any, box: Box) -> npt.NDArray[np.bool_]:
    refuse_lost(integers=integers)
    whole = np.asarray(integers)
    if whole.dtype != bool:
        raise TypeError(f"integers must be True, False or an array of them, not {shown(integers)}")
    require(
        whole.shape in ((), (len(box),)),
        f"integers must have shape ({len(box)},), got {whole.shape}",
    )
    whole = np.broadcast_to(whole, len(box))
    broken = whole & ((box.low != np.rint(box.low)) | (box.high != np.rint(box.high)))
    if broken.any():
        k = int(np.flatnonzero(broken)[0])
        raise ValueError(
            f"bounds[{k}]=({box.low[k]}, {box.high[k]}); those of an integer must be integers"
        )
    return whole


def _first(
    box: Box, whole: npt.NDArray[np.bool_], random: np.random.Generator, n: int
) -> FloatArray:
    rows = box.rows(random, n)
    # Each integer of a range gets an equal share of it; 1.0 itself is never drawn.
    drawn = np.floor(box.low + (box.width + 1) * random.random(rows.shape))
    out: FloatArray = np.where(whole, np.minimum(drawn, box.high), rows)
    return out


def _winners(losses: FloatArray, size: int, n: int, random: np.random.Generator) -> Any:
    drawn = random.integers(len(losses), size=(n, size))
    return drawn[np.arange(n), losses[drawn].argmin(axis=1)]


def _crossed(
    a: FloatArray,
    b: FloatArray,
    whole: npt.NDArray[np.bool_],
    crossover: float,
    random: np.random.Generator,
) -> FloatArray:
    where = random.random(a.shape)
    blended = a + (2 * where - 0.5) * (b - a)
    both = np.where(whole, np.where(where < 0.5, a, b), blended)
    out: FloatArray = np.where(random.random((len(a), 1)) < crossover, both, a)
    return out


def _mutated(
    rows: FloatArray,
    box: Box,
    whole: npt.NDArray[np.bool_],
    rate: float,
    steps: FloatArray,
    random: np.random.Generator,
) -> FloatArray:
    mutates = random.random(rows.shape) < rate
    moved = rows + steps * random.standard_normal(rows.shape)
    # Any value but the present one: 1 to width steps on, round the range.
    turn = 1 + np.floor(box.width * random.random(rows.shape))
    other = box.low + np.mod(rows - box.low + turn, box.width + 1)
    return box.clip(np.where(mutates, np.where(whole, other, moved), rows))
