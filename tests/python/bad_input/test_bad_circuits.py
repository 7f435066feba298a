"""Qubits, sizes and arguments of circuits that cannot be."""

from collections.abc import Callable

import numpy as np
import pytest

import ketgrad as kg
from refusals import NAN, refuses


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda c: c.h(3), IndexError, ["qubit 3", "out of range for 3"]),
        (lambda c: c.h(-1), IndexError, ["qubit -1", "out of range for 3"]),
        (lambda c: c.cx(0, 7), IndexError, ["qubit 7", "out of range for 3"]),
        (lambda c: c.cx(1, 1), ValueError, ["qubit 1", "twice"]),
        (lambda c: c.swap(2, 2), ValueError, ["qubit 2", "twice"]),
        (lambda c: c.ccx(0, 1, 0), ValueError, ["qubit 0", "twice"]),
        (lambda c: c.x(0, controls=[0]), ValueError, ["qubit 0", "twice"]),
        (lambda c: c.x(0, controls=[1, 1]), ValueError, ["qubit 1", "twice"]),
        (lambda c: c.x(0, controls=[5]), IndexError, ["qubit 5", "out of range for 3"]),
        (lambda c: c.x(0, controls={1: 2}), ValueError, ["qubit 1", "2", "0 or 1"]),
        (lambda c: c.pauli_rotation(0.1, "XX", [0, 3]), IndexError, ["qubit 3", "3"]),
        (lambda c: c.pauli_rotation(0.1, "XX", [0, 0]), ValueError, ["qubit 0", "twice"]),
        (lambda c: c.pauli_rotation(0.1, "XX", [0]), ValueError, ['"XX"', "2 letters", "1 qubit"]),
        (lambda c: c.pauli_rotation(0.1, "XQ", [0, 1]), ValueError, ["'Q'", "I, X, Y or Z"]),
        (lambda c: c.unitary(np.eye(4), [0, 4]), IndexError, ["qubit 4", "3"]),
        (lambda c: c.unitary(np.eye(4), [2, 2]), ValueError, ["qubit 2", "twice"]),
        (lambda c: c.evolution(0.1, kg.PauliSum("XX"), [0, 3]), IndexError, ["qubit 3", "3"]),
        (lambda c: c.compose(kg.Circuit(4).h(3)), ValueError, ["4-qubit", "3 qubits"]),
        (lambda c: c.compose(kg.Circuit(2).h(1), [0]), ValueError, ["1 qubit", "2-qubit"]),
        (lambda c: c.compose(kg.Circuit(2).h(1), [0, 3]), IndexError, ["qubit 3", "3"]),
        (lambda c: c.compose(kg.Circuit(2).h(1), [1, 1]), ValueError, ["qubit 1", "twice"]),
        (lambda c: c.h("0"), TypeError, ["qubit must be an integer", "'0' (str)"]),
        (lambda c: c.h(0.5), TypeError, ["qubit must be an integer", "0.5 (float)"]),
        (lambda c: c.h(None), TypeError, ["qubit must be an integer", "None"]),
        (lambda c: c.h(2**40), IndexError, [f"qubit {2**40}", "out of range"]),
        (lambda c: c.rx(0, kg.Parameter("a")), TypeError, ["integer", "angles come before qubits"]),
        (lambda c: c.x(0, controls=0), ValueError, ["qubit 0", "twice"]),
        (lambda c: c.x(0, controls=0.5), TypeError, ["controls must be a list", "0.5 (float)"]),
        (lambda c: c.x(0, controls=["1"]), TypeError, ["qubit must be an integer", "'1'"]),
        (lambda c: c.x(0, controls={1: "on"}), ValueError, ["qubit 1", "'on'", "0 or 1"]),
        (lambda c: c.pauli_rotation(0.1, "X", 0.5), TypeError, ["an integer or a list", "(float)"]),
        (lambda c: c.pauli_rotation(0.1, "X", 5), IndexError, ["qubit 5", "3"]),
        (lambda c: c.compose(kg.Circuit(2).h(0), 0), ValueError, ["1 qubit", "2-qubit"]),
        (lambda c: c.h(), TypeError, ["h("]),
    ],
)
def test_qubits(
    circuit: kg.Circuit, call: Callable, error: type[Exception], parts: list[str]
) -> None:
    with refuses(error, *parts):
        call(circuit)


@pytest.mark.parametrize("n_qubits", [0, -1, 100_001, 10**6])
def test_circuit_sizes(n_qubits: int) -> None:
    with refuses(ValueError, f"number of qubits {n_qubits} ", "[1, 100000]"):
        kg.Circuit(n_qubits)


@pytest.mark.parametrize("n_qubits", [63, 1000])
def test_circuits_too_wide_to_run(n_qubits: int) -> None:
    circuit = kg.Circuit(n_qubits).h(n_qubits - 1)
    for run in (kg.compile, kg.Circuit.state):
        with refuses(ValueError, f"{n_qubits}", "62"):
            run(circuit)


def test_circuit_arguments(circuit: kg.Circuit) -> None:
    with refuses(ValueError, "cannot be repeated -1 times"):
        circuit.repeat(-1)
    with refuses(ValueError, "exponent", "nan", "finite"):
        circuit.power(NAN)
    with refuses(ValueError, "at least one control"):
        circuit.control([])
    with refuses(ValueError, "control 1", "3", "0 or 1"):
        circuit.control([1, 3])
    with refuses(ValueError, "13-qubit", "limit of 12 qubits"):
        kg.Circuit(13).matrix()
    with refuses(AttributeError, "Circuit", "hadamard"):
        circuit.hadamard(0)


def test_initialize(circuit: kg.Circuit) -> None:
    with refuses(ValueError, "1 to 2^1 amplitudes", "got 1000000000000"):
        kg.Circuit(1).initialize(range(10**12))
    with refuses(ValueError, "initialize must be the first"):
        circuit.initialize([1.0])
    with refuses(ValueError, "1 to 2^1 amplitudes", "got 3"):
        kg.Circuit(1).initialize([1, 0, 0])
    with refuses(ValueError, "1 to 2^1 amplitudes", "got 0"):
        kg.Circuit(1).initialize([])
    with refuses(ValueError, "norm 0", "positive"):
        kg.Circuit(1).initialize([0, 0]).state()
    with refuses(ValueError, "initialize has no inverse"):
        kg.Circuit(1).initialize([1, 1]).inverse()
    with refuses(ValueError, "initialize cannot be controlled"):
        kg.Circuit(1).initialize([1, 1]).control()
    with refuses(ValueError, "initialize", "no matrix"):
        kg.Circuit(1).initialize([1, 1]).matrix()
    with refuses(ValueError, "nan", "finite"):
        kg.Circuit(1).initialize([1, NAN])
