"""What simulators keep between calls, and what they answer where nothing is asked."""

import cirq
import numpy as np
import pytest
import sympy

from ketgrad.cirq import Simulator
from resident_memory import states_kept

A, B = cirq.LineQubit.range(2)
T = sympy.Symbol("t")


@pytest.mark.parametrize("of", ["observables", "circuits"])
def test_states_of_plans_are_not_kept(of):
    qubits = cirq.LineQubit.range(20)
    circuit = cirq.Circuit(cirq.ry(0.3).on_each(qubits))
    simulator = Simulator(dtype=np.complex128)

    def run(k):
        word = cirq.PauliString({q: cirq.Z for j, q in enumerate(qubits) if not k >> (j % 6) & 1})
        own = circuit if of == "observables" else circuit + cirq.Circuit([cirq.I(A)] * k)
        (found,) = simulator.simulate_expectation_values(own, word)
        assert abs(found - np.cos(0.3) ** len(word)) < 1e-12

    assert states_kept(run) < 20  # of 40; what else the process holds moves, too
    run(0)  # whose memory went to others


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_nothing_asked_is_nothing_answered(dtype):
    simulator = Simulator(dtype=dtype, seed=7)
    circuit = cirq.Circuit(cirq.ry(T)(A), cirq.CNOT(A, B))
    noisy = cirq.Circuit(cirq.ry(0.3)(A), cirq.bit_flip(0.1)(A))
    measured = circuit + cirq.measure(A, B, key="m")
    asked = [
        lambda s: s.run_sweep(measured, [], repetitions=3),
        lambda s: s.simulate_sweep(circuit, []),
        lambda s: s.simulate_expectation_values_sweep(circuit, cirq.Z(A), []),
        lambda s: s.simulate_expectation_values_sweep(circuit, [], [{"t": 0.1}, {"t": 0.2}]),
        lambda s: s.simulate_expectation_values(circuit, [], {"t": 0.1}),
        lambda s: s.simulate_expectation_values(noisy, []),
        lambda s: s.sample_from_amplitudes(circuit, {"t": 0.1}, seed=1, repetitions=0),
        lambda s: s.compute_amplitudes(circuit, [], {"t": 0.1}),
    ]
    expected = [[], [], [], [[], []], [], [], {}, []]
    assert [ask(simulator) for ask in asked] == expected
