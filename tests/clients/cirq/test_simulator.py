"""The simulator gives what Cirq's own gives, and where chance decides, as often."""

import cirq
import numpy as np
import pytest
import sympy

from ketgrad.cirq import Simulator

A, B, C = cirq.LineQubit.range(3)
T = sympy.Symbol("t")


@pytest.fixture(params=[np.complex64, np.complex128], ids=["single", "double"])
def simulator(request):
    return Simulator(dtype=request.param, seed=7)


def test_random_circuits(simulator):
    for seed in range(10):
        circuit = cirq.testing.random_circuit(5, 15, 0.8, random_state=seed)
        found = simulator.simulate(circuit, qubit_order=sorted(circuit.all_qubits()))
        want = cirq.Simulator(dtype=np.complex128).simulate(circuit)
        assert found.final_state_vector.dtype == simulator.dtype
        np.testing.assert_allclose(found.final_state_vector, want.final_state_vector, atol=2e-6)


def test_qubit_order_and_initial_state(simulator):
    circuit = cirq.Circuit(cirq.CNOT(A, B), cirq.H(C), cirq.X(A) ** 0.3)
    vector = cirq.testing.random_superposition(8, random_state=1)
    for start in (0, 5, vector, [1, 0, 1], None):
        for order in ([A, B, C], [C, A, B]):
            found = simulator.simulate(circuit, qubit_order=order, initial_state=start)
            want = cirq.Simulator(dtype=np.complex128).simulate(
                circuit, qubit_order=order, initial_state=start
            )
            np.testing.assert_allclose(found.final_state_vector, want.final_state_vector, atol=1e-6)
            assert found.qubit_map == want.qubit_map


def test_initial_state_is_not_changed(simulator):
    vector = np.array([0.6, 0.8], simulator.dtype)
    simulator.simulate(cirq.Circuit(cirq.X(A)), initial_state=vector)
    assert vector.tolist() == np.array([0.6, 0.8], simulator.dtype).tolist()


def test_sweeps(simulator):
    circuit = cirq.Circuit(cirq.rx(T)(A), cirq.CNOT(A, B) ** (2 * T), cirq.ry(T**2)(B))
    sweep = cirq.Linspace("t", 0, 2, 7)
    found = simulator.simulate_sweep(circuit, sweep)
    want = cirq.Simulator(dtype=np.complex128).simulate_sweep(circuit, sweep)
    assert len(found) == 7
    for ours, theirs in zip(found, want, strict=True):
        assert ours.params == theirs.params
        np.testing.assert_allclose(ours.final_state_vector, theirs.final_state_vector, atol=1e-6)
    other = simulator.simulate(circuit, {"t": sympy.Symbol("s"), "s": 0.4})
    np.testing.assert_allclose(
        other.final_state_vector,
        simulator.simulate(circuit, {T: 0.4}).final_state_vector,
        atol=1e-6,
    )


@pytest.mark.parametrize("method", ["simulate", "run"])
def test_symbols_without_values(simulator, method):
    circuit = cirq.Circuit(cirq.rx(T)(A), cirq.measure(A))
    with pytest.raises(ValueError, match="t"):
        getattr(simulator, method)(circuit)


def test_empty_circuits(simulator):
    np.testing.assert_array_equal(simulator.simulate(cirq.Circuit()).final_state_vector, [1])
    found = simulator.simulate(cirq.Circuit(), qubit_order=[A, B]).final_state_vector
    np.testing.assert_array_equal(found, [1, 0, 0, 0])
    phase = cirq.Circuit(cirq.global_phase_operation(1j))
    np.testing.assert_allclose(simulator.simulate(phase).final_state_vector, [1j], atol=1e-7)
    with pytest.raises(ValueError, match="no measurements"):
        simulator.run(cirq.Circuit(cirq.X(A)))


def test_measurements_of_simulate(simulator):
    circuit = cirq.Circuit(
        cirq.H(A), cirq.CNOT(A, B), cirq.measure(A, B, key="m", invert_mask=(True,)), cirq.H(C)
    )
    seen = set()
    for _ in range(20):
        found = simulator.simulate(circuit)
        a, b = found.measurements["m"]
        assert a == 1 - b
        seen.add(int(b))
        want = np.zeros(8)
        want[[6 * b, 6 * b + 1]] = np.sqrt(0.5)
        np.testing.assert_allclose(abs(found.final_state_vector), want, atol=1e-6)
    assert seen == {0, 1}


@pytest.mark.parametrize("repetitions", [1, 10])
def test_run_at_end(simulator, repetitions):
    circuit = cirq.Circuit(
        cirq.X(A), cirq.measure(A, C, key="ac"), cirq.measure(B, key="b", invert_mask=(True,))
    )
    found = simulator.run(circuit, repetitions=repetitions)
    assert found.records["ac"].shape == (repetitions, 1, 2)
    np.testing.assert_array_equal(found.measurements["ac"], [[1, 0]] * repetitions)
    np.testing.assert_array_equal(found.measurements["b"], [[1]] * repetitions)
    assert found.records["b"].dtype == cirq.Simulator().run(circuit).records["b"].dtype


def test_run_without_repetitions(simulator):
    found = simulator.run(cirq.Circuit(cirq.measure(A, key="a")), repetitions=0)
    assert len(found.measurements["a"]) == 0


def test_run_inside(simulator):
    circuit = cirq.Circuit(
        cirq.H(A),
        cirq.measure(A, key="a"),
        cirq.CNOT(A, B),
        cirq.measure(B, A, key="b", invert_mask=(True,)),
        cirq.reset(A),
        cirq.measure(A, key="end"),
    )
    found = simulator.run(circuit, repetitions=200)
    a = found.measurements["a"][:, 0]
    assert 60 < a.sum() < 140
    np.testing.assert_array_equal(found.measurements["b"], np.stack([1 - a, a], axis=1))
    assert not found.measurements["end"].any()


def test_repeated_keys(simulator):
    circuit = cirq.Circuit(cirq.measure(A, key="k"), cirq.X(A), cirq.measure(A, key="k"))
    np.testing.assert_array_equal(
        simulator.run(circuit, repetitions=3).records["k"], [[[0], [1]]] * 3
    )
    with pytest.raises(ValueError, match="'k'"):
        simulator.run(cirq.Circuit(cirq.measure(A, key="k"), cirq.measure(A, B, key="k")))


def test_overlapping_measurements_at_end(simulator):
    circuit = cirq.Circuit(
        cirq.H(A),
        cirq.measure(A, key="x"),
        cirq.measure(A, key="y", invert_mask=(True,)),
        cirq.measure(A, B, key="z"),
    )
    found = simulator.run(circuit, repetitions=50).measurements
    np.testing.assert_array_equal(found["x"], 1 - found["y"])
    np.testing.assert_array_equal(found["x"][:, 0], found["z"][:, 0])
    assert 0 < found["x"].sum() < 50


def test_run_sweep(simulator):
    circuit = cirq.Circuit(cirq.X(A) ** T, cirq.measure(A, key="a"))
    found = simulator.run_sweep(circuit, cirq.Points("t", [0, 1, 0.5]), repetitions=100)
    counts = [result.measurements["a"].sum() for result in found]
    assert counts[:2] == [0, 100]
    assert 25 < counts[2] < 75
    assert found[1].params == cirq.ParamResolver({"t": 1})
    inside = circuit + cirq.Circuit(cirq.X(A), cirq.measure(A, key="b"))
    found = simulator.run_sweep(inside, cirq.Points("t", [0, 1]), repetitions=5)
    assert [int(result.measurements["b"].sum()) for result in found] == [5, 0]


CONTROLS = [
    "m",
    cirq.KeyCondition(cirq.MeasurementKey("m"), 0),
    cirq.BitMaskKeyCondition("m", bitmask=1),
    cirq.BitMaskKeyCondition("m", bitmask=2, target_value=2, equal_target=True),
    cirq.BitMaskKeyCondition("m", target_value=1, equal_target=True),
    cirq.BitMaskKeyCondition("m", target_value=3, equal_target=False),
    cirq.BitMaskKeyCondition("m", bitmask=1, target_value=2, equal_target=True),
    cirq.BitMaskKeyCondition("m", bitmask=1, target_value=2, equal_target=False),
    sympy.Symbol("m") > 1,
    sympy.Xor(sympy.IndexedBase("m")[0], sympy.IndexedBase("m")[1]),
]


@pytest.mark.parametrize("condition", CONTROLS, ids=str)
@pytest.mark.parametrize("value", range(4))
@pytest.mark.parametrize("mask", [(), (False, True)])
def test_classical_controls(condition, value, mask):
    circuit = cirq.Circuit(
        cirq.X(A) ** (value >> 1),
        cirq.X(B) ** (value & 1),
        cirq.measure(A, B, key="m", invert_mask=mask),
        cirq.X(C).with_classical_controls(condition),
        cirq.measure(C, key="c"),
    )
    want = cirq.Simulator().run(circuit).measurements["c"]
    simulator = Simulator(seed=1)
    np.testing.assert_array_equal(simulator.run(circuit).measurements["c"], want)
    np.testing.assert_array_equal(simulator.simulate(circuit).measurements["c"], want[0])


def test_two_controls_and_the_latest_of_a_key(simulator):
    circuit = cirq.Circuit(
        cirq.X(A),
        cirq.measure(A, key="a"),
        cirq.measure(B, key="b"),
        cirq.X(B).with_classical_controls("a", "b"),
        cirq.measure(B, key="first"),
        cirq.X(B),
        cirq.measure(B, key="b"),
        cirq.X(C).with_classical_controls("a", "b"),
        cirq.measure(C, key="second"),
    )
    found = simulator.run(circuit, repetitions=3)
    assert not found.records["first"].any()
    assert found.records["second"].all()


def test_control_by_what_was_not_measured(simulator):
    circuit = cirq.Circuit(cirq.X(A).with_classical_controls("q"), cirq.measure(A))
    with pytest.raises(ValueError, match="q"):
        simulator.run(circuit)


def test_subcircuits(simulator):
    inner = cirq.FrozenCircuit(cirq.X(A), cirq.measure(A, key="m"))
    twice = cirq.Circuit(cirq.CircuitOperation(inner, repetitions=2, use_repetition_ids=True))
    found = simulator.run(twice, repetitions=2).measurements
    assert {key: values.tolist() for key, values in found.items()} == {
        "0:m": [[1], [1]],
        "1:m": [[0], [0]],
    }
    until = cirq.CircuitOperation(
        cirq.FrozenCircuit(cirq.H(A), cirq.measure(A, key="m")),
        use_repetition_ids=False,
        repeat_until=cirq.KeyCondition(cirq.MeasurementKey("m")),
    )
    circuit = cirq.Circuit(until, cirq.measure(A, key="end"))
    records = simulator.run(circuit, repetitions=10).records
    assert records["end"].all()
    assert simulator.simulate(circuit).measurements["end"] == [1]


def test_confusion_maps(simulator):
    errs = {(0,): np.array([[0.8, 0.2], [0, 1]])}
    circuit = cirq.Circuit(cirq.measure(A, B, key="m", confusion_map=errs))
    found = simulator.run(circuit, repetitions=1000).measurements["m"]
    assert 140 < found[:, 0].sum() < 260
    assert not found[:, 1].any()
    always = {(0,): np.array([[0, 1], [1, 0]])}
    controlled = cirq.Circuit(
        cirq.measure(A, key="m", confusion_map=always),
        cirq.X(B).with_classical_controls("m"),
        cirq.measure(B, key="b"),
    )
    assert simulator.run(controlled, repetitions=5).measurements["b"].all()


def test_expectation_values(simulator):
    circuit = cirq.testing.random_circuit([A, B, C], 10, 0.9, random_state=3)
    circuit += cirq.Circuit(cirq.rx(T)(A), cirq.ry(T / 2)(C), cirq.I(B))
    asked = [
        cirq.X(A),
        cirq.Z(A) * cirq.Z(C) - 0.5 * cirq.Y(B) + 2,
        0.3 * cirq.PauliString(),
        cirq.Z(A),
    ]
    sweep = cirq.Linspace("t", 0.1, 2, 5)
    for order in ([A, B, C], [C, B, A]):
        found = simulator.simulate_expectation_values_sweep(circuit, asked, sweep, order)
        want = cirq.Simulator(dtype=np.complex128).simulate_expectation_values_sweep(
            circuit, asked, sweep, order
        )
        np.testing.assert_allclose(found, np.real(want), atol=1e-5)
    one = simulator.simulate_expectation_values(circuit, asked[1], {"t": 0.3}, initial_state=3)
    want = cirq.Simulator().simulate_expectation_values(
        circuit, asked[1], {"t": 0.3}, initial_state=3
    )
    np.testing.assert_allclose(one, np.real(want), atol=1e-5)


def test_expectation_values_behind_measurements(simulator):
    circuit = cirq.Circuit(cirq.ry(1.0)(A), cirq.measure(A))
    with pytest.raises(ValueError, match="terminal"):
        simulator.simulate_expectation_values(circuit, cirq.Z(A))
    found = simulator.simulate_expectation_values(
        circuit, [cirq.Z(A), cirq.X(A)], permit_terminal_measurements=True
    )
    np.testing.assert_allclose(found, [np.cos(1.0), 0], atol=1e-6)
    with pytest.raises(NotImplementedError, match="Hermitian"):
        simulator.simulate_expectation_values(cirq.Circuit(cirq.X(A)), 1j * cirq.Z(A))
    with pytest.raises(ValueError, match=r"q\(1\)"):
        simulator.simulate_expectation_values(cirq.Circuit(cirq.X(A)), cirq.Z(B))


def test_noise(simulator):
    circuit = cirq.Circuit(cirq.ry(T)(A), cirq.CNOT(A, B))
    noise = cirq.ConstantQubitNoiseModel(cirq.depolarize(0.05))
    dtype = simulator.dtype
    noisy = Simulator(dtype=dtype, noise=noise, seed=3)
    asked = [cirq.Z(A), cirq.Z(A) * cirq.Z(B)]
    exact = cirq.DensityMatrixSimulator(noise=noise)
    want = exact.simulate_expectation_values(circuit, asked, {"t": 0.4}, initial_state=1)
    found = noisy.simulate_expectation_values(circuit, asked, {"t": 0.4}, initial_state=1)
    np.testing.assert_allclose(found, np.real(want), atol=1e-5)
    some = Simulator(dtype=dtype, noise=noise, seed=3, trajectories=4000)
    found = some.simulate_expectation_values(circuit, asked, {"t": 0.4}, initial_state=1)
    np.testing.assert_allclose(found, np.real(want), atol=0.08)
    measured = circuit + cirq.Circuit(cirq.measure(A, B, key="m"))
    counts = noisy.run(measured, {"t": 0.4}, repetitions=4000).histogram(key="m")
    # The noise of the measurement's moment comes behind it.
    rho = exact.simulate(circuit, {"t": 0.4}).final_density_matrix
    for value in range(4):
        assert abs(counts[value] / 4000 - rho[value, value].real) < 0.05


def test_noise_is_the_same_with_symbols_as_with_their_values():
    circuit = cirq.Circuit(cirq.ry(0.3)(A), cirq.rx(T)(B), cirq.CNOT(A, B), cirq.rx(0.1)(A))
    noise = cirq.ConstantQubitNoiseModel(cirq.depolarize(0.1))
    asked = [cirq.Z(A), cirq.Z(B)]
    simulator = Simulator(dtype=np.complex128, noise=noise)
    found = simulator.simulate_expectation_values(circuit, asked, {"t": 0.4})
    solved = cirq.resolve_parameters(circuit, {"t": 0.4})
    want = cirq.DensityMatrixSimulator(noise=noise).simulate_expectation_values(solved, asked)
    np.testing.assert_allclose(found, np.real(want), atol=1e-6)


def test_repetitions_that_are_symbols(simulator):
    half = cirq.FrozenCircuit(cirq.X(A) ** 0.5)
    circuit = cirq.Circuit(cirq.CircuitOperation(half, repetitions=sympy.Symbol("n")))
    sweep = cirq.Points("n", [2, 4])
    found = simulator.simulate_expectation_values_sweep(circuit, cirq.Z(A), sweep)
    np.testing.assert_allclose(found, [[-1], [1]], atol=1e-6)
    measured = circuit + cirq.Circuit(cirq.measure(A, key="a"))
    ends = [int(r.measurements["a"][0, 0]) for r in simulator.run_sweep(measured, sweep)]
    assert ends == [1, 0]


@pytest.mark.parametrize(
    "channel",
    [
        cirq.bit_flip(0.3),
        cirq.phase_flip(0.2),
        cirq.depolarize(0.3),
        cirq.depolarize(0.3, n_qubits=2),
        cirq.asymmetric_depolarize(0.1, 0.2, 0.3),
        cirq.asymmetric_depolarize(error_probabilities={"XY": 0.3, "II": 0.7}),
        cirq.amplitude_damp(0.3),
        cirq.generalized_amplitude_damp(0.2, 0.3),
        cirq.phase_damp(0.4),
        cirq.KrausChannel(cirq.kraus(cirq.amplitude_damp(0.3))),
        cirq.MixedUnitaryChannel([(0.5, cirq.unitary(cirq.H)), (0.5, np.eye(2))]),
        cirq.RandomGateChannel(sub_gate=cirq.CNOT, probability=0.4),
        cirq.ResetChannel(),
        cirq.StatePreparationChannel(np.array([0.6, 0.8j])),
    ],
    ids=repr,
)
def test_channels(channel):
    prepared = cirq.Circuit(cirq.ry(0.7)(A), cirq.CNOT(A, B), cirq.rx(0.4)(B))
    circuit = prepared + cirq.Circuit(channel.on(*[B, A][: cirq.num_qubits(channel)]))
    rho = cirq.DensityMatrixSimulator(dtype=np.complex128).simulate(circuit).final_density_matrix
    words = [cirq.PauliString({A: p, B: q}) for p in "IXYZ" for q in "IXYZ"]
    want = [word.expectation_from_density_matrix(rho, {A: 0, B: 1}).real for word in words]
    simulator = Simulator(dtype=np.complex128, seed=5)
    np.testing.assert_allclose(
        simulator.simulate_expectation_values(circuit, words), want, atol=1e-6
    )
    mean = np.zeros((4, 4), complex)
    for _ in range(300):
        vector = simulator.simulate(circuit).final_state_vector
        mean += np.outer(vector, vector.conj()) / 300
    np.testing.assert_allclose(mean, rho, atol=0.12)


def test_density_matrices_that_are_too_large():
    qubits = cirq.LineQubit.range(24)
    noisy = Simulator(noise=cirq.depolarize(0.01))
    with pytest.raises(MemoryError, match="trajectories"):
        noisy.simulate_expectation_values(cirq.Circuit(cirq.X.on_each(qubits)), cirq.Z(A))


def test_channels_by_key(simulator):
    channel = cirq.KrausChannel(cirq.kraus(cirq.amplitude_damp(1.0)), key="k")
    circuit = cirq.Circuit(cirq.X(A), channel(A), cirq.measure(A, key="a"))
    found = simulator.run(circuit, repetitions=4).records
    want = cirq.Simulator().run(circuit, repetitions=4).records
    assert {k: v.tolist() for k, v in found.items()} == {k: v.tolist() for k, v in want.items()}


def test_amplitudes(simulator):
    circuit = cirq.Circuit(cirq.H(A), cirq.CNOT(A, B), cirq.S(B) ** T)
    found = simulator.compute_amplitudes_sweep(circuit, [0b00, 0b11, 1], cirq.Points("t", [0, 1]))
    np.testing.assert_allclose(found, np.array([[1, 1, 0], [1, 1j, 0]]) / np.sqrt(2), atol=1e-6)
    with pytest.raises(ValueError, match="1-dimensional"):
        simulator.compute_amplitudes(circuit, np.array([[0, 0]]))


def test_sample_from_amplitudes(simulator):
    circuit = cirq.Circuit(cirq.ry(T)(A), cirq.CNOT(A, B))
    found = simulator.sample_from_amplitudes(circuit, {"t": np.pi / 2}, seed=3, repetitions=1000)
    assert set(found) == {0, 3}
    assert 400 < found[0] < 600
    for bad, told in (
        (cirq.measure(A), "intermediate measurement"),
        (cirq.depolarize(0.1)(A), "non-unitary"),
    ):
        with pytest.raises(ValueError, match=told):
            simulator.sample_from_amplitudes(circuit + cirq.Circuit(bad), {"t": 1}, seed=3)


def test_steps_by_moments(simulator):
    circuit = cirq.Circuit(cirq.X(A) ** T, cirq.measure(A, key="a"), cirq.CNOT(A, B))
    steps = list(simulator.simulate_moment_steps(circuit, {"t": 1}, initial_state=1))
    found = [np.argmax(abs(step.state_vector())) for step in steps]
    assert found == [3, 3, 2]
    assert [step.measurements.get("a") for step in steps][1:] == [[1], [1]]


def test_a_circuit_that_changes_is_read_again(simulator):
    circuit = cirq.Circuit(cirq.X(A))
    assert abs(simulator.simulate(circuit).final_state_vector[1]) > 0.99
    circuit.append(cirq.X(A))
    assert abs(simulator.simulate(circuit).final_state_vector[0]) > 0.99


def test_more_circuits_than_are_remembered(simulator):
    circuits = [cirq.Circuit(cirq.ry(0.01 * k)(A)) for k in range(300)]
    for _ in range(2):
        for k, circuit in enumerate(circuits):
            amplitude = simulator.simulate(circuit).final_state_vector[1]
            assert abs(amplitude - np.sin(0.005 * k)) < 1e-6


def test_seeds():
    circuits = [
        cirq.Circuit(cirq.H(A), cirq.measure(A, key="m")),
        cirq.Circuit(cirq.H(A), cirq.measure(A, key="m"), cirq.H(A), cirq.measure(A, key="n")),
        cirq.Circuit(cirq.bit_flip(0.5)(A), cirq.measure(A, key="m")),
    ]
    before = np.random.get_state()[1].tolist()  # noqa: NPY002 - the one of old
    for circuit in circuits:
        first, second, other = (
            Simulator(seed=seed).run(circuit, repetitions=60) for seed in (1, 1, 2)
        )
        assert first == second
        assert first != other
        simulator = Simulator(seed=np.random.RandomState(1))
        assert simulator.run(circuit, repetitions=60) == first
        assert simulator.run(circuit, repetitions=60) != first
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def test_refusals():
    with pytest.raises(ValueError, match="dtype"):
        Simulator(dtype=np.int32)
    with pytest.raises(TypeError, match="3 levels"):
        Simulator().simulate(cirq.Circuit(cirq.IdentityGate(qid_shape=(3,))(cirq.LineQid(0, 3))))

    class Unknown(cirq.testing.SingleQubitGate):
        pass

    circuit = cirq.Circuit(Unknown()(A), cirq.measure(A))
    for method in ("simulate", "run"):
        with pytest.raises(TypeError, match="Unknown"):
            getattr(Simulator(), method)(circuit)


def test_gates_of_others():
    class Composite(cirq.testing.SingleQubitGate):
        def _decompose_(self, qubits):
            return [cirq.H(*qubits), cirq.Z(*qubits), cirq.H(*qubits)]

    circuit = cirq.Circuit(Composite()(A), cirq.measure(A, key="m"))
    assert Simulator().run(circuit, repetitions=3).measurements["m"].all()


def test_consistency_of_cirq_testing():
    for kind in (cirq.X, cirq.H**0.3, cirq.CNOT, cirq.FSimGate(0.1, 0.2), cirq.CCX**0.5):
        qubits = cirq.LineQubit.range(cirq.num_qubits(kind))
        circuit = cirq.Circuit(kind.on(*qubits))
        rows = [
            Simulator(dtype=np.complex128).simulate(circuit, initial_state=k).final_state_vector
            for k in range(2 ** len(qubits))
        ]
        cirq.testing.assert_allclose_up_to_global_phase(
            np.stack(rows, axis=1), cirq.unitary(kind), atol=1e-7
        )
        cirq.testing.assert_has_consistent_qid_shape(kind)
