"""What StatevectorSampler does, `Sampler` does; and circuits that measure in their course."""

import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter
from qiskit.circuit.library import real_amplitudes
from qiskit.primitives import BitArray, StatevectorSampler
from qiskit.primitives.containers.sampler_pub import SamplerPub

import ketgrad as kg
from ketgrad.qiskit import Sampler

SHOTS = 20_000


def bell():
    out = QuantumCircuit(2)
    out.h(0)
    out.cx(0, 1)
    out.measure_all()
    return out


def assert_alike(ours, theirs):
    """Whether two results could be of one distribution."""
    assert type(ours) is BitArray
    assert (ours.shape, ours.num_shots, ours.num_bits) == (
        theirs.shape,
        theirs.num_shots,
        theirs.num_bits,
    )
    for place in np.ndindex(ours.shape):
        counts = [found.get_counts(place) for found in (ours, theirs)]
        for value in set(counts[0]) | set(counts[1]):
            one, other = (c.get(value, 0) for c in counts)
            assert abs(one - other) < 6 * np.sqrt(max(one, other))


def assert_same(pubs, shots=SHOTS):
    ours, theirs = (
        kind(seed=1).run(pubs, shots=shots).result() for kind in (Sampler, StatevectorSampler)
    )
    for own, other in zip(ours, theirs, strict=True):
        assert list(own.data) == list(other.data)
        assert own.data.shape == other.data.shape
        for name in own.data:
            assert_alike(own.data[name], other.data[name])
        assert own.metadata == other.metadata
    return ours


def test_counts():
    ansatz = real_amplitudes(3, reps=2)
    ansatz.measure_all()
    values = np.random.default_rng(0).uniform(-3, 3, (2, 3, ansatz.num_parameters))
    assert_same([(ansatz, values), bell(), (bell(),), (ansatz, values[0, 0], 500)])
    assert_same([ansatz.assign_parameters(row) for row in values[0]])


def test_equal_pubs_have_shots_of_their_own():
    found = assert_same([bell()] * 3, shots=500)
    assert (found[0].data.meas.array != found[1].data.meas.array).any()


def test_registers_in_any_order():
    q = QuantumRegister(10)
    a, b, c = (
        ClassicalRegister(9, "a"),
        ClassicalRegister(1, "b"),
        ClassicalRegister(2, "untouched"),
    )
    circuit = QuantumCircuit(q, a, b, c)
    circuit.x([0, 4, 8])
    circuit.h(9)
    circuit.measure(range(9), range(8, -1, -1))
    circuit.measure(9, 9)
    found = assert_same([circuit], shots=300)
    assert found[0].data.a.get_counts() == {"100010001"[::-1]: 300}
    joined = found[0].join_data(["a", "b"])
    assert joined.num_bits == 10


def test_registers_that_share_bits():
    q, a = QuantumRegister(3), ClassicalRegister(3, "a")
    circuit = QuantumCircuit(q, a)
    circuit.add_register(ClassicalRegister(name="shared", bits=[a[2], a[0]]))
    circuit.x(0)
    circuit.measure(q, a)
    data = Sampler().run([circuit], shots=10).result()[0].data
    assert data.a.get_counts() == {"001": 10}
    assert data.shared.get_counts() == {"10": 10}


def test_a_qubit_measured_twice_and_a_bit_written_twice():
    circuit = QuantumCircuit(2, 2)
    circuit.x(0)
    circuit.measure(0, 0)
    circuit.measure(0, 1)
    circuit.measure(1, 0)
    assert Sampler().run([circuit], shots=10).result()[0].data.c.get_counts() == {"10": 10}


def test_nothing_measured():
    with pytest.warns(UserWarning, match="no classical registers"):
        found = Sampler().run([QuantumCircuit(1)]).result()
    assert not list(found[0].data)
    circuit = QuantumCircuit(1, 2)
    circuit.h(0)
    assert_same([circuit], shots=10)
    circuit.reset(0)
    assert Sampler().run([circuit], shots=10).result()[0].data.c.get_counts() == {"00": 10}


def test_dynamic_circuits():
    q, m, f = QuantumRegister(2), ClassicalRegister(1, "m"), ClassicalRegister(1, "f")
    circuit = QuantumCircuit(q, m, f)
    circuit.ry(Parameter("a"), 0)
    circuit.measure(0, m)
    with circuit.if_test((m, 1)):
        circuit.x(1)
    circuit.reset(0)
    circuit.measure(1, f)
    values = np.array([[0.3], [1.2]])
    data = Sampler(seed=2).run([(circuit, values)], shots=SHOTS).result()[0].data
    np.testing.assert_array_equal(data.m.array, data.f.array)
    ones = data.m.bitcount().mean(axis=1)
    np.testing.assert_allclose(ones, np.sin(values[:, 0] / 2) ** 2, atol=0.02)


def test_noise():
    noise = kg.NoiseModel().add_readout_error(0.0, 0.25)
    circuit = QuantumCircuit(1)
    circuit.x(0)
    circuit.measure_all()
    data = Sampler(noise=noise, seed=1).run([circuit], shots=SHOTS).result()[0].data
    assert data.meas.get_counts()["0"] == pytest.approx(0.25 * SHOTS, rel=0.1)


def test_seeds_and_shots():
    runs = [Sampler(seed=seed).run([bell()], shots=50).result()[0].data.meas for seed in (1, 1, 2)]
    np.testing.assert_array_equal(runs[0].array, runs[1].array)
    assert (runs[0].array != runs[2].array).any()
    assert Sampler(default_shots=7).run([bell()]).result()[0].data.meas.num_shots == 7
    assert Sampler(default_shots=7, seed=3).default_shots == 7
    pub = SamplerPub.coerce((bell(), None, 9))
    assert Sampler(seed=3).run(iter([pub])).result()[0].data.meas.num_shots == 9
    assert Sampler(seed=3).seed == 3


def test_refusals_are_those_of_qiskit():
    ansatz = real_amplitudes(2, reps=1)
    ansatz.measure_all()
    for pubs, told in [
        ([(ansatz, [1.0])], "inconsistent"),
        ([ansatz], "number of"),
        (bell(), "pub"),
    ]:
        for kind in (Sampler, StatevectorSampler):
            with pytest.raises((ValueError, TypeError), match=told):
                kind().run(pubs)
    with pytest.raises(ValueError, match="positive"):
        Sampler().run([bell()], shots=-1)


@pytest.mark.parametrize("values", [np.zeros((0, 1)), np.zeros((3, 0, 1)), []], ids=str)
def test_no_values_have_no_results(values):
    circuit = QuantumCircuit(2)
    circuit.ry(Parameter("a"), 0)
    dynamic = circuit.copy()
    circuit.measure_all()
    assert_same([(circuit, values)], shots=5)
    dynamic.add_register(ClassicalRegister(2, "c"))
    dynamic.measure(0, 0)
    with dynamic.if_test((dynamic.clbits[0], 1)):
        dynamic.x(1)
    dynamic.measure(1, 1)
    found = Sampler().run([(dynamic, values, 5)]).result()[0].data.c
    assert (found.shape, found.num_shots) == (np.shape(values)[:-1] or (0,), 5)
