"""Bloch vectors of single qubits in spheres."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Ellipse

from ketgrad._core import DensityMatrix, PauliSum, State
from ketgrad._types import FloatArray
from ketgrad.plots.look import INK, PALE, axes_for, color, drawing
from ketgrad.plots.states import state_of

_MOST_SPHERES = 64

# The sphere is seen from a little above, between the x and the y axis, without perspective: a point
# (x, y, z) lies at x · _X + y · _Y + z · _Z.
_AZIMUTH, _ELEVATION = math.radians(32), math.radians(18)
_X = np.array([-math.sin(_AZIMUTH), -math.cos(_AZIMUTH) * math.sin(_ELEVATION)])
_Y = np.array([math.cos(_AZIMUTH), -math.sin(_AZIMUTH) * math.sin(_ELEVATION)])
_Z = np.array([0.0, math.cos(_ELEVATION)])

_TOWARDS_VIEWER = np.array(
    [
        math.cos(_AZIMUTH) * math.cos(_ELEVATION),
        math.sin(_AZIMUTH) * math.cos(_ELEVATION),
        math.sin(_ELEVATION),
    ]
)


@drawing
def bloch(state: Any, qubit: int | Sequence[int] | None = None, ax: Axes | None = None) -> Axes:
    """Draw Bloch vectors of single qubits, side by side, from their reduced density matrices.

    An arrow that does not reach the sphere is the state of a qubit that is entangled with others,
    or noisy.

    Parameters
    ----------
    state : State, DensityMatrix, Circuit or array-like of shape (2**n,)
        A circuit must have no parameters.
    qubit : int, sequence of int or None, default=None
        Which qubits; None takes all, at most 64.
    ax : {place}

    {drawn}

    Raises
    ------
    ValueError
        For what is no state, and for no or too many qubits.
    IndexError
        For qubits that the state lacks.

    Examples
    --------
    >>> from ketgrad import Circuit
    >>> from ketgrad.plots import bloch
    >>> ax = bloch(Circuit(2).h(0).ry(0.5, 1))
    >>> ax = bloch(Circuit(2).h(0).cx(0, 1), qubit=1)
    >>> ax = bloch(Circuit(1).h(0).reset(0).density_matrix())

    """
    state = state if isinstance(state, DensityMatrix) else state_of(state)
    wanted = range(state.n_qubits) if qubit is None else np.atleast_1d(qubit).tolist()
    qubits = [int(q) for q in wanted]
    for q in qubits:
        if not 0 <= q < state.n_qubits:
            raise IndexError(f"qubit {q} is out of range for {state.n_qubits} qubit(s)")
    if not 1 <= len(qubits) <= _MOST_SPHERES:
        raise ValueError(f"bloch draws 1 to {_MOST_SPHERES} qubits, got {len(qubits)}")
    vectors = [_bloch_vector(state, q) for q in qubits]
    columns = min(len(qubits), 8)
    rows = -(-len(qubits) // columns)
    ax = axes_for(ax, 2.6 * columns, 2.8 * rows)
    for k, (q, vector) in enumerate(zip(qubits, vectors, strict=True)):
        _draw_sphere(ax, 3.0 * (k % columns), -3.3 * (k // columns), f"q{q}", vector, color(0))
    ax.set(xlim=(-1.5, 3.0 * columns - 1.5), ylim=(-3.3 * (rows - 1) - 1.5, 1.8))
    ax.set_aspect("equal")
    ax.set_axis_off()
    return ax


def _bloch_vector(state: State | DensityMatrix, qubit: int) -> FloatArray:
    n = state.n_qubits
    letters = [PauliSum.from_sparse([(letter, [qubit], 1.0)], n_qubits=n) for letter in "XYZ"]
    return np.array([state.expval(letter) for letter in letters])


def _seen(vector: FloatArray) -> FloatArray:
    point: FloatArray = vector[0] * _X + vector[1] * _Y + vector[2] * _Z
    return point


def _draw_sphere(ax: Axes, x: float, y: float, name: str, vector: FloatArray, colour: str) -> None:
    centre = np.array([x, y])
    ax.add_patch(Circle((x, y), 1, facecolor="#f5f7fa", edgecolor="#9aa3ad", lw=1.2, zorder=1))
    ax.add_patch(
        Ellipse((x, y), 2, 2 * math.sin(_ELEVATION), fill=False, edgecolor=PALE, lw=1.2, zorder=2)
    )
    for axis, text in ((np.array([1.0, 0, 0]), "x"), (np.array([0, 1.0, 0]), "y")):
        _draw_axis(ax, centre, axis, text)
    _draw_axis(ax, centre, np.array([0, 0, 1.0]), "|0⟩")
    low = centre - 1.18 * _seen(np.array([0, 0, 1.0]))
    ax.text(low[0], low[1], "|1⟩", ha="center", va="top", fontsize=9, color=INK)
    tip = centre + _seen(vector)
    behind = float(vector @ _TOWARDS_VIEWER) < 0
    ax.annotate(
        "",
        (tip[0], tip[1]),
        (x, y),
        arrowprops={
            "arrowstyle": "-|>",
            "color": colour,
            "lw": 2.2,
            "shrinkA": 0,
            "shrinkB": 0,
            "alpha": 0.55 if behind else 1.0,
        },
        zorder=5,
    )
    ax.plot(*centre, "o", color=colour, ms=3, zorder=6)
    length = float(np.linalg.norm(vector))
    ax.text(x, y + 1.46, f"{name}   |r| = {length:.2f}", ha="center", fontsize=9, color=INK)


def _draw_axis(ax: Axes, centre: FloatArray, axis: FloatArray, text: str) -> None:
    ends = np.array([centre - _seen(axis), centre + _seen(axis)])
    ax.plot(ends[:, 0], ends[:, 1], color="#c5cbd3", lw=0.9, zorder=3)
    place = centre + 1.18 * _seen(axis)
    ax.text(place[0], place[1], text, ha="center", va="center", fontsize=9, color=INK)
