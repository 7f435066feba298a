"""Draw what a quantum classifier has learned: its decision boundary and its loss curve.

Run with: python decision_boundary.py --output boundary.png
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
from sklearn.datasets import make_circles
from sklearn.preprocessing import StandardScaler

import ketgrad as kg


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("boundary.png"), help="the picture")
    parser.add_argument("--max-iter", type=int, default=60, help="epochs")
    arguments = parser.parse_args(argv)

    X, y = make_circles(200, noise=0.08, factor=0.45, random_state=0)
    X = StandardScaler().fit_transform(X)
    classifier = kg.VQClassifier(
        n_layers=3, max_iter=arguments.max_iter, tol=0, random_state=0
    ).fit(X, y)

    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.5), layout="constrained")
    kg.plots.decision_boundary(classifier, X, y, ax=left)
    kg.plots.loss_curve(classifier, ax=right)
    figure.savefig(arguments.output, dpi=150)
    plt.close(figure)

    accuracy = classifier.score(X, y)
    print(f"{arguments.output}: accuracy {accuracy:.3f}")
    assert accuracy >= 0.95
    assert arguments.output.stat().st_size > 10_000


if __name__ == "__main__":
    main()
