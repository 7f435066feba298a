"""Gradients by the adjoint method and by parameter shift against derivatives of dense matrices."""

from __future__ import annotations

import numpy as np

import ketgrad as kg
from campaign import dense
from campaign.random_programs import Operation, RandomProgram, by_name, random_program, random_terms
from campaign.tally import Tally

TITLE = "Gradients by three methods"
UNIT = "circuits"
GOAL = 10_000
SHARE = 1.5

LIMIT = 1e-10


def derivative(op: Operation, weights: np.ndarray, k: int) -> np.ndarray:
    """Return dU/d(angle k), from the definition of the gate."""
    matrix = op.dense(weights)
    if op.name in dense.ROTATIONS:
        return -0.5j * dense.pauli(dense.ROTATIONS[op.name]) @ matrix
    if op.name == "pauli":
        return -0.5j * dense.pauli(op.letters[::-1]) @ matrix
    if op.name == "evolution":
        assert op.matrix is not None
        return -1j * op.matrix @ matrix
    if op.name == "p":
        return np.diag([0, 1j * matrix[1, 1]])
    row, column = np.diag([0, 1j]), np.diag([0, 1j])  # u = P(phi) RY(theta) P(lam)
    if k == 1:
        return row @ matrix
    if k == 2:
        return matrix @ column
    theta, phi, lam = op.values(weights)
    inner = -0.5j * dense.PAULI["Y"] @ dense.gate("ry", [theta])
    return dense.gate("p", [phi]) @ inner @ dense.gate("p", [lam])


def on_controlled(state: np.ndarray, op: Operation, matrix: np.ndarray) -> np.ndarray:
    """Apply a matrix where the controls hold, and 0 elsewhere: what dU is for a controlled gate."""
    out = dense.apply(state, matrix, op.qubits, op.controls)
    index = np.arange(len(state))
    for qubit, value in op.controls.items():
        out[(index >> qubit) & 1 != value] = 0
    return out


def dense_gradient(
    program: RandomProgram, weights: np.ndarray, terms: dict[str, float]
) -> np.ndarray:
    """Return d<O>/dw, shape (n_weights,), as 2 Re <psi|O U...dU...|0> summed over all angles."""
    states = [np.eye(1, 2**program.n_qubits, dtype=complex)[0]]
    for op in program.operations:
        states.append(dense.apply(states[-1], op.dense(weights), op.qubits, op.controls))
    bra = sum(c * dense.apply_string(states[-1], text) for text, c in terms.items())
    gradient = np.zeros(len(weights))
    for op, before in zip(reversed(program.operations), reversed(states[:-1]), strict=True):
        for k, angle in enumerate(op.angles):
            if angle.factors:
                slope = on_controlled(before, op, derivative(op, weights, k))
                by_angle = 2 * np.vdot(bra, slope).real
                for index, factor in angle.factors.items():
                    gradient[index] += factor * by_angle
        bra = dense.apply(bra, op.dense(weights).conj().T, op.qubits, op.controls)
    return gradient


def trial(rng: np.random.Generator, tally: Tally, case: str) -> None:
    """Compare three gradients of one expectation value."""
    wide = rng.random() < 0.01
    n_qubits = 13 if wide else int(rng.integers(1, 7))
    n_weights = int(rng.integers(1, 9))
    program = random_program(rng, n_qubits, int(rng.integers(1, 16)), n_weights)
    terms = random_terms(rng, n_qubits)
    weights = rng.uniform(-4, 4, size=n_weights)
    compiled = kg.compile(program.circuit(), kg.PauliSum(terms))
    given = by_name(compiled.weights, weights)
    right = by_name(compiled.weights, dense_gradient(program, weights, terms))
    batch = int(rng.choice([1, 9]))  # alone, or as one lane of a block
    _, adjoint = compiled.jacobian(weights=np.tile(given, (batch, 1)))
    _, shifted = compiled.jacobian(weights=given, diff_method="parameter-shift")
    for name, ours in (("adjoint", adjoint[-1]), ("parameter shift", shifted)):
        tally.error(f"{name}, largest error", np.abs(ours - right).max(initial=0), LIMIT, case)
    tally.saw("derivatives", right.size)
