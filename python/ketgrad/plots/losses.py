"""The course of a training."""

import math
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ketgrad._types import Record
from ketgrad._words import kind
from ketgrad.plots.look import COLORS, axes_for, drawing, style


@drawing
def loss_curve(estimator: Any, ax: Axes | None = None) -> Axes:
    """Draw the loss of every epoch, and the validation loss where there is one.

    Parameters
    ----------
    estimator : VQClassifier, VQRegressor, list of dict or list of float
        A fitted estimator, a history (its `history_`, or `Trainer.history`) or the losses alone
        (its `loss_curve_`).
    ax : {place}

    {drawn}

    Raises
    ------
    ValueError
        For a history without epochs.
    TypeError
        For anything else.

    Examples
    --------
    >>> from ketgrad.plots import loss_curve
    >>> ax = loss_curve([{"epoch": 1, "loss": 0.9}, {"epoch": 2, "loss": 0.7}])
    >>> ax = loss_curve([0.9, 0.7])
    >>> ax.get_ylabel()
    'loss'

    """
    history = _history(estimator)
    ax = axes_for(ax)
    epochs = [record["epoch"] for record in history]
    validation = [record.get("validation_loss", math.nan) for record in history]
    watched = not all(math.isnan(value) for value in validation)
    ax.plot(epochs, [record["loss"] for record in history], color=COLORS[0], lw=2, label="training")
    if watched:
        ax.plot(epochs, validation, color=COLORS[1], lw=2, label="validation")
        ax.legend(frameon=False)
    style(ax, xlabel="epoch", ylabel="loss")
    return ax


def _history(source: Any) -> Sequence[Record]:
    given = getattr(source, "history_", source)
    if not isinstance(given, Sequence | np.ndarray) or isinstance(given, str):
        raise TypeError(f"{kind(source)} is neither a fitted estimator nor a history")
    history: list[Any] = list(given)
    if len(history) == 0:
        raise ValueError("the history has no epochs to draw")
    if all(isinstance(item, Mapping) for item in history):
        return history
    if not all(isinstance(item, Real) for item in history):
        raise TypeError("a history is a list of records or of losses")
    return [{"epoch": k, "loss": float(loss)} for k, loss in enumerate(history, start=1)]
