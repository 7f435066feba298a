"""Amplitudes as bars, density matrices as squares."""

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ketgrad._core import DensityMatrix
from ketgrad._numbers import integer
from ketgrad._types import FloatArray
from ketgrad.plots.look import INK, axes_for, drawing, label_bars, style
from ketgrad.plots.phases import phase_colors, phase_ring
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
    n_bars = integer("n_bars", n_bars, 1)
    if isinstance(state, DensityMatrix):
        return _density_squares(state, ax, n_bars)
    amplitudes = np.asarray(state_of(state))
    probabilities = np.abs(amplitudes) ** 2
    shown = _largest(probabilities, n_bars)
    ax = axes_for(ax, min(14.0, max(6.0, 0.34 * len(shown)) + 1.0), 4.2)
    phase_ring(ax)
    ax.bar(
        range(len(shown)),
        np.abs(amplitudes[shown]),
        0.8,
        color=phase_colors(amplitudes[shown]),
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
    phase_ring(ax)
    sides = np.sqrt(np.abs(entries) / np.abs(entries).max())
    colors = phase_colors(entries)
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


def _label_basis_states(ax: Axes, shown: npt.NDArray[np.intp], dimension: int) -> list[str]:
    n_qubits = dimension.bit_length() - 1
    labels = [f"{index:0{n_qubits}b}" for index in shown]
    label_bars(ax, labels)
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
