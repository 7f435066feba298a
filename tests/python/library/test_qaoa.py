"""Circuits that are trained, made of Hamiltonians."""

import numpy as np
import pytest
from scipy.linalg import expm

import ketgrad as kg
from refusals import refuses

library = kg.library


def ring(n: int) -> kg.PauliSum:
    """Minus the number of edges cut, but for a constant: (ZZ - 1) / 2 each."""
    text = " + ".join(f"0.5*Z{q} Z{(q + 1) % n}" for q in range(n))
    return kg.PauliSum(text, n_qubits=n) - n / 2


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_maxcut_of_a_ring_reaches_its_known_ratio(depth: int) -> None:
    """Farhi et al. 2014: (2p + 1) / (2p + 2) for even rings of 2p + 2 nodes or more."""
    n = 2 * depth + 4
    program = kg.compile(library.qaoa(ring(n), depth), ring(n))
    start = np.concatenate([np.linspace(0.2, 0.6, depth), np.linspace(0.6, 0.2, depth)])
    starts = [start * sign for sign in (np.repeat([1, 1], depth), np.repeat([1, -1], depth))]
    best = min(
        kg.minimize(program, first, optimizer="l-bfgs", steps=200, seed=1).value for first in starts
    )
    assert -best / n == pytest.approx((2 * depth + 1) / (2 * depth + 2), abs=1e-4)


def test_qaoa_is_what_it_says() -> None:
    cost = kg.PauliSum({"ZZI": 0.7, "IXY": -0.4, "IIZ": 0.3, "III": 2.0})
    mixer = kg.PauliSum({"XXI": 0.5, "IXX": 0.25})
    gamma, beta = 0.3, -0.8
    plain = library.qaoa(cost, 1)
    named = {"gamma[0]": gamma, "beta[0]": beta}
    step = np.eye(8, dtype=complex)
    for letters, c in [("IIZ", 0.3), ("ZZI", 0.7), ("IXY", -0.4)]:
        step = expm(-1j * gamma * c * kg.PauliSum(letters).matrix()) @ step
    plus = np.full(8, 8**-0.5)
    mixed = expm(-1j * beta * kg.PauliSum("XII + IXI + IIX").matrix())
    state = plain.state(named)
    assert abs(np.vdot(mixed @ step @ plus, state)) == pytest.approx(1)
    other = library.qaoa(cost, 1, mixer=mixer).state(named)
    assert abs(np.vdot(expm(-1j * beta * mixer.matrix()) @ step[:, 0], other)) == pytest.approx(1)
    start = kg.Circuit(3).x(1)
    begun = library.qaoa(cost, 1, mixer=mixer, initial=start).state(named)
    assert abs(np.vdot(expm(-1j * beta * mixer.matrix()) @ step[:, 2], begun)) == pytest.approx(1)


def test_parameters_come_as_two_vectors() -> None:
    names = library.qaoa("ZZ", depth=2).parameters
    assert names == ["gamma[0]", "gamma[1]", "beta[0]", "beta[1]"]


@pytest.mark.parametrize("make", ["qaoa", "hamiltonian_variational"])
def test_gradients_agree(make: str) -> None:
    cost = kg.PauliSum({"ZZI": 0.7, "IZZ": -0.4, "IXY": 0.5})
    if make == "qaoa":
        circuit = library.qaoa(cost, 2)
    else:
        circuit = library.hamiltonian_variational([cost, "XII + IXI + IIX"], 2)
    program = kg.compile(circuit, cost)
    weights = np.random.default_rng(1).normal(size=len(circuit.parameters))
    adjoint = program.jacobian(weights=weights)
    for method in ("parameter-shift", "finite-diff"):
        other = program.jacobian(weights=weights, diff_method=method)
        for mine, theirs in zip(adjoint, other, strict=True):
            if mine is not None:
                np.testing.assert_allclose(mine, theirs, atol=1e-6)


def test_the_hamiltonian_variational_ansatz_finds_a_ground_state() -> None:
    """Wecker, Hastings, Troyer 2015: a periodic Ising chain of n spins takes n / 2 layers."""
    n = 6
    coupling = kg.PauliSum("".join(f" - Z{q} Z{(q + 1) % n}" for q in range(n)), n_qubits=n)
    field = kg.PauliSum("".join(f" - X{q}" for q in range(n)), n_qubits=n)
    start = kg.Circuit(n)
    for q in range(n):
        start.h(q)
    circuit = library.hamiltonian_variational([coupling, field], n // 2, initial=start)
    program = kg.compile(circuit, coupling + field)
    found = kg.minimize(program, np.full(n, 0.3), optimizer="l-bfgs", steps=300, seed=1)
    assert found.value == pytest.approx(-7.727406610, abs=1e-6)


def test_groups_take_their_parameters_in_turn() -> None:
    circuit = library.hamiltonian_variational(["ZZ", "XI + IX"], 2)
    theta = [0.1, 0.2, 0.3, 0.4]
    expected = np.eye(4)[0].astype(complex)
    for k, angle in enumerate(theta):
        expected = expm(-1j * angle * kg.PauliSum(["ZZ", "XI + IX"][k % 2]).matrix()) @ expected
    state = circuit.state({f"theta[{k}]": value for k, value in enumerate(theta)})
    np.testing.assert_allclose(state, expected, atol=1e-12)


def test_what_is_refused() -> None:
    with refuses(ValueError, "qaoa: depth 0 is below 1"):
        library.qaoa("ZZ", 0)
    with refuses(ValueError, "qaoa: the cost has no term"):
        library.qaoa(kg.PauliSum({"II": 1.0}), 1)
    with refuses(ValueError, "qaoa: the mixer is over 3 qubits, not 2"):
        library.qaoa("ZZ", 1, mixer="XXX")
    with refuses(ValueError, "the initial circuit has 1 qubits, not 2"):
        library.qaoa("ZZ", 1, initial=kg.Circuit(1))
    with refuses(ValueError, "no groups"):
        library.hamiltonian_variational([], 1)
    with refuses(ValueError, "group 1 is over 3 qubits, not 2"):
        library.hamiltonian_variational(["ZZ", "XXX"], 1)
    with refuses(ValueError, "depth -1 is below 1"):
        library.hamiltonian_variational(["ZZ"], -1)
