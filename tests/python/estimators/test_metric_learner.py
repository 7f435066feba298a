"""The metric learner: its loss, its distances, classes that it has not seen, its manners."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.neighbors import NearestCentroid
from sklearn.utils.estimator_checks import parametrize_with_checks

import ketgrad as kg
from damaged_files import replaced
from ketgrad import VQMetricLearner
from ketgrad.estimators.ensembles import separation
from ketgrad.estimators.rules import METRIC_RULES
from small_classifiers import two_qubit_layer, two_qubit_map


@parametrize_with_checks([VQMetricLearner(n_steps=60)])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def small(**params):
    return VQMetricLearner(**{"n_steps": 30, "random_state": 0, **params})


def test_it_learns_iris_with_string_labels(iris):
    X, y = iris
    model = small(n_qubits=2, n_steps=200).fit(X, y)
    assert model.score(X, y) > 0.9
    assert model.loss_curve_[-1] < model.loss_curve_[0] - 0.2
    fidelity = small(n_qubits=2, n_steps=200, measure="fidelity").fit(X, y)
    assert fidelity.score(X, y) > 0.9


@pytest.mark.parametrize("params", [{}, {"dressed": False}, {"feature_map": "zz"}])
def test_two_classes_lie_apart_by_the_norm_of_the_paper(moons, params):
    X, y = moons
    model = small(batch_size=len(X), **params).fit(X, y)
    rho, sigma = model.ensembles_
    loss = 1 - np.linalg.norm(rho - sigma) ** 2 / 2
    states = kg.compile(model.circuit_, inputs=model._inputs()).state(
        model._turned(model._angles(X)), model.weights_
    )
    assert separation(states, y)[0] == pytest.approx(loss, abs=1e-12)
    assert model.loss_curve_[0] > loss


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**16), n_classes=st.integers(1, 4))
def test_derivatives_are_those_of_the_loss(seed, n_classes):
    rng = np.random.default_rng(seed)
    states = rng.normal(size=(8, 4)) + 1j * rng.normal(size=(8, 4))
    labels = rng.integers(n_classes, size=8)
    along = rng.normal(size=(8, 4)) + 1j * rng.normal(size=(8, 4))
    h = 1e-5
    measured = separation(states + h * along, labels)[0] - separation(states - h * along, labels)[0]
    pulled = separation(states, labels)[1]
    assert measured / (2 * h) == pytest.approx(
        (pulled.conj() * along).sum().real, rel=1e-4, abs=1e-4
    )


def test_coordinates_have_the_distances_of_states(iris):
    X, y = iris
    model = small(n_qubits=2).fit(X, y)
    Z = model.transform(X)
    program = kg.compile(model.circuit_, inputs=model._inputs())
    turned = model._turned(model._angles(X))
    fidelities = kg.fidelity_kernel(program, turned, weights=model.weights_)
    np.testing.assert_allclose(Z @ Z.T, fidelities, atol=1e-12)
    nearest = NearestCentroid().fit(Z, y)
    np.testing.assert_array_equal(nearest.predict(Z), model.predict(X))


def test_it_tells_digits_apart_that_it_has_not_seen():
    X, y = load_digits(return_X_y=True)
    seen, new = y < 7, np.flatnonzero(y >= 7)
    model = small(n_steps=300).fit(X[seen], y[seen])
    rng = np.random.default_rng(0)
    few = np.concatenate([rng.choice(new[y[new] == c], 5, replace=False) for c in (7, 8, 9)])
    model.learn_classes(X[few], y[few])
    assert list(model.classes_) == [7, 8, 9]
    assert model.score(X[new], y[new]) > 0.6


def test_circuits_follow_the_parameters(moons):
    assert len(small(dressed=False, n_qubits=3).fit(*moons).matrix_) == 0
    assert small(n_layers=3).fit(*moons).matrix_.shape == (6, 2)
    own = small(feature_map=two_qubit_map(), ansatz=two_qubit_layer()).fit(*moons)
    assert own.circuit_.n_qubits == 2
    assert "cx" not in small(entangle=False).fit(*moons).circuit_.count_gates()
    wide = small(dressed=False, n_qubits=1).fit(*moons)
    assert wide.transform(moons[0]).shape == (80, 4)


def test_seeds_reproduce(moons):
    first, again, other = (small(random_state=s).fit(*moons).transform(moons[0]) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"n_qubits": 9}, ValueError, "n_qubits=9; it must be an integer from 1 to 8 or None"),
        ({"measure": "l1"}, ValueError, "measure='l1'; it must be 'hilbert_schmidt' or 'fidelity'"),
        ({"batch_size": 1}, ValueError, "batch_size=1; it must be an integer of at least 2"),
        ({"n_steps": 2.5}, TypeError, "n_steps=2.5"),
        ({"learning_rate": 0.0}, ValueError, "learning_rate=0.0"),
        ({"dressed": True, "feature_map": "zz"}, ValueError, "dressed=True takes the angle map"),
        ({"n_qubits": 3, "feature_map": "iqp"}, ValueError, "not in 3"),
    ],
)
def test_a_fit_that_fails_changes_nothing(moons, params, error, message):
    fresh = small(**params)
    with pytest.raises(error, match=message):
        fresh.fit(*moons)
    with pytest.raises(NotFittedError):
        fresh.predict(moons[0])
    with pytest.raises(ValueError, match="one class"):
        small().fit(moons[0], np.zeros(80))


def test_every_parameter_has_a_row_of_checks():
    assert set(METRIC_RULES) == set(small().get_params())


@pytest.mark.parametrize("params", [{}, {"dressed": False, "precision": "single"}])
def test_saved_it_predicts_the_same_bits(iris, tmp_path, params):
    X, y = iris
    model = small(n_steps=5, **params).fit(X, y)
    path = tmp_path / "model.json"
    model.save(path)
    loaded = kg.load(path)
    assert loaded.get_params() == model.get_params()
    np.testing.assert_array_equal(loaded.transform(X), model.transform(X))
    np.testing.assert_array_equal(loaded.decision_function(X), model.decision_function(X))
    for keys, value, message in [
        (("fitted", "weights"), [0.1], r"1 weight\(s\) do not fit"),
        (("fitted", "offsets"), [0.1], "a linear function of"),
        (("fitted", "ensembles"), [[[[1.0]]], [[[0.0]]]], "ensembles of"),
        (("fitted", "ensembles", 0, 1, 0, 1), 0.4, "ensembles are no density matrices"),
        (("fitted", "ensembles", 1, 0, 0, 0), 0.4, "each must be Hermitian, of trace 1 and"),
        (("fitted", "ensembles", 0, 2, 3, 3), 1.5, "ensembles are no density matrices"),
    ]:
        path.write_text(replaced(path.read_text(), keys, value))
        with pytest.raises(ValueError, match=message):
            kg.load(path)
        model.save(path)
