"""Shor's algorithm, on circuits that are really run."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd

import numpy as np

from ketgrad._core import order_finding, order_from_outcome
from ketgrad._numbers import generator, integer

_LEAST, _MOST = 15, 63  # six bits: 15 qubits
_MOST_RUNS = 1000


@dataclass(frozen=True)
class Factoring:
    """What :func:`ketgrad.library.shor` found, and with what."""

    factors: tuple[int, int]
    """Two factors, the smaller first; their product is the number."""
    base: int
    """The number whose order told them."""
    order: int
    """The least r with base**r = 1 modulo the number."""
    n_qubits: int
    """Qubits of the circuit."""
    n_operations: int
    """Operations of the circuit."""
    n_runs: int
    """Runs of circuits in all, those that told nothing among them."""


def shor(modulus: int, *, base: int | None = None, seed: int | None = None) -> Factoring:
    """Factor a number by the orders of others modulo it (Shor 1994, arXiv:quant-ph/9508027).

    Runs `order_finding()` shot by shot, with no knowledge of the order in the circuit: for a number
    of n bits 2 n + 3 qubits, of which one is measured 2 n times, and some 16 n**4 operations. Each
    run is with a new random base, until the outcome tells an order r that is even and has
    base**(r/2) other than -1: then base**(r/2) - 1 and the number have a common factor.

    Parameters
    ----------
    modulus : int
        The number, from 15 to 63: odd, and no prime or power of one.
    base : int, default=None
        The one base to take, without a factor in common with the number.
    seed : int, default=None
        Of the bases and the outcomes; None takes fresh entropy.

    Returns
    -------
    Factoring
        With the ``factors``, ``base``, ``order``, ``n_qubits``, ``n_operations``, ``n_runs``.

    Raises
    ------
    ValueError
        For other numbers, for a base with a common factor, and for one that cannot tell factors.

    Examples
    --------
    >>> found = kg.library.shor(15, seed=1)
    >>> found.factors, found.n_qubits
    ((3, 5), 11)

    """
    modulus = integer("modulus", modulus, _LEAST, _MOST)
    _require_composite(modulus)
    rng = generator(seed)
    for n_runs, chosen in enumerate(_bases(modulus, base, rng), start=1):
        circuit = order_finding(chosen, modulus)
        result = circuit.run(1, seed=int(rng.integers(2**63)))
        outcome = int(result.bitstrings()[0], 2)
        order = order_from_outcome(outcome, circuit.n_bits, chosen, modulus)
        if order is None:
            continue
        root = pow(chosen, order // 2, modulus)
        if order % 2 == 0 and root != modulus - 1:
            factor = gcd(root - 1, modulus)
            return Factoring(
                factors=(min(factor, modulus // factor), max(factor, modulus // factor)),
                base=chosen,
                order=order,
                n_qubits=circuit.n_qubits,
                n_operations=len(circuit),
                n_runs=n_runs,
            )
        if base is not None:
            why = "is odd" if order % 2 else f"has {chosen}**{order // 2} = -1"
            raise ValueError(
                f"base={chosen}; its order {order} modulo {modulus} {why}, which tells no factors"
            )
    raise RuntimeError(f"no factors of {modulus} in {_MOST_RUNS} runs")


def _bases(modulus: int, base: int | None, rng: np.random.Generator) -> Iterator[int]:
    coprime = [a for a in range(2, modulus - 1) if gcd(a, modulus) == 1]
    if base is not None:
        coprime = [integer("base", base, 2, modulus - 1)]
    for _ in range(_MOST_RUNS):
        yield coprime[int(rng.integers(len(coprime)))]


def _require_composite(modulus: int) -> None:
    divisor = next(d for d in range(2, modulus + 1) if modulus % d == 0)
    rest = modulus
    while rest % divisor == 0:
        rest //= divisor
    why = None
    if divisor == 2:
        why = "it is even, and half of it is a factor"
    elif divisor == modulus:
        why = "it is a prime"
    elif rest == 1:
        why = f"it is a power of {divisor}, whose root is a factor"
    if why:
        raise ValueError(f"modulus={modulus}; {why}")
