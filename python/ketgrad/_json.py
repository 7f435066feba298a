"""The pieces of saved estimators: parameters, features, vectors and labels as JSON."""

import json
import math
from typing import Any

import numpy as np

from ketgrad._core import Circuit, PauliSum, _real
from ketgrad._numbers import is_real

# Parameters that mean nothing outside the process that made them.
_NOT_SAVED = ("callback", "checkpoint")
_LABEL_KINDS = "biufUO"
_LARGEST_LABEL = 4096  # bytes

# Members of every document, and those of `fitted` that tell of the features.
MEMBERS = ("format", "version", "class", "params", "fitted")
FEATURES = ("n_features_in", "feature_names_in", "input_mean", "input_scale")

# Parameters of the constructor.


def params_to_json(estimator: Any) -> dict[str, Any]:
    """Write the parameters of the constructor."""
    return {
        name: _param_to_json(name, value)
        for name, value in estimator.get_params(deep=False).items()
        if name not in _NOT_SAVED
    }


def _param_to_json(name: str, value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Circuit):
        return {"circuit": json.loads(value.to_json())}
    if name == "observables" and value is not None:
        several = [value] if isinstance(value, PauliSum | str) else value
        sums = [PauliSum(item) if isinstance(item, str) else item for item in several]
        return [_pauli_sum_to_json(item) for item in sums]
    if name == "random_state" and not isinstance(value, int | None):
        return None
    if value is None or isinstance(value, bool | int | str):
        return value
    if is_real(value) and math.isfinite(number := _real(value, name)):
        return number
    raise ValueError(f"the parameter {name}={value!r} has no JSON form")


def param_from_json(name: str, value: Any) -> Any:
    """Read one of them."""
    if name == "observables" and value is not None:
        return [_pauli_sum_from_json(item) for item in value]
    if isinstance(value, dict):
        return Circuit.from_json(json.dumps(value["circuit"]))
    if isinstance(value, list):
        raise ValueError(f"the parameter {name} is a list")
    return value


def _pauli_sum_to_json(observable: PauliSum) -> dict[str, Any]:
    return {"n_qubits": observable.n_qubits, "terms": observable.terms}


def _pauli_sum_from_json(value: dict[str, Any]) -> PauliSum:
    terms = []
    for text, coefficient in value["terms"]:
        # Text shows qubit 0 rightmost.
        letters = [(letter, k) for k, letter in enumerate(reversed(text)) if letter != "I"]
        terms.append(("".join(a for a, _ in letters), [k for _, k in letters], coefficient))
    return PauliSum.from_sparse(terms, value["n_qubits"])


# What every fit learns.


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


def only(part: Any, what: str, *known: str) -> None:
    """Raise ValueError for a part of a file that is no object or has members that it should not."""
    if not isinstance(part, dict):
        raise ValueError(f"{what} is no object")
    unknown = sorted(set(part) - set(known))
    if unknown:
        raise ValueError(f"{what} has an unknown member, {unknown[0]!r}")


def _vector_to_json(vector: Any) -> list[float] | None:
    return None if vector is None else [float(value) for value in vector]


def labels_to_json(classes: Any) -> dict[str, Any]:
    """Write class labels with their type."""
    values = classes.tolist()
    if classes.dtype.kind not in _LABEL_KINDS or not all(
        isinstance(value, bool | int | float | str) for value in values
    ):
        raise ValueError(f"class labels of type {classes.dtype} have no JSON form: {classes}")
    return {"dtype": classes.dtype.str, "values": values}


def count(value: Any, what: str) -> int:
    """Read an integer from 0 to 2**32 - 1."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**32:
        raise ValueError(f"{value!r} {what}")
    return value


def finite(value: Any) -> Any:
    """Read a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a finite number")
    return value


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


def labels(value: dict[str, Any]) -> Any:
    """Read class labels: at least two, sorted, each just as it stands in the file."""
    only(value, "a list of class labels", "dtype", "values")
    try:
        if not isinstance(value["dtype"], str):
            raise TypeError
        dtype = np.dtype(value["dtype"])
    except TypeError:
        raise ValueError(f"class labels of type {value['dtype']!r}") from None
    if dtype.kind not in _LABEL_KINDS or dtype.itemsize > _LARGEST_LABEL:
        raise ValueError(f"class labels of type {dtype}")
    labels = np.array(value["values"], dtype=dtype)
    if labels.ndim != 1 or len(labels) < 2 or not np.array_equal(np.unique(labels), labels):
        raise ValueError(f"class labels {value['values']!r}")
    for label, written in zip(labels.tolist(), value["values"], strict=True):
        if type(label) is not type(written) or label != written:
            raise ValueError(f"the class label {written!r} is not of type {dtype}")
    return labels
