"""Train a quantum classifier on two half moons, save it, load it.

Run with: python train_classifier.py
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

import ketgrad as kg


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--max-iter", type=int, default=60, help="epochs")
    arguments = parser.parse_args(argv)

    X, y = make_moons(300, noise=0.15, random_state=0)
    labels = np.array(["upper", "lower"])[y]  # class labels may be anything
    X_train, X_test, y_train, y_test = train_test_split(X, labels, random_state=0)

    # Features become rotation angles before every layer, so the model is a Fourier series in them;
    # trainable factors on the features choose its frequencies.
    classifier = kg.VQClassifier(
        feature_map="angle",
        ansatz="strongly_entangling",
        n_layers=4,
        scale_inputs=True,
        max_iter=arguments.max_iter,
        tol=0,  # just so many
        random_state=0,
    ).fit(X_train, y_train)
    accuracy = classifier.score(X_test, y_test)
    print(f"accuracy on {len(X_test)} new samples: {accuracy:.3f}")
    assert accuracy >= 0.9

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "moons.json"
        classifier.save(path)
        loaded = kg.load(path)
    assert np.array_equal(loaded.predict_proba(X_test), classifier.predict_proba(X_test))
    print("the loaded classifier predicts exactly the same")


if __name__ == "__main__":
    main()
