"""Pictures of experiments, in the look of all others."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt

from ketgrad._files import write_whole
from ketgrad.gallery.experiment import Experiment, Trial
from ketgrad.plots.look import COLORS, png, style

__all__ = ["COLORS", "save_picture"]


def save_picture(path: Path, experiment: Experiment, trials: Sequence[Trial]) -> None:
    """Draw the trials, at least one, into a PNG file."""
    figure, ax = plt.subplots(figsize=(5.0, 3.5), layout="constrained")
    try:
        experiment.draw(ax, trials)
        style(ax, xlabel=ax.get_xlabel(), ylabel=ax.get_ylabel())
        write_whole(path, png(figure))
    finally:
        plt.close(figure)
