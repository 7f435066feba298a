"""What the device lacks is named by PennyLane's own errors; versions are told at import."""

import subprocess
import sys

import numpy as np
import pennylane as qml
import pytest
from pennylane.exceptions import DeviceError, QuantumFunctionError, WireError

CHANGED = "import pennylane; pennylane.__version__ = {!r}; import ketgrad.pennylane"


def node(function, wires=2, **options):
    return qml.QNode(function, qml.device("ketgrad.qubit", wires=wires), **options)


def test_operations_it_lacks():
    with pytest.raises(DeviceError, match=r"Displacement.* not supported with ketgrad\.qubit"):
        node(lambda: [qml.Displacement(0.1, 0.2, wires=0), qml.expval(qml.Z(0))][1])()


def test_operations_that_are_no_gates():
    def run(make):
        return node(lambda: [make(), qml.expval(qml.Z(0))][1])()

    shear = np.array([[1, 1], [0, 1]])
    for make in (lambda: qml.QubitUnitary(shear, 0), lambda: qml.s_prod(2, qml.X(0))):
        with pytest.raises(DeviceError, match=r"is no gate: .* not unitary"):
            run(make)
    with pytest.raises(DeviceError, match=r"TShift.* is no gate: .* must be 2 x 2"):
        run(lambda: qml.TShift(0))
    assert float(run(lambda: qml.RX(0.3 + 0j, 0))) == pytest.approx(np.cos(0.3))


def test_diagonals_that_are_none():
    def run(diagonal, n):
        return node(lambda: [qml.DiagonalQubitUnitary(diagonal, range(n)), qml.probs(0)][1], n)()

    with pytest.raises(DeviceError, match=r"DiagonalQubitUnitary on 21 wires; .* up to 20"):
        run(np.ones(2**21), 21)
    with pytest.raises(DeviceError, match=r"not unitary: it has an entry of modulus 2\.0"):
        run([1, 2], 1)


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
    mixed = qml.device("ketgrad.mixed", wires=1)
    with pytest.raises(DeviceError, match=r"mcm_method='tree-traversal'; ketgrad\.mixed has def"):
        qml.QNode(lambda: qml.expval(qml.Z(0)), mixed, mcm_method="tree-traversal")()
    with pytest.raises(QuantumFunctionError, match="does not support backprop"):
        qml.QNode(lambda: qml.expval(qml.Z(0)), device, diff_method="backprop")


def test_measurements_that_branches_lack():
    def inside(measured):
        qml.measure(0)
        return measured()

    def run(measured, device="ketgrad.qubit", shots=None):
        node = qml.QNode(
            lambda: inside(measured), qml.device(device, wires=2), mcm_method="tree-traversal"
        )
        return qml.set_shots(node, shots)()

    with pytest.raises(DeviceError, match="has it with mcm_method='deferred'"):
        run(lambda: qml.purity(wires=[0]))
    with pytest.raises(DeviceError, match="has it with mcm_method='deferred'"):
        run(lambda: qml.classical_shadow(wires=[0]), shots=10)


def test_shots_that_cannot_be_filled():
    def impossible():
        qml.measure(0, postselect=1)
        return qml.expval(qml.Z(0))

    for method in ("deferred", "tree-traversal"):
        circuit = node(impossible, mcm_method=method, postselect_mode="fill-shots")
        with pytest.raises(RuntimeError, match="the outcome 1 of wire 0 has the probability 0"):
            qml.set_shots(circuit, 10)()


def test_postselected_states_of_density_matrices():
    def circuit():
        qml.measure(0, postselect=1)
        return qml.purity(wires=[1])

    with pytest.raises(DeviceError, match=r"where outcomes are postselected; ketgrad\.mixed lack"):
        qml.QNode(circuit, qml.device("ketgrad.mixed", wires=2))()


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


@pytest.mark.parametrize(
    ("angle", "told"),
    [
        (0.3 + 0.1j, "angle 0 of the circuit is no real number"),
        (np.array([0.1, 0.5 + 1j]), "angle 0 of the circuit is no real number: it has an imag"),
        ("x", "angle 0 of the circuit is no real number"),
        (10**400, "angle 0 of the circuit is no real number"),
        (np.nan, "angle 0 of the circuit is nan; it must be finite"),
        (-np.inf, "angle 0 of the circuit is -inf; it must be finite"),
        (np.array([0.1, np.nan]), "angle 0 of the circuit is nan"),
    ],
)
def test_angles_that_are_no_finite_numbers(angle, told):
    @qml.qnode(qml.device("ketgrad.qubit", wires=1))
    def turned():
        qml.RX(angle, 0)
        return qml.expval(qml.Z(0))

    with pytest.raises(DeviceError, match=told) as refused:
        turned()
    assert "\n" not in str(refused.value)


DEVICES = ("ketgrad.qubit", "ketgrad.mixed")


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"shots": True}, "number of shots must be a positive integer, not True"),
        ({"shots": [10, True]}, "number of shots must be a positive integer, not True"),
        ({"shots": 10**30}, "10{30} shots; there may be 9007199254740992"),
        ({"seed": "x"}, "seed must be None, .* not 'x'"),
        ({"seed": -1}, "seed must be None, .* not -1"),
    ],
)
def test_options_of_the_wrong_kind(device, options, told):
    with pytest.raises(DeviceError, match=told):
        qml.device(device, wires=1, **options)
    if "shots" in options:
        circuit = qml.QNode(lambda: qml.expval(qml.Z(0)), qml.device(device, wires=1))
        with pytest.raises(DeviceError, match=told):
            qml.set_shots(circuit, options["shots"])()


NAN = float("nan")


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("shots", [None, 10])
@pytest.mark.parametrize("measure", [qml.expval, qml.var])
@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: qml.Hamiltonian([1, NAN], [qml.Z(0), qml.X(1)]), "coefficient nan; .*finite"),
        (lambda: qml.s_prod(np.inf, qml.Z(0)), "coefficient inf; it must be finite"),
        (lambda: qml.s_prod(NAN, qml.Projector([0], 0)), "not finite|coefficient nan"),
        (lambda: qml.Hermitian(np.diag([NAN, 1]), 0), "entry that is not finite"),
        (lambda: qml.Hermitian(np.array([[0, 1], [0, 0]]), 0), "is not Hermitian"),
    ],
)
def test_observables_that_are_none(device, shots, measure, make, told):
    circuit = qml.QNode(lambda: measure(make()), qml.device(device, wires=2))
    with pytest.raises((DeviceError, ValueError), match=told):
        qml.set_shots(circuit, shots)()


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    ("amplitudes", "norm"), [([1.0, 1.0], r"1\.414"), ([NAN, 1.0], "nan"), ([0.0, 0.0], "0")]
)
def test_states_that_are_not_normalised(device, first, amplitudes, norm):
    def prepared():
        if not first:
            qml.X(0)
        qml.StatePrep(amplitudes, wires=[0], validate_norm=False)
        return qml.expval(qml.Z(0))

    with pytest.raises(ValueError, match=rf"norm.* {norm}"):
        qml.QNode(prepared, qml.device(device, wires=2))()


def of_x(x):
    return qml.tape.QuantumScript([qml.RX(x, 0)], [qml.expval(qml.Z(0))])


def of_matrix(x):
    matrix = qml.math.eye(2, like=x) * (x / x) * (1 + 0j)
    return qml.tape.QuantumScript([qml.QubitUnitary(matrix, 0)], [qml.expval(qml.Z(0))])


def of_observable(x):
    return qml.tape.QuantumScript([qml.RX(0.3, 0)], [qml.expval(x * qml.Z(0))])


@pytest.mark.parametrize("tape", [of_x, of_matrix, of_observable])
@pytest.mark.parametrize("name", ["ketgrad.qubit", "ketgrad.mixed"])
def test_what_is_followed_is_not_lost_without_an_interface(name, tape):
    torch, jax = pytest.importorskip("torch"), pytest.importorskip("jax")
    device, dual = qml.device(name, wires=1), torch.autograd.forward_ad
    x = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
    words = "a parameter is .* run the circuit by a QNode"
    for run in (device.execute, device.compute_derivatives):
        with pytest.raises(DeviceError, match=words):
            run(tape(x))
        with dual.dual_level(), pytest.raises(DeviceError, match=words):
            run(tape(dual.make_dual(x.detach(), torch.ones_like(x))))
    with pytest.raises(DeviceError, match=words) as caught:
        jax.jit(lambda a: device.execute(tape(a)))(0.3)
    assert "\n" not in str(caught.value)
    with torch.no_grad():
        assert device.execute(tape(x)) == pytest.approx(device.execute(tape(0.3)))
    assert qml.execute([of_x(x)], device)[0].requires_grad
