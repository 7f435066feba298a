"""Predictions of a model that knows its features by name, from plain arrays."""

import warnings
from typing import Any

from ketgrad._types import FloatArray


def predict(model: Any, X: FloatArray) -> Any:
    """Predict; the columns are known to be in the order of the model's names."""
    return _quietly(model.predict, X)


def predict_proba(model: Any, X: FloatArray) -> Any:
    """Predict the probabilities of the classes."""
    return _quietly(model.predict_proba, X)


def _quietly(function: Any, X: FloatArray) -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "X does not have valid feature names")
        return function(X)
