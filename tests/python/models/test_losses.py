"""Losses of a whole batch, one's own losses, rates and clipped gradients."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest

import ketgrad as kg
from ketgrad.layers import Activation, Chain, CircuitLayer, Dense

RNG = np.random.default_rng(1)
X = RNG.normal(size=(24, 3))
Y = np.tanh(X @ RNG.normal(size=(3, 2)))


def model(seed: int = 1) -> kg.Model:
    out = kg.Model(Chain([Dense(3, 4), Activation("tanh", 4), Dense(4, 2)]))
    out.initialize(seed=seed)
    return out


def squared(outputs: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    difference = outputs - targets
    return float(np.mean(difference**2)), 2 * difference / difference.size


@pytest.mark.parametrize(
    "loss",
    [
        kg.losses.mmd(5, [0.5, 2.0]),
        kg.losses.mmd(5, distance="hamming"),
        kg.losses.negative_log_likelihood,
        kg.losses.kl_divergence,
    ],
)
def test_losses_of_distributions_have_their_derivatives(loss):
    p, q = RNG.dirichlet(np.ones(5), size=(2, 3))
    value, gradient = loss(p, q)
    assert value > 0
    for i in range(p.size):
        step = 1e-6 * np.eye(p.size)[i].reshape(p.shape)
        slope = (loss(p + step, q)[0] - loss(p - step, q)[0]) / 2e-6
        assert gradient.ravel()[i] == pytest.approx(slope, rel=1e-6, abs=1e-7)
    if loss is not kg.losses.negative_log_likelihood:
        assert loss(q, q)[0] == pytest.approx(0, abs=1e-14)


def test_losses_of_the_same_numbers_are_equal():
    losses = kg.losses
    for one in (losses.mmd(4), losses.kernel_alignment(), losses.kernel_alignment(0.5)):
        assert one == pickle.loads(pickle.dumps(one))
    assert len({losses.mmd(4), losses.mmd(4, (0.25, 1, 4.0)), losses.mmd(5)}) == 2
    assert losses.mmd(4) != losses.mmd(4, distance="hamming")
    assert losses.kernel_alignment(1) == losses.kernel_alignment(1.0)
    assert losses.kernel_alignment() != losses.kernel_alignment(1.0)
    assert losses.mmd(4) != losses.kernel_alignment(4.0)


def test_outcomes_may_be_vectors_of_bits():
    """Of pure distributions: 2 - 2 k(x, y), with the distance between the vectors."""
    loss = kg.losses.mmd(8, [0.5], distance="hamming")
    for x, y, differing in ((0, 7, 3), (5, 6, 2), (3, 2, 1)):
        value, _ = loss(np.eye(8)[[x]], np.eye(8)[[y]])
        assert value == pytest.approx(2 - 2 * np.exp(-differing / (2 * 0.5)))


def test_mmd_is_that_of_samples():
    """Of samples x of p and y of q: mean k(x, x') - 2 mean k(x, y) + mean k(y, y')."""
    p, q = np.array([[0.5, 0.25, 0.25]]), np.array([[0.0, 0.5, 0.5]])
    xs, ys = [0, 0, 1, 2], [1, 1, 2, 2]

    def mean(a: list[int], b: list[int]) -> float:
        return float(np.mean([[np.exp(-((i - j) ** 2) / (2 * 0.7)) for i in a] for j in b]))

    expected = mean(xs, xs) - 2 * mean(xs, ys) + mean(ys, ys)
    assert kg.losses.mmd(3, [0.7])(p, q)[0] == pytest.approx(expected, abs=1e-14)


def test_a_loss_of_ones_own_trains_as_ours_does():
    ours = kg.Trainer(model(), loss="squared", epochs=5, batch_size=8, seed=1)
    own = kg.Trainer(model(), loss=squared, epochs=5, batch_size=8, seed=1)
    ours.fit(X, Y)
    own.fit(X, Y)
    np.testing.assert_allclose(own.model.parameters, ours.model.parameters, atol=1e-12)
    assert own.history[-1]["loss"] == pytest.approx(ours.history[-1]["loss"], abs=1e-12)


@pytest.mark.parametrize("loss", [kg.losses.mmd(8), kg.losses.kl_divergence])
def test_a_born_machine_learns(loss):
    w = kg.ParameterVector("w", 18)
    circuit = kg.Circuit(3)
    for k in range(0, 18, 6):
        circuit.ry(w[k : k + 3], range(3)).rz(w[k + 3 : k + 6], range(3)).cx([0, 1], [1, 2])
    born = kg.Model(CircuitLayer(kg.compile(circuit), of="probs"))
    born.initialize(seed=2, spread=1.0)
    target = np.array([[0.3, 0.0, 0.1, 0.2, 0.0, 0.2, 0.2, 0.0]])
    trainer = kg.Trainer(born, loss=loss, learning_rate=0.1, epochs=300)
    trainer.fit(np.zeros((1, 0)), target)
    assert np.abs(trainer.model.outputs(np.zeros((1, 0))) - target).sum() < 0.1


def test_rates_hold_and_slow_parameters():
    trainer = kg.Trainer(
        model(), loss="squared", optimizer="sgd", learning_rate=0.1, rates={"0.": 0, "2.bias": 0.5}
    )
    plain = kg.Trainer(model(), loss="squared", optimizer="sgd", learning_rate=0.1)
    start = model().parameters
    trainer.step_epoch(X, Y)
    plain.step_epoch(X, Y)
    moved, all_moved = trainer.model.parameters - start, plain.model.parameters - start
    names = model().layer.parameter_names
    for k, name in enumerate(names):
        rate = 0 if name.startswith("0.") else 0.5 if name.startswith("2.bias") else 1
        assert moved[k] == pytest.approx(rate * all_moved[k], abs=1e-15)
    again = pickle.loads(pickle.dumps(trainer))
    trainer.step_epoch(X, Y)
    again.step_epoch(X, Y)
    np.testing.assert_array_equal(again.model.parameters, trainer.model.parameters)


def test_long_gradients_are_shortened_and_steps_are_told():
    records = []
    trainer = kg.Trainer(
        model(),
        loss="squared",
        optimizer="sgd",
        learning_rate=1.0,
        batch_size=8,
        epochs=2,
        max_gradient_norm=0.01,
        seed=1,
    )
    trainer.fit(X, Y, step_callback=records.append)
    assert [record["step"] for record in records] == [1, 2, 3, 4, 5, 6]
    assert [record["epoch"] for record in records] == [1, 1, 1, 2, 2, 2]
    before = model().parameters
    for record in records:
        assert record["gradient_norm"] > 0.01
        assert np.linalg.norm(record["parameters"] - before) == pytest.approx(0.01, rel=1e-9)
        before = record["parameters"]
    assert records[0]["loss"] > 0
    assert records[0]["learning_rate"] == 1.0


def test_a_step_callback_ends_training():
    trainer = kg.Trainer(model(), loss="squared", batch_size=4, epochs=50)
    trainer.fit(X, Y, step_callback=lambda record: record["step"] < 8)
    assert len(trainer.history) == 2


def test_older_trainers_are_read():
    text = kg.Trainer(model(), loss="squared").to_json()
    document = json.loads(text)
    del document["options"]["max_gradient_norm"]
    assert kg.Trainer.from_json(json.dumps(document)).to_json() == text


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="no parameter's name begins with '7'"):
        kg.Trainer(model(), rates={"7": 0.5})
    with pytest.raises(ValueError, match="the rate of parameter 0 is -1"):
        kg.Trainer(model(), rates={"0.": -1})
    with pytest.raises(ValueError, match="not for 'l-bfgs'"):
        kg.Trainer(model(), optimizer="l-bfgs", rates={"0.": 0.5})
    with pytest.raises(ValueError, match="the longest gradient is 0"):
        kg.Trainer(model(), max_gradient_norm=0)
    own = kg.Trainer(model(), loss=squared)
    with pytest.raises(TypeError, match="third argument"):  # squared() takes no sample weights
        own.fit(X, Y, np.ones(24))
    for narrow in (lambda o: (0.0, o), lambda o, t, w: (0.0, o)):
        with pytest.raises(TypeError, match="must take outputs and targets, and weights only"):
            kg.Trainer(model(), loss=narrow).fit(X, Y)
    before = own.model.parameters
    for bad, message in [
        (lambda o, t: o.sum(), r"returns \(value, derivatives by what it was given\)"),
        (lambda o, t: (0.0, o[:, :1]), r"must have shape \(24, 2\), got \(24, 1\)"),
        (lambda o, t: (np.nan, o), "the loss is nan"),
        (lambda o, t: (0.0, o * np.inf), "derivative 0 of the loss is"),
        (lambda o, t: ([0.0, 1.0], o), "one number"),
    ]:
        trainer = kg.Trainer(model(), loss=bad, batch_size=0)
        with pytest.raises(ValueError, match=message):
            trainer.fit(X, Y)
        np.testing.assert_array_equal(trainer.model.parameters, before)

    def broken(outputs: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
        raise KeyError("of one's own")

    with pytest.raises(KeyError, match="of one's own"):
        kg.Trainer(model(), loss=broken).fit(X, Y)
    with pytest.raises(ValueError, match=r"a longest gradient .* not for 'spsa'"):
        kg.Trainer(model(), optimizer="spsa", max_gradient_norm=1.0)
    with pytest.raises(ValueError, match="'qng' is for the model of one circuit"):
        kg.Trainer(model(), optimizer="qng")
    with pytest.raises(ValueError, match=r"the same shape .* \(3,\) and \(3,\)"):
        kg.losses.kl_divergence(np.ones(3), np.ones(3))
    with pytest.raises(ValueError, match="bandwidths"):
        kg.losses.mmd(4, [0.0])
    with pytest.raises(ValueError, match="'far'"):
        kg.losses.mmd(4, distance="far")
    with pytest.raises(ValueError, match="the model has 2 outputs; this loss is for 4"):
        kg.Trainer(model(), loss=kg.losses.mmd(4)).fit(X, Y)


def test_training_that_diverges_keeps_the_last_good_parameters():
    for optimizer, rate in (("sgd", 1e3), ("adam", 1e300)):
        trainer = kg.Trainer(
            model(), loss="squared", optimizer=optimizer, learning_rate=rate, epochs=500
        )
        with pytest.raises(ValueError, match=r"not finite|loss of a mini-batch is"):
            trainer.fit(X, 1e3 * Y)
        assert np.isfinite(trainer.model.parameters).all()
        pickle.loads(pickle.dumps(trainer.model))


def test_callbacks_may_look_but_not_train():
    trainer = kg.Trainer(model(), loss="squared", epochs=3, early_stopping=True)
    seen = []

    def look(record: dict) -> None:
        seen.append(trainer.model.parameters)
        for train in (trainer.fit, trainer.step_epoch, trainer.resume):
            with pytest.raises(RuntimeError, match="may look at it, but not train it"):
                train(X, Y)

    trainer.fit(X, Y, callback=look, step_callback=look)
    assert len(seen) == 6
    trainer.fit(X, Y, step_callback=lambda record: "yes")


def test_a_gradient_of_any_length_is_shortened():
    trainer = kg.Trainer(
        kg.Model(Dense(1, 1)),
        loss=lambda o, t: (0.0, np.full_like(o, 1e200)),
        optimizer="sgd",
        learning_rate=1.0,
        max_gradient_norm=1.0,
    )
    trainer.step_epoch([[1.0]], [[0.0]])
    assert np.linalg.norm(trainer.model.parameters) == pytest.approx(1.0)


@pytest.mark.parametrize("weights", [[0.0, 0.0], [-1.0, 3.0], [np.inf, 1.0], [np.nan, 1.0]])
def test_weights_that_are_none(weights):
    p = np.full((2, 4), 0.25)
    for loss in (kg.losses.mmd(4), kg.losses.kl_divergence, kg.losses.negative_log_likelihood):
        with pytest.raises(ValueError, match="weights sum to"):
            loss(p, p, np.array(weights))


def test_sample_weights_whose_sum_is_not_finite_are_refused():
    trainer = kg.Trainer(kg.make_model(1, n_layers=1), loss="squared", epochs=1, seed=0)
    X, y = np.zeros((60, 1)), np.zeros(60)
    with pytest.raises(ValueError, match="the sample weights sum to inf"):
        trainer.fit(X, y, sample_weight=np.full(60, 1e307))


def test_frequencies_of_the_data_sum_to_one():
    born = kg.Model(kg.layers.CircuitLayer(kg.compile(kg.hardware_efficient(1, 1)), of="probs"))
    judge = kg.Model(kg.layers.Dense(1, 1))
    for wrong in ([0.0, 0.0], [1.0, 1.0], [-0.5, 1.5]):
        with pytest.raises(ValueError, match="data has frequencies"):
            kg.losses.train_adversarial(born, judge, wrong, outcomes=[[0], [1]], steps=1)


def test_pairs_that_cannot_learn_from_each_other():
    def adversarial(generator=(1, 2), judge=(2, 1), data=X[:, :2], **options):
        models = [kg.Model(Dense(*m)) if isinstance(m, tuple) else m for m in (generator, judge)]
        kg.losses.train_adversarial(*models, data, steps=1, **options)

    adversarial()
    broken = X[:, :2].copy()
    broken[5, 1] = np.nan
    with pytest.raises(ValueError, match=r"data\[5, 1\] is nan; it must be finite"):
        adversarial(data=broken)
    for judge in ((3, 1), (2, 3)):
        with pytest.raises(ValueError, match=r"has \d input.s. and \d output.s.; .* have 2 and 1"):
            adversarial(judge=judge)
    born = kg.Model(CircuitLayer(kg.compile(kg.hardware_efficient(1, 1)), of="probs"))
    with pytest.raises(ValueError, match=r"outcomes \(2, n_features\).* \(2,\) and \(2,\)"):
        adversarial(born, (1, 1), [0.5, 0.5], outcomes=[0, 1])
    with pytest.raises(TypeError, match=r"generator must be a Model, not 'x' \(str\)"):
        adversarial(generator="x")
    with pytest.raises(TypeError, match=r"callback must be a function, not 3 \(int\)"):
        adversarial(callback=3)
    with pytest.raises(TypeError, match=r"discriminator must be a function, not .*Model"):
        kg.losses.fooling(kg.Model(Dense(2, 1)))
