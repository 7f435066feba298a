"""MaxCut by QAOA with one round (Farhi, Goldstone, Gutmann 2014, arXiv:1411.4028).

The vertices of a graph are to be split in two so that many edges are cut. On D-regular graphs
without triangles the best expected fraction is known in closed form (Wang et al. 2018,
arXiv:1706.02998), here reached by gradient descent on the two angles.

Run with: python maxcut_qaoa.py
"""

import argparse

import numpy as np
from scipy.optimize import minimize

import ketgrad as kg

Edge = tuple[int, int]

RING: list[Edge] = [(q, (q + 1) % 8) for q in range(8)]
# Vertices whose three-bit numbers differ in one bit.
CUBE: list[Edge] = [(a, a | 1 << k) for a in range(8) for k in range(3) if not a & 1 << k]


def cut_fraction(edges: list[Edge]) -> kg.PauliSum:
    """Make the observable of the fraction of edges that are cut: the mean of (1 - ZZ)/2."""
    n = 1 + max(map(max, edges))
    weight = 0.5 / len(edges)
    return kg.PauliSum.from_sparse([("", [], 0.5)] + [("ZZ", edge, -weight) for edge in edges], n)


def qaoa(edges: list[Edge]) -> kg.Circuit:
    """Start from all cuts at once, give each a phase by its size, then mix."""
    gamma, beta = kg.Parameter("gamma"), kg.Parameter("beta")
    n = 1 + max(map(max, edges))
    circuit = kg.Circuit(n)
    for vertex in range(n):
        circuit.h(vertex)
    for a, b in edges:
        circuit.rzz(-gamma, a, b)
    for vertex in range(n):
        circuit.rx(2 * beta, vertex)
    return circuit


def best_fraction(edges: list[Edge]) -> tuple[float, np.ndarray]:
    program = kg.compile(qaoa(edges), cut_fraction(edges))

    def loss(angles: np.ndarray) -> tuple[float, np.ndarray]:
        # We want the largest fraction, SciPy finds the smallest value.
        return -program.expval(weights=angles)[0], program.vjp([-1.0], weights=angles)[1]

    found = minimize(loss, [0.5, 0.3], jac=True, method="L-BFGS-B", options={"ftol": 1e-14})
    return -found.fun, found.x


def largest_cut(edges: list[Edge], angles: np.ndarray, shots: int) -> tuple[str, int]:
    """Sample some cuts and return the best, as text with vertex 0 rightmost."""
    draws = kg.compile(qaoa(edges)).sample(shots, weights=angles, seed=1)
    sizes = [sum((int(cut) >> a ^ int(cut) >> b) & 1 for a, b in edges) for cut in draws]
    best = int(np.argmax(sizes))
    return f"{int(draws[best]):08b}", sizes[best]


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shots", type=int, default=1000, help="cuts to sample")
    arguments = parser.parse_args(argv)

    for name, edges, known in [("ring", RING, 0.75), ("cube", CUBE, 0.692450)]:
        fraction, angles = best_fraction(edges)
        cut, size = largest_cut(edges, angles, arguments.shots)
        print(f"{name}: {fraction:.6f} of the edges on average; {cut} cuts {size} of {len(edges)}")
        assert abs(fraction - known) < 1e-6
        assert size == len(edges)  # both graphs are bipartite, and a sample finds it


if __name__ == "__main__":
    main()
