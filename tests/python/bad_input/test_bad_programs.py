"""Inputs, cotangents, shots and options that programs refuse."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ketgrad as kg
from refusals import INF, NAN, refuses


def test_compile() -> None:
    circuit = kg.Circuit(2).rx(kg.Parameter("a"), 0)
    with refuses(ValueError, "3 qubits", "2"):
        kg.compile(circuit, kg.PauliSum("ZZZ"))
    with refuses(ValueError, "4 qubits", "2"):
        kg.compile(circuit, kg.MatrixObservable(np.eye(2), [3]))
    with refuses(ValueError, "3 qubits", "2"):
        kg.compile(circuit, ["ZI", "ZZZ"])
    for matrix in (np.eye(4), [kg.PauliSum("ZZ"), np.eye(4)]):
        with refuses(TypeError, "PauliSum", "MatrixObservable(matrix, qubits)", "ndarray"):
            kg.compile(circuit, matrix)
    with refuses(TypeError, "PauliSum", "None"):
        kg.compile(circuit, None)
    with refuses(TypeError, "compile(): circuit must be Circuit", "'circuit'"):
        kg.compile("circuit")


def test_values_are_not_given_while_compiling() -> None:
    circuit = kg.Circuit(1).rx(kg.Parameter("a"), 0)
    for names in ("inputs", "weights"):
        with refuses(TypeError, "named in a list, such as ['a', 'w']", "{'a': 0.3} (dict)"):
            kg.compile(circuit, "Z", **{names: {"a": 0.3}})
        with refuses(TypeError, "named in a list", "{'a': 0.3} (dict)"):
            kg.compile_noisy(circuit, "Z", kg.NoiseModel(), **{names: {"a": 0.3}})
    with refuses(TypeError, "named in a list", "{} (dict)"):
        kg.Model(circuit, "Z", inputs={})
    assert kg.compile(circuit, "Z", weights={"a": 0.3}.keys()).weights == ["a"]


def test_fermions_are_mapped_to_qubits_first() -> None:
    number = kg.FermionOperator("0^ 0")
    calls: list[Callable[[], Any]] = [
        lambda: kg.compile(kg.Circuit(1), number),
        lambda: kg.compile(kg.Circuit(1), ["Z", number]),
        lambda: kg.evolve(kg.State(1), number, 0.1),
        lambda: kg.State(1).expval(number),
        lambda: kg.Circuit(1).evolution(0.1, number, 0),
        lambda: kg.library.trotter(number, 0.1),
        lambda: kg.PauliSum(number),
    ]
    for call in calls:
        with refuses(TypeError, "modes, not on qubits", "ketgrad.library.jordan_wigner(operator)"):
            call()
    found = kg.compile(kg.Circuit(1).x(0), kg.library.jordan_wigner(number)).expval()
    np.testing.assert_allclose(found, [1])


def test_inputs_that_the_circuit_lacks() -> None:
    x = kg.ParameterVector("features", 2)
    circuit = kg.Circuit(2).rx(x[0], 0).ry(x[1], 0).rz(kg.Parameter("a"), 1)
    with refuses(ValueError, "'fetures[0]'", "closest", "'features[0]'"):
        kg.compile(circuit, inputs=["fetures[0]", "features[1]"])
    with refuses(ValueError, "none of the inputs 'x[0]', 'x[1]'", "parameters are", "'a'"):
        kg.compile(circuit, inputs=kg.ParameterVector("x", 2))
    with refuses(ValueError, "'b'"):
        kg.compile(circuit, inputs=[x, "b"])
    with refuses(ValueError, "no parameters", "'x'"):
        kg.compile(kg.Circuit(1), inputs="x")
    with refuses(ValueError, "'a' is listed twice"):
        kg.compile(circuit, inputs=["a", "a"])
    with refuses(ValueError, "'features[0]' is listed twice"):
        kg.compile(circuit, inputs=[x, x[0]])
    with refuses(TypeError, "ParameterVector, Parameter or name", "1 (int)"):
        kg.compile(circuit, inputs=[1])
    with refuses(ValueError, "none of the inputs 'b'"):
        kg.Model(circuit, "ZI", ["b"])
    with refuses(TypeError, "PauliSum", "'ZI'", "MatrixObservable"):
        kg.Model(circuit, kg.MatrixObservable(np.eye(2), [0]), ["a"])


X, W = [0.1, 0.2], [0.3, 0.4]


@pytest.mark.parametrize(
    ("inputs", "weights", "error", "parts"),
    [
        (None, W, ValueError, ["2 inputs", "none were given"]),
        (X, None, ValueError, ["2 weights", "none were given"]),
        ([0.1], W, ValueError, ["inputs must have shape (2,) or (batch, 2)", "(1,)"]),
        ([[0.1]], W, ValueError, ["inputs must have shape", "(1, 1)"]),
        ([[[0.1, 0.2]]], W, ValueError, ["inputs must have shape", "(1, 1, 2)"]),
        (0.1, W, ValueError, ["inputs must have shape", "()"]),
        (X, [0.1, 0.2, 0.3], ValueError, ["weights must have shape (2,) or (batch, 2)", "(3,)"]),
        ([X] * 3, [W] * 4, ValueError, ["inputs have 3 rows and weights 4"]),
        (np.zeros((0, 2)), W, ValueError, ["empty"]),
        (X, np.zeros((0, 2)), ValueError, ["empty"]),
        ([NAN, 0.2], W, ValueError, ["'x[0]'", "nan", "finite"]),
        ([0.1, INF], W, ValueError, ["'x[1]'", "inf", "finite"]),
        ([X, [0.1, NAN]], W, ValueError, ["'x[1]'", "nan", "finite"]),
        (X, [0.3, -INF], ValueError, ["'w[1]'", "-inf", "finite"]),
        (np.array(X) + 1j, W, TypeError, ["inputs must be real", "complex128", "imaginary part"]),
        (X, np.array(W) * 1j, TypeError, ["weights must be real", "complex128"]),
        (["a", "b"], W, TypeError, ["inputs must be real", "<U1"]),
        ("inputs", W, TypeError, ["inputs must be real", "<U6"]),
        ([None, 0.1], W, TypeError, ["inputs must be real", "object"]),
        ({"x": 1}, W, ValueError, ["the values of 'x' must have shape (2,) or (batch, 2)"]),
        ({"y": 1}, W, ValueError, ["no input 'y'"]),
    ],
)
def test_batches(
    program: kg.Program, inputs: Any, weights: Any, error: type[Exception], parts: list[str]
) -> None:
    rows = max(np.shape(inputs)[:1] if np.ndim(inputs) == 2 else (1,), (1,))[0]
    cotangent = np.ones((rows, 2)) if np.ndim(inputs) == 2 else np.ones(2)
    calls = [
        lambda: program.expval(inputs, weights),
        lambda: program.expval(inputs, weights, shots=5),
        lambda: program.variance(inputs, weights),
        lambda: program.state(inputs, weights),
        lambda: program.probs(inputs, weights),
        lambda: program.sample(5, inputs, weights),
        *[
            lambda m=m: program.jacobian(inputs, weights, diff_method=m)
            for m in ("adjoint", "parameter-shift", "finite-diff")
        ],
    ]
    for call in calls:
        with refuses(error, *parts):
            call()
    with pytest.raises(error):  # here the cotangent's shape may be what is wrong first
        program.vjp(cotangent, inputs, weights)


@pytest.mark.parametrize(
    ("cotangent", "error", "parts"),
    [
        ([1.0], ValueError, ["cotangent", "(2,)", "(1,)"]),
        ([[1.0, 1.0]], ValueError, ["cotangent", "(2,)", "(1, 2)"]),
        (1.0, ValueError, ["cotangent", "(2,)", "()"]),
        ([NAN, 1.0], ValueError, ["cotangent", "nan", "finite"]),
        ([1.0, INF], ValueError, ["cotangent", "inf", "finite"]),
        ([1j, 1.0], TypeError, ["cotangent must be real", "complex128"]),
        (["1", "1"], TypeError, ["cotangent must be real", "<U1"]),
    ],
)
def test_cotangents(
    program: kg.Program, cotangent: Any, error: type[Exception], parts: list[str]
) -> None:
    for of in ("expval", "variance"):
        with refuses(error, *parts):
            program.vjp(cotangent, X, W, of=of)


@pytest.mark.parametrize(
    ("cotangent", "of", "error", "parts"),
    [
        ([1.0, 1.0], "probs", ValueError, ["cotangent", "(4,)", "(2,)"]),
        ([1j, 0, 0, 0], "probs", TypeError, ["cotangent must be real", "complex128"]),
        ([1.0, 1.0], "state", ValueError, ["cotangent", "(4,)", "(2,)"]),
        ([1.0, 0, 0, complex(0, NAN)], "state", ValueError, ["cotangent", "nan", "finite"]),
        (["1"] * 4, "state", TypeError, ["cotangent must be numbers", "<U1"]),
        ([1.0, 1.0], "entropy", ValueError, ["'entropy'", "expval, variance, probs, state"]),
    ],
)
def test_cotangents_of_other_quantities(
    program: kg.Program, cotangent: Any, of: str, error: type[Exception], parts: list[str]
) -> None:
    for differentiate in (program.vjp, program.value_and_vjp):
        with refuses(error, *parts):
            differentiate(cotangent, X, W, of=of)


@pytest.mark.parametrize("shots", [0, -1, -(10**9)])
def test_shots(program: kg.Program, shots: int) -> None:
    said = ["shots is", str(shots), "at least 1"]
    if shots < 0:
        with refuses(ValueError, "shots is", str(shots), "must not be negative"):
            program.expval(X, W, shots=shots)
    with refuses(ValueError, *said):
        program.probs(X, W, shots=shots)
    with refuses(ValueError, *said):
        program.sample(shots, X, W)
    for method in ("parameter-shift", "finite-diff"):
        with refuses(ValueError, *said):
            program.jacobian(X, W, diff_method=method, shots=shots)


def test_seeds(program: kg.Program) -> None:
    for seed, error in [(-1, ValueError), (2**64, ValueError), (0.5, TypeError), ("a", TypeError)]:
        for call in (
            lambda s: program.expval(X, W, shots=5, seed=s),
            lambda s: program.probs(X, W, shots=5, seed=s),
            lambda s: program.sample(5, X, W, seed=s),
            lambda s: program.jacobian(X, W, diff_method="parameter-shift", shots=5, seed=s),
            lambda s: kg.State(1, seed=s),
            lambda s: kg.State(1).sample(5, seed=s),
            lambda s: kg.make_model(1).initialize(seed=s),
        ):
            with refuses(error, "the seed"):
                call(seed)


def test_methods_and_options(program: kg.Program) -> None:
    with refuses(ValueError, "'entropy'", "expval, variance, probs, state"):
        program.jacobian(X, W, of="entropy")
    for of in ("variance", "state"):
        for method in ("parameter-shift", "finite-diff"):
            with refuses(ValueError, of, "takes no shots"):
                program.jacobian(X, W, diff_method=method, shots=10, of=of)
    with refuses(ValueError, "state", "no parameter-shift rule", "adjoint"):
        program.jacobian(X, W, diff_method="parameter-shift", of="state")
    with refuses(TypeError, "shots must be an integer", "10.0 (float)"):
        program.expval(X, W, shots=10.0)
    with refuses(ValueError, "'magic'", "adjoint, parameter-shift, finite-diff"):
        program.jacobian(X, W, diff_method="magic")
    with refuses(ValueError, "adjoint", "no shots", "parameter-shift"):
        program.jacobian(X, W, shots=10)
    for step in (-0.1, NAN, INF):
        with refuses(ValueError, "step", str(step)):
            program.jacobian(X, W, diff_method="finite-diff", step=step)
    with refuses(ValueError, "'greedy'", "each, uniform, weighted"):
        program.jacobian(X, W, shot_allocation="greedy")
    shift = {"diff_method": "parameter-shift"}
    for options in ({}, shift, {"diff_method": "finite-diff", "shots": 10}):
        with refuses(ValueError, "allocation of shots", "parameter-shift with shots"):
            program.jacobian(X, W, **options, shot_allocation="uniform")
        for flag in ("return_std", "return_cov"):
            with refuses(ValueError, "standard errors", "parameter-shift with shots"):
                program.jacobian(X, W, **options, **{flag: True})
    with refuses(ValueError, "shots is 1", "at least 2"):
        program.jacobian(X, W, **shift, shots=1, return_std=True)
    for allocation in ("uniform", "weighted"):
        with refuses(ValueError, "budget of 3 shots", "settings", "at least 1"):
            program.jacobian(X, W, **shift, shots=3, shot_allocation=allocation)
    bare = kg.compile(kg.Circuit(1))
    for call in (bare.expval, bare.variance, bare.jacobian, lambda: bare.vjp([])):
        with refuses(ValueError, "no observables"):
            call()
    for frequencies in ([0.0], [-1.0], [1.0, 1.0], [2.0, 1.0], [NAN]):
        with refuses(ValueError, "frequency"):
            kg.shift_rule(frequencies)


def test_ragged_lists(program: kg.Program) -> None:
    with refuses(ValueError, "inputs", "of one length", "[[0.1, 0.2], [0.1]] (list)"):
        program.expval([X, [0.1]], W)
    with refuses(ValueError, "weights", "of one length"):
        program.expval(X, [0.3, [0.4]])
    with refuses(ValueError, "amplitudes", "of one length"):
        kg.State.from_amplitudes([1.0, [0.0]])
