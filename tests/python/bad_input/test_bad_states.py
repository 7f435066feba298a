"""Amplitudes and calls that states refuse."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ketgrad as kg
from refusals import INF, NAN, refuses


@pytest.mark.parametrize(
    ("amplitudes", "error", "parts"),
    [
        ([1, 1, 0, 0], ValueError, ["norm 1.41", "must be 1"]),
        ([0, 0, 0, 0], ValueError, ["norm 0", "must be 1"]),
        ([NAN, 0, 0, 0], ValueError, ["amplitude 0", "nan", "finite"]),
        ([0, INF, 0, 0], ValueError, ["amplitude 1", "inf", "finite"]),
        ([0, 0, 0, complex(0, NAN)], ValueError, ["amplitude 3", "nan", "finite"]),
        ([1, 0], ValueError, ["2 amplitudes", "2 qubit", "4"]),
        ([1, 0, 0], ValueError, ["3 amplitudes", "2 qubit", "4"]),
        ([[1, 0], [0, 0]], ValueError, ["vector", "2 dimensions"]),
        (["1", "0", "0", "0"], TypeError, ["amplitudes must be numbers", "<U1"]),
        ([None, 0, 0, 0], TypeError, ["amplitudes must be numbers", "object"]),
        ("ket", TypeError, ["amplitudes must be numbers"]),
    ],
)
def test_amplitudes(
    state: kg.State, amplitudes: Any, error: type[Exception], parts: list[str]
) -> None:
    with refuses(error, *parts):
        state.set_amplitudes(amplitudes)


@pytest.mark.parametrize(("size", "said"), [(0, "0"), (1, "1"), (3, "3")])
def test_numbers_of_amplitudes(size: int, said: str) -> None:
    with refuses(ValueError, f"number of amplitudes is {said}", "power of two"):
        kg.State.from_amplitudes(np.ones(size) / max(1, np.sqrt(size)))


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda s: s.set_basis(4), IndexError, ["basis state 4", "2 qubit"]),
        (lambda s: s.set_basis(-1), ValueError, ["basis_state is -1", "at least 0"]),
        (lambda s: s.measure(2), IndexError, ["qubit 2", "2 qubit"]),
        (lambda s: s.measure("0"), TypeError, ["qubit must be an integer", "'0' (str)"]),
        (lambda s: s.measure(0, seed=-1), ValueError, ["seed -1", "out of range"]),
        (lambda s: s.probabilities("0"), TypeError, ["integer or a list", "'0' (str)"]),
        (lambda s: s.measure(-1), IndexError, ["qubit -1", "2 qubit"]),
        (lambda s: s.project(5, 1), IndexError, ["qubit 5", "2 qubit"]),
        (lambda s: s.probabilities([0, 2]), IndexError, ["qubit 2", "2 qubit"]),
        (lambda s: s.probabilities([1, 1]), ValueError, ["qubit 1", "twice"]),
        (lambda s: s.sample(0), ValueError, ["shots is 0", "at least 1"]),
        (lambda s: s.sample(-5), ValueError, ["shots is -5", "at least 1"]),
        (lambda s: s.sample(2.5), TypeError, ["number of shots must be an integer", "2.5 (float)"]),
        (lambda s: s.sample(5, seed="a"), TypeError, ["seed must be an integer", "'a' (str)"]),
        (lambda s: s.apply(kg.Circuit(3)), ValueError, ["3-qubit", "2-qubit"]),
        (
            lambda s: s.apply(kg.Circuit(2).rx(kg.Parameter("a"), 0)),
            ValueError,
            ["'a'", "no value"],
        ),
        (
            lambda s: s.apply(kg.Circuit(2).h(0).rx(kg.Parameter("a"), 0), {"a": NAN}),
            ValueError,
            ["'a'", "nan", "finite"],
        ),
        (lambda s: s.apply(kg.Circuit(2).h(0), {"b": 1.0}), ValueError, ["no parameters", "'b'"]),
        (lambda s: s.apply(kg.Circuit(2).initialize([1])), ValueError, ["initialize"]),
        (lambda s: s.inner(kg.State(3)), ValueError, ["2", "3 qubits"]),
        (lambda s: s.inner(kg.State(2, precision="single")), ValueError, ["single", "double"]),
        (lambda s: s.expval(kg.PauliSum("ZZZ")), ValueError, ["3 qubits", "2"]),
        (lambda s: s.variance(kg.MatrixObservable(np.eye(2), [4])), ValueError, ["5 qubits", "2"]),
        (lambda s: s.expval("ZZZ"), ValueError, ["3 qubits", "2"]),
        (lambda s: s.expval("ZQ"), ValueError, ["'Q'"]),
        (lambda s: s.expval(np.eye(4)), TypeError, ["MatrixObservable(matrix, qubits)", "ndarray"]),
        (lambda s: s.variance(None), TypeError, ["PauliSum", "None"]),
    ],
)
def test_states(state: kg.State, call: Callable, error: type[Exception], parts: list[str]) -> None:
    with refuses(error, *parts):
        call(state)


def test_projecting_on_the_impossible_keeps_the_state() -> None:
    state = kg.State(1)
    with refuses(ValueError, "qubit 0 is 1 with probability 0"):
        state.project(0, 1)
    np.testing.assert_array_equal(state.amplitudes(), [1, 0])


@pytest.mark.parametrize(
    "make",
    [
        lambda p: kg.State(1, precision=p),
        lambda p: kg.Circuit(1).state(precision=p),
        lambda p: kg.compile(kg.Circuit(1), precision=p),
    ],
)
def test_precisions(make: Callable) -> None:
    with refuses(ValueError, "'half'", "single", "double"):
        make("half")
