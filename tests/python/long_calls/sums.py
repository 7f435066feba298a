"""Sums of many Pauli strings."""

from collections.abc import Callable
from functools import cache
from typing import Any

import ketgrad as kg
from long_calls.call import Call, on
from long_calls.circuits import random_sum

CALLS: dict[str, Callable[[], Call]] = {}


def product() -> Call:
    a = random_sum(20, 3000)
    return Call(lambda: a @ a, lambda: len(a) == 3000 and a.n_qubits == 20)


@cache
def long_sum() -> kg.PauliSum:
    return random_sum(24, 300_000)


def of_sum(run: Callable[[kg.PauliSum], object]) -> Callable[[], Call]:
    def setup() -> Call:
        total = long_sum()
        return Call(lambda: run(total), lambda: len(total) == 300_000)

    return setup


def several(run: Callable[[], object], times: int = 20) -> Callable[[], list[object]]:
    return lambda: [run() for _ in range(times)]


def sparse_matrix() -> Any:
    return random_sum(14, 200).to_sparse()


CALLS |= {
    "PauliSum.__matmul__": product,
    "PauliSum.i_commutator": on(lambda: random_sum(20, 3000), lambda h: h.i_commutator(h)),
    "PauliSum.anticommutator": on(lambda: random_sum(20, 3000), lambda h: h.anticommutator(h)),
    "PauliSum.from_sparse of a matrix": on(
        sparse_matrix, lambda matrix: kg.PauliSum.from_sparse(matrix)
    ),
    "PauliSum.matrix": on(lambda: random_sum(12, 40_000), lambda h: h.matrix()),
    "PauliSum.eigenvalues": on(lambda: random_sum(11, 500), lambda h: h.eigenvalues()),
    "PauliSum.ground_state": on(lambda: random_sum(18, 200), lambda h: h.ground_state()),
    "PauliSum.to_sparse": on(lambda: random_sum(16, 200), lambda h: h.to_sparse()),
    "evolve": on(lambda: random_sum(18, 200), lambda h: kg.evolve(kg.State(18), h, 5.0)),
    "evolve by a series": on(
        lambda: random_sum(18, 200),
        lambda h: kg.evolve(kg.State(18), h, 5.0, method="chebyshev"),
    ),
    "evolve in short steps": on(
        lambda: kg.PauliSum("XIII + ZZII + IYXZ + 0.3*IIZZ"),
        lambda h: kg.evolve(kg.State(4), h, 5.0, method="krylov", dimension=2, tolerance=1e-4),
    ),
    "PauliSum.__add__": of_sum(lambda s: sum([s] * 20)),
    "PauliSum.commuting_groups": on(lambda: random_sum(20, 20_000), lambda h: h.commuting_groups()),
    "PauliSum.terms": of_sum(lambda s: [s.terms for _ in range(5)]),
    "PauliSum.to_json": of_sum(lambda s: s.to_json()),
    "PauliSum.from_json": on(
        lambda: long_sum().to_json(), lambda text: kg.PauliSum.from_json(text)
    ),
    "PauliSum from text": on(
        lambda: str(long_sum()), lambda text: [kg.PauliSum(text) for _ in range(4)]
    ),
    "str of a PauliSum": of_sum(lambda s: [str(s) for _ in range(4)]),
    "PauliSum.from_sparse": on(
        lambda: [("XYZ", [k % 20, 20, 21], 1.0) for k in range(200_000)],
        lambda terms: [kg.PauliSum.from_sparse(terms, 22) for _ in range(3)],
    ),
}
