"""Circuits of the library, and algorithms that run them."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

import ketgrad as kg
from long_calls.call import Call, on

CALLS: dict[str, Callable[[], Call]] = {}


def built(name: str, *arguments: Any) -> Callable[[], Call]:
    """A call of a function of the library."""
    return lambda: Call(lambda: getattr(kg.library, name)(*arguments))


@cache
def outcomes() -> list[str]:
    words = np.random.default_rng(0).integers(0, 2, (300_000, 64))
    words[:, 0] = 0  # so that the secret is 1, then zeros
    return ["".join(row) for row in words.astype(str).tolist()]


def estimated() -> Call:
    preparation = kg.Circuit(14).ry(1.0, 0)
    return Call(lambda: kg.library.amplitude_estimation(preparation, 0, epsilon=1e-5, seed=1))


CALLS |= {
    "library.add_constant": built("add_constant", 1500, 3),
    "library.amplitude_estimation": estimated,
    "library.dicke_state": built("dicke_state", 2000, 500),
    "library.draper_adder": built("draper_adder", 1500),
    "library.estimate_phase": on(
        lambda: np.ones(2**24), lambda w: [kg.library.estimate_phase(w) for _ in range(20)]
    ),
    "library.function_oracle": on(
        lambda: np.random.default_rng(0).integers(0, 2, 2**20), kg.library.function_oracle
    ),
    "library.grover": on(
        lambda: kg.library.phase_oracle([5], 8), lambda o: kg.library.grover(o, 50_000)
    ),
    "library.modular_exponentiation": built("modular_exponentiation", 3, 2**20, 50),
    "library.order_finding": built("order_finding", 3, 2**20),
    "library.phase_estimation": on(
        lambda: kg.Circuit(2).h(0).cx(0, 1), lambda c: kg.library.phase_estimation(c, 20)
    ),
    "library.phase_oracle": built("phase_oracle", range(500_000), 20),
    "library.qft": built("qft", 2500),
    "library.quantum_volume": built("quantum_volume", 500),
    "library.random_clifford": built("random_clifford", 1500),
    "library.shor": lambda: Call(lambda: [kg.library.shor(51, seed=k) for k in range(20)]),
    "library.simon_secret": on(outcomes, kg.library.simon_secret),
}
