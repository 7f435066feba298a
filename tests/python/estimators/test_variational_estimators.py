"""Variational estimators: scikit-learn's checks, what the defaults reach, pipelines, searches."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from ketgrad import VQClassifier, VQRegressor
from small_classifiers import small, two_qubit_layer, two_qubit_map


# The checks ask for 5 epochs, in which nothing converges.
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks([VQClassifier(), VQRegressor()])
def test_scikit_learn_checks(estimator, check, monkeypatch):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")  # else the check of array API input skips itself
    check(estimator)


def test_defaults_learn_iris_with_string_labels(iris):
    X, y = iris
    accuracy = cross_val_score(VQClassifier(random_state=0), X, y, cv=3)
    assert accuracy.mean() > 0.93


def test_defaults_learn_moons(moons):
    assert VQClassifier(random_state=0).fit(*moons).score(*moons) > 0.93


def test_regressor_copes_with_targets_of_any_scale(wave):
    assert VQRegressor(random_state=0).fit(*wave).score(*wave) > 0.95


@pytest.mark.parametrize("scale", [1e-290, 1e-160, 1e-9, 1e9, 1e160, 1e300])
def test_features_of_any_scale_give_the_same_model(moons, scale):
    X, y = moons
    expected = small().fit(X, y).predict_proba(X)
    np.testing.assert_allclose(small().fit(scale * X, y).predict_proba(scale * X), expected)


def test_features_at_the_limits_of_numbers_are_told_apart():
    largest, least = np.finfo(np.float64).max, np.finfo(np.float64).smallest_subnormal
    wide = largest / 32  # scikit-learn sums what it gets
    y = np.array([0, 1] * 10)
    for low, high in [(-wide, wide), (0.0, least), (1e200, 3e200), (-1e-200, 1e-200)]:
        X = np.where(y == 0, low, high)[:, None]
        model = small(max_iter=40).fit(X, y)
        assert model.score(X, y) == 1.0
        assert np.isfinite(model.input_scale_).all()
        assert np.isfinite(model.predict_proba([[largest], [-largest], [0.0]])).all()
    y = np.array([1e300, 3e300] * 10)
    regressor = VQRegressor(max_iter=60, tol=0, n_layers=1, random_state=0).fit(X, y)
    np.testing.assert_allclose(regressor.predict(X), y, rtol=0.1)


def test_outliers_stay_on_their_side(moons):
    X, y = moons
    model = small().fit(X, y)
    far, further = model.predict_proba([[1e3, 0.0], [1e6, 0.0]])
    np.testing.assert_array_equal(far, further)
    assert not np.allclose(far, model.predict_proba([[-1e6, 0.0]]))


def test_input_scaling_can_be_switched_off(moons):
    X, y = moons
    model = small(input_scaling=None).fit(X, y)
    np.testing.assert_array_equal(model.decision_function(X), model.model_.outputs(X)[:, 0])


def test_pipeline_in_a_grid_search_on_two_processes(iris):
    X, y = iris
    pipeline = make_pipeline(StandardScaler(), small(max_iter=15, learning_rate=0.2))
    search = GridSearchCV(pipeline, {"vqclassifier__n_layers": [1, 2]}, cv=2, n_jobs=2)
    search.fit(X[::2], y[::2])
    assert search.best_score_ > 0.8
    assert search.predict(X[:1])[0] == "setosa"


def test_parameters_that_are_circuits_clone_pickle_and_print(moons):
    model = small(feature_map=two_qubit_map(), ansatz=two_qubit_layer())
    assert "Circuit" in repr(model)
    fitted = clone(model).fit(*moons)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(moons[0]), fitted.predict_proba(moons[0]))


def test_seeds_reproduce(moons):
    X, y = moons
    first, again, other = (small(random_state=s, batch_size=8).fit(X, y) for s in (1, 1, 2))
    np.testing.assert_array_equal(first.predict_proba(X), again.predict_proba(X))
    assert not np.allclose(first.predict_proba(X), other.predict_proba(X))


def test_data_frames_are_checked_by_name():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [0.0, 1.0, 0.1, 0.9], "b": [1.0, 0.0, 0.8, 0.2]})
    model = small().fit(frame, [0, 1, 0, 1])
    assert model.feature_names_in_.tolist() == ["a", "b"]
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[["b", "a"]])
