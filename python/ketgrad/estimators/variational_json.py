"""What variational estimators learn, as JSON.

`model` is what `ketgrad.Model.to_json` writes and `fitted` is the rest; after `partial_fit` it
holds the trainer (without the model), whose optimizer goes on where it was.
"""

import json
import math
from typing import Any

from ketgrad._core import Model, Trainer
from ketgrad.estimators.classifier import VQClassifier
from ketgrad.estimators.json_checks import MEMBERS, count, finite, only
from ketgrad.estimators.json_features import FEATURES, features_to_json, restore_features
from ketgrad.estimators.json_labels import labels, labels_to_json
from ketgrad.estimators.variational import VariationalEstimator

RECORD = ("epoch", "loss", "validation_loss", "learning_rate")


def to_json(estimator: VariationalEstimator) -> dict[str, Any]:
    """Write what `fit` learned."""
    fitted = {
        **features_to_json(estimator),
        "seed": estimator._seed,
        "history": [
            {name: None if math.isnan(value) else value for name, value in record.items()}
            for record in estimator.history_
        ],
        "trainer": _trainer_to_json(estimator._trainer),
    }
    if isinstance(estimator, VQClassifier):
        fitted["classes"] = labels_to_json(estimator.classes_)
    else:
        fitted["target_mean"] = estimator.target_mean_
        fitted["target_scale"] = estimator.target_scale_
    return {"fitted": fitted, "model": json.loads(estimator.model_.to_json())}


def restore(estimator: VariationalEstimator, document: dict[str, Any]) -> None:
    """Read it back into an estimator that has its parameters."""
    model = Model.from_json(json.dumps(document["model"]))
    fitted = document["fitted"]
    only(document, "it", *MEMBERS, "model")
    own = ("classes",) if isinstance(estimator, VQClassifier) else ("target_mean", "target_scale")
    only(fitted, "'fitted'", *FEATURES, "seed", "history", "trainer", *own)
    n_features = restore_features(estimator, fitted)
    if model.n_inputs != n_features:
        raise ValueError(f"{n_features} features do not fit a model of {model.n_inputs} inputs")
    if isinstance(estimator, VQClassifier):
        estimator.classes_ = labels(fitted["classes"])
    else:
        estimator.target_mean_ = float(finite(fitted["target_mean"]))
        estimator.target_scale_ = float(finite(fitted["target_scale"]))
        if estimator.target_scale_ <= 0:
            raise ValueError(f"the targets' scale is {estimator.target_scale_}")
    if model.n_outputs != estimator._n_outputs():
        raise ValueError(f"a model of {model.n_outputs} outputs does not fit the targets")
    estimator._seed = count(fitted["seed"], "seed")
    if not isinstance(fitted["history"], list):
        raise ValueError("'history' is no list")
    estimator.history_ = [_record(k, record) for k, record in enumerate(fitted["history"], 1)]
    estimator.model_ = model
    estimator._trainer = _trainer_from_json(fitted.get("trainer"), document["model"])


def _trainer_to_json(trainer: Trainer | None) -> dict[str, Any] | None:
    if trainer is None:
        return None
    document: dict[str, Any] = json.loads(trainer.to_json())
    del document["model"]  # it is the estimator's
    return document


def _trainer_from_json(value: dict[str, Any] | None, model: Any) -> Trainer | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ValueError("'trainer' is no object")
    return Trainer.from_json(json.dumps({**value, "model": model}))


def _record(epoch: int, record: dict[str, Any]) -> dict[str, float]:
    only(record, "a record of the history", *RECORD)
    out = {name: math.nan if record[name] is None else finite(record[name]) for name in RECORD}
    if out["epoch"] != epoch:
        raise ValueError(f"record {epoch} of the history is one of epoch {out['epoch']}")
    return out
