"""Several targets, several labels, losses of one's own, and probabilities of kernel machines."""

import pickle
import re

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_moons, make_multilabel_classification
from sklearn.neural_network import MLPClassifier

import ketgrad as kg
from ketgrad import QSVC, VQClassifier, VQRegressor
from small_classifiers import small


@pytest.fixture(scope="module")
def waves():
    X = np.random.default_rng(0).uniform(-2, 2, size=(80, 2))
    return X, np.column_stack([np.sin(X[:, 0]), 1e3 + 50 * np.cos(X[:, 1])])


@pytest.fixture(scope="module")
def labelled():
    return make_multilabel_classification(120, 6, n_classes=3, n_labels=2, random_state=0)


def squared(outputs, targets):
    difference = outputs - targets
    return float(np.sum(difference**2)) / len(outputs), 2 * difference / len(outputs)


def test_a_regressor_of_two_targets(waves, tmp_path):
    X, y = waves
    regressor = VQRegressor(dressed="auto", random_state=0).fit(X, y)
    assert regressor.score(X, y) > 0.9
    assert regressor.predict(X).shape == y.shape
    assert regressor.target_scale_.shape == (2,)
    regressor.save(tmp_path / "two.json")
    for again in (kg.load(tmp_path / "two.json"), pickle.loads(pickle.dumps(regressor))):
        np.testing.assert_array_equal(again.predict(X), regressor.predict(X))
    with pytest.raises(ValueError, match=r"y has 1 target\(s\); the first fit had 2"):
        regressor.set_params(warm_start=True).fit(X, y[:, 0])


@pytest.mark.parametrize("loss", ["huber", squared])
def test_losses_of_a_regressor(waves, loss):
    X, y = waves
    options = {"dressed": True, "max_iter": 60, "tol": 0, "random_state": 0}
    assert VQRegressor(loss=loss, **options).fit(X, y).score(X, y) > 0.8


def test_a_loss_of_ones_own_takes_the_steps_of_the_named_one(waves, tmp_path):
    X, y = waves
    options = {"max_iter": 5, "tol": 0, "random_state": 0}
    own = VQRegressor(loss=squared, **options).fit(X, y[:, 0])
    named = VQRegressor(loss="squared", **options).fit(X, y[:, 0])
    np.testing.assert_allclose(own.predict(X), named.predict(X), rtol=0.2)
    with pytest.raises(ValueError, match="takes steps, not COBYLA"):
        VQRegressor(loss=squared, optimizer="COBYLA", **options).fit(X, y)
    with pytest.raises(TypeError, match=r"^loss="):
        VQClassifier(loss=squared).fit(X, X[:, 0] > 0)
    with pytest.raises(ValueError, match="no JSON form"):
        own.save(tmp_path / "own.json")


def test_a_loss_of_ones_own_sees_the_sample_weights(waves):
    X, y = waves
    weights = np.linspace(1, 2, len(X))
    seen = []

    def weighted(outputs, targets, weight):
        seen.extend(weight)
        return squared(outputs, targets)

    VQRegressor(loss=weighted, max_iter=1, tol=0, random_state=0).fit(X, y, weights)
    np.testing.assert_allclose(np.sort(seen) / np.mean(seen), weights / weights.mean())
    with pytest.raises(TypeError, match="third argument"):
        VQRegressor(loss=squared, random_state=0).fit(X, y, weights)


def test_several_labels_a_sample(labelled, tmp_path):
    X, y = labelled
    classifier = VQClassifier(random_state=0).fit(X, y)
    mlp = MLPClassifier(max_iter=3000, random_state=0).fit(X, y)
    assert classifier.score(X, y) > 0.7  # all labels right
    probabilities = classifier.predict_proba(X)
    assert probabilities.shape == mlp.predict_proba(X).shape
    np.testing.assert_array_equal(classifier.classes_, mlp.classes_)
    np.testing.assert_array_equal(classifier.predict(X), probabilities > 0.5)
    classifier.save(tmp_path / "labels.json")
    again = kg.load(tmp_path / "labels.json")
    np.testing.assert_array_equal(again.predict_proba(X), probabilities)
    two = small().fit(X, y[:, :2])
    assert two.predict(X).shape == two.predict_proba(X).shape == (len(X), 2)
    online = small().partial_fit(X, y, classes=[0, 1, 2])
    assert online.partial_fit(X, y).predict(X).shape == y.shape


def test_what_several_labels_cannot_have_is_named(labelled):
    X, y = labelled
    for params, message in (
        ({"loss": "hinge"}, "loss='hinge'; for several labels a sample"),
        ({"class_weight": "balanced"}, "is for one class a sample"),
    ):
        with pytest.raises(ValueError, match=message):
            small(**params).fit(X, y)
    with pytest.raises(ValueError, match="must have zeros and ones"):
        small().fit(X, 2 * y + np.arange(3))
    with pytest.raises(ValueError, match=r"they are 0 to 2"):
        small().partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match=r"y has shape \(120, 2\); the first fit had 3 column"):
        small(warm_start=True).fit(X, y).fit(X, y[:, :2])


def test_a_kernel_machine_is_calibrated_as_scikit_learn_s_is(iris):
    X, y = iris
    calibrated = CalibratedClassifierCV(QSVC(random_state=0), ensemble=False).fit(X, y)
    probabilities = calibrated.predict_proba(X)
    assert probabilities.shape == (150, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert calibrated.score(X, y) > 0.9


def test_a_kernel_of_many_features_tells_them_apart():
    X = np.random.default_rng(0).normal(size=(60, 16))
    y = X[:, 0] > X[:, 8]  # of one qubit, by angles about one axis
    assert QSVC(C=100.0, random_state=0).fit(X, y).score(X, y) == 1.0


def test_a_model_of_ones_own_is_not_dressed(waves):
    X, y = waves
    with pytest.raises(ValueError, match="dressed=True does not go with model="):
        VQRegressor(dressed=True, model=kg.layers.Dense(2, 1)).fit(X, y[:, 0])


def test_a_file_of_labels_has_their_numbers(tmp_path):
    X, y = make_moons(30, random_state=0)
    path = tmp_path / "model.json"
    VQClassifier(max_iter=1, tol=0).fit(X, y + 1).save(path)
    text = path.read_text()
    path.write_text(re.sub(r'"multilabel": ?false', '"multilabel": true', text))
    assert path.read_text() != text
    with pytest.raises(ValueError, match=r"the classes are \[1, 2\]; they must be 0 to 1"):
        kg.load(path)
