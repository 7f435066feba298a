"""Second derivatives of layers of every kind, against differences of first ones."""

import numpy as np
import pytest

import ketgrad as kg
from ketgrad._layer_rows import LayerRows
from ketgrad.layers import (
    Activation,
    Chain,
    CircuitLayer,
    Dense,
    Frozen,
    Patches,
    Recurrent,
    ScaleShift,
    Shared,
)
from layered_functions import CELL, CIRCUIT, DRESSED, PROGRAM, X

PROBS = kg.compile(CIRCUIT, inputs=X)
WINDOWS = [[0, 1], [2, 3], [1, 1]]
LAYERS = {
    "dense": Dense(3, 2),
    "dense without bias": Chain([Dense(2, 3, bias=False), Activation("tanh", 3)]),
    **{
        name: Chain([Dense(2, 3), Activation(name, 3), Dense(3, 2)])
        for name in ("tanh", "relu", "sigmoid", "softmax")
    },
    "scales and shifts": Chain(
        [
            ScaleShift(2),
            Activation("tanh", 2),
            ScaleShift(2, shift=False),
            ScaleShift(2, scale=False),
            Activation("tanh", 2),
        ]
    ),
    "expectation values": DRESSED,
    "probabilities": Chain([Dense(2, 2), CircuitLayer(PROBS, of="probs")]),
    "of a qubit": CircuitLayer(PROBS, of="probs", qubits=[1]),
    "of outcomes": CircuitLayer(PROBS, of="probs", outcomes=[2, 0, 2]),
    "no inputs": CircuitLayer(kg.compile(CIRCUIT, "Z0")),
    "recurrent": Recurrent(CELL, n_state=2, n_steps=3),
    "of all steps": Recurrent(CELL, n_state=1, n_steps=3, outputs="all"),
    "patches": Patches(CircuitLayer(PROGRAM), 4, WINDOWS),
    "patches of their own": Patches(CircuitLayer(PROGRAM), 4, WINDOWS, shared=False),
    "shared": Shared(
        Chain([Dense(2, 2), Activation("tanh", 2), Dense(2, 2), CircuitLayer(PROGRAM)]),
        {"2.": "0.", "3.": "angle."},
    ),
    "frozen": Chain([Frozen(Dense(2, 2), np.linspace(-1, 1, 6)), CircuitLayer(PROGRAM)]),
}


@pytest.mark.parametrize("name", LAYERS)
def test_hessians_are_differences_of_jacobians(name):
    layer = LAYERS[name]
    rows, rng, step = LayerRows(layer), np.random.default_rng(0), 1e-5
    x, w = rng.normal(size=(2, layer.n_inputs)), rng.normal(size=layer.n_parameters)
    hessian = rows.hessian(x, w)
    for p, along in enumerate(np.eye(layer.n_inputs + layer.n_parameters)):
        dx, dw = np.split(step * along, [layer.n_inputs])
        ahead, behind = rows.jacobian(x + dx, w + dw), rows.jacobian(x - dx, w - dw)
        difference = (ahead - behind) / (2 * step)
        np.testing.assert_allclose(hessian[..., p], difference, rtol=0, atol=1e-7)


@pytest.mark.parametrize("name", LAYERS)
def test_products_are_those_of_the_hessian(name):
    layer = LAYERS[name]
    rows, rng = LayerRows(layer), np.random.default_rng(1)
    x, dx = rng.normal(size=(2, 3, layer.n_inputs))
    w, dw = rng.normal(size=(2, 3, layer.n_parameters))
    g = rng.normal(size=(3, layer.n_outputs))
    both = np.concatenate(rows.hvp(g, x, w, dx, dw), axis=1)
    directions = np.concatenate([dx, dw], axis=1)
    expected = np.einsum("rvpq,rv,rq->rp", rows.hessian(x, w), g, directions)
    np.testing.assert_allclose(both, expected, rtol=0, atol=1e-10)
    # Weights of all rows have the sum over these.
    by_x, by_w = rows.hvp(g, x, w[0], dx, dw[0])
    each = [rows.hvp(g[k], x[k], w[0], dx[k], dw[0]) for k in range(3)]
    np.testing.assert_allclose(by_x, [one[0] for one in each], rtol=0, atol=1e-10)
    np.testing.assert_allclose(by_w, sum(one[1] for one in each), rtol=0, atol=1e-10)
