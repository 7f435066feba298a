"""Derivatives of the library's circuits by their angles are differences of their values."""

from collections.abc import Callable

import numpy as np
import pytest

import ketgrad as kg

library = kg.library
MODEL = library.heisenberg(4, (1.0, 0.8, 0.5), 0.3)
RNG = np.random.default_rng(7)
TIME, THETA = kg.Parameter("time"), kg.Parameter("theta")


def observable(n: int) -> kg.PauliSum:
    """Of every letter, and of no symmetry."""
    out = kg.PauliSum({"I" * n: 0.3})
    for q in range(n):
        out = out + (0.5 + 0.1 * q) * kg.PauliSum(f"{'XYZ'[q % 3]}{q}", n_qubits=n)
    return out + kg.PauliSum(f"Z0 X{n - 1}" if n > 1 else "Y0", n_qubits=n)


def started(circuit: kg.Circuit) -> kg.Circuit:
    """Behind a state that no term of a Hamiltonian leaves alone."""
    out = kg.Circuit(circuit.n_qubits)
    for q in range(circuit.n_qubits):
        out.ry(0.3 + 0.2 * q, q).rz(0.4 - 0.1 * q, q)
    return out.compose(circuit)


CIRCUITS: dict[str, Callable[[], kg.Circuit]] = {
    **{
        f"uccsd, {mapping}": lambda mapping=mapping: library.uccsd(2, 6, mapping)
        for mapping in ("jordan_wigner", "parity", "bravyi_kitaev")
    },
    "uccsd, odd": lambda: library.uccsd(3, 6),
    **{
        f"trotter, {order}": lambda order=order: started(library.trotter(MODEL, TIME, 2, order))
        for order in (1, 2, 4)
    },
    "trotter, expression": lambda: started(library.trotter(MODEL, 2 * TIME * TIME + 0.1, 3, 2)),
    "hamiltonian variational": lambda: started(
        library.hamiltonian_variational([MODEL, "XIII + IXII", {"ZZZZ": 0.4, "IYYI": -0.7}], 2)
    ),
    "qaoa": lambda: library.qaoa(MODEL, 3),
    "qsp": lambda: library.qsp(library.qsp_angles([0, 0.3, 0, -0.5, 0, 0.1]), THETA),
    "qsvt": lambda: library.qsvt(
        library.qsp_angles([0.1, 0, 0.2, 0, 0.5]), kg.Circuit(2).rxx(THETA, 0, 1).ry(THETA, 0), 1
    ),
    "hadamard test": lambda: library.hadamard_test(kg.Circuit(2).rx(THETA, 0).rzz(TIME, 0, 1)),
    "phase estimation": lambda: started(library.phase_estimation(kg.Circuit(1).p(THETA, 0), 3)),
}


@pytest.mark.parametrize("name", CIRCUITS)
def test_gradients_are_differences(name: str) -> None:
    circuit = CIRCUITS[name]()
    program = kg.compile(circuit, observable(circuit.n_qubits))
    weights = RNG.normal(size=len(program.weights))
    assert len(weights) > 0
    _, gradient = program.jacobian(weights=weights)
    step = 1e-5
    steps = step * np.eye(len(weights))
    values = program.expval(weights=np.concatenate([weights + steps, weights - steps]))
    differences = (values[: len(weights)] - values[len(weights) :]) / (2 * step)
    np.testing.assert_allclose(gradient.ravel(), differences.ravel(), rtol=0, atol=2e-8)
    assert np.abs(gradient).max() > 1e-3
