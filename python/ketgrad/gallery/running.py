"""Run an experiment over seeds, and sum up."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from ketgrad.gallery.experiment import Claim, Experiment, Range, Trial

# What a seed that does not train ends with: numbers that are not finite, no convergence.
_FAILURES = (ArithmeticError, RuntimeError, ValueError)


@dataclass(frozen=True)
class Figure:
    """A claim, and what came out."""

    name: str
    published: float | None
    accept: Range
    ours: float | None
    """The mean over the seeds that trained; None where none did."""
    deviation: float | None
    """The standard deviation over them; None where there is one."""
    reached: int
    """How many seeds, each by itself, are in the range."""
    classical: float | None
    holds: bool


@dataclass(frozen=True)
class Record:
    """An experiment that was run; all of it goes into JSON."""

    name: str
    figures: list[Figure]
    n_seeds: int
    failed: list[str]
    """Why seeds gave nothing."""
    seconds: float
    quick: bool

    def as_json(self) -> dict[str, object]:
        """Give it as JSON has it."""
        return asdict(self)


def run(
    name: str,
    experiment: Experiment,
    n_seeds: int,
    *,
    quick: bool,
    advance: Callable[[], object] = lambda: None,
) -> tuple[Record, list[Trial]]:
    """Run the seeds from 0; those that fail are counted."""
    trials: list[Trial] = []
    failed: list[str] = []
    start = time.perf_counter()
    for seed in range(n_seeds):
        try:
            trials.append(experiment.run(seed, quick))
        except _FAILURES as error:
            failed.append(f"seed {seed}: {error}")
        advance()
    seconds = time.perf_counter() - start
    figures = [_figure(claim, trials, quick=quick) for claim in experiment.claims]
    return Record(name, figures, n_seeds, failed, round(seconds, 2), quick), trials


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
