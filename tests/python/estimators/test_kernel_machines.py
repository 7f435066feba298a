"""Estimators on quantum kernels: scikit-learn's checks, what they reach, whose solvers they are."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_moons
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.utils.estimator_checks import parametrize_with_checks

import ketgrad as kg
from ketgrad import (
    QSVC,
    QSVR,
    QGPClassifier,
    QGPRegressor,
    QKernelRidge,
    QNystroem,
    VQClassifier,
    VQMetricLearner,
)

ESTIMATORS = [QSVC, QSVR, QKernelRidge, QNystroem, QGPClassifier, QGPRegressor]

KERNELS = ["fidelity", "projected"]


# One of the checks compares fits to 1e-7, which takes solvers that go on until they are that close.
@parametrize_with_checks(
    [
        QSVC(tol=1e-9),
        QSVR(tol=1e-9),
        QKernelRidge(),
        QNystroem(),
        QGPClassifier(random_state=0),
        QGPRegressor(random_state=0),
    ]
)
def test_scikit_learn_checks(estimator, check, monkeypatch):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")  # else the check of array API input skips itself
    check(estimator)


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_classifier_learns_iris_with_string_labels(iris, kernel):
    accuracy = cross_val_score(QSVC(kernel=kernel, C=10.0, random_state=0), *iris, cv=3)
    assert accuracy.mean() > 0.9


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(
    "regressor", [QSVR(C=10.0), QKernelRidge(alpha=0.01), QGPRegressor(random_state=0)]
)
def test_regressors_learn_a_wave(sine, kernel, regressor):
    model = clone(regressor).set_params(kernel=kernel, random_state=0).fit(*sine)
    assert model.score(*sine) > 0.9


def test_landmarks_with_a_linear_model_learn_moons(moons):
    X, y = moons
    model = make_pipeline(QNystroem(n_components=20, random_state=0), LogisticRegression(C=100.0))
    assert model.fit(X, y).score(X, y) > 0.9


def test_pipeline_in_a_grid_search_on_two_processes(iris):
    X, y = iris
    pipeline = make_pipeline(StandardScaler(), QSVC(random_state=0))
    grid = {"qsvc__C": [1.0, 10.0], "qsvc__kernel": KERNELS}
    search = GridSearchCV(pipeline, grid, cv=2, n_jobs=2).fit(X[::2], y[::2])
    assert search.best_score_ > 0.8
    assert search.predict(X[:1])[0] == "setosa"


def kernels_of(model, X):
    prog = kg.compile(model.circuit_, inputs="x")
    angles = model._angles(X)
    if model.kernel == "fidelity":
        return kg.fidelity_kernel(prog, angles, weights=model.weights_)
    return kg.projected_kernel(prog, angles, weights=model.weights_, gamma=model.gamma_)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_classifier_is_an_svc(iris, kernel, n_classes):
    X, y = (part[: 50 * n_classes] for part in iris)
    model = QSVC(kernel=kernel, C=0.3, random_state=1).fit(X, y)
    K = kernels_of(model, X)
    svc = SVC(kernel="precomputed", C=0.3, break_ties=True).fit(K, y)
    np.testing.assert_allclose(model.decision_function(X), svc.decision_function(K), atol=1e-9)
    np.testing.assert_array_equal(model.predict(X), svc.predict(K))


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("cls", [VQClassifier, QSVC, QGPClassifier, VQMetricLearner])
def test_scores_and_predictions_of_classifiers_agree(iris, cls, n_classes):
    X, y = (part[: 50 * n_classes : 3] for part in iris)
    steps = {VQClassifier: {"max_iter": 10, "tol": 0}, VQMetricLearner: {"n_steps": 10}}
    model = cls(random_state=0, **steps.get(cls, {})).fit(X, y)
    scores = model.decision_function(X)
    assert scores.shape == ((len(X),) if n_classes == 2 else (len(X), n_classes))
    best = (scores > 0).astype(int) if n_classes == 2 else scores.argmax(axis=1)
    np.testing.assert_array_equal(model.predict(X), model.classes_[best])
    if hasattr(model, "predict_proba"):
        np.testing.assert_array_equal(model.predict_proba(X).argmax(axis=1), best)


def test_regressors_are_those_of_scikit_learn(sine):
    X, y = sine
    for model, solver in [
        (QSVR(C=2.0, epsilon=0.01), SVR(kernel="precomputed", C=2.0, epsilon=0.01)),
        (QKernelRidge(alpha=0.1), KernelRidge(kernel="precomputed", alpha=0.1)),
    ]:
        model.set_params(random_state=1).fit(X, y)
        K = kernels_of(model, X)
        np.testing.assert_allclose(model.predict(X), solver.fit(K, y).predict(K), atol=1e-9)


def test_all_landmarks_give_the_kernel_back(moons):
    X = moons[0][:30]
    model = QNystroem(n_components=50, random_state=0)
    Z = model.fit_transform(X)
    assert Z.shape == (30, 30)
    np.testing.assert_allclose(Z @ Z.T, kernels_of(model, X), atol=1e-6)
    few = clone(model).set_params(n_components=12).fit(X)
    assert few.transform(X).shape == (30, 12)
    assert list(few.get_feature_names_out())[:2] == ["qnystroem0", "qnystroem1"]
    error = few.transform(X) @ few.transform(X).T - kernels_of(few, X)
    assert np.abs(error).mean() < 0.1


@pytest.mark.parametrize("cls", [QSVC, QSVR, QKernelRidge])
def test_alignment_trains_the_weights(moons, cls):
    X, y = moons
    plain, aligned = (cls(random_state=0, alignment_steps=steps).fit(X, y) for steps in (0, 20))
    target = kg.target_kernel(y)
    before, after = (
        kg.kernel_target_alignment(kernels_of(model, X), target) for model in (plain, aligned)
    )
    assert after > before + 0.05
    again = clone(aligned).fit(X, y)
    np.testing.assert_array_equal(again.weights_, aligned.weights_)


def test_alignment_of_many_samples_sees_parts():
    X, y = make_moons(200, noise=0.1, random_state=0)
    plain, aligned = (QSVC(random_state=0, alignment_steps=n).fit(X, y) for n in (0, 20))
    target = kg.target_kernel(y)
    before, after = (
        kg.kernel_target_alignment(kernels_of(model, X), target) for model in (plain, aligned)
    )
    assert after > before


def test_targets_that_overflow_are_refused():
    X, y = np.random.default_rng(0).normal(size=(6, 2)), np.array([1.7e308, -1.7e308] * 3)
    model = QKernelRidge(n_layers=1)
    with pytest.raises(ValueError, match=r"^dual_coef_ is not finite: .* from -1.7e\+308 to 1.7e"):
        model.fit(X, y)
    model.fit(X, y / 1e8)
    assert np.isfinite(model.predict(X)).all()
