"""Counts of outcomes as bars."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ketgrad.plots.look import INK, axes_for, color, drawing, style

_MOST_BARS = 64  # a histogram with more gathers its smallest ones
_REST = "others"  # the name of their bar


@drawing
def histogram(counts: Any, ax: Axes | None = None, *, normalized: bool = False) -> Axes:
    """Draw how often each outcome was seen.

    Outcomes are sorted as text; of more than 64 the rarest are gathered in one bar "others".

    Parameters
    ----------
    counts : mapping of str to int, or several
        The counts of a run, ``{"00": 512, "11": 488}``, or what has them as ``counts()``; a list of
        those, or a mapping of labels to those, for bars side by side.
    ax : {place}
    normalized : bool, default=False
        Whether to show shares of the shots instead of counts.

    {drawn}

    Raises
    ------
    ValueError
        For no counts and for counts that are negative or not finite.
    TypeError
        For anything else.

    Examples
    --------
    >>> from ketgrad.plots import histogram
    >>> ax = histogram({"00": 512, "11": 488})
    >>> ax = histogram({"ideal": {"00": 500, "11": 500}, "noisy": {"00": 480, "01": 20, "11": 500}})
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['ideal', 'noisy']

    """
    series = _series(counts)
    outcomes = _outcomes(list(series.values()))
    kept = set(outcomes)
    ax = axes_for(ax, min(14.0, max(6.0, 0.32 * len(outcomes) * len(series))), 4.2)
    width = 0.8 / len(series)
    for k, (label, values) in enumerate(series.items()):
        total = sum(values.values()) if normalized else 1.0
        rest = sum(count for outcome, count in values.items() if outcome not in kept)
        heights = [values.get(outcome, 0.0) for outcome in outcomes]
        if outcomes[-1] == _REST and _REST not in values:
            heights[-1] = rest
        x = np.arange(len(outcomes)) + (k - (len(series) - 1) / 2) * width
        bars = ax.bar(x, np.array(heights) / (total or 1.0), width, color=color(k), label=label)
        if len(outcomes) * len(series) <= 16:
            ax.bar_label(
                bars, fmt=_share if normalized else _count, fontsize=8, color=INK, padding=1
            )
        if outcomes[-1] == _REST and _REST not in values:  # no outcome, so paler than those
            bars[-1].set_alpha(0.35)
    long = sum(len(outcome) for outcome in outcomes) > 60
    ax.set_xticks(
        range(len(outcomes)),
        labels=outcomes,
        rotation=90 if long else 0,
        family="monospace",
        fontsize=8 if len(outcomes) > 24 else 9,
    )
    ax.set_xlim(-0.7, len(outcomes) - 0.3)
    if len(series) > 1:
        ax.legend(frameon=False)
    style(ax, xlabel="outcome", ylabel="share of shots" if normalized else "shots")
    return ax


def _count(height: float) -> str:
    return f"{height:g}" if height else ""


def _share(height: float) -> str:
    return f"{height:.3f}" if height else ""


def _series(counts: Any) -> dict[str, dict[str, float]]:
    """Bring one or several counts under labels."""
    if hasattr(counts, "counts"):
        counts = counts.counts()
    if isinstance(counts, Mapping) and not all(map(_is_number, counts.values())):
        series = {str(label): _checked(values) for label, values in counts.items()}
    elif isinstance(counts, Mapping):
        series = {"": _checked(counts)}
    elif isinstance(counts, Sequence) and not isinstance(counts, str):
        series = {str(k + 1): _checked(values) for k, values in enumerate(counts)}
    else:
        raise TypeError(f"{type(counts).__name__} is neither counts nor several of them")
    if not any(series.values()):
        raise ValueError("there are no counts to draw")
    return series


def _checked(values: Any) -> dict[str, float]:
    if hasattr(values, "counts"):
        values = values.counts()
    if not isinstance(values, Mapping):
        raise TypeError(f"{type(values).__name__} is no mapping of outcomes to counts")
    for outcome, count in values.items():
        if not _is_number(count):
            raise TypeError(f"the count of {outcome!r} is {count!r}, which is no number")
        if not math.isfinite(count) or count < 0:
            raise ValueError(f"the count of {outcome!r} is {count}; it must be at least 0")
    return {str(outcome): float(count) for outcome, count in values.items()}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _outcomes(series: list[dict[str, float]]) -> list[str]:
    """Outcomes to show, sorted; the last stands for the rarest where there are too many."""
    largest: dict[str, float] = {}
    for values in series:
        for outcome, count in values.items():
            largest[outcome] = max(count, largest.get(outcome, 0.0))
    if len(largest) <= _MOST_BARS:
        return sorted(largest)
    often = sorted(largest, key=lambda outcome: (-largest[outcome], outcome))
    return [*sorted(often[: _MOST_BARS - 1]), _REST]
