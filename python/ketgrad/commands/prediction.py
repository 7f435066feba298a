"""Features that a model knows by name, from tables, and its predictions."""

import argparse
import warnings
from typing import Any

import numpy as np

from ketgrad._types import FloatArray
from ketgrad.commands.arguments import add_choice
from ketgrad.commands.features import (
    feature_matrix,
    have_gaps_as_features,
    note_unknown_texts,
    refuse_missing,
)
from ketgrad.commands.notices import note
from ketgrad.commands.table import Table


def add_missing(parser: argparse.ArgumentParser) -> None:
    """Declare what is done with missing values."""
    missing = (
        "what to do with missing values, unless the model was trained to indicate them: stop, or "
        "put in the mean of the training rows"
    )
    add_choice(parser, "--missing", "refuse", "mean", text=missing)


def features_of(model: Any, table: Table, path: str, *, missing: str) -> FloatArray:
    """Read a model's features from a table, shape (rows, features); `path` is the model's file.

    Raises ValueError for models of nameless features and for values that are missing, unless the
    model indicates them, or `missing` is "mean" and the model has means.
    """
    names = getattr(model, "feature_names_in_", None)
    if names is None:
        raise ValueError(f"{path} does not know its features by name; it was trained on none")
    names = names.tolist()
    note_unknown_texts(table, names)
    X = feature_matrix(table, names)
    if missing == "refuse":
        refuse_missing(table, names, np.where(have_gaps_as_features(table, names), 0.0, X))
    return with_means(model, X, path)


def with_means(model: Any, X: FloatArray, path: str) -> FloatArray:
    """Put the means of the training rows where values are missing; ValueError if there are none."""
    if not np.isnan(X).any():
        return X
    if model.input_mean_ is None:
        raise ValueError(f"{path} has no means to put in for missing values")
    note(f"{np.isnan(X).sum()} missing value(s): the mean of the training rows put in")
    return np.where(np.isnan(X), model.input_mean_, X)


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
