"""Folding, extrapolation, misread bits."""

from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ketgrad as kg
from circuit_strategies import circuits
from ketgrad import mitigation

NOISE = kg.NoiseModel().add(kg.Channel.depolarizing(0.002))
NOISE.add(kg.Channel.depolarizing2(0.01), ["cx", "cz", "crx"])
A, B, X = kg.Parameter("a"), kg.Parameter("b"), kg.Parameter("x")
CIRCUIT = kg.Circuit(3).h(0).cx(0, 1).rx(A, 0).barrier().ry(A * B + X, 1).crx(B, 1, 2).cz(2, 0)
AT = {"a": 0.4, "b": 1.3, "x": 0.2}


@pytest.mark.parametrize("by_gate", [False, True])
@given(circuit=circuits(), factor=st.floats(1, 7))
@settings(max_examples=30, deadline=None)
def test_a_folded_circuit_does_the_same(by_gate: bool, circuit: kg.Circuit, factor: float) -> None:
    values = {name: 0.1 + 0.3 * k for k, name in enumerate(circuit.parameters)}
    folded = mitigation.fold(circuit, factor, by_gate=by_gate)
    assert np.allclose(folded.matrix(values), circuit.matrix(values), atol=1e-9)
    assert folded.parameters == circuit.parameters
    gates = sum(op.name != "barrier" for op in circuit.operations)
    got = sum(op.name != "barrier" for op in folded.operations)
    assert abs(got - factor * gates) <= 1 + 1e-9


def test_what_is_folded() -> None:
    bell = kg.Circuit(2).h(0).cx(0, 1)
    assert mitigation.fold(bell, 1) == bell
    assert [op.name for op in mitigation.fold(bell, 4)] == ["h", "cx", "cx", "h", "h", *["cx"] * 3]
    by_gate = mitigation.fold(bell, 4, by_gate=True)
    assert [op.name for op in by_gate] == [*["h"] * 5, *["cx"] * 3]
    assert len(mitigation.fold(kg.Circuit(1), 3)) == 0
    registers = kg.Circuit([("a", 1), ("b", 1)]).cx(0, 1)
    assert mitigation.fold(registers, 3, by_gate=True).qubit_registers == [("a", 1), ("b", 1)]


@given(
    factors=st.lists(st.floats(0.5, 10), min_size=2, max_size=4, unique_by=lambda x: round(x, 1)),
    at_zero=st.floats(-2, 2),
    seed=st.integers(0, 99),
)
@settings(max_examples=50, deadline=None)
def test_richardson_is_exact_for_polynomials(
    factors: list[float], at_zero: float, seed: int
) -> None:
    slopes = np.random.default_rng(seed).normal(size=(len(factors) - 1, 2))
    powers = np.array(factors)[:, None] ** np.arange(1, len(factors))
    values = at_zero + powers @ slopes
    found = mitigation.extrapolate(factors, values)
    assert found == pytest.approx([at_zero] * 2, abs=1e-7 * (1 + np.abs(values).max()) * 1e3)


def test_a_lower_degree_is_a_least_squares_fit() -> None:
    x, y = np.array([1.0, 1.5, 2, 3]), np.array([0.9, 0.7, 0.75, 0.4])
    assert mitigation.extrapolate(x, y, degree=1) == pytest.approx(np.polyfit(x, y, 1)[1])
    assert mitigation.extrapolate(x, y, degree=2) == pytest.approx(np.polyfit(x, y, 2)[2])


def test_exponentials() -> None:
    x = np.array([1.0, 2, 3])
    decays = 0.1 + np.array([0.7, -0.5]) * np.exp(-np.outer(x, [0.3, 1.2]))
    found = mitigation.extrapolate(x, decays, method="exponential", asymptote=0.1)
    assert found == pytest.approx([0.8, -0.4])
    curved = np.exp(0.2 - 0.3 * x + 0.05 * x**2)
    found = mitigation.extrapolate(x, curved, method="exponential", degree=2)
    assert found == pytest.approx(np.exp(0.2))


@pytest.mark.parametrize("method", ["polynomial", "exponential"])
def test_standard_errors_are_those_of_repeated_draws(method: str) -> None:
    rng, x, std = np.random.default_rng(0), [1, 3, 5], np.array([0.001, 0.002, 0.003])
    truth = 0.9 * np.exp(-0.1 * np.array(x))
    draws = truth + std * rng.normal(size=(20_000, 3))
    spread = mitigation.extrapolate(x, draws.T, method=method).std()
    _, said = mitigation.extrapolate(x, truth, method=method, std=std)
    assert said == pytest.approx(spread, rel=0.05)


@pytest.mark.parametrize("by_gate", [False, True])
def test_zero_noise_takes_most_of_the_error(by_gate: bool) -> None:
    observables = ["ZZI", {"XIX": 0.5, "IIZ": 1.0}]
    inputs = {"x": [0.2, -0.6]}
    exact = kg.compile(CIRCUIT, observables, inputs=X).expval(inputs, [0.4, 1.3])
    noisy = kg.compile_noisy(CIRCUIT, observables, NOISE, inputs=X).expval(inputs, [0.4, 1.3])
    for options in ({}, {"factors": (1, 3, 5, 7), "degree": 2}, {"method": "exponential"}):
        found = mitigation.zero_noise(
            CIRCUIT,
            iter(observables),
            NOISE,
            weights={"a": 0.4, "b": 1.3},
            inputs=inputs,
            by_gate=by_gate,
            **options,  # type: ignore[arg-type]
        )
        assert found.shape == (2, 2)
        assert np.abs(found - exact).max() < 0.3 * np.abs(noisy - exact).max()


def test_zero_noise_of_trajectories() -> None:
    options: dict[str, Any] = {"weights": [0.4, 1.3, 0.2], "trajectories": 2000}
    exact = mitigation.zero_noise(CIRCUIT, "ZZI", NOISE, weights=[0.4, 1.3, 0.2])
    found, std = mitigation.zero_noise(CIRCUIT, "ZZI", NOISE, seed=3, return_std=True, **options)
    again = mitigation.zero_noise(CIRCUIT, "ZZI", NOISE, seed=3, **options)
    assert np.array_equal(found, again)
    assert 0 < std < 0.1
    assert np.abs(found - exact) < 4 * std


def test_factors_may_come_from_a_generator() -> None:
    given: dict[str, Any] = {"weights": [0.4, 1.3, 0.2]}
    expected = mitigation.zero_noise(CIRCUIT, "ZZI", NOISE, factors=[1, 3], **given)
    found = mitigation.zero_noise(CIRCUIT, "ZZI", NOISE, factors=(k for k in (1, 3)), **given)
    assert np.array_equal(found, expected)
    with pytest.raises(TypeError, match=r"factors must be a sequence of numbers, not 3 \(int\)"):
        mitigation.zero_noise(CIRCUIT, "ZZI", NOISE, factors=3, **given)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"factors must be a sequence of numbers, not array\(3\)"):
        mitigation.zero_noise(CIRCUIT, "ZZI", NOISE, factors=np.array(3), **given)


def misread(n: int) -> tuple[kg.NoiseModel, np.ndarray]:
    """Qubits each misread otherwise, and the matrices that say so."""
    model, matrices = kg.NoiseModel(), []
    for q in range(n):
        up, down = 0.02 + 0.03 * q, 0.05 + 0.01 * q
        model.add_readout_error(up, down, q)
        matrices.append([[1 - up, down], [up, 1 - down]])
    return model, np.array(matrices)


def test_calibration_finds_the_confusion() -> None:
    model, matrices = misread(3)
    exact = [
        circuit.run(1, noise=model, method="density_matrix")
        for circuit in mitigation.calibration_circuits(3)
    ]
    assert mitigation.confusion_matrices(*exact) == pytest.approx(matrices)
    shots = [c.run(20_000, noise=model, seed=1) for c in mitigation.calibration_circuits(3)]
    found = mitigation.confusion_matrices(*shots)
    assert found == pytest.approx(matrices, abs=0.01)
    counts = [result.counts() for result in shots]
    assert mitigation.confusion_matrices(*counts) == pytest.approx(found)


@given(n=st.integers(1, 4), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_inversion_undoes_misreading(n: int, seed: int) -> None:
    _, matrices = misread(n)
    truth = np.random.default_rng(seed).dirichlet(np.ones(2**n), 3)
    read = truth @ reduce(np.kron, matrices[::-1]).T
    assert mitigation.invert_readout(read, matrices) == pytest.approx(truth)
    assert mitigation.invert_readout(1000 * read[0], matrices) == pytest.approx(truth[0])


def test_inversion_of_a_run() -> None:
    model, matrices = misread(2)
    result = (
        kg.Circuit(2).x(1).ry(1.0, 0).measure_all().run(10, noise=model, method="density_matrix")
    )
    expected = [0, 0, np.cos(0.5) ** 2, np.sin(0.5) ** 2]
    assert mitigation.invert_readout(result, matrices) == pytest.approx(expected)


@given(seed=st.integers(0, 999), n=st.integers(1, 4))
@settings(max_examples=50, deadline=None)
def test_the_projection_is_the_nearest_distribution(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    _, matrices = misread(n)
    read = rng.dirichlet(np.full(2**n, 0.3))
    raw = mitigation.invert_readout(read, matrices)
    found = mitigation.invert_readout(read, matrices, project=True)
    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()
    if (raw >= 0).all():
        assert found == pytest.approx(raw)
    others = rng.dirichlet(np.ones(2**n), 50)
    assert ((others - raw) ** 2).sum(axis=1).min() >= ((found - raw) ** 2).sum() - 1e-12


HALF = [[0.5, 0.5], [0.5, 0.5]]
ONE = np.eye(2)[None]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mitigation.fold(CIRCUIT, 0.5), "factor=0.5; it must be from 1 to 1e+06"),
        (lambda: mitigation.fold(CIRCUIT, float("nan")), "factor=nan"),
        (lambda: mitigation.fold(kg.Circuit(1).measure_all(), 3), "circuits of gates alone"),
        (lambda: mitigation.extrapolate([1], [0.5]), r"at least two, got \(1,\)"),
        (lambda: mitigation.extrapolate([1, 1], [0.5, 0.5]), "must all be different"),
        (lambda: mitigation.extrapolate([0, 1], [0.5, 0.5]), "must be positive and finite"),
        (lambda: mitigation.extrapolate([1, 2, 3], [0.5, 0.5]), "do not fit 3 factors"),
        (lambda: mitigation.extrapolate([1, 2], [1, 2], degree=2), "degree=2; it must be from 1"),
        (lambda: mitigation.extrapolate([1, 2], [1, 2], method="linear"), "method is 'linear'"),
        (lambda: mitigation.extrapolate([1, 2], [1, 2], std=[1]), "the shape of the values"),
        (lambda: mitigation.extrapolate([1, 2], [1, 2], std=[1, -1]), "std has numbers below 0"),
        (lambda: mitigation.extrapolate([1, 2], [1, 2], std=[1, np.inf]), "or not finite"),
        (
            lambda: mitigation.extrapolate([1, 2], [1, np.nan]),
            r"values\[1\] is nan; values must be",
        ),
        (
            lambda: mitigation.extrapolate([1, 2], [[1, 2], [1, np.inf]], method="exponential"),
            r"values\[1, 1\] is inf; values must be finite",
        ),
        (
            lambda: mitigation.extrapolate([1, 2], [1, 2], asymptote=np.nan),
            "asymptote=nan; it must",
        ),
        (
            lambda: mitigation.extrapolate([1, 2], [1, -2], method="exponential"),
            "on one side of its asymptote, 0.0",
        ),
        (
            lambda: mitigation.extrapolate([1, 2], [1, 2], asymptote=np.inf, method="exponential"),
            "asymptote=inf; it must be finite",
        ),
        (
            lambda: mitigation.zero_noise(kg.Circuit(1).h(0), "Z", NOISE, factors=(1, 1.5)),
            "must all be different",
        ),
        (
            lambda: mitigation.zero_noise(kg.Circuit(1).h(0), "Z", NOISE, seed=1),
            "seed is given without",
        ),
        (lambda: mitigation.calibration_circuits(0), "n_qubits=0; it must be from 1 to 24"),
        (lambda: mitigation.confusion_matrices({"0": 1}, {"00": 1}), "of the same bits"),
        (lambda: mitigation.confusion_matrices({}, {"0": 1}), "keys of 0 bits"),
        (lambda: mitigation.confusion_matrices({"0": 1, "2": 1}, {"0": 1}), "has the key '2'"),
        (lambda: mitigation.confusion_matrices({"0": 1}, {"0": -1}), "ones must be at least 0"),
        (lambda: mitigation.invert_readout([1, 2, 3], ONE), r"shape \(2\*\*n,\)"),
        (lambda: mitigation.invert_readout([0, 0], ONE), "not all 0"),
        (lambda: mitigation.invert_readout([1, 2, 3, 4], ONE), "do not fit matrices of 1 qubits"),
        (lambda: mitigation.invert_readout([1, 1], [HALF]), "has no inverse"),
        (lambda: mitigation.invert_readout([1, 1], HALF), r"shape \(n, 2, 2\)"),
        (lambda: mitigation.invert_readout([1, 1], [[[0.9, 0.2], [0.2, 0.8]]]), "sum to 1"),
    ],
)
def test_refusals(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("+06", r"\+06")):
        call()


@pytest.mark.parametrize("by_gate", [False, True])
def test_circuits_that_memory_does_not_hold_are_refused_at_once(by_gate: bool) -> None:
    circuit = kg.Circuit(1).h([0] * 100_000)
    message = "a circuit of 99999900000 gates, of factor=999999, needs 74999925000000 bytes, but"
    with pytest.raises(MemoryError, match=message):
        mitigation.fold(circuit, 999_999, by_gate=by_gate)
    with pytest.raises(MemoryError, match="a circuit of 99999900000 gates"):
        mitigation.zero_noise(circuit, "Z", NOISE, factors=(1, 999_999), by_gate=by_gate)


@pytest.mark.parametrize(
    "call",
    [
        lambda: mitigation.fold("h q", 3),  # type: ignore[arg-type]
        lambda: mitigation.fold(CIRCUIT, "3"),  # type: ignore[arg-type]
        lambda: mitigation.extrapolate([1, 2], [1, 2], degree=1.5),  # type: ignore[arg-type]
        lambda: mitigation.extrapolate([1, 2], [1, 2], asymptote="a"),  # type: ignore[arg-type]
        lambda: mitigation.extrapolate([1, 2], [1, 2], method="exponential", asymptote=None),  # type: ignore[arg-type]
    ],
)
def test_wrong_types(call: Any) -> None:
    with pytest.raises(TypeError):
        call()
