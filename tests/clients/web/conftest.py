"""A browser, saved models of several kinds with pages of them, and the playground."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from browser import chromium
from sklearn.datasets import load_digits, load_iris

import ketgrad as kg
from ketgrad.__main__ import main

ROOT = Path(__file__).parents[3]
TRAINING = {"max_iter": 3, "tol": 0, "random_state": 0}


@pytest.fixture(scope="session")
def page():
    """Return a browser, in which one page after the other is opened."""
    with chromium() as shown:
        yield shown


@pytest.fixture(scope="session")
def playground(tmp_path_factory):
    """Write the playground as scripts/web.sh does."""
    path = tmp_path_factory.mktemp("playground") / "playground.html"
    subprocess.run([sys.executable, ROOT / "examples/web/make.py", path], check=True)
    return path


def _estimators():
    """Yield names, estimators, and samples to fit them to."""
    iris = load_iris()
    names = [name.split(" (")[0] for name in iris.feature_names]
    flowers = pd.DataFrame(iris.data, columns=names), iris.target_names[iris.target]
    yield "flowers", kg.VQClassifier(**TRAINING), *flowers
    yield "one_a_class", kg.VQClassifier(dressed=False, **TRAINING), *flowers
    X, digits = load_digits(return_X_y=True)
    yield "digits", kg.VQClassifier(max_iter=2, tol=0, random_state=0), X[:200], digits[:200]
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(40, 3)) * [1, 1e6, 1e-3]
    above = Z[:, 0] > 0
    yield "two_classes", kg.VQClassifier(n_layers=2, reupload=True, **TRAINING), Z, above
    yield "squared", kg.VQClassifier(loss="squared", **TRAINING), Z, rng.integers(0, 3, 40)
    yield "hinge", kg.VQClassifier(loss="hinge", **TRAINING), Z, above
    labels = np.stack([above, Z[:, 1] > 0], axis=1).astype(int)
    yield "labels", kg.VQClassifier(**TRAINING), Z, labels
    yield "numbers", kg.VQRegressor(**TRAINING), Z, 1e3 * Z[:, 0]
    yield "targets", kg.VQRegressor(**TRAINING), Z, Z[:, :2] * [1.0, 3.0]
    yield "amplitudes", kg.VQRegressor(feature_map="amplitude", **TRAINING), Z, Z[:, 0]
    yield "unscaled", kg.VQClassifier(input_scaling=None, **TRAINING), Z[:, :1], above
    yield "single", kg.VQClassifier(precision="single", **TRAINING), Z, above
    x = kg.ParameterVector("x", 2)
    w = kg.ParameterVector("w", 2)
    circuit = kg.Circuit(2).ry(x, range(2)).cx(0, 1).ry(w, range(2))
    layers = kg.layers.Chain(
        [
            kg.layers.Dense(3, 2),
            kg.layers.Activation("tanh", 2),
            kg.layers.CircuitLayer(kg.compile(circuit, ["Z0", "Z1"], inputs=x)),
            kg.layers.Dense(2, 1),
        ]
    )
    yield "layers", kg.VQClassifier(model=layers, **TRAINING), Z, above


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """Save models of several kinds; returns their folder and samples by name."""
    folder = tmp_path_factory.mktemp("models")
    samples = {}
    for name, estimator, X, y in _estimators():
        estimator.fit(X, y).save(folder / f"{name}.json")
        samples[name] = X[:30]
    rng = np.random.default_rng(1)
    colours = rng.choice(["red", "green", "blue"], 40)
    rows = pd.DataFrame({"size": rng.normal(size=40), "colour": colours})
    rows["y"] = rows["size"] + (colours == "red")
    rows.loc[3, "size"] = None
    rows.to_csv(folder / "rows.csv", index=False)
    command = ["train", str(folder / "rows.csv"), "--target", "y", "--missing", "indicate"]
    options = ["--epochs", "3", "--no-plots", "--output", str(folder / "trained")]
    assert main([*command, *options]) == 0
    (folder / "trained" / "model.json").rename(folder / "houses.json")
    return folder, samples


@pytest.fixture(scope="session")
def exported(models, tmp_path_factory):
    """Return a function that writes the page of a model, by name, as the command does."""
    folder, _ = models
    pages = tmp_path_factory.mktemp("pages")

    def export(name):
        path = pages / f"{name}.html"
        if not path.exists():
            title = f"{name} <of iris>" if name == "flowers" else name
            command = ["export", str(folder / f"{name}.json"), "--html", str(path)]
            assert main([*command, "--title", title]) == 0
        return path

    return export
