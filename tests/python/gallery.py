"""Every picture that ketgrad draws, once; `scripts/pictures.sh` makes a page of them to look at.

The tests draw each, too, and see that there is something on it.
"""

import argparse
import html
from collections.abc import Callable
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from sklearn.datasets import load_diabetes, load_iris, make_moons
from sklearn.svm import SVC

import ketgrad as kg
from ketgrad import plots

PICTURES: dict[str, Callable[[], Axes]] = {}


def picture(draw: Callable[[], Axes]) -> Callable[[], Axes]:
    PICTURES[draw.__name__] = draw
    return draw


def some_state() -> kg.Circuit:
    circuit = kg.Circuit(3).h(0).h(1).ry(0.9, 2).cz(0, 1).p(np.pi / 3, 1)
    return circuit.cp(-np.pi / 2, 0, 2).rx(0.7, 1)


@picture
def amplitudes() -> Axes:
    return plots.state_bars(some_state())


@picture
def many_amplitudes() -> Axes:
    circuit = kg.hardware_efficient(8, 2)
    weights = np.random.default_rng(0).normal(size=len(circuit.parameters))
    return plots.state_bars(circuit.state(dict(zip(circuit.parameters, weights, strict=True))))


@picture
def density_matrix() -> Axes:
    return plots.state_bars(some_state().channel(kg.Channel.depolarizing(0.2), 0).density_matrix())


@picture
def bloch_vector() -> Axes:
    return plots.bloch(kg.Circuit(1).ry(1.0, 0).rz(1.9, 0))


@picture
def bloch_vectors() -> Axes:
    return plots.bloch(kg.Circuit(4).ry(1.0, 0).cx(0, 1).rx(2.3, 2).rz(-2.0, 2).x(3))


@picture
def counts() -> Axes:
    return plots.histogram({"00": 507, "11": 493})


@picture
def counts_side_by_side() -> Axes:
    noisy = {"000": 441, "001": 22, "010": 17, "100": 25, "111": 471, "110": 24}
    return plots.histogram({"ideal": {"000": 497, "111": 503}, "noisy": noisy}, normalized=True)


@picture
def many_counts() -> Axes:
    random = np.random.default_rng(0)
    shots = random.multinomial(20_000, random.dirichlet(np.full(1024, 0.05)))
    return plots.histogram({f"{k:010b}": int(count) for k, count in enumerate(shots) if count})


def every_shape() -> kg.Circuit:
    circuit = kg.Circuit([("a", 1), ("q", 3)], [("c", 2), ("d", 1)])
    circuit.h(0).cx(0, 2).cz(1, 2).ccz(0, 1, 3).cp(np.pi / 128, 0, 3).rzz(np.pi / 7, 1, 2)
    circuit.rzz(kg.Parameter("w[0]"), 0, 3).rxx(3 * np.pi / 4, 1, 2).ryy(0.3, 0, 3).swap(0, 2)
    circuit.pauli_rotation(np.pi / 32, "XZ", [1, 3]).u(0.1, np.pi, -np.pi / 2, 2)
    circuit.unitary(kg.Circuit(2).h(0).cx(0, 1).matrix(), [1, 2], label="Bell")
    circuit.barrier().channel(kg.Channel.depolarizing(0.05), 3).measure(0, 0).measure(2, 1).reset(0)
    circuit.when({1: 1}, kg.Circuit(4).x(3)).measure(3, 2)
    return circuit


def long_circuit() -> kg.Circuit:
    qft = kg.Circuit(5)
    for k in reversed(range(5)):
        qft.h(k)
        for j in reversed(range(k)):
            qft.cp(np.pi / 2 ** (k - j), j, k)
    return qft.swap(0, 4).swap(1, 3).compose(kg.feature_map("zz", 5))


def boxed_circuit() -> kg.Circuit:
    unitary = kg.Circuit(2).rx(0.3, 0).cx(0, 1).t(1)
    readout = kg.Circuit(3, 3).measure([0, 1, 2], [0, 1, 2])
    circuit = kg.Circuit([("psi", 2), ("phase", 3)], [("c", 3)])
    circuit.compose(kg.library.phase_estimation(unitary, 3))
    swapped = kg.Circuit(2).h(0).cz(0, 1)
    circuit.compose(kg.Circuit(2).compose(swapped, label="pair").control([0]), [4, 0, 3])
    return circuit.compose(readout, [2, 3, 4], label="readout")


CIRCUITS = {
    "every_shape": every_shape,
    "long_circuit": long_circuit,
    "boxed_circuit": boxed_circuit,
}


@picture
def circuit() -> Axes:
    return plots.draw_circuit(every_shape())


@picture
def circuit_in_rows() -> Axes:
    return plots.draw_circuit(long_circuit())


@picture
def circuit_of_boxes() -> Axes:
    return plots.draw_circuit(boxed_circuit())


@picture
def circuit_of_open_boxes() -> Axes:
    return plots.draw_circuit(boxed_circuit(), expand=1)


@cache
def moons() -> tuple[np.ndarray, np.ndarray, kg.VQClassifier]:
    X, y = make_moons(120, noise=0.15, random_state=0)
    model = kg.VQClassifier(max_iter=30, tol=0, early_stopping=True, random_state=0)
    return X, y, model.fit(X, y)


@picture
def losses() -> Axes:
    return plots.loss_curve(moons()[2])


@picture
def learning_rates() -> Axes:
    X, y, _ = moons()
    model = kg.make_model(2, n_layers=2)
    model.initialize(seed=0)
    trainer = kg.Trainer(model, batch_size=16, seed=0)
    return plots.learning_rate_curve(trainer.find_learning_rate(X, y))


@picture
def boundary() -> Axes:
    X, y, model = moons()
    return plots.decision_boundary(model, X, y, feature_names=["first", "second"], resolution=80)


@picture
def boundary_of_three_classes() -> Axes:
    data = load_iris(as_frame=True)
    X = data.data[["petal length (cm)", "petal width (cm)"]]
    y = data.target.map(dict(enumerate(data.target_names))).rename("species")
    return plots.decision_boundary(SVC().fit(X, y), X, y, resolution=80)


@picture
def surface() -> Axes:
    X = np.random.default_rng(0).uniform(-2, 2, size=(80, 2))
    y = np.sin(X[:, 0]) * X[:, 1]
    model = kg.VQRegressor(n_layers=3, max_iter=40, tol=0, random_state=0).fit(X, y)
    return plots.decision_boundary(model, X, y, resolution=80, feature_names=["x", "y"])


@picture
def confusion() -> Axes:
    y, predicted = load_iris(return_X_y=True)[1], load_iris(return_X_y=True)[1].copy()
    predicted[::11] = (predicted[::11] + 1) % 3
    names = np.array(["setosa", "versicolor", "virginica"])
    return plots.confusion_matrix(names[y], names[predicted])


@picture
def predictions() -> Axes:
    y = load_diabetes(return_X_y=True)[1][:120]
    return plots.predicted_vs_true(y, y + np.random.default_rng(0).normal(scale=40, size=len(y)))


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Pictures of ketgrad</title><style>
body { font-family: sans-serif; margin: 2em; color: #333 }
figure { display: inline-block; vertical-align: top; margin: 1em }
img { max-width: 100%; border: 1px solid #ddd }
pre { font-family: "DejaVu Sans Mono", monospace; line-height: 1.15; overflow-x: auto }
</style></head><body>
"""


def write_page(folder: Path) -> Path:
    """Write the pictures, and a page that shows them."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [_PAGE]
    for name, make in CIRCUITS.items():
        (folder / f"{name}.svg").write_text(make().svg(), encoding="utf-8")
        parts.append(f"<figure><img src='{name}.svg'><figcaption>{name}, SVG</figcaption></figure>")
        parts.append(f"<pre>{html.escape(make().draw(110))}</pre>")
    for name, draw in PICTURES.items():
        draw().figure.savefig(folder / f"{name}.png", dpi=100)
        plt.close("all")
        parts.append(f"<figure><img src='{name}.png'><figcaption>{name}</figcaption></figure>")
    page = folder / "index.html"
    page.write_text("\n".join([*parts, "</body></html>\n"]), encoding="utf-8")
    return page


if __name__ == "__main__":
    mpl.use("Agg")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("out/pictures"))
    print(write_page(parser.parse_args().folder))
