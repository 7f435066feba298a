"""What models are made of: circuits, dense layers, activations, chains, convolutions, recurrence.

>>> import ketgrad as kg
>>> from ketgrad.layers import Activation, Chain, Dense
>>> model = kg.Model(Chain([Dense(2, 3), Activation("tanh", 3), Dense(3, 1)]))
>>> model.n_parameters
13
"""

from ketgrad._core import (
    Activation,
    Chain,
    CircuitLayer,
    Dense,
    Frozen,
    Layer,
    NoisyLayer,
    Patches,
    Recurrent,
    RecurrentCircuit,
    ScaleShift,
    Shared,
    image_windows,
    series_windows,
)

__all__ = [
    "Activation",
    "Chain",
    "CircuitLayer",
    "Dense",
    "Frozen",
    "Layer",
    "NoisyLayer",
    "Patches",
    "Recurrent",
    "RecurrentCircuit",
    "ScaleShift",
    "Shared",
    "image_windows",
    "series_windows",
]
