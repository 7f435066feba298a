"""What tutorials of Qiskit do, on our primitives and on its own: the same numbers."""

from math import pi

import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, transpile
from qiskit.circuit.library import (
    MCMTGate,
    PhaseGate,
    QFTGate,
    ZGate,
    efficient_su2,
    grover_operator,
    qaoa_ansatz,
)
from qiskit.primitives import BackendSamplerV2, StatevectorEstimator, StatevectorSampler
from qiskit.quantum_info import SparsePauliOp
from qiskit.transpiler import generate_preset_pass_manager
from qiskit_aer import AerSimulator
from scipy.optimize import minimize

from ketgrad.qiskit import Backend, Estimator, Sampler

SHOTS = 20_000


def grover():
    oracle = QuantumCircuit(4)
    for marked in ("0110", "1011"):
        zeros = [k for k, bit in enumerate(reversed(marked)) if bit == "0"]
        oracle.x(zeros)
        oracle.compose(MCMTGate(ZGate(), 3, 1), inplace=True)
        oracle.x(zeros)
    out = QuantumCircuit(4)
    out.h(range(4))
    out.compose(grover_operator(oracle).power(2), inplace=True)
    out.measure_all()
    return out


def phase_estimation():
    out = QuantumCircuit(QuantumRegister(5), ClassicalRegister(4, "meas"))
    out.x(4)
    out.h(range(4))
    for k in range(4):
        out.append(PhaseGate(2 * pi * 0.3).control(1).power(2**k), [k, 4])
    out.append(QFTGate(4).inverse(), range(4))
    out.measure(range(4), range(4))
    return out


def ising():
    return SparsePauliOp.from_sparse_list(
        [("ZZ", [i, j], 1.0) for i, j in [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2)]], 4
    )


def maximum_cut():
    out = qaoa_ansatz(ising(), reps=2)
    out.measure_all()
    return out.assign_parameters([0.3, 0.5, 0.7, 0.9])


def distance(one, other):
    n, m = sum(one.values()), sum(other.values())
    return sum(abs(one.get(k, 0) / n - other.get(k, 0) / m) for k in {*one, *other}) / 2


@pytest.mark.parametrize("make", [grover, phase_estimation, maximum_cut])
def test_samples_are_of_one_distribution(make):
    def counts(sampler, circuit):
        return sampler.run([circuit], shots=SHOTS).result()[0].data.meas.get_counts()

    backend = Backend(num_qubits=6)
    fitted = generate_preset_pass_manager(2, backend).run(make())
    theirs = counts(StatevectorSampler(seed=1), make())
    assert distance(theirs, counts(Sampler(seed=2), make())) < 0.03
    assert distance(theirs, counts(Sampler(seed=3), fitted)) < 0.03
    by_backend = BackendSamplerV2(backend=backend, options={"seed_simulator": 4})
    assert distance(theirs, counts(by_backend, fitted)) < 0.03


def test_a_search_for_a_ground_state_takes_the_same_steps():
    energy = SparsePauliOp(["YZ", "ZI", "ZZ", "XX"], [0.398, -0.398, -0.0113, 0.181])
    ansatz = efficient_su2(2)
    start = np.random.default_rng(3).uniform(0, 2 * pi, ansatz.num_parameters)

    def least(estimator):
        def cost(x):
            return float(estimator.run([(ansatz, energy, x)]).result()[0].data.evs)

        return minimize(cost, start, method="COBYLA", options={"maxiter": 40}).fun

    assert least(Estimator()) == pytest.approx(least(StatevectorEstimator()), abs=1e-7)


def teleportation():
    out = QuantumCircuit(QuantumRegister(3), *(ClassicalRegister(1, name) for name in "abc"))
    out.ry(1.1, 0)
    out.h(1)
    out.cx(1, 2)
    out.cx(0, 1)
    out.h(0)
    out.measure([0, 1], [0, 1])
    with out.if_test((out.clbits[1], 1)):
        out.x(2)
    with out.if_test((out.clbits[0], 1)):
        out.z(2)
    out.measure(2, 2)
    return out


def corrected():
    """Repeat twice what finds an error by two syndromes, and undo it."""
    out = QuantumCircuit(QuantumRegister(5), ClassicalRegister(2, "s"), ClassicalRegister(3, "d"))
    out.ry(0.9, 0)
    out.cx(0, [1, 2])
    for error in (1, 2):
        out.rx(0.8, error)
        for data, ancilla in ((0, 3), (1, 3), (1, 4), (2, 4)):
            out.cx(data, ancilla)
        out.measure([3, 4], [0, 1])
        for k in (0, 1):
            with out.if_test((out.clbits[k], 1)):
                out.x(3 + k)
        with out.switch(out.cregs[0]) as case:
            for syndrome, qubit in ((1, 0), (2, 2), (3, 1)):
                with case(syndrome):
                    out.x(qubit)
    out.measure(range(3), [2, 3, 4])
    return out


def until_success():
    out = QuantumCircuit(2, 2)
    out.h(0)
    out.cx(0, 1)
    out.measure(0, 0)
    with out.while_loop((out.clbits[0], 0)):
        out.reset(0)
        out.ry(1.0, 0)
        out.rx(0.3, 1)
        out.measure(0, 0)
    out.measure(1, 1)
    return out


@pytest.mark.parametrize("make", [teleportation, corrected, until_success])
def test_dynamic_circuits_are_those_of_aer(make):
    theirs, ours = AerSimulator(seed_simulator=1), Backend()

    def counts(backend, **options):
        circuit = transpile(make(), backend, optimization_level=0)
        return backend.run(circuit, shots=SHOTS, **options).result().get_counts()

    assert distance(counts(theirs), counts(ours, seed_simulator=2)) < 0.03
