"""What a search for a learning rate found."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ketgrad.plots.look import COLORS, axes_for, drawing, style


@drawing
def learning_rate_curve(found: dict[str, Any], ax: Axes | None = None) -> Axes:
    """Draw the loss over the learning rate, and the rate that is suggested.

    Parameters
    ----------
    found : dict
        What `Trainer.find_learning_rate` returned.
    ax : {place}

    {drawn}

    Raises
    ------
    ValueError
        For a dict without these arrays, or without a step.

    Examples
    --------
    >>> import ketgrad as kg
    >>> from ketgrad.plots import learning_rate_curve
    >>> trainer = kg.Trainer(kg.make_model(1, n_layers=1), loss="squared", seed=0)
    >>> found = trainer.find_learning_rate([[0.1], [0.5]], [0.0, 1.0])
    >>> learning_rate_curve(found).get_xscale()
    'log'

    """
    if not isinstance(found, dict) or not {"learning_rates", "losses", "smoothed"} <= set(found):
        raise ValueError("found must be what Trainer.find_learning_rate returned")
    rates = np.asarray(found["learning_rates"])
    if rates.size == 0:
        raise ValueError("there are no steps to draw")
    ax = axes_for(ax)
    ax.plot(rates, found["losses"], color=COLORS[0], lw=1, alpha=0.35, label="mini-batches")
    ax.plot(rates, found["smoothed"], color=COLORS[0], lw=2, label="smoothed")
    suggestion = found.get("suggestion", np.nan)
    if np.isfinite(suggestion):
        ax.axvline(suggestion, color=COLORS[1], lw=1.5, ls="--", label=f"{suggestion:.2g}")
    ax.set_xscale("log")
    ax.legend(frameon=False)
    style(ax, xlabel="learning rate", ylabel="loss")
    return ax
