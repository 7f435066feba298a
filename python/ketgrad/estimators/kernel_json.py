"""What kernel machines learn, as JSON.

`circuit` prepares the states, and `fitted` holds the weights, the angles of the samples that
predictions compare with, and the coefficients that go with them.
"""

import json
from typing import Any

import numpy as np

from ketgrad._core import Circuit
from ketgrad.estimators.json_checks import MEMBERS, finite, only
from ketgrad.estimators.json_features import FEATURES, features_to_json, restore_features
from ketgrad.estimators.json_labels import labels, labels_to_json
from ketgrad.estimators.kernel_estimator import KernelEstimator
from ketgrad.estimators.svc import QSVC

# Arrays that every kernel machine has, and their numbers of axes.
_ARRAYS = {"weights_": 1, "support_angles_": 2}
_INDICES = ("support_", "n_support_", "component_indices_")


def to_json(estimator: KernelEstimator) -> dict[str, Any]:
    """Write what `fit` learned."""
    fitted = {**features_to_json(estimator), "gamma": estimator.gamma_}
    for name in (*_ARRAYS, *estimator._learned):
        fitted[name.removesuffix("_")] = getattr(estimator, name).tolist()
    if isinstance(estimator, QSVC):
        fitted["classes"] = labels_to_json(estimator.classes_)
    return {"fitted": fitted, "circuit": json.loads(estimator.circuit_.to_json())}


def restore(estimator: KernelEstimator, document: dict[str, Any]) -> None:
    """Read it back into an estimator that has its parameters."""
    fitted = document["fitted"]
    arrays = {**_ARRAYS, **estimator._learned}
    own = ("classes",) if isinstance(estimator, QSVC) else ()
    only(document, "it", *MEMBERS, "circuit")
    only(fitted, "'fitted'", *FEATURES, *own, "gamma", *(a.removesuffix("_") for a in arrays))
    n_features = restore_features(estimator, fitted)
    for name, n_axes in arrays.items():
        values = fitted[name.removesuffix("_")]
        if name == "support_angles_" and values == []:
            values = np.empty((0, n_features))  # a regressor may do without
        setattr(estimator, name, _array(values, name, n_axes))
    if estimator.support_angles_.shape[1] != n_features:
        raise ValueError(f"the support vectors do not have {n_features} features")
    if isinstance(estimator, QSVC):
        estimator.classes_ = labels(fitted["classes"])
    estimator._checks_own_shapes()
    estimator.gamma_ = float(finite(fitted["gamma"]))
    if estimator.gamma_ <= 0:
        raise ValueError(f"gamma is {estimator.gamma_}")
    estimator.circuit_ = Circuit.from_json(json.dumps(document["circuit"]))
    n_weights = len(estimator._program().weights)
    if len(estimator.weights_) != n_weights:
        raise ValueError(f"{len(estimator.weights_)} weights for a circuit that has {n_weights}")


def _array(values: Any, name: str, n_axes: int) -> Any:
    array = np.array(values)
    if array.size == 0:
        array = array.astype(np.float64)
    if array.dtype.kind not in "if" or array.ndim != n_axes or not np.isfinite(array).all():
        raise ValueError(f"{name} is not a finite array with {n_axes} axes")
    if name in _INDICES:
        if (array != np.floor(array)).any() or ((array < 0) | (array >= 2**31)).any():
            raise ValueError(f"{name} are not indices or counts")
        return array.astype(np.int32 if name.endswith("support_") else np.int64)
    return array.astype(np.float64)
