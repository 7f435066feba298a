"""Expectation values of wide, shallow circuits by their light cones.

    python benchmarks/light_cones.py [--depth D] [QUBITS ...]

A brickwork of ry and cz with Z on every qubit: the time to compile it, of its values, of values
with the gradient of their sum, of variances and of 1000 shots each, the median of some calls. The
goal: values of 40 qubits, depth 3 within 10 ms.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import ketgrad as kg

GOAL_MS = 10


def brickwork(n_qubits: int, depth: int) -> kg.Circuit:
    """Return layers of ry on all qubits and cz on every other pair of neighbours."""
    w = kg.ParameterVector("w", n_qubits * depth)
    out = kg.Circuit(n_qubits)
    for layer in range(depth):
        out.ry(w[layer * n_qubits : (layer + 1) * n_qubits], range(n_qubits))
        first = range(layer % 2, n_qubits - 1, 2)
        out.cz(first, [q + 1 for q in first])
    return out


def milliseconds(call: Callable[[], Any]) -> float:
    """Return the median time of a few calls."""
    times = []
    for _ in range(9):
        start = time.perf_counter()
        call()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


def main() -> None:
    """Print a row for every number of qubits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("qubits", nargs="*", type=int, default=[12, 20, 40, 60])
    parser.add_argument("--depth", type=int, default=3)
    options = parser.parse_args()
    heads = ["compile", "values", "gradient", "variances", "shots"]
    print(f"{'qubits':>6} {'parts':>6} {'widest':>7} {' '.join(f'{h:>9}' for h in heads)}  ms")
    for n in options.qubits:
        circuit = brickwork(n, options.depth)
        observables = [kg.PauliSum(f"Z{q}", n_qubits=n) for q in range(n)]
        program = kg.compile(circuit, observables)
        w = np.random.default_rng(n).normal(size=len(program.weights))
        ones = np.ones(n)
        times = (
            milliseconds(partial(kg.compile, circuit, observables)),
            milliseconds(partial(program.expval, weights=w)),
            milliseconds(partial(program.value_and_vjp, ones, weights=w)),
            milliseconds(partial(program.variance, weights=w)),
            milliseconds(partial(program.expval, weights=w, shots=1000, seed=1)),
        )
        cones = program.light_cones or [list(range(n))]
        row = " ".join(f"{t:9.3f}" for t in times)
        print(f"{n:6} {len(cones):6} {max(map(len, cones)):7} {row}")
    print(f"goal: values of 40 qubits of depth 3 within {GOAL_MS} ms")


if __name__ == "__main__":
    main()
