"""What estimators of two features predict everywhere."""

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_rgb

from ketgrad._core import _real_array
from ketgrad._types import FloatArray
from ketgrad.plots.look import axes_for, color, drawing, style

_MARGIN = 0.08  # of the data's range, around a decision boundary


@drawing
def decision_boundary(
    estimator: Any, X: Any, y: Any, ax: Axes | None = None, *, resolution: int = 200
) -> Axes:
    """Draw what an estimator of two features predicts everywhere, and the samples.

    Of a classifier it shows the probabilities of the classes and the boundaries between them, of a
    regressor the prediction, with a colour bar.

    Parameters
    ----------
    estimator : classifier or regressor
        Fitted to two features; a Pipeline will do. A classifier needs `predict_proba`.
    X : array-like of shape (n_samples, 2)
        The samples to show.
    y : array-like of shape (n_samples,)
        Their labels, or their targets.
    ax : {place}
    resolution : int, default=200
        Points of the background along each axis.

    {drawn}

    Raises
    ------
    ValueError
        Unless there are two features and a label for each sample.
    TypeError
        For an estimator that is neither a regressor nor a classifier with probabilities.

    Examples
    --------
    >>> import numpy as np
    >>> from ketgrad import VQClassifier
    >>> from ketgrad.plots import decision_boundary
    >>> X = np.random.default_rng(0).normal(size=(20, 2))
    >>> classifier = VQClassifier(max_iter=5, tol=0, random_state=0).fit(X, X[:, 0] > 0)
    >>> ax = decision_boundary(classifier, X, X[:, 0] > 0, resolution=20)

    """
    X, y = _real_array(X, "X"), np.asarray(y)
    if X.ndim != 2 or X.shape[1] != 2:
        raise ValueError(f"a decision boundary needs two features; X has shape {X.shape}")
    if y.shape != X.shape[:1]:
        raise ValueError(f"y has shape {y.shape}; X has {len(X)} samples")
    low, high = _limits(X)
    across, up = (np.linspace(low[k], high[k], resolution) for k in (0, 1))
    grid = np.stack([values.ravel() for values in np.meshgrid(across, up)], axis=1)
    # Everything that can fail comes before there is a figure.
    if hasattr(estimator, "predict_proba") and hasattr(estimator, "classes_"):
        probabilities = estimator.predict_proba(grid).reshape(resolution, resolution, -1)
        ax = axes_for(ax)
        _draw_classes(ax, across, up, probabilities, estimator.classes_, X, y)
    elif hasattr(estimator, "predict") and not hasattr(estimator, "classes_"):
        predictions = estimator.predict(grid).reshape(resolution, resolution)
        ax = axes_for(ax)
        _draw_predictions(ax, across, up, predictions, X, y)
    else:
        raise TypeError(
            f"{type(estimator).__name__} is neither a regressor nor a classifier with predict_proba"
        )
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    style(ax, grid=False)
    return ax


def _draw_classes(
    ax: Axes,
    across: FloatArray,
    up: FloatArray,
    probabilities: FloatArray,
    classes: npt.NDArray[Any],
    X: FloatArray,
    y: npt.NDArray[Any],
) -> None:
    colors = np.array([to_rgb(color(k)) for k in range(len(classes))])
    _draw_background(ax, across, up, _blend(probabilities, colors))
    for k in range(probabilities.shape[2]):
        lead = probabilities[..., k] - np.delete(probabilities, k, axis=2).max(axis=2)
        if lead.min() < 0 < lead.max():
            ax.contour(across, up, lead, levels=[0.0], colors="white", linewidths=2)
    for k, label in enumerate(classes):
        x0, x1 = X[y == label].T
        ax.scatter(x0, x1, s=34, color=colors[k], edgecolor="white", lw=0.8, label=str(label))
    ax.legend(frameon=True, framealpha=0.9, edgecolor="none")


def _draw_predictions(
    ax: Axes,
    across: FloatArray,
    up: FloatArray,
    predictions: FloatArray,
    X: FloatArray,
    y: npt.NDArray[Any],
) -> None:
    """Draw predictions and targets in the same colours, so that samples that fit disappear."""
    shades = Normalize(min(predictions.min(), y.min()), max(predictions.max(), y.max()))
    image = _draw_background(ax, across, up, predictions, norm=shades, cmap="viridis")
    ax.scatter(X[:, 0], X[:, 1], c=y, norm=shades, cmap="viridis", s=34, edgecolor="white", lw=0.8)
    ax.figure.colorbar(image, ax=ax, label="prediction")


def _draw_background(
    ax: Axes, across: FloatArray, up: FloatArray, values: FloatArray, **shades: Any
) -> Any:
    extent = (across[0], across[-1], up[0], up[-1])
    return ax.imshow(
        values, extent=extent, origin="lower", aspect="auto", interpolation="bilinear", **shades
    )


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
