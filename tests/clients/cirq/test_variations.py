"""What tutorials of Cirq do, on our simulator and on its own: the same numbers."""

from itertools import pairwise

import cirq
import numpy as np
import pytest
import sympy

from ketgrad.cirq import Simulator

Q = cirq.LineQubit.range(5)
GRID = cirq.GridQubit.rect(2, 3)
SHOTS = 4_000


def counts(simulator, circuit, params=None):
    records = simulator.run(circuit, params, repetitions=SHOTS).records
    bits = np.concatenate([records[key].reshape(SHOTS, -1) for key in sorted(records)], axis=1)
    values, found = np.unique(bits @ (1 << np.arange(bits.shape[1])), return_counts=True)
    return dict(zip(values.tolist(), found.tolist(), strict=True))


def distance(one, other):
    return sum(abs(one.get(k, 0) - other.get(k, 0)) for k in {*one, *other}) / 2 / SHOTS


def test_a_variational_circuit_over_a_sweep():
    a, b, c = sympy.symbols("a b c")
    circuit = cirq.Circuit(
        (cirq.X(q) ** a for q in GRID),
        (cirq.Z(q) ** b for q in GRID[::2]),
        (cirq.CZ(one, other) ** c for one, other in pairwise(GRID)),
        (cirq.H(q) ** (a * b) for q in GRID),
    )
    sweep = cirq.Linspace("a", 0.1, 0.9, 3) * cirq.Linspace("b", 0.1, 0.9, 2)
    sweep *= cirq.Points("c", [0.5])
    energy = sum(cirq.Z(p) * cirq.Z(q) for p, q in pairwise(GRID))
    energy += 0.3 * sum(cirq.X(q) for q in GRID)
    theirs, ours = (
        kind(dtype=np.complex128).simulate_expectation_values_sweep(circuit, [energy], sweep)
        for kind in (cirq.Simulator, Simulator)
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


def teleportation():
    yield [cirq.X(Q[0]) ** 0.3, cirq.H(Q[1]), cirq.CNOT(Q[1], Q[2]), cirq.CNOT(Q[0], Q[1])]
    yield [cirq.H(Q[0]), cirq.measure(Q[0], key="z"), cirq.measure(Q[1], key="x")]
    yield cirq.X(Q[2]).with_classical_controls("x")
    yield [cirq.Z(Q[2]).with_classical_controls("z"), cirq.measure(Q[2], key="out")]


def corrected():
    syndrome = sympy.Symbol("s")
    yield [cirq.X(Q[0]) ** 0.37, cirq.CNOT(Q[0], Q[1]), cirq.CNOT(Q[0], Q[2])]
    yield cirq.bit_flip(0.1).on_each(*Q[:3])
    yield [cirq.CNOT(Q[k], Q[j]) for k, j in ((0, 3), (1, 3), (1, 4), (2, 4))]
    yield cirq.measure(Q[3], Q[4], key="s")
    for value, qubit in ((2, 0), (3, 1), (1, 2)):
        yield cirq.X(Q[qubit]).with_classical_controls(sympy.Eq(syndrome, value))
    yield cirq.measure(*Q[:3], key="out")


class Adder(cirq.ArithmeticGate):
    """Add a number to a register of three qubits."""

    def __init__(self, register, number):
        self._register, self._number = register, number

    def registers(self):
        return self._register, self._number

    def with_registers(self, *registers):
        return Adder(*registers)

    def apply(self, value, number):
        return (value + number) % 8, number


def adder():
    yield [cirq.H(Q[0]), cirq.H(Q[1]) ** 0.5, Adder([2] * 3, 3).on(*Q[:3])]
    yield cirq.measure(*Q[:3], key="out")


def phase_estimation():
    turn = cirq.ControlledGate(cirq.ZPowGate(exponent=0.6))
    yield [cirq.X(Q[4]), cirq.H.on_each(*Q[:4])]
    yield [turn(Q[k], Q[4]) ** (2 ** (3 - k)) for k in range(4)]
    yield [cirq.inverse(cirq.qft(*Q[:4])), cirq.measure(*Q[:4], key="out")]


@pytest.mark.parametrize("make", [teleportation, corrected, adder, phase_estimation])
def test_samples_are_of_one_distribution(make):
    circuit = cirq.Circuit(make())
    ours, theirs = (counts(kind(seed=3), circuit) for kind in (Simulator, cirq.Simulator))
    assert distance(ours, theirs) < 0.05


@pytest.mark.parametrize(
    "noise",
    [
        cirq.depolarize(0.02),
        cirq.generalized_amplitude_damp(0.3, 0.2),
        cirq.ConstantQubitNoiseModel(cirq.bit_flip(0.05), prepend=True),
    ],
    ids=["depolarizing", "damping", "before"],
)
def test_noise_models(noise):
    circuit = cirq.Circuit(
        cirq.H(Q[0]), [cirq.CNOT(Q[k], Q[k + 1]) for k in range(3)], cirq.Y(Q[1]) ** 0.3
    )
    observables = [cirq.Z(Q[0]) * cirq.Z(Q[3]), cirq.X(Q[1]) * 0.5 + cirq.Y(Q[2])]
    theirs, ours = (
        kind(noise=noise, dtype=np.complex128).simulate_expectation_values(circuit, observables)
        for kind in (cirq.DensityMatrixSimulator, Simulator)
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-9)
