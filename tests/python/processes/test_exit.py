"""A process ends as it should while daemon threads are inside the library."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUNS = int(os.environ.get("KETGRAD_EXIT_RUNS", "3"))  # of each; the fault showed in most of them

PREPARE = """
import gc, os, random, sys, threading, time
import numpy as np
import ketgrad as kg

circuit = kg.hardware_efficient(4, 2)
program = kg.compile(circuit, "ZZZZ")
weights = np.full(len(program.weights), 0.1)
bell = kg.Circuit(2, 2).h(0).cx(0, 1).measure(0, 0).h(0).measure(1, 1)
x = np.random.default_rng(0).normal(size=(32, 2))

def forever(call):
    def work():
        while True:
            call()
    return work

def start(*calls):
    for call in calls:
        for _ in range(2):
            threading.Thread(target=forever(call), daemon=True).start()

def fit():
    model = kg.make_model(2, n_layers=1)
    seen = []
    trainer = kg.Trainer(model, loss="squared", epochs=1000, batch_size=8)
    trainer.fit(x, x[:, :1], callback=lambda record: seen.append(record))

def minimize():
    kg.minimize(program, weights, steps=1000, callback=lambda step: list(range(100)) and None)
"""

CALLS = {
    "expval": "start(lambda: program.expval(weights=weights))",
    "expval of lists": "start(lambda: program.expval(weights=[list(map(int, weights))] * 200))",
    "vjp": "start(lambda: program.vjp([1.0], weights=weights))",
    "a batch": "big = np.tile(weights, (4000, 1)); start(lambda: program.expval(weights=big))",
    "run": "start(lambda: bell.run(2000))",
    "run with progress": """
long = kg.Circuit(10, 10)
for qubit in range(10): long.h(qubit).measure(qubit, qubit).h(qubit)
start(lambda: long.run(100_000, progress=lambda done, shots: sum(range(1000))))
""",
    "fit with a callback": "start(fit)",
    "minimize with a callback": "start(minimize)",
    "compile": "start(lambda: kg.compile(circuit, 'ZZZZ'))",
    "a wide state": "start(lambda: kg.State(18).apply(kg.Circuit(18).h(0)).probabilities([3]))",
    "a kernel": "start(lambda: kg.fidelity_kernel(program, weights=np.tile(weights, (300, 1))))",
    "OpenQASM": "text = circuit.to_qasm(); start(lambda: kg.Circuit.from_qasm(text))",
    "circuits and text": "start(lambda: str(circuit.repeat(3)))",
    "errors": """
def wrong():
    try: program.expval(weights=[0.1])
    except ValueError: pass
start(wrong)
""",
    # It holds the lock for good, and Python does not wait for it for ever.
    "a callback that never returns": """
def stuck():
    trainer = kg.Trainer(kg.make_model(2, n_layers=1), loss="squared")
    trainer.fit(x, x[:, :1], callback=lambda record: time.sleep(1000))
start(stuck)
""",
    "lists": "start(lambda: program.expval(weights=[[0.1] * 24] * 500))",
    "all at once": """
start(fit, minimize, lambda: bell.run(2000), lambda: program.vjp([1.0], weights=weights))
""",
    # The thread that ends Python may still work: it must not be taken for one to stop.
    "work while Python ends": """
class Last:
    def __del__(self, call=program.expval, weights=weights): call(weights=weights)
last = Last()
start(lambda: program.expval(weights=weights))
""",
}


@pytest.mark.parametrize("name", CALLS)
def test_exit_with_daemon_threads(name: str) -> None:
    code = PREPARE + CALLS[name] + "\ntime.sleep(random.uniform(0.05, 0.15))\n"
    for _ in range(RUNS):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_a_thread_that_is_no_daemon_finishes() -> None:
    code = (
        PREPARE
        + """
def work():
    for _ in range(200): program.expval(weights=weights)
    print("finished")
threading.Thread(target=work).start()
"""
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "finished\n", "")


def test_only_our_own_types_release_the_lock() -> None:
    # Those of pybind11 end the process when Python ends (see bindings/gil.h).
    sources = Path(__file__).parents[3] / "bindings"
    uses = [path.name for path in sources.rglob("*.*") if "gil_scoped" in path.read_text()]
    assert uses == ["gil.h"]
