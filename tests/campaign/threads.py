"""The same bits for 1 to 5 threads, whatever runs in parallel."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import ketgrad as kg
from campaign.random_programs import by_name, random_program, random_terms
from campaign.tally import Tally

TITLE = "The same bits for 1 to 5 threads"
UNIT = "programs"
GOAL = 2_000
SHARE = 1.0
ENVIRONMENT = {"OMP_NUM_THREADS": "2"}


def random_calls(rng: np.random.Generator) -> dict[str, Callable[[], object]]:
    """Return calls on one random program, wide, in a batch, or with noise."""
    kind = str(rng.choice(["wide", "batch", "noise"], p=[0.2, 0.5, 0.3]))
    seed = int(rng.integers(2**32))
    precision = str(rng.choice(["single", "double"]))
    n_qubits = {"wide": int(rng.integers(15, 18)), "batch": int(rng.integers(1, 11)), "noise": 4}[
        kind
    ]
    program = random_program(rng, n_qubits, int(rng.integers(5, 40)), 4)
    terms = kg.PauliSum(random_terms(rng, n_qubits, most=20))
    if kind == "noise":
        model = kg.NoiseModel().add(kg.Channel.depolarizing(0.05))
        circuit = program.circuit().assign(dict.fromkeys(program.circuit().parameters, 0.3))
        noisy = kg.compile_noisy(circuit, terms, model)
        measured = circuit.measure_all()
        return {
            "trajectories": lambda: measured.run(3000, seed=seed, noise=model).memory(),
            "density matrix": lambda: noisy.expval(),
            "estimates": lambda: noisy.expval(trajectories=500, seed=seed),
        }
    compiled = kg.compile(program.circuit(), [terms], precision=precision)
    batch = 1 if kind == "wide" else int(rng.integers(1, 200))
    weights = by_name(compiled.weights, rng.uniform(-4, 4, size=(batch, 4)))
    calls: dict[str, Callable[[], object]] = {
        "values": lambda: compiled.expval(weights=weights),
        "gradients": lambda: compiled.vjp(np.ones((batch, 1)), weights=weights),
        "samples": lambda: compiled.sample(500, weights=weights, seed=seed),
        "estimates": lambda: compiled.expval(weights=weights, shots=500, seed=seed),
    }
    if kind == "wide":
        calls["states"] = lambda: compiled.state(weights=weights)
    else:
        calls["shift"] = lambda: compiled.jacobian(
            weights=weights[:3], diff_method="parameter-shift", shots=100, seed=seed
        )
    return calls


def bits(result: object) -> bytes:
    """Return a result's bytes."""
    parts = result if isinstance(result, tuple) else (result,)
    return b"".join(np.ascontiguousarray(part).tobytes() for part in parts)


def trial(rng: np.random.Generator, tally: Tally, case: str) -> None:
    """Run each call with 1 thread and with one other number of threads."""
    calls = random_calls(rng)
    other = int(rng.integers(2, 6))
    try:
        for name, call in calls.items():
            kg.set_num_threads(1)
            one = bits(call())
            kg.set_num_threads(other)
            tally.saw(name)
            if bits(call()) != one:
                tally.fail(f"{name} differ between 1 and {other} threads: {case}")
    finally:
        kg.set_num_threads(0)
