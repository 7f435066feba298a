"""Training classifiers of layers, and judging them, for experiments that share it."""

from typing import Any

import numpy as np

import ketgrad as kg


def train(model: kg.Model, X: Any, y: Any, seed: int, options: Any) -> kg.Model:
    """Train by the cross-entropy of as many outputs as there are classes."""
    trainer = kg.Trainer(model, seed=seed, **options)
    trainer.fit(X, np.eye(model.n_outputs)[y])
    return trainer.model


def accuracy(model: kg.Model, X: Any, y: Any) -> float:
    """Give the share of rows whose largest output is that of their class."""
    return float(np.mean(model.outputs(X).argmax(axis=1) == y))
