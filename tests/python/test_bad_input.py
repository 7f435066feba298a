"""Every kind of bad input raises a specific exception that names the value and the limit.

Whatever was passed in is as it was afterwards: the `unchanged` fixtures check that.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import ketgrad as kg

NAN, INF = float("nan"), float("inf")
PI = np.pi


@pytest.fixture
def circuit() -> Iterator[kg.Circuit]:
    """A circuit that must not change, whatever fails."""
    circuit = kg.Circuit(3).h(0).rx(kg.Parameter("a"), 1).cx(1, 2)
    before = circuit.to_json()
    yield circuit
    assert circuit.to_json() == before


@pytest.fixture
def state() -> Iterator[kg.State]:
    """A state that must not change, whatever fails."""
    state = kg.State(2).apply(kg.Circuit(2).h(0).ry(0.4, 1))
    before = state.amplitudes()
    yield state
    np.testing.assert_array_equal(state.amplitudes(), before)


@pytest.fixture
def program() -> Iterator[kg.Program]:
    """Two inputs, two weights, two observables; gives the same values after every failure."""
    x, w = kg.ParameterVector("x", 2), kg.ParameterVector("w", 2)
    circuit = kg.Circuit(2).ry(x[0], 0).ry(x[1], 1).cx(0, 1).rx(w[0], 0).rx(w[1], 1)
    program = kg.compile(circuit, [kg.PauliSum("ZI"), kg.PauliSum("IZ")], inputs=x)
    before = program.expval([0.1, 0.2], [0.3, 0.4])
    yield program
    np.testing.assert_array_equal(program.expval([0.1, 0.2], [0.3, 0.4]), before)


def refuses(error: type[Exception], *parts: str) -> Any:
    """Expect the exception, with a message that has all these parts in this order."""
    return pytest.raises(error, match="(?s)" + ".*".join(re.escape(part) for part in parts))


# ---- Qubits ----


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda c: c.h(3), IndexError, ["qubit 3", "out of range for 3"]),
        (lambda c: c.h(-1), IndexError, ["qubit -1", "out of range for 3"]),
        (lambda c: c.cx(0, 7), IndexError, ["qubit 7", "out of range for 3"]),
        (lambda c: c.cx(1, 1), ValueError, ["qubit 1", "twice"]),
        (lambda c: c.swap(2, 2), ValueError, ["qubit 2", "twice"]),
        (lambda c: c.ccx(0, 1, 0), ValueError, ["qubit 0", "twice"]),
        (lambda c: c.x(0, controls=[0]), ValueError, ["qubit 0", "twice"]),
        (lambda c: c.x(0, controls=[1, 1]), ValueError, ["qubit 1", "twice"]),
        (lambda c: c.x(0, controls=[5]), IndexError, ["qubit 5", "out of range for 3"]),
        (lambda c: c.x(0, controls={1: 2}), ValueError, ["qubit 1", "2", "0 or 1"]),
        (lambda c: c.pauli_rotation(0.1, "XX", [0, 3]), IndexError, ["qubit 3", "3"]),
        (lambda c: c.pauli_rotation(0.1, "XX", [0, 0]), ValueError, ["qubit 0", "twice"]),
        (lambda c: c.pauli_rotation(0.1, "XX", [0]), ValueError, ['"XX"', "2 letters", "1 qubits"]),
        (lambda c: c.pauli_rotation(0.1, "XQ", [0, 1]), ValueError, ["'Q'", "I, X, Y or Z"]),
        (lambda c: c.unitary(np.eye(4), [0, 4]), IndexError, ["qubit 4", "3"]),
        (lambda c: c.unitary(np.eye(4), [2, 2]), ValueError, ["qubit 2", "twice"]),
        (lambda c: c.evolution(0.1, kg.PauliSum("XX"), [0, 3]), IndexError, ["qubit 3", "3"]),
        (lambda c: c.compose(kg.Circuit(4).h(3)), ValueError, ["4-qubit", "3 qubits"]),
        (lambda c: c.compose(kg.Circuit(2).h(1), [0]), ValueError, ["1 qubits", "2-qubit"]),
        (lambda c: c.compose(kg.Circuit(2).h(1), [0, 3]), IndexError, ["qubit 3", "3"]),
        (lambda c: c.compose(kg.Circuit(2).h(1), [1, 1]), ValueError, ["qubit 1", "twice"]),
        (lambda c: c.h("0"), TypeError, ["qubit must be an integer", "'0' (str)"]),
        (lambda c: c.h(0.5), TypeError, ["qubit must be an integer", "0.5 (float)"]),
        (lambda c: c.h(None), TypeError, ["qubit must be an integer", "None"]),
        (lambda c: c.h(2**40), IndexError, [f"qubit {2**40}", "out of range"]),
        (lambda c: c.rx(0, kg.Parameter("a")), TypeError, ["integer", "angles come before qubits"]),
        (lambda c: c.x(0, controls=1), TypeError, ["controls must be a list", "1 (int)"]),
        (lambda c: c.x(0, controls=["1"]), TypeError, ["qubit must be an integer", "'1'"]),
        (lambda c: c.x(0, controls={1: "on"}), ValueError, ["qubit 1", "'on'", "0 or 1"]),
        (lambda c: c.pauli_rotation(0.1, "X", 0), TypeError, ["qubits must be a list", "0 (int)"]),
        (lambda c: c.compose(kg.Circuit(1).h(0), 0), TypeError, ["qubits must be a list", "(int)"]),
        (lambda c: c.h(), TypeError, ["h("]),
    ],
)
def test_qubits(
    circuit: kg.Circuit, call: Callable, error: type[Exception], parts: list[str]
) -> None:
    with refuses(error, *parts):
        call(circuit)


@pytest.mark.parametrize("n_qubits", [0, -1, 100_001, 10**6])
def test_circuit_sizes(n_qubits: int) -> None:
    with refuses(ValueError, f"number of qubits {n_qubits} ", "[1, 100000]"):
        kg.Circuit(n_qubits)


@pytest.mark.parametrize("n_qubits", [63, 1000])
def test_circuits_too_wide_to_run(n_qubits: int) -> None:
    circuit = kg.Circuit(n_qubits).h(n_qubits - 1)
    for run in (kg.compile, kg.Circuit.state):
        with refuses(ValueError, f"{n_qubits}", "62"):
            run(circuit)


def test_circuit_arguments(circuit: kg.Circuit) -> None:
    with refuses(ValueError, "cannot be repeated -1 times"):
        circuit.repeat(-1)
    with refuses(ValueError, "exponent", "nan", "finite"):
        circuit.power(NAN)
    with refuses(ValueError, "at least one control"):
        circuit.control([])
    with refuses(ValueError, "control 1", "3", "0 or 1"):
        circuit.control([1, 3])
    with refuses(ValueError, "13-qubit", "limit of 12 qubits"):
        kg.Circuit(13).matrix()
    with refuses(AttributeError, "Circuit", "hadamard"):
        circuit.hadamard(0)


def test_initialize(circuit: kg.Circuit) -> None:
    with refuses(ValueError, "1 to 2^1 amplitudes", "got 1000000000000"):
        kg.Circuit(1).initialize(range(10**12))
    with refuses(ValueError, "initialize must be the first"):
        circuit.initialize([1.0])
    with refuses(ValueError, "1 to 2^1 amplitudes", "got 3"):
        kg.Circuit(1).initialize([1, 0, 0])
    with refuses(ValueError, "1 to 2^1 amplitudes", "got 0"):
        kg.Circuit(1).initialize([])
    with refuses(ValueError, "norm 0", "positive"):
        kg.Circuit(1).initialize([0, 0]).state()
    with refuses(ValueError, "initialize has no inverse"):
        kg.Circuit(1).initialize([1, 1]).inverse()
    with refuses(ValueError, "initialize cannot be controlled"):
        kg.Circuit(1).initialize([1, 1]).control()
    with refuses(ValueError, "initialize", "no matrix"):
        kg.Circuit(1).initialize([1, 1]).matrix()
    with refuses(ValueError, "nan", "finite"):
        kg.Circuit(1).initialize([1, NAN])


# ---- Matrices ----


@pytest.mark.parametrize(
    ("matrix", "parts"),
    [
        (np.array([[1, 1], [0, 1]]), ["not unitary", "limit"]),
        (2 * np.eye(2), ["not unitary", "3", "limit"]),
        (np.eye(4), ["2 x 2", "4 x 4"]),
        (np.eye(3), ["2 x 2", "3 x 3"]),
        (np.ones((2, 3)), ["2 x 2", "2 x 3"]),
        (np.full((2, 2), NAN), ["not finite"]),
        (np.full((2, 2), INF), ["not finite"]),
        (np.zeros((0, 0)), ["2 x 2", "0 x 0"]),
    ],
)
def test_unitary_matrices(circuit: kg.Circuit, matrix: np.ndarray, parts: list[str]) -> None:
    with refuses(ValueError, "the unitary matrix", *parts):
        circuit.unitary(matrix, [0])


@pytest.mark.parametrize(
    ("matrix", "parts"),
    [
        (np.array([[1, 1], [0, 1]]), ["not Hermitian", "1", "limit"]),
        (np.eye(3), ["2 x 2", "3 x 3"]),
        (np.full((2, 2), NAN), ["not finite"]),
    ],
)
def test_hermitian_matrices(circuit: kg.Circuit, matrix: np.ndarray, parts: list[str]) -> None:
    with refuses(ValueError, "the generator", *parts):
        circuit.evolution(0.1, matrix, [0])
    with refuses(ValueError, *parts):
        kg.MatrixObservable(matrix, [0])


@pytest.mark.parametrize("matrix", ["X", None, np.ones((2, 2, 2)), [["a", "b"], ["c", "d"]]])
def test_what_is_not_a_matrix(circuit: kg.Circuit, matrix: Any) -> None:
    error = ValueError if isinstance(matrix, np.ndarray) else TypeError  # of three axes
    with refuses(error, "the matrix must"):
        circuit.unitary(matrix, [0])
    with refuses(error, "the matrix must"):
        kg.MatrixObservable(matrix, [0])


def test_matrix_observables() -> None:
    with refuses(ValueError, "0"):
        kg.MatrixObservable(np.eye(1), [])
    with refuses(ValueError, "qubit 0", "twice"):
        kg.MatrixObservable(np.eye(4), [0, 0])
    with refuses(IndexError, "qubit -1"):
        kg.MatrixObservable(np.eye(2), [-1])


# ---- States ----


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
        (lambda s: s.set_basis(-1), ValueError, ["basis_state is -1", "from 0"]),
        (lambda s: s.measure(2), IndexError, ["qubit 2", "2 qubit"]),
        (lambda s: s.measure("0"), TypeError, ["qubit must be an integer", "'0' (str)"]),
        (lambda s: s.measure(0, seed=-1), ValueError, ["seed -1", "out of range"]),
        (lambda s: s.probabilities(0), TypeError, ["qubits must be a list", "0 (int)"]),
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


# ---- Memory: refused before allocating, naming the bytes ----

BYTES_40 = 16 * 2**40


def test_states_wider_than_memory() -> None:
    with refuses(MemoryError, "40-qubit", f"{BYTES_40} bytes", "TiB", "available"):
        kg.State(40)
    with refuses(MemoryError, "40-qubit", "single", f"{BYTES_40 // 2} bytes"):
        kg.State(40, precision="single")
    with refuses(MemoryError, "62-qubit", "EiB"):
        kg.State(62)


@pytest.mark.parametrize("n_qubits", [34, 40, 62])
def test_states_that_no_small_machine_holds(n_qubits: int) -> None:
    for precision, size in (("double", 16), ("single", 8)):
        needed = size << n_qubits
        assert kg.State.bytes(n_qubits, precision) == needed
        if os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") < needed:
            with refuses(MemoryError, f"{n_qubits}-qubit", f"{needed} bytes", "available"):
                kg.State(n_qubits, precision=precision)


@pytest.mark.parametrize("n_qubits", [0, -1, 63, 64, 10**6])
def test_states_beyond_the_address_space(n_qubits: int) -> None:
    for call in (kg.State, kg.State.bytes):
        with refuses(ValueError, f"number of qubits {n_qubits} ", "[1, 62]"):
            call(n_qubits)


def test_reduced_density_matrices(state: kg.State) -> None:
    with refuses(IndexError, "qubit 2", "2 qubit"):
        state.reduced_density_matrix([2])
    with refuses(ValueError, "qubit 1", "twice"):
        state.reduced_density_matrix([1, 1])
    with refuses(ValueError, "0 qubits", "[1, 12]"):
        state.reduced_density_matrix([])
    with refuses(ValueError, "13 qubits", "[1, 12]"):
        kg.State(13).reduced_density_matrix(range(13))


def test_circuits_wider_than_memory() -> None:
    circuit = kg.Circuit(40).rx(kg.Parameter("a"), 0)
    with refuses(MemoryError, "40-qubit", f"{BYTES_40} bytes"):
        circuit.state({"a": 0.1})
    program = kg.compile(circuit, kg.PauliSum("Z0", n_qubits=40))
    calls = [
        lambda: program.expval(weights=[0.1]),
        lambda: program.variance(weights=[0.1]),
        lambda: program.state(weights=[0.1]),
        lambda: program.probs(weights=[0.1]),
        lambda: program.sample(10, weights=[0.1]),
        lambda: program.vjp([1.0], weights=[0.1]),
        lambda: program.jacobian(weights=[0.1]),
    ]
    for call in calls:
        with refuses(MemoryError, "bytes", "TiB", "available"):
            call()


def test_results_larger_than_memory(program: kg.Program) -> None:
    with refuses(MemoryError, "bytes", "available"):
        program.sample(10**13, [0.1, 0.2], [0.3, 0.4])
    wide = kg.compile(kg.Circuit(20).rx(kg.Parameter("a"), 0), inputs=["a"])
    with refuses(MemoryError, "bytes", "available"):
        wide.state(inputs=np.zeros((2**22, 1)))
    with refuses(MemoryError, "bytes", "available"):
        kg.State(1).sample(10**13)


# ---- Parameters ----


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
    for angle, said in [(None, "None"), (1j, "1j (complex)"), ([0.1], "[0.1] (list)")]:
        for add in (circuit.rx, lambda a, q: circuit.pauli_rotation(a, "X", [q])):
            with refuses(TypeError, "angle must be a number", said):
                add(angle, 0)
    with refuses(TypeError, "'b' (str)"):
        circuit.assign({"a": "b"})


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


# ---- Programs ----


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
        ({"x": 1}, W, TypeError, ["inputs must be real", "object"]),
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


# ---- Pauli text ----


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["expected"]),
        ("ZQ", ["position 1", "'Q'"]),
        ("xyz", ["position 0", "'x'"]),
        ("Z0 Z0", ["qubit 0", "twice"]),
        ("0.5*", ["position 4", "the end"]),
        ("0.5 * * Z0", ["position 6", "'*'"]),
        ("Z0 Z1 +", ["position 7", "the end"]),
        ("Z0 2 Z1", ["'+' or '-'", "position 3"]),
        ("Z999", ["qubit 999", "61"]),
        ("Z99999999999999999999", ["qubit number"]),
        ("nan*Z0", ["position 0"]),
        ("1e999*Z0", ["number"]),
        ("Z" * 63, ["1 to 62", "63"]),
        ("Z0\x00", ['Pauli text "Z0']),
        ("½Z0", ["position 0"]),
    ],
)
def test_pauli_text(text: str, parts: list[str]) -> None:
    with refuses(ValueError, *parts):
        kg.PauliSum(text)


def test_pauli_sums() -> None:
    with refuses(ValueError, "at least one term"):
        kg.PauliSum({})
    with refuses(ValueError, "same length", '"ZZZ"', "3"):
        kg.PauliSum({"ZZ": 1.0, "ZZZ": 1.0})
    with refuses(ValueError, "'A'"):
        kg.PauliSum({"ZA": 1.0})
    with refuses(ValueError, "nan"):
        kg.PauliSum({"ZZ": NAN})
    with refuses(ValueError, "inf"):
        kg.PauliSum("ZZ") * INF
    with refuses(IndexError, "qubit 3", "2 qubits"):
        kg.PauliSum("Z3", n_qubits=2)
    with refuses(ValueError, "-2"):
        kg.PauliSum("Z0", n_qubits=-2)
    with refuses(ValueError, "63", "[1, 62]"):
        kg.PauliSum("Z0", n_qubits=63)
    with refuses(ValueError, "not Hermitian"):
        kg.PauliSum("X") @ kg.PauliSum("Z")
    with refuses(ValueError, "13-qubit", "12"):
        kg.PauliSum("Z" * 13).matrix()
    with refuses(ValueError, '"XZ"', "2 letters", "1 qubits"):
        kg.PauliSum.from_sparse([("XZ", [0], 0.5)], n_qubits=3)
    with refuses(IndexError, "qubit 5", "3 qubits"):
        kg.PauliSum.from_sparse([("X", [5], 0.5)], n_qubits=3)
    with refuses(TypeError, "terms must be a list of (letters, qubits, coefficient)"):
        kg.PauliSum.from_sparse(np.zeros((2, 2)), n_qubits=2)  # rows are made while it is read
    for bad in (None, 3, ["ZZ"]):
        with refuses(TypeError, "PauliSum"):
            kg.PauliSum(bad)
    for bad in ({"ZZ": 1j}, {"ZZ": "1"}):
        with refuses(TypeError, "'ZZ'", "real number"):
            kg.PauliSum(bad)


# ---- JSON ----


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["JSON"]),
        ("{", ["JSON"]),
        ("[]", ["object"]),
        ('{"format": "ketgrad.circuit"}', ["version"]),
        ('{"format": "other", "version": 1, "n_qubits": 1, "operations": []}', ["other"]),
        (
            '{"format": "ketgrad.circuit", "version": 9, "n_qubits": 1, "operations": []}',
            ["version", "9"],
        ),
        (
            '{"format": "ketgrad.circuit", "version": 1, "n_qubits": 100001, "operations": []}',
            ["100001", "100000"],
        ),
        (
            '{"format": "ketgrad.circuit", "version": 1, "n_qubits": 1,'
            ' "operations": [{"gate": "warp", "targets": [0]}]}',
            ["'warp'"],
        ),
        (
            '{"format": "ketgrad.circuit", "version": 1, "n_qubits": 1,'
            ' "operations": [{"gate": "x", "targets": [4]}]}',
            ["qubit 4", "1 qubit"],
        ),
    ],
)
def test_circuit_json(text: str, parts: list[str]) -> None:
    with refuses(ValueError, *parts):
        kg.Circuit.from_json(text)


def test_model_json() -> None:
    text = kg.make_model(1, n_layers=1).to_json()
    for bad in ("", "[]", "null", "{}", text[:-1], text.replace("ketgrad.model", "other")):
        with pytest.raises(ValueError, match=r"JSON|model") as info:
            kg.Model.from_json(bad)
        assert "json.exception" not in str(info.value)


# ---- Names of parts ----


@pytest.mark.parametrize(
    ("call", "parts"),
    [
        (lambda: kg.ansatz("warp", 2, 1), ["'warp'", "strongly_entangling"]),
        (lambda: kg.feature_map("warp", 2), ["'warp'", "angle"]),
        (lambda: kg.entangling_pairs("warp", 2), ["'warp'", "ring"]),
        (lambda: kg.basic_entangler(2, 1, "warp"), ["'warp'"]),
        (lambda: kg.two_local(2, 1, ["ry"], "warp"), ["'warp'"]),
        (lambda: kg.strongly_entangling(0, 1), ["0"]),
        (lambda: kg.strongly_entangling(2, 0), ["0"]),
        (lambda: kg.hardware_efficient(2, -1), ["-1"]),
        (lambda: kg.angle_map(0), ["0"]),
        (lambda: kg.amplitude_map(0), ["0"]),
        (lambda: kg.iqp_map(2, reps=0), ["0"]),
        (lambda: kg.make_model(2, n_outputs=0), ["0"]),
        (lambda: kg.make_model(1, n_outputs=4, n_qubits=1), ["4"]),
        (lambda: kg.set_num_threads(-1), ["-1"]),
        (lambda: kg.set_simd_target("ABACUS"), ["'ABACUS'", "SCALAR"]),
    ],
)
def test_parts(call: Callable, parts: list[str]) -> None:
    with refuses(ValueError, *parts):
        call()


def test_ragged_lists(program: kg.Program) -> None:
    with refuses(ValueError, "inputs", "of one length", "[[0.1, 0.2], [0.1]] (list)"):
        program.expval([X, [0.1]], W)
    with refuses(ValueError, "weights", "of one length"):
        program.expval(X, [0.3, [0.4]])
    with refuses(ValueError, "amplitudes", "of one length"):
        kg.State.from_amplitudes([1.0, [0.0]])


# ---- Training ----


@pytest.fixture
def trainer() -> Iterator[kg.Trainer]:
    model = kg.make_model(2, n_layers=1)
    trainer = kg.Trainer(model, loss="squared", epochs=2, batch_size=4)
    before = trainer.model.parameters
    yield trainer
    np.testing.assert_array_equal(trainer.model.parameters, before)
    assert trainer.history == []


ROWS, TARGETS = np.zeros((8, 2)), np.zeros((8, 1))


@pytest.mark.parametrize(
    ("inputs", "targets", "weight", "error", "parts"),
    [
        (np.zeros((8, 3)), TARGETS, None, ValueError, ["inputs", "(samples, 2)", "(8, 3)"]),
        (np.zeros(2), TARGETS, None, ValueError, ["inputs", "(samples, 2)", "(2,)"]),
        (ROWS, np.zeros((8, 2)), None, ValueError, ["targets", "(samples, 1)", "(8, 2)"]),
        (ROWS, np.zeros((8, 1, 1)), None, ValueError, ["targets", "(samples,)", "(8, 1, 1)"]),
        (ROWS, [[0.0], [0.0, 1.0]], None, ValueError, ["targets", "of one length"]),
        (ROWS, np.zeros((7, 1)), None, ValueError, ["8 rows", "7"]),
        (ROWS, TARGETS, np.ones(7), ValueError, ["7", "8"]),
        (ROWS, TARGETS, np.ones(16), ValueError, ["16", "8"]),
        (ROWS, TARGETS, -np.ones(8), ValueError, ["-1", "negative"]),
        (ROWS, TARGETS, np.zeros(8), ValueError, ["0", "positive"]),
        (ROWS, TARGETS, np.full(8, NAN), ValueError, ["nan"]),
        (np.zeros((0, 2)), np.zeros((0, 1)), None, ValueError, ["no samples"]),
        (np.full((8, 2), NAN), TARGETS, None, ValueError, ["input", "nan", "finite"]),
        (ROWS, np.full((8, 1), NAN), None, ValueError, ["target", "nan"]),
        (ROWS + 1j, TARGETS, None, TypeError, ["inputs must be real", "complex"]),
        (ROWS, TARGETS.astype(str), None, TypeError, ["targets must be real"]),
        (ROWS, TARGETS, ["a"] * 8, TypeError, ["sample_weight must be real"]),
    ],
)
def test_training_data(
    trainer: kg.Trainer,
    inputs: Any,
    targets: Any,
    weight: Any,
    error: type[Exception],
    parts: list[str],
) -> None:
    for train in (trainer.fit, trainer.step_epoch):
        with refuses(error, *parts):
            train(inputs, targets, sample_weight=weight)


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({"loss": "warp"}, ["'warp'", "cross_entropy"]),
        ({"optimizer": "warp"}, ["'warp'", "adam"]),
        ({"schedule": "warp"}, ["'warp'", "cosine"]),
        ({"learning_rate": 0.0}, ["0"]),
        ({"learning_rate": NAN}, ["nan"]),
        ({"epochs": 0}, ["epochs is 0", "at least 1"]),
        ({"patience": 0, "early_stopping": True}, ["patience is 0", "at least 1"]),
        ({"tolerance": -1.0, "early_stopping": True}, ["tolerance is -1"]),
        ({"validation_fraction": 1.0}, ["fraction is 1", "[0, 1)"]),
        ({"momentum": 1.0, "optimizer": "nesterov"}, ["1", "[0, 1)"]),
        ({"weight_decay": -0.1, "optimizer": "adamw"}, ["-0.1"]),
    ],
)
def test_training_options(options: dict[str, Any], parts: list[str]) -> None:
    with refuses(ValueError, *parts):
        kg.Trainer(kg.make_model(1), **options)


def test_models() -> None:
    model = kg.make_model(2, n_layers=1)
    before = model.parameters
    with refuses(ValueError, str(model.n_parameters), "got 1"):
        model.parameters = [0.0]
    with refuses(ValueError, "parameter 0", "nan"):
        model.parameters = np.full(model.n_parameters, NAN)
    with refuses(TypeError, "real"):
        model.parameters = before + 1j
    with refuses(ValueError, "spread", "-1"):
        model.initialize(spread=-1)
    with refuses(ValueError, "(samples, 2)", "(1, 3)"):
        model.outputs([[0.0, 0.0, 0.0]])
    with refuses(ValueError, "at least one observable"):
        kg.Model(kg.Circuit(1), [], [])
    np.testing.assert_array_equal(model.parameters, before)
    with refuses(ValueError, "'warp'"):
        kg.class_targets([0, 1], 2, "warp")
    with refuses(IndexError, "class 2", "2 classes"):
        kg.class_targets([0, 2], 2)
    with refuses(ValueError, "-1 at 0", "at least 0"):
        kg.class_targets([-1], 2)


# ---- The environment ----


def test_a_nonsense_simd_target_is_refused_by_name() -> None:
    code = "import ketgrad as kg; kg.Circuit(1).h(0).state()"
    environment = {**os.environ, "KETGRAD_TARGET": "ABACUS"}
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "ValueError" in result.stderr
    assert "'ABACUS'" in result.stderr
    assert "SCALAR" in result.stderr or "NEON" in result.stderr
