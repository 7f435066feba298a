"""Circuits both ways: states are those of Qiskit, and what came from ketgrad comes back equal."""

import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import ControlledGate, Gate, Parameter, ParameterVector
from qiskit.circuit.classical import expr
from qiskit.circuit.library import (
    CUGate,
    FullAdderGate,
    GlobalPhaseGate,
    HamiltonianGate,
    MCMTGate,
    ModularAdderGate,
    MultiplierGate,
    PauliEvolutionGate,
    PhaseGate,
    QFTGate,
    RXGate,
    RYGate,
    UnitaryGate,
    XGate,
    get_standard_gate_name_mapping,
)
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import Kraus, Operator, Pauli, SparsePauliOp, Statevector, random_unitary

import ketgrad as kg
from ketgrad.qiskit import from_qiskit, to_qiskit

pytestmark = pytest.mark.filterwarnings("ignore::scipy.sparse.SparseEfficiencyWarning")


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_random_circuits_both_ways(first):
    for seed in range(first, first + 50):
        n = 1 + seed % 5
        theirs = random_circuit(n, 6, max_operands=min(n, 4), seed=seed)
        theirs.global_phase = 0.1 * seed
        state = Statevector(theirs).data
        ours = from_qiskit(theirs)
        np.testing.assert_allclose(ours.state(), state, atol=1e-12)
        back = to_qiskit(ours)
        np.testing.assert_allclose(Statevector(back).data, state, atol=1e-12)
        np.testing.assert_allclose(from_qiskit(back).state(), state, atol=1e-12)


def standard_gates():
    """Give each standard gate, with numbers as angles, under every state of its controls."""
    for gate in get_standard_gate_name_mapping().values():
        if not isinstance(gate, Gate):
            continue
        angles = [0.3 + 0.4 * k for k in range(len(gate.params))]
        kind = gate.base_class
        if not isinstance(gate, ControlledGate):
            yield kind(*angles)
            continue
        for state in range(2**gate.num_ctrl_qubits):
            yield kind(*angles, ctrl_state=state)


@pytest.mark.parametrize(
    "gate",
    [
        *standard_gates(),
        CUGate(0.1, 0.2, 0.3, 0.4).control(1),
        CUGate(0.1, 0.2, 0.3, 0.4, ctrl_state=0).control(2, ctrl_state=1),
    ],
    ids=lambda gate: f"{gate.name}, {getattr(gate, 'ctrl_state', '')}",
)
def test_every_standard_gate_under_every_state_of_its_controls(gate):
    theirs = QuantumCircuit(max(1, gate.num_qubits))
    theirs.append(gate, range(gate.num_qubits))
    wanted = Operator(theirs).data
    ours = from_qiskit(theirs)
    np.testing.assert_allclose(ours.matrix(), wanted, atol=1e-12)
    np.testing.assert_allclose(Operator(to_qiskit(ours)).data, wanted, atol=1e-12)


def every_gate():
    rng = np.random.default_rng(0)
    w, a = kg.ParameterVector("w", 3), kg.Parameter("a")
    out = kg.Circuit([("data", 3), ("rest", 1)], [("m", 2), ("flag", 1)])
    out.x(0).y(1).z(2).h(3).s(0).sdg(1).t(2).tdg(3).sx(0).sxdg(1).swap(0, 2).iswap(1, 3).id(0)
    out.iswapdg(3, 0)
    out.rx(0.3, 0).ry(w[0], 1).rz(w[2], 2).p(a, 3).u(0.1, a, w[1], 0)
    out.rxx(0.2, 0, 1).ryy(a, 2, 1).rzz(kg.sin(a), 3, 1)
    out.cx(0, 1).ccx(0, 1, 2).cswap(3, 1, 0).csx(2, 1).crx(0.4, 0, 3).cp(a, 1, 0).ch(0, 3)
    out.ry(0.7, 3, {0: 0, 2: 1}).x(1, {0: 0}).u(0.1, 0.2, 0.3, 2, {1: 1})
    out.pauli_rotation(2 * a, "XZY", [2, 0, 3])
    out.unitary(random_unitary(4, seed=1).data, [3, 1], label="any")
    out.unitary(random_unitary(2, seed=2).data, [0], {2: 0})
    matrix = rng.normal(size=(4, 4))
    return out.evolution(0.3, matrix + matrix.T, [1, 2]).barrier([0, 2])


def test_what_is_ketgrads_comes_back_equal():
    ours = every_gate()
    assert from_qiskit(to_qiskit(ours)) == ours
    assert to_qiskit(ours).parameters[0].name == "a"
    values = {"w": [0.1, 0.2, 0.3], "a": 0.4}
    theirs = to_qiskit(ours)
    bound = {p: np.ravel(values[p.name[0]])[getattr(p, "index", 0)] for p in theirs.parameters}
    state = Statevector(theirs.assign_parameters(bound)).data
    np.testing.assert_allclose(state, ours.state(values), atol=1e-12)


def test_measurements_conditions_and_channels_come_back_equal():
    ours = kg.Circuit([("q", 3)], [("m", 2), ("flag", 1)]).h(0).measure(0, 0).reset(0).h(1)
    ours.measure([1, 2], [1, 2]).channel(kg.Channel.amplitude_damping(0.2), 1)
    ours.when({0: 1}, kg.Circuit(3).x(1).h(2), kg.Circuit(3).y(1))
    ours.when(("m", 2), kg.Circuit(3).z(0)).when(
        {0: 1, 2: 0}, kg.Circuit(3).ry(kg.Parameter("a"), 0)
    )
    ours.when({1: 0}, kg.Circuit(3, 3).when({2: 1}, kg.Circuit(3, 3).s(1)))
    back = from_qiskit(to_qiskit(ours))
    # A channel has lost its name.
    for of in (ours, back):
        assert of.bit_registers == [("m", 2), ("flag", 1)]
    records = [[op for op in c if op.name != "channel"] for c in (ours, back)]
    assert records[0] == records[1]
    rho = [c.density_matrix({"a": 0.3}).matrix() for c in (ours, back)]
    np.testing.assert_allclose(*rho, atol=1e-12)


@pytest.mark.parametrize(
    "amplitudes", [[0.6, 0, 0, 0.8], [0.5, 0.5j, -0.5, 0.5]], ids=["real", "complex"]
)
def test_amplitudes(amplitudes):
    ours = kg.Circuit(2).initialize(amplitudes).h(0)
    np.testing.assert_allclose(Statevector(to_qiskit(ours)).data, ours.state(), atol=1e-12)
    np.testing.assert_allclose(from_qiskit(to_qiskit(ours)).state(), ours.state(), atol=1e-12)
    theirs = QuantumCircuit(3, global_phase=0.3)
    theirs.h(1)
    theirs.initialize(amplitudes, [2, 0])
    ours = from_qiskit(theirs)
    np.testing.assert_allclose(ours.state(), Statevector(theirs).data, atol=1e-12)
    theirs = QuantumCircuit(2)
    theirs.prepare_state(amplitudes, [1, 0])
    np.testing.assert_allclose(from_qiskit(theirs).state(), Statevector(theirs).data, atol=1e-12)
    theirs.initialize("1", 0)
    rho = from_qiskit(theirs).density_matrix().matrix()
    assert rho[1::2, 1::2].trace() == pytest.approx(1)


@pytest.mark.parametrize(
    "gate",
    [
        XGate().control(2, ctrl_state=1, annotated=False),
        RXGate(0.3).control(2, ctrl_state="10", annotated=False),
        RYGate(0.3).control(2, annotated=True, ctrl_state=1),
        RYGate(0.3).control(1, annotated=True).control(1, ctrl_state=0, annotated=True),
        RYGate(0.3).inverse(annotated=True),
        RYGate(0.3).power(1.7, annotated=True),
        PhaseGate(0.3).control(2, ctrl_state=0, annotated=False),
        QFTGate(3),
        UnitaryGate(random_unitary(4, seed=3)).control(1, ctrl_state=0, annotated=False),
        PauliEvolutionGate(Pauli("XYZ"), 0.3),
        PauliEvolutionGate(SparsePauliOp(["XX", "ZZ"], [0.2, -0.3]), 0.3),
        PauliEvolutionGate(Pauli("XY"), 0.3).control(1, annotated=False),
        HamiltonianGate(np.diag([1.0, 2, 3, 5]), 0.3),
        MCMTGate(XGate(), 2, 2),
        MCMTGate(RYGate(0.3), 2, 2, ctrl_state=1),
        MCMTGate(PhaseGate(0.3), 1, 2).control(1, ctrl_state=0),
        ModularAdderGate(2),
        ModularAdderGate(2).inverse(),
        ModularAdderGate(2).control(1),
        FullAdderGate(1),
        MultiplierGate(1),
    ],
    ids=lambda gate: gate.name,
)
def test_gates_that_are_made_of_others(gate):
    n = gate.num_qubits
    theirs = QuantumCircuit(n + 1)
    theirs.append(gate, range(n, 0, -1))
    np.testing.assert_allclose(from_qiskit(theirs).matrix(), Operator(theirs).data, atol=1e-10)


def test_definitions_keep_their_phase_and_parameters():
    a, b = Parameter("a"), Parameter("b")
    inner = QuantumCircuit(1, global_phase=a / 2)
    inner.rx(a + b, 0)
    theirs = QuantumCircuit(3, global_phase=b)
    theirs.h(range(3))
    theirs.append(inner.to_gate(label="part"), [1])
    theirs.append(inner.to_gate().control(2, ctrl_state=2, annotated=False), [2, 0, 1])
    theirs.append(GlobalPhaseGate(0.7).control(2, ctrl_state=1, annotated=False), [0, 1])
    bound = theirs.assign_parameters({a: 0.3, b: 0.5})
    ours = from_qiskit(theirs).state({"a": 0.3, "b": 0.5})
    np.testing.assert_allclose(ours, Statevector(bound).data, atol=1e-12)


def test_expressions():
    a, b, w = Parameter("a"), Parameter("b"), ParameterVector("w", 2)
    made = [
        2 * a + b.sin() ** 2 - 3 / (b + 2) * (1 - a),
        abs(-a) - w[1].exp() + (w[0] + 2).log(),
        2**a - a / 3 + w[0].arctan() + (a / 2).arcsin() * (b / 3).arccos() + b.tan().cos(),
        (a * b).subs({a: w[0] + 1}).conjugate(),
        (a + b).bind({b: 0.25}),
    ]
    theirs = QuantumCircuit(1)
    for expression in made:
        theirs.rz(expression, 0)
    values = {a: 0.3, b: 0.7, w[0]: -0.2, w[1]: 0.9}
    bound = [item.params[0] for item in theirs.assign_parameters(values).data]
    named = {"a": 0.3, "b": 0.7, "w": [-0.2, 0.9]}
    for found in (from_qiskit(theirs), from_qiskit(to_qiskit(from_qiskit(theirs)))):
        angles = [op.angles[0].evaluate(named) for op in found]
        np.testing.assert_allclose(angles, np.array(bound, float), atol=1e-14)
    ours = kg.Circuit(1).rx(kg.tanh(kg.Parameter("a")) + kg.sqrt(kg.Parameter("b")), 0)
    again = from_qiskit(to_qiskit(ours))
    values = {"a": 0.3, "b": 0.7}
    assert again.operations[0].angles[0].evaluate(values) == pytest.approx(
        ours.operations[0].angles[0].evaluate(values)
    )


def test_registers():
    a, b, m = QuantumRegister(2, "a"), QuantumRegister(1, "b"), ClassicalRegister(2, "m")
    assert from_qiskit(QuantumCircuit(a, b, m)).qubit_registers == [("a", 2), ("b", 1)]
    shared = QuantumRegister(bits=[a[1], b[0]], name="shared")
    ours = from_qiskit(QuantumCircuit(a, b, shared, m))
    assert (ours.qubit_registers, ours.bit_registers) == ([("q", 3)], [("c", 2)])
    ours = from_qiskit(QuantumCircuit(QuantumRegister(2, "θ"), m))
    assert ours.qubit_registers == [("q", 2)]


def counts(ours):
    return ours.run(1, method="density_matrix").probabilities()


def test_control_flow():
    q, m, f = QuantumRegister(3), ClassicalRegister(2, "m"), ClassicalRegister(1, "f")
    theirs = QuantumCircuit(q, m, f)
    theirs.h(range(3))
    theirs.measure([0, 1], m)
    with theirs.if_test((m, 2)) as otherwise:
        theirs.x(2)
    with otherwise:
        theirs.ry(0.3, 2)
    with theirs.if_test(expr.logic_or(m[0], expr.logic_not(m[1]))):
        theirs.rx(0.7, 2)
    with theirs.if_test(expr.less(expr.bit_xor(m, 1), 2)):
        theirs.rx(1.1, 2)
    with theirs.switch(m) as case:
        with case(0, 3):
            theirs.ry(0.2, 2)
        with case(1):
            theirs.ry(0.5, 2)
        with case(case.DEFAULT):
            theirs.ry(0.9, 2)
    with theirs.switch(expr.bit_not(m)) as case, case(1):
        theirs.rx(0.4, 2)
    with theirs.for_loop(range(3), Parameter("k")) as k:
        theirs.rz(k / 3, 2)
        theirs.rx(0.1, 2)
    with theirs.box():
        theirs.ry(0.3, 2)
    theirs.delay(10, 0)
    theirs.measure(2, f)
    found = counts(from_qiskit(theirs))

    total = {}
    for value in range(4):  # what Qiskit would do, a value of m at a time
        plain = QuantumCircuit(1)
        plain.h(0)
        plain.x(0) if value == 2 else plain.ry(0.3, 0)
        if value & 1 or not value & 2:
            plain.rx(0.7, 0)
        if value ^ 1 < 2:
            plain.rx(1.1, 0)
        plain.ry({0: 0.2, 3: 0.2, 1: 0.5}.get(value, 0.9), 0)
        if ~value & 3 == 1:
            plain.rx(0.4, 0)
        for k in range(3):
            plain.rz(k / 3, 0)
            plain.rx(0.1, 0)
        plain.ry(0.3, 0)
        for bit, p in enumerate(Statevector(plain).probabilities()):
            total[f"{bit}{value:02b}"] = p / 4
    assert found == pytest.approx(total)
    assert counts(from_qiskit(to_qiskit(from_qiskit(theirs)))) == pytest.approx(total)


def test_channels():
    theirs = QuantumCircuit(1)
    theirs.h(0)
    theirs.append(Kraus([np.diag([1, 0]), np.diag([0, 1])]), [0])
    assert from_qiskit(theirs).density_matrix().purity() == pytest.approx(0.5)
