"""Recognisers of images, quantum and classical, that several experiments train alike.

Pixels are from 0 to 1, images rows of side * side of them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

import ketgrad as kg
from ketgrad.layers import Chain, CircuitLayer, Dense, Frozen, Layer, Patches, image_windows

CHANNELS = 4  # values of a window: of so many qubits, of so many filters
RATE, DECAY, BATCH = 0.03, 0.1, 32


def quantum_convolution(
    side: int,
    n_classes: int,
    *,
    size: int = 2,
    n_layers: int = 1,
    entangle: bool = True,
    frozen_seed: int | None = None,
    precision: str = "double",
) -> Layer:
    """Make a circuit of four qubits that sees every window of size x size pixels, and a readout.

    Pixels are angles from 0 to pi / 2, once before each layer; the fifth turns the first qubit
    again, about another axis. With a frozen_seed the circuit keeps random angles. The readout is
    linear.
    """
    pixels, encoding = kg.ParameterVector("x", size**2), kg.Circuit(CHANNELS)
    for k in range(size**2):
        turn = (encoding.ry, encoding.rx)[k // CHANNELS % 2]
        turn(np.pi / 2 * pixels[k], k % CHANNELS)
    layers = kg.ansatz_layers("strongly_entangling", CHANNELS, n_layers, entangle=entangle)
    observables = [f"Z{k}" for k in range(CHANNELS)]
    program = kg.compile(kg.reupload(encoding, layers), observables, pixels, precision=precision)
    window: Layer = CircuitLayer(program)
    if frozen_seed is not None:
        rng = np.random.default_rng(frozen_seed)
        window = Frozen(window, rng.uniform(0, 2 * np.pi, window.n_parameters))
    windows = Patches(window, side**2, image_windows(side, side, size=size))
    return Chain([windows, Dense(windows.n_outputs, n_classes)])


def trained(layer: Layer, X: Any, y: Any, epochs: int, seed: int) -> kg.Model:
    """Train on cross-entropy, by AdamW whose rate rises and falls once."""
    model = kg.Model(layer)
    model.initialize(seed=seed)
    optimizer = kg.Optimizer("adamw", learning_rate=RATE, weight_decay=DECAY)
    trainer = kg.Trainer(
        model,
        optimizer=optimizer,
        schedule="one_cycle",
        epochs=epochs,
        batch_size=BATCH,
        seed=seed,
    )
    trainer.fit(X, kg.class_targets(y, model.n_outputs))
    return trainer.model


def accuracy(model: kg.Model, X: Any, y: Any) -> float:
    """Give the share of images whose greatest output is that of their class."""
    return float(np.mean(model.outputs(X).argmax(axis=1) == y))


class Network:
    """The classical twin in PyTorch: filters of 3 x 3 pixels, maxima of 2 x 2 values, a readout.

    Trained as the quantum ones are, and of as many parameters as has the number of filters.
    """

    def __init__(self, side: int, n_classes: int, n_filters: int, seed: int) -> None:
        self.seed = seed
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.layers = nn.Sequential(
                nn.Unflatten(1, (1, side, side)),
                nn.Conv2d(1, n_filters, 3),
                nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Flatten(),
                nn.Linear(n_filters * ((side - 2) // 2) ** 2, n_classes),
            )

    @property
    def n_parameters(self) -> int:
        """Count what is trained."""
        return sum(p.numel() for p in self.layers.parameters())

    def fit(self, X: Any, y: Any, epochs: int) -> "Network":
        """Train on cross-entropy, by AdamW whose rate rises and falls once."""
        X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
        optimizer = torch.optim.AdamW(self.layers.parameters(), RATE, weight_decay=DECAY)
        steps = epochs * -(-len(X) // BATCH)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
        generator = torch.Generator().manual_seed(self.seed)
        for _ in range(epochs):
            order = torch.randperm(len(X), generator=generator)
            for start in range(0, len(X), BATCH):
                rows = order[start : start + BATCH]
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(self.layers(X[rows]), y[rows])
                torch.autograd.backward(loss)
                optimizer.step()
                schedule.step()
        return self

    def score(self, X: Any, y: Any) -> float:
        """Give the accuracy."""
        with torch.no_grad():
            outputs = self.layers(torch.tensor(X, dtype=torch.float32))
        return float(np.mean(outputs.argmax(1).numpy() == y))


def draw_accuracies(ax: Any, names: Sequence[str], accuracies: Any, colors: Sequence[str]) -> None:
    """Draw a bar for the mean of each recogniser, and a dot for each seed: shape (seeds, names)."""
    places = -np.arange(len(names))
    ax.barh(places, accuracies.mean(axis=0), color=colors, alpha=0.35, height=0.7)
    for row in accuracies:
        ax.scatter(row, places, color=colors, s=14)
    ax.set_yticks(places, names)
    ax.set_xlim(max(0, accuracies.min() - 0.02), min(1, accuracies.max() + 0.01))
    ax.set(xlabel="test accuracy")
