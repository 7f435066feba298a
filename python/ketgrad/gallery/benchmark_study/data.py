"""The data sets of the study, to the last bit.

`kg.datasets` has the same definitions with random numbers of its own. The study drew all numbers of
features from 2 upwards from one old-style stream of NumPy, which goes on where the last one ended.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

SAMPLES, FEATURES = 300, 6
IMAGES, SIDE, NOISE = (1000, 200), 4, 0.5
MANIFOLD, DEGREE, OFFSET, JITTER = 6, 5, 0.1, 0.01


class Split(NamedTuple):
    """Features and labels, -1 and 1, of a data set."""

    X_train: Any
    X_test: Any
    y_train: Any
    y_test: Any


def linearly_separable(rng: np.random.RandomState, n: int) -> tuple[Any, Any]:
    """Draw points of a cube off the plane sum(x) = 0."""
    X = 2 * rng.rand(2 * SAMPLES, n) - 1
    X = X[np.abs(X.sum(axis=1)) > 0.02 * n][:SAMPLES]
    return X, np.where(X.sum(axis=1) > 0, -1, 1)


def hidden_manifold(rng: np.random.RandomState, n: int) -> tuple[Any, Any]:
    """Draw points of a curved surface, labelled by a random network on it."""
    features = rng.normal(size=(MANIFOLD, n))
    points = rng.normal(size=(SAMPLES, MANIFOLD))
    biases = 2 * rng.uniform(size=n) - 1
    weights, last = rng.normal(size=(MANIFOLD, MANIFOLD)), rng.normal(size=MANIFOLD)
    values = np.tanh(points @ weights.T) @ last
    X = np.tanh(points @ features / np.sqrt(MANIFOLD) - biases)
    return X, np.where(values < np.median(values), -1, 1)


def two_curves(rng: np.random.RandomState, n: int) -> tuple[Any, Any]:
    """Draw points near a curve, and near the same curve moved."""
    series = rng.uniform(size=(n, DEGREE + 1, 2))
    series /= np.linalg.norm(series)
    X = np.empty((SAMPLES, n))
    for row in X:
        phases = np.pi * rng.rand() * np.arange(DEGREE + 1)
        # Their constant term is the sum of both coefficients of frequency 0.
        row[:] = (
            series[:, 0, 1] + series[:, :, 0] @ np.cos(phases) + series[:, :, 1] @ np.sin(phases)
        )
        row += rng.normal(0, JITTER, n)
    y = np.repeat([-1, 1], SAMPLES // 2)
    X[y == 1] += OFFSET
    return StandardScaler().fit_transform(X), y


def bars_and_stripes(rng: np.random.RandomState, n_images: int) -> tuple[Any, Any]:
    """Draw noisy images of rows, 1, or of columns, -1."""
    X, y = np.full((n_images, SIDE, SIDE), -1.0), np.empty(n_images, int)
    for k, image in enumerate(X):
        y[k] = 1 if rng.rand() > 0.5 else -1
        lit = rng.rand(SIDE) > 0.5
        (image if y[k] == 1 else image.T)[lit] = 1
        image += rng.normal(0, NOISE, image.shape)
    return X.reshape(n_images, SIDE**2), y


Drawing = Callable[[np.random.RandomState, int], tuple[Any, Any]]
STREAMS: dict[str, tuple[Drawing, int]] = {
    "linearly separable": (linearly_separable, 42),
    "hidden manifold": (hidden_manifold, 3),
    "two curves": (two_curves, 3),
}
BARS = "bars and stripes"


@cache
def load(name: str) -> Split:
    """Make a data set of the study."""
    if name == BARS:
        rng = np.random.RandomState(42)
        (X_train, y_train), (X_test, y_test) = (bars_and_stripes(rng, n) for n in IMAGES)
        return Split(X_train, X_test, y_train, y_test)
    draw, seed = STREAMS[name]
    rng = np.random.RandomState(seed)
    for n in range(2, FEATURES + 1):
        split = train_test_split(*draw(rng, n), test_size=0.2, random_state=rng)
    return Split(*split)
