"""The public estimators by name, and the documentation that both families share."""

from collections.abc import Callable
from typing import Any, TypeVar

from ketgrad._docs import documented

Estimator = TypeVar("Estimator", bound=type)

# Every public estimator that has been imported.
ESTIMATORS: dict[str, Any] = {}

SHARED = {
    # Parameters and attributes.
    "feature_map": """
    str or Circuit, default="angle"
        How a sample enters the circuit: "angle", "amplitude", "iqp" or "zz", or a circuit of your
        own whose parameters are ``x[0]`` to ``x[n_features - 1]``.""",
    "n_qubits": """
    int, default=None
        Number of qubits; None means one a feature, at most 8 (more features than qubits share
        them: in a kernel, rotations of one qubit have a ring of CNOTs between them). Only the
        angle map can choose.""",
    "entangle": """
    bool, default=True
        False leaves out the entangling gates of a named ansatz: the separable ablation.""",
    "precision": """
    {"double", "single"}, default="double"
        Floating-point type of the simulation.""",
    "features": """
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, where `X` had string column names.
    input_mean_, input_scale_ : ndarray of shape (n_features_in_,) or None
        The learned scaling.""",
    # Methods.
    "samples": """
    array-like of shape (n_samples, n_features)
        The samples.""",
    "labels": """
    array-like of shape (n_samples,)
        The class labels: numbers or strings.""",
    "several_labels": """
    array-like of shape (n_samples,) or (n_samples, n_classes)
        The class labels: numbers or strings; or zeros and ones, a column a label, of samples
        that have any number of labels.""",
    "targets": """
    array-like of shape (n_samples,)
        The targets.""",
    "several_targets": """
    array-like of shape (n_samples,) or (n_samples, n_targets)
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
    {wrong_type}""",
    "wrong_parameters": """
    ValueError
        For parameters out of range.
    {wrong_type}""",
    "wrong_type": """
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
    document = documented(**SHARED, **parts)

    def publish(cls: Estimator) -> Estimator:
        ESTIMATORS[cls.__name__] = document(cls)
        return cls

    return publish
