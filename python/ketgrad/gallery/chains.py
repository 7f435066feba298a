"""Samples of a density: Hamiltonian Monte Carlo, Laplace's approximation.

Densities are given by their logarithm and its gradient, for many chains at once.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import minimize

Target = Callable[[Any], tuple[Any, Any]]
"""Of parameters (chains, n): logarithms (chains,), up to a constant, and gradients (chains, n)."""
_WANTED = 0.8  # rate of acceptance


def sample(target: Target, z: Any, warm_up: int, draws: int, leaps: int, rng: Any) -> Any:
    """Draw from a density, of chains from z on: shape (draws, chains, parameters)."""
    step, kept = 0.1, []
    value, gradient = target(z)
    for k in range(warm_up + draws):
        momentum = rng.normal(size=z.shape)
        at, slope, energy = z, gradient, value - (momentum**2).sum(axis=1) / 2
        size = step * rng.uniform(0.8, 1.2)  # so that no orbit closes
        for _ in range(leaps):
            momentum = momentum + size / 2 * slope
            at = at + size * momentum
            there, slope = target(at)
            momentum = momentum + size / 2 * slope
        chance = np.exp(np.minimum(0, there - (momentum**2).sum(axis=1) / 2 - energy))
        taken = rng.uniform(size=len(z)) < chance
        z, gradient = np.where(taken[:, None], at, z), np.where(taken[:, None], slope, gradient)
        value = np.where(taken, there, value)
        if k < warm_up:
            step *= np.exp(0.1 * (chance.mean() - _WANTED))
        else:
            kept.append(z)
    return np.array(kept)


def likeliest(target: Target, starts: Any) -> Any:
    """Find the highest of the maxima that L-BFGS reaches from the starts."""

    def loss(z: Any) -> tuple[float, Any]:
        value, gradient = target(z[None])
        return -float(value[0]), -gradient[0]

    found = [
        minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 100})
        for start in starts
    ]
    return min(found, key=lambda one: float(one.fun)).x


def laplace(target: Target, mode: Any, draws: int, rng: Any) -> Any:
    """Draw from the normal distribution of the curvature at the mode."""
    steps = 1e-4 * np.eye(len(mode))
    slopes = [target(mode + side * steps)[1] for side in (1, -1)]  # all at once
    curvature = (slopes[1] - slopes[0]) / 2e-4
    values, vectors = np.linalg.eigh((curvature + curvature.T) / 2)
    noise = rng.normal(size=(draws, len(mode))) / np.sqrt(np.maximum(values, 1.0))
    return mode + noise @ vectors.T


def r_hat(odds: Any) -> float:
    """Compare variances between and within chains (Gelman & Rubin), worst sample of all."""
    within = odds.var(axis=0, ddof=1).mean(axis=0)
    between = odds.mean(axis=0).var(axis=0, ddof=1)
    return float(np.sqrt(1 + between / within).max())
