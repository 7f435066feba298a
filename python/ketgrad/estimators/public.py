"""The public estimators by name, and the documentation that their methods share."""

from collections.abc import Callable
from typing import Any, TypeVar

from ketgrad._docs import documented

Estimator = TypeVar("Estimator", bound=type)

# Every public estimator that has been imported.
ESTIMATORS: dict[str, Any] = {}

METHODS = {
    "samples": """
        array-like of shape (n_samples, n_features)
            The samples.""",
    "labels": """
        array-like of shape (n_samples,)
            The class labels: numbers or strings.""",
    "targets": """
        array-like of shape (n_samples,)
            The targets.""",
    "weights": """
        array-like of shape (n_samples,), default=None
            A weight for every sample; zero is the absence of the sample.""",
    "factors_of_C": """
        array-like of shape (n_samples,), default=None
            Factors of C by sample; zero is the absence of the sample.""",
    "wrong_labels_or_parameters": """
        ValueError
            For samples of less than two classes and for parameters out of range.
        TypeError
            For parameters of the wrong type. Either leaves the estimator as it was before.""",
    "wrong_parameters": """
        ValueError
            For parameters out of range.
        TypeError
            For parameters of the wrong type. Either leaves the estimator as it was before.""",
    "too_large": """
        MemoryError
            For a kernel matrix larger than memory.""",
    "interrupted": """
        Ctrl-C raises KeyboardInterrupt and leaves an estimator that predicts with what it has
        learned so far.""",
}


def publisher(**parts: str) -> Callable[[Estimator], Estimator]:
    """Make a decorator of classes that fills parts into docstrings and registers the name."""
    document = documented(**METHODS, **parts)

    def publish(cls: Estimator) -> Estimator:
        ESTIMATORS[cls.__name__] = document(cls)
        return cls

    return publish
