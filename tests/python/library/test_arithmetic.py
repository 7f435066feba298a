"""Adders and arithmetic modulo a number, on all numbers of small registers."""

from math import gcd

import numpy as np
import pytest

import ketgrad as kg
from refusals import refuses

library = kg.library


def image(circuit: kg.Circuit, index: int) -> int:
    """The basis state that a basis state becomes, alone."""
    state = kg.State(circuit.n_qubits).set_basis(index).apply(circuit)
    probabilities = state.probabilities()
    assert probabilities.max() > 1 - 1e-9
    return int(probabilities.argmax())


@pytest.mark.parametrize("n", range(1, 9))
@pytest.mark.parametrize("value", [0, 1, 5, -3, 2**40 + 3])
def test_adding_a_constant(n: int, value: int) -> None:
    circuit = library.add_constant(n, value)
    for x in range(0, 2**n, 1 + 2**n // 16):
        assert image(circuit, x) == (x + value) % 2**n
    phases = np.array([value % 2**t != 0 for t in range(1, n + 1)]).sum()
    assert circuit.count_gates().get("p", 0) == phases


@pytest.mark.parametrize("n", range(1, 5))
def test_draper_adders(n: int) -> None:
    """Draper 2000: n(n+1)/2 phases between the transforms, no further qubits."""
    circuit = library.draper_adder(n)
    matrix = circuit.matrix()
    for a in range(2**n):
        for b in range(2**n):
            column = matrix[:, a | b << n]
            assert abs(column[a | ((a + b) % 2**n) << n] - 1) < 1e-9
    counts = circuit.count_gates()
    assert circuit.n_qubits == 2 * n
    assert counts["cp"] == n * (n + 1) // 2 + n * (n - 1)
    assert counts["h"] == 2 * n


@pytest.mark.parametrize("n", range(1, 5))
def test_cuccaro_adders(n: int) -> None:
    """Cuccaro, Draper, Kutin, Moulton 2004, section 2: 2n Toffolis, 4n + 1 CNOTs, one ancilla."""
    circuit = library.cuccaro_adder(n)
    assert circuit.count_gates() == {"ccx": 2 * n, "cx": 4 * n + 1}
    assert circuit.n_qubits == 2 * n + 2
    target = abs(circuit.matrix()).argmax(axis=0)
    for index in range(2**circuit.n_qubits):
        a, b = index % 2**n, (index >> n) % 2**n
        z, carry = (index >> 2 * n) % 2, index >> (2 * n + 1)
        total = a + b + carry
        expected = a | total % 2**n << n | (z ^ total >> n) << 2 * n | carry << (2 * n + 1)
        assert target[index] == expected


@pytest.mark.parametrize("n", range(5, 9))
def test_wide_adders_are_the_same(n: int) -> None:
    """Up to eight bits, 18 qubits, on some numbers."""
    draper, cuccaro = library.draper_adder(n), library.cuccaro_adder(n)
    size = 2**n
    for a, b in [(0, 0), (size - 1, 1), (size - 1, size - 1), (200 % size, 100 % size)]:
        assert image(draper, a | b << n) == a | (a + b) % size << n
        assert image(cuccaro, a | b << n) == a | (a + b) << n


@pytest.mark.parametrize("modulus", range(2, 10))
def test_modular_addition(modulus: int) -> None:
    """Beauregard 2003, figure 5: n + 2 qubits, helpers as before; the phases are exact too."""
    n = (modulus - 1).bit_length()
    for value in (0, 1, modulus - 1, -2, 5 * modulus + 3):
        circuit = library.modular_add_constant(value, modulus)
        assert circuit.n_qubits == n + 2
        matrix = circuit.matrix()
        for x in range(modulus):
            assert abs(matrix[(x + value) % modulus, x] - 1) < 1e-9


@pytest.mark.parametrize("modulus", range(2, 9))
def test_modular_adders(modulus: int) -> None:
    n = (modulus - 1).bit_length()
    matrix = library.modular_adder(modulus).matrix()
    for a in range(modulus):
        for b in range(modulus):
            assert abs(matrix[a | (a + b) % modulus << n, a | b << n] - 1) < 1e-9


@pytest.mark.parametrize("modulus", range(2, 16))
def test_modular_multiplication(modulus: int) -> None:
    """Beauregard 2003: 2n + 2 qubits, or 2n + 3 with the control."""
    n = (modulus - 1).bit_length()
    for factor in (1, modulus - 1, modulus + 2, -3):
        if gcd(factor, modulus) > 1:
            continue
        circuit = library.modular_multiplier(factor, modulus)
        assert circuit.n_qubits == 2 * n + 2
        for x in range(modulus):
            assert image(circuit, x) == factor * x % modulus


@pytest.mark.parametrize(("base", "modulus"), [(2, 3), (3, 4), (2, 5), (3, 7)])
def test_modular_exponentiation(base: int, modulus: int) -> None:
    n = (modulus - 1).bit_length()
    circuit = library.modular_exponentiation(base, modulus, 3)
    shift = 2 * n + 2
    assert circuit.n_qubits == shift + 3
    for exponent in range(8):
        for x in (1, modulus - 1):
            expected = base**exponent * x % modulus
            assert image(circuit, x | exponent << shift) == expected | exponent << shift


def test_what_adders_refuse() -> None:
    for name in ("draper_adder", "cuccaro_adder"):
        with refuses(ValueError, "number of bits 0"):
            getattr(library, name)(0)
        with refuses(ValueError, "number of bits 100000 is beyond"):
            getattr(library, name)(100_000)
    with refuses(ValueError, "0"):
        library.add_constant(0, 1)
    with refuses(ValueError, "value"):
        library.add_constant(2, 2**70)


@pytest.mark.parametrize("modulus", [-5, 0, 1, 2**30 + 1])
def test_moduli_that_are_refused(modulus: int) -> None:
    calls = [
        lambda: library.modular_adder(modulus),
        lambda: library.modular_add_constant(1, modulus),
        lambda: library.modular_multiplier(1, modulus),
        lambda: library.modular_exponentiation(1, modulus, 1),
        lambda: library.order_finding(1, modulus),
        lambda: library.order_from_outcome(0, 4, 1, modulus),
    ]
    for call in calls:
        with refuses(ValueError, f"modulus {modulus} is outside [2, 2^30]"):
            call()


def test_factors_in_common_are_refused() -> None:
    with refuses(ValueError, "factor 6 and modulus 15 have the common factor 3"):
        library.modular_multiplier(6, 15)
    with refuses(ValueError, "base 5 and modulus 15 have the common factor 5"):
        library.order_finding(5, 15)
    with refuses(ValueError, "base 0 and modulus 15"):
        library.modular_exponentiation(0, 15, 2)
    with refuses(ValueError, "exponent 0 is outside [1, 1000]"):
        library.modular_exponentiation(2, 15, 0)
