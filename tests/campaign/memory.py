"""Memory over many calls of each kind: what a call takes it gives back."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

import ketgrad as kg
from campaign.tally import Tally

TITLE = "Memory over many calls of each kind"
UNIT = "calls"
GOAL = 2_000_000
SHARE = 1.0

CALLS = 100_000
A_TRIAL = CALLS
MOST_GROWTH = 4 << 20  # bytes; the allocator's own reserves come and go


@cache
def _calls() -> dict[str, Callable[[], object]]:
    x, w = kg.ParameterVector("x", 2), kg.ParameterVector("w", 2)
    circuit = kg.Circuit(2).ry(x[0], 0).rx(x[1], 1).cx(0, 1).rz(w[0], 1).rx(w[1], 0)
    program = kg.compile(circuit, ["ZZ", "XI"], inputs=x)
    noisy = kg.compile_noisy(
        circuit, "ZZ", kg.NoiseModel().add(kg.Channel.bit_flip(0.1), "cx"), inputs=x
    )
    batch, weights = np.full((9, 2), 0.1), [0.3, 0.4]
    measured = kg.Circuit(2).h(0).cx(0, 1).measure_all()
    bound = circuit.assign({"x[0]": 0.1, "x[1]": 0.2, "w[0]": 0.3, "w[1]": 0.4})
    text, qasm = program.to_json(), bound.to_qasm(version=2)
    sums = kg.PauliSum({"ZZ": 1.0, "XI": 0.5})
    model = kg.make_model(1, n_layers=1)
    optimizer, point = kg.Optimizer("adam"), np.zeros(2)
    state = kg.State(3)

    def refused() -> None:
        try:
            program.expval(inputs=[1.0], weights=weights)
        except ValueError:
            return
        raise AssertionError("three inputs too few were taken")

    return {
        "build a circuit": lambda: kg.Circuit(2).ry(2 * x[0] + 1, 0).cx(0, 1),
        "compile": lambda: kg.compile(circuit, "ZZ", inputs=x),
        "expval": lambda: program.expval(inputs=batch, weights=weights),
        "expval, shots": lambda: program.expval(inputs=batch[0], weights=weights, shots=10, seed=1),
        "vjp": lambda: program.vjp(np.ones((9, 2)), inputs=batch, weights=weights),
        "jacobian": lambda: program.jacobian(inputs=batch, weights=weights),
        "parameter shift": lambda: program.jacobian(
            batch[0], weights, diff_method="parameter-shift"
        ),
        "hessian": lambda: program.hessian(batch[0], weights),
        "metric tensor": lambda: program.metric_tensor(batch[0], weights),
        "state": lambda: program.state(inputs=batch, weights=weights),
        "sample": lambda: program.sample(10, inputs=batch[0], weights=weights, seed=1),
        "run": lambda: measured.run(10, seed=1).counts(),
        "noise": lambda: noisy.expval(inputs=batch[0], weights=weights),
        "noisy gradients": lambda: noisy.vjp([1.0], inputs=batch[0], weights=weights),
        "density matrix": lambda: bound.density_matrix().matrix(),
        "State": lambda: state.apply(kg.Circuit(3).h(0)).probabilities(),
        "Pauli algebra": lambda: (sums @ sums + sums).matrix(),
        "JSON": lambda: kg.Program.from_json(text),
        "OpenQASM": lambda: kg.Circuit.from_qasm(qasm).to_qasm(version=3),
        "draw": lambda: (bound.draw(), bound._repr_svg_()),
        "overlap": lambda: kg.fidelity_kernel(program, batch, weights=weights),
        "model": lambda: model.outputs([[0.5]]),
        "optimizer": lambda: optimizer.step(point, [0.1, 0.2]),
        "a refused call": refused,
    }


def _resident() -> int:
    """Return the bytes of memory in use, after giving back what is free."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def trial(rng: np.random.Generator, tally: Tally, case: str) -> None:
    """Make CALLS calls of one kind."""
    names = list(_calls())
    name = names[int(case.rsplit(" ", 1)[1]) % len(names)]  # each in turn
    call = _calls()[name]
    for _ in range(500):
        call()
    before = _resident()
    for _ in range(CALLS):
        call()
    growth = _resident() - before
    tally.saw(name, CALLS)
    tally.error(
        "largest growth, MiB", max(growth, 0) / 2**20, MOST_GROWTH / 2**20, f"{name}, {case}"
    )
