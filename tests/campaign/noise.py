"""Circuits that measure, reset and decide, under noise, against dense density matrices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

import ketgrad as kg
from campaign import dense
from campaign.random_programs import Operation, random_operation, random_unitary
from campaign.tally import Tally

TITLE = "Noisy dynamic circuits against dense density matrices"
UNIT = "circuits"
GOAL = 10_000
SHARE = 1.5

LIMIT = 1e-12
ZERO, ONE = np.diag([1.0 + 0j, 0]), np.diag([0, 1.0 + 0j])
LOWER = np.array([[0, 1], [0, 0]], dtype=complex)


def damping(gamma: float, excited: float = 0.0) -> list[np.ndarray]:
    """Return relaxation by a share gamma towards a population of |1>."""
    down = [np.diag([1, np.sqrt(1 - gamma)]), np.sqrt(gamma) * LOWER]
    up = [np.diag([np.sqrt(1 - gamma), 1]), np.sqrt(gamma) * LOWER.T]
    return [np.sqrt(1 - excited) * k for k in down] + [np.sqrt(excited) * k for k in up]


def dephasing(factor: float) -> list[np.ndarray]:
    """Return the channel that multiplies coherences by a factor."""
    return [
        np.sqrt((1 + factor) / 2) * dense.PAULI["I"],
        np.sqrt((1 - factor) / 2) * dense.PAULI["Z"],
    ]


def mixed(p: float, n_qubits: int) -> list[np.ndarray]:
    """Return (1 - p) rho + p I / 2**n as Pauli strings."""
    strings = [""]
    for _ in range(n_qubits):
        strings = [s + letter for s in strings for letter in "IXYZ"]
    each = p / len(strings)
    weights = [1 - p + each if s == "I" * n_qubits else each for s in strings]
    return [np.sqrt(w) * dense.pauli(s) for w, s in zip(weights, strings, strict=True)]


def after(second: Sequence[np.ndarray], first: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return one channel behind another."""
    return [b @ a for b in second for a in first]


def thermal(t1: float, t2: float, time: float, excited: float) -> list[np.ndarray]:
    """Return relaxation with exp(-time/t1) and coherences that shrink as exp(-time/t2)."""
    left = np.exp(-time / t1)
    return after(dephasing(np.exp(-time / t2) / np.sqrt(left)), damping(1 - left, excited))


def random_kraus(rng: np.random.Generator, n_qubits: int) -> list[np.ndarray]:
    """Return blocks of a random isometry."""
    size, number = 2**n_qubits, int(rng.integers(1, 5))
    blocks = random_unitary(rng, size * number)[:, :size]
    return list(blocks.reshape(number, size, size))


@dataclass(frozen=True)
class Noise:
    """A channel, for ketgrad and as the Kraus operators of its definition."""

    channel: kg.Channel
    kraus: list[np.ndarray]


def _pauli(rng: np.random.Generator) -> Noise:
    p = rng.dirichlet(np.ones(4)) * 0.9
    texts = ["XX", "ZI", "IY", "YZ"]
    kraus = [np.sqrt(w) * dense.pauli(s) for w, s in zip(p, texts, strict=True)]
    kraus.append(np.sqrt(1 - p.sum()) * np.eye(4))
    return Noise(kg.Channel.pauli(dict(zip(texts, p.tolist(), strict=True))), kraus)


def _thermal(rng: np.random.Generator) -> Noise:
    t1, time, excited = rng.uniform(0.5, 3), rng.uniform(0, 3), rng.random()
    t2 = rng.uniform(0.1, 2 * t1)
    return Noise(
        kg.Channel.thermal_relaxation(t1, t2, time, excited), thermal(t1, t2, time, excited)
    )


def _kraus(rng: np.random.Generator) -> Noise:
    operators = random_kraus(rng, int(rng.integers(1, 3)))
    return Noise(kg.Channel.from_kraus(operators), operators)


def _flip(name: str, letter: str) -> Callable[[np.random.Generator], Noise]:
    def make(rng: np.random.Generator) -> Noise:
        p = rng.random()
        kraus = [np.sqrt(1 - p) * dense.PAULI["I"], np.sqrt(p) * dense.PAULI[letter]]
        return Noise(getattr(kg.Channel, name)(p), kraus)

    return make


def _by_one(name: str, kraus: Callable[[float], list[np.ndarray]]):
    def make(rng: np.random.Generator) -> Noise:
        p = rng.random()
        return Noise(getattr(kg.Channel, name)(p), kraus(p))

    return make


def _general_damping(rng: np.random.Generator) -> Noise:
    gamma, excited = rng.random(2)
    return Noise(kg.Channel.generalized_amplitude_damping(gamma, excited), damping(gamma, excited))


CHANNELS: list[Callable[[np.random.Generator], Noise]] = [
    _flip("bit_flip", "X"),
    _flip("phase_flip", "Z"),
    _flip("bit_phase_flip", "Y"),
    _by_one("depolarizing", lambda p: mixed(p, 1)),
    _by_one("depolarizing2", lambda p: mixed(p, 2)),
    _by_one("amplitude_damping", damping),
    _by_one("phase_damping", lambda p: dephasing(np.sqrt(1 - p))),
    _general_damping,
    _thermal,
    _pauli,
    _kraus,
    lambda rng: Noise(kg.Channel.reset(), [ZERO, LOWER]),
]


@dataclass
class Branches:
    """One unnormalised density matrix for every value of the classical bits."""

    n_qubits: int
    n_bits: int
    of: dict[tuple[int, ...], np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Start in |0...0> with all bits 0."""
        rho = np.zeros((2**self.n_qubits,) * 2, dtype=complex)
        rho[0, 0] = 1
        self.of[(0,) * self.n_bits] = rho

    def channel(self, kraus: Sequence[np.ndarray], qubits: Sequence[int]) -> None:
        """Apply Kraus operators to every branch."""
        self.of = {b: dense.on_density(rho, kraus, qubits) for b, rho in self.of.items()}

    def gate(self, op: Operation, condition: dict[int, int]) -> None:
        """Apply a gate to the branches whose bits fulfil the condition."""
        for bits, rho in self.of.items():
            if all(bits[k] == v for k, v in condition.items()):
                left = dense.apply(rho, op.dense(np.zeros(0)), op.qubits, op.controls)
                self.of[bits] = (
                    dense.apply(left.conj().T, op.dense(np.zeros(0)), op.qubits, op.controls)
                    .conj()
                    .T
                )

    def measure(self, qubit: int, bit: int) -> None:
        """Split every branch by the outcome."""
        out: dict[tuple[int, ...], np.ndarray] = {}
        for bits, rho in self.of.items():
            for value, projector in ((0, ZERO), (1, ONE)):
                after_bits = (*bits[:bit], value, *bits[bit + 1 :])
                part = dense.on_density(rho, [projector], [qubit])
                out[after_bits] = out.get(after_bits, 0) + part
        self.of = out


def _step(rng: np.random.Generator, circuit: kg.Circuit, right: Branches, tally: Tally) -> None:
    n, kind = right.n_qubits, rng.random()
    order = [int(q) for q in rng.permutation(n)]
    if kind < 0.25:
        made = CHANNELS[int(rng.integers(len(CHANNELS)))](rng)
        if made.channel.n_qubits <= n:
            qubits = order[: made.channel.n_qubits]
            circuit.channel(made.channel, qubits if len(qubits) > 1 else qubits[0])
            right.channel(made.kraus, qubits)
            tally.saw("channels")
    elif kind < 0.4:
        bit = int(rng.integers(right.n_bits))
        circuit.measure(order[0], bit)
        right.measure(order[0], bit)
        tally.saw("measurements")
    elif kind < 0.45:
        circuit.reset(order[0])
        right.channel([ZERO, LOWER], order[:1])
    else:
        op = random_operation(rng, n, 0)
        condition: dict[int, int] = {}
        if kind > 0.8:
            chosen = rng.permutation(right.n_bits)[: int(rng.integers(1, right.n_bits + 1))]
            condition = {int(k): int(rng.integers(2)) for k in chosen}
        body = kg.Circuit(n) if condition else circuit
        op.add_to(body, kg.ParameterVector("w", 1))
        if condition:
            circuit.when(condition, body)
            tally.saw("conditions")
        right.gate(op, condition)


def trial(rng: np.random.Generator, tally: Tally, case: str) -> None:
    """Compare the mean density matrix and the distribution of the classical bits."""
    right = Branches(int(rng.integers(1, 5)), int(rng.integers(1, 4)))
    circuit = kg.Circuit(right.n_qubits, right.n_bits)
    for _ in range(int(rng.integers(2, 18))):
        _step(rng, circuit, right, tally)
    rho = circuit.density_matrix().matrix()
    error = np.abs(rho - sum(right.of.values())).max()
    tally.error("density matrix, largest error", error, LIMIT, case)
    if circuit.count_gates().get("measure", 0) == 0:
        circuit.measure(0, 0)
        right.measure(0, 0)
    found = circuit.run(1, seed=1, method="density_matrix").probabilities()
    expected = {"".join(map(str, reversed(bits))): np.trace(r).real for bits, r in right.of.items()}
    for bits in {*found, *expected}:
        error = abs(found.get(bits, 0.0) - expected.get(bits, 0.0))
        tally.error("outcomes, largest error", error, LIMIT, case)
