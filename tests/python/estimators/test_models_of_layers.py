"""Estimators of any layer, and weights of classes."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris, make_moons
from sklearn.model_selection import GridSearchCV

import ketgrad as kg
from ketgrad.layers import Activation, Chain, CircuitLayer, Dense


def dressed(n_inputs: int, n_outputs: int) -> Chain:
    layers = kg.ansatz_layers("strongly_entangling", 2, n_layers=2)
    circuit = kg.reupload(kg.angle_map(2), layers)
    x = [name for name in circuit.parameters if name.startswith("x")]
    program = kg.compile(circuit, ["Z0", "Z1"], inputs=x)
    return Chain([Dense(n_inputs, 2), CircuitLayer(program), Dense(2, n_outputs)])


def test_a_classifier_trains_a_dressed_circuit(tmp_path):
    X, y = load_iris(return_X_y=True)
    classifier = kg.VQClassifier(model=dressed(4, 3), max_iter=60, tol=0, random_state=1)
    classifier.fit(X, y)
    assert classifier.score(X, y) > 0.93
    assert classifier.model_.layer == dressed(4, 3)
    path = tmp_path / "dressed.json"
    classifier.save(path)
    for again in (kg.load(path), pickle.loads(pickle.dumps(classifier))):
        np.testing.assert_array_equal(again.predict_proba(X), classifier.predict_proba(X))
        assert again.get_params()["model"] == dressed(4, 3)
    assert clone(classifier).get_params()["model"] == dressed(4, 3)
    warm = kg.VQClassifier(
        model=dressed(4, 3), max_iter=2, tol=0, random_state=1, warm_start=True
    ).fit(X, y)
    warm.fit(X, y)
    assert warm.n_iter_ == 4
    warm.set_params(model=Chain([Dense(4, 2), Activation("tanh", 2), Dense(2, 3)]))
    with pytest.raises(ValueError, match="another circuit"):
        warm.fit(X, y)


def test_a_regressor_and_a_search_over_models():
    rng = np.random.default_rng(1)
    X = rng.uniform(-1, 1, (60, 2))
    y = np.sin(2 * X[:, 0]) * X[:, 1]
    regressor = kg.VQRegressor(model=dressed(2, 1), max_iter=150, tol=0, random_state=1)
    assert regressor.fit(X, y).score(X, y) > 0.8
    search = GridSearchCV(
        kg.VQRegressor(max_iter=5, tol=0, random_state=1),
        {"model": [None, Dense(2, 1), dressed(2, 1)]},
        cv=2,
    ).fit(X, y)
    assert len(search.cv_results_["params"]) == 3


def test_a_rare_class_counts_as_much_when_balanced():
    X, y = make_moons(220, noise=0.25, random_state=1)
    kept = (y == 0) | (np.arange(220) % 10 == 0)
    X, y = X[kept], y[kept]
    options = {"n_layers": 2, "max_iter": 60, "tol": 0, "random_state": 1}
    plain = kg.VQClassifier(**options).fit(X, y)
    balanced = kg.VQClassifier(class_weight="balanced", **options).fit(X, y)
    ratio = np.sum(y == 0) / np.sum(y == 1)
    by_hand = kg.VQClassifier(class_weight={1: ratio}, **options).fit(X, y)
    rare = y == 1
    assert np.mean(balanced.predict(X[rare]) == 1) > np.mean(plain.predict(X[rare]) == 1)
    np.testing.assert_allclose(
        by_hand.predict_proba(X), balanced.predict_proba(X), atol=1e-6
    )  # weights differ by a factor only
    weights = np.where(rare, ratio, 1.0)
    weighted = kg.VQClassifier(input_scaling=None, **options).fit(X, y, weights)
    named = kg.VQClassifier(input_scaling=None, class_weight={1: ratio}, **options).fit(X, y)
    np.testing.assert_allclose(weighted.predict_proba(X), named.predict_proba(X), atol=1e-9)


def test_weights_of_classes_are_saved(tmp_path):
    X, y = load_iris(return_X_y=True)
    names = np.array(["a", "b", "c"])[y]
    classifier = kg.VQClassifier(
        n_layers=1, max_iter=2, tol=0, class_weight={"a": 2.0, "c": 0.5}, random_state=1
    )
    classifier.fit(X, names).save(tmp_path / "weighted.json")
    assert kg.load(tmp_path / "weighted.json").class_weight == {"a": 2.0, "c": 0.5}


def test_a_classifier_under_noise(tmp_path):
    X, y = load_iris(return_X_y=True)
    X, y = X[::3, :2], y[::3]
    noise = kg.NoiseModel().add(kg.Channel.depolarizing(0.02))
    options = {"n_layers": 1, "max_iter": 15, "tol": 0, "learning_rate": 0.2, "random_state": 1}
    noisy = kg.VQClassifier(noise=noise, **options).fit(X, y)
    assert noisy.loss_curve_[-1] < 0.8 * noisy.loss_curve_[0]
    noisy.save(tmp_path / "noisy.json")
    again = kg.load(tmp_path / "noisy.json")
    np.testing.assert_array_equal(again.predict_proba(X), noisy.predict_proba(X))
    silent = kg.VQClassifier(noise=kg.NoiseModel(), **options).fit(X, y)
    exact = kg.VQClassifier(**options).fit(X, y)
    np.testing.assert_allclose(silent.predict_proba(X), exact.predict_proba(X), atol=1e-9)


def test_a_regressor_from_shots():
    rng = np.random.default_rng(2)
    X = rng.uniform(-1, 1, (20, 1))
    y = np.sin(2 * X[:, 0])
    options = {"n_layers": 1, "max_iter": 40, "tol": 0, "learning_rate": 0.1, "random_state": 1}
    drawn = kg.VQRegressor(shots=2000, **options).fit(X, y)
    exact = kg.VQRegressor(**options).fit(X, y)
    assert abs(drawn.score(X, y) - exact.score(X, y)) < 0.2
    assert np.abs(drawn.predict(X) - exact.predict(X)).max() < 1.0
    np.testing.assert_array_equal(drawn.predict(X), drawn.predict(X))
    again = kg.VQRegressor(shots=2000, **options).fit(X, y)
    np.testing.assert_array_equal(again.predict(X), drawn.predict(X))


def test_bad_input_is_named():
    X, y = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match=r"has 3 input\(s\); these samples need 4"):
        kg.VQClassifier(model=dressed(3, 3)).fit(X, y)
    with pytest.raises(ValueError, match=r"has 2 output\(s\); these samples need 3"):
        kg.VQClassifier(model=dressed(4, 2)).fit(X, y)
    with pytest.raises(TypeError, match="model"):
        kg.VQClassifier(model="dense").fit(X, y)
    with pytest.raises(ValueError, match="class_weight"):
        kg.VQClassifier(class_weight="even").fit(X, y)
    with pytest.raises(ValueError, match="class_weight"):
        kg.VQClassifier(class_weight={0: -1.0}).fit(X, y)
    with pytest.raises(ValueError, match="noise takes no shots"):
        kg.VQClassifier(noise=kg.NoiseModel(), shots=10).fit(X, y)
    with pytest.raises(ValueError, match="layers of a model have"):
        kg.VQClassifier(model=dressed(4, 3), shots=10).fit(X, y)
    for ignored in ({"scale_inputs": True}, {"n_layers": 2}, {"observables": ["Z0", "Z1", "X0"]}):
        (name,) = ignored
        with pytest.raises(ValueError, match=f"^{name}=.* is of the circuit .* model=<ketgrad"):
            kg.VQClassifier(model=dressed(4, 3), **ignored).fit(X, y)
    with pytest.raises(ValueError, match="shots=0; it must be an integer of at least 1"):
        kg.VQClassifier(shots=0).fit(X, y)
    with pytest.raises(ValueError, match="needs all samples at once"):
        kg.VQClassifier(class_weight="balanced").partial_fit(X, y, classes=[0, 1, 2])
