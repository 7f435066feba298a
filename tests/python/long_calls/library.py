"""Circuits of the library."""

from collections.abc import Callable
from typing import Any

import numpy as np

import ketgrad as kg
from long_calls.call import Call, on

CALLS: dict[str, Callable[[], Call]] = {}


def built(name: str, *arguments: Any) -> Callable[[], Call]:
    """A call of a function of the library."""
    return lambda: Call(lambda: getattr(kg.library, name)(*arguments))


def all_pairs() -> kg.PauliSum:
    return kg.PauliSum([("ZX", [a, b], 1.0) for a in range(40) for b in range(a)])


def long_product() -> kg.FermionOperator:
    """A product on 22 modes, of millions of Pauli strings."""
    product = kg.FermionOperator(" ".join(f"{mode}" for mode in range(22)))
    return product + product.adjoint()


def mapped(mapping: str) -> Callable[[], Call]:
    return on(long_product, lambda op: getattr(kg.library, mapping)(op))


def disordered() -> kg.FermionOperator:
    return kg.FermionOperator(" ".join(f"{mode} {mode}^" for mode in range(20)))


CALLS |= {
    "FermionOperator.normal_ordered": on(disordered, lambda op: op.normal_ordered()),
    "library.bravyi_kitaev": mapped("bravyi_kitaev"),
    "library.jordan_wigner": mapped("jordan_wigner"),
    "library.maxcut": built("maxcut", [(k % 60, k % 60 + 1) for k in range(1_000_000)]),
    "library.molecular_hamiltonian": on(
        lambda: np.ones((30, 30, 30, 30)),
        lambda g: kg.library.molecular_hamiltonian(np.ones((30, 30)), g),
    ),
    "library.parity": mapped("parity"),
    "library.qdrift": on(all_pairs, lambda h: kg.library.qdrift(h, 1.0, 1_000_000, seed=1)),
    "library.trotter": on(all_pairs, lambda h: kg.library.trotter(h, 1.0, 50, order=4)),
    "library.uccsd": built("uccsd", 8, 24),
    "library.qft": built("qft", 2500),
}
