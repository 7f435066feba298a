"""Trainings of two models that learn from each other, ended and gone on with."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ketgrad as kg
from ketgrad.layers import Activation, Chain, CircuitLayer, Dense
from ketgrad.losses import train_adversarial

RNG = np.random.default_rng(5)
DATA = 2 + 0.5 * RNG.normal(size=(30, 1))
FREQUENCIES = np.array([0.1, 0.2, 0.3, 0.4])
OUTCOMES = np.array([[0.0, 0.0], [1, 0], [0, 1], [1, 1]])


def judge(n: int) -> kg.Model:
    out = kg.Model(Chain([Dense(n, 3), Activation("tanh", 3), Dense(3, 1)]))
    out.initialize(seed=1)
    return out


def of_samples(**options: Any) -> Any:
    generator = kg.Model(Dense(1, 1))
    generator.initialize(seed=1)
    options = {"seed": 3, "batch_size": 4, **options}
    return train_adversarial(generator, judge(1), DATA, **options)


def of_outcomes(**options: Any) -> Any:
    born = kg.Model(CircuitLayer(kg.compile(kg.hardware_efficient(2, 1)), of="probs"))
    born.initialize(seed=1)
    options = {"optimizer": kg.Optimizer("adam", 0.02, amsgrad=True), **options}
    return train_adversarial(born, judge(2), FREQUENCIES, outcomes=OUTCOMES, **options)


def same(found: Any, expected: Any) -> None:
    for a, b in zip(found[:2], expected[:2], strict=True):
        np.testing.assert_array_equal(a.parameters, b.parameters)
    assert found[2] == expected[2]


@pytest.mark.parametrize("train", [of_samples, of_outcomes])
def test_a_killed_training_goes_on_to_the_same_bits(tmp_path: Path, train: Any) -> None:
    path = tmp_path / "pair.json"
    whole = train(steps=9)

    def kill(record: dict[str, float]) -> None:
        if record["step"] == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(steps=9, callback=kill, checkpoint=path, checkpoint_every=3)
    assert len(json.loads(path.read_text())["history"]) == 6
    steps: list[float] = []
    again = train(steps=9, callback=lambda r: steps.append(r["step"]), checkpoint=path)
    assert steps == [7, 8, 9]
    same(again, whole)
    same(train(steps=9, checkpoint=path), whole)  # it is over
    same(train(steps=12, checkpoint=path), train(steps=12))  # further than it was meant to go
    assert [p.name for p in tmp_path.iterdir()] == ["pair.json"]


def test_a_callback_ends_it_where_it_can_go_on(tmp_path: Path) -> None:
    path = tmp_path / "pair.json"
    ended = of_samples(steps=5, callback=lambda record: record["step"] < 2, checkpoint=str(path))
    assert len(ended[2]) == 2
    same(of_samples(steps=5, checkpoint=path), of_samples(steps=5))


def test_a_training_of_more_steps_is_refused_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "pair.json"
    of_samples(steps=3, checkpoint=path)
    text = path.read_text()
    with pytest.raises(ValueError, match="it has done 3 steps, more than steps=2"):
        of_samples(steps=2, checkpoint=path)
    assert path.read_text() == text


def test_other_trainings_are_refused_and_stay(tmp_path: Path) -> None:
    path = tmp_path / "pair.json"
    of_samples(steps=2, checkpoint=path)
    text = path.read_text()
    for other in ({"batch_size": 5}, {"seed": 4}, {"optimizer": "sgd"}, {"discriminator_steps": 1}):
        with pytest.raises(ValueError, match=r"pair\.json' is no training .* options are others"):
            of_samples(steps=3, checkpoint=path, **other)
    with pytest.raises(ValueError, match="options are others"):
        of_outcomes(steps=3, checkpoint=path)
    assert path.read_text() == text


def test_numbers_of_numpy_are_the_same_options(tmp_path: Path) -> None:
    path = tmp_path / "pair.json"
    of_samples(steps=2, checkpoint=path)
    numbers = {"batch_size": np.int64(4), "seed": np.int64(3)}
    same(of_samples(steps=4, checkpoint=path, **numbers), of_samples(steps=4))


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "pair.json"
    of_samples(steps=2, checkpoint=path)
    document = json.loads(path.read_text())
    record, random = document["history"][0], document["random"]
    trainer = kg.Trainer(kg.Model(Dense(1, 1)), loss="squared").to_json()
    no_format, no_record = "it is not of the format 'ketgrad.adversarial'", "record 1 .* is damaged"
    damaged: list[tuple[dict[str, Any], str]] = [
        ({"format": 3}, no_format),
        ({"version": 2}, "it has version 2; it must be 1"),
        ({"version": None}, "it has version None"),
        *(({name: 3}, f"its {name} is no text") for name in ("plan", "discriminator", "generator")),
        ({"generator": "{}"}, ".*key 'format'"),
        ({"history": 3}, "its history is no list"),
        ({"history": {}}, "its history is no list"),
        ({"history": [3]}, no_record),
        ({"history": [{"step": 7}]}, no_record),
        ({"history": document["history"] * 2}, "record 3 .* is damaged"),
        *(({"history": [{**record, "generator_loss": x}]}, no_record) for x in ("a", None, [1])),
        *(
            ({"random": x}, "its random numbers cannot be read")
            for x in (3, None, {"bit_generator": "MT19937"}, {**random, "state": {"state": -1}})
        ),
    ]
    texts = [(json.dumps({**document, **part}), words) for part, words in damaged]
    texts += [(text, no_format) for text in (trainer, "[]", "3", "null", '"x"', "{}")]
    texts += [(text, r"it is not JSON \(.") for text in ("", "{", "[" * 200_000)]
    for text, words in texts:
        path.write_text(text)
        with pytest.raises(ValueError, match=f"is no training to go on with: {words}") as caught:
            of_samples(steps=3, checkpoint=path)
        assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match="checkpoint_every=0"):
        of_samples(checkpoint=tmp_path / "a.json", checkpoint_every=0)
    with pytest.raises(ValueError, match="checkpoint_every is given without checkpoint"):
        of_samples(checkpoint_every=2)
    with pytest.raises(OSError, match="no_such_folder"):
        of_samples(checkpoint=tmp_path / "no_such_folder" / "a.json")
