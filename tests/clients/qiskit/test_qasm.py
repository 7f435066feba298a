"""OpenQASM goes both ways: Qiskit reads what ketgrad writes, ketgrad what Qiskit writes."""

import numpy as np
import pytest
from qiskit import QuantumCircuit, qasm2, qasm3
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import Operator

import ketgrad as kg
from ketgrad.qiskit import from_qiskit


def assert_equal_but_for_phase(found, wanted):
    overlap = np.trace(found.conj().T @ wanted)
    assert abs(abs(overlap) - len(wanted)) < 1e-9


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("dumps", [qasm2.dumps, qasm3.dumps], ids=["2", "3"])
def test_what_qiskit_writes_is_read(dumps, seed):
    circuit = random_circuit(4, 4, seed=seed)
    found = kg.Circuit.from_qasm(dumps(circuit)).matrix()
    assert_equal_but_for_phase(found, Operator(circuit).data)


@pytest.mark.parametrize("seed", range(1, 13))  # 0 has a controlled S, which is refused by name
def test_what_ketgrad_writes_is_read_by_qiskit(seed):
    circuit = from_qiskit(random_circuit(4, 4, seed=seed))
    found: QuantumCircuit = qasm2.loads(circuit.to_qasm(version=2))
    assert_equal_but_for_phase(Operator(found).data, circuit.matrix())
