"""Work in jobs has the same bits whatever runs it: loky, processes, threads, Dask or Ray."""

import os
import pickle
from collections.abc import Callable
from functools import cache
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.datasets import make_moons
from sklearn.model_selection import GridSearchCV

import ketgrad as kg
from conftest import BACKENDS

RNG = np.random.default_rng(3)
X = RNG.uniform(-2, 2, (50, 6))
Y = RNG.uniform(-2, 2, (21, 6))


@cache
def of_samples() -> kg.Program:
    return kg.compile(kg.iqp_map(6), inputs="x")


@cache
def of_weights() -> kg.Program:
    return kg.compile(kg.hardware_efficient(8, 1), ["ZZIIIIII", "XXXXXXXX"])


def energies(rows: np.ndarray) -> np.ndarray:
    return of_weights().expval(weights=rows)[:, 0]


def energies_and_slopes(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    cotangent = np.tile([1.0, 0.0], (len(rows), 1))
    values, _, slopes = of_weights().value_and_vjp(cotangent, weights=rows)
    return values[:, 0], slopes


def program_of(circuit: kg.Circuit) -> kg.Program:
    return kg.compile(circuit, "ZZ - 0.5*XI")


def bits(result: kg.MinimizeResult) -> Any:
    return result.weights.tobytes(), result.value, result.history.tobytes(), result.message


def structure() -> Any:
    found = kg.structure_search(program_of, 2, train_steps=2, n_steps=1, population=8, seed=1)
    return found.circuit, found.weights.tobytes(), found.value, found.n_runs


N_WEIGHTS = len(of_weights().weights)
BOX = [(-np.pi, np.pi)] * N_WEIGHTS

CALLS: dict[str, Callable[[], Any]] = {
    "fidelity kernel": lambda: kg.fidelity_kernel(of_samples(), X).tobytes(),
    "fidelity kernel of both": lambda: kg.fidelity_kernel(of_samples(), X, Y).tobytes(),
    "projected kernel": lambda: kg.projected_kernel(of_samples(), X, gamma=0.7).tobytes(),
    "projected kernel of both": lambda: kg.projected_kernel(of_samples(), X, Y).tobytes(),
    "genetic algorithm": lambda: bits(kg.genetic_algorithm(energies, BOX, n_steps=1, seed=1)),
    "particle swarm": lambda: bits(kg.particle_swarm(energies, BOX, n_steps=1, seed=1)),
    "cma": lambda: bits(kg.cma_es(energies, [0.1] * N_WEIGHTS, n_steps=1, population=20, seed=1)),
    "evolution": lambda: bits(
        kg.evolution_strategy(energies, [0.1] * N_WEIGHTS, n_steps=1, seed=1)
    ),
    "restarts": lambda: bits(
        kg.random_restarts(energies_and_slopes, N_WEIGHTS, n_steps=1, n_starts=20, seed=1)
    ),
    "structures": structure,
    "gradient variance": lambda: kg.gradient_variance(of_weights(), 50, seed=1).tobytes(),
    "expressibility": lambda: kg.expressibility(of_weights(), 50, seed=1),
}


@cache
def expected(name: str) -> Any:
    return CALLS[name]()


# Pools that take seconds to start have a call of each way to cut work.
OF_POOLS = ("fidelity kernel", "evolution", "gradient variance")
PAIRS = [
    (backend, name)
    for backend in BACKENDS
    for name in (OF_POOLS if backend in ("multiprocessing", "ray") else CALLS)
]


@pytest.mark.parametrize(("backend", "name"), PAIRS, indirect=["backend"])
def test_the_bits_are_those_of_no_jobs(backend: Any, name: str) -> None:
    wanted = expected(name)
    with backend():
        assert CALLS[name]() == wanted


def minimized(optimizer: str, **options: Any) -> Any:
    start = np.full(N_WEIGHTS, 0.4)
    steps = 3 if optimizer == "l-bfgs" else 5
    found = kg.minimize(
        of_weights(), start, optimizer=optimizer, steps=steps, n_restarts=10, seed=2, **options
    )
    return bits(found), found.by_name["w"].tobytes()


MINIMIZERS = {"adam": {}, "l-bfgs": {}, "spsa": {"shots": 100}}


@cache
def minimized_in_one_job(optimizer: str) -> Any:
    return minimized(optimizer, n_jobs=1, **MINIMIZERS[optimizer])


@pytest.mark.parametrize("optimizer", MINIMIZERS)
def test_restarts_have_the_bits_of_one_job(optimizer: str, backend: Any) -> None:
    wanted = minimized_in_one_job(optimizer)
    with backend():
        assert minimized(optimizer, n_jobs=2, **MINIMIZERS[optimizer]) == wanted


def fitted() -> Any:
    samples, labels = make_moons(40, noise=0.1, random_state=0)
    machines = GridSearchCV(kg.QSVC(n_layers=1, random_state=0), {"C": [0.1, 10.0]}, cv=2)
    circuits = GridSearchCV(
        kg.VQClassifier(n_layers=1, max_iter=5, tol=0, random_state=0),
        {"learning_rate": [0.01, 0.2]},
        cv=2,
    )
    return [
        search.fit(samples, labels).cv_results_["mean_test_score"].tolist()
        for search in (machines, circuits)
    ]


@cache
def expected_fits() -> Any:
    return fitted()


def test_grid_search(backend: Any) -> None:
    wanted = expected_fits()
    with backend():
        assert fitted() == wanted


def threads_here(_: int) -> tuple[int, int, str | None]:
    before = kg.num_threads()
    kg.fidelity_kernel(of_samples(), X)  # a parallel region
    return before, kg.num_threads(), os.environ.get("OMP_NUM_THREADS")


@pytest.mark.parametrize("n_threads", [1, 2])
def test_workers_of_loky_take_the_threads_they_are_given(n_threads: int) -> None:
    with joblib.parallel_config("loky", n_jobs=2, inner_max_num_threads=n_threads):
        found = joblib.Parallel()(joblib.delayed(threads_here)(k) for k in range(4))
    assert found == [(n_threads, n_threads, str(n_threads))] * 4


@pytest.mark.parametrize("name", ["dask", "ray_pool"])
def test_workers_of_clusters_take_one_thread(name: str, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(name)
    with joblib.parallel_config(name.removesuffix("_pool"), n_jobs=2):
        found = joblib.Parallel()(joblib.delayed(threads_here)(k) for k in range(4))
    assert {before for before, _, _ in found} | {after for _, after, _ in found} == {1}


def test_what_travels_is_small() -> None:
    program = of_weights()
    before = len(pickle.dumps(program))
    program.vjp(np.ones((500, 2)), weights=np.zeros((500, N_WEIGHTS)))  # which leaves scratch
    assert len(pickle.dumps(program)) == before < 10_000
