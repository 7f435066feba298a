"""Loops, switches and classical variables, beside a run that follows the circuit step by step."""

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import ClassicalRegister, QuantumRegister
from qiskit.circuit.classical import expr, types
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import Kraus
from random_programs import Programs
from reference_programs import probabilities

import ketgrad as kg
from ketgrad.qiskit import Backend, Estimator, Sampler, from_qiskit
from ketgrad.qiskit.course import Course


def exact(circuit):
    out = {}
    for branch in Course(circuit).exact(np.empty(0)):
        text = "".join(map(str, reversed(branch.memory.bits)))
        out[text] = out.get(text, 0.0) + branch.weight
    return out


def told(circuit, **options):
    return from_qiskit(circuit, **options).run(1, method="density_matrix").probabilities()


def assert_same(found, want, tolerance=1e-7):
    for text in found.keys() | want.keys():
        assert abs(found.get(text, 0) - want.get(text, 0)) < tolerance, text


@pytest.mark.parametrize("measured_loops", [False, True])
def test_random_programs(measured_loops):
    ran = converted = 0
    for seed in range(40):
        circuit = Programs(seed, measured_loops=measured_loops).make()
        want = probabilities(circuit)
        if want is None:
            continue
        ran += 1
        assert_same(exact(circuit), want, 1e-6)
        try:
            found = told(circuit)
        except QiskitError:
            continue
        converted += 1
        assert_same(found, want, 1e-6)
    assert ran > 35
    assert converted > 0 if measured_loops else converted > 8


def repeat_until_success():
    out = QuantumCircuit(2, 2)
    with out.while_loop((out.clbits[0], 0)):
        out.h(0)
        out.measure(0, 0)
        with out.if_test((out.clbits[0], 0)):
            out.x(1)
    out.measure(1, 1)
    return out


def test_a_loop_that_measured_bits_decide():
    circuit = repeat_until_success()
    counts = Sampler(seed=1).run([circuit], shots=9000).result()[0].data.c.get_counts()
    assert set(counts) == {"01", "11"}  # an even number of failures two times out of three
    assert abs(counts["01"] - 6000) < 5 * np.sqrt(2000)
    backend = Backend()
    job = backend.run(transpile(circuit, backend), shots=9000, seed_simulator=1)
    assert job.result().get_counts() == counts
    evs = Estimator().run([(circuit, ["ZI", "IZ"])]).result()[0].data.evs
    np.testing.assert_allclose(evs, [1 / 3, -1], atol=1e-9)
    data = Estimator(seed=3).run([(circuit, ["ZI"])], precision=0.02).result()[0].data
    assert abs(data.evs[0] - 1 / 3) < 5 * data.stds[0] < 0.11


def test_rounds_that_are_asked_for():
    circuit = QuantumCircuit(1, 1)
    with circuit.while_loop((circuit.clbits[0], 0)):
        circuit.h(0)
        circuit.measure(0, 0)
    for rounds in range(4):
        assert_same(told(circuit, max_rounds=rounds), {"0": 0.5**rounds, "1": 1 - 0.5**rounds})
    with pytest.raises(QiskitError, match="at least 0, not -1"):
        from_qiskit(circuit, max_rounds=-1)


def test_variables_become_what_they_are_worth():
    circuit = QuantumCircuit(2, 2)
    n = circuit.add_var("n", expr.lift(0, types.Uint(4)))
    circuit.h([0, 1])
    circuit.measure([0, 1], [0, 1])
    for bit in circuit.clbits:
        with circuit.if_test((bit, 1)):
            circuit.store(n, expr.add(n, 1))
    circuit.reset([0, 1])
    with circuit.switch(n) as case:
        with case(1):
            circuit.x(0)
        with case(2):
            circuit.x(1)
    circuit.measure([0, 1], [0, 1])
    assert_same(told(circuit), {"00": 0.25, "01": 0.5, "10": 0.25})


def test_loops_over_numbers_and_out_of_them():
    circuit = QuantumCircuit(1, 1)
    k = expr.Var.new("k", types.Uint(4))
    with circuit.for_loop(range(5), k):
        with circuit.if_test(expr.equal(k, 1)):
            circuit.continue_loop()
        with circuit.if_test(expr.equal(k, 3)):
            circuit.break_loop()
        circuit.rx(0.4, 0)
    assert [op.name for op in from_qiskit(circuit)] == ["rx", "rx"]


def test_casts_and_numbers():
    circuit = QuantumCircuit(1, 2)
    x = circuit.add_var("x", expr.lift(0.5, types.Float()))
    circuit.x(0)
    circuit.measure(0, 1)
    whole = expr.cast(circuit.cregs[0], types.Bool())  # the register is 2
    with circuit.if_test(whole):
        circuit.store(x, expr.div(expr.mul(x, 3.0), expr.negate(expr.lift(0.75))))
    with circuit.if_test(expr.less(x, -1.9)):
        circuit.x(0)
    circuit.measure(0, 0)
    assert_same(told(circuit), {"10": 1.0})
    assert_same(exact(circuit), {"10": 1.0})


def test_stores_into_bits():
    m = ClassicalRegister(2, "m")
    circuit = QuantumCircuit(QuantumRegister(1), m)
    circuit.store(m, expr.lift(2, types.Uint(2)))
    circuit.store(m[0], expr.lift(True))
    circuit.store(expr.index(m, 1), expr.logic_not(m[0]))
    counts = Sampler().run([circuit], shots=3).result()[0].data.m.get_counts()
    assert counts == {"01": 3}


def test_conditions_on_bits_that_blocks_do_not_have():
    body = QuantumCircuit(1, 2)
    body.x(0)
    m = ClassicalRegister(2, "m")
    circuit = QuantumCircuit(QuantumRegister(2), m)
    circuit.x(0)
    circuit.measure(0, 1)
    circuit.if_else((m, 2), body, None, [1], m)
    circuit.measure(1, 0)
    assert_same(told(circuit), {"11": 1.0})


def test_preparing_states_inside():
    circuit = QuantumCircuit(1, 1)
    circuit.h(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.initialize([0.6, 0.8], 0)
    circuit.measure(0, 0)
    assert_same(told(circuit), {"0": 0.5 + 0.18, "1": 0.32})


def test_channels_and_parameters_in_a_course():
    circuit = repeat_until_success()
    damping = [np.diag([1, np.sqrt(0.75)]), np.array([[0, 0.5], [0, 0]])]
    circuit.x(1)
    circuit.append(Kraus(damping), [1])
    evs = Estimator().run([(circuit, "ZI")]).result()[0].data.evs
    want = 1 - 2 * 0.75 * 2 / 3
    assert evs == pytest.approx(want, abs=1e-9)


def test_noise_in_a_course():
    """As in the circuit of so many rounds that the rest does not matter."""
    circuit = QuantumCircuit(2, 2)
    with circuit.while_loop((circuit.clbits[0], 0)):
        circuit.ry(2.2, 0)
        circuit.cx(0, 1)
        circuit.measure(0, 0)
    circuit.measure(1, 1)
    noise = kg.NoiseModel().add(kg.Channel.amplitude_damping(0.1), "ry")
    noise.add(kg.Channel.depolarizing2(0.1), "cx").add_readout_error(0.05, 0.1)
    want = from_qiskit(circuit, max_rounds=14).run(1, noise=noise, method="density_matrix")
    job = Sampler(noise=noise, seed=1).run([circuit], shots=4000)
    counts = job.result()[0].data.c.get_counts()
    assert_same({k: n / 4000 for k, n in counts.items()}, want.probabilities(), 0.04)
    evs = Estimator(noise=noise, seed=2).run([(circuit, "ZI")], precision=0.02).result()[0].data.evs
    rho = from_qiskit(circuit, max_rounds=14).density_matrix(noise=noise)
    assert abs(evs - rho.expval("ZI")) < 0.1
    with pytest.raises(QiskitError, match="more than 20000 courses"):
        Estimator(noise=noise).run([(circuit, "ZI")]).result()
