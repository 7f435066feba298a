"""Programs: slots for inputs and weights, shapes, precision, batches and what they share."""

import pickle
import threading

import numpy as np
import pytest

import ketgrad as kg

X, W = kg.ParameterVector("x", 2), kg.ParameterVector("w", 3)


@pytest.fixture
def circuit() -> kg.Circuit:
    circuit = kg.Circuit(2).ry(X[0], 0).ry(X[1], 1).cx(0, 1)
    return circuit.rx(W[2], 0).rx(W[0], 1).rz(W[1], 0)


def test_weights_come_in_the_order_of_their_vector(circuit: kg.Circuit) -> None:
    program = kg.compile(circuit, inputs=X)
    assert program.inputs == ["x[0]", "x[1]"]
    assert program.weights == ["w[0]", "w[1]", "w[2]"]
    assert (program.n_qubits, program.n_observables, program.precision) == (2, 0, "double")


@pytest.mark.parametrize(
    ("inputs", "names"),
    [
        (X, ["x[0]", "x[1]"]),
        ([X[1], X[0]], ["x[1]", "x[0]"]),
        (["x[1]"], ["x[1]"]),
        (X[0], ["x[0]"]),
        ("w[0]", ["w[0]"]),
        ([X[0], "w[1]"], ["x[0]", "w[1]"]),
        ([X, W[1], "w[0]"], ["x[0]", "x[1]", "w[1]", "w[0]"]),
        ((p for p in X), ["x[0]", "x[1]"]),
        ("x", ["x[0]", "x[1]"]),
        (["w[1]", "x"], ["w[1]", "x[0]", "x[1]"]),
        (None, []),
        ([], []),
    ],
)
def test_inputs_are_named_in_many_ways(circuit: kg.Circuit, inputs, names: list[str]) -> None:
    assert kg.compile(circuit, inputs=inputs).inputs == names


@pytest.mark.parametrize(
    ("observables", "count"),
    [
        ("ZI", 1),
        ("0.5*Z0 - X1", 1),
        ({"ZI": 0.5, "IX": -1.0}, 1),
        ([{"ZI": 0.5}, "IX"], 2),
        (kg.PauliSum("ZI"), 1),
        (kg.MatrixObservable(np.eye(2), [1]), 1),
        (["ZI", kg.PauliSum("IZ"), kg.MatrixObservable(np.eye(2), [1])], 3),
        (("ZI", "IZ"), 2),
        ((), 0),
    ],
)
def test_observables_are_given_in_many_ways(circuit: kg.Circuit, observables, count: int) -> None:
    assert kg.compile(circuit, observables).n_observables == count


def test_text_is_a_pauli_sum(circuit: kg.Circuit) -> None:
    x, w = [0.4, -0.9], [0.3, 1.4, -0.6]
    by_text = kg.compile(circuit, ["ZI", {"ZX": 0.5}], inputs="x")
    by_sum = kg.compile(circuit, [kg.PauliSum("ZI"), kg.PauliSum("0.5*X0 Z1")], inputs=X)
    np.testing.assert_array_equal(by_text.expval(x, w), by_sum.expval(x, w))
    state = kg.State.from_amplitudes(by_text.state(x, w))
    for values, read in [
        (by_text.expval(x, w), state.expval),
        (by_text.variance(x, w), state.variance),
    ]:
        np.testing.assert_allclose(values, [read("ZI"), read({"ZX": 0.5})], atol=1e-14)


def test_inputs_that_a_circuit_does_not_use_change_nothing(circuit: kg.Circuit) -> None:
    """A table may have more columns than a circuit reads."""
    program = kg.compile(circuit, kg.PauliSum("ZZ"), inputs=kg.ParameterVector("x", 3))
    a, b = program.expval([[0.1, 0.2, 0.0], [0.1, 0.2, 9.0]], [0.3, 0.4, 0.5])
    np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(program.jacobian([0.1, 0.2, 9.0], [0.3, 0.4, 0.5])[0][:, 2], [0])


def test_results_agree_with_the_circuit(circuit: kg.Circuit) -> None:
    observables = [kg.PauliSum("ZI"), kg.PauliSum({"XX": 0.5, "YI": 1.0})]
    program = kg.compile(circuit, observables, inputs=X)
    x, w = [0.4, -0.9], [0.3, 1.4, -0.6]
    values = dict(zip([*program.inputs, *program.weights], [*x, *w], strict=True))
    psi = circuit.state(values)
    state = kg.State.from_amplitudes(psi)
    np.testing.assert_allclose(program.state(x, w), psi, atol=1e-15)
    np.testing.assert_allclose(program.probs(x, w), np.abs(psi) ** 2, atol=1e-15)
    np.testing.assert_allclose(
        program.expval(x, w), [state.expval(o) for o in observables], atol=1e-14
    )
    np.testing.assert_allclose(
        program.variance(x, w), [state.variance(o) for o in observables], atol=1e-14
    )


def test_shapes(circuit: kg.Circuit) -> None:
    program = kg.compile(circuit, kg.PauliSum("ZZ"), inputs=X)
    x, w = np.zeros(2), np.zeros(3)
    for inputs, weights, batch in [
        (x, w, ()),
        (np.tile(x, (4, 1)), w, (4,)),
        (x, np.tile(w, (4, 1)), (4,)),
        (np.tile(x, (1, 1)), w, (1,)),
    ]:
        assert program.expval(inputs, weights).shape == (*batch, 1)
        assert program.expval(inputs, weights, shots=3).shape == (*batch, 1)
        assert program.variance(inputs, weights).shape == (*batch, 1)
        assert program.state(inputs, weights).shape == (*batch, 4)
        assert program.probs(inputs, weights).shape == (*batch, 4)
        assert program.sample(7, inputs, weights).shape == (*batch, 7)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.int8, bool])
def test_real_arrays_of_any_type_and_layout(circuit: kg.Circuit, dtype: type) -> None:
    program = kg.compile(circuit, kg.PauliSum("ZZ"), inputs=X)
    inputs = np.array([[0, 1], [1, 1], [1, 0]]).astype(dtype)
    expected = program.expval(inputs.astype(float), [0.1, 0.2, 0.3])
    for layout in (
        inputs,
        np.asfortranarray(inputs),
        np.repeat(inputs, 2, axis=0)[::2],
        inputs.tolist(),
    ):
        np.testing.assert_array_equal(program.expval(layout, (0.1, 0.2, 0.3)), expected)


def test_samples_are_repeatable_and_differ_by_row_and_seed(circuit: kg.Circuit) -> None:
    program = kg.compile(kg.Circuit(1).h(0).rz(X[0], 0), inputs=X[0])
    rows = np.zeros((3, 1))
    draws = program.sample(200, rows, seed=1)
    np.testing.assert_array_equal(draws, program.sample(200, rows, seed=1))
    assert (draws != program.sample(200, rows, seed=2)).any()
    assert (draws[0] != draws[1]).any()


def test_no_seed_is_a_fresh_one() -> None:
    program = kg.compile(kg.Circuit(6).h(0).h(1).h(2).h(3).h(4).h(5), "Z0 + 0.5*Z1")
    shifted = kg.compile(kg.Circuit(1).rx(kg.Parameter("a"), 0), "Z")
    plus = program.state()
    draws = [
        lambda: program.expval(shots=10**6),
        lambda: program.probs(shots=1000),
        lambda: program.sample(100),
        lambda: shifted.jacobian(
            weights=[0.5], diff_method="parameter-shift", shots=10**9, of="expval"
        )[1],
        lambda: kg.State.from_amplitudes(plus).sample(100),
        lambda: [measure_all(kg.State.from_amplitudes(plus)) for _ in range(20)],
        lambda: [measure_all(kg.State(6).set_amplitudes(plus)) for _ in range(20)],
    ]
    for draw in draws:
        assert (np.asarray(draw()) != np.asarray(draw())).any()
    model = kg.make_model(2)
    model.initialize()
    before = model.parameters
    model.initialize()
    assert (model.parameters != before).any()


def measure_all(state: kg.State) -> list[int]:
    return [state.measure(q) for q in range(state.n_qubits)]


def test_frequencies_from_shots(circuit: kg.Circuit) -> None:
    program = kg.compile(circuit, inputs=X)
    x, w, shots = [[0.4, -0.9], [1.0, 0.2]], [0.3, 1.4, -0.6], 10**6
    p = program.probs(x, w)
    drawn = program.probs(x, w, shots=shots, seed=1)
    assert drawn.shape == (2, 4)
    np.testing.assert_allclose(drawn.sum(axis=1), 1)
    assert (np.abs(drawn - p) <= 5 * np.sqrt(p * (1 - p) / shots)).all()
    np.testing.assert_array_equal(drawn, program.probs(x, w, shots=shots, seed=1))


def test_a_program_without_parameters() -> None:
    program = kg.compile(kg.Circuit(2).h(0).cx(0, 1), [kg.PauliSum("ZZ"), kg.PauliSum("XX")])
    np.testing.assert_allclose(program.expval(), [1, 1])
    np.testing.assert_allclose(program.probs(), [0.5, 0, 0, 0.5])


def test_a_program_does_not_follow_its_circuit() -> None:
    circuit = kg.Circuit(1).x(0)
    program = kg.compile(circuit, kg.PauliSum("Z"))
    circuit.x(0)
    np.testing.assert_array_equal(program.expval(), [-1])


def test_one_program_serves_several_threads(circuit: kg.Circuit) -> None:
    program = kg.compile(circuit, kg.PauliSum("ZZ"), inputs=X)
    rng = np.random.default_rng(0)
    batches = [rng.normal(size=(50, 2)) for _ in range(4)]
    expected = [program.expval(batch, [0.1, 0.2, 0.3]) for batch in batches]
    got: list[list[np.ndarray]] = [[] for _ in batches]

    def work(k: int) -> None:
        got[k] = [program.expval(batches[k], [0.1, 0.2, 0.3]) for _ in range(20)]

    workers = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for k, results in enumerate(got):
        assert len(results) == 20
        for result in results:
            np.testing.assert_array_equal(result, expected[k])


def test_fusing_makes_fewer_steps_than_gates() -> None:
    circuit = kg.Circuit(1).h(0).t(0).rx(W[0], 0).rz(0.3, 0)
    assert kg.compile(circuit).n_steps < circuit.size


def test_programs_are_pickled(circuit: kg.Circuit) -> None:
    observables = ["ZI", kg.MatrixObservable(np.diag([1.0, 2.0]), [1])]
    for precision in ("double", "single"):
        program = kg.compile(circuit, observables, kg.ParameterVector("x", 3)[:2], precision)
        again = pickle.loads(pickle.dumps(program))
        assert repr(again) == repr(program)
        assert (again.inputs, again.weights) == (program.inputs, program.weights)
        x, w = [0.1, 0.2], [0.3, 0.4, 0.5]
        np.testing.assert_array_equal(again.expval(x, w), program.expval(x, w))
