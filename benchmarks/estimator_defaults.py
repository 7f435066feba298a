"""How well the estimators do untuned, beside scikit-learn's SVC.

    python benchmarks/estimator_defaults.py [--only NAME ...] [--splits 5]

The mean test accuracy and the mean seconds of a fit of `VQClassifier()` and `QSVC()`, without any
argument but the seed, and of `SVC()` on raw and on standardised features, over stratified splits
(a quarter for testing). Data: iris, wine, breast cancer and digits of scikit-learn; "linearly
separable" and "two curves" of 6 features and 300 samples, drawn as by Bowles, Ahmed and Schuld 2024
(arXiv:2403.07059). The goal: at most .03 below the better SVC.
`VQClassifier()` and `QSVC()` standardise by themselves.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import ketgrad as kg

MARGIN = 0.03  # of the goal
Data = tuple[np.ndarray, np.ndarray]

DATA: dict[str, Callable[[], Data]] = {
    "iris": lambda: load_iris(return_X_y=True),
    "wine": lambda: load_wine(return_X_y=True),
    "breast cancer": lambda: load_breast_cancer(return_X_y=True),
    "digits": lambda: load_digits(return_X_y=True),
    "linearly separable": lambda: kg.datasets.linearly_separable(300, 6, random_state=42),
    "two curves": lambda: kg.datasets.two_curves(300, 6, random_state=3),
}

MODELS: dict[str, Callable[[int], Any]] = {
    "VQClassifier()": lambda seed: kg.VQClassifier(random_state=seed),
    "QSVC()": lambda seed: kg.QSVC(random_state=seed),
    "SVC()": lambda _: SVC(),
    "scaled SVC()": lambda _: make_pipeline(StandardScaler(), SVC()),
}


def measured(make: Callable[[int], Any], data: Data, splits: int) -> tuple[float, float]:
    """Return the mean test accuracy and the mean seconds of a fit."""
    scores, seconds = [], []
    for seed in range(splits):
        X, X_test, y, y_test = train_test_split(
            *data, test_size=0.25, stratify=data[1], random_state=seed
        )
        model = make(seed)
        start = time.perf_counter()
        model.fit(X, y)
        seconds.append(time.perf_counter() - start)
        scores.append(model.score(X_test, y_test))
    return float(np.mean(scores)), float(np.mean(seconds))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="*", choices=DATA, default=list(DATA))
    parser.add_argument("--splits", type=int, default=5)
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    columns = "".join(f"{name:>22}" for name in MODELS)
    print(f"{'':20}{columns}{'goal':>8}")
    for name in options.only:
        data = DATA[name]()
        results = [measured(make, data, options.splits) for make in MODELS.values()]
        goal = max(accuracy for accuracy, _ in results[2:]) - MARGIN
        cells = [f"{accuracy:.3f} in {seconds:6.2f} s" for accuracy, seconds in results]
        reached = all(accuracy >= goal for accuracy, _ in results[:2])
        row = "".join(f"{cell:>22}" for cell in cells)
        print(f"{name:20}{row}{goal:8.3f}{'' if reached else '  not reached'}", flush=True)


if __name__ == "__main__":
    main()
