"""Saved estimators, read back: `ketgrad.load(path)`. Nothing in a file is ever executed."""

import json
import os
from typing import Any

from ketgrad._files import check_path, read_whole

# Each registers its class.
from ketgrad.estimators import (  # noqa: F401
    classifier,
    gp_classifier,
    gp_regressor,
    kernel_ridge,
    metric_learner,
    nystroem,
    regressor,
    reservoir,
    svc,
    svr,
)
from ketgrad.estimators.base import ScaledEstimator
from ketgrad.estimators.json_parameters import param_from_json
from ketgrad.estimators.public import ESTIMATORS
from ketgrad.estimators.saving import FORMAT, VERSION

_TOO_DEEP = "it is nested too deeply"
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


def load(path: str | os.PathLike[str]) -> Any:
    """Read the estimator that `estimator.save` wrote; it predicts the same to the last bit.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    estimator : VQClassifier, QSVC or any other
        Of the class that was saved.

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
    if not isinstance(kind, str) or kind not in ESTIMATORS:
        raise ValueError(f"{path} holds an unknown kind of estimator, {kind!r}")
    for part in ("params", "fitted"):
        if not isinstance(document.get(part, {}), dict):
            raise ValueError(f"{path} is a damaged ketgrad estimator: {part!r} is no object in it")


def _estimator_from_json(document: dict[str, Any]) -> ScaledEstimator:
    estimator: ScaledEstimator = ESTIMATORS[document["class"]]()
    saved = {name: param_from_json(name, value) for name, value in document["params"].items()}
    estimator.set_params(**{**estimator._unsaved_once, **saved})
    try:
        estimator._check_parameters()
    except TypeError as error:
        raise ValueError(str(error)) from None
    estimator._restore(document)
    return estimator
