"""One call of every public function at a size that lasts, to see how soon each answers Ctrl-C.

LONG_CALLS[name]() makes what the call works on and returns the call, a `Call`: call() lasts about a
second or more; call.is_intact() says, after an interruption, whether the objects of the call still
work and are what they were. SHORT names the public functions that cannot last, each with the
reason. `python -m long_calls [part of a name…]`, in this folder, prints how late they answer.
"""

import signal
import time
from collections.abc import Callable

from long_calls import circuits, library, noisy, programs, shots, states, sums, training
from long_calls.short import SHORT

__all__ = ["LONG_CALLS", "SHORT", "function_of", "interrupted"]

LONG_CALLS: dict[str, Callable[[], Callable[[], object]]] = {}
for part in (circuits, library, sums, states, shots, programs, noisy, training):
    assert not LONG_CALLS.keys() & part.CALLS.keys()
    LONG_CALLS |= part.CALLS


def function_of(name: str) -> str:
    """The public function that an entry of LONG_CALLS calls."""
    for end in (",", " of ", " by ", " with "):
        name = name.split(end)[0]
    return name


def interrupted(call: Callable[[], object], after: float = 0.05) -> float | None:
    """Make a call with a signal after some seconds.

    Returns the seconds from the signal to KeyboardInterrupt, None where the call ended before.
    """
    handler = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        start = time.perf_counter()
        signal.setitimer(signal.ITIMER_REAL, after)
        try:
            call()
        except KeyboardInterrupt:
            return time.perf_counter() - start - after
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt:  # which came between the call's end and that of the timer
        pass
    finally:
        signal.signal(signal.SIGALRM, handler)
    return None
