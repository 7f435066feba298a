"""A quantum kernel that is trained before the classifier: its alignment with the labels.

Two samples shall be alike where their labels are. How far a kernel has come is its alignment, a
cosine between the matrix of the kernel and that of the labels, and gradients raise it. What it is
good for shows afterwards: how wide a margin a support vector machine finds, and its accuracy. Here
it learns a wave along the diagonal, whose stripes run through the tiles of either colour.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVC

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.pictures import COLORS

QUBITS, LAYERS, TILES = 5, 8, 4
SAMPLES = 60  # to train with, and as many to test
STARTS = 3  # random weights, of which the worst are trained
STEPS, BATCH, RATE = 1000, 4, 2.0
BANDWIDTHS = (0.5, 1.0, 2.0, 4.0, 8.0)
COSTS = {"C": [1.0, 10.0, 100.0]}
HARD = 1e4  # cost of errors: none are made

RANDOM, ALIGNED = "random weights: test accuracy", "aligned: test accuracy"
GROWTH, MARGIN = "alignment grows by a factor of", "margin grows by a factor of"
TUNED = "random weights, tuned bandwidth: accuracy"


def embedding() -> kg.Program:
    """Make the paper's circuit: H, a feature by RZ, RY of a weight; a ring of controlled RZ."""
    x = kg.ParameterVector("x", 2)
    w = kg.ParameterVector("w", 2 * QUBITS * LAYERS)
    circuit, weights = kg.Circuit(QUBITS), iter(w)
    for layer in range(LAYERS):
        for q in range(QUBITS):
            circuit.h(q).rz(x[(layer * QUBITS + q) % 2], q).ry(next(weights), q)
        for q in range(QUBITS):
            circuit.crz(next(weights), q, (q + 1) % QUBITS)
    return kg.compile(circuit, inputs=x)


def points(seed: int) -> tuple[Any, Any]:
    """Draw points of the inner half of each tile's side; first those to train with, in balance."""
    X, y = kg.datasets.checkerboard(20 * SAMPLES, n_tiles=TILES, random_state=seed)
    middles = (np.floor(TILES * X) + 0.5) / TILES
    of_each = [np.flatnonzero(y == label)[:SAMPLES].reshape(2, -1) for label in (0, 1)]
    chosen = np.concatenate(of_each, axis=1).ravel()
    return (middles + (X - middles) / 2)[chosen], y[chosen]


class Machine:
    """A support vector machine on a quantum kernel."""

    def __init__(self, program: kg.Program, X: Any, y: Any, weights: Any) -> None:
        self.program, self.X, self.weights = program, X, weights
        self.gram = self.kernel(X)
        self.svc = SVC(kernel="precomputed").fit(self.gram, y)

    def kernel(self, X: Any) -> Any:
        """Give the kernel of points with those of the training, whose columns these are."""
        return kg.fidelity_kernel(self.program, X, self.X, weights=self.weights)

    def accuracy(self, X: Any, y: Any) -> float:
        """Test it."""
        return float(self.svc.score(self.kernel(X), y))

    def margin(self, y: Any) -> float:
        """Give the distance of the nearest samples from the boundary, no errors allowed: 1/|w|."""
        hard = SVC(kernel="precomputed", C=HARD).fit(self.gram, y)
        inside = self.gram[np.ix_(hard.support_, hard.support_)]
        return float((hard.dual_coef_ @ inside @ hard.dual_coef_.T).item() ** -0.5)


def run(seed: int, quick: bool) -> Trial:  # noqa: ARG001 - it takes a second
    """Train the worst of some random kernels, and look at it before and after."""
    program, rng = embedding(), np.random.default_rng(seed)
    X, y = points(seed)
    train, test = (X[:SAMPLES], y[:SAMPLES]), (X[SAMPLES:], y[SAMPLES:])
    starts = rng.uniform(0, 2 * np.pi, (STARTS, len(program.weights)))
    random = [Machine(program, *train, weights) for weights in starts]
    before = min(random, key=lambda machine: machine.accuracy(*test))
    target = kg.target_kernel(train[1])
    options: dict[str, Any] = {"n_steps": STEPS, "batch_size": BATCH, "learning_rate": RATE}
    aligned = kg.align_kernel(
        program, train[0], target, before.weights, optimizer="sgd", seed=seed, **options
    )
    after = Machine(program, *train, aligned.weights)
    alignments = [kg.kernel_target_alignment(m.gram, target) for m in (before, after)]
    figures = {
        RANDOM: before.accuracy(*test),
        ALIGNED: after.accuracy(*test),
        GROWTH: alignments[1] / alignments[0],
        MARGIN: after.margin(train[1]) / before.margin(train[1]),
        TUNED: tuned(before, *train, *test),
    }
    search = GridSearchCV(SVC(), COSTS | {"gamma": list(np.geomspace(1, 1000, 10))})
    gaussian = float(search.fit(*train).score(*test))
    classical = dict.fromkeys((RANDOM, ALIGNED, TUNED), gaussian)
    axis = np.linspace(0, 1, 101)
    square = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    fields = [m.svc.decision_function(m.kernel(square)).reshape(101, -1) for m in (before, after)]
    return Trial(figures, classical, (fields, X, y))


def tuned(machine: Machine, X: Any, y: Any, X_test: Any, y_test: Any) -> float:
    """Choose a bandwidth for the random weights by cross-validation, and test it."""
    machines = [Machine(machine.program, b * X, y, machine.weights) for b in BANDWIDTHS]
    searches = [GridSearchCV(SVC(kernel="precomputed"), COSTS).fit(m.gram, y) for m in machines]
    best = int(np.argmax([search.best_score_ for search in searches]))
    return float(searches[best].score(machines[best].kernel(BANDWIDTHS[best] * X_test), y_test))


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show what the aligned kernel makes of the square, and the boundary there was before."""
    (before, after), X, y = trials[0].picture
    colors = LinearSegmentedColormap.from_list("classes", [COLORS[1], "white", COLORS[0]])
    limit, look = np.abs(after).max(), {"extent": (0, 1, 0, 1), "origin": "lower"}
    ax.imshow(after, colors, alpha=0.5, vmin=-limit, vmax=limit, aspect="auto", **look)
    ax.contour(before, [0], colors=COLORS[5], linestyles="--", **look)
    ax.plot([], "--", color=COLORS[5], label="boundary before")
    for label in (0, 1):
        color = COLORS[(1, 0)[label]]
        ax.plot(*X[y == label].T, "o", ms=4, color=color, label=f"class {label}")
    ax.set(xlabel="first feature", ylabel="second feature")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.12), ncols=3, frameon=False)


EXPERIMENT = Experiment(
    paper="Hubregtsen et al. 2021, Training quantum embedding kernels on near-term quantum "
    "computers, arXiv:2105.02276",
    setup=f"A checkerboard of {TILES} × {TILES} tiles, {SAMPLES} points to train with and "
    f"{SAMPLES} to test; {QUBITS} qubits, {LAYERS} layers, {2 * QUBITS * LAYERS} weights; the "
    f"worst of {STARTS} random kernels is aligned by {STEPS} gradient steps of rate {RATE:g} on "
    f"{BATCH} samples each, all as in the authors' code. Their accuracies are in pictures alone: "
    "the ranges are criteria that were set before the first training. Margins are of machines "
    "that make no errors; a bandwidth multiplies the features.",
    classical="an SVC with a Gaussian kernel, its cost and gamma by cross-validation",
    claims=(
        Claim(RANDOM, None, (0.0, 0.75)),
        Claim(ALIGNED, None, (0.85, 1.0)),
        Claim(GROWTH, None, (2.0, None)),
        Claim(MARGIN, None, (1.5, None)),
        Claim(TUNED, None, (0.75, 1.0)),
    ),
    budget=60,
    run=run,
    draw=draw,
)
