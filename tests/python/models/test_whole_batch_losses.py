"""Kernel alignment, weights of rows, and models that learn from each other."""

from functools import wraps
from typing import Any

import numpy as np
import pytest

import ketgrad as kg
from ketgrad import losses
from ketgrad.layers import Activation, Chain, CircuitLayer, Dense

RNG = np.random.default_rng(3)
Z, LABELS = RNG.normal(size=(6, 3)), np.array([[1.0], [1], [-1], [1], [-1], [-1]])
CLASSES = np.eye(3)[[0, 1, 2, 0, 1, 2]]
P, Q = RNG.dirichlet(np.ones(4), 5), RNG.dirichlet(np.ones(4), 5)

CASES = {
    "aligned": (losses.kernel_alignment(), Z, LABELS),
    "aligned, gaussian": (losses.kernel_alignment(0.7), Z, LABELS),
    "aligned, classes": (losses.kernel_alignment(2.0), Z, CLASSES),
    "mmd": (losses.mmd(4), P, Q),
    "likelihood": (losses.negative_log_likelihood, P, Q),
    "entropy": (losses.kl_divergence, P, Q),
}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_gradients_are_differences(name: str, weighted: bool) -> None:
    loss, outputs, targets = CASES[name]
    weights = [RNG.uniform(0.1, 2, len(outputs))] if weighted else []
    _, gradient = loss(outputs, targets, *weights)
    for k in np.ndindex(outputs.shape):
        step = np.zeros_like(outputs)
        step[k] = 1e-6
        sides = [loss(outputs + s * step, targets, *weights)[0] for s in (1, -1)]
        assert gradient[k] == pytest.approx((sides[0] - sides[1]) / 2e-6, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("name", CASES)
def test_a_weight_of_two_is_a_row_twice(name: str) -> None:
    loss, outputs, targets = CASES[name]
    weights = np.ones(len(outputs))
    weights[1] = 2.0
    twice = np.r_[np.arange(len(outputs)), 1]
    value, gradient = loss(outputs, targets, weights)
    expected, by_twice = loss(outputs[twice], targets[twice])
    assert value == pytest.approx(expected, rel=1e-12)
    folded = by_twice[:-1].copy()
    folded[1] += by_twice[-1]
    np.testing.assert_allclose(gradient, folded, atol=1e-13)


def test_alignment_is_that_of_centred_kernels() -> None:
    n = len(Z)
    centre = np.eye(n) - 1 / n
    ours = centre @ np.exp(-((Z[:, None] - Z) ** 2).sum(-1) / 1.4) @ centre
    theirs = centre @ LABELS @ LABELS.T @ centre
    alignment = np.sum(ours * theirs) / np.linalg.norm(ours) / np.linalg.norm(theirs)
    assert losses.kernel_alignment(0.7)(Z, LABELS)[0] == pytest.approx(1 - alignment, rel=1e-12)
    best, slope = losses.kernel_alignment()(LABELS, LABELS)
    assert best == pytest.approx(0, abs=1e-14)
    np.testing.assert_allclose(slope, 0, atol=1e-14)


@pytest.mark.parametrize("bandwidth", [None, 1.0])
@pytest.mark.parametrize("which", ["outputs", "targets"])
def test_what_does_not_differ_has_no_alignment(bandwidth: float | None, which: str) -> None:
    outputs, targets = Z, LABELS
    if which == "outputs":
        outputs = np.full_like(Z, 0.3)
    else:
        targets = np.ones_like(LABELS)
    value, gradient = losses.kernel_alignment(bandwidth)(outputs, targets)
    assert value == 1
    np.testing.assert_array_equal(gradient, np.zeros_like(Z))


def test_an_aligned_circuit_separates_the_classes() -> None:
    x = RNG.uniform(-1, 1, (80, 2))
    y = np.sign(x[:, 0] * x[:, 1])
    circuit = kg.reupload(kg.angle_map(2), kg.ansatz_layers("strongly_entangling", 2, n_layers=3))
    program = kg.compile(circuit, ["ZI", "IZ", "ZZ"], inputs="x")
    model = kg.Model(CircuitLayer(program))
    model.initialize(seed=1)
    trainer = kg.Trainer(
        model, loss=losses.kernel_alignment(), learning_rate=0.05, epochs=60, seed=1
    )
    trainer.fit(x, y)  # one column for three outputs
    assert trainer.history[-1]["loss"] < 0.5 < trainer.history[0]["loss"]


@pytest.mark.parametrize("bandwidth", [0.0, -1.0, np.inf, "wide"])
def test_bad_bandwidths_are_refused(bandwidth: object) -> None:
    with pytest.raises(ValueError, match="bandwidth is"):
        losses.kernel_alignment(bandwidth)


def test_bad_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(6, 3\) and \(6,\)"):
        losses.kernel_alignment()(Z, LABELS[:, 0])
    with pytest.raises(ValueError, match=r"weights must have shape \(6,\), got \(2,\)"):
        losses.kernel_alignment()(Z, LABELS, np.ones(2))


def judge(n_features: int, width: int = 8) -> kg.Model:
    out = kg.Model(Chain([Dense(n_features, width), Activation("tanh", width), Dense(width, 1)]))
    out.initialize(seed=5)
    return out


@pytest.mark.parametrize("outcomes", [None, RNG.normal(size=(3, 2))])
def test_the_loss_that_fools_has_its_derivatives(outcomes: np.ndarray | None) -> None:
    critic = judge(2)
    loss = losses.fooling(lambda: critic, outcomes)
    outputs = RNG.normal(size=(4, 2)) if outcomes is None else RNG.dirichlet(np.ones(3), 4)
    weights = RNG.uniform(0.1, 1, 4)
    _, gradient = loss(outputs, None, weights)
    for k in np.ndindex(outputs.shape):
        step = np.zeros_like(outputs)
        step[k] = 1e-6
        sides = [loss(outputs + s * step, None, weights)[0] for s in (1, -1)]
        assert gradient[k] == pytest.approx((sides[0] - sides[1]) / 2e-6, abs=1e-8)
    assert loss(outputs, None)[0] == pytest.approx(loss(outputs, None, np.full(4, 2.0))[0])


def test_the_loss_that_fools_reads_numbers_as_all_do() -> None:
    places = np.eye(2)
    loss = losses.fooling(lambda: judge(2), places)
    masked = np.ma.masked_array([[0.5, 0.5]], mask=[[True, False]])
    with pytest.raises(TypeError, match=r"outputs must be real numbers, .*its mask would be lost"):
        loss(masked, None)
    with pytest.raises(TypeError, match=r"weights must be real numbers, .*its mask would be lost"):
        loss(places, None, masked[0])
    with pytest.raises(ValueError, match=r"outputs have shape \(2, 1\); there are 2 outcomes"):
        loss(np.ones((2, 1)), None)
    np.testing.assert_array_equal(loss([[0.5, 0.5]], None, [2])[1], loss(places[:1], None)[1])


def test_a_born_machine_learns_from_a_discriminator() -> None:
    bits = (np.arange(8)[:, None] >> np.arange(3)) & 1
    wanted = np.exp(-((np.arange(8) - 3.0) ** 2) / 4)
    wanted /= wanted.sum()
    generator = kg.Model(CircuitLayer(kg.compile(kg.hardware_efficient(3, 3)), of="probs"))
    generator.initialize(seed=2)
    start = generator.parameters
    trained, _, history = losses.train_adversarial(
        generator,
        judge(3, 16),
        wanted,
        outcomes=2.0 * bits - 1,
        steps=600,
        optimizer=kg.Optimizer("adam", 0.01, betas=(0.5, 0.9)),
        seed=1,
    )
    np.testing.assert_array_equal(generator.parameters, start)
    found = trained.outputs(np.zeros((1, 0)))[0]
    before = generator.outputs(np.zeros((1, 0)))[0]
    assert np.abs(before - wanted).sum() > 0.5
    assert np.abs(found - wanted).sum() < 0.1
    assert history[-1]["discriminator_loss"] == pytest.approx(np.log(2), abs=0.05)


def test_a_circuit_learns_to_make_samples() -> None:
    program = kg.compile(
        kg.reupload(kg.angle_map(2), kg.ansatz_layers("strongly_entangling", 2, n_layers=2)),
        ["ZI", "IZ"],
        inputs="x",
    )
    generator = kg.Model(Chain([CircuitLayer(program), Dense(2, 1)]))
    generator.initialize(seed=1)
    data = 2 + 0.5 * RNG.normal(size=(500, 1))
    trained, _, _ = losses.train_adversarial(
        generator, judge(1), data, steps=400, learning_rate=0.02, seed=2
    )
    noise = RNG.uniform(-np.pi, np.pi, (500, 2))
    assert abs(generator.outputs(noise).mean() - 2) > 0.5
    made = trained.outputs(noise)
    assert abs(made.mean() - 2) < 0.3
    assert 0.1 < made.std() < 1.0


def test_the_same_seed_is_the_same_training_and_callbacks_end_it() -> None:
    generator = kg.Model(Dense(1, 1))
    generator.initialize(seed=1)
    data = RNG.normal(size=(20, 1))

    def run(**options) -> tuple[np.ndarray, int]:
        made, _, history = losses.train_adversarial(
            generator, judge(1), data, steps=6, batch_size=4, **options
        )
        return made.parameters, len(history)

    np.testing.assert_array_equal(run(seed=3)[0], run(seed=3)[0])
    assert run(seed=3, callback=lambda record: record["step"] < 2)[1] == 2
    assert run(seed=3, discriminator_steps=1)[1] == 6
    assert not np.array_equal(run(seed=3, discriminator_steps=1)[0], run(seed=3)[0])


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (np.zeros((5, 2)), {}, r"data must have shape \(n_samples, 1\)"),
        (np.zeros(5), {}, r"data must have shape \(n_samples, 1\)"),
        (np.zeros((5, 1)), {"steps": 0}, "steps=0"),
        (np.zeros((5, 1)), {"batch_size": 0}, "batch_size=0"),
        (np.zeros((5, 1)), {"discriminator_steps": 0}, "discriminator_steps=0"),
        (np.zeros(1), {"outcomes": [[0]]}, "has no inputs; this one has 1"),
        ([[0.0], [np.nan]], {}, r"data\[1, 0\] is nan; it must be finite"),
        (np.zeros(1), {"outcomes": [[np.inf]]}, r"outcomes\[0, 0\] is inf; it must be finite"),
    ],
)
def test_bad_pairs_are_refused(data: np.ndarray, options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        losses.train_adversarial(kg.Model(Dense(1, 1)), judge(1), data, **options)


def test_a_loss_without_room_for_weights_is_told_so() -> None:
    def without(outputs: object, targets: object) -> object:
        return losses.kernel_alignment()(outputs, targets)

    def wrong_inside(outputs: object, targets: object, weights: object) -> object:
        raise TypeError("of its own")

    for loss, message in (
        (without, "must take as its third argument: <function .*without"),
        (wrong_inside, "of its own"),
    ):
        trainer = kg.Trainer(kg.make_model(2), loss=loss, epochs=1)
        with pytest.raises(TypeError, match=message):
            trainer.fit([[0.1, 0.2]], [1.0], sample_weight=[1.0])


@wraps(losses.kl_divergence)
def ten_times(outputs: Any, targets: Any, weights: Any = None) -> Any:
    value, gradient = losses.kl_divergence(outputs, targets, weights)
    return 10 * value, 10 * gradient


class TenTimes(type(losses.mmd(4))):  # type: ignore[misc]
    def __call__(self, *arguments: Any) -> Any:
        value, gradient = super().__call__(*arguments)
        return 10 * value, 10 * gradient


@pytest.mark.parametrize(
    ("own", "ours"),
    [
        (ten_times, losses.kl_divergence),
        (TenTimes(4, (0.25, 1.0, 4.0), "integer"), losses.mmd(4)),
    ],
)
def test_what_wraps_a_loss_of_ours_is_called_itself(own: Any, ours: Any) -> None:
    def first_loss(loss: Any) -> float:
        program = kg.compile(kg.hardware_efficient(2, 2))
        model = kg.Model(CircuitLayer(program, of="probs"))
        model.initialize(seed=1)
        trainer = kg.Trainer(model, loss=loss, epochs=1)
        trainer.fit(np.zeros((1, 0)), np.array([[0.5, 0, 0, 0.5]]))
        return trainer.history[0]["loss"]

    assert first_loss(own) == pytest.approx(10 * first_loss(ours), rel=1e-12)


def test_kernels_of_more_outcomes_than_there_is_memory_for_are_refused() -> None:
    with pytest.raises(MemoryError, match="kernel of 1099511627776 outcomes"):
        losses.mmd(2**40, [1e30])
    losses.mmd(2**40, [1.0])  # which ends after some ten
