"""Values of parameters that are missing, unknown or out of range."""

import numpy as np
import pytest

import ketgrad as kg
from refusals import INF, NAN, refuses


def test_values_of_circuits(circuit: kg.Circuit) -> None:
    for run in (circuit.state, circuit.matrix):
        with refuses(ValueError, "'a'", "no value"):
            run()
        with refuses(ValueError, "no parameter 'b'"):
            run({"a": 0.1, "b": 0.2})
        for value, said in [(NAN, "nan"), (INF, "inf"), (-INF, "-inf")]:
            with refuses(ValueError, "'a'", said, "finite"):
                run({"a": value})
        with refuses(TypeError):
            run({"a": "0.1"})
        with refuses(TypeError):
            run({"a": 1j})
    with refuses(ValueError, "'a'", "no value"):
        circuit.power(0.5)
    with refuses(ValueError, "no parameter 'b'"):
        circuit.assign({"b": 0.1})
    with refuses(ValueError, "nan", "finite"):
        circuit.assign({"a": NAN})


def test_angles(circuit: kg.Circuit) -> None:
    for value, said in [(NAN, "nan"), (INF, "inf")]:
        with refuses(ValueError, said, "finite"):
            circuit.rx(value, 0)
        with refuses(ValueError, said, "finite"):
            kg.Parameter("a") * value
    with refuses(TypeError, "angle must be a number", "'theta' (str)", "write Parameter('theta')"):
        circuit.rx("theta", 0)
    with refuses(TypeError, "'theta' (str_); write Parameter('theta')"):
        circuit.rx(np.str_("theta"), 0)
    for angle, said in [(None, "None"), (1j, "1j (complex)")]:
        for add in (circuit.rx, lambda a, q: circuit.pauli_rotation(a, "X", [q])):
            with refuses(TypeError, "angle must be a number", said):
                add(angle, 0)
    with refuses(TypeError, "angle must be a number", "[0.1] (list)"):
        circuit.pauli_rotation([0.1], "X", [0])
    with refuses(TypeError, "'b' (str)"):
        circuit.assign({"a": "b"})


def test_values_of_bits_are_written_as_numbers() -> None:
    circuit, two = kg.Circuit(2, 1).x(0).measure(0, 0), np.int64(2)
    for call in (
        lambda: circuit.when({0: two}, kg.Circuit(2)),
        lambda: circuit.run(1, postselect={0: two}),
        lambda: circuit.x(0, controls={1: two}),
        lambda: circuit.control([two]),
    ):
        with refuses(ValueError, " is 2; it must be 0 or 1"):
            call()


def test_expressions() -> None:
    a = kg.Parameter("a")
    with refuses(ValueError, "name"):
        kg.Parameter("")
    with refuses(ValueError, "-1"):
        kg.ParameterVector("w", -1)
    with refuses(IndexError, "index 3", "'w'", "3"):
        kg.ParameterVector("w", 3)[3]
    with refuses(IndexError, "index -4", "'w'", "3"):
        kg.ParameterVector("w", 3)[-4]
    with refuses(ValueError, "'a'"):
        (a + 1).evaluate({})
    with refuses(TypeError):
        a + "1"
    with refuses(TypeError):
        kg.sin("a")
    with refuses(ValueError, "inf", "finite"):
        kg.Expression(1.0) / 0.0
    with refuses(ValueError, "nan", "finite"):
        kg.log(-1.0)
    with refuses(ValueError, "1000"):
        deep = a + 1
        for _ in range(2000):
            deep = kg.sin(deep)


def test_an_expression_without_a_value_at_this_point() -> None:
    a = kg.Parameter("a")
    program = kg.compile(kg.Circuit(1).rx(kg.log(a), 0), kg.PauliSum("Z"))
    with refuses(ValueError, "evaluates to", "inf", "'a' = 0"):
        program.expval(weights=[0.0])
    with refuses(ValueError, "evaluates to", "nan", "'a' = -1"):
        program.vjp([1.0], weights=[-1.0])


@pytest.mark.parametrize("of", ["expval", "variance", "probs", "state"])
def test_an_expression_without_a_derivative_at_this_point(of: str) -> None:
    """The slope of sqrt(w) at 0 is infinite, that of <Z> = cos(sqrt(w)) by the angle is zero."""
    w = kg.Parameter("w")
    program = kg.compile(kg.Circuit(1).rx(kg.sqrt(w), 0), "Z")
    cotangent = np.ones(2 if of in ("probs", "state") else 1)
    with refuses(ValueError, "derivative", "inf", "'w' = 0"):
        program.vjp(cotangent, weights=[0.0], of=of)
    with refuses(ValueError, "derivative", "inf", "'w' = 0"):
        program.jacobian(weights=[0.0], of=of)
    with refuses(ValueError, "evaluates to", "nan", "'w' = -"):
        program.jacobian(weights=[0.0], diff_method="finite-diff", of=of)


def test_constants_need_no_derivative() -> None:
    w = kg.Parameter("w")
    for expression in (w**2.0, 0.0 * kg.sqrt(w + 1) + w, w + kg.Expression(-2.0) ** 2.0):
        program = kg.compile(kg.Circuit(1).rx(expression, 0), "Z")
        assert np.isfinite(program.vjp([1.0], weights=[-1.0])[1]).all()
