"""Counts of outcomes as bars."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import BarContainer

from ketgrad._numbers import integer
from ketgrad._words import kind
from ketgrad.plots.look import INK, axes_for, color, drawing, label_bars, legend_above, style


@drawing
def histogram(
    counts: Any, ax: Axes | None = None, *, normalized: bool = False, n_bars: int = 32
) -> Axes:
    """Draw how often each outcome was seen.

    Outcomes are sorted as text. Where the axes are too narrow for all their names, every second,
    third, … is named.

    Parameters
    ----------
    counts : mapping of str to int, or several
        The counts of a run, ``{"00": 512, "11": 488}``, or what has them as ``counts()``; a list of
        those, or a mapping of labels to those, for bars side by side.
    ax : {place}
    normalized : bool, default=False
        Whether to show shares of the shots instead of counts.
    n_bars : int, default=32
        Of more outcomes the most frequent are shown, and the others together as the last, paler
        bar.

    {drawn}

    Raises
    ------
    ValueError
        For no counts, for counts that are negative or not finite and for `n_bars` below 2.
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
    n_bars = integer("n_bars", n_bars, 2)
    series = _series(counts)
    outcomes, rest = _outcomes(list(series.values()), n_bars)
    names = [*outcomes, f"{len(rest)} others"] if rest else outcomes
    ax = axes_for(ax, min(14.0, max(6.0, 0.3 * len(names) * (0.5 + 0.5 * len(series)))), 4.2)
    width = 0.8 / len(series)
    drawn = []
    for k, (label, values) in enumerate(series.items()):
        total = sum(values.values()) if normalized else 1.0
        heights = [values.get(outcome, 0.0) for outcome in outcomes]
        if rest:
            heights.append(sum(values.get(outcome, 0.0) for outcome in rest))
        x = np.arange(len(names)) + (k - (len(series) - 1) / 2) * width
        bars = ax.bar(x, np.array(heights) / (total or 1.0), width, color=color(k), label=label)
        drawn.append(bars)
        if len(names) * len(series) <= 16:
            ax.bar_label(
                bars, fmt=_share if normalized else _count, fontsize=8, color=INK, padding=1
            )
        if rest:  # no outcome, so paler than those
            bars[-1].set_alpha(0.35)
    if rest:
        _cut_rest(ax, drawn, _share if normalized else _count)
    label_bars(ax, names)
    if len(series) > 1:
        legend_above(ax, min(len(series), 4))
    style(ax, xlabel="outcome", ylabel="share of shots" if normalized else "shots")
    return ax


def _cut_rest(ax: Axes, drawn: list[BarContainer], write: Callable[[float], str]) -> None:
    """Where the others together would dwarf every outcome, let their bars leave the picture."""
    heights = np.array([[bar.get_height() for bar in bars] for bars in drawn])
    top = 1.2 * heights[:, :-1].max()
    if heights[:, -1].max() <= 1.5 * top:
        return
    ax.set_ylim(0, top)
    for *_, bar in drawn:
        middle = bar.get_x() + bar.get_width() / 2
        height = bar.get_height()
        text = f"{write(height)} ↑" if height > top else write(height)
        ax.text(
            middle,
            0.97 * min(top, max(height, top / 2)),
            text,
            rotation=90,
            ha="center",
            va="top",
            fontsize=8,
            color=INK,
        )


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
        raise TypeError(f"{kind(counts)} is neither counts nor several of them")
    if not any(series.values()):
        raise ValueError("there are no counts to draw")
    return series


def _checked(values: Any) -> dict[str, float]:
    if hasattr(values, "counts"):
        values = values.counts()
    if not isinstance(values, Mapping):
        raise TypeError(f"{kind(values)} is no mapping of outcomes to counts")
    for outcome, count in values.items():
        if not _is_number(count):
            raise TypeError(f"the count of {outcome!r} is {count!r}, which is no number")
        if not math.isfinite(count) or count < 0:
            raise ValueError(f"the count of {outcome!r} is {count}; it must be at least 0")
    return {str(outcome): float(count) for outcome, count in values.items()}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _outcomes(series: list[dict[str, float]], n_bars: int) -> tuple[list[str], list[str]]:
    """Outcomes to show, sorted, and those for which there is no bar of their own."""
    largest: dict[str, float] = {}
    for values in series:
        for outcome, count in values.items():
            largest[outcome] = max(count, largest.get(outcome, 0.0))
    if len(largest) <= n_bars:
        return sorted(largest), []
    often = sorted(largest, key=lambda outcome: (-largest[outcome], outcome))
    return sorted(often[: n_bars - 1]), often[n_bars - 1 :]
