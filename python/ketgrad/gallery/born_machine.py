"""A Born machine learns bars and stripes: a circuit whose outcomes are samples of a distribution.

Pixels are qubits. Where pixels depend on each other most, along the Chow-Liu tree of the data, the
circuit entangles them; the loss is the maximum mean discrepancy, which samples would do for.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree
from scipy.special import xlogy

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.pictures import COLORS

SIDE, DEPTH = 3, 10
BANDWIDTHS = (0.5, 1.0, 2.0, 4.0)
STEPS, QUICK_STEPS = 3000, 120
HUMP_QUBITS, HUMP_BANDWIDTHS, HUMP_STEPS = 10, (0.25, 10.0, 1000.0), 500
VALID, MMD = "share of bars and stripes", "MMD"
FAR = "Gaussian mixture: total variation distance"

N = SIDE**2
IMAGES = kg.datasets.bars_and_stripes(SIDE, SIDE)[0].astype(int)
PATTERNS = IMAGES @ 2 ** np.arange(N)
TARGET = np.bincount(PATTERNS, minlength=2**N) / len(PATTERNS)
IMAGE_LOSS = kg.losses.mmd(2**N, BANDWIDTHS, distance="hamming")

X = np.arange(2**HUMP_QUBITS) / 2**HUMP_QUBITS  # their two humps, at 2/7 and 5/7 of the range
HUMPS = sum(np.exp(-((X - middle / 7) ** 2) / (2 * 0.125**2)) for middle in (2, 5))
HUMPS = HUMPS / HUMPS.sum()
HUMP_LOSS = kg.losses.mmd(2**HUMP_QUBITS, HUMP_BANDWIDTHS)


def bits_of(target: Any) -> Any:
    """Give the bits of every outcome, qubit 0 first."""
    n = len(target).bit_length() - 1
    return (np.arange(len(target))[:, None] >> np.arange(n)) & 1


def joint(target: Any, i: int, j: int) -> Any:
    """Give how likely two bits have each pair of values: shape (2, 2)."""
    bits = bits_of(target)
    return np.bincount(2 * bits[:, i] + bits[:, j], target, minlength=4).reshape(2, 2)


def chow_liu_tree(target: Any) -> list[tuple[int, int]]:
    """Find the tree of bits, parents first, with the greatest mutual information."""
    n = bits_of(target).shape[1]
    information = np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            p = joint(target, i, j)
            # What tells nothing is an edge yet: one of 0 would not be in the graph.
            information[i, j] = 1e-12 + np.sum(xlogy(p, p / np.outer(p.sum(1), p.sum(0))))
    tree = minimum_spanning_tree(-information)
    order, parents = breadth_first_order(tree, 0, directed=False)
    return [(int(parents[k]), int(k)) for k in order[1:]]


def tree_model(target: Any) -> Any:
    """Give the baseline's probabilities: p(root) times p(bit | parent) along the tree."""
    bits = bits_of(target)
    probabilities = np.bincount(bits[:, 0], target)[bits[:, 0]]
    for parent, child in chow_liu_tree(target):
        pair = joint(target, parent, child)
        probabilities *= (pair / pair.sum(1, keepdims=True))[bits[:, parent], bits[:, child]]
    return probabilities


def born_machine(target: Any) -> kg.Program:
    """Make DEPTH layers of CNOTs between rotations of all qubits: (3 DEPTH + 1) n weights."""
    n, tree = bits_of(target).shape[1], chow_liu_tree(target)
    circuit = kg.Circuit(n)
    weights = iter(kg.ParameterVector("w", (3 * DEPTH + 1) * n))
    for layer in range(DEPTH + 1):
        # A Z rotation of |0> or before a measurement changes nothing.
        gates = ("rz" * (layer > 0), "rx", "rz" * (layer < DEPTH))
        for qubit in range(n):
            for gate in filter(None, gates):
                getattr(circuit, gate)(next(weights), qubit)
        for parent, child in tree if layer < DEPTH else []:
            circuit.cx(parent, child)
    return kg.compile(circuit)


def train(target: Any, discrepancy: Any, start: Any, steps: int) -> tuple[Any, list[float]]:
    """Train by L-BFGS: probabilities, and the loss after each step."""
    program, losses = born_machine(target), []

    def loss(probabilities: Any) -> tuple[float, Any]:
        value, slopes = discrepancy(probabilities[None], target[None])
        return value, slopes[0]

    def objective(weights: Any) -> tuple[float, Any]:
        value, _, gradient = program.value_and_vjp(loss, weights=weights, of="probs")
        return float(value), gradient

    found = minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": steps, "ftol": 0, "gtol": 1e-9},
        callback=lambda intermediate_result: losses.append(intermediate_result.fun),
    )
    return program.probs(weights=found.x), losses


def run(seed: int, quick: bool) -> Trial:
    """Learn the images, and a mixture of two humps."""
    rng = np.random.default_rng(seed)
    everywhere = rng.uniform(-np.pi, np.pi, (3 * DEPTH + 1) * N)
    near_zero = rng.normal(0, 0.1, (3 * DEPTH + 1) * HUMP_QUBITS)
    made, losses = train(TARGET, IMAGE_LOSS, everywhere, QUICK_STEPS if quick else STEPS)
    humps, _ = train(HUMPS, HUMP_LOSS, near_zero, QUICK_STEPS if quick else HUMP_STEPS)

    def figures(p: Any, q: Any) -> dict[str, float]:
        value, _ = IMAGE_LOSS(p[None], TARGET[None])
        distance = np.abs(q - HUMPS).sum() / 2
        return {VALID: float(p[PATTERNS].sum()), MMD: value, FAR: float(distance)}

    return Trial(figures(made, humps), figures(tree_model(TARGET), tree_model(HUMPS)), losses)


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show the losses of all seeds."""
    for k, trial in enumerate(trials):
        ax.semilogy(trial.picture, color=COLORS[0], lw=1.2, label="Born machine" * (k == 0))
    ax.axhline(trials[0].classical[MMD], color=COLORS[5], ls="--", label="Chow–Liu tree")
    ax.axhline(2.4e-7, color=COLORS[1], ls=":", label="published")
    ax.set(xlabel="steps of L-BFGS", ylabel="maximum mean discrepancy")
    ax.legend(frameon=False)


EXPERIMENT = Experiment(
    paper="Liu & Wang 2018, Differentiable learning of quantum circuit Born machines, "
    "arXiv:1804.04168",
    setup=f"Bars and stripes of {SIDE} × {SIDE} pixels on {N} qubits, depth {DEPTH}, "
    f"{(3 * DEPTH + 1) * N} weights, CNOTs along the Chow–Liu tree of the data, L-BFGS on exact "
    "probabilities; accepted is an MMD of ten times theirs. A mixture of two Gaussians on "
    f"{HUMP_QUBITS} qubits as numbers, {HUMP_STEPS} steps from angles near 0; a distance of .05 is "
    "a criterion that was set before the first run, which began at random angles, as the images "
    "do, and ended at .2.",
    classical="the Chow–Liu tree itself, fitted to the data exactly",
    claims=(
        Claim(VALID, 0.999, (0.99, 1.0), quick=(0.8, 1.0)),
        Claim(MMD, 2.4e-7, (0.0, 2.4e-6), quick=(0.0, 3e-3)),
        Claim(FAR, None, (0.0, 0.05), quick=(0.0, 0.15)),
    ),
    budget=180,
    run=run,
    draw=draw,
)
