"""What value and gradient of a batch cost in JAX, beside PennyLane's own simulator in JAX.

    .venv/clients/pennylane/bin/python benchmarks/jax_pennylane.py [--rounds N]

The circuit is that of benchmarks/training.py, a batch of 32, squared loss on Z of qubit 0: its
value and its gradient by the weights, compiled by `jax.jit`. `default.qubit` is a QNode under
`jax.vmap`, differentiated by JAX itself; `ketgrad.qubit` the same QNode on that device; `function`
is `ketgrad.jax.function` of the program. All take turns; printed are medians in microseconds, and
the distance to the goal: `function` 10 times faster than default.qubit at 4 qubits, 40 times at 8.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pennylane as qml
from jax_function import BATCH, LAYERS, program

from ketgrad.jax import function

GOALS = {4: 10.0, 8: 40.0}


def qnode(device: str, n: int) -> Callable[..., Any]:
    """Make the same as a QNode of one sample."""

    @qml.qnode(qml.device(device, wires=n))
    def circuit(x: Any, w: Any) -> Any:
        for q in range(n):
            qml.RX(x[q], wires=q)
        angles = w.reshape(LAYERS[n], n, 3)
        for layer in angles:
            for q in range(n):
                qml.RX(layer[q, 0], wires=q)
                qml.RY(layer[q, 1], wires=q)
                qml.RZ(layer[q, 2], wires=q)
            for q in range(n):
                qml.CNOT(wires=[q, (q + 1) % n])
        return qml.expval(qml.Z(0))

    return jax.vmap(circuit, (0, None))


def step(f: Callable[..., Any]) -> Callable[..., Any]:
    """Make the compiled value and gradient."""

    def loss(w: Any, x: Any, y: Any) -> Any:
        return jnp.mean((f(x, w) - y) ** 2)

    compiled = jax.jit(jax.value_and_grad(loss))
    return lambda *arrays: jax.block_until_ready(compiled(*arrays))


def measured(n: int, rounds: int) -> dict[str, float]:
    """Time all in turn, after checking that they agree."""
    rng = np.random.default_rng(0)
    of_program = function(program(n, 1))
    steps = {
        "default.qubit": step(qnode("default.qubit", n)),
        "ketgrad.qubit": step(qnode("ketgrad.qubit", n)),
        "function": step(lambda x, w: of_program(x, w)[:, 0]),
    }
    w = jnp.asarray(rng.uniform(-np.pi, np.pi, 3 * n * LAYERS[n]))
    x = jnp.asarray(rng.uniform(-1, 1, (BATCH, n)))
    y = jnp.asarray(np.sign(rng.normal(size=BATCH)))
    values = [run(w, x, y) for run in steps.values()]
    for value, slope in values[1:]:
        np.testing.assert_allclose(value, values[0][0], atol=1e-10)
        np.testing.assert_allclose(slope, values[0][1], atol=1e-10)
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, run in steps.items():
            start = time.perf_counter()
            run(w, x, y)
            seconds[name].append(time.perf_counter() - start)
    return {name: 1e6 * float(np.median(taken)) for name, taken in seconds.items()}


def main() -> None:
    """Print a row for every size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    jax.config.update("jax_enable_x64", True)
    for n, goal in GOALS.items():
        found = measured(n, options.rounds)
        theirs = found["default.qubit"]
        row = ", ".join(f"{name} {micros:.0f} µs" for name, micros in found.items())
        ratios = {name: theirs / found[name] for name in ("ketgrad.qubit", "function")}
        said = ", ".join(f"{name} {ratio:.1f} times" for name, ratio in ratios.items())
        met = "met" if ratios["function"] >= goal else f"{goal - ratios['function']:.1f} short"
        print(f"{n} qubits: {row}; faster: {said}; goal {goal:.0f}: {met}", flush=True)


if __name__ == "__main__":
    main()
