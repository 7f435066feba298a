"""Shift rules of the literature, and derivatives with many frequencies."""

import numpy as np
import pytest

import ketgrad as kg
from gradient_methods import gradient


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
