"""Pictures of training and of what was learned.

Every function draws on the axes it is given, or on new ones, and returns them; none calls
``plt.show()``.
"""

import math
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from ketgrad._training import Record

FloatArray = npt.NDArray[np.float64]

# Distinct for colour-blind eyes, and dark enough for white edges.
COLORS = ("#2f6db3", "#e07b28", "#2f9e77", "#a8478f", "#c9a227", "#5d6472", "#b5433c", "#49a9c4")
_INK = "#333333"
_MARGIN = 0.08  # of the data's range, around a decision boundary


def loss_curve(estimator: Any, ax: Axes | None = None) -> Axes:
    """Draw the loss of every epoch, and the validation loss where there is one.

    Parameters
    ----------
    estimator : VQClassifier, VQRegressor or list of dict
        A fitted estimator or a history: its `history_`, or `Trainer.history`.
    ax : matplotlib Axes, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    ax : matplotlib Axes

    Raises
    ------
    ValueError
        For a history without epochs.

    Examples
    --------
    >>> from ketgrad.plots import loss_curve
    >>> ax = loss_curve([{"epoch": 1, "loss": 0.9}, {"epoch": 2, "loss": 0.7}])
    >>> ax.get_ylabel()
    'loss'

    """
    history: Sequence[Record] = getattr(estimator, "history_", estimator)
    if len(history) == 0:
        raise ValueError("the history has no epochs to draw")
    ax = _new_axes() if ax is None else ax
    epochs = [record["epoch"] for record in history]
    validation = [record.get("validation_loss", math.nan) for record in history]
    watched = not all(math.isnan(value) for value in validation)
    ax.plot(epochs, [record["loss"] for record in history], color=COLORS[0], lw=2, label="training")
    if watched:
        ax.plot(epochs, validation, color=COLORS[1], lw=2, label="validation")
        ax.legend(frameon=False)
    style(ax, xlabel="epoch", ylabel="loss")
    return ax


def decision_boundary(
    estimator: Any, X: Any, y: Any, ax: Axes | None = None, *, resolution: int = 200
) -> Axes:
    """Draw the probabilities of a classifier of two features, its boundaries and the samples.

    Parameters
    ----------
    estimator : classifier
        Fitted to two features; a Pipeline will do. It needs `predict_proba` and `classes_`.
    X : array-like of shape (n_samples, 2)
        The samples to show.
    y : array-like of shape (n_samples,)
        Their labels.
    ax : matplotlib Axes, default=None
        Where to draw; None makes a new figure.
    resolution : int, default=200
        Points of the background along each axis.

    Returns
    -------
    ax : matplotlib Axes

    Raises
    ------
    ValueError
        Unless there are two features.

    Examples
    --------
    >>> import numpy as np
    >>> from ketgrad import VQClassifier
    >>> from ketgrad.plots import decision_boundary
    >>> X = np.random.default_rng(0).normal(size=(20, 2))
    >>> classifier = VQClassifier(max_iter=5, random_state=0).fit(X, X[:, 0] > 0)
    >>> ax = decision_boundary(classifier, X, X[:, 0] > 0, resolution=20)

    """
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y)
    if X.ndim != 2 or X.shape[1] != 2:
        raise ValueError(f"a decision boundary needs two features; X has shape {X.shape}")
    ax = _new_axes() if ax is None else ax
    colors = np.array([to_rgb(_color(k)) for k in range(len(estimator.classes_))])
    low, high = _limits(X)
    across, up = (np.linspace(low[k], high[k], resolution) for k in (0, 1))
    grid = np.stack([values.ravel() for values in np.meshgrid(across, up)], axis=1)
    probabilities = estimator.predict_proba(grid).reshape(resolution, resolution, -1)

    extent = (low[0], high[0], low[1], high[1])
    ax.imshow(
        _blend(probabilities, colors),
        extent=extent,
        origin="lower",
        aspect="auto",
        interpolation="bilinear",
    )
    for k in range(probabilities.shape[2]):
        lead = probabilities[..., k] - np.delete(probabilities, k, axis=2).max(axis=2)
        if lead.min() < 0 < lead.max():
            ax.contour(across, up, lead, levels=[0.0], colors="white", linewidths=2)
    for k, label in enumerate(estimator.classes_):
        x0, x1 = X[y == label].T
        ax.scatter(x0, x1, s=34, color=colors[k], edgecolor="white", lw=0.8, label=str(label))
    ax.legend(frameon=True, framealpha=0.9, edgecolor="none")
    ax.set(xlim=extent[:2], ylim=extent[2:])
    style(ax, grid=False)
    return ax


def style(ax: Axes, *, xlabel: str = "", ylabel: str = "", grid: bool = True) -> None:
    """Give axes the look that all pictures of ketgrad share."""
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(_INK)
    ax.tick_params(colors=_INK)
    if grid:
        ax.grid(axis="y", color="#e4e4e4", lw=0.8)
        ax.set_axisbelow(True)


def _new_axes() -> Axes:
    _, ax = plt.subplots(figsize=(6.0, 4.2), layout="constrained")
    return ax


def _color(k: int) -> str:
    return COLORS[k % len(COLORS)]


def _limits(X: FloatArray) -> tuple[FloatArray, FloatArray]:
    low, high = X.min(axis=0), X.max(axis=0)
    margin = _MARGIN * np.where(high > low, high - low, 1.0)
    return low - margin, high + margin


def _blend(probabilities: FloatArray, colors: FloatArray) -> FloatArray:
    """Mix the colours of the classes by probability, the paler the less certain."""
    n_classes = probabilities.shape[2]
    certainty = (probabilities.max(axis=2) - 1 / n_classes) / (1 - 1 / n_classes)
    strength = (0.10 + 0.45 * certainty)[..., None]
    blended: FloatArray = 1 - strength * (1 - probabilities @ colors)
    return blended.clip(0, 1)
