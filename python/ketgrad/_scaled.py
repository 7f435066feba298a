"""What all estimators share: features become angles, weights of zero are absence, files."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, validate_data

from ketgrad._core import _real_array
from ketgrad._numbers import refuse_masked, refuse_text
from ketgrad._training import FloatArray
from ketgrad._words import plain

Array = npt.NDArray[Any]
Estimator = TypeVar("Estimator", bound=type)

# Scaled features stay within this many radians, short of the half turn where both ends meet: an
# angle that wraps round would make outliers look like ordinary samples.
LARGEST_ANGLE = 2.5


def documented(**parts: str) -> Callable[[Estimator], Estimator]:
    """Make what an estimator inherits its own: parts of the docstring, the constructor's name."""

    def decorate(cls: Estimator) -> Estimator:
        doc = cls.__doc__ or ""
        for name, text in parts.items():
            doc = doc.replace(f"\n    {{{name}}}", text)
        cls.__doc__ = doc
        if "__init__" not in vars(cls):  # an unexpected argument is reported by the function's name
            cls.__init__ = _renamed(cls.__init__, f"{cls.__name__}.__init__")  # type: ignore[misc]
        return cls

    return decorate


def _renamed(function: Any, qualified_name: str) -> Any:
    out = FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__
    )
    out.__kwdefaults__, out.__annotations__ = function.__kwdefaults__, function.__annotations__
    out.__qualname__ = qualified_name
    return out


class ScaledEstimator(BaseEstimator):  # type: ignore[misc]
    """An estimator whose parameters have `feature_map` and `input_scaling`."""

    feature_map: Any
    input_scaling: str | None

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted estimator as JSON that `ketgrad.load` reads back exactly.

        A callback and a RandomState cannot be written; they are None after loading.

        Parameters
        ----------
        path : str or path-like
            The file; it is replaced only once everything has been written.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            For a parameter or class label that has no exact JSON form.

        """
        from ketgrad.persistence import save

        save(self, path)

    def _checked(
        self, X: Any, y: Any, sample_weight: Any, *, reset: bool, rows: list[Array]
    ) -> tuple[FloatArray, Array, FloatArray | None]:
        """Check what `fit` is given; `rows` gets the indices of the samples that are returned."""
        X, y = validated(self, X, y, reset=reset, **self._y_checks())
        if sample_weight is None:
            return X, y, None
        weight = _check_sample_weight(
            _weights(sample_weight), X, dtype=np.float64, ensure_non_negative=True
        )
        # A weight of zero is the absence of the sample, in batches and held-out samples too.
        kept = np.flatnonzero(weight > 0)
        if len(kept) == 0:
            raise ValueError("no sample has a positive weight")
        rows.append(kept)
        return X[kept], y[kept], weight[kept]

    def _y_checks(self) -> dict[str, Any]:
        return {}

    def _learn_scaling(self, X: FloatArray, weight: FloatArray | None) -> None:
        self.input_mean_: FloatArray | None = None
        self.input_scale_: FloatArray | None = None
        if self.input_scaling is not None:
            self.input_mean_, self.input_scale_ = weighted_mean_and_scale(X, weight)
            if self.feature_map == "amplitude":
                # Centred features of an average sample are all zero, which no state can have.
                self.input_mean_ = np.zeros_like(self.input_mean_)

    def _angles(self, X: FloatArray) -> FloatArray:
        if self.input_mean_ is None or self.input_scale_ is None:
            return X
        angles = standardised(X, self.input_mean_, self.input_scale_, np.sqrt(self.n_features_in_))
        angles.clip(-LARGEST_ANGLE, LARGEST_ANGLE, out=angles)
        return angles


class Classifier(ClassifierMixin):  # type: ignore[misc]
    """scikit-learn's mixin, whose score takes labels and weights by the rule of `fit`."""

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Compute the share of samples whose class is predicted.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples.
        y : array-like of shape (n_samples,)
            Their class labels.
        sample_weight : array-like of shape (n_samples,), default=None
            A weight for every sample.

        Returns
        -------
        accuracy : float

        """
        refuse_masked(y=y)
        return float(super().score(X, y, _weights(sample_weight)))


class Regressor(RegressorMixin):  # type: ignore[misc]
    """scikit-learn's mixin, whose score takes targets and weights by the rule of `fit`."""

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Compute the coefficient of determination R² of the prediction.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples.
        y : array-like of shape (n_samples,)
            Their targets.
        sample_weight : array-like of shape (n_samples,), default=None
            A weight for every sample.

        Returns
        -------
        r2 : float

        """
        refuse_masked(y=y)
        refuse_text(y=y)
        return float(super().score(X, y, _weights(sample_weight)))


def _weights(sample_weight: Any) -> Any:
    """Read weights as numbers; None and a number for all samples stay what they are."""
    if sample_weight is None or np.isscalar(sample_weight):
        return sample_weight
    refuse_masked(sample_weight=sample_weight)
    return _real_array(sample_weight, "sample_weight")


@contextmanager
def rows_as_given() -> Iterator[list[Array]]:
    """Name samples in errors by the rows that were given, those of weight zero among them.

    The list is for the indices of the rows that are kept, once they are known.
    """
    kept: list[Array] = []

    def row(match: re.Match[str]) -> str:
        k = int(match[1])
        return f"sample {kept[0][k]}" if k < len(kept[0]) else match[0]

    try:
        yield kept
    except ValueError as error:
        if kept and error.args and isinstance(error.args[0], str):
            error.args = (re.sub(r"\bsample (\d+)", row, error.args[0]), *error.args[1:])
        raise


def validated(estimator: BaseEstimator, X: Any, *y: Any, **options: Any) -> Any:
    """Check data as scikit-learn does; a value that is not finite is named with its place."""
    refuse_masked(X=X, y=y[0] if y else None)
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


def weighted_mean_and_scale(
    values: FloatArray, weight: FloatArray | None
) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation over the rows; 1 for what is constant up to rounding.

    Neither sums nor squares leave the range of floating-point numbers, whatever the values: they
    are taken of numbers divided by a power of two, which rounds nothing.

    >>> mean, scale = weighted_mean_and_scale(np.array([[1e300, 3e-200], [3e300, 1e-200]]), None)
    >>> mean.tolist(), scale.tolist()
    ([2e+300, 2e-200], [1e+300, 1e-200])
    """
    if weight is not None:
        weight = np.ldexp(weight, -_exponent(weight))
    unit = _exponent(values) + 1  # so that differences stay in range, too
    values = np.ldexp(values, -unit)
    mean = np.average(values, axis=0, weights=weight)
    deviations = values - mean
    spread = _exponent(deviations)
    squares = np.square(np.ldexp(deviations, -spread))
    scale = np.ldexp(np.sqrt(np.average(squares, axis=0, weights=weight)), spread)
    constant = scale <= 10 * np.finfo(np.float64).eps * np.abs(mean)
    least = np.finfo(np.float64).smallest_subnormal
    return np.ldexp(mean, unit), np.where(constant, 1.0, np.ldexp(scale, unit).clip(least))


def _exponent(values: FloatArray) -> npt.NDArray[np.intc]:
    """Find e with values / 2**e in [-1, 1], column by column."""
    exponents: npt.NDArray[np.intc] = np.frexp(np.abs(values).max(axis=0))[1]
    return exponents


def standardised(values: FloatArray, mean: Any, scale: Any, unit: Any = 1.0) -> FloatArray:
    """Compute (values - mean) / (scale * unit); infinite where even that is out of range."""
    # Where the scale is large, everything is divided by a power of two first: exact, but for what
    # is tiny beside the scale.
    factor = np.where(np.asarray(scale) > 1, 2.0**-64, 1.0)
    with np.errstate(over="ignore"):
        differences = values * factor - mean * factor
        out: FloatArray = differences / (scale * factor * unit)
    return out
