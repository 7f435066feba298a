"""Searches for learning rates, rules that end a training, mixed precision, sample weights."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest

import ketgrad as kg
from ketgrad.layers import Chain, CircuitLayer, Dense

RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, (96, 2))
Y = np.sign(X[:, :1] * X[:, 1:])


def make(precision: str = "double", **options) -> kg.Trainer:
    circuit = kg.angle_map(2).compose(kg.strongly_entangling(2, 2))
    program = kg.compile(circuit, ["ZI", "IZ"], inputs="x", precision=precision)
    model = kg.Model(Chain([CircuitLayer(program), Dense(2, 1)]))
    model.initialize(seed=2)
    options = {"loss": "squared", "epochs": 5, "batch_size": 16, "seed": 1, **options}
    return kg.Trainer(model, **options)


def squared(outputs, targets, weights=None):
    weights = np.ones(len(outputs)) if weights is None else weights
    shares = (weights / weights.sum())[:, None]
    difference = outputs - targets
    return float(np.sum(shares * difference**2)), 2 * shares * difference


def test_a_search_finds_a_rate_and_leaves_everything() -> None:
    trainer = make()
    trainer.step_epoch(X, Y)
    before = trainer.to_json()
    found = trainer.find_learning_rate(X, Y)
    assert trainer.to_json() == before
    assert {len(found[key]) for key in ("learning_rates", "losses", "smoothed")} == {
        len(found["losses"])
    }
    rates = found["learning_rates"]
    np.testing.assert_allclose(rates[1:] / rates[:-1], 1e6 ** (1 / 99), rtol=1e-9)
    assert rates[0] == 1e-5
    assert 1e-3 < found["suggestion"] < 1
    np.testing.assert_array_equal(trainer.find_learning_rate(X, Y)["losses"], found["losses"])
    good, low = (make(learning_rate=rate) for rate in (found["suggestion"], 1e-5))
    good.fit(X, Y)
    low.fit(X, Y)
    assert good.history[-1]["loss"] < low.history[-1]["loss"] - 0.1


def test_a_search_ends_where_the_loss_diverges() -> None:
    found = make(optimizer="sgd").find_learning_rate(X, Y, highest=1e6, steps=200)
    losses = found["smoothed"]
    assert 20 < len(losses) < 200
    assert max(losses[20:-1]) <= 2 * max(losses[:20])
    still = make().find_learning_rate(X, Y, lowest=1e-12, highest=1e-11, steps=50)
    assert len(still["losses"]) == 50


def test_a_search_smooths_as_it_says() -> None:
    found = make().find_learning_rate(X, Y, steps=30, smoothing=0.8)
    mean, expected = 0.0, []
    for k, loss in enumerate(found["losses"], start=1):
        mean = 0.8 * mean + 0.2 * loss
        expected.append(mean / (1 - 0.8**k))
    np.testing.assert_allclose(found["smoothed"], expected, rtol=1e-12)


def test_a_search_of_a_loss_of_ones_own_and_of_weighted_samples() -> None:
    weight = RNG.uniform(0, 1, len(X))
    ours = make().find_learning_rate(X, Y, weight, steps=20)
    own = make(loss=squared).find_learning_rate(X, Y, weight, steps=20)
    np.testing.assert_allclose(own["losses"], ours["losses"], rtol=1e-9)
    few = np.zeros(len(X))
    few[3] = 1.0  # batches of no weight teach nothing
    assert len(make().find_learning_rate(X, Y, few, steps=3)["losses"]) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lowest": 0.0}, "the lowest rate is 0"),
        ({"lowest": 1.0, "highest": 0.5}, "the highest rate is 0.5"),
        ({"highest": np.inf}, "the highest rate is inf"),
        ({"steps": 1}, "the number of steps is 1"),
        ({"smoothing": 1.0}, r"the smoothing is 1, outside \[0, 1\)"),
    ],
)
def test_bad_searches_are_refused(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make().find_learning_rate(X, Y, **options)


def test_optimizers_without_a_rate_have_no_search() -> None:
    with pytest.raises(ValueError, match="'l-bfgs' has no learning_rate"):
        make(optimizer="l-bfgs").find_learning_rate(X, Y)


def first_flat_step(losses: list[float], window: int) -> int | None:
    for n in range(2 * window, len(losses) + 1):
        last, before = losses[n - window : n], losses[n - 2 * window : n - window]
        if abs(np.mean(last) - np.mean(before)) <= np.std(last) / np.sqrt(window) / 2:
            return n
    return None


def test_the_variance_rule_ends_where_the_paper_says() -> None:
    losses: list[float] = []
    trainer = make(
        early_stopping="variance", patience=30, epochs=400, learning_rate=0.05, batch_size=8
    )
    trainer.fit(X, Y, step_callback=lambda record: losses.append(record["loss"]))
    assert trainer.stopped_early
    assert 60 <= len(losses) < 400 * 12
    assert first_flat_step(losses, 30) == len(losses)
    never = make(epochs=8, learning_rate=0.05, early_stopping="never")
    never.fit(X, Y)
    assert not never.stopped_early
    assert len(never.history) == 8


def test_a_training_by_the_variance_rule_is_resumed_to_the_bit(tmp_path: Path) -> None:
    options = {"early_stopping": "variance", "patience": 20, "epochs": 200, "learning_rate": 0.1}
    whole = make(**options)
    whole.fit(X, Y)
    assert whole.stopped_early
    path = tmp_path / "half"

    def kill(record: dict) -> None:
        if record["epoch"] == 4:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        make(**options).fit(X, Y, callback=kill, checkpoint=path)
    again = kg.Trainer.from_json(path.read_text())
    again.resume(X, Y)
    np.testing.assert_array_equal(again.model.parameters, whole.model.parameters)
    assert str(again.history) == str(whole.history)
    document = json.loads(path.read_text())
    document["run"]["recent"] = [0.0] * 41
    with pytest.raises(ValueError, match="losses of 41 steps, more than twice the patience, 20"):
        kg.Trainer.from_json(json.dumps(document))


@pytest.mark.parametrize(("name", "flag"), [("plateau", True), ("never", False)])
def test_rules_have_names_and_flags(name: str, flag: bool) -> None:
    options = {"epochs": 30, "tolerance": 0.05, "patience": 2} if flag else {"epochs": 4}
    trainers = [make(early_stopping=value, **options) for value in (name, flag)]
    for trainer in trainers:
        trainer.fit(X, Y)
    assert trainers[0].to_json() == trainers[1].to_json()
    document = json.loads(trainers[0].to_json())
    document["options"]["early_stopping"] = flag  # as earlier releases wrote it
    assert kg.Trainer.from_json(json.dumps(document)).to_json() == trainers[0].to_json()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"early_stopping": "often"}, "no stopping rule named 'often'; .* plateau, variance"),
        ({"early_stopping": "never", "patience": 3}, "patience is given without early_stopping"),
        (
            {"early_stopping": "variance", "tolerance": 0.1},
            "tolerance is given without early_stopping by 'plateau'",
        ),
        ({"early_stopping": "variance", "patience": 0}, "the patience is 0"),
    ],
)
def test_bad_rules_are_refused(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(**options)


@pytest.mark.parametrize("value", [3, None, 1.0])
def test_a_rule_is_a_name_or_a_bool(value: object) -> None:
    assert json.loads(make(early_stopping=np.True_).to_json()) == json.loads(
        make(early_stopping=True).to_json()
    )
    with pytest.raises(TypeError, match=rf"the name of a rule, not {value}"):
        make(early_stopping=value)


def test_mixed_precision_trains_to_the_same_loss() -> None:
    double, mixed = (make(precision, epochs=40, learning_rate=0.05) for precision in PRECISIONS)
    double.fit(X, Y)
    mixed.fit(X, Y)
    losses = [trainer.history[-1]["loss"] for trainer in (double, mixed)]
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[1], abs=1e-3)
    # Weights in single precision would have lost most of such a step.
    small = make("single", epochs=1, optimizer="sgd", learning_rate=1e-11)
    before = small.model.parameters
    small.fit(X, Y)
    moved = np.abs(small.model.parameters - before)
    assert np.count_nonzero((moved > 0) & (moved < 1e-9)) > len(moved) // 2
    again = kg.Trainer.from_json(small.to_json())
    np.testing.assert_array_equal(again.model.parameters, small.model.parameters)


PRECISIONS = ("double", "single")


def test_a_loss_of_ones_own_sees_sample_weights() -> None:
    weight = RNG.uniform(0.1, 2, len(X))
    seen: list[np.ndarray] = []

    def own(outputs, targets, weights):
        seen.append(weights)
        return squared(outputs, targets, weights)

    ours, theirs = make(), make(loss=own)
    ours.fit(X, Y, weight)
    theirs.fit(X, Y, weight)
    assert seen[0].shape == (16,)
    np.testing.assert_allclose(theirs.model.parameters, ours.model.parameters, atol=1e-8)
    np.testing.assert_allclose(
        [r["loss"] for r in theirs.history], [r["loss"] for r in ours.history], rtol=1e-12
    )
    with pytest.raises(TypeError, match="third argument"):  # it does not take them
        make(loss=lambda outputs, targets: squared(outputs, targets)).fit(X, Y, weight)


def test_targets_of_a_loss_of_ones_own_have_any_number_of_columns() -> None:
    shapes: list[tuple[int, ...]] = []

    def own(outputs, targets):
        shapes.append(targets.shape)
        return float(outputs.sum()), np.ones_like(outputs)

    trainer = make(loss=own, batch_size=0, epochs=1)
    for targets in (None, Y[:, 0], np.zeros((96, 3))):
        trainer.step_epoch(X, targets)
    assert shapes == [(96, 0), (96, 1), (96, 3)]
    with pytest.raises(ValueError, match=r"shape \(samples,\) or \(samples, columns\)"):
        trainer.step_epoch(X, np.zeros((96, 1, 1)))
    with pytest.raises(ValueError, match="96 rows and targets 5"):
        trainer.step_epoch(X, np.zeros((5, 2)))


def test_a_loss_that_is_no_number_keeps_the_last_good_parameters() -> None:
    steps: list[np.ndarray] = []

    def own(outputs, targets):
        value, gradient = squared(outputs, targets)
        return (np.nan if len(steps) == 3 else value), gradient

    trainer = make(loss=own)
    with pytest.raises(ValueError, match="the loss is nan"):
        trainer.fit(X, Y, step_callback=lambda record: steps.append(record["parameters"]))
    assert len(steps) == 3
    np.testing.assert_array_equal(trainer.model.parameters, steps[-1])
    assert np.isfinite(copy.copy(trainer).model.parameters).all()
