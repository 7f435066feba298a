"""How many threads a process takes of its machine, and what it says of that."""

import os
import subprocess
import sys

import pytest

CODE = """
import {before}
import ketgrad as kg
from ketgrad._config import config
{then}
first = config()["threads"]
program = kg.compile(kg.hardware_efficient(4, 1), "ZZZZ")
weights = [[0.1] * len(program.weights)] * 4096
program.expval(weights=weights)  # a parallel region
assert config()["threads"] == first, config()["threads"]
print(first)
"""
LAUNCHERS = ("OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "MV2_COMM_WORLD_LOCAL_SIZE")
PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0

pytestmark = pytest.mark.skipif(PROCESSORS == 0, reason="the system has no affinities")


def threads(before: str = "os", then: str = "", **environment: str) -> str:
    kept = {k: v for k, v in os.environ.items() if k not in (*LAUNCHERS, "OMP_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(before=before, then=then)],
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_openmps_variable_is_followed() -> None:
    assert threads(OMP_NUM_THREADS="3") == "3 (OMP_NUM_THREADS=3)"
    assert threads(OMP_NUM_THREADS="3", MPI_LOCALNRANKS="8") == "3 (OMP_NUM_THREADS=3)"


def test_set_num_threads_has_the_last_word() -> None:
    assert threads(then="kg.set_num_threads(2)", OMP_NUM_THREADS="3") == "2 (set_num_threads)"


def test_an_affinity_is_respected() -> None:
    one = "os, sys; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})"
    assert threads(before=one) == "1 (1 processor to run on)"


@pytest.mark.parametrize("name", LAUNCHERS)
def test_processes_of_a_launcher_share_the_machine(name: str) -> None:
    said = threads(**{name: "1000"})
    if PROCESSORS > 1:
        assert said.startswith("1 (a share of ")
        assert said.endswith(f" processors, as {name}=1000)")
    assert threads(**{name: "many"}) == threads() == threads(**{name: "1"})


def test_a_limit_of_threadpoolctl_is_respected() -> None:
    if PROCESSORS > 1:
        limit = "from threadpoolctl import threadpool_limits; threadpool_limits(1)"
        assert threads(then=limit) == "1 (as OpenMP is told in this process)"
