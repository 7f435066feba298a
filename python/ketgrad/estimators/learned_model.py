"""What a variational estimator learns, and its form in a file.

`model` is what `ketgrad.Model.to_json` writes and `fitted` is the rest; after `partial_fit` it
holds the trainer (without the model), whose optimizer goes on where it was.
"""

import json
import math
from typing import Any, ClassVar

from ketgrad._core import Model, Trainer
from ketgrad._types import Record
from ketgrad.estimators.base import ScaledEstimator
from ketgrad.estimators.json_checks import MEMBERS, count, finite, only
from ketgrad.estimators.json_features import FEATURES, features_to_json, restore_features

RECORD = ("epoch", "loss", "validation_loss", "learning_rate")


class LearnedModel(ScaledEstimator):
    """An estimator that learns the parameters of a model."""

    model_: Model
    history_: list[Record]
    _seed: int
    _trainer: Trainer | None

    _unsaved_once: ClassVar = {"dressed": False}

    def _n_outputs(self) -> int:
        """Say how many outputs the targets need."""
        raise NotImplementedError

    def _learned_to_json(self) -> dict[str, Any]:
        fitted = {
            **features_to_json(self),
            "seed": self._seed,
            "history": [_record_to_json(record) for record in self.history_],
            "trainer": _trainer_to_json(self._trainer),
            **self._target_to_json(),
        }
        return {"fitted": fitted, "model": json.loads(self.model_.to_json())}

    def _restore(self, document: dict[str, Any]) -> None:
        model = Model.from_json(json.dumps(document["model"]))
        fitted = document["fitted"]
        only(document, "it", *MEMBERS, "model")
        only(fitted, "'fitted'", *FEATURES, "seed", "history", "trainer", *self._target_members)
        n_features = restore_features(self, fitted)
        if model.n_inputs != n_features:
            raise ValueError(f"{n_features} features do not fit a model of {model.n_inputs} inputs")
        self._restore_target(fitted)
        if model.n_outputs != self._n_outputs():
            raise ValueError(f"a model of {model.n_outputs} outputs does not fit the targets")
        self._seed = count(fitted["seed"], "seed")
        if not isinstance(fitted["history"], list):
            raise ValueError("'history' is no list")
        self.history_ = [_record(k, record) for k, record in enumerate(fitted["history"], 1)]
        self.model_ = model
        self._trainer = _trainer_from_json(fitted.get("trainer"), document["model"])


def _record_to_json(record: Record) -> dict[str, float | None]:
    return {name: None if math.isnan(value) else value for name, value in record.items()}


def _record(epoch: int, record: dict[str, Any]) -> Record:
    only(record, "a record of the history", *RECORD)
    out = {name: math.nan if record[name] is None else finite(record[name]) for name in RECORD}
    if out["epoch"] != epoch:
        raise ValueError(f"record {epoch} of the history is one of epoch {out['epoch']}")
    return out


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
