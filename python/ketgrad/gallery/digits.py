"""A recogniser of digits: a circuit that slides over the image as the filters of a network do.

Its angles are trained with the linear readout, or left random, as Henderson et al. left them. What
the circuit adds is told by what does without: pixels alone, and the circuit without its CNOTs.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.pictures import COLORS
from ketgrad.gallery.recognisers import (
    Network,
    accuracy,
    draw_accuracies,
    quantum_convolution,
    trained,
)
from ketgrad.layers import Dense

SIDE, CLASSES = 8, 10
EPOCHS, QUICK_EPOCHS = 40, 8
FILTERS = 20  # of the network: 2,010 parameters, the quantum convolution has 1,982
ACCURACY, BEHIND = "quantum convolution: accuracy", "accuracy behind a network of its size"
RANDOM, GAIN = "random circuits: accuracy", "accuracy gained over pixels alone"
ENTANGLED = "accuracy gained by its CNOTs"
ROWS = ("pixels alone", "without CNOTs", "random circuit", "trained circuit", "network", "SVC")


def run(seed: int, quick: bool) -> Trial:
    """Train all recognisers on three quarters of the digits; score the rest."""
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(
        X / 16, y, stratify=y, random_state=seed + 1
    )
    epochs = QUICK_EPOCHS if quick else EPOCHS
    layers = (
        Dense(SIDE**2, CLASSES),
        quantum_convolution(SIDE, CLASSES, entangle=False),
        quantum_convolution(SIDE, CLASSES, frozen_seed=seed),
        quantum_convolution(SIDE, CLASSES),
    )
    linear, separable, random, quantum = (
        accuracy(trained(layer, X_train, y_train, epochs, seed), X_test, y_test) for layer in layers
    )
    network = Network(SIDE, CLASSES, FILTERS, seed).fit(X_train, y_train, epochs)
    twin = network.score(X_test, y_test)
    svc = float(SVC(C=10).fit(X_train, y_train).score(X_test, y_test))
    figures = {
        ACCURACY: quantum,
        BEHIND: twin - quantum,
        RANDOM: random,
        GAIN: quantum - linear,
        ENTANGLED: quantum - separable,
    }
    classical = {ACCURACY: svc, BEHIND: twin - svc, RANDOM: linear, GAIN: twin - linear}
    return Trial(figures, classical, [linear, separable, random, quantum, twin, svc])


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show the accuracies of all recognisers, a dot a seed."""
    accuracies = np.array([trial.picture for trial in trials])
    draw_accuracies(ax, ROWS, accuracies, [COLORS[5], *[COLORS[0]] * 3, COLORS[5], COLORS[5]])


EXPERIMENT = Experiment(
    paper="Henderson, Shakya, Pradhan & Cook 2019, Quanvolutional neural networks: powering image "
    "recognition with quantum circuits, arXiv:1904.04767",
    setup="The ten digits of scikit-learn, 8 × 8 pixels, 1347 to train on and 450 to test; a "
    "circuit of 4 qubits, one strongly entangling layer, on every window of 2 × 2 pixels, and a "
    f"linear readout: 1982 parameters; AdamW, one cycle of {EPOCHS} epochs. The paper has MNIST, "
    "random circuits and figures as curves alone: that random circuits do is tested by a range. "
    "The form of the circuit was chosen on a split that is none of these; all ranges were set "
    "before the first run.",
    classical="an SVC with a Gaussian kernel for the accuracy, the readout on pixels alone for "
    f"random circuits, and a convolutional network of {FILTERS} filters in PyTorch, 2010 "
    "parameters, trained alike",
    claims=(
        Claim(ACCURACY, None, (0.965, 1.0), quick=(0.93, 1.0)),
        Claim(BEHIND, None, (-0.015, 0.015), quick=(-0.05, 0.05)),
        Claim(RANDOM, None, (0.95, 1.0), quick=(0.9, 1.0)),
        Claim(GAIN, None, (0.005, 0.05), quick=(-0.02, 0.1)),
        Claim(ENTANGLED, None, (-0.01, 0.01), quick=(-0.03, 0.03)),
    ),
    budget=60,
    run=run,
    draw=draw,
)
