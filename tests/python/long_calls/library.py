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


def repeated(name: str, *arguments: Any) -> Callable[[], Call]:
    """The same call again and again."""
    return lambda: Call(lambda: [getattr(kg.library, name)(*arguments) for _ in range(20)])


def unitary() -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(0).normal(size=(512, 512)))[0]


NUMBERS = np.random.default_rng(0).normal(size=2**16)

CALLS |= {
    "datasets.cluster_ising": on(lambda: 12, lambda n: kg.datasets.cluster_ising(n, 60)),
    "library.add_constant": built("add_constant", 1500, 3),
    "library.amplitude_estimation": estimated,
    "library.dicke_state": built("dicke_state", 2000, 500),
    "library.diagonal": repeated("diagonal", NUMBERS),
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
    "FermionOperator.normal_ordered": on(disordered, lambda op: op.normal_ordered()),
    "library.bravyi_kitaev": mapped("bravyi_kitaev"),
    "library.hamiltonian_variational": on(
        all_pairs, lambda h: kg.library.hamiltonian_variational([h], 500)
    ),
    "library.multiplexed_rotation": repeated("multiplexed_rotation", "ry", NUMBERS[: 2**15]),
    "library.permutation": repeated("permutation", np.random.default_rng(0).permutation(2**12)),
    "library.prepare_state": repeated("prepare_state", NUMBERS),
    "library.qaoa": on(all_pairs, lambda h: kg.library.qaoa(h, 500)),
    "library.qsp": built("qsp", np.zeros(1_000_000), 0.5),
    "library.qsp_angles": built("qsp_angles", 0.9 * np.eye(1201)[1200]),
    "library.qsvt": built("qsvt", np.zeros(200_000), kg.Circuit(2).cx(0, 1), 1),
    "library.synthesize": on(unitary, kg.library.synthesize),
    "library.jordan_wigner": mapped("jordan_wigner"),
    "library.maxcut": built("maxcut", [(k % 60, k % 60 + 1) for k in range(1_000_000)]),
    "library.molecular_hamiltonian": on(
        lambda: np.ones((30, 30, 30, 30)),
        lambda g: kg.library.molecular_hamiltonian(np.ones((30, 30)), g),
    ),
    "library.parity": mapped("parity"),
    "library.qdrift": on(all_pairs, lambda h: kg.library.qdrift(h, 1.0, 1_000_000, seed=1)),
    "library.trotter": on(all_pairs, lambda h: kg.library.trotter(h, 1.0, 50, order=4)),
    "library.uccsd": repeated("uccsd", 8, 24),
    "library.qft": built("qft", 2500),
    "library.quantum_volume": built("quantum_volume", 500),
    "library.random_clifford": built("random_clifford", 1500),
    "library.shor": lambda: Call(lambda: [kg.library.shor(51, seed=k) for k in range(20)]),
    "library.simon_secret": on(outcomes, kg.library.simon_secret),
}
