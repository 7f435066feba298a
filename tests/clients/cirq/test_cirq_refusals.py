"""What is lacking is named; versions are told at import."""

import subprocess
import sys

import cirq
import numpy as np
import pytest
import sympy

import ketgrad as kg
from ketgrad.cirq import from_cirq, pauli_sum, to_cirq

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
