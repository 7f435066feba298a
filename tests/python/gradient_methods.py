"""The three methods of differentiation, and how exact they are where derivatives are about 1."""

import numpy as np

import ketgrad as kg

TOLERANCE = {"adjoint": 1e-12, "parameter-shift": 1e-11, "finite-diff": 1e-8}
METHODS = list(TOLERANCE)


def gradient(program: kg.Program, weights: list[float], method: str) -> np.ndarray:
    return program.jacobian(weights=weights, diff_method=method)[1]
