"""Arithmetic of parameter vectors, and NumPy's functions of parameters."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ketgrad as kg

W, V = kg.ParameterVector("w", 3), kg.ParameterVector("v", 3)
A = kg.Parameter("a")
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
# Of a positive argument below 1; what NumPy makes of an array is what it makes of each element.
FUNCTIONS = [
    "sin",
    "cos",
    "tan",
    "arcsin",
    "arccos",
    "arctan",
    "sinh",
    "cosh",
    "tanh",
    "exp",
    "exp2",
    "log",
    "log2",
    "log10",
    "sqrt",
    "deg2rad",
    "rad2deg",
    "radians",
    "degrees",
    "square",
    "reciprocal",
    "negative",
    "positive",
    "absolute",
]


def evaluated(expressions: Any, **values: float) -> list[float]:
    named = {f"w[{k}]": 0.25 * (k + 1) for k in range(3)}
    named |= {f"v[{k}]": 0.5 * (k + 1) for k in range(3)} | values
    return [kg.Expression(e).evaluate(named) for e in expressions]


W_VALUES, V_VALUES = np.array([0.25, 0.5, 0.75]), np.array([0.5, 1.0, 1.5])


@pytest.mark.parametrize("op", OPERATORS)
@pytest.mark.parametrize(
    ("other", "value"),
    [
        (2, 2),
        (0.5, 0.5),
        (np.float64(3), 3),
        (A, 0.7),
        (2 * A, 1.4),
        ([1, 2, 3], np.array([1, 2, 3])),
        (np.array([0.1, 0.2, 0.3]), np.array([0.1, 0.2, 0.3])),
        (V, V_VALUES),
        (2 * V, 2 * V_VALUES),
    ],
)
def test_arithmetic_goes_element_by_element(op: Any, other: Any, value: Any) -> None:
    np.testing.assert_allclose(evaluated(op(W, other), a=0.7), op(W_VALUES, value))
    np.testing.assert_allclose(evaluated(op(other, W), a=0.7), op(value, W_VALUES))


def test_signs() -> None:
    assert list(-W) == [-w for w in W]
    assert list(+W) == [+w for w in W]
    assert list(abs(W)) == [abs(w) for w in W]


def test_gates_over_lists_take_the_results() -> None:
    expected = kg.Circuit(3)
    for q in range(3):
        expected.rx(2 * W[q] + 0.1, q)
    assert kg.Circuit(3).rx(2 * W + 0.1, range(3)) == expected
    assert kg.Circuit(3).rx(np.sin(W), range(3)) == kg.Circuit(3).rx(
        [kg.sin(w) for w in W], range(3)
    )
    assert kg.Circuit(1).u(*(W / 2), 0) == kg.Circuit(1).u(W[0] / 2, W[1] / 2, W[2] / 2, 0)


def test_rows_of_numbers_stand_beside_a_vector() -> None:
    table = np.arange(6.0).reshape(2, 3)
    product = W * table
    assert product.shape == (2, 3)
    np.testing.assert_allclose(evaluated(product[1]), table[1] * W_VALUES)


@pytest.mark.parametrize(
    "call",
    [
        lambda: W + kg.ParameterVector("u", 2),
        lambda: W * [1.0, 2.0],
        lambda: [1.0, 2.0] * W,
        lambda: W / np.zeros((3, 2)),
    ],
)
def test_other_lengths_are_refused_by_both(call: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match=r"ParameterVector '\w' has \d element.*beside it \d"):
        call()


@pytest.mark.parametrize("other", ["a", None, 1j, {}, object()])
def test_what_is_no_number_is_refused(other: Any) -> None:
    for op in OPERATORS:
        with pytest.raises((TypeError, ValueError)):
            op(W, other)
        with pytest.raises((TypeError, ValueError)):
            op(other, W)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("value", [0.3, 0.9])
def test_functions_of_numpy(name: str, value: float) -> None:
    function = getattr(np, name)
    for argument in (A, 1.0 * A):
        np.testing.assert_allclose(
            kg.Expression(function(argument)).evaluate({"a": value}), function(value), rtol=1e-14
        )
    own = getattr(kg, name, None)
    if own is not None:
        np.testing.assert_allclose(own(A).evaluate({"a": value}), function(value), rtol=1e-14)
        np.testing.assert_allclose(
            evaluated(function(W)), function(W_VALUES), rtol=1e-14, err_msg=name
        )


@pytest.mark.parametrize("name", ["sinh", "cosh", "exp2", "log2", "log10", "deg2rad", "rad2deg"])
def test_derivatives_of_functions_that_are_made_of_others(name: str) -> None:
    function, value = getattr(kg, name), 0.4
    program = kg.compile(kg.Circuit(1).rx(function(A), 0), "Y")
    angle, step = getattr(np, name), 1e-6
    slope = (angle(value + step) - angle(value - step)) / (2 * step)
    gradient = program.vjp([1.0], weights=[value])[1]
    np.testing.assert_allclose(gradient, [-np.cos(angle(value)) * slope], rtol=1e-8)


def test_hypot() -> None:
    b = kg.Parameter("b")
    for made in (np.hypot(A, 2), kg.hypot(A, 2), kg.hypot(2, A), np.hypot(1.0 * A, b - b + 2)):
        np.testing.assert_allclose(kg.Expression(made).evaluate({"a": 1.5, "b": 3.0}), 2.5)
    np.testing.assert_allclose(evaluated(np.hypot(W, 2)), np.hypot(W_VALUES, 2), rtol=1e-14)
    program = kg.compile(kg.Circuit(1).rx(np.hypot(A, 2), 0), "Y")
    gradient = program.vjp([1.0], weights=[1.5])[1]
    np.testing.assert_allclose(gradient, [-np.cos(2.5) * 1.5 / 2.5], rtol=1e-12)


@pytest.mark.parametrize("name", ["cbrt", "arcsinh", "expm1", "sign", "floor"])
def test_other_functions_are_refused_by_name(name: str) -> None:
    with pytest.raises(TypeError, match=f"{name}|'<'|must be real number"):
        getattr(np, name)(A)
