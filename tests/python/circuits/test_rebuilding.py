"""Circuits that are put together again from their operations."""

import pytest
from hypothesis import given

import ketgrad as kg
from circuit_strategies import circuits
from gate_table import OTHER_NAMES

CARRIED = {"pauli_rotation", "unitary", "evolution"}


@given(circuit=circuits())
def test_gate_takes_what_an_operation_is(circuit: kg.Circuit) -> None:
    again = kg.Circuit(circuit.n_qubits)
    for op in circuit.operations:
        if op.name in CARRIED:
            again.add(op)
        else:
            again.gate(op.name, op.angles, op.qubits, control_values=op.control_values)
    assert again == circuit


def test_synonyms_of_gates() -> None:
    for name in OTHER_NAMES:
        alias = {"cnot": "cx", "toffoli": "ccx"}[name]
        qubits = range({"cnot": 2, "toffoli": 3}[name])
        expected = getattr(kg.Circuit(3), alias)(*qubits)
        assert kg.Circuit(3).gate(name, [], qubits) == expected
        assert kg.Circuit(3).gate(name, [], qubits).operations[0].name == alias
    assert kg.two_local(2, 1, entangler="cnot") == kg.two_local(2, 1, entangler="cx")
    noise = kg.NoiseModel().add(kg.Channel.bit_flip(0.1), "cnot")
    assert noise == kg.NoiseModel().add(kg.Channel.bit_flip(0.1), "cx")
    assert noise.apply(kg.Circuit(2).cx(0, 1)).count_gates() == {"cx": 1, "channel": 2}


def test_values_of_controls_by_name() -> None:
    gate = kg.Circuit(3).gate("x", [], [0, 1, 2], control_values=[0, 1])
    assert gate == kg.Circuit(3).x(2, controls={0: 0, 1: 1})
    assert kg.Circuit(2).gate("cx", [], [0, 1], control_values=[0]) == kg.Circuit(2).x(1, {0: 0})
    more = kg.Circuit(3).gate("cx", [], [0, 1], controls={2: 0}, control_values=[1])
    assert more == kg.Circuit(3).x(1, controls={0: 1, 2: 0})


@pytest.mark.parametrize("values", [[], [1, 1, 1], [1, 0, 1]])
def test_other_numbers_of_values_are_refused(values: list[int]) -> None:
    circuit = kg.Circuit(2)
    with pytest.raises(ValueError, match=r"gate 'cx' on 2 qubit\(s\) got \d value"):
        circuit.gate("cx", [], [0, 1], control_values=values)
    with pytest.raises(ValueError, match="acts on 1 qubit"):
        circuit.gate("x", [], [0, 1], control_values=[])
    assert len(circuit) == 0


NOT = [[0, 1], [1, 0]]


def test_a_bare_qubit_stands_for_a_list_of_one() -> None:
    assert kg.Circuit(2).unitary(NOT, 1) == kg.Circuit(2).unitary(NOT, [1])
    assert kg.Circuit(2).evolution(0.1, "X", 1) == kg.Circuit(2).evolution(0.1, "X", [1])
    rotation = kg.Circuit(2).pauli_rotation(0.1, "X", 1)
    assert rotation == kg.Circuit(2).pauli_rotation(0.1, "X", [1])
    assert kg.Circuit(2).barrier(1) == kg.Circuit(2).barrier([1])
    flip = kg.Channel.bit_flip(0.1)
    assert kg.Circuit(2).channel(flip, 1) == kg.Circuit(2).channel(flip, [1])
    assert kg.Circuit(2).x(0, controls=1) == kg.Circuit(2).x(0, controls=[1])
    other = kg.Circuit(1, 1).measure(0, 0)
    assert kg.Circuit(2, 2).compose(other, 1, 1) == kg.Circuit(2, 2).measure(1, 1)
    assert kg.MatrixObservable(NOT, 1) == kg.MatrixObservable(NOT, [1])
    assert kg.PauliSum([("X", 1, 0.5)]) == kg.PauliSum("0.5*X1")
    state = kg.State(2).apply(kg.Circuit(2).x(1))
    assert state.probabilities(1).tolist() == [0, 1]
    assert state.reduced_density_matrix(1).shape == (2, 2)
    assert kg.Circuit(2).x(1).density_matrix().probabilities(1).tolist() == [0, 1]


@pytest.mark.parametrize("qubits", ["0", 0.5, None, 1j])
def test_what_is_no_qubit_is_refused(qubits: object) -> None:
    with pytest.raises(TypeError, match="qubits must be an integer or a list of integers, not"):
        kg.Circuit(2).unitary(NOT, qubits)  # type: ignore[arg-type]
