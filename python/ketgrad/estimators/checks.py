"""What estimators are given: samples, labels and weights."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, validate_data

from ketgrad._core import _real_array
from ketgrad._numbers import refuse_lost, refuse_text
from ketgrad._types import Array
from ketgrad._words import plain


def validated(estimator: BaseEstimator, X: Any, *y: Any, **options: Any) -> Any:
    """Check data as scikit-learn does; a value that is not finite is named with its place."""
    refuse_lost(X=X, y=y[0] if y else None)
    refuse_text(X=X, y=y[0] if options.get("y_numeric") else None)
    try:
        return validate_data(estimator, X, *y, dtype=np.float64, **options)
    except ValueError as error:
        text = str(error).partition("\n")[0]
        if "contains NaN" not in text and "contains infinity" not in text:
            raise
        kind, values = ("y", y[0]) if text.startswith("Input y") else ("X", X)
        try:
            wrong = np.argwhere(~np.isfinite(np.asarray(values, dtype=np.float64)))
        except (TypeError, ValueError):
            raise error from None
        place = ", ".join(
            f"{axis} {k}" for axis, k in zip(("row", "column"), wrong[0], strict=False)
        )
        raise ValueError(f"{text.rstrip('.')}: the first is {kind}'s {place}.") from None


def given_weights(sample_weight: Any, X: Any, **options: Any) -> Any:
    """Read the weights of samples as scikit-learn does: a number is that of all; None stays."""
    if sample_weight is None:
        return None
    if not np.isscalar(sample_weight):
        refuse_lost(sample_weight=sample_weight)
        sample_weight = _real_array(sample_weight, "sample_weight")
    return _check_sample_weight(sample_weight, X, dtype=np.float64, **options)


def classes_of(y: Array) -> Array:
    """Return the class labels, sorted; ValueError where there are less than two."""
    check_classification_targets(y)
    classes = np.unique(y)
    require_two(classes)
    return classes


def require_two(classes: Array) -> None:
    """Raise ValueError for a single class."""
    if len(classes) < 2:
        raise ValueError(
            f"a classifier needs samples of at least 2 classes; there is only one class, "
            f"{plain(classes[0])!r}"
        )
