"""Derivatives with known answers, and the rules and options of the three methods."""

import numpy as np
import pytest

import ketgrad as kg

METHODS = ["adjoint", "parameter-shift", "finite-diff"]
TOLERANCE = {"adjoint": 1e-12, "parameter-shift": 1e-11, "finite-diff": 1e-8}


def gradient(program: kg.Program, weights: list[float], method: str) -> np.ndarray:
    return program.jacobian(weights=weights, diff_method=method)[1]


@pytest.mark.parametrize("method", METHODS)
def test_rotation(method: str) -> None:
    program = kg.compile(kg.Circuit(1).rx(kg.Parameter("a"), 0), kg.PauliSum("Z"))
    np.testing.assert_allclose(
        gradient(program, [0.7], method), [[-np.sin(0.7)]], atol=TOLERANCE[method]
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_shared_parameter_sums_over_its_occurrences(method: str) -> None:
    a = kg.Parameter("a")
    program = kg.compile(kg.Circuit(1).rx(a, 0).rx(a, 0).rx(2 * a, 0), kg.PauliSum("Z"))
    # <Z> = cos 4a
    np.testing.assert_allclose(
        gradient(program, [0.3], method), [[-4 * np.sin(1.2)]], atol=10 * TOLERANCE[method]
    )


@pytest.mark.parametrize("method", METHODS)
def test_expressions_follow_the_chain_rule(method: str) -> None:
    x = kg.ParameterVector("x", 2)
    program = kg.compile(
        kg.Circuit(1).ry((np.pi - x[0]) * (np.pi - x[1]), 0), kg.PauliSum("Z"), inputs=x
    )
    at = np.array([2.9, 2.5])
    left = np.pi - at
    by_input, by_weight = program.jacobian(inputs=at, diff_method=method)
    expected = np.sin(left.prod()) * left[::-1]
    np.testing.assert_allclose(by_input, [expected], atol=TOLERANCE[method])
    assert by_weight.shape == (1, 0)


@pytest.mark.parametrize("method", METHODS)
def test_a_controlled_rotation_needs_four_terms(method: str) -> None:
    """The classic silent bug: shifting crx by plus and minus pi/2 alone."""
    a = kg.Parameter("a")
    program = kg.compile(kg.Circuit(2).h(0).crx(a, 0, 1), kg.PauliSum("IX"))
    # <X_0> = cos(a/2): its frequency is 1/2, which the two-term rule gets wrong.
    np.testing.assert_allclose(program.expval(weights=[1.1]), [np.cos(0.55)], atol=1e-12)
    np.testing.assert_allclose(
        gradient(program, [1.1], method), [[-np.sin(0.55) / 2]], atol=TOLERANCE[method]
    )


def test_shift_rules_of_the_literature() -> None:
    quarter = np.pi / 2
    np.testing.assert_allclose(kg.shift_rule([1.0]), [(0.5, quarter), (-0.5, -quarter)])
    # Anselmetti et al. 2021, arXiv:2104.05695
    root = np.sqrt(2)
    c1, c2 = (root + 1) / (4 * root), (root - 1) / (4 * root)
    four = [(c1, quarter), (-c1, -quarter), (-c2, 3 * quarter), (c2, -3 * quarter)]
    np.testing.assert_allclose(kg.shift_rule([0.5, 1.0]), four, rtol=1e-12)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_the_general_rule_is_that_of_wierichs(count: int) -> None:
    """Equidistant frequencies 1..R: arXiv:2107.12390, eq. 25."""
    mu = np.arange(1, 2 * count + 1)
    at = (2 * mu - 1) * np.pi / (2 * count)
    coefficients = (-1.0) ** (mu - 1) / (4 * count * np.sin(at / 2) ** 2)
    expected = {
        round((s + np.pi) % (2 * np.pi) - np.pi, 9): c
        for s, c in zip(at, coefficients, strict=True)
    }
    rule = {round(s, 9): c for c, s in kg.shift_rule([float(k) for k in range(1, count + 1)])}
    assert rule.keys() == expected.keys()
    for shift, coefficient in rule.items():
        assert coefficient == pytest.approx(expected[shift], rel=1e-9)


@pytest.mark.parametrize("frequencies", [[0.3], [0.5, 1.7], [0.2, 0.9, 2.0, 3.1]])
def test_shift_rules_differentiate_their_frequencies(frequencies: list[float]) -> None:
    rule = kg.shift_rule(frequencies)
    for omega in frequencies:
        derivative = sum(c * np.sin(omega * s) for c, s in rule)
        assert derivative == pytest.approx(omega, rel=1e-10)


def test_evolution_with_many_frequencies() -> None:
    """A generator with no symmetry: the rule comes from its spectrum."""
    rng = np.random.default_rng(3)
    g = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    circuit = (
        kg.Circuit(2).h(0).ry(0.4, 1).evolution(kg.Parameter("t"), (g + g.conj().T) / 4, [1, 0])
    )
    program = kg.compile(circuit, kg.PauliSum({"ZX": 1.0, "XI": 0.5}))
    adjoint = gradient(program, [0.8], "adjoint")
    np.testing.assert_allclose(gradient(program, [0.8], "parameter-shift"), adjoint, atol=1e-10)
    np.testing.assert_allclose(gradient(program, [0.8], "finite-diff"), adjoint, atol=1e-7)


def test_amplitudes_from_parameters() -> None:
    x = kg.ParameterVector("x", 3)
    program = kg.compile(
        kg.Circuit(2).initialize([x[0], x[1], 0.5, x[2] ** 2]).ry(0.3, 0),
        kg.PauliSum("ZX"),
        inputs=x,
    )
    at = [0.4, -0.7, 1.2]
    adjoint = program.jacobian(inputs=at)[0]
    np.testing.assert_allclose(
        adjoint, program.jacobian(inputs=at, diff_method="finite-diff")[0], atol=1e-8
    )
    with pytest.raises(ValueError, match="no parameter-shift rule; use adjoint"):
        program.jacobian(inputs=at, diff_method="parameter-shift")


def test_shapes() -> None:
    x, w = kg.ParameterVector("x", 2), kg.ParameterVector("w", 3)
    circuit = kg.Circuit(2).ry(x[0], 0).ry(x[1], 1).cx(0, 1).rx(w[0], 0).rx(w[1], 1).rz(w[2], 0)
    program = kg.compile(circuit, [kg.PauliSum(p) for p in ("ZI", "IZ", "XX", "YY")], inputs=x)
    one, many = np.zeros(2), np.zeros((5, 2))
    w1, w5 = np.zeros(3), np.zeros((5, 3))
    for inputs, weights, batch in [
        (one, w1, ()),
        (many, w1, (5,)),
        (one, w5, (5,)),
        (many, w5, (5,)),
    ]:
        by_input, by_weight = program.jacobian(inputs, weights)
        assert by_input.shape == (*batch, 4, 2)
        assert by_weight.shape == (*batch, 4, 3)
        by_input, by_weight = program.vjp(np.ones((*batch, 4)), inputs, weights)
        assert by_input.shape == (*batch, 2)
        assert by_weight.shape == weights.shape


@pytest.mark.parametrize("method", METHODS)
def test_of_probabilities(method: str) -> None:
    program = kg.compile(kg.Circuit(1).rx(kg.Parameter("a"), 0))  # no observables needed
    slope = np.sin(0.7) / 2  # p_1 = sin^2(a/2)
    np.testing.assert_allclose(
        program.jacobian(weights=[0.7], of="probs", diff_method=method)[1],
        [[-slope], [slope]],
        atol=TOLERANCE[method],
    )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("offset", [0.0, 100.0])
def test_of_variances(method: str, offset: float) -> None:
    circuit = kg.Circuit(1).rx(kg.Parameter("a"), 0)
    program = kg.compile(circuit, [kg.PauliSum("Z") + offset, kg.MatrixObservable(np.eye(2), [0])])
    np.testing.assert_allclose(  # Var Z = 1 - cos^2 a
        program.jacobian(weights=[0.7], of="variance", diff_method=method)[1],
        [[np.sin(1.4)], [0]],
        atol=TOLERANCE[method] * 10,
    )


@pytest.mark.parametrize("precision", ["double", "single"])
def test_of_states(precision: str) -> None:
    circuit = kg.Circuit(1).rx(kg.Parameter("a"), 0).pauli_rotation(kg.Parameter("b"), "I", [0])
    program = kg.compile(circuit, precision=precision)
    at, half = [0.7, 0.4], 0.35
    psi = np.exp(-0.2j) * np.array([np.cos(half), -1j * np.sin(half)])
    by_a = np.exp(-0.2j) * np.array([-np.sin(half), -1j * np.cos(half)]) / 2
    expected = np.stack([by_a, -0.5j * psi], axis=1)  # a global phase counts here
    jacobian = program.jacobian(weights=at, of="state")[1]
    assert jacobian.dtype == program.state(weights=at).dtype
    np.testing.assert_allclose(jacobian, expected, atol=1e-6 if precision == "single" else 1e-14)
    g = np.array([0.3 - 1j, 2 + 0.5j])
    value, _, gradient = program.value_and_vjp(g, weights=at, of="state")
    np.testing.assert_array_equal(value, program.state(weights=at))
    np.testing.assert_allclose(gradient, (g.conj() @ expected).real, atol=1e-6)


def test_the_gradient_of_a_fidelity() -> None:
    rng = np.random.default_rng(4)
    program = kg.compile(kg.hardware_efficient(3, 2))
    weights = rng.normal(size=len(program.weights))
    phi = rng.normal(size=8) + 1j * rng.normal(size=8)
    phi /= np.linalg.norm(phi)

    def fidelity(w: np.ndarray) -> float:
        return abs(np.vdot(phi, program.state(weights=w))) ** 2

    overlap = np.vdot(phi, program.state(weights=weights))
    gradient = program.vjp(2 * overlap * phi, weights=weights, of="state")[1]
    step = 1e-6
    near = [
        (fidelity(weights + step * e) - fidelity(weights - step * e)) / (2 * step)
        for e in np.eye(len(weights))
    ]
    np.testing.assert_allclose(gradient, near, atol=1e-8)


def test_shapes_of_other_quantities() -> None:
    x, w = kg.ParameterVector("x", 2), kg.ParameterVector("w", 3)
    circuit = kg.Circuit(2).ry(x[0], 0).ry(x[1], 1).cx(0, 1).rx(w[0], 0).rx(w[1], 1).rz(w[2], 0)
    program = kg.compile(circuit, ["ZI", "IZ", "XX"], inputs=x)
    rng = np.random.default_rng(5)
    for of, count in [("expval", 3), ("variance", 3), ("probs", 4), ("state", 4)]:
        for rows, w_rows in [((), ()), ((5,), ()), ((), (5,)), ((5,), (5,))]:
            inputs, weights = rng.normal(size=(*rows, 2)), rng.normal(size=(*w_rows, 3))
            batch = rows or w_rows
            by_input, by_weight = program.jacobian(inputs, weights, of=of)
            assert by_input.shape == (*batch, count, 2)
            assert by_weight.shape == (*batch, count, 3)
            g = rng.normal(size=(*batch, count)) + (1j if of == "state" else 0)
            values, vjp_input, vjp_weight = program.value_and_vjp(g, inputs, weights, of=of)
            np.testing.assert_array_equal(values, getattr(program, of)(inputs, weights))
            assert vjp_input.shape == (*batch, 2)
            assert vjp_weight.shape == weights.shape
            expected = np.einsum("...k,...kp->...p", g.conj(), by_weight).real
            if batch and not w_rows:
                expected = expected.sum(axis=0)
            np.testing.assert_allclose(vjp_weight, expected, atol=1e-12)


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


def test_thousands_of_frequencies_are_shifted() -> None:
    rng = np.random.default_rng(6)
    diagonal = np.diag(rng.normal(size=64))  # 2016 differences
    circuit = kg.Circuit(6).h(0).evolution(kg.Parameter("t"), diagonal, list(range(6)))
    program = kg.compile(circuit, "X0")
    shifted = program.jacobian(weights=[0.3], diff_method="parameter-shift")[1]
    exact = program.jacobian(weights=[0.3])[1]
    np.testing.assert_allclose(shifted, exact, rtol=0, atol=1e-11)
    near = program.jacobian(weights=[0.3], diff_method="finite-diff")[1]
    np.testing.assert_allclose(exact, near, atol=1e-8)


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


def test_the_finite_difference_step_can_be_chosen() -> None:
    program = kg.compile(kg.Circuit(1).rx(kg.Parameter("a"), 0), kg.PauliSum("Z"))
    coarse = program.jacobian(weights=[0.7], diff_method="finite-diff", step=0.1)[1]
    np.testing.assert_allclose(coarse, [[-np.sin(0.7) * np.sin(0.1) / 0.1]], atol=1e-12)


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


def test_no_parameters_no_gradients() -> None:
    program = kg.compile(kg.Circuit(1).h(0), kg.PauliSum("X"))
    for method in METHODS:
        by_input, by_weight = program.jacobian(diff_method=method)
        assert by_input.shape == (1, 0)
        assert by_weight.shape == (1, 0)


# Arguments that a method would ignore, and steps out of range.


def wave(precision: str = "double") -> kg.Program:
    return kg.compile(kg.Circuit(1).rx(kg.Parameter("a"), 0), "Z", precision=precision)


@pytest.mark.parametrize("method", ["adjoint", "parameter-shift"])
def test_a_step_is_for_finite_differences(method: str) -> None:
    with pytest.raises(ValueError, match="a step is for finite-diff"):
        wave().jacobian(weights=[0.3], diff_method=method, step=1e-3)


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("step", [1e300, 4.0, 1e-300, 1e-18, -1e-3, np.nan, np.inf])
def test_steps_out_of_range_are_refused(precision: str, step: float) -> None:
    with pytest.raises(ValueError, match=r"finite-difference step is .*; it must lie between"):
        wave(precision).jacobian(weights=[0.3], diff_method="finite-diff", step=step)


def test_a_step_that_a_parameter_swallows_is_refused() -> None:
    with pytest.raises(ValueError, match=r"parameter '.*' is 1e\+20, which finite differences"):
        wave().jacobian(weights=[1e20], diff_method="finite-diff")
    slope = wave().jacobian(weights=[1e5], diff_method="finite-diff")[1]
    np.testing.assert_allclose(slope, [[-np.sin(1e5)]], atol=1e-5)


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
