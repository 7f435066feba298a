"""Data for estimators."""

import numpy as np
import pytest
from sklearn.datasets import load_iris, make_moons


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return X, np.array(["setosa", "versicolor", "virginica"])[y]


@pytest.fixture(scope="module")
def moons():
    return make_moons(80, noise=0.1, random_state=0)


@pytest.fixture(scope="module")
def wave():
    X = np.random.default_rng(0).uniform(-3, 3, size=(80, 1))
    return X, 1e6 + 1e3 * np.sin(X[:, 0])


@pytest.fixture(scope="module")
def sine():
    X = np.random.default_rng(0).uniform(-3, 3, size=(80, 1))
    return X, np.sin(X[:, 0])
