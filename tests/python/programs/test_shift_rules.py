"""Parameter shift for every spectrum: exact, with coefficients that stay small."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ketgrad as kg

A = kg.Parameter("a")


def rule_is_good(frequencies: np.ndarray) -> None:
    terms = np.array(kg.shift_rule(frequencies.tolist()))
    coefficients, shifts = terms[:, 0], terms[:, 1]
    highest = frequencies[-1]
    # No rule has a sum below the highest frequency (Bernstein's inequality).
    assert np.abs(coefficients).sum() <= 3.001 * highest
    slopes = np.sin(np.outer(frequencies, shifts)) @ coefficients
    np.testing.assert_allclose(slopes, frequencies, rtol=0, atol=3e-13 * highest)
    even = np.cos(np.outer(frequencies, shifts)) @ coefficients
    np.testing.assert_allclose(even, 0, atol=1e-13 * highest)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(0, 4))
def test_rules_are_exact_and_small(seed: int, n: int, kind: int) -> None:
    rng = np.random.default_rng(seed)
    if kind == 0:
        frequencies = rng.uniform(0.01, 3, n)
    elif kind == 1:  # of widely different scales
        frequencies = 10 ** rng.uniform(-9, 3, n)
    elif kind == 2:  # in pairs that nearly agree
        base = rng.uniform(0.1, 3, n)
        frequencies = np.concatenate([base, base * (1 + 10 ** rng.uniform(-12, -1, n))])
    elif kind == 3:  # equidistant
        frequencies = np.arange(1, n + 1) * rng.uniform(0.1, 3)
    else:  # differences of eigenvalues
        levels = rng.normal(size=2 + n % 7)
        frequencies = np.abs(levels[:, None] - levels)[np.triu_indices(len(levels), 1)]
    rule_is_good(np.unique(frequencies))


def test_the_usual_rules_are_as_they_are_known() -> None:
    np.testing.assert_allclose(kg.shift_rule([1.0]), [(0.5, np.pi / 2), (-0.5, -np.pi / 2)])
    for n in (1, 2, 3, 8, 30):  # equidistant: the sum is the highest frequency, the least there is
        terms = np.array(kg.shift_rule([float(k) for k in range(1, n + 1)]))
        assert len(terms) == 2 * n
        assert np.abs(terms[:, 0]).sum() == pytest.approx(n)


@pytest.mark.parametrize(
    "gap", [0.3, 0.1, 1e-2, 4.5e-4, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12, 1e-14, 0.0]
)
def test_clustered_frequencies_of_a_sum_of_paulis(gap: float) -> None:
    circuit = kg.Circuit(2).h(0).h(1).rx(0.4, 0)
    circuit.evolution(A, kg.PauliSum({"ZI": 1 - gap / 2, "ZZ": gap / 2}), [0, 1]).ry(0.3, 1).cx(
        0, 1
    )
    program = kg.compile(circuit, ["XI", "XY", "ZY"])
    for angle in (0.0, 0.7, -2.0, 30.0):
        exact = program.jacobian(weights=[angle])[1]
        shifted = program.jacobian(weights=[angle], diff_method="parameter-shift")[1]
        np.testing.assert_allclose(shifted, exact, rtol=0, atol=1e-11)
    _, slopes, _, errors = program.jacobian(
        weights=[0.7], diff_method="parameter-shift", shots=1000, seed=1, return_std=True
    )
    assert np.all(errors < 3 * 2 / np.sqrt(1000))  # Σ|c| ≤ 3 · 2
    assert np.all(np.abs(slopes - program.jacobian(weights=[0.7])[1]) < 6 * errors + 1e-12)


def random_generator(rng: np.random.Generator, kind: int, size: int) -> np.ndarray:
    levels = {
        0: lambda: rng.normal(size=size),
        1: lambda: 10 ** rng.uniform(-8, 0.5, size),
        2: lambda: np.repeat(rng.normal(size=size // 2), 2) + 10 ** rng.uniform(-13, -2, size),
        3: lambda: np.arange(size) * rng.uniform(0.1, 1),
    }[kind]()
    basis = np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))[0]
    generator = (basis * levels) @ basis.conj().T
    return (generator + generator.conj().T) / 2


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 3), st.integers(1, 3), st.booleans())
def test_shifted_derivatives_are_those_of_the_adjoint_method(
    seed: int, kind: int, n: int, controlled: bool
) -> None:
    rng = np.random.default_rng(seed)
    generator = random_generator(rng, kind, 2**n)
    circuit = kg.Circuit(n + 1)
    for q in range(n + 1):
        circuit.u(*rng.normal(size=3), q)
    circuit.evolution(A, generator, list(range(n)), controls=[n] if controlled else [])
    for q in range(n + 1):
        circuit.u(*rng.normal(size=3), q).cx(q, (q + 1) % (n + 1))
    program = kg.compile(circuit, [kg.PauliSum(f"Z{q}", n_qubits=n + 1) for q in range(n + 1)])
    w = rng.normal(size=1)
    exact = program.jacobian(weights=w)[1]
    shifted = program.jacobian(weights=w, diff_method="parameter-shift")[1]
    np.testing.assert_allclose(shifted, exact, rtol=0, atol=1e-10)
    noisy = kg.compile_noisy(circuit, "Z0")
    by_shift = noisy.jacobian(weights=w, diff_method="parameter-shift")[1]
    np.testing.assert_allclose(by_shift, exact[:1], rtol=0, atol=1e-10)
    # Of second order, by the same rules: the derivative of the exact derivative.
    step = 1e-4
    around = [program.jacobian(weights=w + s)[1] for s in (step, -step)]
    hessian = program.hessian(weights=w)[:, 0]
    np.testing.assert_allclose(hessian, (around[0] - around[1]) / (2 * step), atol=1e-5)
    # F = 4 (⟨G²⟩ − ⟨G⟩²) before the evolution, a quarter of which is the metric.
    state = kg.compile(circuit).state(weights=w)
    slope = (
        kg.compile(circuit).state(weights=w + step) - kg.compile(circuit).state(weights=w - step)
    ) / (2 * step)
    metric = (slope.conj() @ slope - abs(state.conj() @ slope) ** 2).real
    assert program.metric_tensor(weights=w)[0, 0] == pytest.approx(metric, abs=1e-5)


def test_generators_that_are_small_or_far_from_zero() -> None:
    for scale, shift in ((1e-10, 0.0), (1e-3, 0.0), (1.0, 1e6), (50.0, 0.0)):
        matrix = np.diag([shift, shift + scale])
        program = kg.compile(kg.Circuit(1).h(0).evolution(A, matrix, [0]), "Y")
        exact = program.jacobian(weights=[0.2])[1]
        shifted = program.jacobian(weights=[0.2], diff_method="parameter-shift")[1]
        assert abs(exact[0, 0]) > 0.1 * scale
        np.testing.assert_allclose(shifted, exact, rtol=1e-8)


def test_what_no_rule_fits_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="1e-310"):
        kg.shift_rule([1e-310])
    program = kg.compile(kg.Circuit(2).h(1).evolution(A, np.diag([0.0, 1e-310]), [1]), "ZI")
    with pytest.raises(ValueError, match=r"evolution on the qubits 1.*1e-310.*use adjoint"):
        program.jacobian(weights=[0.1], diff_method="parameter-shift")
