"""What is built asks for memory first: a MemoryError that names it, never a dead process."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ketgrad as kg

A = kg.Parameter("a")
BIG = 2**31 - 1
LAYER = kg.Circuit(2).rx(A, 0).cx(0, 1)

# Each is beyond half a GiB, and most beyond any machine.
BUILDERS: dict[str, Callable[[], Any]] = {
    "Circuit.repeat": lambda: kg.Circuit(2).h(0).cx(0, 1).repeat(10**9),
    "Circuit.repeat of much": lambda: kg.Circuit(2).h(0).repeat(10**5).repeat(10**5),
    "Circuit.power": lambda: kg.Circuit(2).h(0).repeat(10**4).power(10**6),
    "Circuit.compose": lambda: _doubled(kg.Circuit(1).h(0)),
    "Circuit.control": lambda: kg.Circuit(1).h(0).repeat(10**5).control([1] * 99_000),
    "ParameterVector": lambda: kg.ParameterVector("x", 10**9),
    "ParameterVector slice": lambda: _sliced(),
    "make_model features": lambda: kg.make_model(10**9),
    "make_model outputs": lambda: kg.make_model(2, 10**9),
    "make_model layers": lambda: kg.make_model(2, n_layers=10**9),
    "make_model circuit": lambda: kg.make_model(
        2, feature_map=kg.angle_map(2), ansatz=LAYER, n_layers=10**9
    ),
    "embedding": lambda: kg.embedding(2, n_layers=10**9),
    "embedding with an ansatz": lambda: kg.embedding(2, ansatz=LAYER, n_layers=10**9),
    "angle_map": lambda: kg.angle_map(10**7),
    "angle_map on few": lambda: kg.angle_map(10**9, 8),
    "amplitude_map": lambda: kg.amplitude_map(10**9),
    "iqp_map": lambda: kg.iqp_map(60, 10**9),
    "iqp_map features": lambda: kg.iqp_map(10**9),
    "feature_map": lambda: kg.feature_map("zz", 50, reps=BIG),
    "hardware_efficient": lambda: kg.hardware_efficient(20, 10**9),
    "strongly_entangling": lambda: kg.strongly_entangling(20, 10**9),
    "strongly_entangling qubits": lambda: kg.strongly_entangling(10**9, 2),
    "basic_entangler": lambda: kg.basic_entangler(20, 10**9),
    "two_local": lambda: kg.two_local(20, BIG, ["ry"], "cx", "full"),
    "two_local rotations": lambda: kg.two_local(60, 10**5, ["ry"] * 1000),
    "ansatz": lambda: kg.ansatz("two_local", 3, BIG),
    "ansatz_layers": lambda: kg.ansatz_layers("two_local", 3, BIG),
    "reupload": lambda: kg.reupload(kg.angle_map(2), [kg.Circuit(2).h(0).repeat(10**4)] * 10**4),
    "readout": lambda: kg.readout(10**9, 10**9),
    "entangling_pairs": lambda: kg.entangling_pairs("full", 10**9),
    "Circuit": lambda: kg.Circuit(BIG),
    "Circuit bits": lambda: kg.Circuit(1, BIG),
    "Circuit.add_bits": lambda: kg.Circuit(1).add_bits("c", BIG),
    "controls": lambda: kg.Circuit(3).h(0, controls=range(1, 10**12)),
    "qubits": lambda: kg.Circuit(3).barrier(itertools.count()),
    "bits": lambda: kg.Circuit(3, 3).measure([0, 1], itertools.repeat(1)),
    "control values": lambda: kg.Circuit(3).h(0).control(itertools.repeat(1)),
    "conditions": lambda: kg.Circuit(3, 3).when(itertools.repeat(1), kg.Circuit(3).x(0)),
    "observables": lambda: kg.compile(kg.Circuit(1), itertools.repeat("Z")),
    "inputs": lambda: kg.compile(kg.Circuit(1), "Z", inputs=itertools.repeat("x")),
    "Kraus operators": lambda: kg.Channel.from_kraus(itertools.repeat(np.eye(2))),
    "Circuit.run": lambda: kg.Circuit(1, 10**6).x(0).measure(0, 0).run(10**5),
    "Circuit.run shots": lambda: kg.Circuit(1, 1).x(0).measure(0, 0).run(10**12),
    "Result.counts": lambda: _many_bits().counts(),
    "Result.bitstrings": lambda: _many_bits().bitstrings(),
    "Result.memory": lambda: _many_bits().memory(),
    "Result.probabilities": lambda: _many_bits().probabilities(),
    "State": lambda: kg.State(34),
    "Circuit.state": lambda: kg.Circuit(40).h(0).state(),
    "Program.probs": lambda: kg.compile(kg.Circuit(40).h(0)).probs(),
    "Program.state batch": lambda: kg.compile(kg.Circuit(12).rx(A, 0)).state(
        weights=np.zeros((20_000, 1))
    ),
    "Circuit.density_matrix": lambda: kg.Circuit(16).h(0).density_matrix(),
    "State.sample": lambda: kg.State(1).sample(10**12),
    "State.shadow": lambda: kg.State(1).shadow(10**12),
    "Program.sample": lambda: kg.compile(kg.Circuit(1).h(0)).sample(10**12),
    "Program.expval shots": lambda: kg.compile_noisy(kg.Circuit(1).h(0), "Z").expval(
        trajectories=10**12
    ),
    "class_targets": lambda: kg.class_targets(np.zeros(1000, int), 10**9),
    "shift_rule": lambda: kg.shift_rule(np.arange(1.0, 10**5)),
    "PauliSum @": lambda: _many_terms(0) @ _many_terms(1),
    "minimize resamplings": lambda: kg.minimize(
        kg.compile(kg.Circuit(1).rx(A, 0), "Z"), [0.5], optimizer="spsa", resamplings=BIG, steps=1
    ),
    "Program.hessian": lambda: kg.compile(kg.hardware_efficient(4, 500), "ZIII").hessian(
        weights=np.zeros((100, 6000))
    ),
    "fidelity_kernel": lambda: kg.fidelity_kernel(
        kg.compile(kg.angle_map(1), inputs="x"), np.zeros((10**5, 1))
    ),
    "gradient_variance": lambda: kg.gradient_variance(
        kg.compile(kg.Circuit(1).rx(A, 0), "Z"), 10**12
    ),
    "expressibility": lambda: kg.expressibility(kg.compile(kg.Circuit(1).rx(A, 0)), 10**12),
    "random_restarts": lambda: kg.random_restarts(lambda w: (w[:, 0], w), 10**9),
    "evolution_strategy": lambda: kg.evolution_strategy(lambda w: w[:, 0], [0.5], n_pairs=10**10),
    "genetic_algorithm": lambda: kg.genetic_algorithm(
        lambda w: w[:, 0], [(0, 1)], population=10**11
    ),
    "genetic_algorithm tournament": lambda: kg.genetic_algorithm(
        lambda w: w[:, 0], [(0, 1)], tournament=10**11
    ),
    "particle_swarm": lambda: kg.particle_swarm(lambda w: w[:, 0], [(0, 1)], population=10**11),
    "cma_es": lambda: kg.cma_es(lambda w: w[:, 0], [0.5], population=10**11),
    "cma_es covariances": lambda: kg.cma_es(lambda w: w[:, 0], np.zeros(10**6)),
    "structure_search": lambda: kg.structure_search(
        lambda circuit: kg.compile(circuit, "Z"), 1, population=10**10
    ),
    "structure_search gates": lambda: kg.structure_search(
        lambda circuit: kg.compile(circuit, "Z"), 1, max_gates=10**9, n_gates=10**9
    ),
    "target_kernel": lambda: kg.target_kernel(np.arange(10**5) % 2),
}


def _doubled(circuit: kg.Circuit) -> None:
    for _ in range(40):
        circuit.compose(circuit)


def _sliced() -> Any:
    return kg.ParameterVector("x", 4 * 10**6)[:]


def _many_bits() -> Any:
    return kg.Circuit(1, 10**6).h(0).measure(0, 0).run(2000, seed=1)


def _many_terms(seed: int) -> kg.PauliSum:
    rng = np.random.default_rng(seed)
    letters = rng.choice(list("IXYZ"), size=(5000, 40))
    return kg.PauliSum({"".join(row): 1.0 for row in letters})


LIMITED = """
import resource, sys, time
sys.path.insert(0, {folder!r})
import ketgrad as kg
from test_limits import BUILDERS

kg.set_num_threads(2)
kg.compile(kg.hardware_efficient(4, 2), "ZIII").hessian(weights=[0.5] * 24)
with open("/proc/self/statm") as file:
    size = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + 2**29, resource.RLIM_INFINITY))
assert kg.available_memory() <= 2**29, kg.available_memory()
for name, build in BUILDERS.items():
    start = time.monotonic()
    try:
        build()
    except (MemoryError, ValueError, IndexError) as error:
        text = str(error)
        print(name, type(error).__name__, text[:200], sep="|")
    else:
        print(name, "passed", "", sep="|")
    print(f"{{name}}: {{time.monotonic() - start:.2f}} s", file=sys.stderr)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits as Linux has them")
def test_builders_ask_for_memory_first() -> None:
    folder = str(Path(__file__).parent)
    run = subprocess.run(
        [sys.executable, "-c", LIMITED.format(folder=folder)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert run.returncode == 0, run.stderr[-3000:]
    answers = dict(line.split("|", 1) for line in run.stdout.splitlines() if "|" in line)
    assert list(answers) == list(BUILDERS)
    for name, answer in answers.items():
        error, text = answer.split("|", 1)
        assert error in ("MemoryError", "ValueError", "IndexError"), (name, answer)
        assert text not in ("", "std::bad_alloc", "out of memory"), name
        if error == "MemoryError":
            assert "bytes" in text or "Unable to allocate" in text, (name, text)


def test_infinite_lists_within_themselves_are_refused() -> None:
    names: list[Any] = ["a"]
    names.append(names)
    with pytest.raises(RecursionError):
        kg.compile(kg.Circuit(1).rx(A, 0), "Z", inputs=names)


def test_unforeseen_ends_of_memory_name_the_call() -> None:
    """What the standard library throws becomes MemoryError, with what was called."""
    if not sys.platform.startswith("linux"):
        pytest.skip("limits as Linux has them")
    code = """
import resource
import ketgrad as kg
circuit = kg.Circuit(2).h(0).cx(0, 1).repeat(150_000)
small = kg.Circuit(1).x(0)
small.to_json(), small.inverse(), small.to_qasm()  # what libraries set up at first use is there
try:
    kg.State(60)
except (MemoryError, ValueError):
    pass
with open("/proc/self/statm") as file:
    size = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + 2**23, resource.RLIM_INFINITY))
for call in (lambda: circuit.to_json(), lambda: circuit.inverse(), lambda: circuit.to_qasm()):
    try:
        call()
    except MemoryError as error:
        print(error)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "the JSON of a circuit of 300000 operations" in run.stdout
    for name in ("inverse", "to_qasm"):
        assert f"{name}() needs more memory than the" in run.stdout


def test_available_memory_knows_the_limits_of_the_process() -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("limits as Linux has them")
    code = """
import resource
import ketgrad as kg
for limit, position in ((resource.RLIMIT_AS, 0), (resource.RLIMIT_DATA, 5)):
    with open("/proc/self/statm") as file:
        size = int(file.read().split()[position]) * resource.getpagesize()
    before = resource.getrlimit(limit)
    resource.setrlimit(limit, (size + 2**27, before[1]))
    print(kg.available_memory())
    resource.setrlimit(limit, before)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for line in run.stdout.split():
        assert 2**26 < int(line) <= 2**27


BUILT_LONG: dict[str, Callable[[], Any]] = {
    "repeat": lambda: kg.Circuit(2).h(0).cx(0, 1).repeat(3 * 10**6),
    "hardware_efficient": lambda: kg.hardware_efficient(10, 10**5),
    "angle_map": lambda: kg.angle_map(3 * 10**6, 8),
    "endless observables": lambda: kg.compile(kg.Circuit(1), itertools.repeat("Z")),
    "ParameterVector": lambda: kg.ParameterVector("x", 2**24),
}


def _build_and_wait(build: Callable[[], Any]) -> None:
    build()
    time.sleep(5)  # where it was done in time


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
@pytest.mark.parametrize("name", BUILT_LONG)
def test_builders_answer_ctrl_c(name: str) -> None:
    def interrupt() -> None:
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        with pytest.raises((KeyboardInterrupt, MemoryError)):
            _build_and_wait(BUILT_LONG[name])
    finally:
        thread.join()
