"""Evolution in time beside SciPy's expm_multiply: exp(-iHt) of a Heisenberg chain on a Néel state.

    python benchmarks/evolution.py [QUBITS ...] [--time T] [--coupling J]

Needs scipy. Prints, for every method, the products with H, the time of one and of all, how many
times as long SciPy takes, and how far the states are from SciPy's. The coupling is that of Pauli
matrices; 0.25 is J = 1 between spins. The goal: 30 products at most, and 10 times SciPy's speed.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse.linalg

import ketgrad as kg

GOAL_PRODUCTS, GOAL_RATIO = 30, 10


def seconds(call: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[float, Any]:
    """Time a call, and what it returned."""
    start = time.perf_counter()
    result = call(*arguments, **options)
    return time.perf_counter() - start, result


def main() -> None:
    """Print a row for every number of qubits and method."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("qubits", nargs="*", type=int, default=[12, 16, 20])
    parser.add_argument("--time", type=float, default=1.0)
    parser.add_argument("--coupling", type=float, default=0.25)
    options = parser.parse_args()
    print(f"{'qubits':>6} {'method':>10} {'products':>8} {'s':>9} {'SciPy/ours':>10} {'differ':>9}")
    for n in options.qubits:
        hamiltonian = kg.library.heisenberg(n, options.coupling)
        start = kg.State(n).set_basis(sum(1 << q for q in range(0, n, 2)))
        sparse = -1j * options.time * hamiltonian.to_sparse()
        vector = start.amplitudes()
        theirs, expected = seconds(scipy.sparse.linalg.expm_multiply, sparse, vector)
        for method in ("automatic", "krylov", "chebyshev"):
            how = {"method": method, "return_products": True}
            ours, (state, products) = seconds(kg.evolve, start, hamiltonian, options.time, **how)
            differ = np.linalg.norm(state.amplitudes() - expected)
            print(
                f"{n:6} {method:>10} {products:8} {ours:9.3f} {theirs / ours:10.1f} {differ:9.1e}"
            )
    print(f"goal: {GOAL_PRODUCTS} products at most; {GOAL_RATIO} times SciPy's speed")


if __name__ == "__main__":
    main()
