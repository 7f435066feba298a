"""Random circuits as plain data, which ketgrad and the dense reference read in their own ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

import ketgrad as kg
from campaign import dense
from gate_table import GATES

# What the reference knows of the gate table; cases are drawn by the order.
NAMES = [*dense.FIXED, "rx", "ry", "rz", "p", "u", "rxx", "ryy", "rzz"]
TABLE = {gate.name: gate for gate in GATES}


@dataclass(frozen=True)
class Angle:
    """offset + sum of factor * w[index] over the parameters."""

    offset: float
    factors: dict[int, float] = field(default_factory=dict)

    def at(self, weights: np.ndarray) -> float:
        """Return its value."""
        return self.offset + sum(f * float(weights[k]) for k, f in self.factors.items())

    def expression(self, w: kg.ParameterVector) -> kg.Expression | kg.Parameter | float:
        """Return it as ketgrad takes it."""
        if not self.factors:
            return self.offset
        total = sum((f * w[k] for k, f in self.factors.items()), start=kg.Expression(self.offset))
        single = len(self.factors) == 1 and self.offset == 0 and set(self.factors.values()) == {1.0}
        return w[next(iter(self.factors))] if single else total


@dataclass(frozen=True)
class Operation:
    """One gate: a name of the table, or 'pauli', 'unitary', 'evolution' with what they carry."""

    name: str
    angles: tuple[Angle, ...]
    qubits: tuple[int, ...]
    controls: dict[int, int]
    letters: str = ""
    matrix: np.ndarray | None = None

    def values(self, weights: np.ndarray) -> list[float]:
        """Return the angles as numbers."""
        return [angle.at(weights) for angle in self.angles]

    def dense(self, weights: np.ndarray) -> np.ndarray:
        """Return the matrix, without controls."""
        if self.name == "unitary":
            assert self.matrix is not None
            return self.matrix
        if self.name == "evolution":
            assert self.matrix is not None
            return dense.exponential(self.values(weights)[0], self.matrix)
        if self.name == "pauli":  # letters[k] is on qubits[k]
            return dense.rotation(self.values(weights)[0], dense.pauli(self.letters[::-1]))
        return dense.gate(self.name, self.values(weights))

    def add_to(self, circuit: kg.Circuit, w: kg.ParameterVector) -> None:
        """Append it to a circuit of ketgrad."""
        angles = [angle.expression(w) for angle in self.angles]
        where = {"qubits": list(self.qubits), "controls": self.controls}
        if self.name == "unitary":
            circuit.unitary(self.matrix, **where)
        elif self.name == "evolution":
            circuit.evolution(angles[0], self.matrix, **where)
        elif self.name == "pauli":
            circuit.pauli_rotation(angles[0], self.letters, **where)
        else:
            getattr(circuit, self.name)(*angles, *self.qubits, controls=self.controls)


@dataclass(frozen=True)
class RandomProgram:
    """A circuit with n_weights parameters w[0], w[1], ..."""

    n_qubits: int
    n_weights: int
    operations: list[Operation]

    def circuit(self) -> kg.Circuit:
        """Return the circuit of ketgrad."""
        w = kg.ParameterVector("w", max(self.n_weights, 1))
        out = kg.Circuit(self.n_qubits)
        for operation in self.operations:
            operation.add_to(out, w)
        return out

    def used_weights(self) -> list[int]:
        """Return the indices of the parameters that some angle reads."""
        return sorted({k for op in self.operations for angle in op.angles for k in angle.factors})

    def state(self, weights: np.ndarray) -> np.ndarray:
        """Return the dense reference's final state."""
        state = np.zeros(2**self.n_qubits, dtype=complex)
        state[0] = 1
        for op in self.operations:
            state = dense.apply(state, op.dense(weights), op.qubits, op.controls)
        return state


def random_unitary(rng: np.random.Generator, size: int) -> np.ndarray:
    """Return a unitary matrix drawn from the Haar measure but for phases."""
    return np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))[0]


def random_hermitian(rng: np.random.Generator, size: int) -> np.ndarray:
    """Return a Hermitian matrix of norm about 1."""
    matrix = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    return (matrix + matrix.conj().T) / (4 * np.sqrt(size))


def random_angle(rng: np.random.Generator, n_weights: int) -> Angle:
    """Return a number, one parameter, or a linear expression in up to three."""
    kind = rng.integers(4) if n_weights else 0
    if kind == 0:
        special = rng.choice([0, np.pi / 2, -np.pi, 2 * np.pi, 1e-9, 40.0])
        return Angle(float(special if rng.random() < 0.2 else rng.uniform(-7, 7)))
    if kind < 3:
        return Angle(0.0, {int(rng.integers(n_weights)): 1.0})
    chosen = rng.choice(n_weights, size=min(n_weights, int(rng.integers(1, 4))), replace=False)
    return Angle(float(rng.normal()), {int(k): float(rng.normal()) for k in chosen})


def random_operation(rng: np.random.Generator, n_qubits: int, n_weights: int) -> Operation:
    """Return a random gate on random qubits under up to three controls on 0 or 1."""
    order = [int(q) for q in rng.permutation(n_qubits)]
    kind = rng.random()
    name = (
        str(rng.choice(NAMES)) if kind < 0.8 else str(rng.choice(["pauli", "unitary", "evolution"]))
    )
    if name in TABLE:
        width, n_angles = TABLE[name].qubits, TABLE[name].angles
    else:
        n_angles = int(name != "unitary")
        width = int(rng.integers(1, min(n_qubits, 4 if name == "pauli" else 3) + 1))
    if width > n_qubits:
        return random_operation(rng, n_qubits, n_weights)
    qubits, free = order[:width], order[width:]
    n_controls = int(rng.choice([0, 0, 0, 0, 1, 1, 2, 3]))
    controls = {q: int(rng.integers(2)) for q in free[:n_controls]}
    angles = tuple(random_angle(rng, n_weights) for _ in range(n_angles))
    letters = "".join(rng.choice(list("IXYZ"), size=width)) if name == "pauli" else ""
    matrix = None
    if name == "unitary":
        matrix = random_unitary(rng, 2**width)
    elif name == "evolution":
        matrix = random_hermitian(rng, 2**width)
    return Operation(name, angles, tuple(qubits), controls, letters, matrix)


def random_program(
    rng: np.random.Generator, n_qubits: int, n_operations: int, n_weights: int
) -> RandomProgram:
    """Return a random circuit."""
    operations = [random_operation(rng, n_qubits, n_weights) for _ in range(n_operations)]
    return RandomProgram(n_qubits, n_weights, operations)


def random_terms(rng: np.random.Generator, n_qubits: int, most: int = 6) -> dict[str, float]:
    """Return a random sum of Pauli strings, some of them on few qubits."""
    terms = {}
    for _ in range(int(rng.integers(1, most + 1))):
        idle = rng.random()
        letters = [
            "I" if rng.random() < idle else str(rng.choice(list("XYZ"))) for _ in range(n_qubits)
        ]
        terms["".join(letters)] = float(rng.normal())
    return terms


def by_name(names: Sequence[str], weights: np.ndarray) -> np.ndarray:
    """Return the weights in the order of a program's names, each 'w[k]'."""
    return weights[..., [int(name[2:-1]) for name in names]]
