"""Data, model, learner, fit: the recipe of fastai on a quantum convolution, part by part.

Few epochs show what a recipe is worth. Each row of the table leaves out one part of it, the last
has none: Adam as it comes. How flat the minimum is that was found is measured, too.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.pictures import COLORS
from ketgrad.gallery.recognisers import Network, accuracy, draw_accuracies, quantum_convolution

SIDE, CLASSES, FILTERS = 8, 10, 20
EPOCHS, QUICK_EPOCHS = 8, 4
STARTS = 3  # random first parameters a seed, over which figures are averaged
DEFAULT_RATE = 0.01  # of Adam in this library
SPREAD, DIRECTIONS = 0.2, 8  # by which parameters are multiplied, 1 ± SPREAD, and how often

WHOLE: Mapping[str, Any] = {
    "find": True,  # the learning rate, a tenth of where the loss of a short run is lowest
    "schedule": "one_cycle",
    "weight_decay": 0.1,
    "rates": {"0.": 1 / 2.6},  # the circuit, which is the earlier layer, learns slower
    "precision": "single",
}
PLAIN = {"find": False, "schedule": "constant", "weight_decay": 0.0, "rates": None}
RECIPES: Mapping[str, Mapping[str, Any]] = {
    "the whole recipe": WHOLE,
    "no rate finder": {**WHOLE, "find": False},
    "no one-cycle": {**WHOLE, "schedule": "constant"},
    "no weight decay": {**WHOLE, "weight_decay": 0.0},
    "one rate for all": {**WHOLE, "rates": None},
    "double precision": {**WHOLE, "precision": "double"},
    "none of it": {**PLAIN, "precision": "double"},
}
ACCURACY, GAIN = "the whole recipe: accuracy", "gained over none of it"
LOST = {
    "no rate finder": "lost without the rate finder",
    "no one-cycle": "lost without one-cycle",
    "no weight decay": "lost without weight decay",
    "one rate for all": "lost with one rate for all",
}
PRECISION, FLAT = "gained by double precision", "sharpness, of that of none of it"


def learner(recipe: Mapping[str, Any], epochs: int, seed: int, X: Any, targets: Any) -> kg.Trainer:
    """Make the model and what trains it, at the rate that the recipe asks for."""
    model = kg.Model(quantum_convolution(SIDE, CLASSES, precision=recipe["precision"]))
    model.initialize(seed=seed)

    def trainer(rate: float) -> kg.Trainer:
        return kg.Trainer(
            model,
            optimizer="adamw",
            learning_rate=rate,
            schedule=recipe["schedule"],
            weight_decay=recipe["weight_decay"],
            rates=recipe["rates"],
            epochs=epochs,
            seed=seed,
        )

    if not recipe["find"]:
        return trainer(DEFAULT_RATE)
    return trainer(trainer(DEFAULT_RATE).find_learning_rate(X, targets)["suggestion"])


def sharpness(model: kg.Model, X: Any, targets: Any) -> float:
    """Say how much the loss rises, on average, where all parameters change by some percent.

    Relative changes, for a minimum looks sharper or flatter as its parameters are scaled.
    """
    loss, moved, rng = (
        model.loss("cross_entropy", X, targets),
        model.copy(),
        np.random.default_rng(0),
    )
    rises = []
    for direction in rng.normal(size=(DIRECTIONS, model.n_parameters)):
        moved.parameters = model.parameters * (1 + SPREAD * direction)
        rises.append(moved.loss("cross_entropy", X, targets) - loss)
    return float(np.mean(rises))


def run(seed: int, quick: bool) -> Trial:
    """Train by every recipe on the same digits, from the same parameters."""
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(
        X / 16, y, stratify=y, random_state=seed + 1
    )
    targets, epochs = kg.class_targets(y_train, CLASSES), QUICK_EPOCHS if quick else EPOCHS
    scores = np.empty((len(RECIPES), 1 if quick else STARTS, 2))
    for k, recipe in enumerate(RECIPES.values()):
        for start in range(scores.shape[1]):
            trainer = learner(recipe, epochs, STARTS * seed + start, X_train, targets)
            trainer.fit(X_train, targets)
            model = trainer.model
            scores[k, start] = accuracy(model, X_test, y_test), sharpness(model, X_train, targets)
    table = dict(zip(RECIPES, scores.mean(axis=1).tolist(), strict=True))
    whole, none = table["the whole recipe"], table["none of it"]
    figures = {
        ACCURACY: whole[0],
        GAIN: whole[0] - none[0],
        **{claim: whole[0] - table[name][0] for name, claim in LOST.items()},
        PRECISION: table["double precision"][0] - whole[0],
        FLAT: whole[1] / none[1],
    }
    network = Network(SIDE, CLASSES, FILTERS, seed).fit(X_train, y_train, epochs)
    return Trial(figures, {ACCURACY: network.score(X_test, y_test)}, table)


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show the accuracies by every recipe, a dot a seed."""
    accuracies = np.array([[row[0] for row in trial.picture.values()] for trial in trials])
    colors = [COLORS[1], *[COLORS[0]] * (len(RECIPES) - 2), COLORS[5]]
    draw_accuracies(ax, list(RECIPES), accuracies, colors)


EXPERIMENT = Experiment(
    paper="Smith 2017, Cyclical learning rates, arXiv:1506.01186, and 2018, A disciplined approach "
    "to neural network hyper-parameters, arXiv:1803.09820; Howard & Ruder 2018, arXiv:1801.06146; "
    "Howard & Gugger 2020, fastai: a layered API for deep learning, arXiv:2002.04688",
    setup="The quantum convolution of the experiment digits, 1982 parameters, on the ten digits of "
    f"scikit-learn; {EPOCHS} epochs of mini-batches of 32 for all recipes, {STARTS} starts a seed. "
    "The recipe: a rate found by a short run, one cycle of it, weight decay of 0.1, a rate of "
    "1 / 2.6 of it for the circuit, circuits in single precision. Sharpness is the rise of the "
    f"training loss where parameters change by {SPREAD:.0%} at random. The papers have other "
    "models; the criteria, that every part helps, that precision does not matter, and that the "
    "minimum is flatter, were set before the first run, but for a look at a split that is none of "
    "these. Unequal rates, which are for circuits that "
    "were trained before, do not help this one, which was not. Whether the minimum is flatter "
    "depends on the measure (Dinh et al. 2017, arXiv:1703.04933): in a ball of fixed radius the "
    "loss rises a little less than for none of it, by relative changes, as counted here, more.",
    classical=f"a convolutional network of {FILTERS} filters in PyTorch, 2010 parameters, by one "
    "cycle of as many epochs",
    claims=(
        Claim(ACCURACY, None, (0.955, 1.0), quick=(0.9, 1.0)),
        Claim(GAIN, None, (0.0, 1.0), quick=(-0.05, 1.0)),
        *(Claim(claim, None, (0.0, 1.0), quick=(-0.1, 1.0)) for claim in LOST.values()),
        Claim(PRECISION, None, (-0.005, 0.005), quick=(-0.02, 0.02)),
        Claim(FLAT, None, (0.0, 1.0), quick=(0.0, 10.0)),
    ),
    budget=120,
    run=run,
    draw=draw,
)
