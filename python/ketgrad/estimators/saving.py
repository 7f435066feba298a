"""Fitted estimators as versioned JSON; `loading` reads it.

The layout, version 1:

    {"format": "ketgrad.estimator", "version": 1, "class": "VQClassifier",
     "params": {...}, "fitted": {...}, ...}

`params` are those of the constructor and `fitted` is what `fit` learned, with a part that depends
on the family of the estimator: `model`, what `ketgrad.Model.to_json` writes, of a variational one,
and `circuit` of a kernel machine. Numbers keep every bit; NaN, which JSON has not, is null.
"""

import json
import os
from typing import Any

from sklearn.utils.validation import check_is_fitted

from ketgrad._files import write_whole
from ketgrad.estimators.json_parameters import params_to_json
from ketgrad.estimators.public import ESTIMATORS

FORMAT = "ketgrad.estimator"
VERSION = 1


def save(estimator: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted estimator; the file is replaced only once everything has been written."""
    check_is_fitted(estimator)
    name = type(estimator).__name__
    if ESTIMATORS.get(name) is not type(estimator):
        raise ValueError(f"{name} is not one of ketgrad's own estimators, which alone are saved")
    document = {
        "format": FORMAT,
        "version": VERSION,
        "class": name,
        "params": params_to_json(estimator),
        **estimator._learned_to_json(),
    }
    write_whole(path, json.dumps(document, indent=1, allow_nan=False) + "\n")
