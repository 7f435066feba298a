"""The same random circuits on other simulators, where these are installed.

Both count qubit 0 as the least significant bit, as ketgrad does. Gates go over by name where the
simulator has one of that name, else as their matrices.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import numpy as np

from campaign.random_programs import Operation, RandomProgram

Runner = Callable[[RandomProgram, np.ndarray], np.ndarray]

QULACS = {
    "x": "X", "y": "Y", "z": "Z", "h": "H", "s": "S", "sdg": "Sdag", "t": "T", "tdg": "Tdag",
    "sx": "sqrtX", "sxdg": "sqrtXdag", "swap": "SWAP", "rx": "RX", "ry": "RY", "rz": "RZ",
}  # fmt: skip
AER = {
    "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "sxdg", "swap", "rx", "ry", "rz", "p", "u",
    "rxx", "ryy", "rzz",
}  # fmt: skip


def installed() -> dict[str, Runner]:
    """Return the simulators that are here, by name."""
    out: dict[str, Runner] = {}
    if importlib.util.find_spec("qulacs"):
        out["Qulacs"] = qulacs_state
    if importlib.util.find_spec("qiskit_aer"):
        out["Aer"] = aer_state
    return out


def qulacs_state(program: RandomProgram, weights: np.ndarray) -> np.ndarray:
    """Return the final state of Qulacs, whose rotations turn the other way."""
    from qulacs import QuantumState, gate

    state = QuantumState(program.n_qubits)
    for op in program.operations:
        if op.name in QULACS and not op.controls:
            angles = [-value for value in op.values(weights)]
            getattr(gate, QULACS[op.name])(*op.qubits, *angles).update_quantum_state(state)
            continue
        matrix = gate.DenseMatrix(list(op.qubits), op.dense(weights))
        for qubit, value in op.controls.items():
            matrix.add_control_qubit(qubit, value)
        matrix.update_quantum_state(state)
    return state.get_vector()


def _controlled(matrix: np.ndarray, values: list[int]) -> np.ndarray:
    """Return the matrix on controls, the lowest qubits, and targets; Qiskit's own are inexact."""
    step = 2 ** len(values)
    out = np.eye(step * len(matrix), dtype=complex)
    at = sum(value << k for k, value in enumerate(values))
    out[at::step, at::step] = matrix
    return out


def _aer_gate(op: Operation, weights: np.ndarray) -> object:
    from qiskit.circuit import QuantumCircuit
    from qiskit.circuit.library import UnitaryGate

    if op.name not in AER or op.controls:
        return UnitaryGate(_controlled(op.dense(weights), list(op.controls.values())))
    single = QuantumCircuit(len(op.qubits))
    getattr(single, op.name)(*op.values(weights), *range(len(op.qubits)))
    return single.data[0].operation


def aer_state(program: RandomProgram, weights: np.ndarray) -> np.ndarray:
    """Return the final state of Aer's statevector method."""
    from qiskit import QuantumCircuit, transpile
    from qiskit_aer import AerSimulator

    circuit = QuantumCircuit(program.n_qubits)
    for op in program.operations:
        gate = _aer_gate(op, weights)
        circuit.append(gate, [*op.controls, *op.qubits])
    circuit.save_statevector()
    simulator = AerSimulator(method="statevector")
    compiled = transpile(circuit, simulator, optimization_level=0)
    return np.asarray(simulator.run(compiled).result().get_statevector())
