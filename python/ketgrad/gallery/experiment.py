"""What an experiment is, and what comes out of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Range = tuple[float, float | None]
"""From and to; None is no limit."""
_EXACT = 1e-9  # rounding in double precision


@dataclass(frozen=True)
class Claim:
    """A figure and the range in which its mean over the seeds has to be."""

    name: str
    published: float | None
    """As in the paper; None where it has none and the range is a criterion of ours."""
    accept: Range
    quick: Range | None = None
    """The range after quick runs, where it is another."""

    def range(self, *, quick: bool) -> Range:
        """Give the range of a kind of run."""
        return self.quick if quick and self.quick else self.accept


def exactly(name: str, value: float) -> Claim:
    """Make the claim of a figure that theory gives, up to rounding."""
    return Claim(name, value, (value - _EXACT, value + _EXACT))


@dataclass(frozen=True)
class Trial:
    """What one seed gives: figures by the names of the claims, and what the picture shows."""

    figures: Mapping[str, float]
    classical: Mapping[str, float] = field(default_factory=dict)
    """The same figures of the classical baseline, where it has them."""
    picture: Any = None


@dataclass(frozen=True)
class Experiment:
    """A published experiment, as data and two functions."""

    paper: str
    setup: str
    classical: str
    """What the classical baseline is."""
    claims: tuple[Claim, ...]
    budget: float
    """Seconds that all seeds may take on two cores."""
    run: Callable[[int, bool], Trial]
    """Of a seed, and of whether a quick form will do."""
    draw: Callable[[Any, Sequence[Trial]], None]
    """Draw all trials on axes of matplotlib."""
    n_seeds: int = 5
    """Of a full run, unless the command says otherwise."""
