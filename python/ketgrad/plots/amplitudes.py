"""Amplitudes as bars, density matrices as squares."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle

from ketgrad._core import DensityMatrix
from ketgrad._types import FloatArray
from ketgrad.plots.look import INK, axes_for, drawing, style
from ketgrad.plots.states import state_of

_BASIS = "basis state, qubit 0 rightmost"


@drawing
def state_bars(state: Any, ax: Axes | None = None, *, n_bars: int = 32) -> Axes:
    """Draw amplitudes: the heights are magnitudes, the colours phases.

    Of a density matrix, draw a square for every entry (a Hinton diagram): the areas are
    magnitudes, the largest filling its place, the colours phases. The diagonal has the
    probabilities, what is off it is coherence.

    Parameters
    ----------
    state : State, DensityMatrix, Circuit or array-like of shape (2**n,)
        A circuit must have no parameters; a density matrix at most 12 qubits.
    ax : {place}
    n_bars : int, default=32
        Of larger states the `n_bars` amplitudes of largest magnitude are shown, by basis state;
        of density matrices as many rows and columns.

    {drawn}

    Raises
    ------
    ValueError
        For what is no state, and for `n_bars` below 1.

    Examples
    --------
    >>> from ketgrad import Circuit
    >>> from ketgrad.plots import state_bars
    >>> ax = state_bars(Circuit(2).h(0).cx(0, 1).s(1))
    >>> len(ax.patches)
    4
    >>> ax = state_bars(Circuit(2).h(0).cx(0, 1).density_matrix())

    """
    if n_bars < 1:
        raise ValueError(f"n_bars is {n_bars}; it must be at least 1")
    if isinstance(state, DensityMatrix):
        return _density_squares(state, ax, n_bars)
    amplitudes = np.asarray(state_of(state))
    probabilities = np.abs(amplitudes) ** 2
    shown = _largest(probabilities, n_bars)
    ax = axes_for(ax, min(14.0, max(6.0, 0.34 * len(shown))), 4.2)
    ax.bar(
        range(len(shown)),
        np.abs(amplitudes[shown]),
        0.8,
        color=_phase_colors(ax, amplitudes[shown]),
        edgecolor=INK,
        linewidth=0.5,
    )
    _label_basis_states(ax, shown, probabilities.size)
    style(ax, xlabel=_BASIS, ylabel="magnitude of the amplitude")
    _title_of_part(ax, "amplitudes", shown, probabilities)
    return ax


def _density_squares(rho: DensityMatrix, ax: Axes | None, n_rows: int) -> Axes:
    probabilities = np.asarray(rho.probabilities())
    shown = _largest(probabilities, n_rows)
    entries = np.asarray(rho.matrix())[np.ix_(shown, shown)]
    size = min(10.0, max(4.2, 0.3 * len(shown)))
    ax = axes_for(ax, size + 1.2, size)
    sides = np.sqrt(np.abs(entries) / np.abs(entries).max())
    colors = _phase_colors(ax, entries)
    for row, column in zip(*np.nonzero(sides > 0.01), strict=True):
        side = 0.94 * sides[row, column]
        ax.add_patch(
            Rectangle(
                (column - side / 2, row - side / 2),
                side,
                side,
                facecolor=colors[row, column],
                edgecolor=INK,
                linewidth=0.5,
            )
        )
    labels = _label_basis_states(ax, shown, probabilities.size)
    style(ax, xlabel=f"column: {_BASIS}", ylabel="row", grid=False)
    ax.set_yticks(range(len(shown)), labels=labels, family="monospace")
    ax.set(xlim=(-0.6, len(shown) - 0.4), ylim=(len(shown) - 0.4, -0.6))
    ax.set_aspect("equal")
    _title_of_part(ax, "rows and columns", shown, probabilities)
    return ax


def _largest(probabilities: FloatArray, most: int) -> npt.NDArray[np.intp]:
    """Return the basis states of largest probability, in their order."""
    if probabilities.size <= most:
        return np.arange(probabilities.size)
    return np.sort(np.argpartition(-probabilities, most - 1)[:most])


def _phase_colors(ax: Axes, numbers: npt.NDArray[np.complexfloating]) -> npt.NDArray[np.float64]:
    """Return a colour for the phase of every number, and put the scale beside the axes."""
    phases = ScalarMappable(Normalize(-math.pi, math.pi), colormaps["twilight"])
    bar = ax.figure.colorbar(phases, ax=ax, label="phase", ticks=[-math.pi, 0, math.pi])
    bar.ax.set_yticklabels(["-π", "0", "π"])
    colors = phases.cmap(phases.norm(np.angle(numbers)))
    return np.asarray(colors, dtype=np.float64)


def _label_basis_states(ax: Axes, shown: npt.NDArray[np.intp], dimension: int) -> list[str]:
    n_qubits = dimension.bit_length() - 1
    labels = [f"{index:0{n_qubits}b}" for index in shown]
    upright = len(labels) * n_qubits > 60
    ax.set_xticks(
        range(len(shown)), labels=labels, rotation=90 if upright else 0, family="monospace"
    )
    return labels


def _title_of_part(
    ax: Axes, things: str, shown: npt.NDArray[np.intp], probabilities: FloatArray
) -> None:
    """Say what is not shown."""
    if len(shown) == probabilities.size:
        return
    rest = 1 - float(probabilities[shown].sum())
    ax.set_title(
        f"the {len(shown)} largest of {probabilities.size} {things}; "
        f"the others together: probability {max(rest, 0.0):.3g}",
        fontsize=9,
        color=INK,
    )
