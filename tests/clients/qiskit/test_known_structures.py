"""Structures are found again without a conversion, and only by circuits that they are of."""

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Gate, Parameter
from qiskit.circuit.library import ECRGate, QFTGate, XXPlusYYGate
from qiskit.primitives import StatevectorEstimator

from ketgrad.qiskit import Estimator, structures

T = Parameter("t")


def part(angle, phase=0.0, name="part"):
    inner = QuantumCircuit(2, name=name, global_phase=phase)
    inner.rx(angle, 0)
    inner.append(XXPlusYYGate(angle, 0.2), [0, 1])
    return inner.to_gate()


def circuit(*gates, first=0.3):
    out = QuantumCircuit(2)
    out.ry(first, 0)
    for gate in gates:
        out.append(gate, [1, 0])
    return out


def assert_same(one, values=()):
    pub = (one, ["ZI", "XY", "YZ"], [values])
    ours, theirs = (kind().run([pub]).result()[0].data.evs for kind in ESTIMATORS)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


ESTIMATORS = Estimator, StatevectorEstimator


@pytest.mark.parametrize("gate", [ECRGate(), QFTGate(2), part(0.7), part(T)], ids=lambda g: g.name)
def test_gates_without_a_row_are_converted_once(gate, monkeypatch):
    converted = []
    real = structures.convert
    monkeypatch.setattr(structures, "convert", lambda *a: (converted.append(a), real(*a))[1])
    values = (0.4,) if gate.params else ()
    first, _ = structures.find(circuit(gate, gate))
    n = len(converted)
    for angle in (0.1, 0.2) if not gate.params else (0.3,):
        again, _ = structures.find(circuit(gate, gate, first=angle))
        assert again is first
        assert_same(circuit(gate, gate, first=angle), values)
    assert len(converted) == n


def test_gates_of_one_name_are_told_apart_by_their_definitions():
    made = [part(0.7), part(0.8), part(0.7, phase=0.5), part(T)]
    controlled = [circuit(gate).to_gate().control(1) for gate in made[:3]]
    for gate in made:
        assert_same(circuit(gate), (0.4,) if gate.params else ())
    for gate in controlled:
        whole = QuantumCircuit(3)
        whole.h(0)
        whole.append(gate, [0, 1, 2])
        pub = (whole, ["IIX", "ZIY"])
        ours, theirs = (kind().run([pub]).result()[0].data.evs for kind in ESTIMATORS)
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_a_definition_that_is_changed_is_another():
    gate = Gate("mine", 2, [])
    gate.definition = QuantumCircuit(2)
    gate.definition.h(0)
    whole = circuit(gate)
    before = Estimator().run([(whole, "ZI")]).result()[0].data.evs
    gate.definition.x(0)
    gate.definition.rx(1.3, 1)
    whole = circuit(gate)
    assert_same(whole)
    gate.definition.ry(0.9, 0)
    after = Estimator().run([(circuit(gate), "ZI")]).result()[0].data.evs
    assert_same(circuit(gate))
    assert abs(after - before) > 0.1
