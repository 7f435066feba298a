"""CartPole-v1 of gymnasium, many of it at once: a pole to be kept upright on a cart.

A state is (place, speed, angle, its speed). A step is 0.02 seconds of a push to the left or right,
and is worth 1 until the pole leans by more than 12 degrees, the cart leaves the track, or 500 of
them are done (Barto, Sutton & Anderson 1983; equations of Florian 2007).
"""

from typing import Any

import numpy as np

STEPS = 500
TRACK, LEAN = 2.4, np.deg2rad(12)
BOUNDS = np.array([2.4, 2.5, 0.21, 2.5])  # what Jerbi et al. divide states by

GRAVITY, FORCE, TIME = 9.8, 10.0, 0.02
CART, POLE, HALF = 1.0, 0.1, 0.5  # masses, half of the length of the pole


def fresh(rng: np.random.Generator, n: int) -> Any:
    """Draw n states to begin with, shape (n, 4)."""
    return rng.uniform(-0.05, 0.05, (n, 4))


def step(states: Any, rightwards: Any) -> Any:
    """Give the states after a push to the right, or to the left, of shape (n, 4)."""
    _, speed, angle, turn = states.T
    sine, cosine = np.sin(angle), np.cos(angle)
    mass = CART + POLE
    push = (np.where(rightwards, FORCE, -FORCE) + POLE * HALF * turn**2 * sine) / mass
    inertia = HALF * (4 / 3 - POLE * cosine**2 / mass)
    spin = (GRAVITY * sine - cosine * push) / inertia
    pull = push - POLE * HALF * spin * cosine / mass
    return states + TIME * np.stack([speed, pull, turn, spin], axis=1)


def fallen(states: Any) -> Any:
    """Whether poles lean too far or carts have left the track, shape (n,)."""
    return (abs(states[:, 0]) > TRACK) | (abs(states[:, 2]) > LEAN)
