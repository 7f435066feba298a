"""Minimising a program's expectation values: the extension module's, its starts also in jobs."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad import _core
from ketgrad._core import MinimizeResult, NoisyProgram, Optimizer, Program, optimizer_names
from ketgrad._docs import documented
from ketgrad._jobs import DOCUMENTATION, is_split, row_slices, run
from ketgrad._numbers import integer


@documented(n_jobs=DOCUMENTATION)
def minimize(
    program: Program | NoisyProgram,
    weights: Any,
    *,
    optimizer: str | Optimizer = "adam",
    learning_rate: float | None = None,
    steps: int = 1000,
    inputs: Any = None,
    coefficients: npt.ArrayLike | None = None,
    shots: int | None = None,
    seed: int | None = None,
    tolerance: float = 1e-8,
    patience: int = 10,
    callback: Callable[[dict[str, Any]], Any] | None = None,
    momentum: float | None = None,
    weight_decay: float | None = None,
    perturbation: float | None = None,
    resamplings: int | None = None,
    regularization: float | None = None,
    metric: str | None = None,
    n_restarts: int = 0,
    n_jobs: int | None = None,
) -> MinimizeResult:
    """Minimise expectation values over a program's weights.

    The value is sum(coefficients * expval), and its mean over the rows of inputs. A NoisyProgram is
    taken too, exact, or with `shots` trajectories for every value, by optimizers that need values
    and gradients alone. Runs in C++ without the GIL; Ctrl-C ends it. minimizer_names() lists the
    optimizers:

    - sgd, momentum, nesterov, rmsprop, adam, adamw: as in Trainer.
    - qng: natural gradient, steps by the inverse of metric_tensor(approx=metric) plus
      regularization (Stokes et al. 2020, arXiv:1909.02108).
    - spsa: two values a step, whatever the number of weights, at +- perturbation along random
      signs, averaged over `resamplings` (Spall 1998). Steps shrink as learning_rate / t**0.602, in
      units in which the first changes every weight by about learning_rate (its size is found from
      32 values at the start).
    - qnspsa: the same with a metric estimated from four fidelities (Gacon et al. 2021,
      arXiv:2103.09232).
    - rotosolve: one weight after the other to its lowest value (Ostaszewski et al. 2021,
      arXiv:1905.09692). Only where all angles are linear in each weight, as in
      rx(2 * w[0] + x[0]): ValueError naming the weight for others, for weights in amplitudes and
      for more than 64 frequencies.
    - l-bfgs: quasi-Newton with a line search, for exact values (Nocedal & Wright 2006).

    Where the values of `patience` steps in a row lie within tolerance * s, exact ones are tested:
    the gradient has to be small (sqrt(tolerance) * s), and nothing may be lower along the direction
    of lowest curvature, so far as Lanczos iterations on the Hessian tell, and along four random
    ones. Then the result has converged. From a saddle or a maximum the next step leads down
    instead, and the optimizer begins afresh there. Shots cannot show that a minimum was found:
    values from them that stand still end it too, but never count as converged. Otherwise it ends
    after `steps` steps, or where the callback returns False; the result's message says which.

    Further descents begin at random weights, uniform in [-pi, pi], and the result is the one that
    ended lowest, with its history alone. Optimizers that need gradients alone take, of exact
    values, the steps of all side by side: one batch of gradients and one of values a step. Others
    follow one another. Jobs take starts apart, by their number alone: the same bits for any n_jobs
    and backend, though those of None may differ in the last, and with shots are others.

    Parameters
    ----------
    program : Program or NoisyProgram
        What is minimised.
    weights : array-like of shape (n_weights,) or dict
        Where the first descent begins; or by name.
    optimizer : str or Optimizer, default="adam"
        A name, or an Optimizer for its options. Options that an optimizer does not have are
        refused.
    learning_rate : float, default=None
        None takes 0.1, of spsa 0.6, of qnspsa 0.03; rotosolve and l-bfgs have none. For values of
        about 1.
    steps : int, default=1000
        The most steps of a descent.
    inputs : array-like of shape (n_inputs,) or (rows, n_inputs), default=None
        The samples, for a program with inputs.
    coefficients : array-like of shape (n_observables,) or (rows, n_observables), default=None
        None is 1 each. A row for every sample is for a loss that is linear in its values: -y for
        targets y of -1 and 1, say.
    shots : int, default=None
        With shots, values are estimates and gradients come from parameter shift; metrics and
        fidelities stay exact; the result then is the last place with a value drawn anew, as the
        lowest value seen would be a lucky draw.
    seed : int, default=None
        Of shots, random directions and restarts; None takes fresh entropy.
    tolerance : float, default=1e-8
        From 0 to below 1, a share of the size s of the observables: sum(|coefficient|) of their
        strings other than the identity (of a matrix half the width of its spectrum), times
        |coefficients|. The test does not depend on the unit of the values.
    patience : int, default=10
        See above.
    callback : callable, default=None
        Called after every step with a dict of start, step, value and weights; where it returns
        False, all ends. `start` counts the descents from 0, which is that from the weights given,
        and `step` the steps of each from 1; of descents side by side it hears of step 1 of every
        start, then of step 2. Not with n_jobs.
    momentum : float, default=None
        Of momentum and nesterov; None is 0.9.
    weight_decay : float, default=None
        Of those that need gradients alone; None is 0.01 of adamw, 0 of others.
    perturbation : float, default=None
        Of spsa and qnspsa; None is 0.1.
    resamplings : int, default=None
        Of spsa and qnspsa; None is 1.
    regularization : float, default=None
        Of qng and qnspsa; None is 1e-3, of qnspsa 0.1.
    metric : str, default=None
        Of qng; None is 'full'.
    n_restarts : int, default=0
        Further descents.
    n_jobs : {n_jobs}

    Returns
    -------
    result : MinimizeResult

    Raises
    ------
    ValueError
        For options out of range, and a callback with n_jobs.

    Examples
    --------
    >>> import ketgrad as kg
    >>> a, b = kg.Parameter("a"), kg.Parameter("b")
    >>> program = kg.compile(kg.Circuit(2).ry(a, 0).cx(0, 1).ry(b, 1), {"XX": 0.5, "ZI": 1.0})
    >>> result = kg.minimize(program, [0.1, 0.2], optimizer="l-bfgs")
    >>> round(result.value, 6), result.converged
    (-1.118034, True)

    """
    options: dict[str, Any] = {
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "steps": steps,
        "inputs": inputs,
        "coefficients": coefficients,
        "shots": shots,
        "seed": seed,
        "tolerance": tolerance,
        "patience": patience,
        "momentum": momentum,
        "weight_decay": weight_decay,
        "perturbation": perturbation,
        "resamplings": resamplings,
        "regularization": regularization,
        "metric": metric,
        "n_restarts": n_restarts,
    }
    if n_jobs is not None and callback is not None:
        raise ValueError("a callback follows the descents of one process; give it without n_jobs")
    if callback is not None or not is_split(n_jobs) or integer("n_restarts", n_restarts, 0) == 0:
        return _core.minimize(program, weights, callback=callback, **options)
    if seed is None:
        options["seed"] = int(np.random.default_rng().integers(2**63))
    starts = _starts(program, optimizer, shots, n_restarts + 1)
    found = run(_minimize_some, [(program, weights, options, some) for some in starts], n_jobs)
    best = min(found, key=lambda result: result.value)  # the first of equals
    return MinimizeResult(
        best.weights,
        best.value,
        best.history,
        best.converged,
        f"{best.message}; the lowest of {n_restarts + 1} start(s)",
        list(program.weights),
    )


def _minimize_some(
    program: Any, weights: Any, options: dict[str, Any], starts: tuple[int, int]
) -> MinimizeResult:
    return _core.minimize(program, weights, starts=starts, **options)


def _starts(program: Any, optimizer: Any, shots: Any, n: int) -> list[tuple[int, int]]:
    """Cut the starts: those that would be one batch, where that is fast, into batches."""
    name = optimizer
    if isinstance(optimizer, Optimizer):
        name = json.loads(optimizer.to_json())["options"]["name"]
    together = (
        isinstance(program, Program)
        and shots is None
        and name in optimizer_names(gradient_only=True)
        and program.engine(n) != "tiles"
    )
    if together:
        return [(some.start, some.stop) for some in row_slices(n)]
    return [(k, k + 1) for k in range(n)]
