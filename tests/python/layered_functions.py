"""Layers, models and programs under noise, to be called by other libraries."""

from typing import Any

import ketgrad as kg
from ketgrad.layers import Activation, Chain, CircuitLayer, Dense, NoisyLayer, Recurrent

X, W = kg.ParameterVector("x", 2), kg.ParameterVector("w", 2)
CIRCUIT = kg.Circuit(2).ry(X[0], 0).ry(X[1], 1).cx(0, 1).rx(W[0], 0).ry(W[1], 1)
PROGRAM = kg.compile(CIRCUIT, ["Z0", "X1"], inputs=X)
NOISY = kg.compile_noisy(CIRCUIT, ["Z0"], kg.NoiseModel().add(kg.Channel.depolarizing(0.1)), X)
DRESSED = Chain([Dense(3, 2), Activation("tanh", 2), CircuitLayer(PROGRAM), Dense(2, 2)])
CELL = Chain([Dense(3, 2), CircuitLayer(PROGRAM)])

# Each beside the layer that it is.
SOURCES: dict[str, tuple[Any, Any]] = {
    "layer": (DRESSED, DRESSED),
    "one value": (Dense(2, 1), Dense(2, 1)),
    "without parameters": (Activation("softmax", 3), Activation("softmax", 3)),
    "recurrent": (model := Recurrent(CELL, n_state=2, n_steps=3), model),
    "model of layers": (kg.Model(DRESSED), DRESSED),
    "noisy program": (NOISY, NoisyLayer(NOISY)),
}
