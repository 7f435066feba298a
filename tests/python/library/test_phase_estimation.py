"""Phase estimation and the phases it tells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ketgrad as kg
from refusals import refuses

library = kg.library


def outcomes(phase: float, m: int, n_gates: int = 1) -> np.ndarray:
    """The exact probabilities of the counting qubits, for the eigenstate |1> of a phase gate."""
    unitary = kg.Circuit(1).p(2 * np.pi * phase, 0)
    for _ in range(n_gates - 1):
        unitary.id(0)  # so that the circuit is repeated
    circuit = kg.Circuit(1 + m).x(0).compose(library.phase_estimation(unitary, m))
    return kg.State(1 + m).apply(circuit).probabilities(range(1, 1 + m))


@pytest.mark.parametrize("m", range(1, 9))
def test_a_phase_of_so_many_bits_is_certain(m: int) -> None:
    y = (5 * m + 1) % 2**m
    for n_gates in (1, 2):
        np.testing.assert_allclose(outcomes(y / 2**m, m, n_gates), np.eye(2**m)[y], atol=1e-9)


@pytest.mark.parametrize("m", range(1, 9))
def test_outcomes_are_those_of_the_formula(m: int) -> None:
    """Nielsen and Chuang, equation 5.25: a geometric sum over the powers."""
    phase, size = 0.3137, 2**m
    powers = np.arange(size)
    amplitudes = np.exp(2j * np.pi * np.outer(phase - powers / size, powers)).sum(axis=1) / size
    np.testing.assert_allclose(outcomes(phase, m), abs(amplitudes) ** 2, atol=1e-10)
    nearest = round(phase * size) % size
    assert outcomes(phase, m)[nearest] >= 4 / np.pi**2


def test_a_sum_of_eigenstates_shows_all_their_phases() -> None:
    unitary = kg.Circuit(1).p(2 * np.pi * 0.25, 0)
    circuit = kg.Circuit(4).h(0).compose(library.phase_estimation(unitary, 3))
    seen = kg.State(4).apply(circuit).probabilities([1, 2, 3])
    np.testing.assert_allclose(seen, 0.5 * (np.eye(8)[0] + np.eye(8)[2]), atol=1e-12)


def test_powers_are_repeated_or_taken_at_once() -> None:
    one = library.phase_estimation(kg.Circuit(2).crx(0.3, 0, 1), 6)
    assert one.count_gates()["rx"] == 6
    several = library.phase_estimation(kg.Circuit(2).crx(0.3, 0, 1).h(0), 6)
    assert several.count_gates()["ch"] == 2**6 - 1


@given(phase=st.floats(0, 1, exclude_max=True), m=st.integers(2, 6))
def test_exact_probabilities_tell_the_exact_phase(phase: float, m: int) -> None:
    found = library.estimate_phase(outcomes(phase, m))
    assert abs((found - phase + 0.5) % 1 - 0.5) < 1e-6


def test_phases_from_counts() -> None:
    phase, m = 0.2871, 5
    counts = np.random.default_rng(0).multinomial(20_000, outcomes(phase, m))
    by_text = {format(y, f"0{m}b"): int(count) for y, count in enumerate(counts) if count}
    assert library.estimate_phase(by_text) == library.estimate_phase(counts)
    assert abs(library.estimate_phase(by_text) - phase) < 1e-3
    assert library.estimate_phase({"110": 3}) == 0.75


def test_what_phase_estimation_refuses() -> None:
    unitary = kg.Circuit(1).t(0)
    with refuses(ValueError, "counting qubits 0 is outside [1, 30]"):
        library.phase_estimation(unitary, 0)
    with refuses(ValueError, "31 is outside"):
        library.phase_estimation(unitary, 31)
    with refuses(ValueError, "phase_estimation: the circuit must consist of gates", "'measure'"):
        library.phase_estimation(kg.Circuit(1).measure_all(), 2)
    with refuses(ValueError, "must consist of gates", "'initialize'"):
        library.phase_estimation(kg.Circuit(1).initialize([1, 0]), 2)
    with refuses(ValueError, "without conditions"):
        library.phase_estimation(kg.Circuit(1, 1).when({0: 1}, kg.Circuit(1, 1).x(0)), 2)
    with refuses(MemoryError, "a phase estimation"):
        library.phase_estimation(kg.Circuit(1).t(0).h(0), 30)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([], "got 0"),
        ([1.0], "got 1"),
        ([1, 2, 3], "got 3"),
        ([0, 0], "all 0"),
        ([1, -1], "is -1"),
        ([1, np.nan], "is nan"),
        ([[1, 2]], "one axis"),
        ({}, "got 0"),
        ({"2": 1}, "'2' is not a text of 1 bits"),
        ({"0": 1, "01": 1}, "'01' is not"),
        ({"0" * 31: 1}, "has 31 bits"),
    ],
)
def test_weights_that_tell_no_phase(weights: object, message: str) -> None:
    with refuses(ValueError, message):
        library.estimate_phase(weights)
