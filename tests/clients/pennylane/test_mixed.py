"""Channels: values, states and derivatives are those of default.mixed."""

import numpy as np
import pennylane as qml
import pytest
from pennylane import numpy as pnp
from pennylane.exceptions import DeviceError

from ketgrad.pennylane import KetgradMixed

DEVICES = ("default.mixed", "ketgrad.mixed")
CHANNELS = {
    "amplitude damping": lambda: qml.AmplitudeDamping(0.2, wires=0),
    "bit flip": lambda: qml.BitFlip(0.1, wires=1),
    "depolarizing": lambda: qml.DepolarizingChannel(0.3, wires=2),
    "generalized": lambda: qml.GeneralizedAmplitudeDamping(0.2, 0.7, wires=0),
    "pauli error": lambda: qml.PauliError("XY", 0.2, wires=[2, 0]),
    "phase damping": lambda: qml.PhaseDamping(0.4, wires=0),
    "phase flip": lambda: qml.PhaseFlip(0.2, wires=0),
    "kraus": lambda: qml.QubitChannel(
        [np.sqrt(0.7) * np.eye(4), np.sqrt(0.3) * qml.matrix(qml.CNOT([0, 1]))], wires=[1, 2]
    ),
    "reset": lambda: qml.ResetError(0.1, 0.2, wires=1),
    "relaxation": lambda: qml.ThermalRelaxationError(0.1, 2.0, 1.5, 0.5, wires=1),
}


def model(device, channel, measure):
    @qml.qnode(qml.device(device, wires=3))
    def circuit(x, w):
        qml.AngleEmbedding(x, wires=range(3))
        CHANNELS[channel]()
        qml.StronglyEntanglingLayers(w, wires=range(3))
        CHANNELS[channel]()
        return measure()

    return circuit


X, W = (
    np.random.default_rng(0).uniform(-2, 2, (4, 3)),
    np.random.default_rng(1).normal(size=(1, 3, 3)),
)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("x", [X, X[0]], ids=["batch", "one"])
def test_values_and_derivatives(channel, x):
    def measure():
        return qml.expval(qml.Z(0) @ qml.X(1)), qml.expval(qml.Y(2))

    w = pnp.array(W, requires_grad=True)
    x = pnp.array(x, requires_grad=False)
    found = []
    for device in DEVICES:
        circuit = model(device, channel, measure)
        slope = qml.grad(lambda w, f=circuit: pnp.sum(pnp.sin(pnp.stack(f(x, w)))))(w)
        found.append((pnp.stack(circuit(x, w)), slope))
    for theirs, ours in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-10)


@pytest.mark.parametrize(
    "measure",
    [
        lambda: qml.state(),
        lambda: qml.probs(wires=[2, 0]),
        lambda: qml.var(qml.X(1)),
        lambda: qml.purity(wires=[0, 1]),
        lambda: qml.density_matrix(wires=[1]),
    ],
)
def test_what_is_made_of_the_state(measure):
    theirs, ours = (model(device, "kraus", measure)(X[0], W) for device in DEVICES)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_shots():
    device = qml.device("ketgrad.mixed", wires=3, seed=5)
    circuit = qml.QNode(model("ketgrad.mixed", "depolarizing", lambda: qml.probs()).func, device)
    sampled = qml.set_shots(circuit, 100_000)(X[0], W)
    np.testing.assert_allclose(sampled, circuit(X[0], W), atol=0.01)


def test_trained_noise_is_no_angle_of_the_adjoint_method():
    p = pnp.array(0.2, requires_grad=True)

    def value(device):
        @qml.qnode(qml.device(device, wires=1), diff_method="best")
        def circuit(p):
            qml.RX(0.3, wires=0)
            qml.BitFlip(p, wires=0)
            return qml.expval(qml.Z(0))

        return circuit

    assert not KetgradMixed(wires=1).supports_derivatives(
        qml.devices.ExecutionConfig(gradient_method="best"),
        qml.tape.QuantumScript([qml.BitFlip(p, 0)], [qml.expval(qml.Z(0))]),
    )
    theirs, ours = (qml.grad(value(device))(p) for device in DEVICES)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_channels_need_the_mixed_device():
    circuit = qml.QNode(
        lambda: [qml.BitFlip(0.1, wires=0), qml.expval(qml.Z(0))][1],
        qml.device("ketgrad.qubit", wires=1),
    )
    with pytest.raises(DeviceError, match=r"BitFlip.* not supported"):
        circuit()


def test_shots_of_wires_on_which_nothing_acts():
    def circuit():
        qml.RX(0.3, wires=0)
        return qml.expval(qml.Z(0) @ qml.Z(2)), qml.probs(wires=[2, 1])

    device = qml.device("ketgrad.mixed", wires=3, seed=1)
    mean, probs = qml.set_shots(qml.QNode(circuit, device), 20_000)()
    assert mean == pytest.approx(np.cos(0.3), abs=0.02)
    np.testing.assert_array_equal(probs, [1, 0, 0, 0])
