"""Parameters, vectors of them, and the expressions they make."""

import math
import pickle

import pytest

import ketgrad as kg

A, B = kg.Parameter("a"), kg.Parameter("b")
VALUES = {"a": 0.7, "b": -1.3}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (A + B, 0.7 - 1.3),
        (A - B, 0.7 + 1.3),
        (A * B, 0.7 * -1.3),
        (A / B, 0.7 / -1.3),
        (A**2, 0.49),
        (A**B, 0.7**-1.3),
        (-A, -0.7),
        (2 + A, 2.7),
        (2 - A, 1.3),
        (2 * A, 1.4),
        (2 / A, 2 / 0.7),
        (2**A, 2**0.7),
        (kg.sin(A), math.sin(0.7)),
        (kg.cos(A), math.cos(0.7)),
        (kg.tan(A), math.tan(0.7)),
        (kg.exp(A), math.exp(0.7)),
        (kg.log(A), math.log(0.7)),
        (kg.sqrt(A), math.sqrt(0.7)),
        (kg.sin(2 * A + B) ** 2 / 3, math.sin(0.1) ** 2 / 3),
        (kg.Expression(A) + kg.Expression(2.0), 2.7),
    ],
)
def test_arithmetic(expression: kg.Expression, expected: float) -> None:
    used = {name: VALUES[name] for name in expression.parameters}
    assert expression.evaluate(used) == pytest.approx(expected, rel=1e-15)


def test_constants_fold() -> None:
    assert kg.sin(0.5).parameters == []
    assert kg.sin(0.5).evaluate({}) == math.sin(0.5)


def test_names_come_in_order_of_appearance() -> None:
    assert (B * A + B).parameters == ["b", "a"]


def test_parameters_of_one_name_are_one_parameter() -> None:
    assert kg.Parameter("a") == A
    assert A != B
    assert A != "a"
    assert {A, kg.Parameter("a"), B} == {A, B}
    assert kg.Circuit(1).rx(A, 0).ry(kg.Parameter("a"), 0).parameters == ["a"]


def test_expressions_compare_by_form() -> None:
    assert kg.Parameter("a") + 1 == A + 1
    assert A + 1 != 1 + A
    assert hash(A + 1) == hash(kg.Parameter("a") + 1)


def test_vectors() -> None:
    w = kg.ParameterVector("w", 4)
    assert w.name == "w"
    assert len(w) == 4
    assert [p.name for p in w] == ["w[0]", "w[1]", "w[2]", "w[3]"]
    assert w[-1] == w[3] == kg.Parameter("w[3]")
    assert w[1:3] == [w[1], w[2]]
    assert w[::-2] == [w[3], w[1]]
    assert list(kg.ParameterVector("w", 0)) == []


def test_text() -> None:
    assert str(A) == "a"
    assert repr(A) == "Parameter('a')"
    assert str((A + 1) * B) == "(a + 1)*b"
    assert repr(kg.sin(A)) == "Expression('sin(a)')"
    assert repr(kg.ParameterVector("w", 2)) == "ParameterVector('w', 2)"


def test_pickle() -> None:
    for thing in (A, kg.sin(2 * A + B) ** 0.1 / 3):
        assert pickle.loads(pickle.dumps(thing)) == thing
    assert list(pickle.loads(pickle.dumps(kg.ParameterVector("w", 3)))) == list(
        kg.ParameterVector("w", 3)
    )


def test_vectors_of_one_name_and_size_are_equal() -> None:
    w = kg.ParameterVector("w", 3)
    for same in (kg.ParameterVector("w", 3), pickle.loads(pickle.dumps(w))):
        assert same == w
        assert hash(same) == hash(w)
        assert {w: 1}[same] == 1
    for other in (kg.ParameterVector("w", 2), kg.ParameterVector("v", 3), kg.Parameter("w"), "w"):
        assert other != w
