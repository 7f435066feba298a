"""What a circuit can fit: a Fourier series of as many frequencies as its input enters.

A qubit that is turned by x, again and again with trained rotations between, gives a series of
degree L for L turns. Within that degree a fit is perfect; beyond it, what is left is what the best
series of degree L leaves.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial, exactly
from ketgrad.gallery.pictures import COLORS
from ketgrad.gallery.series import fit, reupload

DEGREE, GRID = 4, np.arange(32) * 2 * np.pi / 32
FINE = np.linspace(0, 2 * np.pi, 200)
STARTS, QUICK_STARTS = 20, 8  # first weights, of which the best fit counts
WITHIN = f"degree {DEGREE} by {DEGREE} turns: error"
BEYOND = "by fewer: error over the best series'"
HIGHEST = "highest frequency over turns"


def series(rng: np.random.Generator) -> Any:
    """Draw a real Fourier series of the degree within [-1, 1]: its values on the grid."""
    coefficients = rng.normal(size=DEGREE) + 1j * rng.normal(size=DEGREE)
    values = (np.exp(1j * np.outer(GRID, 1 + np.arange(DEGREE))) @ coefficients).real + rng.normal()
    return values / (1.2 * np.abs(values).max())


def fits(starts: int, rng: np.random.Generator) -> tuple[Any, ...]:
    """Fit a series by 1 to DEGREE turns.

    Gives the series and the fits on a fine grid, and for every fit its error, that of the best
    series of its degree, and its highest frequency.
    """
    target, curves, judged = series(rng), [], []
    coefficients = np.abs(np.fft.rfft(target) / len(GRID))
    for turns in range(1, DEGREE + 1):
        program = reupload(turns)
        weights = fit(program, GRID, target, starts, rng)
        misses = program.expval(inputs=GRID[:, None], weights=weights)[:, 0] - target
        spectrum = kg.fourier_spectrum(program, [0.0], weights, max_frequency=2 * DEGREE)
        present = np.abs(spectrum.coefficients[:, 0]) > 1e-10
        least = 2 * np.sum(coefficients[turns + 1 :] ** 2)
        judged.append((np.mean(misses**2), least, spectrum.frequencies[present].max() / turns))
        curves.append(program.expval(inputs=FINE[:, None], weights=weights)[:, 0])
    return target, np.array(curves), *np.array(judged).T


def run(seed: int, quick: bool) -> Trial:
    """Fit a series by circuits of all degrees."""
    rng, starts = np.random.default_rng(seed), QUICK_STARTS if quick else STARTS
    target, curves, errors, least, highest = fits(starts, rng)
    figures = {
        WITHIN: float(errors[-1]),
        BEYOND: float((errors[:-1] / least[:-1]).max()),
        HIGHEST: float(highest.max()),
    }
    classical = {WITHIN: 0.0, BEYOND: 1.0, HIGHEST: 1.0}
    return Trial(figures, classical, (target, curves))


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show the fits of the first series."""
    target, curves = trials[0].picture
    for turns, color in ((1, COLORS[1]), (3, COLORS[2]), (4, COLORS[0])):
        label = f"{turns} turn{'s' * (turns > 1)} by x"
        ax.plot(FINE, curves[turns - 1], color=color, label=label)
    ax.plot(GRID, target, "o", ms=4, color=COLORS[5], label=f"series of degree {DEGREE}")
    ax.set(xlabel="x", ylabel="⟨Z⟩", ylim=(-1, 1.4))
    ax.legend(frameon=False, loc="upper center", ncols=2)


EXPERIMENT = Experiment(
    paper="Schuld, Sweke & Meyer 2021, Effect of data encoding on the expressive power of "
    "variational quantum machine learning models, arXiv:2008.08605",
    setup=f"Random series of degree {DEGREE} on {len(GRID)} points, one qubit with 1 to {DEGREE} "
    f"turns by x, L-BFGS, the best of {STARTS} starts. Errors are mean squares, and follow from "
    "theory: none within the degree, that of the best series of the circuit's degree beyond it.",
    classical="the Fourier series itself, by least squares",
    claims=(
        Claim(WITHIN, 0.0, (0.0, 1e-8), quick=(0.0, 1e-4)),
        Claim(BEYOND, 1.0, (0.999, 1.001), quick=(0.999, 1.1)),
        exactly(HIGHEST, 1.0),
    ),
    budget=30,
    run=run,
    draw=draw,
)
