"""Observables: Pauli sums from text and sparse forms, matrices, their values and variances."""

import functools
import math
import pickle
import re

import numpy as np
import pytest

import ketgrad as kg

PAULIS = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}


def dense(text: str) -> np.ndarray:
    """Qubit 0 rightmost is what the Kronecker product has anyway."""
    return functools.reduce(np.kron, [PAULIS[letter] for letter in text])


@pytest.fixture
def state() -> kg.State:
    rng = np.random.default_rng(1)
    amplitudes = rng.normal(size=8) + 1j * rng.normal(size=8)
    return kg.State.from_amplitudes(amplitudes / np.linalg.norm(amplitudes))


@pytest.mark.parametrize("text", ["ZIX", "YYY", "III", "IYZ"])
def test_strings(text: str, state: kg.State) -> None:
    np.testing.assert_array_equal(kg.PauliSum(text).matrix(), dense(text))
    psi = state.amplitudes()
    assert state.expval(kg.PauliSum(text)) == pytest.approx(np.vdot(psi, dense(text) @ psi).real)


def test_the_forms_agree() -> None:
    expected = 0.5 * dense("IZZ") - dense("XII") + 1.25 * np.eye(8)
    for form in (
        kg.PauliSum({"IZZ": 0.5, "XII": -1.0, "III": 1.25}),
        kg.PauliSum("0.5 * Z0 Z1 - X2 + 1.25"),
        kg.PauliSum("0.5*Z1 Z0 - 1 X2 + 1.25 I"),
        kg.PauliSum.from_sparse([("ZZ", [0, 1], 0.5), ("X", [2], -1.0), ("", [], 1.25)], 3),
        0.5 * kg.PauliSum("IZZ") - kg.PauliSum("XII") + kg.PauliSum("III") * 1.25,
    ):
        np.testing.assert_allclose(form.matrix(), expected)


def test_sparse_sums_come_from_arrays_too() -> None:
    total = kg.PauliSum({"XY": 0.5, "ZI": -1.0})
    assert kg.PauliSum.from_sparse(total.matrix()) == total
    for shape in ((), (4,), (3, 3), (2, 4), (1, 1), (2, 2, 2)):
        with pytest.raises(ValueError, match=re.escape(f"not {shape}")):
            kg.PauliSum.from_sparse(np.ones(shape))


def test_a_sum_without_terms_shows_its_qubits() -> None:
    total = kg.PauliSum("ZII") - kg.PauliSum("ZII")
    assert repr(total) == "PauliSum('0', n_qubits=3)"
    assert eval(repr(total), {"PauliSum": kg.PauliSum}) == total


def test_like_terms_are_collected() -> None:
    assert len(kg.PauliSum("Z0 + 2*Z0")) == 1
    assert kg.PauliSum("Z0 + 2*Z0").terms == [("Z", 3.0)]


def test_algebra() -> None:
    a, b = kg.PauliSum({"XX": 0.3, "ZI": 0.7}), kg.PauliSum({"XX": -1.2, "II": 0.4})
    np.testing.assert_allclose((a + b).matrix(), a.matrix() + b.matrix())
    np.testing.assert_allclose((a - b).matrix(), a.matrix() - b.matrix())
    np.testing.assert_allclose((-a).matrix(), -a.matrix())
    assert (a / 3).terms == [(text, c / 3) for text, c in a.terms]
    for divisor in (0, math.inf, math.nan):
        with pytest.raises(ValueError, match=f"divided by {divisor}"):
            a / divisor
    with pytest.raises(TypeError):
        1 / a
    np.testing.assert_allclose((a @ a).matrix(), a.matrix() @ a.matrix(), atol=1e-15)
    assert a.n_qubits == 2
    assert (kg.PauliSum("Z") + kg.PauliSum("ZII")).n_qubits == 3


def test_equality_is_by_content() -> None:
    assert kg.PauliSum("Z0 + X1") == kg.PauliSum("X1 + Z0")
    assert kg.PauliSum("Z") != kg.PauliSum("X")
    assert kg.PauliSum("Z") != kg.PauliSum("IZ")
    assert kg.PauliSum("Z") != "Z"


def test_values_and_variances(state: kg.State) -> None:
    psi = state.amplitudes()
    total = kg.PauliSum({"ZIX": 0.5, "XXI": -1.5, "IYZ": 0.25})
    for observable, matrix in [
        (total, total.matrix()),
        (kg.MatrixObservable(total.matrix(), [0, 1, 2]), total.matrix()),
    ]:
        mean = np.vdot(psi, matrix @ psi).real
        square = np.linalg.norm(matrix @ psi) ** 2
        assert state.expval(observable) == pytest.approx(mean, abs=1e-14)
        assert state.variance(observable) == pytest.approx(square - mean**2, abs=1e-13)


def test_matrix_observables_have_their_first_qubit_lowest(state: kg.State) -> None:
    observable = kg.MatrixObservable(dense("XZ"), qubits=[2, 0])  # Z on qubit 2, X on qubit 0
    assert state.expval(observable) == pytest.approx(state.expval(kg.PauliSum("ZIX")))
    np.testing.assert_allclose(observable.eigenvalues, [-1, -1, 1, 1])
    np.testing.assert_array_equal(observable.matrix, dense("XZ"))


def test_an_eigenstate_has_no_variance() -> None:
    assert kg.State(2).variance(kg.PauliSum("ZI")) == pytest.approx(0, abs=1e-15)


def test_shots_of_an_eigenstate_are_exact() -> None:
    observables = [kg.PauliSum("0.5*Z0 + 0.25"), kg.MatrixObservable(np.diag([3.0, 1.0]), [0])]
    program = kg.compile(kg.Circuit(1), observables)
    np.testing.assert_allclose(program.expval(shots=10), [0.75, 3.0])


def test_text_and_pickle() -> None:
    total = kg.PauliSum({"ZZ": 0.1, "XI": -1.0})
    assert str(total) == "0.1*ZZ - XI"
    assert repr(total) == "PauliSum('0.1*ZZ - XI')"
    assert pickle.loads(pickle.dumps(total)).terms == total.terms
    observable = pickle.loads(pickle.dumps(kg.MatrixObservable(dense("Y"), [3])))
    assert observable.qubits == [3]
    np.testing.assert_array_equal(observable.matrix, dense("Y"))
