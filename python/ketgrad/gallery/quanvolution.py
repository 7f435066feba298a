"""Quanvolution: a small circuit looks at every window of an image.

With random weights it is one more random non-linear filter, and no better than classical ones, as
its authors found; trained, it is a convolution whose channels are expectation values.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import ketgrad as kg
from ketgrad.gallery.classification import accuracy, train
from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.pictures import COLORS
from ketgrad.layers import Activation, Chain, CircuitLayer, Dense, Layer, Patches, image_windows

SIDE, PIXELS, DIGITS = 8, 4, 10  # of an image, in a window, in all
WINDOWS = image_windows(SIDE, SIDE, size=2)
COUNTS, QUICK_COUNTS = (1, 2, 4, 6), (1,)  # of random layers, each of four channels
EPOCHS, QUICK_EPOCHS, RATE = 30, 10, 0.01
QUICK_IMAGES = 400
RANDOM, TRAINED = "random circuits: accuracy", "a trained circuit: accuracy"
GAIN, DIFFERENCE = "random circuits above pixels alone", "above random classical filters"


def quantum() -> Layer:
    """Make the circuit: pixels turn four qubits, two entangling layers, Z of each is a channel."""
    circuit = kg.angle_map(PIXELS).compose(kg.strongly_entangling(PIXELS, 2))
    readout = [kg.PauliSum.from_sparse([("Z", [k], 1.0)], PIXELS) for k in range(PIXELS)]
    return CircuitLayer(kg.compile(circuit, readout, inputs="x", precision="single"))


def classical() -> Layer:
    """Make its twin: four channels of a classical convolution."""
    return Chain([Dense(PIXELS, PIXELS), Activation("tanh", PIXELS)])


def filtered(make: Any, X: Any, count: int, rng: np.random.Generator) -> Any:
    """See the images through random layers, all their channels side by side."""
    patches = Patches(make(), SIDE**2, WINDOWS)
    draws = [rng.normal(scale=np.pi / 2, size=patches.n_parameters) for _ in range(count)]
    return np.hstack([patches.forward(X, weights) for weights in draws])


def linear(features: Any, y: Any, learn: Any, test: Any) -> float:
    """Give the test accuracy of a linear model on features."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return float(model.fit(features[learn], y[learn]).score(features[test], y[test]))


def trained(make: Any, X: Any, y: Any, learn: Any, test: Any, epochs: int, seed: int) -> float:
    """Train one layer of filters and the linear model behind it together."""
    patches = Patches(make(), SIDE**2, WINDOWS)
    model = kg.Model(Chain([patches, Dense(patches.n_outputs, DIGITS)]))
    model.initialize(seed=seed)
    options = {"learning_rate": RATE, "schedule": "cosine", "epochs": epochs}
    return accuracy(train(model, X[learn], y[learn], seed, options), X[test], y[test])


def run(seed: int, quick: bool) -> Trial:
    """Split the digits, and classify what filters of all kinds make of them."""
    X, y = load_digits(return_X_y=True)
    rng = np.random.default_rng(seed)
    images = rng.permutation(len(y))[: QUICK_IMAGES if quick else None]
    learn, test = train_test_split(images, stratify=y[images], random_state=seed)
    X = X * np.pi / X.max()  # a pixel is an angle
    data = X, y, learn, test

    counts, epochs = (QUICK_COUNTS, QUICK_EPOCHS) if quick else (COUNTS, EPOCHS)
    kinds = quantum, classical
    fixed = [[linear(filtered(k, X, n, rng), *data[1:]) for n in counts] for k in kinds]
    learned = [trained(k, *data, epochs, seed) for k in kinds]
    pixels = linear(X, *data[1:])
    ours, theirs = (
        {RANDOM: some[-1], GAIN: some[-1] - pixels, TRAINED: best}
        for some, best in zip(fixed, learned, strict=True)
    )
    return Trial(
        ours | {DIFFERENCE: ours[RANDOM] - theirs[RANDOM]}, theirs, (fixed, learned, pixels)
    )


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show the accuracies against the number of channels."""
    fixed = np.array([trial.picture[0] for trial in trials])
    learned = np.mean([trial.picture[1] for trial in trials], axis=0)
    channels = PIXELS * np.array(COUNTS[: fixed.shape[2]])
    for k, name in enumerate(("circuits", "classical filters")):
        color = COLORS[(0, 5)[k]]
        mean, deviation = fixed[:, k].mean(axis=0), fixed[:, k].std(axis=0)
        ax.errorbar(channels, mean, deviation, color=color, capsize=2, label=f"random {name}")
        ax.plot(PIXELS, learned[k], "*", ms=11, color=color, label=f"trained {name}")
    pixels = np.mean([trial.picture[2] for trial in trials])
    ax.axhline(pixels, color=COLORS[1], ls=":", label="pixels alone")
    ax.set_xticks(channels)
    ax.set_ylim(bottom=pixels - 0.03)  # room for the legend
    ax.set(xlabel="channels, four a circuit", ylabel="test accuracy")
    ax.legend(frameon=False, loc="lower right")


EXPERIMENT = Experiment(
    paper="Henderson, Shakya, Pradhan & Cook 2019, Quanvolutional neural networks, "
    "arXiv:1904.04767",
    setup=f"Digits of {SIDE} × {SIDE} pixels, all ten, windows of 2 × 2 at every place, a circuit "
    f"of {PIXELS} qubits and 24 weights for four channels; up to {COUNTS[-1]} random circuits, or "
    f"one that is trained with what is behind it, {EPOCHS} epochs. Behind the filters is a linear "
    "model. The paper has MNIST and a deeper network behind 5 × 5 windows: its findings, that "
    "random circuits help and that random classical filters help as much, are tested by ranges "
    "that were set before the first run.",
    classical="as many channels tanh(w x + b) of the same windows, random or trained (20 weights)",
    claims=(
        Claim(RANDOM, None, (0.95, 1.0), quick=(0.85, 1.0)),
        Claim(GAIN, None, (0.0, 1.0), quick=(-0.05, 1.0)),
        Claim(DIFFERENCE, None, (-0.01, 0.01), quick=(-0.05, 0.05)),
        Claim(TRAINED, None, (0.96, 1.0), quick=(0.85, 1.0)),
    ),
    budget=60,
    run=run,
    draw=draw,
)
