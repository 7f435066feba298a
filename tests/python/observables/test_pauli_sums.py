"""Pauli sums: what they are made from, their matrices and their spectra."""

import sys
from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ketgrad as kg
from refusals import refuses

SIZES = range(1, 9)
PAULIS = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}
CIRCUIT = kg.Circuit(2).ry(0.3, 0).rx(0.7, 1).cx(0, 1)


def dense(terms: list[tuple[str, float]]) -> np.ndarray:
    """The matrix by Kronecker products; qubit 0, the last letter, is the least significant."""
    return sum(c * reduce(np.kron, [PAULIS[letter] for letter in text]) for text, c in terms)


def random_terms(n: int, count: int, letters: str = "IXYZ") -> list[tuple[str, float]]:
    rng = np.random.default_rng(n)
    return [("".join(rng.choice(list(letters), n)), float(rng.normal())) for _ in range(count)]


def test_pairs_are_a_sum() -> None:
    wanted = kg.PauliSum("0.5*ZZ + XI")
    assert kg.PauliSum([("ZZ", 0.5), ("XI", 1.0)]) == wanted
    assert kg.PauliSum((["ZZ", 0.5], ["XI", 1])) == wanted
    assert kg.PauliSum([("Z0 Z1", 0.5), ("X1", 1.0)]) == wanted
    assert kg.PauliSum([("ZZ", 0.25), ("XI", 1.0), ("ZZ", 0.25)]) == wanted
    assert kg.PauliSum([("ZZ", [0, 1], 0.5), ("X", [1], 1.0)]) == wanted
    assert kg.PauliSum([("Z0", 1.0)], n_qubits=3) == kg.PauliSum("IIZ")
    assert kg.PauliSum([("Z", [0], 1.0)], n_qubits=3) == kg.PauliSum("IIZ")
    assert kg.PauliSum(wanted.terms) == wanted


def test_no_text_is_the_identity() -> None:
    assert kg.PauliSum({"": 0.25, "Z0 Z1": 0.5}) == kg.PauliSum("0.25*II + 0.5*ZZ")
    assert kg.PauliSum({"": 0.25, "XZ": 0.5}) == kg.PauliSum("0.25*II + 0.5*XZ")
    assert kg.PauliSum([("Z1", 0.5), ("", 1.0)]) == kg.PauliSum("II + 0.5*ZI")
    assert kg.PauliSum({"": 2.0}, n_qubits=3) == kg.PauliSum("2*III")
    assert kg.PauliSum({"": 2.0}) == kg.PauliSum("2*I")


@pytest.mark.parametrize(
    "terms", [[("ZZ", 0.5), ("XI", 1.0)], [("ZZ", [0, 1], 0.5), ("X", [1], 1)]]
)
def test_pairs_are_an_observable_wherever_one_is_taken(terms: list[tuple[object, ...]]) -> None:
    wanted = kg.PauliSum("0.5*ZZ + XI")
    value = kg.compile(CIRCUIT, wanted).expval()
    np.testing.assert_array_equal(kg.compile(CIRCUIT, terms).expval(), value)
    both = kg.compile(CIRCUIT, [terms, "ZI"])
    assert both.n_observables == 2
    assert kg.State(2).apply(CIRCUIT).expval(terms) == pytest.approx(value[0])
    circuit = kg.Circuit(2).evolution(0.3, terms, [0, 1])
    assert circuit == kg.Circuit(2).evolution(0.3, wanted, [0, 1])


@pytest.mark.parametrize(
    ("terms", "error", "message"),
    [
        ([], ValueError, "at least one term"),
        ([("ZZ", 0.5), "XI"], TypeError, "pairs such as ('ZI', 0.5)"),
        (["ZZ", "XI"], TypeError, "not 'ZZ' (str); {'ZI': 1, 'IZ': 1} is a sum without weights"),
        ([("ZZ", 0.5), ("X", [0], 1.0)], TypeError, "pairs such as ('ZI', 0.5)"),
        ([("Z", [0], 0.5), ("X", 1.0)], TypeError, "(letters, qubits, coefficient)"),
        ([("ZZ", 1j)], TypeError, "the coefficient of 'ZZ' must be a real number, not 1j"),
        ([("ZZ", 1.0), ("X", 1.0)], ValueError, "the same length"),
        ([("Z", [-1], 1.0)], IndexError, "qubit -1"),
        ([("ZZ", [0, 0], 1.0)], ValueError, "twice"),
        (5, TypeError, "from {'ZI': 0.5} or [('ZI', 0.5)]; not from 5"),
    ],
)
def test_lists_that_make_no_sum(terms: object, error: type[Exception], message: str) -> None:
    with refuses(error, message):
        kg.PauliSum(terms)


@pytest.mark.parametrize("n", SIZES)
def test_matrices_are_kronecker_products(n: int) -> None:
    terms = random_terms(n, 12)
    total = kg.PauliSum(terms)
    expected = dense(terms)
    np.testing.assert_allclose(total.matrix(), expected, atol=1e-12)
    sparse = total.to_sparse()
    np.testing.assert_allclose(sparse.toarray(), expected, atol=1e-12)
    assert sparse.has_canonical_format
    assert sparse.nnz == np.count_nonzero(sparse.toarray())
    vector = np.random.default_rng(1).normal(size=(2, 2**n)).T @ [1, 1j]
    np.testing.assert_allclose(total @ vector, expected @ vector, atol=1e-12)
    state = kg.State.from_amplitudes(vector / np.linalg.norm(vector))
    np.testing.assert_allclose(total @ state, expected @ state.amplitudes(), atol=1e-12)


@pytest.mark.parametrize("letters", ["IXYZ", "IXZ"])
@pytest.mark.parametrize("n", SIZES)
def test_spectra_are_those_of_the_matrix(n: int, letters: str) -> None:
    terms = random_terms(n, 2 * n, letters)
    total = kg.PauliSum(terms)
    expected = np.linalg.eigvalsh(dense(terms))
    np.testing.assert_allclose(total.eigenvalues(), expected, atol=1e-10)
    np.testing.assert_allclose(total.eigenvalues(2), expected[:2], atol=1e-10)
    energy, state = total.ground_state()
    assert energy == pytest.approx(expected[0], abs=1e-10)
    assert state.expval(total) == pytest.approx(energy, abs=1e-10)
    assert state.variance(total) == pytest.approx(0, abs=1e-9)


def test_spectra_beyond_the_numbers_are_refused() -> None:
    total = kg.PauliSum({"I": 1.7e308, "Z": 1.7e308})
    for find in (total.eigenvalues, lambda: total.eigenvalues(1), total.ground_state):
        with refuses(ValueError, "coefficients sum to inf; no eigenvalues are finite"):
            find()


def test_the_lowest_of_a_wide_sum() -> None:
    """A chain of free spins: minus the sum of all field strengths."""
    fields = np.linspace(0.5, 1.5, 9)
    total = kg.PauliSum([("X", [q], field) for q, field in enumerate(fields)])
    energy, state = total.ground_state()
    assert energy == pytest.approx(-fields.sum(), abs=1e-9)
    assert state.variance(total) == pytest.approx(0, abs=1e-8)
    lowest = total.eigenvalues(2)
    np.testing.assert_allclose(lowest, [-fields.sum(), -fields.sum() + 1.0], atol=1e-9)
    np.testing.assert_array_equal(lowest, total.eigenvalues(2))  # the same start


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(st.text("IXYZ", min_size=3, max_size=3), st.floats(-2, 2)), min_size=1, max_size=6
    )
)
def test_sums_of_any_terms(terms: list[tuple[str, float]]) -> None:
    total = kg.PauliSum(terms)
    expected = dense(terms)
    np.testing.assert_allclose(total.to_sparse().toarray(), expected, atol=1e-12)
    np.testing.assert_allclose(total.eigenvalues(), np.linalg.eigvalsh(expected), atol=1e-10)


TERMS = st.lists(
    st.tuples(st.text("IXYZ", min_size=3, max_size=3), st.floats(-2, 2)), min_size=1, max_size=6
)


def close(a: kg.PauliSum, b: kg.PauliSum) -> bool:
    return all(abs(coefficient) < 1e-13 for _, coefficient in (a - b).terms)


@settings(deadline=None, max_examples=50)
@given(TERMS)
def test_sparse_matrices_give_their_sums_back(terms: list[tuple[str, float]]) -> None:
    total = kg.PauliSum(terms)
    matrix = total.to_sparse()
    for form in (matrix, matrix.tocsc(), matrix.tocoo(), matrix.tolil()):
        again = kg.PauliSum.from_sparse(form)
        assert again.n_qubits == total.n_qubits
        assert close(again, total)
        assert len(again) <= len(total)


@settings(deadline=None, max_examples=50)
@given(TERMS, TERMS)
def test_commutators(left: list[tuple[str, float]], right: list[tuple[str, float]]) -> None:
    a, b = kg.PauliSum(left), kg.PauliSum(right)
    x, y = dense(left), dense(right)
    np.testing.assert_allclose(a.i_commutator(b).matrix(), 1j * (x @ y - y @ x), atol=1e-12)
    np.testing.assert_allclose(a.anticommutator(b).matrix(), x @ y + y @ x, atol=1e-12)
    assert len(a.i_commutator(a)) == 0


def test_commutators_take_what_a_sum_is_made_from() -> None:
    assert kg.PauliSum("X").i_commutator({"Y": 0.5}) == kg.PauliSum("-Z")
    assert kg.PauliSum("XI").anticommutator("XII") == 2 * kg.PauliSum("XXI")
    with refuses(TypeError, "a PauliSum is expected"):
        kg.PauliSum("X").anticommutator(2.0)


def test_commutators_beyond_the_numbers_are_refused() -> None:
    """As no rounding error: all of them would be below an infinite one."""
    large = kg.PauliSum({"X": 1e308})
    for of in (large.i_commutator, large.anticommutator):
        with refuses(ValueError, "which sum to 1e+308 and 1e+308, is inf; it must be finite"):
            of(large + kg.PauliSum("Y"))
    assert large.i_commutator({"Z": 0.25}) == kg.PauliSum({"Y": 5e307})


def test_matrices_that_are_no_sums() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    with refuses(ValueError, "(2**n, 2**n), not (3, 3)"):
        kg.PauliSum.from_sparse(sparse.eye_array(3))
    with refuses(ValueError, "(2**n, 2**n), not (2, 4)"):
        kg.PauliSum.from_sparse(sparse.coo_array((2, 4)))
    with refuses(ValueError, "not Hermitian"):
        kg.PauliSum.from_sparse(sparse.coo_array([[0, 1], [0, 0]]))
    with refuses(ValueError, "finite"):
        kg.PauliSum.from_sparse(sparse.coo_array([[np.nan, 0], [0, 0]]))
    assert kg.PauliSum.from_sparse([("XZ", [0, 2], 0.5)]) == kg.PauliSum("0.5*Z2 X0")


def test_what_has_no_spectrum_or_image() -> None:
    wide = kg.PauliSum("Z12")
    with refuses(ValueError, "13-qubit", "12 qubits"):
        wide.eigenvalues()
    for k, error in ((0, ValueError), (5, ValueError), (1.5, TypeError), ("1", TypeError)):
        with refuses(error, "k"):
            kg.PauliSum("ZZ").eigenvalues(k)
    with refuses(MemoryError, "a sparse matrix of 50 qubits"):
        kg.PauliSum("Z49").to_sparse()
    with refuses(ValueError, "shape (4,)", "3 entries"):
        kg.PauliSum("ZZ") @ np.ones(3)
    with refuses(TypeError, "unsupported operand"):
        kg.PauliSum("ZZ") @ 3


def test_a_missing_scipy_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    monkeypatch.setitem(sys.modules, "scipy.sparse.linalg", None)
    with refuses(ImportError, "PauliSum.to_sparse needs scipy", "ketgrad[learn]"):
        kg.PauliSum("ZZ").to_sparse()
    with refuses(ImportError, "PauliSum.ground_state needs scipy"):
        kg.PauliSum("Z9").ground_state()
