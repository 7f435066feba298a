"""What memory does not hold is refused before it is allocated, naming the bytes."""

import os

import numpy as np
import pytest

import ketgrad as kg
from refusals import refuses

BYTES_40 = 16 * 2**40


def test_states_wider_than_memory() -> None:
    with refuses(MemoryError, "40-qubit", f"{BYTES_40} bytes", "TiB", "available"):
        kg.State(40)
    with refuses(MemoryError, "40-qubit", "single", f"{BYTES_40 // 2} bytes"):
        kg.State(40, precision="single")
    with refuses(MemoryError, "62-qubit", "EiB"):
        kg.State(62)


@pytest.mark.parametrize("n_qubits", [34, 40, 62])
def test_states_that_no_small_machine_holds(n_qubits: int) -> None:
    for precision, size in (("double", 16), ("single", 8)):
        needed = size << n_qubits
        assert kg.State.bytes(n_qubits, precision) == needed
        if os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") < needed:
            with refuses(MemoryError, f"{n_qubits}-qubit", f"{needed} bytes", "available"):
                kg.State(n_qubits, precision=precision)


@pytest.mark.parametrize("n_qubits", [0, -1, 63, 64, 10**6])
def test_states_beyond_the_address_space(n_qubits: int) -> None:
    for call in (kg.State, kg.State.bytes):
        with refuses(ValueError, f"number of qubits {n_qubits} ", "[1, 62]"):
            call(n_qubits)


def test_reduced_density_matrices(state: kg.State) -> None:
    with refuses(IndexError, "qubit 2", "2 qubit"):
        state.reduced_density_matrix([2])
    with refuses(ValueError, "qubit 1", "twice"):
        state.reduced_density_matrix([1, 1])
    with refuses(ValueError, "0 qubits", "[1, 12]"):
        state.reduced_density_matrix([])
    with refuses(ValueError, "13 qubits", "[1, 12]"):
        kg.State(13).reduced_density_matrix(range(13))


def test_circuits_wider_than_memory() -> None:
    circuit = kg.Circuit(40).rx(kg.Parameter("a"), 0)
    with refuses(MemoryError, "40-qubit", f"{BYTES_40} bytes"):
        circuit.state({"a": 0.1})
    program = kg.compile(circuit, kg.PauliSum("Z0", n_qubits=40), engine="tiles")
    calls = [
        lambda: program.expval(weights=[0.1]),
        lambda: program.variance(weights=[0.1]),
        lambda: program.state(weights=[0.1]),
        lambda: program.probs(weights=[0.1]),
        lambda: program.sample(10, weights=[0.1]),
        lambda: program.vjp([1.0], weights=[0.1]),
        lambda: program.jacobian(weights=[0.1]),
    ]
    for call in calls:
        with refuses(MemoryError, "bytes", "TiB", "available"):
            call()


def test_results_larger_than_memory(program: kg.Program) -> None:
    with refuses(MemoryError, "bytes", "available"):
        program.sample(10**13, [0.1, 0.2], [0.3, 0.4])
    wide = kg.compile(kg.Circuit(20).rx(kg.Parameter("a"), 0), inputs=["a"])
    with refuses(MemoryError, "bytes", "available"):
        wide.state(inputs=np.zeros((2**22, 1)))
    with refuses(MemoryError, "bytes", "available"):
        kg.State(1).sample(10**13)
