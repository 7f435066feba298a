"""Learning curves of agents that balance a pole, and what is claimed of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ketgrad.gallery.experiment import Claim, Trial
from ketgrad.gallery.pictures import COLORS

TEN = 10  # episodes, whose mean return is looked at
SHARE, EPISODES = "agents that reach return 500", "episodes until then"
BEST = "best mean return of ten episodes"


def claims(published: float, longest: float) -> tuple[Claim, ...]:
    """Make the claims of learning as fast as the one run that was published."""
    return (
        Claim(SHARE, 1.0, (0.8, 1.0), quick=(0.0, 1.0)),
        Claim(EPISODES, published, (0.0, longest)),
        Claim(BEST, 500.0, (450.0, 500.0), quick=(35.0, 500.0)),
    )


def figures(means: Any) -> dict[str, float]:
    """Sum up mean returns of ten episodes each, shape (agents, tens).

    Agents that do not reach 500 are counted with all episodes that they were given.
    """
    top = means >= 500.0
    first = np.where(top.any(axis=1), top.argmax(axis=1) + 1, means.shape[1])
    return {
        SHARE: float(top.any(axis=1).mean()),
        EPISODES: float(TEN * first.mean()),
        BEST: float(means.max(axis=1).mean()),
    }


def draw(ax: Any, trials: Sequence[Trial], published: float) -> None:
    """Show the mean returns of all agents, with their quartiles, against episodes."""
    for k, name in enumerate(("circuits", "networks")):
        means = np.concatenate([trial.picture[k] for trial in trials])
        episodes, color = TEN * np.arange(1, means.shape[1] + 1), COLORS[(0, 5)[k]]
        low, high = np.quantile(means, [0.25, 0.75], axis=0)
        ax.fill_between(episodes, low, high, color=color, alpha=0.2, lw=0)
        ax.plot(episodes, means.mean(axis=0), color=color, ls=("-", "--")[k], label=name)
    ax.axvline(published, color=COLORS[1], ls=":", label="500 as published")
    ax.set(xlabel="episodes", ylabel="return: mean, quartiles of agents", ylim=(0, 510))
    ax.legend(frameon=False, loc="lower right")
