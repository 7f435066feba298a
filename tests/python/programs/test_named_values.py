"""Values by the name of a parameter or a vector, wherever values go in."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ketgrad as kg

A = kg.Parameter("a")
W = kg.ParameterVector("w", 3)
X = kg.ParameterVector("x", 2)
CIRCUIT = kg.Circuit(2).rx(W[2], 0).ry(A, 1).cx(0, 1).rz(W[0], 1).ry(W[1], 0)
NUMBERS = [0.1, 0.2, 0.3, 0.4]  # w[0], w[1], w[2], a
SAYINGS: list[Any] = [
    NUMBERS,
    np.array(NUMBERS, dtype=np.float32).astype(float) * 0 + NUMBERS,
    {"w": [0.1, 0.2, 0.3], "a": 0.4},
    {W: (0.1, 0.2, 0.3), A: 0.4},
    {"a": np.float64(0.4), W: np.array([0.1, 0.2, 0.3])},
    {"w[0]": 0.1, W[1]: 0.2, "w[2]": 0.3, "a": 0.4},
]
WRONG: list[tuple[Any, type[Exception], str]] = [
    ({"w": [0.1, 0.2], "a": 0.4}, ValueError, "'w'.* 3"),
    ({W: [0.1, 0.2], "a": 0.4}, ValueError, "'w'.* 3"),
    ({"w": 0.1, "a": 0.4}, ValueError, "'w'"),
    ({"w": [0.1] * 3, "w[0]": 0.1, "a": 0.4}, ValueError, r"'w\[0\]' is given twice"),
    ({"w": [0.1] * 3}, ValueError, "'a' has no value"),
    ({"w": [0.1] * 3, "a": 0.4, "b": 1.0}, ValueError, "'b'; the closest are 'a'"),
    ({"w": [0.1, 0.2, "c"], "a": 0.4}, TypeError, "'w'"),
    ({1: 0.4}, TypeError, r"not by 1 \(int\)"),
    ([0.1, 0.2, 0.3], ValueError, "4"),
    ([0.1, 0.2, 0.3, {"a": 0.4}], TypeError, "real numbers"),
]


@pytest.mark.parametrize("saying", SAYINGS)
def test_every_way_to_say_them_is_the_same(saying: Any) -> None:
    state = CIRCUIT.state({"w[0]": 0.1, "w[1]": 0.2, "w[2]": 0.3, "a": 0.4})
    assert CIRCUIT.parameters == ["w[0]", "w[1]", "w[2]", "a"]
    assert (CIRCUIT.state(saying) == state).all()
    assert (CIRCUIT.state(saying, precision="double") == state).all()
    assert np.allclose(CIRCUIT.matrix(saying)[:, 0], state)
    assert (CIRCUIT.assign(saying).state() == state).all()
    assert (kg.State(2).apply(CIRCUIT, saying).amplitudes() == state).all()
    assert np.allclose(CIRCUIT.density_matrix(saying).matrix(), np.outer(state, state.conj()))
    counts = CIRCUIT.run(100, seed=1, values=saying).counts()
    assert counts == CIRCUIT.assign(saying).run(100, seed=1).counts()
    program = kg.compile(CIRCUIT, ["ZI", "XX"])
    assert (program.state(weights=saying) == program.state(weights=NUMBERS)).all()
    expected = program.expval(weights=NUMBERS)
    assert (program.expval(weights=saying) == expected).all()
    assert (program.jacobian(weights=saying)[1] == program.jacobian(weights=NUMBERS)[1]).all()
    noisy = kg.compile_noisy(CIRCUIT, ["ZI", "XX"])
    assert (noisy.expval(weights=saying) == noisy.expval(weights=NUMBERS)).all()
    assert program.bind(saying) == CIRCUIT.assign(saying)
    start = kg.minimize(program, saying, steps=1, seed=1)
    assert start == kg.minimize(program, NUMBERS, steps=1, seed=1)


@pytest.mark.parametrize(("saying", "error", "match"), WRONG)
def test_what_is_wrong_is_said_by_name(saying: Any, error: type[Exception], match: str) -> None:
    program = kg.compile(CIRCUIT, "ZI")
    for call in (
        lambda: CIRCUIT.state(saying),
        lambda: CIRCUIT.run(1, values=saying),
        lambda: program.expval(weights=saying),
        lambda: program.bind(saying),
    ):
        with pytest.raises(error, match=match):
            call()


def test_lists_for_one_parameter_are_batches_of_programs_alone() -> None:
    saying: Any = {"a": [0.1, 0.2], "w": [0.1] * 3}
    assert kg.compile(CIRCUIT, "ZI").expval(weights=saying).shape == (2, 1)
    with pytest.raises(ValueError, match="'a' is a single parameter; it got 2 values"):
        CIRCUIT.state(saying)
    with pytest.raises(ValueError, match="one row"):
        kg.compile(CIRCUIT, "ZI").bind(saying)


def test_batches_by_name() -> None:
    circuit = kg.Circuit(2).ry(X[0], 0).ry(X[1], 1).cx(0, 1).rx(W[0], 0).rx(A, 1)
    program = kg.compile(circuit, "ZZ", inputs=X, weights=[W, A])
    rows, numbers = np.arange(6.0).reshape(3, 2), np.array([0.1, 0.2, 0.3, 0.4])
    expected = program.expval(inputs=rows, weights=numbers)
    by_name = {"w": numbers[:3], "a": numbers[3]}
    assert (program.expval(inputs={"x": rows}, weights=by_name) == expected).all()
    columns = {"x[0]": rows[:, 0], "x[1]": rows[:, 1]}
    assert (program.expval(inputs=columns, weights=by_name) == expected).all()
    each = {"w": np.tile(numbers[:3], (3, 1)), "a": 0.4}  # one row of a for all
    assert np.allclose(program.expval(inputs={X: rows}, weights=each), expected, atol=1e-14)
    # Elements that the circuit does not use may be left out by their own names.
    partly = {"w[0]": 0.1, "a": 0.4}
    assert (program.expval(inputs=rows, weights=partly) == expected).all()
    with pytest.raises(ValueError, match="'a' has 2 rows, where others have 3"):
        program.expval(inputs=rows[0], weights={"w": np.zeros((3, 3)), "a": np.zeros(2)})
    with pytest.raises(ValueError, match=r"'x' must have shape \(2,\) or \(batch, 2\)"):
        program.expval(inputs={"x": rows.T}, weights=numbers)
    with pytest.raises(ValueError, match="no weight 'x'"):
        program.expval(inputs=rows, weights={"x": [0.1, 0.2]} | by_name)
    with pytest.raises(ValueError, match="no input 'a'"):
        program.expval(inputs={"a": 0.1}, weights=numbers)


def test_vectors_in_part() -> None:
    circuit = kg.Circuit(1).rx(W[0], 0).ry(W[1], 0)
    program = kg.compile(circuit, "Z", inputs=W[1])
    with pytest.raises(ValueError, match=r"of the vector 'w' there is no element"):
        program.expval(inputs=[0.2], weights={"w": [0.1, 0.2]})
    by_element = program.expval(inputs={W[1]: 0.2}, weights={W[0]: 0.1})
    assert by_element == program.expval(inputs=[0.2], weights=program_weights(program, 0.1))


def program_weights(program: kg.Program, value: float) -> list[float]:
    """That value for w[0], and 0 for what the circuit does not use."""
    return [value if name == "w[0]" else 0.0 for name in program.weights]


def test_results_by_name() -> None:
    program = kg.compile(CIRCUIT, "ZI")
    named = program.by_name(NUMBERS)
    assert list(named) == ["w", "a"]
    assert named["w"].tolist() == [0.1, 0.2, 0.3]
    assert named["a"] == 0.4
    assert (program.expval(weights=named) == program.expval(weights=NUMBERS)).all()
    result = kg.minimize(program, NUMBERS, seed=1, steps=20)
    assert list(result.by_name) == ["w", "a"]
    assert program.expval(weights=result.by_name)[0] == pytest.approx(result.value, abs=1e-14)
    assert program.circuit == CIRCUIT


def test_noisy_programs_tell_their_circuit_and_weights_as_others_do() -> None:
    noise = kg.NoiseModel().add(kg.Channel.bit_flip(0.1), "rx")
    program = kg.compile_noisy(CIRCUIT, "ZI", noise)
    assert program.circuit == noise.apply(CIRCUIT)
    named = program.by_name(NUMBERS)
    assert named["w"].tolist() == [0.1, 0.2, 0.3]
    assert named["a"] == 0.4
    bound = program.bind(named)
    assert bound == program.bind(NUMBERS) == noise.apply(CIRCUIT.assign(named))
    expected = program.expval(weights=NUMBERS)
    assert kg.compile_noisy(bound, "ZI").expval() == pytest.approx(expected, abs=1e-14)
    with pytest.raises(ValueError, match="bind takes one row of weights"):
        program.bind([NUMBERS, NUMBERS])
    with pytest.raises(ValueError, match="by_name takes one row of weights"):
        program.by_name([NUMBERS, NUMBERS])


def test_a_parameter_and_a_vector_of_one_name() -> None:
    program = kg.compile(kg.Circuit(1).rx(kg.Parameter("w"), 0).ry(kg.ParameterVector("w", 2), 0))
    named = program.by_name([1.0, 2.0, 3.0])
    assert named == {"w": 1.0, "w[0]": 2.0, "w[1]": 3.0}
    assert (program.state(weights=named) == program.state(weights=[1.0, 2.0, 3.0])).all()


def test_a_vector_of_another_size() -> None:
    with pytest.raises(ValueError, match="'w' has 4 elements, that of the circuit 3"):
        kg.compile(CIRCUIT).state(weights={kg.ParameterVector("w", 4): np.zeros(4), A: 0.1})


def test_assigning_expressions_to_a_vector() -> None:
    b = kg.ParameterVector("b", 3)
    assert CIRCUIT.assign({"w": b}).parameters == ["b[0]", "b[1]", "b[2]", "a"]
    assert CIRCUIT.assign({W: [0.5, 2 * A, b[0]]}).parameters == ["b[0]", "b[1]", "b[2]", "a"]
    assert CIRCUIT.assign([0.1, 0.2, A, A]).parameters == ["a"]
    with pytest.raises(ValueError, match="the vector 'w' has 3 elements; it got 2"):
        CIRCUIT.assign({"w": b[:2]})


@given(st.lists(st.floats(-3, 3), min_size=4, max_size=4), st.permutations(range(4)))
def test_names_in_any_order(numbers: list[float], order: list[int]) -> None:
    names = CIRCUIT.parameters
    by_name = {names[k]: numbers[k] for k in order}
    program = kg.compile(CIRCUIT, "XZ")
    assert program.expval(weights=by_name) == program.expval(weights=numbers)
