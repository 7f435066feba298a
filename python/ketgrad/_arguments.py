"""Types of command line options, whose errors name the value and the limit."""

import argparse
import math
from collections.abc import Callable


def at_least(low: int, high: int | None = None) -> Callable[[str], int]:
    """Make the type of an option that is an integer from `low` to `high` (None: no limit).

    >>> at_least(1)("3")
    3
    """
    allowed = f"at least {low}" if high is None else f"from {low} to {high}"

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not an integer; it must be {allowed}"
            ) from None
        if value < low or (high is not None and value > high):
            raise argparse.ArgumentTypeError(f"{value} is out of range; it must be {allowed}")
        return value

    return parse


def between(low: float, high: float) -> Callable[[str], float]:
    """Make the type of an option that is a number in the open interval from `low` to `high`.

    >>> between(0, 1)("0.2")
    0.2
    """

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low < value < high:
            raise argparse.ArgumentTypeError(
                f"{text!r} must be a number above {low} and below {high}"
            )
        return value

    return parse
