"""`backend.run` and `transpile`, and noise models of Aer."""

import numpy as np
import pytest
from qiskit import QuantumCircuit, generate_preset_pass_manager, transpile
from qiskit.circuit import Parameter
from qiskit.circuit.random import random_circuit
from qiskit.exceptions import QiskitError
from qiskit.primitives import BackendEstimatorV2, BackendSamplerV2
from qiskit.quantum_info import Operator, Statevector
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel as AerModel
from qiskit_aer.noise import (
    ReadoutError,
    amplitude_damping_error,
    depolarizing_error,
    pauli_error,
    thermal_relaxation_error,
)

from ketgrad.qiskit import Backend, Estimator, Sampler, from_qiskit, noise_model


def test_counts_and_memory():
    circuit = QuantumCircuit(3, 2, name="mine", metadata={"a": 1})
    circuit.x(0)
    circuit.h(1)
    circuit.measure([0, 1], [1, 0])
    backend = Backend()
    found = backend.run(circuit, shots=1000, seed_simulator=3, memory=True).result()
    assert sorted(found.get_counts()) == ["10", "11"]
    assert found.get_memory().count("11") == found.get_counts()["11"]
    again = backend.run(circuit, shots=1000, seed_simulator=3).result()
    assert again.get_counts("mine") == found.get_counts()
    assert found.results[0].header["metadata"] == {"a": 1}
    several = backend.run([circuit, circuit], shots=5).result()
    assert [sum(counts.values()) for counts in several.get_counts()] == [5, 5]
    assert sum(backend.run(circuit).result().get_counts().values()) == 1024


def test_registers_are_apart():
    circuit = QuantumCircuit(2, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    circuit.measure_all()
    assert Backend().run(circuit, shots=4).result().get_counts() == {"01 1": 4}


def test_transpiled_circuits_are_the_same():
    backend = Backend(6)
    for seed in range(10):
        circuit = random_circuit(4, 5, seed=seed)
        there = transpile(circuit, backend, initial_layout=range(4), optimization_level=2)
        state = from_qiskit(there).state().reshape(-1, 16)[0]
        overlap = np.vdot(state, Statevector(circuit).data)
        assert abs(overlap) == pytest.approx(1)
    assert backend.num_qubits == 6
    assert {"cx", "rz", "measure", "if_else"} <= set(backend.operation_names)


def test_control_flow_by_a_pass_manager():
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)
    circuit.measure(1, 1)
    backend = Backend(4)
    there = generate_preset_pass_manager(1, backend=backend).run(circuit)
    assert set(backend.run(there, shots=200).result().get_counts()) == {"00", "11"}


def test_primitives_of_backends():
    circuit = QuantumCircuit(1)
    circuit.ry(Parameter("a"), 0)
    values = [[0.3], [1.2]]
    evs = BackendEstimatorV2(backend=Backend()).run([(circuit, "Z", values)]).result()[0].data.evs
    np.testing.assert_allclose(evs, np.cos(np.ravel(values)), atol=0.06)
    circuit.measure_all()
    data = BackendSamplerV2(backend=Backend()).run([(circuit, values)], shots=2000).result()[0].data
    assert data.meas.bitcount().mean(axis=1)[1] == pytest.approx(np.sin(0.6) ** 2, abs=0.06)


def test_refusals():
    circuit = QuantumCircuit(1)
    with pytest.raises(QiskitError, match="no option 'nix'"):
        Backend().run(circuit, nix=1)
    circuit.rx(Parameter("a"), 0)
    with pytest.raises(QiskitError, match="free parameters: a"):
        Backend().run(circuit)


def noisy():
    out = AerModel()
    out.add_all_qubit_quantum_error(depolarizing_error(0.05, 1), ["h", "x", "sx"])
    out.add_all_qubit_quantum_error(depolarizing_error(0.08, 2), ["cx"])
    out.add_quantum_error(amplitude_damping_error(0.2), ["x"], [1])
    out.add_quantum_error(thermal_relaxation_error(50, 60, 10), ["h"], [2])
    error = pauli_error([("XI", 0.1), ("ZY", 0.1), ("II", 0.8)])
    out.add_quantum_error(error, ["cx"], [2, 0])
    out.add_quantum_error(amplitude_damping_error(0.3), ["reset"], [0])
    return out


def circuit_under_noise():
    out = QuantumCircuit(3)
    out.h([0, 1, 2])
    out.cx(0, 1)
    out.x([0, 1])
    out.u(0.1, 0.2, 0.3, 1)
    out.reset(0)
    out.sx([0, 2])
    out.cx(2, 0)
    out.cx(1, 2)
    return out


def test_noise_models_of_aer():
    circuit = circuit_under_noise()
    noise = noise_model(noisy(), 3)
    ours = from_qiskit(circuit).density_matrix(noise=noise).matrix()
    circuit.save_density_matrix()
    simulator = AerSimulator(method="density_matrix", noise_model=noisy())
    theirs = simulator.run(circuit).result().data()["density_matrix"]
    np.testing.assert_allclose(ours, Operator(theirs).data, atol=1e-7)
    value = Estimator(noise=noise).run([(circuit_under_noise(), "ZZZ")]).result()[0].data.evs
    assert value == pytest.approx(theirs.expectation_value(Operator.from_label("ZZZ")).real)


def test_older_names_of_gates():
    found = []
    for name in ("u3", "u"):
        theirs = AerModel(["u3", "u"])
        theirs.add_all_qubit_quantum_error(depolarizing_error(0.05, 1), [name])
        found.append(noise_model(theirs))
    assert found[0] == found[1]


def test_readout_errors_of_aer():
    theirs = AerModel()
    theirs.add_all_qubit_readout_error(ReadoutError([[0.9, 0.1], [0.3, 0.7]]))
    theirs.add_readout_error(ReadoutError([[1, 0], [0.2, 0.8]]), [1])
    circuit = QuantumCircuit(2)
    circuit.x([0, 1])
    circuit.measure_all()
    ours = from_qiskit(circuit).run(1, noise=noise_model(theirs), method="density_matrix")
    assert ours.probabilities() == pytest.approx({"11": 0.56, "10": 0.24, "01": 0.14, "00": 0.06})


def test_noise_it_lacks():
    with pytest.raises(QiskitError, match="needs n_qubits"):
        noise_model(noisy())
    theirs = AerModel()
    theirs.add_all_qubit_quantum_error(depolarizing_error(0.1, 2), ["ecr"])
    with pytest.raises(QiskitError, match="noise of 'ecr'"):
        noise_model(theirs)


def test_readout_errors_of_several_qubits_act_nowhere_as_in_aer():
    theirs = AerModel()
    theirs.add_readout_error(ReadoutError([[0.5, 0.5], [0, 1]]), [0])
    theirs.add_readout_error(ReadoutError(np.eye(4)[::-1]), [0, 1])
    circuit = QuantumCircuit(2)
    circuit.measure_all()
    with pytest.warns(UserWarning, match=r"qubits \(0, 1\) together acts nowhere"):
        noise = noise_model(theirs)
    ours = Sampler(noise=noise, seed=1).run([circuit], shots=4000).result()[0]
    found = ours.data.meas.get_counts()
    want = AerSimulator(noise_model=theirs).run(circuit, shots=4000).result().get_counts()
    assert set(found) == set(want) == {"00", "01"}
    assert abs(found["00"] - 2000) < 200
    assert abs(want["00"] - 2000) < 200
