"""Programs on many samples, wide ones, and long ones."""

from collections.abc import Callable
from functools import cache

import numpy as np

import ketgrad as kg
from long_calls.call import Call, on
from long_calls.circuits import OPERATIONS, big_circuit

CALLS: dict[str, Callable[[], Call]] = {}


@cache
def program(n: int, layers: int, observables: object = None) -> kg.Program:
    return kg.compile(kg.hardware_efficient(n, layers), observables or "Z" * n)


def of_program(
    run: Callable[[kg.Program, np.ndarray], object], n: int, layers: int, samples: int = 0
) -> Callable[[], Call]:
    """A call of a program, whose values must be the same afterwards."""

    def setup() -> Call:
        p = program(n, layers)
        one = np.linspace(-1, 1, len(p.weights))
        weights = np.tile(one, (samples, 1)) if samples else one
        few = weights[:2] if samples else weights
        before = p.expval(weights=few).tobytes()
        return Call(lambda: run(p, weights), lambda: p.expval(weights=few).tobytes() == before)

    return setup


def compiled(n: int = 4) -> Call:
    circuit = big_circuit()
    return Call(lambda: kg.compile(circuit, "Z" * n), lambda: len(circuit) == OPERATIONS)


def compiled_wide() -> Call:
    circuit = kg.Circuit(17).compose(big_circuit(300_000))
    return Call(lambda: kg.compile(circuit, "Z" * 17), lambda: len(circuit) == 300_000)


def first_run(n: int) -> Callable[[], Call]:
    """The first run of a long program, which plans it."""

    def setup() -> Call:
        circuit = kg.Circuit(n).compose(big_circuit(200_000).assign({"a": 0.1, "b": 0.2}))
        p = kg.compile(circuit, "Z" * n)
        return Call(p.expval, lambda: p.n_qubits == n)

    return setup


CALLS |= {
    "compile": compiled,
    "compile, wide": compiled_wide,
    "a first run in layers": first_run(4),
    "a first run in tiles": first_run(17),
    "Program.to_json": on(lambda: kg.compile(big_circuit(), "ZZZZ"), lambda p: p.to_json()),
    "Program.from_json": on(
        lambda: kg.compile(big_circuit(300_000), "ZZZZ").to_json(),
        lambda t: kg.Program.from_json(t),
    ),
    "Program.expval": of_program(lambda p, w: p.expval(weights=w), 8, 10, 20_000),
    "Program.expval of shots": of_program(
        lambda p, w: p.expval(weights=w, shots=100, seed=1), 10, 4, 20_000
    ),
    "Program.expval, wide": of_program(lambda p, w: p.expval(weights=w), 22, 20),
    "Program.variance": of_program(lambda p, w: p.variance(weights=w), 8, 10, 20_000),
    "Program.probs": of_program(lambda p, w: p.probs(weights=w), 8, 10, 20_000),
    "Program.state": of_program(lambda p, w: p.state(weights=w), 8, 10, 20_000),
    "Program.sample": of_program(
        lambda p, w: p.sample(weights=w, shots=1_000_000, seed=1), 10, 2, 40
    ),
    "Program.vjp": of_program(lambda p, w: p.vjp(np.ones((len(w), 1)), weights=w), 8, 10, 10_000),
    "Program.vjp, wide": of_program(lambda p, w: p.vjp([1.0], weights=w), 20, 20),
    "Program.value_and_vjp": of_program(
        lambda p, w: p.value_and_vjp(np.ones((len(w), 1)), weights=w), 8, 10, 10_000
    ),
    "Program.jacobian": of_program(lambda p, w: p.jacobian(weights=w), 8, 10, 10_000),
    "Program.jacobian by shifts": of_program(
        lambda p, w: p.jacobian(weights=w, diff_method="parameter-shift"), 10, 10, 20
    ),
    "Program.jacobian by differences": of_program(
        lambda p, w: p.jacobian(weights=w, diff_method="finite-diff"), 10, 10, 20
    ),
    "Program.hessian": of_program(lambda p, w: p.hessian(weights=w), 10, 12),
    "Program.hvp": of_program(
        lambda p, w: [p.hvp(np.ones(len(w)), weights=w) for _ in range(20)], 16, 10
    ),
    "Program.metric_tensor": of_program(lambda p, w: p.metric_tensor(weights=w), 14, 10),
    "Program.fisher": of_program(lambda p, w: p.fisher(weights=w), 10, 10, 30),
    "fidelity_kernel": of_program(lambda p, w: kg.fidelity_kernel(p, weights=w), 6, 1, 10_000),
    "projected_kernel": of_program(lambda p, w: kg.projected_kernel(p, weights=w), 6, 1, 12_000),
    "overlap": of_program(lambda p, w: kg.overlap(p, p, a_weights=w, b_weights=w), 8, 10, 20_000),
    "fidelity": of_program(lambda p, w: kg.fidelity(p, p, a_weights=w, b_weights=w), 8, 10, 20_000),
    "overlap_vjp": of_program(
        lambda p, w: kg.overlap_vjp(np.ones(len(w)), p, p, a_weights=w, b_weights=w), 8, 10, 8_000
    ),
    "fidelity_vjp": of_program(
        lambda p, w: kg.fidelity_vjp(np.ones(len(w)), p, p, a_weights=w, b_weights=w), 8, 10, 8_000
    ),
    "bloch_vectors": of_program(lambda p, w: kg.bloch_vectors(p, weights=w), 8, 10, 20_000),
    "fisher_information": of_program(lambda p, w: kg.fisher_information(p, weights=w), 8, 10, 300),
    "gradient_variance": of_program(
        lambda p, w: kg.gradient_variance(p, n_samples=10_000, seed=1), 8, 10
    ),
    "expressibility": of_program(lambda p, w: kg.expressibility(p, n_pairs=20_000, seed=1), 8, 10),
    "meyer_wallach": of_program(lambda p, w: kg.meyer_wallach(p, weights=w), 8, 10, 20_000),
    "entangling_capability": of_program(
        lambda p, w: kg.entangling_capability(p, n_samples=20_000, seed=1), 8, 10
    ),
}

for optimizer in kg.minimizer_names():
    CALLS[f"minimize by {optimizer}"] = of_program(
        lambda p, w, name=optimizer: [
            kg.minimize(p, w + 0.1, optimizer=name, steps=2000, tolerance=0) for _ in range(50)
        ],
        4,
        4,
    )
