"""The models of the demo, trained and tested on one split."""

import time
from dataclasses import dataclass, field
from typing import Any

from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from ketgrad._types import Array
from ketgrad.commands.demo.tasks import TRAINING, Task
from ketgrad.estimators.classifier import VQClassifier

QUANTUM, SEPARABLE = "quantum", "quantum, separable"


@dataclass(frozen=True)
class Result:
    """One model on one split."""

    task: str
    model: str
    seed: int
    accuracy: float
    parameters: int
    seconds: float
    loss_curve: list[float] = field(default_factory=list)


def models_of(task: Task, seed: int, epochs: int) -> dict[str, Pipeline]:
    """Make all models of a data set, not yet trained."""
    return {
        QUANTUM: _pipeline(task, quantum_classifier(seed, epochs)),
        SEPARABLE: _pipeline(task, quantum_classifier(seed, epochs, entangle=False)),
        "RBF-SVC": make_pipeline(StandardScaler(), SVC(random_state=seed)),
        "MLP": make_pipeline(StandardScaler(), MLPClassifier(max_iter=1000, random_state=seed)),
        "random forest": make_pipeline(StandardScaler(), RandomForestClassifier(random_state=seed)),
    }


def _pipeline(task: Task, classifier: VQClassifier) -> Pipeline:
    reduce = [PCA(task.n_qubits, random_state=0)] if task.reduced else []
    return make_pipeline(StandardScaler(), *reduce, classifier)


def quantum_classifier(seed: int, epochs: int, *, entangle: bool = True) -> VQClassifier:
    """Make the quantum model, or the same without entangling gates."""
    return VQClassifier(
        entangle=entangle,
        max_iter=epochs,
        random_state=seed,
        **TRAINING,
    )


def result_of(task: str, name: str, seed: int, model: Pipeline, split: list[Array]) -> Result:
    """Train a model on one side of a split and test it on the other."""
    X_train, X_test, y_train, y_test = split
    start = time.perf_counter()
    # The MLP's matrices are too small for the threads of a linear algebra library.
    with threadpool_limits(1, "blas"):
        model.fit(X_train, y_train)
    seconds = time.perf_counter() - start
    return Result(
        task,
        name,
        seed,
        accuracy=float(model.score(X_test, y_test)),
        parameters=_count_parameters(model[-1]),
        seconds=seconds,
        loss_curve=model[-1].loss_curve_ if isinstance(model[-1], VQClassifier) else [],
    )


def _count_parameters(model: Any) -> int:
    if isinstance(model, VQClassifier):
        return model.model_.n_parameters
    if isinstance(model, SVC):
        return int(model.dual_coef_.size + model.intercept_.size)
    if isinstance(model, MLPClassifier):
        return sum(array.size for array in (*model.coefs_, *model.intercepts_))
    return sum(tree.tree_.node_count for tree in model.estimators_)
