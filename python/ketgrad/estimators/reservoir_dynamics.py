"""How the density matrix of a reservoir goes from step to step."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ketgrad._core import Circuit, PauliSum
from ketgrad._memory import require_memory
from ketgrad._types import ComplexArray, FloatArray

_TOGETHER = 2**20  # numbers of the density matrices that are read, or go, at once


def ising_circuit(
    n_qubits: int, time: float, field: float, random: np.random.RandomState
) -> Circuit:
    """Draw an Ising model with couplings of all pairs; make its evolution one gate.

    >>> ising_circuit(2, 0.5, 1.0, np.random.RandomState(0)).n_qubits
    2
    """
    qubits = range(n_qubits)
    terms = [("Z", [k], field) for k in qubits]
    terms += [("XX", [i, j], random.uniform(-0.5, 0.5)) for j in qubits for i in range(j)]
    energies, vectors = np.linalg.eigh(PauliSum.from_sparse(terms, n_qubits).matrix())
    evolution = (vectors * np.exp(-1j * time * energies)) @ vectors.conj().T
    return Circuit(n_qubits).unitary(evolution, qubits, label="Ising")


@dataclass(frozen=True)
class Dynamics:
    """A step: the first qubits are replaced, then the circuit acts several times.

    With the rest of the qubits in the state rho and the new ones in |u>, a step ends in
    W rho W^+, W = U (|u> x 1). All readings of a step are taken there, of observables that were
    turned back to their times.
    """

    whole: ComplexArray
    """U of a whole step, shape (D, rest, new)."""
    readings: ComplexArray
    """The observables as rows, shape (D * D, n_readings)."""

    @classmethod
    def of(
        cls, circuit: Circuit, observables: Sequence[PauliSum], n_inputs: int, n_virtual: int
    ) -> "Dynamics":
        """Prepare the dynamics of a circuit, its observables on as many qubits."""
        size, n = 2**circuit.n_qubits, len(observables)
        n_readings = n_virtual * n
        require_memory(
            16.0 * size**2 * (n_readings + 4 * n + 4),
            f"a reservoir of {circuit.n_qubits} qubits with {n_readings} readings a step, "
            f"n_virtual={n_virtual} times {n} observables,",
        )
        once = circuit.matrix()
        readings = np.empty((size * size, n_readings), dtype=np.complex128)
        # Of the last reading, then of the one before, ...: O becomes U O U^+.
        turned = np.array([one.matrix() for one in observables])
        for k in reversed(range(n_virtual)):
            readings[:, k * n : (k + 1) * n] = turned.transpose(0, 2, 1).reshape(n, -1).T
            if k:
                turned = once @ turned @ once.conj().T
        whole = np.linalg.matrix_power(once, n_virtual)
        return cls(whole.reshape(size, -1, 2**n_inputs), readings)

    def vacuum(self) -> ComplexArray:
        """Give the density matrix of |0...0>."""
        rho = np.zeros(2 * self.whole.shape[:1], dtype=np.complex128)
        rho[0, 0] = 1
        return rho

    def step(self, rho: ComplexArray, values: FloatArray) -> ComplexArray:
        """Go one step with matrices of shape (rows, D, D) and values of shape (rows, n_inputs)."""
        _, n_rest, n_new = self.whole.shape
        shape = (len(rho), n_rest, n_new, n_rest, n_new)
        rest = np.trace(rho.reshape(shape), axis1=2, axis2=4)
        onto = np.tensordot(new_states(values), self.whole, axes=(1, 2))
        ahead: ComplexArray = onto @ rest @ onto.conj().transpose(0, 2, 1)
        return ahead

    def read(self, rho: ComplexArray) -> FloatArray:
        """Read all observables of states of shape (rows, D, D)."""
        return (rho.reshape(len(rho), -1) @ self.readings).real

    def along(self, values: FloatArray, rho: ComplexArray) -> tuple[FloatArray, ComplexArray]:
        """Go along a series of shape (n_steps, n_inputs); give all features, and the last state."""
        self._require_memory(len(values))
        together = max(1, _TOGETHER // rho.size)
        features = [np.empty((0, self.readings.shape[1]))]
        for start in range(0, len(values), together):
            states = []
            for value in values[start : start + together]:
                rho = self.step(rho[None], value[None])[0]
                states.append(rho)
            features.append(self.read(np.array(states)))
        return np.concatenate(features), rho

    def ends(self, sequences: FloatArray) -> FloatArray:
        """Give the features at the ends of sequences, shape (rows, n_steps, n_inputs)."""
        self._require_memory(len(sequences))
        vacuum, features = self.vacuum(), []
        together = max(1, _TOGETHER // vacuum.size)
        for start in range(0, len(sequences), together):
            rows = sequences[start : start + together]
            rho = np.repeat(vacuum[None], len(rows), axis=0)
            for step in range(rows.shape[1]):
                rho = self.step(rho, rows[:, step])
            features.append(self.read(rho))
        return np.concatenate(features)

    def _require_memory(self, n_rows: int) -> None:
        """Raise MemoryError for more features than memory takes, twice while they are joined."""
        n_readings = self.readings.shape[1]
        require_memory(16.0 * n_rows * n_readings, f"{n_rows} rows of {n_readings} features")


def new_states(values: FloatArray) -> FloatArray:
    """Give the amplitudes of the qubits that are put in; the first value is the lowest bit.

    >>> new_states(np.array([[0.0, 1.0]]))  # |10>
    array([[0., 0., 1., 0.]])
    """
    out = np.ones((len(values), 1))
    for column in values.T:
        pair = np.sqrt(np.stack([1 - column, column], axis=1))
        out = (pair[:, :, None] * out[:, None, :]).reshape(len(values), -1)
    return out
