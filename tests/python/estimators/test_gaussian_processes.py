"""Gaussian processes on quantum kernels: those of scikit-learn on the same kernel; gradients."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import Kernel

from ketgrad import QGPClassifier, QGPRegressor
from ketgrad.estimators.base import ScaledEstimator

KERNELS = ["fidelity", "projected"]
PROCESSES = [QGPClassifier, QGPRegressor]


class OfSamples(Kernel):
    """A kernel matrix as a kernel of the numbers of its rows."""

    def __init__(self, matrix):
        self.matrix = matrix

    def __call__(self, X, Y=None, eval_gradient=False):
        out = self.matrix[np.ix_(X[:, 0], (X if Y is None else Y)[:, 0])].copy()
        return (out, np.empty((*out.shape, 0))) if eval_gradient else out

    def diag(self, X):
        return np.diag(self.matrix)[X[:, 0]]

    def is_stationary(self):
        return False


@pytest.fixture(scope="module")
def noisy():
    rng = np.random.default_rng(1)
    X = rng.uniform(-3, 3, size=(60, 1))
    return X, 5 + 2 * np.sin(2 * X[:, 0]) + rng.normal(0, 0.2, 60)


def data_of(cls, noisy, moons):
    X, y = noisy if cls is QGPRegressor else moons
    return X[::2], y[::2]


def kernel_of(model, X, others=None):
    angles = model._angles(X)
    return model.variance_ * model._kernel(
        angles, None if others is None else model._angles(others)
    )


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_regressor_is_that_of_scikit_learn(noisy, kernel):
    X, y = noisy
    model = QGPRegressor(kernel=kernel, random_state=0).fit(X[::2], y[::2])
    rows = np.arange(len(X))[:, None]
    other = GaussianProcessRegressor(
        OfSamples(kernel_of(model, X)), alpha=model.noise_, optimizer=None, normalize_y=True
    ).fit(rows[::2], y[::2])
    mean, std = model.predict(X, return_std=True)
    expected, function_std = other.predict(rows, return_std=True)
    np.testing.assert_allclose(mean, expected, atol=1e-6)
    np.testing.assert_allclose(model.predict(X), mean)
    noise = model.noise_ * model.target_scale_**2
    np.testing.assert_allclose(std**2, function_std**2 + noise, atol=1e-6)
    np.testing.assert_allclose(
        model.log_marginal_likelihood_, other.log_marginal_likelihood_value_, atol=1e-6
    )


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_classifier_is_that_of_scikit_learn(moons, kernel):
    X, y = moons
    model = QGPClassifier(kernel=kernel, random_state=0).fit(X[::2], y[::2])
    rows = np.arange(len(X))[:, None]
    other = GaussianProcessClassifier(OfSamples(kernel_of(model, X)), optimizer=None)
    other.fit(rows[::2], y[::2])
    np.testing.assert_allclose(
        model.log_marginal_likelihood_, other.log_marginal_likelihood(), atol=1e-6
    )
    # Theirs replaces the logistic function by five error functions.
    np.testing.assert_allclose(model.predict_proba(X), other.predict_proba(rows), atol=2e-3)
    np.testing.assert_array_equal(model.predict(X), other.predict(rows))


@pytest.mark.parametrize("variance", [0.1, 20.0, 1000.0])
def test_probabilities_are_averages_over_the_function(moons, variance):
    X, y = moons
    model = QGPClassifier(variance=variance, tuning_steps=0, random_state=0).fit(X[::4], y[::4])
    (mean,), (variance,) = model._functions(X[:5])
    exact = [
        quad(
            lambda f, m=m, s=s: expit(f) * norm.pdf(f, m, s),
            m - 9 * s,
            m + 9 * s,
            points=[0.0],
            limit=200,
        )[0]
        for m, s in zip(mean, np.sqrt(variance), strict=True)
    ]
    np.testing.assert_allclose(model.predict_proba(X[:5])[:, 1], exact, atol=1e-8)
    odds = model.decision_function(X)
    np.testing.assert_allclose(expit(odds), model.predict_proba(X)[:, 1])


def test_several_classes_are_told_apart_one_against_the_rest(iris):
    X, y = iris
    model = QGPClassifier(random_state=0).fit(X[::3], y[::3])
    assert model.dual_coef_.shape == (3, 50)
    assert model.score(X, y) > 0.93
    probabilities = model.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(model.classes_[probabilities.argmax(axis=1)], model.predict(X))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("cls", PROCESSES)
def test_the_gradient_is_that_of_the_evidence(noisy, moons, cls, kernel, weighted):
    X, y = data_of(cls, noisy, moons)
    model = cls(kernel=kernel, tuning_steps=0, random_state=0, n_layers=1).fit(X, y)
    weight = 1.0 + (np.arange(len(y)) % 3 if weighted else np.zeros(len(y)))
    names = [*model._tuned, *(["gamma"] if kernel == "projected" else [])]
    start = np.log([getattr(model, f"{name}_") for name in names])
    at = np.append(start, model.weights_)
    model.train_weights = True

    def evidence(values):
        model._take(names, values)
        angles = ScaledEstimator._angles(model, X)
        return model._evidence_and_gradient(names, angles, y, weight)

    steps = 1e-5 * np.eye(len(at))
    slopes = [(evidence(at + step)[0] - evidence(at - step)[0]) / 2e-5 for step in steps]
    np.testing.assert_allclose(evidence(at)[1], slopes, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("cls", PROCESSES)
def test_the_search_finds_likelier_numbers(noisy, moons, cls):
    X, y = data_of(cls, noisy, moons)
    options = [
        {"tuning_steps": 0},
        {},
        {"n_restarts": 2},
        {"n_restarts": 2, "train_weights": True},
    ]
    found = [cls(random_state=0, **some).fit(X, y).log_marginal_likelihood_ for some in options]
    assert found[0] < found[1] <= found[2] + 1e-6
    assert found[2] < found[3]


@pytest.mark.parametrize("cls", PROCESSES)
@pytest.mark.parametrize("train_weights", [False, True])
def test_a_search_that_is_cut_short_warns(noisy, moons, cls, train_weights):
    X, y = data_of(cls, noisy, moons)
    model = cls(tuning_steps=1, train_weights=train_weights, random_state=0)
    with pytest.warns(ConvergenceWarning, match="tuning_steps=1 steps; raise tuning_steps") as seen:
        model.fit(X, y)
    assert [warning.filename for warning in seen] == [__file__]
    model.set_params(tuning_steps=0).fit(X, y)  # nothing is searched for


def test_error_bars_are_as_wide_as_errors(noisy):
    X, y = noisy
    model = QGPRegressor(random_state=0).fit(X[::2], y[::2])
    mean, std = model.predict(X[1::2], return_std=True)
    assert 0.1 < model.target_scale_ * np.sqrt(model.noise_) < 0.3  # noise of 0.2
    assert 0.6 < np.sqrt(np.mean(((y[1::2] - mean) / std) ** 2)) < 1.5


@pytest.mark.parametrize("cls", PROCESSES)
def test_a_weight_is_how_often_a_sample_is_there(noisy, moons, cls):
    X, y = data_of(cls, noisy, moons)
    weight = np.arange(len(y)) % 3
    weighted = cls(random_state=0).fit(X, y, weight)
    repeated = cls(random_state=0).fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    for name in ("log_marginal_likelihood_", "bandwidth_"):
        np.testing.assert_allclose(
            getattr(weighted, name), getattr(repeated, name), rtol=1e-3, atol=1e-3
        )
    np.testing.assert_allclose(weighted._functions(X), repeated._functions(X), atol=1e-2)


def test_noise_that_rounding_hides_is_refused():
    X = 1e-3 * np.arange(20.0)[:, None]
    with pytest.raises(ValueError, match=r"noise=1e-30 is too small beside variance=1.0: rounding"):
        QGPRegressor(noise=1e-30, tuning_steps=0, input_scaling=None).fit(X, X[:, 0])


@pytest.mark.parametrize("cls", PROCESSES)
@pytest.mark.parametrize(("weight", "shown"), [(1e300, r"1e\+300"), (1e-320, "9.99989e-321")])
def test_weights_beyond_rounding_are_named(cls, weight, shown):
    X, y = np.arange(4.0)[:, None], [0, 1, 0, 1]
    message = rf"sample 2 has sample_weight={shown}; it must be 0 or from 1e-100 to 1e\+15"
    with pytest.raises(ValueError, match=message):
        cls().fit(X, y, sample_weight=[1, 0, weight, 1])


def test_noise_that_weights_make_small_is_named_with_them():
    X = np.random.default_rng(0).normal(size=(20, 1))
    regressor = QGPRegressor(tuning_steps=0)
    with pytest.raises(ValueError, match=r"noise=0.1 for sample_weight=1e\+15 is too small beside"):
        regressor.fit(X, X[:, 0], sample_weight=1e15)


def test_samples_that_are_all_alike_give_the_mean_back():
    model = QGPRegressor(random_state=0).fit(np.ones((6, 2)), np.arange(6.0))
    np.testing.assert_allclose(model.predict([[1.0, 1.0]]), 2.5, atol=1e-6)
