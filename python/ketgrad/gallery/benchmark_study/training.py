"""How the study trained: Adam on batches drawn with replacement, until the loss stands still."""

from typing import Any

import numpy as np
from sklearn.preprocessing import MinMaxScaler

import ketgrad as kg
from ketgrad.gallery.benchmark_study.data import Split
from ketgrad.layers import Layer

WINDOW = 200  # steps whose mean loss is compared with that of as many before
MAX_STEPS, QUICK_STEPS = 10_000, 60
DRAWN = 500  # steps of which the batches are drawn at once


class Run:
    """A seed, its random numbers and how long to train."""

    def __init__(self, seed: int, steps: int = MAX_STEPS) -> None:
        self.seed, self.steps = seed, steps
        self.rng = np.random.default_rng(seed)

    def turns(self, size: int | tuple[int, ...]) -> Any:
        """Draw angles of the whole circle."""
        return self.rng.uniform(0, 2 * np.pi, size)

    def draw_seed(self) -> int:
        """Draw a seed for something else."""
        return int(self.rng.integers(2**31))

    def train(
        self,
        layer: Layer,
        first: Any,
        X: Any,
        targets: Any,
        loss: str,
        learning_rate: float,
        batch_size: int = 32,
    ) -> kg.Model:
        """Train from the first parameters."""
        model = kg.Model(layer)
        model.parameters = first
        drawn = min(DRAWN, self.steps)
        rows = self.rng.integers(len(X), size=drawn * batch_size)
        trainer = kg.Trainer(
            model,
            loss=loss,
            learning_rate=learning_rate,
            batch_size=batch_size,
            epochs=self.steps // drawn,
            early_stopping="variance",
            patience=WINDOW,
            seed=self.draw_seed(),
        )
        trainer.fit(X[rows], targets[rows])
        return trainer.model


def right(scores: Any, y: Any) -> float:
    """Give the share of samples whose score has the sign of their label."""
    return float(np.mean(np.where(scores > 0, 1, -1) == y))


def bits(y: Any) -> Any:
    """Turn labels -1 and 1 into 0 and 1."""
    return (y + 1) // 2


def angles(data: Split, largest: float = np.pi / 2) -> tuple[Any, Any]:
    """Scale every feature of the training samples to from -largest to largest."""
    scaler = MinMaxScaler(feature_range=(-largest, largest)).fit(data.X_train)
    return scaler.transform(data.X_train), scaler.transform(data.X_test)


def amplitudes(data: Split, size: int, copies: int = 1) -> tuple[Any, Any]:
    """Pad features, normalise them, and take the product of as many copies."""

    def states(X: Any) -> Any:
        padding = np.full((len(X), size - X.shape[1]), 1 / size)
        one = np.column_stack([X, padding])
        one /= np.linalg.norm(one, axis=1, keepdims=True)
        many = one
        for _ in range(copies - 1):
            many = np.einsum("si,sj->sij", many, one).reshape(len(X), -1)
        return many

    return states(data.X_train), states(data.X_test)
