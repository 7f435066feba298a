"""Every gate is PennyLane's matrix, also controlled and inverted, and has its derivatives."""

import numpy as np
import pennylane as qml
import pytest

from ketgrad.pennylane import KetgradQubit, gates

SHAPES = {  # (angles, wires) of those that have not one of each
    **dict.fromkeys(["Identity", "PauliX", "PauliY", "PauliZ", "Hadamard", "S", "T", "SX"], (0, 1)),
    **dict.fromkeys(["CNOT", "CY", "CZ", "CH", "SWAP", "ISWAP"], (0, 2)),
    **dict.fromkeys(["CSWAP", "CCZ", "Toffoli"], (0, 3)),
    **dict.fromkeys(["CRX", "CRY", "CRZ", "ControlledPhaseShift", "GlobalPhase"], (1, 2)),
    **dict.fromkeys(["IsingXX", "IsingYY", "IsingZZ", "IsingXY", "FermionicSWAP"], (1, 2)),
    **dict.fromkeys(["CPhaseShift00", "CPhaseShift01", "CPhaseShift10"], (1, 2)),
    **dict.fromkeys([f"SingleExcitation{s}" for s in ("", "Minus", "Plus")], (1, 2)),
    **dict.fromkeys([f"DoubleExcitation{s}" for s in ("", "Minus", "Plus")], (1, 4)),
    "U2": (2, 1),
    "U3": (3, 1),
    "Rot": (3, 1),
    "CRot": (3, 2),
    "MultiRZ": (1, 3),
    "OrbitalRotation": (1, 4),
}


def make(name: str) -> qml.operation.Operator:
    n_angles, n_wires = SHAPES.get(name, (1, 1))
    angles, wires = [0.3, -1.2, 0.7][:n_angles], [0, 1, 2, 3][:n_wires]
    if name == "PauliRot":
        return qml.PauliRot(0.3, "XZIY", [0, 1, 2, 3])
    if name == "PCPhase":
        return qml.PCPhase(0.3, 3, [0, 1])
    return getattr(qml, name)(*angles, wires=wires)


ALL = {name: make(name) for name in sorted(gates.NAMES)}
MATRICES = {
    "unitary": qml.QubitUnitary(qml.matrix(qml.Rot(0.3, 0.4, 0.5, 0)), 1),
    "diagonal": qml.DiagonalQubitUnitary(np.exp(1j * np.arange(4)), [0, 1]),
    "wide diagonal": qml.DiagonalQubitUnitary(np.exp(1j * np.arange(64.0) ** 2), range(6)),
    "siswap": qml.SISWAP([0, 1]),
    "power": qml.pow(qml.RX(0.3, 0), 0.7),
    "product": qml.prod(qml.X(0), qml.RY(0.3, 1)),
    "exponential": qml.exp(qml.X(0) @ qml.Z(1), 0.3j),
    "multi-controlled": qml.MultiControlledX([0, 1, 2, 3], control_values=[1, 0, 1]),
    "controlled twice": qml.ctrl(qml.ctrl(qml.RX(0.2, 0), 2), 1, control_values=[0]),
}


def check(op: qml.operation.Operator) -> None:
    angles = iter([float(d) for d in op.data] if gates.has_angles(op) else [])
    assert gates.is_gate(op)
    wanted = qml.matrix(op, wire_order=op.wires[::-1])  # qubit k is bit k of an index
    np.testing.assert_allclose(gates.circuit(op, angles).matrix(), wanted, atol=1e-12)


@pytest.mark.parametrize("op", [*ALL.values(), *MATRICES.values()], ids=[*ALL, *MATRICES])
def test_matrices(op):
    check(op)
    check(qml.adjoint(op, lazy=True))
    for values in ([0], [1, 0]):
        controls = [f"c{k}" for k in range(len(values))]
        check(qml.ctrl(op, controls, control_values=values))


@pytest.mark.parametrize("dim", range(9))
def test_phases_of_the_first_basis_states(dim):
    check(qml.PCPhase(0.3, dim, [0, 1, 2]))
    check(qml.ctrl(qml.PCPhase(0.3, dim, [0, 1, 2]), 3))


def test_diagonals_of_many_wires_take_no_matrix_of_all():
    n = 14  # a matrix would take 4 GiB

    @qml.qnode(qml.device("ketgrad.qubit", wires=n))
    def overlap(x, diagonal):
        for wire in range(n):
            qml.Hadamard(wire)
        qml.DiagonalQubitUnitary(diagonal, range(n))
        qml.PCPhase(x, 5000, range(n))
        qml.Hadamard(0)
        return qml.expval(qml.Z(0))

    phases = np.random.default_rng(0).normal(size=2**n)
    signs = np.where(np.arange(2**n) < 5000, 1, -1)
    state = np.exp(1j * (phases + 0.3 * signs)).reshape(2, -1)
    wanted = (state[0].conj() @ state[1]).real / 2 ** (n - 1)
    diagonal = np.exp(1j * phases)
    assert float(overlap(0.3, diagonal)) == pytest.approx(wanted, abs=1e-12)
    slope = (
        state[0].conj() * state[1] * 1j * (signs[2 ** (n - 1) :] - signs[: 2 ** (n - 1)])
    ).sum()
    gradient = qml.grad(overlap, argnums=0)(qml.numpy.array(0.3), diagonal)
    assert float(gradient) == pytest.approx(slope.real / 2 ** (n - 1), abs=1e-12)


def test_the_capabilities_are_those_of_the_gates():
    capabilities = KetgradQubit(wires=1).capabilities
    trained = {name for name, how in capabilities.operations.items() if how.differentiable}
    assert trained == gates.NAMES
    assert {op.name for op in ALL.values()} == gates.NAMES


@pytest.mark.parametrize("name", [name for name, op in ALL.items() if op.num_params])
@pytest.mark.parametrize("inverse", [False, True])
def test_derivatives(name, inverse):
    def value(device, angles):
        @qml.qnode(qml.device(device, wires=5))
        def circuit(angles):
            for k in range(5):
                qml.Rot(0.3 + k, 0.7 - k, 0.2, wires=k)
            made = ALL[name]
            op = qml.ops.functions.bind_new_parameters(made, list(angles))
            qml.ctrl(op, 4, control_values=[1]) if not inverse else qml.adjoint(op)
            for k in range(4):
                qml.CNOT(wires=[k, k + 1])
            return qml.expval(qml.Y(0) @ qml.X(1)), qml.probs(wires=[2, 3])

        return qml.math.hstack(circuit(angles))

    angles = qml.numpy.array([float(d) for d in ALL[name].data], requires_grad=True)
    theirs, ours = (
        qml.jacobian(lambda a, d=device: value(d, a))(angles)
        for device in ("default.qubit", "ketgrad.qubit")
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-10)
