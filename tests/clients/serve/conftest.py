"""Models of several kinds, saved, and servers of them."""

import numpy as np
import pandas as pd
import pytest
from serving import TOKEN, serving
from sklearn.datasets import load_iris

import ketgrad as kg
from ketgrad.__main__ import main

TRAINING = {"max_iter": 3, "tol": 0, "random_state": 0}


@pytest.fixture(scope="session")
def iris():
    """150 samples of 4 features with names."""
    data = load_iris()
    names = [name.split(" (")[0] for name in data.feature_names]
    return pd.DataFrame(data.data, columns=names), data.target_names[data.target]


@pytest.fixture(scope="session")
def models(tmp_path_factory, iris):
    """Files of named and nameless features, of categories and gaps, of classes and numbers."""
    folder = tmp_path_factory.mktemp("models")
    X, y = iris
    kg.VQClassifier(**TRAINING).fit(X, y).save(folder / "flowers.json")
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(40, 3))
    kg.VQRegressor(**TRAINING).fit(Z, Z[:, 0]).save(folder / "numbers.json")
    kg.QSVC().fit(Z, Z[:, 0] > 0).save(folder / "kernel.json")
    labels = np.stack([Z[:, 0] > 0, Z[:, 1] > 0], axis=1).astype(int)
    kg.VQClassifier(**TRAINING).fit(Z, labels).save(folder / "labels.json")
    kg.VQRegressor(feature_map="amplitude", **TRAINING).fit(Z, Z[:, 0]).save(folder / "states.json")
    kg.QNystroem(n_components=4, random_state=0).fit(Z).save(folder / "features.json")
    rows = pd.DataFrame({"size": Z[:, 0], "colour": rng.choice(["red", "blue"], 40), "y": Z[:, 1]})
    rows.loc[3, "size"] = None
    rows.to_csv(folder / "rows.csv", index=False)
    command = ["train", str(folder / "rows.csv"), "--target", "y", "--missing", "indicate"]
    options = ["--epochs", "3", "--no-plots", "--output", str(folder / "trained")]
    assert main([*command, *options]) == 0
    (folder / "trained" / "model.json").rename(folder / "houses.json")
    return folder


@pytest.fixture(scope="session")
def flowers(models):
    """Serve classes by named features."""
    with serving(models / "flowers.json") as server:
        yield server


@pytest.fixture(scope="session")
def houses(models):
    """Serve numbers by categories and gaps."""
    with serving(models / "houses.json") as server:
        yield server


@pytest.fixture(scope="session")
def guarded(models):
    """Serve numbers of nameless features with a token, means for missing values, small limits."""
    options = ["--missing", "mean", "--max-bytes", "2000", "--max-rows", "20", "--quiet"]
    with serving(models / "numbers.json", *options, token=TOKEN) as server:
        yield server
