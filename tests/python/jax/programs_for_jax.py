"""Small programs with all that matters: shared parameters, expressions, data in two places."""

import numpy as np

import ketgrad as kg


def layered(precision: str = "double") -> kg.Program:
    """A program of 2 qubits with 2 inputs, 3 weights and 2 observables."""
    x, w = kg.ParameterVector("x", 2), kg.ParameterVector("w", 3)
    circuit = kg.Circuit(2).ry(x[0], 0).ry(x[1] * x[0], 1).cx(0, 1)
    circuit.rx(w[0], 0).rx(w[1], 1).cx(1, 0).ry(w[2] * w[0], 0)
    return kg.compile(circuit, ["ZI", "IX"], inputs=x, precision=precision)


def of_one_value(precision: str = "double") -> kg.Program:
    """The same with one observable."""
    program = layered()
    return kg.compile(program.circuit, "ZX", inputs=program.inputs, precision=precision)


def without_inputs() -> kg.Program:
    """A program of 2 qubits with weights alone."""
    w = kg.ParameterVector("w", 3)
    return kg.compile(kg.Circuit(2).rx(w[0], 0).ry(w[1], 1).cx(0, 1).rx(w[2], 0), ["ZZ"])


def without_weights() -> kg.Program:
    """A program of one qubit with inputs alone."""
    x = kg.ParameterVector("x", 1)
    return kg.compile(kg.Circuit(1).rx(x[0], 0), "Z", inputs=x)


def data(batch: int = 4, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs of a batch, weights for all and weights for each, of layered()."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(batch, 2)), rng.normal(size=3), rng.normal(size=(batch, 3))
