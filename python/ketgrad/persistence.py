"""Estimators as versioned JSON: `estimator.save(path)` and `ketgrad.load(path)`.

Nothing in such a file is ever executed. Its layout, version 1:

    {"format": "ketgrad.estimator", "version": 1, "class": "VQClassifier",
     "params": {...}, "fitted": {...}, "model": {...}}

`params` are those of the constructor, `model` is what `ketgrad.Model.to_json` writes, and `fitted`
is the rest of what `fit` learned; after `partial_fit` it holds the trainer (without the model),
whose optimizer goes on where it was. Numbers keep every bit; NaN, which JSON has not, is null.
"""

import errno
import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ketgrad._core import Circuit, Model, PauliSum, Trainer
from ketgrad._estimator import VariationalEstimator
from ketgrad.classifier import VQClassifier
from ketgrad.regressor import VQRegressor

FORMAT = "ketgrad.estimator"
VERSION = 1

_CLASSES: dict[str, type[VariationalEstimator]] = {
    cls.__name__: cls for cls in (VQClassifier, VQRegressor)
}
# Parameters that mean nothing outside the process that made them.
_NOT_SAVED = ("callback",)
_LABEL_KINDS = "biufUO"
_LARGEST_LABEL = 4096  # bytes
# What reading a file that is not as it should be may raise.
_DAMAGE = (
    AttributeError,
    IndexError,
    KeyError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
)


def save(estimator: VariationalEstimator, path: str | os.PathLike[str]) -> None:
    """Write a fitted estimator; the file is replaced only once everything has been written."""
    check_is_fitted(estimator, "model_")
    if type(estimator).__name__ not in _CLASSES:
        raise ValueError(f"{type(estimator).__name__} is not one of {', '.join(_CLASSES)}")
    document = {
        "format": FORMAT,
        "version": VERSION,
        "class": type(estimator).__name__,
        "params": _params_to_json(estimator),
        "fitted": _fitted_to_json(estimator),
        "model": json.loads(estimator.model_.to_json()),
    }
    _write_atomically(Path(path), json.dumps(document, indent=1, allow_nan=False) + "\n")


def load(path: str | os.PathLike[str]) -> Any:
    """Read the estimator that `estimator.save` wrote; it predicts the same to the last bit.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    estimator : VQClassifier or VQRegressor

    Raises
    ------
    ValueError
        For a file that is no ketgrad estimator, is damaged, or comes from a newer release.

    Examples
    --------
    >>> import ketgrad as kg, numpy as np, tempfile
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> classifier = kg.VQClassifier(max_iter=5, random_state=0).fit(X, X[:, 0] > 0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     classifier.save(folder + "/model.json")
    ...     loaded = kg.load(folder + "/model.json")
    >>> np.array_equal(loaded.predict_proba(X), classifier.predict_proba(X))
    True

    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not a ketgrad estimator: it is not JSON ({error})") from None
    _check_header(document, path)
    try:
        return _estimator_from_json(document)
    except _DAMAGE as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise ValueError(f"{path} is a damaged ketgrad estimator: {what}") from error


def _check_header(document: Any, path: str | os.PathLike[str]) -> None:
    found = document.get("format") if isinstance(document, dict) else None
    if found != FORMAT:
        raise ValueError(f"{path} is not a ketgrad estimator: its format is {found!r}")
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ValueError(f"{path} is a damaged ketgrad estimator: its version is {version!r}")
    if version > VERSION:
        raise ValueError(
            f"{path} has version {version}; this release of ketgrad reads up to {VERSION}"
        )
    if document.get("class") not in _CLASSES:
        raise ValueError(f"{path} holds an unknown kind of estimator, {document.get('class')!r}")


def _write_atomically(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with temporary.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None  # not the temporary file
    finally:
        temporary.unlink(missing_ok=True)


# Parameters of the constructor.


def _params_to_json(estimator: VariationalEstimator) -> dict[str, Any]:
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
        return [_pauli_sum_to_json(item) for item in value]
    if name == "random_state" and not isinstance(value, int | None):
        return None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise ValueError(f"the parameter {name}={value!r} has no JSON form")


def _param_from_json(name: str, value: Any) -> Any:
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


# What fit learned, besides the model.


def _fitted_to_json(estimator: VariationalEstimator) -> dict[str, Any]:
    names = getattr(estimator, "feature_names_in_", None)
    fitted = {
        "n_features_in": estimator.n_features_in_,
        "feature_names_in": None if names is None else names.tolist(),
        "input_mean": _vector_to_json(estimator.input_mean_),
        "input_scale": _vector_to_json(estimator.input_scale_),
        "seed": estimator._seed,
        "history": [
            {name: None if math.isnan(value) else value for name, value in record.items()}
            for record in estimator.history_
        ],
        "trainer": _trainer_to_json(estimator._trainer),
    }
    if isinstance(estimator, VQClassifier):
        fitted["classes"] = _labels_to_json(estimator.classes_)
    else:
        fitted["target_mean"] = estimator.target_mean_
        fitted["target_scale"] = estimator.target_scale_
    return fitted


def _trainer_to_json(trainer: Trainer | None) -> dict[str, Any] | None:
    if trainer is None:
        return None
    document: dict[str, Any] = json.loads(trainer.to_json())
    del document["model"]  # it is the estimator's
    return document


def _trainer_from_json(value: dict[str, Any] | None, model: Any) -> Trainer | None:
    return None if value is None else Trainer.from_json(json.dumps({**value, "model": model}))


def _vector_to_json(vector: Any) -> list[float] | None:
    return None if vector is None else [float(value) for value in vector]


def _labels_to_json(classes: Any) -> dict[str, Any]:
    values = classes.tolist()
    if classes.dtype.kind not in _LABEL_KINDS or not all(
        isinstance(value, bool | int | float | str) for value in values
    ):
        raise ValueError(f"class labels of type {classes.dtype} have no JSON form: {classes}")
    return {"dtype": classes.dtype.str, "values": values}


def _estimator_from_json(document: dict[str, Any]) -> VariationalEstimator:
    estimator = _CLASSES[document["class"]]()
    estimator.set_params(
        **{name: _param_from_json(name, value) for name, value in document["params"].items()}
    )
    model = Model.from_json(json.dumps(document["model"]))
    fitted = document["fitted"]
    n_features = _count(fitted["n_features_in"], "features")
    if model.n_inputs != n_features:
        raise ValueError(f"{n_features} features do not fit a model of {model.n_inputs} inputs")
    estimator.n_features_in_ = n_features
    if fitted["feature_names_in"] is not None:
        estimator.feature_names_in_ = _feature_names(fitted["feature_names_in"], n_features)
    estimator.input_mean_ = _vector(fitted["input_mean"], n_features)
    estimator.input_scale_ = _vector(fitted["input_scale"], n_features)
    if isinstance(estimator, VQClassifier):
        estimator.classes_ = _labels(fitted["classes"])
    else:
        estimator.target_mean_ = float(_finite(fitted["target_mean"]))
        estimator.target_scale_ = float(_finite(fitted["target_scale"]))
    if model.n_outputs != estimator._n_outputs():
        raise ValueError(f"a model of {model.n_outputs} outputs does not fit the targets")
    estimator._seed = _count(fitted["seed"], "seed")
    estimator.history_ = [_record(record) for record in fitted["history"]]
    estimator.model_ = model
    estimator._trainer = _trainer_from_json(fitted.get("trainer"), document["model"])
    return estimator


def _count(value: Any, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} {what}")
    return value


def _finite(value: Any) -> Any:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a finite number")
    return value


def _vector(values: Any, size: int) -> Any:
    if values is None:
        return None
    if not isinstance(values, list) or len(values) != size:
        raise ValueError(f"the scaling is not that of {size} features")
    return np.array([_finite(value) for value in values], dtype=np.float64)


def _feature_names(names: Any, size: int) -> Any:
    if len(names) != size or not all(isinstance(name, str) for name in names):
        raise ValueError(f"the feature names are not {size} strings")
    return np.array(names, dtype=object)


def _labels(value: dict[str, Any]) -> Any:
    dtype = np.dtype(value["dtype"])
    if dtype.kind not in _LABEL_KINDS or dtype.itemsize > _LARGEST_LABEL:
        raise ValueError(f"class labels of type {dtype}")
    labels = np.array(value["values"], dtype=dtype)
    if labels.ndim != 1 or len(np.unique(labels)) != len(labels):
        raise ValueError(f"class labels {value['values']!r}")
    return labels


def _record(record: dict[str, Any]) -> dict[str, float]:
    return {name: math.nan if value is None else _finite(value) for name, value in record.items()}
