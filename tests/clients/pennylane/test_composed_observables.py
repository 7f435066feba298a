"""Observables made of others have the values, and the derivatives, of PennyLane's own device."""

import numpy as np
import pennylane as qml
import pytest

WIRES = 12
TILTED = np.array([[1, 0.2], [0.2, -1]])


def prepared():
    for k in range(WIRES):
        qml.RY(0.3 + 0.2 * k, k)
        qml.RX(0.1 * (k + 1), k)
    for k in range(WIRES - 1):
        qml.CNOT([k, k + 1])


def of_every_wire(make):
    return qml.prod(*(make(k) for k in range(WIRES)))


MADE = {
    "square of a Pauli": lambda: qml.Z(0) ** 2,
    "square of a word": lambda: (qml.Z(0) @ qml.X(1)) ** 2,
    "square of a sum": lambda: (qml.Z(0) + qml.X(1)) ** 2,
    "cube": lambda: qml.Z(1) ** 3,
    "square of a matrix": lambda: qml.Hermitian(TILTED, 0) ** 2,
    "Paulis": lambda: of_every_wire(lambda k: (qml.X, qml.Y, qml.Z)[k % 3](k)),
    "Hadamards": lambda: of_every_wire(qml.Hadamard),
    "Paulis and Hadamards": lambda: of_every_wire(lambda k: (qml.Z, qml.Hadamard)[k % 2](k)),
    "matrices": lambda: of_every_wire(lambda k: qml.Hermitian(TILTED, k)),
    "sums": lambda: of_every_wire(lambda k: qml.Z(k) + 0.5 * qml.X(k)),
    "Paulis on few wires": lambda: qml.prod(*(qml.Z(k % 3) for k in range(13))),
}


@pytest.mark.parametrize("measure", [qml.expval, qml.var])
@pytest.mark.parametrize("kind", MADE)
def test_powers_and_long_products(kind, measure):
    def circuit():
        prepared()
        return measure(MADE[kind]())

    theirs, ours = (
        qml.QNode(circuit, qml.device(name, wires=WIRES))()
        for name in ("default.qubit", "ketgrad.qubit")
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-10)


def of_sums(c, d):
    inner = qml.Hamiltonian([c[0], c[1]], [qml.Z(0), qml.X(1) @ qml.Z(2)])
    return qml.sum(
        qml.s_prod(d, inner), qml.s_prod(c[2], qml.prod(qml.Y(2), qml.s_prod(2.0, qml.Z(0))))
    )


def of_hamiltonians(c, d):
    inner = qml.Hamiltonian([c[0], c[1]], [qml.Z(0), qml.X(1) @ qml.Z(2)])
    return qml.Hamiltonian([d, c[2]], [inner, qml.s_prod(2.0, qml.Y(2))])


def of_matrices(c, d):
    part = qml.sum(qml.s_prod(c[0], qml.Hadamard(0)), qml.s_prod(c[1], qml.X(1) @ qml.Z(2)))
    return qml.sum(qml.s_prod(d, part), qml.s_prod(c[2], qml.Hermitian(TILTED, 2)))


def node(make, device):
    def circuit(c, d):
        prepared()
        return qml.expval(make(c, d))

    return qml.QNode(circuit, qml.device(device, wires=WIRES))


COEFFICIENTS = [0.3, 0.7, -0.4], 1.3


@pytest.mark.parametrize("library", ["torch", "jax"])
@pytest.mark.parametrize("make", [of_sums, of_hamiltonians, of_matrices])
def test_nested_sums_whose_coefficients_are_tensors(make, library):
    array = {"torch": torch_array, "jax": jax_array}[library]()
    ours = node(make, "ketgrad.qubit")(*map(array, COEFFICIENTS))
    theirs = node(make, "default.qubit")(*map(np.array, COEFFICIENTS))
    assert float(ours) == pytest.approx(float(theirs), abs=1e-10)


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_derivatives_by_nested_coefficients(library):
    derivatives = {"torch": torch_derivatives, "jax": jax_derivatives}[library]
    wanted = jax_derivatives(node(of_sums, "default.qubit"))
    np.testing.assert_allclose(derivatives(node(of_sums, "ketgrad.qubit")), wanted, atol=1e-10)


def torch_array():
    torch = pytest.importorskip("torch")
    return lambda value: torch.tensor(value, dtype=torch.float64)


def jax_array():
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    return jax.numpy.array


def torch_derivatives(circuit):
    given = [torch_array()(value).requires_grad_() for value in COEFFICIENTS]
    circuit(*given).backward()
    return [*given[0].grad.tolist(), given[1].grad.item()]


def jax_derivatives(circuit):
    given = [jax_array()(value) for value in COEFFICIENTS]
    import jax

    by_c, by_d = jax.grad(circuit, argnums=(0, 1))(*given)
    return [*map(float, by_c), float(by_d)]
