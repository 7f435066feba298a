"""Run an experiment over seeds, and sum up."""

import time
from collections.abc import Callable, Sequence

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from joblib.parallel import get_active_backend

from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.record import Figure, Record

# What a seed that does not train ends with: numbers that are not finite, no convergence.
_FAILURES = (ArithmeticError, RuntimeError, ValueError)


def run(
    name: str,
    experiment: Experiment,
    n_seeds: int,
    *,
    quick: bool,
    source: str = "",
    n_jobs: int | None = None,
    advance: Callable[[], object] = lambda: None,
) -> tuple[Record, list[Trial]]:
    """Run the seeds from 0, in n_jobs jobs of joblib; those that fail are counted.

    The backend is that of joblib's `parallel_config`, and so is n_jobs where it is None.
    """
    trials: list[Trial] = []
    failed: list[str] = []
    start = time.perf_counter()
    one = delayed(_trial)
    n = min(effective_n_jobs(n_jobs), n_seeds)
    streams = get_active_backend()[0].supports_return_generator  # Ray's does not
    for found in Parallel(n, return_as="generator" if streams else "list")(
        one(experiment.run, seed, quick) for seed in range(n_seeds)
    ):
        if isinstance(found, Trial):
            trials.append(found)
        else:
            failed.append(found)
        advance()
    seconds = round(time.perf_counter() - start, 2)
    figures = [_figure(claim, trials, quick=quick) for claim in experiment.claims]
    return Record(name, figures, n_seeds, failed, seconds, quick, source), trials


def _trial(run: Callable[[int, bool], Trial], seed: int, quick: bool) -> Trial | str:
    """Run a seed; give why where it fails."""
    try:
        return run(seed, quick)
    except _FAILURES as error:
        return f"seed {seed}: {error}"


def _figure(claim: Claim, trials: Sequence[Trial], *, quick: bool) -> Figure:
    low, high = accept = claim.range(quick=quick)
    top = np.inf if high is None else high
    ours = np.array([trial.figures[claim.name] for trial in trials])
    classical = [t.classical[claim.name] for t in trials if claim.name in t.classical]
    mean = float(ours.mean()) if len(ours) else None
    return Figure(
        name=claim.name,
        published=claim.published,
        accept=accept,
        ours=mean,
        deviation=float(ours.std(ddof=1)) if len(ours) > 1 else None,
        reached=int(np.count_nonzero((ours >= low) & (ours <= top))),
        classical=float(np.mean(classical)) if classical else None,
        holds=mean is not None and low <= mean <= top,
    )
