"""What a training step in JAX costs above the program's own call.

    python benchmarks/jax_function.py [--rounds N]

Needs jax. The circuit is that of benchmarks/training.py: a sample encoded by RX, then layers of RX
RY RZ on every qubit and a ring of CNOTs; squared loss on Z of qubit 0, or of every qubit, a batch
of 32. A step is a compiled function of weights, inputs and targets: the loss, its gradient and the
weights moved along it. Beside it, Program.value_and_vjp with a cotangent that is there already. All
take turns; printed are medians, of a step's difference to the call of its round, in microseconds.
"jax alone" is a step without a program. The goal: 40 above the call, by the handlers ('ffi').
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import ketgrad as kg
from ketgrad.jax import function

BATCH, RATE, GOAL = 32, 0.01, 40.0
LAYERS = {4: 4, 8: 6}


def program(n: int, n_observables: int) -> kg.Program:
    """Compile the circuit."""
    x, w = kg.ParameterVector("x", n), kg.ParameterVector("w", LAYERS[n] * n * 3)
    circuit = kg.Circuit(n)
    for q in range(n):
        circuit.rx(x[q], q)
    angle = iter(w)
    for _ in range(LAYERS[n]):
        for q in range(n):
            circuit.rx(next(angle), q).ry(next(angle), q).rz(next(angle), q)
        for q in range(n):
            circuit.cx(q, (q + 1) % n)
    observables = [kg.PauliSum(f"Z{q}", n) for q in range(n_observables)]
    return kg.compile(circuit, observables, inputs=x)


def step(f: Callable[..., Any]) -> Callable[..., Any]:
    """Make a compiled training step of a model f(inputs, weights)."""

    def descend(w: Any, x: Any, y: Any) -> Any:
        value, slope = jax.value_and_grad(lambda w: jnp.mean((f(x, w) - y) ** 2))(w)
        return w - RATE * slope, value

    compiled = jax.jit(descend)
    return lambda *arrays: jax.block_until_ready(compiled(*arrays))


def medians(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Time all in turn; the first as it is, others as the median of what they take above it."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
    own, *others = (1e6 * np.array(taken) for taken in seconds.values())
    found = [np.median(own), *(np.median(taken - own) for taken in others)]
    return dict(zip(calls, map(float, found), strict=True))


def measured(n: int, n_observables: int, rounds: int) -> dict[str, float]:
    """Time the program's own call and what steps take above it."""
    p = program(n, n_observables)
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (BATCH, n))
    w = rng.uniform(-np.pi, np.pi, len(p.weights))
    y = np.sign(rng.normal(size=(BATCH, n_observables)))
    arrays = tuple(map(jnp.asarray, (w, x, y)))
    steps = {
        "ffi": step(function(p, via="ffi")),
        "callback": step(function(p, via="callback")),
        "jax alone": step(lambda x, w: x[:, :1] * w.sum()),
    }
    calls = {"call": lambda: p.value_and_vjp(y, x, w)}
    calls |= {name: lambda run=run: run(*arrays) for name, run in steps.items()}
    medians(calls, 3)  # compiles the steps
    found = medians(calls, rounds)
    found["jax alone"] += found["call"]
    return found


def main() -> None:
    """Print a row for every program and precision of JAX."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=500)
    options = parser.parse_args()
    columns = ["call", "ffi", "callback", "jax alone"]
    print(f"{'qubits':>6} {'values':>6} {'dtype':>8}" + "".join(f"{name:>11}" for name in columns))
    worst: dict[str, float] = {}
    for x64 in (False, True):
        jax.config.update("jax_enable_x64", x64)
        for n in LAYERS:
            for n_observables in (1, n):
                found = measured(n, n_observables, options.rounds)
                row = "".join(f"{found[name]:11.1f}" for name in columns)
                print(f"{n:6} {n_observables:6} {'float64' if x64 else 'float32':>8}{row}")
                which = "one value" if n_observables == 1 else f"{n} values on {n} qubits"
                worst[which] = max(worst.get(which, -np.inf), found["ffi"])
    print(f"goal: {GOAL:.0f} µs above the call")
    for which, most in worst.items():
        print(f"{which}: {most:.0f} µs, {'met' if most <= GOAL else f'{most - GOAL:.0f} too many'}")


if __name__ == "__main__":
    main()
