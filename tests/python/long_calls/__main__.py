"""Prints how late each call answers Ctrl-C."""

import sys

import numpy as np

from long_calls import LONG_CALLS, interrupted


def main() -> None:
    """Print how late each call answers, in milliseconds, over signals at several times."""
    latencies = []
    for name, setup in LONG_CALLS.items():
        if sys.argv[1:] and not any(text in name for text in sys.argv[1:]):
            continue
        found = []
        for after in (0.05, 0.15, 0.3):
            call = setup()
            latency = interrupted(call, after)
            intact = call.is_intact()
            found.append(f"{latency * 1e3:7.1f}" if latency is not None else "  ended")
            found[-1] += "" if intact else "!"
            if latency is not None:
                latencies.append(latency * 1e3)
        print(f"{name:40}", *found, flush=True)
    p50, p99 = np.percentile(latencies, [50, 99])
    print(f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {max(latencies):.1f} ms")


if __name__ == "__main__":
    main()
