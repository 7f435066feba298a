"""The look that all pictures of ketgrad share."""

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
