"""Estimators as versioned JSON: `estimator.save(path)` and `ketgrad.load(path)`.

Nothing in such a file is ever executed. Its layout, version 1:

    {"format": "ketgrad.estimator", "version": 1, "class": "VQClassifier",
     "params": {...}, "fitted": {...}, ...}

`params` are those of the constructor and `fitted` is what `fit` learned, with a part that depends
on the family of the estimator: `model`, what `ketgrad.Model.to_json` writes, of a variational one,
and `circuit` of a kernel machine. Numbers keep every bit; NaN, which JSON has not, is null.
"""

import json
import os
from types import ModuleType
from typing import Any

from sklearn.utils.validation import check_is_fitted

from ketgrad._files import check_path, read_whole, write_whole
from ketgrad.estimators import kernel_json, variational_json
from ketgrad.estimators.base import ScaledEstimator
from ketgrad.estimators.classifier import VQClassifier
from ketgrad.estimators.json_parameters import param_from_json, params_to_json
from ketgrad.estimators.kernel_estimator import KernelEstimator
from ketgrad.estimators.kernel_ridge import QKernelRidge
from ketgrad.estimators.nystroem import QNystroem
from ketgrad.estimators.parameters import KERNEL_RULES, RULES, check_parameters
from ketgrad.estimators.regressor import VQRegressor
from ketgrad.estimators.svc import QSVC
from ketgrad.estimators.svr import QSVR

FORMAT = "ketgrad.estimator"
VERSION = 1

# Each class and the module that writes and restores what its family learns.
_FAMILIES: dict[type[ScaledEstimator], ModuleType] = {
    VQClassifier: variational_json,
    VQRegressor: variational_json,
    QSVC: kernel_json,
    QSVR: kernel_json,
    QKernelRidge: kernel_json,
    QNystroem: kernel_json,
}
_TOO_DEEP = "it is nested too deeply"
_CLASSES = {cls.__name__: cls for cls in _FAMILIES}
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


def save(estimator: ScaledEstimator, path: str | os.PathLike[str]) -> None:
    """Write a fitted estimator; the file is replaced only once everything has been written."""
    check_is_fitted(estimator)
    if type(estimator) not in _FAMILIES:
        raise ValueError(f"{type(estimator).__name__} is not one of {', '.join(_CLASSES)}")
    document = {
        "format": FORMAT,
        "version": VERSION,
        "class": type(estimator).__name__,
        "params": params_to_json(estimator),
        **_FAMILIES[type(estimator)].to_json(estimator),
    }
    write_whole(path, json.dumps(document, indent=1, allow_nan=False) + "\n")


def load(path: str | os.PathLike[str]) -> Any:
    """Read the estimator that `estimator.save` wrote; it predicts the same to the last bit.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    estimator : VQClassifier, VQRegressor, QSVC, QSVR, QKernelRidge or QNystroem

    Raises
    ------
    ValueError
        For a file that is no ketgrad estimator, is damaged, or comes from a newer release.

    Examples
    --------
    >>> import ketgrad as kg, numpy as np, tempfile
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> classifier = kg.VQClassifier(max_iter=5, tol=0, random_state=0).fit(X, X[:, 0] > 0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     classifier.save(folder + "/model.json")
    ...     loaded = kg.load(folder + "/model.json")
    >>> np.array_equal(loaded.predict_proba(X), classifier.predict_proba(X))
    True

    """
    check_path(path)
    try:
        text = read_whole(path).decode()
        document = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not a ketgrad estimator: {_what_is_no_json(error)}") from None
    _check_header(document, path)
    try:
        return _estimator_from_json(document)
    except _DAMAGE as error:
        raise ValueError(f"{path} is a damaged ketgrad estimator: {_damage(error)}") from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"it holds {name}, which is no number")


def _what_is_no_json(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return _TOO_DEEP
    if isinstance(error, UnicodeDecodeError):
        return f"it is not text (byte {error.start} is not UTF-8)"
    return f"it is not JSON ({error})" if isinstance(error, json.JSONDecodeError) else str(error)


def _damage(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"{error} is missing"
    if isinstance(error, RecursionError):
        return _TOO_DEEP
    if isinstance(error, AttributeError | TypeError):  # what they say is about our code
        return "a part of it has a wrong type"
    return str(error)


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
    kind = document.get("class")
    if not isinstance(kind, str) or kind not in _CLASSES:
        raise ValueError(f"{path} holds an unknown kind of estimator, {kind!r}")
    for part in ("params", "fitted"):
        if not isinstance(document.get(part, {}), dict):
            raise ValueError(f"{path} is a damaged ketgrad estimator: {part!r} is no object in it")


def _estimator_from_json(document: dict[str, Any]) -> ScaledEstimator:
    cls = _CLASSES[document["class"]]
    estimator = cls()
    estimator.set_params(
        **{name: param_from_json(name, value) for name, value in document["params"].items()}
    )
    rules = KERNEL_RULES if issubclass(cls, KernelEstimator) else RULES
    try:
        check_parameters(estimator.get_params(deep=False), rules)
    except TypeError as error:
        raise ValueError(str(error)) from None
    _FAMILIES[cls].restore(estimator, document)
    return estimator
