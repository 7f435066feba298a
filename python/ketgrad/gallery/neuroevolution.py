"""Evolution strategies train a circuit inside of a neural network.

A search gradient needs as many circuit runs as one cares to spend, parameter shift two a parameter:
what counts is how far the same number of runs takes each.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.pictures import COLORS

N, LAYERS, SHOTS, SIGMA = 4, 4, 200, np.pi / 24
RUNS, QUICK_RUNS, REPEATS, BATCH, RATE = 20_000, 8_000, 4, 10, 0.01

ACCURACY, RUNS_TO = "evolution: accuracy", "runs to 95 %: parameter shift's / evolution's"
RATE_MATTERS = "evolution at ten times the rate: accuracy lost"


def layers(n: int, depth: int) -> kg.Circuit:
    """Make layers of RY and a chain of CNOTs."""
    circuit, w = kg.Circuit(n), kg.ParameterVector("w", n * depth)
    for k in range(depth):
        circuit.ry(w[k * n : (k + 1) * n], range(n)).cx(range(n - 1), range(1, n))
    return circuit


X = kg.ParameterVector("x", N)
ENCODED = kg.Circuit(N).ry([2 * x for x in X], range(N)).compose(layers(N, LAYERS))
PROGRAM = kg.compile(ENCODED, [f"Z{k}" for k in range(N)], inputs=X)


def zeros(inputs: Any, weights: Any, rng: np.random.Generator) -> Any:
    """Measure the share of zeros of each qubit."""
    return (1 + PROGRAM.expval(inputs, weights, SHOTS, int(rng.integers(2**32)))) / 2


def shifted(inputs: Any, weights: Any, _: Any, rng: np.random.Generator) -> Any:
    """Measure the Jacobian, shape (rows, N, inputs and weights), by parameter shift."""
    options: Any = {"diff_method": "parameter-shift", "shots": SHOTS}
    parts = PROGRAM.jacobian(inputs, weights, seed=int(rng.integers(2**32)), **options)
    return np.concatenate(parts, axis=2) / 2


def evolved(size: int, inputs: Any, weights: Any, now: Any, rng: np.random.Generator) -> Any:
    """Estimate it from what so many random steps a row change: all of them one batch."""
    at = np.hstack([inputs, weights])
    steps = SIGMA * rng.standard_normal((size, *at.shape))
    there = (at + steps).reshape(-1, at.shape[1])
    changed = zeros(there[:, :N], there[:, N:], rng).reshape(size, *now.shape) - now
    return np.einsum("kri,kro->roi", steps, changed) / (size * SIGMA**2)


def train(jacobian: Callable[..., Any], runs: int, budget: int, rate: float, seed: int) -> Any:
    """Train 64 pixels, 4 angles, circuit, 2 classes; give runs and test accuracies on the way."""
    rng = np.random.default_rng(seed)
    train_X, test_X, train_y, test_y = digits(seed)
    p = {"A": rng.uniform(-1, 1, (N, 64)) / 8, "a": np.zeros(N)}
    p |= {"B": rng.uniform(-1, 1, (2, N)) / 2, "b": np.zeros(2)}
    p["w"] = rng.uniform(-np.pi, np.pi, N * LAYERS)
    adam, way = kg.Optimizer("adam", rate), []
    for used in range(0, budget, BATCH * runs):
        rows = rng.choice(len(train_X), BATCH, replace=False)
        x, w = train_X[rows], np.tile(p["w"], (BATCH, 1))
        angles = np.tanh(x @ p["A"].T + p["a"])
        z = zeros(angles, w, rng)
        out = np.tanh(z @ p["B"].T + p["b"])
        g = (out - np.eye(2)[train_y[rows]]) * (1 - out**2) / BATCH  # of the squared error
        slopes = np.einsum("ro,roi->ri", g @ p["B"], jacobian(angles, w, z, rng))
        h = slopes[:, :N] * (1 - angles**2)
        by = {"A": h.T @ x, "a": h.sum(0), "B": g.T @ z, "b": g.sum(0), "w": slopes[:, N:].sum(0)}
        p = adam.step(p, by)
        if used // 400 < (used + BATCH * runs) // 400:
            z = zeros(np.tanh(test_X @ p["A"].T + p["a"]), p["w"], rng)
            right = (z @ p["B"].T + p["b"]).argmax(axis=1) == test_y
            way.append((used + BATCH * runs, right.mean()))
    return np.array(way).T


def digits(seed: int) -> Any:
    """Split the zeros and ones, pixels from -1 to 1."""
    images, labels = load_digits(n_class=2, return_X_y=True)
    return train_test_split(images / 8 - 1, labels, stratify=labels, random_state=seed)


def run(seed: int, quick: bool) -> Trial:
    """Train in four ways."""
    seeds, budget = [REPEATS * seed + k for k in range(REPEATS)], QUICK_RUNS if quick else RUNS
    ways: dict[str, tuple[Any, int, float]] = {
        "evolution, 2 steps": (partial(evolved, 2), 3, RATE),
        "evolution, 10 steps": (partial(evolved, 10), 11, RATE),
        "evolution, 10 times the rate": (partial(evolved, 2), 3, 10 * RATE),
        "parameter shift": (shifted, 1 + 2 * len(PROGRAM.weights + PROGRAM.inputs), RATE),
    }
    found = {
        name: [train(jacobian, runs, budget, rate, k) for k in seeds]
        for name, (jacobian, runs, rate) in ways.items()
    }
    curves = {name: np.mean(some, axis=0) for name, some in found.items()}
    to = {
        name: np.mean([np.append(x, budget)[np.argmax(np.append(y, 1) >= 0.95)] for x, y in some])
        for name, some in found.items()
    }
    few, _, fast, shift = ways
    last, lost = curves[few][1, -1], curves[few][1, -1] - curves[fast][1, -1]
    figures = {ACCURACY: last, RUNS_TO: to[shift] / to[few], RATE_MATTERS: lost}
    network = MLPClassifier((N,), activation="tanh", solver="lbfgs", max_iter=1000, random_state=0)
    twin = np.mean([network.fit(a, y).score(b, t) for a, b, y, t in map(digits, seeds)])
    return Trial({k: float(v) for k, v in figures.items()}, {ACCURACY: float(twin)}, curves)


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show test accuracies against circuit runs."""
    for k, name in enumerate(trials[0].picture):
        runs = trials[0].picture[name][0]
        right = np.array([trial.picture[name][1] for trial in trials])
        mean, deviation = right.mean(axis=0), right.std(axis=0)
        ax.plot(runs, mean, color=COLORS[k], label=name)
        ax.fill_between(runs, mean - deviation, mean + deviation, color=COLORS[k], alpha=0.2, lw=0)
    twin = np.mean([trial.classical[ACCURACY] for trial in trials])
    ax.axhline(twin, color=COLORS[5], ls="--", lw=1, label="network of 4 neurons")
    ax.set(xlabel="circuit runs of 200 shots", ylabel="test accuracy")
    ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 0.28))


EXPERIMENT = Experiment(
    paper="Friedrich & Maziero 2023, Evolution strategies: application in hybrid quantum-classical "
    "neural networks, arXiv:2205.08059",
    setup="Zeros and ones of scikit-learn's digits (theirs: MNIST, batches of 1): 64 pixels, 4 "
    f"neurons, a circuit of {N} qubits and {LAYERS} layers, 2 neurons; {RUNS} circuit runs of "
    f"{SHOTS} shots, {REPEATS} networks a seed. Evolution learns from two random steps a sample. "
    "The paper's claims, an alternative whose number of runs one chooses, and whose options matter "
    "much, are tested by ranges set before the first run of these seeds, having seen others.",
    classical="a network with 4 tanh neurons in place of the angles and the circuit",
    claims=(
        Claim(ACCURACY, None, (0.95, 1.0), quick=(0.9, 1.0)),
        Claim(RUNS_TO, None, (1.0, None)),
        Claim(RATE_MATTERS, None, (0.1, 1.0)),
    ),
    budget=60,
    run=run,
    draw=draw,
)
