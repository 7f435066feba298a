"""Circuits by matplotlib: the shapes of the SVG picture, so that both look the same."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.font_manager import FontProperties
from matplotlib.patches import BoxStyle
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from ketgrad._core import Circuit
from ketgrad.plots.look import axes_for, bare, drawing

_PIXELS_AN_INCH = 96
_LARGEST_INCHES = 200  # of a new figure: at 100 dots an inch within what image libraries take
_FONT = FontProperties(family="DejaVu Sans")


@drawing
def draw_circuit(circuit: Circuit, ax: Axes | None = None) -> Axes:
    """Draw a circuit: the picture of `Circuit.svg`, with everything in data coordinates.

    Text and lines are shapes of the axes' coordinates (pixels of the SVG picture, y downwards), so
    that the picture keeps its proportions in axes of any size.

    Parameters
    ----------
    circuit : Circuit
        The circuit.
    ax : matplotlib Axes, default=None
        Where to draw; None makes a new figure of the size of the picture.

    {drawn}

    Raises
    ------
    TypeError
        For anything but a circuit.
    ValueError
        For pictures of more than two million shapes.

    Examples
    --------
    >>> from ketgrad import Circuit
    >>> from ketgrad.plots import draw_circuit
    >>> ax = draw_circuit(Circuit(2).h(0).cx(0, 1))

    """
    if not isinstance(circuit, Circuit):
        raise TypeError(f"draw_circuit takes a Circuit, not {type(circuit).__name__}")
    width, height, groups = circuit._scene()
    inches = [min(size / _PIXELS_AN_INCH, _LARGEST_INCHES) for size in (width, height)]
    ax = axes_for(ax, *inches)
    outlines = [
        outline
        for _title, shapes in groups
        for shape in shapes
        for outline in _OUTLINES[shape[0]](shape)
    ]
    paths, colours = zip(*outlines, strict=True)
    ax.add_collection(PathCollection(paths, facecolors=colours, linewidths=0))
    ax.set(xlim=(0, width), ylim=(height, 0))
    bare(ax)
    return ax


# A shape is (kind, x, y, x2, y2, size, stroke_width, dashed, anchor, fill, stroke, text). It
# becomes filled outlines, because the width of a stroke would not shrink with the axes; one
# collection draws them in order, later ones over earlier ones.

_Outline = tuple[Path, str]


def _line(shape: Any) -> Iterator[_Outline]:
    _, x, y, x2, y2, _, width, dashed, _, _, stroke, _ = shape
    length = ((x2 - x) ** 2 + (y2 - y) ** 2) ** 0.5 or 1.0
    dx, dy = (x2 - x) / length, (y2 - y) / length
    px, py = -dy * width / 2, dx * width / 2  # to one side
    dash = 3.0 if dashed else length
    vertices, codes = [], []
    start = 0.0
    while start < length:
        end = min(start + dash, length)
        for along, side in ((start, 1), (end, 1), (end, -1), (start, -1), (start, 1)):
            vertices.append((x + dx * along + side * px, y + dy * along + side * py))
        codes += [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
        start += 2 * dash
    yield Path(vertices, codes), stroke


def _circle(shape: Any) -> Iterator[_Outline]:
    _, x, y, _, _, radius, width, _, _, fill, stroke, _ = shape
    yield Path.circle((x, y), radius + width / 2), stroke
    if fill != stroke:
        yield Path.circle((x, y), radius - width / 2), fill


def _rectangle(shape: Any) -> Iterator[_Outline]:
    _, x, y, x2, y2, radius, width, _, _, fill, stroke, _ = shape
    for grown, colour in ((width / 2, stroke), (-width / 2, fill)):
        rounded: Any = BoxStyle.Round(pad=0, rounding_size=radius + grown)
        yield rounded(x - grown, y - grown, x2 - x + 2 * grown, y2 - y + 2 * grown, 1.0), colour


def _text(shape: Any) -> Iterator[_Outline]:
    _, x, y, _, _, size, _, _, anchor, fill, _, text = shape
    outline = _letters(text, size)
    box = outline.get_extents()
    start = {"left": 0.0, "center": (box.x0 + box.x1) / 2, "right": box.x1}[anchor]
    baseline = y + 0.36 * size  # as in the SVG picture
    yield outline.transformed(Affine2D().scale(1, -1).translate(x - start, baseline)), fill


@lru_cache(maxsize=4096)
def _letters(text: str, size: int) -> Path:
    # A dollar sign would begin a formula, and a name may have any.
    return TextPath((0, 0), text.replace("$", r"\$"), size=size, prop=_FONT)


_OUTLINES = {"line": _line, "circle": _circle, "rect": _rectangle, "text": _text}
