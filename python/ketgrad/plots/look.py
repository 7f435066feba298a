"""The look that all pictures of ketgrad share."""

import math
from collections.abc import Sequence
from io import BytesIO

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ketgrad._docs import documented

# Distinct for colour-blind eyes, and dark enough for white edges.
COLORS = ("#2f6db3", "#e07b28", "#2f9e77", "#a8478f", "#c9a227", "#5d6472", "#b5433c", "#49a9c4")
INK = "#333333"
PALE = "#e4e4e4"

DRAWING = {
    "place": """
        matplotlib Axes, default=None
            Where to draw; None makes a new figure.""",
    "drawn": """
        Returns
        -------
        ax : matplotlib Axes""",
}
drawing = documented(**DRAWING)


def style(ax: Axes, *, xlabel: str = "", ylabel: str = "", grid: bool = True) -> None:
    """Give axes the look that all pictures of ketgrad share."""
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(INK)
    ax.tick_params(colors=INK)
    if grid:
        ax.grid(axis="y", color=PALE, lw=0.8)
        ax.set_axisbelow(True)


def axes_for(ax: Axes | None, width: float = 6.0, height: float = 4.2) -> Axes:
    """Return the axes that are given, or those of a new figure of so many inches."""
    if ax is None:
        _, ax = plt.subplots(figsize=(width, height), layout="constrained")
    return ax


def label_bars(ax: Axes, labels: Sequence[str]) -> None:
    """Write the names of bars at 0, 1, …: upright where they are long, and only as many as fit."""
    size = 9 if len(labels) <= 32 else 8
    room = ax.bbox.width / ax.figure.dpi * 72 / (len(labels) + 0.4)  # of a bar, in points
    widest = 0.62 * size * max(map(len, labels))
    every = max(1, math.ceil(1.15 * size / room))
    ax.set_xticks(
        range(len(labels)),
        labels=[
            name if (len(labels) - 1 - k) % every == 0 else "" for k, name in enumerate(labels)
        ],
        rotation=0 if widest + size / 2 <= room else 90,
        family="monospace",
        fontsize=size,
    )
    ax.set_xlim(-0.7, len(labels) - 0.3)


def legend_above(ax: Axes, n_columns: int) -> None:
    """Put the legend where it covers no data."""
    ax.legend(
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=n_columns,
        frameon=False,
        borderaxespad=0.2,
    )


def bare(ax: Axes) -> None:
    """Leave nothing but what is drawn, at equal scales."""
    ax.set_aspect("equal")
    ax.set_axis_off()


def color(k: int) -> str:
    """Give the k-th colour; they repeat."""
    return COLORS[k % len(COLORS)]


def png(figure: Figure) -> bytes:
    """Render a figure, so that its file is written whole or not at all."""
    buffer = BytesIO()
    figure.savefig(buffer, dpi=150, format="png")
    return buffer.getvalue()
