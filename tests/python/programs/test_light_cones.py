"""Parts of programs in place of the whole: light cones of observables, and of measured qubits."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ketgrad as kg
from circuit_strategies import circuits


def brickwork(n_qubits: int, depth: int) -> kg.Circuit:
    w = kg.ParameterVector("w", n_qubits * depth)
    out = kg.Circuit(n_qubits)
    for layer in range(depth):
        out.ry(w[layer * n_qubits : (layer + 1) * n_qubits], range(n_qubits))
        first = range(layer % 2, n_qubits - 1, 2)
        out.cz(first, [q + 1 for q in first])
    return out


def strings(n_qubits: int) -> list[kg.PauliSum]:
    return [kg.PauliSum(f"Z{q}", n_qubits=n_qubits) for q in range(n_qubits)]


def test_forty_qubits_as_their_left_end_alone():
    """What is near an end of a long chain is the same in a shorter one."""
    wide, narrow = brickwork(40, 3), brickwork(12, 3)
    long, short = kg.compile(wide, strings(40)), kg.compile(narrow, strings(12))
    assert long.engine() == "cones"
    assert max(map(len, long.light_cones)) <= 8
    w = np.random.default_rng(1).normal(size=(3, 40))
    values = long.expval(weights=w.ravel())
    expected = short.expval(weights=w[:, :12].ravel())
    np.testing.assert_allclose(values[:8], expected[:8], atol=1e-12)
    rows = long.jacobian(weights=w.ravel())[1].reshape(40, 3, 40)
    shifted = long.jacobian(weights=w.ravel(), diff_method="parameter-shift")[1]
    np.testing.assert_allclose(shifted.reshape(40, 3, 40), rows, atol=1e-12)
    expected = short.jacobian(weights=w[:, :12].ravel())[1].reshape(12, 3, 12)
    np.testing.assert_allclose(rows[:8, :, :12], expected[:8], atol=1e-12)
    assert not rows[0, :, 20:].any()
    probs = long.probs(weights=w.ravel(), qubits=[0, 2])
    expected = short.probs(weights=w[:, :12].ravel(), qubits=[0, 2])
    np.testing.assert_allclose(probs, expected, atol=1e-12)
    g = [0.1, 0.2, 0.3, 0.4]
    by_weights = long.vjp(g, weights=w.ravel(), of="probs", qubits=[0, 2])[1].reshape(3, 40)
    expected = short.vjp(g, weights=w[:, :12].ravel(), of="probs", qubits=[0, 2])[1]
    np.testing.assert_allclose(by_weights[:, :12], expected.reshape(3, 12), atol=1e-12)


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("size", [1, 3, 20])
def test_cones_and_the_whole_agree(precision, size):
    circuit = brickwork(12, 3)
    cones = kg.compile(circuit, strings(12), precision=precision)
    whole = kg.compile(circuit, strings(12), precision=precision, engine="tiles")
    assert cones.engine(size) == "cones"
    assert whole.light_cones == []
    rng = np.random.default_rng(size)
    w, g = rng.normal(size=(size, 36)), rng.normal(size=(size, 12))
    atol = 1e-12 if precision == "double" else 1e-5
    np.testing.assert_allclose(cones.expval(weights=w), whole.expval(weights=w), atol=atol)
    np.testing.assert_allclose(cones.vjp(g, weights=w)[1], whole.vjp(g, weights=w)[1], atol=atol)
    of_one = cones.hessian(weights=w[0], cotangent=g[0])
    np.testing.assert_allclose(of_one, whole.hessian(weights=w[0], cotangent=g[0]), atol=20 * atol)
    again = pickle.loads(pickle.dumps(cones))
    assert again.light_cones == cones.light_cones
    np.testing.assert_array_equal(again.expval(weights=w), cones.expval(weights=w))


def mixed(n_qubits: int) -> list[kg.PauliSum]:
    """Sums of strings that commute and of others, near each other."""
    return [
        kg.PauliSum(f"Z{q} Z{q + 1} + 0.5*X{q} X{q + 1} - 0.3*Y{q} + 0.2", n_qubits=n_qubits)
        for q in range(0, n_qubits - 1, 5)
    ]


def test_forty_qubits_measured_and_varied():
    """Shots and variances of what is near an end are those of a shorter chain."""
    long, short = (kg.compile(brickwork(n, 3), mixed(n)[:2]) for n in (40, 14))
    w = np.random.default_rng(4).normal(size=(3, 40))
    wide, narrow = w.ravel(), w[:, :14].ravel()
    exact = short.expval(weights=narrow)
    np.testing.assert_allclose(
        long.variance(weights=wide), short.variance(weights=narrow), atol=1e-12
    )
    slopes = long.vjp([1.0, 2.0], weights=wide, of="variance")[1].reshape(3, 40)[:, :14]
    expected = short.vjp([1.0, 2.0], weights=narrow, of="variance")[1].reshape(3, 14)
    np.testing.assert_allclose(slopes, expected, atol=1e-12)
    for grouping in ("none", "qubitwise", "full"):
        options = {"shots": 4000, "seed": 2, "grouping": grouping, "return_std": True}
        values, errors = long.expval(weights=wide, **options)
        assert (np.abs(values - exact) < 5 * errors).all()
        np.testing.assert_array_equal(values, long.expval(weights=wide, **options)[0])
    rows, errors = long.jacobian(
        weights=wide, diff_method="parameter-shift", shots=500, seed=3, return_std=True
    )[1::2]
    expected = long.jacobian(weights=wide)[1]
    assert (np.abs(rows - expected) < 5 * errors + 1e-12).all()
    found = kg.minimize(long, weights=wide, optimizer="spsa", steps=3, shots=100, seed=1)
    assert np.isfinite(found.value)


def test_one_setting_across_forty_qubits_says_what_it_takes():
    program = kg.compile(brickwork(40, 3), sum(strings(40)[1:], strings(40)[0]))
    w = np.zeros(120)
    assert program.expval(weights=w, shots=10, seed=1).shape == (1,)  # one string at a time
    for call in (
        lambda: program.expval(weights=w, shots=10, grouping="qubitwise"),
        lambda: program.variance(weights=w),
        lambda: program.sample(10, weights=w),
        lambda: program.state(weights=w),
    ):
        with pytest.raises(MemoryError, match=r"40-qubit program needs .* enough for \d\d qubits"):
            call()


def test_what_is_not_an_expectation_value_takes_the_whole():
    circuit = brickwork(12, 2)
    cones, whole = (
        kg.compile(circuit, strings(12)),
        kg.compile(circuit, strings(12), engine="tiles"),
    )
    w = np.random.default_rng(1).normal(size=24)
    np.testing.assert_allclose(cones.variance(weights=w), whole.variance(weights=w), atol=1e-12)
    np.testing.assert_allclose(cones.state(weights=w), whole.state(weights=w), atol=1e-12)
    start = np.zeros(4096)
    start[5] = 1
    np.testing.assert_allclose(
        cones.expval(weights=w, initial_state=start),
        whole.expval(weights=w, initial_state=start),
        atol=1e-12,
    )


def test_marginals_with_shots_and_given_states():
    program = kg.compile(brickwork(5, 2))
    w = np.random.default_rng(1).normal(size=10)
    exact = program.probs(weights=w, qubits=[3, 1])
    drawn = program.probs(weights=w, qubits=[3, 1], shots=100_000, seed=1)
    assert np.abs(drawn - exact).max() < 0.01
    start = np.zeros(32)
    start[0] = 1
    given_start = program.probs(weights=w, qubits=[3, 1], initial_state=start)
    np.testing.assert_allclose(given_start, exact, atol=1e-12)
    by_qubit = program.probs(weights=np.stack([w, 2 * w]), qubits=3)
    np.testing.assert_allclose(by_qubit[0], exact.reshape(2, 2).sum(axis=0), atol=1e-12)


@given(circuit=circuits(), data=st.data())
def test_what_is_outside_a_light_cone_makes_no_difference(circuit, data):
    qubit = data.draw(st.integers(0, circuit.n_qubits - 1))
    outside = set(range(circuit.n_qubits)) - set(circuit.light_cone(qubit))
    if any(o.name == "initialize" for o in circuit.operations):
        return
    kicked = kg.Circuit(circuit.n_qubits)
    for q in outside:
        kicked.u(0.4, 0.5, 0.6, q)
    kicked.compose(circuit)
    paulis = [kg.PauliSum(f"{p}{qubit}", n_qubits=circuit.n_qubits) for p in "XYZ"]
    before, after = (kg.compile(c, paulis, engine="tiles") for c in (circuit, kicked))
    w = np.full(len(before.weights), 0.3)
    np.testing.assert_allclose(after.expval(weights=w), before.expval(weights=w), atol=1e-10)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_every_call_has_its_own_weights(depth):
    ring = kg.PauliSum({f"Z{q} Z{(q + 1) % 12}": 1.0 for q in range(12)}, n_qubits=12)
    circuit = kg.library.qaoa(ring, depth)
    program = kg.compile(circuit, ring, engine="cones")
    whole = kg.compile(circuit, ring, engine="blocks")
    for w in np.random.default_rng(depth).uniform(-1, 1, (3, 2 * depth)):
        np.testing.assert_allclose(program.expval(weights=w), whole.expval(weights=w), atol=1e-12)
        np.testing.assert_allclose(
            program.vjp([1.0], weights=w)[1], whole.vjp([1.0], weights=w)[1], atol=1e-12
        )


def test_swaps_carry_what_is_seen():
    assert kg.Circuit(3).x(0).swap(0, 2).light_cone(2) == [0, 2]
    assert kg.Circuit(4).cx(0, 1).swap(1, 3).light_cone(3) == [0, 1, 3]


def test_sums_of_nothing_are_zero():
    zero = kg.PauliSum("Z" * 12) - kg.PauliSum("Z" * 12)
    program = kg.compile(kg.Circuit(12).rx(kg.Parameter("a"), 0), [zero, zero])
    assert program.expval(weights=[0.3]).tolist() == [0, 0]
    assert program.jacobian(weights=[0.3])[1].tolist() == [[0], [0]]
    assert program.vjp([1.0, 1.0], weights=[0.3])[1].tolist() == [0]


def test_bad_qubits_are_named():
    program = kg.compile(brickwork(4, 1), "ZIII")
    w = np.zeros(4)
    with pytest.raises(IndexError, match="qubit 4"):
        program.probs(weights=w, qubits=[4])
    with pytest.raises(ValueError, match="1"):
        program.probs(weights=w, qubits=[1, 1])
    with pytest.raises(ValueError, match="no qubits"):
        program.probs(weights=w, qubits=[])
    with pytest.raises(ValueError, match="qubits is given without of 'probs'"):
        program.vjp([1.0], weights=w, qubits=[1])
    with pytest.raises(ValueError, match="'cones' cannot run this"):
        kg.compile(brickwork(4, 1), engine="cones").probs(weights=w)
