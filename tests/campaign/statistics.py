"""Shots against exact distributions: chi-squared of counts, z of estimates by their own errors."""

from __future__ import annotations

import numpy as np
from scipy import stats

import ketgrad as kg
from campaign.random_programs import by_name, random_program, random_terms
from campaign.tally import Tally

TITLE = "Shots against exact probabilities"
UNIT = "experiments"
GOAL = 10_000
SHARE = 1.0

MOST_Z = 6.0  # two in 10^9 where all is right
LEAST_P = 1e-9


def trial(rng: np.random.Generator, tally: Tally, case: str) -> None:
    """Draw shots of one program in three ways."""
    n_qubits = int(rng.integers(1, 7))
    program = random_program(rng, n_qubits, int(rng.integers(2, 20)), 2)
    weights = rng.uniform(-4, 4, size=2)
    terms = random_terms(rng, n_qubits)
    compiled = kg.compile(program.circuit(), kg.PauliSum(terms))
    given = by_name(compiled.weights, weights)
    seed, shots = int(rng.integers(2**32)), int(rng.choice([100, 3000, 50_000]))
    probabilities = compiled.probs(weights=given)
    chi_squared(
        compiled.sample(shots, weights=given, seed=seed), probabilities, tally, f"{case} (sample)"
    )
    measured = program.circuit().assign(dict(zip(compiled.weights, given, strict=True)))
    result = measured.measure_all().run(shots, seed=seed)
    outcomes = result.memory() @ (1 << np.arange(n_qubits))
    chi_squared(outcomes, probabilities, tally, f"{case} (run)")
    value, std = compiled.expval(weights=given, shots=shots, seed=seed, return_std=True)
    exact = compiled.expval(weights=given)
    if std[0] > 1e-9 and shots >= 3000:  # fewer shots of rare outcomes are not normal
        z = float((value[0] - exact[0]) / std[0])
        tally.sample("z of estimates", z)
        if not abs(z) < MOST_Z and std[0] * np.sqrt(shots) > 0.05:
            tally.fail(f"an estimate is {z:.1f} standard errors off: {case}")


def chi_squared(outcomes: np.ndarray, probabilities: np.ndarray, tally: Tally, case: str) -> None:
    """Compare counts with probabilities; outcomes that are expected under 5 times are one class."""
    shots = len(outcomes)
    counts = np.bincount(outcomes.astype(np.int64), minlength=len(probabilities))
    if counts[probabilities < 1e-14].any():
        tally.fail(f"an impossible outcome was drawn: {case}")
    often = probabilities * shots >= 5
    observed, expected = counts[often], probabilities[often] * shots
    if (rest := probabilities[~often].sum() * shots) >= 5:
        observed, expected = np.append(observed, counts[~often].sum()), np.append(expected, rest)
    if len(observed) < 2:
        return
    statistic = float(((observed - expected) ** 2 / expected).sum())
    p = float(stats.chi2.sf(statistic, len(observed) - 1))
    tally.sample("p of counts", p)
    if p < LEAST_P:
        tally.fail(f"chi-squared {statistic:.1f} of {len(observed)} outcomes, p {p:.1e}: {case}")
