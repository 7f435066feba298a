"""Derivatives from shots, and what is refused without them."""

import numpy as np
import pytest

import ketgrad as kg


def wave(precision: str = "double") -> kg.Program:
    return kg.compile(kg.Circuit(1).rx(kg.Parameter("a"), 0), "Z", precision=precision)


def test_shift_of_probabilities_with_shots_is_unbiased() -> None:
    program = kg.compile(kg.Circuit(1).rx(kg.Parameter("a"), 0))
    draws = program.jacobian(
        weights=np.full((400, 1), 0.7),
        diff_method="parameter-shift",
        shots=100,
        seed=5,
        of="probs",
    )[1]
    sigma = np.sqrt(2 * 0.25 / 100) / 2
    assert abs(draws[:, 1, 0].mean() - np.sin(0.7) / 2) < 5 * sigma / np.sqrt(400)
    np.testing.assert_allclose(draws.sum(axis=1), 0, atol=1e-12)


def test_shift_with_shots_is_unbiased_and_repeatable() -> None:
    program = kg.compile(kg.Circuit(2).h(0).crx(kg.Parameter("a"), 0, 1), kg.PauliSum("IX"))
    batch = np.full((400, 1), 1.1)
    draws = program.jacobian(weights=batch, diff_method="parameter-shift", shots=100, seed=5)[1]
    again = program.jacobian(weights=batch, diff_method="parameter-shift", shots=100, seed=5)[1]
    other = program.jacobian(weights=batch, diff_method="parameter-shift", shots=100, seed=6)[1]
    np.testing.assert_array_equal(draws, again)
    assert (draws != other).any()
    # Four shots-based estimates with the coefficients of the four-term rule.
    sigma = np.sqrt(sum(c**2 for c, _ in kg.shift_rule([0.5, 1.0])) / 100)
    assert abs(draws.mean() + np.sin(0.55) / 2) < 5 * sigma / np.sqrt(400)
    assert 0.5 * sigma < draws.std() < 1.5 * sigma


@pytest.mark.parametrize("scale", [0.1, 1.0, 30.0])
@pytest.mark.parametrize("shots", [1, 100, 10_000, 1_000_000])
def test_finite_differences_of_shots_take_a_step_that_fits_them(shots: int, scale: float) -> None:
    circuit = kg.Circuit(1).rx(scale * kg.Parameter("a"), 0)
    program = kg.compile(circuit, ["Z", "X"])
    weights = np.full((200, 1), 0.5 / scale)
    slopes = program.jacobian(weights=weights, diff_method="finite-diff", shots=shots, seed=1)[1]
    exact = program.jacobian(weights=weights[0])[1]
    steepest = max(1.0, scale)
    step = min(np.pi / 2, np.cbrt(3 / np.sqrt(shots))) / steepest
    noise = 1 / (step * np.sqrt(2 * shots))
    truncation = step**2 * scale**3 / 6
    assert np.abs(slopes - exact).max() < 5 * noise + truncation
    assert np.abs(slopes.mean(axis=0) - exact).max() < 5 * noise / np.sqrt(200) + truncation
    assert truncation < noise


def test_finite_differences_of_shots_stay_where_angles_are_straight() -> None:
    a, b = kg.Parameter("a"), kg.Parameter("b")
    curved = kg.Circuit(1).rx(10 * a * a, 0), np.array([0.05])
    ends = kg.Circuit(1).ry(kg.sqrt(a), 0), np.array([0.01])  # has no value below 0
    amplitudes = kg.Circuit(1).initialize([a, b]), np.array([0.8, 0.6])
    for circuit, at in (curved, ends, amplitudes):
        program = kg.compile(circuit, "Z")
        exact = program.jacobian(weights=at)[1]
        for shots in (100, 10_000):
            rows = np.broadcast_to(at, (300, at.size))
            slopes = program.jacobian(weights=rows, diff_method="finite-diff", shots=shots, seed=3)[
                1
            ]
            # Truncation is no more than about the noise of one estimate.
            assert np.all(np.abs(slopes.mean(axis=0) - exact) <= 2 * slopes.std(axis=0))


def test_shots_of_amplitudes_and_probabilities_have_finite_differences() -> None:
    x = kg.ParameterVector("x", 3)
    circuit = kg.Circuit(2).initialize([100 * x[0], 100 * x[1], 100 * x[2]]).rx(x[0] * x[1], 1)
    program = kg.compile(circuit, "Z", inputs=x)
    at = np.array([0.3, -1.2, 0.7])
    for of in ("expval", "probs"):
        exact = program.jacobian(inputs=at, of=of)[0]
        slopes = program.jacobian(
            inputs=at, of=of, diff_method="finite-diff", shots=1_000_000, seed=2
        )[0]
        np.testing.assert_allclose(slopes, exact, atol=0.1)


def test_what_goes_with_shots_is_refused_without() -> None:
    program = wave()
    calls = [
        lambda: program.expval(weights=[0.3], seed=1),
        lambda: program.expval(weights=[0.3], grouping="full"),
        lambda: program.expval(weights=[0.3], shot_allocation="uniform"),
        lambda: program.probs(weights=[0.3], seed=1),
        lambda: program.jacobian(weights=[0.3], seed=1),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="is given without shots, and would be ignored"):
            call()
    noisy = kg.compile_noisy(kg.Circuit(1).rx(kg.Parameter("a"), 0), "Z")
    for call in (noisy.expval, noisy.jacobian):
        with pytest.raises(ValueError, match="seed is given without trajectories"):
            call(weights=[0.3], seed=1)
    trainer = kg.Trainer(kg.make_model(1, n_layers=1), loss="squared")
    with pytest.raises(ValueError, match="checkpoint is an empty path"):
        trainer.fit([[0.1]], [0.2], checkpoint="")
    with pytest.raises(ValueError, match="checkpoint_every is given without checkpoint"):
        trainer.fit([[0.1]], [0.2], checkpoint_every=5)
    for option in ({"patience": 3}, {"tolerance": 0.1}):
        with pytest.raises(ValueError, match="is given without early_stopping"):
            kg.Trainer(kg.make_model(1, n_layers=1), **option)
    assert trainer.history == []
