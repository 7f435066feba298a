"""The pictures of the demo."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from ketgrad import plots
from ketgrad._types import Array
from ketgrad.commands.demo.models import QUANTUM, SEPARABLE, Result, quantum_classifier
from ketgrad.commands.demo.tasks import QUICK_EPOCHS, TASKS, TRAINING, iris
from ketgrad.estimators.classifier import VQClassifier


def loss_figure(results: list[Result]) -> Figure:
    """Draw the losses of the quantum models, data set by data set."""
    figure = Figure(figsize=(11, 3.6), layout="constrained")
    axes = figure.subplots(1, len(TASKS))
    for ax, task in zip(axes, TASKS, strict=True):
        for color, model in zip(plots.COLORS, (QUANTUM, SEPARABLE), strict=False):
            curves = [r.loss_curve for r in results if (r.task, r.model) == (task.name, model)]
            _draw_band(ax, curves, color, model)
        plots.style(ax, xlabel="epoch", ylabel="cross entropy" if task is TASKS[0] else "")
        ax.set_ylim(bottom=0)
        ax.set_title(task.name)
    axes[0].legend(frameon=False)
    return figure


def _draw_band(ax: Any, curves: list[list[float]], color: str, label: str) -> None:
    """Draw the mean of the curves and their range, as far as all of them reach."""
    epochs = min(len(curve) for curve in curves)
    values = np.array([curve[:epochs] for curve in curves])
    x = np.arange(1, epochs + 1)
    ax.fill_between(x, values.min(axis=0), values.max(axis=0), color=color, alpha=0.18, lw=0)
    ax.plot(x, values.mean(axis=0), color=color, lw=2, label=label)


def boundary_figure(*, quick: bool) -> Figure:
    """Draw what the quantum model of two features of iris predicts everywhere."""
    X, y = iris()
    X = PCA(2).fit_transform(StandardScaler().fit_transform(X))
    epochs = QUICK_EPOCHS if quick else TASKS[0].epochs
    classifier = VQClassifier(max_iter=epochs, random_state=0, **TRAINING).fit(X, y)
    figure = Figure(figsize=(6.4, 4.8), layout="constrained")
    ax = plots.decision_boundary(classifier, X, y, figure.subplots())
    ax.set(
        xlabel="first principal component",
        ylabel="second principal component",
        title=f"Iris, {classifier.model_.circuit.n_qubits} qubits",
    )
    return figure


def circuit_picture() -> str:
    """Draw the circuit of the quantum model of iris, as SVG."""
    classifier = quantum_classifier(0, 1).fit(*_two_per_class(*iris()))
    svg: str = classifier.model_.circuit.svg()
    return svg


def _two_per_class(X: Array, y: Array) -> tuple[Array, Array]:
    """Pick a few samples, enough to make a model of the right shape."""
    rows = np.concatenate([np.flatnonzero(y == label)[:2] for label in np.unique(y)])
    return X[rows], y[rows]
