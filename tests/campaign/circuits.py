"""Random circuits, single and in batches, against the dense reference and other simulators."""

from __future__ import annotations

import warnings

import numpy as np

import ketgrad as kg
from campaign import dense, peers
from campaign.random_programs import RandomProgram, by_name, random_program, random_terms
from campaign.tally import Tally

TITLE = "Random circuits against dense matrices"
UNIT = "circuits"
GOAL = 100_000
SHARE = 3.0

LIMITS = {"double": 1e-12, "single": 5e-6}
PEERS = peers.installed()


def _sizes(rng: np.random.Generator) -> tuple[int, int]:
    """Return qubits and samples: mostly few qubits in batches, at times wide states."""
    kind = rng.random()
    if kind < 0.95:
        return int(rng.integers(1, 9)), int(rng.choice([1, 1, 2, 3, 7, 8, 9, 16, 17, 33]))
    if kind < 0.99:
        return int(rng.integers(9, 13)), int(rng.integers(1, 5))
    return int(rng.integers(13, 18)), 1


def trial(rng: np.random.Generator, tally: Tally, case: str) -> None:
    """Compare amplitudes and expectation values of one program, and at times the peers' states."""
    n_qubits, batch = _sizes(rng)
    n_weights = int(rng.integers(0, 7))
    program = random_program(rng, n_qubits, int(rng.integers(1, 41)), n_weights)
    terms = [random_terms(rng, n_qubits) for _ in range(int(rng.integers(1, 4)))]
    precision = "single" if rng.random() < 0.3 else "double"
    compiled = kg.compile(
        program.circuit(), [kg.PauliSum(sums) for sums in terms], precision=precision
    )
    weights = rng.uniform(-7, 7, size=(batch, n_weights))
    given = by_name(compiled.weights, weights)
    states = compiled.state(weights=given).reshape(batch, -1)
    values = compiled.expval(weights=given).reshape(batch, -1)
    for sample in {0, int(rng.integers(batch))}:
        right = program.state(weights[sample])
        name = f"{precision}, largest error of an amplitude"
        tally.error(name, np.abs(states[sample] - right).max(), LIMITS[precision], case)
        for value, sums in zip(values[sample], terms, strict=True):
            size = sum(abs(c) for c in sums.values())
            error = abs(value - dense.expectation(right, sums)) / max(size, 1)
            name = f"{precision}, largest error of an expectation value"
            tally.error(name, error, LIMITS[precision], case)
    tally.saw(f"{precision} precision")
    if batch > 1:
        tally.saw("batches")
    if n_qubits > 12:
        tally.saw("13 to 17 qubits")
    if PEERS and precision == "double" and n_qubits <= 8 and rng.random() < 0.2:
        _beside_peers(program, weights[0], states[0], tally, case)


def _beside_peers(
    program: RandomProgram, weights: np.ndarray, state: np.ndarray, tally: Tally, case: str
) -> None:
    for name, run in PEERS.items():
        with warnings.catch_warnings(action="ignore"):  # what they say of each other's versions
            theirs = run(program, weights)
        tally.error(f"beside {name}", np.abs(theirs - state).max(), 1e-12, case)
        tally.saw(f"beside {name}")
