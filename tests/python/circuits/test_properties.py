"""Laws that hold for every circuit, tried on random ones over the whole gate table."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ketgrad as kg
from circuit_strategies import (
    assignment,
    circuits,
    inputs_of,
    observables,
    values_of,
)
from gate_table import GATES

SEEDS = st.integers(0, 2**32 - 1)
EXACT = 1e-12


def test_the_gate_table_is_read_from_the_bindings() -> None:
    names = {gate.name for gate in GATES}
    issue = "x y z h s sdg t tdg sx sxdg swap iswap rx ry rz p u rxx ryy rzz"
    aliases = "cx cy cz ch ccx cswap crx cry crz cp"
    assert names >= set(f"{issue} {aliases}".split())


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_every_gate_is_unitary_and_has_an_inverse(gate) -> None:
    theta = [0.3, -1.1, 2.2][: gate.angles]
    circuit = getattr(kg.Circuit(gate.qubits), gate.name)(*theta, *range(gate.qubits))
    matrix = circuit.matrix()
    np.testing.assert_allclose(matrix.conj().T @ matrix, np.eye(2**gate.qubits), atol=EXACT)
    np.testing.assert_allclose(circuit.inverse().matrix(), matrix.conj().T, atol=EXACT)
    np.testing.assert_allclose(circuit.power(2).matrix(), matrix @ matrix, atol=EXACT)


@settings(max_examples=60)
@given(circuit=circuits(), seed=SEEDS)
def test_circuits_preserve_the_norm(circuit: kg.Circuit, seed: int) -> None:
    state = circuit.state(assignment(circuit, seed))
    assert np.linalg.norm(state) == pytest.approx(1, abs=EXACT)


@settings(max_examples=60)
@given(circuit=circuits(), seed=SEEDS)
def test_a_circuit_and_its_inverse_cancel(circuit: kg.Circuit, seed: int) -> None:
    both = kg.Circuit(circuit.n_qubits).compose(circuit).compose(circuit.inverse())
    state = both.state(assignment(circuit, seed))
    np.testing.assert_allclose(state, np.eye(state.size)[0], atol=EXACT)


@settings(max_examples=60)
@given(circuit=circuits(max_qubits=3), seed=SEEDS)
def test_the_matrix_is_unitary_and_its_first_column_is_the_state(circuit, seed: int) -> None:
    values = assignment(circuit, seed)
    matrix = circuit.matrix(values)
    np.testing.assert_allclose(matrix.conj().T @ matrix, np.eye(len(matrix)), atol=EXACT)
    np.testing.assert_allclose(matrix[:, 0], circuit.state(values), atol=EXACT)


@settings(max_examples=30)
@given(a=circuits(3, 3, 5), b=circuits(3, 3, 5), c=circuits(3, 3, 5), seed=SEEDS)
def test_compose_is_associative_and_multiplies_matrices(a, b, c, seed: int) -> None:
    left = kg.Circuit(3).compose(kg.Circuit(3).compose(a).compose(b)).compose(c)
    right = kg.Circuit(3).compose(a).compose(kg.Circuit(3).compose(b).compose(c))
    assert left == right
    values = assignment(left, seed)
    matrices = [p.matrix({k: values[k] for k in p.parameters}) for p in (c, b, a)]
    np.testing.assert_allclose(left.matrix(values), np.linalg.multi_dot(matrices), atol=EXACT)


@settings(max_examples=40)
@given(
    circuit=circuits(max_qubits=2, max_gates=6),
    on=st.lists(st.integers(0, 1), min_size=1, max_size=2),
    seed=SEEDS,
)
def test_a_controlled_circuit_is_a_block_matrix(circuit, on: list[int], seed: int) -> None:
    values = assignment(circuit, seed)
    block = circuit.matrix(values)
    expected = np.eye(len(block) * 2 ** len(on), dtype=complex)
    # Controls are the high bits of the index: the block starts where they have their values.
    start = len(block) * sum(value << k for k, value in enumerate(on))
    expected[start : start + len(block), start : start + len(block)] = block
    np.testing.assert_allclose(circuit.control(on).matrix(values), expected, atol=EXACT)


@settings(max_examples=40)
@given(circuit=circuits(3, 3, 6), order=st.permutations(range(4)), seed=SEEDS)
def test_composing_on_other_qubits_only_renames_them(circuit, order, seed: int) -> None:
    values = assignment(circuit, seed)
    qubits = list(order[:3])
    moved = kg.Circuit(4).compose(circuit, qubits).state(values)
    at = [sum(((i >> k) & 1) << q for k, q in enumerate(qubits)) for i in range(8)]
    np.testing.assert_allclose(moved[at], circuit.state(values), atol=EXACT)


@settings(max_examples=60)
@given(data=st.data(), circuit=circuits(), seed=SEEDS)
def test_adjoint_shift_and_finite_differences_agree(data, circuit, seed: int) -> None:
    measured = data.draw(observables(circuit.n_qubits))
    program = kg.compile(circuit, measured, inputs=inputs_of(circuit))
    at = {
        "inputs": values_of(program.inputs, seed),
        "weights": values_of(program.weights, seed + 1),
    }
    size = 2**circuit.n_qubits
    cotangents = {"expval": (2,), "variance": (2,), "probs": (size,), "state": (size, 2)}
    rng = np.random.default_rng(seed)
    for of, shape in cotangents.items():
        adjoint = program.jacobian(**at, of=of)
        finite = program.jacobian(**at, of=of, diff_method="finite-diff")
        for exact, near in zip(adjoint, finite, strict=True):  # inputs, weights
            np.testing.assert_allclose(exact, near, rtol=1e-5, atol=5e-6)
        if of != "state":
            shift = program.jacobian(**at, of=of, diff_method="parameter-shift")
            for exact, other in zip(adjoint, shift, strict=True):
                np.testing.assert_allclose(exact, other, rtol=0, atol=1e-10)
        cotangent = rng.normal(size=shape)
        if of == "state":
            cotangent = cotangent @ [1, 1j]
        for gradient, jacobian in zip(program.vjp(cotangent, **at, of=of), adjoint, strict=True):
            np.testing.assert_allclose(
                gradient, (cotangent.conj() @ jacobian).real, rtol=0, atol=1e-10
            )


@settings(max_examples=40)
@given(data=st.data(), circuit=circuits(), seed=SEEDS)
def test_single_precision_is_double_precision_rounded(data, circuit, seed: int) -> None:
    measured = data.draw(observables(circuit.n_qubits))
    single, double = (kg.compile(circuit, measured, precision=p) for p in ("single", "double"))
    weights = values_of(double.weights, seed)
    assert single.state(weights=weights).dtype == np.complex64
    np.testing.assert_allclose(
        single.state(weights=weights), double.state(weights=weights), atol=5e-6
    )
    np.testing.assert_allclose(
        single.expval(weights=weights), double.expval(weights=weights), atol=5e-5
    )
    for s, d in zip(
        single.vjp([1.0, -0.5], weights=weights),
        double.vjp([1.0, -0.5], weights=weights),
        strict=True,
    ):
        np.testing.assert_allclose(s, d, atol=5e-4)


@settings(max_examples=40)
@given(data=st.data(), circuit=circuits(), seed=SEEDS, rows=st.integers(1, 5))
def test_a_batch_equals_a_loop(data, circuit, seed: int, rows: int) -> None:
    measured = data.draw(observables(circuit.n_qubits))
    program = kg.compile(circuit, measured, inputs=inputs_of(circuit))
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, len(program.inputs)))
    w = rng.normal(size=len(program.weights))
    cotangent = rng.normal(size=(rows, 2))
    for name in ("expval", "variance", "state", "probs"):
        run = getattr(program, name)
        np.testing.assert_array_equal(run(x, w), [run(row, w) for row in x])
    for batch, loop in zip(
        program.jacobian(x, w),
        zip(*(program.jacobian(row, w) for row in x), strict=True),
        strict=True,
    ):
        np.testing.assert_array_equal(batch, loop)
    one_by_one = [program.vjp(g, row, w) for g, row in zip(cotangent, x, strict=True)]
    by_input, by_weight = program.vjp(cotangent, x, w)
    np.testing.assert_array_equal(by_input, [g for g, _ in one_by_one])
    np.testing.assert_allclose(by_weight, sum(g for _, g in one_by_one), atol=EXACT)
    # Weights with a row per sample keep their gradients apart. (Gates that are the same for all
    # samples are merged in another order, hence no equal bits.)
    _, apart = program.vjp(cotangent, x, np.tile(w, (rows, 1)))
    np.testing.assert_allclose(apart, [g for _, g in one_by_one], atol=EXACT)


@settings(max_examples=15)
@given(data=st.data(), circuit=circuits(max_gates=6), seed=SEEDS)
def test_shots_are_unbiased(data, circuit, seed: int) -> None:
    measured = data.draw(observables(circuit.n_qubits))
    program = kg.compile(circuit, measured)
    weights = values_of(program.weights, seed)
    shots, repeats = 200, 50
    batch = np.tile(weights, (repeats, 1))
    draws = program.expval(weights=batch, shots=shots, seed=seed)
    exact = program.expval(weights=weights)
    # Terms are measured apart, each with a variance of at most its coefficient squared.
    terms = [c for text, c in measured[0].terms if set(text) != {"I"}]
    spread = np.sqrt(np.square(terms).sum()), np.ptp(measured[1].eigenvalues) / 2
    error = np.abs(draws.mean(axis=0) - exact)
    assert (error <= 5 * np.array(spread) / np.sqrt(shots * repeats) + EXACT).all()
    np.testing.assert_array_equal(draws, program.expval(weights=batch, shots=shots, seed=seed))


@settings(max_examples=15)
@given(circuit=circuits(max_gates=6), seed=SEEDS)
def test_samples_follow_the_probabilities(circuit: kg.Circuit, seed: int) -> None:
    values = assignment(circuit, seed)
    shots = 20_000
    state = kg.State(circuit.n_qubits).apply(circuit, values)
    p = state.probabilities()
    counts = np.bincount(state.sample(shots, seed).astype(int), minlength=p.size)
    assert (np.abs(counts / shots - p) <= 5 * np.sqrt((p * (1 - p)).clip(0) / shots) + EXACT).all()


@settings(max_examples=40)
@given(circuit=circuits(), seed=SEEDS)
def test_json_and_pickle_keep_everything(circuit: kg.Circuit, seed: int) -> None:
    values = assignment(circuit, seed)
    for copy in (kg.Circuit.from_json(circuit.to_json()), pickle.loads(pickle.dumps(circuit))):
        assert copy == circuit
        assert copy.parameters == circuit.parameters
        np.testing.assert_array_equal(copy.state(values), circuit.state(values))


@settings(max_examples=25)
@given(circuit=circuits(max_gates=6), seed=SEEDS)
def test_assigning_values_is_the_same_as_running_with_them(circuit, seed: int) -> None:
    values = assignment(circuit, seed)
    bound = circuit.assign(values)
    assert bound.parameters == []
    np.testing.assert_allclose(bound.state(), circuit.state(values), atol=EXACT)


@settings(max_examples=8)
@given(data=st.data(), circuit=circuits(), seed=SEEDS)
def test_threads_change_no_bit(data, circuit: kg.Circuit, seed: int) -> None:
    measured = data.draw(observables(circuit.n_qubits))
    program = kg.compile(circuit, measured, inputs=inputs_of(circuit))
    rng = np.random.default_rng(seed)
    # Enough rows that the work is worth a second thread (batch.cc: kWorthThreads).
    x, w = rng.normal(size=(1000, len(program.inputs))), rng.normal(size=len(program.weights))
    results = []
    try:
        for threads in (1, 2):
            kg.set_num_threads(threads)
            results.append(
                [
                    program.expval(x, w),
                    program.expval(x, w, shots=10, seed=seed),
                    *program.vjp(np.ones((len(x), 2)), x, w),
                ]
            )
    finally:
        kg.set_num_threads(0)
    for one, two in zip(*results, strict=True):
        np.testing.assert_array_equal(one, two)


def test_threads_change_no_bit_of_a_wide_state(threads: None) -> None:
    n = 17  # more than one part (state/parts.h)
    circuit = kg.hardware_efficient(n, 1)
    program = kg.compile(circuit, [kg.PauliSum(f"Z{q}", n_qubits=n) for q in (0, n - 1)])
    weights = values_of(program.weights, 1)
    results = []
    for count in (1, 2):
        kg.set_num_threads(count)
        results.append(
            (program.state(weights=weights), program.vjp([1.0, 2.0], weights=weights)[1])
        )
    for one, two in zip(*results, strict=True):
        np.testing.assert_array_equal(one, two)
