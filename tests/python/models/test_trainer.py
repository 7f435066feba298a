"""Models and their training loop."""

import copy
import json
import math
import pickle
import sys

import numpy as np
import pytest

import ketgrad as kg

RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, (40, 2))
Y = np.sign(X[:, :1] * X[:, 1:])


def make(loss: str = "squared", **options) -> kg.Trainer:
    model = kg.make_model(2, n_layers=2)
    model.initialize(seed=3)
    options = {"loss": loss, "epochs": 5, "learning_rate": 0.05, "seed": 1, **options}
    if options.get("optimizer") == "l-bfgs":  # finds the lengths of its steps itself
        options = {**options, "learning_rate": None, "schedule": "constant"}
    return kg.Trainer(model, **options)


def targets(loss: str) -> np.ndarray:
    return (Y + 1) / 2 if loss in ("cross_entropy", "multi_label") else Y


def test_targets_of_one_output_may_be_a_vector() -> None:
    column, vector = make(), make()
    column.fit(X, Y)
    vector.fit(X, Y[:, 0])
    np.testing.assert_array_equal(column.model.parameters, vector.model.parameters)
    model = column.model
    assert model.loss("squared", X, Y[:, 0]) == model.loss("squared", X, Y)


def test_observables_of_a_model_may_be_text() -> None:
    circuit = kg.Circuit(2).rx(kg.Parameter("x"), 0).ry(kg.Parameter("w"), 1)
    sums = kg.Model(circuit, [kg.PauliSum("ZI"), kg.PauliSum("0.5*XX")], ["x"])
    text = kg.Model(circuit, ["ZI", {"XX": 0.5}], "x")
    np.testing.assert_array_equal(sums.outputs([[0.3]]), text.outputs([[0.3]]))
    assert kg.Model(circuit, "ZI", "x").n_outputs == 1


def test_a_model_is_scale_times_value_plus_bias() -> None:
    model = kg.make_model(2, n_layers=1)
    model.initialize(seed=1)
    program = kg.compile(model.circuit, kg.readout(2, 1), inputs=kg.ParameterVector("x", 2))
    weights = model.parameters[:-2]
    model.parameters = [*weights, 2.0, -0.5]
    np.testing.assert_allclose(model.outputs(X), 2 * program.expval(X, weights) - 0.5, atol=1e-14)
    assert (model.n_inputs, model.n_outputs, model.n_parameters) == (2, 1, len(weights) + 2)


@pytest.mark.parametrize("loss", kg.loss_names())
@pytest.mark.parametrize("weighted", [False, True])
def test_the_gradient_is_that_of_the_loss(loss: str, weighted: bool) -> None:
    model = kg.make_model(2, n_layers=2, scale_inputs=True)
    model.initialize(seed=2, spread=1.0)
    weight = RNG.uniform(0, 2, len(X)) if weighted else None
    value, gradient = model.loss_and_gradient(loss, X, targets(loss), weight)
    assert value == pytest.approx(model.loss(loss, X, targets(loss), weight), rel=1e-14)
    at = model.parameters
    for k in range(model.n_parameters):
        sides = []
        for step in (1e-6, -1e-6):
            model.parameters = at + step * np.eye(len(at))[k]
            sides.append(model.loss(loss, X, targets(loss), weight))
        assert gradient[k] == pytest.approx((sides[0] - sides[1]) / 2e-6, abs=1e-7)


def test_a_schedule_is_for_optimizers_with_a_learning_rate() -> None:
    with pytest.raises(ValueError, match="'l-bfgs' has no learning_rate; those that have it are"):
        kg.Trainer(kg.make_model(1, n_layers=1), optimizer="l-bfgs", schedule="cosine")


def test_unknown_optimizers_get_the_names_of_those_that_would_do() -> None:
    model = kg.make_model(1, n_layers=1)
    with pytest.raises(ValueError, match=r"no optimizer named 'x'.*spsa, l-bfgs$"):
        kg.Trainer(model, optimizer="x")
    with pytest.raises(ValueError, match=r"no optimizer named 'x'.*adamw$"):
        kg.Optimizer("x")


def test_a_trainer_says_whether_it_stopped_early() -> None:
    whole, early = make(), make(early_stopping=True, tolerance=10.0, patience=2, epochs=50)
    for trainer in (whole, early):
        assert not trainer.stopped_early
        trainer.fit(X, Y)
    assert (whole.stopped_early, len(whole.history)) == (False, 5)
    assert (early.stopped_early, len(early.history)) == (True, 3)


@pytest.mark.parametrize("optimizer", kg.optimizer_names())
def test_every_optimizer_learns(optimizer: str) -> None:
    trainer = make(optimizer=optimizer, epochs=30)
    trainer.fit(X, Y)
    history = trainer.history
    assert [record["epoch"] for record in history] == list(range(1, 31))
    assert history[-1]["loss"] < 0.8 * history[0]["loss"]
    assert math.isnan(history[0]["validation_loss"])


@pytest.mark.parametrize("schedule", kg.schedule_names())
def test_schedules_end_where_they_should(schedule: str) -> None:
    trainer = make(schedule=schedule, epochs=10, batch_size=8)
    trainer.fit(X, Y)
    rates = [record["learning_rate"] for record in trainer.history]
    assert max(rates) <= 0.05 + 1e-15
    if schedule == "constant":
        assert set(rates) == {0.05}
    else:
        assert rates[-1] < 0.1 * 0.05


def test_training_is_repeatable_to_the_bit(threads: None) -> None:
    results = []
    for count in (1, 2, 1):
        kg.set_num_threads(count)
        trainer = make(batch_size=16)
        trainer.fit(X, Y)
        results.append(trainer.model.parameters)
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])
    other = make(batch_size=16, seed=2)
    other.fit(X, Y)
    assert (other.model.parameters != results[0]).any()


def test_epochs_one_by_one_are_the_same_training() -> None:
    whole, steps = make(batch_size=16, schedule="cosine"), make(batch_size=16, schedule="cosine")
    whole.fit(X, Y)
    for epoch in range(1, 6):
        assert steps.step_epoch(X, Y)["epoch"] == epoch
    np.testing.assert_array_equal(whole.model.parameters, steps.model.parameters)
    assert len(steps.history) == 5


@pytest.mark.parametrize("optimizer", kg.optimizer_names())
@pytest.mark.parametrize(
    "duplicate",
    [
        copy.copy,
        lambda t: pickle.loads(pickle.dumps(t)),
        lambda t: kg.Trainer.from_json(t.to_json()),
    ],
)
def test_copies_go_on_as_if_uninterrupted(duplicate, optimizer: str) -> None:
    trainer = make(batch_size=16, schedule="cosine", optimizer=optimizer, epochs=4)
    trainer.step_epoch(X, Y)
    trainer.step_epoch(X, Y)
    other = duplicate(trainer)
    for _ in range(2):
        trainer.step_epoch(X, Y)
    assert len(other.history) == 2  # a copy of its own
    for _ in range(2):
        other.step_epoch(X, Y)
    np.testing.assert_array_equal(other.model.parameters, trainer.model.parameters)
    assert [r["loss"] for r in other.history] == [r["loss"] for r in trainer.history]


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (["format"], "ketgrad.model", "not a ketgrad trainer"),
        (["version"], 2, "version 2"),
        (["model"], None, "model"),
        (["optimizer", "memory"], [[0.0], [0.0]], "remembers 1"),
        (["options", "loss"], "warp", "'warp'"),
        (["options", "epochs"], 0, "epochs is 0"),
        (["options", "seed"], "a", "trainer.options.seed: expected a count"),
        (["options", "epochs"], 2.5, "trainer.options.epochs: expected an integer"),
        (["options", "patience"], True, "expected an integer, got boolean"),
        (["history"], [3], r"trainer.history\[0\]: expected an object"),
        (["run"], {"done": 1}, "trainer.run"),
        (["optimizer", "steps"], 2**63, "'steps' is no count"),
    ],
)
def test_damaged_trainers_are_refused(keys: list[str], value: object, message: str) -> None:
    trainer = make()
    trainer.step_epoch(X, Y)
    document = inner = json.loads(trainer.to_json())
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    with pytest.raises(ValueError, match=message) as info:
        kg.Trainer.from_json(json.dumps(document))
    assert "json.exception" not in str(info.value)
    with pytest.raises(ValueError, match="JSON: parse error"):
        kg.Trainer.from_json("{")


def test_readout_sums_over_groups_of_qubits() -> None:
    def text(n_outputs: int) -> list[str]:
        return [str(observable) for observable in kg.readout(4, n_outputs)]

    assert text(1) == ["IIIZ + IIZI + IZII + ZIII"]
    assert text(3) == [text(1)[0].replace("Z", letter) for letter in "ZXY"]
    assert text(4) == ["IIIZ + IZII", "IIZI + ZIII", "IIIX + IXII", "IIXI + XIII"]
    assert text(12)[:5] == ["IIIZ", "IIZI", "IZII", "ZIII", "IIIX"]
    with pytest.raises(ValueError, match="1 to 12 outputs, not 13"):
        kg.readout(4, 13)


def test_callbacks_see_every_epoch_and_can_stop() -> None:
    seen = []
    make().fit(X, Y, callback=seen.append)
    assert [record["epoch"] for record in seen] == [1, 2, 3, 4, 5]
    trainer = make()
    trainer.fit(X, Y, callback=lambda record: record["epoch"] < 2)
    assert len(trainer.history) == 2


def test_an_exception_in_a_callback_gets_out() -> None:
    def fail(record: dict) -> None:
        raise KeyError(record["epoch"])

    trainer = make()
    with pytest.raises(KeyError, match="1"):
        trainer.fit(X, Y, callback=fail)
    assert len(trainer.history) == 1
    trainer.fit(X, Y)  # and the trainer is still good


def test_early_stopping_restores_the_best_epoch() -> None:
    trainer = make(
        early_stopping=True, validation_fraction=0.25, patience=3, epochs=200, learning_rate=0.3
    )
    trainer.fit(X, Y)
    losses = [record["validation_loss"] for record in trainer.history]
    assert len(losses) < 200
    assert not any(math.isnan(loss) for loss in losses)
    best = min(losses)
    assert losses.index(best) == len(losses) - 1 - 3


def test_a_weight_of_two_is_a_sample_twice() -> None:
    model = make().model
    doubled = model.loss("squared", np.vstack([X, X[:10]]), np.vstack([Y, Y[:10]]))
    weight = np.where(np.arange(len(X)) < 10, 2.0, 1.0)
    assert model.loss("squared", X, Y, weight) == pytest.approx(doubled, rel=1e-13)


def test_samples_of_weight_zero_teach_nothing() -> None:
    weight = np.where(np.arange(len(X)) < 20, 1.0, 0.0)
    some, few = make(batch_size=0), make(batch_size=0)
    some.fit(X, Y, sample_weight=weight)
    few.fit(X[:20], Y[:20])
    np.testing.assert_allclose(some.model.parameters, few.model.parameters, atol=1e-12)


@pytest.mark.parametrize(
    "duplicate",
    [
        kg.Model.copy,
        copy.copy,
        copy.deepcopy,
        lambda m: pickle.loads(pickle.dumps(m)),
        lambda m: kg.Model.from_json(m.to_json()),
    ],
)
@pytest.mark.parametrize("precision", ["single", "double"])
def test_copies_predict_exactly_the_same(duplicate, precision: str) -> None:
    model = kg.make_model(
        2, 3, feature_map="iqp", n_layers=2, scale_inputs=True, precision=precision
    )
    model.initialize(seed=5, spread=2.0)
    other = duplicate(model)
    np.testing.assert_array_equal(other.outputs(X), model.outputs(X))
    other.initialize(seed=6)
    assert (other.parameters != model.parameters).any()


def test_the_trainer_s_model_is_a_copy() -> None:
    trainer = make()
    trainer.model.parameters = np.zeros(trainer.model.n_parameters)
    assert trainer.model.parameters.any()


@pytest.mark.parametrize("feature_map", kg.feature_map_names())
@pytest.mark.parametrize("ansatz", kg.ansatz_names())
@pytest.mark.parametrize("entangle", [True, False])
def test_every_preset_trains(feature_map: str, ansatz: str, entangle: bool) -> None:
    model = kg.make_model(
        2,
        feature_map=feature_map,
        ansatz=ansatz,
        n_layers=1,
        entangle=entangle,
        reupload=feature_map != "amplitude",
    )
    model.initialize(seed=0)
    gates = model.circuit.count_gates()
    if not entangle and feature_map in ("angle", "amplitude"):
        assert not {"cx", "cz"} & gates.keys()
    trainer = kg.Trainer(model, loss="squared", epochs=3, learning_rate=0.1)
    trainer.fit(X, Y)
    assert trainer.history[-1]["loss"] < trainer.history[0]["loss"]


def test_a_trainer_says_what_it_trains() -> None:
    trainer = make(optimizer="rmsprop")
    shape = "2 inputs, 1 outputs, 14 parameters"
    assert trainer.model.n_parameters == 14
    before = f"<ketgrad.Trainer: {shape}, loss 'squared', optimizer 'rmsprop', 0 of 5 epochs>"
    assert repr(trainer) == before
    seen = []
    trainer.fit(X, Y, callback=lambda _: seen.append(repr(trainer)))
    assert "3 of 5 epochs" in seen[2]
    assert "5 of 5 epochs" in repr(trainer)
    own = make(loss=lambda outputs, targets: (0.0, np.zeros_like(outputs)))
    assert "a loss of its own" in repr(own)


def test_class_targets_and_probabilities() -> None:
    np.testing.assert_array_equal(kg.class_targets([2, 0], 3), [[0, 0, 1], [1, 0, 0]])
    np.testing.assert_array_equal(kg.class_targets([1, 0], 2, "hinge"), [[1], [-1]])
    p = kg.class_probabilities([[0.0, 1.0, -1.0], [800.0, -800.0, 0.0]], 3)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    np.testing.assert_allclose(p[0], np.exp([0, 1, -1]) / np.exp([0, 1, -1]).sum())
    np.testing.assert_allclose(p[1], [1, 0, 0])


def test_a_communicator_needs_mpi4py(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    with pytest.raises(ImportError, match=r"comm=3 \(int\) needs mpi4py, and MPI: pip install"):
        make(comm=3)
    with pytest.raises(ImportError, match="on Debian apt install openmpi-bin"):
        kg.Trainer.from_json(make().to_json(), comm=3)
