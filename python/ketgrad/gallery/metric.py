"""A metric that is learned knows digits it has never seen: few-shot learning by states.

An embedding is trained to keep the states of six digits apart. The other four, five samples of
each, then stand for classes: a sample is of the nearest. Pixels by themselves are the hard rival.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.pictures import COLORS

NEW = 4  # digits that training does not see
FEATURES = 8  # principal components
STEPS, BATCH = 400, 64
SHOTS, FEW = (1, 2, 5, 10, 20), 2  # samples a new class; the place of the one that is claimed
EPISODES, QUICK_EPISODES = 100, 20
NAMES = ("states, trained", "Siamese twin", "states, untrained", "components")

SEEN = "six digits seen: test accuracy"
FEW_SHOT = f"four new digits, {SHOTS[FEW]} samples each: accuracy"
GAIN = "the same: gained by training"

Embedding = Callable[[Any], Any]


def siamese(X: Any, y: Any, seed: int) -> Embedding:
    """Train the classical twin: a net whose outputs are near for one class, else apart by 1."""
    torch.manual_seed(seed)
    net = torch.nn.Sequential(torch.nn.Linear(FEATURES, 3), torch.nn.Tanh()).double()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    inputs, labels = torch.tensor(X), torch.tensor(y)
    for _ in range(STEPS):
        rows = torch.randperm(len(inputs))[:BATCH]
        distances = torch.nn.functional.pdist(net(inputs[rows]))
        i, j = torch.triu_indices(len(rows), len(rows), 1)
        same = labels[rows][i] == labels[rows][j]
        near, far = distances[same], distances[~same]
        loss = (near**2).mean() + ((1 - far).clamp(min=0) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return lambda samples: net(torch.tensor(samples)).detach().numpy()


def nearest_means(points: Any, y: Any, others: Any) -> Any:
    """Give the class of each of the others whose mean of points is nearest."""
    classes = np.unique(y)
    means = np.array([points[y == c].mean(axis=0) for c in classes])
    distances = (means**2).sum(axis=1) - 2 * others @ means.T
    return classes[distances.argmin(axis=1)]


def few_shot(points: Any, y: Any, shots: int, episodes: int, rng: np.random.Generator) -> float:
    """Give the mean accuracy of the nearest mean of a few samples, over draws of these."""
    scores = []
    for _ in range(episodes):
        few = [rng.choice(np.flatnonzero(y == c), shots, replace=False) for c in np.unique(y)]
        rest = np.setdiff1d(np.arange(len(y)), few)
        support = np.concatenate(few)
        scores.append(np.mean(nearest_means(points[support], y[support], points[rest]) == y[rest]))
    return float(np.mean(scores))


def run(seed: int, quick: bool) -> Trial:
    """Draw the new digits, train on the others, and test both."""
    X, y = load_digits(return_X_y=True)
    rng = np.random.default_rng(seed)
    new = np.isin(y, rng.permutation(10)[:NEW])
    X = PCA(FEATURES, random_state=0).fit(X[~new]).transform(X) / 8
    X_train, X_test, y_train, y_test = train_test_split(
        X[~new], y[~new], stratify=y[~new], random_state=seed
    )
    learner, start = (
        kg.VQMetricLearner(n_qubits=4, dressed=False, n_steps=steps, random_state=seed).fit(
            X_train, y_train
        )
        for steps in (STEPS, 0)
    )
    twin = siamese(X_train, y_train, seed)
    episodes = QUICK_EPISODES if quick else EPISODES
    embeddings: Sequence[Embedding] = (learner.transform, twin, start.transform, np.asarray)
    accuracies = np.array(
        [
            [few_shot(embed(X[new]), y[new], shots, episodes, rng) for shots in SHOTS]
            for embed in embeddings
        ]
    )
    ours, net, untrained, _ = accuracies[:, FEW]
    seen = np.mean(nearest_means(twin(X_train), y_train, twin(X_test)) == y_test)
    return Trial(
        {SEEN: learner.score(X_test, y_test), FEW_SHOT: ours, GAIN: ours - untrained},
        {SEEN: float(seen), FEW_SHOT: net},
        accuracies,
    )


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show the accuracies against the number of samples of a class."""
    accuracies = np.array([trial.picture for trial in trials])
    mean, deviation = accuracies.mean(axis=0), accuracies.std(axis=0)
    for k, name in enumerate(NAMES):
        look = {"color": COLORS[(0, 1, 2, 5)[k]], "ls": ("-", "-", ":", "--")[k], "capsize": 2}
        ax.errorbar(SHOTS, mean[k], deviation[k], label=name, **look)
    ax.set(xlabel="samples of each new digit", ylabel="accuracy on four new digits")
    ax.set(xscale="log", xticks=SHOTS, xticklabels=SHOTS, ylim=(0.25, 1))
    ax.legend(frameon=False, loc="lower right")


EXPERIMENT = Experiment(
    paper="Lloyd, Schuld, Ijaz, Izaac & Killoran 2020, Quantum embeddings for machine learning, "
    "arXiv:2001.03622",
    setup=f"Digits of scikit-learn, four drawn to be new; {FEATURES} principal components of the "
    f"six others set the rotations of 4 qubits, 2 layers, 24 weights, {STEPS} steps of Adam on the "
    "Hilbert–Schmidt loss of the paper. The paper shows two classes of pictures coming apart and "
    "gives no accuracy; the ranges are criteria that were set before the first run. Training draws "
    "the digits that it sees together, and new ones with them: it gains nothing for these, which "
    "is shown as it is. Tried before, with the same ranges: a trained linear function of all "
    "pixels before 4 to 6 qubits, as in the paper (seen 0.94, new 0.61 to 0.69, with 30 to 400 "
    "steps), and 16 components; this set-up was chosen by few-shot accuracies of other seeds.",
    classical="a Siamese net with 27 weights, contrastive loss and as many steps; the picture has "
    "the nearest mean of the components as well",
    claims=(
        Claim(SEEN, None, (0.9, 1.0), quick=(0.8, 1.0)),
        Claim(FEW_SHOT, None, (0.7, 1.0), quick=(0.6, 1.0)),
        Claim(GAIN, None, (0.05, 1.0), quick=(-0.2, 1.0)),
    ),
    budget=60,
    run=run,
    draw=draw,
)
