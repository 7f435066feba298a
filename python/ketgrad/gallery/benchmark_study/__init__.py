"""The benchmark study run again: quantum models beside classical ones, at their best settings.

Data, hyper-parameters and rules of training are the study's; so are the random numbers of data and
of what a solver fits, which therefore comes out equal. Models that gradients train draw their own.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ketgrad.gallery.benchmark_study.data import BARS, STREAMS, load
from ketgrad.gallery.benchmark_study.models import EXACT, MODELS, TRAINED
from ketgrad.gallery.benchmark_study.published import CELLS, Cell, accuracies, resolution
from ketgrad.gallery.benchmark_study.training import MAX_STEPS, QUICK_STEPS, Run
from ketgrad.gallery.experiment import Claim, Experiment, Trial, exactly

SEEDS = 5  # of theirs
ERRORS = 3  # combined standard errors that a mean may be off
QUICK = (0.2, 1.0)  # a quick run ends long before the loss stands still
EQUAL = "kernels, SVC, MLP: cells equal, seed by seed"
BASELINES = dict.fromkeys(STREAMS, "SVC") | {BARS: "CNN"}
DARK, STRONGEST = 4, 6  # z, in the picture


def title(cell: Cell) -> str:
    """Name a cell."""
    return f"{cell[0]}, {cell[1]}"


def error(cell: Cell, ours: Any) -> float:
    """Combine the standard errors of both means; a deviation is at least one test sample."""
    errors = [
        max(np.std(values, ddof=1), resolution(cell)) / np.sqrt(len(values))
        for values in (accuracies(cell), ours)
    ]
    return float(np.hypot(*errors))


def claim(cell: Cell) -> Claim:
    """Make the claim of a cell: within errors, before the run taken to be as large as theirs."""
    theirs = accuracies(cell)
    margin, mean = ERRORS * error(cell, theirs), float(theirs.mean())
    accept = max(0.0, mean - margin), min(1.0, mean + margin)
    return Claim(title(cell), mean, accept, quick=QUICK)


def run(seed: int, quick: bool) -> Trial:
    """Fit every model on every data set."""
    steps = QUICK_STEPS if quick else MAX_STEPS
    found = {
        cell: MODELS[cell[0]](load(cell[1]), Run(seed % SEEDS, steps), **CELLS[cell]["settings"])
        for cell in CELLS
    }
    exact = [cell for cell in CELLS if cell[0] in EXACT]
    equal = [np.isclose(found[cell], accuracies(cell)[seed % SEEDS]) for cell in exact]
    figures = {title(cell): found[cell] for cell in CELLS if cell[0] in TRAINED}
    classical = {title(cell): found[BASELINES[cell[1]], cell[1]] for cell in CELLS}
    return Trial({EQUAL: float(np.mean(equal)), **figures}, classical, found)


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show z of every cell: ours minus theirs, over the combined error."""
    names = list(BASELINES)
    z = np.full((len(MODELS), len(names)), np.nan)
    for row, model in enumerate(MODELS):
        for column, name in enumerate(names):
            if (model, name) not in CELLS:
                continue
            cell = model, name
            ours = np.array([trial.picture[cell] for trial in trials])
            theirs = accuracies(cell)
            spread = ours if len(ours) > 1 else theirs
            z[row, column] = (ours.mean() - theirs.mean()) / error(cell, spread)
            text = f"{ours.mean():.1%}/{theirs.mean():.1%}".replace("%", "")
            text += f" ({z[row, column]:+.1f})"
            color = "white" if abs(z[row, column]) > DARK else "black"
            ax.text(column, row, text, ha="center", va="center", size=5.5, color=color, zorder=4)
    image = ax.imshow(z, cmap="RdBu", vmin=-STRONGEST, vmax=STRONGEST, aspect="auto", zorder=3)
    ax.figure.colorbar(image, ax=ax, label="z", shrink=0.8)
    ax.set_xticks(range(len(names)), [name.replace(" ", "\n", 1) for name in names], fontsize=7)
    ax.set_yticks(range(len(MODELS)), MODELS, fontsize=7)
    ax.set(xlabel="test accuracy in %: ours/theirs (z)")


EXPERIMENT = Experiment(
    paper="Bowles, Ahmed & Schuld 2024, Better than classical? The subtle art of benchmarking "
    "quantum machine learning models, arXiv:2403.07059",
    setup="Three data sets of 6 features, 240 samples and 60 to test, and images of 4 × 4 pixels, "
    "1000 and 200, to the last bit; best published hyper-parameters, five seeds; Adam on batches "
    "of 32 drawn with replacement until the mean losses of 200 steps and of the 200 before differ "
    "by less than half a standard error. Accepted, set before the first run, are "
    f"{ERRORS} combined standard errors, ours taken to be as large as theirs and a deviation at "
    "least one test sample: chance alone leaves one cell of 25 outside. The metric learner's "
    "figure on linearly separable data is not what the study's own code gives when it is run "
    "again, .75 to .79. The kitchen sinks' figure on two curves is below guessing; the study's "
    "own grid search has .94 at these settings. Tried: all shots of training and test from one "
    "random number gives .95, from two .4 to .95. WeiNet guesses, theirs as ours; 20 seeds have "
    ".44 to .57. The Boltzmann machine is left out, which is no circuit, and the MLP where its "
    "figures were not at hand. A fit of a quantum model took the study 2 to 420 s, here 0.005 to "
    "4 s.",
    classical="an SVC with a Gaussian kernel, for images a convolutional network, with the "
    "settings of the study's grid search",
    claims=(exactly(EQUAL, 1.0), *(claim(cell) for cell in CELLS if cell[0] in TRAINED)),
    budget=600,
    run=run,
    draw=draw,
)
