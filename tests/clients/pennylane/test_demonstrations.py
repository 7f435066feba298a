"""What people do with PennyLane, on our devices and on its own: the same numbers."""

import numpy as np
import pennylane as qml
import pytest
from pennylane import numpy as pnp

RNG = np.random.default_rng(3)


def classifier(device):
    """Train a variational classifier of points by mini-batches."""
    x = DATA["points"]
    y = np.sign(x[:, 0] * x[:, 1])

    @qml.qnode(qml.device(device, wires=2))
    def circuit(w, x):
        qml.AngleEmbedding(x, wires=range(2))
        qml.StronglyEntanglingLayers(w, wires=range(2))
        return qml.expval(qml.Z(0))

    w = pnp.array(DATA["weights"][:, :2], requires_grad=True)
    optimizer = qml.AdamOptimizer(0.1)
    for k in range(6):
        some = slice(8 * k % 24, 8 * k % 24 + 8)
        w = optimizer.step(lambda w, s=some: pnp.mean((circuit(w, x[s]) - y[s]) ** 2), w)
    return w


def maximum_cut(device):
    """Descend from a start of QAOA on a graph."""
    edges = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2)]
    cost = qml.Hamiltonian([0.5] * 5, [qml.Z(a) @ qml.Z(b) for a, b in edges])
    mixer = qml.Hamiltonian([1.0] * 4, [qml.X(k) for k in range(4)])

    @qml.qnode(qml.device(device, wires=4))
    def circuit(angles):
        for k in range(4):
            qml.Hadamard(k)
        for gamma, alpha in zip(angles[0], angles[1], strict=True):
            qml.qaoa.cost_layer(gamma, cost)
            qml.qaoa.mixer_layer(alpha, mixer)
        return qml.expval(cost)

    angles = pnp.array([[0.3, 0.5], [0.4, 0.2]], requires_grad=True)
    optimizer = qml.GradientDescentOptimizer(0.05)
    for _ in range(5):
        angles, value = optimizer.step_and_cost(circuit, angles)
    return angles, value


def hydrogen(device):
    """Find the ground state of H2 by double excitations."""
    symbols, places = ["H", "H"], np.array([[0.0, 0.0, -0.66], [0.0, 0.0, 0.66]])
    energy, n = qml.qchem.molecular_hamiltonian(qml.qchem.Molecule(symbols, places))

    @qml.qnode(qml.device(device, wires=n))
    def circuit(angle):
        qml.BasisState(np.array([1, 1, 0, 0]), wires=range(4))
        qml.DoubleExcitation(angle, wires=[0, 1, 2, 3])
        return qml.expval(energy)

    angle = pnp.array(0.0, requires_grad=True)
    optimizer = qml.GradientDescentOptimizer(0.4)
    for _ in range(8):
        angle, value = optimizer.step_and_cost(circuit, angle)
    return angle, value


def kernel(device):
    """Make the matrix of a fidelity kernel."""
    x = DATA["points"][:5]

    @qml.qnode(qml.device(device, wires=2))
    def overlap(a, b):
        qml.IQPEmbedding(a, wires=range(2))
        qml.adjoint(qml.IQPEmbedding)(b, wires=range(2))
        return qml.probs(wires=range(2))

    return qml.kernels.square_kernel_matrix(x, lambda a, b: overlap(a, b)[0])


def phase_estimation(device):
    """Read the phase of an eigenstate."""

    @qml.qnode(qml.device(device, wires=5))
    def circuit():
        qml.X(0)
        qml.QuantumPhaseEstimation(
            qml.PhaseShift(2 * np.pi * 0.3, wires=0), estimation_wires=range(1, 5)
        )
        return qml.probs(wires=range(1, 5))

    return circuit()


def grover(device):
    """Find an item of eight."""

    @qml.qnode(qml.device(device, wires=3))
    def circuit():
        for k in range(3):
            qml.Hadamard(k)
        for _ in range(2):
            qml.FlipSign([1, 0, 1], wires=range(3))
            qml.GroverOperator(wires=range(3))
        return qml.probs(wires=range(3))

    return circuit()


def teleportation(device):
    """Carry a state by two measured bits."""

    @qml.qnode(qml.device(device, wires=6))
    def circuit(angle):
        qml.RY(angle, wires=0)
        qml.Hadamard(1)
        qml.CNOT([1, 2])
        qml.CNOT([0, 1])
        qml.Hadamard(0)
        first, second = qml.measure(0), qml.measure(1)
        qml.cond(second, qml.X)(2)
        qml.cond(first, qml.Z)(2)
        return qml.expval(qml.Z(2)), qml.expval(qml.X(2))

    return circuit(0.7)


def natural_gradient(device):
    """Take steps along the natural gradient."""

    @qml.qnode(qml.device(device, wires=3))
    def circuit(w):
        qml.BasicEntanglerLayers(w, wires=range(3), rotation=qml.RY)
        return qml.expval(qml.X(0) @ qml.Z(1) + 0.4 * qml.Z(2))

    w = pnp.array([[0.3, 0.4, 0.5], [0.2, 0.1, 0.6]], requires_grad=True)
    optimizer = qml.QNGOptimizer(0.1, lam=0.01)
    for _ in range(3):
        w, value = optimizer.step_and_cost(circuit, w)
    return w, value


def coordinates(device):
    """Minimise one angle after the other."""

    @qml.qnode(qml.device(device, wires=2))
    def circuit(a, b):
        qml.RX(a, wires=0)
        qml.CNOT([0, 1])
        qml.RY(b, wires=1)
        return qml.expval(qml.Z(0) @ qml.Z(1) + 0.3 * qml.X(1))

    start = [pnp.array(0.3, requires_grad=True), pnp.array(0.8, requires_grad=True)]
    optimizer = qml.RotosolveOptimizer()
    found = optimizer.step(circuit, *start, nums_frequency={"a": {(): 1}, "b": {(): 1}})
    return np.array(found, dtype=float)


def fourier(device):
    """Compute the spectrum of a circuit with re-uploading."""

    @qml.qnode(qml.device(device, wires=1))
    def circuit(x):
        for k in range(3):
            qml.Rot(*DATA["weights"][0, k], wires=0)
            qml.RX(x[0], wires=0)
        return qml.expval(qml.Z(0))

    return qml.fourier.coefficients(circuit, 1, 3)


def plateau(device):
    """Estimate the variance of a gradient over random weights, as one batch."""

    @qml.qnode(qml.device(device, wires=4))
    def circuit(w):
        for layer in range(3):
            for q in range(4):
                qml.RY(w[..., layer, q], wires=q)
            for q in range(3):
                qml.CZ([q, q + 1])
        return qml.expval(qml.Z(0) @ qml.Z(1))

    w = pnp.array(DATA["many"], requires_grad=True)
    return np.var(qml.grad(lambda w: pnp.sum(circuit(w)))(w)[:, 0, 0])


def extrapolation(device):
    """Repeat a noisy gate and extrapolate to no noise."""

    def value(factor):
        @qml.qnode(qml.device(device.replace("qubit", "mixed"), wires=2))
        def circuit():
            qml.RY(0.4, wires=0)
            for _ in range(factor):
                qml.CNOT([0, 1])
                qml.PhaseFlip(0.05, wires=1)
                qml.DepolarizingChannel(0.02, wires=0)
            return qml.expval(qml.X(0) @ qml.X(1) + qml.Z(0))

        return circuit()

    return np.polyfit([1, 3, 5], [value(factor) for factor in (1, 3, 5)], 2)[-1]


DATA = {
    "points": RNG.uniform(-1, 1, (24, 2)),
    "weights": RNG.uniform(-2, 2, (2, 3, 3)),
    "many": RNG.uniform(0, 6, (40, 3, 4)),
}
ALL = [
    classifier,
    maximum_cut,
    hydrogen,
    kernel,
    phase_estimation,
    grover,
    teleportation,
    natural_gradient,
    coordinates,
    fourier,
    plateau,
    extrapolation,
]


@pytest.mark.parametrize("what", ALL, ids=lambda f: f.__name__)
def test_gives_the_same_numbers(what):
    theirs, ours = what("default.qubit"), what("ketgrad.qubit")
    theirs, ours = (r if isinstance(r, tuple) else (r,) for r in (theirs, ours))
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-9)
