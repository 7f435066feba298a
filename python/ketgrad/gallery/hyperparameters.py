"""Four searches for hyper-parameters, and what each finds for its budget.

A grid, random places, successive halving, which gives up early on what learns badly, and optuna,
which looks where it was good. Estimators with the manners of scikit-learn need no code for that. A
search that is interrupted goes on from its file to the same end.
"""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from scipy.stats import loguniform, randint
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 - is how it is asked for
from sklearn.model_selection import (
    GridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial, exactly
from ketgrad.gallery.pictures import COLORS

TRIALS, FOLDS, FACTOR = 27, 3, 3
EPOCHS, LEAST_EPOCHS = 54, 6  # of a training; of the first rung of halving
QUICK_EPOCHS, QUICK_LEAST = 18, 2
GRID = {"learning_rate": [0.003, 0.03, 0.3], "n_layers": [1, 3, 5], "init_spread": [0.1, 0.5, 2.0]}
SPACE = {
    "learning_rate": loguniform(1e-3, 1.0),
    "n_layers": randint(1, 7),
    "init_spread": loguniform(0.05, 3.0),
}
KERNEL_SPACE = {
    "functiontransformer__kw_args": [{"by": float(b)} for b in np.geomspace(0.3, 10, 50)],
    "qsvc__C": loguniform(0.1, 1e3),
    "qsvc__n_layers": randint(1, 5),
}
SVC_GRID = {"C": np.logspace(-1, 3, 9), "gamma": [0.3, 3.0, 30.0]}  # as many
RANDOM, OPTUNA = "random gained over the grid", "optuna gained over random"
HALVING, SHARE = "halving gained over random", "halving: epochs, of those of random"
RESUMED = "interrupted search ends as the other"
TEST, KERNEL = "optuna's best circuit: test accuracy", "random's best QSVC: test accuracy"
METHODS = ("grid", "random", "halving", "optuna")


def classifier(epochs: int, **options: Any) -> kg.VQClassifier:
    """Make a circuit that trains for so many epochs."""
    return kg.VQClassifier(**{"n_qubits": 2, "max_iter": epochs, "tol": 0} | options)


def scaled(X: Any, by: float = 1.0) -> Any:
    """Multiply by the bandwidth of a kernel, which a search can set so."""
    return by * X


def bayesian(
    X: Any, y: Any, epochs: int, storage: Any, seed: int, *, stop_at: int = TRIALS
) -> optuna.Study:
    """Search by optuna, from where the storage is; interrupted in a trial where it is to stop."""
    study = optuna.create_study(
        storage=storage, study_name="circuit", direction="maximize", load_if_exists=True
    )
    done = optuna.trial.TrialState.COMPLETE
    for n in range(len(study.get_trials(states=(done,))), TRIALS):
        # The storage does not keep random numbers: each trial has its own.
        study.sampler = optuna.samplers.TPESampler(seed=TRIALS * seed + n)
        trial = study.ask()
        if n == stop_at:
            return study
        options = {
            "learning_rate": trial.suggest_float("learning_rate", 1e-3, 1.0, log=True),
            "n_layers": trial.suggest_int("n_layers", 1, 6),
            "init_spread": trial.suggest_float("init_spread", 0.05, 3.0, log=True),
        }
        model = classifier(epochs, random_state=seed, **options)
        study.tell(trial, float(cross_val_score(model, X, y, cv=FOLDS).mean()))
    return study


def searches(X: Any, y: Any, epochs: int, least: int, seed: int) -> tuple[Any, optuna.Study]:
    """Run all four: the scores in the order of trials with the epochs of each, and the study."""
    model, common = classifier(epochs, random_state=seed), {"cv": FOLDS, "refit": False}
    of = {"n_candidates": TRIALS, "factor": FACTOR, "resource": "max_iter", "random_state": seed}
    halving = HalvingRandomSearchCV(
        model, SPACE, min_resources=least, max_resources=epochs, **of, **common
    )
    random = RandomizedSearchCV(model, SPACE, n_iter=TRIALS, random_state=seed, **common)
    found = [
        s.fit(X, y).cv_results_ for s in (GridSearchCV(model, GRID, **common), random, halving)
    ]
    scores = dict(zip(METHODS, [result["mean_test_score"] for result in found], strict=False))
    # A grid has no order; by that of its axes all trials with a bad rate would be the first.
    scores["grid"] = np.random.default_rng(seed).permutation(scores["grid"])
    study = bayesian(X, y, epochs, None, seed)
    scores["optuna"] = np.array([trial.value for trial in study.trials])
    spent = dict.fromkeys(METHODS, np.full(TRIALS, epochs)) | {"halving": found[2]["n_resources"]}
    return {name: (scores[name], spent[name]) for name in METHODS}, study


def same_after_interrupt(X: Any, y: Any, epochs: int, seed: int, whole: optuna.Study) -> bool:
    """Interrupt a search in the middle of a trial, open its file again and go on."""
    with TemporaryDirectory() as folder:
        for stop in (TRIALS // 2, TRIALS):
            storage = JournalStorage(JournalFileBackend(str(Path(folder, "search"))))
            study = bayesian(X, y, epochs, storage, seed, stop_at=stop)
        trials = [t for t in study.trials if t.value is not None]
    return [(t.params, t.value) for t in trials] == [(t.params, t.value) for t in whole.trials]


def compare(X: Any, y: Any, epochs: int, least: int, seed: int) -> tuple[dict[str, float], Any]:
    """Give figures of one data set, and curves of shape (2, trials): epochs, best so far."""
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, stratify=y, random_state=seed, test_size=100
    )
    found, study = searches(X_train, y_train, epochs, least, seed)
    # Halving compares what was trained in full, which its last rung is.
    best = {name: scores[spent == epochs].max() for name, (scores, spent) in found.items()}
    winner = classifier(epochs, random_state=seed, **study.best_params).fit(X_train, y_train)
    svc = GridSearchCV(SVC(), SVC_GRID, cv=FOLDS).fit(X_train, y_train)
    machine = make_pipeline(
        StandardScaler(), FunctionTransformer(scaled), kg.QSVC(n_qubits=4, input_scaling=None)
    )
    of = {"n_iter": TRIALS, "cv": FOLDS, "random_state": seed}
    kernel = RandomizedSearchCV(machine, KERNEL_SPACE, **of).fit(X_train, y_train)
    figures = {
        RANDOM: best["random"] - best["grid"],
        OPTUNA: best["optuna"] - best["random"],
        HALVING: best["halving"] - best["random"],
        SHARE: found["halving"][1].sum() / found["random"][1].sum(),
        RESUMED: same_after_interrupt(X_train, y_train, epochs, seed, study),
        TEST: winner.score(X_test, y_test),
        KERNEL: kernel.score(X_test, y_test),
        "SVC": svc.score(X_test, y_test),
    }
    curves = {
        name: np.array([FOLDS * np.cumsum(spent), np.maximum.accumulate(scores)])
        for name, (scores, spent) in found.items()
    }
    return figures, curves


def run(seed: int, quick: bool) -> Trial:
    """Search on three data sets, and average."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    of = {"n_samples": 300, "random_state": seed + 1}
    sets = (
        kg.datasets.spirals(**of, n_turns=1.5, noise=0.04),
        kg.datasets.checkerboard(**of, n_tiles=3),
        kg.datasets.two_curves(**of, degree=8),
    )
    size = (QUICK_EPOCHS, QUICK_LEAST) if quick else (EPOCHS, LEAST_EPOCHS)
    each = [compare(X, y, *size, seed) for X, y in sets[: 1 if quick else None]]
    figures = {name: float(np.mean([f[name] for f, _ in each])) for name in each[0][0]}
    curves = {name: np.mean([c[name] for _, c in each], axis=0) for name in METHODS}
    return Trial(figures, dict.fromkeys((TEST, KERNEL), figures.pop("SVC")), curves)


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show the best score so far against the epochs spent, averaged over the seeds."""
    for k, name in enumerate(METHODS):
        curves = np.array([trial.picture[name] for trial in trials])
        epochs, scores = curves.mean(axis=0)
        ax.plot(epochs, scores, color=COLORS[(5, 1, 2, 0)[k]], label=name)
        ax.plot(epochs[-1:], scores[-1:], "o", color=COLORS[(5, 1, 2, 0)[k]], ms=4)
    ax.set(xlabel="epochs of training, all folds", ylabel="best accuracy in cross-validation")
    ax.legend(frameon=False, loc="lower right")


EXPERIMENT = Experiment(
    paper="Bergstra & Bengio 2012, Random search for hyper-parameter optimization, JMLR 13; "
    "Jamieson & Talwalkar 2016, arXiv:1502.07943; Akiba et al. 2019, Optuna, arXiv:1907.10902",
    setup="Rate, layers and spread of the first weights of a dressed circuit of 2 qubits, on "
    f"spirals, a checkerboard and two curves, 200 samples each; {TRIALS} trials of {EPOCHS} epochs "
    f"and {FOLDS} folds, halving from {LEAST_EPOCHS} epochs with a factor of {FACTOR}; and "
    "bandwidth, layers and cost of a QSVC of 4 qubits, by random places alone. The papers "
    "have networks: their claims, that random places beat a grid, that optuna's beat those, and "
    "that halving finds as good ones for less, are tested by ranges set before the first run.",
    classical=f"an SVC with a Gaussian kernel, its best of {TRIALS} by cross-validation",
    claims=(
        Claim(RANDOM, None, (0.0, 1.0), quick=(-0.3, 1.0)),
        Claim(OPTUNA, None, (0.0, 1.0), quick=(-0.3, 1.0)),
        Claim(HALVING, None, (-0.02, 1.0), quick=(-0.3, 1.0)),
        Claim(SHARE, None, (0.0, 0.4)),
        exactly(RESUMED, 1.0),
        Claim(TEST, None, (0.85, 1.0), quick=(0.55, 1.0)),
        Claim(KERNEL, None, (0.85, 1.0), quick=(0.55, 1.0)),
    ),
    budget=150,
    run=run,
    draw=draw,
)
