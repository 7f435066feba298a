"""Circuits, algorithms and Hamiltonians that people know by name.

Every function that makes a circuit returns an ordinary `Circuit`: compose it onto others, take its
inverse, control it, compile it. Hamiltonians are a `PauliSum`. Qubit 0 is the least significant bit
of a number.

>>> import ketgrad as kg
>>> kg.library.qft(3).count_gates()
{'cp': 3, 'h': 3, 'swap': 1}
"""

from ketgrad._core import (
    bravyi_kitaev,
    ghz_state,
    heisenberg,
    hubbard,
    jordan_wigner,
    maxcut,
    molecular_hamiltonian,
    parity,
    qdrift,
    qft,
    qubo,
    transverse_ising,
    trotter,
    uccsd,
)

__all__ = [
    "bravyi_kitaev",
    "ghz_state",
    "heisenberg",
    "hubbard",
    "jordan_wigner",
    "maxcut",
    "molecular_hamiltonian",
    "parity",
    "qdrift",
    "qft",
    "qubo",
    "transverse_ising",
    "trotter",
    "uccsd",
]
