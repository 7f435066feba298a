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
        (
            lambda: Simulator().run(MEASURED, repetitions=-3),
            ValueError,
            "repetitions=-3; .* at least 0",
        ),
        (lambda: Simulator().run(MEASURED, repetitions=2.5), TypeError, "integer .*, not 2.5"),
        (lambda: Simulator().run(MEASURED, repetitions=True), TypeError, "integer .*, not True"),
        (lambda: Simulator().run(5), TypeError, "AbstractCircuit is wanted, not 5"),
        (lambda: Simulator().run_batch([MEASURED, 5]), TypeError, "Circuit is wanted, not 5"),
        (lambda: Simulator().run_sweep("x", None), TypeError, "Circuit is wanted, not 'x'"),
        (lambda: Simulator().simulate_sweep(5, None), TypeError, "Circuit is wanted, not 5"),
        (
            lambda: Simulator().simulate_expectation_values_sweep(5, cirq.Z(A), None),
            TypeError,
            "Circuit is wanted, not 5",
        ),
        (
            lambda: Simulator().sample_from_amplitudes(5, None, 1),
            TypeError,
            "Circuit is wanted, not 5",
        ),
        (
            lambda: Simulator().sample_from_amplitudes(TURNED, {"t": 1}, 1, repetitions=-3),
            ValueError,
            "repetitions=-3",
        ),
        (
            lambda: Simulator().sample_from_amplitudes(TURNED, {"t": 1}, "x"),
            TypeError,
            "a seed must be .*, not 'x'",
        ),
        (
            lambda: Simulator().compute_amplitudes(TURNED, [-1], {"t": 1}),
            ValueError,
            "a bitstring=-1; it must be from 0 to 1",
        ),
        (
            lambda: Simulator().compute_amplitudes(TURNED, [0, 2], {"t": 1}),
            ValueError,
            "a bitstring=2; it must be from 0 to 1",
        ),
        (
            lambda: Simulator().compute_amplitudes(TURNED, ["0"], {"t": 1}),
            TypeError,
            "a bitstring must be an integer from 0 to 1, not '0'",
        ),
        (
            lambda: Simulator().simulate_expectation_values(TURNED, "Z", {"t": 0}),
            TypeError,
            "cirq.PauliSum, .* is wanted, not 'Z'",
        ),
        (lambda: pauli_sum(None), TypeError, "cirq.PauliSum, .* is wanted, not None"),
        (lambda: pauli_sum(np.nan * cirq.Z(A)), ValueError, "coefficient of Z is nan"),
        (lambda: Simulator(seed="x"), TypeError, "a seed must be .*, not 'x'"),
        (lambda: Simulator(seed=True), TypeError, "a seed must be .*, not True"),
        (
            lambda: Simulator().simulate_expectation_values(TURNED, [TURNED], {"t": 0}),
            TypeError,
            "a cirq.PauliSum, or what it is made from, is wanted, not cirq.Circuit",
        ),
        (lambda: Simulator(trajectories=0), ValueError, "trajectories=0; it must be at least 1"),
        (lambda: Simulator(trajectories="x"), TypeError, "trajectories must be .* not 'x'"),
        (lambda: Simulator().simulate(TURNED, {"t": None}), TypeError, "t has the value None"),
        (
            lambda: Simulator().simulate(TURNED, {"t": 1}, initial_state="x"),
            TypeError,
            "an initial state must be .*, not 'x'",
        ),
        (lambda: to_cirq(kg.Circuit(1), 5), TypeError, "sequence of cirq.Qid, not 5"),
        (lambda: to_cirq(kg.Circuit(1), "a"), TypeError, "sequence of cirq.Qid, not 'a'"),
        (lambda: to_cirq(kg.Circuit(2), {A, B}), TypeError, "sequence of cirq.Qid, not {.*set"),
        (lambda: to_cirq(kg.Circuit(2), [A, 5]), TypeError, r"qubits\[1\] must be a qubit .* 5"),
        (lambda: to_cirq(kg.Circuit(2), [A, A]), ValueError, r"qubits\[1\] is q\(0\), which"),
        (
            lambda: to_cirq(kg.Circuit(1), [cirq.LineQid(0, 3)]),
            TypeError,
            r"qubits\[0\] must be a qubit of Cirq",
        ),
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
