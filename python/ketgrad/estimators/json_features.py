"""What estimators learn about their features, as JSON."""

from typing import Any

import numpy as np

from ketgrad.estimators.json_checks import count, finite

FEATURES = ("n_features_in", "feature_names_in", "input_mean", "input_scale")


def features_to_json(estimator: Any) -> dict[str, Any]:
    """Write what estimators learn about their features."""
    names = getattr(estimator, "feature_names_in_", None)
    return {
        "n_features_in": estimator.n_features_in_,
        "feature_names_in": None if names is None else names.tolist(),
        "input_mean": _vector_to_json(estimator.input_mean_),
        "input_scale": _vector_to_json(estimator.input_scale_),
    }


def restore_features(estimator: Any, fitted: dict[str, Any]) -> int:
    """Read it back; returns the number of features."""
    n_features = count(fitted["n_features_in"], "features")
    if n_features == 0:
        raise ValueError("there are 0 features")
    estimator.n_features_in_ = n_features
    if fitted["feature_names_in"] is not None:
        estimator.feature_names_in_ = _feature_names(fitted["feature_names_in"], n_features)
    estimator.input_mean_ = _vector(fitted["input_mean"], n_features)
    estimator.input_scale_ = _vector(fitted["input_scale"], n_features)
    if (estimator.input_mean_ is None) != (estimator.input_scale_ is None):
        raise ValueError("of the scaling there is only one half")
    if estimator.input_scale_ is not None and not (estimator.input_scale_ > 0).all():
        raise ValueError("the scaling divides by numbers that are not positive")
    return n_features


def _vector_to_json(vector: Any) -> list[float] | None:
    return None if vector is None else [float(value) for value in vector]


def _vector(values: Any, size: int) -> Any:
    if values is None:
        return None
    if not isinstance(values, list) or len(values) != size:
        raise ValueError(f"the scaling is not that of {size} features")
    return np.array([finite(value) for value in values], dtype=np.float64)


def _feature_names(names: Any, size: int) -> Any:
    if (
        not isinstance(names, list)
        or len(names) != size
        or not all(isinstance(name, str) for name in names)
    ):
        raise ValueError(f"the feature names are not {size} strings")
    return np.array(names, dtype=object)
