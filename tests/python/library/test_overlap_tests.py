"""The Hadamard test and the swap test."""

import numpy as np
import pytest

import ketgrad as kg
from refusals import refuses

library = kg.library


def last_z(circuit: kg.Circuit) -> float:
    n = circuit.n_qubits
    return float(kg.State(n).apply(circuit).expval(kg.PauliSum(f"Z{n - 1}", n_qubits=n)))


@pytest.mark.parametrize("n", range(1, 9))
def test_hadamard_tests_tell_expectation_values(n: int) -> None:
    unitary = library.random_clifford(n, seed=n)
    for q in range(n):
        unitary.rx(0.2 + 0.1 * q, q)
    preparation = library.w_state(n).ry(0.4, 0)
    psi = preparation.state()
    expected = np.vdot(psi, unitary.matrix() @ psi)
    for imaginary, value in ((False, expected.real), (True, expected.imag)):
        circuit = kg.Circuit(n + 1).compose(preparation)
        circuit.compose(library.hadamard_test(unitary, imaginary))
        assert abs(last_z(circuit) - value) < 1e-10


@pytest.mark.parametrize("n", range(1, 9))
def test_swap_tests_tell_fidelities(n: int) -> None:
    a, b = library.w_state(n).ry(0.4, 0), library.ghz_state(n).rx(0.3, n - 1)
    circuit = kg.Circuit(2 * n + 1).compose(a).compose(b, range(n, 2 * n))
    circuit.compose(library.swap_test(n))
    assert abs(last_z(circuit) - abs(np.vdot(a.state(), b.state())) ** 2) < 1e-10
    assert library.swap_test(n).count_gates() == {"cswap": n, "h": 2}


def test_what_the_tests_refuse() -> None:
    with refuses(ValueError, "hadamard_test: the circuit must consist of gates", "'reset'"):
        library.hadamard_test(kg.Circuit(1).reset(0))
    with refuses(ValueError, "number of qubits 0"):
        library.swap_test(0)
    with refuses(ValueError, "number of qubits 50000"):
        library.swap_test(50_000)
