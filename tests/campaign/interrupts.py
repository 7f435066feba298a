"""Ctrl-C at every call that can last: how long until it is answered."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np

from campaign.tally import Tally
from long_calls import LONG_CALLS

TITLE = "Ctrl-C at every long call"
UNIT = "signals"
GOAL = 1_000
SHARE = 1.0
ALONE = True

SLOW = 0.2  # seconds; what takes longer is named
LATE = 2.0  # a failure; a shared machine may pause, the distribution tells what is usual


def trial(rng: np.random.Generator, tally: Tally, case: str) -> None:
    """Send a signal some time into one call."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    names = list(LONG_CALLS)
    name = names[int(case.rsplit(" ", 1)[1]) % len(names)]  # each in turn
    call = LONG_CALLS[name]()
    sent: list[float] = []

    def send() -> None:
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(float(rng.uniform(0.02, 0.2)), send)
    try:
        timer.start()
        call()
        timer.cancel()
        timer.join()
        tally.saw("ended before the signal", int(not sent))
        time.sleep(0)  # a signal that came at the very end is answered here
    except KeyboardInterrupt:
        late = time.monotonic() - sent[0]
        tally.sample("seconds until answered", late)
        tally.saw(name)
        if late > SLOW:
            tally.error(f"seconds, {name}", late, LATE, case)
