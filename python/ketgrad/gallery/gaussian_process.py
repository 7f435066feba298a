"""Gaussian processes on quantum kernels: predictions that say how sure they are, and mean it.

What matters are the probabilities: the negative log-likelihood of new samples, and whether what is
said to be 90 % likely comes true in nine of ten cases. The kernel with the greater evidence is
taken, its numbers are those of the greatest evidence, and no sample is held out for either.
"""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import norm
from sklearn.datasets import load_breast_cancer, load_diabetes, make_moons
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.pictures import COLORS

COVER, EXCESS = "regression: in the 90 % interval", "regression: log-likelihood lost to Gaussian"
ERROR, LOST = "classes: calibration error", "classes: log-likelihood lost to Gaussian"
OURS, THEIRS = "log_marginal_likelihood_", "log_marginal_likelihood_value_"
LEVELS = np.linspace(0.1, 0.9, 9)
BINS = np.linspace(0.5, 1, 6)  # of the probability of the class that is predicted


def waves(rng: np.random.Generator) -> tuple[Any, Any]:
    """Draw samples of a sine, with noise of a deviation of 0.2."""
    x = rng.uniform(-3, 3, 540)
    return x[:, None], np.sin(2 * x) + rng.normal(0, 0.2, len(x))


def likeliest(models: Sequence[Any], value: str, X: Any, y: Any) -> Any:
    """Fit some models, and choose by the evidence."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # numbers at a bound of the search
        return max((model.fit(X, y) for model in models), key=lambda model: getattr(model, value))


def regressors(seed: int, X: Any, y: Any) -> list[Any]:
    """Fit a quantum and a Gaussian one."""
    ours = [kg.QGPRegressor(kernel=k, random_state=seed) for k in ("fidelity", "projected")]
    kernels = [ConstantKernel() * k(1.0, (1e-2, 1e3)) + WhiteKernel(0.1) for k in (RBF, Matern)]
    theirs = [GaussianProcessRegressor(k, normalize_y=True) for k in kernels]
    return [likeliest(ours, OURS, X, y), likeliest(theirs, THEIRS, X, y)]


def classifiers(seed: int, X: Any, y: Any) -> list[Any]:
    """Fit a quantum and a Gaussian one."""
    ours = [kg.QGPClassifier(kernel=k, random_state=seed) for k in ("fidelity", "projected")]
    theirs = [GaussianProcessClassifier(1.0 * k(1.0)) for k in (RBF, Matern)]
    return [likeliest(ours, OURS, X, y), likeliest(theirs, THEIRS, X, y)]


def regression(model: Any, X: Any, y: Any) -> tuple[float, Any]:
    """Give the negative log-likelihood, and the shares of targets in intervals of LEVELS."""
    mean, std = model.predict(X, return_std=True)
    far = np.abs(y - mean) / std
    return -norm.logpdf(y, mean, std).mean(), (far[:, None] < norm.isf((1 - LEVELS) / 2)).mean(0)


def classification(model: Any, X: Any, y: Any) -> tuple[float, Any]:
    """Give the negative log-likelihood, and counts, probabilities and hits of every bin."""
    chances = model.predict_proba(X)
    said, right = chances.max(axis=1), chances.argmax(axis=1) == y
    bins = np.digitize(said, BINS[1:-1])
    sums = [np.bincount(bins, some, len(BINS) - 1) for some in (np.ones(len(y)), said, right)]
    return -np.log(chances[np.arange(len(y)), y]).mean(), np.array(sums)


def averaged(found: Sequence[Any]) -> Any:
    """Average loss and calibration over data sets, for each of two models."""
    models = zip(*found, strict=True)
    return [[np.mean(part, axis=0) for part in zip(*sets, strict=True)] for sets in models]


def of_numbers(seed: int, quick: bool) -> Any:
    """Give losses, and shares in intervals, of the quantum and the Gaussian process."""
    sets = [(waves(np.random.default_rng(seed)), 40)]
    if not quick:
        sets.append((load_diabetes(return_X_y=True), 120))
    found = []
    for (X, y), size in sets:
        A, B, a, b = train_test_split(X, y, train_size=size, random_state=seed)
        inputs, outputs = StandardScaler().fit(A), StandardScaler().fit(a[:, None])
        A, B = map(inputs.transform, (A, B))
        a, b = (outputs.transform(some[:, None])[:, 0] for some in (a, b))
        found.append([regression(model, B, b) for model in regressors(seed, A, a)])
    return averaged(found)


def of_classes(seed: int, quick: bool) -> Any:
    """Give losses, and sums of the bins, of the quantum and the Gaussian process."""
    sets = [make_moons(600, noise=0.3, random_state=seed)]
    if not quick:
        sets.append(load_breast_cancer(return_X_y=True))
    found = []
    for X, y in sets:
        A, B, a, b = train_test_split(X, y, train_size=100, stratify=y, random_state=seed)
        change = make_pipeline(StandardScaler(), PCA(min(4, X.shape[1])), StandardScaler()).fit(A)
        models = classifiers(seed, change.transform(A), a)
        found.append([classification(model, change.transform(B), b) for model in models])
    return averaged(found)


def calibration_error(sums: Any) -> float:
    """Average how far probabilities are from frequencies."""
    return float(np.abs(sums[1] - sums[2]).sum() / sums[0].sum())


def run(seed: int, quick: bool) -> Trial:
    """Learn from few samples of four data sets, and look at the others."""
    (loss, inside), (their_loss, their_inside) = of_numbers(seed, quick)
    (surprise, sums), (their_surprise, their_sums) = of_classes(seed, quick)
    return Trial(
        {
            COVER: float(inside[-1]),
            EXCESS: float(loss - their_loss),
            ERROR: calibration_error(sums),
            LOST: float(surprise - their_surprise),
        },
        {COVER: float(their_inside[-1]), ERROR: calibration_error(their_sums)},
        {"inside": inside, "sums": sums},
    )


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show what came true against what was said to be likely."""
    inside = np.array([trial.picture["inside"] for trial in trials])
    count, said, right = np.sum([trial.picture["sums"] for trial in trials], axis=0)
    ax.plot([0, 1], [0, 1], color=COLORS[5], ls="--", lw=1, label="calibrated")
    look = {"fmt": "o-", "ms": 4, "capsize": 2}
    label = "intervals of numbers"
    ax.errorbar(LEVELS, inside.mean(0), inside.std(0), color=COLORS[0], label=label, **look)
    rate = right / count
    error = np.sqrt(rate * (1 - rate) / count)
    ax.errorbar(said / count, rate, error, color=COLORS[1], label="classes predicted", **look)
    ax.set(xlabel="probability that was said", ylabel="share that came true")
    ax.legend(frameon=False)


EXPERIMENT = Experiment(
    paper="Rapp & Roth 2024, Quantum Gaussian process regression for Bayesian optimization, "
    "arXiv:2304.12923; Rasmussen & Williams 2006, Gaussian processes for machine learning",
    setup="A noisy sine (40 samples to learn from), diabetes (120), two moons (100) and four "
    "principal components of breast cancer (100). Angles, two layers of random weights; of the "
    "fidelity and the projected kernel the one with more evidence. Criteria, set before the first "
    "run: 85 to 95 % of targets in 90 % intervals, calibrated within .1, and no more of a new "
    "sample's log-likelihood lost to Gaussian kernels than .1 and .05.",
    classical="Gaussian processes with Gaussian and Matérn kernels, chosen and tuned by their "
    "evidence",
    claims=(
        Claim(COVER, None, (0.85, 0.95), quick=(0.8, 1.0)),
        Claim(EXCESS, None, (-1.0, 0.1), quick=(-1.0, 0.2)),
        Claim(ERROR, None, (0.0, 0.1)),
        Claim(LOST, None, (-1.0, 0.05), quick=(-1.0, 0.1)),
    ),
    budget=60,
    run=run,
    draw=draw,
)
