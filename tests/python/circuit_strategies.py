"""Random circuits for the property tests, over the whole gate table."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

import ketgrad as kg
from gate_table import GATES

MAX_QUBITS = 4
WEIGHTS = kg.ParameterVector("w", 4)
INPUTS = kg.ParameterVector("x", 3)


def random_unitary(size: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    return np.linalg.qr(matrix)[0]


# Hermitian generators whose frequencies are few and well apart, as those of real gates are.
GENERATORS = [
    kg.PauliSum("X"),
    kg.PauliSum({"Z": 0.7, "X": -0.4}),
    kg.PauliSum({"XX": 0.5, "YY": 0.5}),
    kg.PauliSum({"ZI": 0.3, "IZ": 0.5, "XX": 0.4}),
]


def angles() -> st.SearchStrategy[Any]:
    """Numbers, parameters, and expressions that are defined for all values of their parameters."""
    w, x = WEIGHTS, INPUTS
    return st.one_of(
        st.floats(-7, 7, allow_nan=False),
        st.sampled_from([*w, *x]),
        st.sampled_from(
            [
                2 * w[0] + 0.25,
                w[1] * x[0],
                (np.pi - x[0]) * (np.pi - x[1]) / 5,
                kg.sin(w[2]) - kg.cos(x[2]) * w[3],
                kg.exp(x[1] / 4) + kg.log(w[0] ** 2 + 1),
                kg.sqrt(x[0] ** 2 + 1) / (w[1] ** 2 + 2),
                -(w[3] ** 3) / 8,
            ]
        ),
    )


@st.composite
def _controls(draw: st.DrawFn, free: list[int]) -> dict[int, int]:
    """Up to two controls, on 0 or 1, among qubits the gate does not use."""
    chosen = draw(st.lists(st.sampled_from(free), max_size=2, unique=True)) if free else []
    return {qubit: draw(st.integers(0, 1)) for qubit in chosen}


@st.composite
def _add_gate(draw: st.DrawFn, circuit: kg.Circuit) -> None:
    n = circuit.n_qubits
    order = draw(st.permutations(range(n)))
    kind = draw(st.sampled_from(["table"] * 6 + ["pauli", "unitary", "evolution"]))
    if kind == "table":
        gate = draw(st.sampled_from([g for g in GATES if g.qubits <= n]))
        used = gate.qubits
        chosen = [draw(angles()) for _ in range(gate.angles)]
        controls = draw(_controls(order[used:]))
        getattr(circuit, gate.name)(*chosen, *order[:used], controls=controls)
        return
    generators = [g for g in GENERATORS if g.n_qubits <= n]
    generator = draw(st.sampled_from(generators))
    used = generator.n_qubits if kind == "evolution" else draw(st.integers(1, min(n, 3)))
    controls = draw(_controls(order[used:]))
    if kind == "pauli":
        letters = draw(st.text("IXYZ", min_size=used, max_size=used))
        circuit.pauli_rotation(draw(angles()), letters, order[:used], controls=controls)
    elif kind == "unitary":
        matrix = random_unitary(2**used, draw(st.integers(0, 999)))
        circuit.unitary(matrix, order[:used], controls=controls)
    else:
        circuit.evolution(draw(angles()), generator, order[:used], controls=controls)


@st.composite
def circuits(
    draw: st.DrawFn, min_qubits: int = 1, max_qubits: int = MAX_QUBITS, max_gates: int = 10
) -> kg.Circuit:
    circuit = kg.Circuit(draw(st.integers(min_qubits, max_qubits)))
    for _ in range(draw(st.integers(0, max_gates))):
        draw(_add_gate(circuit))
    return circuit


@st.composite
def observables(draw: st.DrawFn, n_qubits: int) -> list[Any]:
    """A Pauli sum and a matrix observable: gradients must be right for both."""
    texts = st.text("IXYZ", min_size=n_qubits, max_size=n_qubits)
    coefficients = st.floats(-2, 2, allow_nan=False)
    terms = draw(st.dictionaries(texts, coefficients, min_size=1, max_size=4))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    matrix = rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2))
    qubit = draw(st.integers(0, n_qubits - 1))
    return [kg.PauliSum(terms), kg.MatrixObservable(matrix + matrix.conj().T, [qubit])]


def values_of(names: list[str], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1.5, 1.5, len(names))


def inputs_of(circuit: kg.Circuit) -> list[str]:
    """The inputs that a circuit uses."""
    return [x.name for x in INPUTS if x.name in circuit.parameters]


def assignment(circuit: kg.Circuit, seed: int) -> dict[str, float]:
    names = circuit.parameters
    return dict(zip(names, values_of(names, seed).tolist(), strict=True))
