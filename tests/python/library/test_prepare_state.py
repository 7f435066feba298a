"""States of any amplitudes by gates."""

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import ketgrad as kg
from refusals import INF, NAN, refuses

prepare_state = kg.library.prepare_state
SIZES = range(1, 9)
NUMBERS = st.floats(-1, 1) | st.just(0.0)


def controlled(circuit: kg.Circuit) -> int:
    counts = circuit.count_gates()
    return counts.get("cx", 0) + counts.get("cz", 0)


def assert_prepares(amplitudes: np.ndarray, circuit: kg.Circuit) -> None:
    wanted = amplitudes / np.linalg.norm(amplitudes)
    np.testing.assert_allclose(circuit.state(), wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("n", SIZES)
def test_random_states_take_as_few_cz_as_published(n: int) -> None:
    """Bergholm et al. 2005: 2^n - n - 1; Mottonen et al. 2005 have 2^(n + 1) - 2n - 2."""
    rng = np.random.default_rng(n)
    real = rng.normal(size=2**n)
    for amplitudes in (real, real + 1j * rng.normal(size=2**n), 1j * real):
        circuit = prepare_state(amplitudes)
        assert_prepares(amplitudes, circuit)
        assert controlled(circuit) == 2**n - n - 1
    assert set(prepare_state(real).count_gates()) <= {"ry", "cz"}


@given(n=st.integers(1, 5), data=st.data())
def test_states_with_zeros(n: int, data: st.DataObject) -> None:
    numbers = st.lists(NUMBERS, min_size=2**n, max_size=2**n)
    amplitudes = np.array(data.draw(numbers)) + 1j * np.array(data.draw(numbers))
    if not np.linalg.norm(amplitudes) > 1e-3:
        amplitudes[0] = 1
    circuit = prepare_state(amplitudes)
    assert_prepares(amplitudes, circuit)
    assert controlled(circuit) <= 2**n - n - 1


@given(n=st.integers(1, 5), data=st.data())
def test_sparse_states(n: int, data: st.DataObject) -> None:
    amplitudes = np.zeros(2**n, dtype=complex)
    for k in data.draw(st.sets(st.integers(0, 2**n - 1), min_size=1, max_size=3)):
        amplitudes[k] = data.draw(st.sampled_from([1, -1, 1j, 0.5 - 2j]))
    assert_prepares(amplitudes, prepare_state(amplitudes))


@pytest.mark.parametrize("n", SIZES)
def test_structure_is_made_use_of(n: int) -> None:
    rng = np.random.default_rng(n)
    product = np.ones(1)
    for _ in range(n):
        product = np.kron(rng.normal(size=2) + 1j * rng.normal(size=2), product)
    assert_prepares(product, prepare_state(product))
    assert controlled(prepare_state(product)) == 0
    ghz = kg.library.ghz_state(n).state().amplitudes()
    assert_prepares(ghz, prepare_state(ghz))
    assert controlled(prepare_state(ghz)) == n - 1
    basis = np.eye(2**n)[2**n - 1]
    assert prepare_state(basis).count_gates() == {"ry": n}
    assert len(prepare_state(np.eye(2**n)[0])) == 0


def test_the_inverse_takes_the_state_back() -> None:
    amplitudes = np.random.default_rng(1).normal(size=16)
    circuit = prepare_state(amplitudes)
    both = circuit.compose(circuit.inverse()).state().amplitudes()
    np.testing.assert_allclose(both, np.eye(16)[0], atol=1e-12)


@pytest.mark.parametrize("scale", [1e-300, 1e-8, 1e300])
def test_amplitudes_of_any_scale(scale: float) -> None:
    amplitudes = np.array([3.0, -4.0, 0.0, 12.0])
    assert_prepares(amplitudes, prepare_state(scale * amplitudes))


def test_amplitudes_that_are_refused() -> None:
    with refuses(ValueError, "amplitudes of a state", "power of 2", "2 or more", "3"):
        prepare_state([1, 0, 0])
    with refuses(ValueError, "power of 2", "1"):
        prepare_state([1])
    with refuses(ValueError, "all 0"):
        prepare_state([0, 0])
    with refuses(ValueError, "finite", "nan", "index 1"):
        prepare_state([1, NAN])
    with refuses(ValueError, "finite", "index 0"):
        prepare_state([INF, 1])
    with refuses(ValueError, "one axis", "2"):
        prepare_state([[1, 0], [0, 1]])
    with refuses(ValueError, "at most 2^16", "131072"):
        prepare_state(np.ones(2**17))


@pytest.mark.parametrize("rotation", ["rx", "ry", "rz"])
@pytest.mark.parametrize("k", range(1, 6))
def test_multiplexed_rotations(rotation: str, k: int) -> None:
    angles = np.random.default_rng(k).uniform(-7, 7, 2**k)
    circuit = kg.library.multiplexed_rotation(rotation, angles)
    expected = np.zeros((2, 2**k, 2, 2**k), dtype=complex)
    for j, angle in enumerate(angles):
        expected[:, j, :, j] = kg.Circuit(1).gate(rotation, [angle], [0]).matrix()
    size = 2 ** (k + 1)
    np.testing.assert_allclose(circuit.matrix(), expected.reshape(size, size), atol=1e-12)
    assert controlled(circuit) == 2**k


def test_multiplexed_rotations_leave_out_what_is_not_needed() -> None:
    assert len(kg.library.multiplexed_rotation("rz", np.zeros(8))) == 0
    same = kg.library.multiplexed_rotation("rz", np.full(8, 0.3))
    assert same.count_gates() == {"rz": 1}
    one = kg.library.multiplexed_rotation("ry", np.repeat([0.3, 0.5], 4))
    assert one.count_gates() == {"ry": 2, "cz": 2}


def test_multiplexed_rotations_that_are_refused() -> None:
    with refuses(ValueError, "'rx', 'ry' or 'rz'", "'p'"):
        kg.library.multiplexed_rotation("p", [0.1, 0.2])
    with refuses(ValueError, "power of 2", "2 or more", "1"):
        kg.library.multiplexed_rotation("ry", [0.1])
    with refuses(ValueError, "finite", "inf", "index 1"):
        kg.library.multiplexed_rotation("ry", [0.1, INF])
    with refuses(ValueError, "at most 2^15", "65536"):
        kg.library.multiplexed_rotation("ry", np.zeros(2**16))


@pytest.mark.parametrize("n", SIZES)
def test_diagonals(n: int) -> None:
    phases = np.random.default_rng(n).uniform(-9, 9, 2**n)
    circuit = kg.library.diagonal(phases)
    np.testing.assert_allclose(circuit.matrix(), np.diag(np.exp(1j * phases)), atol=1e-12)
    assert controlled(circuit) == 2**n - 2
    signs = np.pi * np.arange(2**n)  # a Z on qubit 0
    assert controlled(kg.library.diagonal(signs)) == 0


def test_diagonals_that_are_refused() -> None:
    with refuses(ValueError, "phases of a diagonal", "power of 2", "3"):
        kg.library.diagonal([0, 1, 2])
    with refuses(ValueError, "finite", "nan", "index 0"):
        kg.library.diagonal([NAN, math.pi])
