"""A saved model, as a server knows it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ketgrad._core import __version__
from ketgrad._files import read_whole
from ketgrad._types import Array, FloatArray
from ketgrad.commands.prediction import predict, predict_proba
from ketgrad.estimators.loading import load


@dataclass(frozen=True)
class Served:
    """A model and how its rows are read: `missing` values, `separator` and `decimal` of CSV."""

    model: Any
    path: str
    digest: str
    missing: str = "refuse"
    separator: str | None = None
    decimal: str | None = None
    functions: dict[str, Callable[[FloatArray], Array]] = field(default_factory=dict)

    @property
    def names(self) -> list[str] | None:
        """The names of the features, in order; None for a model that was trained without."""
        names = getattr(self.model, "feature_names_in_", None)
        return None if names is None else [str(name) for name in names]

    @property
    def n_features(self) -> int:
        """The number of the features."""
        return int(self.model.n_features_in_)

    @property
    def classes(self) -> list[Any] | None:
        """The classes, in the order of their probabilities; None for a regressor."""
        classes = getattr(self.model, "classes_", None)
        return None if classes is None else classes.tolist()

    def described(self) -> dict[str, Any]:
        """Tell of the model, as JSON can."""
        return {
            "model": type(self.model).__name__,
            "file": Path(self.path).name,
            "sha256": self.digest,
            "ketgrad": __version__,
            "features": self.names,
            "n_features": self.n_features,
            "classes": self.classes,
            "answers": sorted(self.functions),
            "missing": self.missing,
        }


def open_model(
    path: str,
    missing: str = "refuse",
    separator: str | None = None,
    decimal: str | None = None,
) -> Served:
    """Read a model that predicts; ValueError for files that hold none, or another's version."""
    model = load(path)
    functions = {
        answer: _bound(function, model)
        for answer, function in (("predict", predict), ("predict_proba", predict_proba))
        if hasattr(model, answer)
    }
    if "predict" not in functions:
        raise ValueError(f"{path} holds a {type(model).__name__}, which predicts nothing")
    digest = hashlib.sha256(read_whole(path)).hexdigest()
    return Served(model, path, digest, missing, separator, decimal, functions)


def _bound(function: Callable[[Any, FloatArray], Any], model: Any) -> Callable[[FloatArray], Array]:
    def of_rows(X: FloatArray) -> Array:
        values: Array = function(model, X)
        return values

    return of_rows
