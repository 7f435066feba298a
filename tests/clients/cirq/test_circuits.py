"""Circuits both ways."""

import cirq
import numpy as np
import pytest
import sympy

import ketgrad as kg
from ketgrad.cirq import from_cirq, to_cirq

A, B = sympy.symbols("a b")
VALUES = {"a": 0.37, "b": -0.81}
Q = cirq.LineQubit.range(4)


def unitary_of(circuit: kg.Circuit, values=()):
    """The matrix, its index as Cirq has it."""
    n = circuit.n_qubits
    names = circuit.parameters
    matrix = circuit.matrix({name: dict(values)[name] for name in names})
    order = list(range(2 * n))
    axes = [*order[:n][::-1], *order[n:][::-1]]
    return matrix.reshape([2] * (2 * n)).transpose(axes).reshape(2**n, 2**n)


def of_cirq(circuit, n):
    return circuit.unitary(qubit_order=Q[:n], qubits_that_should_be_present=Q[:n])


def powers(gate):
    return [
        gate(exponent=t, global_shift=s) for t in (1, 0.5, -0.5, 0.3, A) for s in (0, -0.5, 0.2)
    ]


GATES = [
    *(
        g
        for kind in (cirq.XPowGate, cirq.YPowGate, cirq.ZPowGate, cirq.HPowGate)
        for g in powers(kind)
    ),
    *(g for kind in (cirq.CXPowGate, cirq.CZPowGate, cirq.CCXPowGate) for g in powers(kind)),
    *(g for kind in (cirq.CCZPowGate, cirq.SwapPowGate, cirq.ISwapPowGate) for g in powers(kind)),
    *(g for kind in (cirq.XXPowGate, cirq.YYPowGate, cirq.ZZPowGate) for g in powers(kind)),
    cirq.ISWAP**-1,
    cirq.Z**0.25,
    cirq.Z**-0.25,
    cirq.I,
    cirq.IdentityGate(3),
    cirq.WaitGate(cirq.Duration(nanos=3)),
    cirq.rx(A * 2 + B),
    cirq.ry(sympy.sin(A) ** 2 / (1 + B**2)),
    cirq.rz(sympy.sqrt(A) + sympy.exp(B) - abs(B) + sympy.log(A)),
    cirq.rz(sympy.cosh(A) * sympy.atan(B) - sympy.pi / 3),
    cirq.CSWAP,
    cirq.FSimGate(0.4, 0.7),
    cirq.FSimGate(A, B),
    cirq.PhasedFSimGate(0.1, 0.2, 0.3, 0.4, 0.5),
    cirq.PhasedISwapPowGate(phase_exponent=0.2, exponent=0.7),
    cirq.PhasedXPowGate(phase_exponent=A, exponent=B, global_shift=0.1),
    cirq.PhasedXZGate(x_exponent=A, z_exponent=B, axis_phase_exponent=0.3),
    cirq.ms(0.4),
    cirq.givens(0.3),
    cirq.MatrixGate(cirq.testing.random_unitary(8, random_state=1)),
    cirq.DiagonalGate([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]),
    cirq.TwoQubitDiagonalGate([0.1, 0.2, 0.3, 0.4]),
    cirq.ThreeQubitDiagonalGate(list(range(8))),
    cirq.qft(*Q[:3]).gate,
    cirq.PhaseGradientGate(num_qubits=3, exponent=0.3),
    cirq.QuantumFourierTransformGate(4),
    cirq.GlobalPhaseGate(1j),
    cirq.GlobalPhaseGate(1j).controlled(2),
    cirq.ParallelGate(cirq.X**A, 3),
    cirq.DensePauliString("XIYZ"),
    cirq.DensePauliString("XYZ", coefficient=1j),
    cirq.PauliStringPhasorGate(cirq.DensePauliString("XYZ"), exponent_neg=A, exponent_pos=0.3),
    cirq.PauliStringPhasorGate(cirq.DensePauliString("YX", coefficient=-1), exponent_neg=0.4),
    cirq.GlobalPhaseGate(sympy.exp(sympy.I * sympy.pi * A)),
    cirq.GlobalPhaseGate(sympy.exp(-sympy.I * A / 3)).controlled(2, control_values=[0, 1]),
    cirq.PauliInteractionGate(cirq.X, True, cirq.Y, False, exponent=0.3),
    cirq.SingleQubitCliffordGate.X_nsqrt,
    cirq.CliffordGate.from_op_list([cirq.H(Q[0]), cirq.CNOT(*Q[:2])], Q[:2]),
    cirq.BooleanHamiltonianGate(["x0", "x1"], ["x0 ^ x1"], 0.3),
    cirq.X.controlled(3, control_values=[0, 1, (0, 1)]),
    (cirq.X**A).controlled(2, control_values=[0, 1]),
    cirq.ControlledGate(cirq.SWAP, 2, control_values=cirq.SumOfProducts([(0, 1), (1, 0)])),
    cirq.ControlledGate(cirq.ControlledGate(cirq.ry(A)), control_values=[0]),
    cirq.QubitPermutationGate([2, 0, 1]),
    cirq.StatePreparationChannel(np.array([0.6, 0.8j])),
][:-1]


@pytest.mark.parametrize("gate", GATES, ids=repr)
def test_gates(gate):
    n = max(1, cirq.num_qubits(gate))
    op = gate.on(*Q[: cirq.num_qubits(gate)])
    circuit = from_cirq(cirq.Circuit(op), cirq.QubitOrder.explicit(Q[:n]))
    want = of_cirq(cirq.resolve_parameters(cirq.Circuit(op), VALUES), n)
    np.testing.assert_allclose(unitary_of(circuit, VALUES), want, atol=1e-7)


def test_a_gate_that_cirq_decomposes_into_another():
    op = cirq.ThreeQubitDiagonalGate(list(range(8))).on(Q[3], Q[0], Q[2])
    circuit = from_cirq(cirq.Circuit(op), cirq.QubitOrder.explicit(Q))
    np.testing.assert_allclose(unitary_of(circuit), of_cirq(cirq.Circuit(op), 4), atol=1e-7)


@pytest.mark.parametrize("seed", range(25))
def test_random_circuits_both_ways(seed):
    domain = {
        **cirq.testing.DEFAULT_GATE_DOMAIN,
        cirq.FSimGate(0.2, 0.4): 2,
        cirq.rx(0.3): 1,
        cirq.Y**0.3: 1,
        cirq.CCX: 3,
        cirq.CSWAP: 3,
        cirq.ZZ**0.2: 2,
        cirq.PhasedXPowGate(phase_exponent=0.2): 1,
        cirq.Z.controlled(1, control_values=[0]): 2,
    }
    source = cirq.testing.random_circuit(Q, 12, 0.7, domain, seed)
    ours = from_cirq(source, cirq.QubitOrder.explicit(Q))
    np.testing.assert_allclose(unitary_of(ours), of_cirq(source, 4), atol=1e-7)
    back = to_cirq(ours)
    np.testing.assert_allclose(of_cirq(back, 4), of_cirq(source, 4), atol=1e-7)
    again = from_cirq(back, cirq.QubitOrder.explicit(Q))
    np.testing.assert_allclose(unitary_of(again), of_cirq(source, 4), atol=1e-7)
    assert again.count_gates() == ours.count_gates()


def everything() -> kg.Circuit:
    a, w = kg.Parameter("a"), kg.ParameterVector("w", 2)
    c = kg.Circuit(3)
    for name in ("x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "sxdg", "id"):
        c.gate(name, [], [0]).gate(name, [], [0, 1], control_values=[0])
    for name in ("rx", "ry", "rz", "p"):
        c.gate(name, [a * 2 - 0.1], [1]).gate(name, [w[0] ** 2], [2, 1], control_values=[1])
    for name in ("rxx", "ryy", "rzz"):
        c.gate(name, [abs(a) / 3], [0, 2]).gate(name, [0.1], [1, 0, 2], control_values=[1])
    for name in ("swap", "iswap", "iswapdg"):
        c.gate(name, [], [0, 2]).gate(name, [], [1, 0, 2], control_values=[1])
    c.ccx(0, 1, 2).ccz(0, 1, 2).u(a, w[1], 0.3, 0).u(a, 0.2, 0.3, 1, {0: 0})
    c.pauli_rotation(a, "XIZ", [2, 0, 1]).pauli_rotation(w[1], "XZ", [2, 0], [1])
    c.pauli_rotation(0.3, "II", [0, 1]).pauli_rotation(0.3, "I", [0], [1])
    c.unitary(cirq.testing.random_unitary(4, random_state=3), [2, 0]).evolution(0.3, "XY", [2, 1])
    c.unitary(cirq.testing.random_unitary(4, random_state=3), [2, 0], [1])
    return c.evolution(a, "XY", [2, 1]).evolution(a, [[1, 2], [2, 0.5]], [2], {0: 0})


def test_all_of_ours():
    ours = everything()
    values = {"a": 0.3, "w[0]": 0.5, "w[1]": 0.7}
    theirs = cirq.resolve_parameters(to_cirq(ours), values)
    want = unitary_of(ours, values)
    np.testing.assert_allclose(of_cirq(theirs, 3), want, atol=1e-7)
    np.testing.assert_allclose(unitary_of(from_cirq(to_cirq(ours)), values), want, atol=1e-7)


def outcomes(circuit: kg.Circuit):
    return circuit.run(400, seed=3, method="density_matrix").probabilities()


def test_measurements_and_conditions_of_cirq():
    a, b, c = Q[:3]
    source = cirq.Circuit(
        cirq.H(a),
        cirq.measure(a, b, key="m", invert_mask=(True,)),
        cirq.X(c).with_classical_controls("m"),
        cirq.X(b).with_classical_controls(sympy.Symbol("m") < 2),
        cirq.measure(b, key=cirq.MeasurementKey.parse_serialized("0:b")),
        cirq.reset(c),
        cirq.bit_flip(0.25)(c),
        cirq.measure(c, key="q"),
    )
    ours = from_cirq(source)
    assert ours.bit_registers == [("m", 2), ("m_0_b", 1), ("q_1", 1)]
    found = outcomes(ours)
    # Bit 0 stands rightmost: q, b, m.
    want = {"0010": 0.375, "1010": 0.125, "0100": 0.375, "1100": 0.125}
    assert {k: round(v, 9) for k, v in found.items() if v > 1e-9} == want
    again = outcomes(from_cirq(to_cirq(ours)))
    assert {k: round(v, 9) for k, v in again.items() if v > 1e-9} == want


def test_measurements_and_conditions_of_ours():
    ours = kg.Circuit([("q", 3)], [("c", 2), ("d", 2)])
    ours.h(0).measure([0, 1], [1, 0]).when(("c", 2), kg.Circuit(3).x(1), kg.Circuit(3).x(2))
    ours.measure(1, 2).when({1: 1, 2: 0}, kg.Circuit(3).y(0), kg.Circuit(3).h(0))
    ours.measure(2, 3).when({3: 0}, kg.Circuit(3, 4).when({1: 1}, kg.Circuit(3).x(2)))
    ours.reset(0).measure(2, 3).measure(0, 2)
    theirs = to_cirq(ours)
    assert theirs.all_measurement_key_names() == {"c", "d[0]", "d[1]"}
    shots = cirq.Simulator(seed=1).run(theirs, repetitions=200).records
    rows = np.concatenate([shots["d[1]"][:, -1], shots["d[0]"][:, -1], shots["c"][:, -1]], axis=1)
    texts = {"".join(map(str, row)) for row in rows.tolist()}
    assert texts == {k for k, v in outcomes(ours).items() if v > 1e-9}


def test_conditions_on_bits_never_measured():
    ours = kg.Circuit(1, 2)
    ours.when({0: 1}, kg.Circuit(1).x(0), kg.Circuit(1).h(0)).when({1: 0}, kg.Circuit(1).z(0))
    assert to_cirq(ours) == cirq.Circuit(cirq.H(Q[0]), cirq.Z(Q[0]))


def test_barriers():
    a, b = Q[:2]
    source = cirq.Circuit(cirq.Moment(cirq.H(a)), cirq.Moment(cirq.X(b)))
    assert from_cirq(source).count_gates() == {"h": 1, "x": 1}
    ours = from_cirq(source, barriers=True)
    assert ours == kg.Circuit(2).h(0).barrier().x(1)
    assert to_cirq(ours) == source
    assert len(to_cirq(from_cirq(source))) == 1


def test_channels_and_initial_states():
    ours = kg.Circuit(2).initialize([0.6, 0, 0, 0.8j]).channel(kg.Channel.amplitude_damping(0.3), 1)
    ours.channel(kg.Channel.pauli({"XY": 0.2}), [1, 0])
    theirs = to_cirq(ours)
    rho = (
        cirq.DensityMatrixSimulator(dtype=np.complex128)
        .simulate(theirs, qubit_order=Q[1::-1])
        .final_density_matrix
    )
    np.testing.assert_allclose(ours.density_matrix().matrix(), rho, atol=1e-7)
    back = from_cirq(theirs).density_matrix().matrix()
    np.testing.assert_allclose(back, rho, atol=1e-7)


def test_names_of_qubits():
    names = [cirq.NamedQubit(name) for name in "xy"]
    assert to_cirq(kg.Circuit(2).cx(0, 1), names) == cirq.Circuit(cirq.CNOT(*names))
    ours = from_cirq(cirq.Circuit(cirq.CNOT(*names)), names[::-1])
    assert ours == kg.Circuit(2).cx(1, 0)


def test_evolution_is_a_gate_of_cirq():
    gate = to_cirq(kg.Circuit(1).evolution(kg.Parameter("a"), "Z", [0])).all_operations()
    (op,) = gate
    assert cirq.parameter_names(op) == {"a"}
    assert cirq.resolve_parameters(op, {"a": 0.3}) == cirq.resolve_parameters(op, {"a": 0.3})
    solved = cirq.resolve_parameters(op, {"a": 0.3})
    np.testing.assert_allclose(cirq.unitary(solved), np.diag(np.exp([-0.3j, 0.3j])), atol=1e-12)
    np.testing.assert_allclose(
        cirq.unitary(cirq.inverse(solved)), np.diag(np.exp([0.3j, -0.3j])), atol=1e-12
    )
    assert "G" in str(cirq.Circuit(op))
    for gate in (op.gate, solved.gate):
        cirq.testing.assert_consistent_resolve_parameters(gate)
        cirq.testing.assert_has_consistent_qid_shape(gate)
        cirq.testing.assert_specifies_has_unitary_if_unitary(gate)
    cirq.testing.assert_pauli_expansion_is_consistent_with_unitary(solved.gate)
