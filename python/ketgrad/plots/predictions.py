"""Predictions beside the truth."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ketgrad._core import _real_array
from ketgrad._docs import documented
from ketgrad._numbers import refuse_lost
from ketgrad._types import Array
from ketgrad._words import printable
from ketgrad.plots.look import COLORS, DRAWING, INK, axes_for, style

_LONGEST_NAME = 25  # letters of a class on an axis: beginnings and ends tell names apart
_MOST_ZEROS = 25  # classes up to which zeros are written

document = documented(
    **DRAWING,
    unless_paired="""
        Raises
        ------
        ValueError
            Unless there is a prediction for each of at least one sample.""",
)


@document
def confusion_matrix(y_true: Any, y_predicted: Any, ax: Axes | None = None) -> Axes:
    """Draw how many samples of each class were predicted to be of which.

    Parameters
    ----------
    y_true, y_predicted : array-like of shape (n_samples,)
        Class labels.
    ax : {place}

    {drawn}

    {unless_paired}

    Examples
    --------
    >>> from ketgrad.plots import confusion_matrix
    >>> ax = confusion_matrix(["cat", "dog", "dog"], ["cat", "dog", "cat"])

    """
    refuse_lost(y_true=y_true, y_predicted=y_predicted)
    y_true, y_predicted = np.asarray(y_true), np.asarray(y_predicted)
    _require_pairs(y_true, y_predicted)
    classes = np.unique(np.concatenate([y_true, y_predicted]))
    counts = np.zeros((len(classes), len(classes)), dtype=np.int64)
    np.add.at(counts, (np.searchsorted(classes, y_true), np.searchsorted(classes, y_predicted)), 1)
    ax = axes_for(ax, max(4.6, 0.7 * len(classes) + 1.6), max(4.2, 0.7 * len(classes)))
    # Colours are shares of a row, so that rare classes can be read too.
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if count == 0 and len(classes) > _MOST_ZEROS:
            continue
        dark = shares[row, column] > 0.5
        ax.text(column, row, str(count), ha="center", va="center", color="white" if dark else INK)
    names = [printable(str(label), _LONGEST_NAME) for label in classes]
    long = max(len(name) for name in names) * len(names) > 30
    ax.set_xticks(range(len(names)), labels=names, rotation=90 if long else 0)
    ax.set_yticks(range(len(names)), labels=names)
    style(ax, xlabel="predicted", ylabel="true", grid=False)
    return ax


@document
def predicted_vs_true(y_true: Any, y_predicted: Any, ax: Axes | None = None) -> Axes:
    """Draw predicted numbers over true ones, with the line where both are equal.

    Parameters
    ----------
    y_true, y_predicted : array-like of shape (n_samples,)
        Numbers.
    ax : {place}

    {drawn}

    {unless_paired}

    Examples
    --------
    >>> from ketgrad.plots import predicted_vs_true
    >>> ax = predicted_vs_true([0.0, 1.0, 2.0], [0.1, 0.9, 2.2])

    """
    y_true = _real_array(y_true, "y_true")
    y_predicted = _real_array(y_predicted, "y_predicted")
    _require_pairs(y_true, y_predicted)
    ax = axes_for(ax, 4.8, 4.6)
    ends = [min(y_true.min(), y_predicted.min()), max(y_true.max(), y_predicted.max())]
    ax.plot(ends, ends, color="#9aa3ad", lw=1.2, ls=(0, (4, 3)), zorder=1)
    ax.scatter(y_true, y_predicted, s=26, color=COLORS[0], edgecolor="white", lw=0.6, zorder=2)
    style(ax, xlabel="true", ylabel="predicted")
    return ax


def _require_pairs(first: Array, second: Array) -> None:
    if first.ndim != 1 or first.shape != second.shape or first.size == 0:
        raise ValueError(
            f"the true values have shape {first.shape}, the predictions {second.shape}; both must "
            f"be (n_samples,)"
        )
