"""Search gradients vanish with the number of qubits, as all others; noise may hide it.

Evolution estimates a derivative from random steps: by the values there, or by the differences of
mirrored pairs. The mean of both is the same, and vanishes. Without pairs most of the variance is
that of the values' own size, which tells nothing of the slope.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.neuroevolution import SIGMA, layers
from ketgrad.gallery.pictures import COLORS

WIDTHS, QUICK_WIDTHS = range(2, 11), range(2, 6)
DEPTH = 15
DRAWS, QUICK_DRAWS = 400, 200

SHIFT = "a derivative: variance times, a qubit"
PAIRS = "by evolution, mirrored pairs: times"
PLAIN = "by evolution, as in their code: times"
NOISE = "their variance / that of noise alone"


def variances(n: int, draws: int, rng: np.random.Generator) -> list[float]:
    """Give variances of a derivative, over random weights: exact, by pairs, without, of noise."""
    n_weights = n * DEPTH
    mean = kg.PauliSum.from_sparse([("", [], 0.5), *(("Z", [k], 0.5 / n) for k in range(n))], n)
    circuit = kg.Circuit(n).ry(np.pi / 2, range(n)).compose(layers(n, DEPTH))
    program = kg.compile(circuit, mean)  # the mean share of zeros
    weights = rng.uniform(-np.pi, np.pi, (draws, n_weights))
    size = int(4 + 3 * np.log(n_weights))  # as the authors have it
    steps = SIGMA * rng.standard_normal((size, draws, n_weights))
    up, down = (
        program.expval(weights=(weights + sign * steps).reshape(-1, n_weights)).reshape(size, draws)
        for sign in (1, -1)
    )
    exact = program.vjp(np.ones((draws, 1)), weights=weights)[1][:, 0]
    first = steps[:, :, 0] / SIGMA**2
    pairs, plain = (first * (up - down) / 2).mean(axis=0), (first * up).mean(axis=0)
    return [exact.var(), pairs.var(), plain.var(), (up**2).mean() / (size * SIGMA**2)]


def run(seed: int, quick: bool) -> Trial:
    """Fit how variances shrink with the number of qubits."""
    rng = np.random.default_rng(seed)
    widths, draws = (QUICK_WIDTHS, QUICK_DRAWS) if quick else (WIDTHS, DRAWS)
    found = np.array([variances(n, draws, rng) for n in widths])
    shift, pairs, plain, _ = np.exp(np.polyfit(widths, np.log(found), 1)[0])
    ratio = float(np.mean(found[:, 2] / found[:, 3]))
    figures = {SHIFT: float(shift), PAIRS: float(pairs), PLAIN: float(plain), NOISE: ratio}
    return Trial(figures, picture=(np.array(widths), found))


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show the variances against the number of qubits."""
    names = ("exact derivative", "evolution, mirrored pairs", "evolution, as in their code")
    for k, name in enumerate(names):
        for j, trial in enumerate(trials):
            widths, found = trial.picture
            look = {"color": COLORS[(5, 0, 1)[k]], "ms": 3, "lw": 1}
            ax.semilogy(widths, found[:, k], "o-", label=name if j == 0 else None, **look)
    widths, found = trials[0].picture
    ax.semilogy(widths, found[:, 3], "--", color=COLORS[6], label="noise of their code alone")
    ax.set(xlabel="qubits", ylabel="variance of a derivative")
    ax.legend(frameon=False, loc="lower left")


EXPERIMENT = Experiment(
    paper="Friedrich & Maziero 2023, Evolution strategies: application in hybrid quantum-classical "
    "neural networks, arXiv:2205.08059",
    setup=f"The derivative of the mean share of zeros by the first of the random weights of "
    f"{DEPTH} layers of RY and CNOTs, {WIDTHS[0]} to {WIDTHS[-1]} qubits, {DRAWS} draws, exact "
    "values; random steps of π/24, 4 + 3 ln(weights) of them. The paper says that search gradients "
    "vanish as those of parameter shift do; a barren plateau halves them at least with each qubit "
    "or so: 0.3 to 0.6 is accepted, set before the first run of these seeds. By the estimator of "
    "its public code the variance does not shrink so: it is that of noise. Mirrored pairs, which "
    "were tried beside it, show that the gradients themselves vanish.",
    classical="none: vanishing is a matter of quantum circuits",
    claims=(
        Claim(SHIFT, None, (0.3, 0.6)),
        Claim(PAIRS, None, (0.3, 0.6)),
        Claim(PLAIN, None, (0.3, 0.6), quick=(0.3, 1.2)),
        Claim(NOISE, None, (0.9, 1.1), quick=(0.8, 1.2)),
    ),
    budget=60,
    run=run,
    draw=draw,
)
