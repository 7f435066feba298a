"""Bloch vectors of single qubits in spheres."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Polygon
from matplotlib.patheffects import Normal, Stroke

from ketgrad._core import DensityMatrix, PauliSum, State
from ketgrad._types import FloatArray
from ketgrad.plots.look import INK, axes_for, color, drawing
from ketgrad.plots.states import state_of

_MOST_SPHERES = 64
_ACROSS, _DOWN, _LOWEST = 3.0, 3.25, -1.4  # the place of a sphere of radius 1, and its lower end

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

_STATES = (
    ("|+⟩", np.array([1.0, 0.0, 0.0])),
    ("|-⟩", np.array([-1.0, 0.0, 0.0])),
    ("|+i⟩", np.array([0.0, 1.0, 0.0])),
    ("|-i⟩", np.array([0.0, -1.0, 0.0])),
    ("|0⟩", np.array([0.0, 0.0, 1.0])),
    ("|1⟩", np.array([0.0, 0.0, -1.0])),
)
_AXIS, _LETTERS = "#b9c1cc", "#5d6472"
_NUDGES = {  # off the lines
    "|+⟩": np.array([-0.1, 0.0]),
    "|-⟩": np.array([0.1, 0.0]),
    "|+i⟩": np.array([0.13, -0.02]),
    "|-i⟩": np.array([-0.13, 0.02]),
}
_NARROW = 0.1  # an angle without room for its letter
_TINY = 0.02  # a vector or a part of it that shows no direction


@drawing
def bloch(state: Any, qubit: int | Sequence[int] | None = None, ax: Axes | None = None) -> Axes:
    """Draw Bloch vectors of single qubits, side by side, from their reduced density matrices.

    θ is the angle from the z axis to the vector, φ that from the x axis to its projection on the
    plane of x and y. An arrow that does not reach the sphere is the state of a qubit that is
    entangled with others, or noisy.

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
    inches = max(2.8, 5.0 - 0.6 * (columns - 1))  # a sphere
    ax = axes_for(ax, inches * columns, inches * rows * _DOWN / _ACROSS)
    for k, (q, vector) in enumerate(zip(qubits, vectors, strict=True)):
        centre = np.array([_ACROSS * (k % columns), -_DOWN * (k // columns)])
        _Sphere(ax, centre, inches).draw(f"q{q}", vector)
    half = _ACROSS / 2
    ax.set(
        xlim=(-half, _ACROSS * columns - half), ylim=(_LOWEST - _DOWN * (rows - 1), _LOWEST + _DOWN)
    )
    ax.set_aspect("equal")
    ax.set_axis_off()
    return ax


def _bloch_vector(state: State | DensityMatrix, qubit: int) -> FloatArray:
    n = state.n_qubits
    letters = [PauliSum.from_sparse([(letter, [qubit], 1.0)], n_qubits=n) for letter in "XYZ"]
    return np.array([state.expval(letter) for letter in letters])


def _seen(points: FloatArray) -> FloatArray:
    """Project points, the last axis x, y and z."""
    seen: FloatArray = points @ np.stack([_X, _Y, _Z])
    return seen


def _arc(start: FloatArray, end: FloatArray, angle: float, points: int = 61) -> FloatArray:
    """Turn a unit vector towards another, at right angles to it, by an angle."""
    t = np.linspace(0.0, angle, points)[:, None]
    arc: FloatArray = np.cos(t) * start + np.sin(t) * end
    return arc


class _Sphere:
    """One sphere of radius 1 in data coordinates; its letters have the size of its place."""

    def __init__(self, ax: Axes, centre: FloatArray, inches: float) -> None:
        self.ax, self.centre = ax, centre
        self.size = 6.5 + inches  # of letters: 11.5 for a sphere alone, 9.3 in a row of many
        self.colour = color(0)

    def draw(self, name: str, vector: FloatArray) -> None:
        self._draw_ball()
        theta, phi = _angles(vector)
        if phi is not None:
            self._draw_projection(vector)
            if abs(phi) > _NARROW:
                self._draw_azimuth(phi)
        if theta is not None and theta > _NARROW:
            self._draw_inclination(vector, theta)
        self._draw_vector(vector)
        length = float(np.linalg.norm(vector))
        self._text((0.0, 1.62), f"{name}   |r| = {length:.2f}", self.size, INK)
        values = [
            f"{letter} = {angle / math.pi:.2f} π"
            for letter, angle in (("θ", theta), ("φ", phi))
            if angle is not None
        ]
        self._text((0.0, 1.41), "   ".join(values), self.size - 1.5, _LETTERS)

    def _draw_ball(self) -> None:
        self.ax.add_patch(
            Circle(
                tuple(self.centre), 1, facecolor="#f5f7fa", edgecolor="#9aa3ad", lw=1.2, zorder=1
            )
        )
        x, y, z = np.eye(3)
        for first, second in ((x, y), (x, z), (y, z)):
            circle = _arc(first, second, 2 * math.pi, 181)
            hidden = circle @ _TOWARDS_VIEWER < 0
            weight = 1.0 if second is y else 0.5
            self._line(np.where(hidden[:, None], np.nan, circle), "#aab3bf", weight)
            self._line(np.where(hidden[:, None], circle, np.nan), "#cbd2da", weight, dashed=True)
        for text, end in _STATES:
            self._line(np.stack([np.zeros(3), end]), _AXIS, 0.9)
            self._text(1.2 * _seen(end) + _NUDGES.get(text, 0.0), text, self.size, INK, halo=True)

    def _draw_projection(self, vector: FloatArray) -> None:
        foot = vector * [1, 1, 0]
        self._line(np.stack([vector, foot]), self.colour, 1.1, dashed=True)
        self._line(np.stack([np.zeros(3), foot]), self.colour, 1.1, dashed=True)
        x, y = self.centre + _seen(foot)
        self.ax.plot(x, y, "o", color=self.colour, ms=3, zorder=4)

    def _draw_azimuth(self, phi: float) -> None:
        x, y, _ = np.eye(3)
        self._draw_angle("φ", 0.36 * _arc(x, y, phi), color(1))

    def _draw_inclination(self, vector: FloatArray, theta: float) -> None:
        flat = vector * [1, 1, 0]
        length = float(np.linalg.norm(flat))
        towards = flat / length if length > 0 else np.array([1.0, 0.0, 0.0])
        self._draw_angle("θ", 0.42 * _arc(np.array([0.0, 0.0, 1.0]), towards, theta), color(2))

    def _draw_angle(self, letter: str, arc: FloatArray, colour: str) -> None:
        sector = np.concatenate([np.zeros((1, 3)), arc])
        self.ax.add_patch(
            Polygon(self.centre + _seen(sector), facecolor=colour, alpha=0.16, lw=0, zorder=3)
        )
        self._line(arc, colour, 1.3)
        place = _seen(1.32 * arc[len(arc) // 2])
        self._text(place, letter, self.size, colour, halo=True)

    def _draw_vector(self, vector: FloatArray) -> None:
        tip = self.centre + _seen(vector)
        behind = float(vector @ _TOWARDS_VIEWER) < 0
        arrow = {"arrowstyle": "-|>", "color": self.colour, "lw": 2.2, "shrinkA": 0, "shrinkB": 0}
        self.ax.annotate(
            "",
            (tip[0], tip[1]),
            (self.centre[0], self.centre[1]),
            arrowprops=arrow | {"alpha": 0.55 if behind else 1.0},
            zorder=5,
        )
        self.ax.plot(*self.centre, "o", color=self.colour, ms=3, zorder=6)

    def _line(self, points: FloatArray, colour: str, width: float, *, dashed: bool = False) -> None:
        x, y = (self.centre + _seen(points)).T
        self.ax.plot(x, y, color=colour, lw=width, ls=(0, (3, 2)) if dashed else "-", zorder=2)

    def _text(self, place: Any, text: str, size: float, colour: str, *, halo: bool = False) -> None:
        x, y = self.centre + place
        effects = [Stroke(linewidth=2.5, foreground="white"), Normal()] if halo else None
        self.ax.text(
            x,
            y,
            text,
            ha="center",
            va="center",
            fontsize=size,
            color=colour,
            path_effects=effects,
            zorder=7,
        )


def _angles(vector: FloatArray) -> tuple[float | None, float | None]:
    """Return θ and φ of a vector; None where it shows no such angle."""
    across = math.hypot(vector[0], vector[1])
    theta = math.atan2(across, vector[2]) if math.hypot(across, vector[2]) > _TINY else None
    phi = math.atan2(vector[1], vector[0]) if across > _TINY else None
    return theta, phi
