"""Quadratic programmes of bits by QAOA, its angles found by gradients and by evolution.

A ring has the published figure, (2p + 1) / (2p + 2) of the best cut; random programmes are small
enough for the exact optimum, by which every result is measured.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.pictures import COLORS

N = 12
RING_DEPTH, DEPTH = 3, 6
SHOTS = 128
STEPS, QUICK_STEPS = 200, 60  # of evolution, 2 * 16 + 1 estimates each
RING, RATIO = f"ring of {N}, p = {RING_DEPTH}: share of the cut", "random, gradients: mean share"
EVOLVED, FOUND = "random, evolution: mean share", f"optimum among {SHOTS} shots"

BITS = (np.arange(2**N)[:, None] >> np.arange(N)) & 1  # of every outcome, qubit 0 first


def ring() -> Any:
    """Give the programme whose value is minus the cut of a ring: x + y - 2 x y along each edge."""
    return -2 * np.eye(N) + 2 * np.roll(np.eye(N), 1, axis=1)


def share(value: Any, values: Any) -> Any:
    """Say how far a value is on the way from the worst, 0, to the best, 1."""
    return (values.max() - value) / (values.max() - values.min())


def qaoa(matrix: Any, depth: int) -> tuple[kg.Program, Any]:
    """Make the circuit, and the first angles: a slow change from the mixer to the cost.

    The cost in the exponent has a standard deviation of 1, so that angles mean the same for all.
    """
    cost = kg.library.qubo(matrix)
    values = objective_values(matrix)
    circuit = kg.library.qaoa((1 / values.std()) * cost, depth)
    grow = (np.arange(depth) + 0.5) / depth
    return kg.compile(circuit, cost), np.concatenate([0.7 * grow, 0.7 * (1 - grow)])


def objective_values(matrix: Any) -> Any:
    """Give x.T matrix x of all bit strings x: the exact solution, by looking at each."""
    return np.einsum("xi,ij,xj->x", BITS, matrix, BITS, optimize=True)


def descents(matrix: Any, rng: np.random.Generator) -> Any:
    """Flip the best bit while that helps, from as many random starts as there are shots."""
    values, at = objective_values(matrix), rng.integers(2**N, size=SHOTS)
    while True:
        neighbours = at[:, None] ^ np.append(0, 2 ** np.arange(N))
        best = neighbours[np.arange(SHOTS), values[neighbours].argmin(axis=1)]
        if (best == at).all():
            return values[at]
        at = best


def run(seed: int, quick: bool) -> Trial:
    """Solve the ring and a random programme."""
    rng = np.random.default_rng(seed)
    program, start = qaoa(ring(), RING_DEPTH)
    cut = kg.minimize(program, start, optimizer="l-bfgs", n_restarts=4, seed=seed).value

    matrix = rng.normal(size=(N, N))
    values = objective_values(matrix)
    program, start = qaoa(matrix, DEPTH)
    trained = kg.minimize(program, start, optimizer="l-bfgs")
    # Whoever evolves angles on a machine sees averages of shots alone.
    evolved = kg.evolution_strategy(
        lambda W: program.expval(weights=W, shots=SHOTS, seed=int(rng.integers(2**32)))[:, 0],
        start,
        n_steps=QUICK_STEPS if quick else STEPS,
        seed=seed,
    )
    probabilities = program.probs(weights=trained.weights)
    shots = rng.choice(2**N, SHOTS, p=probabilities / probabilities.sum())
    ends, ring_ends = descents(matrix, rng), descents(ring(), rng)
    figures = {
        RING: float(share(cut, objective_values(ring()))),
        RATIO: float(share(trained.value, values)),
        EVOLVED: float(share(program.expval(weights=evolved.weights)[0], values)),
        FOUND: float(values[shots].min() == values.min()),
    }
    classical = {
        RING: float(share(ring_ends, objective_values(ring())).mean()),
        RATIO: float(share(ends, values).mean()),
        EVOLVED: float(share(ends, values).mean()),
        FOUND: float(ends.min() == values.min()),
    }
    return Trial(figures, classical, (share(values, values), probabilities))


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show how much more likely good bit strings are than if drawn blindly."""
    bins = np.linspace(0, 1, 26)
    shares = np.concatenate([trial.picture[0] for trial in trials])
    weights = np.concatenate([trial.picture[1] for trial in trials]) / len(trials)
    ax.hist(shares, bins, weights=weights, color=COLORS[0], label="QAOA, trained")
    blind = np.full(len(shares), 1 / len(shares))
    ax.hist(shares, bins, weights=blind, color=COLORS[5], histtype="step", lw=1.5, label="blind")
    ax.set(xlabel="value of bit strings: 0 the worst, 1 the best", ylabel="probability")
    ax.legend(frameon=False, loc="upper left")


EXPERIMENT = Experiment(
    paper="Farhi, Goldstone & Gutmann 2014, A quantum approximate optimization algorithm, "
    "arXiv:1411.4028",
    setup=f"MaxCut of a ring by L-BFGS; normal random programmes of {N} bits at p = {DEPTH} from a "
    f"linear ramp, by L-BFGS and by an evolution strategy that sees {SHOTS} shots a value. Shares "
    "are of the way from the worst value to the best. The paper has the ring's figure; the others "
    "are criteria that were set before the first run.",
    classical=f"the best single bit flips, from {SHOTS} random starts: the mean of where they end, "
    "and whether one is the optimum",
    claims=(
        Claim(RING, (2 * RING_DEPTH + 1) / (2 * RING_DEPTH + 2), (0.8749, 0.8751)),
        Claim(RATIO, None, (0.85, 1.0)),
        Claim(EVOLVED, None, (0.85, 1.0), quick=(0.75, 1.0)),
        Claim(FOUND, None, (0.8, 1.0)),
    ),
    budget=60,
    run=run,
    draw=draw,
)
