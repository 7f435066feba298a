"""Data, options and models that trainers refuse."""

from typing import Any

import numpy as np
import pytest

import ketgrad as kg
from refusals import NAN, refuses

ROWS, TARGETS = np.zeros((8, 2)), np.zeros((8, 1))


@pytest.mark.parametrize(
    ("inputs", "targets", "weight", "error", "parts"),
    [
        (np.zeros((8, 3)), TARGETS, None, ValueError, ["inputs", "(samples, 2)", "(8, 3)"]),
        (np.zeros(2), TARGETS, None, ValueError, ["inputs", "(samples, 2)", "(2,)"]),
        (ROWS, np.zeros((8, 2)), None, ValueError, ["targets", "(samples, 1)", "(8, 2)"]),
        (ROWS, np.zeros((8, 1, 1)), None, ValueError, ["targets", "(samples,)", "(8, 1, 1)"]),
        (ROWS, [[0.0], [0.0, 1.0]], None, ValueError, ["targets", "of one length"]),
        (ROWS, np.zeros((7, 1)), None, ValueError, ["8 rows", "7"]),
        (ROWS, TARGETS, np.ones(7), ValueError, ["7", "8"]),
        (ROWS, TARGETS, np.ones(16), ValueError, ["16", "8"]),
        (ROWS, TARGETS, -np.ones(8), ValueError, ["-1", "negative"]),
        (ROWS, TARGETS, np.zeros(8), ValueError, ["0", "positive"]),
        (ROWS, TARGETS, np.full(8, NAN), ValueError, ["nan"]),
        (np.zeros((0, 2)), np.zeros((0, 1)), None, ValueError, ["no samples"]),
        (np.full((8, 2), NAN), TARGETS, None, ValueError, ["input", "nan", "finite"]),
        (ROWS, np.full((8, 1), NAN), None, ValueError, ["target", "nan"]),
        (ROWS + 1j, TARGETS, None, TypeError, ["inputs must be real", "complex"]),
        (ROWS, TARGETS.astype(str), None, TypeError, ["targets must be real"]),
        (ROWS, None, None, TypeError, ["targets is None", "loss of one's own"]),
        (ROWS, TARGETS, ["a"] * 8, TypeError, ["sample_weight must be real"]),
    ],
)
def test_training_data(
    trainer: kg.Trainer,
    inputs: Any,
    targets: Any,
    weight: Any,
    error: type[Exception],
    parts: list[str],
) -> None:
    for train in (trainer.fit, trainer.step_epoch):
        with refuses(error, *parts):
            train(inputs, targets, sample_weight=weight)


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({"loss": "warp"}, ["'warp'", "cross_entropy"]),
        ({"optimizer": "warp"}, ["'warp'", "adam"]),
        ({"schedule": "warp"}, ["'warp'", "cosine"]),
        ({"learning_rate": 0.0}, ["0"]),
        ({"learning_rate": NAN}, ["nan"]),
        ({"epochs": 0}, ["epochs is 0", "at least 1"]),
        ({"patience": 0, "early_stopping": True}, ["patience is 0", "at least 1"]),
        ({"tolerance": -1.0, "early_stopping": True}, ["tolerance is -1"]),
        ({"validation_fraction": 1.0}, ["fraction is 1", "[0, 1)"]),
        ({"momentum": 1.0, "optimizer": "nesterov"}, ["1", "[0, 1)"]),
        ({"weight_decay": -0.1, "optimizer": "adamw"}, ["-0.1"]),
    ],
)
def test_training_options(options: dict[str, Any], parts: list[str]) -> None:
    with refuses(ValueError, *parts):
        kg.Trainer(kg.make_model(1), **options)


def test_models() -> None:
    model = kg.make_model(2, n_layers=1)
    before = model.parameters
    with refuses(ValueError, str(model.n_parameters), "got 1"):
        model.parameters = [0.0]
    with refuses(ValueError, "parameter 0", "nan"):
        model.parameters = np.full(model.n_parameters, NAN)
    with refuses(TypeError, "real"):
        model.parameters = before + 1j
    with refuses(ValueError, "spread", "-1"):
        model.initialize(spread=-1)
    with refuses(ValueError, "(samples, 2)", "(1, 3)"):
        model.outputs([[0.0, 0.0, 0.0]])
    with refuses(ValueError, "at least one observable"):
        kg.Model(kg.Circuit(1), [], [])
    np.testing.assert_array_equal(model.parameters, before)
    with refuses(ValueError, "'warp'"):
        kg.class_targets([0, 1], 2, "warp")
    with refuses(IndexError, "class 2", "2 classes"):
        kg.class_targets([0, 2], 2)
    with refuses(ValueError, "-1 at 0", "at least 0"):
        kg.class_targets([-1], 2)


def test_a_checkpoint_that_is_no_path_is_named() -> None:
    trainer = kg.Trainer(kg.make_model(1), loss="squared")
    with refuses(
        TypeError, "fit(): checkpoint must be os.PathLike | str | bytes | None, not 0 (int)"
    ):
        trainer.fit([[0.1]], [0.2], checkpoint=0)
