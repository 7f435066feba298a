"""Runs trials of one section in a process of its own: `python -m campaign.worker SECTION SEED ...`.

The tally so far goes to standard output as a line of JSON now and then, and at the end: what a
process that dies has tried still counts. Standard error names the trial it was at.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
import traceback
import warnings
from collections.abc import Callable

import numpy as np

from campaign.tally import Tally

TELL_EVERY = 10.0  # seconds


def tell(tally: Tally) -> None:
    """Print the tally for the driver."""
    print(json.dumps(tally.as_json()), flush=True)


def run(
    section: str,
    seed: int,
    first: int,
    seconds: float,
    most: int,
    told: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """Try cases first, first + 1, ... until the time is over or `most` have been tried."""
    module = importlib.import_module(f"campaign.{section}")
    tally, start = Tally(), time.monotonic()
    tell_at = start + TELL_EVERY
    for index in range(first, first + most):
        if time.monotonic() - start > seconds:
            break
        case = f"{section} --seed {seed} --case {index}"
        print(case, file=sys.stderr, flush=True)
        try:
            module.trial(np.random.default_rng([seed, index]), tally, case)
        except Exception:
            tally.fail(f"{case}\n{traceback.format_exc()}")
        tally.count += getattr(module, "A_TRIAL", 1)
        if time.monotonic() > tell_at:
            told(tally)
            tell_at = time.monotonic() + TELL_EVERY
    tally.seconds = time.monotonic() - start
    return tally


def main() -> None:
    """Read the arguments, run, print the tally."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("section")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--case", type=int, help="this one only, to see a failure again")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--most", type=int, default=10**9)
    given = parser.parse_args()
    if given.case is not None:
        given.first, given.most = given.case, 1
    warnings.simplefilter("error")
    tell(run(given.section, given.seed, given.first, given.seconds, given.most, told=tell))


if __name__ == "__main__":
    main()
