"""Gates over lists of qubits and angles, gates by name, and what a circuit is made of."""

import copy
import pickle

import numpy as np
import pytest

import ketgrad as kg
from gate_table import GATES, Gate

W = kg.ParameterVector("w", 3)


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_lists_add_a_gate_for_each_item(gate: Gate) -> None:
    n = 4
    angles = [[0.1 * (k + 1) + j for k in range(n)] for j in range(gate.angles)]
    qubits = [[n * j + k for k in range(n)] for j in range(gate.qubits)]
    circuit = kg.Circuit(n * gate.qubits)
    getattr(circuit, gate.name)(*angles, *qubits)
    one_by_one = kg.Circuit(n * gate.qubits)
    for k in range(n):
        getattr(one_by_one, gate.name)(*(a[k] for a in angles), *(q[k] for q in qubits))
    assert circuit == one_by_one
    by_name = kg.Circuit(n * gate.qubits)
    for op in circuit:
        by_name.gate(op.name, op.angles, op.qubits)
    assert by_name == circuit


@pytest.mark.parametrize("qubits", [range(3), (0, 1, 2), np.arange(3)])
@pytest.mark.parametrize("angles", [W, list(W), 0.5, np.array([0.1, 0.2, 0.3]), 2 * W[0]])
def test_what_counts_as_a_list(qubits: object, angles: object) -> None:
    circuit = kg.Circuit(3).rx(angles, qubits)  # type: ignore[arg-type]
    each = angles if isinstance(angles, (list, kg.ParameterVector, np.ndarray)) else [angles] * 3
    expected = kg.Circuit(3)
    for k in range(3):
        expected.rx(each[k], k)
    assert circuit == expected


def test_one_qubit_serves_all_and_controls_too() -> None:
    assert kg.Circuit(3).cx(0, [1, 2]) == kg.Circuit(3).cx(0, 1).cx(0, 2)
    assert kg.Circuit(3).rx(W[:2], 0) == kg.Circuit(3).rx(W[0], 0).rx(W[1], 0)
    expected = kg.Circuit(3).x(0, controls={2: 0}).x(1, controls={2: 0})
    assert kg.Circuit(3).x([0, 1], controls={2: 0}) == expected
    assert len(kg.Circuit(2).h([])) == 0
    assert kg.Circuit(2).h(iter([0, 1])) == kg.Circuit(2).h(range(2))
    assert kg.Circuit(2).h(np.array(1)) == kg.Circuit(2).h(1)


def test_lists_that_do_not_fit_add_nothing() -> None:
    circuit = kg.Circuit(3).h(0)
    before = circuit.copy()
    with pytest.raises(ValueError, match="'cx' got lists of 2 and of 3"):
        circuit.cx([0, 1], [0, 1, 2])
    with pytest.raises(ValueError, match="'rx' got lists of 3 and of 2"):
        circuit.rx(W, [0, 1])
    with pytest.raises(IndexError, match="3"):
        circuit.h([0, 1, 3])
    with pytest.raises(ValueError, match="qubit 1"):
        circuit.cx([0, 1], [1, 1])
    with pytest.raises(TypeError, match=r"an angle must be a number.*'a'"):
        circuit.rx([0.1, "a"], [0, 1])  # type: ignore[list-item]
    assert circuit == before


def test_gates_by_name() -> None:
    circuit = kg.Circuit(3).gate("h", [], 0).gate("crx", 0.5, [0, 1])
    circuit.gate("u", [0.1, W[0], 0.3], [1]).gate("x", [], 2, controls=[0, 1])
    expected = kg.Circuit(3).h(0).crx(0.5, 0, 1).u(0.1, W[0], 0.3, 1).x(2, controls=[0, 1])
    assert circuit == expected
    with pytest.raises(ValueError, match="'hh'"):
        circuit.gate("hh", [], 0)
    with pytest.raises(ValueError, match="'cx' acts on 2"):
        circuit.gate("cx", [], 0)
    assert kg.Circuit(2).reset([0, 1]) == kg.Circuit(2).reset(0).reset(1)
    with pytest.raises(ValueError, match=r"there is measure\(\) for it"):
        circuit.gate("measure", [], 0)
    assert circuit == expected


def test_other_names() -> None:
    assert kg.Circuit(2).cnot(0, 1) == kg.Circuit(2).cx(0, 1)
    assert kg.Circuit(3).toffoli(0, 1, 2) == kg.Circuit(3).ccx(0, 1, 2)


def test_copies_are_independent() -> None:
    circuit = kg.Circuit(2).h(0)
    for copied in (circuit.copy(), copy.copy(circuit), copy.deepcopy(circuit)):
        assert copied == circuit
        copied.x(1)
        assert len(circuit) == 1


def test_operations_tell_what_was_added() -> None:
    matrix = np.array([[0, 1], [1, 0]])
    circuit = kg.Circuit(3, 1).h(0).crx(W[1], 2, 0).x(1, controls={0: 0, 2: 1})
    circuit.u(0.1, W[0], 2 * W[2], 1).pauli_rotation(0.5, "XY", [2, 0]).unitary(matrix, [1])
    circuit.measure(2, 0).when({0: 1}, kg.Circuit(3).x(1))
    h, crx, x, u, rotation, unitary, measure, conditional = circuit.operations
    assert (h.name, h.qubits, h.targets, h.controls, h.angles) == ("h", [0], [0], {}, [])
    assert (crx.name, crx.qubits, crx.controls, crx.angles) == ("crx", [2, 0], {2: 1}, [W[1]])
    assert (x.name, x.targets, x.controls) == ("x", [1], {0: 0, 2: 1})
    assert u.angles == [0.1, W[0], 2 * W[2]]
    assert (rotation.letters, rotation.targets) == ("XY", [2, 0])
    assert unitary.matrix is not None
    assert (unitary.matrix == matrix).all()
    assert (measure.name, measure.bit) == ("measure", 0)
    assert conditional.is_conditional
    assert not measure.is_conditional
    assert str(crx) == "crx(w[1], 2, 0)"
    assert str(measure) == "measure(2, 0)"
    assert crx == circuit.operations[1]
    assert crx != h


def test_a_circuit_is_rebuilt_from_its_operations() -> None:
    circuit = kg.strongly_entangling(4, 2).x(0, controls={1: 0}).barrier()
    rebuilt = kg.Circuit(4)
    for op in circuit:
        rebuilt.add(op)
    assert rebuilt == circuit
    with pytest.raises(IndexError, match="3"):
        kg.Circuit(2).add(next(op for op in circuit if op.targets == [3]))


def test_operations_are_snapshots() -> None:
    circuit = kg.Circuit(1).h(0)
    seen = circuit.operations
    circuit.x(0)
    assert [op.name for op in seen] == ["h"]
    assert [op.name for op in circuit] == ["h", "x"]


def test_measuring_all_twice_is_refused() -> None:
    circuit = kg.Circuit(2).h(0).measure_all()
    with pytest.raises(ValueError, match="measures all its qubits already"):
        circuit.measure_all()
    assert len(circuit) == 3
    assert len(circuit.h(0).measure_all()) == 6


def test_powers_scale_angles() -> None:
    a = kg.Parameter("a")
    for exponent in (0.5, 3, -2):
        assert kg.Circuit(1).rx(a, 0).power(exponent) == kg.Circuit(1).rx(a * exponent, 0)
    pair = kg.Circuit(3).crz(a, 0, 1).x(2).power(0.5)
    assert np.allclose(pair.power(2).matrix([0.7]), kg.Circuit(3).crz(a, 0, 1).x(2).matrix([0.7]))
    assert kg.Circuit(1).x(0).power(3) == kg.Circuit(1).x(0).x(0).x(0)
    assert len(kg.Circuit(1).rx(a, 0).power(0)) == 0
    with pytest.raises(ValueError, match="'a' has no value"):
        kg.Circuit(1).rx(a, 0).ry(a, 0).power(0.5)


def test_numpy_functions_of_parameters() -> None:
    a = kg.Parameter("a")
    for name in ("sin", "cos", "tan", "arcsin", "arccos", "arctan", "tanh", "exp", "log", "sqrt"):
        of_numpy = getattr(np, name)
        assert of_numpy(a) == getattr(kg, name)(a)
        assert of_numpy(2 * a + 0.1) == getattr(kg, name)(2 * a + 0.1)
        value = kg.Expression(of_numpy(a)).evaluate({"a": 0.3})
        assert value == pytest.approx(of_numpy(0.3), abs=1e-15)
    assert abs(a).evaluate({"a": -0.3}) == 0.3
    assert np.abs(a) == abs(a)
    assert (+a).evaluate({"a": 0.3}) == 0.3
    total = sum(kg.ParameterVector("x", 10_000))
    assert isinstance(total, kg.Expression)
    assert pickle.loads(pickle.dumps(total)) == total


def test_functions_that_openqasm_lacks_are_named() -> None:
    a = kg.Parameter("a")
    assert "arcsin" in kg.Circuit(1).rx(kg.arcsin(a), 0).to_qasm(3)
    again = kg.Circuit.from_qasm(kg.Circuit(1).rx(kg.arctan(a) + kg.arccos(a), 0).to_qasm(3))
    assert again == kg.Circuit(1).rx(kg.arctan(a) + kg.arccos(a), 0)
    for expression, name in ((kg.tanh(a), "tanh"), (abs(a) + 1, "abs")):
        with pytest.raises(ValueError, match=f"OpenQASM 3 has no function {name}"):
            kg.Circuit(1).rx(expression, 0).to_qasm(3)
        circuit = kg.Circuit(1).rx(expression, 0)
        assert kg.Circuit.from_json(circuit.to_json()) == circuit
