"""A qubit that is turned by x again and again: a trained Fourier series, for two experiments."""

from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import minimize

import ketgrad as kg


def reupload(turns: int) -> kg.Program:
    """Make the circuit of one qubit: any rotation, and x and any rotation again, each turn."""
    x, w = kg.Parameter("x"), kg.ParameterVector("w", 3 * (turns + 1))
    circuit = kg.Circuit(1)
    for k in range(turns + 1):
        if k > 0:
            circuit.rx(x, 0)
        circuit.rz(w[3 * k], 0).ry(w[3 * k + 1], 0).rz(w[3 * k + 2], 0)
    return kg.compile(circuit, "Z", inputs=x)


def fit(program: kg.Program, x: Any, y: Any, starts: int, rng: np.random.Generator) -> Any:
    """Find the weights of the least mean squared error by L-BFGS."""

    def loss(values: Any) -> tuple[float, Any]:
        misses = values - y[:, None]
        return float(np.mean(misses**2)), 2 * misses / len(y)

    def objective(weights: Any) -> tuple[float, Any]:
        value, _, gradient = program.value_and_vjp(loss, inputs=x[:, None], weights=weights)
        return float(value), gradient

    tries = rng.uniform(-np.pi, np.pi, (starts, len(program.weights)))
    options = {"maxiter": 1000, "ftol": 1e-15, "gtol": 1e-9}
    search = partial(minimize, objective, jac=True, method="L-BFGS-B", options=options)
    return min(map(search, tries), key=lambda found: found.fun).x
