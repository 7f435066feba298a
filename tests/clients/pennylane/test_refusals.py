"""What the device lacks is named by PennyLane's own errors; versions are told at import."""

import subprocess
import sys

import numpy as np
import pennylane as qml
import pytest
from pennylane.exceptions import DeviceError, WireError

CHANGED = "import pennylane; pennylane.__version__ = {!r}; import ketgrad.pennylane"


def node(function, wires=2, **options):
    return qml.QNode(function, qml.device("ketgrad.qubit", wires=wires, **options))


def test_operations_it_lacks():
    with pytest.raises(DeviceError, match=r"Displacement.* not supported with ketgrad\.qubit"):
        node(lambda: [qml.Displacement(0.1, 0.2, wires=0), qml.expval(qml.Z(0))][1])()


def test_observables_and_measurements_it_lacks():
    with pytest.raises(DeviceError, match="not supported on ketgrad"):
        node(lambda: qml.expval(qml.NumberOperator(0)))()
    with pytest.raises(DeviceError, match="not accepted"):
        node(lambda: qml.sample(wires=0))()
    with pytest.raises(DeviceError, match="not accepted"):
        qml.set_shots(node(lambda: qml.state()), 10)()


def test_wires_it_lacks():
    with pytest.raises(WireError, match="wires not found on the device"):
        node(lambda: [qml.X(5), qml.expval(qml.Z(0))][1])()


def test_options_it_lacks():
    with pytest.raises(DeviceError, match="c_dtype=int64; it must be complex128 or complex64"):
        qml.device("ketgrad.qubit", wires=1, c_dtype=np.int64)
    device = qml.device("ketgrad.qubit", wires=1)
    with pytest.raises(DeviceError, match="device option nix not present"):
        device.setup_execution_config(qml.devices.ExecutionConfig(device_options={"nix": 1}))
    with pytest.raises(DeviceError, match="mcm_method='one-shot'; ketgrad"):
        qml.QNode(lambda: qml.expval(qml.Z(0)), device, mcm_method="one-shot")()


def test_adjoint_derivatives_it_lacks():
    def of_a_state(amplitudes):
        qml.StatePrep(amplitudes, wires=0)
        qml.RX(0.1, wires=0)
        return qml.expval(qml.Z(0))

    circuit = qml.QNode(of_a_state, qml.device("ketgrad.qubit", wires=1), diff_method="adjoint")
    amplitudes = qml.numpy.array([0.6, 0.8], requires_grad=True)
    with pytest.raises(Exception, match="does not support adjoint with requested circuit"):
        qml.grad(circuit)(amplitudes)


@pytest.mark.parametrize(
    ("version", "code", "told"),
    [("0.40.0", 1, "0.45 and later, not with 0.40.0"), ("0.99.1", 0, "0.99.1 it has not been")],
)
def test_versions_are_told_at_import(version, code, told):
    command = [sys.executable, "-c", CHANGED.format(version)]
    found = subprocess.run(command, capture_output=True, text=True)
    assert found.returncode == code
    assert told in found.stderr
