"""Weights of samples, of estimators of every kind."""

import numpy as np
import pytest
from sklearn.base import clone

from ketgrad import QSVC, QSVR, VQRegressor
from small_classifiers import small


@pytest.mark.parametrize("batch_size", ["auto", 16])
def test_weight_zero_is_absence(moons, batch_size):
    X, y = moons
    weight = np.arange(len(y)) % 2
    kept = weight > 0
    weighted = small(batch_size=batch_size).fit(X, y, sample_weight=weight)
    removed = small(batch_size=batch_size).fit(X[kept], y[kept])
    np.testing.assert_allclose(weighted.predict_proba(X), removed.predict_proba(X))


def test_regressor_weights_are_repetitions(wave):
    X, y = wave
    weight = np.arange(len(y)) % 3
    model = VQRegressor(max_iter=10, tol=0, random_state=0)
    weighted = clone(model).fit(X, y, sample_weight=weight).predict(X)
    repeated = clone(model).fit(X.repeat(weight, axis=0), y.repeat(weight)).predict(X)
    np.testing.assert_allclose(weighted, repeated)


@pytest.mark.parametrize("model", [small(), VQRegressor(max_iter=5, tol=0.0), QSVC(), QSVR()])
@pytest.mark.parametrize("container", [list, np.asarray])
def test_a_number_is_the_weight_of_all_samples(moons, model, container):
    X, y = (container(part.tolist()) for part in moons)
    weighted = clone(model).set_params(random_state=0).fit(X, y, sample_weight=2.0)
    listed = clone(model).set_params(random_state=0).fit(X, y, sample_weight=[2.0] * 80)
    np.testing.assert_array_equal(weighted.predict(X), listed.predict(X))
    assert weighted.score(X, y, sample_weight=2.0) == pytest.approx(weighted.score(X, y))
    with pytest.raises(ValueError, match="sample_weight"):
        weighted.score(X, y, sample_weight=[1.0, 2.0])


@pytest.mark.parametrize("weight", [-1.0, np.nan])
def test_bad_weights_are_refused(moons, weight):
    X, y = moons
    with pytest.raises(ValueError, match=r"[Nn]egative|NaN"):
        small().fit(X, y, sample_weight=np.full(len(y), weight))
