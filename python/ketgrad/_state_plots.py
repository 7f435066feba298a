"""Counts and states: histograms, Bloch spheres, bars of amplitudes."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.patches import Circle, Ellipse, Rectangle

from ketgrad._core import Circuit, DensityMatrix, PauliSum, State
from ketgrad._plot_style import INK, PALE, color, new_axes, style

FloatArray = npt.NDArray[np.float64]

_MOST_BARS = 64  # a histogram with more gathers its smallest ones
_MOST_SPHERES = 64
_REST = "others"
_BASIS = "basis state, qubit 0 rightmost"


# ---- Counts.


def histogram(counts: Any, ax: Axes | None = None, *, normalized: bool = False) -> Axes:
    """Draw how often each outcome was seen.

    Outcomes are sorted as text; of more than 64 the rarest are gathered in one bar "others".

    Parameters
    ----------
    counts : mapping of str to int, or several
        The counts of a run, ``{"00": 512, "11": 488}``, or what has them as ``counts()``; a list of
        those, or a mapping of labels to those, for bars side by side.
    ax : matplotlib Axes, default=None
        Where to draw; None makes a new figure.
    normalized : bool, default=False
        Whether to show shares of the shots instead of counts.

    Returns
    -------
    ax : matplotlib Axes

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
    ax = (
        new_axes(min(14.0, max(6.0, 0.32 * len(outcomes) * len(series))), 4.2) if ax is None else ax
    )
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


# ---- States.


def state_bars(state: Any, ax: Axes | None = None, *, n_bars: int = 32) -> Axes:
    """Draw amplitudes: the heights are magnitudes, the colours phases.

    Of a density matrix, draw a square for every entry (a Hinton diagram): the areas are
    magnitudes, the largest filling its place, the colours phases. The diagonal has the
    probabilities, what is off it is coherence.

    Parameters
    ----------
    state : State, DensityMatrix, Circuit or array-like of shape (2**n,)
        A circuit must have no parameters; a density matrix at most 12 qubits.
    ax : matplotlib Axes, default=None
        Where to draw; None makes a new figure.
    n_bars : int, default=32
        Of larger states the `n_bars` amplitudes of largest magnitude are shown, by basis state;
        of density matrices as many rows and columns.

    Returns
    -------
    ax : matplotlib Axes

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
    amplitudes = np.asarray(_state_of(state))
    probabilities = np.abs(amplitudes) ** 2
    shown = _largest(probabilities, n_bars)
    ax = new_axes(min(14.0, max(6.0, 0.34 * len(shown))), 4.2) if ax is None else ax
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
    ax = new_axes(size + 1.2, size) if ax is None else ax
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
    ax : matplotlib Axes, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    ax : matplotlib Axes

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
    state = state if isinstance(state, DensityMatrix) else _state_of(state)
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
    ax = new_axes(2.6 * columns, 2.8 * rows) if ax is None else ax
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


def _state_of(source: Any) -> State:
    """Make a state of whatever has one."""
    if isinstance(source, State):
        return source
    if isinstance(source, Circuit):
        if source.parameters:
            raise ValueError(
                f"the circuit has parameters, such as {source.parameters[0]!r}; "
                f"give the state at some values: circuit.state({{...}})"
            )
        return State.from_amplitudes(source.state())
    amplitudes = source if np.ma.isMaskedArray(source) else np.asarray(source)
    if amplitudes.ndim != 1:
        raise ValueError(
            f"a state has one axis, this has shape {amplitudes.shape}; density matrices are given "
            "as DensityMatrix"
        )
    return State.from_amplitudes(amplitudes)
