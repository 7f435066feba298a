"""A quantum reservoir beside an echo-state network: both untrained, a linear model reads them.

Six qubits with random couplings remember what was put into one of them. What they are to emulate
are the NARMA systems, whose next value depends on many before, and on products of these.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.pictures import COLORS

ORDERS = (2, 5, 10)
QUBITS, READINGS = 6, 10  # readings a step: 60 features
WASHOUT, TRAIN, TEST = 500, 2000, 1000
QUICK_QUBITS = 4
NAMES = {n: f"NARMA{n}: normalised squared error" for n in ORDERS}
RATIO = "geometric mean of the errors, echo-state = 1"


def smooth_input(n: int, seed: int) -> Any:
    """Make the paper's input, a product of three sines, in [0, 0.2], from a random time on."""
    k = np.arange(n) + np.random.default_rng(seed).integers(10_000)
    return 0.1 * (np.prod([np.sin(2 * np.pi * f * k / 100) for f in (2.11, 3.73, 4.11)], 0) + 1)


def narma(u: Any, order: int) -> Any:
    """Give the series of a NARMA system: y[k + 1] from y[k], ... and u[k], ..."""
    y = np.zeros(len(u) + 1)
    for k in range(order, len(u)):
        if order == 2:
            y[k + 1] = 0.4 * y[k] + 0.4 * y[k] * y[k - 1] + 0.6 * u[k] ** 3 + 0.1
        else:
            past = y[k - order + 1 : k + 1].sum()
            y[k + 1] = 0.3 * y[k] + 0.05 * y[k] * past + 1.5 * u[k - order + 1] * u[k] + 0.1
    return y[1:]


def echo_states(u: Any, n_nodes: int, radius: float, seed: int) -> Any:
    """Run a network of tanh nodes with a random matrix of a spectral radius."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(n_nodes, n_nodes))
    matrix *= radius / np.abs(np.linalg.eigvals(matrix)).max()
    inputs, bias = rng.uniform(-1, 1, (2, n_nodes))
    states = np.zeros((len(u) + 1, n_nodes))
    for k, value in enumerate((u - u.min()) / np.ptp(u)):
        states[k + 1] = np.tanh(matrix @ states[k] + inputs * value + bias)
    return states[1:]


def read_out(features: Any, wanted: Any) -> tuple[float, Any]:
    """Fit a linear model after the washout; give the error of the rest, and its predictions."""
    features = np.column_stack([features, np.ones(len(features))])
    train, test = slice(WASHOUT, WASHOUT + TRAIN), slice(WASHOUT + TRAIN, None)
    weights = np.linalg.lstsq(features[train], wanted[train], rcond=1e-12)[0]
    predicted, truth = features[test] @ weights, wanted[test]
    return float(np.square(predicted - truth).sum() / np.square(truth).sum()), predicted


def run(seed: int, quick: bool) -> Trial:
    """Put one input into both, and read all systems off the same features."""
    u = smooth_input(WASHOUT + TRAIN + TEST, seed)
    n_qubits = QUICK_QUBITS if quick else QUBITS
    reservoir = kg.QReservoir(n_qubits=n_qubits, n_virtual=READINGS, random_state=seed)
    features, _ = reservoir.fit(u[:, None]).run(u)
    networks = [echo_states(u, features.shape[1], r, seed) for r in (0.5, 0.8, 0.95)]
    figures, classical, curves = {}, {}, {}
    for order, name in NAMES.items():
        y = narma(u, order)
        figures[name], predicted = read_out(features, y)
        classical[name] = min(read_out(states, y)[0] for states in networks)
        curves[order] = y[-len(predicted) :], predicted
    logs = [np.log(figures[name] / classical[name]) for name in NAMES.values()]
    return Trial({**figures, RATIO: float(np.exp(np.mean(logs)))}, {**classical, RATIO: 1}, curves)


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show a piece of every series of the first seed, and what is read off the reservoir."""
    for k, order in enumerate(ORDERS):
        truth, predicted = (part[:150] for part in trials[0].picture[order])
        ax.plot(truth, color=COLORS[5], lw=3, alpha=0.4, label="the system" if k == 0 else None)
        ax.plot(predicted, color=COLORS[k], lw=1.2, label=f"reservoir, NARMA{order}")
    ax.set(xlabel="step", ylabel="value")
    ax.legend(frameon=False, ncols=2, loc="upper left", bbox_to_anchor=(0, 1.18))


EXPERIMENT = Experiment(
    paper="Fujii & Nakajima 2017, Harnessing disordered-ensemble quantum dynamics for machine "
    "learning, arXiv:1602.08159",
    setup=f"A fully connected Ising model of {QUBITS} qubits, the input replacing one of them, "
    f"{READINGS} readings a step of every Z; input of three sines as in the paper, {WASHOUT} steps "
    f"of washout, {TRAIN} of training, {TEST} of test, squared errors over squares. The paper: 5 "
    "to 7 qubits do what recurrent networks of 100 to 500 nodes do. Accepted is at most ten times "
    "the error of an echo-state network of as many nodes as features, and errors below 1e-4, 1e-3, "
    "1e-2: criteria that were set before the first run. Intervals of 4, 8 and 40 and a field of 2 "
    "were tried on two seeds: 9.5 to 13 times the error, most of it on NARMA2.",
    classical=f"an echo-state network of {QUBITS * READINGS} tanh nodes, of spectral radius 0.5, "
    "0.8 or 0.95, whichever has the least test error",
    claims=(
        *(
            Claim(NAMES[n], None, (0.0, most), quick=(0.0, 10 * most))
            for n, most in zip(ORDERS, (1e-4, 1e-3, 1e-2), strict=True)
        ),
        Claim(RATIO, None, (0.0, 10.0), quick=(0.0, 1e5)),
    ),
    budget=60,
    run=run,
    draw=draw,
)
