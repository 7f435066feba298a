"""A Born machine learns bars and stripes: a circuit whose outcomes are samples of a distribution.

Pixels are qubits. Where pixels depend on each other most, along the Chow-Liu tree of the data, the
circuit entangles them; the loss is the maximum mean discrepancy, which samples would do for.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.pictures import COLORS

SIDE, DEPTH = 3, 10
BANDWIDTHS = (0.5, 1.0, 2.0, 4.0)
STEPS, QUICK_STEPS = 3000, 120
VALID, MMD = "share of bars and stripes", "MMD"

N = SIDE**2
BITS = (np.arange(2**N)[:, None] >> np.arange(N)) & 1  # of every outcome, qubit 0 first
IMAGES = kg.datasets.bars_and_stripes(SIDE, SIDE)[0].astype(int)
PATTERNS = IMAGES @ 2 ** np.arange(N)
TARGET = np.bincount(PATTERNS, minlength=2**N) / len(PATTERNS)
DISTANCES = (BITS[:, None] != BITS[None]).sum(axis=-1)  # squared distances of the images
KERNEL = np.mean([np.exp(-DISTANCES / (2 * s)) for s in BANDWIDTHS], axis=0)


def mmd(probabilities: Any) -> tuple[float, Any]:
    """Give the squared discrepancy from the target, and its derivatives."""
    pulled = KERNEL @ (probabilities - TARGET)
    return float((probabilities - TARGET) @ pulled), 2 * pulled


def joint(i: int, j: int) -> Any:
    """Count how often two pixels have each pair of values: shares of shape (2, 2)."""
    return np.array(
        [[np.mean((IMAGES[:, [i, j]] == (a, b)).all(1)) for b in (0, 1)] for a in (0, 1)]
    )


def chow_liu_tree() -> list[tuple[int, int]]:
    """Find the tree of pixels, parents first, with the greatest mutual information."""
    information = np.zeros((N, N))
    for i in range(N):
        for j in range(i):
            p = joint(i, j)
            information[i, j] = np.sum(p * np.log2(p / np.outer(p.sum(1), p.sum(0))))
    tree = minimum_spanning_tree(-information)
    order, parents = breadth_first_order(tree, 0, directed=False)
    return [(int(parents[k]), int(k)) for k in order[1:]]


def tree_model() -> Any:
    """Give the baseline's probabilities: p(root) times p(pixel | parent) along the tree."""
    tree = chow_liu_tree()
    probabilities = np.array([1 - IMAGES[:, 0].mean(), IMAGES[:, 0].mean()])[BITS[:, 0]]
    for parent, child in tree:
        pair = joint(parent, child)
        probabilities *= (pair / pair.sum(1, keepdims=True))[BITS[:, parent], BITS[:, child]]
    return probabilities


def born_machine() -> kg.Program:
    """Make DEPTH layers of CNOTs between rotations of all qubits: (3 DEPTH + 1) N weights."""
    circuit, tree = kg.Circuit(N), chow_liu_tree()
    weights = iter(kg.ParameterVector("w", (3 * DEPTH + 1) * N))
    for layer in range(DEPTH + 1):
        # A Z rotation of |0> or before a measurement changes nothing.
        gates = ("rz" * (layer > 0), "rx", "rz" * (layer < DEPTH))
        for qubit in range(N):
            for gate in filter(None, gates):
                getattr(circuit, gate)(next(weights), qubit)
        for parent, child in tree if layer < DEPTH else []:
            circuit.cx(parent, child)
    return kg.compile(circuit)


def run(seed: int, quick: bool) -> Trial:
    """Train from random angles by L-BFGS, on exact probabilities."""
    program, losses = born_machine(), []

    def objective(weights: Any) -> tuple[float, Any]:
        loss, _, gradient = program.value_and_vjp(mmd, weights=weights, of="probs")
        return float(loss), gradient

    found = minimize(
        objective,
        np.random.default_rng(seed).uniform(-np.pi, np.pi, len(program.weights)),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": QUICK_STEPS if quick else STEPS, "ftol": 0, "gtol": 1e-9},
        callback=lambda intermediate_result: losses.append(intermediate_result.fun),
    )
    probabilities, tree = program.probs(weights=found.x), tree_model()
    return Trial(
        {VALID: float(probabilities[PATTERNS].sum()), MMD: mmd(probabilities)[0]},
        {VALID: float(tree[PATTERNS].sum()), MMD: mmd(tree)[0]},
        losses,
    )


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
    "probabilities; accepted is an MMD of ten times theirs.",
    classical="the Chow–Liu tree itself, fitted to the data exactly",
    claims=(
        Claim(VALID, 0.999, (0.99, 1.0), quick=(0.8, 1.0)),
        Claim(MMD, 2.4e-7, (0.0, 2.4e-6), quick=(0.0, 3e-3)),
    ),
    budget=180,
    run=run,
    draw=draw,
)
