"""Calls work in forked children, whatever their parent did before, and give the same bits."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import ketgrad as kg
from parallel_calls import PARALLEL_CALLS

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")

HANG = 120.0  # seconds after which a child counts as hanging: far more than it needs


@pytest.fixture(autouse=True)
def two_threads(threads: None) -> None:
    """Threads there are, also where the environment says one."""
    kg.set_num_threads(2)


def call(name: str) -> object:
    return PARALLEL_CALLS[name]()


def in_fork(work: Callable[[], object], wait: float = HANG) -> int:
    """The exit status of a forked child in which work() returned true; 1 where it did not."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if work() else 1
        finally:
            os._exit(status)
    end = time.monotonic() + wait
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done == child:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise AssertionError("the forked child hangs")


@pytest.mark.parametrize("name", PARALLEL_CALLS)
def test_a_fork_after_the_same_work(name: str) -> None:
    expected = call(name)
    assert in_fork(lambda: call(name) == expected) == 0


@pytest.mark.parametrize("first", ["forward batch", "wide gradients", "trajectories", "training"])
def test_a_fork_after_other_work(first: str) -> None:
    expected = {name: call(name) for name in PARALLEL_CALLS}
    call(first)
    assert in_fork(lambda: all(call(name) == expected[name] for name in PARALLEL_CALLS)) == 0


def test_a_multiprocessing_pool() -> None:
    expected = [call(name) for name in PARALLEL_CALLS]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map_async(call, PARALLEL_CALLS, chunksize=1).get(HANG) == expected


def test_joblibs_multiprocessing_backend() -> None:
    joblib = pytest.importorskip("joblib")
    names = ["forward batch", "wide gradients", "dynamic shots", "fidelity kernel"]
    expected = [call(name) for name in names]
    jobs = [joblib.delayed(call)(name) for name in names]
    with joblib.parallel_backend("multiprocessing", n_jobs=2):
        assert joblib.Parallel(timeout=HANG)(jobs) == expected


def test_children_of_children() -> None:
    expected = call("wide gradients")

    def grandchild() -> bool:
        return (
            call("wide gradients") == expected
            and in_fork(lambda: call("wide gradients") == expected) == 0
        )

    assert in_fork(grandchild) == 0


@pytest.mark.parametrize("threads", [1, 2, 3, 5])
def test_the_number_of_threads_of_a_child(threads: int) -> None:
    expected = call("wide gradients")

    def child() -> bool:
        if kg.num_threads() != 2:  # that of the parent
            return False
        kg.set_num_threads(threads)
        return kg.num_threads() == threads and call("wide gradients") == expected

    assert in_fork(child) == 0


def test_a_child_has_threads() -> None:
    call("wide state")

    def child() -> bool:
        kg.set_num_threads(3)
        call("wide state")
        return len([*Path("/proc/self/task").iterdir()]) == 3

    if sys.platform == "linux":
        assert in_fork(child) == 0


def test_the_parent_goes_on() -> None:
    expected = call("wide gradients")
    assert in_fork(lambda: call("wide gradients") == expected) == 0
    assert call("wide gradients") == expected


@pytest.mark.parametrize("name", ["forward batch", "wide gradients", "dynamic shots", "training"])
def test_a_fork_while_another_thread_works(name: str) -> None:
    expected = call(name)
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            call(name)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    try:
        for _ in range(20):
            assert in_fork(lambda: call(name) == expected) == 0
    finally:
        stop.set()
        for worker in workers:
            worker.join()


def test_many_threads_of_a_child() -> None:
    expected = {name: call(name) for name in ["forward batch", "wide gradients", "training"]}

    def child() -> bool:
        found: list[bool] = []
        jobs = [partial(call, name) for name in expected for _ in range(3)]
        right = [expected[name] for name in expected for _ in range(3)]
        workers = [
            threading.Thread(target=lambda job=job, want=want: found.append(job() == want))
            for job, want in zip(jobs, right, strict=True)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return found == [True] * len(jobs)

    assert in_fork(child) == 0


def test_ctrl_c_in_a_child() -> None:
    call("wide state")
    program = kg.compile(kg.hardware_efficient(20, 60), "Z" * 20)

    def child() -> bool:
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        try:
            while True:
                program.vjp([1.0], weights=[0.1] * len(program.weights))
        except KeyboardInterrupt:
            return call("wide state") is not None

    assert in_fork(child) == 0


def test_an_error_in_a_child() -> None:
    call("wide state")

    def child() -> bool:
        try:
            kg.compile(kg.hardware_efficient(2, 1)).expval(weights=[0.1])
        except ValueError:
            return call("wide state") is not None
        return False

    assert in_fork(child) == 0


# The parent uses OpenMP's threads through another library, or not at all, and does not know of
# ketgrad when it forks.
IMPORT_IN_THE_CHILD = """
import ctypes, ctypes.util, os, sys
name = ctypes.util.find_library("gomp") or "libgomp.so.1"
try:
    gomp = ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL)
    body = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda data: None)
    gomp.GOMP_parallel(body, None, 2, 0)
except OSError:
    pass
child = os.fork()
if child == 0:
    import ketgrad as kg
    from parallel_calls import PARALLEL_CALLS
    kg.set_num_threads(2)
    PARALLEL_CALLS["wide gradients"]()
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_child_that_imports_the_module() -> None:
    path = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, sys.path)])
    subprocess.run(
        [sys.executable, "-c", IMPORT_IN_THE_CHILD],
        env=os.environ | {"PYTHONPATH": path},
        timeout=HANG,
        check=True,
    )
