"""A forked child after every kind of parallel work in its parent: it answers, and the same."""

from __future__ import annotations

import os
import pickle
import select
import signal
from collections.abc import Callable

import numpy as np

import ketgrad as kg
from campaign.tally import Tally
from parallel_calls import PARALLEL_CALLS

TITLE = "A fork after every kind of parallel work"
UNIT = "forks"
GOAL = 1_000
SHARE = 0.5
ENVIRONMENT = {"OMP_NUM_THREADS": "2"}

PATIENCE = 30.0  # seconds until a child counts as hung


def in_child(call: Callable[[], object]) -> object:
    """Return what a call gives in a forked child; TimeoutError if that never answers."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.write(writing, pickle.dumps(call())[:60_000])
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    try:
        ready, _, _ = select.select([reading], [], [], PATIENCE)
        if not ready:
            os.kill(child, signal.SIGKILL)
            raise TimeoutError(f"the child did not answer within {PATIENCE:g} s")
        answer = b"".join(iter(lambda: os.read(reading, 65536), b""))
    finally:
        os.close(reading)
        _, status = os.waitpid(child, 0)
    if status != 0:
        raise ChildProcessError(f"the child ended with wait status {status}")
    return answer


def trial(rng: np.random.Generator, tally: Tally, case: str) -> None:
    """Run one kind of work, fork, and run another in the child."""
    names = list(PARALLEL_CALLS)
    before = names[int(case.rsplit(" ", 1)[1]) % len(names)]  # each in turn
    after = str(rng.choice(names))
    kg.set_num_threads(int(rng.integers(1, 5)))
    PARALLEL_CALLS[before]()
    right = pickle.dumps(PARALLEL_CALLS[after]())[:60_000]
    tally.saw(f"after {before}")
    if in_child(PARALLEL_CALLS[after]) != right:
        tally.fail(f"{after} after {before} differs in the child: {case}")
