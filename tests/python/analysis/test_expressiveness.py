"""Expressibility and entanglement: known values."""

import numpy as np
import pytest

import ketgrad as kg
from rotations import W, rotations


@pytest.mark.parametrize("n", [1, 2, 10])
def test_an_idle_circuit_has_the_known_expressibility(n):
    idle = kg.compile(kg.Circuit(n).h(0))
    assert kg.expressibility(idle, 20) == pytest.approx((2**n - 1) * np.log(75))
    assert kg.expressibility(idle, 20, n_bins=10) == pytest.approx((2**n - 1) * np.log(10))


def test_one_rotation_is_where_sim_et_al_found_it():
    # Their figure 1: H RZ has 0.2, H RZ RX has 0.02, a general gate less.
    a, b = W[0], W[1]
    half = kg.compile(kg.Circuit(1).h(0).rz(a, 0))
    more = kg.compile(kg.Circuit(1).h(0).rz(a, 0).rx(b, 0))
    assert 0.15 < kg.expressibility(half, 20_000, seed=0) < 0.3
    assert kg.expressibility(more, 20_000, seed=0) < 0.05


def test_deep_circuits_are_expressible(memory):
    deep = kg.compile(kg.strongly_entangling(3, 5))
    value = kg.expressibility(deep, 2000, seed=2)
    assert 0 <= value < 0.05
    pairs = np.random.default_rng(2).uniform(0, 2 * np.pi, (4000, 45))
    states = deep.state(weights=pairs)
    fidelities = np.abs((states[::2].conj() * states[1::2]).sum(axis=1)) ** 2
    counts = np.histogram(fidelities, bins=75, range=(0, 1))[0]
    edges = np.linspace(0, 1, 76)
    haar = (1 - edges[:-1]) ** 7 - (1 - edges[1:]) ** 7
    p = counts / 2000
    expected = sum(p[k] * np.log(p[k] / haar[k]) for k in range(75) if p[k] > 0)
    assert value == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("n", [2, 3, 6])
def test_ghz_states_are_maximally_entangled(n):
    circuit = kg.Circuit(n).h(0)
    for q in range(n - 1):
        circuit.cx(q, q + 1)
    assert float(kg.meyer_wallach(kg.compile(circuit))) == pytest.approx(1.0)


def test_w_states_have_their_known_entanglement():
    # The reduced state of a qubit is diag(2/3, 1/3): Q = 2 (1 - 5/9).
    amplitudes = np.zeros(8)
    amplitudes[[1, 2, 4]] = 1.0
    program = kg.compile(kg.Circuit(3).initialize(amplitudes))
    assert float(kg.meyer_wallach(program)) == pytest.approx(8 / 9)


def test_product_states_are_not_entangled(memory):
    program = kg.compile(rotations(3))
    weights = np.random.default_rng(0).uniform(0, 6, (20, 6))
    np.testing.assert_allclose(kg.meyer_wallach(program, weights=weights), np.zeros(20), atol=1e-12)
    assert kg.entangling_capability(program, 100, seed=0) == pytest.approx(0.0, abs=1e-12)


def test_the_capability_is_the_mean(memory):
    program = kg.compile(kg.strongly_entangling(3, 1), inputs=["w[0]"])
    weights = np.random.default_rng(5).uniform(0, 2 * np.pi, (60, 8))
    expected = kg.meyer_wallach(program, [0.4], weights).mean()
    value = kg.entangling_capability(program, 60, inputs=[0.4], seed=5)
    assert value == pytest.approx(expected, abs=1e-12)
