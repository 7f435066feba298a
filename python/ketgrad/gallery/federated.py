"""Ten clients train one circuit, and nobody sees their data, nor any client's weights.

Federated averaging: each client takes some steps on its own samples, of two kinds of digits alone,
and the average of all weights is where the next round begins. The server learns no more than their
sum, exact to the bit, also where clients are lost on the way.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.special import log_softmax
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial, exactly
from ketgrad.gallery.pictures import COLORS
from ketgrad.gallery.secure_sums import integers, mean_of, secure_sum

CLIENTS, SAMPLES, CLASSES, LAYERS = 10, 40, 4, 4
ROUNDS, QUICK_ROUNDS, LOCAL_STEPS, RATE = 60, 25, 5, 0.1
LAST = 10  # rounds, over which accuracies are averaged
DROPPED = 0.3  # of the clients, in every round
LEARNED, LOST = "federated: test accuracy", "accuracy lost to pooled data"
GAINED, LESS = "accuracy gained over a client alone", "accuracy lost by dropping clients"
BITS = "secure sum: numbers that differ from plain"

# Logits of parameters (clients, n) and samples (clients, m, 16), and the way back to parameters.
Model = Callable[[Any, Any], tuple[Any, Callable[[Any], Any]]]


def circuit_model() -> tuple[Model, int]:
    """Make the logits 5 a <Z_k> + b of a circuit of 4 qubits with 16 pixels as amplitudes."""
    circuit = kg.amplitude_map(16).compose(kg.strongly_entangling(4, LAYERS))
    program = kg.compile(circuit, [f"Z{k}" for k in range(CLASSES)], inputs="x")
    n = len(program.weights)

    def model(z: Any, X: Any) -> tuple[Any, Callable[[Any], Any]]:
        shape = X.shape[:2]
        inputs, weights = X.reshape(-1, 16), np.repeat(z[:, :n], shape[1], axis=0)
        values = program.expval(inputs, weights).reshape(*shape, CLASSES)
        factors, offsets = z[:, None, n:-CLASSES], z[:, None, -CLASSES:]

        def pull(slope: Any) -> Any:
            back = program.vjp((5 * factors * slope).reshape(-1, CLASSES), inputs, weights)[1]
            parts = back.reshape(*shape, n), 5 * slope * values, slope
            return np.hstack([part.sum(axis=1) for part in parts])

        return 5 * factors * values + offsets, pull

    return model, n + 2 * CLASSES


def softmax_model() -> tuple[Model, int]:
    """Make the logits of softmax regression."""

    def model(z: Any, X: Any) -> tuple[Any, Callable[[Any], Any]]:
        matrices = z[:, : 16 * CLASSES].reshape(-1, 16, CLASSES)

        def pull(slope: Any) -> Any:
            by_matrix = np.swapaxes(X, 1, 2) @ slope
            return np.hstack([by_matrix.reshape(len(z), -1), slope.sum(axis=1)])

        return 5 * X @ matrices + z[:, None, 16 * CLASSES :], lambda slope: pull(slope) * scale

    scale = np.append(np.full(16 * CLASSES, 5.0), np.ones(CLASSES))
    return model, 17 * CLASSES


def steps(model: Model, z: Any, X: Any, y: Any, count: int) -> Any:
    """Let every client descend, all at once, on the cross-entropy of its own samples."""
    wanted = np.eye(CLASSES)[y]
    for _ in range(count):
        logits, pull = model(z, X)
        z = z - RATE * pull(np.exp(log_softmax(logits, axis=-1)) - wanted) / y.shape[1]
    return z


def federated(model: Model, z: Any, data: Any, rounds: int, dropped: float, rng: Any) -> Any:
    """Average over rounds: weights after each, and how many sums were not exact."""
    path, wrong = [], 0
    for turn in range(rounds):
        local = steps(model, np.tile(z, (CLIENTS, 1)), data[0], data[1], LOCAL_STEPS)
        there = np.flatnonzero(rng.uniform(size=CLIENTS) >= dropped)
        if len(there) > 0:
            total = secure_sum(local, there, turn)
            wrong += int(np.sum(total != integers(local[there]).sum(axis=0, dtype=np.uint64)))
            z = mean_of(total, len(there))
        path.append(z)
    return np.array(path), wrong


def accuracy(model: Model, z: Any, X: Any, y: Any) -> Any:
    """Give the accuracies on test samples of parameters (n_models, n)."""
    return (model(z, np.tile(X, (len(z), 1, 1)))[0].argmax(axis=-1) == y).mean(axis=-1)


def clients(rng: Any, seed: int) -> tuple[Any, Any, Any, Any]:
    """Give clients two kinds of digits each, (clients, samples, 16), and samples to test."""
    X, y = load_digits(n_class=CLASSES, return_X_y=True)
    X = X.reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(-1, 16)
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    pairs = [(k % CLASSES, (k + 1 + k // CLASSES) % CLASSES) for k in range(CLIENTS)]
    own = np.array([rng.choice(np.flatnonzero(np.isin(y, pair)), SAMPLES) for pair in pairs])
    return X[own], y[own], X_test, y_test


def learn(make: Callable[[], tuple[Model, int]], seed: int, quick: bool) -> tuple[Any, Any]:
    """Train in all ways; figures, and the accuracy after every round."""
    rng, (model, size) = np.random.default_rng(seed), make()
    X, y, *test = clients(rng, seed)
    rounds = QUICK_ROUNDS if quick else ROUNDS
    start = np.append(rng.uniform(-1, 1, size - 2 * CLASSES), np.repeat([1.0, 0.0], CLASSES))
    whole, wrong = federated(model, start, (X, y), rounds, 0.0, rng)
    partly, more = federated(model, start, (X, y), rounds, DROPPED, rng)
    pooled = steps(model, start[None], X.reshape(1, -1, 16), y.reshape(1, -1), rounds * LOCAL_STEPS)
    alone = steps(model, np.tile(start, (CLIENTS, 1)), X, y, rounds * LOCAL_STEPS)
    paths = [accuracy(model, path, *test) for path in (whole, partly)]
    together, single = accuracy(model, pooled, *test)[0], accuracy(model, alone, *test).mean()
    ends = [path[-LAST:].mean() for path in paths]
    figures = {
        LEARNED: ends[0],
        LOST: together - ends[0],
        GAINED: ends[0] - single,
        LESS: ends[0] - ends[1],
        BITS: wrong + more,
    }
    return {name: float(value) for name, value in figures.items()}, (*paths, together, single)


def run(seed: int, quick: bool) -> Trial:
    """Train a circuit and, in the same way, softmax regression."""
    figures, picture = learn(circuit_model, seed, quick)
    classical, _ = learn(softmax_model, seed, quick)
    return Trial(
        figures, classical, dict(zip(("whole", "partly", "pooled", "alone"), picture, strict=True))
    )


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show accuracies by rounds, between those of pooled data and of a client alone."""
    for k, (key, name) in enumerate(
        (("whole", "federated"), ("partly", f"{DROPPED:.0%} of clients dropped a round"))
    ):
        paths = np.array([trial.picture[key] for trial in trials])
        rounds = np.arange(1, paths.shape[1] + 1)
        ax.plot(rounds, paths.mean(axis=0), color=COLORS[k], label=name)
        ax.fill_between(rounds, paths.min(0), paths.max(0), color=COLORS[k], alpha=0.2, lw=0)
    for key, name, ls in (("pooled", "pooled data", "--"), ("alone", "a client alone", ":")):
        height = np.mean([trial.picture[key] for trial in trials])
        ax.axhline(height, color=COLORS[5], ls=ls, label=name)
    ax.set(xlabel="round", ylabel="test accuracy", ylim=(0.15, 1))
    ax.legend(frameon=False, loc="lower right")


EXPERIMENT = Experiment(
    paper="McMahan et al. 2017, Communication-efficient learning of deep networks from "
    "decentralized data, arXiv:1602.05629; Chen & Yoo 2021, Federated quantum machine learning, "
    "arXiv:2103.12010; Bonawitz et al. 2017, Practical secure aggregation",
    setup=f"Digits 0 to {CLASSES - 1} of 4 × 4 pixels as amplitudes of 4 qubits, {LAYERS} layers, "
    f"{12 * LAYERS + 2 * CLASSES} numbers; {CLIENTS} clients of {SAMPLES} samples of two digits, "
    f"{ROUNDS} rounds of {LOCAL_STEPS} gradient steps; pooled data and clients alone take as many; "
    f"accuracies are means of the last {LAST} rounds. Theirs are larger images behind a trained "
    "network, and that federated is as good as pooled: accepted are .05 lost, .05 more with "
    "dropped clients, .3 gained over a client alone, .8 reached, which was set after trial "
    "runs, and sums exact to the bit. With Adam in the place of plain steps clients drift apart, "
    "and .1 is lost.",
    classical=f"softmax regression on the 16 pixels, {17 * CLASSES} numbers, trained alike",
    claims=(
        Claim(LEARNED, None, (0.8, 1.0), quick=(0.6, 1.0)),
        Claim(LOST, None, (-0.1, 0.05), quick=(-0.1, 0.15)),
        Claim(GAINED, None, (0.3, 1.0), quick=(0.15, 1.0)),
        Claim(LESS, None, (-0.1, 0.05), quick=(-0.2, 0.15)),
        exactly(BITS, 0.0),
    ),
    budget=90,
    run=run,
    draw=draw,
)
