"""What kernel machines learn, as JSON.

`circuit` prepares the states, and `fitted` holds the weights, the angles of the samples that
predictions compare with, and the coefficients that go with them.
"""

import json
from typing import Any

import numpy as np

from ketgrad._core import Circuit
from ketgrad._json import features_to_json, finite, labels, labels_to_json, restore_features
from ketgrad._kernel_estimator import KernelEstimator
from ketgrad.kernel_machines import QSVC

# Arrays that every kernel machine has, and their numbers of axes.
_ARRAYS = {"weights_": 1, "support_angles_": 2}


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
    n_features = restore_features(estimator, fitted)
    for name, n_axes in {**_ARRAYS, **estimator._learned}.items():
        setattr(estimator, name, _array(fitted[name.removesuffix("_")], name, n_axes))
    if estimator.support_angles_.shape[1] != n_features:
        raise ValueError(f"the support vectors do not have {n_features} features")
    if isinstance(estimator, QSVC):
        estimator.classes_ = labels(fitted["classes"])
    estimator._checks_own_shapes()
    estimator.gamma_ = float(finite(fitted["gamma"]))
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
    return array
