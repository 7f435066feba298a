"""Training that was killed goes on from its checkpoint to the same bits."""

import copy
import functools
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ketgrad as kg
from ketgrad import losses
from ketgrad.layers import CircuitLayer, Dense


def trainer_and_data() -> tuple[kg.Trainer, np.ndarray, np.ndarray]:
    model = kg.make_model(2, n_layers=1)
    model.initialize(seed=3)
    x = np.random.default_rng(0).normal(size=(40, 2))
    trainer = kg.Trainer(model, loss="squared", epochs=9, batch_size=16, seed=5)
    return trainer, x, np.sin(x[:, :1])


def test_resume_equals_an_uninterrupted_fit(tmp_path: Path) -> None:
    whole, x, y = trainer_and_data()
    whole.fit(x, y)
    path = tmp_path / "run.json"
    killed, _, _ = trainer_and_data()

    def kill(record: dict[str, float]) -> None:
        if record["epoch"] == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed.fit(x, y, callback=kill, checkpoint=path, checkpoint_every=3)
    resumed = kg.Trainer.from_json(path.read_text())
    assert len(resumed.history) == 6
    resumed.resume(x, y, checkpoint=path)
    np.testing.assert_array_equal(resumed.model.parameters, whole.model.parameters)
    assert [r["loss"] for r in resumed.history] == [r["loss"] for r in whole.history]
    assert json.loads(path.read_text())["run"] is None
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]


def test_other_data_and_bad_places_are_refused(tmp_path: Path) -> None:
    trainer, x, y = trainer_and_data()
    with pytest.raises(ValueError, match="no unfinished fit"):
        trainer.resume(x, y)
    with pytest.raises(FileNotFoundError, match="no_such_folder"):
        trainer.fit(x, y, checkpoint=tmp_path / "no_such_folder" / "run.json")
    with pytest.raises(ValueError, match="not those of the unfinished fit"):
        trainer.resume(x + 1, y)
    with pytest.raises(ValueError, match="every 0 epochs"):
        trainer.fit(x, y, checkpoint="a.json", checkpoint_every=0)


def squared(outputs: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    difference = outputs - targets
    return float(np.mean(difference**2)), 2 * difference / difference.size


class Scaled:
    """A loss with a number, which it shows."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def __repr__(self) -> str:
        return f"Scaled({self.factor})"

    def __call__(self, outputs: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = squared(outputs, targets)
        return self.factor * value, self.factor * gradient


JUDGE = kg.Model(Dense(4, 1, bias=False))
JUDGE.parameters = np.array([0.5, -1.0, 2.0, 0.1])


def judge() -> kg.Model:
    return JUDGE


# Made anew by every call, as another process would.
OWN: dict[str, Callable[[], Any]] = {
    "mmd(4, (0.25, 1.0, 4.0), distance='integer')": lambda: losses.mmd(4),
    "mmd(4, (0.5,), distance='hamming')": lambda: losses.mmd(4, [0.5], distance="hamming"),
    "negative_log_likelihood": lambda: losses.negative_log_likelihood,
    "kl_divergence": lambda: losses.kl_divergence,
    "kernel_alignment(None)": losses.kernel_alignment,
    "kernel_alignment(1.0)": lambda: losses.kernel_alignment(1),
    "fooling": lambda: losses.fooling(judge),
    "squared": lambda: squared,
    "Scaled(0.5)": lambda: Scaled(0.5),
}


def born(loss: Any) -> tuple[kg.Trainer, np.ndarray, np.ndarray]:
    """A machine with inputs, so that batches are drawn and rows differ."""
    x = kg.ParameterVector("x", 2)
    circuit = kg.Circuit(2).ry(x, [0, 1]).compose(kg.hardware_efficient(2, 2))
    model = kg.Model(CircuitLayer(kg.compile(circuit, inputs=x), of="probs"))
    model.initialize(seed=2, spread=1.0)
    rng = np.random.default_rng(3)
    trainer = kg.Trainer(model, loss=loss, epochs=6, batch_size=8, learning_rate=0.05, seed=4)
    return trainer, rng.normal(size=(20, 2)), rng.dirichlet(np.ones(4), 20)


@pytest.mark.parametrize("name", OWN)
def test_a_loss_of_ones_own_is_given_again(tmp_path: Path, name: str) -> None:
    whole, x, y = born(OWN[name]())
    whole.fit(x, y)
    path = tmp_path / "run.json"
    killed, _, _ = born(OWN[name]())

    def kill(record: dict[str, float]) -> None:
        if record["epoch"] == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed.fit(x, y, callback=kill, checkpoint=path, checkpoint_every=2)
    text = path.read_text()
    assert json.loads(text)["options"]["loss"] == {"own": name}
    resumed = kg.Trainer.from_json(text, loss=OWN[name]())
    assert len(resumed.history) == 4
    resumed.resume(x, y, checkpoint=path)
    np.testing.assert_array_equal(resumed.model.parameters, whole.model.parameters)
    assert [r["loss"] for r in resumed.history] == [r["loss"] for r in whole.history]
    assert kg.Trainer.from_json(path.read_text(), loss=OWN[name]()).to_json() == whole.to_json()


@pytest.mark.parametrize("name", [name for name in OWN if "locals" not in name])
@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))]
)
def test_copies_have_the_loss(duplicate: Any, name: str) -> None:
    trainer, x, y = born(OWN[name]())
    trainer.step_epoch(x, y)
    again = duplicate(duplicate(trainer))
    for one in (trainer, again):
        one.step_epoch(x, y)
    np.testing.assert_array_equal(again.model.parameters, trainer.model.parameters)
    assert again.to_json() == trainer.to_json()


class Counting(Scaled):
    """One that shows what changes."""

    steps = 0

    def __repr__(self) -> str:
        return f"Counting({self.steps})"

    def __call__(self, outputs: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
        self.steps += 1
        return super().__call__(outputs, targets)


def test_a_loss_that_changes_is_copied_as_it_is() -> None:
    trainer, x, y = born(Counting(0.5))
    trainer.step_epoch(x, y)
    again = pickle.loads(pickle.dumps(trainer))
    for one in (trainer, again):
        one.step_epoch(x, y)
    np.testing.assert_array_equal(again.model.parameters, trainer.model.parameters)


def test_losses_that_share_a_name_are_not_written(tmp_path: Path) -> None:
    def powered(outputs: Any, targets: Any, factor: float = 1.0) -> Any:
        return Scaled(factor)(outputs, targets)

    factor = 2.0
    nameless = [
        lambda o, t: squared(o, t),
        lambda o, t: Scaled(factor)(o, t),
        functools.partial(powered, factor=2.0),
    ]
    for loss in nameless:
        trainer, x, y = born(loss)
        assert "a loss of its own" in repr(trainer)
        before = np.array(trainer.model.parameters)
        with pytest.raises(ValueError, match="no name that tells it from others"):
            trainer.fit(x, y, checkpoint=tmp_path / "fit.json")
        np.testing.assert_array_equal(trainer.model.parameters, before)


def test_pairs_that_learn_from_each_other_go_on() -> None:
    """Two trainers in turn, both written and read half-way."""

    def pair() -> list[kg.Trainer]:
        trainer, _, _ = born("squared")
        critic = kg.Trainer(JUDGE, loss="cross_entropy", batch_size=0, seed=1)
        loss = losses.fooling(lambda: critic.model, np.eye(4))
        return [kg.Trainer(trainer.model, loss=loss, batch_size=0, seed=1), critic]

    def turns(forger: kg.Trainer, critic: kg.Trainer) -> None:
        for _ in range(3):
            made = forger.model.outputs(noise)
            critic.step_epoch(np.vstack([data, made]), np.repeat([1.0, 0.0], len(data)))
            forger.step_epoch(noise, None)

    _, noise, data = born("squared")
    whole = pair()
    turns(*whole)
    texts = [trainer.to_json() for trainer in whole]
    turns(*whole)
    critic = kg.Trainer.from_json(texts[1])
    loss = losses.fooling(lambda: critic.model, np.eye(4))
    read = [kg.Trainer.from_json(texts[0], loss=loss), critic]
    turns(*read)
    for mine, theirs in zip(read, whole, strict=True):
        np.testing.assert_array_equal(mine.model.parameters, theirs.model.parameters)


def test_other_losses_are_refused() -> None:
    own = born(losses.mmd(4))[0].to_json()
    with pytest.raises(ValueError, match=r"loss of one's own, mmd\(4, .*: give it again"):
        kg.Trainer.from_json(own)
    with pytest.raises(ValueError, match=r"the loss mmd\(4, .*this one is kl_divergence"):
        kg.Trainer.from_json(own, loss=losses.kl_divergence)
    with pytest.raises(ValueError, match=r"0\.25, .*this one is mmd\(4, \(2\.0,\)"):
        kg.Trainer.from_json(own, loss=losses.mmd(4, [2.0]))
    named = born("squared")[0].to_json()
    with pytest.raises(ValueError, match="written with the loss 'squared'; a loss is given for"):
        kg.Trainer.from_json(named, loss=squared)
    document = json.loads(own)
    for wrong, message in (
        ({"own": 3}, "expected a string"),
        ({"mine": "x"}, "unknown key 'mine'"),
        ({}, "own"),
        (5, "loss"),
    ):
        document["options"]["loss"] = wrong
        with pytest.raises(ValueError, match=message):
            kg.Trainer.from_json(json.dumps(document), loss=squared)

    def local(outputs: Any, targets: Any) -> Any:
        return squared(outputs, targets)

    trainer, _, _ = born(local)
    trainer.to_json()
    with pytest.raises((pickle.PicklingError, AttributeError), match="local"):
        pickle.dumps(trainer)
