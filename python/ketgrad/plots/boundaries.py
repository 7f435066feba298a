"""What estimators of two features predict everywhere."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_rgb

from ketgrad._core import _real_array
from ketgrad._numbers import integer, refuse_lost
from ketgrad._types import FloatArray
from ketgrad._words import kind
from ketgrad.plots.look import axes_for, color, drawing, style

_MARKERS = "os^DvPX*"  # with the colours, for all eyes
_SAME = 0.995  # of the points, where the largest decision value is that of the prediction
_MARGIN = 0.08  # of the data's range, around a decision boundary


@drawing
def decision_boundary(
    estimator: Any,
    X: Any,
    y: Any,
    ax: Axes | None = None,
    *,
    resolution: int = 200,
    feature_names: Sequence[str] | None = None,
) -> Axes:
    """Draw what an estimator of two features predicts everywhere, and the samples.

    Of a classifier it shows the boundaries between the classes and how sure it is of them: by
    `predict_proba`, else by `decision_function`, else the class alone. Of a regressor it shows the
    prediction, with a colour bar.

    Parameters
    ----------
    estimator : classifier or regressor
        Fitted to two features; anything with `predict` will do, also of scikit-learn. Predictions
        that are no floating-point numbers are classes.
    X : array-like of shape (n_samples, 2)
        The samples to show.
    y : array-like of shape (n_samples,)
        Their labels, or their targets.
    ax : {place}
    resolution : int, default=200
        Points of the background along each axis.
    feature_names : sequence of two str, default=None
        What the axes are called; None takes the columns of `X`, or the names that the estimator was
        fitted with.

    {drawn}

    Raises
    ------
    ValueError
        Unless there are two features, with two names if any, and a label for each sample; for a
        `resolution` below 2.
    TypeError
        For an estimator without `predict`.

    Examples
    --------
    >>> import numpy as np
    >>> from ketgrad import VQClassifier
    >>> from ketgrad.plots import decision_boundary
    >>> X = np.random.default_rng(0).normal(size=(20, 2))
    >>> classifier = VQClassifier(max_iter=5, tol=0, random_state=0).fit(X, X[:, 0] > 0)
    >>> ax = decision_boundary(classifier, X, X[:, 0] > 0, resolution=20)

    """
    # Everything that can fail comes before there is a figure.
    resolution = integer("resolution", resolution, 2)
    names = _names(estimator, X, feature_names)
    refuse_lost(y=y)
    samples, targets = _real_array(X, "X"), np.asarray(y)
    if samples.ndim != 2 or samples.shape[1] != 2:
        raise ValueError(f"a decision boundary needs two features; X has shape {samples.shape}")
    if targets.shape != samples.shape[:1]:
        raise ValueError(f"y has shape {targets.shape}; X has {len(samples)} samples")
    if not hasattr(estimator, "predict"):
        raise TypeError(f"{kind(estimator)} has no predict")
    low, high = _limits(samples)
    across, up = (np.linspace(low[k], high[k], resolution) for k in (0, 1))
    grid: Any = np.stack([values.ravel() for values in np.meshgrid(across, up)], axis=1)
    if hasattr(X, "iloc"):  # a data frame, whose names the estimator may ask for
        grid = type(X)(grid, columns=X.columns)
    classes, values = _predicted(estimator, grid, targets)
    values = values.reshape(resolution, resolution, *values.shape[1:])
    ax = axes_for(ax, 6.6)
    if classes is None:
        _draw_predictions(ax, across, up, values, samples, targets)
    else:
        _draw_classes(ax, across, up, values, classes, samples, targets)
        title = getattr(y, "name", None)
        _legend_beside(ax, None if title is None else str(title))
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    style(ax, xlabel=names[0], ylabel=names[1], grid=False)
    return ax


def _names(estimator: Any, X: Any, given: Sequence[str] | None) -> list[str]:
    if given is None:
        fitted = getattr(estimator, "feature_names_in_", ("", ""))
        given = getattr(X, "columns", fitted if len(fitted) == 2 else ("", ""))
    elif isinstance(given, str) or len(given) != 2:
        raise ValueError(f"feature_names is {given!r}; it must be two names")
    return [str(name) for name in given]


def _predicted(
    estimator: Any, points: Any, y: npt.NDArray[Any]
) -> tuple[npt.NDArray[Any] | None, FloatArray]:
    """Return classes and what speaks for each of them, or None and numbers."""
    classes = getattr(estimator, "classes_", None)
    if classes is None:
        predictions = np.asarray(estimator.predict(points))
        if predictions.shape != (len(points),):
            raise ValueError(f"{kind(estimator)} predicts more than one number a sample")
        if predictions.dtype.kind == "f":
            return None, predictions
        classes = np.unique(np.concatenate([predictions, y]))
        return classes, _of_each(classes, predictions)
    if hasattr(estimator, "predict_proba"):
        return classes, np.asarray(estimator.predict_proba(points))
    predictions = np.asarray(estimator.predict(points))
    if hasattr(estimator, "decision_function"):
        values = np.asarray(estimator.decision_function(points))
        if values.ndim == 1 and len(classes) == 2:
            values = np.stack([-values, values], axis=1) / 2
        # Columns may also be pairs of classes, of which three have as many.
        fits = values.shape[1:] == (len(classes),)
        if fits and np.mean(classes[values.argmax(axis=1)] == predictions) > _SAME:
            return classes, _as_shares(values)
    return classes, _of_each(classes, predictions)


def _of_each(classes: npt.NDArray[Any], predictions: npt.NDArray[Any]) -> FloatArray:
    shares: FloatArray = (predictions[:, None] == classes).astype(np.float64)
    return shares


def _as_shares(values: FloatArray) -> FloatArray:
    """Turn decision values, whatever their scale, into numbers that are equal where those are."""
    weights = np.exp(2 * (values - values.max(axis=1, keepdims=True)) / (values.std() or 1.0))
    shares: FloatArray = weights / weights.sum(axis=1, keepdims=True)
    return shares


def _draw_classes(
    ax: Axes,
    across: FloatArray,
    up: FloatArray,
    shares: FloatArray,
    classes: npt.NDArray[Any],
    X: FloatArray,
    y: npt.NDArray[Any],
) -> None:
    colors = np.array([to_rgb(color(k)) for k in range(len(classes))])
    _draw_background(ax, across, up, _blend(shares, colors))
    for k in range(len(classes) if len(classes) > 1 else 0):
        lead = shares[..., k] - np.delete(shares, k, axis=2).max(axis=2)
        if lead.min() < 0 < lead.max():
            ax.contour(across, up, lead, levels=[0.0], colors="white", linewidths=2)
    for k, label in enumerate(classes):
        x0, x1 = X[y == label].T
        ax.scatter(
            x0,
            x1,
            s=38,
            marker=_MARKERS[k % len(_MARKERS)],
            color=colors[k],
            edgecolor="white",
            lw=0.8,
            label=str(label),
        )


def _legend_beside(ax: Axes, title: str | None) -> None:
    """Name the classes where they hide no sample."""
    ax.legend(
        title=title,
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        frameon=False,
        handletextpad=0.3,
        alignment="left",
    )


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
    chance = 1 / max(probabilities.shape[2], 2)
    certainty = (probabilities.max(axis=2) - chance) / (1 - chance)
    strength = (0.10 + 0.45 * certainty)[..., None]
    blended: FloatArray = 1 - strength * (1 - probabilities @ colors)
    return blended.clip(0, 1)
