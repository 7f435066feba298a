"""Derivatives with known answers, by all three methods."""

import numpy as np
import pytest

import ketgrad as kg
from gradient_methods import METHODS, TOLERANCE, gradient


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


def test_no_parameters_no_gradients() -> None:
    program = kg.compile(kg.Circuit(1).h(0), kg.PauliSum("X"))
    for method in METHODS:
        by_input, by_weight = program.jacobian(diff_method=method)
        assert by_input.shape == (1, 0)
        assert by_weight.shape == (1, 0)
