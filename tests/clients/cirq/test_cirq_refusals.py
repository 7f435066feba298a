"""What is lacking is named; versions are told at import."""

import subprocess
import sys

import cirq
import numpy as np
import pytest
import sympy

import ketgrad as kg
from ketgrad.cirq import Simulator, from_cirq, pauli_sum, to_cirq

CHANGED = "import cirq; cirq.__version__ = {!r}; import ketgrad.cirq"
A, B = cirq.LineQubit.range(2)


@pytest.mark.parametrize(
    ("version", "code", "told"),
    [("1.4.0", 1, "1.7 and later, not with 1.4.0"), ("1.99.1", 0, "1.99.1 it has not been")],
)
def test_versions_are_told_at_import(version, code, told):
    command = [sys.executable, "-c", CHANGED.format(version)]
    found = subprocess.run(command, capture_output=True, text=True)
    assert found.returncode == code
    assert told in found.stderr


TURNED = cirq.Circuit(cirq.ry(sympy.Symbol("t"))(A))
MEASURED = cirq.Circuit(cirq.measure(A, key="m"))


@pytest.mark.parametrize(
    ("ask", "kind", "told"),
    [
        (lambda: from_cirq(None), TypeError, "a cirq.AbstractCircuit is wanted, not None"),
        (lambda: to_cirq(None), TypeError, "a ketgrad.Circuit is wanted, not None"),
        (lambda: Simulator().simulate(None), TypeError, "AbstractCircuit is wanted, not None"),
        (lambda: Simulator(noise="x"), TypeError, "NOISE_MODEL_LIKE.*'x'"),
        (lambda: Simulator().run(MEASURED, repetitions=-3), ValueError, "shots is -3"),
        (lambda: Simulator().run(MEASURED, repetitions=2.5), TypeError, "integer, not 2.5"),
        (lambda: Simulator().simulate(TURNED), ValueError, "not specified.*: t"),
        (lambda: Simulator().simulate(TURNED, {"t": np.nan}), ValueError, "parameter 't' is nan"),
        (lambda: Simulator().simulate(TURNED, {"t": 0.3 + 0.1j}), ValueError, "t has .*not real"),
        (lambda: Simulator().simulate(TURNED, {"t": 0}, [B]), ValueError, "extra qubits"),
        (
            lambda: Simulator().simulate_expectation_values(TURNED, cirq.Z(B), {"t": 0}),
            ValueError,
            "which the circuit lacks",
        ),
    ],
)
def test_what_is_given_is_checked(ask, kind, told):
    with pytest.raises(kind, match=told) as refused:
        ask()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        (cirq.measure(A, key="m", confusion_map={(0,): np.eye(2)}), "confusion map of m"),
        (cirq.KrausChannel(cirq.kraus(cirq.amplitude_damp(0.1)), key="k")(A), "KrausChannel"),
        (cirq.rx(sympy.sign(sympy.Symbol("a")))(A), "sign"),
        (cirq.GlobalPhaseGate(sympy.Symbol("a")).on(), "phase a"),
        (cirq.IdentityGate(qid_shape=(3,))(cirq.LineQid(0, 3)), "3 levels"),
    ],
)
def test_operations_it_lacks(operation, told):
    with pytest.raises(TypeError, match=told):
        from_cirq(cirq.Circuit(operation))


def test_repeat_until():
    loop = cirq.CircuitOperation(
        cirq.FrozenCircuit(cirq.H(A), cirq.measure(A, key="m")),
        use_repetition_ids=False,
        repeat_until=cirq.KeyCondition(cirq.MeasurementKey("m")),
    )
    with pytest.raises(TypeError, match="repeat_until"):
        from_cirq(cirq.Circuit(loop))


def test_repetitions_without_a_number():
    circuit = cirq.FrozenCircuit(cirq.X(A))
    with pytest.raises(TypeError, match="n repetitions"):
        from_cirq(cirq.Circuit(cirq.CircuitOperation(circuit, repetitions=sympy.Symbol("n"))))


def test_too_few_qubits():
    with pytest.raises(ValueError, match="2 qubits, 1 were given"):
        to_cirq(kg.Circuit(2), [A])


def test_observables():
    assert pauli_sum(2 * cirq.Z(A) - cirq.X(B) * cirq.Y(A), [B, A]) == kg.PauliSum(
        {"ZI": 2.0, "YX": -1.0}
    )
    with pytest.raises(NotImplementedError, match="Hermitian"):
        pauli_sum(1j * cirq.Z(A))
    with pytest.raises(ValueError, match="Unexpected extra qubits"):
        pauli_sum(cirq.Z(A), cirq.QubitOrder.explicit([B]))
